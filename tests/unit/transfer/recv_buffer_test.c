/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "transfer/recv_buffer.h"
#include "unit/transfer/unit.h"

#define PAGES 64

static tern_pool *pool;
static tern_recv_buffer b;

static int setup(void **state)
{
    (void)state;
    pool = new_pool(PAGES);
    tern_recv_buffer_init(&b);
    return pool == NULL;
}

static int teardown(void **state)
{
    (void)state;
    tern_recv_buffer_free(&b, pool);
    return free_pool(pool);
}

static int insert(uint64_t offset, size_t n)
{
    static uint8_t bytes[70000];
    fill_bytes(bytes, offset, n);
    return tern_recv_buffer_insert(&b, pool, offset, tern_bytes_of(bytes, n));
}

static void expect_read(size_t most, size_t n)
{
    static uint8_t out[70000];
    uint64_t at = b.read;
    assert_int_equal(tern_recv_buffer_read(&b, pool, (tern_buf){ out, most }), n);
    check_bytes(out, at, n);
}

/*= XFER-001 */
static void bytes_in_order_are_read_in_order(void **state)
{
    (void)state;
    assert_int_equal(insert(0, 1200), TERN_OK);
    assert_int_equal(insert(1200, 65000), TERN_OK);
    assert_int_equal(tern_recv_buffer_readable(&b), 66200);
    expect_read(1000, 1000);
    expect_read(70000, 65200);
    expect_read(70000, 0);
    assert_int_equal(pool->free, PAGES); /* a quiet stream costs nothing */
}

/*= XFER-001 */
static void nothing_is_read_beyond_a_gap(void **state)
{
    (void)state;
    assert_int_equal(insert(100, 50), TERN_OK);
    assert_int_equal(tern_recv_buffer_readable(&b), 0);
    assert_int_equal(insert(0, 99), TERN_OK);
    assert_int_equal(tern_recv_buffer_readable(&b), 99);
    assert_int_equal(insert(99, 1), TERN_OK);
    expect_read(1000, 150);
    assert_int_equal(b.highest, 150);
}

/*= XFER-013 */
static void the_first_copy_of_a_byte_holds(void **state)
{
    (void)state;
    uint8_t wrong[300], out[300];
    memset(wrong, 0xee, sizeof wrong);
    assert_int_equal(insert(50, 50), TERN_OK);
    assert_int_equal(insert(200, 50), TERN_OK);
    assert_int_equal(tern_recv_buffer_insert(&b, pool, 0, tern_bytes_of(wrong, 300)), TERN_OK);
    assert_int_equal(insert(0, 300), TERN_OK);
    assert_int_equal(tern_recv_buffer_read(&b, pool, (tern_buf){ out, 300 }), 300);
    check_bytes(out + 50, 50, 50);
    check_bytes(out + 200, 200, 50);
    for (int i = 0; i < 300; i++)
        if (i / 50 != 1 && i / 50 != 4) assert_int_equal(out[i], 0xee);
}

/*= XFER-001 */
static void what_was_read_never_comes_back(void **state)
{
    (void)state;
    assert_int_equal(insert(0, 100), TERN_OK);
    expect_read(100, 100);
    assert_int_equal(insert(0, 100), TERN_OK);
    assert_int_equal(tern_recv_buffer_readable(&b), 0);
    assert_int_equal(insert(50, 100), TERN_OK);
    assert_int_equal(tern_recv_buffer_readable(&b), 50);
    expect_read(100, 50);
}

static void peeking_takes_nothing(void **state)
{
    (void)state;
    uint8_t out[100];
    assert_int_equal(insert(0, 100), TERN_OK);
    assert_int_equal(tern_recv_buffer_peek(&b, pool, 90, (tern_buf){ out, 100 }), 10);
    check_bytes(out, 90, 10);
    assert_int_equal(tern_recv_buffer_peek(&b, pool, 100, (tern_buf){ out, 100 }), 0);
    assert_int_equal(tern_recv_buffer_readable(&b), 100);
}

static void pages_come_back_as_bytes_are_taken(void **state)
{
    (void)state;
    assert_int_equal(insert(0, 6 * TERN_PAGE_SIZE), TERN_OK);
    uint32_t free_pages = pool->free;
    expect_read(4 * TERN_PAGE_SIZE + 1, 4 * TERN_PAGE_SIZE + 1);
    assert_true(pool->free >= free_pages + 4);
}

