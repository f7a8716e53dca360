/* SPDX-License-Identifier: MIT */
#include "recovery/bbr_parts.h"
#include "unit/recovery/path.h"

static const tern_bbr_state *bbr(const path *p)
{
    return &p->r.congestion.of.bbr;
}

/*= REC-043 */
static void it_finds_the_bottlenecks_rate_within_a_second(void **state)
{
    path *p = path_new(&tern_bbr_ops, 100, 40, 40);
    (void)state;
    path_run(p, TERN_SECOND);
    assert_true(bbr(p)->full_bw_reached);
    assert_in_range(tern_bbr_max_bw(bbr(p)), p->bytes_per_second * 97 / 100, p->bytes_per_second * 103 / 100);
    assert_in_range(bbr(p)->min_rtt_ns, 40 * TERN_MS, 41 * TERN_MS);
    path_free(p);
}

/*= REC-043 */
static void a_clean_path_is_filled_with_little_queue(void **state)
{
    static const uint64_t rtt[] = { 1, 10, 40, 100, 300 };
    (void)state;
    for (size_t i = 0; i < sizeof rtt / sizeof rtt[0]; i++) {
        path *p = path_new(&tern_bbr_ops, 100, rtt[i], rtt[i] < 4 ? 4 : rtt[i]);
        path_run(p, 5 * TERN_SECOND);
        assert_in_range(path_use(p, 20 * TERN_SECOND), 93, 100);
        assert_true(p->queue_sum_ns / p->queue_samples < (rtt[i] < 4 ? 4 : rtt[i] / 2) * TERN_MS);
        path_free(p);
    }
}

/*= REC-044 */
static void one_packet_in_a_hundred_lost_at_random_costs_less_than_a_tenth(void **state)
{
    path *p = path_new(&tern_bbr_ops, 100, 100, 100);
    (void)state;
    p->loss_per_million = 10000;
    path_run(p, 5 * TERN_SECOND);
    assert_in_range(path_use(p, 30 * TERN_SECOND), 90, 100);
    path_free(p);
}

/*= REC-044 */
static void a_short_queue_is_not_kept_overflowing(void **state)
{
    path *p = path_new(&tern_bbr_ops, 50, 50, 5);
    (void)state;
    path_run(p, 10 * TERN_SECOND);
    uint64_t sent = p->sent_bytes, delivered = p->delivered_bytes;
    assert_in_range(path_use(p, 20 * TERN_SECOND), 85, 100);
    sent = p->sent_bytes - sent;
    delivered = p->delivered_bytes - delivered;
    assert_true((sent - delivered) * 100 < 3 * sent);
    path_free(p);
}

/*= REC-043 */
static void a_path_that_becomes_faster_or_slower_is_followed(void **state)
{
    path *p = path_new(&tern_bbr_ops, 20, 40, 40);
    (void)state;
    path_run(p, 10 * TERN_SECOND);
    p->bytes_per_second *= 4;
    path_run(p, 15 * TERN_SECOND);
    assert_in_range(path_use(p, 10 * TERN_SECOND), 90, 100);
    p->bytes_per_second /= 8;
    path_run(p, 15 * TERN_SECOND);
    assert_in_range(path_use(p, 10 * TERN_SECOND), 90, 101);
    path_free(p);
}

/*= REC-043 */
static void a_path_that_becomes_longer_is_measured_anew(void **state)
{
    path *p = path_new(&tern_bbr_ops, 20, 20, 400);
    (void)state;
    path_run(p, 5 * TERN_SECOND);
    p->rtt_ns = 120 * TERN_MS;
    path_run(p, 25 * TERN_SECOND);
    assert_in_range(bbr(p)->min_rtt_ns, 120 * TERN_MS, 160 * TERN_MS);
    assert_in_range(path_use(p, 10 * TERN_SECOND), 85, 100);
    path_free(p);
}

/*= REC-043 */
static void probing_for_the_round_trip_empties_the_queue_and_the_window_comes_back(void **state)
{
    path *p = path_new(&tern_bbr_ops, 50, 50, 200);
    bool probed = false;
    (void)state;
    path_run(p, 3 * TERN_SECOND);
    p->rtt_ns = 60 * TERN_MS; /* the least round trip is not seen any more */
    for (int i = 0; i < 2000 && !probed; i++) {
        path_run(p, 10 * TERN_MS);
        probed = bbr(p)->state == TERN_BBR_PROBE_RTT && bbr(p)->probe_rtt_done_at != 0;
    }
    assert_true(probed);
    assert_true(p->r.congestion.cwnd_bytes <= p->bytes_per_second / 1000 * 60 * 60 / 100);
    path_run(p, TERN_SECOND);
    assert_int_not_equal(bbr(p)->state, TERN_BBR_PROBE_RTT);
    assert_true(p->r.congestion.cwnd_bytes > p->bytes_per_second / 1000 * 50);
    path_free(p);
}

/*= REC-043 */
static void who_sees_the_path_without_a_queue_need_not_empty_it(void **state)
{
    path *p = path_new(&tern_bbr_ops, 50, 50, 200);
    (void)state;
    path_run(p, 3 * TERN_SECOND);
    for (int i = 0; i < 3000; i++) {
        path_run(p, 10 * TERN_MS);
        assert_int_not_equal(bbr(p)->state, TERN_BBR_PROBE_RTT);
    }
    path_free(p);
}

