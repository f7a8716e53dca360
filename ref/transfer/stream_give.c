/* SPDX-License-Identifier: MIT */
/* What streams put into packets, and what becomes of it. Looking is apart from taking, so that whether there is
 * something to send is asked without sending it. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

static bool is_sending(const tern_stream *st)
{
    return st->send_state == TERN_SEND_READY || st->send_state == TERN_SEND_DATA_SENT;
}

static bool all_is_sent(const tern_stream *st)
{
    return st->out.lost.n == 0 && st->out.next == st->out.written;
}

static bool end_is_owed(const tern_stream *st)
{
    return st->finish && (!st->fin_sent || st->fin_lost);
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

/* shared: what is left of the connection's credit. */
static tern_give look_at_data(const tern_stream *st, tern_pool *pool, uint64_t shared, size_t most)
{
    const tern_send_buffer *out = &st->out;
    tern_give g = { .kind = TERN_GIVE_NONE, .stream = st->id };
    if (!is_sending(st)) return g;
    uint64_t left = tern_send_credit_left(&st->send_credit);
    /*= XFER-020 */
    g.range = tern_send_buffer_next(out, pool, out->next + (left < shared ? left : shared), most);
    if (g.range.from < g.range.to || (all_is_sent(st) && end_is_owed(st))) g.kind = TERN_GIVE_DATA;
    g.fin = st->finish && g.range.to == out->written;
    return g;
}

bool tern_stream_has_control(const tern_stream *st)
{
    return look_at_control(st).kind != TERN_GIVE_NONE;
}

bool tern_stream_has_data(const tern_stream *st, bool *shared)
{
    bool sent = all_is_sent(st);
    *shared = !sent && st->out.lost.n == 0; /* what is sent again took its credit before */
    if (!is_sending(st)) return false;
    if (*shared) return tern_send_credit_left(&st->send_credit) > 0;
    return !sent || end_is_owed(st);
}

static tern_give look_at_limits(const tern_streams *s)
{
    tern_give g = { .kind = TERN_GIVE_NONE };
    if (s->recv_credit.owed)
        g.kind = TERN_GIVE_MAX_DATA;
    else if (s->ids[0].limit_owed)
        g.kind = TERN_GIVE_MAX_STREAMS;
    else if (s->ids[1].limit_owed)
        g.kind = TERN_GIVE_MAX_STREAMS_UNI;
    return g;
}

/*= XFER-031 */
static tern_give look(const tern_streams *s, tern_pool *pool, size_t most, uint8_t urgencies, tern_stream **from)
{
    tern_give g = look_at_limits(s);
    uint64_t left = tern_send_credit_left(&s->send_credit);
    *from = tern_streams_first(s, pool, TERN_LIST_CONTROL);
    if (g.kind != TERN_GIVE_NONE) return g;
    if (*from != NULL) return look_at_control(*from);
    for (uint8_t u = 0; u < urgencies; u++) {
        *from = tern_streams_first(s, pool, (uint8_t)(TERN_LIST_DATA + u));
        for (; *from != NULL; *from = tern_streams_after(s, pool, *from, TERN_STREAM_DATA)) {
            g = look_at_data(*from, pool, left, most);
            if (g.kind != TERN_GIVE_NONE) return g;
        }
    }
    return g;
}

static void take_data(tern_streams *s, tern_pool *pool, tern_stream *st, const tern_give *g)
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
    tern_streams_had_turn(s, pool, st);
    if (fresh > 0 && tern_send_credit_left(&s->send_credit) == 0) tern_streams_relist_data(s, pool);
}

static uint64_t tell(tern_recv_credit *c, tern_tuning *tuning)
{
    tern_recv_credit_tune(c, tuning);
    return tern_recv_credit_tell(c);
}

/* A stream's window promises nothing that the connection's does not; beyond that it would only mislead. */
static uint64_t tell_stream(const tern_streams *s, tern_recv_credit *c, const tern_tuning *tuning)
{
    if (tuning == NULL) return tell(c, NULL);
    tern_tuning within = *tuning;
    within.room = s->recv_credit.window > c->window ? s->recv_credit.window - c->window : 0;
    return tell(c, &within);
}

tern_give tern_streams_give(tern_streams *s, tern_pool *pool, size_t most, uint8_t urgencies, tern_tuning *tuning)
{
    tern_stream *st;
    tern_give g = look(s, pool, most, urgencies, &st);
    switch (g.kind) {
    case TERN_GIVE_NONE: return g;
    case TERN_GIVE_DATA: take_data(s, pool, st, &g); return g;
    case TERN_GIVE_RESET: st->reset_owed = false; break;
    case TERN_GIVE_STOP: st->stop_owed = false; break;
    case TERN_GIVE_MAX_STREAM_DATA: g.value = tell_stream(s, &st->recv_credit, tuning); break;
    case TERN_GIVE_MAX_DATA: g.value = tell(&s->recv_credit, tuning); return g;
    case TERN_GIVE_MAX_STREAMS:
    case TERN_GIVE_MAX_STREAMS_UNI: {
        tern_stream_ids *ids = &s->ids[g.kind == TERN_GIVE_MAX_STREAMS_UNI];
        g.value = ids->peer_limit;
        ids->limit_owed = false;
        return g;
    }
    }
    tern_streams_relist(s, pool, st, TERN_STREAM_IN | TERN_STREAM_OUT);
    return g;
}

bool tern_streams_want(const tern_streams *s)
{
    tern_page any = 0;
    for (uint8_t u = 0; u < TERN_URGENCIES; u++) any |= s->first[TERN_LIST_DATA + u];
    return any != 0 || tern_streams_have_control(s);
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
    tern_streams_tidy(s, pool, st, TERN_STREAM_OUT);
}

void tern_streams_limit_lost(tern_streams *s, bool max_data, bool max_streams, bool max_streams_uni)
{
    if (max_data) tern_recv_credit_lost(&s->recv_credit);
    s->ids[0].limit_owed |= max_streams;
    s->ids[1].limit_owed |= max_streams_uni;
}
