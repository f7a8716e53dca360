/* SPDX-License-Identifier: MIT */
#include "base/paged.h"
#include "unit/base/unit.h"

#define PAGES  24
#define WINDOW (12 * TERN_PAGE_SIZE)
#define P      UINT64_C(4096)

static tern_pool *pool;
static tern_paged b;

static int setup(void **state)
{
    (void)state;
    pool = aligned_alloc(64, (tern_pool_footprint(PAGES) + 63) / 64 * 64);
    if (pool == NULL) return 1;
    tern_pool_init(pool, PAGES);
    tern_paged_init(&b, 0, TERN_FOR_RECORDS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tern_paged_free(&b, pool);
    bool all_back = pool->free == PAGES;
    free(pool);
    return all_back ? 0 : 1;
}

static void write_byte(uint64_t offset, uint8_t v)
{
    assert_true(tern_paged_write(&b, pool, offset, tern_bytes_of(&v, 1)));
}

static uint8_t read_byte(uint64_t offset)
{
    uint8_t v = 0;
    tern_paged_read(&b, pool, offset, (tern_buf){ &v, 1 });
    return v;
}

static void bytes_come_back_across_pages(void **state)
{
    (void)state;
    uint8_t in[10000], out[sizeof in];
    for (size_t i = 0; i < sizeof in; i++) in[i] = (uint8_t)(i * 7 + i / 256);
    assert_true(tern_paged_write(&b, pool, 4000, tern_bytes_of(in, sizeof in)));
    tern_paged_read(&b, pool, 4000, (tern_buf){ out, sizeof out });
    assert_memory_equal(in, out, sizeof in);
    assert_int_equal(b.pages, 4);
}

static void nothing_at_all_takes_no_page(void **state)
{
    (void)state;
    assert_true(tern_paged_write(&b, pool, 100, (tern_bytes){ NULL, 0 }));
    tern_paged_read(&b, pool, 100, (tern_buf){ NULL, 0 });
    assert_int_equal(pool->free, PAGES);
}

static void a_few_neighbouring_pages_need_no_tables(void **state)
{
    (void)state;
    tern_paged_init(&b, 6 * P, TERN_FOR_RECORDS);
    for (uint64_t i = 6; i < 6 + TERN_PAGED_NEAR; i++) write_byte(i * P, (uint8_t)i);
    assert_int_equal(pool->free, PAGES - TERN_PAGED_NEAR);
    for (uint64_t i = 6; i < 6 + TERN_PAGED_NEAR; i++) assert_int_equal(read_byte(i * P), i);
}

static void many_pages_and_pages_far_apart_are_found_through_tables(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 8; i++) write_byte(i * P, (uint8_t)(10 + i));
    write_byte(TERN_PAGED_SPAN - 1, 99);
    for (uint64_t i = 0; i < 8; i++) assert_int_equal(read_byte(i * P), 10 + i);
    assert_int_equal(read_byte(TERN_PAGED_SPAN - 1), 99);
    assert_int_equal(b.pages, 9);
    assert_int_equal(pool->free, PAGES - 9 - 3); /* the root and two tables */
}

static void advancing_gives_back_what_lies_wholly_below(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 3; i++) write_byte(i * P, (uint8_t)i);
    tern_paged_advance(&b, pool, P - 1);
    assert_int_equal(b.pages, 3);
    tern_paged_advance(&b, pool, P);
    assert_int_equal(b.pages, 2);
    tern_paged_advance(&b, pool, 2 * P + 1);
    assert_int_equal(b.pages, 1);
    assert_int_equal(read_byte(2 * P + 1), ((uint8_t *)tern_paged_at(&b, pool, 2 * P + 1).p)[0]);
    tern_paged_advance(&b, pool, 3 * P);
    assert_int_equal(pool->free, PAGES);
}

static void draining_gives_back_the_last_page_too(void **state)
{
    (void)state;
    for (uint64_t pages = 1; pages <= 8; pages += 7) { /* without tables, and with */
        for (uint64_t i = 0; i < pages; i++) write_byte(b.floor + i * P, 1);
        tern_paged_drain(&b, pool, b.floor + (pages - 1) * P + 1);
        assert_int_equal(pool->free, PAGES);
        write_byte(b.floor, (uint8_t)(40 + pages));
        assert_int_equal(read_byte(b.floor), 40 + pages);
    }
}

static void tables_go_when_one_page_is_left(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 8; i++) write_byte(i * P, (uint8_t)(10 + i));
    assert_int_equal(pool->free, PAGES - 8 - 2);
    tern_paged_advance(&b, pool, 6 * P);
    assert_int_equal(pool->free, PAGES - 2 - 2);
    tern_paged_advance(&b, pool, 7 * P);
    assert_int_equal(pool->free, PAGES - 1);
    assert_int_equal(read_byte(7 * P), 17);
    tern_paged_advance(&b, pool, 8 * P);
    assert_int_equal(pool->free, PAGES);
}

static void a_table_that_the_floor_has_passed_goes(void **state)
{
    (void)state;
    write_byte(0, 1);
    write_byte(1500 * P, 2);
    write_byte(1502 * P, 3);
    write_byte(1504 * P, 4); /* stands where 1500 would: tables */
    assert_int_equal(pool->free, PAGES - 4 - 3);
    tern_paged_advance(&b, pool, 1024 * P);
    assert_int_equal(pool->free, PAGES - 3 - 2);
    assert_int_equal(read_byte(1500 * P), 2);
}

