/* SPDX-License-Identifier: MIT */
#include "base/heap.h"
#include "unit/base/unit.h"

#define SLOTS 37

static tern_heap heap;
static tern_heap_entry entries[SLOTS];

static int setup(void **state)
{
    (void)state;
    tern_heap_init(&heap, entries, SLOTS);
    return 0;
}

static void an_empty_heap_is_never_due(void **state)
{
    (void)state;
    assert_int_equal(tern_heap_next(&heap, entries), TERN_TIME_NEVER);
    tern_heap_set(&heap, entries, 3, TERN_TIME_NEVER);
    assert_int_equal(tern_heap_next(&heap, entries), TERN_TIME_NEVER);
}

static void the_earliest_deadline_is_next(void **state)
{
    (void)state;
    tern_heap_set(&heap, entries, 5, 50);
    tern_heap_set(&heap, entries, 2, 20);
    tern_heap_set(&heap, entries, 9, 90);
    assert_int_equal(tern_heap_next(&heap, entries), 20);
    assert_int_equal(tern_heap_next_slot(&heap, entries), 2);
}

static void a_deadline_that_is_set_again_moves_its_slot(void **state)
{
    (void)state;
    tern_heap_set(&heap, entries, 5, 50);
    tern_heap_set(&heap, entries, 2, 20);
    tern_heap_set(&heap, entries, 2, 200);
    assert_int_equal(tern_heap_next_slot(&heap, entries), 5);
    tern_heap_set(&heap, entries, 2, 1);
    assert_int_equal(tern_heap_next_slot(&heap, entries), 2);
    assert_int_equal(heap.n, 2);
}

static void a_slot_whose_deadline_is_never_leaves(void **state)
{
    (void)state;
    tern_heap_set(&heap, entries, 5, 50);
    tern_heap_set(&heap, entries, 2, 20);
    tern_heap_set(&heap, entries, 2, TERN_TIME_NEVER);
    assert_int_equal(tern_heap_next_slot(&heap, entries), 5);
    tern_heap_set(&heap, entries, 5, TERN_TIME_NEVER);
    assert_int_equal(tern_heap_next(&heap, entries), TERN_TIME_NEVER);
}

static void it_agrees_with_a_plain_table_of_deadlines(void **state)
{
    (void)state;
    tern_time model[SLOTS];
    uint64_t seed = 1;
    for (size_t i = 0; i < SLOTS; i++) model[i] = TERN_TIME_NEVER;
    for (int step = 0; step < 20000; step++) {
        uint32_t slot = (uint32_t)random_below(&seed, SLOTS);
        model[slot] = random_below(&seed, 4) == 0 ? TERN_TIME_NEVER : random_below(&seed, 100);
        tern_heap_set(&heap, entries, slot, model[slot]);
        tern_time least = TERN_TIME_NEVER;
        uint32_t armed = 0;
        for (size_t i = 0; i < SLOTS; i++) {
            if (model[i] < least) least = model[i];
            armed += model[i] != TERN_TIME_NEVER;
        }
        assert_int_equal(heap.n, armed);
        assert_int_equal(tern_heap_next(&heap, entries), least);
        if (least != TERN_TIME_NEVER) assert_int_equal(model[tern_heap_next_slot(&heap, entries)], least);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_empty_heap_is_never_due, setup),
        cmocka_unit_test_setup(the_earliest_deadline_is_next, setup),
        cmocka_unit_test_setup(a_deadline_that_is_set_again_moves_its_slot, setup),
        cmocka_unit_test_setup(a_slot_whose_deadline_is_never_leaves, setup),
        cmocka_unit_test_setup(it_agrees_with_a_plain_table_of_deadlines, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
