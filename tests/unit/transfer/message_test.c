/* SPDX-License-Identifier: MIT */
#include "base/io.h"
#include "transfer/message.h"
#include "unit/transfer/unit.h"

#define PAGES  256
#define MAX    5000
#define WINDOW 20000
#define KEEP   30000

static tern_pool *pool;
static tern_messages here, there;

static int setup(void **state)
{
    (void)state;
    pool = new_pool(PAGES);
    tern_messages_init(&here, MAX, WINDOW);
    tern_messages_init(&there, MAX, WINDOW);
    tern_messages_peer_params(&here, MAX, WINDOW);
    tern_messages_peer_params(&there, MAX, WINDOW);
    return pool == NULL;
}

static int teardown(void **state)
{
    (void)state;
    tern_messages_free(&here, pool);
    tern_messages_free(&there, pool);
    return free_pool(pool);
}

static int send_bytes(const void *p, size_t n)
{
    const tern_bytes whole = tern_bytes_of(p, n);
    return tern_messages_send(&here, pool, &whole, 1, KEEP);
}

static int send_text(const char *text)
{
    return send_bytes(text, strlen(text));
}

static int deliver(tern_range range)
{
    static uint8_t bytes[KEEP];
    tern_send_buffer_copy(&here.out, pool, range, bytes);
    return tern_messages_on_fragment(&there, pool, range.from, tern_bytes_of(bytes, (size_t)(range.to - range.from)));
}

/* Carries everything over in fragments of at most most bytes. */
static void carry(size_t most)
{
    tern_range range;
    while (tern_messages_give(&here, pool, most, &range)) {
        assert_int_equal(deliver(range), TERN_OK);
        tern_messages_settled(&here, pool, range, true);
    }
}

static void expect_front(const char *text)
{
    char out[100];
    uint32_t size = 0;
    assert_true(tern_messages_front(&there, pool, &size));
    assert_int_equal(size, strlen(text));
    assert_int_equal(tern_messages_read(&there, pool, (tern_buf){ (uint8_t *)out, sizeof out }), size);
    assert_memory_equal(out, text, size);
    tern_messages_drop_front(&there, pool);
}

static int fragment(uint64_t position, const void *p, size_t n)
{
    return tern_messages_on_fragment(&there, pool, position, tern_bytes_of(p, n));
}

/*= XFER-010 */
static void messages_arrive_whole_once_and_in_order(void **state)
{
    (void)state;
    uint32_t size;
    assert_int_equal(send_text("one"), TERN_OK);
    assert_int_equal(send_text(""), TERN_OK);
    assert_int_equal(send_text("three"), TERN_OK);
    carry(2);
    expect_front("one");
    expect_front("");
    expect_front("three");
    assert_false(tern_messages_front(&there, pool, &size));
    assert_int_equal(tern_messages_waiting(&here), 0);
    assert_int_equal(pool->free, PAGES);
}

/*= XFER-010 */
static void a_message_is_not_there_before_its_last_byte(void **state)
{
    (void)state;
    uint32_t size;
    tern_range first, rest;
    assert_int_equal(send_text("hello"), TERN_OK);
    assert_int_equal(send_text("later"), TERN_OK);
    assert_true(tern_messages_give(&here, pool, 8, &first));
    assert_true(tern_messages_give(&here, pool, 100, &rest));
    assert_int_equal(deliver(rest), TERN_OK);
    assert_false(tern_messages_front(&there, pool, &size));
    assert_int_equal(deliver(first), TERN_OK);
    expect_front("hello");
    expect_front("later");
}

static void parts_are_joined(void **state)
{
    (void)state;
    const tern_bytes parts[] = { text_bytes("a"), text_bytes(""), text_bytes("bc") };
    assert_int_equal(tern_messages_send(&here, pool, parts, 3, KEEP), TERN_OK);
    assert_int_equal(tern_messages_send(&here, pool, NULL, 0, KEEP), TERN_OK);
    carry(100);
    expect_front("abc");
    expect_front("");
}

