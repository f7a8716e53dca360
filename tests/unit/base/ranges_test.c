/* SPDX-License-Identifier: MIT */
#include "base/ranges.h"
#include "unit/base/unit.h"

#define UNIVERSE 400

static tern_ranges set;

static int setup(void **state)
{
    (void)state;
    tern_ranges_clear(&set);
    return 0;
}

static void expect(const tern_range *ranges, uint32_t n)
{
    assert_int_equal(set.n, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(set.at[i].from, ranges[i].from);
        assert_int_equal(set.at[i].to, ranges[i].to);
    }
}

#define EXPECT(...)                                                                                                    \
    do {                                                                                                               \
        const tern_range expected[] = { __VA_ARGS__ };                                                                 \
        expect(expected, sizeof expected / sizeof expected[0]);                                                        \
    } while (0)

/* TERN_RANGES_MAX ranges of one number: 10, 20, 30 ... */
static void fill(void)
{
    for (uint64_t i = 1; i <= TERN_RANGES_MAX; i++) assert_true(tern_ranges_add(&set, i * 10, i * 10 + 1));
}

static void a_range_apart_from_others_stands_in_its_place(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, 20, 30));
    assert_true(tern_ranges_add(&set, 40, 50));
    assert_true(tern_ranges_add(&set, 0, 10));
    EXPECT({ 0, 10 }, { 20, 30 }, { 40, 50 });
}

static void a_range_that_bridges_two_joins_them(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, 0, 10));
    assert_true(tern_ranges_add(&set, 20, 30));
    assert_true(tern_ranges_add(&set, 10, 20));
    EXPECT({ 0, 30 });
}

static void a_range_that_touches_one_lengthens_it(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, 10, 20));
    assert_true(tern_ranges_add(&set, 20, 21));
    assert_true(tern_ranges_add(&set, 9, 10));
    EXPECT({ 9, 21 });
}

static void a_range_inside_another_changes_nothing(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, 10, 20));
    assert_true(tern_ranges_add(&set, 12, 15));
    assert_true(tern_ranges_add(&set, 15, 15));
    EXPECT({ 10, 20 });
}

static void a_range_over_several_swallows_them(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 5; i++) assert_true(tern_ranges_add(&set, i * 10, i * 10 + 2));
    assert_true(tern_ranges_add(&set, 5, 31));
    EXPECT({ 0, 2 }, { 5, 32 }, { 40, 42 });
}

static void a_full_set_refuses_what_needs_one_more(void **state)
{
    (void)state;
    fill();
    tern_ranges before = set;
    assert_false(tern_ranges_add(&set, 15, 16));
    assert_memory_equal(&set, &before, sizeof set);
    assert_true(tern_ranges_add(&set, 11, 20));
    assert_int_equal(set.n, TERN_RANGES_MAX - 1);
}

static void joining_closes_the_smallest_gap(void **state)
{
    (void)state;
    fill();
    assert_true(tern_ranges_add(&set, 31, 37)); /* the smallest gap is 37..40 now */
    tern_ranges_add_joining(&set, 1000, 1001);
    assert_int_equal(set.n, TERN_RANGES_MAX);
    assert_true(tern_ranges_contains(&set, 30, 41));
    assert_true(tern_ranges_contains(&set, 1000, 1001));
    assert_false(tern_ranges_contains(&set, 41, 50));
}

static void joining_counts_the_new_range_as_a_neighbour(void **state)
{
    (void)state;
    fill();
    tern_ranges_add_joining(&set, 53, 54);
    assert_true(tern_ranges_contains(&set, 50, 54));
    assert_false(tern_ranges_contains(&set, 54, 60));
    tern_ranges_add_joining(&set, 78, 79);
    assert_true(tern_ranges_contains(&set, 78, 81));
    assert_false(tern_ranges_contains(&set, 71, 78));
    assert_int_equal(set.n, TERN_RANGES_MAX);
}

