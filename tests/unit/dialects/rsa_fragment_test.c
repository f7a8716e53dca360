/* SPDX-License-Identifier: MIT */
/* rsa-fragment: both sides, what the wire does to them, and what an attacker does. */
#include "crypto/rsa_pem.h"
#include "dialects/blocks.h"
#include "dialects/rsa_fragment/codec.h"
#include "hall.h"

#define DIALECT TERN_DIALECT_RSA_FRAGMENT

static void lines_reach_all_others(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    assert_true(tern_dialect_is_ready(h->end[1].node));
    assert_int_equal(hall_say(h, 1, "hello"), TERN_OK);
    assert_false(tern_dialect_is_ready(h->end[1].node)); /* not before it is acknowledged */
    hall_run(h, TERN_SECOND);
    assert_true(tern_dialect_is_ready(h->end[1].node));
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: hello\n");
    assert_int_equal(hall_say(h, 2, "hi there"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.3:4002\n10.0.0.3:4002: hi there\n");
    hall_expect(h, 1, "* 10.0.0.3:4002 joined\n10.0.0.3:4002> hi there\n");
    hall_free(h);
}

/* Larger than a block, larger than a fragment: pieces go both ways. */
static void long_texts_are_cut_both_ways(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    char text[4097], line[4200];
    (void)state;
    assert_int_equal(hall_say(h, 2, "x"), TERN_OK);
    hall_run(h, TERN_SECOND);
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + i % 26);
    text[4096] = 0;
    hall_expect(h, 2, "");
    assert_int_equal(hall_say(h, 1, text), TERN_OK);
    hall_run(h, 2 * TERN_SECOND);
    (void)snprintf(line, sizeof line, "* 10.0.0.2:4001 joined\n10.0.0.2:4001> %s\n", text);
    hall_expect(h, 2, line);
    assert_int_equal(hall_say(h, 1, "once more"), TERN_OK); /* it was acknowledged */
    hall_free(h);
}

static unsigned lose_a_third(hall *h, hall_datagram *d)
{
    uint64_t random = h->sent * 7919;
    (void)d;
    return random_below(&random, 3) == 0 ? 0 : 1;
}

static unsigned twice_each(hall *h, hall_datagram *d)
{
    (void)h, (void)d;
    return 2;
}

/* The later a fragment is sent, the earlier it arrives. */
static unsigned backwards(hall *h, hall_datagram *d)
{
    d->at = h->now + (100 - h->sent % 50) * TERN_MS;
    return 1;
}

static void a_text_arrives_once_whatever_the_wire_does(void **state)
{
    static unsigned (*const meddlers[])(hall *, hall_datagram *) = { lose_a_third, twice_each, backwards };
    char text[1001], expected[1100];
    (void)state;
    memset(text, 'z', 1000);
    text[1000] = 0;
    (void)snprintf(expected, sizeof expected, "+10.0.0.2:4001\n10.0.0.2:4001: %s\n", text);
    for (size_t i = 0; i < sizeof meddlers / sizeof meddlers[0]; i++) {
        hall *h = hall_with_clients(DIALECT, 1);
        h->meddle = meddlers[i];
        assert_int_equal(hall_say(h, 1, text), TERN_OK);
        hall_run(h, 30 * TERN_SECOND);
        hall_expect(h, 0, expected);
        assert_int_equal(hall_say(h, 1, "next"), TERN_OK);
        hall_free(h);
    }
}

/*= RSF-022 */
static void a_client_hears_once_what_comes_twice(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    assert_int_equal(hall_say(h, 1, "here"), TERN_OK);
    assert_int_equal(hall_say(h, 2, "too"), TERN_OK);
    hall_run(h, TERN_SECOND);
    h->end[2].log_n = 0;
    h->meddle = twice_each;
    assert_int_equal(hall_say(h, 1, "once"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "10.0.0.2:4001> once\n");
    assert_int_equal(hall_drops(h, 2, TERN_DROP_REPLAY), 1);
    hall_free(h);
}

static void an_empty_text_may_come_from_nowhere(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    (void)state;
    assert_int_equal(tern_dialect_say(h->end[1].node, h->now, tern_bytes_of(NULL, 0)), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: \n");
    hall_free(h);
}

static unsigned nothing_arrives(hall *h, hall_datagram *d)
{
    (void)h, (void)d;
    return 0;
}

static void a_client_gives_up_on_a_server_that_is_silent(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    (void)state;
    h->meddle = nothing_arrives;
    (void)hall_add(h, NULL);
    hall_run(h, 60 * TERN_SECOND);
    hall_expect(h, 1, "closed HANDSHAKE_TIMEOUT\n");
    assert_int_equal(hall_say(h, 1, "x"), TERN_E_CLOSED);
    hall_free(h);
}

/*= RSF-023 */
static void a_client_that_only_listens_stays(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    assert_int_equal(hall_say(h, 1, "hello"), TERN_OK);
    hall_run(h, 900 * TERN_SECOND);
    assert_int_equal(hall_say(h, 2, "are you there"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 1, "* 10.0.0.3:4002 joined\n10.0.0.3:4002> are you there\n");
    hall_free(h);
}

static void a_silent_client_leaves(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    tern_stats stats;
    (void)state;
    assert_int_equal(hall_say(h, 1, "hello"), TERN_OK);
    hall_run(h, TERN_SECOND);
    h->meddle = nothing_arrives;
    hall_run(h, 301 * TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: hello\n-10.0.0.2:4001\n");
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 0);
    assert_int_equal(tern_node_next_timeout(h->end[0].node), TERN_TIME_NEVER);
    hall_free(h);
}

/* ---- by hand: what an original client sends ---- */

static tern_bytes seal(hall_hand *p, const char *text, uint8_t out[8192])
{
    size_t n = tern_blocks_seal(&p->server.public_key, &p->drbg, tern_bytes_of(text, strlen(text)), out);
    return tern_bytes_of(out, n);
}

static void a_client_without_a_key_is_answered_as_it_is(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    hall_hand p = hall_hand_at(9);
    uint8_t sealed[8192], out[TERN_DATAGRAM_MAX], fragment[8192];
    tern_addr from = hall_stranger(9, 9999);
    (void)state;
    assert_int_equal(hall_throw(h, &from, seal(&p, "whole", sealed)), TERN_DROP_NONE);
    assert_int_equal(hall_sent(h, out), 3);
    assert_memory_equal(out, "ACK", 3);
    tern_bytes text = seal(&p, "in two", sealed);
    for (uint8_t no = 2; no >= 1; no--) {
        tern_rsaf_fragment f = { .id = 4000000000u, .no = no, .total = 2 };
        f.payload = no == 1 ? tern_bytes_of(text.p, 100) : tern_bytes_of(text.p + 100, text.n - 100);
        tern_writer w = tern_writer_of((tern_buf){ fragment, sizeof fragment });
        tern_rsaf_write(&f, &w);
        assert_int_equal(hall_throw(h, &from, tern_written(&w)), TERN_DROP_NONE);
    }
    assert_int_equal(hall_sent(h, out), 15);
    assert_memory_equal(out, "4000000000: ACK", 15);
    assert_int_equal(hall_sent(h, out), 0);
    hall_run(h, TERN_MS);
    hall_expect(h, 0, "+10.0.0.9:9999\n10.0.0.9:9999: whole\n10.0.0.9:9999: in two\n");
    hall_free(h);
}

static void attack_10_what_was_said_is_not_taken_again(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    hall_hand p = hall_hand_at(9);
    uint8_t sealed[8192], out[TERN_DATAGRAM_MAX];
    tern_addr from = hall_stranger(9, 9999), other = hall_stranger(8, 9999);
    (void)state;
    tern_bytes text = seal(&p, "pay him", sealed);
    assert_int_equal(hall_throw(h, &from, text), TERN_DROP_NONE);
    assert_int_equal(hall_sent(h, out), 3);
    assert_int_equal(hall_throw(h, &from, text), TERN_DROP_DUPLICATE);
    assert_int_equal(hall_sent(h, out), 3); /* the answer may have been lost */
    assert_int_equal(hall_throw(h, &other, text), TERN_DROP_REPLAY);
    assert_int_equal(hall_sent(h, out), 0);
    hall_run(h, TERN_MS);
    hall_expect(h, 0, "+10.0.0.9:9999\n10.0.0.9:9999: pay him\n");
    hall_free(h);
}

/* The second fragment of a message is lost when it is sent first. */
static unsigned lose_the_second_once(hall *h, hall_datagram *d)
{
    bool second = d->to == 0 && d->n > TERN_RSAF_HEADER && d->n < 512 && d->bytes[4] == 2 && d->bytes[5] >= 2;
    if (!second || h->kept.n > 0) return 1;
    h->kept.n = d->n;
    return 0;
}

static size_t sent_for_a_message(bool nack)
{
    tern_dialect_config config = hall_server_config(DIALECT);
    char text[3001], expected[3100];
    config.nack = nack;
    config.fragment_timeout_ms = 800;
    hall *h = hall_new(DIALECT, &config);
    (void)hall_add(h, NULL);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 1, "connected\n");
    memset(text, 'n', 3000);
    text[3000] = 0;
    h->meddle = lose_the_second_once;
    uint64_t before = h->sent;
    assert_int_equal(hall_say(h, 1, text), TERN_OK);
    hall_run(h, 10 * TERN_SECOND);
    (void)snprintf(expected, sizeof expected, "+10.0.0.2:4001\n10.0.0.2:4001: %s\n", text);
    hall_expect(h, 0, expected);
    hall_expect(h, 1, ""); /* the question is no text */
    size_t sent = (size_t)(h->sent - before);
    hall_free(h);
    return sent;
}

/*= RSF-015 */
static void a_fragment_that_is_missing_is_asked_for_and_sent_alone(void **state)
{
    (void)state;
    assert_int_equal(sent_for_a_message(true), 9 + 1 + 1 + 1); /* 16 blocks in 9 fragments, NACK, fragment, ACK */
    assert_true(sent_for_a_message(false) >= 9 + 9 + 1);
}

static void an_answer_that_names_nothing_is_none(void **state)
{
    static const char *const none[] = { "7: NACK",    "7: NACK ",     "7: NACK 0",  "7: NACK 256",
                                        "7: NACK 1,", "7: NACK 1,,2", ": NACK 1",   "4294967296: NACK 1",
                                        "7: ACK",     "7:NACK 1",     "7: NACK 1 ", "ACK" };
    char long_one[400] = "7: NACK 1";
    tern_rsaf_nack nack;
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(tern_rsaf_read_nack(text_bytes(none[i]), &nack));
    for (size_t i = 1; i < TERN_RSAF_NACK_MOST; i++) strcat(long_one, ",255");
    assert_true(tern_rsaf_read_nack(text_bytes(long_one), &nack));
    assert_int_equal(nack.n, TERN_RSAF_NACK_MOST);
    strcat(long_one, ",1");
    assert_false(tern_rsaf_read_nack(text_bytes(long_one), &nack));
}

static void attack_5_fragments_that_disagree_end_their_message(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    tern_addr from = hall_stranger(9, 9999);
    (void)state;
    static const uint8_t first[] = { 0, 0, 0, 1, 1, 3, 'x' }, other_total[] = { 0, 0, 0, 1, 2, 4, 'y' },
                         other_text[] = { 0, 0, 0, 1, 1, 3, 'z' }, beyond[] = { 0, 0, 0, 1, 4, 3, 'x' },
                         zero[] = { 0, 0, 0, 1, 0, 3, 'x' }, empty[] = { 0, 0, 0, 1, 1, 1 };
    assert_int_equal(hall_throw(h, &from, tern_bytes_of(first, sizeof first)), TERN_DROP_NONE);
    assert_int_equal(hall_throw(h, &from, tern_bytes_of(first, sizeof first)), TERN_DROP_DUPLICATE);
    assert_int_equal(hall_throw(h, &from, tern_bytes_of(other_total, sizeof first)), TERN_DROP_MALFORMED);
    assert_int_equal(hall_throw(h, &from, tern_bytes_of(first, sizeof first)), TERN_DROP_NONE); /* anew */
    assert_int_equal(hall_throw(h, &from, tern_bytes_of(other_text, sizeof first)), TERN_DROP_MALFORMED);
    assert_int_equal(hall_throw(h, &from, tern_bytes_of(beyond, sizeof beyond)), TERN_DROP_MALFORMED);
    assert_int_equal(hall_throw(h, &from, tern_bytes_of(zero, sizeof zero)), TERN_DROP_MALFORMED);
    assert_int_equal(hall_throw(h, &from, tern_bytes_of(empty, sizeof empty)), TERN_DROP_MALFORMED);
    hall_free(h);
}

/* Many messages that never end, of many senders: memory is what it was, and the last one still gets through. */
static void attack_4_fragments_without_end_are_bounded_in_memory_and_time(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    uint8_t fragment[] = { 0, 0, 0, 0, 1, 255, 'x' };
    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        tern_addr from = hall_stranger((uint8_t)(10 + i % 200), (uint16_t)(i / 7 + 1));
        fragment[2] = (uint8_t)(i >> 8);
        fragment[3] = (uint8_t)i;
        (void)hall_throw(h, &from, tern_bytes_of(fragment, sizeof fragment));
    }
    assert_int_equal(hall_say(h, 1, "still here"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: still here\n");
    hall_run(h, 10 * TERN_SECOND);
    assert_int_equal(hall_drops(h, 0, TERN_DROP_NO_MEMORY), 0);
    hall_free(h); /* the guard behind its memory is whole */
}

/*= RSF-010 DIA-022 */
static void attack_4_a_flood_of_strangers_takes_no_clients_place(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    hall_hand p = hall_hand_at(9);
    uint8_t sealed[8192], bytes[600], flood[] = { 0, 0, 0, 0, 1, 255, 'x' };
    (void)state;
    tern_bytes text = seal(&p, "in two", sealed);
    for (uint8_t no = 1; no <= 2; no++) {
        tern_rsaf_fragment f = { .id = 5, .no = no, .total = 2 };
        f.payload = tern_bytes_of(text.p + (no - 1) * 100u, no == 1 ? 100 : text.n - 100);
        tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
        tern_rsaf_write(&f, &w);
        assert_int_equal(hall_throw(h, &h->end[1].addr, tern_written(&w)), TERN_DROP_NONE);
        for (uint32_t i = 0; i < 1000 && no == 1; i++) {
            tern_addr from = hall_stranger((uint8_t)(10 + i % 200), (uint16_t)(i + 1));
            (void)hall_throw(h, &from, tern_bytes_of(flood, sizeof flood));
        }
    }
    hall_run(h, TERN_MS);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: in two\n");
    hall_free(h);
}

/* Ciphertexts that do not open cost what was granted, and no more; another host is served all the same. */
static void attack_6_a_flood_of_ciphertexts_costs_what_was_granted(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    uint8_t block[256];
    (void)state;
    for (uint32_t i = 0; i < 5000; i++) {
        tern_addr from = hall_stranger(99, (uint16_t)(i + 1));
        memset(block, 0x11, sizeof block);
        block[4] = 0; /* it is no fragment either */
        memcpy(block + 8, &i, sizeof i);
        (void)hall_throw(h, &from, tern_bytes_of(block, sizeof block));
    }
    uint64_t opened = hall_drops(h, 0, TERN_DROP_AEAD);
    assert_true(opened >= 50 && opened <= 58); /* 150 ms at 2.6 each */
    assert_int_equal(hall_drops(h, 0, TERN_DROP_BUSY), 5000 - opened);
    assert_int_equal(hall_say(h, 1, "still here"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: still here\n");
    hall_free(h);
}

/* Keys from everywhere fill the table, and yet one who speaks comes in; one who has spoken stays. */
static void attack_15_keys_of_nobody_put_no_member_out(void **state)
{
    tern_dialect_config config = hall_server_config(DIALECT);
    char pem[TERN_RSA_PEM_MAX];
    tern_stats stats;
    (void)state;
    config.max_clients = 8;
    hall *h = hall_new(DIALECT, &config);
    (void)hall_add(h, NULL);
    hall_run(h, TERN_SECOND);
    assert_int_equal(hall_say(h, 1, "first"), TERN_OK);
    hall_run(h, TERN_SECOND);
    tern_rsa_private key = hall_key("bob.pem");
    size_t n = tern_rsa_public_to_pem(&key.public_key, pem);
    for (uint16_t i = 0; i < 500; i++) {
        tern_addr from = hall_stranger((uint8_t)(20 + i % 200), (uint16_t)(i + 1));
        (void)hall_throw(h, &from, tern_bytes_of(pem, n));
    }
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 8);
    (void)hall_add(h, NULL);
    hall_run(h, TERN_SECOND);
    assert_int_equal(hall_say(h, 2, "second"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: first\n+10.0.0.3:4002\n10.0.0.3:4002: second\n");
    hall_expect(h, 1, "connected\n* 10.0.0.3:4002 joined\n10.0.0.3:4002> second\n");
    hall_free(h);
}

static void attack_16_a_key_that_is_none_is_refused(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    tern_addr from = hall_stranger(9, 9999);
    static const char *const bad[] = { "-----BEGIN PUBLIC KEY-----\n",
                                       "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                                       "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n" };
    tern_stats stats;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(hall_throw(h, &from, tern_bytes_of(bad[i], strlen(bad[i]))), TERN_DROP_MALFORMED);
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 0);
    hall_free(h);
}

static void a_copy_of_the_memory_is_a_copy_of_the_server(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    (void)state;
    uint8_t *copy = calloc(1, h->end[0].n + 16);
    assert_non_null(copy);
    memcpy(copy, h->end[0].memory, h->end[0].n);
    memset(h->end[0].memory, 0xee, h->end[0].n);
    h->end[0].node = (tern_node *)copy;
    assert_int_equal(hall_say(h, 1, "to the copy"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: to the copy\n");
    free(copy);
    h->end[0].node = (tern_node *)h->end[0].memory;
    hall_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_reach_all_others),
        cmocka_unit_test(long_texts_are_cut_both_ways),
        cmocka_unit_test(a_client_hears_once_what_comes_twice),
        cmocka_unit_test(an_empty_text_may_come_from_nowhere),
        cmocka_unit_test(a_text_arrives_once_whatever_the_wire_does),
        cmocka_unit_test(a_client_gives_up_on_a_server_that_is_silent),
        cmocka_unit_test(a_client_that_only_listens_stays),
        cmocka_unit_test(a_silent_client_leaves),
        cmocka_unit_test(a_client_without_a_key_is_answered_as_it_is),
        cmocka_unit_test(attack_10_what_was_said_is_not_taken_again),
        cmocka_unit_test(a_fragment_that_is_missing_is_asked_for_and_sent_alone),
        cmocka_unit_test(an_answer_that_names_nothing_is_none),
        cmocka_unit_test(attack_5_fragments_that_disagree_end_their_message),
        cmocka_unit_test(attack_4_fragments_without_end_are_bounded_in_memory_and_time),
        cmocka_unit_test(attack_4_a_flood_of_strangers_takes_no_clients_place),
        cmocka_unit_test(attack_6_a_flood_of_ciphertexts_costs_what_was_granted),
        cmocka_unit_test(attack_15_keys_of_nobody_put_no_member_out),
        cmocka_unit_test(attack_16_a_key_that_is_none_is_refused),
        cmocka_unit_test(a_copy_of_the_memory_is_a_copy_of_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