static void a_body_is_read_bit_by_bit_or_left(void **state)
{
    (void)state;
    uint8_t out[100];
    assert_int_equal(send_text("abcdef"), TERN_OK);
    assert_int_equal(send_text("next"), TERN_OK);
    carry(100);
    assert_int_equal(tern_messages_read(&there, pool, (tern_buf){ out, 4 }), 4);
    assert_memory_equal(out, "abcd", 4);
    assert_int_equal(tern_messages_peek(&there, pool, 1, (tern_buf){ out, 100 }), 5);
    assert_memory_equal(out, "bcdef", 5);
    assert_int_equal(tern_messages_peek(&there, pool, 6, (tern_buf){ out, 100 }), 0);
    assert_int_equal(tern_messages_read(&there, pool, (tern_buf){ out, 100 }), 2);
    assert_memory_equal(out, "ef", 2);
    assert_int_equal(tern_messages_read(&there, pool, (tern_buf){ out, 100 }), 0);
    tern_messages_drop_front(&there, pool);
    expect_front("next");
    assert_int_equal(tern_messages_read(&there, pool, (tern_buf){ out, 100 }), 0);
}

static void a_message_beyond_the_peers_maximum_is_not_accepted(void **state)
{
    (void)state;
    static const uint8_t large[MAX + 1];
    assert_int_equal(send_bytes(large, MAX + 1), TERN_MESSAGE_TOO_LARGE);
    const tern_bytes parts[] = { tern_bytes_of(large, MAX), tern_bytes_of(large, 1) };
    assert_int_equal(tern_messages_send(&here, pool, parts, 2, KEEP), TERN_MESSAGE_TOO_LARGE);
    assert_int_equal(tern_messages_waiting(&here), 0);
    assert_int_equal(send_bytes(large, MAX), TERN_OK);
}

static void a_full_queue_blocks_but_one_message_always_fits(void **state)
{
    (void)state;
    static const uint8_t body[1000];
    const tern_bytes part = tern_bytes_of(body, sizeof body);
    assert_int_equal(tern_messages_send(&here, pool, &part, 1, 10), TERN_OK);
    assert_int_equal(tern_messages_send(&here, pool, &part, 1, 2007), TERN_E_BLOCKED);
    assert_int_equal(tern_messages_send(&here, pool, &part, 1, 2008), TERN_OK);
    assert_int_equal(tern_messages_send(&here, pool, &part, 1, 10), TERN_E_BLOCKED);
    assert_int_equal(tern_messages_waiting(&here), 2008);
}

static void a_message_without_memory_is_not_accepted_at_all(void **state)
{
    (void)state;
    static const uint8_t body[MAX];
    tern_page held[PAGES];
    assert_int_equal(send_text("first"), TERN_OK);
    uint32_t n = hold_all_but(pool, TERN_FOR_RECORDS, 0, held);
    assert_int_equal(send_bytes(body, MAX), TERN_E_NO_MEMORY);
    give_back(pool, held, n);
    assert_int_equal(send_text("second"), TERN_OK);
    carry(100);
    expect_front("first");
    expect_front("second");
}

/*= XFER-011 */
static void a_length_beyond_the_maximum_is_refused_as_soon_as_it_is_known(void **state)
{
    (void)state;
    const uint8_t prefix[4] = { 0, 0, (MAX + 1) >> 8, (MAX + 1) & 0xff };
    assert_int_equal(fragment(0, prefix, 3), TERN_OK);
    assert_int_equal(fragment(3, prefix + 3, 1), TERN_MESSAGE_TOO_LARGE);
}

/*= XFER-011 */
static void the_length_of_a_message_behind_others_is_refused_too(void **state)
{
    (void)state;
    const uint8_t two[] = { 0, 0, 0, 1, 'a', 0xff, 0xff, 0xff, 0xff };
    assert_int_equal(fragment(5, two + 5, 4), TERN_OK); /* where it stands is not known yet */
    assert_int_equal(fragment(0, two, 5), TERN_MESSAGE_TOO_LARGE);
}

/*= XFER-011 */
static void a_message_of_the_maximum_is_taken(void **state)
{
    (void)state;
    static uint8_t body[MAX];
    uint32_t size = 0;
    assert_int_equal(send_bytes(body, MAX), TERN_OK);
    carry(1200);
    assert_true(tern_messages_front(&there, pool, &size));
    assert_int_equal(size, MAX);
}

/*= XFER-020 */
static void a_sender_stops_at_the_peers_limit(void **state)
{
    (void)state;
    static const uint8_t body[MAX];
    tern_range range = { 0, 0 };
    for (int i = 0; i < 5; i++) assert_int_equal(send_bytes(body, MAX), TERN_OK);
    while (tern_messages_give(&here, pool, 1000, &range)) continue;
    assert_int_equal(here.out.next, WINDOW);
    assert_int_equal(here.send_credit.used, WINDOW);
    assert_false(tern_messages_want(&here, pool));
    tern_messages_settled(&here, pool, (tern_range){ 0, 100 }, false);
    assert_true(tern_messages_want(&here, pool)); /* what was lost is within it */
    assert_true(tern_messages_give(&here, pool, 1000, &range));
    assert_int_equal(range.to, 100);
    tern_messages_on_max(&here, WINDOW + 7);
    assert_true(tern_messages_give(&here, pool, 1000, &range));
    assert_int_equal(range.from, WINDOW);
    assert_int_equal(range.to, WINDOW + 7);
}

