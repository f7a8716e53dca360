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
    sim_happening h = { .at = at, .kind = SIM_HAPPENS_DELIVERY, .index = w->links[p->link].to, .what = p };
    sim_queue_push_behind(&w->queue, p->link, h);
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
    second->group = p->group;
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
    p->to = r->group == 0 ? *r->sight.remote : w->nodes[w->links[p->link].to].addr;
    p->group = r->group;
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

/*= SIM-044 */
/* As late as the datagram would have come to the other end without a queue. Nobody speaks of what goes to a group. The
 * word travels as a packet without bytes. */
static void too_big(sim_world *w, const sim_record *r)
{
    sim_packet *p = sim_packet_new(&w->pool, 0);
    if (p == NULL) return;
    p->link = r->sight.link;
    p->to = *r->sight.remote;
    p->fold = r->sight.datagram.n;
    p->passage.number = w->links[p->link].link.spec.mtu;
    p->copy = w->nodes[r->sight.node].starts;
    tern_time at = w->now + w->links[p->link].link.spec.delay;
    sim_happening h = { .at = at, .kind = SIM_HAPPENS_WORD, .index = r->sight.node, .what = p };
    sim_queue_push(&w->queue, h, false);
}

void sim_world_word(sim_world *w, uint32_t node, sim_packet *p)
{
    const sim_world_node *n = &w->nodes[node];
    const tern_too_big what = { (size_t)p->fold, (size_t)p->passage.number };
    const tern_path path = { n->inside, p->to };
    bool known =
        n->self != NULL && n->starts == p->copy && n->ops->too_big != NULL; /* another one knows nothing of it */
    sim_packet_release(&w->pool, p);
    if (!known) return;
    sim_digest_add(&w->digest, w->now, SIM_NOTE_TOO_BIG, node, what.bytes, what.most);
    if (w->trace != NULL)
        fprintf(w->trace, "%s %s is told that %zu bytes are too many, and %zu are not\n", sim_time_print(w->now).text,
                n->name, what.bytes, what.most);
    n->ops->too_big(n->self, w->now, &path, &what);
    sim_world_drive(w, node);
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
    if (passage.fate == SIM_FATE_MTU && l->link.spec.mtu_tells && r->group == 0) too_big(w, r);
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

/* Its own, at once and whole. */
static void loop_back(sim_world *w, const sim_record *r)
{
    sim_packet *p = pack(w, r->sight.datagram);
    if (p == NULL) return;
    p->passage = (sim_passage){ .copies = 1 };
    p->link = SIM_NO_LINK;
    p->copy = 0;
    p->ecn = r->sight.ecn;
    p->from = p->to = w->nodes[r->sight.node].addr;
    p->group = r->group;
    p->fold = r->fold;
    sim_happening h = { .at = w->now, .kind = SIM_HAPPENS_DELIVERY, .index = r->sight.node, .what = p };
    sim_queue_push(&w->queue, h, false);
}

/*= SIM-040 */
/* Each of the group has a link of its own, and what befalls the datagram there befalls no other's. */
static bool to_group(sim_world *w, sim_record *r)
{
    uint32_t g = 0, links = 0;
    while (g < w->groups_n && !sim_addr_same(&w->groups[g].addr, r->sight.remote)) g++;
    if (g == w->groups_n) return false;
    r->group = g + 1;
    for (uint32_t i = 0; i < w->nodes_n; i++) {
        sim_world_link *l = i == r->sight.node ? NULL : sim_world_link_between(w, r->sight.node, i);
        if (l == NULL || !w->groups[g].in[i]) continue;
        r->sight.what = SIM_NOTE_FATE;
        r->sight.link = (uint32_t)(l - w->links);
        enter(w, r);
        links++;
    }
    bool looped = w->groups[g].loop && w->groups[g].in[r->sight.node];
    if (looped) loop_back(w, r);
    r->sight.what = SIM_NOTE_NO_LINK;
    r->sight.link = SIM_NO_LINK;
    return links > 0 || looped;
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
    if (to == UINT32_MAX && to_group(w, &r)) return;
    if (l == NULL) {
        sim_world_record(w, &r);
        return;
    }
    r.sight.what = SIM_NOTE_FATE;
    r.sight.link = (uint32_t)(l - w->links);
    enter(w, &r);
}
