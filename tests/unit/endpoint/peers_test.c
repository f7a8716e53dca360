/* SPDX-License-Identifier: MIT */
/* What an application does with the other end: streams over a real pair (tern.h: a peer). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BIG (3u << 20) /* three times a stream's window */

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 2654435761u >> 11);
}

static tern_node *node(pair *p, pair_way at)
{
    return &p->end[at]->node;
}

/* Writes what is taken of the pattern's bytes from *done on. */
static void write_some(pair *p, uint32_t id, size_t *done, size_t total)
{
    static uint8_t chunk[10000];
    size_t taken = 1;
    while (taken > 0 && *done < total) {
        size_t n = total - *done < sizeof chunk ? total - *done : sizeof chunk;
        for (size_t i = 0; i < n; i++) chunk[i] = byte_at(*done + i);
        assert_int_equal(tern_peer_stream_write(node(p, PAIR_TO_CLIENT), 0, id, tern_bytes_of(chunk, n), &taken), 0);
        *done += taken;
    }
}

static bool read_some(pair *p, uint32_t id, size_t *got)
{
    static uint8_t chunk[7000];
    size_t n;
    bool fin = false;
    do {
        tern_buf out = { chunk, sizeof chunk };
        int result = tern_peer_stream_read(node(p, PAIR_TO_RELAY), pair_relay_peer(p), id, out, &n, &fin);
        if (result != TERN_OK) return false;
        for (size_t i = 0; i < n; i++) assert_int_equal(chunk[i], byte_at(*got + i));
        *got += n;
    } while (n > 0 && !fin);
    return fin;
}

static int one_in_thirty(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)way, (void)bytes, (void)size;
    return n % 30 == 17 ? 0 : 1;
}

/*= XFER-001 XFER-022 */
static void a_stream_longer_than_every_window_arrives_whole(void **state)
{
    (void)state;
    for (int lossy = 0; lossy < 2; lossy++) {
        pair *p = pair_established(NULL);
        uint32_t id;
        size_t written = 0, got = 0;
        bool fin = false, finished = false;
        if (lossy) p->fate = one_in_thirty;
        assert_int_equal(tern_peer_stream_open(node(p, PAIR_TO_CLIENT), 0, TERN_BOTH_WAYS, &id), TERN_OK);
        for (int i = 0; i < 20000 && !fin; i++) {
            write_some(p, id, &written, BIG);
            if (written == BIG && !finished) {
                assert_int_equal(tern_peer_stream_finish(node(p, PAIR_TO_CLIENT), 0, id), TERN_OK);
                finished = true;
            }
            pair_run(p, p->now + 5 * TERN_MS);
            p->events_n[PAIR_TO_RELAY] = p->events_n[PAIR_TO_CLIENT] = 0;
            fin = read_some(p, id, &got);
        }
        assert_true(fin);
        assert_int_equal(got, BIG);
        pair_free(p);
    }
}