/*= XFER-020 */
static void a_fragment_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(fragment(WINDOW - 1, "ab", 2), TERN_FLOW_CONTROL_ERROR);
    assert_int_equal(fragment(UINT64_C(1) << 61, "a", 1), TERN_FLOW_CONTROL_ERROR);
    assert_int_equal(fragment(WINDOW - 2, "ab", 2), TERN_OK);
}

/*= XFER-021 */
static void a_lower_limit_is_ignored(void **state)
{
    (void)state;
    tern_messages_on_max(&here, 10);
    assert_int_equal(send_text("hello world"), TERN_OK);
    carry(100);
    expect_front("hello world");
}

/*= XFER-022 */
static void credit_comes_back_as_messages_are_taken(void **state)
{
    (void)state;
    static const uint8_t body[MAX - 4];
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 2; i++) assert_int_equal(send_bytes(body, sizeof body), TERN_OK);
        carry(1200);
        assert_false(tern_messages_want(&here, pool));
        tern_messages_drop_front(&there, pool);
        assert_false(tern_messages_limit_owed(&there));
        tern_messages_drop_front(&there, pool);
        assert_true(tern_messages_limit_owed(&there));
        uint64_t limit = tern_messages_limit(&there, NULL);
        assert_int_equal(limit, WINDOW + (uint64_t)(round + 1) * 2 * MAX);
        assert_false(tern_messages_limit_owed(&there));
        tern_messages_limit_lost(&there);
        assert_true(tern_messages_limit_owed(&there));
        assert_int_equal(tern_messages_limit(&there, NULL), limit);
        tern_messages_on_max(&here, limit);
    }
}

/* Less than half a window was taken, and the rest of it is too small for the next message: without new credit that one
 * would wait for ever. */
/*= XFER-022 */
static void a_message_that_the_limit_cuts_off_gets_its_credit(void **state)
{
    (void)state;
    static const uint8_t body[MAX];
    const uint64_t window = MAX + TERN_MESSAGE_PREFIX;
    for (size_t first = 0; first < MAX / 2 - 4; first += 97) {
        tern_messages_free(&here, pool);
        tern_messages_free(&there, pool);
        tern_messages_init(&here, MAX, window);
        tern_messages_init(&there, MAX, window);
        tern_messages_peer_params(&here, MAX, window);
        assert_int_equal(send_bytes(body, first), TERN_OK);
        assert_int_equal(send_bytes(body, MAX), TERN_OK);
        carry(1200);
        tern_messages_drop_front(&there, pool);
        assert_false(tern_messages_want(&here, pool));
        assert_true(tern_messages_limit_owed(&there));
        tern_messages_on_max(&here, tern_messages_limit(&there, NULL));
        assert_false(tern_messages_limit_owed(&there));
        carry(1200);
        tern_messages_drop_front(&there, pool);
    }
}

/* A window that is smaller than a message grows to what the message needs, and to no more. */
/*= XFER-022 */
static void a_small_window_grows_to_the_message_in_front(void **state)
{
    (void)state;
    static const uint8_t body[MAX];
    tern_messages_init(&here, MAX, WINDOW);
    tern_recv_credit_start(&there.recv_credit, 1000);
    tern_messages_peer_params(&here, MAX, 1000);
    for (int i = 0; i < 2; i++) assert_int_equal(send_bytes(body, 3000), TERN_OK);
    carry(500);
    assert_true(tern_messages_limit_owed(&there));
    assert_int_equal(tern_messages_limit(&there, NULL), 3000 + TERN_MESSAGE_PREFIX);
    assert_false(tern_messages_limit_owed(&there));
    tern_messages_on_max(&here, 3000 + TERN_MESSAGE_PREFIX);
    carry(500);
    assert_false(tern_messages_limit_owed(&there)); /* it is whole, and to be taken */
    tern_messages_drop_front(&there, pool);
    assert_true(tern_messages_limit_owed(&there));
    tern_messages_on_max(&here, tern_messages_limit(&there, NULL));
    carry(500);
    tern_messages_drop_front(&there, pool);
}

