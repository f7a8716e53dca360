/* SPDX-License-Identifier: MIT */
/* Another path: what left on the one before says nothing of it (spec: connection 2, CONN-045; RFC 9000 section 9.4). */
#include "recovery/recovery.h"
#include "unit/recovery/unit.h"

#define SIZE 1200
#define RTT  (80 * TERN_MS)

static tern_pool *pool;
static tern_recovery r;
static tern_time now;
static unsigned told_acked, told_lost;

static void settled(void *owner, const tern_sent_packet *packet, bool acked)
{
    (void)owner;
    if (acked)
        told_acked++;
    else if (packet->state == TERN_SENT_LOST)
        told_lost++;
}

static void begin(const tern_congestion_ops *ops)
{
    pool = new_pool(256);
    assert_non_null(pool);
    tern_recovery_init(&r, ops, SIZE);
    tern_pmtu_start(&r.pmtu, 9000);
    now = TERN_SECOND;
    told_acked = told_lost = 0;
}

static void end(void)
{
    tern_recovery_free(&r, pool);
    assert_int_equal(free_pool(pool), 0);
}

/* fields: what the record says besides. */
static uint64_t send_as(tern_sent_packet fields)
{
    uint64_t pn = r.sent.next_pn;
    tern_sent_packet *p = tern_sent_open(&r.sent, pool);
    assert_non_null(p);
    p->bytes = fields.bytes > 0 ? fields.bytes : SIZE;
    p->eliciting = p->in_flight = !fields.pmtu_probe && !fields.elsewhere;
    p->pmtu_probe = fields.pmtu_probe;
    p->elsewhere = fields.elsewhere;
    p->ect0 = fields.ect0;
    tern_sent_commit(&r.sent);
    tern_recovery_on_sent(&r, pool, now, pn, true);
    return pn;
}

static uint64_t send_packets(int n)
{
    uint64_t first = r.sent.next_pn;
    for (int i = 0; i < n; i++) (void)send_as((tern_sent_packet){ 0 });
    return first;
}

static void ack(uint64_t from, uint64_t to, const tern_mark_counts *counts)
{
    const tern_range range = { from, to };
    assert_int_equal(tern_recovery_on_ack(&r, pool, now, (tern_range_list){ &range, 1 }, 0, false, settled, NULL),
                     TERN_OK);
    tern_recovery_on_marks(&r, now, counts);
}

static void measured(void)
{
    uint64_t first = send_packets(2);
    now += RTT;
    ack(first, first + 2, NULL);
}

static const tern_congestion_ops *const controllers[] = { &tern_newreno, &tern_cubic, &tern_bbr_ops };

/*= CONN-045 */
static void what_left_before_neither_fills_nor_shrinks_the_window(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        begin(controllers[i]);
        measured();
        (void)send_packets(10);
        tern_recovery_new_path(&r, 9000);
        uint64_t window = r.congestion.cwnd_bytes;
        assert_int_equal(window, tern_congestion_initial_window(1200));
        assert_int_equal(r.congestion.in_flight_bytes, 0);
        assert_int_equal(tern_congestion_room(&r.congestion), window);
        uint64_t first = send_packets(4);
        assert_int_equal(r.congestion.in_flight_bytes, 4 * SIZE);
        now += RTT;
        ack(first, first + 3, NULL); /* and all that left before is lost by its number */
        assert_int_equal(told_lost, 10);
        assert_int_equal(r.congestion.in_flight_bytes, SIZE);
        assert_true(r.congestion.cwnd_bytes >= window);
        assert_true(r.congestion.ssthresh_bytes == UINT64_MAX);
        assert_int_equal(r.congestion.rate.lost_bytes, 0);
        end();
    }
}

/* The rule does not go too far: what is lost on the new path counts. */
static void losses_on_the_new_path_shrink_its_window(void **state)
{
    (void)state;
    begin(&tern_newreno);
    measured();
    tern_recovery_new_path(&r, 9000);
    uint64_t first = send_packets(8), window = r.congestion.cwnd_bytes;
    now += RTT;
    ack(first + 4, first + 8, NULL);
    assert_true(told_lost > 0 && r.congestion.cwnd_bytes < window);
    end();
}

/*= CONN-045 */
static void an_acknowledgement_of_what_left_before_gives_no_sample_and_no_growth(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        begin(controllers[i]);
        measured();
        uint64_t first = send_packets(10);
        now += RTT / 2;
        tern_recovery_new_path(&r, 9000);
        uint64_t window = r.congestion.cwnd_bytes;
        now += RTT / 2;
        ack(first, first + 10, NULL);
        assert_int_equal(told_acked, 12); /* what it carried is delivered all the same */
        assert_false(r.rtt.sampled);
        assert_int_equal(r.rtt.smoothed_ns, TERN_RTT_INITIAL_NS);
        assert_int_equal(r.congestion.cwnd_bytes, window);
        assert_int_equal(r.congestion.rate.delivered_bytes, 0);
        first = send_packets(1);
        now += 3 * RTT;
        ack(first, first + 1, NULL);
        assert_int_equal(r.rtt.min_ns, 3 * RTT);
        end();
    }
}

/*= CONN-045 REC-048 */
static void what_came_late_on_the_path_before_says_nothing_of_the_order_on_this_one(void **state)
{
    (void)state;
    begin(&tern_newreno);
    measured();
    uint64_t first = send_packets(4);
    now += RTT;
    ack(first + 3, first + 4, NULL);
    assert_int_equal(told_lost, 1);
    tern_recovery_new_path(&r, 9000);
    uint32_t losses = r.congestion.episode_lost;
    ack(first, first + 1, NULL); /* it comes after all */
    assert_int_equal(r.late_eighths, 0);
    assert_int_equal(r.congestion.episode_lost, losses);
    r.late_eighths = 3;
    tern_recovery_new_path(&r, 9000);
    assert_int_equal(r.late_eighths, 0);
    end();
}