/*= XFER-003 */
static void streams_beyond_the_limit_wait_for_earlier_ones_to_end(void **state)
{
    pair *p = pair_established(NULL); /* four at a time */
    uint32_t id[5];
    size_t n;
    bool fin;
    uint8_t out[4];
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(tern_peer_stream_open(node(p, PAIR_TO_CLIENT), 0, TERN_BOTH_WAYS, &id[i]), TERN_OK);
    assert_int_equal(tern_peer_stream_open(node(p, PAIR_TO_CLIENT), 0, TERN_BOTH_WAYS, &id[4]), TERN_E_BLOCKED);
    assert_int_equal(tern_peer_stream_finish(node(p, PAIR_TO_CLIENT), 0, id[0]), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    tern_peer relay = pair_relay_peer(p);
    assert_int_equal(tern_peer_stream_read(node(p, PAIR_TO_RELAY), relay, id[0], (tern_buf){ out, 4 }, &n, &fin), 0);
    assert_true(fin);
    assert_int_equal(tern_peer_stream_finish(node(p, PAIR_TO_RELAY), relay, id[0]), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(tern_peer_stream_read(node(p, PAIR_TO_CLIENT), 0, id[0], (tern_buf){ out, 4 }, &n, &fin), 0);
    assert_true(fin);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(tern_peer_stream_open(node(p, PAIR_TO_CLIENT), 0, TERN_BOTH_WAYS, &id[4]), TERN_OK);
    pair_free(p);
}

/*= XFER-005 */
static void a_reset_and_a_stop_reach_the_other_side_with_their_codes(void **state)
{
    pair *p = pair_established(NULL);
    uint32_t a, b;
    size_t taken;
    (void)state;
    assert_int_equal(tern_peer_stream_open(node(p, PAIR_TO_CLIENT), 0, TERN_BOTH_WAYS, &a), TERN_OK);
    assert_int_equal(tern_peer_stream_open(node(p, PAIR_TO_CLIENT), 0, TERN_BOTH_WAYS, &b), TERN_OK);
    assert_int_equal(tern_peer_stream_write(node(p, PAIR_TO_CLIENT), 0, a, tern_bytes_of("abc", 3), &taken), TERN_OK);
    assert_int_equal(tern_peer_stream_write(node(p, PAIR_TO_CLIENT), 0, b, tern_bytes_of("abc", 3), &taken), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(tern_peer_stream_reset(node(p, PAIR_TO_CLIENT), 0, a, 77), TERN_OK);
    assert_int_equal(tern_peer_stream_stop(node(p, PAIR_TO_RELAY), pair_relay_peer(p), b, 88), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_STREAM_RESET);
    assert_non_null(e);
    assert_int_equal(e->u.stream.id, a);
    assert_int_equal(e->u.stream.code, 77);
    e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_STREAM_STOPPED);
    assert_non_null(e);
    assert_int_equal(e->u.stream.id, b);
    assert_int_equal(e->u.stream.code, 88);
    pair_free(p);
}

static void calls_for_a_peer_that_is_gone_say_so(void **state)
{
    pair *p = pair_established(NULL);
    const tern_bytes part = tern_bytes_of("x", 1);
    uint32_t id = 0;
    size_t n = 7;
    bool fin = true;
    uint8_t out[1];
    tern_peer_info info;
    tern_peer nobody = pair_relay_peer(p) + (1u << 16);
    tern_node *relay = node(p, PAIR_TO_RELAY);
    (void)state;
    assert_int_equal(tern_peer_stream_open(relay, nobody, TERN_BOTH_WAYS, &id), TERN_E_CLOSED);
    assert_int_equal(tern_peer_stream_write(relay, nobody, 0, part, &n), TERN_E_CLOSED);
    assert_int_equal(n, 0);
    assert_int_equal(tern_peer_stream_read(relay, nobody, 0, (tern_buf){ out, 1 }, &n, &fin), TERN_E_CLOSED);
    assert_false(fin);
    assert_int_equal(tern_peer_stream_finish(relay, nobody, 0), TERN_E_CLOSED);
    assert_int_equal(tern_peer_stream_reset(relay, nobody, 0, 1), TERN_E_CLOSED);
    assert_int_equal(tern_peer_stream_stop(relay, nobody, 0, 1), TERN_E_CLOSED);
    assert_int_equal(tern_endpoint_message_send(p->end[PAIR_TO_RELAY], nobody, &part, 1), TERN_E_CLOSED);
    assert_false(tern_peer_get_info(relay, nobody, &info));
    tern_peer_close(relay, p->now, nobody, TERN_GOING_AWAY, ""); /* harmless */
    assert_true(tern_peer_get_info(relay, pair_relay_peer(p), &info));
    assert_true(info.smoothed_rtt_ns >= 2 * PAIR_DELAY && info.smoothed_rtt_ns < 3 * PAIR_DELAY);
    pair_free(p);
}

static void the_controller_is_the_one_that_was_asked_for(void **state)
{
    pair_options options = pair_defaults();
    options.limits.congestion = TERN_CONGESTION_CUBIC;
    pair *p = pair_established(&options);
    tern_peer_info info;
    (void)state;
    assert_true(tern_peer_get_info(&p->end[PAIR_TO_RELAY]->node, pair_relay_peer(p), &info));
    assert_string_equal(info.congestion, "cubic");
    assert_in_range(info.pacing_rate, info.cwnd_bytes * 50, info.cwnd_bytes * 100); /* two windows in 20 to 40 ms */
    pair_free(p);
}

/*= REC-045 REC-046 */
static void marks_of_the_path_are_told_and_counted(void **state)
{
    pair *p = pair_established(NULL);
    static const uint8_t body[20000];
    tern_peer_info info, client;
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(tern_peer_get_info(&p->end[PAIR_TO_RELAY]->node, pair_relay_peer(p), &info));
    assert_true(info.ecn && info.ecn_ce == 0);
    uint64_t window = info.cwnd_bytes;
    p->congested = true;
    p->messages_n = 0;
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(tern_peer_get_info(&p->end[PAIR_TO_RELAY]->node, pair_relay_peer(p), &info));
    assert_true(tern_peer_get_info(&p->end[PAIR_TO_CLIENT]->node, 0, &client));
    assert_true(info.ecn && info.ecn_ce > 0 && info.ecn_ce == client.ecn_ce_received);
    assert_true(client.ecn_ect0_received > 0 && client.ecn_ect1_received == 0);
    assert_true(info.cwnd_bytes < window && info.packets_lost == 0);
    pair_free(p);
}

static void messages_beyond_the_keep_are_held_back_and_let_in_again(void **state)
{
    pair_options options = pair_defaults();
    options.limits.message_keep = 20000;
    pair *p = pair_established(&options);
    uint8_t body[9000] = { 0 };
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_E_BLOCKED);
    pair_run(p, p->now + TERN_SECOND);
    assert_non_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_MESSAGES_WRITABLE));
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
    pair_free(p);
}

/*= XFER-031 */
static void an_urgency_is_0_to_7_of_a_stream_that_is_there(void **state)
{
    pair *p = pair_established(NULL);
    tern_node *client = node(p, PAIR_TO_CLIENT);
    uint32_t id;
    (void)state;
    assert_int_equal(tern_peer_stream_open(client, 0, TERN_ONE_WAY, &id), TERN_E_BLOCKED); /* the relay takes none */
    assert_int_equal(tern_peer_stream_open(client, 0, TERN_BOTH_WAYS, &id), TERN_OK);
    assert_int_equal(tern_peer_stream_priority(client, 0, id, 7), TERN_OK);
    assert_int_equal(tern_peer_stream_priority(client, 0, id, 8), TERN_E_BAD_INPUT);
    assert_int_equal(tern_peer_stream_priority(client, 0, id + 4, 0), TERN_E_CLOSED);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_longer_than_every_window_arrives_whole),
        cmocka_unit_test(streams_beyond_the_limit_wait_for_earlier_ones_to_end),
        cmocka_unit_test(a_reset_and_a_stop_reach_the_other_side_with_their_codes),
        cmocka_unit_test(calls_for_a_peer_that_is_gone_say_so),
        cmocka_unit_test(the_controller_is_the_one_that_was_asked_for),
        cmocka_unit_test(marks_of_the_path_are_told_and_counted),
        cmocka_unit_test(messages_beyond_the_keep_are_held_back_and_let_in_again),
        cmocka_unit_test(an_urgency_is_0_to_7_of_a_stream_that_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
