/* SPDX-License-Identifier: MIT */
/* A queue's length is measured as the time that it takes to be sent, the rest of the packet that is being sent
 * included. Of a packet's two moments, coming and leaving, the tail of the queue is judged at the first and CoDel at
 * the second. */
#include "world/bottleneck.h"

#include "world/queue.h"

#include <stdlib.h>
#include <string.h>

tern_time sim_send_time(uint64_t rate_bps, uint64_t n)
{
    if (rate_bps == 0) return 0;
    /* n < 2^32 and 8 * 10^9 < 2^33 would pass 2^64: whole seconds and the rest are taken apart. */
    uint64_t bits = n * 8;
    uint64_t seconds = bits / rate_bps, rest = bits % rate_bps;
    uint64_t scaled = rest * TERN_SECOND;
    return seconds * TERN_SECOND + scaled / rate_bps + (scaled % rate_bps != 0);
}

static tern_time mark_at(const sim_bottleneck_spec *s)
{
    if (s->ecn.mode == SIM_ECN_SIZE) return sim_send_time(s->rate_bps, s->ecn.bytes);
    if (s->ecn.mode == SIM_ECN_ON && !s->codel) return sim_send_time(s->rate_bps, s->queue_bytes / 2);
    return TERN_TIME_NEVER;
}

void sim_bottleneck_init(sim_bottleneck *b, const sim_bottleneck_spec *spec)
{
    memset(b, 0, sizeof *b);
    sim_bottleneck_set(b, spec);
}

void sim_bottleneck_free(sim_bottleneck *b)
{
    free(b->ring);
}

sim_waiting *sim_bottleneck_waiting(const sim_bottleneck *b, size_t i)
{
    return &b->ring[(b->first + i) & (b->cap - 1)];
}

/*= SIM-013 */
void sim_bottleneck_set(sim_bottleneck *b, const sim_bottleneck_spec *spec)
{
    b->spec = *spec;
    b->full_at = sim_send_time(spec->rate_bps, spec->queue_bytes);
    b->mark_at = mark_at(spec);
    b->last_n = b->last_takes = 0;
    b->drained_at = b->busy_until;
    for (size_t i = 0; i < b->waiting; i++) {
        sim_waiting *w = sim_bottleneck_waiting(b, i);
        w->takes = sim_send_time(spec->rate_bps, w->n);
        b->drained_at += w->takes;
    }
}

/* ---- CoDel ---- */

static uint64_t root(uint64_t v)
{
    uint64_t r = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
        if ((r + bit) * (r + bit) <= v) r += bit;
    return r;
}

/* t + interval / sqrt(count), the root to 16 binary places. */
static tern_time control_law(tern_time t, uint32_t count)
{
    return t + (SIM_CODEL_INTERVAL << 16) / root((uint64_t)count << 32);
}

/* Whether what has waited so long, with so much still behind it, shows a standing queue. */
static bool stands(sim_bottleneck *b, tern_time now, tern_time sojourn)
{
    if (sojourn < SIM_CODEL_TARGET || b->bytes <= b->codel.maxpacket) {
        b->codel.first_above_time = 0;
        return false;
    }
    if (b->codel.first_above_time == 0) {
        b->codel.first_above_time = now + SIM_CODEL_INTERVAL;
        return false;
    }
    return now >= b->codel.first_above_time;
}

/* ---- coming and leaving ---- */

static void grow(sim_bottleneck *b)
{
    size_t cap = b->cap == 0 ? 64 : b->cap * 2;
    sim_waiting *ring = sim_grow(NULL, cap, sizeof *ring);
    for (size_t i = 0; i < b->waiting; i++) ring[i] = *sim_bottleneck_waiting(b, i);
    free(b->ring);
    b->ring = ring;
    b->cap = cap;
    b->first = 0;
}

static void begin(sim_bottleneck *b, tern_time now, const sim_waiting *w)
{
    b->busy_until = now + w->takes;
    b->sending += w->takes;
    b->sent_bytes += w->n;
    b->marked += w->marked;
}

