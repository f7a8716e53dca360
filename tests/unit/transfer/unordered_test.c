/* SPDX-License-Identifier: MIT */
/* Messages without order: the two halves with a wire between them. */
#include "transfer/unordered.h"
#include "unit/transfer/unit.h"

#define PAGES  512
#define MAX    20000
#define WINDOW 50000
#define KEEP   100000

static tern_pool *pool;
static tern_unordered_out out;
static tern_unordered_in in;

static int setup(void **state)
{
    (void)state;
    pool = new_pool(PAGES);
    tern_unordered_out_init(&out);
    tern_unordered_in_init(&in, MAX, WINDOW);
    out.max = MAX;
    tern_send_credit_raise(&out.credit, WINDOW);
    return pool == NULL;
}

static int teardown(void **state)
{
    (void)state;
    tern_unordered_out_free(&out, pool);
    tern_unordered_in_free(&in, pool);
    return free_pool(pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Accepts a message of n bytes that say which one it is. */
static int send(uint32_t which, size_t n, tern_time deadline, uint8_t urgency)
{
    static uint8_t bytes[MAX + 1];
    fill_bytes(bytes, which, n);
    tern_bytes part = tern_bytes_of(bytes, n);
    return tern_unordered_send(&out, pool, &part, 1, KEEP, deadline, urgency);
}

static bool give(tern_time now, size_t most, tern_unordered_gift *g)
{
    for (uint8_t u = 0; u < TERN_URGENCIES; u++)
        if (tern_unordered_give(&out, pool, now, u, most, g)) return true;
    return false;
}

static size_t copy(const tern_unordered_gift *g, uint8_t *bytes)
{
    size_t n = g->size == 0 ? 0 : (size_t)(g->place.to - g->place.from);
    if (n > 0) tern_unordered_copy(&out, pool, g->place, bytes);
    return n;
}

static int arrive_with(const tern_unordered_gift *g, const uint8_t *bytes, size_t n)
{
    if (g->abandoned) return tern_unordered_on_abandoned(&in, pool, g->id, g->size);
    return tern_unordered_on_message(&in, pool, g->id, g->size, g->offset, tern_bytes_of(bytes, n));
}

static int arrive(const tern_unordered_gift *g)
{
    static uint8_t bytes[MAX];
    return arrive_with(g, bytes, copy(g, bytes));
}

static void carry(tern_time now)
{
    tern_unordered_gift g;
    while (give(now, 1000, &g)) {
        assert_int_equal(arrive(&g), TERN_OK);
        tern_unordered_settled(&out, pool, g.place, true);
    }
}

static void expect_front(uint32_t which, uint32_t n)
{
    static uint8_t bytes[MAX];
    uint32_t size = UINT32_MAX;
    assert_true(tern_unordered_front(&in, pool, &size));
    assert_int_equal(size, n);
    assert_int_equal(tern_unordered_read(&in, pool, (tern_buf){ bytes, sizeof bytes }), n);
    check_bytes(bytes, which, n);
    tern_unordered_drop_front(&in, pool);
}

static bool nothing_came(void)
{
    uint32_t size;
    return !tern_unordered_front(&in, pool, &size);
}

static void tell_credit(void)
{
    if (tern_unordered_limit_owed(&in)) tern_send_credit_raise(&out.credit, tern_recv_credit_tell(&in.credit));
}

/*= XFER-040 */
static void a_message_arrives_whole_and_everything_is_given_back(void **state)
{
    (void)state;
    assert_int_equal(send(7, 5000, TERN_TIME_NEVER, 3), TERN_OK);
    assert_int_equal(send(8, 0, TERN_TIME_NEVER, 3), TERN_OK);
    carry(0);
    expect_front(7, 5000);
    expect_front(8, 0);
    assert_true(nothing_came());
    assert_int_equal(pool->free, PAGES);
    assert_int_equal(out.oldest_id, 2);
    assert_int_equal(in.floor, 2);
}

/*= XFER-040 */
static void a_message_waits_for_no_other(void **state)
{
    (void)state;
    tern_unordered_gift lost, g;
    assert_int_equal(send(1, 1500, TERN_TIME_NEVER, 3), TERN_OK);
    assert_int_equal(send(2, 500, TERN_TIME_NEVER, 3), TERN_OK);
    assert_true(give(0, 1000, &lost)); /* and is lost on its way */
    carry(0);
    expect_front(2, 500);
    assert_true(nothing_came());
    tern_unordered_settled(&out, pool, lost.place, false);
    assert_true(give(0, 10000, &g));
    assert_int_equal(g.place.to - g.place.from, 1000); /* the fragment that was lost, and it alone (XFER-012) */
    assert_int_equal(arrive(&g), TERN_OK);
    expect_front(1, 1500);
    assert_false(give(0, 1000, &g));
    tern_unordered_settled(&out, pool, g.place, true);
}

/*= XFER-012 REC-019 REC-021 */
static void bytes_that_a_late_ack_names_are_not_sent_again(void **state)
{
    (void)state;
    tern_unordered_gift first, second, again, g;
    assert_int_equal(send(1, 2000, TERN_TIME_NEVER, 3), TERN_OK);
    assert_true(give(0, 1000, &first) && give(0, 1000, &second));
    tern_unordered_settled(&out, pool, first.place, false);
    assert_true(give(0, 1000, &again));
    assert_int_equal(again.place.from, first.place.from);
    tern_unordered_settled(&out, pool, first.place, true); /* it was only late */
    tern_unordered_settled(&out, pool, again.place, false);
    assert_false(give(0, 1000, &g));
    tern_unordered_settled(&out, pool, second.place, false);
    assert_true(give(0, 2000, &g));
    assert_true(g.place.from == second.place.from && g.place.to == second.place.to);
    tern_unordered_settled(&out, pool, g.place, true);
    assert_int_equal(out.page, 0);
}

/*= XFER-031 */
static void the_more_urgent_leaves_first_even_when_it_came_last(void **state)
{
    (void)state;
    assert_int_equal(send(1, 3000, TERN_TIME_NEVER, 5), TERN_OK);
    assert_int_equal(send(2, 100, TERN_TIME_NEVER, 0), TERN_OK);
    carry(0);
    expect_front(2, 100);
    expect_front(1, 3000);
}

/*= XFER-041 */
static void a_message_is_begun_only_with_credit_for_all_of_it(void **state)
{
    (void)state;
    tern_unordered_gift g;
    for (uint32_t i = 0; i < 3; i++) assert_int_equal(send(i, MAX, TERN_TIME_NEVER, 3), TERN_OK);
    carry(0);
    assert_int_equal(out.next_id, 2); /* 2 x 20064 of 50000 */
    assert_false(tern_unordered_want(&out, pool, 0));
    expect_front(0, MAX);
    tell_credit();
    assert_true(tern_unordered_want(&out, pool, 0));
    carry(0);
    expect_front(1, MAX);
    expect_front(2, MAX);
    assert_false(give(0, 1000, &g));
    assert_int_equal(in.credit.used, in.credit.consumed);
}

/*= XFER-041 */
static void a_peer_that_begins_more_than_its_credit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, MAX, 0, text_bytes("a")), TERN_OK);
    assert_int_equal(tern_unordered_on_message(&in, pool, 1, MAX, 0, text_bytes("a")), TERN_OK);
    assert_int_equal(tern_unordered_on_message(&in, pool, 2, MAX, 0, text_bytes("a")), TERN_FLOW_CONTROL_ERROR);
    assert_int_equal(tern_unordered_on_abandoned(&in, pool, 2, MAX), TERN_FLOW_CONTROL_ERROR);
}

