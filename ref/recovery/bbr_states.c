/* SPDX-License-Identifier: MIT */
/* What BBR tries next: startup, drain, the cycle of probing for bandwidth, and the look at the round-trip time. */
#include "recovery/bbr_parts.h"

#define TARGET_LEFT          70 /* percent of the target that a ceiling leaves at least */
#define RENO_ROUNDS          63
#define WAIT_NS              (2 * TERN_SECOND)
#define WAIT_SPREAD_NS       (1 * TERN_SECOND)
#define PROBE_RTT_NS         (200 * TERN_MS)
#define STARTUP_LOSSES       6
#define UP_ROUNDS_MAX        30
#define LIMITED_BY_DATAGRAMS 2

/* clang-format off */
static const struct { uint16_t pacing, cwnd; } percent[] = {
    [TERN_BBR_STARTUP]   = { 277, 200 },
    [TERN_BBR_DRAIN]     = {  50, 200 },
    [TERN_BBR_DOWN]      = {  90, 200 },
    [TERN_BBR_CRUISE]    = { 100, 200 },
    [TERN_BBR_REFILL]    = { 100, 200 },
    [TERN_BBR_UP]        = { 125, 225 },
    [TERN_BBR_PROBE_RTT] = { 100,  50 },
};
/* clang-format on */

unsigned tern_bbr_pacing_percent(const tern_bbr_state *s)
{
    return percent[s->state].pacing;
}

unsigned tern_bbr_cwnd_percent(const tern_bbr_state *s)
{
    return percent[s->state].cwnd;
}

bool tern_bbr_is_probe_bw(const tern_bbr_state *s)
{
    return s->state >= TERN_BBR_DOWN && s->state <= TERN_BBR_UP;
}

static uint64_t target_of(const tern_congestion *c)
{
    return tern_smaller(tern_bbr_bdp(c, tern_bbr_bw(&c->of.bbr), 100), c->cwnd_bytes);
}

/* Some chance that needs no secret: senders that started together must not probe together. */
static uint64_t spread(tern_time now, uint64_t delivered)
{
    uint64_t x = now ^ delivered << 17;
    x ^= x >> 33;
    x *= UINT64_C(0xff51afd7ed558ccd);
    x ^= x >> 33;
    return x;
}

static void go_down(tern_congestion *c, tern_time now)
{
    tern_bbr_state *s = tern_bbr(c);
    uint64_t chance = spread(now, c->rate.delivered_bytes);
    tern_bbr_reset_signals(s);
    s->up_bytes_a_datagram = UINT64_MAX;
    s->rounds_since_probe = chance & 1;
    s->probe_wait_ns = WAIT_NS + (chance >> 1) % WAIT_SPREAD_NS;
    s->cycle_at = now;
    s->acks = TERN_BBR_ACKS_STOPPING;
    s->state = TERN_BBR_DOWN;
    tern_bbr_start_round(c);
}

static void go_refill(tern_congestion *c)
{
    tern_bbr_state *s = tern_bbr(c);
    tern_bbr_reset_lower_bounds(s);
    s->up_rounds = 0;
    s->up_acked_bytes = 0;
    s->acks = TERN_BBR_ACKS_REFILLING;
    s->state = TERN_BBR_REFILL;
    tern_bbr_start_round(c);
}

/* The ceiling is raised by a datagram in the first round of probing, by two in the next, by four … */
static void steepen(tern_congestion *c)
{
    tern_bbr_state *s = tern_bbr(c);
    s->up_bytes_a_datagram = tern_larger(c->cwnd_bytes >> s->up_rounds, 1);
    if (s->up_rounds < UP_ROUNDS_MAX) s->up_rounds++;
}

static void go_up(tern_congestion *c, uint64_t bw)
{
    tern_bbr_state *s = tern_bbr(c);
    s->probing_samples = true;
    s->acks = TERN_BBR_ACKS_STARTING;
    tern_bbr_start_round(c);
    tern_bbr_reset_full_bw(s, bw);
    s->state = TERN_BBR_UP;
    steepen(c);
}