static void a_jump_beyond_the_whole_window_gives_everything_back(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 8; i++) write_byte(i * P, 1);
    tern_paged_advance(&b, pool, (UINT64_C(1) << 40) + 17);
    assert_int_equal(pool->free, PAGES);
    write_byte((UINT64_C(1) << 40) + 17, 5);
    assert_int_equal(read_byte((UINT64_C(1) << 40) + 17), 5);
}

static void the_window_moves_round_the_tables(void **state)
{
    (void)state;
    uint64_t start = (UINT64_C(1) << 32) - 3 * P;
    tern_paged_init(&b, start, TERN_FOR_RECORDS);
    for (uint64_t i = 0; i < 8; i++) write_byte(start + i * P, (uint8_t)(20 + i));
    for (uint64_t i = 0; i < 8; i++) {
        assert_int_equal(read_byte(start + i * P), 20 + i);
        tern_paged_advance(&b, pool, start + (i + 1) * P);
    }
    assert_int_equal(pool->free, PAGES);
}

static void an_empty_pool_leaves_what_was_there(void **state)
{
    (void)state;
    tern_page all[PAGES];
    uint32_t n = 0;
    uint8_t big[3 * 4096] = { 0 };
    for (uint64_t i = 0; i < TERN_PAGED_NEAR; i++) write_byte(i * P, (uint8_t)(30 + i));
    while (pool->free > 0) all[n++] = tern_pool_take(pool, TERN_FOR_RECORDS);
    for (uint32_t left = 0; left <= 3; left++) { /* a new page, then each table may be the one that is missing */
        assert_int_equal(tern_paged_write(&b, pool, 4 * P, tern_bytes_of(big, 1)), left == 3);
        for (uint64_t i = 0; i < TERN_PAGED_NEAR; i++) assert_int_equal(read_byte(i * P), 30 + i);
        if (left < 3) {
            assert_int_equal(pool->free, left);
            assert_int_equal(tern_paged_at(&b, pool, 4 * P).n, 0);
            tern_pool_give(pool, all[--n]);
        }
    }
    assert_false(tern_paged_write(&b, pool, 5 * P, tern_bytes_of(big, sizeof big)));
    while (n > 0) tern_pool_give(pool, all[--n]);
}

static void a_page_for_writing_stays(void **state)
{
    (void)state;
    tern_buf at = tern_paged_at(&b, pool, P + 100);
    assert_int_equal(at.n, TERN_PAGE_SIZE - 100);
    at.p[0] = 7;
    assert_ptr_equal(tern_paged_at(&b, pool, P + 100).p, at.p);
    assert_int_equal(read_byte(P + 100), 7);
}

static void a_view_ends_with_its_page_or_where_it_was_asked_to(void **state)
{
    (void)state;
    uint8_t in[6000] = { 0 };
    in[4090] = 42;
    assert_true(tern_paged_write(&b, pool, 0, tern_bytes_of(in, sizeof in)));
    assert_int_equal(tern_paged_view(&b, pool, 4090, 100).n, 6);
    assert_int_equal(tern_paged_view(&b, pool, 4090, 100).p[0], 42);
    assert_int_equal(tern_paged_view(&b, pool, 4096, 100).n, 100);
}

/* A window that creeps or leaps along 64-bit offsets, against a plain ring of bytes. */
static void it_agrees_with_a_ring_of_bytes(void **state)
{
    (void)state;
    static uint8_t model[WINDOW], in[9000], out[9000];
    static bool written[WINDOW];
    uint64_t seed = 3, floor = (UINT64_C(1) << 32) - 100000;
    tern_paged_init(&b, floor, TERN_FOR_RECORDS);
    memset(written, 0, sizeof written);
    for (int step = 0; step < 20000; step++) {
        size_t n = (size_t)random_below(&seed, random_below(&seed, 4) == 0 ? 9000 : 1300);
        uint64_t offset = floor + random_below(&seed, WINDOW - n);
        for (size_t i = 0; i < n; i++) in[i] = (uint8_t)random_below(&seed, 256);
        assert_true(tern_paged_write(&b, pool, offset, tern_bytes_of(in, n)));
        for (size_t i = 0; i < n; i++) {
            model[(offset + i) % WINDOW] = in[i];
            written[(offset + i) % WINDOW] = true;
        }
        offset = floor + random_below(&seed, WINDOW);
        for (n = 0; n < sizeof out && offset + n < floor + WINDOW && written[(offset + n) % WINDOW];) n++;
        tern_paged_read(&b, pool, offset, (tern_buf){ out, n });
        for (size_t i = 0; i < n; i++) assert_int_equal(out[i], model[(offset + i) % WINDOW]);
        uint64_t leap = random_below(&seed, random_below(&seed, 20) == 0 ? WINDOW : 1500);
        for (uint64_t i = 0; i < leap; i++) written[(floor + i) % WINDOW] = false;
        floor += leap;
        tern_paged_advance(&b, pool, floor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_come_back_across_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_at_all_takes_no_page, setup, teardown),
        cmocka_unit_test_setup_teardown(a_few_neighbouring_pages_need_no_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(many_pages_and_pages_far_apart_are_found_through_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(advancing_gives_back_what_lies_wholly_below, setup, teardown),
        cmocka_unit_test_setup_teardown(draining_gives_back_the_last_page_too, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_go_when_one_page_is_left, setup, teardown),
        cmocka_unit_test_setup_teardown(a_table_that_the_floor_has_passed_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_jump_beyond_the_whole_window_gives_everything_back, setup, teardown),
        cmocka_unit_test_setup_teardown(the_window_moves_round_the_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_pool_leaves_what_was_there, setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_for_writing_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(a_view_ends_with_its_page_or_where_it_was_asked_to, setup, teardown),
        cmocka_unit_test_setup_teardown(it_agrees_with_a_ring_of_bytes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