static void joining_prefers_a_gap_between_others_when_it_is_smaller(void **state)
{
    (void)state;
    fill();
    assert_true(tern_ranges_add(&set, 31, 37)); /* the smallest gap is 37..40 now */
    tern_ranges_add_joining(&set, 645, 646);    /* 4 above the highest */
    assert_true(tern_ranges_contains(&set, 30, 41));
    assert_false(tern_ranges_contains(&set, 641, 645));
    assert_int_equal(set.n, TERN_RANGES_MAX);
}

static void joining_works_at_both_ends(void **state)
{
    (void)state;
    fill();
    tern_ranges_add_joining(&set, 5, 6);
    tern_ranges_add_joining(&set, 645, 646);
    assert_int_equal(set.n, TERN_RANGES_MAX);
    assert_true(set.at[0].from == 5 && set.at[0].to == 11);
    assert_true(set.at[63].from == 640 && set.at[63].to == 646);
}

static void forgetting_lets_the_lowest_go(void **state)
{
    (void)state;
    fill();
    tern_ranges_add_forgetting(&set, 1000, 1001);
    assert_int_equal(set.n, TERN_RANGES_MAX);
    assert_int_equal(set.at[0].from, 20);
    assert_true(tern_ranges_contains(&set, 1000, 1001));
}

static void forgetting_forgets_the_new_one_when_it_is_the_lowest(void **state)
{
    (void)state;
    fill();
    tern_ranges_add_forgetting(&set, 5, 6);
    assert_int_equal(set.at[0].from, 10);
    assert_int_equal(set.n, TERN_RANGES_MAX);
    tern_ranges_add_forgetting(&set, 5, 10);
    assert_int_equal(set.at[0].from, 5);
}

static void taking_a_part_away_leaves_the_rest(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, 0, 10));
    assert_true(tern_ranges_add(&set, 20, 30));
    assert_true(tern_ranges_remove(&set, 5, 25));
    EXPECT({ 0, 5 }, { 25, 30 });
    assert_true(tern_ranges_remove(&set, 2, 3));
    EXPECT({ 0, 2 }, { 3, 5 }, { 25, 30 });
    assert_true(tern_ranges_remove(&set, 0, 100));
    assert_int_equal(set.n, 0);
}

static void taking_away_what_is_not_there_changes_nothing(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, 10, 20));
    assert_true(tern_ranges_remove(&set, 0, 10));
    assert_true(tern_ranges_remove(&set, 20, 30));
    assert_true(tern_ranges_remove(&set, 15, 15));
    EXPECT({ 10, 20 });
}

static void a_full_set_refuses_to_be_cut_in_one_more(void **state)
{
    (void)state;
    fill();
    assert_true(tern_ranges_add(&set, 101, 104));
    tern_ranges before = set;
    assert_false(tern_ranges_remove(&set, 101, 102));
    assert_memory_equal(&set, &before, sizeof set);
    assert_true(tern_ranges_remove(&set, 102, 104));
}

static void a_floor_takes_everything_below_away(void **state)
{
    (void)state;
    fill();
    assert_true(tern_ranges_add(&set, 51, 55));
    tern_ranges_remove_below(&set, 52);
    assert_int_equal(set.n, TERN_RANGES_MAX - 4);
    assert_int_equal(set.at[0].from, 52);
    assert_int_equal(set.at[0].to, 55);
    tern_ranges_remove_below(&set, UINT64_MAX);
    assert_int_equal(set.n, 0);
}

static void the_highest_numbers_have_no_special_place(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, UINT64_MAX - 1, UINT64_MAX));
    assert_true(tern_ranges_contains(&set, UINT64_MAX - 1, UINT64_MAX));
    assert_true(tern_ranges_remove(&set, UINT64_MAX - 1, UINT64_MAX));
    assert_int_equal(set.n, 0);
}

