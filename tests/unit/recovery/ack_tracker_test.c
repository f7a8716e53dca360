/* SPDX-License-Identifier: MIT */
#include "recovery/ack_tracker.h"
#include "unit/recovery/unit.h"

#define DELAY (25 * TERN_MS)
#define NOW   (1000 * TERN_MS)

#define PAGES 4

static tern_pool *pool;
static tern_ack_tracker t;

static int setup(void **state)
{
    (void)state;
    pool = new_pool(PAGES);
    tern_ack_tracker_init(&t);
    return pool == NULL;
}

static int teardown(void **state)
{
    (void)state;
    tern_ack_tracker_free(&t, pool);
    return free_pool(pool);
}

static void add(uint64_t pn)
{
    tern_ack_tracker_add(&t, pool, NOW + pn, pn, true, false, DELAY);
}

static void nothing_opened_owes_nothing(void **state)
{
    (void)state;
    assert_int_equal(t.largest, UINT64_MAX);
    assert_int_equal(t.due, TERN_TIME_NEVER);
    assert_false(t.pending);
    assert_false(tern_ack_tracker_is_duplicate(&t, pool, 0));
}

/*= REC-001 */
static void one_packet_in_order_waits_for_the_ack_delay(void **state)
{
    (void)state;
    add(0);
    assert_int_equal(t.due, NOW + DELAY);
    assert_true(t.pending);
    assert_int_equal(t.largest, 0);
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
    tern_ack_tracker_sent(&t, NOW);
    add(2);
    assert_int_equal(t.due, NOW + 2);
    tern_ack_tracker_sent(&t, NOW);
    add(1);
    assert_int_equal(t.due, NOW + 1);
    tern_ack_tracker_sent(&t, NOW);
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
    tern_ack_tracker_add(&t, pool, NOW, 0, true, true, DELAY);
    assert_int_equal(t.due, NOW);
}

/*= REC-004 */
static void what_elicits_nothing_is_told_but_never_due(void **state)
{
    (void)state;
    for (uint64_t pn = 0; pn < 9; pn += 2) tern_ack_tracker_add(&t, pool, NOW, pn, false, true, DELAY);
    assert_int_equal(t.due, TERN_TIME_NEVER);
    assert_true(t.pending);
    assert_true(tern_ranges_contains(&t.seen, pool, 8, 9));
}

/*= REC-050 */
static void what_elicits_nothing_goes_along_once_a_round_trip(void **state)
{
    const uint64_t rtt = 80 * TERN_MS;
    (void)state;
    assert_false(tern_ack_tracker_wants(&t, NOW, rtt));
    tern_ack_tracker_add(&t, pool, NOW, 0, false, false, DELAY);
    assert_true(tern_ack_tracker_wants(&t, NOW, rtt));
    tern_ack_tracker_sent(&t, NOW);
    assert_false(tern_ack_tracker_wants(&t, NOW + 2 * rtt, rtt)); /* nothing is new */
    tern_ack_tracker_add(&t, pool, NOW + 1, 2, false, false, DELAY);
    assert_false(tern_ack_tracker_wants(&t, NOW + rtt - 1, rtt));
    assert_true(tern_ack_tracker_wants(&t, NOW + rtt, rtt));
    add(3);
    assert_true(tern_ack_tracker_wants(&t, NOW + 3, rtt));
}

/*= REC-052 */
static void the_peer_is_acknowledged_as_often_as_it_asks(void **state)
{
    (void)state;
    tern_ack_tracker_ask(&t, 0, 5, 1, 8000);
    add(0);
    assert_int_equal(t.due, NOW + 8 * TERN_MS);
    for (uint64_t pn = 1; pn < 4; pn++) add(pn);
    assert_int_equal(t.due, NOW + 8 * TERN_MS);
    add(4);
    assert_int_equal(t.due, NOW + 4);
    tern_ack_tracker_sent(&t, NOW + 4);
    add(6);
    assert_int_equal(t.due, NOW + 6);
    tern_ack_tracker_sent(&t, NOW + 6);
    tern_ack_tracker_add(&t, pool, NOW, 7, true, true, DELAY); /* the handshake */
    assert_int_equal(t.due, NOW);
}

/*= REC-052 */
static void what_it_asks_for_has_bounds(void **state)
{
    (void)state;
    tern_ack_tracker_ask(&t, 0, UINT16_MAX, 0, UINT32_MAX);
    add(0);
    assert_int_equal(t.due, NOW + DELAY);
    for (uint64_t pn = 1; pn < 255; pn++) add(pn);
    assert_int_equal(t.due, NOW + DELAY);
    add(255);
    assert_int_equal(t.due, NOW + 255);
    tern_ack_tracker_sent(&t, NOW);
    tern_ack_tracker_ask(&t, 1, 9, 0, 0);
    add(256);
    assert_int_equal(t.due, NOW + 256 + TERN_MS);
}

