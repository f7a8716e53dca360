/* SPDX-License-Identifier: MIT */
#include "recovery/sent.h"
#include "unit/recovery/unit.h"

#define PAGES 64

static tern_pool *pool;
static tern_sent s;

static int setup(void **state)
{
    (void)state;
    pool = new_pool(PAGES);
    tern_sent_init(&s);
    return pool == NULL;
}

static int teardown(void **state)
{
    (void)state;
    tern_sent_free(&s, pool);
    return free_pool(pool);
}

static void send_packet(tern_time time, bool in_flight)
{
    tern_sent_packet *p = tern_sent_open(&s, pool);
    assert_non_null(p);
    p->time = time;
    p->in_flight = in_flight;
    tern_sent_set_state(p, TERN_SENT_IN_FLIGHT);
    tern_sent_commit(&s);
}

static void send_packets(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) send_packet(1000 + s.next_pn, true);
}

static void acknowledge(uint64_t from, uint64_t to)
{
    for (uint64_t pn = from; pn < to; pn++) {
        tern_sent_packet *p = tern_sent_find(&s, pool, pn);
        if (p == NULL) continue;
        tern_sent_set_state(p, TERN_SENT_ACKED);
        p->acked_to = to;
    }
}

static void a_record_is_found_by_its_number(void **state)
{
    (void)state;
    send_packets(500);
    for (uint64_t pn = 0; pn < 500; pn++) assert_int_equal(tern_sent_find(&s, pool, pn)->time, 1000 + pn);
    assert_null(tern_sent_find(&s, pool, 500));
    assert_null(tern_sent_find(&s, pool, UINT64_MAX));
}

static void a_record_that_is_not_committed_is_opened_again_empty(void **state)
{
    (void)state;
    tern_sent_packet *p = tern_sent_open(&s, pool);
    p->carried = TERN_CARRIED_MAX_DATA;
    assert_true(tern_sent_packet_add(p, 4, 0, 10, 0));
    p = tern_sent_open(&s, pool);
    assert_int_equal(p->carried, 0);
    assert_int_equal(p->ranges, 0);
    assert_int_equal(p->largest_acked, UINT64_MAX);
    assert_null(tern_sent_find(&s, pool, 0));
}

static void without_memory_nothing_is_opened(void **state)
{
    (void)state;
    tern_page taken[PAGES];
    for (int i = 0; i < PAGES; i++) taken[i] = tern_pool_take(pool, TERN_FOR_RECORDS);
    assert_null(tern_sent_open(&s, pool));
    for (int i = 0; i < PAGES; i++) tern_pool_give(pool, taken[i]);
    assert_non_null(tern_sent_open(&s, pool));
}

static void a_window_of_records_beyond_what_pages_span_is_not_opened(void **state)
{
    (void)state;
    s.next_pn = TERN_PAGED_SPAN / sizeof(tern_sent_packet);
    assert_null(tern_sent_open(&s, pool));
    assert_int_equal(pool->free, PAGES);
}

static void ranges_that_touch_are_one(void **state)
{
    (void)state;
    tern_sent_packet *p = tern_sent_open(&s, pool);
    assert_true(tern_sent_packet_add(p, 4, 100, 50, 0));
    assert_true(tern_sent_packet_add(p, 4, 150, 50, TERN_RANGE_FIN));
    assert_int_equal(p->ranges, 1);
    assert_int_equal(p->range[0].offset, 100);
    assert_int_equal(p->range[0].length, 100);
    assert_int_equal(p->range[0].flags, TERN_RANGE_FIN);
}

static void other_ranges_stay_apart(void **state)
{
    (void)state;
    tern_sent_packet *p = tern_sent_open(&s, pool);
    assert_true(tern_sent_packet_add(p, 4, 100, 50, 0));
    assert_true(tern_sent_packet_add(p, 4, 151, 50, TERN_RANGE_FIN)); /* a gap */
    assert_true(tern_sent_packet_add(p, 4, 201, 0, TERN_RANGE_FIN));  /* behind an end */
    assert_true(tern_sent_packet_add(p, 8, 201, 10, 0));              /* another stream */
    assert_true(tern_sent_packet_add(p, 8, 211, 0, TERN_RANGE_RESET));
    assert_int_equal(p->ranges, 5);
}

static void a_joined_range_never_outgrows_its_length(void **state)
{
    (void)state;
    tern_sent_packet *p = tern_sent_open(&s, pool);
    assert_true(tern_sent_packet_add(p, 4, 0, 65000, 0));
    assert_true(tern_sent_packet_add(p, 4, 65000, 535, 0));
    assert_true(tern_sent_packet_add(p, 4, 65535, 1, 0));
    assert_int_equal(p->ranges, 2);
    assert_int_equal(p->range[0].length, 65535);
}

