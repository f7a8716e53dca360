/* SPDX-License-Identifier: MIT */
/* The server, and the bridge between it and its relay. */
#include "node/gate.h"

#include "node/guest.h"
#include "node/pipe.h"
#include "node/relay.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    sim_run *run;
    uint32_t index;
    tern_node *node;
    void *memory;
    size_t memory_size;
    tern_bridge *bridge;
    bool stream;
    sim_pipes pipes;
} sim_gate;

static void gate_destroy(void *self)
{
    sim_gate *g = self;
    sim_pipes_free(&g->pipes);
    free(g->bridge);
    free(g->memory);
    free(g);
}

uint16_t sim_gate_port(tern_dialect dialect)
{
    const char *colon = strchr(sim_dialect_facts(dialect)->address, ':');
    return (uint16_t)strtoul(colon + 1, NULL, 10);
}

static tern_dialect_config config_of(sim_run *r, uint32_t node)
{
    const sim_node_spec *n = &r->scenario->nodes[node];
    tern_dialect_config config;
    tern_dialect_config_default(&config, n->dialect);
    sim_prf_fill(&r->world.prf, sim_name_hash(tern_bytes_of(n->name, strlen(n->name))), r->lives[node],
                 SIM_DRAW_NODE_SEED, (tern_buf){ config.seed, sizeof config.seed });
    config.key_pem = tern_bytes_of(sim_gate_key, strlen(sim_gate_key));
    config.cert_pem = tern_bytes_of(sim_gate_cert, strlen(sim_gate_cert));
    config.unix_seconds_at_0 = SIM_UNIX_AT_0;
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
    memset(g, 0, sizeof *g);
    g->run = r;
    g->index = node;
    g->memory_size = tern_dialect_server_footprint(&config);
    g->memory = sim_lend(g->memory_size);
    g->stream = sim_is_stream(n->dialect);
    int e = TERN_E_NO_MEMORY;
    if (g->memory != NULL) e = tern_dialect_server_init(g->memory, &config, r->world.now, &g->node, &why);
    if (e == TERN_OK) {
        g->pipes.node = g->node;
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
    sim_world_event(&g->run->world, g->index, names[e->type], e->peer, tern_bytes_of("", 0));
}

static void gate_work(void *self, tern_time now)
{
    sim_gate *g = self;
    uint32_t relay = g->run->scenario->nodes[g->index].relay;
    void *its = g->run->world.nodes[relay].self;
    tern_event e;
    bool carried = false;
    if (its == NULL) return;
    while (!g->run->world.failed && tern_bridge_poll(g->bridge, sim_relay_of(its), g->node, now, &e)) {
        note(g, &e);
        carried = true;
    }
    if (carried) sim_wake(g->run, relay);
}

/* ---- behind the verbs ---- */

static int gate_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    sim_gate *g = self;
    if (!g->stream) return tern_node_recv(g->node, now, path, datagram, ecn);
    sim_pipes_recv(&g->pipes, now, path, tern_bytes_of(datagram.p, datagram.n));
    return TERN_DROP_NONE;
}

static tern_batch gate_send(void *self, tern_time now, tern_buf out)
{
    sim_gate *g = self;
    return g->stream ? sim_pipes_send(&g->pipes, now, out) : tern_node_send(g->node, now, out);
}

static tern_time gate_next_timeout(const void *self)
{
    const sim_gate *g = self;
    return g->stream ? sim_pipes_next_timeout(&g->pipes) : tern_node_next_timeout(g->node);
}

static void gate_on_timeout(void *self, tern_time now)
{
    sim_gate *g = self;
    if (g->stream)
        sim_pipes_on_timeout(&g->pipes, now);
    else
        tern_node_on_timeout(g->node, now);
}

void *sim_gate_memory(const void *gate, size_t *size)
{
    const sim_gate *g = gate;
    *size = g->memory_size;
    return g->memory;
}

const tern_node *sim_gate_node(const void *gate)
{
    const sim_gate *g = gate;
    return g->stream ? NULL : g->node;
}

const sim_node_ops sim_gate_ops = { gate_recv,    gate_send, gate_next_timeout, gate_on_timeout, gate_work,
                                    gate_destroy, NULL };
