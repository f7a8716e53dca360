/* SPDX-License-Identifier: MIT */
#include "transfer/recv_buffer.h"
#include "transfer/send_buffer.h"
#include "unit/transfer/unit.h"

#define PAGES 512

static tern_pool *pool;
static tern_send_buffer b;
static uint8_t bytes[100000];

static int setup(void **state)
{
    (void)state;
    pool = new_pool(PAGES);
    tern_send_buffer_init(&b);
    fill_bytes(bytes, 0, sizeof bytes);
    return pool == NULL;
}

static int teardown(void **state)
{
    (void)state;
    tern_send_buffer_free(&b, pool);
    return free_pool(pool);
}

static void append(size_t n)
{
    assert_true(tern_send_buffer_append(&b, pool, tern_bytes_of(bytes + b.written, n)));
}

static void expect_next(uint64_t most, uint64_t from, uint64_t to)
{
    tern_range range = tern_send_buffer_next(&b, pool, UINT64_MAX, most);
    assert_int_equal(range.from, from);
    assert_int_equal(range.to, to);
}

/* Sends everything there is, in ranges of at most most bytes. */
static void send_all(uint64_t most)
{
    for (;;) {
        tern_range range = tern_send_buffer_next(&b, pool, UINT64_MAX, most);
        if (range.from == range.to) return;
        tern_send_buffer_sent(&b, pool, range);
    }
}

static void lose(uint64_t from, uint64_t to)
{
    tern_send_buffer_lost(&b, pool, (tern_range){ from, to });
}

static void ack(uint64_t from, uint64_t to)
{
    tern_send_buffer_acked(&b, pool, (tern_range){ from, to });
}

static void new_bytes_leave_in_order_within_bounds(void **state)
{
    (void)state;
    append(1000);
    expect_next(300, 0, 300);
    tern_send_buffer_sent(&b, pool, (tern_range){ 0, 200 }); /* a part of it */
    expect_next(300, 200, 500);
    tern_range range = tern_send_buffer_next(&b, pool, 250, 300);
    assert_int_equal(range.to, 250);
    range = tern_send_buffer_next(&b, pool, 100, 300); /* a limit that is passed already */
    assert_int_equal(range.from, range.to);
    send_all(1000);
    expect_next(300, 1000, 1000);
}

static void what_is_kept_is_what_is_not_acknowledged_from_the_front(void **state)
{
    (void)state;
    append(1000);
    send_all(1000);
    ack(500, 700);
    assert_int_equal(tern_send_buffer_kept(&b), 1000);
    ack(0, 500);
    assert_int_equal(tern_send_buffer_kept(&b), 300);
    assert_false(tern_send_buffer_done(&b));
    ack(700, 1000);
    assert_true(tern_send_buffer_done(&b));
    assert_int_equal(pool->free, PAGES);
    append(10);
    expect_next(300, 1000, 1010);
}

/*= REC-019 XFER-012 */
static void only_what_was_lost_is_sent_again_and_first(void **state)
{
    (void)state;
    append(1000);
    tern_send_buffer_sent(&b, pool, (tern_range){ 0, 800 });
    lose(100, 200);
    lose(300, 400);
    expect_next(1000, 100, 200);
    tern_send_buffer_sent(&b, pool, (tern_range){ 100, 150 });
    expect_next(1000, 150, 200);
    tern_send_buffer_sent(&b, pool, (tern_range){ 150, 200 });
    expect_next(1000, 300, 400);
    tern_send_buffer_sent(&b, pool, (tern_range){ 300, 400 });
    expect_next(1000, 800, 1000);
}

/*= REC-019 */
static void lost_bytes_are_sent_even_beyond_a_limit_that_was_used_up(void **state)
{
    (void)state;
    append(1000);
    send_all(1000);
    lose(100, 200);
    tern_range range = tern_send_buffer_next(&b, pool, 1000, 50);
    assert_int_equal(range.from, 100);
    assert_int_equal(range.to, 150);
}

/*= REC-021 */
static void a_late_ack_takes_back_what_waits_to_be_sent_again(void **state)
{
    (void)state;
    append(1000);
    send_all(1000);
    lose(100, 400);
    ack(200, 300);
    expect_next(1000, 100, 200);
    tern_send_buffer_sent(&b, pool, (tern_range){ 100, 200 });
    expect_next(1000, 300, 400);
    ack(300, 400);
    expect_next(1000, 1000, 1000);
}

