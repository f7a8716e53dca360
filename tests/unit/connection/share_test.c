/* SPDX-License-Identifier: MIT */
/* One connection's share of the memory: hoarders take half of what is left, never all (spec: transfer 4). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PAGES 512

static int quiet(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)way, (void)n, (void)bytes, (void)size;
    return 0;
}

/* A relay of few pages whose client sends what it wants and hears nothing. */
static pair *with_a_hoarder(void)
{
    pair_options options = pair_defaults();
    options.pages = PAGES;
    options.limits.message_window = options.limits.stream_window = 4 << 20;
    options.limits.connection_window = 16 << 20;
    pair *p = pair_established(&options);
    p->fate = quiet;
    return p;
}

static int send_fragment(pair *p, uint64_t position, size_t n)
{
    static const uint8_t zeros[1100];
    uint8_t frame[1200];
    tern_writer w = tern_writer_of((tern_buf){ frame, sizeof frame });
    tern_frame_emit_fragment(&w, &(tern_frame_fragment){ position, tern_bytes_of(zeros, n) });
    return pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frame, w.n);
}

/* Everything but the first byte of the message space; where the relay stopped taking it. */
static uint64_t hoard(pair *p)
{
    uint64_t at = 1;
    while (at < 4000000 && send_fragment(p, at, 1100) == TERN_DROP_NONE) at += 1100;
    return at;
}

/*= XFER-025 */
static void who_withholds_the_first_byte_gets_half_the_memory_at_most(void **state)
{
    pair *p = with_a_hoarder();
    const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    (void)state;
    assert_true(hoard(p) < 4000000);
    assert_int_equal(p->last_drop[PAIR_TO_RELAY], TERN_DROP_NO_MEMORY);
    assert_true(pool->free > PAGES / 2 - 8);
    assert_true(pool->free < PAGES / 2 + 8); /* it is a share, and not nothing */
    pair_free(p);
}

/*= XFER-024 XFER-025 */
static void who_only_lost_it_is_let_go_on(void **state)
{
    pair *p = with_a_hoarder();
    const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    (void)state;
    uint64_t to = hoard(p);
    assert_int_equal(send_fragment(p, 0, 1), TERN_DROP_NONE); /* zeros: a great many messages without a body */
    pair_run(p, p->now + 1);
    assert_true(p->messages_count >= to / 4 - 1);
    assert_true(pool->free > PAGES - 40);
    pair_free(p);
}

/* Adversary 15: whatever frame opens streams, however many at once. */
/*= XFER-025 */
static void one_frame_that_opens_many_streams_takes_a_share_at_most(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        uint8_t frame[64];
        pair_options options = pair_defaults();
        options.pages = PAGES;
        options.limits.max_streams = 60000;
        pair *p = pair_established(&options);
        tern_writer w = tern_writer_of((tern_buf){ frame, sizeof frame });
        const uint32_t id = 4 * 59999;
        if (kind == 0) tern_frame_emit_stream(&w, &(tern_frame_stream){ .stream = id });
        if (kind == 1) tern_frame_emit_reset_stream(&w, &(tern_frame_reset_stream){ .stream = id });
        if (kind == 2) tern_frame_emit_stop_sending(&w, &(tern_frame_stop_sending){ .stream = id });
        if (kind == 3) tern_frame_emit_max(&w, TERN_F_MAX_STREAM_DATA, &(tern_frame_max){ .stream = id });
        const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
        for (int i = 0; i < 20; i++)
            assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frame, w.n), TERN_DROP_NO_MEMORY);
        assert_true(pool->free > PAGES / 2 - 8);
        assert_true(pool->free < PAGES / 2 + 8);
        pair_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_withholds_the_first_byte_gets_half_the_memory_at_most),
        cmocka_unit_test(who_only_lost_it_is_let_go_on),
        cmocka_unit_test(one_frame_that_opens_many_streams_takes_a_share_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
