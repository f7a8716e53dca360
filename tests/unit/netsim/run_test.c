/* SPDX-License-Identifier: MIT */
/* Whole runs of the real client and relay. */
#include "run/run.h"
#include "unit/netsim/unit.h"

typedef struct {
    bool good;
    uint8_t digest[TERN_SHA256_SIZE];
    uint64_t packets;
    char failure[400];
    char broken[200]; /* the first expectation that did not hold, and what was seen */
} outcome;

static outcome run(const char *text, uint64_t seed)
{
    static sim_run r;
    sim_scenario s;
    sim_error error;
    outcome o = { 0 };
    if (!sim_scenario_parse(&s, tern_bytes_of(text, strlen(text)), seed, &error))
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    o.good = sim_run_init(&r, &s, seed, NULL) && sim_run_go(&r);
    sim_digest_final(&r.world.digest, o.digest);
    o.packets = r.world.packets;
    memcpy(o.failure, r.world.failure, sizeof o.failure);
    for (uint32_t i = 0; i < s.expects_n && o.broken[0] == '\0'; i++)
        if (r.verdicts[i].state != SIM_HELD)
            snprintf(o.broken, sizeof o.broken, "%.90s: %.90s", s.expects[i].text, r.verdicts[i].seen);
    sim_run_free(&r);
    sim_scenario_free(&s);
    return o;
}

static void assert_good(const char *text)
{
    outcome o = run(text, 1);
    if (!o.good) fail_msg("%s%s", o.failure, o.broken);
}

#define TWO "node r relay\nnode a client\nnode b client\nlink a-r delay 10ms\nlink b-r delay 10ms\n"

/*= SIM-001 */
static void one_file_and_seed_give_one_digest(void **state)
{
    (void)state;
    const char *text = TWO "at 0s join a x\nat 0s join b x\nat 1s say a 3000 times 10 every 1ms\nuntil 3s\n";
    outcome first = run(text, 1), again = run(text, 1), other = run(text, 2);
    assert_memory_equal(first.digest, again.digest, sizeof first.digest);
    assert_memory_not_equal(first.digest, other.digest, sizeof first.digest);
}

/*= SIM-008 */
static void an_expectation_that_does_not_hold_is_told_with_what_was_seen(void **state)
{
    (void)state;
    static const struct {
        const char *expect, *seen;
    } table[] = {
        { "expect b delivers 4 in-order by 2s\n", "3 messages" },
        { "expect b delivers at-least 4 by 2s\n", "3 messages" },
        { "expect b delivers at-most 2 by 2s\n", "3 messages" },
        { "expect all deliver 2 same-order by 2s\n", "a: 3 messages" },
        { "expect a sees 3 members by 2s\n", "2 members" },
        { "expect a closed NO_ERROR by 2s\n", "still connected" },
        { "expect a resumed by 2s\n", "not resumed" },
        { "expect a early by 2s\n", "no early data taken" },
        { "expect a never connected by 2s\n", "connected" },
        { "expect a connected by 1ms\n", "not connected" },
        { "expect b refused NICK_TAKEN by 2s\n", "joined" },
        { "expect a loses b by 2s\n", "no departure" },
        { "expect a files 1 by 2s\n", "0 files" },
        { "expect a streams 1 by 2s\n", "0 streams" },
        { "expect a file-error NOT_FOUND by 2s\n", "no error" },
        { "expect a missed at-least 1 by 2s\n", "0 events" },
        { "expect drops r AEAD at-least 1 by 2s\n", "0 drops" },
        { "expect faults a>r lost at-least 1 by 2s\n", "0 datagrams" },
        { "expect packets a>r at-most 1 by 2s\n", "datagrams" },
        { "expect connections r exactly 1 by 2s\n", "2 connections" },
        { "expect goodput a>r at-least 1Mbit by 2s\n", "0 Mbit a second" },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char text[1000];
        snprintf(text, sizeof text,
                 TWO "at 0s join a x\nat 0s join b x\nat 1s say a 100 times 3 every 1ms\nuntil 3s\n%s",
                 table[i].expect);
        outcome o = run(text, 1);
        if (o.good || o.failure[0] != '\0' || strstr(o.broken, table[i].seen) == NULL)
            fail_msg("%s-> %s%s", table[i].expect, o.failure, o.broken);
    }
}

static void a_judgement_comes_behind_everything_else_of_its_instant(void **state)
{
    (void)state;
    assert_good(
        TWO "at 1s crash r\nexpect connections r exactly 0 by 1s\nexpect connections r exactly 2 by 0.999999999s\n");
}

static void a_packet_that_leaves_at_the_start_can_be_dropped_at_the_start(void **state)
{
    (void)state;
    assert_good(TWO "at 0s drop a>r pkt 1\nat 0s partition b>r for 1ms\nexpect faults a>r dropped exactly 1\n"
                    "expect faults b>r partition exactly 1\nexpect all connected by 5s\n");
}

