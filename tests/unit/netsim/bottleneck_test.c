/* SPDX-License-Identifier: MIT */
#include "unit/netsim/unit.h"
#include "world/bottleneck.h"

static sim_bottleneck b;
static unsigned thrown;
static uint64_t last_thrown;

static void make(sim_bottleneck_spec spec)
{
    sim_bottleneck_free(&b);
    sim_bottleneck_init(&b, &spec);
    thrown = 0;
}

static int teardown(void **state)
{
    (void)state;
    sim_bottleneck_free(&b);
    return 0;
}

static void shed(void *context, const sim_waiting *waiting)
{
    assert_ptr_equal(context, &b);
    thrown++;
    last_thrown = waiting->n;
}

static sim_waiting last_sent;

/* What is due by a time leaves. */
static void until(tern_time now)
{
    while (b.waiting > 0 && b.busy_until <= now) sim_bottleneck_next(&b, &last_sent, shed, &b);
}

static sim_entry enter(tern_time now, uint64_t n, bool ect)
{
    until(now);
    last_sent = (sim_waiting){ .entered = now, .n = n, .ect = ect };
    return sim_bottleneck_enter(&b, &last_sent);
}

/*= SIM-007 */
static void a_rate_sends_one_behind_the_other_to_the_nanosecond(void **state)
{
    (void)state;
    make((sim_bottleneck_spec){ .rate_bps = 1000000, .queue_bytes = 1 << 20 }); /* 8 us a byte */
    assert_int_equal(enter(100, 1000, false), SIM_ENTRY_SENT);
    assert_true(b.busy_until == 100 + 8000000);
    assert_int_equal(enter(100, 500, false), SIM_ENTRY_WAITS);
    assert_int_equal(enter(8000099, 1, false), SIM_ENTRY_WAITS); /* one ns before the second begins */
    until(8000100);
    assert_true(b.busy_until == 100 + 12000000);
    until(12000100);
    assert_true(b.busy_until == 100 + 12008000);
    assert_int_equal(last_sent.n, 1);
    assert_int_equal(enter(12008100, 1, false), SIM_ENTRY_SENT); /* at the instant at which it is free */
    assert_int_equal(enter(50000000, 1, false), SIM_ENTRY_SENT); /* idle in between */
    assert_true(b.busy_until == 50000000 + 8000);
    assert_int_equal(b.sent_bytes, 1503);
    assert_true(b.sending == 1503 * 8000);
}

static void a_time_that_does_not_come_out_even_is_rounded_up(void **state)
{
    (void)state;
    assert_true(sim_send_time(3000, 1) == 2666667);
    assert_true(sim_send_time(1000, 1) == 8000000);
    assert_true(sim_send_time(UINT64_C(10000000000), 65527) == 52422); /* 52421.6 */
    assert_true(sim_send_time(1000, 1 << 30) == UINT64_C(8589934592) * 1000000);
    assert_true(sim_send_time(0, 1000) == 0);
}

/*= SIM-014 */
static void a_full_queue_drops_its_tail_and_takes_again_when_it_has_drained(void **state)
{
    (void)state;
    make((sim_bottleneck_spec){ .rate_bps = 8000000, .queue_bytes = 3000 }); /* 1 us a byte */
    for (int i = 0; i < 3; i++) assert_int_not_equal(enter(0, 1000, false), SIM_ENTRY_FULL);
    assert_int_equal(enter(0, 1, false), SIM_ENTRY_FULL);
    assert_int_equal(enter(999999, 1000, false), SIM_ENTRY_FULL); /* a byte is missing still */
    assert_int_equal(enter(1000000, 1000, false), SIM_ENTRY_WAITS);
    assert_int_equal(enter(1000000, 1000, false), SIM_ENTRY_FULL);
    assert_int_equal(b.most_bytes, 2000);
}

/*= SIM-014 */
static void a_queue_smaller_than_a_packet_still_sends_one_at_a_time(void **state)
{
    (void)state;
    make((sim_bottleneck_spec){ .rate_bps = 8000000, .queue_bytes = 10 });
    assert_int_equal(enter(0, 1000, false), SIM_ENTRY_SENT);
    assert_int_equal(enter(1, 1000, false), SIM_ENTRY_FULL);
    assert_int_equal(enter(1000000, 1000, false), SIM_ENTRY_SENT);
}

static void many_wait_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    make((sim_bottleneck_spec){ .rate_bps = 8000000, .queue_bytes = 1 << 30 });
    uint64_t next = 1;
    for (uint64_t n = 1; n <= 1000; n++) {
        enter(0, n, false);
        if (n % 3 != 0 || b.waiting == 0) continue; /* the ring wraps and grows */
        sim_bottleneck_next(&b, &last_sent, shed, &b);
        assert_int_equal(last_sent.n, ++next);
    }
    while (b.waiting > 0) {
        sim_bottleneck_next(&b, &last_sent, shed, &b);
        assert_int_equal(last_sent.n, ++next);
    }
    assert_int_equal(next, 1000);
    assert_int_equal(b.bytes, 0);
}

