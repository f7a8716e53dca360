/* SPDX-License-Identifier: MIT */
/* The order of treatment is the law's (spec: scenario 3): drop, partition, MTU, queue, loss, then delay and copies.
 * Each draw is about the packet's number alone, so none depends on whether another was made. */
#include "world/link.h"

#include <string.h>

static const char *const FATES[SIM_FATE_COUNT] = { "sent", "lost",      "burst",   "queue",
                                                   "mtu",  "partition", "dropped", "codel" };

const char *sim_fate_name(sim_fate fate)
{
    return FATES[fate];
}

void sim_link_init(sim_link *l, const sim_link_spec *spec, uint64_t subject)
{
    memset(l, 0, sizeof *l);
    l->spec = *spec;
    l->subject = subject;
}

void sim_link_free(sim_link *l)
{
    sim_exacts_free(&l->exacts);
}

/*= SIM-013 */
void sim_link_set(sim_link *l, const sim_link_spec *from, unsigned given)
{
    sim_link_spec *to = &l->spec;
    if (given & 1u << SIM_LINK_DELAY) to->delay = from->delay;
    if (given & 1u << SIM_LINK_JITTER) to->jitter = from->jitter;
    if (given & 1u << SIM_LINK_MTU) to->mtu = from->mtu, to->mtu_tells = from->mtu_tells;
    if (given & 1u << SIM_LINK_LOSS) to->loss = from->loss;
    if (given & 1u << SIM_LINK_DUP) to->dup = from->dup;
    if (given & 1u << SIM_LINK_CORRUPT) to->corrupt = from->corrupt;
    if (given & 1u << SIM_LINK_REORDER) {
        to->reorder = from->reorder;
        to->reorder_by = from->reorder_by;
    }
    if (given & 1u << SIM_LINK_GE) {
        to->burst_enter = from->burst_enter;
        to->burst_leave = from->burst_leave;
        l->bad = false;
    }
}

bool sim_link_fault(sim_link *l, const sim_exact *what)
{
    return sim_exacts_add(&l->exacts, l->packets, what);
}

void sim_link_partition(sim_link *l, tern_time until)
{
    if (until > l->partition_until) l->partition_until = until;
}

/*= SIM-025 */
void sim_link_clog(sim_link *l, tern_time until)
{
    if (until > l->clog_until) l->clog_until = until;
}

/*= SIM-023 */
void sim_link_heal(sim_link *l)
{
    l->spec.loss = l->spec.burst_enter = l->spec.dup = l->spec.reorder = l->spec.corrupt = 0;
    l->bad = false;
    l->partition_until = l->clog_until = 0;
    sim_exacts_free(&l->exacts);
}

static bool hits(const sim_link *l, const sim_prf *prf, uint64_t number, sim_draw kind, uint64_t chance)
{
    return chance > 0 && sim_chance(sim_prf_u64(prf, l->subject, number, kind), chance);
}

/* A step of the Gilbert-Elliott chain for every packet, whatever else befalls it. */
static bool step_burst(sim_link *l, const sim_prf *prf, uint64_t number)
{
    if (l->spec.burst_enter == 0) return false;
    if (hits(l, prf, number, SIM_DRAW_BURST, l->bad ? l->spec.burst_leave : l->spec.burst_enter)) l->bad = !l->bad;
    return l->bad;
}

static tern_time jitter(const sim_link *l, const sim_prf *prf, uint64_t number, sim_draw kind)
{
    return l->spec.jitter == 0 ? 0 : sim_between(sim_prf_u64(prf, l->subject, number, kind), 0, l->spec.jitter);
}

/* A packet on its way through the link. */
typedef struct {
    sim_link *link;
    const sim_prf *prf;
    tern_time now;
    uint64_t number;
    sim_exact_fate exact;
} passenger;

/* Whether a fault befalls it: because it was named, or because it was drawn and nobody objects. */
static bool befalls(const passenger *p, sim_fault_kind kind, bool drawn)
{
    const sim_link_filter *f = p->link->filter;
    const sim_exact what = { p->number, kind, kind == SIM_FAULT_HOLD ? p->link->spec.reorder_by : 0 };
    if (p->exact.kinds & 1u << kind) return true;
    return drawn && (f == NULL || f->happens(f->context, p->link->index, &what, p->now));
}

