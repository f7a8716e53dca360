/* SPDX-License-Identifier: MIT */
#include "recovery/congestion.h"
#include "unit/base/unit.h"

static tern_congestion c;
static tern_rtt rtt;

static int setup(void **state)
{
    (void)state;
    tern_rtt_init(&rtt);
    tern_congestion_init(&c, &tern_newreno, 1200);
    return 0;
}

static void lost(tern_time now, tern_time sent_at)
{
    const tern_congestion_loss l = { .now = now, .bytes = 1200, .sent_at = sent_at };
    c.ops->lost(&c, &l);
}

static void acked(tern_time sent_at, uint64_t bytes)
{
    const tern_congestion_ack a = { .now = sent_at + 50, .bytes = bytes, .sent_at = sent_at, .rtt = &rtt };
    c.ops->acked(&c, &a);
}

/*= REC-031 */
static void slow_start_adds_what_was_acknowledged(void **state)
{
    (void)state;
    acked(10, 1200);
    acked(11, 2400);
    assert_int_equal(c.cwnd_bytes, 15600);
}

/*= REC-031 */
static void congestion_avoidance_adds_a_datagram_a_window(void **state)
{
    (void)state;
    c.ssthresh_bytes = 12000;
    for (int i = 0; i < 9; i++) acked(10, 1200);
    assert_int_equal(c.cwnd_bytes, 12000);
    acked(10, 1200);
    assert_int_equal(c.cwnd_bytes, 13200);
    for (int i = 0; i < 11; i++) acked(10, 1200);
    assert_int_equal(c.cwnd_bytes, 14400);
}

/*= REC-031 */
static void what_is_left_over_of_a_window_counts_for_the_next(void **state)
{
    (void)state;
    c.ssthresh_bytes = 12000;
    for (int i = 0; i < 3; i++) acked(10, 5000);
    assert_int_equal(c.cwnd_bytes, 13200); /* 3000 are left */
    acked(10, 10199);
    assert_int_equal(c.cwnd_bytes, 13200);
    acked(10, 1);
    assert_int_equal(c.cwnd_bytes, 14400);
}

/*= REC-031 */
static void what_was_counted_before_a_loss_does_not_count_behind_it(void **state)
{
    (void)state;
    c.ssthresh_bytes = 12000;
    acked(10, 10800);
    lost(100, 50);
    acked(101, 1200);
    assert_int_equal(c.cwnd_bytes, 6000);
    acked(101, 4000);
    c.ops->persistent(&c);
    c.ssthresh_bytes = 2400;
    acked(101, 1200);
    assert_int_equal(c.cwnd_bytes, 2400);
}

/*= REC-031 */
static void a_loss_halves_the_window_once_a_recovery_period(void **state)
{
    (void)state;
    lost(100, 50);
    assert_int_equal(c.cwnd_bytes, 6000);
    assert_int_equal(c.ssthresh_bytes, 6000);
    lost(110, 60);
    lost(120, 100);
    assert_int_equal(c.cwnd_bytes, 6000);
    lost(130, 101);
    assert_int_equal(c.cwnd_bytes, 3000);
}

/*= REC-031 */
static void nothing_grows_on_packets_from_before_the_recovery_period(void **state)
{
    (void)state;
    lost(100, 50);
    for (int i = 0; i < 20; i++) acked(100, 1200);
    assert_int_equal(c.cwnd_bytes, 6000);
    for (int i = 0; i < 5; i++) acked(101, 1200);
    assert_int_equal(c.cwnd_bytes, 7200);
}

/*= REC-031 */
static void a_window_that_is_not_used_does_not_grow(void **state)
{
    (void)state;
    const tern_congestion_ack a = { .now = 60, .bytes = 1200, .sent_at = 10, .app_limited = true, .rtt = &rtt };
    c.ops->acked(&c, &a);
    assert_int_equal(c.cwnd_bytes, 12000);
}

static void a_loss_of_a_packet_sent_at_time_0_counts(void **state)
{
    (void)state;
    lost(100, 0);
    assert_int_equal(c.cwnd_bytes, 6000);
}

/*= REC-030 */
static void no_loss_takes_the_window_below_its_least(void **state)
{
    (void)state;
    for (tern_time now = 100; now < 1000; now += 100) lost(now, now - 1);
    assert_int_equal(c.cwnd_bytes, 2400);
}

/*= REC-032 */
static void persistent_congestion_leaves_the_least_window_and_slow_start(void **state)
{
    (void)state;
    lost(100, 50);
    c.ops->persistent(&c);
    assert_int_equal(c.cwnd_bytes, 2400);
    acked(60, 1200); /* no recovery period any more */
    assert_int_equal(c.cwnd_bytes, 3600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(slow_start_adds_what_was_acknowledged, setup),
        cmocka_unit_test_setup(congestion_avoidance_adds_a_datagram_a_window, setup),
        cmocka_unit_test_setup(what_is_left_over_of_a_window_counts_for_the_next, setup),
        cmocka_unit_test_setup(what_was_counted_before_a_loss_does_not_count_behind_it, setup),
        cmocka_unit_test_setup(a_loss_halves_the_window_once_a_recovery_period, setup),
        cmocka_unit_test_setup(nothing_grows_on_packets_from_before_the_recovery_period, setup),
        cmocka_unit_test_setup(a_window_that_is_not_used_does_not_grow, setup),
        cmocka_unit_test_setup(a_loss_of_a_packet_sent_at_time_0_counts, setup),
        cmocka_unit_test_setup(no_loss_takes_the_window_below_its_least, setup),
        cmocka_unit_test_setup(persistent_congestion_leaves_the_least_window_and_slow_start, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
