/* SPDX-License-Identifier: MIT */
#include "recovery/recovery.h"
#include "unit/recovery/unit.h"

#include <time.h>

#define PAGES 8192
#define SIZE  1200
#define RTT   (80 * TERN_MS)

static tern_pool *pool;
static tern_recovery r;
static tern_time now;

/* What settled told, by number (each packet carries its number as an offset). */
static uint32_t told_acked[200000], told_lost[200000], told_again[200000];
static uint32_t told_without_content;

static void settled(void *owner, const tern_sent_packet *packet, bool acked)
{
    assert_ptr_equal(owner, &r);
    uint64_t pn = packet->largest_acked; /* where these tests keep it */
    if (acked)
        told_acked[pn]++;
    else if (packet->state == TERN_SENT_LOST)
        told_lost[pn]++;
    else
        told_again[pn]++;
    if (packet->ranges == 0) told_without_content++;
}

static int setup(void **state)
{
    (void)state;
    pool = new_pool(PAGES);
    tern_recovery_init(&r, &tern_newreno, SIZE);
    now = 1000 * TERN_MS;
    memset(told_acked, 0, sizeof told_acked);
    memset(told_lost, 0, sizeof told_lost);
    memset(told_again, 0, sizeof told_again);
    told_without_content = 0;
    return pool == NULL;
}

static int teardown(void **state)
{
    (void)state;
    tern_recovery_free(&r, pool);
    return free_pool(pool);
}

static uint64_t send_as(bool eliciting, bool in_flight)
{
    uint64_t pn = r.sent.next_pn;
    tern_sent_packet *p = tern_sent_open(&r.sent, pool);
    assert_non_null(p);
    p->bytes = SIZE;
    p->eliciting = eliciting;
    p->in_flight = in_flight;
    p->largest_acked = pn;
    assert_true(tern_sent_packet_add(p, 0, pn, 1, 0));
    tern_sent_commit(&r.sent);
    tern_recovery_on_sent(&r, pool, now, pn, true);
    return pn;
}

static uint64_t send_one(bool eliciting)
{
    return send_as(eliciting, eliciting);
}

static void send_packets(int n)
{
    for (int i = 0; i < n; i++) (void)send_one(true);
}

static tern_error ack(uint64_t from, uint64_t to)
{
    const tern_range range = { from, to };
    return tern_recovery_on_ack(&r, pool, now, (tern_range_list){ &range, 1 }, 0, false, settled, &r);
}

static void timeout(void)
{
    tern_recovery_on_timeout(&r, pool, now, settled, &r);
}

static tern_time armed(void)
{
    return tern_recovery_timeout(&r, 0, false, 0);
}

/* A path that has been measured: nothing is in flight. */
static void measured_path(void)
{
    uint64_t pn = send_one(true);
    now += RTT;
    assert_int_equal(ack(pn, pn + 1), TERN_OK);
    now += 1;
}

static void what_is_sent_is_in_flight_until_acknowledged(void **state)
{
    (void)state;
    send_packets(3);
    assert_int_equal(r.congestion.in_flight_bytes, 3 * SIZE);
    assert_int_equal(r.eliciting_in_flight, 3);
    now += RTT;
    assert_int_equal(ack(0, 3), TERN_OK);
    assert_int_equal(r.congestion.in_flight_bytes, 0);
    assert_int_equal(r.eliciting_in_flight, 0);
    for (int pn = 0; pn < 3; pn++) assert_int_equal(told_acked[pn], 1);
    assert_int_equal(armed(), TERN_TIME_NEVER);
}

/*= REC-030 */
static void a_packet_that_only_acknowledges_is_not_in_flight(void **state)
{
    (void)state;
    (void)send_one(false);
    assert_int_equal(r.congestion.in_flight_bytes, 0);
    assert_int_equal(armed(), TERN_TIME_NEVER);
    assert_int_equal(ack(0, 1), TERN_OK);
    assert_int_equal(told_acked[0], 1);
    assert_false(r.rtt.sampled);
}

