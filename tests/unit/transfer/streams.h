/* SPDX-License-Identifier: MIT */
/* Two sides of a connection for the stream tests: what one gives, the other takes. */
#ifndef TERN_UNIT_TRANSFER_STREAMS_H
#define TERN_UNIT_TRANSFER_STREAMS_H

#include "transfer/stream.h"
#include "transfer/stream_parts.h"
#include "unit/transfer/unit.h"

#define PAGES         512
#define DATA_WINDOW   20000
#define STREAM_WINDOW 8000
#define STREAMS       4
#define KEEP          10000

static tern_pool *pool;
static tern_streams client, relay;

/* A side that grants the peer so many streams of each kind, and is granted as many. */
static void init_side(tern_streams *s, uint32_t streams, uint32_t one_way)
{
    tern_streams_init(s, &(tern_streams_config){ s == &client, DATA_WINDOW, STREAM_WINDOW, 0, streams, one_way });
    tern_streams_peer_params(s, pool, DATA_WINDOW, STREAM_WINDOW, streams, one_way);
}

static int setup(void **state)
{
    (void)state;
    pool = new_pool(PAGES);
    init_side(&client, STREAMS, STREAMS);
    init_side(&relay, STREAMS, STREAMS);
    return pool == NULL;
}

static int teardown(void **state)
{
    (void)state;
    tern_streams_free(&client, pool);
    tern_streams_free(&relay, pool);
    return free_pool(pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static inline uint32_t open_stream(tern_streams *s)
{
    uint32_t id = TERN_STREAM_NONE;
    assert_int_equal(tern_streams_open(s, pool, false, &id), TERN_OK);
    return id;
}

static inline tern_stream *stream_of(tern_streams *s, uint32_t id)
{
    return tern_streams_find(s, pool, id);
}

/* Writes n bytes of byte_at; all must be taken. */
static inline void write_bytes(tern_streams *s, uint32_t id, size_t n)
{
    static uint8_t bytes[KEEP];
    size_t taken;
    tern_stream *st = stream_of(s, id);
    fill_bytes(bytes, st->out.written, n);
    assert_int_equal(tern_stream_write(s, st, pool, tern_bytes_of(bytes, n), &taken, KEEP), TERN_OK);
    assert_int_equal(taken, n);
}

static inline int on_bytes(tern_streams *s, uint32_t id, uint64_t offset, size_t n, bool fin)
{
    static uint8_t bytes[65536];
    fill_bytes(bytes, offset, n);
    return tern_streams_on_stream(s, pool, id, offset, tern_bytes_of(bytes, n), fin);
}

/* Reads what is there, at most most bytes, and checks it; how many. */
static inline size_t read_bytes(tern_streams *s, uint32_t id, size_t most, bool *fin)
{
    static uint8_t bytes[65536];
    size_t n;
    tern_stream *st = stream_of(s, id);
    uint64_t at = st->in.read;
    assert_int_equal(tern_stream_read(s, st, pool, (tern_buf){ bytes, most }, &n, fin), TERN_OK);
    check_bytes(bytes, at, n);
    return n;
}

static inline uint16_t flags_of(const tern_give *g)
{
    switch (g->kind) {
    case TERN_GIVE_DATA: return g->fin ? 1 : 0;
    case TERN_GIVE_MAX_STREAM_DATA: return 2;
    case TERN_GIVE_RESET: return 4;
    case TERN_GIVE_STOP: return 8;
    case TERN_GIVE_MAX_DATA:
    case TERN_GIVE_MAX_STREAMS:
    case TERN_GIVE_MAX_STREAMS_UNI:
    case TERN_GIVE_NONE: break;
    }
    return 0;
}

/* A gift arrives. */
static inline int arrive(tern_streams *from, tern_streams *to, const tern_give *g)
{
    static uint8_t bytes[65536];
    size_t n = (size_t)(g->range.to - g->range.from);
    switch (g->kind) {
    case TERN_GIVE_NONE: break;
    case TERN_GIVE_RESET: return tern_streams_on_reset(to, pool, g->stream, g->code, g->value);
    case TERN_GIVE_STOP: return tern_streams_on_stop(to, pool, g->stream, g->code);
    case TERN_GIVE_MAX_STREAM_DATA: return tern_streams_on_max_stream_data(to, pool, g->stream, g->value);
    case TERN_GIVE_MAX_DATA: tern_streams_on_max_data(to, pool, g->value); break;
    case TERN_GIVE_MAX_STREAMS: tern_streams_on_max_streams(to, false, (uint32_t)g->value); break;
    case TERN_GIVE_MAX_STREAMS_UNI: tern_streams_on_max_streams(to, true, (uint32_t)g->value); break;
    case TERN_GIVE_DATA:
        if (n > 0) tern_send_buffer_copy(&stream_of(from, g->stream)->out, pool, g->range, bytes);
        return tern_streams_on_stream(to, pool, g->stream, g->range.from, tern_bytes_of(bytes, n), g->fin);
    }
    return TERN_OK;
}

/* What became of a gift's packet. */
static inline void settle(tern_streams *s, const tern_give *g, bool acked)
{
    if (g->kind >= TERN_GIVE_MAX_DATA) {
        if (!acked)
            tern_streams_limit_lost(s, g->kind == TERN_GIVE_MAX_DATA, g->kind == TERN_GIVE_MAX_STREAMS,
                                    g->kind == TERN_GIVE_MAX_STREAMS_UNI);
        return;
    }
    tern_range none = { 0, 0 };
    tern_streams_settled(s, pool, g->stream, g->kind == TERN_GIVE_DATA ? g->range : none, flags_of(g), acked);
}

static inline tern_give give(tern_streams *s, size_t most)
{
    return tern_streams_give(s, pool, most, TERN_URGENCIES, NULL);
}

/* Carries over all there is, acknowledged at once. */
static inline void carry(tern_streams *from, tern_streams *to)
{
    for (;;) {
        tern_give g = give(from, 1000);
        if (g.kind == TERN_GIVE_NONE) return;
        assert_int_equal(arrive(from, to, &g), TERN_OK);
        settle(from, &g, true);
    }
}

static inline uint32_t open_one_way(tern_streams *s)
{
    uint32_t id = TERN_STREAM_NONE;
    assert_int_equal(tern_streams_open(s, pool, true, &id), TERN_OK);
    return id;
}

/* Whether the next news is this one. */
static inline bool news_is(tern_streams *s, uint32_t id, tern_stream_news kind)
{
    uint32_t about = TERN_STREAM_NONE;
    tern_stream_news news;
    uint16_t code;
    return tern_streams_poll(s, pool, &about, &news, &code) && about == id && news == kind;
}

static inline bool no_news(tern_streams *s)
{
    uint32_t about;
    tern_stream_news news;
    uint16_t code;
    return !tern_streams_poll(s, pool, &about, &news, &code);
}

static inline void expect_limit(const tern_streams *s, uint64_t consumed)
{
    assert_int_equal(s->recv_credit.used, consumed);
    assert_int_equal(s->recv_credit.consumed, consumed);
}

#endif
