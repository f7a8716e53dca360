/* SPDX-License-Identifier: MIT */
#include "unit/netsim/unit.h"
#include "world/prf.h"
#include "world/queue.h"

static sim_queue q;

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

static void it_agrees_with_a_plain_search_for_the_least(void **state)
{
    (void)state;
    static tern_time model[4000];
    static bool there[4000];
    sim_prf prf = sim_prf_of_seed(1);
    uint32_t pushed = 0;
    for (uint64_t step = 0; step < 8000; step++) {
        uint64_t draw = sim_prf_u64(&prf, 0, step, SIM_DRAW_RANGE);
        if (draw % 2 == 0 && pushed < 4000) {
            model[pushed] = draw >> 54;
            there[pushed] = true;
            push(model[pushed], pushed, false);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_one_instant_the_first_pushed_comes_first, clear, clear),
        cmocka_unit_test_setup_teardown(what_is_to_be_last_comes_behind_what_is_pushed_later, clear, clear),
        cmocka_unit_test_setup_teardown(it_agrees_with_a_plain_search_for_the_least, clear, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
