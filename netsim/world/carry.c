/* SPDX-License-Identifier: MIT */
/* A datagram's way: into the link, through its queue, and on to when it arrives (spec: scenario 3). */
#include "world/world.h"

#include <string.h>

static void note(sim_world *w, sim_note what, const sim_packet *p)
{
    sim_record r = { .fold = p->fold };
    r.sight = (sim_sight){ .what = what, .node = w->links[p->link].from, .link = p->link, .ecn = p->ecn };
    r.sight.remote = &p->to;
    r.sight.datagram = tern_bytes_of(p->bytes, p->n);
    r.sight.number = p->passage.number;
    sim_world_record(w, &r);
}

static sim_packet *pack(sim_world *w, tern_bytes bytes)
{
    sim_packet *p = sim_packet_new(&w->pool, bytes.n);
    if (p == NULL)
        sim_world_fail(w, "more than %zu bytes of datagrams are under way", SIM_PACKETS_BYTES);
    else
        memcpy(p->bytes, bytes.p, bytes.n);
    return p;
}

static void arrive_at(sim_world *w, sim_packet *p, tern_time at)
{
    sim_world_link *l = &w->links[p->link];
    sim_happening h = { .at = at, .kind = SIM_HAPPENS_DELIVERY, .index = l->to, .what = p };
    sim_queue_push_behind(&w->queue, &l->lane, h);
}

/* It has left the queue at a time, or there was none. */
static void launch(sim_world *w, sim_packet *p, tern_time left, bool marked)
{
    sim_world_link *l = &w->links[p->link];
    if (marked) {
        p->ecn = TERN_ECN_CE;
        l->link.marked++;
        note(w, SIM_NOTE_MARKED, p);
    }
    sim_packet *second = p->passage.copies < 2 ? NULL : pack(w, tern_bytes_of(p->bytes, p->n));
    arrive_at(w, p, left + p->passage.takes[0]);
    if (second == NULL) return;
    second->fold = p->fold;
    second->passage = p->passage;
    second->link = p->link;
    second->ecn = p->ecn;
    second->from = p->from;
    second->to = p->to;
    second->copy = 1;
    arrive_at(w, second, left + p->passage.takes[1]);
}

/* The datagram as it will arrive. */
static sim_packet *make_packet(sim_world *w, const sim_record *r, const sim_passage *passage)
{
    sim_packet *p = pack(w, r->sight.datagram);
    if (p == NULL) return NULL;
    p->passage = *passage;
    p->link = r->sight.link;
    p->copy = 0;
    p->ecn = r->sight.ecn;
    p->from = w->nodes[r->sight.node].addr;
    p->to = *r->sight.remote;
    p->fold = r->fold;
    if (passage->corrupt) {
        sim_link_damage(&w->links[p->link].link, &w->prf, passage->number, (tern_buf){ p->bytes, p->n });
        p->fold = sim_fold(tern_bytes_of(p->bytes, p->n));
    }
    return p;
}

static void turn_at(sim_world *w, uint32_t bottleneck)
{
    tern_time at = w->bottlenecks[bottleneck].queue.busy_until;
    sim_queue_push(&w->queue, (sim_happening){ .at = at, .kind = SIM_HAPPENS_TURN, .index = bottleneck }, false);
}

static void shed(void *context, const sim_waiting *waiting)
{
    sim_world *w = context;
    sim_packet *p = waiting->what;
    if (p == NULL) return; /* its fate has been told: it is lost behind the queue */
    sim_link_shed(&w->links[p->link].link, p->n);
    note(w, SIM_NOTE_SHED, p);
    sim_packet_release(&w->pool, p);
}

void sim_world_turn(sim_world *w, uint32_t bottleneck)
{
    sim_bottleneck *b = &w->bottlenecks[bottleneck].queue;
    sim_waiting next;
    if (!sim_bottleneck_next(b, &next, shed, w)) return;
    if (b->waiting > 0) turn_at(w, bottleneck);
    if (next.what != NULL) launch(w, next.what, b->busy_until, next.marked);
}

/* Into the link: what becomes of it is known but for what CoDel does to it while it waits. */
static void enter(sim_world *w, sim_record *r)
{
    sim_world_link *l = &w->links[r->sight.link];
    sim_bottleneck *b = l->bottleneck == SIM_NO_BOTTLENECK ? NULL : &w->bottlenecks[l->bottleneck].queue;
    sim_waiting waiting = { .entered = w->now, .n = r->sight.datagram.n, .ect = r->sight.ecn != TERN_ECN_NOT_ECT };
    sim_entry entry;
    sim_passage passage = sim_link_pass(&l->link, &w->prf, b, &waiting, &entry);
    r->sight.number = passage.number;
    r->sight.detail = (unsigned)passage.fate;
    r->sight.passage = &passage;
    sim_world_record(w, r);
    r->sight.passage = NULL;
    sim_packet *p = passage.copies == 0 ? NULL : make_packet(w, r, &passage);
    if (p != NULL && b != NULL && b->spec.ecn.mode == SIM_ECN_BLEACH) p->ecn = TERN_ECN_NOT_ECT;
    if (b != NULL && entry == SIM_ENTRY_WAITS) {
        sim_bottleneck_waiting(b, b->waiting - 1)->what = p;
        if (b->waiting == 1) turn_at(w, l->bottleneck);
    } else if (p != NULL) {
        launch(w, p, b == NULL ? w->now : b->busy_until, waiting.marked);
    }
}

/*= SIM-026 */
/* Only what leaves keeps the place (RFC 4787, REQ-6), and what leaves too late gets another. */
static void pass_nat(sim_world *w, uint32_t node)
{
    sim_world_node *n = &w->nodes[node];
    if (n->nat_until > 0 && w->now > n->nat_until) sim_world_rebind(w, node, false);
    n->nat_until = w->now + n->nat;
}

void sim_world_transmit(sim_world *w, uint32_t node, const tern_addr *remote, tern_bytes bytes, tern_ecn ecn)
{
    if (w->nodes[node].nat > 0) pass_nat(w, node);
    uint32_t to = sim_world_node_at(w, remote);
    sim_world_link *l = to == UINT32_MAX ? NULL : sim_world_link_between(w, node, to);
    sim_record r = { .fold = sim_fold(bytes) };
    r.sight = (sim_sight){ .what = SIM_NOTE_NO_LINK, .node = node, .link = SIM_NO_LINK, .ecn = ecn };
    r.sight.remote = remote;
    r.sight.datagram = bytes;
    w->nodes[node].sent++;
    sim_world_earn(&w->nodes[node]);
    if (++w->packets > SIM_PACKETS_TOTAL)
        sim_world_fail(w, "%s: more than %d datagrams", w->nodes[node].name, SIM_PACKETS_TOTAL);
    if (l == NULL) {
        sim_world_record(w, &r);
        return;
    }
    r.sight.what = SIM_NOTE_FATE;
    r.sight.link = (uint32_t)(l - w->links);
    enter(w, &r);
}