/*= REC-052 */
static void an_older_request_changes_nothing(void **state)
{
    (void)state;
    tern_ack_tracker_ask(&t, 7, 5, 1, 8000);
    tern_ack_tracker_ask(&t, 6, 9, 1, 9000);
    tern_ack_tracker_ask(&t, 7, 9, 1, 9000);
    assert_int_equal(t.most_packets, 5);
    tern_ack_tracker_ask(&t, UINT32_MAX, 9, 1, 9000);
    assert_int_equal(t.most_packets, 5);
    tern_ack_tracker_ask(&t, 8, 9, 1, 9000);
    assert_int_equal(t.most_packets, 9);
}

/*= REC-052 */
static void a_gap_is_told_when_it_is_as_deep_as_was_asked_and_once(void **state)
{
    (void)state;
    tern_ack_tracker_ask(&t, 0, 64, 3, 8000);
    add(0);
    add(2);
    add(3);
    assert_int_equal(t.due, NOW + 8 * TERN_MS);
    add(4); /* three above 1 */
    assert_int_equal(t.due, NOW + 4);
    tern_ack_tracker_sent(&t, NOW + 4);
    add(5);
    add(7);
    assert_int_equal(t.due, NOW + 5 + 8 * TERN_MS);
    add(6); /* what fills a gap is not urgent */
    add(1);
    add(8);
    assert_int_equal(t.due, NOW + 1 + 8 * TERN_MS);
    add(10);
    add(11);
    assert_int_equal(t.due, NOW + 1 + 8 * TERN_MS);
    add(12); /* 9 */
    assert_int_equal(t.due, NOW + 12);
    tern_ack_tracker_sent(&t, NOW + 12);
    add(13);
    add(15);
    tern_ack_tracker_sent(&t, NOW + 15); /* names 15, and 14 as not there, which is too soon to tell */
    add(16);
    assert_int_equal(t.due, NOW + 16 + 8 * TERN_MS);
    add(17);
    assert_int_equal(t.due, NOW + 17);
}

/*= REC-052 */
static void no_gap_is_told_where_none_is_asked_for(void **state)
{
    (void)state;
    tern_ack_tracker_ask(&t, 0, 64, 0, 8000);
    for (uint64_t pn = 0; pn < 60; pn += 2) add(pn);
    assert_int_equal(t.due, NOW + 8 * TERN_MS);
}

static void an_ack_that_was_sent_starts_anew(void **state)
{
    (void)state;
    add(0);
    add(1);
    tern_ack_tracker_sent(&t, NOW);
    assert_false(t.pending);
    assert_int_equal(t.due, TERN_TIME_NEVER);
    add(2);
    assert_int_equal(t.due, NOW + 2 + DELAY);
}

static void the_first_deadline_holds(void **state)
{
    (void)state;
    tern_ack_tracker_add(&t, pool, NOW, 0, true, false, DELAY);
    tern_ack_tracker_add(&t, pool, NOW + DELAY + 1, 1, true, false, DELAY);
    assert_int_equal(t.due, NOW + DELAY);
}

static void the_largest_keeps_its_time_when_older_ones_arrive(void **state)
{
    (void)state;
    add(5);
    tern_ack_tracker_add(&t, pool, NOW + 99, 3, true, false, DELAY);
    assert_int_equal(t.largest_at, NOW + 5);
    tern_ack_tracker_add(&t, pool, NOW + 100, 6, false, false, DELAY);
    assert_int_equal(t.largest_at, NOW + 100);
}

static void a_number_opened_before_is_a_duplicate(void **state)
{
    (void)state;
    add(7);
    assert_true(tern_ack_tracker_is_duplicate(&t, pool, 7));
    assert_false(tern_ack_tracker_is_duplicate(&t, pool, 6));
    assert_false(tern_ack_tracker_is_duplicate(&t, pool, 8));
}

/*= REC-002 */
static void the_oldest_ranges_are_forgotten_first_and_stay_duplicates(void **state)
{
    (void)state;
    for (uint64_t pn = 1; pn < 2 * (TERN_ACK_KEPT + 3); pn += 2) add(pn);
    assert_int_equal(t.seen.n, TERN_ACK_KEPT);
    assert_int_equal(tern_ranges_at(&t.seen, pool, 0).from, 7);
    for (uint64_t pn = 0; pn < 7; pn++) assert_true(tern_ack_tracker_is_duplicate(&t, pool, pn));
    assert_true(tern_ack_tracker_is_duplicate(&t, pool, 7));
    assert_false(tern_ack_tracker_is_duplicate(&t, pool, 8));
}

