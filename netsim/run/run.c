/* SPDX-License-Identifier: MIT */
/* From a scenario to a world, and through it. */
#include "run/run.h"

#include "node/client.h"
#include "node/gate.h"
#include "node/guest.h"
#include "node/relay.h"
#include "rules/audit.h"
#include "rules/balance.h"
#include "rules/converge.h"
#include "rules/rooms.h"
#include "run/act.h"
#include "run/faults.h"
#include "run/figures.h"
#include "run/inject.h"
#include "run/judge.h"

#include <stdlib.h>
#include <string.h>

#define PORT_CLIENT 40000

static void *zeros(size_t count, size_t size)
{
    void *p = sim_grow(NULL, count + 1, size);
    memset(p, 0, (count + 1) * size);
    return p;
}

static void make_key(sim_run *r, uint32_t node)
{
    const char *name = r->scenario->nodes[node].name;
    sim_key *key = &r->keys[node];
    uint8_t seed[TERN_SEED_SIZE];
    sim_prf_fill(&r->world.prf, sim_name_hash(tern_bytes_of(name, strlen(name))), 0, SIM_DRAW_KEY_SEED,
                 (tern_buf){ seed, sizeof seed });
    int e = tern_key_new(seed, (tern_buf){ (uint8_t *)key->pem, sizeof key->pem }, &key->pem_n);
    if (e == TERN_OK) e = tern_key_pem_fingerprint(tern_bytes_of(key->pem, key->pem_n), key->fingerprint);
    if (e != TERN_OK) sim_world_fail(&r->world, "%s gets no key: %s", name, tern_error_text((tern_error)e));
}

static void call_start(sim_world *w, void *context, uint64_t node)
{
    (void)w;
    sim_start_node(context, (uint32_t)node);
}

static void call_judge(sim_world *w, void *context, uint64_t expect)
{
    (void)w;
    sim_judge(context, (size_t)expect);
}

static void add_node(sim_run *r, uint32_t i)
{
    static const sim_node_ops *const ops[] = { [SIM_CLIENT] = &sim_client_ops,
                                               [SIM_RELAY] = &sim_relay_ops,
                                               [SIM_GATE] = &sim_gate_ops,
                                               [SIM_GUEST] = &sim_guest_ops };
    const sim_node_spec *n = &r->scenario->nodes[i];
    uint16_t port = (uint16_t)(PORT_CLIENT + i);
    if (n->role == SIM_RELAY) port = TERN_DEFAULT_PORT;
    if (n->role == SIM_GATE) port = sim_gate_port(n->dialect);
    sim_world_add_node(&r->world, n->name, ops[n->role], port);
    r->guests = r->guests || n->role == SIM_GATE;
}

static void make_groups(sim_run *r)
{
    const sim_scenario *s = r->scenario;
    for (uint32_t i = 0; i < s->groups_n; i++) {
        uint32_t group = sim_world_add_group(&r->world, &s->groups[i].addr, s->groups[i].loop);
        for (uint32_t k = 0; k < s->groups[i].nodes_n; k++) r->world.groups[group].in[s->groups[i].nodes[k]] = true;
    }
}

static void make_nodes(sim_run *r)
{
    const sim_scenario *s = r->scenario;
    for (uint32_t i = 0; i < s->nodes_n; i++) {
        add_node(r, i);
        r->world.nodes[i].nat = s->nodes[i].nat;
        sim_room_called(r, i, s->nodes[i].nick);
        if (s->nodes[i].role == SIM_RELAY) make_key(r, i);
    }
    for (uint32_t i = 0; i < s->queues_n; i++)
        sim_world_add_bottleneck(&r->world, s->queues[i].name, &s->queues[i].spec);
    for (uint32_t i = 0; i < s->links_n; i++) {
        const sim_link_line *l = &s->links[i];
        sim_world_add_link(&r->world, l->from, l->to, &l->spec, l->via == SIM_NONE ? SIM_NO_BOTTLENECK : l->via);
        if (r->faults != NULL) r->world.links[i].link.filter = &r->faults->filter;
    }
    make_groups(r);
}