/*= REC-003 */
static void an_ack_of_a_number_never_sent_is_a_violation_and_changes_nothing(void **state)
{
    (void)state;
    send_packets(2);
    tern_recovery before = r;
    assert_int_equal(ack(0, 3), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(ack(70, 71), TERN_PROTOCOL_VIOLATION);
    assert_memory_equal(&before, &r, sizeof r);
    assert_int_equal(told_acked[0], 0);
}

static void an_ack_that_comes_twice_counts_once(void **state)
{
    (void)state;
    send_packets(4);
    assert_int_equal(ack(1, 3), TERN_OK);
    assert_int_equal(ack(1, 3), TERN_OK);
    assert_int_equal(ack(0, 3), TERN_OK);
    for (int pn = 0; pn < 3; pn++) assert_int_equal(told_acked[pn], 1);
    assert_int_equal(r.congestion.in_flight_bytes, SIZE);
}

/*= REC-010 */
static void a_sample_needs_the_largest_number_newly_acknowledged(void **state)
{
    (void)state;
    send_packets(3);
    now += RTT;
    assert_int_equal(ack(2, 3), TERN_OK);
    assert_int_equal(r.rtt.latest_ns, RTT);
    now += RTT;
    assert_int_equal(ack(1, 3), TERN_OK);
    assert_int_equal(r.rtt.latest_ns, RTT);
    assert_int_equal(r.first_sample_at, now - RTT);
}

/*= REC-010 */
static void a_sample_needs_an_eliciting_packet_among_them(void **state)
{
    (void)state;
    (void)send_one(true);
    (void)send_one(false);
    now += RTT;
    assert_int_equal(ack(1, 2), TERN_OK);
    assert_false(r.rtt.sampled);
    (void)send_one(false);
    now += RTT;
    assert_int_equal(ack(0, 3), TERN_OK); /* 2 elicits nothing, 0 does */
    assert_int_equal(r.rtt.latest_ns, RTT);
}

/*= REC-017 */
static void three_numbers_behind_is_lost_and_two_is_not(void **state)
{
    (void)state;
    send_packets(4);
    now += RTT;
    assert_int_equal(ack(3, 4), TERN_OK);
    assert_int_equal(told_lost[0], 1);
    assert_int_equal(told_lost[1], 0);
    assert_int_equal(told_lost[2], 0);
    assert_int_equal(r.congestion.in_flight_bytes, 2 * SIZE);
}

/*= REC-017 */
static void the_time_threshold_is_armed_and_then_declares_loss(void **state)
{
    (void)state;
    measured_path();
    uint64_t first = send_one(true);
    tern_time sent_at = now;
    now += 5 * TERN_MS;
    (void)send_one(true);
    now += RTT;
    assert_int_equal(ack(first + 1, first + 2), TERN_OK);
    uint64_t delay = tern_rtt_loss_delay_ns(&r.rtt, 1);
    assert_int_equal(armed(), sent_at + delay);
    now = sent_at + delay - 1;
    timeout();
    assert_int_equal(told_lost[first], 0);
    now++;
    timeout();
    assert_int_equal(told_lost[first], 1);
    assert_int_equal(r.pto_count, 0);
    assert_int_equal(armed(), TERN_TIME_NEVER);
    assert_int_equal(r.congestion.in_flight_bytes, 0);
}

/*= REC-017 */
static void nothing_sent_after_the_largest_acknowledged_is_lost(void **state)
{
    (void)state;
    measured_path();
    send_packets(5);
    now += 10 * TERN_SECOND;
    assert_int_equal(ack(1, 2), TERN_OK);
    for (int pn = 2; pn < 6; pn++) assert_int_equal(told_lost[pn], 0);
}

/*= REC-019 */
static void a_lost_packet_is_told_once_with_what_it_carried(void **state)
{
    (void)state;
    send_packets(10);
    for (uint64_t pn = 4; pn < 10; pn++) assert_int_equal(ack(pn, pn + 1), TERN_OK);
    for (int pn = 0; pn < 4; pn++) assert_int_equal(told_lost[pn], 1);
    assert_int_equal(told_without_content, 0);
}

/*= REC-021 */
static void late_ack_of_a_lost_packet_is_told_and_harms_nothing(void **state)
{
    (void)state;
    measured_path();
    send_packets(5);
    now += RTT;
    assert_int_equal(ack(4, 6), TERN_OK);
    assert_int_equal(told_lost[1], 1);
    uint64_t in_flight = r.congestion.in_flight_bytes, cwnd = r.congestion.cwnd_bytes;
    tern_rtt rtt = r.rtt;
    now += TERN_MS;
    assert_int_equal(ack(1, 2), TERN_OK);
    assert_int_equal(told_acked[1], 1);
    assert_int_equal(ack(1, 2), TERN_OK);
    assert_int_equal(told_acked[1], 1);
    assert_int_equal(r.congestion.in_flight_bytes, in_flight);
    assert_int_equal(r.congestion.cwnd_bytes, cwnd);
    assert_memory_equal(&rtt, &r.rtt, sizeof rtt);
}

/*= REC-021 */
static void late_ack_revives_no_packet_that_is_forgotten(void **state)
{
    (void)state;
    measured_path();
    send_packets(4);
    now += RTT;
    assert_int_equal(ack(4, 5), TERN_OK);
    assert_int_equal(ack(2, 4), TERN_OK);
    now += 10 * TERN_SECOND;
    send_packets(1);
    assert_int_equal(ack(5, 6), TERN_OK);
    assert_int_equal(r.sent.oldest, 6);
    assert_int_equal(ack(1, 2), TERN_OK);
    assert_int_equal(told_acked[1], 0);
    assert_int_equal(pool->free, PAGES);
}

/* A window of ten on a measured path of which the first four are lost, all at once. */
static void lose_four(void)
{
    measured_path();
    send_packets(10);
    now += RTT;
    assert_int_equal(ack(5, 6), TERN_OK);
    assert_int_equal(told_lost[1] + told_lost[2], 2);
    assert_int_equal(ack(6, 8), TERN_OK);
    assert_int_equal(told_lost[3] + told_lost[4], 2);
}

/*= REC-049 */
static void losses_that_all_arrive_late_bring_the_window_back(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        const tern_congestion_ops *ops[] = { &tern_newreno, &tern_cubic };
        tern_recovery_free(&r, pool);
        tern_recovery_init(&r, ops[kind], SIZE);
        memset(told_lost, 0, sizeof told_lost);
        uint64_t before = 11 * SIZE; /* the first packet grew it by one, the sixth comes too late to */
        lose_four();
        assert_true(r.congestion.cwnd_bytes < before);
        now += TERN_MS;
        assert_int_equal(ack(1, 3), TERN_OK);
        assert_int_equal(ack(4, 5), TERN_OK);
        assert_true(r.congestion.cwnd_bytes < before);
        assert_int_equal(ack(3, 4), TERN_OK);
        assert_int_equal(r.congestion.cwnd_bytes, before);
        assert_int_equal(r.congestion.ssthresh_bytes, UINT64_MAX);
        assert_false(r.congestion.recovering);
    }
}