static void a_buffer_that_was_freed_holds_nothing(void **state)
{
    (void)state;
    assert_int_equal(insert(0, 100), TERN_OK);
    assert_int_equal(insert(200, 100), TERN_OK);
    tern_recv_buffer_free(&b, pool);
    assert_int_equal(tern_recv_buffer_readable(&b), 0);
    assert_int_equal(pool->free, PAGES);
}

/*= XFER-023 */
static void a_full_pool_keeps_nothing_of_the_range(void **state)
{
    (void)state;
    tern_page held[PAGES];
    uint32_t n = hold_all_but(pool, TERN_FOR_FRONT, 2, held);
    assert_int_equal(insert(0, 3 * TERN_PAGE_SIZE), TERN_E_NO_MEMORY);
    assert_int_equal(tern_recv_buffer_readable(&b), 0);
    assert_int_equal(b.highest, 0);
    assert_int_equal(tern_pool_free_for(pool, TERN_FOR_FRONT), 2);
    assert_int_equal(insert(0, 100), TERN_OK);
    assert_int_equal(insert(50, 3 * TERN_PAGE_SIZE), TERN_E_NO_MEMORY);
    assert_int_equal(tern_recv_buffer_readable(&b), 100);
    give_back(pool, held, n);
    assert_int_equal(insert(50, 3 * TERN_PAGE_SIZE), TERN_OK);
    expect_read(20000, 50 + 3 * TERN_PAGE_SIZE);
}

/*= XFER-023 */
static void one_gap_too_many_is_refused_and_taken_later(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= TERN_RANGES_MAX; i++) assert_int_equal(insert(i * 100, 50), TERN_OK);
    assert_int_equal(insert(200000, 50), TERN_E_NO_MEMORY);
    assert_int_equal(b.highest, TERN_RANGES_MAX * 100 + 50);
    assert_int_equal(insert(0, 100), TERN_OK);
    expect_read(1000, 150);
    assert_int_equal(insert(200000, 50), TERN_OK);
}

static void a_range_beyond_the_widest_window_is_refused(void **state)
{
    (void)state;
    assert_int_equal(insert(TERN_PAGED_SPAN - 10, 11), TERN_E_NO_MEMORY);
    assert_int_equal(insert(TERN_PAGED_SPAN - 10, 10), TERN_OK);
}

/*= XFER-001 XFER-013 */
static void reassembly_agrees_with_an_array_of_bytes(void **state)
{
    (void)state;
    enum { SPACE = 60000 };
    static uint8_t model[SPACE], chunk[3000], out[3000];
    static bool seen[SPACE];
    uint64_t rng = 13, read = 0;
    memset(seen, false, sizeof seen);
    while (read < SPACE) {
        uint64_t from = read + random_below(&rng, 9000);
        from = from > 200 ? from - 200 : 0;
        size_t n = (size_t)random_below(&rng, sizeof chunk);
        if (from >= SPACE) from = read;
        if (n > SPACE - from) n = (size_t)(SPACE - from);
        for (size_t i = 0; i < n; i++) chunk[i] = (uint8_t)random_below(&rng, 256);
        if (tern_recv_buffer_insert(&b, pool, from, tern_bytes_of(chunk, n)) == TERN_OK) {
            for (size_t i = 0; i < n; i++) {
                if (!seen[from + i]) model[from + i] = chunk[i];
                seen[from + i] = true;
            }
        }
        uint64_t end = read;
        while (end < SPACE && seen[end]) end++;
        assert_int_equal(tern_recv_buffer_readable(&b), end - read);
        n = tern_recv_buffer_read(&b, pool, (tern_buf){ out, (size_t)random_below(&rng, sizeof out) });
        assert_memory_equal(out, &model[read], n);
        read += n;
    }
    assert_int_equal(pool->free, PAGES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(bytes_in_order_are_read_in_order),
        TEST(nothing_is_read_beyond_a_gap),
        TEST(the_first_copy_of_a_byte_holds),
        TEST(what_was_read_never_comes_back),
        TEST(peeking_takes_nothing),
        TEST(pages_come_back_as_bytes_are_taken),
        TEST(a_buffer_that_was_freed_holds_nothing),
        TEST(a_full_pool_keeps_nothing_of_the_range),
        TEST(one_gap_too_many_is_refused_and_taken_later),
        TEST(a_range_beyond_the_widest_window_is_refused),
        TEST(reassembly_agrees_with_an_array_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
