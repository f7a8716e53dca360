/* SPDX-License-Identifier: MIT */
/* What `at` says, done when its time has come (spec: scenario 4). */
#include "run/act.h"

#include <assert.h>

#include "node/carried.h"
#include "node/client.h"
#include "node/gate.h"
#include "node/guest.h"
#include "node/relay.h"
#include "rules/balance.h"
#include "rules/rooms.h"
#include "run/faults.h"
#include "run/inject.h"

typedef struct {
    void *(*make)(sim_run *r, uint32_t node);
    const tern_node *(*node)(const void *self);
    void (*stats)(const tern_node *node, tern_stats *stats);
} kind;

static const kind *kind_of(const sim_run *r, uint32_t node)
{
    static const kind kinds[] = {
        [SIM_CLIENT] = { sim_client_new, sim_lent_node, tern_node_stats },
        [SIM_RELAY] = { sim_relay_new, sim_lent_node, tern_node_stats },
        [SIM_GATE] = { sim_gate_new, sim_carried_node, tern_dialect_stats },
        [SIM_GUEST] = { sim_guest_new, sim_carried_node, tern_dialect_stats },
    };
    const kind *k = &kinds[r->scenario->nodes[node].role];
    assert(k->make != NULL && k->node != NULL && k->stats != NULL); /* a role is one of the four */
    return k;
}

/* A gate is a part of its relay. */
static void of_its_gates(sim_run *r, uint32_t relay, void (*call)(sim_run *r, uint32_t node))
{
    for (uint32_t i = 0; r->scenario->nodes[relay].role == SIM_RELAY && i < r->scenario->nodes_n; i++)
        if (r->scenario->nodes[i].role == SIM_GATE && r->scenario->nodes[i].relay == relay) call(r, i);
}

void sim_start_node(sim_run *r, uint32_t node)
{
    sim_world_node *n = &r->world.nodes[node];
    sim_person *p = &r->people[node];
    if (n->self != NULL) return;
    r->lives[node]++;
    p->connected = p->joined = p->closed = p->refused = p->in_room = p->resumed = p->early = false;
    void *self = kind_of(r, node)->make(r, node);
    if (self != NULL) sim_world_start(&r->world, node, self);
    of_its_gates(r, node, sim_start_node);
}

static void act(sim_run *r, const sim_action *a, uint64_t turn);

static void call(sim_world *w, void *context, uint64_t argument)
{
    sim_run *r = context;
    (void)w;
    act(r, &r->scenario->actions[argument >> 32], argument & 0xffffffff);
}

static void again(sim_run *r, const sim_action *a, uint64_t turn)
{
    if (turn + 1 >= a->count || r->world.failed) return;
    uint64_t index = (uint64_t)(a - r->scenario->actions);
    sim_world_at(&r->world, r->world.now + a->every, false, call, r, index << 32 | (turn + 1));
}

static void fault(sim_run *r, const sim_action *a)
{
    sim_world_link *l = sim_world_link_between(&r->world, a->from, a->to);
    const sim_exact what = { a->number, a->fault, a->duration };
    bool room = true;
    for (uint64_t i = 0; i < a->count && room; i++) room = sim_link_fault(&l->link, &what);
    if (!room) sim_world_fail(&r->world, "more than %d datagrams of %s are to meet a fault", SIM_EXACT_MAX, l->name);
}

static void partition(sim_run *r, const sim_action *a)
{
    tern_time until = r->world.now + a->duration;
    void (*shut)(sim_link * l, tern_time until) = a->verb == SIM_DO_CLOG ? sim_link_clog : sim_link_partition;
    shut(&sim_world_link_between(&r->world, a->from, a->to)->link, until);
    if (a->both_ways) shut(&sim_world_link_between(&r->world, a->to, a->from)->link, until);
}

static void set_queue(sim_run *r, const sim_action *a, uint32_t bottleneck)
{
    sim_bottleneck *b = &r->world.bottlenecks[bottleneck].queue;
    sim_bottleneck_spec spec = b->spec;
    if (a->given & 1u << SIM_LINK_RATE) spec.rate_bps = a->change->queue.rate_bps;
    if (a->given & 1u << SIM_LINK_QUEUE) spec.queue_bytes = a->change->queue.queue_bytes;
    if (a->given & 1u << SIM_LINK_ECN) spec.ecn = a->change->queue.ecn;
    sim_bottleneck_set(b, &spec);
}

