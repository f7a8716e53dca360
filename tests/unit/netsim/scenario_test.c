/* SPDX-License-Identifier: MIT */
#include "script/scenario.h"
#include "unit/netsim/unit.h"

static sim_scenario s;
static sim_error error;

static bool parse(const char *text, uint64_t seed)
{
    return sim_scenario_parse(&s, tern_bytes_of(text, strlen(text)), seed, &error);
}

#define NODES "node r relay\nnode a client\nlink a-r delay 1ms\n" /* lines 1 to 3 */

static void a_whole_file_is_read(void **state)
{
    (void)state;
    assert_true(parse("# what it shows\n"
                      "req REC-017 ROOM-004\n"
                      "node r relay room hall room \"the cellar\" history 64k idle 5s file notes 3k\n"
                      "node a client nick \"Ada \\\"L\\\"\" trust first-use plaintext off congestion cubic\n"
                      "\n"
                      "link a>r delay 20ms jitter 2ms ge 0.01 0.3 rate 5Mbit queue 64k mtu 1400 tell # comment\r\n"
                      "link r>a loss 1% dup 0.1% reorder 1% by 3ms corrupt 0.01%\n"
                      "at 1s say a \"hello # there\" times 3 every 5ms\n"
                      "at 2s drop a>r next 4\n"
                      "at 3s partition a-r for 100ms\n"
                      "at 3s inject a>r bytes 00fFa0 as stranger\n"
                      "expect all deliver at-least 3 same-order by 9s\n"
                      "expect a never closed\n"
                      "until 10s\n",
                      1));
    assert_int_equal(s.nodes_n, 2);
    assert_string_equal(s.nodes[0].rooms->next->name, "the cellar");
    assert_int_equal(s.nodes[0].option[SIM_OPT_HISTORY], 65536);
    assert_string_equal(s.nodes[0].files->name, "notes");
    assert_string_equal(s.nodes[1].nick, "Ada \"L\"");
    assert_int_equal(s.nodes[1].congestion, TERN_CONGESTION_CUBIC + 1);
    assert_int_equal(s.nodes[1].relay, 0);
    assert_int_equal(s.links_n, 2);
    assert_int_equal(s.links[0].spec.mtu, 1400);
    assert_true(s.links[0].spec.mtu_tells && !s.links[1].spec.mtu_tells);
    assert_int_equal(s.links[1].spec.reorder_by, 3 * TERN_MS);
    assert_int_equal(s.links[1].spec.queue.queue_bytes, SIM_QUEUE_DEFAULT);
    assert_string_equal(s.actions[0].name, "hello # there");
    assert_int_equal(s.actions[0].count, 3);
    assert_int_equal(s.actions[1].count, 4);
    assert_true(s.actions[2].both_ways);
    assert_memory_equal(s.actions[3].bytes, "\x00\xff\xa0", 3);
    assert_true(s.actions[3].stranger);
    assert_int_equal(s.expects[0].compare, SIM_AT_LEAST);
    assert_true(s.expects[0].all && s.expects[1].never);
    assert_true(s.expects[1].by == 10 * TERN_SECOND);
    sim_scenario_free(&s);
}

/*= SIM-013 SIM-014 SIM-016 */
static void queues_links_through_them_and_changes_are_read(void **state)
{
    (void)state;
    assert_true(parse("node r relay\nnode a client\nnode b client\n"
                      "queue x rate 100Mbit queue 1M codel ecn on\n"
                      "queue y rate 1Mbit\n"
                      "link a-r via x delay 5ms\n"
                      "link b>r rate 1Mbit ecn 10k\n"
                      "link r>b via y\n"
                      "at 1s set x rate 5Mbit queue 10k ecn off\n"
                      "at 2s set a-r delay 9ms jitter 1ms mtu 1300 loss 1% ge 0.1 0.5 dup 2% reorder 3% corrupt 4%\n"
                      "at 3s set b>r rate 2Mbit queue 64k ecn 20k\n"
                      "at 4s rebind a\n"
                      "at 5s rebind b address\n",
                      1));
    assert_int_equal(s.queues_n, 2);
    assert_string_equal(s.queues[0].name, "x");
    assert_true(s.queues[0].spec.rate_bps == 100000000 && s.queues[0].spec.queue_bytes == 1 << 20);
    assert_true(s.queues[0].spec.codel && s.queues[0].spec.ecn.mode == SIM_ECN_ON);
    assert_true(s.queues[1].spec.queue_bytes == SIM_QUEUE_DEFAULT && !s.queues[1].spec.codel);
    assert_int_equal(s.links[0].via, 0);
    assert_int_equal(s.links[1].via, 0);
    assert_int_equal(s.links[2].via, SIM_NONE);
    assert_int_equal(s.links[2].spec.queue.ecn.bytes, 10240);
    assert_int_equal(s.links[3].via, 1);
    assert_int_equal(s.actions[0].queue, 0);
    assert_int_equal(s.actions[0].given, 1u << SIM_LINK_RATE | 1u << SIM_LINK_QUEUE | 1u << SIM_LINK_ECN);
    assert_int_equal(s.actions[0].change->queue.rate_bps, 5000000);
    assert_int_equal(s.actions[1].queue, SIM_NONE);
    assert_true(s.actions[1].both_ways);
    assert_int_equal(s.actions[1].change->reorder_by, SIM_LINK_REORDER_DEFAULT);
    assert_int_equal(s.actions[1].change->corrupt, 40000000);
    assert_int_equal(s.actions[2].change->queue.ecn.bytes, 20480);
    assert_false(s.actions[3].address);
    assert_true(s.actions[4].address);
    sim_scenario_free(&s);
}

