/* SPDX-License-Identifier: MIT */
#include "recovery/ack_tracker.h"
#include "unit/base/unit.h"

#define DELAY (25 * TERN_MS)
#define NOW   (1000 * TERN_MS)

static tern_ack_tracker t;

static int setup(void **state)
{
    (void)state;
    tern_ack_tracker_init(&t);
    return 0;
}

static void add(uint64_t pn)
{
    tern_ack_tracker_add(&t, NOW + pn, pn, true, false, DELAY);
}

static void nothing_opened_owes_nothing(void **state)
{
    (void)state;
    assert_int_equal(tern_ack_tracker_largest(&t), UINT64_MAX);
    assert_int_equal(t.due, TERN_TIME_NEVER);
    assert_false(t.pending);
    assert_false(tern_ack_tracker_is_duplicate(&t, 0));
}

/*= REC-001 */
static void one_packet_in_order_waits_for_the_ack_delay(void **state)
{
    (void)state;
    add(0);
    assert_int_equal(t.due, NOW + DELAY);
    assert_true(t.pending);
    assert_int_equal(tern_ack_tracker_largest(&t), 0);
}

/*= REC-001 */
static void two_packets_are_acknowledged_at_once(void **state)
{
    (void)state;
    add(0);
    add(1);
    assert_int_equal(t.due, NOW + 1);
}

/*= REC-001 */
static void a_gap_and_its_filling_are_acknowledged_at_once(void **state)
{
    (void)state;
    add(0);
    tern_ack_tracker_sent(&t);
    add(2);
    assert_int_equal(t.due, NOW + 2);
    tern_ack_tracker_sent(&t);
    add(1);
    assert_int_equal(t.due, NOW + 1);
    tern_ack_tracker_sent(&t);
    add(3);
    assert_int_equal(t.due, NOW + 3 + DELAY);
}

/*= REC-001 */
static void a_first_number_above_0_is_out_of_order(void **state)
{
    (void)state;
    add(1);
    assert_int_equal(t.due, NOW + 1);
}

/*= REC-001 */
static void the_handshake_is_acknowledged_at_once(void **state)
{
    (void)state;
    tern_ack_tracker_add(&t, NOW, 0, true, true, DELAY);
    assert_int_equal(t.due, NOW);
}

/*= REC-004 */
static void what_elicits_nothing_is_told_but_never_due(void **state)
{
    (void)state;
    for (uint64_t pn = 0; pn < 9; pn += 2) tern_ack_tracker_add(&t, NOW, pn, false, true, DELAY);
    assert_int_equal(t.due, TERN_TIME_NEVER);
    assert_true(t.pending);
    assert_true(tern_ranges_contains(&t.seen, 8, 9));
}

static void an_ack_that_was_sent_starts_anew(void **state)
{
    (void)state;
    add(0);
    add(1);
    tern_ack_tracker_sent(&t);
    assert_false(t.pending);
    assert_int_equal(t.due, TERN_TIME_NEVER);
    add(2);
    assert_int_equal(t.due, NOW + 2 + DELAY);
}

static void the_first_deadline_holds(void **state)
{
    (void)state;
    tern_ack_tracker_add(&t, NOW, 0, true, false, DELAY);
    tern_ack_tracker_add(&t, NOW + DELAY + 1, 1, true, false, DELAY);
    assert_int_equal(t.due, NOW + DELAY);
}

static void the_largest_keeps_its_time_when_older_ones_arrive(void **state)
{
    (void)state;
    add(5);
    tern_ack_tracker_add(&t, NOW + 99, 3, true, false, DELAY);
    assert_int_equal(t.largest_at, NOW + 5);
    tern_ack_tracker_add(&t, NOW + 100, 6, false, false, DELAY);
    assert_int_equal(t.largest_at, NOW + 100);
}

static void a_number_opened_before_is_a_duplicate(void **state)
{
    (void)state;
    add(7);
    assert_true(tern_ack_tracker_is_duplicate(&t, 7));
    assert_false(tern_ack_tracker_is_duplicate(&t, 6));
    assert_false(tern_ack_tracker_is_duplicate(&t, 8));
}

