/* SPDX-License-Identifier: MIT */
/* CUBIC in integers: windows in bytes, the epoch's time in milliseconds. What divisions leave over is carried on, so
 * that small acknowledgements grow the window as much as one large one. */
#include "recovery/congestion.h"

#define BETA_NUM 7 /* beta 0.7 */
#define BETA_DEN 10
#define AWAY_MAX                                                                                                       \
    (UINT64_C(1) << 20) /* milliseconds from K, some 17 minutes: further on the curve is as good as upright */
#define PER_CUBIC UINT64_C(2500000000) /* cubed milliseconds a datagram: 10^9 / C */

_Static_assert(TERN_WINDOW_MAX < UINT64_MAX / PER_CUBIC, "a window's K fits");
_Static_assert(AWAY_MAX *AWAY_MAX *AWAY_MAX / 100000 < UINT64_MAX / 65535 / 4, "the curve's product fits");

static uint64_t cube_root(uint64_t x)
{
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 21; bit > 0; bit >>= 1) {
        uint64_t tried = root | bit;
        if (tried <= UINT64_MAX / tried / tried && tried * tried * tried <= x) root = tried;
    }
    return root;
}

uint32_t tern_cubic_k_ms(uint64_t w_max_bytes, uint64_t window_bytes, uint32_t datagram_bytes)
{
    if (w_max_bytes <= window_bytes) return 0;
    /*= REC-040 */
    uint64_t below = tern_smaller(w_max_bytes - window_bytes, TERN_WINDOW_MAX);
    return (uint32_t)cube_root(below * PER_CUBIC / datagram_bytes);
}

uint64_t tern_cubic_window(uint64_t w_max_bytes, uint32_t k_ms, uint64_t t_ms, uint32_t datagram_bytes)
{
    uint64_t away = tern_smaller(t_ms > k_ms ? t_ms - k_ms : k_ms - t_ms, AWAY_MAX);
    /*= REC-040 */
    uint64_t change = away * away * away / 100000 * datagram_bytes / (PER_CUBIC / 100000);
    if (t_ms > k_ms) return w_max_bytes + change;
    return w_max_bytes > change ? w_max_bytes - change : 0;
}

static void cubic_init(tern_congestion *c)
{
    c->of.cubic = (tern_cubic_state){ .epoch = TERN_TIME_NEVER };
    tern_hystart_init(&c->of.cubic.hystart);
}

static void begin_epoch(tern_congestion *c, tern_time now)
{
    tern_cubic_state *s = &c->of.cubic;
    s->epoch = now;
    /*= REC-040 */
    if (s->w_max_bytes < c->cwnd_bytes) s->w_max_bytes = c->cwnd_bytes;
    s->k_ms = tern_cubic_k_ms(s->w_max_bytes, c->cwnd_bytes, c->datagram_bytes);
    s->w_est_bytes = c->cwnd_bytes;
    s->est_rest = s->grow_rest = 0;
}

/* RFC 9438 section 5.8: time in which the window was not asked to grow is not the epoch's. */
static void pass_over(tern_cubic_state *s, tern_time now)
{
    if (s->epoch != TERN_TIME_NEVER) s->epoch += now - s->acked_at;
    s->acked_at = now;
}

static void cubic_restarted(tern_congestion *c, tern_time now)
{
    pass_over(&c->of.cubic, now);
}

/* What Reno would have with the same losses: alpha = 3 * (1 - beta) / (1 + beta) = 9/17 of a datagram a window, and a
 * whole one from where the last loss was. */
static void grow_estimate(tern_congestion *c, uint64_t bytes)
{
    tern_cubic_state *s = &c->of.cubic;
    bool there = s->w_est_bytes >= s->prior_bytes;
    uint64_t per = c->cwnd_bytes * 17;
    /*= REC-040 */
    s->est_rest += bytes * c->datagram_bytes * (there ? 17 : 9);
    s->w_est_bytes += s->est_rest / per;
    s->est_rest %= per;
}