/*= REC-049 */
static void a_window_that_has_grown_larger_meanwhile_stays(void **state)
{
    (void)state;
    lose_four();
    r.congestion.cwnd_bytes = 50 * SIZE;
    assert_int_equal(ack(1, 5), TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, 50 * SIZE);
}

/*= REC-049 */
static void late_packets_of_another_period_undo_nothing(void **state)
{
    (void)state;
    lose_four();
    now += TERN_MS;
    send_packets(5); /* 11 to 15 */
    now += RTT;
    assert_int_equal(ack(8, 11), TERN_OK);
    assert_int_equal(ack(14, 15), TERN_OK);
    assert_int_equal(told_lost[11], 1);
    uint64_t window = r.congestion.cwnd_bytes;
    assert_int_equal(ack(1, 5), TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, window);
    assert_true(r.congestion.recovering);
}

/* Recovery periods are numbered over all paths. */
/*= REC-049 CONN-045 */
static void late_packets_of_the_path_before_undo_nothing_on_this_one(void **state)
{
    (void)state;
    lose_four();
    now += TERN_MS;
    tern_recovery_new_path(&r, 1200);
    now += TERN_MS;
    send_packets(5); /* 11 to 15 */
    now += RTT;
    assert_int_equal(ack(14, 15), TERN_OK);
    assert_int_equal(told_lost[11], 1);
    uint64_t window = r.congestion.cwnd_bytes;
    assert_int_equal(ack(1, 5), TERN_OK);
    assert_true(r.congestion.cwnd_bytes <= window);
    assert_true(r.congestion.episode_lost < 5);
}

/*= REC-049 */
static void a_real_loss_of_one_period_does_not_keep_the_next_one(void **state)
{
    (void)state;
    lose_four();
    now += TERN_MS;
    send_packets(5); /* 11 to 15 */
    now += RTT;
    assert_int_equal(ack(8, 11), TERN_OK);
    uint64_t window = r.congestion.cwnd_bytes;
    assert_int_equal(ack(14, 15), TERN_OK);
    assert_int_equal(told_lost[11], 1);
    assert_true(r.congestion.cwnd_bytes < window);
    assert_int_equal(ack(11, 12), TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, window);
}

/*= REC-049 */
static void marks_of_congestion_in_a_period_are_not_undone(void **state)
{
    (void)state;
    lose_four();
    uint64_t window = r.congestion.cwnd_bytes;
    const tern_congestion_loss marked = { .now = now, .sent_at = now - 1 };
    tern_congestion_marked(&r.congestion, &marked);
    assert_int_equal(ack(1, 5), TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, window);
}

/*= REC-049 */
static void persistent_congestion_is_not_undone(void **state)
{
    (void)state;
    lose_four();
    r.congestion.ops->persistent(&r.congestion);
    assert_int_equal(ack(1, 5), TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, tern_congestion_min_window(&r.congestion));
}