void tern_bbr_return_to(tern_congestion *c, tern_bbr_state_name state)
{
    tern_bbr_state *s = tern_bbr(c);
    if (s->state == state || s->state == TERN_BBR_PROBE_RTT) return;
    if (state == TERN_BBR_UP) go_up(c, 0);
    if (state != TERN_BBR_STARTUP) return;
    tern_bbr_reset_full_bw(s, 0);
    s->full_bw_reached = false;
    s->state = TERN_BBR_STARTUP;
}

void tern_bbr_hit_ceiling(tern_congestion *c, tern_time now, uint64_t flight, bool app_limited)
{
    tern_bbr_state *s = tern_bbr(c);
    s->probing_samples = false;
    /*= REC-044 */
    if (!app_limited) s->inflight_hi = tern_larger(flight, tern_bbr_percent(target_of(c), TARGET_LEFT));
    if (s->state == TERN_BBR_UP) go_down(c, now);
}

/* ---- the cycle of probing for bandwidth ---- */

static bool is_window_used(const tern_congestion *c, const tern_congestion_ack *a)
{
    uint64_t before = c->in_flight_bytes + a->bytes + a->lost_bytes;
    return before + (uint64_t)LIMITED_BY_DATAGRAMS * c->datagram_bytes >= c->cwnd_bytes;
}

static void raise_ceiling(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    if (!is_window_used(c, a) || c->cwnd_bytes < s->inflight_hi) return;
    s->up_acked_bytes += a->bytes;
    uint64_t datagrams = s->up_acked_bytes / s->up_bytes_a_datagram;
    s->up_acked_bytes -= datagrams * s->up_bytes_a_datagram;
    s->inflight_hi += datagrams * c->datagram_bytes;
    if (s->round_start) steepen(c);
}

static void adapt_ceiling(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    if (s->acks == TERN_BBR_ACKS_STARTING && s->round_start) s->acks = TERN_BBR_ACKS_FEEDBACK;
    if (s->acks == TERN_BBR_ACKS_STOPPING && s->round_start) {
        s->probing_samples = false;
        s->acks = TERN_BBR_ACKS_INIT;
        if (tern_bbr_is_probe_bw(s) && !a->rate->app_limited) { /* what was probed a cycle ago is forgotten */
            s->max_bw[0] = s->max_bw[1];
            s->max_bw[1] = 0;
        }
    }
    if (tern_bbr_too_high(a->rate->lost_bytes, a->rate->flight_bytes)) {
        if (s->probing_samples) tern_bbr_hit_ceiling(c, a->now, a->rate->flight_bytes, a->rate->app_limited);
        return;
    }
    if (s->inflight_hi == TERN_BBR_NO_BOUND) return;
    s->inflight_hi = tern_larger(s->inflight_hi, a->rate->flight_bytes);
    if (s->state == TERN_BBR_UP) raise_ceiling(c, a);
}

static bool is_time_to_probe(const tern_congestion *c, tern_time now)
{
    const tern_bbr_state *s = &c->of.bbr;
    uint64_t rounds = tern_smaller(target_of(c) / c->datagram_bytes, RENO_ROUNDS);
    return now > s->cycle_at + s->probe_wait_ns || s->rounds_since_probe >= rounds;
}

static bool is_time_to_cruise(const tern_congestion *c)
{
    if (c->in_flight_bytes > tern_bbr_headroom(c)) return false;
    return c->in_flight_bytes <= tern_bbr_inflight(c, tern_bbr_max_bw(&c->of.bbr), 100);
}

static bool is_time_to_go_down(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    if (is_window_used(c, a) && c->cwnd_bytes >= s->inflight_hi) {
        tern_bbr_reset_full_bw(s, a->rate->bytes_per_second);
        return false;
    }
    return s->full_bw_now;
}