static void grow(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_cubic_state *s = &c->of.cubic;
    uint64_t t_ms = (a->now - s->epoch) / TERN_MS, rtt_ms = a->rtt->smoothed_ns / TERN_MS, window = c->cwnd_bytes;
    grow_estimate(c, a->bytes);
    /*= REC-040 */
    if (tern_cubic_window(s->w_max_bytes, s->k_ms, t_ms, c->datagram_bytes) < s->w_est_bytes) {
        c->cwnd_bytes = tern_larger(window, s->w_est_bytes);
        return;
    }
    uint64_t target = tern_cubic_window(s->w_max_bytes, s->k_ms, t_ms + rtt_ms, c->datagram_bytes);
    target = tern_smaller(target, window + window / 2);
    if (target <= window) return;
    s->grow_rest += (target - window) * a->bytes;
    c->cwnd_bytes += s->grow_rest / window;
    s->grow_rest %= window;
}

static void slow_start(tern_congestion *c, const tern_congestion_ack *a)
{
    bool leave;
    c->cwnd_bytes += tern_hystart_acked(&c->of.cubic.hystart, a->now, a->sent_at, a->rtt_ns, a->bytes, &leave);
    /*= REC-041 */
    if (leave) c->ssthresh_bytes = c->cwnd_bytes;
}

static void cubic_acked(tern_congestion *c, const tern_congestion_ack *a)
{
    tern_cubic_state *s = &c->of.cubic;
    if (a->app_limited) {
        pass_over(s, a->now);
        return;
    }
    s->acked_at = a->now;
    if (tern_congestion_in_recovery(c, a->sent_at) || c->cwnd_bytes >= TERN_WINDOW_MAX) return;
    if (c->cwnd_bytes < c->ssthresh_bytes) {
        slow_start(c, a);
        return;
    }
    if (s->epoch == TERN_TIME_NEVER) begin_epoch(c, a->now);
    grow(c, a);
}

static void cubic_lost(tern_congestion *c, const tern_congestion_loss *l)
{
    tern_cubic_state *s = &c->of.cubic;
    uint64_t window = c->cwnd_bytes;
    if (tern_congestion_in_recovery(c, l->sent_at)) return;
    s->before = (tern_cubic_curve){ s->epoch, s->w_max_bytes, s->prior_bytes, s->w_est_bytes, s->k_ms };
    /*= REC-040 */
    s->w_max_bytes = window < s->w_max_bytes ? window * (BETA_DEN + BETA_NUM) / (2 * BETA_DEN) : window;
    s->prior_bytes = window;
    s->epoch = TERN_TIME_NEVER;
    tern_congestion_recover(c, l->now, window * BETA_NUM / BETA_DEN);
}

static void cubic_undo(tern_congestion *c)
{
    tern_cubic_state *s = &c->of.cubic;
    /*= REC-049 */
    s->epoch = s->before.epoch;
    s->w_max_bytes = s->before.w_max_bytes;
    s->prior_bytes = s->before.prior_bytes;
    s->w_est_bytes = s->before.w_est_bytes;
    s->k_ms = s->before.k_ms;
}

static void cubic_persistent(tern_congestion *c)
{
    tern_congestion_collapse(c);
    c->of.cubic.epoch = TERN_TIME_NEVER;
    c->of.cubic.w_max_bytes = 0; /* RFC 9438 section 4.8: what follows starts where slow start ends */
    tern_hystart_init(&c->of.cubic.hystart);
}

const tern_congestion_ops tern_cubic = {
    .name = "cubic",
    .init = cubic_init,
    .restarted = cubic_restarted,
    .acked = cubic_acked,
    .lost = cubic_lost,
    .marked = cubic_lost,
    .undo = cubic_undo,
    .persistent = cubic_persistent,
    .pacing_rate = tern_congestion_window_rate,
};