/* A packet that is declared lost for those behind it and acknowledged so long after it left. */
static void a_late_packet(uint64_t after_ns)
{
    tern_time sent_at = now;
    uint64_t pn = send_one(true);
    send_packets(6);
    now += RTT + RTT / 8;
    assert_int_equal(ack(pn + 1, pn + 7), TERN_OK);
    assert_int_equal(told_lost[pn], 1);
    now = sent_at + after_ns;
    assert_int_equal(ack(pn, pn + 1), TERN_OK);
    now++;
}

/*= REC-048 */
static void where_packets_come_late_their_number_says_nothing(void **state)
{
    (void)state;
    measured_path();
    assert_int_equal(r.late_eighths, 0);
    a_late_packet(RTT + RTT / 8);
    uint64_t pn = send_one(true);
    send_packets(20);
    now += RTT;
    assert_int_equal(ack(pn + 1, pn + 21), TERN_OK);
    assert_int_equal(told_lost[pn], 0);
    assert_true(armed() > now);
    now = armed();
    timeout();
    assert_int_equal(told_lost[pn], 1);
}

/*= REC-048 */
static void the_time_threshold_grows_to_what_was_late_and_to_twice_a_round_trip(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) measured_path();
    a_late_packet(RTT + RTT / 2 - TERN_MS);
    assert_in_range(r.late_eighths, 3, 4); /* the round trip of the others was longer too */
    uint64_t pn = send_one(true);
    send_packets(1);
    tern_time sent_at = now;
    now += RTT;
    assert_int_equal(ack(pn + 1, pn + 2), TERN_OK);
    assert_true(armed() >= sent_at + RTT + RTT / 8 * 3);
    now = armed();
    timeout();
    assert_int_equal(told_lost[pn], 1);
    now += 10 * RTT;
    assert_int_equal(ack(pn, pn + 1), TERN_OK);
    assert_int_equal(r.late_eighths, TERN_REORDER_EIGHTHS);
}

/*= REC-048 */
static void order_is_trusted_again_after_sixteen_periods_without_a_late_packet(void **state)
{
    (void)state;
    measured_path();
    a_late_packet(RTT + RTT / 8);
    for (int i = 1; i <= TERN_REORDER_KEPT; i++) {
        assert_int_not_equal(r.late_eighths, 0);
        uint64_t pn = send_one(true);
        now += RTT;
        send_packets(1);
        now += RTT;
        assert_int_equal(ack(pn + 1, pn + 2), TERN_OK);
        assert_int_equal(told_lost[pn], 1);
        now++;
    }
    assert_int_equal(r.late_eighths, 0);
}

/*= CONN-045 REC-048 REC-049 */
static void a_new_path_knows_no_late_packets_and_undoes_none_of_the_old_one(void **state)
{
    (void)state;
    lose_four(); /* the first period of the old path; 1 to 4 */
    assert_int_equal(ack(1, 2), TERN_OK);
    assert_int_not_equal(r.late_eighths, 0);
    tern_recovery_new_path(&r, SIZE);
    assert_int_equal(r.late_eighths, 0);
    now++;
    send_packets(5); /* 11 to 15: the first of the new one loses 11, 12 */
    now += RTT;
    assert_int_equal(ack(8, 11), TERN_OK);
    assert_int_equal(ack(15, 16), TERN_OK);
    assert_int_equal(told_lost[11] + told_lost[12], 2);
    uint64_t window = r.congestion.cwnd_bytes;
    assert_int_equal(ack(2, 5), TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, window);
    assert_true(r.congestion.undoable);
    assert_int_equal(r.congestion.episode_lost, 2);
}

/*= REC-018 */
static void the_probe_timeout_counts_from_the_last_eliciting_packet_and_doubles(void **state)
{
    (void)state;
    measured_path();
    (void)send_one(true);
    now += TERN_MS;
    (void)send_one(true);
    tern_time last = now;
    now += TERN_MS;
    (void)send_one(false);
    uint64_t pto = r.rtt.smoothed_ns + 4 * r.rtt.rttvar_ns;
    assert_int_equal(armed(), last + pto);
    assert_int_equal(tern_recovery_timeout(&r, 25 * TERN_MS, false, 0), last + pto + 25 * TERN_MS);
    now = last + pto;
    timeout();
    assert_int_equal(armed(), now + 2 * pto); /* though no probe could leave */
    timeout();
    assert_int_equal(armed(), now + 4 * pto);
    assert_int_equal(ack(1, 2), TERN_OK);
    assert_int_equal(r.pto_count, 0);
}

