/* SPDX-License-Identifier: MIT */
/* The frame table: what may travel where, what is refused and how (spec: wire 3). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint16_t relay_closed_with(pair *p)
{
    pair_run(p, p->now + 5 * PAIR_DELAY);
    const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED);
    return e == NULL ? 0 : (uint16_t)e->u.closed.error;
}

/* A packet with these frames closes the relay's connection with this code. */
static void expect_close(const char *frames, size_t n, tern_error error)
{
    pair *p = pair_established(NULL);
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frames, n), TERN_DROP_MALFORMED);
    assert_int_equal(relay_closed_with(p), error);
    const tern_event *e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED); /* and the client is told why */
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, error);
    assert_true(e->u.closed.by_peer);
    pair_free(p);
}

/*= WIRE-020 */
static void frames_that_cannot_be_read_close_the_connection(void **state)
{
    (void)state;
    expect_close("", 0, TERN_FRAME_ENCODING_ERROR);
    expect_close("\x00\x09\x00", 3, TERN_FRAME_ENCODING_ERROR);
    expect_close("\x00\x09\x00\x01", 4, TERN_FRAME_ENCODING_ERROR);
    expect_close("\x00\x09\x00\x01x", 5, TERN_FRAME_ENCODING_ERROR);
    expect_close("\x00\x77\x00\x00", 4, TERN_FRAME_ENCODING_ERROR);
    expect_close("\x00\x00\x00\x00", 4, TERN_FRAME_ENCODING_ERROR);
    expect_close("\x00\x26\x00\x04\0\0\0\0", 8, TERN_FRAME_ENCODING_ERROR);
}

/*= WIRE-021 */
static void an_unknown_frame_with_the_top_bit_is_ignored(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, "\xca\xfe\x00\x02hi\x00\x09\x00\x00", 10), 0);
    assert_int_equal(relay_closed_with(p), 0);
    pair_free(p);
}

/*= REC-004 */
static void an_ignored_frame_asks_for_an_acknowledgement(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    uint64_t sent = p->sent[PAIR_TO_CLIENT];
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, "\xba\x00\x00\x00", 4), TERN_DROP_NONE);
    pair_run(p, p->now + 50 * TERN_MS);
    assert_true(p->sent[PAIR_TO_CLIENT] == sent + 1);
    pair_free(p);
}

/*= WIRE-022 */
static void the_table_says_which_packet_carries_a_frame(void **state)
{
    static const struct {
        uint16_t frame;
        bool syn, syn_ack, early, ack, data;
    } law[] = {
        /* spec: wire 3, drawn a second time */
        { 0x0001, 0, 0, 1, 1, 1 }, { 0x0009, 0, 1, 1, 1, 1 }, { 0x0020, 1, 1, 1, 1, 1 }, { 0x0021, 0, 1, 0, 1, 1 },
        { 0x0022, 1, 1, 0, 1, 0 }, { 0x0023, 0, 0, 1, 1, 1 }, { 0x0024, 0, 0, 1, 1, 1 }, { 0x0025, 0, 0, 1, 1, 1 },
        { 0x0026, 0, 0, 1, 1, 1 }, { 0x0027, 0, 0, 1, 1, 1 }, { 0x0028, 0, 0, 1, 1, 1 }, { 0x0034, 0, 0, 1, 1, 1 },
        { 0x0030, 0, 0, 1, 1, 1 }, { 0x0031, 0, 0, 1, 1, 1 }, { 0x0032, 0, 0, 1, 1, 1 }, { 0x0033, 0, 0, 1, 1, 1 },
        { 0x0029, 0, 0, 1, 1, 1 }, { 0x002a, 0, 1, 0, 1, 1 }, { 0x0002, 0, 0, 0, 0, 0 }, { 0x002b, 0, 1, 0, 1, 1 },
        { 0x0038, 0, 0, 0, 0, 1 }, { 0x003a, 0, 0, 0, 0, 1 }, { 0x002c, 0, 0, 0, 0, 1 }, { 0x002d, 0, 0, 0, 0, 1 },
        { 0x002e, 0, 0, 0, 0, 1 }, { 0x002f, 0, 0, 0, 0, 1 }, { 0x003f, 0, 0, 0, 0, 0 }, { 0xffff, 0, 0, 0, 0, 0 }
    };
    (void)state;
    for (size_t i = 0; i < sizeof law / sizeof law[0]; i++) {
        assert_int_equal(tern_frame_allowed(law[i].frame, TERN_PACKET_SYN), law[i].syn);
        assert_int_equal(tern_frame_allowed(law[i].frame, TERN_PACKET_SYN_ACK), law[i].syn_ack);
        assert_int_equal(tern_frame_allowed(law[i].frame, TERN_PACKET_EARLY), law[i].early);
        assert_int_equal(tern_frame_allowed(law[i].frame, TERN_PACKET_ACK), law[i].ack);
        assert_int_equal(tern_frame_allowed(law[i].frame, TERN_PACKET_DATA), law[i].data);
    }
    expect_close("\x00\x22\x00\x05\0\0\0\0x", 9, TERN_PROTOCOL_VIOLATION); /* CRYPTO in DATA */
}

