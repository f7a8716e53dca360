/* SPDX-License-Identifier: MIT */
/* One stream: its two states, and what the application does with it. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

typedef struct {
    uint8_t from, event, to;
} edge;

/* RFC 9000 figure 2. READY is its Ready and Send in one. */
static const edge send_edges[] = {
    { TERN_SEND_READY, TERN_SEND_EV_ALL_SENT, TERN_SEND_DATA_SENT },
    { TERN_SEND_READY, TERN_SEND_EV_RESET, TERN_SEND_RESET_SENT },
    { TERN_SEND_DATA_SENT, TERN_SEND_EV_RESET, TERN_SEND_RESET_SENT },
    { TERN_SEND_DATA_SENT, TERN_SEND_EV_ALL_ACKED, TERN_SEND_DATA_RECVD },
    { TERN_SEND_RESET_SENT, TERN_SEND_EV_RESET_ACKED, TERN_SEND_RESET_RECVD },
};

/* RFC 9000 figure 3. SIZE_KNOWN is its Size Known and Data Recvd in one. */
static const edge recv_edges[] = {
    { TERN_RECV_RECV, TERN_RECV_EV_SIZE, TERN_RECV_SIZE_KNOWN },
    { TERN_RECV_RECV, TERN_RECV_EV_RESET, TERN_RECV_RESET_RECVD },
    { TERN_RECV_SIZE_KNOWN, TERN_RECV_EV_RESET, TERN_RECV_RESET_RECVD },
    { TERN_RECV_SIZE_KNOWN, TERN_RECV_EV_ALL_READ, TERN_RECV_DATA_READ },
    { TERN_RECV_RESET_RECVD, TERN_RECV_EV_RESET_TOLD, TERN_RECV_RESET_READ },
};

static const edge *find_edge(const edge *edges, size_t n, uint32_t from, uint32_t event)
{
    for (size_t i = 0; i < n; i++)
        if (edges[i].from == from && edges[i].event == event) return &edges[i];
    return NULL;
}

bool tern_stream_send_step(tern_stream *st, tern_send_event event)
{
    const edge *e = find_edge(send_edges, sizeof send_edges / sizeof send_edges[0], st->send_state, event);
    if (e != NULL) st->send_state = (tern_send_state)e->to;
    return e != NULL;
}

bool tern_stream_recv_step(tern_stream *st, tern_recv_event event)
{
    const edge *e = find_edge(recv_edges, sizeof recv_edges / sizeof recv_edges[0], st->recv_state, event);
    if (e != NULL) st->recv_state = (tern_recv_state)e->to;
    return e != NULL;
}

bool tern_stream_is_receiving(const tern_stream *st)
{
    return st->recv_state == TERN_RECV_RECV || st->recv_state == TERN_RECV_SIZE_KNOWN;
}

bool tern_stream_at_end(const tern_stream *st)
{
    return st->recv_state == TERN_RECV_SIZE_KNOWN && st->in.read == st->final_size;
}

void tern_stream_consume(tern_streams *s, tern_stream *st, uint64_t n)
{
    tern_recv_credit_consume(&st->recv_credit, n);
    tern_recv_credit_consume(&s->recv_credit, n);
}

void tern_stream_throw_away(tern_streams *s, tern_stream *st, tern_pool *pool)
{
    uint64_t n = tern_recv_buffer_readable(&st->in);
    tern_recv_buffer_skip(&st->in, pool, n);
    tern_stream_consume(s, st, n);
    if (tern_stream_at_end(st)) (void)tern_stream_recv_step(st, TERN_RECV_EV_ALL_READ);
}

/* Appends page by page, so that a pool that is nearly empty takes a part. */
static size_t append_what_fits(tern_stream *st, tern_pool *pool, tern_bytes bytes)
{
    size_t taken = 0;
    while (taken < bytes.n) {
        size_t n = TERN_PAGE_SIZE - (size_t)(st->out.written % TERN_PAGE_SIZE);
        if (n > bytes.n - taken) n = bytes.n - taken;
        if (!tern_send_buffer_append(&st->out, pool, tern_bytes_of(bytes.p + taken, n))) break;
        taken += n;
    }
    return taken;
}

int tern_stream_write(tern_streams *s, tern_stream *st, tern_pool *pool, tern_bytes bytes, size_t *taken,
                      uint64_t keep_bytes)
{
    *taken = 0;
    if (st->send_state != TERN_SEND_READY || st->finish) return TERN_E_CLOSED;
    uint64_t kept = tern_send_buffer_kept(&st->out), room = keep_bytes > kept ? keep_bytes - kept : 0;
    size_t fits = bytes.n < room ? bytes.n : (size_t)room;
    *taken = append_what_fits(st, pool, tern_bytes_of(bytes.p, fits));
    if (*taken < bytes.n) {
        st->writable_wanted = true;
        st->starved = *taken < fits;
        st->fed = false;
        st->wanted_at = st->out.bytes.floor;
    }
    tern_streams_tidy(s, pool, st, TERN_STREAM_OUT);
    return TERN_OK;
}

int tern_stream_finish(tern_streams *s, tern_stream *st, tern_pool *pool)
{
    if (st->send_state != TERN_SEND_READY || st->finish) return TERN_E_CLOSED;
    st->finish = true;
    st->writable_wanted = false;
    tern_streams_tidy(s, pool, st, TERN_STREAM_OUT);
    return TERN_OK;
}

bool tern_stream_abandon(tern_stream *st, tern_pool *pool, uint16_t code)
{
    /*= XFER-005 */
    if (!tern_stream_send_step(st, TERN_SEND_EV_RESET)) return false;
    st->reset_code = code;
    st->reset_owed = true;
    st->writable_wanted = false;
    tern_send_buffer_free(&st->out, pool);
    return true;
}

int tern_stream_reset(tern_streams *s, tern_stream *st, tern_pool *pool, uint16_t code)
{
    if (!tern_stream_abandon(st, pool, code)) return TERN_E_CLOSED;
    tern_streams_tidy(s, pool, st, TERN_STREAM_OUT);
    return TERN_OK;
}

int tern_stream_stop(tern_streams *s, tern_stream *st, tern_pool *pool, uint16_t code)
{
    if (!tern_stream_is_receiving(st) || st->stop_asked) return TERN_E_CLOSED;
    st->stop_asked = true;
    st->stop_owed = true;
    st->stop_code = code;
    tern_stream_throw_away(s, st, pool);
    tern_streams_tidy(s, pool, st, TERN_STREAM_IN);
    return TERN_OK;
}

void tern_stream_prioritize(tern_streams *s, tern_stream *st, tern_pool *pool, uint8_t urgency)
{
    tern_assert(urgency < TERN_URGENCIES);
    st->urgency = urgency;
    tern_streams_tidy(s, pool, st, TERN_STREAM_OUT);
}

int tern_stream_read(tern_streams *s, tern_stream *st, tern_pool *pool, tern_buf out, size_t *n, bool *fin)
{
    *n = 0;
    *fin = false;
    if (!tern_stream_is_receiving(st) || st->stop_asked) return TERN_E_CLOSED;
    if (tern_recv_buffer_readable(&st->in) == 0 && !tern_stream_at_end(st)) return TERN_OK;
    *n = tern_recv_buffer_read(&st->in, pool, out);
    tern_stream_consume(s, st, *n);
    st->readable_told = false;
    if (tern_stream_at_end(st)) *fin = tern_stream_recv_step(st, TERN_RECV_EV_ALL_READ);
    tern_streams_tidy(s, pool, st, TERN_STREAM_IN);
    return TERN_OK;
}
