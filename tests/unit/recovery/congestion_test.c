/* SPDX-License-Identifier: MIT */
#include "recovery/congestion.h"
#include "unit/base/unit.h"

static uint64_t first_window(uint32_t datagram_bytes)
{
    tern_congestion c;
    tern_congestion_init(&c, &tern_newreno, datagram_bytes);
    return c.cwnd_bytes;
}

/*= REC-030 */
static void the_first_window_is_ten_datagrams_within_bounds(void **state)
{
    (void)state;
    assert_int_equal(first_window(1200), 12000);
    assert_int_equal(first_window(1472), 14720);
    assert_int_equal(first_window(1500), 14720);
    assert_int_equal(first_window(9000), 18000);
}

/*= REC-030 */
static void the_least_window_is_two_datagrams(void **state)
{
    (void)state;
    tern_congestion c;
    tern_congestion_init(&c, &tern_newreno, 1350);
    assert_int_equal(tern_congestion_min_window(&c), 2700);
}

/*= REC-030 */
static void room_is_what_flight_leaves_of_the_window(void **state)
{
    (void)state;
    tern_congestion c;
    tern_congestion_init(&c, &tern_newreno, 1200);
    assert_int_equal(tern_congestion_room(&c), 12000);
    c.in_flight_bytes = 11999;
    assert_int_equal(tern_congestion_room(&c), 1);
    c.in_flight_bytes = 13000; /* probes */
    assert_int_equal(tern_congestion_room(&c), 0);
}

/*= REC-033 */
static void a_window_is_paced_at_twice_itself_in_slow_start_and_at_five_quarters_then(void **state)
{
    (void)state;
    tern_congestion c;
    tern_rtt rtt;
    tern_rtt_init(&rtt);
    tern_congestion_init(&c, &tern_newreno, 1200);
    assert_int_equal(tern_congestion_window_rate(&c, &rtt), 0); /* nothing is known */
    tern_rtt_sample(&rtt, 100 * TERN_MS, 0);
    assert_int_equal(tern_congestion_window_rate(&c, &rtt), 240000);
    c.ssthresh_bytes = 12000;
    assert_int_equal(tern_congestion_window_rate(&c, &rtt), 150000);
}

static void absurd_windows_and_times_have_a_rate_within_bounds(void **state)
{
    (void)state;
    tern_congestion c;
    tern_rtt rtt;
    tern_rtt_init(&rtt);
    tern_congestion_init(&c, &tern_newreno, 1200);
    tern_rtt_sample(&rtt, 0, 0);
    c.cwnd_bytes = UINT64_MAX - 1;
    assert_int_equal(tern_congestion_window_rate(&c, &rtt), TERN_RATE_MAX);
    rtt.smoothed_ns = UINT64_MAX;
    c.cwnd_bytes = 2400;
    assert_int_equal(tern_congestion_window_rate(&c, &rtt), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_window_is_ten_datagrams_within_bounds),
        cmocka_unit_test(the_least_window_is_two_datagrams),
        cmocka_unit_test(room_is_what_flight_leaves_of_the_window),
        cmocka_unit_test(a_window_is_paced_at_twice_itself_in_slow_start_and_at_five_quarters_then),
        cmocka_unit_test(absurd_windows_and_times_have_a_rate_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
