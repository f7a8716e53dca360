/* SPDX-License-Identifier: MIT */
/* What the application should know of its streams: told out of their state, there is no queue to overflow. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

#define PAGES_TO_GO_ON 8 /* a write of one byte never takes more: its page and page tables */

static bool is_readable(const tern_stream *st)
{
    return tern_stream_is_receiving(st) && !st->stop_asked && !st->readable_told &&
           (tern_recv_buffer_readable(&st->in) > 0 || tern_stream_at_end(st));
}

static bool is_writable(const tern_stream *st, const tern_pool *pool)
{
    if (!st->writable_wanted || st->send_state != TERN_SEND_READY || st->finish) return false;
    return st->starved ? tern_pool_free_for(pool, TERN_FOR_SENDING) >= PAGES_TO_GO_ON
                       : st->out.bytes.floor > st->wanted_at;
}

/* One thing, marked as told; false when there is nothing. */
static bool tell(tern_stream *st, const tern_pool *pool, tern_stream_news *news, uint16_t *code)
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
    } else if (is_writable(st, pool)) {
        st->writable_wanted = false;
        *news = TERN_STREAM_WRITABLE;
    } else {
        return false;
    }
    return true;
}

bool tern_streams_poll(tern_streams *s, tern_pool *pool, uint32_t *id, tern_stream_news *news, uint16_t *code)
{
    *code = 0;
    for (uint32_t slot = 0; slot < TERN_STREAMS_MAX; slot++) {
        tern_stream *st = tern_streams_at(s, pool, slot);
        if (st == NULL) continue;
        *id = st->id;
        bool told = tell(st, pool, news, code);
        tern_streams_tidy(s, pool, st);
        if (told) return true;
    }
    return false;
}
