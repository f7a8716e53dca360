/* SPDX-License-Identifier: MIT */
/* Delivery rates. A packet's note has times as distances from its own, and what was lost in units of a KiB, modulo
 * 64 MiB: the record has no room for more, and nobody needs it. */
#include "recovery/rate.h"

#include "recovery/congestion.h"

#define TICK_NS        16
#define LOST_UNIT      1024
#define DELIVERED_MOST (UINT64_C(1) << 34) /* bytes of one sample */

_Static_assert(DELIVERED_MOST <= UINT64_MAX / TERN_SECOND, "a sample's bytes times nanoseconds fit");

void tern_rate_init(tern_rate *r)
{
    *r = (tern_rate){ 0 };
}

static uint32_t ticks(uint64_t ns)
{
    return ns / TICK_NS < UINT32_MAX ? (uint32_t)(ns / TICK_NS) : UINT32_MAX;
}

static uint16_t lost_units(const tern_rate *r)
{
    return (uint16_t)(r->lost_bytes / LOST_UNIT);
}

void tern_rate_sent(tern_rate *r, tern_sent_packet *p, tern_time now, uint64_t flight_bytes)
{
    /*= REC-042 */
    if (flight_bytes == 0) r->first_sent_at = r->delivered_at = now;
    p->delivered_before = r->delivered_bytes;
    p->since_first = ticks(now - r->first_sent_at);
    p->since_delivery = ticks(now - r->delivered_at);
    p->lost_units = lost_units(r);
    p->flight_bytes = (uint32_t)tern_smaller(flight_bytes + p->bytes, UINT32_MAX);
    p->app_limited = r->limited_until_bytes != 0;
}

void tern_rate_lost(tern_rate *r, const tern_sent_packet *p)
{
    r->lost_bytes += p->bytes;
}

uint64_t tern_rate_lost_since(const tern_rate *r, const tern_sent_packet *p)
{
    return (uint64_t)(uint16_t)(lost_units(r) - p->lost_units) * LOST_UNIT;
}

void tern_rate_acked(tern_rate *r, tern_rate_sample *s, const tern_sent_packet *p, tern_time now)
{
    r->delivered_bytes += p->bytes;
    r->delivered_at = now;
    if (s->any && p->time < s->sent_at) return;
    /*= REC-042 */
    uint64_t sending = (uint64_t)p->since_first * TICK_NS;
    uint64_t arriving = now - p->time + (uint64_t)p->since_delivery * TICK_NS;
    bool told = p->since_first != UINT32_MAX && p->since_delivery != UINT32_MAX;
    *s = (tern_rate_sample){
        .any = true,
        .sent_at = p->time,
        .delivered_before = p->delivered_before,
        .flight_bytes = p->flight_bytes,
        .lost_bytes = tern_rate_lost_since(r, p),
        .app_limited = p->app_limited,
        .interval_ns = told ? tern_larger(sending, arriving) : 0,
    };
    r->first_sent_at = p->time;
}

void tern_rate_finish(tern_rate *r, tern_rate_sample *s, uint64_t min_rtt_ns)
{
    if (r->limited_until_bytes != 0 && r->delivered_bytes > r->limited_until_bytes) r->limited_until_bytes = 0;
    if (!s->any) return;
    s->delivered_bytes = tern_smaller(r->delivered_bytes - s->delivered_before, DELIVERED_MOST);
    /*= REC-042 */
    if (s->interval_ns == 0 || s->interval_ns < min_rtt_ns) return;
    s->bytes_per_second = tern_smaller(s->delivered_bytes * TERN_SECOND / s->interval_ns, TERN_RATE_MAX);
    r->last_bytes_per_second = s->bytes_per_second;
}

void tern_rate_limited(tern_rate *r, uint64_t flight_bytes)
{
    r->limited_until_bytes = tern_larger(r->delivered_bytes + flight_bytes, 1);
}