static void step_probe_bw(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    if (!s->full_bw_reached) return;
    adapt_ceiling(c, a);
    switch ((tern_bbr_state_name)s->state) {
    case TERN_BBR_DOWN:
        if (is_time_to_probe(c, a->now))
            go_refill(c);
        else if (is_time_to_cruise(c))
            s->state = TERN_BBR_CRUISE;
        break;
    case TERN_BBR_CRUISE:
        if (is_time_to_probe(c, a->now)) go_refill(c);
        break;
    case TERN_BBR_REFILL:
        if (s->round_start) go_up(c, a->rate->bytes_per_second);
        break;
    case TERN_BBR_UP:
        if (is_time_to_go_down(c, a)) go_down(c, a->now);
        break;
    default: break;
    }
}

/* ---- startup and drain ---- */

static void step_startup(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    if (s->state != TERN_BBR_STARTUP) return;
    /*= REC-044 */
    if (s->loss_round_start && s->losses >= STARTUP_LOSSES &&
        tern_bbr_too_high(a->rate->lost_bytes, a->rate->flight_bytes)) {
        s->full_bw_reached = true;
        s->inflight_hi = tern_larger(tern_bbr_bdp(c, tern_bbr_max_bw(s), 100), s->inflight_latest);
    }
    if (!s->full_bw_reached) return;
    s->state = TERN_BBR_DRAIN;
}

static void step_drain(tern_congestion *c, tern_time now)
{
    const tern_bbr_state *s = tern_bbr(c);
    if (s->state == TERN_BBR_DRAIN && c->in_flight_bytes <= tern_bbr_inflight(c, tern_bbr_max_bw(s), 100))
        go_down(c, now);
}

/* ---- the look at the round-trip time ---- */

uint64_t tern_bbr_probe_rtt_window(const tern_congestion *c)
{
    return tern_larger(tern_bbr_bdp(c, tern_bbr_bw(&c->of.bbr), percent[TERN_BBR_PROBE_RTT].cwnd), tern_bbr_least(c));
}

static void enter_probe_rtt(tern_congestion *c)
{
    tern_bbr_state *s = tern_bbr(c);
    s->prior_cwnd_bytes = c->cwnd_bytes;
    s->state = TERN_BBR_PROBE_RTT;
    s->probe_rtt_done_at = 0;
    s->acks = TERN_BBR_ACKS_STOPPING;
    tern_bbr_start_round(c);
}

void tern_bbr_leave_probe_rtt_when_done(tern_congestion *c, tern_time now)
{
    tern_bbr_state *s = tern_bbr(c);
    if (s->probe_rtt_done_at == 0 || now <= s->probe_rtt_done_at) return;
    s->probe_rtt_min_at = now;
    c->cwnd_bytes = tern_larger(c->cwnd_bytes, s->prior_cwnd_bytes);
    tern_bbr_reset_lower_bounds(s);
    s->state = TERN_BBR_STARTUP;
    if (!s->full_bw_reached) return;
    go_down(c, now);
    s->state = TERN_BBR_CRUISE;
}

static void step_probe_rtt(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_bbr_state *s = tern_bbr(c);
    if (s->state != TERN_BBR_PROBE_RTT) {
        if (s->probe_rtt_due && !s->idle_restart) enter_probe_rtt(c);
        return;
    }
    tern_rate_limited(&c->rate, c->in_flight_bytes);
    if (s->probe_rtt_done_at == 0) {
        if (c->in_flight_bytes > tern_bbr_probe_rtt_window(c)) return;
        s->probe_rtt_done_at = a->now + PROBE_RTT_NS;
        s->probe_rtt_round_done = false;
        tern_bbr_start_round(c);
        return;
    }
    s->probe_rtt_round_done |= s->round_start;
    if (s->probe_rtt_round_done) tern_bbr_leave_probe_rtt_when_done(c, a->now);
}

void tern_bbr_step(tern_congestion *c, const tern_congestion_ack *a)
{
    step_startup(c, a);
    step_drain(c, a->now);
    step_probe_bw(c, a);
    step_probe_rtt(c, a);
    if (a->rate->delivered_bytes > 0) tern_bbr(c)->idle_restart = false;
}
