/* SPDX-License-Identifier: MIT */
/* Stream frames that arrived. Everything is checked before anything is changed. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

/* XFER-004: whether a frame that ends at end, and says so when final, fits what is known of the stream's size. */
static bool size_agrees(const tern_stream *st, uint64_t end, bool final)
{
    /*= XFER-004 */
    if (st->recv_state != TERN_RECV_RECV) return final ? end == st->final_size : end <= st->final_size;
    return !final || end >= st->recv_credit.used;
}

/* Whether the stream and the connection have credit for what lies beyond the highest byte so far: *more bytes. */
static bool has_credit(const tern_streams *s, const tern_stream *st, uint64_t end, uint64_t *more)
{
    *more = end > st->recv_credit.used ? end - st->recv_credit.used : 0;
    /*= XFER-020 */
    return *more <= tern_recv_credit_left(&s->recv_credit) && *more <= tern_recv_credit_left(&st->recv_credit);
}

static void use_credit(tern_streams *s, tern_stream *st, uint64_t more)
{
    bool used = tern_recv_credit_use(&s->recv_credit, more) && tern_recv_credit_use(&st->recv_credit, more);
    tern_assert(used);
}

static int receive(tern_streams *s, tern_pool *pool, tern_stream *st, uint64_t offset, tern_bytes bytes, bool fin)
{
    uint64_t end = offset + bytes.n, readable = tern_recv_buffer_readable(&st->in), more;
    if (!has_credit(s, st, end, &more)) return TERN_FLOW_CONTROL_ERROR;
    int result = tern_recv_buffer_insert(&st->in, pool, offset, bytes);
    if (result != TERN_OK) return result;
    use_credit(s, st, more);
    if (tern_recv_buffer_readable(&st->in) > readable) st->readable_told = false;
    if (fin && tern_stream_recv_step(st, TERN_RECV_EV_SIZE)) {
        st->final_size = end;
        st->readable_told = false;
    }
    if (st->stop_asked) tern_stream_throw_away(s, st, pool);
    tern_streams_tidy(s, pool, st, TERN_STREAM_IN);
    return TERN_OK;
}

int tern_streams_on_stream(tern_streams *s, tern_pool *pool, uint32_t id, uint64_t offset, tern_bytes bytes, bool fin)
{
    tern_stream *st;
    int result = tern_streams_resolve(s, pool, id, true, &st);
    if (result != TERN_OK || st == NULL) return result;
    if (!size_agrees(st, offset + bytes.n, fin)) return TERN_FINAL_SIZE_ERROR;
    return tern_stream_is_receiving(st) ? receive(s, pool, st, offset, bytes, fin) : TERN_OK;
}

int tern_streams_on_reset(tern_streams *s, tern_pool *pool, uint32_t id, uint16_t code, uint64_t final)
{
    tern_stream *st;
    int result = tern_streams_resolve(s, pool, id, true, &st);
    if (result != TERN_OK || st == NULL) return result;
    uint64_t more;
    if (!size_agrees(st, final, true)) return TERN_FINAL_SIZE_ERROR;
    if (!tern_stream_is_receiving(st)) return TERN_OK;
    if (!has_credit(s, st, final, &more)) return TERN_FLOW_CONTROL_ERROR;
    /*= XFER-005 */
    (void)tern_stream_recv_step(st, TERN_RECV_EV_RESET);
    use_credit(s, st, more);
    st->final_size = final;
    st->peer_reset_code = code;
    tern_stream_consume(s, st, final - st->in.read); /* nobody will take it any more */
    tern_recv_buffer_free(&st->in, pool);
    tern_streams_tidy(s, pool, st, TERN_STREAM_IN);
    return TERN_OK;
}

int tern_streams_on_stop(tern_streams *s, tern_pool *pool, uint32_t id, uint16_t code)
{
    tern_stream *st;
    int result = tern_streams_resolve(s, pool, id, false, &st);
    if (result != TERN_OK || st == NULL || st->send_state != TERN_SEND_READY) return result;
    /*= XFER-005 */
    st->stopped = tern_stream_abandon(st, pool, code);
    tern_streams_tidy(s, pool, st, TERN_STREAM_OUT);
    return TERN_OK;
}

int tern_streams_on_max_stream_data(tern_streams *s, tern_pool *pool, uint32_t id, uint64_t limit)
{
    tern_stream *st;
    int result = tern_streams_resolve(s, pool, id, false, &st);
    if (result != TERN_OK || st == NULL) return result;
    tern_send_credit_raise(&st->send_credit, limit);
    tern_streams_tidy(s, pool, st, TERN_STREAM_OUT);
    return TERN_OK;
}
