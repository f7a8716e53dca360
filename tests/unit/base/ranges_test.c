/* SPDX-License-Identifier: MIT */
#include "base/ranges.h"
#include "unit/base/unit.h"

#define UNIVERSE 4000
#define MOST     64
#define PAGES    16

static tern_pool *pool;
static tern_ranges set;

static int setup_most(uint32_t most)
{
    pool = aligned_alloc(64, (tern_pool_footprint(PAGES) + 63) / 64 * 64);
    if (pool == NULL) return 1;
    tern_pool_init(pool, PAGES);
    tern_ranges_init(&set, TERN_FOR_RECORDS, most);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    return setup_most(MOST);
}

static int setup_large(void **state)
{
    (void)state;
    return setup_most(TERN_RANGES_MAX);
}

static int teardown(void **state)
{
    (void)state;
    tern_ranges_clear(&set, pool);
    bool all_back = set.n == 0 && pool->free == PAGES;
    free(pool);
    return all_back ? 0 : 1;
}

static tern_range at(uint32_t i)
{
    return tern_ranges_at(&set, pool, i);
}

static void expect(const tern_range *ranges, uint32_t n)
{
    assert_int_equal(set.n, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(at(i).from, ranges[i].from);
        assert_int_equal(at(i).to, ranges[i].to);
    }
}

#define EXPECT(...)                                                                                                    \
    do {                                                                                                               \
        const tern_range expected[] = { __VA_ARGS__ };                                                                 \
        expect(expected, sizeof expected / sizeof expected[0]);                                                        \
    } while (0)

/* Ranges of one number, as many as there may be: 10, 20, 30 ... */
static void fill(void)
{
    for (uint64_t i = 1; i <= set.most; i++) assert_true(tern_ranges_add(&set, pool, i * 10, i * 10 + 1));
}

static void a_range_apart_from_others_stands_in_its_place(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, pool, 20, 30));
    assert_true(tern_ranges_add(&set, pool, 40, 50));
    assert_true(tern_ranges_add(&set, pool, 0, 10));
    EXPECT({ 0, 10 }, { 20, 30 }, { 40, 50 });
}

static void a_range_that_bridges_two_joins_them(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, pool, 0, 10));
    assert_true(tern_ranges_add(&set, pool, 20, 30));
    assert_true(tern_ranges_add(&set, pool, 10, 20));
    EXPECT({ 0, 30 });
}

static void a_range_that_touches_one_lengthens_it(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, pool, 10, 20));
    assert_true(tern_ranges_add(&set, pool, 20, 21));
    assert_true(tern_ranges_add(&set, pool, 9, 10));
    EXPECT({ 9, 21 });
}

static void a_range_inside_another_changes_nothing(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, pool, 10, 20));
    assert_true(tern_ranges_add(&set, pool, 12, 15));
    assert_true(tern_ranges_add(&set, pool, 15, 15));
    EXPECT({ 10, 20 });
}

static void a_range_over_several_swallows_them(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 5; i++) assert_true(tern_ranges_add(&set, pool, i * 10, i * 10 + 2));
    assert_true(tern_ranges_add(&set, pool, 5, 31));
    EXPECT({ 0, 2 }, { 5, 32 }, { 40, 42 });
}

static void a_full_set_refuses_what_needs_one_more(void **state)
{
    (void)state;
    fill();
    tern_ranges before = set;
    assert_false(tern_ranges_add(&set, pool, 15, 16));
    assert_memory_equal(&set, &before, sizeof set);
    assert_true(tern_ranges_add(&set, pool, 11, 20));
    assert_int_equal(set.n, MOST - 1);
}

static void joining_closes_the_smallest_gap(void **state)
{
    (void)state;
    fill();
    assert_true(tern_ranges_add(&set, pool, 31, 37)); /* the smallest gap is 37..40 now */
    tern_ranges_add_joining(&set, pool, 1000, 1001);
    assert_int_equal(set.n, MOST);
    assert_true(tern_ranges_contains(&set, pool, 30, 41));
    assert_true(tern_ranges_contains(&set, pool, 1000, 1001));
    assert_false(tern_ranges_contains(&set, pool, 41, 50));
}

static void joining_counts_the_new_range_as_a_neighbour(void **state)
{
    (void)state;
    fill();
    tern_ranges_add_joining(&set, pool, 53, 54);
    assert_true(tern_ranges_contains(&set, pool, 50, 54));
    assert_false(tern_ranges_contains(&set, pool, 54, 60));
    tern_ranges_add_joining(&set, pool, 78, 79);
    assert_true(tern_ranges_contains(&set, pool, 78, 81));
    assert_false(tern_ranges_contains(&set, pool, 71, 78));
    assert_int_equal(set.n, MOST);
}