static uint32_t count_runs(const bool *model)
{
    uint32_t n = model[0];
    for (size_t i = 1; i < UNIVERSE; i++) n += model[i] && !model[i - 1];
    return n;
}

static void expect_as(const bool *model)
{
    uint32_t i = 0;
    assert_int_equal(set.n, count_runs(model));
    for (uint64_t x = 0; x < UNIVERSE; x++) {
        while (i < set.n && set.at[i].to <= x) i++;
        assert_int_equal(i < set.n && set.at[i].from <= x, model[x]);
    }
}

static bool model_contains(const bool *model, uint64_t from, uint64_t to)
{
    while (from < to && model[from]) from++;
    return from >= to;
}

/* One random change to both; the model is taken back where the set says that there is no room. */
static void change_both(bool *model, uint64_t *seed)
{
    bool before[UNIVERSE];
    uint64_t from = random_below(seed, UNIVERSE), to = from + random_below(seed, random_below(seed, 60) == 0 ? 40 : 3);
    if (to > UNIVERSE) to = UNIVERSE;
    memcpy(before, model, sizeof before);
    uint64_t what = random_below(seed, 400) == 0 ? 50 : random_below(seed, 50);
    if (what == 50) {
        tern_ranges_remove_below(&set, from);
        memset(model, 0, from);
        return;
    }
    for (uint64_t x = from; x < to; x++) model[x] = what < 25;
    bool done = what < 25 ? tern_ranges_add(&set, from, to) : tern_ranges_remove(&set, from, to);
    assert_int_equal(done, count_runs(model) <= TERN_RANGES_MAX);
    if (!done) memcpy(model, before, sizeof before);
}

static void it_agrees_with_a_set_of_single_numbers(void **state)
{
    (void)state;
    bool model[UNIVERSE] = { false };
    uint64_t seed = 7;
    uint32_t most = 0;
    for (int step = 0; step < 20000; step++) {
        change_both(model, &seed);
        expect_as(model);
        uint64_t from = random_below(&seed, UNIVERSE), to = from + random_below(&seed, 5);
        if (to > UNIVERSE) to = UNIVERSE;
        assert_int_equal(tern_ranges_contains(&set, from, to), model_contains(model, from, to));
        if (set.n > most) most = set.n;
    }
    assert_int_equal(most, TERN_RANGES_MAX); /* or the limit was never tried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_range_apart_from_others_stands_in_its_place, setup),
        cmocka_unit_test_setup(a_range_that_bridges_two_joins_them, setup),
        cmocka_unit_test_setup(a_range_that_touches_one_lengthens_it, setup),
        cmocka_unit_test_setup(a_range_inside_another_changes_nothing, setup),
        cmocka_unit_test_setup(a_range_over_several_swallows_them, setup),
        cmocka_unit_test_setup(a_full_set_refuses_what_needs_one_more, setup),
        cmocka_unit_test_setup(joining_closes_the_smallest_gap, setup),
        cmocka_unit_test_setup(joining_counts_the_new_range_as_a_neighbour, setup),
        cmocka_unit_test_setup(joining_prefers_a_gap_between_others_when_it_is_smaller, setup),
        cmocka_unit_test_setup(joining_works_at_both_ends, setup),
        cmocka_unit_test_setup(forgetting_lets_the_lowest_go, setup),
        cmocka_unit_test_setup(forgetting_forgets_the_new_one_when_it_is_the_lowest, setup),
        cmocka_unit_test_setup(taking_a_part_away_leaves_the_rest, setup),
        cmocka_unit_test_setup(taking_away_what_is_not_there_changes_nothing, setup),
        cmocka_unit_test_setup(a_full_set_refuses_to_be_cut_in_one_more, setup),
        cmocka_unit_test_setup(a_floor_takes_everything_below_away, setup),
        cmocka_unit_test_setup(the_highest_numbers_have_no_special_place, setup),
        cmocka_unit_test_setup(it_agrees_with_a_set_of_single_numbers, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