/*= SIM-013 */
static void what_waits_leaves_at_the_new_rate_and_what_is_being_sent_at_the_old_one(void **state)
{
    (void)state;
    make((sim_bottleneck_spec){ .rate_bps = 8000000, .queue_bytes = 10000 });
    for (int i = 0; i < 4; i++) enter(0, 1000, false);
    sim_bottleneck_set(&b, &(sim_bottleneck_spec){ .rate_bps = 800000, .queue_bytes = 2000 });
    assert_true(b.busy_until == TERN_MS);
    assert_int_equal(enter(0, 1, false), SIM_ENTRY_FULL); /* of 2000 bytes 3000 wait: they stay, and no other comes */
    until(TERN_MS);
    assert_true(b.busy_until == 11 * TERN_MS);
    until(31 * TERN_MS - 1);
    assert_int_equal(b.waiting, 0);
    assert_true(b.busy_until == 31 * TERN_MS);
    assert_int_equal(enter(30 * TERN_MS, 1000, false), SIM_ENTRY_WAITS);
}

/*= SIM-014 */
static void only_what_can_be_marked_is_and_the_tail_is_dropped_all_the_same(void **state)
{
    (void)state;
    make((sim_bottleneck_spec){ .rate_bps = 8000000, .queue_bytes = 4000, .ecn = { SIM_ECN_ON, 0 } });
    static const bool ect[] = { true, true, true, false }, marked[] = { false, false, true, false };
    for (int i = 0; i < 4; i++) {
        assert_int_not_equal(enter(0, 1000, ect[i]), SIM_ENTRY_FULL);
        assert_int_equal(last_sent.marked, marked[i]);
    }
    assert_int_equal(enter(0, 1000, true), SIM_ENTRY_FULL);
    until(10 * TERN_MS);
    assert_int_equal(b.marked, 1);
}

/*= SIM-015 */
static void codel_leaves_a_queue_alone_that_drains_within_its_interval(void **state)
{
    (void)state;
    make((sim_bottleneck_spec){ .rate_bps = 8000000, .queue_bytes = 1 << 20, .codel = true });
    for (tern_time at = 0; at < TERN_SECOND; at += 200 * TERN_MS)
        for (int i = 0; i < 90; i++) enter(at, 1000, false); /* bursts of 90 ms */
    until(2 * TERN_SECOND);
    assert_int_equal(thrown, 0);
}

/*= SIM-015 */
static void codel_throws_the_first_away_when_the_queue_has_stood_for_an_interval(void **state)
{
    (void)state;
    make((sim_bottleneck_spec){ .rate_bps = 8000000, .queue_bytes = 1 << 20, .codel = true });
    for (int i = 0; i < 6; i++) enter(0, 1000, false);
    for (tern_time now = 0; now < 200 * TERN_MS; now += TERN_MS)
        enter(now, 1000, false); /* 6 ms of standing queue, from the 6th on above 5 ms */
    for (tern_time now = 0; now < 200 * TERN_MS && thrown == 0; now += TERN_MS) until(now);
    assert_int_equal(thrown, 1);
    assert_int_equal(last_thrown, 1000);
}

/*= SIM-015 */
static void codel_does_not_throw_the_last_one_away(void **state)
{
    (void)state;
    make((sim_bottleneck_spec){ .rate_bps = 80000, .queue_bytes = 1 << 20, .codel = true }); /* 100 ms a packet */
    for (tern_time now = 0; now < 10 * TERN_SECOND; now += 100 * TERN_MS) {
        enter(now, 1000, false);
        if (now == 0) enter(now, 1000, false);
    }
    until(20 * TERN_SECOND);
    assert_int_equal(thrown, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_sends_one_behind_the_other_to_the_nanosecond),
        cmocka_unit_test(a_time_that_does_not_come_out_even_is_rounded_up),
        cmocka_unit_test(a_full_queue_drops_its_tail_and_takes_again_when_it_has_drained),
        cmocka_unit_test(a_queue_smaller_than_a_packet_still_sends_one_at_a_time),
        cmocka_unit_test(many_wait_in_the_order_in_which_they_came),
        cmocka_unit_test(what_waits_leaves_at_the_new_rate_and_what_is_being_sent_at_the_old_one),
        cmocka_unit_test(only_what_can_be_marked_is_and_the_tail_is_dropped_all_the_same),
        cmocka_unit_test(codel_leaves_a_queue_alone_that_drains_within_its_interval),
        cmocka_unit_test(codel_throws_the_first_away_when_the_queue_has_stood_for_an_interval),
        cmocka_unit_test(codel_does_not_throw_the_last_one_away),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