static tern_time time_of(sim_bottleneck *b, uint64_t n)
{
    if (n != b->last_n) {
        b->last_n = n;
        b->last_takes = sim_send_time(b->spec.rate_bps, n);
    }
    return b->last_takes;
}

/*= SIM-014 */
sim_entry sim_bottleneck_enter(sim_bottleneck *b, sim_waiting *w)
{
    tern_time now = w->entered, takes = time_of(b, w->n);
    if (b->drained_at < now) b->drained_at = now;
    tern_time waits = b->drained_at - now;
    if (waits > 0 && waits + takes > b->full_at) return SIM_ENTRY_FULL;
    w->marked = w->ect && waits > 0 && waits + takes > b->mark_at;
    w->takes = takes;
    b->drained_at += takes;
    if (w->n > b->codel.maxpacket) b->codel.maxpacket = w->n;
    if (b->waiting == 0 && b->busy_until <= now) {
        b->codel.dropping = false;
        b->codel.first_above_time = 0;
        begin(b, now, w);
        return SIM_ENTRY_SENT;
    }
    if (b->waiting == b->cap) grow(b);
    *sim_bottleneck_waiting(b, b->waiting++) = *w;
    b->bytes += w->n;
    if (b->bytes > b->most_bytes) b->most_bytes = b->bytes;
    return SIM_ENTRY_WAITS;
}

typedef struct {
    sim_bottleneck *b;
    tern_time now;
    sim_waiting *out;
    sim_shed shed;
    void *context;
    bool ok_to_drop;
} leaving;

static bool dequeue(leaving *l)
{
    sim_bottleneck *b = l->b;
    l->ok_to_drop = false;
    if (b->waiting == 0) {
        b->codel.first_above_time = 0;
        return false;
    }
    *l->out = *sim_bottleneck_waiting(b, 0);
    b->first++;
    b->waiting--;
    b->bytes -= l->out->n;
    if (b->spec.codel) l->ok_to_drop = stands(b, l->now, l->now - l->out->entered);
    return true;
}

/* Marks what can be marked; else throws it away and takes out the next. false: there is none. */
static bool signal_congestion(leaving *l)
{
    sim_bottleneck *b = l->b;
    if (b->spec.ecn.mode == SIM_ECN_ON && l->out->ect) {
        l->out->marked = true;
        return true;
    }
    b->drained_at -= l->out->takes;
    l->shed(l->context, l->out);
    return dequeue(l);
}

/* RFC 8289 section 5.5: the rest of the dropping state. */
static bool go_on_dropping(leaving *l)
{
    sim_bottleneck *b = l->b;
    bool any = true;
    if (!l->ok_to_drop) b->codel.dropping = false;
    while (any && b->codel.dropping && l->now >= b->codel.drop_next && !l->out->marked) {
        b->codel.count++;
        any = signal_congestion(l);
        if (!any || !l->ok_to_drop)
            b->codel.dropping = false;
        else
            b->codel.drop_next = control_law(b->codel.drop_next, b->codel.count);
    }
    return any;
}

static bool begin_dropping(leaving *l)
{
    sim_bottleneck *b = l->b;
    bool any = signal_congestion(l);
    uint32_t delta = b->codel.count - b->codel.lastcount;
    bool again = delta > 1 && l->now < b->codel.drop_next + 16 * SIM_CODEL_INTERVAL;
    b->codel.dropping = true;
    b->codel.count = again ? delta : 1;
    b->codel.lastcount = b->codel.count;
    b->codel.drop_next = control_law(l->now, b->codel.count);
    return any;
}

/*= SIM-015 */
bool sim_bottleneck_next(sim_bottleneck *b, sim_waiting *out, sim_shed shed, void *context)
{
    leaving l = { .b = b, .now = b->busy_until, .out = out, .shed = shed, .context = context };
    bool any = dequeue(&l);
    if (any && b->codel.dropping)
        any = go_on_dropping(&l);
    else if (any && l.ok_to_drop)
        any = begin_dropping(&l);
    if (any) begin(b, l.now, out);
    return any;
}
