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

/*= SIM-013 */
void sim_link_set(sim_link *l, const sim_link_spec *from, unsigned given)
{
    sim_link_spec *to = &l->spec;
    if (given & 1u << SIM_LINK_DELAY) to->delay = from->delay;
    if (given & 1u << SIM_LINK_JITTER) to->jitter = from->jitter;
    if (given & 1u << SIM_LINK_MTU) to->mtu = from->mtu;
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

bool sim_link_drop(sim_link *l, uint64_t number)
{
    if (l->drops == SIM_DROPS_MAX) return false;
    if (number == 0) {
        number = l->packets + 1;
        for (size_t i = 0; i < l->drops;) {
            bool taken = l->drop[i] == number;
            if (taken) number++;
            i = taken ? 0 : i + 1;
        }
    }
    l->drop[l->drops++] = number;
    return true;
}

void sim_link_partition(sim_link *l, tern_time until)
{
    if (until > l->partition_until) l->partition_until = until;
}

static bool take_drop(sim_link *l, uint64_t number)
{
    for (size_t i = 0; i < l->drops; i++) {
        if (l->drop[i] != number) continue;
        l->drop[i] = l->drop[--l->drops];
        return true;
    }
    return false;
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

static void travel(sim_link *l, const sim_prf *prf, sim_passage *p)
{
    uint64_t number = p->number;
    bool late = hits(l, prf, number, SIM_DRAW_REORDER, l->spec.reorder);
    p->takes[0] = l->spec.delay + jitter(l, prf, number, SIM_DRAW_JITTER) + (late ? l->spec.reorder_by : 0);
    p->copies = 1;
    if (hits(l, prf, number, SIM_DRAW_DUP, l->spec.dup)) {
        p->takes[1] = l->spec.delay + jitter(l, prf, number, SIM_DRAW_DUP_JITTER);
        p->copies = 2;
    }
    p->corrupt = hits(l, prf, number, SIM_DRAW_CORRUPT, l->spec.corrupt);
}

/* What is lost behind the queue is known before it: no draw depends on the time. */
static void behind_queue(sim_link *l, const sim_prf *prf, bool burst, sim_passage *p)
{
    if (burst)
        p->fate = SIM_FATE_BURST;
    else if (hits(l, prf, p->number, SIM_DRAW_LOSS, l->spec.loss))
        p->fate = SIM_FATE_LOST;
    else
        travel(l, prf, p);
}

/*= SIM-007 */
sim_passage sim_link_pass(sim_link *l, const sim_prf *prf, sim_bottleneck *queue, sim_waiting *w, sim_entry *entry)
{
    sim_passage p = { .fate = SIM_FATE_SENT, .number = ++l->packets };
    bool burst = step_burst(l, prf, p.number);
    *entry = SIM_ENTRY_SENT;
    if (take_drop(l, p.number))
        p.fate = SIM_FATE_DROPPED;
    else if (w->entered < l->partition_until)
        p.fate = SIM_FATE_PARTITION;
    else if (l->spec.mtu != 0 && w->n > l->spec.mtu)
        p.fate = SIM_FATE_MTU;
    else if (queue != NULL && (*entry = sim_bottleneck_enter(queue, w)) == SIM_ENTRY_FULL)
        p.fate = SIM_FATE_QUEUE;
    else
        behind_queue(l, prf, burst, &p);
    l->fates[p.fate]++;
    if (p.fate == SIM_FATE_SENT) l->bytes_sent += w->n;
    return p;
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