/*= XFER-041 */
static void credit_too_small_for_the_longest_message_is_raised_at_once(void **state)
{
    (void)state;
    tern_unordered_in_free(&in, pool);
    tern_unordered_in_init(&in, MAX, MAX + TERN_UNORDERED_COST);
    out.credit = (tern_send_credit){ 0, MAX + TERN_UNORDERED_COST };
    assert_int_equal(send(1, 10, TERN_TIME_NEVER, 3), TERN_OK);
    carry(0);
    assert_false(tern_unordered_limit_owed(&in)); /* nothing came back yet */
    expect_front(1, 10);
    assert_true(tern_unordered_limit_owed(&in));
    tell_credit();
    assert_false(tern_unordered_limit_owed(&in));
    assert_int_equal(send(2, MAX, TERN_TIME_NEVER, 3), TERN_OK);
    carry(0);
    expect_front(2, MAX);
}

/*= XFER-042 */
static void ids_under_way_lie_close_together(void **state)
{
    (void)state;
    tern_unordered_gift first, g;
    tern_unordered_in_free(&in, pool);
    tern_unordered_in_init(&in, MAX, 1 << 20);
    tern_send_credit_raise(&out.credit, 1 << 20);
    assert_int_equal(send(0, 1, TERN_TIME_NEVER, 3), TERN_OK);
    assert_true(give(0, 1000, &first));
    for (uint32_t i = 1; i <= TERN_UNORDERED_SPREAD; i++) assert_int_equal(send(i, 1, TERN_TIME_NEVER, 3), TERN_OK);
    carry(0);
    assert_int_equal(out.next_id, TERN_UNORDERED_SPREAD); /* the last one waits for the first */
    assert_int_equal(tern_unordered_on_message(&in, pool, TERN_UNORDERED_SPREAD, 1, 0, text_bytes("a")),
                     TERN_PROTOCOL_VIOLATION);
    assert_int_equal(tern_unordered_on_abandoned(&in, pool, UINT64_MAX, 1), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(arrive(&first), TERN_OK);
    tern_unordered_settled(&out, pool, first.place, true);
    assert_true(give(0, 1000, &g));
    assert_int_equal(g.id, TERN_UNORDERED_SPREAD);
    assert_int_equal(arrive(&g), TERN_OK);
    tern_unordered_settled(&out, pool, g.place, true);
}

static void take_front(uint32_t n)
{
    uint32_t size = UINT32_MAX;
    assert_true(tern_unordered_front(&in, pool, &size));
    assert_int_equal(size, n);
    tern_unordered_drop_front(&in, pool);
}

/*= XFER-043 */
static void a_message_is_told_once_however_often_it_comes(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(tern_unordered_on_message(&in, pool, 1, 1, 0, text_bytes("b")), TERN_OK);
    take_front(1);
    assert_int_equal(tern_unordered_on_message(&in, pool, 1, 1, 0, text_bytes("b")), TERN_OK);
    assert_int_equal(tern_unordered_on_abandoned(&in, pool, 1, 1), TERN_OK);
    assert_true(nothing_came());
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 1, 0, text_bytes("a")), TERN_OK);
    take_front(1);
    assert_int_equal(tern_unordered_on_message(&in, pool, 1, 1, 0, text_bytes("b")), TERN_OK);
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 1, 0, text_bytes("a")), TERN_OK);
    assert_true(nothing_came());
    assert_int_equal(in.credit.used, 2 * (1 + TERN_UNORDERED_COST));
    assert_int_equal(in.credit.consumed, in.credit.used);
    assert_int_equal(pool->free, PAGES);
}

