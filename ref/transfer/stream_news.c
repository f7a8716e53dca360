/* SPDX-License-Identifier: MIT */
/* What the application should know of its streams: told out of their state, there is no queue to overflow. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

#define PAGES_TO_GO_ON 8 /* a write of one byte never takes more: its page and page tables */

static bool is_readable(const tern_stream *st)
{
    return !st->readable_told && tern_stream_is_receiving(st) && !st->stop_asked &&
           (tern_recv_buffer_readable(&st->in) > 0 || tern_stream_at_end(st));
}

static bool is_writable(const tern_stream *st)
{
    return st->writable_wanted && !st->starved && (st->fed || st->out.bytes.floor > st->wanted_at);
}

bool tern_stream_has_news(const tern_stream *st)
{
    return (st->opened_by_peer && !st->announced) || st->recv_state == TERN_RECV_RESET_RECVD || st->stopped ||
           is_readable(st) || is_writable(st);
}

/* One thing, marked as told. */
static void tell(tern_stream *st, tern_stream_news *news, uint16_t *code)
{
    if (st->opened_by_peer && !st->announced) {
        st->announced = true;
        *news = TERN_STREAM_OPENED;
    } else if (tern_stream_recv_step(st, TERN_RECV_EV_RESET_TOLD)) {
        *news = TERN_STREAM_RESET;
        *code = st->peer_reset_code;
    } else if (st->stopped) {
        st->stopped = false;
        *news = TERN_STREAM_STOPPED;
        *code = st->reset_code;
    } else if (is_readable(st)) {
        st->readable_told = true;
        *news = TERN_STREAM_READABLE;
    } else {
        st->writable_wanted = false;
        *news = TERN_STREAM_WRITABLE;
    }
}

bool tern_streams_starved(const tern_streams *s)
{
    return s->first[TERN_LIST_STARVED] != 0;
}

/* Those for which the pool had nothing may try again when it has. */
static void feed_starved(tern_streams *s, tern_pool *pool)
{
    tern_stream *st;
    while ((st = tern_streams_first(s, pool, TERN_LIST_STARVED)) != NULL &&
           tern_pool_free_for(pool, TERN_FOR_SENDING) >= PAGES_TO_GO_ON) {
        st->starved = false;
        st->fed = true;
        tern_streams_tidy(s, pool, st, TERN_STREAM_OUT);
    }
}

bool tern_streams_poll(tern_streams *s, tern_pool *pool, uint32_t *id, tern_stream_news *news, uint16_t *code)
{
    feed_starved(s, pool);
    tern_stream *st = tern_streams_first(s, pool, TERN_LIST_NEWS);
    *code = 0;
    if (st == NULL) return false;
    *id = st->id;
    tell(st, news, code);
    tern_streams_tidy(s, pool, st, TERN_STREAM_TOLD);
    return true;
}