/*= REC-002 */
static void the_oldest_ranges_are_forgotten_first_and_stay_duplicates(void **state)
{
    (void)state;
    for (uint64_t pn = 1; pn < 2 * (TERN_RANGES_MAX + 3); pn += 2) add(pn);
    assert_int_equal(t.seen.n, TERN_RANGES_MAX);
    assert_int_equal(t.seen.at[0].from, 7);
    for (uint64_t pn = 0; pn < 7; pn++) assert_true(tern_ack_tracker_is_duplicate(&t, pn));
    assert_true(tern_ack_tracker_is_duplicate(&t, 7));
    assert_false(tern_ack_tracker_is_duplicate(&t, 8));
}

/*= REC-002 */
static void no_number_is_ever_taken_twice(void **state)
{
    (void)state;
    static uint8_t opened[4000];
    uint64_t rng = 1;
    memset(opened, 0, sizeof opened);
    for (int i = 0; i < 20000; i++) {
        uint64_t top = (uint64_t)i / 5, pn = top > 300 ? top - random_below(&rng, 300) : random_below(&rng, top + 1);
        if (tern_ack_tracker_is_duplicate(&t, pn)) continue;
        assert_false(opened[pn]);
        opened[pn] = 1;
        add(pn);
        assert_true(tern_ranges_contains(&t.seen, pn, pn + 1));
        if (random_below(&rng, 50) == 0) tern_ack_tracker_acknowledged(&t, t.seen.at[t.seen.n / 2].from);
    }
}

static void what_the_peer_knows_need_not_be_told_again(void **state)
{
    (void)state;
    add(0);
    add(2);
    add(4);
    tern_ack_tracker_acknowledged(&t, 2);
    assert_int_equal(t.seen.n, 2);
    assert_int_equal(t.seen.at[0].from, 2);
    for (uint64_t pn = 0; pn <= 2; pn++) assert_true(tern_ack_tracker_is_duplicate(&t, pn));
    assert_false(tern_ack_tracker_is_duplicate(&t, 3));
    tern_ack_tracker_acknowledged(&t, 4);
    assert_int_equal(tern_ack_tracker_largest(&t), 4);
}

static void a_packet_whose_own_ack_raised_the_floor_above_it_is_still_told(void **state)
{
    (void)state;
    add(0);
    add(4);
    tern_ack_tracker_acknowledged(&t, 4); /* in packet 2, which is being read */
    add(2);
    assert_true(tern_ranges_contains(&t.seen, 2, 3));
    assert_true(tern_ack_tracker_is_duplicate(&t, 2));
    assert_int_equal(tern_ack_tracker_largest(&t), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_opened_owes_nothing, setup),
        cmocka_unit_test_setup(one_packet_in_order_waits_for_the_ack_delay, setup),
        cmocka_unit_test_setup(two_packets_are_acknowledged_at_once, setup),
        cmocka_unit_test_setup(a_gap_and_its_filling_are_acknowledged_at_once, setup),
        cmocka_unit_test_setup(a_first_number_above_0_is_out_of_order, setup),
        cmocka_unit_test_setup(the_handshake_is_acknowledged_at_once, setup),
        cmocka_unit_test_setup(what_elicits_nothing_is_told_but_never_due, setup),
        cmocka_unit_test_setup(an_ack_that_was_sent_starts_anew, setup),
        cmocka_unit_test_setup(the_first_deadline_holds, setup),
        cmocka_unit_test_setup(the_largest_keeps_its_time_when_older_ones_arrive, setup),
        cmocka_unit_test_setup(a_number_opened_before_is_a_duplicate, setup),
        cmocka_unit_test_setup(the_oldest_ranges_are_forgotten_first_and_stay_duplicates, setup),
        cmocka_unit_test_setup(no_number_is_ever_taken_twice, setup),
        cmocka_unit_test_setup(what_the_peer_knows_need_not_be_told_again, setup),
        cmocka_unit_test_setup(a_packet_whose_own_ack_raised_the_floor_above_it_is_still_told, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