/*= XFER-045 */
static void two_sizes_for_one_message_are_refused(void **state)
{
    (void)state;
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 10, 0, text_bytes("a")), TERN_OK);
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 11, 0, text_bytes("a")), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(tern_unordered_on_abandoned(&in, pool, 0, 9), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 10, 1, text_bytes("bcdefghij")), TERN_OK);
    take_front(10);
}

/*= XFER-011 */
static void a_message_longer_than_we_take_is_refused(void **state)
{
    (void)state;
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, MAX + 1, 0, text_bytes("a")), TERN_MESSAGE_TOO_LARGE);
    assert_int_equal(send(1, MAX + 1, TERN_TIME_NEVER, 3), TERN_MESSAGE_TOO_LARGE);
    assert_int_equal(pool->free, PAGES);
}

/*= XFER-040 */
static void who_takes_none_refuses_all(void **state)
{
    (void)state;
    tern_unordered_in_init(&in, MAX, 0);
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 1, 0, text_bytes("a")), TERN_PROTOCOL_VIOLATION);
    assert_int_equal(tern_unordered_on_abandoned(&in, pool, 0, 1), TERN_PROTOCOL_VIOLATION);
}

/*= XFER-013 */
static void the_first_copy_of_a_byte_holds(void **state)
{
    (void)state;
    uint8_t out_bytes[4];
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 4, 1, text_bytes("bc")), TERN_OK);
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 4, 0, text_bytes("WXYZ")), TERN_OK);
    assert_int_equal(tern_unordered_read(&in, pool, (tern_buf){ out_bytes, 4 }), 4);
    assert_memory_equal(out_bytes, "WbcZ", 4);
    take_front(4);
}