/*= REC-018 */
static void the_variance_of_a_steady_path_counts_as_a_millisecond(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++) measured_path();
    assert_in_range(tern_recovery_pto_ns(&r, 0), RTT + TERN_MS - 1000, RTT + TERN_MS + 1000);
}

/*= REC-018 */
static void backoff_never_overflows(void **state)
{
    (void)state;
    (void)send_one(true);
    for (int i = 0; i < 200; i++) {
        now = armed();
        assert_true(now != TERN_TIME_NEVER);
        timeout();
        assert_true(armed() > now); /* also once the doubling has ended: a caller must not spin */
    }
    now = TERN_TIME_NEVER - 10;
    (void)send_one(true);
    assert_int_equal(armed(), TERN_TIME_NEVER - 1);
}

/*= REC-018 */
static void a_probe_asks_for_the_oldest_content_which_stays_in_flight(void **state)
{
    (void)state;
    send_packets(4);
    now = armed();
    timeout();
    assert_int_equal(r.probes, 2);
    assert_int_equal(told_again[0], 1);
    assert_int_equal(told_again[1], 1);
    assert_int_equal(told_again[2], 0);
    assert_int_equal(r.congestion.in_flight_bytes, 4 * SIZE);
    now += 10;
    assert_int_equal(ack(0, 1), TERN_OK);
    assert_int_equal(told_acked[0], 1);
    assert_int_equal(r.probes, 0);
}

/*= REC-018 */
static void each_probe_asks_for_something_else_and_one_leaves_when_all_was_asked_for(void **state)
{
    (void)state;
    send_packets(3);
    timeout();
    timeout();
    assert_int_equal(r.probes, 1);
    timeout();
    assert_int_equal(r.probes, 1);
    for (int pn = 0; pn < 3; pn++) assert_int_equal(told_again[pn], 1);
}

/*= REC-019 */
static void what_a_probe_asked_for_is_not_asked_for_again_when_it_is_lost(void **state)
{
    (void)state;
    send_packets(5);
    timeout();
    send_packets(2);
    assert_int_equal(ack(6, 7), TERN_OK);
    assert_int_equal(told_lost[0], 1);
    assert_int_equal(told_without_content, 2); /* 0 and 1; 2 and 3 came with theirs */
    assert_int_equal(ack(0, 1), TERN_OK);
    assert_int_equal(told_acked[0], 1);
    assert_int_equal(told_without_content, 2);
}

/*= REC-018 REC-030 */
static void probes_leave_beyond_a_full_window_and_nothing_else_does(void **state)
{
    (void)state;
    send_packets(10);
    assert_false(tern_recovery_may_send(&r, SIZE));
    assert_false(tern_recovery_may_send(&r, 1));
    timeout();
    assert_true(tern_recovery_may_send(&r, SIZE));
    send_packets(1);
    assert_true(tern_recovery_may_send(&r, SIZE));
    send_packets(1);
    assert_false(tern_recovery_may_send(&r, SIZE));
}

/*= REC-020 */
static void a_client_that_is_not_confirmed_keeps_probing_with_nothing_in_flight(void **state)
{
    (void)state;
    send_packets(1);
    now += RTT;
    assert_int_equal(ack(0, 1), TERN_OK);
    assert_int_equal(tern_recovery_timeout(&r, 0, false, now), TERN_TIME_NEVER);
    uint64_t pto = tern_recovery_pto_ns(&r, 0);
    assert_int_equal(tern_recovery_timeout(&r, 0, true, now), now + pto);
    timeout();
    assert_int_equal(r.probes, 1);
    assert_int_equal(tern_recovery_timeout(&r, 0, true, now), now + 2 * pto);
}

/*= REC-031 */
static void an_ack_grows_a_window_that_was_used_by_all_it_acknowledges(void **state)
{
    (void)state;
    uint64_t cwnd = r.congestion.cwnd_bytes;
    send_packets(5);
    (void)send_one(false);
    const tern_range apart[] = { { 0, 3 }, { 5, 6 } }, joined[] = { { 0, 3 }, { 4, 6 } };
    assert_int_equal(tern_recovery_on_ack(&r, pool, now, (tern_range_list){ apart, 2 }, 0, false, settled, &r),
                     TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, cwnd + 3 * SIZE);
    assert_int_equal(tern_recovery_on_ack(&r, pool, now, (tern_range_list){ joined, 2 }, 0, true, settled, &r),
                     TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, cwnd + 3 * SIZE);
}