static void a_full_record_takes_only_what_joins(void **state)
{
    (void)state;
    tern_sent_packet *p = tern_sent_open(&s, pool);
    for (uint64_t i = 0; i < TERN_SENT_RANGES; i++) {
        assert_true(tern_sent_packet_has_room(p));
        assert_true(tern_sent_packet_add(p, 4, i * 100, 50, 0));
    }
    assert_false(tern_sent_packet_has_room(p));
    assert_false(tern_sent_packet_add(p, 4, 1000, 50, 0));
    assert_true(tern_sent_packet_add(p, 4, 450, 50, 0));
}

static uint64_t next_unacked(uint64_t pn)
{
    tern_sent_packet *p = tern_sent_next_unacked(&s, pool, &pn);
    assert_ptr_equal(p, tern_sent_find(&s, pool, pn));
    return pn;
}

static void acknowledged_runs_are_jumped_over(void **state)
{
    (void)state;
    send_packets(300);
    acknowledge(10, 20);
    acknowledge(20, 25);
    acknowledge(100, 300);
    assert_int_equal(next_unacked(0), 0);
    assert_int_equal(next_unacked(10), 25);
    assert_int_equal(tern_sent_find(&s, pool, 5)->time, 1005);
    assert_int_equal(next_unacked(15), 25);
    assert_int_equal(next_unacked(99), 99);
    assert_int_equal(next_unacked(150), 300);
    assert_int_equal(next_unacked(1000), 1000);
}

static void jumping_agrees_with_looking_at_each(void **state)
{
    (void)state;
    static bool acked[3000];
    uint64_t rng = 5;
    pool = (free_pool(pool), new_pool(256));
    memset(acked, 0, sizeof acked);
    send_packets(3000);
    for (int i = 0; i < 3000; i++) {
        uint64_t from = random_below(&rng, 3000), to = from + 1 + random_below(&rng, 8);
        if (to > 3000) to = 3000;
        acknowledge(from, to);
        memset(&acked[from], true, to - from);
        uint64_t pn = random_below(&rng, 3000), expected = pn;
        while (expected < 3000 && acked[expected]) expected++;
        assert_int_equal(next_unacked(pn), expected);
    }
}

static void the_oldest_moves_over_what_is_acknowledged_and_pages_come_back(void **state)
{
    (void)state;
    send_packets(200);
    acknowledge(0, 150);
    tern_sent_settle(&s, pool, 0);
    assert_int_equal(s.oldest, 150);
    assert_int_equal(s.records.pages, 3);
    assert_null(tern_sent_find(&s, pool, 149));
    assert_non_null(tern_sent_find(&s, pool, 150));
    acknowledge(150, 200);
    tern_sent_settle(&s, pool, 0);
    assert_int_equal(s.oldest, 200);
    assert_int_equal(pool->free, PAGES); /* a peer that is quiet costs nothing */
    send_packets(1);
    assert_int_equal(tern_sent_find(&s, pool, 200)->time, 1200);
}

/*= REC-021 */
static void a_lost_packet_is_remembered_for_a_while(void **state)
{
    (void)state;
    send_packets(2);
    tern_sent_set_state(tern_sent_find(&s, pool, 0), TERN_SENT_LOST);
    acknowledge(1, 2);
    tern_sent_settle(&s, pool, 1000);
    assert_int_equal(s.oldest, 0);
    assert_int_equal(tern_sent_find(&s, pool, 0)->state, TERN_SENT_LOST);
    tern_sent_settle(&s, pool, 1001);
    assert_int_equal(s.oldest, 2);
}

static void what_need_not_be_acknowledged_does_not_pile_up(void **state)
{
    (void)state;
    send_packet(1000, false);
    send_packet(1001, false);
    send_packet(1002, true);
    tern_sent_settle(&s, pool, 1001);
    assert_int_equal(s.oldest, 1);
    tern_sent_settle(&s, pool, 9999);
    assert_int_equal(s.oldest, 2);
}

static void a_skipped_number_takes_no_record(void **state)
{
    (void)state;
    send_packets(3);
    tern_sent_free(&s, pool);
    tern_sent_skip(&s);
    assert_int_equal(s.next_pn, 4);
    assert_int_equal(pool->free, PAGES);
    send_packets(1);
    assert_null(tern_sent_find(&s, pool, 3));
    assert_non_null(tern_sent_find(&s, pool, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_is_found_by_its_number, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_that_is_not_committed_is_opened_again_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(a_skipped_number_takes_no_record, setup, teardown),
        cmocka_unit_test_setup_teardown(without_memory_nothing_is_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(a_window_of_records_beyond_what_pages_span_is_not_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(ranges_that_touch_are_one, setup, teardown),
        cmocka_unit_test_setup_teardown(other_ranges_stay_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_joined_range_never_outgrows_its_length, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_record_takes_only_what_joins, setup, teardown),
        cmocka_unit_test_setup_teardown(acknowledged_runs_are_jumped_over, setup, teardown),
        cmocka_unit_test_setup_teardown(jumping_agrees_with_looking_at_each, setup, teardown),
        cmocka_unit_test_setup_teardown(the_oldest_moves_over_what_is_acknowledged_and_pages_come_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_lost_packet_is_remembered_for_a_while, setup, teardown),
        cmocka_unit_test_setup_teardown(what_need_not_be_acknowledged_does_not_pile_up, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
