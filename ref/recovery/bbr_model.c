/* SPDX-License-Identifier: MIT */
/* BBR's model of the path: the rate it delivers, its round-trip time without a queue, and bounds that congestion has
 * shown. */
#include "recovery/bbr_parts.h"

#define LEAST_DATAGRAMS 4
#define BETA            70 /* percent */
#define HEADROOM        85
#define FULL_BW_GROWTH  125
#define FULL_BW_ROUNDS  3
#define EXTRA_ROUNDS    5 /* of each half of the filter */
#define QUANTUM_MAX     65536
#define MIN_RTT_SPAN    (10 * TERN_SECOND)
#define PROBE_RTT_SPAN  (5 * TERN_SECOND)
#define SAME_PART       64 /* of the least round trip: so little more is the same */
#define RTT_MAX_US      UINT64_C(60000000)
#define A_SECOND_OF_US  UINT64_C(1000000)

_Static_assert(TERN_RATE_MAX <= UINT64_MAX / RTT_MAX_US, "a rate times a round trip fits");

void tern_bbr_model_init(tern_bbr_state *s)
{
    s->min_rtt_ns = s->probe_rtt_min_ns = UINT64_MAX;
    s->inflight_hi = TERN_BBR_NO_BOUND;
    tern_bbr_reset_lower_bounds(s);
}

uint64_t tern_bbr_max_bw(const tern_bbr_state *s)
{
    return tern_larger(s->max_bw[0], s->max_bw[1]);
}

uint64_t tern_bbr_bw(const tern_bbr_state *s)
{
    return tern_smaller(tern_bbr_max_bw(s), s->bw_lo);
}

uint64_t tern_bbr_least(const tern_congestion *c)
{
    return (uint64_t)LEAST_DATAGRAMS * c->datagram_bytes;
}

uint64_t tern_bbr_bdp(const tern_congestion *c, uint64_t bw, unsigned percent)
{
    const tern_bbr_state *s = &c->of.bbr;
    if (s->min_rtt_ns == UINT64_MAX) return tern_congestion_initial_window(c->datagram_bytes);
    uint64_t us = tern_smaller(s->min_rtt_ns / 1000, RTT_MAX_US);
    return tern_bbr_percent(bw * us / A_SECOND_OF_US, percent);
}

uint64_t tern_bbr_quantized(const tern_congestion *c, uint64_t bytes)
{
    const tern_bbr_state *s = &c->of.bbr;
    uint64_t quantum = tern_smaller(s->pacing_rate / (TERN_SECOND / TERN_MS), QUANTUM_MAX);
    bytes = tern_larger(bytes, 3 * tern_larger(quantum, 2 * (uint64_t)c->datagram_bytes));
    bytes = tern_larger(bytes, tern_bbr_least(c));
    return s->state == TERN_BBR_UP ? bytes + 2 * (uint64_t)c->datagram_bytes : bytes;
}

uint64_t tern_bbr_inflight(const tern_congestion *c, uint64_t bw, unsigned percent)
{
    return tern_bbr_quantized(c, tern_bbr_bdp(c, bw, percent));
}

uint64_t tern_bbr_headroom(const tern_congestion *c)
{
    const tern_bbr_state *s = &c->of.bbr;
    if (s->inflight_hi == TERN_BBR_NO_BOUND) return TERN_BBR_NO_BOUND;
    uint64_t left = tern_bbr_percent(s->inflight_hi, HEADROOM);
    uint64_t a_datagram_less = s->inflight_hi - tern_smaller(s->inflight_hi, c->datagram_bytes);
    return tern_larger(tern_smaller(left, a_datagram_less), tern_bbr_least(c));
}

uint64_t tern_bbr_extra(const tern_bbr_state *s)
{
    return tern_larger(s->extra_bytes[0], s->extra_bytes[1]);
}

bool tern_bbr_too_high(uint64_t lost, uint64_t flight)
{
    return lost > tern_bbr_percent(flight, TERN_BBR_LOSS_PERCENT);
}

void tern_bbr_start_round(tern_congestion *c)
{
    tern_bbr(c)->next_round_delivered = c->rate.delivered_bytes;
}

void tern_bbr_reset_signals(tern_bbr_state *s)
{
    s->loss_in_round = false;
    s->losses = 0;
    s->bw_latest = s->inflight_latest = 0;
}

void tern_bbr_reset_lower_bounds(tern_bbr_state *s)
{
    s->bw_lo = s->inflight_lo = TERN_BBR_NO_BOUND;
}

void tern_bbr_reset_full_bw(tern_bbr_state *s, uint64_t bw)
{
    s->full_bw = bw;
    s->full_bw_count = 0;
    s->full_bw_now = false;
}

void tern_bbr_note_congestion(tern_congestion *c)
{
    tern_bbr_state *s = tern_bbr(c);
    if (!s->loss_in_round) s->loss_round_delivered = c->rate.delivered_bytes;
    s->loss_in_round = true;
}

static void learn_round(tern_congestion *c, const tern_rate_sample *rate)
{
    tern_bbr_state *s = tern_bbr(c);
    s->round_start = rate->any && rate->delivered_before >= s->next_round_delivered;
    if (!s->round_start) return;
    tern_bbr_start_round(c);
    s->rounds_since_probe++;
}

