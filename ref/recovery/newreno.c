/* SPDX-License-Identifier: MIT */
/* NewReno as RFC 9002 section 7.3 has it. */
#include "recovery/congestion.h"

static void newreno_init(tern_congestion *c)
{
    c->of.newreno = (tern_newreno_state){ 0 };
}

static void newreno_restarted(tern_congestion *c, tern_time now)
{
    (void)c, (void)now;
}

static void newreno_acked(tern_congestion *c, const tern_congestion_ack *a)
{
    /*= REC-031 */
    if (a->app_limited || tern_congestion_in_recovery(c, a->sent_at)) return;
    if (c->cwnd_bytes < c->ssthresh_bytes) {
        c->cwnd_bytes += a->bytes;
        return;
    }
    uint64_t *acked = &c->of.newreno.acked_in_round_bytes;
    *acked += a->bytes;
    if (*acked < c->cwnd_bytes) return;
    *acked -= c->cwnd_bytes;
    c->cwnd_bytes += c->datagram_bytes;
}

static void newreno_lost(tern_congestion *c, const tern_congestion_loss *l)
{
    /*= REC-031 */
    if (tern_congestion_in_recovery(c, l->sent_at)) return;
    tern_congestion_recover(c, l->now, c->cwnd_bytes / 2);
    newreno_init(c);
}

static void newreno_undo(tern_congestion *c)
{
    (void)c; /* the window is all there is */
}

static void newreno_persistent(tern_congestion *c)
{
    tern_congestion_collapse(c);
    newreno_init(c);
}

const tern_congestion_ops tern_newreno = {
    .name = "newreno",
    .init = newreno_init,
    .restarted = newreno_restarted,
    .acked = newreno_acked,
    .lost = newreno_lost,
    .marked = newreno_lost,
    .undo = newreno_undo,
    .persistent = newreno_persistent,
    .pacing_rate = tern_congestion_window_rate,
};