/* Attack 4: gaps of one message use up what can be remembered, but for what the message in front needs to get on. */
/*= XFER-023 XFER-024 */
static void gaps_of_others_never_lock_the_message_in_front(void **state)
{
    static const uint8_t zeros[100];
    uint32_t at = 1;
    (void)state;
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 100, 50, text_bytes("x")), TERN_OK);
    while (at < MAX && tern_unordered_on_message(&in, pool, 1, MAX, at, text_bytes("x")) == TERN_OK) at += 2;
    assert_true(at > 1000 && at < MAX);
    for (uint32_t i = 0; i < 50; i++)
        assert_int_equal(tern_unordered_on_message(&in, pool, 0, 100, i, tern_bytes_of(zeros, 1)), TERN_OK);
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 100, 51, tern_bytes_of(zeros, 49)), TERN_OK);
    take_front(100);
}

/*= XFER-044 */
static void a_message_whose_time_is_over_before_it_left_never_does(void **state)
{
    (void)state;
    tern_unordered_gift g;
    assert_int_equal(send(1, 100, 50, 3), TERN_OK);
    assert_int_equal(send(2, 100, 51, 3), TERN_OK);
    assert_true(give(50, 1000, &g));
    assert_int_equal(g.id, 0);
    assert_int_equal(arrive(&g), TERN_OK);
    expect_front(2, 100);
    assert_false(give(50, 1000, &g));
}

/*= XFER-044 */
static void what_waits_for_credit_is_gone_when_its_time_is_over(void **state)
{
    tern_unordered_gift g;
    (void)state;
    tern_send_credit_init(&out.credit, 0);
    assert_int_equal(send(1, 9000, TERN_TIME_NEVER, 3), TERN_OK);
    assert_int_equal(tern_unordered_next_due(&out, pool), TERN_TIME_NEVER);
    assert_int_equal(send(2, 9000, 60 * TERN_MS, 3), TERN_OK);
    assert_int_equal(send(3, 9000, 50 * TERN_MS, 5), TERN_OK);
    assert_int_equal(tern_unordered_next_due(&out, pool), 50 * TERN_MS);
    tern_unordered_expire(&out, pool, 50 * TERN_MS);
    assert_int_equal(tern_unordered_next_due(&out, pool), 60 * TERN_MS);
    tern_unordered_expire(&out, pool, 60 * TERN_MS);
    assert_int_equal(tern_unordered_next_due(&out, pool), TERN_TIME_NEVER);
    tern_send_credit_raise(&out.credit, WINDOW);
    assert_true(give(0, MAX, &g) && g.size == 9000 && g.id == 0); /* the first is all that is left, */
    tern_unordered_settled(&out, pool, g.place, true);
    assert_false(give(0, MAX, &g)); /* though now is before all deadlines */
    assert_int_equal(out.page, 0);
    assert_int_equal(pool->free, pool->pages);
}