static bool ask(const sim_run *r, uint32_t client, bool as_client, tern_peer_info *info)
{
    sim_flow f = sim_flow_of(r, client, as_client);
    *info = f.info;
    return f.connected;
}

static bool begin(sim_run *r, const sim_scenario *s)
{
    r->people = zeros(s->nodes_n, sizeof *r->people);
    r->nicks = zeros(s->nodes_n, sizeof *r->nicks);
    r->lives = zeros(s->nodes_n, sizeof *r->lives);
    r->woken = zeros(s->nodes_n, sizeof *r->woken);
    r->keys = zeros(s->nodes_n, sizeof *r->keys);
    r->verdicts = zeros(s->expects_n, sizeof *r->verdicts);
    r->balances = zeros(s->nodes_n, sizeof *r->balances);
    make_nodes(r);
    sim_world_observe(&r->world, sim_balance_observe, r);
    r->ask = ask;
    sim_audit_begin(r);
    sim_world_observe(&r->world, sim_audit_observe, r);
    sim_inject_init(r);
    sim_act_all(r, true);
    for (uint32_t i = 0; i < s->nodes_n; i++)
        if (!s->nodes[i].off && s->nodes[i].role != SIM_GATE) sim_world_at(&r->world, 0, false, call_start, r, i);
    sim_act_all(r, false);
    for (uint32_t i = 0; i < s->expects_n; i++) sim_world_at(&r->world, s->expects[i].by, true, call_judge, r, i);
    return !r->world.failed;
}

bool sim_run_init(sim_run *r, const sim_scenario *s, uint64_t seed, FILE *trace)
{
    memset(r, 0, sizeof *r);
    r->scenario = s;
    sim_world_init(&r->world, seed);
    r->world.trace = trace;
    return begin(r, s);
}

bool sim_run_init_with(sim_run *r, const sim_scenario *s, uint64_t seed, struct sim_faults *faults)
{
    memset(r, 0, sizeof *r);
    r->scenario = s;
    r->faults = faults;
    sim_world_init(&r->world, seed);
    return begin(r, s);
}

/*= SIM-023 */
static void check_converged(sim_run *r)
{
    sim_converge_check(r);
    for (uint32_t i = 0; i < r->scenario->nodes_n; i++) {
        const void *self = r->world.nodes[i].self;
        bool guest = r->scenario->nodes[i].role == SIM_GUEST;
        if (self == NULL || !(r->scenario->nodes[i].role & SIM_PERSON) || r->people[i].closed) continue;
        if (guest ? sim_guest_is_busy(self) : sim_client_is_busy(self))
            sim_world_fail(&r->world, "the network has healed, but %s has not done all it was told",
                           r->scenario->nodes[i].name);
    }
}

bool sim_run_go(sim_run *r)
{
    const sim_scenario *s = r->scenario;
    bool good = sim_world_run(&r->world, s->until);
    for (uint32_t i = 0; i < s->nodes_n && good; i++) sim_check_node(r, i);
    if (good && r->healed) check_converged(r);
    for (uint32_t i = 0; i < s->expects_n; i++) good = good && r->verdicts[i].state == SIM_HELD;
    return good && !r->world.failed;
}

void sim_run_free(sim_run *r)
{
    sim_inject_free(r);
    sim_rooms_free(r);
    sim_audit_free(r);
    for (uint32_t i = 0; i < r->scenario->nodes_n; i++) {
        for (size_t k = 0; r->guests && k < r->people[i].published_n; k++) free(r->people[i].published[k].words);
        free(r->people[i].published);
        free(r->people[i].told);
        free(r->people[i].members);
        free(r->people[i].lost);
        free(r->people[i].heard);
        sim_balance_reset(r, i);
    }
    sim_world_free(&r->world);
    free(r->people);
    free(r->nicks);
    free(r->lives);
    free(r->woken);
    free(r->keys);
    free(r->verdicts);
    free(r->balances);
    free(r->known);
}
