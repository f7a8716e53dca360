/* SPDX-License-Identifier: MIT */
/* The server, and the bridge between it and its relay. */
#include "node/gate.h"

#include "node/carried.h"
#include "node/guest.h"
#include "node/relay.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    sim_carried carried; /* first */
    tern_bridge *bridge;
} sim_gate;

static void gate_destroy(void *self)
{
    sim_gate *g = self;
    sim_carried_free(&g->carried);
    free(g->bridge);
    free(g);
}

uint16_t sim_gate_port(tern_dialect dialect)
{
    const char *colon = strchr(sim_dialect_facts(dialect)->address, ':');
    return (uint16_t)strtoul(colon + 1, NULL, 10);
}

static tern_dialect_config config_of(sim_run *r, uint32_t node)
{
    tern_dialect_config config = sim_carried_config(r, node);
    config.key_pem = tern_bytes_of(sim_gate_key, strlen(sim_gate_key));
    config.cert_pem = tern_bytes_of(sim_gate_cert, strlen(sim_gate_cert));
    config.max_clients = SIM_GATE_GUESTS;
    return config;
}

void *sim_gate_new(sim_run *r, uint32_t node)
{
    const sim_node_spec *n = &r->scenario->nodes[node];
    const char *why = "that would take more memory than there is";
    tern_dialect_config config = config_of(r, node);
    tern_bridge_config bridge = { n->room, SIM_GATE_GUESTS };
    sim_gate *g = sim_grow(NULL, 1, sizeof *g);
    *g = (sim_gate){ .carried = sim_carried_of(r, node, tern_dialect_server_footprint(&config)) };
    int e = TERN_E_NO_MEMORY;
    if (g->carried.its.memory != NULL)
        e = tern_dialect_server_init(g->carried.its.memory, &config, r->world.now, &g->carried.its.node, &why);
    if (e == TERN_OK) {
        g->carried.pipes.node = g->carried.its.node;
        g->bridge = tern_bridge_init(sim_grow(NULL, 1, tern_bridge_footprint(&bridge)), &bridge);
        if (g->bridge != NULL) return g;
        why = "its room cannot have this name";
    }
    sim_world_fail(&r->world, "%s cannot be made: %s", n->name, why);
    gate_destroy(g);
    return NULL;
}

/* ---- what happens ---- */

static void call_turn(sim_world *w, void *context, uint64_t node)
{
    sim_run *r = context;
    r->woken[node] = false;
    if (w->nodes[node].self != NULL) sim_world_drive(w, (uint32_t)node);
}

void sim_wake(sim_run *r, uint32_t node)
{
    if (r->woken[node]) return;
    r->woken[node] = true;
    sim_world_at(&r->world, r->world.now, false, call_turn, r, node);
}

static void note(sim_gate *g, const tern_event *e)
{
    static const char *const names[] = { [TERN_EVENT_ARRIVED] = "ARRIVED",
                                         [TERN_EVENT_LEFT] = "LEFT",
                                         [TERN_EVENT_MESSAGE] = "MESSAGE",
                                         [TERN_EVENT_REFUSED] = "REFUSED" };
    sim_world_event(&g->carried.its.run->world, g->carried.its.index, names[e->type], e->peer, tern_bytes_of("", 0));
}

static void gate_work(void *self, tern_time now)
{
    sim_gate *g = self;
    uint32_t relay = g->carried.its.run->scenario->nodes[g->carried.its.index].relay;
    void *of = g->carried.its.run->world.nodes[relay].self;
    tern_event e;
    bool carried = false;
    if (of == NULL) return;
    while (!g->carried.its.run->world.failed &&
           tern_bridge_poll(g->bridge, sim_relay_of(of), g->carried.its.node, now, &e)) {
        note(g, &e);
        carried = true;
    }
    if (carried) sim_wake(g->carried.its.run, relay);
}

const sim_node_ops sim_gate_ops = {
    sim_carried_recv, sim_carried_send, sim_carried_next_timeout, sim_carried_on_timeout, gate_work, gate_destroy, NULL
};