/*= XFER-044 */
static void a_deadline_in_the_middle_of_a_message_is_not_forgotten(void **state)
{
    tern_unordered_gift g;
    (void)state;
    assert_int_equal(send(1, 9000, 50 * TERN_MS, 3), TERN_OK);
    assert_int_equal(send(2, 9000, TERN_TIME_NEVER, 3), TERN_OK);
    assert_true(give(0, 1000, &g));
    tern_unordered_expire(&out, pool, 50 * TERN_MS);
    assert_true(tern_unordered_want(&out, pool, 50 * TERN_MS));
    assert_true(give(0, 1000, &g) && g.abandoned && g.id == 0);
    assert_true(give(0, 1000, &g) && !g.abandoned && g.id == 1);
}

/* All of it is under way: it may still arrive. What is lost of it is another matter. */
/*= XFER-044 */
static void a_message_that_was_sent_whole_is_abandoned_only_when_some_is_lost(void **state)
{
    tern_unordered_gift g, abandoned;
    (void)state;
    assert_int_equal(send(1, 900, 50 * TERN_MS, 3), TERN_OK);
    assert_true(give(0, 1000, &g));
    tern_unordered_expire(&out, pool, 50 * TERN_MS);
    assert_false(tern_unordered_want(&out, pool, 50 * TERN_MS));
    assert_int_equal(tern_unordered_next_due(&out, pool), TERN_TIME_NEVER);
    tern_unordered_settled(&out, pool, g.place, false);
    tern_unordered_expire(&out, pool, tern_unordered_next_due(&out, pool));
    assert_true(give(0, 1000, &abandoned) && abandoned.abandoned);
}

/* A walk for each of many deadlines would take quadratic time. */
static void many_deadlines_are_looked_at_together(void **state)
{
    uint32_t walks = 0;
    (void)state;
    tern_send_credit_init(&out.credit, 0);
    for (uint32_t i = 0; i < 1000; i++) assert_int_equal(send(i, 10, TERN_MS + i, 3), TERN_OK);
    for (tern_time due; (due = tern_unordered_next_due(&out, pool)) != TERN_TIME_NEVER; walks++)
        tern_unordered_expire(&out, pool, due);
    assert_int_equal(walks, 2);
    assert_int_equal(pool->free, pool->pages);
}

/*= XFER-044 */
static void a_message_whose_time_is_over_is_abandoned_and_its_part_is_forgotten(void **state)
{
    (void)state;
    tern_unordered_gift g, end;
    assert_int_equal(send(1, 3000, 50, 3), TERN_OK);
    assert_true(give(49, 1000, &g));
    assert_int_equal(arrive(&g), TERN_OK);
    tern_unordered_settled(&out, pool, g.place, true);
    assert_true(give(50, 1000, &end));
    assert_true(end.abandoned && end.id == 0 && end.size == 3000);
    assert_false(give(50, 1000, &g));
    tern_unordered_settled(&out, pool, end.place, false); /* REC-019: it is told again */
    assert_true(give(50, 1000, &end));
    assert_true(end.abandoned);
    assert_int_equal(arrive(&end), TERN_OK);
    tern_unordered_settled(&out, pool, end.place, true);
    assert_true(nothing_came());
    assert_int_equal(in.credit.used, in.credit.consumed);
    assert_int_equal(pool->free, PAGES);
}

/*= XFER-044 */
static void an_abandoned_message_of_which_nothing_came_costs_its_credit_on_both_sides(void **state)
{
    (void)state;
    tern_unordered_gift lost, end;
    static uint8_t late[3000];
    assert_int_equal(send(1, 3000, 50, 3), TERN_OK);
    assert_true(give(49, 5000, &lost));
    size_t n = copy(&lost, late);
    tern_unordered_settled(&out, pool, lost.place, false);
    assert_true(give(60, 1000, &end));
    assert_int_equal(arrive(&end), TERN_OK);
    assert_int_equal(arrive_with(&lost, late, n), TERN_OK); /* it comes too late */
    assert_true(nothing_came());
    tern_unordered_settled(&out, pool, end.place, true);
    assert_int_equal(in.credit.consumed, out.credit.used);
    assert_int_equal(pool->free, PAGES);
}

