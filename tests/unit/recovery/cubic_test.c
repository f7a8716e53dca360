/* SPDX-License-Identifier: MIT */
#include "recovery/congestion.h"
#include "unit/base/unit.h"

#define SIZE 1200

static tern_congestion c;
static tern_rtt rtt;
static tern_time now;

static void path(uint64_t rtt_ns)
{
    tern_rtt_init(&rtt);
    tern_rtt_sample(&rtt, rtt_ns, 0);
    tern_congestion_init(&c, &tern_cubic, SIZE);
    now = 10 * TERN_SECOND;
}

static int setup(void **state)
{
    (void)state;
    path(100 * TERN_MS);
    return 0;
}

static void acked(uint64_t bytes, bool app_limited)
{
    const tern_congestion_ack a = {
        .now = now, .bytes = bytes, .sent_at = now - rtt.smoothed_ns, .app_limited = app_limited, .rtt = &rtt
    };
    c.ops->acked(&c, &a);
}

/* A whole window is acknowledged a round trip, datagram by datagram, until then. */
static void fill_until(tern_time until)
{
    while (now < until) {
        uint64_t packets = c.cwnd_bytes / SIZE;
        for (uint64_t i = 0; i < packets && now < until; i++) {
            now += rtt.smoothed_ns / packets;
            acked(SIZE, false);
        }
    }
}

static void lost(tern_time at, tern_time sent_at)
{
    const tern_congestion_loss l = { .now = at, .bytes = SIZE, .sent_at = sent_at };
    c.ops->lost(&c, &l);
}

static void lose(void)
{
    lost(now, now);
    now += rtt.smoothed_ns + 1; /* what is acknowledged from now on left behind the loss */
}

static void near(uint64_t is, uint64_t should, uint64_t parts_in_1000)
{
    assert_in_range(is, should - should * parts_in_1000 / 1000, should + should * parts_in_1000 / 1000);
}

/* Worked out by hand from RFC 9438: K = cbrt((W_max - cwnd) / C), W(t) = C * (t - K)^3 + W_max, in datagrams. */
/*= REC-040 */
static void k_and_the_curve_are_the_standards(void **state)
{
    (void)state;
    /* 1000 datagrams, 700 of them left: K = cbrt(300 / 0.4) = 9.08560 s. */
    assert_in_range(tern_cubic_k_ms(1000 * SIZE, 700 * SIZE, SIZE), 9085, 9086);
    assert_int_equal(tern_cubic_k_ms(700 * SIZE, 700 * SIZE, SIZE), 0);
    /* 0.4 * 2^3 = 3.2 datagrams around 1000; at t = 0 it is 700. */
    assert_in_range(tern_cubic_window(1000 * SIZE, 9000, 11000, SIZE), 1003 * SIZE + 239, 1003 * SIZE + 241);
    assert_in_range(tern_cubic_window(1000 * SIZE, 9000, 7000, SIZE), 996 * SIZE + 959, 996 * SIZE + 961);
    near(tern_cubic_window(1000 * SIZE, 9086, 0, SIZE), 700 * SIZE, 1);
    assert_int_equal(tern_cubic_window(1000 * SIZE, 9000, 9000, SIZE), 1000 * SIZE);
    assert_int_equal(tern_cubic_window(SIZE, 60000, 0, SIZE), 0); /* never below */
}

/*= REC-040 */
static void a_loss_leaves_seven_tenths_once_a_recovery_period(void **state)
{
    (void)state;
    c.cwnd_bytes = 1000 * SIZE;
    lost(now, now - 1);
    lost(now, now);
    assert_int_equal(c.cwnd_bytes, 700 * SIZE);
    assert_int_equal(c.ssthresh_bytes, 700 * SIZE);
    lost(now + 1, now + 1);
    assert_int_equal(c.cwnd_bytes, 490 * SIZE);
}

/*= REC-040 */
static void the_window_follows_the_curve_after_a_loss(void **state)
{
    (void)state;
    c.cwnd_bytes = 1000 * SIZE;
    lose();
    tern_time from = now;
    const uint64_t seconds[] = { 1, 3, 5, 7, 9, 11, 13 };
    /* 0.4 * (t - 9.0856)^3 + 1000 */
    const uint64_t datagrams[] = { 788, 909, 973, 996, 1000, 1003, 1024 };
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        fill_until(from + seconds[i] * TERN_SECOND);
        near(c.cwnd_bytes, datagrams[i] * SIZE, 10);
    }
}

