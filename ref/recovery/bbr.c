/* SPDX-License-Identifier: MIT */
/* BBR (draft-ietf-ccwg-bbr): what the calls of a controller do to its model and its states, and what follows for window
 * and rate. */
#include "recovery/bbr_parts.h"

#define RATE_MARGIN 99 /* percent of the estimate: a queue that was made by mistake goes away */

static void bbr_init(tern_congestion *c)
{
    c->of.bbr = (tern_bbr_state){ .state = TERN_BBR_STARTUP };
    tern_bbr_model_init(&c->of.bbr);
}

static void set_rate(tern_congestion *c, unsigned percent)
{
    tern_bbr_state *s = tern_bbr(c);
    uint64_t rate = tern_bbr_percent(tern_bbr_percent(tern_bbr_bw(s), percent), RATE_MARGIN);
    if (s->full_bw_reached || rate > s->pacing_rate) s->pacing_rate = tern_smaller(tern_larger(rate, 1), TERN_RATE_MAX);
}

/* The first round-trip time: the first window is spread over it. */
static void set_first_rate(tern_congestion *c, const tern_rtt *rtt)
{
    uint64_t rate = c->cwnd_bytes * TERN_SECOND / tern_larger(rtt->smoothed_ns, 1);
    tern_bbr(c)->pacing_rate =
        tern_smaller(tern_bbr_percent(rate, tern_bbr_pacing_percent(tern_bbr(c))), TERN_RATE_MAX);
}

/* The bounds that probing and congestion have shown. */
static void bound_window(tern_congestion *c)
{
    const tern_bbr_state *s = tern_bbr(c);
    uint64_t most = TERN_BBR_NO_BOUND;
    if (s->state == TERN_BBR_PROBE_RTT || s->state == TERN_BBR_CRUISE)
        most = tern_bbr_headroom(c);
    else if (tern_bbr_is_probe_bw(s))
        most = s->inflight_hi;
    if (s->state == TERN_BBR_PROBE_RTT) most = tern_smaller(most, tern_bbr_probe_rtt_window(c));
    most = tern_smaller(most, s->inflight_lo);
    /*= REC-043 */
    c->cwnd_bytes = tern_smaller(c->cwnd_bytes, tern_larger(most, tern_bbr_least(c)));
}

static void set_window(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    uint64_t most = tern_bbr_bdp(c, tern_bbr_bw(s), tern_bbr_cwnd_percent(s)) + tern_bbr_extra(s);
    most = tern_bbr_quantized(c, most);
    uint64_t lost = tern_smaller(a->lost_bytes, c->cwnd_bytes);
    c->cwnd_bytes = tern_larger(c->cwnd_bytes - lost, tern_bbr_least(c));
    /*= REC-043 */
    if (s->full_bw_reached)
        c->cwnd_bytes = tern_smaller(c->cwnd_bytes + a->bytes, most);
    else if (c->cwnd_bytes < most || c->rate.delivered_bytes < tern_congestion_initial_window(c->datagram_bytes))
        c->cwnd_bytes += a->bytes;
    c->cwnd_bytes = tern_smaller(tern_larger(c->cwnd_bytes, tern_bbr_least(c)), TERN_WINDOW_MAX);
    bound_window(c);
}

static void bbr_acked(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    if (s->pacing_rate == 0 && a->rtt->sampled) set_first_rate(c, a->rtt);
    tern_bbr_learn(c, a);
    tern_bbr_step(c, a);
    tern_bbr_advance(s, a);
    set_rate(c, tern_bbr_pacing_percent(s));
    set_window(c, a);
}

static void bbr_restarted(tern_congestion *c, tern_time now)
{
    tern_bbr_state *s = tern_bbr(c);
    if (c->rate.limited_until_bytes == 0) return;
    s->idle_restart = true;
    s->extra_from = now;
    if (tern_bbr_is_probe_bw(s))
        set_rate(c, 100);
    else if (s->state == TERN_BBR_PROBE_RTT)
        tern_bbr_leave_probe_rtt_when_done(c, now);
}

/* How much was in flight when losses reached 2 % of it, somewhere within the lost packet. */
static uint64_t flight_at_limit(const tern_congestion_loss *l)
{
    uint64_t flight = l->flight_bytes - tern_smaller(l->bytes, l->flight_bytes);
    uint64_t lost = l->lost_since_bytes - tern_smaller(l->bytes, l->lost_since_bytes);
    uint64_t allowed = tern_bbr_percent(flight, TERN_BBR_LOSS_PERCENT);
    return allowed > lost ? flight + (allowed - lost) * 100 / (100 - TERN_BBR_LOSS_PERCENT) : flight;
}

static void begin_recovery(tern_congestion *c, tern_time now)
{
    tern_bbr_state *s = tern_bbr(c);
    tern_congestion_begin_recovery(c, now);
    s->before_bw_lo = s->bw_lo;
    s->before_inflight_lo = s->inflight_lo;
    s->before_inflight_hi = s->inflight_hi;
    s->before_state = s->state;
}

static void bbr_lost(tern_congestion *c, const tern_congestion_loss *l)
{
    tern_bbr_state *s = tern_bbr(c);
    if (!tern_congestion_in_recovery(c, l->sent_at)) begin_recovery(c, l->now);
    if (s->losses < UINT8_MAX) s->losses++;
    /*= REC-044 */
    if (!tern_bbr_too_high(l->lost_since_bytes, l->flight_bytes)) return;
    tern_bbr_note_congestion(c);
    if (s->probing_samples) tern_bbr_hit_ceiling(c, l->now, flight_at_limit(l), l->app_limited);
}

static void bbr_marked(tern_congestion *c, const tern_congestion_loss *l)
{
    tern_bbr_state *s = tern_bbr(c);
    /*= REC-044 */
    tern_bbr_note_congestion(c);
    if (s->state == TERN_BBR_STARTUP) s->full_bw_reached = true;
    if (s->probing_samples) tern_bbr_hit_ceiling(c, l->now, l->flight_bytes, l->app_limited);
}

static void bbr_undo(tern_congestion *c)
{
    tern_bbr_state *s = tern_bbr(c);
    s->loss_in_round = false;
    s->losses = 0;
    /*= REC-049 */
    s->bw_lo = tern_larger(s->bw_lo, s->before_bw_lo);
    s->inflight_lo = tern_larger(s->inflight_lo, s->before_inflight_lo);
    s->inflight_hi = tern_larger(s->inflight_hi, s->before_inflight_hi);
    tern_bbr_return_to(c, (tern_bbr_state_name)s->before_state);
}

static void bbr_persistent(tern_congestion *c)
{
    tern_congestion_collapse(c);
}

static uint64_t bbr_pacing_rate(const tern_congestion *c, const tern_rtt *rtt)
{
    return rtt->sampled ? c->of.bbr.pacing_rate : 0;
}

const tern_congestion_ops tern_bbr_ops = {
    .name = "bbr",
    .init = bbr_init,
    .restarted = bbr_restarted,
    .acked = bbr_acked,
    .lost = bbr_lost,
    .marked = bbr_marked,
    .undo = bbr_undo,
    .persistent = bbr_persistent,
    .pacing_rate = bbr_pacing_rate,
};