static const struct {
    const char *text;
    unsigned line, column;
    const char *expected; /* a part of what the error says */
} WRONG[] = {
    { "nodes a client\n", 1, 1, "a statement" },
    { "\n\n  foo\n", 3, 3, "a statement" },
    { "node\n", 1, 5, "a name" },
    { "node 1a relay\n", 1, 6, "a letter first" },
    { "node all relay\n", 1, 6, "a new name" },
    { "node a-b relay\n", 1, 6, "a new name" },
    { "node r relay\nnode r relay\n", 2, 6, "a new name" },
    { "node r server\n", 1, 8, "client, relay, gate or guest" },
    { "node r relay room\n", 1, 18, "a room's name" },
    { "node r relay nick x\n", 1, 14, "an option of a relay" },
    { "node a client history 64k\n", 1, 15, "an option of a client" },
    { "node a client trust me\n", 1, 21, "pin, wrong-pin or first-use" },
    { "node a relay congestion vegas\n", 1, 25, "newreno, cubic or bbr" },
    { "node a relay congestion cubic congestion cubic\n", 1, 31, "each option once" },
    { "node a client relay r\n", 1, 21, "a relay declared above" },
    { "node a client idle 10\n", 1, 20, "a time such as" },
    { "node a client idle 10ms\n", 1, 20, "at least " },
    { "node a client nick \"x\n", 1, 22, "a closing quotation mark" },
    { "node r relay\nnode a client\nlink a>b delay 1ms\n", 3, 6, "a link A>B" },
    { "node r relay\nnode a client\nlink a=r delay 1ms\n", 3, 6, "a link A>B" },
    { NODES "link a>r delay 1ms\n", 4, 6, "not been declared" },
    { NODES "link r>r\n", 4, 6, "a link" },
    { "node r relay\nnode a client\nlink a>r speed 3\n", 3, 10, "delay, jitter" },
    { "node r relay\nnode a client\nlink a>r loss 101%\n", 3, 15, "a probability of at most 100%" },
    { "node r relay\nnode a client\nlink a>r loss 2%..1%\n", 3, 15, "a range whose first end is not above" },
    { "node r relay\nnode a client\nlink a>r ge 0.1\n", 3, 16, "a probability" },
    { "node r relay\nnode a client\nlink a>r ge 0.1 0\n", 3, 17, "at least " },
    { "node r relay\nnode a client\nlink a>r rate 5\n", 3, 15, "a rate" },
    { "node r relay\nnode a client\nlink a>r rate 0bit\n", 3, 15, "a rate of at least 1kbit, found '0bit'" },
    { "node r relay\nnode a client\nlink a>r rate 0bit..5Mbit\n", 3, 15, "a range within 1kbit..10Gbit" },
    { "node r relay\nnode a client\nlink a>r delay 5ms..3h\n", 3, 16, "a time such as" },
    { "node r relay\nnode a client\nlink a>r delay 5ms..61min\n", 3, 16, "a range within 0s..60min" },
    { NODES "at -1s say a \"x\"\n", 4, 4, "a time that is not in the past" },
    { NODES "at 1s say nobody \"x\"\n", 4, 11, "a client or guest declared above, found 'nobody'" },
    { NODES "at 1 say a \"x\"\n", 4, 4, "a time" },
    { NODES "at 1s sing a\n", 4, 7, "join, say" },
    { NODES "at 1s say r \"x\"\n", 4, 11, "a client or guest declared above" },
    { NODES "at 1s say a x\n", 4, 13, "a size" },
    { NODES "at 1s say a \"\"\n", 4, 13, "at least one byte" },
    { NODES "at 1s say a 5 times 3\n", 4, 22, "'every'" },
    { NODES "at 1s say a 5 times 0 every 1s\n", 4, 21, "at least " },
    { NODES "at 1s say a 5 6\n", 4, 15, "the end of the line" },
    { NODES "at 1s drop a>r\n", 4, 15, "pkt or next" },
    { NODES "at 1s drop a-r next\n", 4, 12, "a link A>B between" },
    { NODES "at 1s drop a>r pkt 0\n", 4, 20, "at least " },
    { NODES "at 1s partition a>r 5s\n", 4, 21, "'for'" },
    { NODES "at 1s inject a>r bytes 0\n", 4, 24, "pairs of hexadecimal" },
    { NODES "at 1s inject a>r noise 5\n", 4, 18, "random, mutated" },
    { "node r relay\nnode a client\nlink a>r delay 1ms\nat 1s inject a>r echo 5 every 1s\n", 4, 18,
      "echo with a link back" },
    { NODES "at 1s inject a>r random 5 every 1s as friend\n", 4, 39, "'stranger'" },
    { NODES "at 1s shutdown a\n", 4, 16, "a relay declared above" },
    { NODES "at 61s leave a\n", 4, 1, "before the run ends" },
    { NODES "expect b connected\n", 4, 8, "a client or guest declared above" },
    { NODES "expect a happy\n", 4, 10, "connected, joined" },
    { NODES "expect a never delivers 3\n", 4, 16, "connected, joined" },
    { NODES "expect a closed SAD\n", 4, 17, "an error of the registry" },
    { NODES "expect a delivers many\n", 4, 19, "a whole number" },
    { NODES "expect a sees 3\n", 4, 16, "'members'" },
    { NODES "expect a connected by noon\n", 4, 23, "a time" },
    { NODES "expect a connected by 5s 6s\n", 4, 26, "the end of the line" },
    { NODES "expect a connected by 61s\n", 4, 1, "before the run ends" },
    { NODES "expect drops r MOOD at-least 1\n", 4, 16, "a reason of the registry" },
    { NODES "expect faults a>r eaten 1\n", 4, 19, "sent, marked" },
    { NODES "expect goodput a>r at-least 5\n", 4, 29, "a rate" },
    { NODES "until 5s\nuntil 6s\n", 5, 1, "only one 'until'" },
    { NODES "until 0s\n", 4, 7, "at least " },
    { NODES "at 1s join a \"x\"b\n", 4, 17, "a blank behind" },
    { NODES "at 1s join a \"x\\n\"\n", 4, 14, "where a backslash stands" },
    { NODES "at 1s drop \"a>r\" next\n", 4, 12, "a link A>B between" },
    { "node r relay\nexpect all joined\n", 2, 8, "a client or guest above" },
    { "node r relay idle 1500500us\n", 1, 19, "whole milliseconds" },
    { "node r relay idle 1.0005s\n", 1, 19, "whole milliseconds" },
    { "node r relay idle 2s idle 3s\n", 1, 22, "each option once" },
    { "node a client nick x nick y\n", 1, 22, "each option once" },
    { "node r relay\nnode a client relay r relay r\n", 2, 23, "each option once" },
    { "node r relay\nnode a client\nlink a>r delay 1ms delay 2ms\n", 3, 20, "each option once" },
    { "node r relay\nnode a client\nlink a>r queue 64k\n", 3, 19, "a rate" },
    { NODES "queue\n", 4, 6, "a name for the queue" },
    { NODES "queue a rate 1Mbit\n", 4, 7, "a new name" },
    { NODES "queue x\n", 4, 8, "a rate" },
    { NODES "queue x rate 1Mbit delay 5ms\n", 4, 20, "rate, queue, ecn or codel" },
    { NODES "queue x rate 1Mbit rate 2Mbit\n", 4, 20, "each option once" },
    { NODES "queue x rate 1Mbit codel ecn 5k\n", 4, 32, "'ecn on' with codel" },
    { NODES "queue x rate 1Mbit ecn maybe\n", 4, 24, "on, off, bleach, or a size" },
    { NODES "queue x rate 1Mbit\nnode x client\n", 5, 6, "a new name" },
    { "node r relay\nnode a client\nlink a>r via x\n", 3, 14, "a queue declared above" },
    { "node r relay\nnode a client\nqueue x rate 1Mbit\nlink a>r via x rate 1Mbit\n", 4, 16, "either a rate" },
    { "node r relay\nnode a client\nqueue x rate 1Mbit\nlink a>r via x via x\n", 4, 20, "each option once" },
    { "node r relay\nnode a client\nlink a>r ecn on\n", 3, 16, "a rate" },
    { "node r relay\nnode a client\nlink a>r codel\n", 3, 15, "a rate" },
    { NODES "at 1s set\n", 4, 10, "a link A>B or A-B" },
    { NODES "at 1s set r>b delay 5ms\n", 4, 11, "a link A>B or A-B" },
    { NODES "at 1s set a>r\n", 4, 14, "what is to change: delay" },
    { NODES "at 1s set a>r speed 5\n", 4, 15, "what is to change: delay" },
    { NODES "at 1s set a>r codel\n", 4, 15, "what is to change: delay" },
    { NODES "at 1s set a>r rate 1Mbit\n", 4, 15, "a link that was given a rate" },
    { NODES "at 1s set a>r delay 1ms delay 2ms\n", 4, 25, "each option once" },
    { NODES "queue x rate 1Mbit\nat 1s set x delay 1ms\n", 5, 13, "what is to change: rate, queue or ecn" },
    { NODES "queue x rate 1Mbit codel\nat 1s set x ecn 5k\n", 5, 13, "'ecn on' with codel" },
    { NODES "at 1s rebind r\n", 4, 14, "a client or guest declared above" },
    { NODES "at 1s rebind a port\n", 4, 16, "the end of the line" },
    { "node g gate tls-chat\n", 1, 21, "a relay above" },
    { NODES "node g gate telnet\n", 4, 13, "rsa-fragment, tlv-multicast" },
    { NODES "node g gate\n", 4, 12, "a dialect such as" },
    { NODES "node g gate tls-chat relay a\n", 4, 28, "a relay declared above" },
    { NODES "node g gate tls-chat nat 1s\n", 4, 22, "the end of the line" },
    { NODES "node u guest r\n", 4, 14, "a gate declared above" },
    { NODES "node g gate tls-chat\nnode u guest g pages 9\n", 5, 16, "an option of a guest" },
    { NODES "node g gate tls-chat\nnode u guest g\n", 5, 1, "links from the guest 'u' to its gate" },
    { NODES "node g gate tlv-multicast\n", 4, 1, "a group with the gate 'g' in it" },
    { NODES "node g gate tls-chat\nat 1s crash g\n", 5, 13, "a gate is its relay's" },
    { NODES "node g gate tls-chat\nnode u guest g\nlink u-g\nat 1s join u hall\n", 7, 12, "a client declared" },
    { NODES "node g gate tls-chat\nnode u guest g\nlink u-g\nexpect u joined\n", 7, 10, "of a guest connected" },
    { NODES "node g gate tls-chat\nnode u guest g\nlink u-g\nat 1s say u 5k\n", 7, 13, "4k" },
    { NODES "group m 223.1.1.1:5007 a\n", 4, 9, "an address from 224.0.0.0" },
    { NODES "group m 224.1.1.1 a\n", 4, 9, "an address from 224.0.0.0" },
    { NODES "group m 224.1.1.256:5 a\n", 4, 9, "an address from 224.0.0.0" },
    { NODES "group m 224.1.1.1:5 a a\n", 4, 23, "each node once" },
    { NODES "group m 224.1.1.1:5 x\n", 4, 21, "a node declared above" },
    { NODES "group m 224.1.1.1:5\ngroup n 224.1.1.1:5\n", 5, 9, "no other group has" },
    { NODES "group a 224.1.1.1:5\n", 4, 7, "a new name" },
    { NODES "at 1s enter a x\n", 4, 15, "a group declared above" },
    { NODES "req REC-17\n", 4, 5, "an id" },
    { NODES "req REC-017 rec-018\n", 4, 13, "an id" },
    { NODES "req\n", 4, 4, "an id" },
    { "node a client\n", 1, 1, "a relay somewhere" },
    { "node r relay\nnode a client\n", 2, 1, "links from the client" },
    { "node r relay\nnode a client\nlink a>r\n", 2, 1, "links from the client" },
    { "", 1, 1, "at least one node" },
    { "node r relay\x01\n", 1, 13, "a control character" },
};