static void learn_bw(tern_bbr_state *s, const tern_rate_sample *rate)
{
    uint64_t bw = rate->bytes_per_second;
    if (bw == 0 || (bw < tern_bbr_max_bw(s) && rate->app_limited)) return;
    /*= REC-043 */
    s->max_bw[1] = tern_larger(s->max_bw[1], bw);
}

/* What the path delivered in spite of congestion bounds what is sent until it is probed again. */
static void lower_bounds(tern_congestion *c)
{
    tern_bbr_state *s = tern_bbr(c);
    if (s->state == TERN_BBR_STARTUP || s->state == TERN_BBR_REFILL || s->state == TERN_BBR_UP) return;
    if (!s->loss_in_round) return;
    if (s->bw_lo == TERN_BBR_NO_BOUND) s->bw_lo = tern_bbr_max_bw(s);
    if (s->inflight_lo == TERN_BBR_NO_BOUND) s->inflight_lo = c->cwnd_bytes;
    /*= REC-044 */
    s->bw_lo = tern_larger(s->bw_latest, tern_bbr_percent(s->bw_lo, BETA));
    s->inflight_lo = tern_larger(s->inflight_latest, tern_bbr_percent(s->inflight_lo, BETA));
}

static void learn_congestion(tern_congestion *c, const tern_rate_sample *rate)
{
    tern_bbr_state *s = tern_bbr(c);
    s->loss_round_start = rate->any && rate->delivered_before >= s->loss_round_delivered;
    s->bw_latest = tern_larger(s->bw_latest, rate->bytes_per_second);
    s->inflight_latest = tern_larger(s->inflight_latest, rate->delivered_bytes);
    if (!s->loss_round_start) return;
    s->loss_round_delivered = c->rate.delivered_bytes;
    lower_bounds(c);
}

static void learn_extra(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    uint64_t us = tern_smaller((a->now - s->extra_from) / 1000, RTT_MAX_US);
    uint64_t expected = tern_bbr_bw(s) * us / A_SECOND_OF_US;
    if (s->extra_delivered_bytes <= expected) {
        s->extra_delivered_bytes = 0;
        s->extra_from = a->now;
        expected = 0;
    }
    s->extra_delivered_bytes += a->bytes;
    uint64_t extra = tern_smaller(s->extra_delivered_bytes - expected, c->cwnd_bytes);
    if (s->round_start && ++s->extra_rounds >= (s->full_bw_reached ? EXTRA_ROUNDS : 1)) {
        s->extra_rounds = 0;
        s->extra_bytes[0] = s->extra_bytes[1];
        s->extra_bytes[1] = 0;
    }
    s->extra_bytes[1] = tern_larger(s->extra_bytes[1], extra);
}

static void learn_full_bw(tern_bbr_state *s, const tern_rate_sample *rate)
{
    if (s->full_bw_now || rate->app_limited || rate->bytes_per_second == 0) return;
    if (rate->bytes_per_second >= tern_bbr_percent(s->full_bw, FULL_BW_GROWTH)) {
        tern_bbr_reset_full_bw(s, rate->bytes_per_second);
        return;
    }
    if (!s->round_start) return;
    s->full_bw_count++;
    s->full_bw_now = s->full_bw_count >= FULL_BW_ROUNDS;
    s->full_bw_reached |= s->full_bw_now;
}

/* true when it is time to look at the path without a queue again. */
static void learn_min_rtt(tern_bbr_state *s, const tern_congestion_ack *a)
{
    bool stale = a->now > s->probe_rtt_min_at + PROBE_RTT_SPAN;
    s->probe_rtt_due = stale;
    if (a->rtt_ns > 0 && (a->rtt_ns < s->probe_rtt_min_ns || stale)) {
        s->probe_rtt_min_ns = a->rtt_ns;
        s->probe_rtt_min_at = a->now;
    } else if (a->rtt_ns > 0 && a->rtt_ns - s->probe_rtt_min_ns <= s->probe_rtt_min_ns / SAME_PART) {
        s->probe_rtt_min_at = a->now; /* the path is seen without a queue as it is: no need to empty it */
    }
    if (s->probe_rtt_min_ns < s->min_rtt_ns || a->now > s->min_rtt_at + MIN_RTT_SPAN) {
        s->min_rtt_ns = s->probe_rtt_min_ns;
        s->min_rtt_at = s->probe_rtt_min_at;
    }
}

void tern_bbr_learn(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    learn_round(c, a->rate);
    learn_bw(s, a->rate);
    learn_congestion(c, a->rate);
    learn_extra(c, a);
    learn_full_bw(s, a->rate);
    learn_min_rtt(s, a);
}

void tern_bbr_advance(tern_bbr_state *s, const tern_congestion_ack *a)
{
    if (!s->loss_round_start) return;
    s->bw_latest = a->rate->bytes_per_second;
    s->inflight_latest = a->rate->delivered_bytes;
    s->loss_in_round = false;
    s->losses = 0;
}