/*= REC-002 */
static void without_a_page_fewer_are_kept_and_what_is_forgotten_stays_a_duplicate(void **state)
{
    (void)state;
    tern_page held[PAGES];
    for (size_t i = 0; i < PAGES; i++) held[i] = tern_pool_take(pool, TERN_FOR_RECORDS);
    for (uint64_t pn = 10; pn < 30; pn += 2) add(pn);
    assert_int_equal(t.seen.n, TERN_RANGES_NEAR);
    for (uint64_t pn = 0; pn <= 22; pn++) assert_true(tern_ack_tracker_is_duplicate(&t, pool, pn));
    assert_false(tern_ack_tracker_is_duplicate(&t, pool, 23));
    for (size_t i = 0; i < PAGES; i++) tern_pool_give(pool, held[i]);
}

/* The page was there when it was asked whether a number is new, and is gone when the number is remembered. */
/*= REC-002 */
static void a_lowest_number_that_finds_no_place_is_a_duplicate_from_now_on(void **state)
{
    (void)state;
    tern_page held[PAGES];
    for (uint64_t pn = 10; pn < 18; pn += 2) add(pn);
    assert_false(tern_ack_tracker_is_duplicate(&t, pool, 5));
    for (size_t i = 0; i < PAGES; i++) held[i] = tern_pool_take(pool, TERN_FOR_RECORDS);
    add(5);
    assert_int_equal(t.seen.n, TERN_RANGES_NEAR);
    assert_true(tern_ack_tracker_is_duplicate(&t, pool, 5));
    for (size_t i = 0; i < PAGES; i++) tern_pool_give(pool, held[i]);
}

/* A number that is missing is taken however far behind the largest it comes, as long as the set has room for the gaps;
 * then it is a duplicate, and so is each that was opened, at every distance. */
/*= WIRE-013 */
static void what_is_new_is_told_from_what_was_opened_at_every_distance(void **state)
{
    (void)state;
    const uint64_t top = 2 * (TERN_ACK_KEPT - 2);
    for (uint64_t pn = 0; pn <= top; pn += 2) add(pn);
    assert_int_equal(t.floor, 0);
    for (uint64_t behind = 0; behind <= top; behind++)
        assert_int_equal(tern_ack_tracker_is_duplicate(&t, pool, top - behind), behind % 2 == 0);
    for (uint64_t ahead = 1; ahead < UINT64_C(1) << 40; ahead *= 2)
        assert_false(tern_ack_tracker_is_duplicate(&t, pool, top + ahead));
    for (uint64_t pn = 1; pn < top; pn += 2) {
        add(pn); /* late: each of them, from the oldest on */
        assert_true(tern_ack_tracker_is_duplicate(&t, pool, pn));
    }
    assert_int_equal(t.seen.n, 1);
    add(top + (UINT64_C(1) << 31));
    for (uint64_t pn = 0; pn <= top; pn++) assert_true(tern_ack_tracker_is_duplicate(&t, pool, pn));
    assert_false(tern_ack_tracker_is_duplicate(&t, pool, top + 1));
}

/*= REC-002 */
static void no_number_is_ever_taken_twice(void **state)
{
    (void)state;
    static uint8_t opened[20000];
    uint64_t rng = 1;
    uint32_t most = 0;
    memset(opened, 0, sizeof opened);
    for (int i = 0; i < 60000; i++) {
        uint64_t top = (uint64_t)i / 3, pn = top > 3000 ? top - random_below(&rng, 3000) : random_below(&rng, top + 1);
        if (tern_ack_tracker_is_duplicate(&t, pool, pn)) continue;
        assert_false(opened[pn]);
        opened[pn] = 1;
        add(pn);
        assert_true(tern_ranges_contains(&t.seen, pool, pn, pn + 1));
        most = t.seen.n > most ? t.seen.n : most;
        if (random_below(&rng, 2000) == 0)
            tern_ack_tracker_acknowledged(&t, pool, tern_ranges_at(&t.seen, pool, t.seen.n / 2).from);
    }
}

static void what_the_peer_knows_need_not_be_told_again(void **state)
{
    (void)state;
    add(0);
    add(2);
    add(4);
    tern_ack_tracker_acknowledged(&t, pool, 2);
    assert_int_equal(t.seen.n, 2);
    assert_int_equal(tern_ranges_at(&t.seen, pool, 0).from, 2);
    for (uint64_t pn = 0; pn <= 2; pn++) assert_true(tern_ack_tracker_is_duplicate(&t, pool, pn));
    assert_false(tern_ack_tracker_is_duplicate(&t, pool, 3));
    tern_ack_tracker_acknowledged(&t, pool, 4);
    assert_int_equal(t.largest, 4);
}

