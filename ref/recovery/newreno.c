/* SPDX-License-Identifier: MIT */
/* NewReno as RFC 9002 section 7.3 has it. */
#include "recovery/congestion.h"

static bool in_recovery(const tern_congestion *c, tern_time sent_at)
{
    return c->recovering && sent_at <= c->recovery_start;
}

static void newreno_init(tern_congestion *c)
{
    c->acked_in_round_bytes = 0;
    c->recovering = false;
}

static void newreno_acked(tern_congestion *c, tern_time now, uint64_t bytes, tern_time sent_at, bool app_limited,
                          const tern_rtt *rtt)
{
    (void)now;
    (void)rtt;
    /*= REC-031 */
    if (app_limited || in_recovery(c, sent_at)) return;
    if (c->cwnd_bytes < c->ssthresh_bytes) {
        c->cwnd_bytes += bytes;
        return;
    }
    c->acked_in_round_bytes += bytes;
    if (c->acked_in_round_bytes < c->cwnd_bytes) return;
    c->acked_in_round_bytes -= c->cwnd_bytes;
    c->cwnd_bytes += c->datagram_bytes;
}

static void newreno_lost(tern_congestion *c, tern_time now, uint64_t bytes, tern_time sent_at)
{
    (void)bytes;
    /*= REC-031 */
    if (in_recovery(c, sent_at)) return;
    uint64_t least = tern_congestion_min_window(c);
    c->recovering = true;
    c->recovery_start = now;
    c->ssthresh_bytes = c->cwnd_bytes / 2;
    c->cwnd_bytes = c->ssthresh_bytes > least ? c->ssthresh_bytes : least;
    c->acked_in_round_bytes = 0;
}

static void newreno_persistent(tern_congestion *c)
{
    /*= REC-032 */
    c->cwnd_bytes = tern_congestion_min_window(c);
    c->recovering = false;
    c->acked_in_round_bytes = 0;
}

const tern_congestion_ops tern_newreno = { "newreno", newreno_init, newreno_acked, newreno_lost, newreno_persistent };
