/* SPDX-License-Identifier: MIT */
#include "transfer/datagram.h"
#include "unit/transfer/unit.h"

#define PAGES 64
#define MAX   1100

static tern_pool *pool;
static tern_datagrams d;

static int setup(void **state)
{
    (void)state;
    pool = new_pool(PAGES);
    tern_datagrams_init(&d, MAX);
    d.send_max = MAX;
    return pool == NULL;
}

static int teardown(void **state)
{
    (void)state;
    tern_datagrams_free(&d, pool);
    return free_pool(pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int send(tern_time now, size_t n)
{
    uint8_t bytes[MAX + 1];
    fill_bytes(bytes, n, n);
    return tern_datagrams_send(&d, pool, now, tern_bytes_of(bytes, n), MAX);
}

static void datagrams_leave_in_order_and_nothing_is_kept(void **state)
{
    (void)state;
    uint8_t out[MAX];
    size_t n;
    assert_int_equal(send(0, 500), TERN_OK);
    assert_int_equal(send(0, 0), TERN_OK);
    assert_true(tern_datagrams_want(&d, pool));
    assert_true(tern_datagrams_next(&d, pool, 0, MAX, &n));
    assert_int_equal(n, 500);
    tern_datagrams_give(&d, pool, out);
    check_bytes(out, 500, 500);
    assert_true(tern_datagrams_next(&d, pool, 0, MAX, &n));
    assert_int_equal(n, 0);
    tern_datagrams_give(&d, pool, out);
    assert_false(tern_datagrams_want(&d, pool));
    assert_int_equal(pool->free, PAGES);
}

/*= XFER-052 */
static void one_that_waited_too_long_is_dropped(void **state)
{
    (void)state;
    size_t n;
    assert_int_equal(send(0, 10), TERN_OK);
    assert_int_equal(send(1, 20), TERN_OK);
    assert_true(tern_datagrams_next(&d, pool, TERN_DATAGRAM_PATIENCE + 1, MAX, &n));
    assert_int_equal(n, 20);
    assert_false(tern_datagrams_next(&d, pool, TERN_DATAGRAM_PATIENCE + 2, MAX, &n));
    assert_int_equal(d.dropped, 2);
    assert_int_equal(pool->free, PAGES);
}

/*= XFER-052 */
static void one_that_the_path_carries_no_more_is_dropped(void **state)
{
    (void)state;
    size_t n;
    assert_int_equal(send(0, 1000), TERN_OK);
    assert_int_equal(send(0, 900), TERN_OK);
    assert_true(tern_datagrams_next(&d, pool, 0, 900, &n));
    assert_int_equal(n, 900);
}

static void too_long_or_too_many_are_not_taken(void **state)
{
    (void)state;
    assert_int_equal(send(0, MAX + 1), TERN_MESSAGE_TOO_LARGE);
    assert_int_equal(tern_datagrams_send(&d, pool, 0, text_bytes("abc"), 2), TERN_MESSAGE_TOO_LARGE);
    d.send_max = 0;
    assert_int_equal(send(0, 0), TERN_MESSAGE_TOO_LARGE);
    d.send_max = MAX;
    int taken = 0;
    while (send(0, 1000) == TERN_OK) taken++;
    assert_int_equal(send(0, 1000), TERN_E_BLOCKED);
    assert_true(taken > 10 && taken < 100);
}

/*= XFER-050 */
static void one_that_we_do_not_take_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[MAX + 1] = { 0 };
    assert_int_equal(tern_datagrams_on_datagram(&d, pool, tern_bytes_of(bytes, MAX + 1)), TERN_PROTOCOL_VIOLATION);
    tern_datagrams_init(&d, 0);
    assert_int_equal(tern_datagrams_on_datagram(&d, pool, tern_bytes_of(bytes, 0)), TERN_PROTOCOL_VIOLATION);
}

/*= XFER-051 */
static void one_without_room_is_lost_and_nothing_else_happens(void **state)
{
    (void)state;
    uint8_t bytes[MAX] = { 0 };
    uint32_t n = 0, size;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(tern_datagrams_on_datagram(&d, pool, tern_bytes_of(bytes, 1000)), TERN_OK);
    assert_true(d.dropped > 0);
    for (; tern_datagrams_front(&d, pool, &size); n++) {
        assert_int_equal(size, 1000);
        assert_int_equal(tern_datagrams_read(&d, pool, (tern_buf){ bytes, 600 }), 600);
        assert_int_equal(tern_datagrams_read(&d, pool, (tern_buf){ bytes, 600 }), 400);
        tern_datagrams_drop_front(&d, pool);
    }
    assert_int_equal(n + d.dropped, 1000);
    assert_int_equal(pool->free, PAGES);
    tern_page held[PAGES];
    n = hold_all_but(pool, TERN_FOR_RECEIVING, 1, held);
    assert_int_equal(tern_datagrams_on_datagram(&d, pool, tern_bytes_of(bytes, 10)), TERN_OK);
    assert_int_equal(d.page, 0);
    give_back(pool, held, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(datagrams_leave_in_order_and_nothing_is_kept), TEST(one_that_waited_too_long_is_dropped),
        TEST(one_that_the_path_carries_no_more_is_dropped), TEST(too_long_or_too_many_are_not_taken),
        TEST(one_that_we_do_not_take_is_refused),           TEST(one_without_room_is_lost_and_nothing_else_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