/*= REC-031 */
static void a_loss_of_what_was_sent_since_the_last_one_halves_the_window_again(void **state)
{
    (void)state;
    send_packets(4);
    assert_int_equal(ack(3, 4), TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, 6000);
    now += RTT;
    send_packets(4);
    assert_int_equal(ack(7, 8), TERN_OK);
    assert_int_equal(told_lost[4], 1);
    assert_int_equal(r.congestion.cwnd_bytes, 3000);
}

/*= REC-033 */
static void what_is_sent_is_taken_from_the_pacer(void **state)
{
    (void)state;
    measured_path();
    assert_int_equal(tern_recovery_when(&r, now, SIZE), now);
    send_packets(10);
    assert_true(tern_recovery_when(&r, now, SIZE) > now);
    r.probes = 1;
    assert_int_equal(tern_recovery_when(&r, now, SIZE), now); /* which are not paced */
}

/*= REC-030 */
static void the_window_can_be_filled_to_its_last_byte(void **state)
{
    (void)state;
    send_packets(9);
    assert_true(tern_recovery_may_send(&r, r.congestion.cwnd_bytes - 9 * SIZE));
    assert_false(tern_recovery_may_send(&r, r.congestion.cwnd_bytes - 9 * SIZE + 1));
}

/*= REC-018 */
static void what_elicits_nothing_is_not_asked_for_by_a_probe(void **state)
{
    (void)state;
    (void)send_as(false, true);
    (void)send_one(true);
    timeout();
    assert_int_equal(told_again[0], 0);
    assert_int_equal(told_again[1], 1);
    assert_int_equal(r.probes, 1);
}

/*= REC-031 */
static void one_loss_event_halves_the_window_once(void **state)
{
    (void)state;
    measured_path();
    uint64_t cwnd = r.congestion.cwnd_bytes;
    send_packets(10);
    now += RTT;
    assert_int_equal(ack(5, 6), TERN_OK);
    assert_int_equal(ack(9, 10), TERN_OK);
    assert_int_equal(r.congestion.cwnd_bytes, cwnd / 2);
}

/* Two packets apart in time, then one that is acknowledged and shows both to be lost. */
static void lose_two(uint64_t apart_ns, bool eliciting)
{
    uint64_t first = send_as(eliciting, true);
    now += apart_ns;
    (void)send_as(eliciting, true);
    send_packets(4);
    now += RTT;
    uint64_t next = r.sent.next_pn;
    assert_int_equal(ack(next - 1, next), TERN_OK);
    assert_int_equal(told_lost[first], 1);
    assert_int_equal(told_lost[first + 1], 1);
}

static uint64_t persistent_after(void)
{
    return 3 * tern_recovery_pto_ns(&r, 25 * TERN_MS);
}

/*= REC-032 */
static void losses_over_three_probe_timeouts_are_persistent_congestion(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) measured_path();
    lose_two(persistent_after() + TERN_MS, true);
    assert_int_equal(r.congestion.cwnd_bytes, tern_congestion_min_window(&r.congestion));
    assert_int_equal(r.rtt.min_ns, r.rtt.latest_ns);
}

/*= REC-032 */
static void losses_over_less_are_not(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) measured_path();
    lose_two(persistent_after() - 10 * TERN_MS, true);
    assert_true(r.congestion.cwnd_bytes > tern_congestion_min_window(&r.congestion));
}

/*= REC-032 */
static void the_peers_ack_delay_counts_in_it(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) measured_path();
    r.max_ack_delay_ns = 500 * TERN_MS;
    lose_two(persistent_after() + TERN_MS, true);
    assert_true(r.congestion.cwnd_bytes > tern_congestion_min_window(&r.congestion));
}

/*= REC-032 */
static void a_packet_acknowledged_between_them_ends_it(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) measured_path();
    uint64_t first = send_one(true), between = send_one(true);
    now += persistent_after() + TERN_MS;
    send_packets(4);
    now += RTT;
    const tern_range apart[] = { { between, between + 1 }, { between + 4, between + 5 } };
    assert_int_equal(tern_recovery_on_ack(&r, pool, now, (tern_range_list){ apart, 2 }, 0, false, settled, &r),
                     TERN_OK);
    assert_int_equal(told_lost[first], 1);
    assert_int_equal(told_lost[between + 1], 1);
    assert_true(r.congestion.cwnd_bytes > tern_congestion_min_window(&r.congestion));
}

/*= REC-032 */
static void persistent_congestion_needs_two_eliciting_losses(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) measured_path();
    lose_two(persistent_after() + TERN_MS, false);
    assert_true(r.congestion.cwnd_bytes > tern_congestion_min_window(&r.congestion));
}