/*= SIM-040 */
static void gates_guests_and_groups_are_read(void **state)
{
    (void)state;
    assert_true(parse("node r relay\nnode q relay\n"
                      "node g gate tlv-multicast relay q room \"the cellar\"\nnode t gate tls-chat\n"
                      "node u guest g nick uma nat 5s\nnode v guest t off\n"
                      "group m 239.1.2.3:65535 loop g u\nlink u-g\nlink v-t\n"
                      "at 1s exit u m\nat 2s say u \"hello\"\nexpect all deliver 0\n",
                      1));
    assert_int_equal(s.nodes[2].dialect, TERN_DIALECT_TLV_MULTICAST);
    assert_int_equal(s.nodes[2].relay, 1);
    assert_string_equal(s.nodes[4].room, "the cellar");
    assert_string_equal(s.nodes[4].nick, "uma");
    assert_int_equal(s.nodes[4].gate, 2);
    assert_int_equal(s.nodes[4].group, 0);
    assert_int_equal(s.nodes[5].group, SIM_NONE);
    assert_string_equal(s.nodes[5].room, "hall");
    assert_true(s.nodes[5].off && s.groups[0].loop);
    assert_int_equal(s.nodes[0].guests, SIM_GATE_GUESTS);
    assert_int_equal(s.groups[0].addr.port, 65535);
    assert_int_equal(s.groups[0].nodes_n, 2);
    assert_int_equal(s.actions[0].verb, SIM_DO_EXIT);
    assert_int_equal(s.actions[0].node, 4);
    assert_true(s.expects[0].of_guests);
    sim_scenario_free(&s);
}

