/* SPDX-License-Identifier: MIT */
/* Time passes: the next thing that happens, and the turn of the node it happens to. */
#include "world/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    sim_call call;
    void *context;
    uint64_t argument;
} pending_call;

void sim_world_at(sim_world *w, tern_time at, bool last, sim_call call, void *context, uint64_t argument)
{
    pending_call *p = sim_grow(NULL, 1, sizeof *p);
    *p = (pending_call){ call, context, argument };
    sim_queue_push(&w->queue, (sim_happening){ .at = at, .kind = SIM_HAPPENS_CALL, .what = p }, last);
}

static void make_call(sim_world *w, void *what)
{
    pending_call p = *(pending_call *)what;
    free(what);
    p.call(w, p.context, p.argument);
}

static bool batch_is_sound(const tern_batch *b)
{
    return b->total <= SIM_OUT_SIZE && b->segment > 0 && b->segment <= TERN_DATAGRAM_MAX &&
           b->total > (b->count - 1) * b->segment && b->total <= b->count * b->segment;
}

/*= SIM-010 */
static void send_all(sim_world *w, uint32_t node)
{
    sim_world_node *n = &w->nodes[node];
    for (unsigned batches = 0; !w->failed; batches++) {
        tern_batch b = n->ops->send(n->self, w->now, (tern_buf){ w->out, SIM_OUT_SIZE });
        if (b.count == 0) return;
        if (!batch_is_sound(&b)) {
            sim_world_fail(w, "%s gives a batch of %zu datagrams of %zu bytes that are %zu together", n->name, b.count,
                           b.segment, b.total);
            return;
        }
        if (batches == SIM_BATCHES_MAX) {
            sim_world_fail(w, "%s never stops sending", n->name);
            return;
        }
        n->spins = 0;
        for (size_t at = 0; at < b.total && !w->failed; at += b.segment) {
            size_t size = b.total - at < b.segment ? b.total - at : b.segment;
            sim_world_transmit(w, node, &b.path.remote, tern_bytes_of(w->out + at, size), b.ecn);
        }
    }
}

/*= SIM-010 */
static void arm(sim_world *w, uint32_t node)
{
    sim_world_node *n = &w->nodes[node];
    n->timer = n->ops->next_timeout == NULL ? TERN_TIME_NEVER : n->ops->next_timeout(n->self);
    if (n->timer < w->now) {
        sim_world_fail(w, "%s wants to be woken in the past, at %s s", n->name, sim_time_print(n->timer).text);
        return;
    }
    if (n->timer >= n->timer_queued) return; /* the entry that is there looks again when it is due */
    n->timer_queued = n->timer;
    sim_queue_push(&w->queue, (sim_happening){ .at = n->timer, .kind = SIM_HAPPENS_TIMER, .index = node }, false);
}

void sim_world_earn(sim_world_node *n)
{
    n->wakes += n->wakes < SIM_WAKES_KEPT;
}

void sim_world_drive(sim_world *w, uint32_t node)
{
    sim_world_node *n = &w->nodes[node];
    n->turns++;
    if (n->self == NULL) return;
    if (n->ops->work != NULL) n->ops->work(n->self, w->now);
    if (!w->failed) send_all(w, node);
    if (!w->failed) arm(w, node);
}

void sim_world_start(sim_world *w, uint32_t node, void *self)
{
    sim_world_node *n = &w->nodes[node];
    tern_assert(n->self == NULL);
    n->self = self;
    n->starts++;
    memset(n->drops, 0, sizeof n->drops);
    sim_digest_add(&w->digest, w->now, SIM_NOTE_NODE_STARTS, node, 0, 0);
    if (w->trace != NULL) fprintf(w->trace, "%s %s starts\n", sim_time_print(w->now).text, n->name);
    sim_world_drive(w, node);
}

/* The node takes a datagram, if it is there. */
static void hand_over(sim_world *w, bool there, sim_record *r, tern_buf datagram, tern_ecn ecn)
{
    sim_world_node *n = &w->nodes[r->sight.node];
    r->sight.datagram = (tern_bytes){ datagram.p, datagram.n };
    r->sight.what = SIM_NOTE_NO_NODE;
    if (there && n->self != NULL) {
        tern_path path = { n->inside, *r->sight.remote };
        int reason = n->ops->recv(n->self, w->now, &path, datagram, ecn);
        n->received++;
        n->spins = 0;
        sim_world_earn(n);
        if (reason < 0 || reason >= TERN_DROP_COUNT) {
            sim_world_fail(w, "%s drops a datagram for reason %d, which is none", n->name, reason);
            return;
        }
        if (reason != 0) r->sight.detail = (unsigned)reason;
        n->drops[reason] += reason != 0;
        r->sight.what = reason == 0 ? SIM_NOTE_DELIVERED : SIM_NOTE_REFUSED;
    }
    sim_world_record(w, r);
    if (there && !w->failed) sim_world_drive(w, r->sight.node);
}