/*= REC-032 */
static void packets_sent_before_the_first_sample_establish_nothing(void **state)
{
    (void)state;
    send_packets(1);
    now += 20 * TERN_SECOND;
    send_packets(5);
    now += RTT;
    assert_int_equal(ack(5, 6), TERN_OK);
    assert_int_equal(told_lost[0], 1);
    assert_int_equal(told_lost[1], 1);
    assert_true(r.congestion.cwnd_bytes > tern_congestion_min_window(&r.congestion));
}

static void what_was_freed_has_nothing_in_flight_and_no_timer(void **state)
{
    (void)state;
    measured_path();
    send_packets(5);
    assert_int_equal(ack(2, 3), TERN_OK);
    assert_true(armed() != TERN_TIME_NEVER);
    tern_recovery_free(&r, pool);
    assert_int_equal(armed(), TERN_TIME_NEVER);
    assert_int_equal(r.congestion.in_flight_bytes, 0);
    assert_int_equal(pool->free, PAGES);
}

static void packets_that_only_acknowledge_take_no_lasting_memory(void **state)
{
    (void)state;
    for (int i = 0; i < 50000; i++) {
        (void)send_one(false);
        now += 2 * TERN_MS;
    }
    assert_true(PAGES - pool->free < 64);
}

/* A hundred thousand packets behind one that was lost, acknowledged two by two by a peer that names all it has: looking
 * at each of them each time would take minutes. */
static void an_ack_costs_what_it_newly_acknowledges(void **state)
{
    (void)state;
    const uint64_t n = 100000;
    clock_t start = clock();
    for (uint64_t i = 0; i < n; i++) {
        (void)send_one(true);
        if (i < 1000 || i % 2 != 0) continue;
        uint64_t from = i % 4 == 0 ? 1 : 1 + i / 3; /* the peer forgets ranges in its own time */
        assert_int_equal(ack(from, i - 990), TERN_OK);
    }
    assert_int_equal(ack(1, n), TERN_OK);
    assert_int_equal(r.congestion.in_flight_bytes, 0);
    assert_true(clock() - start < 10 * CLOCKS_PER_SEC);
}

/* Attack 1: a peer that has shown a path that reorders acknowledges every other packet, each by itself. Looking at all
 * that may only be late each time would take minutes. */
static void gaps_that_may_only_be_late_are_not_looked_at_each_time(void **state)
{
    (void)state;
    const uint64_t n = 100000;
    lose_four();
    now += TERN_MS;
    assert_int_equal(ack(1, 5), TERN_OK);
    assert_true(r.late_eighths > 0);
    uint64_t first = r.sent.next_pn;
    send_packets((int)n);
    now += RTT;
    clock_t start = clock();
    for (uint64_t i = 1; i < n; i += 2) assert_int_equal(ack(first + i, first + i + 1), TERN_OK);
    assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
    assert_int_equal(told_lost[first], 0);
    assert_true(r.loss_time != TERN_TIME_NEVER);
    now = r.loss_time;
    tern_recovery_on_timeout(&r, pool, now, settled, &r);
    assert_int_equal(told_lost[first], 1);
}

