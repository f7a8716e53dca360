/* SPDX-License-Identifier: MIT */
/* What streams put into packets, and what becomes of it. Looking is apart from taking, so that whether there is
 * something to send is asked without sending it. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

static bool is_sending(const tern_stream *st)
{
    return st->send_state == TERN_SEND_READY || st->send_state == TERN_SEND_DATA_SENT;
}

static bool stop_is_wanted(const tern_stream *st)
{
    return st->recv_state == TERN_RECV_RECV && st->stop_asked;
}

static bool credit_is_wanted(const tern_stream *st)
{
    return st->recv_state == TERN_RECV_RECV && !st->stop_asked;
}

static tern_give look_at_control(const tern_stream *st)
{
    tern_give g = { .kind = TERN_GIVE_NONE, .stream = st->id };
    if (st->reset_owed) {
        g.kind = TERN_GIVE_RESET;
        g.code = st->reset_code;
        g.value = st->out.next;
    } else if (st->stop_owed && stop_is_wanted(st)) {
        g.kind = TERN_GIVE_STOP;
        g.code = st->stop_code;
    } else if (st->recv_credit.owed && credit_is_wanted(st)) {
        g.kind = TERN_GIVE_MAX_STREAM_DATA;
    }
    return g;
}

static tern_give look_at_data(const tern_streams *s, const tern_stream *st, tern_pool *pool, size_t most)
{
    const tern_send_buffer *out = &st->out;
    tern_give g = { .kind = TERN_GIVE_NONE, .stream = st->id };
    if (!is_sending(st)) return g;
    uint64_t left = tern_send_credit_left(&st->send_credit), shared = tern_send_credit_left(&s->send_credit);
    /*= XFER-020 */
    g.range = tern_send_buffer_next(out, pool, out->next + (left < shared ? left : shared), most);
    bool all_sent = out->lost.n == 0 && out->next == out->written;
    bool fin_owed = st->finish && (!st->fin_sent || st->fin_lost);
    if (g.range.from < g.range.to || (all_sent && fin_owed)) g.kind = TERN_GIVE_DATA;
    g.fin = st->finish && g.range.to == out->written;
    return g;
}

static tern_give look_at_streams(const tern_streams *s, tern_pool *pool, size_t most, bool data_too)
{
    const tern_stream *st;
    tern_give g = { .kind = TERN_GIVE_NONE };
    for (uint32_t slot = 0; slot < TERN_STREAMS_MAX && g.kind == TERN_GIVE_NONE; slot++)
        if ((st = tern_streams_at(s, pool, slot)) != NULL) g = look_at_control(st);
    for (uint32_t i = 0; i < TERN_STREAMS_MAX && g.kind == TERN_GIVE_NONE && data_too; i++)
        if ((st = tern_streams_at(s, pool, (s->turn + i) % TERN_STREAMS_MAX)) != NULL)
            g = look_at_data(s, st, pool, most);
    return g;
}

static tern_give look(const tern_streams *s, tern_pool *pool, size_t most, bool data_too)
{
    if (s->recv_credit.owed) return (tern_give){ .kind = TERN_GIVE_MAX_DATA };
    if (s->limit_owed) return (tern_give){ .kind = TERN_GIVE_MAX_STREAMS };
    return look_at_streams(s, pool, most, data_too);
}

static void take_data(tern_streams *s, tern_stream *st, tern_pool *pool, const tern_give *g)
{
    uint64_t fresh = g->range.from == st->out.next ? g->range.to - g->range.from : 0;
    tern_send_credit_use(&st->send_credit, fresh);
    tern_send_credit_use(&s->send_credit, fresh);
    tern_send_buffer_sent(&st->out, pool, g->range);
    if (g->fin) {
        st->fin_sent = true;
        st->fin_lost = false;
        (void)tern_stream_send_step(st, TERN_SEND_EV_ALL_SENT);
    }
    while (s->page[s->turn] == 0 || s->id[s->turn] != st->id) s->turn = (uint8_t)((s->turn + 1) % TERN_STREAMS_MAX);
    s->turn = (uint8_t)((s->turn + 1) % TERN_STREAMS_MAX);
}

tern_give tern_streams_give(tern_streams *s, tern_pool *pool, size_t most, bool data_too)
{
    tern_give g = look(s, pool, most, data_too);
    tern_stream *st = tern_streams_find(s, pool, g.stream);
    switch (g.kind) {
    case TERN_GIVE_NONE: break;
    case TERN_GIVE_DATA: take_data(s, st, pool, &g); break;
    case TERN_GIVE_RESET: st->reset_owed = false; break;
    case TERN_GIVE_STOP: st->stop_owed = false; break;
    case TERN_GIVE_MAX_STREAM_DATA: g.value = tern_recv_credit_tell(&st->recv_credit); break;
    case TERN_GIVE_MAX_DATA: g.value = tern_recv_credit_tell(&s->recv_credit); break;
    case TERN_GIVE_MAX_STREAMS:
        g.value = s->peer_limit;
        s->limit_owed = false;
        break;
    }
    return g;
}

bool tern_streams_want(const tern_streams *s, tern_pool *pool)
{
    return look(s, pool, 1, true).kind != TERN_GIVE_NONE;
}

static void settle_data(tern_stream *st, tern_pool *pool, tern_range range, bool fin, bool acked)
{
    if (acked) {
        tern_send_buffer_acked(&st->out, pool, range);
        st->fin_acked |= fin;
        if (st->fin_acked && tern_send_buffer_done(&st->out)) (void)tern_stream_send_step(st, TERN_SEND_EV_ALL_ACKED);
    } else {
        tern_send_buffer_lost(&st->out, pool, range);
        st->fin_lost |= fin && !st->fin_acked;
    }
}

static void settle_control(tern_stream *st, uint16_t flags, bool acked)
{
    if (acked) {
        if (flags & TERN_TOLD_RESET) (void)tern_stream_send_step(st, TERN_SEND_EV_RESET_ACKED);
        return;
    }
    /*= REC-019 */
    if ((flags & TERN_TOLD_RESET) && st->send_state == TERN_SEND_RESET_SENT) st->reset_owed = true;
    if (flags & TERN_TOLD_STOP) st->stop_owed = true;
    if (flags & TERN_TOLD_MAX_STREAM_DATA) tern_recv_credit_lost(&st->recv_credit);
}

void tern_streams_settled(tern_streams *s, tern_pool *pool, uint32_t id, tern_range range, uint16_t flags, bool acked)
{
    tern_stream *st = tern_streams_find(s, pool, id);
    if (st == NULL) return;
    settle_control(st, flags, acked);
    if (is_sending(st) && (range.from < range.to || (flags & TERN_TOLD_FIN)))
        settle_data(st, pool, range, (flags & TERN_TOLD_FIN) != 0, acked);
    tern_streams_tidy(s, pool, st);
}

void tern_streams_limit_lost(tern_streams *s, bool max_data, bool max_streams)
{
    if (max_data) tern_recv_credit_lost(&s->recv_credit);
    if (max_streams) s->limit_owed = true;
}