/*= XFER-023 */
static void a_fragment_that_is_not_kept_takes_no_credit(void **state)
{
    (void)state;
    static const uint8_t body[MAX];
    tern_page held[PAGES];
    uint32_t n = hold_all_but(pool, TERN_FOR_RECORDS, 0, held);
    assert_int_equal(fragment(0, body, MAX), TERN_E_NO_MEMORY);
    assert_int_equal(there.recv_credit.used, 0);
    give_back(pool, held, n);
    assert_int_equal(fragment(0, body, MAX), TERN_OK);
    assert_int_equal(there.recv_credit.used, MAX);
    assert_int_equal(fragment(100, body, MAX - 100), TERN_OK);
    assert_int_equal(there.recv_credit.used, MAX);
}

/*= XFER-013 */
static void fragments_that_disagree_change_nothing_that_was_kept(void **state)
{
    (void)state;
    assert_int_equal(fragment(0, "\0\0\0\5he", 6), TERN_OK);
    assert_int_equal(fragment(0, "\0\0\0\7XXllo", 9), TERN_OK);
    expect_front("hello");
}

/*= XFER-012 */
static void only_the_fragment_that_was_lost_is_sent_again(void **state)
{
    (void)state;
    static const uint8_t body[MAX];
    tern_range range[8], again;
    int n = 0;
    assert_int_equal(send_bytes(body, MAX), TERN_OK);
    while (n < 7 && tern_messages_give(&here, pool, 1000, &range[n])) n++;
    assert_int_equal(n, 6);
    for (int i = 0; i < n; i++) tern_messages_settled(&here, pool, range[i], i != 2);
    assert_true(tern_messages_give(&here, pool, 5000, &again));
    assert_int_equal(again.from, range[2].from);
    assert_int_equal(again.to, range[2].to);
    assert_false(tern_messages_give(&here, pool, 5000, &again));
}

/*= XFER-010 XFER-012 */
static void random_messages_cross_a_lossy_pipe(void **state)
{
    (void)state;
    static uint8_t body[MAX];
    static uint32_t sizes[400];
    static tern_range flying[40];
    uint64_t rng = 14;
    uint32_t size;
    size_t sent = 0, got = 0, n = 0;
    while (got < 400) {
        size = (uint32_t)random_below(&rng, 1 + random_below(&rng, MAX));
        memset(body, (int)sent & 0xff, size);
        if (sent < 400 && send_bytes(body, size) == TERN_OK) sizes[sent++] = size;
        while (n < 40 && tern_messages_give(&here, pool, 1 + random_below(&rng, 1200), &flying[n])) n++;
        while (n > 0 && random_below(&rng, 8) != 0) {
            size_t which = (size_t)random_below(&rng, n);
            tern_range range = flying[which];
            flying[which] = flying[--n];
            bool arrives = random_below(&rng, 4) != 0 && deliver(range) == TERN_OK;
            tern_messages_settled(&here, pool, range, arrives);
        }
        while (tern_messages_front(&there, pool, &size)) {
            assert_int_equal(size, sizes[got]);
            assert_int_equal(tern_messages_read(&there, pool, (tern_buf){ body, MAX }), size);
            for (uint32_t i = 0; i < size; i++) assert_int_equal(body[i], got & 0xff);
            tern_messages_drop_front(&there, pool);
            got++;
        }
        if (tern_messages_limit_owed(&there)) tern_messages_on_max(&here, tern_messages_limit(&there, NULL));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(messages_arrive_whole_once_and_in_order),
        TEST(a_message_is_not_there_before_its_last_byte),
        TEST(parts_are_joined),
        TEST(a_body_is_read_bit_by_bit_or_left),
        TEST(a_message_beyond_the_peers_maximum_is_not_accepted),
        TEST(a_full_queue_blocks_but_one_message_always_fits),
        TEST(a_message_without_memory_is_not_accepted_at_all),
        TEST(a_length_beyond_the_maximum_is_refused_as_soon_as_it_is_known),
        TEST(the_length_of_a_message_behind_others_is_refused_too),
        TEST(a_message_of_the_maximum_is_taken),
        TEST(a_sender_stops_at_the_peers_limit),
        TEST(a_fragment_beyond_the_limit_is_refused),
        TEST(a_lower_limit_is_ignored),
        TEST(credit_comes_back_as_messages_are_taken),
        TEST(a_message_that_the_limit_cuts_off_gets_its_credit),
        TEST(a_small_window_grows_to_the_message_in_front),
        TEST(a_fragment_that_is_not_kept_takes_no_credit),
        TEST(fragments_that_disagree_change_nothing_that_was_kept),
        TEST(only_the_fragment_that_was_lost_is_sent_again),
        TEST(random_messages_cross_a_lossy_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