static void without_memory_nothing_is_accepted_and_nothing_is_held(void **state)
{
    (void)state;
    tern_page held[PAGES];
    uint32_t n = hold_all_but(pool, TERN_FOR_SENDING, 2, held);
    uint32_t free = pool->free;
    assert_int_equal(send(1, 9000, TERN_TIME_NEVER, 3), TERN_E_BLOCKED);
    assert_true(out.blocked);
    assert_int_equal(pool->free, free);
    give_back(pool, held, n);
    n = hold_all_but(pool, TERN_FOR_RECEIVING, 1, held);
    /*= XFER-023 */
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 1, 0, text_bytes("a")), TERN_E_NO_MEMORY);
    assert_int_equal(in.credit.used, 0);
    give_back(pool, held, n);
    assert_int_equal(tern_unordered_on_message(&in, pool, 0, 1, 0, text_bytes("a")), TERN_OK);
    take_front(1);
}

static void a_full_queue_blocks_but_one_message_always_fits(void **state)
{
    (void)state;
    static uint8_t bytes[MAX];
    tern_bytes part = tern_bytes_of(bytes, MAX);
    assert_int_equal(tern_unordered_send(&out, pool, &part, 1, 100, TERN_TIME_NEVER, 3), TERN_OK);
    part.n = 1;
    assert_int_equal(tern_unordered_send(&out, pool, &part, 1, 100, TERN_TIME_NEVER, 3), TERN_E_BLOCKED);
    assert_int_equal(tern_unordered_waiting(&out, pool), MAX);
}

#define LETTERS 64

/* Random messages over a wire that loses, reorders and copies: all without a deadline arrive once with their bytes;
 * those with one at most once; nothing is left. */
/*= XFER-040 XFER-043 XFER-044 */
static void random_messages_cross_a_lossy_wire(void **state)
{
    (void)state;
    enum { MANY = 3000 };
    static uint32_t size_of[MANY];
    static uint8_t came[MANY], bytes[MAX];
    static struct {
        tern_unordered_gift gift;
        uint8_t bytes[900];
        size_t n;
    } flying[LETTERS], letter;
    size_t n = 0;
    uint64_t rng = 4;
    uint32_t sent = 0, told = 0;
    tern_time now = 0;
    for (uint32_t i = 0; sent < MANY || n > 0 || out.page != 0; i++) {
        assert_true(i < 3000000);
        now += TERN_MS / 4;
        if (now >= tern_unordered_next_due(&out, pool) && random_below(&rng, 2) == 0)
            tern_unordered_expire(&out, pool, now);
        uint32_t size = (uint32_t)random_below(&rng, random_below(&rng, 5) == 0 ? MAX : 300) + 4;
        tern_time deadline = sent % 3 == 0 ? now + random_below(&rng, 15 * TERN_MS) : TERN_TIME_NEVER;
        if (sent < MANY && random_below(&rng, 4) == 0) {
            memset(bytes, (int)(sent & 0xff), size);
            memcpy(bytes, &sent, sizeof sent);
            tern_bytes part = tern_bytes_of(bytes, size);
            int e = tern_unordered_send(&out, pool, &part, 1, KEEP, deadline, (uint8_t)random_below(&rng, 8));
            assert_true(e == TERN_OK || e == TERN_E_BLOCKED);
            if (e == TERN_OK) size_of[sent++] = size;
        }
        while (n < LETTERS && give(now, (size_t)random_below(&rng, 900) + 1, &flying[n].gift)) {
            flying[n].n = copy(&flying[n].gift, flying[n].bytes);
            n++;
        }
        if (n > 0) {
            size_t which = (size_t)random_below(&rng, n);
            letter = flying[which];
            flying[which] = flying[--n];
            bool arrives = random_below(&rng, 3) != 0;
            if (arrives) assert_int_equal(arrive_with(&letter.gift, letter.bytes, letter.n), TERN_OK);
            tern_unordered_settled(&out, pool, letter.gift.place, arrives);
        }
        for (uint32_t whole; random_below(&rng, 3) != 0 && tern_unordered_front(&in, pool, &whole);) {
            uint32_t which;
            assert_int_equal(tern_unordered_read(&in, pool, (tern_buf){ bytes, sizeof bytes }), whole);
            memcpy(&which, bytes, sizeof which);
            assert_true(which < sent && size_of[which] == whole && came[which]++ == 0);
            for (uint32_t k = 4; k < whole; k++) assert_int_equal(bytes[k], which & 0xff);
            tern_unordered_drop_front(&in, pool);
            told++;
        }
        tell_credit();
    }
    uint32_t whole;
    while (tern_unordered_front(&in, pool, &whole)) {
        uint32_t which;
        (void)tern_unordered_read(&in, pool, (tern_buf){ (uint8_t *)&which, sizeof which });
        assert_int_equal(came[which]++, 0);
        tern_unordered_drop_front(&in, pool);
        told++;
    }
    for (uint32_t i = 0; i < MANY; i++) assert_true(came[i] == 1 || i % 3 == 0);
    assert_true(told > MANY * 2 / 3 && told < MANY);
    assert_int_equal(in.credit.used, out.credit.used);
    assert_int_equal(in.credit.consumed, out.credit.used);
    assert_int_equal(pool->free, PAGES);
}

