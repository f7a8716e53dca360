/* SPDX-License-Identifier: MIT */
#include "base/pool.h"
#include "unit/base/unit.h"

#define PAGES 5

static int setup(void **state)
{
    tern_pool *pool = aligned_alloc(64, (tern_pool_footprint(PAGES) + 63) / 64 * 64);
    if (pool == NULL) return 1;
    tern_pool_init(pool, PAGES);
    *state = pool;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void each_page_is_lent_once_and_then_none(void **state)
{
    tern_pool *pool = *state;
    uint8_t *end = (uint8_t *)pool + tern_pool_footprint(PAGES);
    for (int i = 0; i < PAGES; i++) {
        tern_page page = tern_pool_take(pool, TERN_FOR_RECORDS);
        uint8_t *p = tern_pool_at(pool, page);
        assert_true(page != 0 && (uintptr_t)p % 16 == 0);
        assert_true(p >= (uint8_t *)(pool + 1) && p + TERN_PAGE_SIZE <= end);
        memset(p, i + 1, TERN_PAGE_SIZE);
    }
    assert_int_equal(tern_pool_take(pool, TERN_FOR_RECORDS), 0);
    for (tern_page page = 1; page <= PAGES; page++) {
        const uint8_t *p = tern_pool_at(pool, page);
        assert_int_equal(p[0], p[TERN_PAGE_SIZE - 1]);
    }
}

static void a_page_that_is_given_back_is_lent_again(void **state)
{
    tern_pool *pool = *state;
    tern_page pages[PAGES];
    for (int i = 0; i < PAGES; i++) pages[i] = tern_pool_take(pool, TERN_FOR_RECORDS);
    tern_pool_give(pool, pages[1]);
    tern_pool_give(pool, pages[3]);
    assert_int_equal(pool->free, 2);
    tern_page a = tern_pool_take(pool, TERN_FOR_RECORDS), b = tern_pool_take(pool, TERN_FOR_RECORDS);
    assert_true((a == pages[1] && b == pages[3]) || (a == pages[3] && b == pages[1]));
    assert_int_equal(tern_pool_take(pool, TERN_FOR_RECORDS), 0);
}

static void the_low_water_mark_stays(void **state)
{
    tern_pool *pool = *state;
    tern_page a = tern_pool_take(pool, TERN_FOR_RECORDS), b = tern_pool_take(pool, TERN_FOR_RECORDS);
    tern_pool_give(pool, a);
    tern_pool_give(pool, b);
    assert_int_equal(pool->free, PAGES);
    assert_int_equal(pool->least_free, PAGES - 2);
}

static void giving_no_page_back_does_nothing(void **state)
{
    tern_pool *pool = *state;
    tern_pool_give(pool, 0);
    assert_int_equal(pool->free, PAGES);
}

static void a_copy_of_the_block_is_a_copy_of_the_pool(void **state)
{
    tern_pool *pool = *state;
    tern_page first = tern_pool_take(pool, TERN_FOR_RECORDS), second = tern_pool_take(pool, TERN_FOR_RECORDS);
    memset(tern_pool_at(pool, second), 0x5a, TERN_PAGE_SIZE);
    tern_pool_give(pool, first);
    size_t size = tern_pool_footprint(PAGES);
    tern_pool *copy = aligned_alloc(64, (size + 63) / 64 * 64);
    memcpy(copy, pool, size);
    memset(pool, 0, size);
    assert_int_equal(((uint8_t *)tern_pool_at(copy, second))[100], 0x5a);
    assert_int_equal(tern_pool_take(copy, TERN_FOR_RECORDS), first);
    free(copy);
}

/*= XFER-024 */
static void the_last_pages_are_for_what_gives_pages_back(void **state)
{
    static const tern_page_use order[] = { TERN_FOR_SENDING, TERN_FOR_RECEIVING, TERN_FOR_FRONT, TERN_FOR_RECORDS };
    static const uint32_t left[] = { 16, 8, 4, 0 };
    tern_pool *pool = aligned_alloc(64, (tern_pool_footprint(64) + 63) / 64 * 64);
    (void)state;
    assert_non_null(pool);
    tern_pool_init(pool, 64);
    for (size_t i = 0; i < 4; i++) {
        while (tern_pool_take(pool, order[i]) != 0) continue;
        assert_int_equal(pool->free, left[i]);
    }
    free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_page_is_lent_once_and_then_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_that_is_given_back_is_lent_again, setup, teardown),
        cmocka_unit_test_setup_teardown(the_low_water_mark_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(giving_no_page_back_does_nothing, setup, teardown),
        cmocka_unit_test(the_last_pages_are_for_what_gives_pages_back),
        cmocka_unit_test_setup_teardown(a_copy_of_the_block_is_a_copy_of_the_pool, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