/*= REC-019 */
static void what_was_acknowledged_is_not_lost_any_more(void **state)
{
    (void)state;
    append(1000);
    send_all(1000);
    ack(0, 100);
    ack(200, 300);
    ack(500, 600);
    lose(0, 100);
    expect_next(1000, 1000, 1000);
    lose(50, 550);
    expect_next(1000, 100, 200);
    tern_send_buffer_sent(&b, pool, (tern_range){ 100, 200 });
    expect_next(1000, 300, 500);
}

static void an_append_without_memory_takes_nothing(void **state)
{
    (void)state;
    tern_page held[PAGES];
    uint32_t n = hold_all_but(pool, TERN_FOR_SENDING, 2, held);
    assert_false(tern_send_buffer_append(&b, pool, tern_bytes_of(bytes, 3 * TERN_PAGE_SIZE)));
    assert_int_equal(b.written, 0);
    assert_int_equal(tern_pool_free_for(pool, TERN_FOR_SENDING), 2);
    append(TERN_PAGE_SIZE);
    assert_false(tern_send_buffer_append(&b, pool, tern_bytes_of(bytes, 3 * TERN_PAGE_SIZE)));
    assert_int_equal(tern_send_buffer_kept(&b), TERN_PAGE_SIZE);
    give_back(pool, held, n);
}

static void more_than_the_widest_window_is_not_taken(void **state)
{
    (void)state;
    assert_false(tern_send_buffer_append(&b, pool, tern_bytes_of(bytes, (size_t)TERN_PAGED_SPAN + 1)));
    append(1);
    assert_false(tern_send_buffer_append(&b, pool, tern_bytes_of(bytes, (size_t)TERN_PAGED_SPAN)));
    assert_int_equal(b.written, 1);
}

static void a_buffer_that_was_freed_sends_nothing_again(void **state)
{
    (void)state;
    append(1000);
    send_all(1000);
    lose(100, 200);
    ack(300, 400);
    tern_send_buffer_free(&b, pool);
    expect_next(1000, 1000, 1000);
    assert_int_equal(b.acked.n, 0);
    assert_int_equal(pool->free, PAGES);
}

static void what_was_not_given_yet_can_be_taken_back(void **state)
{
    (void)state;
    append(1000);
    send_all(1000);
    append(5000);
    tern_send_buffer_unwrite(&b, pool, 1000);
    expect_next(300, 1000, 1000);
    append(10);
    expect_next(300, 1000, 1010);
}

/*= REC-019 */
static void a_full_set_of_acknowledged_ranges_sends_more_again_and_still_ends(void **state)
{
    (void)state;
    append(40000);
    send_all(10);
    for (uint64_t at = 10; at < 40000; at += 20) ack(at, at + 10);
    assert_int_equal(b.acked.n, TERN_RANGES_MAX);
    assert_true(b.lost.n > 0);
    lose(0, 40000);
    for (int i = 0; i < 4000 && !tern_send_buffer_done(&b); i++) {
        tern_range range = tern_send_buffer_next(&b, pool, UINT64_MAX, 10);
        tern_send_buffer_sent(&b, pool, range);
        ack(range.from, range.to);
    }
    assert_true(tern_send_buffer_done(&b));
    assert_int_equal(pool->free, PAGES);
}

/*= REC-019 */
static void a_full_set_of_lost_ranges_never_covers_what_was_never_sent(void **state)
{
    (void)state;
    uint64_t rng = 11;
    append(50000);
    tern_send_buffer_sent(&b, pool, (tern_range){ 0, 40000 });
    for (int i = 0; i < 2000; i++) {
        uint64_t from = random_below(&rng, 40000), to = from + 1 + random_below(&rng, 40);
        lose(from, to < 40000 ? to : 40000);
        assert_true(tern_ranges_at(&b.lost, pool, b.lost.n - 1).to <= 40000);
        if (i % 3 == 0) ack(from, from + 1);
        if (b.lost.n > 0) assert_true(tern_ranges_at(&b.lost, pool, 0).from >= b.bytes.floor);
    }
    send_all(1000);
    assert_int_equal(b.next, 50000);
}

/* A range that could not be cut for want of room waits to be sent again although it is acknowledged. */
/*= REC-021 */
static void nothing_below_what_is_acknowledged_is_sent_again(void **state)
{
    (void)state;
    append(60000);
    send_all(60000);
    lose(0, 30);
    for (uint64_t i = 1; i < TERN_RANGES_MAX; i++) lose(i * 50, i * 50 + 10);
    assert_int_equal(b.lost.n, TERN_RANGES_MAX);
    ack(10, 20);
    ack(20, 30);
    expect_next(4000, 0, 20);
    ack(0, 10);
    assert_int_equal(tern_send_buffer_kept(&b), 59970);
    assert_int_equal(b.acked.n, 0);
    expect_next(4000, 50, 60);
}