/* Attack 1: what was sent twice is acknowledged twice, the second time when other messages wait in its place. */
/*= XFER-012 REC-019 */
static void a_late_acknowledgement_of_one_message_is_not_taken_for_another(void **state)
{
    tern_unordered_gift g, late;
    (void)state;
    assert_int_equal(send(7, 5000, TERN_TIME_NEVER, 3), TERN_OK);
    assert_true(give(0, 20000, &late));
    assert_int_equal(arrive(&late), TERN_OK);
    tern_unordered_settled(&out, pool, late.place, true);
    expect_front(7, 5000);
    assert_int_equal(send(8, 300, TERN_TIME_NEVER, 3), TERN_OK);
    assert_int_equal(send(9, 4000, TERN_TIME_NEVER, 3), TERN_OK);
    assert_true(give(0, 20000, &g)); /* and is lost */
    tern_unordered_settled(&out, pool, late.place, true);
    tern_unordered_settled(&out, pool, (tern_range){ late.place.from, late.place.from }, true);
    tern_unordered_settled(&out, pool, g.place, false);
    carry(0);
    expect_front(8, 300);
    expect_front(9, 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_message_arrives_whole_and_everything_is_given_back),
        TEST(bytes_that_a_late_ack_names_are_not_sent_again),
        TEST(a_message_waits_for_no_other),
        TEST(the_more_urgent_leaves_first_even_when_it_came_last),
        TEST(a_message_is_begun_only_with_credit_for_all_of_it),
        TEST(a_peer_that_begins_more_than_its_credit_is_refused),
        TEST(credit_too_small_for_the_longest_message_is_raised_at_once),
        TEST(ids_under_way_lie_close_together),
        TEST(a_message_is_told_once_however_often_it_comes),
        TEST(two_sizes_for_one_message_are_refused),
        TEST(a_message_longer_than_we_take_is_refused),
        TEST(who_takes_none_refuses_all),
        TEST(the_first_copy_of_a_byte_holds),
        TEST(gaps_of_others_never_lock_the_message_in_front),
        TEST(a_message_whose_time_is_over_before_it_left_never_does),
        TEST(what_waits_for_credit_is_gone_when_its_time_is_over),
        TEST(a_deadline_in_the_middle_of_a_message_is_not_forgotten),
        TEST(a_message_that_was_sent_whole_is_abandoned_only_when_some_is_lost),
        TEST(many_deadlines_are_looked_at_together),
        TEST(a_message_whose_time_is_over_is_abandoned_and_its_part_is_forgotten),
        TEST(an_abandoned_message_of_which_nothing_came_costs_its_credit_on_both_sides),
        TEST(without_memory_nothing_is_accepted_and_nothing_is_held),
        TEST(a_full_queue_blocks_but_one_message_always_fits),
        TEST(random_messages_cross_a_lossy_wire),
        TEST(a_late_acknowledgement_of_one_message_is_not_taken_for_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
