/* SPDX-License-Identifier: MIT */
/* What controllers have in common: the first window, the least one, what is left of it, and recovery periods. */
#include "recovery/congestion.h"

#define INITIAL_DATAGRAMS 10
#define INITIAL_BYTES     14720
#define MIN_DATAGRAMS     2

_Static_assert(TERN_WINDOW_MAX * 2 < UINT64_MAX / TERN_SECOND, "twice a window's bytes times nanoseconds fit");

uint64_t tern_congestion_initial_window(uint32_t datagram_bytes)
{
    /*= REC-030 */
    uint64_t most = tern_larger((uint64_t)MIN_DATAGRAMS * datagram_bytes, INITIAL_BYTES);
    return tern_smaller((uint64_t)INITIAL_DATAGRAMS * datagram_bytes, most);
}

void tern_congestion_init(tern_congestion *c, const tern_congestion_ops *ops, uint32_t datagram_bytes)
{
    *c = (tern_congestion){ .ops = ops,
                            .cwnd_bytes = tern_congestion_initial_window(datagram_bytes),
                            .ssthresh_bytes = UINT64_MAX,
                            .datagram_bytes = datagram_bytes };
    tern_rate_init(&c->rate);
    ops->init(c);
}

uint64_t tern_congestion_min_window(const tern_congestion *c)
{
    /*= REC-030 */
    return (uint64_t)MIN_DATAGRAMS * c->datagram_bytes;
}

uint64_t tern_congestion_room(const tern_congestion *c)
{
    return c->cwnd_bytes > c->in_flight_bytes ? c->cwnd_bytes - c->in_flight_bytes : 0;
}

bool tern_congestion_in_recovery(const tern_congestion *c, tern_time sent_at)
{
    return c->recovering && sent_at <= c->recovery_start;
}

void tern_congestion_begin_recovery(tern_congestion *c, tern_time now)
{
    c->recovering = c->undoable = true;
    c->recovery_start = now;
    c->episode++;
    c->episode_lost = 0;
    c->before_cwnd_bytes = c->cwnd_bytes;
    c->before_ssthresh_bytes = c->ssthresh_bytes;
}

void tern_congestion_recover(tern_congestion *c, tern_time now, uint64_t window_bytes)
{
    tern_congestion_begin_recovery(c, now);
    c->cwnd_bytes = c->ssthresh_bytes = tern_larger(window_bytes, tern_congestion_min_window(c));
}

void tern_congestion_collapse(tern_congestion *c)
{
    /*= REC-032 */
    c->cwnd_bytes = tern_congestion_min_window(c);
    c->recovering = c->undoable = false;
}

void tern_congestion_lost(tern_congestion *c, tern_sent_packet *p, tern_time now)
{
    tern_rate_lost(&c->rate, p);
    const tern_congestion_loss loss = {
        .now = now,
        .bytes = p->bytes,
        .sent_at = p->time,
        .flight_bytes = p->flight_bytes,
        .lost_since_bytes = tern_rate_lost_since(&c->rate, p),
        .app_limited = p->app_limited,
    };
    c->ops->lost(c, &loss);
    c->episode_lost++;
    p->episode = c->episode;
}

void tern_congestion_arrived(tern_congestion *c, const tern_sent_packet *p)
{
    if (p->episode != c->episode || --c->episode_lost > 0 || !c->undoable) return;
    /*= REC-049 */
    c->recovering = c->undoable = false;
    c->cwnd_bytes = tern_larger(c->cwnd_bytes, c->before_cwnd_bytes);
    c->ssthresh_bytes = c->before_ssthresh_bytes;
    c->ops->undo(c);
}

void tern_congestion_marked(tern_congestion *c, const tern_congestion_loss *marked)
{
    c->ops->marked(c, marked);
    /*= REC-049 */
    c->undoable = false;
}

uint64_t tern_congestion_window_rate(const tern_congestion *c, const tern_rtt *rtt)
{
    if (!rtt->sampled) return 0;
    uint64_t window = tern_smaller(c->cwnd_bytes, TERN_WINDOW_MAX);
    /*= REC-033 */
    window = c->cwnd_bytes < c->ssthresh_bytes ? window * 2 : window * 5 / 4;
    uint64_t rate = window * TERN_SECOND / tern_larger(rtt->smoothed_ns, 1);
    return tern_larger(tern_smaller(rate, TERN_RATE_MAX), 1);
}