static void copies_are_the_bytes_that_were_given(void **state)
{
    (void)state;
    uint8_t out[9000];
    append(50000);
    tern_send_buffer_copy(&b, pool, (tern_range){ 4000, 13000 }, out);
    check_bytes(out, 4000, 9000);
}

typedef struct {
    tern_range range;
    bool lost;
} parcel;

/* A pipe that loses, reorders and doubles; the reader must get every byte, once, in order. */
/*= XFER-001 XFER-012 REC-019 */
static void a_lossy_pipe_delivers_every_byte_once(void **state)
{
    (void)state;
    static parcel flying[64];
    static uint8_t chunk[4096], out[4096];
    size_t n = 0;
    uint64_t rng = 12, given = 0, got = 0, carried = 0;
    const uint64_t total = 3000000;
    tern_recv_buffer in;
    tern_recv_buffer_init(&in);
    while (!tern_send_buffer_done(&b) || given < total) {
        if (given < total && tern_send_buffer_kept(&b) < 200000) {
            uint64_t left = total - given, some = 1 + random_below(&rng, sizeof chunk);
            size_t size = (size_t)(some < left ? some : left);
            fill_bytes(chunk, given, size);
            if (tern_send_buffer_append(&b, pool, tern_bytes_of(chunk, size))) given += size;
        }
        tern_range range = tern_send_buffer_next(&b, pool, got + 250000, 1 + random_below(&rng, 1400));
        if (range.from < range.to && n < 64) {
            tern_send_buffer_sent(&b, pool, range);
            flying[n++] = (parcel){ range, random_below(&rng, 5) == 0 };
        }
        if (n == 0 || random_below(&rng, 3) == 0) continue;
        size_t which = (size_t)random_below(&rng, n);
        parcel p = flying[which];
        bool twice = random_below(&rng, 20) == 0;
        if (!twice) flying[which] = flying[--n];
        size_t size = (size_t)(p.range.to - p.range.from);
        if (p.lost) {
            if (!twice) tern_send_buffer_lost(&b, pool, p.range);
            continue;
        }
        if (p.range.from >= b.bytes.floor) {
            tern_send_buffer_copy(&b, pool, p.range, chunk);
            check_bytes(chunk, p.range.from, size);
        } else {
            fill_bytes(chunk, p.range.from, size);
        }
        carried += size;
        if (tern_recv_buffer_insert(&in, pool, p.range.from, tern_bytes_of(chunk, size)) == 0)
            tern_send_buffer_acked(&b, pool, p.range);
        else if (!twice)
            tern_send_buffer_lost(&b, pool, p.range);
        size_t read = tern_recv_buffer_read(&in, pool, (tern_buf){ out, (size_t)random_below(&rng, sizeof out) });
        check_bytes(out, got, read);
        got += read;
    }
    for (size_t read = 1; read > 0; got += read) {
        read = tern_recv_buffer_read(&in, pool, (tern_buf){ out, sizeof out });
        check_bytes(out, got, read);
    }
    assert_int_equal(got, total);
    assert_true(carried < total + total / 4); /* nothing like whole windows was sent again */
    tern_recv_buffer_free(&in, pool);
    assert_int_equal(pool->free, PAGES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(new_bytes_leave_in_order_within_bounds),
        TEST(what_is_kept_is_what_is_not_acknowledged_from_the_front),
        TEST(only_what_was_lost_is_sent_again_and_first),
        TEST(lost_bytes_are_sent_even_beyond_a_limit_that_was_used_up),
        TEST(a_late_ack_takes_back_what_waits_to_be_sent_again),
        TEST(what_was_acknowledged_is_not_lost_any_more),
        TEST(an_append_without_memory_takes_nothing),
        TEST(more_than_the_widest_window_is_not_taken),
        TEST(a_buffer_that_was_freed_sends_nothing_again),
        TEST(what_was_not_given_yet_can_be_taken_back),
        TEST(a_full_set_of_acknowledged_ranges_sends_more_again_and_still_ends),
        TEST(a_full_set_of_lost_ranges_never_covers_what_was_never_sent),
        TEST(nothing_below_what_is_acknowledged_is_sent_again),
        TEST(copies_are_the_bytes_that_were_given),
        TEST(a_lossy_pipe_delivers_every_byte_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