/*= REC-032 */
static void persistent_congestion_leaves_the_least_window_which_opens_again(void **state)
{
    path *p = path_new(&tern_bbr_ops, 50, 50, 50);
    (void)state;
    path_run(p, 3 * TERN_SECOND);
    p->r.congestion.ops->persistent(&p->r.congestion);
    assert_int_equal(p->r.congestion.cwnd_bytes, tern_congestion_min_window(&p->r.congestion));
    path_run(p, 2 * TERN_SECOND);
    assert_in_range(path_use(p, 5 * TERN_SECOND), 90, 100);
    path_free(p);
}

/* Loses a tenth of what is in flight, and all of it arrives late after all. */
static void lose_by_mistake(path *p, bool lowers)
{
    tern_sent_packet lost[200] = { 0 };
    uint64_t flight = p->r.congestion.in_flight_bytes, n = flight / PATH_SIZE / 10;
    assert_in_range(n, 3, 200);
    for (uint64_t i = 0; i < n; i++) {
        lost[i] =
            (tern_sent_packet){ .time = p->now, .bytes = PATH_SIZE, .in_flight = 1, .flight_bytes = (uint32_t)flight };
        lost[i].lost_units = (uint16_t)(p->r.congestion.rate.lost_bytes / 1024 - i * PATH_SIZE / 1024);
        tern_congestion_lost(&p->r.congestion, &lost[i], p->now);
    }
    path_run(p, 60 * TERN_MS);
    assert_int_not_equal(bbr(p)->state, TERN_BBR_UP);
    assert_int_equal(bbr(p)->bw_lo != TERN_BBR_NO_BOUND, lowers);
    assert_int_equal(bbr(p)->inflight_lo != TERN_BBR_NO_BOUND, lowers);
    for (uint64_t i = 0; i < n; i++) tern_congestion_arrived(&p->r.congestion, &lost[i]);
}

/*= REC-049 */
static void losses_that_were_none_leave_no_bound_and_do_not_end_a_probe(void **state)
{
    path *p = path_new(&tern_bbr_ops, 50, 50, 50);
    (void)state;
    path_run(p, 3 * TERN_SECOND);
    for (int i = 0; i < 6000 && bbr(p)->acks != TERN_BBR_ACKS_FEEDBACK; i++) path_run(p, TERN_MS);
    assert_int_equal(bbr(p)->state, TERN_BBR_UP);
    assert_int_equal(bbr(p)->inflight_hi, TERN_BBR_NO_BOUND);
    lose_by_mistake(p, false);
    assert_int_equal(bbr(p)->state, TERN_BBR_UP);
    assert_int_equal(bbr(p)->inflight_hi, TERN_BBR_NO_BOUND);
    assert_int_equal(bbr(p)->bw_lo, TERN_BBR_NO_BOUND);
    assert_int_equal(bbr(p)->inflight_lo, TERN_BBR_NO_BOUND);
    assert_false(bbr(p)->loss_in_round);
    path_free(p);
}

/*= REC-049 */
static void losses_that_were_none_lower_nothing_while_cruising(void **state)
{
    path *p = path_new(&tern_bbr_ops, 50, 50, 200);
    (void)state;
    path_run(p, 3 * TERN_SECOND);
    for (int i = 0; i < 6000 && bbr(p)->state != TERN_BBR_CRUISE; i++) path_run(p, TERN_MS);
    lose_by_mistake(p, true);
    assert_int_equal(bbr(p)->bw_lo, TERN_BBR_NO_BOUND);
    assert_int_equal(bbr(p)->inflight_lo, TERN_BBR_NO_BOUND);
    path_free(p);
}

/*= REC-049 */
static void losses_that_were_none_do_not_end_startup(void **state)
{
    path *p = path_new(&tern_bbr_ops, 50, 50, 50);
    (void)state;
    path_run(p, 260 * TERN_MS);
    assert_int_equal(bbr(p)->state, TERN_BBR_STARTUP);
    lose_by_mistake(p, false);
    assert_int_equal(bbr(p)->state, TERN_BBR_STARTUP);
    assert_false(bbr(p)->full_bw_reached);
    path_run(p, TERN_SECOND);
    assert_in_range(path_use(p, 5 * TERN_SECOND), 90, 100);
    path_free(p);
}

static void a_path_that_loses_nearly_all_is_survived(void **state)
{
    path *p = path_new(&tern_bbr_ops, 50, 50, 50);
    (void)state;
    path_run(p, 3 * TERN_SECOND);
    p->loss_per_million = 990000;
    path_run(p, 60 * TERN_SECOND);
    p->loss_per_million = 0;
    path_run(p, 80 * TERN_SECOND); /* the probe timeout has to end first */
    assert_in_range(path_use(p, 10 * TERN_SECOND), 85, 100);
    path_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_the_bottlenecks_rate_within_a_second),
        cmocka_unit_test(a_clean_path_is_filled_with_little_queue),
        cmocka_unit_test(one_packet_in_a_hundred_lost_at_random_costs_less_than_a_tenth),
        cmocka_unit_test(a_short_queue_is_not_kept_overflowing),
        cmocka_unit_test(a_path_that_becomes_faster_or_slower_is_followed),
        cmocka_unit_test(a_path_that_becomes_longer_is_measured_anew),
        cmocka_unit_test(probing_for_the_round_trip_empties_the_queue_and_the_window_comes_back),
        cmocka_unit_test(who_sees_the_path_without_a_queue_need_not_empty_it),
        cmocka_unit_test(persistent_congestion_leaves_the_least_window_which_opens_again),
        cmocka_unit_test(losses_that_were_none_leave_no_bound_and_do_not_end_a_probe),
        cmocka_unit_test(losses_that_were_none_lower_nothing_while_cruising),
        cmocka_unit_test(losses_that_were_none_do_not_end_startup),
        cmocka_unit_test(a_path_that_loses_nearly_all_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