static void joining_prefers_a_gap_between_others_when_it_is_smaller(void **state)
{
    (void)state;
    fill();
    assert_true(tern_ranges_add(&set, pool, 31, 37)); /* the smallest gap is 37..40 now */
    tern_ranges_add_joining(&set, pool, 645, 646);    /* 4 above the highest */
    assert_true(tern_ranges_contains(&set, pool, 30, 41));
    assert_false(tern_ranges_contains(&set, pool, 641, 645));
    assert_int_equal(set.n, MOST);
}

static void joining_works_at_both_ends(void **state)
{
    (void)state;
    fill();
    tern_ranges_add_joining(&set, pool, 5, 6);
    tern_ranges_add_joining(&set, pool, 645, 646);
    assert_int_equal(set.n, MOST);
    assert_true(at(0).from == 5 && at(0).to == 11);
    assert_true(at(63).from == 640 && at(63).to == 646);
}

static void forgetting_lets_the_lowest_go(void **state)
{
    (void)state;
    fill();
    tern_ranges_add_forgetting(&set, pool, 1000, 1001);
    assert_int_equal(set.n, MOST);
    assert_int_equal(at(0).from, 20);
    assert_true(tern_ranges_contains(&set, pool, 1000, 1001));
}

static void forgetting_forgets_the_new_one_when_it_is_the_lowest(void **state)
{
    (void)state;
    fill();
    tern_ranges_add_forgetting(&set, pool, 5, 6);
    assert_int_equal(at(0).from, 10);
    assert_int_equal(set.n, MOST);
    tern_ranges_add_forgetting(&set, pool, 5, 10);
    assert_int_equal(at(0).from, 5);
}

static void taking_a_part_away_leaves_the_rest(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, pool, 0, 10));
    assert_true(tern_ranges_add(&set, pool, 20, 30));
    assert_true(tern_ranges_remove(&set, pool, 5, 25));
    EXPECT({ 0, 5 }, { 25, 30 });
    assert_true(tern_ranges_remove(&set, pool, 2, 3));
    EXPECT({ 0, 2 }, { 3, 5 }, { 25, 30 });
    assert_true(tern_ranges_remove(&set, pool, 0, 100));
    assert_int_equal(set.n, 0);
}

static void taking_away_what_is_not_there_changes_nothing(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, pool, 10, 20));
    assert_true(tern_ranges_remove(&set, pool, 0, 10));
    assert_true(tern_ranges_remove(&set, pool, 20, 30));
    assert_true(tern_ranges_remove(&set, pool, 15, 15));
    EXPECT({ 10, 20 });
}

static void a_full_set_refuses_to_be_cut_in_one_more(void **state)
{
    (void)state;
    fill();
    assert_true(tern_ranges_add(&set, pool, 101, 104));
    tern_ranges before = set;
    assert_false(tern_ranges_remove(&set, pool, 101, 102));
    assert_memory_equal(&set, &before, sizeof set);
    assert_true(tern_ranges_remove(&set, pool, 102, 104));
}

static void a_floor_takes_everything_below_away(void **state)
{
    (void)state;
    fill();
    assert_true(tern_ranges_add(&set, pool, 51, 55));
    tern_ranges_remove_below(&set, pool, 52);
    assert_int_equal(set.n, MOST - 4);
    assert_int_equal(at(0).from, 52);
    assert_int_equal(at(0).to, 55);
    tern_ranges_remove_below(&set, pool, UINT64_MAX);
    assert_int_equal(set.n, 0);
}

static void the_highest_numbers_have_no_special_place(void **state)
{
    (void)state;
    assert_true(tern_ranges_add(&set, pool, UINT64_MAX - 1, UINT64_MAX));
    assert_true(tern_ranges_contains(&set, pool, UINT64_MAX - 1, UINT64_MAX));
    assert_true(tern_ranges_remove(&set, pool, UINT64_MAX - 1, UINT64_MAX));
    assert_int_equal(set.n, 0);
}

static void the_first_range_above_a_number_is_found(void **state)
{
    (void)state;
    tern_range found = { 0, 0 };
    fill();
    assert_true(tern_ranges_next(&set, pool, 0, &found));
    assert_int_equal(found.from, 10);
    assert_true(tern_ranges_next(&set, pool, 10, &found));
    assert_int_equal(found.from, 10);
    assert_true(tern_ranges_next(&set, pool, 11, &found));
    assert_int_equal(found.from, 20);
    assert_false(tern_ranges_next(&set, pool, 10 * (uint64_t)set.most + 1, &found));
    assert_false(tern_ranges_next(&set, pool, UINT64_MAX, &found));
}