/*= SIM-003 */
static void a_wrong_file_is_refused_with_line_column_and_what_was_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        if (parse(WRONG[i].text, 1)) fail_msg("taken: %s", WRONG[i].text);
        if (error.line != WRONG[i].line || error.column != WRONG[i].column ||
            strstr(error.text, WRONG[i].expected) == NULL)
            fail_msg("%s-> %u:%u: %s", WRONG[i].text, error.line, error.column, error.text);
        assert_int_equal(s.nodes_n + s.links_n + s.actions_n, 0);
        assert_null(s.memory);
    }
}

static void limits_of_the_language_are_kept(void **state)
{
    (void)state;
    static char text[SIM_FILE_MAX + 2];
    memset(text, ' ', sizeof text - 1);
    assert_false(parse(text, 1));
    memset(text, 0, sizeof text);
    memset(text, 'x', SIM_LINE_MAX + 1);
    assert_false(parse(text, 1));
    assert_int_equal(error.column, SIM_LINE_MAX + 1);
    for (size_t i = 0; i < 129; i++) memcpy(text + 2 * i, "x ", 2);
    text[258] = '\0';
    assert_false(parse(text, 1));
    assert_int_equal(error.column, 257);
    size_t n = 0;
    for (int i = 0; i < SIM_NODES_NAMED + 1; i++) n += (size_t)sprintf(text + n, "node n%d relay\n", i);
    assert_false(parse(text, 1));
    assert_int_equal(error.line, SIM_NODES_NAMED + 1);
}