static void what_a_client_is_told_to_do_waits_until_its_core_takes_it(void **state)
{
    (void)state;
    assert_good("node r relay\nnode a client keep 128k max-message 64k\nlink a-r delay 10ms rate 1Mbit queue 64k\n"
                "at 0s join a x\nat 1s say a 50000 times 20 every 0s\nexpect a delivers 20 in-order by 20s\n");
}

static void files_and_streams_carry_their_bytes_both_ways(void **state)
{
    (void)state;
    assert_good(TWO "at 0s put a 0 as empty\nat 0s put a 100000 as big\nat 0s stream b 100000\nat 0s fetch b 300000\n"
                    "at 2s get b received_big\nat 2s get b empty\nat 2s get b ../etc\nat 3s put b 10 as .hidden\n"
                    "expect a files 2 by 2s\nexpect b streams 2 by 2s\nexpect b file-error NOT_FOUND by 2.9s\n"
                    "expect b files 2 by 4s\nexpect b file-error BAD_FILE_NAME by 4s\nuntil 4s\n");
}

static void a_relays_own_file_is_there_from_the_start(void **state)
{
    (void)state;
    assert_good("node r relay file notes 70000\nnode a client\nlink a-r delay 1ms\nat 0s get a notes\nexpect a files 1 "
                "by 1s\nuntil 1s\n");
}

static void a_node_comes_back_with_its_key_and_nothing_else(void **state)
{
    (void)state;
    assert_good(TWO "at 0s join a x\nat 0s put a 10 as gone\nat 1s crash r\nat 1s crash a\nat 2s start r\nat 3s start "
                    "a\nat 3s join a x\n"
                    "at 4s get a gone\nexpect a joined by 4s\nexpect a sees 1 members by 4s\nexpect a file-error "
                    "NOT_FOUND by 5s\nuntil 5s\n");
}

/*= SIM-008 */
static void never_means_in_the_whole_run(void **state)
{
    (void)state;
    const char *text = TWO "at 0s join a x\nat 1s close a\nat 2s crash a\nat 3s start a\n";
    char with[600];
    static const char *const wants[] = { "connected", "joined", "closed" };
    for (size_t i = 0; i < sizeof wants / sizeof wants[0]; i++) {
        snprintf(with, sizeof with, "%suntil 3s\nexpect a never %s\n", text, wants[i]);
        outcome o = run(with, 1);
        if (o.good || strstr(o.broken, wants[i]) == NULL) fail_msg("never %s: %s%s", wants[i], o.failure, o.broken);
    }
}

static void a_room_asked_for_waits_for_the_answer_about_the_one_before(void **state)
{
    (void)state;
    assert_good(TWO "at 0s join a x\nat 0s join a y\nat 0s join b y\nat 1s say b \"q\"\nat 1s say a \"w\"\n"
                    "expect a refused ALREADY_MEMBER\nexpect a delivers 1\nexpect b delivers 1\nuntil 3s\n");
}

static void each_relay_has_its_own_file_of_a_name(void **state)
{
    (void)state;
    assert_good("node r relay file x 1k\nnode p relay file x 2k\nnode a client\nnode b client relay p\nlink a-r\n"
                "link b-p\nat 0s get a x\nat 0s get b x\nexpect a files 1\nexpect b files 1\nuntil 2s\n");
}

static void a_node_that_needs_too_much_memory_fails_the_run_with_its_name(void **state)
{
    (void)state;
    outcome o = run("node r relay pages 262144 max-connections 4096 max-rooms 4096 max-members 4096 stream-window 1G\n"
                    "until 1s\n",
                    1);
    assert_false(o.good);
    assert_non_null(strstr(o.failure, "r cannot be made: that would take more memory"));
}

/*= SIM-002 */
static void the_digest_covers_what_is_told_of_streams(void **state)
{
    (void)state;
    static char trace[1 << 20];
    static sim_run r;
    sim_scenario s;
    sim_error error;
    const char *text = TWO "at 0s stream a 9000\nuntil 1s\n";
    FILE *f = tmpfile();
    assert_non_null(f);
    assert_true(sim_scenario_parse(&s, tern_bytes_of(text, strlen(text)), 1, &error));
    assert_true(sim_run_init(&r, &s, 1, f) && sim_run_go(&r));
    rewind(f);
    trace[fread(trace, 1, sizeof trace - 1, f)] = '\0';
    fclose(f);
    uint64_t lines = 0;
    for (const char *p = trace; (p = strchr(p, '\n')) != NULL; p++) lines++;
    assert_non_null(strstr(trace, " r event STREAM_OPENED "));
    assert_non_null(strstr(trace, " a event STREAM_READABLE "));
    assert_true(r.world.digest.records == lines); /* a line for each record */
    sim_run_free(&r);
    sim_scenario_free(&s);
}