/*= SIM-016 SIM-026 */
static void deliver(sim_world *w, uint32_t node, sim_packet *p)
{
    sim_record r = { .fold = p->fold };
    r.sight = (sim_sight){ .node = node, .link = p->link, .number = p->passage.number, .detail = p->copy };
    r.sight.remote = &p->from;
    r.sight.ecn = p->ecn;
    const sim_world_node *n = &w->nodes[node];
    bool known = n->nat == 0 || w->now <= n->nat_until;
    if (p->group > 0) known = known && w->groups[p->group - 1].in[node];
    hand_over(w, known && sim_addr_same(&n->addr, &p->to), &r, (tern_buf){ p->bytes, p->n }, p->ecn);
    sim_packet_release(&w->pool, p);
}

void sim_world_inject(sim_world *w, uint32_t to, const tern_addr *from, tern_bytes datagram)
{
    sim_packet *p = sim_packet_new(&w->pool, datagram.n);
    if (p == NULL) return;
    memcpy(p->bytes, datagram.p, datagram.n);
    sim_record r = { .fold = sim_fold(datagram) };
    r.sight = (sim_sight){ SIM_NOTE_INJECTED, to, SIM_NO_LINK, from, datagram, 0, 0, TERN_ECN_NOT_ECT, NULL };
    sim_world_show(w, &r.sight);
    hand_over(w, true, &r, (tern_buf){ p->bytes, p->n }, TERN_ECN_NOT_ECT);
    sim_packet_release(&w->pool, p);
}

/*= SIM-010 */
static void wake(sim_world *w, uint32_t node, tern_time queued)
{
    sim_world_node *n = &w->nodes[node];
    if (queued == n->timer_queued) n->timer_queued = TERN_TIME_NEVER;
    if (n->self == NULL) return;
    if (n->timer > w->now) {
        arm(w, node);
        return;
    }
    if (n->spin_at != w->now) n->spins = 0;
    n->spin_at = w->now;
    if (n->spins++ == SIM_SPINS_MAX) {
        sim_world_fail(w, "%s is woken %d times at one instant and does nothing", n->name, SIM_SPINS_MAX);
        return;
    }
    unsigned earned = n->wakes;
    n->timer = TERN_TIME_NEVER;
    n->ops->on_timeout(n->self, w->now);
    sim_world_drive(w, node);
    /*= SIM-036 */
    if (n->wakes != earned) return;
    if (n->wakes-- == 0)
        sim_world_fail(w, "%s is woken again and again and does nothing: its timers are not earned", n->name);
}

/*= SIM-037 */
static void fail_busiest(sim_world *w)
{
    const sim_world_node *most = &w->nodes[0];
    for (uint32_t i = 1; i < w->nodes_n; i++)
        if (w->nodes[i].turns > most->turns) most = &w->nodes[i];
    sim_world_fail(w, "more than %" PRIu64 " events; busiest is %s, which had its turn %" PRIu64 " times",
                   w->events_max, most->name, most->turns);
}

static void happen(sim_world *w, const sim_happening *h)
{
    w->standing = h->at == w->now ? w->standing + 1 : 0;
    w->now = h->at;
    if (++w->events > w->events_max) fail_busiest(w);
    if (w->standing > SIM_STANDING_MAX)
        sim_world_fail(w, "time stands still: %d events at one instant", SIM_STANDING_MAX);
    switch (h->kind) {
    case SIM_HAPPENS_DELIVERY: deliver(w, h->index, h->what); break;
    case SIM_HAPPENS_TIMER: wake(w, h->index, h->at); break;
    case SIM_HAPPENS_CALL: make_call(w, h->what); break;
    case SIM_HAPPENS_WORD: sim_world_word(w, h->index, h->what); break;
    case SIM_HAPPENS_TURN: sim_world_turn(w, h->index); break;
    }
}

bool sim_world_run(sim_world *w, tern_time until)
{
    sim_happening h;
    while (!w->failed && w->queue.n > 0 && w->queue.items[0].at <= until && sim_queue_pop(&w->queue, &h)) happen(w, &h);
    if (!w->failed) w->now = until;
    return !w->failed;
}