/*= SIM-005 */
static void adding_a_line_changes_no_pick_of_another(void **state)
{
    (void)state;
    const char *link = "node r relay\nnode a client\nlink a-r loss 1% delay 5ms..80ms\nat 1s..2s leave a\n";
    const char *more = "# first\nnode b relay\nnode r relay\nnode a client\nlink a-b delay 1ms..9ms\n"
                       "link a-r delay 5ms..80ms\nat 1s..3s leave a\nat 1s..2s leave a\n";
    for (uint64_t seed = 0; seed < 20; seed++) {
        assert_true(parse(link, seed));
        tern_time delay = s.links[0].spec.delay, at = s.actions[0].at;
        assert_true(s.links[1].spec.delay == delay);
        sim_scenario_free(&s);
        assert_true(parse(more, seed));
        assert_true(s.links[2].spec.delay == delay);
        assert_true(s.actions[1].at == at);
        sim_scenario_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_file_is_read),
        cmocka_unit_test(queues_links_through_them_and_changes_are_read),
        cmocka_unit_test(gates_guests_and_groups_are_read),
        cmocka_unit_test(a_wrong_file_is_refused_with_line_column_and_what_was_expected),
        cmocka_unit_test(limits_of_the_language_are_kept),
        cmocka_unit_test(adding_a_line_changes_no_pick_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
