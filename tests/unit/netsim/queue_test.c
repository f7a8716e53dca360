/* SPDX-License-Identifier: MIT */
#include "unit/netsim/unit.h"
#include "world/prf.h"
#include "world/queue.h"

static sim_queue q;

#define LANES 3

static int clear(void **state)
{
    (void)state;
    sim_queue_free(&q);
    return 0;
}

static void push(tern_time at, uint32_t index, bool last)
{
    sim_queue_push(&q, (sim_happening){ .at = at, .index = index, .kind = SIM_HAPPENS_TIMER }, last);
}

static uint32_t pop(void)
{
    sim_happening h = { 0 };
    assert_true(sim_queue_pop(&q, &h));
    return h.index;
}

/*= SIM-001 */
static void of_one_instant_the_first_pushed_comes_first(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) push(i % 10, i, false);
    for (uint32_t at = 0; at < 10; at++)
        for (uint32_t i = at; i < 1000; i += 10) assert_int_equal(pop(), i);
    sim_happening none;
    assert_false(sim_queue_pop(&q, &none));
}

/*= SIM-008 */
static void what_is_to_be_last_comes_behind_what_is_pushed_later(void **state)
{
    (void)state;
    push(5, 1, true);
    push(5, 2, false);
    push(6, 3, false);
    push(5, 4, false);
    assert_int_equal(pop(), 2);
    assert_int_equal(pop(), 4);
    assert_int_equal(pop(), 1);
    assert_int_equal(pop(), 3);
}

/* with_lanes: three of four are pushed behind one of the lanes. */
static void compare_with_a_plain_search(bool with_lanes)
{
    static tern_time model[4000];
    static bool there[4000];
    sim_prf prf = sim_prf_of_seed(1);
    uint32_t pushed = 0;
    for (uint64_t step = 0; step < 8000; step++) {
        uint64_t draw = sim_prf_u64(&prf, 0, step, SIM_DRAW_RANGE);
        if (draw % 2 == 0 && pushed < 4000) {
            model[pushed] = with_lanes ? step + (draw >> 57) : draw >> 54; /* some overtake others */
            there[pushed] = true;
            sim_happening what = { .at = model[pushed], .index = pushed, .kind = SIM_HAPPENS_TIMER };
            unsigned lane = draw >> 32 & 3;
            if (with_lanes && lane < LANES)
                sim_queue_push_behind(&q, lane, what);
            else
                sim_queue_push(&q, what, false);
            pushed++;
            continue;
        }
        uint32_t least = UINT32_MAX;
        for (uint32_t i = 0; i < pushed; i++)
            if (there[i] && (least == UINT32_MAX || model[i] < model[least])) least = i;
        if (least == UINT32_MAX) continue;
        assert_int_equal(pop(), least);
        there[least] = false;
    }
}

static void it_agrees_with_a_plain_search_for_the_least(void **state)
{
    (void)state;
    compare_with_a_plain_search(false);
}

/*= SIM-001 */
static void lanes_change_no_order(void **state)
{
    (void)state;
    compare_with_a_plain_search(true);
}

static void of_a_lane_that_overtakes_nothing_one_stands_in_the_heap(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 100; i++)
        sim_queue_push_behind(&q, 0, (sim_happening){ .at = i / 2, .index = i, .kind = SIM_HAPPENS_DELIVERY });
    assert_int_equal(q.n, 1);
    for (uint32_t i = 0; i < 100; i++) assert_int_equal(pop(), i);
    assert_int_equal(q.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_one_instant_the_first_pushed_comes_first, clear, clear),
        cmocka_unit_test_setup_teardown(what_is_to_be_last_comes_behind_what_is_pushed_later, clear, clear),
        cmocka_unit_test_setup_teardown(it_agrees_with_a_plain_search_for_the_least, clear, clear),
        cmocka_unit_test_setup_teardown(lanes_change_no_order, clear, clear),
        cmocka_unit_test_setup_teardown(of_a_lane_that_overtakes_nothing_one_stands_in_the_heap, clear, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