static void a_few_ranges_take_no_page(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < TERN_RANGES_NEAR; i++) assert_true(tern_ranges_add(&set, pool, i * 10, i * 10 + 1));
    assert_int_equal(pool->free, PAGES);
    assert_true(tern_ranges_add(&set, pool, 100, 101));
    assert_int_equal(pool->free, PAGES - 1);
    assert_true(tern_ranges_remove(&set, pool, 20, 21));
    assert_int_equal(pool->free, PAGES);
    EXPECT({ 0, 1 }, { 10, 11 }, { 30, 31 }, { 100, 101 });
}

/* Takes all pages but some; give_back returns them. */
static tern_page held[PAGES];
static uint32_t held_n;

static void hold_all_but(uint32_t left)
{
    while (pool->free > left) held[held_n++] = tern_pool_take(pool, TERN_FOR_RECORDS);
}

static void give_back(void)
{
    while (held_n > 0) tern_pool_give(pool, held[--held_n]);
}

static void without_a_page_a_set_is_full_with_what_it_has(void **state)
{
    (void)state;
    hold_all_but(0);
    for (uint64_t i = 1; i <= TERN_RANGES_NEAR; i++) assert_true(tern_ranges_add(&set, pool, i * 10, i * 10 + 3));
    tern_ranges before = set;
    assert_false(tern_ranges_add(&set, pool, 50, 51));
    assert_false(tern_ranges_remove(&set, pool, 11, 12));
    assert_memory_equal(&set, &before, sizeof set);
    tern_ranges_add_joining(&set, pool, 47, 48);
    EXPECT({ 10, 13 }, { 20, 23 }, { 30, 33 }, { 40, 48 });
    tern_ranges_add_forgetting(&set, pool, 60, 61);
    EXPECT({ 20, 23 }, { 30, 33 }, { 40, 48 }, { 60, 61 });
    give_back();
    assert_true(tern_ranges_add(&set, pool, 70, 71));
    assert_int_equal(set.n, TERN_RANGES_NEAR + 1);
}

static void joining_needs_no_page_even_where_every_page_is_full(void **state)
{
    (void)state;
    const uint32_t full = 2 * TERN_RANGES_LEAF;
    hold_all_but(2);
    for (uint64_t i = 1; i <= full; i++) assert_true(tern_ranges_add(&set, pool, i * 10, i * 10 + 1));
    assert_true(tern_ranges_add(&set, pool, 31, 37));                  /* the narrowest gap, in the lower page */
    tern_ranges_add_joining(&set, pool, 10 * full + 4, 10 * full + 5); /* belongs into the upper one */
    assert_true(tern_ranges_contains(&set, pool, 10 * full, 10 * full + 5));
    assert_int_equal(pool->free, 0);
    give_back();
}

static void the_largest_set_fits_its_pages_whatever_order_it_grew_in(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 30; round++) {
        while (set.n < TERN_RANGES_MAX) {
            uint64_t x = 2 * random_below(&seed, round % 3 == 0 ? 100000 : 1500);
            assert_true(tern_ranges_add(&set, pool, x, x + 1));
            assert_int_equal(PAGES - pool->free, set.leaves);
        }
        uint64_t x = 2 * random_below(&seed, 100000), width = random_below(&seed, 3000);
        assert_true(set.leaves <= TERN_RANGES_LEAVES);
        assert_true(tern_ranges_remove(&set, pool, x, x + width));
        if (round % 10 == 9) tern_ranges_remove_below(&set, pool, 2900);
    }
}

static void pages_that_have_thinned_out_are_joined(void **state)
{
    (void)state;
    for (uint64_t k = 0; k < 12; k++) {
        uint64_t base = k * 10000;
        for (uint64_t i = 0; i < TERN_RANGES_LEAF; i++)
            assert_true(tern_ranges_add(&set, pool, base + 2 * i, base + 2 * i + 1));
        assert_true(tern_ranges_remove(&set, pool, base + 60, base + 460));
        assert_true(set.leaves <= set.n / (TERN_RANGES_LEAF / 2) + 1u);
        assert_int_equal(PAGES - pool->free, set.leaves);
    }
}

static void the_top_is_all_of_a_set_of_one_page(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < MOST; i++) {
        assert_true(tern_ranges_add(&set, pool, i * 10, i * 10 + 1));
        tern_range_list top = tern_ranges_top(&set, pool);
        assert_int_equal(top.n, i + 1);
        assert_int_equal(top.at[0].from, 0);
        assert_int_equal(top.at[i].from, i * 10);
    }
}

static uint32_t count_runs(const bool *model)
{
    uint32_t n = model[0];
    for (size_t i = 1; i < UNIVERSE; i++) n += model[i] && !model[i - 1];
    return n;
}

static void expect_as(const bool *model)
{
    uint64_t x = 0;
    assert_int_equal(set.n, count_runs(model));
    for (uint32_t i = 0; i < set.n; i++) {
        for (; x < at(i).from; x++) assert_false(model[x]);
        for (; x < at(i).to; x++) assert_true(model[x]);
    }
    for (; x < UNIVERSE; x++) assert_false(model[x]);
}