/*= REC-003 */
static void an_ack_of_a_number_never_sent_closes_the_connection(void **state)
{
    (void)state;
    expect_close("\x00\x21\x00\x10\0\0\0\0\x7f\0\0\0\0\0\0\0\0\0\0\0", 20, TERN_PROTOCOL_VIOLATION);
}

/*= WIRE-023 */
static void an_ack_below_number_0_is_refused(void **state)
{
    (void)state;
    expect_close("\x00\x21\x00\x10\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02", 20, TERN_FRAME_ENCODING_ERROR);
}

/*= XFER-020 */
static void a_fragment_beyond_the_window_closes_the_connection(void **state)
{
    (void)state;
    expect_close("\x00\x01\x00\x09\0\0\0\0\0\x40\0\0x", 13, TERN_FLOW_CONTROL_ERROR);
}

/*= XFER-002 XFER-003 */
static void streams_that_may_not_be_are_refused(void **state)
{
    (void)state;
    expect_close("\x00\x23\x00\x0d\0\0\0\x01\0\0\0\0\0\0\0\0\0", 17, TERN_STREAM_STATE_ERROR);
    expect_close("\x00\x23\x00\x0d\0\0\0\x02\0\0\0\0\0\0\0\0\0", 17, TERN_STREAM_LIMIT_ERROR);
    expect_close("\x00\x23\x00\x0d\0\0\0\x10\0\0\0\0\0\0\0\0\0", 17, TERN_STREAM_LIMIT_ERROR);
}

/*= WIRE-013 */
static void a_packet_replayed_is_dropped(void **state)
{
    static const uint8_t keep_alive[] = { 0, 9, 0, 0 };
    pair *p = pair_established(NULL);
    (void)state;
    for (int i = 0; i < 3; i++) {
        pair_client(p)->recovery.sent.next_pn += i == 0 ? 0 : UINT64_MAX; /* the same number again */
        int drop = pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, keep_alive, sizeof keep_alive);
        assert_int_equal(drop, i == 0 ? TERN_DROP_NONE : TERN_DROP_DUPLICATE);
    }
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_that_cannot_be_read_close_the_connection),
        cmocka_unit_test(an_unknown_frame_with_the_top_bit_is_ignored),
        cmocka_unit_test(an_ignored_frame_asks_for_an_acknowledgement),
        cmocka_unit_test(the_table_says_which_packet_carries_a_frame),
        cmocka_unit_test(an_ack_of_a_number_never_sent_closes_the_connection),
        cmocka_unit_test(an_ack_below_number_0_is_refused),
        cmocka_unit_test(a_fragment_beyond_the_window_closes_the_connection),
        cmocka_unit_test(streams_that_may_not_be_are_refused),
        cmocka_unit_test(a_packet_replayed_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