static void a_packet_whose_own_ack_raised_the_floor_above_it_is_still_told(void **state)
{
    (void)state;
    add(0);
    add(4);
    tern_ack_tracker_acknowledged(&t, pool, 4); /* in packet 2, which is being read */
    add(2);
    assert_true(tern_ranges_contains(&t.seen, pool, 2, 3));
    assert_true(tern_ack_tracker_is_duplicate(&t, pool, 2));
    assert_int_equal(t.largest, 4);
}

/*= REC-002 CONN-025 */
static void when_all_is_quiet_the_highest_few_are_kept_and_no_page(void **state)
{
    (void)state;
    for (uint64_t pn = 0; pn < 100; pn += 2) add(pn);
    assert_int_equal(pool->free, PAGES - 1);
    tern_ack_tracker_forget(&t, pool);
    assert_int_equal(pool->free, PAGES);
    assert_int_equal(t.seen.n, TERN_RANGES_NEAR);
    assert_true(tern_ranges_contains(&t.seen, pool, 98, 99));
    for (uint64_t pn = 0; pn <= 92; pn++) assert_true(tern_ack_tracker_is_duplicate(&t, pool, pn));
    assert_false(tern_ack_tracker_is_duplicate(&t, pool, 93));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/*= REC-045 */
static void marks_are_counted_and_one_of_congestion_is_told_at_once(void **state)
{
    (void)state;
    add(0);
    tern_ack_tracker_marked(&t, NOW, TERN_ECN_ECT0);
    assert_int_equal(t.due, NOW + DELAY);
    tern_ack_tracker_marked(&t, NOW + 1, TERN_ECN_CE);
    assert_int_equal(t.due, NOW + 1);
    tern_ack_tracker_marked(&t, NOW + 2, TERN_ECN_ECT1);
    tern_ack_tracker_marked(&t, NOW + 3, TERN_ECN_NOT_ECT);
    assert_true(t.ect0 == 1 && t.ect1 == 1 && t.ce == 1);
}

/*= REC-004 REC-045 */
static void a_mark_of_congestion_asks_for_nothing_where_nothing_is_owed(void **state)
{
    (void)state;
    tern_ack_tracker_add(&t, pool, NOW, 0, false, false, DELAY);
    tern_ack_tracker_marked(&t, NOW, TERN_ECN_CE);
    assert_int_equal(t.due, TERN_TIME_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(marks_are_counted_and_one_of_congestion_is_told_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_mark_of_congestion_asks_for_nothing_where_nothing_is_owed, setup, teardown),
        TEST(nothing_opened_owes_nothing),
        TEST(one_packet_in_order_waits_for_the_ack_delay),
        TEST(two_packets_are_acknowledged_at_once),
        TEST(a_gap_and_its_filling_are_acknowledged_at_once),
        TEST(a_first_number_above_0_is_out_of_order),
        TEST(the_handshake_is_acknowledged_at_once),
        TEST(what_elicits_nothing_is_told_but_never_due),
        TEST(what_elicits_nothing_goes_along_once_a_round_trip),
        TEST(the_peer_is_acknowledged_as_often_as_it_asks),
        TEST(what_it_asks_for_has_bounds),
        TEST(an_older_request_changes_nothing),
        TEST(a_gap_is_told_when_it_is_as_deep_as_was_asked_and_once),
        TEST(no_gap_is_told_where_none_is_asked_for),
        TEST(an_ack_that_was_sent_starts_anew),
        TEST(the_first_deadline_holds),
        TEST(the_largest_keeps_its_time_when_older_ones_arrive),
        TEST(a_number_opened_before_is_a_duplicate),
        TEST(the_oldest_ranges_are_forgotten_first_and_stay_duplicates),
        TEST(without_a_page_fewer_are_kept_and_what_is_forgotten_stays_a_duplicate),
        TEST(a_lowest_number_that_finds_no_place_is_a_duplicate_from_now_on),
        TEST(what_is_new_is_told_from_what_was_opened_at_every_distance),
        TEST(no_number_is_ever_taken_twice),
        TEST(when_all_is_quiet_the_highest_few_are_kept_and_no_page),
        TEST(what_the_peer_knows_need_not_be_told_again),
        TEST(a_packet_whose_own_ack_raised_the_floor_above_it_is_still_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