static bool model_contains(const bool *model, uint64_t from, uint64_t to)
{
    while (from < to && model[from]) from++;
    return from >= to;
}

/* Whether the first range above x is found. */
static void expect_next(const bool *model, uint64_t x)
{
    tern_range found;
    uint64_t from = x, to;
    while (from < UNIVERSE && !model[from]) from++;
    assert_int_equal(tern_ranges_next(&set, pool, x, &found), from < UNIVERSE);
    if (from == UNIVERSE) return;
    for (to = from; to < UNIVERSE && model[to];) to++;
    while (from > 0 && model[from - 1]) from--;
    assert_int_equal(found.from, from);
    assert_int_equal(found.to, to);
}

/* One random change to both; the model is taken back where the set says that there is no room. */
static void change_both(bool *model, uint64_t *seed, uint64_t universe)
{
    static bool before[UNIVERSE];
    uint64_t from = random_below(seed, universe), to = from + random_below(seed, random_below(seed, 60) == 0 ? 40 : 3);
    if (to > universe) to = universe;
    memcpy(before, model, sizeof before);
    uint64_t what = random_below(seed, 400) == 0 ? 50 : random_below(seed, 50);
    if (what == 50) {
        tern_ranges_remove_below(&set, pool, from);
        memset(model, 0, from);
        return;
    }
    for (uint64_t x = from; x < to; x++) model[x] = what < 25;
    bool done = what < 25 ? tern_ranges_add(&set, pool, from, to) : tern_ranges_remove(&set, pool, from, to);
    if (pool->free > 0) assert_int_equal(done, count_runs(model) <= set.most);
    if (!done) memcpy(model, before, sizeof before);
}

/* The most ranges there were at once. */
static uint32_t compare_with_model(uint64_t universe, int steps)
{
    static bool model[UNIVERSE];
    uint64_t seed = 7;
    uint32_t most = 0;
    memset(model, false, sizeof model);
    for (int step = 0; step < steps; step++) {
        change_both(model, &seed, universe);
        if (step % 16 == 0) expect_as(model);
        uint64_t from = random_below(&seed, universe), to = from + random_below(&seed, 5);
        if (to > universe) to = universe;
        assert_int_equal(tern_ranges_contains(&set, pool, from, to), model_contains(model, from, to));
        expect_next(model, from);
        if (set.n > most) most = set.n;
        if (random_below(&seed, 3000) == 0) hold_all_but((uint32_t)random_below(&seed, 3));
        if (random_below(&seed, 3000) == 0) give_back();
    }
    give_back();
    expect_as(model);
    return most;
}

static void it_agrees_with_a_set_of_single_numbers(void **state)
{
    (void)state;
    assert_int_equal(compare_with_model(400, 20000), MOST); /* or the limit was never tried */
}

static void so_does_one_of_several_pages(void **state)
{
    (void)state;
    assert_true(compare_with_model(UNIVERSE, 40000) > 2 * TERN_RANGES_LEAF);
}

#define TEST(name)  cmocka_unit_test_setup_teardown(name, setup, teardown)
#define LARGE(name) cmocka_unit_test_setup_teardown(name, setup_large, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_range_apart_from_others_stands_in_its_place),
        TEST(a_range_that_bridges_two_joins_them),
        TEST(a_range_that_touches_one_lengthens_it),
        TEST(a_range_inside_another_changes_nothing),
        TEST(a_range_over_several_swallows_them),
        TEST(a_full_set_refuses_what_needs_one_more),
        TEST(joining_closes_the_smallest_gap),
        TEST(joining_counts_the_new_range_as_a_neighbour),
        TEST(joining_prefers_a_gap_between_others_when_it_is_smaller),
        TEST(joining_works_at_both_ends),
        TEST(forgetting_lets_the_lowest_go),
        TEST(forgetting_forgets_the_new_one_when_it_is_the_lowest),
        TEST(taking_a_part_away_leaves_the_rest),
        TEST(taking_away_what_is_not_there_changes_nothing),
        TEST(a_full_set_refuses_to_be_cut_in_one_more),
        TEST(a_floor_takes_everything_below_away),
        TEST(the_highest_numbers_have_no_special_place),
        TEST(the_first_range_above_a_number_is_found),
        TEST(a_few_ranges_take_no_page),
        TEST(without_a_page_a_set_is_full_with_what_it_has),
        LARGE(joining_needs_no_page_even_where_every_page_is_full),
        LARGE(the_largest_set_fits_its_pages_whatever_order_it_grew_in),
        LARGE(pages_that_have_thinned_out_are_joined),
        TEST(the_top_is_all_of_a_set_of_one_page),
        TEST(it_agrees_with_a_set_of_single_numbers),
        LARGE(so_does_one_of_several_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
