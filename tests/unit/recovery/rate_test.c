/* SPDX-License-Identifier: MIT */
#include "recovery/congestion.h"
#include "unit/base/unit.h"

#define SIZE 1000
#define RTT  (100 * TERN_MS)

static tern_rate r;
static tern_sent_packet packets[100];
static uint64_t flight;

static int setup(void **state)
{
    (void)state;
    tern_rate_init(&r);
    memset(packets, 0, sizeof packets);
    flight = 0;
    return 0;
}

static void send_packet(int i, tern_time now)
{
    packets[i].time = now;
    packets[i].bytes = SIZE;
    tern_rate_sent(&r, &packets[i], now, flight);
    flight += SIZE;
}

static tern_rate_sample acked(int from, int to, tern_time now)
{
    tern_rate_sample s = { 0 };
    for (int i = from; i < to; i++) {
        flight -= SIZE;
        tern_rate_acked(&r, &s, &packets[i], now);
    }
    tern_rate_finish(&r, &s, RTT);
    return s;
}

/*= REC-042 */
static void a_steady_flow_has_its_rate(void **state)
{
    tern_time now = TERN_SECOND;
    tern_rate_sample s = { 0 };
    (void)state;
    /* A packet each 10 ms: 100000 bytes a second. */
    for (int i = 0; i < 60; i++, now += 10 * TERN_MS) {
        send_packet(i, now);
        if (i >= 10) s = acked(i - 10, i - 9, now);
    }
    assert_in_range(s.bytes_per_second, 99000, 101000);
    assert_int_equal(s.flight_bytes, 11 * SIZE);
    assert_int_equal(r.last_bytes_per_second, s.bytes_per_second);
}

/*= REC-042 */
static void acknowledgements_that_come_at_once_show_no_more_than_was_sent(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) send_packet(i, TERN_SECOND + (uint64_t)i * 10 * TERN_MS);
    tern_rate_sample s = acked(0, 1, TERN_SECOND + RTT + 90 * TERN_MS);
    s = acked(1, 20, TERN_SECOND + RTT + 190 * TERN_MS);
    assert_true(s.bytes_per_second > 0 && s.bytes_per_second <= 105300); /* 19 or 20 of them in 190 ms */
}

/*= REC-042 */
static void packets_that_left_at_once_show_no_more_than_was_acknowledged(void **state)
{
    tern_rate_sample s = { 0 };
    (void)state;
    for (int i = 0; i < 20; i++) send_packet(i, TERN_SECOND);
    for (int i = 0; i < 20; i++) s = acked(i, i + 1, TERN_SECOND + RTT + (uint64_t)i * 10 * TERN_MS);
    assert_in_range(s.bytes_per_second, 68900, 69000); /* 20 packets in 290 ms */
}

/*= REC-042 */
static void an_interval_below_the_least_round_trip_shows_nothing(void **state)
{
    (void)state;
    send_packet(0, TERN_SECOND);
    send_packet(1, TERN_SECOND + TERN_MS);
    tern_rate_sample s = acked(0, 2, TERN_SECOND + RTT - 1);
    assert_true(s.any);
    assert_int_equal(s.delivered_bytes, 2 * SIZE);
    assert_int_equal(s.bytes_per_second, 0);
}

/*= REC-042 */
static void what_the_application_held_back_is_known(void **state)
{
    (void)state;
    send_packet(0, TERN_SECOND);
    tern_rate_limited(&r, flight); /* nothing more to send */
    send_packet(1, TERN_SECOND + 50 * TERN_MS);
    assert_false(acked(0, 1, TERN_SECOND + RTT).app_limited); /* it left before */
    send_packet(2, TERN_SECOND + RTT);
    assert_true(acked(1, 2, TERN_SECOND + RTT + 50 * TERN_MS).app_limited);
    send_packet(3, TERN_SECOND + RTT + 60 * TERN_MS); /* the bubble has passed */
    assert_false(acked(3, 4, TERN_SECOND + 2 * RTT + 60 * TERN_MS).app_limited);
}

/*= REC-042 */
static void idle_time_is_in_no_interval(void **state)
{
    (void)state;
    send_packet(0, TERN_SECOND);
    (void)acked(0, 1, TERN_SECOND + RTT);
    send_packet(1, 100 * TERN_SECOND);
    tern_rate_sample s = acked(1, 2, 100 * TERN_SECOND + RTT);
    assert_int_equal(s.interval_ns, RTT);
    assert_int_equal(s.bytes_per_second, 10 * SIZE);
}

static void what_was_lost_since_a_packet_left_is_known_to_a_kib(void **state)
{
    (void)state;
    send_packet(0, TERN_SECOND);
    for (int i = 1; i < 80; i++) send_packet(i, TERN_SECOND);
    for (int i = 1; i < 80; i++) tern_rate_lost(&r, &packets[i]);
    assert_in_range(tern_rate_lost_since(&r, &packets[0]), 78 * SIZE, 80 * SIZE);
    assert_in_range(acked(0, 1, TERN_SECOND + RTT).lost_bytes, 78 * SIZE, 80 * SIZE);
    r.lost_bytes += (UINT64_C(65536) << 10) - 80 * SIZE; /* across the end of its units */
    send_packet(81, 2 * TERN_SECOND);
    r.lost_bytes += 100 * SIZE;
    assert_in_range(tern_rate_lost_since(&r, &packets[81]), 99 * SIZE, 101 * SIZE);
}

static void a_note_too_old_for_its_record_shows_nothing(void **state)
{
    (void)state;
    send_packet(0, TERN_SECOND);
    send_packet(1, 80 * TERN_SECOND);
    assert_int_equal(acked(1, 2, 80 * TERN_SECOND + RTT).bytes_per_second, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_steady_flow_has_its_rate, setup),
        cmocka_unit_test_setup(acknowledgements_that_come_at_once_show_no_more_than_was_sent, setup),
        cmocka_unit_test_setup(packets_that_left_at_once_show_no_more_than_was_acknowledged, setup),
        cmocka_unit_test_setup(an_interval_below_the_least_round_trip_shows_nothing, setup),
        cmocka_unit_test_setup(what_the_application_held_back_is_known, setup),
        cmocka_unit_test_setup(idle_time_is_in_no_interval, setup),
        cmocka_unit_test_setup(what_was_lost_since_a_packet_left_is_known_to_a_kib, setup),
        cmocka_unit_test_setup(a_note_too_old_for_its_record_shows_nothing, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