/* A path that loses, reorders and doubles; whatever happens, each packet ends one way and the counts agree. */
static void random_loss_ends_with_nothing_in_flight(void **state)
{
    (void)state;
    static uint64_t rng = 7;
    static tern_ranges acks;
    tern_ranges_init(&acks, TERN_FOR_RECORDS, 64);
    for (int i = 0; i < 15000; i++) {
        if (tern_recovery_may_send(&r, SIZE) && r.sent.next_pn < 20000) {
            uint64_t pn = send_one(random_below(&rng, 8) != 0);
            if (random_below(&rng, 10) != 0) tern_ranges_add_forgetting(&acks, pool, pn, pn + 1);
        }
        now += random_below(&rng, 4 * TERN_MS);
        if (acks.n > 0 && random_below(&rng, 3) == 0) {
            tern_range_list some = tern_ranges_top(&acks, pool);
            uint64_t highest = some.at[some.n - 1].from;
            if (random_below(&rng, 2) == 0) some = (tern_range_list){ some.at + some.n - 1, 1 };
            assert_int_equal(tern_recovery_on_ack(&r, pool, now, some, 0, false, settled, &r), TERN_OK);
            if (random_below(&rng, 20) == 0) tern_ranges_remove_below(&acks, pool, highest);
        }
        if (armed() <= now) timeout();
        uint64_t bytes = 0, eliciting = 0;
        for (uint64_t pn = r.sent.oldest; pn < r.sent.next_pn && i % 64 == 0; pn++) {
            const tern_sent_packet *p = tern_sent_find(&r.sent, pool, pn);
            if (p == NULL || p->state != TERN_SENT_IN_FLIGHT) continue;
            bytes += p->in_flight ? p->bytes : 0;
            eliciting += p->eliciting;
            assert_true(pn >= r.scan_from);
        }
        if (i % 64 == 0) assert_int_equal(r.congestion.in_flight_bytes, bytes);
        if (i % 64 == 0) assert_int_equal(r.eliciting_in_flight, eliciting);
    }
    now += TERN_SECOND;
    for (int i = 0; i < 4; i++) (void)send_one(true);
    now += RTT;
    uint64_t next = r.sent.next_pn;
    assert_int_equal(ack(next - 4, next), TERN_OK);
    assert_int_equal(r.congestion.in_flight_bytes, 0);
    assert_int_equal(r.eliciting_in_flight, 0);
    assert_int_equal(armed(), TERN_TIME_NEVER);
    for (uint64_t pn = 0; pn < next; pn++) {
        assert_true(told_acked[pn] <= 1 && told_lost[pn] <= 1 && told_again[pn] <= 1);
    }
    assert_true(next > 5000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_sent_is_in_flight_until_acknowledged),
        TEST(a_packet_that_only_acknowledges_is_not_in_flight),
        TEST(an_ack_of_a_number_never_sent_is_a_violation_and_changes_nothing),
        TEST(an_ack_that_comes_twice_counts_once),
        TEST(a_sample_needs_the_largest_number_newly_acknowledged),
        TEST(a_sample_needs_an_eliciting_packet_among_them),
        TEST(three_numbers_behind_is_lost_and_two_is_not),
        TEST(the_time_threshold_is_armed_and_then_declares_loss),
        TEST(nothing_sent_after_the_largest_acknowledged_is_lost),
        TEST(a_lost_packet_is_told_once_with_what_it_carried),
        TEST(late_ack_of_a_lost_packet_is_told_and_harms_nothing),
        TEST(late_ack_revives_no_packet_that_is_forgotten),
        TEST(losses_that_all_arrive_late_bring_the_window_back),
        TEST(a_window_that_has_grown_larger_meanwhile_stays),
        TEST(late_packets_of_another_period_undo_nothing),
        TEST(late_packets_of_the_path_before_undo_nothing_on_this_one),
        TEST(a_real_loss_of_one_period_does_not_keep_the_next_one),
        TEST(marks_of_congestion_in_a_period_are_not_undone),
        TEST(persistent_congestion_is_not_undone),
        TEST(where_packets_come_late_their_number_says_nothing),
        TEST(the_time_threshold_grows_to_what_was_late_and_to_twice_a_round_trip),
        TEST(order_is_trusted_again_after_sixteen_periods_without_a_late_packet),
        TEST(a_new_path_knows_no_late_packets_and_undoes_none_of_the_old_one),
        TEST(the_probe_timeout_counts_from_the_last_eliciting_packet_and_doubles),
        TEST(the_variance_of_a_steady_path_counts_as_a_millisecond),
        TEST(backoff_never_overflows),
        TEST(a_probe_asks_for_the_oldest_content_which_stays_in_flight),
        TEST(each_probe_asks_for_something_else_and_one_leaves_when_all_was_asked_for),
        TEST(what_a_probe_asked_for_is_not_asked_for_again_when_it_is_lost),
        TEST(probes_leave_beyond_a_full_window_and_nothing_else_does),
        TEST(a_client_that_is_not_confirmed_keeps_probing_with_nothing_in_flight),
        TEST(an_ack_grows_a_window_that_was_used_by_all_it_acknowledges),
        TEST(a_loss_of_what_was_sent_since_the_last_one_halves_the_window_again),
        TEST(what_is_sent_is_taken_from_the_pacer),
        TEST(the_window_can_be_filled_to_its_last_byte),
        TEST(what_elicits_nothing_is_not_asked_for_by_a_probe),
        TEST(one_loss_event_halves_the_window_once),
        TEST(losses_over_three_probe_timeouts_are_persistent_congestion),
        TEST(losses_over_less_are_not),
        TEST(the_peers_ack_delay_counts_in_it),
        TEST(a_packet_acknowledged_between_them_ends_it),
        TEST(persistent_congestion_needs_two_eliciting_losses),
        TEST(packets_sent_before_the_first_sample_establish_nothing),
        TEST(what_was_freed_has_nothing_in_flight_and_no_timer),
        TEST(packets_that_only_acknowledge_take_no_lasting_memory),
        TEST(an_ack_costs_what_it_newly_acknowledges),
        TEST(gaps_that_may_only_be_late_are_not_looked_at_each_time),
        TEST(random_loss_ends_with_nothing_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