static void an_echo_is_what_its_target_has_sent(void **state)
{
    (void)state;
    assert_good("node r relay\nnode a client\nlink a-r delay 10ms\nat 15ms inject a>r echo 1 every 1s\nat 25ms inject "
                "r>a echo 1 every 1s\n"
                "expect a connected by 1s\nexpect drops r UNKNOWN_CID exactly 1 by 1s\nuntil 1s\n");
}

/*= SIM-012 */
static void injected_datagrams_move_no_draw_of_a_link(void **state)
{
    (void)state;
    const char *plain = "node r relay\nnode a client\nlink a-r delay 10ms loss 10%\nat 0s join a x\nat 2s say a 10 "
                        "times 50 every 10ms\n"
                        "expect packets a>r exactly 100\nuntil 5s\n";
    char with[1000];
    snprintf(with, sizeof with, "%sat 2s inject a>r bytes 00 \nat 2.1s inject a>r random 50 every 1ms as stranger\n",
             plain);
    outcome o = run(plain, 3), injected = run(with, 3);
    assert_string_equal(o.broken, injected.broken); /* the same number of packets, seen */
    assert_memory_not_equal(o.digest, injected.digest, sizeof o.digest);
}

static void plaintext_works_when_both_ask_for_it_and_only_then(void **state)
{
    (void)state;
    assert_good(
        "node r relay plaintext\nnode p relay\nnode a client relay r plaintext\nnode b client relay p plaintext\nlink "
        "a-r\nlink b-p\n"
        "at 0s join a x\nat 1s say a \"in clear\"\nexpect a delivers 1 by 2s\nexpect b never connected\nuntil 12s\n");
}

/*= SIM-038 */
static void a_ticket_is_kept_over_a_crash_by_who_asks_for_it(void **state)
{
    static const char world[] = "link a-r delay 50ms\nat 1s close a\nat 2s crash a\nat 3s start a\nat 3s join a x\n"
                                "expect a never early by 2s\nuntil 6s\n";
    char text[1000];
    (void)state;
    snprintf(text, sizeof text, "node r relay\nnode a client tickets\n%s%s", world,
             "expect a resumed by 5s\nexpect a early by 5s\nexpect a joined by 3.1s\n");
    assert_good(text);
    snprintf(text, sizeof text, "node r relay\nnode a client\n%s%s", world,
             "expect a connected by 5s\nexpect a never resumed\nexpect a never early\nexpect a joined by 3.2s\n");
    assert_good(text);
}

/* Data that leaves together with an acknowledgement is not cut to that one's size. */
static void bytes_both_ways_fill_their_packets(void **state)
{
    (void)state;
    outcome o = run("node r relay\nnode a client\nlink a-r delay 30ms rate 20Mbit queue 128k\n"
                    "at 0s stream a 3M\nat 0s fetch a 3M\nexpect a streams 2\nuntil 15s\n",
                    1);
    if (!o.good) fail_msg("%s%s", o.failure, o.broken);
    assert_in_range(o.packets, 2 * (3 << 20) / 1472, 2 * (3 << 20) / 700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_echo_is_what_its_target_has_sent),
        cmocka_unit_test(one_file_and_seed_give_one_digest),
        cmocka_unit_test(an_expectation_that_does_not_hold_is_told_with_what_was_seen),
        cmocka_unit_test(a_judgement_comes_behind_everything_else_of_its_instant),
        cmocka_unit_test(a_packet_that_leaves_at_the_start_can_be_dropped_at_the_start),
        cmocka_unit_test(what_a_client_is_told_to_do_waits_until_its_core_takes_it),
        cmocka_unit_test(files_and_streams_carry_their_bytes_both_ways),
        cmocka_unit_test(a_relays_own_file_is_there_from_the_start),
        cmocka_unit_test(a_node_comes_back_with_its_key_and_nothing_else),
        cmocka_unit_test(never_means_in_the_whole_run),
        cmocka_unit_test(a_room_asked_for_waits_for_the_answer_about_the_one_before),
        cmocka_unit_test(each_relay_has_its_own_file_of_a_name),
        cmocka_unit_test(a_node_that_needs_too_much_memory_fails_the_run_with_its_name),
        cmocka_unit_test(the_digest_covers_what_is_told_of_streams),
        cmocka_unit_test(injected_datagrams_move_no_draw_of_a_link),
        cmocka_unit_test(plaintext_works_when_both_ask_for_it_and_only_then),
        cmocka_unit_test(a_ticket_is_kept_over_a_crash_by_who_asks_for_it),
        cmocka_unit_test(bytes_both_ways_fill_their_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
