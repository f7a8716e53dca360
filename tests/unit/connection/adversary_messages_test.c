/* SPDX-License-Identifier: MIT */
/* Attacks on messages without order: 4 reassembly, 5 fragment confusion and lengths, 15 slow peers. */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WINDOW 400000
#define MAX    100000

static uint8_t frames[2048];
static tern_writer out;

static pair *victim(uint32_t pages)
{
    pair_options o = pair_defaults();
    o.limits.max_message = MAX;
    o.limits.message_window = 2 * MAX;
    o.limits.unordered_window = WINDOW;
    o.pages = pages;
    return pair_established(&o);
}

static void begin(void)
{
    out = tern_writer_of((tern_buf){ frames, sizeof frames });
}

static void put(uint64_t id, uint32_t size, uint32_t offset, size_t n)
{
    static const uint8_t zeros[1200];
    tern_frame_emit_message(&out, &(tern_frame_message){ id, size, offset, tern_bytes_of(zeros, n) });
}

static int attack(pair *p)
{
    return pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frames, out.n);
}

static void expect_close(pair *p, tern_error error)
{
    assert_int_equal(attack(p), TERN_DROP_MALFORMED);
    pair_run(p, p->now + 100 * TERN_MS);
    const tern_event *e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, error);
    pair_free(p);
}

/*= XFER-045 */
static void attack_5_two_sizes_for_one_message(void **state)
{
    (void)state;
    pair *p = victim(512);
    begin();
    put(0, 50, 0, 10);
    put(0, 60, 10, 10);
    expect_close(p, TERN_PROTOCOL_VIOLATION);
}

/*= WIRE-060 */
static void attack_5_lengths_that_add_up_past_the_end(void **state)
{
    static const struct {
        uint32_t size, offset;
        size_t n;
    } cases[] = { { 50, 45, 10 }, { 50, UINT32_MAX, 10 }, { 0, 0, 1 }, { 65536, 65530, 1000 }, { 10, 0, 0 } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pair *p = victim(512);
        begin();
        put(0, cases[i].size, cases[i].offset, cases[i].n);
        expect_close(p, TERN_FRAME_ENCODING_ERROR);
    }
}

/*= XFER-011 XFER-042 */
static void attack_5_sizes_and_ids_beyond_all_bounds(void **state)
{
    (void)state;
    pair *p = victim(512);
    begin();
    put(0, UINT32_MAX, 0, 10);
    expect_close(p, TERN_MESSAGE_TOO_LARGE);
    p = victim(512);
    begin();
    put(UINT64_MAX, 10, 0, 10);
    expect_close(p, TERN_PROTOCOL_VIOLATION);
}

/* Every other byte of a long message: the memory and the gaps that it can take are bounded, and what is not kept is
 * not acknowledged. Then the rest comes, and the message is whole: no honest peer dies of it. */
/*= XFER-023 */
static void attack_4_many_gaps_in_tiny_fragments(void **state)
{
    (void)state;
    pair *p = victim(512);
    const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    uint32_t at = 1, kept = 0;
    for (; at < 20000; at += 2 * 40) {
        begin();
        for (uint32_t i = 0; i < 40; i++) put(0, 20000, at + 2 * i, 1);
        if (attack(p) == TERN_DROP_NONE) kept += 40;
    }
    assert_true(kept >= 600 && kept <= TERN_RANGES_MAX);
    assert_true(pool->free > 450);
    for (uint32_t i = 0; i < 20000; i += 1000) {
        begin();
        put(0, 20000, i, 1000);
        assert_int_equal(attack(p), TERN_DROP_NONE);
    }
    pair_run(p, p->now + 100 * TERN_MS);
    assert_int_equal(p->messages_n, 20000);
    pair_free(p);
}

/* Messages of which the last byte never comes: no more than the window is held, whatever their number. */
/*= XFER-041 */
static void attack_15_messages_that_never_end(void **state)
{
    (void)state;
    pair *p = victim(1024);
    const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    uint64_t used = 0, id = 0;
    for (; used + 1000 + TERN_UNORDERED_COST <= WINDOW; used += 1000 + TERN_UNORDERED_COST) {
        begin();
        put(id++, 1000, 0, 999);
        assert_int_equal(attack(p), TERN_DROP_NONE);
    }
    assert_true(pool->free > 1024 - WINDOW / TERN_PAGE_SIZE - 32);
    begin();
    put(id, 1000, 0, 999);
    expect_close(p, TERN_FLOW_CONTROL_ERROR);
}

/* The last of many messages is whole and read; the first never is. Its reader has had it at once. */
/*= XFER-040 */
static void attack_15_a_first_byte_that_is_withheld_holds_up_nobody(void **state)
{
    (void)state;
    pair *p = victim(512);
    for (uint64_t id = 0; id < 50; id++) {
        begin();
        put(id, 100, id == 0 ? 1 : 0, id == 0 ? 99 : 100);
        assert_int_equal(attack(p), TERN_DROP_NONE);
        pair_run(p, p->now + TERN_MS);
        assert_int_equal(p->messages_count, id);
    }
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_5_two_sizes_for_one_message),
        cmocka_unit_test(attack_5_lengths_that_add_up_past_the_end),
        cmocka_unit_test(attack_5_sizes_and_ids_beyond_all_bounds),
        cmocka_unit_test(attack_4_many_gaps_in_tiny_fragments),
        cmocka_unit_test(attack_15_messages_that_never_end),
        cmocka_unit_test(attack_15_a_first_byte_that_is_withheld_holds_up_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