static bool draws(const passenger *p, sim_draw kind, uint64_t chance)
{
    return hits(p->link, p->prf, p->number, kind, chance);
}

static void travel(const passenger *p, sim_passage *out)
{
    const sim_link *l = p->link;
    bool late = befalls(p, SIM_FAULT_HOLD, draws(p, SIM_DRAW_REORDER, l->spec.reorder));
    bool named = (p->exact.kinds & 1u << SIM_FAULT_HOLD) != 0;
    tern_time waits = p->now < l->clog_until ? l->clog_until - p->now : 0;
    out->takes[0] = waits + l->spec.delay + jitter(l, p->prf, p->number, SIM_DRAW_JITTER);
    if (late) out->takes[0] += named ? p->exact.hold : l->spec.reorder_by;
    out->copies = 1;
    if (befalls(p, SIM_FAULT_DUP, draws(p, SIM_DRAW_DUP, l->spec.dup))) {
        out->takes[1] = waits + l->spec.delay + jitter(l, p->prf, p->number, SIM_DRAW_DUP_JITTER);
        out->copies = 2;
    }
    out->corrupt = befalls(p, SIM_FAULT_CORRUPT, draws(p, SIM_DRAW_CORRUPT, l->spec.corrupt));
}

/* What is lost behind the queue is known before it: no draw depends on the time. */
static void behind_queue(const passenger *p, bool burst, sim_passage *out)
{
    bool drawn = burst || draws(p, SIM_DRAW_LOSS, p->link->spec.loss);
    if (befalls(p, SIM_FAULT_LOSE, drawn))
        out->fate = burst ? SIM_FATE_BURST : SIM_FATE_LOST;
    else
        travel(p, out);
}

/*= SIM-007 */
sim_passage sim_link_pass(sim_link *l, const sim_prf *prf, sim_bottleneck *queue, sim_waiting *w, sim_entry *entry)
{
    sim_passage out = { .fate = SIM_FATE_SENT, .number = ++l->packets };
    bool burst = step_burst(l, prf, out.number);
    const passenger p = { l, prf, w->entered, out.number, sim_exacts_take(&l->exacts, out.number) };
    *entry = SIM_ENTRY_SENT;
    if (p.exact.kinds & 1u << SIM_FAULT_DROP)
        out.fate = SIM_FATE_DROPPED;
    else if (w->entered < l->partition_until)
        out.fate = SIM_FATE_PARTITION;
    else if (l->spec.mtu != 0 && w->n > l->spec.mtu)
        out.fate = SIM_FATE_MTU;
    else if (queue != NULL && (*entry = sim_bottleneck_enter(queue, w)) == SIM_ENTRY_FULL)
        out.fate = SIM_FATE_QUEUE;
    else
        behind_queue(&p, burst, &out);
    l->fates[out.fate]++;
    if (out.fate == SIM_FATE_SENT) l->bytes_sent += w->n;
    return out;
}

void sim_link_shed(sim_link *l, uint64_t n)
{
    l->fates[SIM_FATE_SENT]--;
    l->fates[SIM_FATE_CODEL]++;
    l->bytes_sent -= n;
}

void sim_link_damage(const sim_link *l, const sim_prf *prf, uint64_t number, tern_buf datagram)
{
    uint64_t draw = sim_prf_u64(prf, l->subject, number, SIM_DRAW_CORRUPT_BITS);
    uint64_t bits = 8 * (uint64_t)datagram.n;
    unsigned flips = 1 + (unsigned)(draw >> 62) % 3;
    uint64_t last = bits; /* no bit flips back */
    for (unsigned i = 0; i < flips && bits > 0; i++) {
        uint64_t bit = (draw >> (20 * i) & 0xfffff) % bits;
        if (bit == last) continue;
        datagram.p[bit / 8] = (uint8_t)(datagram.p[bit / 8] ^ (1u << (bit % 8)));
        last = bit;
    }
}