/*= REC-049 */
static void a_loss_that_was_none_leaves_the_curve_as_it_was(void **state)
{
    (void)state;
    c.cwnd_bytes = 1000 * SIZE;
    lose();
    fill_until(now + 3 * TERN_SECOND);
    uint64_t window = c.cwnd_bytes;
    tern_cubic_state before = c.of.cubic;
    tern_sent_packet p = { .time = now, .bytes = SIZE, .in_flight = 1 };
    tern_congestion_lost(&c, &p, now);
    assert_true(c.cwnd_bytes < window);
    assert_int_equal(c.of.cubic.epoch, TERN_TIME_NEVER);
    now += TERN_SECOND;
    acked(c.cwnd_bytes, false); /* another curve has begun */
    assert_int_not_equal(c.of.cubic.epoch, TERN_TIME_NEVER);
    tern_congestion_arrived(&c, &p);
    assert_int_equal(c.cwnd_bytes, window);
    assert_int_equal(c.ssthresh_bytes, 700 * SIZE);
    assert_int_equal(c.of.cubic.epoch, before.epoch);
    assert_int_equal(c.of.cubic.w_max_bytes, before.w_max_bytes);
    assert_int_equal(c.of.cubic.prior_bytes, before.prior_bytes);
    assert_int_equal(c.of.cubic.w_est_bytes, before.w_est_bytes);
    assert_int_equal(c.of.cubic.k_ms, before.k_ms);
}

/*= REC-040 */
static void a_second_loss_below_the_last_one_gives_way(void **state)
{
    (void)state;
    c.cwnd_bytes = 1000 * SIZE;
    lose();
    assert_int_equal(c.of.cubic.w_max_bytes, 1000 * SIZE);
    lose(); /* at 700: fast convergence, 700 * 0.85 */
    assert_int_equal(c.of.cubic.w_max_bytes, 595 * SIZE);
}

/*= REC-040 */
static void where_reno_is_faster_it_is_followed(void **state)
{
    (void)state;
    path(10 * TERN_MS); /* 20 datagrams in 10 ms: the curve needs 2.47 s to come back */
    c.cwnd_bytes = 20 * SIZE;
    lose();
    tern_time from = now;
    fill_until(from + 100 * TERN_MS); /* 10 round trips of 9/17 of a datagram: 14 + 5.3 */
    assert_in_range(c.cwnd_bytes, 18 * SIZE + 900, 19 * SIZE + 600);
    fill_until(from + 300 * TERN_MS); /* at 20 after some 12, then a datagram each */
    assert_in_range(c.cwnd_bytes, 36 * SIZE, 39 * SIZE);
}

/*= REC-040 */
static void small_acknowledgements_grow_the_window_as_large_ones_do(void **state)
{
    (void)state;
    uint64_t window[2];
    for (int i = 0; i < 2; i++) {
        path(100 * TERN_MS);
        c.cwnd_bytes = 500 * SIZE;
        lose();
        acked(SIZE, false);
        now += TERN_SECOND;
        for (int n = 0; n < (i == 0 ? 30000 : 300); n++) acked(i == 0 ? 12 : 1200, false);
        window[i] = c.cwnd_bytes;
    }
    near(window[0], window[1], 1);
}

/*= REC-040 */
static void idle_time_does_not_count(void **state)
{
    (void)state;
    c.cwnd_bytes = 1000 * SIZE;
    lose();
    fill_until(now + 2 * TERN_SECOND);
    uint64_t before = c.cwnd_bytes;
    now += 100 * TERN_SECOND;
    c.ops->restarted(&c, now);
    now += 100 * TERN_MS;
    acked(SIZE, false);
    assert_in_range(c.cwnd_bytes, before, before + SIZE);
    fill_until(now + TERN_SECOND);
    near(c.cwnd_bytes, 914 * SIZE, 5); /* 3.1 s of the curve have passed */
    for (int i = 0; i < 1000; i++) {   /* nor does time in which the window is not used up */
        now += TERN_SECOND;
        acked(SIZE, true);
    }
    fill_until(now + TERN_SECOND);
    near(c.cwnd_bytes, 950 * SIZE, 5);
}

/*= REC-040 */
static void what_a_window_asks_for_is_the_curve_a_round_trip_ahead_and_half_as_much_again_at_most(void **state)
{
    (void)state;
    c.cwnd_bytes = 1000 * SIZE;
    lose();
    acked(SIZE, false);
    now += TERN_SECOND;
    acked(c.cwnd_bytes, false);
    uint64_t ahead = tern_cubic_window(1000 * SIZE, c.of.cubic.k_ms, 1100, SIZE);
    assert_in_range(c.cwnd_bytes, ahead - SIZE, ahead + SIZE);
    uint64_t window = c.cwnd_bytes;
    now += 60 * TERN_SECOND;
    acked(window, false);
    assert_int_equal(c.cwnd_bytes, window + window / 2);
}

/*= REC-040 */
static void nothing_grows_on_packets_from_before_the_loss(void **state)
{
    (void)state;
    c.cwnd_bytes = 1000 * SIZE;
    lost(now, now);
    for (int i = 0; i < 700; i++) acked(SIZE, false);
    assert_int_equal(c.cwnd_bytes, 700 * SIZE);
    assert_int_equal(c.of.cubic.epoch, TERN_TIME_NEVER);
}