static void set_one(sim_run *r, const sim_action *a, uint32_t from, uint32_t to)
{
    sim_world_link *l = sim_world_link_between(&r->world, from, to);
    sim_link_set(&l->link, a->change, a->given);
    if (l->bottleneck != SIM_NO_BOTTLENECK) set_queue(r, a, l->bottleneck);
}

/*= SIM-013 */
static void set(sim_run *r, const sim_action *a)
{
    if (a->queue != SIM_NONE) {
        set_queue(r, a, a->queue);
        return;
    }
    set_one(r, a, a->from, a->to);
    if (a->both_ways) set_one(r, a, a->to, a->from);
}

static void of_node(sim_run *r, const sim_action *a)
{
    void *self = r->world.nodes[a->node].self;
    if (self == NULL) return; /* it is not there: nothing happens, and expectations will show it */
    if (a->verb == SIM_DO_CLOSE)
        sim_client_close(self, r->world.now);
    else if (a->verb == SIM_DO_SHUTDOWN)
        sim_relay_shut(self, r->world.now);
    else if (r->scenario->nodes[a->node].role == SIM_GUEST)
        sim_guest_do(self, a);
    else
        sim_client_do(self, a);
    sim_world_drive(&r->world, a->node);
}

/*= SIM-011 SIM-024 */
void sim_check_node(sim_run *r, uint32_t node)
{
    void *self = r->world.nodes[node].self;
    tern_stats stats;
    size_t size;
    if (self == NULL) return;
    const kind *k = kind_of(r, node);
    if (k->node(self) != NULL) {
        k->stats(k->node(self), &stats);
        sim_check_drops(r, node, &stats);
    }
    void *memory = sim_lent_memory(self, &size);
    if (!sim_lent_is_whole(memory, size))
        sim_world_fail(&r->world, "%s has written behind the %zu bytes that it was lent", r->world.nodes[node].name,
                       size);
}

static void crash(sim_run *r, uint32_t node)
{
    const sim_world_node *n = &r->world.nodes[node];
    if (n->self == NULL) return;
    of_its_gates(r, node, crash);
    sim_check_node(r, node);
    sim_room_over(r, node);
    sim_world_stop(&r->world, node);
}

/* Whether a list of faults has this one; it is asked for its first turn, and the others follow. */
static bool is_allowed(sim_run *r, const sim_action *a)
{
    uint32_t index = (uint32_t)(a - r->scenario->actions);
    if (r->faults == NULL || !sim_verb_is_fault(a->verb)) return true;
    return sim_faults_happens(r->faults, &(sim_fault){ SIM_NONE, index, 0, 0, r->world.now, 0 });
}

static void heal(sim_run *r)
{
    for (uint32_t i = 0; i < r->world.links_n; i++) sim_link_heal(&r->world.links[i].link);
    r->healed = true;
}

static void act(sim_run *r, const sim_action *a, uint64_t turn)
{
    if (turn == 0 && !is_allowed(r, a)) return;
    sim_world_action(&r->world, a->text);
    switch (a->verb) {
    case SIM_DO_CRASH: crash(r, a->node); break;
    case SIM_DO_START: sim_start_node(r, a->node); break;
    case SIM_DO_FAULT: fault(r, a); return;
    case SIM_DO_PARTITION:
    case SIM_DO_CLOG: partition(r, a); break;
    case SIM_DO_SET: set(r, a); break;
    case SIM_DO_HEAL: heal(r); return;
    case SIM_DO_ENTER:
    case SIM_DO_EXIT: r->world.groups[a->group].in[a->node] = a->verb == SIM_DO_ENTER; return;
    case SIM_DO_REBIND: sim_world_rebind(&r->world, a->node, a->address); break;
    case SIM_DO_INJECT: sim_inject_go(r, a, turn); break;
    default: of_node(r, a); break;
    }
    again(r, a, turn);
}

/* The network changes before all else of that instant: a packet that leaves at 0 s can be dropped at 0 s. */
static bool is_of_network(sim_verb verb)
{
    return verb == SIM_DO_FAULT || verb == SIM_DO_PARTITION || verb == SIM_DO_CLOG || verb == SIM_DO_SET ||
           verb == SIM_DO_REBIND || verb == SIM_DO_HEAL || verb == SIM_DO_ENTER || verb == SIM_DO_EXIT;
}

void sim_act_all(sim_run *r, bool faults)
{
    for (uint32_t i = 0; i < r->scenario->actions_n; i++) {
        const sim_action *a = &r->scenario->actions[i];
        if (is_of_network(a->verb) == faults) sim_world_at(&r->world, a->at, false, call, r, (uint64_t)i << 32);
    }
}
