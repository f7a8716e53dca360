/* SPDX-License-Identifier: MIT */
/* Attack 1 of the list, false acknowledgements, tried by a client against a relay that sends it much; and the counts of
 * ECN, with which the same can be tried. */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t frames[2048];
static tern_writer out;

static int send_ack(pair *p, uint64_t from, uint64_t to)
{
    tern_range range = { from, to };
    tern_frame_ack f = { .largest = to - 1, .ranges = { &range, 1 } };
    out = tern_writer_of((tern_buf){ frames, sizeof frames });
    tern_frame_emit_ack(&out, &f);
    return pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frames, out.n);
}

static uint64_t next_pn(pair *p)
{
    return pair_relay(p)->recovery.sent.next_pn;
}

/* The relay sends until it has left a number out, which it has not heard of yet. */
static uint64_t until_a_number_is_left_out(pair *p)
{
    static const uint8_t body[1000];
    const tern_recovery *r = &pair_relay(p)->recovery;
    for (int i = 0; i < 2000 && r->skipped == UINT64_MAX; i++) {
        assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
        pair_run(p, p->now + 5 * TERN_MS);
    }
    assert_int_not_equal(r->skipped, UINT64_MAX);
    return r->skipped;
}

/*= REC-047 */
static void an_ack_of_a_number_left_out_closes_the_connection(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    uint64_t skipped = until_a_number_is_left_out(p);
    assert_int_equal(send_ack(p, skipped, skipped + 1), TERN_DROP_MALFORMED);
    assert_int_equal(pair_relay(p)->close_error, TERN_PROTOCOL_VIOLATION);
    pair_free(p);
}

/*= REC-047 */
static void an_early_ack_of_all_that_was_sent_is_found_out(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    uint64_t skipped = until_a_number_is_left_out(p);
    assert_true(skipped < next_pn(p));
    assert_int_equal(send_ack(p, 0, next_pn(p)), TERN_DROP_MALFORMED);
    assert_int_equal(pair_relay(p)->close_error, TERN_PROTOCOL_VIOLATION);
    pair_free(p);
}

/*= REC-047 */
static void who_acknowledges_early_all_the_time_does_not_get_far(void **state)
{
    pair *p = pair_established(NULL);
    static const uint8_t body[1000];
    int sent = 0;
    (void)state;
    while (tern_connection_is_open(pair_relay(p)) && sent < 2000) {
        (void)pair_message(p, PAIR_TO_CLIENT, body, sizeof body);
        pair_run(p, p->now + TERN_MS);
        (void)send_ack(p, 0, next_pn(p));
        sent++;
    }
    assert_true(sent < 600);
    assert_int_equal(pair_relay(p)->close_error, TERN_PROTOCOL_VIOLATION);
    pair_free(p);
}

/*= REC-047 */
static void honest_peers_are_not_disturbed_by_numbers_left_out(void **state)
{
    pair *p = pair_established(NULL);
    static const uint8_t body[1000];
    (void)state;
    for (int i = 0; i < 3000; i++) {
        (void)pair_message(p, PAIR_TO_CLIENT, body, sizeof body);
        pair_run(p, p->now + TERN_MS);
        p->messages_n = 0;
    }
    pair_run(p, p->now + TERN_SECOND);
    assert_true(tern_connection_is_open(pair_relay(p)) && tern_connection_is_open(pair_client(p)));
    assert_int_equal(pair_relay(p)->packets_lost, 0);
    assert_int_equal(pair_relay(p)->recovery.congestion.in_flight_bytes, 0);
    assert_true(pair_relay(p)->recovery.skipped > 1000); /* it was done again and again */
    pair_free(p);
}

/*= REC-003 */
static void an_ack_of_what_was_never_sent_closes_the_connection(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    assert_int_equal(send_ack(p, next_pn(p) + 1000, next_pn(p) + 1001), TERN_DROP_MALFORMED);
    assert_int_equal(pair_relay(p)->close_error, TERN_PROTOCOL_VIOLATION);
    pair_free(p);
}

/*= REC-046 WIRE-040 */
static void invented_counts_of_ecn_only_end_the_marking(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    tern_range range = { 0, next_pn(p) };
    tern_frame_ack f = { .largest = next_pn(p) - 1,
                         .ranges = { &range, 1 },
                         .marks = true,
                         .ect0 = UINT64_MAX,
                         .ect1 = UINT64_MAX,
                         .ce = UINT64_MAX };
    static const uint8_t body[1000];
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
    tern_batch b = tern_endpoint_send(p->end[PAIR_TO_RELAY], p->now, (tern_buf){ frames, sizeof frames });
    assert_int_equal(b.ecn, TERN_ECN_ECT0);
    range.to = next_pn(p);
    f.largest = range.to - 1;
    uint64_t window = pair_relay(p)->recovery.congestion.cwnd_bytes;
    out = tern_writer_of((tern_buf){ frames, sizeof frames });
    tern_frame_emit_ack(&out, &f);
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frames, out.n), TERN_DROP_NONE);
    assert_int_equal(pair_relay(p)->recovery.marking.state, TERN_MARKING_FAILED);
    assert_true(pair_relay(p)->recovery.congestion.cwnd_bytes >= window);
    assert_true(tern_connection_is_open(pair_relay(p)));
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_of_a_number_left_out_closes_the_connection),
        cmocka_unit_test(an_early_ack_of_all_that_was_sent_is_found_out),
        cmocka_unit_test(who_acknowledges_early_all_the_time_does_not_get_far),
        cmocka_unit_test(honest_peers_are_not_disturbed_by_numbers_left_out),
        cmocka_unit_test(an_ack_of_what_was_never_sent_closes_the_connection),
        cmocka_unit_test(invented_counts_of_ecn_only_end_the_marking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