/*= REC-040 */
static void small_acknowledgements_grow_renos_estimate_as_large_ones_do(void **state)
{
    (void)state;
    path(10 * TERN_MS);
    c.cwnd_bytes = 20 * SIZE;
    lose();
    for (int i = 0; i < 14 * 100; i++) acked(SIZE / 100, false); /* a window: 9/17 of a datagram */
    assert_in_range(c.cwnd_bytes, 14 * SIZE + SIZE * 50 / 100, 14 * SIZE + SIZE * 54 / 100);
}

/*= REC-041 */
static void slow_start_ends_without_a_loss_when_round_trips_grow(void **state)
{
    (void)state;
    for (int round = 0; round < 30 && c.ssthresh_bytes == UINT64_MAX; round++) {
        uint64_t packets = c.cwnd_bytes / SIZE, grown = packets > 400 ? packets / 4 : 0; /* ms of queue */
        tern_time sent = now;
        now += (100 + grown) * TERN_MS;
        for (uint64_t i = 0; i < packets; i++) {
            const tern_congestion_ack a = {
                .now = now, .bytes = SIZE, .sent_at = sent + i, .rtt_ns = (100 + grown) * TERN_MS, .rtt = &rtt
            };
            c.ops->acked(&c, &a);
        }
    }
    assert_in_range(c.ssthresh_bytes, 600 * SIZE, 3000 * SIZE);
    assert_in_range(c.cwnd_bytes, c.ssthresh_bytes, c.ssthresh_bytes + 3 * SIZE);
    acked(SIZE, false);
    assert_in_range(c.of.cubic.w_max_bytes, c.ssthresh_bytes, c.ssthresh_bytes + 3 * SIZE);
    fill_until(now + 2 * TERN_SECOND); /* and then it is a convex curve from there: 0.4 * 8 datagrams, or Reno's 10 */
    assert_in_range(c.cwnd_bytes, c.ssthresh_bytes + 3 * SIZE, c.ssthresh_bytes + 25 * SIZE);
}

/*= REC-032 */
static void persistent_congestion_leaves_the_least_window_and_slow_start(void **state)
{
    (void)state;
    c.cwnd_bytes = 1000 * SIZE;
    lose();
    acked(SIZE, false);
    c.of.cubic.hystart.conservative_rounds = 1;
    c.ops->persistent(&c);
    assert_int_equal(c.of.cubic.epoch, TERN_TIME_NEVER);
    assert_int_equal(c.of.cubic.w_max_bytes, 0);
    assert_int_equal(c.cwnd_bytes, 2 * SIZE);
    acked(2 * SIZE, false);
    assert_int_equal(c.cwnd_bytes, 4 * SIZE);
}

/*= REC-030 */
static void no_loss_takes_the_window_below_its_least(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) lose();
    assert_int_equal(c.cwnd_bytes, 2 * SIZE);
}

static void no_window_or_time_overflows(void **state)
{
    (void)state;
    path(TERN_MS);
    c.datagram_bytes = 65527;
    c.cwnd_bytes = TERN_WINDOW_MAX - 1;
    lose();
    for (int i = 0; i < 50; i++) {
        now += 3600 * TERN_SECOND;
        uint64_t before = c.cwnd_bytes;
        acked(TERN_WINDOW_MAX, false);
        assert_true(c.cwnd_bytes >= before && c.cwnd_bytes < 4 * TERN_WINDOW_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(k_and_the_curve_are_the_standards),
        cmocka_unit_test_setup(a_loss_leaves_seven_tenths_once_a_recovery_period, setup),
        cmocka_unit_test_setup(the_window_follows_the_curve_after_a_loss, setup),
        cmocka_unit_test_setup(a_loss_that_was_none_leaves_the_curve_as_it_was, setup),
        cmocka_unit_test_setup(a_second_loss_below_the_last_one_gives_way, setup),
        cmocka_unit_test_setup(where_reno_is_faster_it_is_followed, setup),
        cmocka_unit_test_setup(small_acknowledgements_grow_the_window_as_large_ones_do, setup),
        cmocka_unit_test_setup(idle_time_does_not_count, setup),
        cmocka_unit_test_setup(what_a_window_asks_for_is_the_curve_a_round_trip_ahead_and_half_as_much_again_at_most,
                               setup),
        cmocka_unit_test_setup(nothing_grows_on_packets_from_before_the_loss, setup),
        cmocka_unit_test_setup(small_acknowledgements_grow_renos_estimate_as_large_ones_do, setup),
        cmocka_unit_test_setup(slow_start_ends_without_a_loss_when_round_trips_grow, setup),
        cmocka_unit_test_setup(persistent_congestion_leaves_the_least_window_and_slow_start, setup),
        cmocka_unit_test_setup(no_loss_takes_the_window_below_its_least, setup),
        cmocka_unit_test_setup(no_window_or_time_overflows, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