/* A challenge that goes to the address before is one of this connection's numbers, but takes another way. */
/*= CONN-045 */
static void what_leaves_on_another_path_gives_no_sample(void **state)
{
    (void)state;
    begin(&tern_newreno);
    measured();
    tern_recovery_new_path(&r, 9000);
    uint64_t first = send_packets(1);
    (void)send_as((tern_sent_packet){ .elsewhere = 1 });
    now += 10 * TERN_MS;
    ack(first, first + 2, NULL);
    assert_false(r.rtt.sampled);
    end();
}

/*= CONN-045 */
static void losses_before_and_after_are_not_persistent_congestion(void **state)
{
    (void)state;
    begin(&tern_newreno);
    measured();
    (void)send_packets(1);
    now += 10 * TERN_SECOND;
    (void)send_packets(1);
    tern_recovery_new_path(&r, 9000);
    uint64_t window = r.congestion.cwnd_bytes, first = send_packets(4);
    now += RTT;
    ack(first + 3, first + 4, NULL);
    assert_int_equal(told_lost, 3);
    assert_true(r.congestion.cwnd_bytes > window / 3);
    end();
}

static void the_probe_timeout_starts_without_backoff(void **state)
{
    (void)state;
    begin(&tern_newreno);
    measured();
    (void)send_packets(1);
    for (int i = 0; i < 5; i++) tern_recovery_on_timeout(&r, pool, now, settled, NULL);
    tern_recovery_new_path(&r, 9000);
    assert_int_equal(tern_recovery_timeout(&r, 0, false, 0), now + tern_recovery_pto_ns(&r, 0));
    end();
}

/*= CONN-045 REC-060 */
static void a_probe_of_the_path_before_raises_nothing(void **state)
{
    (void)state;
    begin(&tern_newreno);
    measured();
    uint64_t probe = send_as((tern_sent_packet){ .bytes = 9000, .pmtu_probe = 1 });
    tern_pmtu_probed(&r.pmtu, now, 9000);
    tern_recovery_new_path(&r, 9000);
    tern_pmtu_probed(&r.pmtu, now, 9000); /* the same size is asked of this one */
    ack(probe, probe + 1, NULL);
    assert_int_equal(r.pmtu.current, 1200);
    assert_int_equal(r.pmtu.probe, 9000);
    end();
}

static uint64_t send_marked(int n)
{
    uint64_t first = r.sent.next_pn;
    for (int i = 0; i < n; i++) (void)send_as((tern_sent_packet){ .ect0 = 1 });
    return first;
}

/*= CONN-045 REC-046 */
static void whether_marks_come_through_is_asked_anew(void **state)
{
    static const tern_marking_state before[] = { TERN_MARKING_CAPABLE, TERN_MARKING_FAILED };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin(&tern_newreno);
        uint64_t first = send_marked(10);
        now += RTT;
        ack(first, first + 10, before[i] == TERN_MARKING_CAPABLE ? &(tern_mark_counts){ 10, 0, 0 } : NULL);
        assert_int_equal(r.marking.state, before[i]);
        tern_recovery_new_path(&r, 9000);
        first = send_marked(9);
        assert_true(tern_recovery_marks(&r));
        (void)send_marked(1);
        assert_false(tern_recovery_marks(&r)); /* ten, and then it waits for an answer */
        now += RTT;
        ack(first, first + 10, &(tern_mark_counts){ 20, 0, 0 });
        assert_true(tern_recovery_marks(&r));
        end();
    }
}

/*= CONN-045 */
static void marks_of_the_path_before_are_no_congestion_on_this_one(void **state)
{
    (void)state;
    begin(&tern_newreno);
    uint64_t before = send_marked(4);
    tern_recovery_new_path(&r, 9000);
    uint64_t first = send_marked(4), window = r.congestion.cwnd_bytes;
    now += RTT;
    ack(before, first + 1, &(tern_mark_counts){ 2, 1, 2 }); /* the path before rewrote one, and marked two */
    assert_int_equal(r.marking.state, TERN_MARKING_TESTING);
    assert_true(r.congestion.cwnd_bytes >= window);
    ack(before, first + 2, &(tern_mark_counts){ 3, 1, 2 });
    assert_int_equal(r.marking.state, TERN_MARKING_CAPABLE);
    assert_true(r.congestion.ssthresh_bytes == UINT64_MAX);
    ack(before, first + 3, &(tern_mark_counts){ 3, 1, 3 }); /* this one is ours */
    assert_true(r.congestion.ssthresh_bytes < UINT64_MAX);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_left_before_neither_fills_nor_shrinks_the_window),
        cmocka_unit_test(losses_on_the_new_path_shrink_its_window),
        cmocka_unit_test(an_acknowledgement_of_what_left_before_gives_no_sample_and_no_growth),
        cmocka_unit_test(what_came_late_on_the_path_before_says_nothing_of_the_order_on_this_one),
        cmocka_unit_test(what_leaves_on_another_path_gives_no_sample),
        cmocka_unit_test(losses_before_and_after_are_not_persistent_congestion),
        cmocka_unit_test(the_probe_timeout_starts_without_backoff),
        cmocka_unit_test(a_probe_of_the_path_before_raises_nothing),
        cmocka_unit_test(whether_marks_come_through_is_asked_anew),
        cmocka_unit_test(marks_of_the_path_before_are_no_congestion_on_this_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
