/* SPDX-License-Identifier: MIT */
/* A relay and the application above it: who is connected, and what it is told. Its streams are in relay_files.c. */
#include "node/relay.h"

#include "node/flow.h"
#include "node/gate.h"
#include "node/lent.h"
#include "node/relay_files.h"
#include "node/tell.h"
#include "node/tune.h"
#include "rules/audit.h"
#include "rules/balance.h"
#include "rules/known.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    tern_peer peer;
    uint32_t client;
    bool closed;
} sim_peer;

typedef struct {
    sim_lent its; /* first */
    sim_peer *peers;
    size_t peers_n, peers_cap;
    sim_jobs jobs;
} sim_relay;

static void relay_destroy(void *self)
{
    sim_relay *r = self;
    sim_jobs_free(&r->jobs);
    free(r->peers);
    free(r->its.memory);
    free(r);
}

static sim_peer *find_peer(sim_relay *r, tern_peer who)
{
    for (size_t i = r->peers_n; i > 0; i--)
        if (r->peers[i - 1].peer == who) return &r->peers[i - 1];
    return NULL;
}

/* ---- what it is told ---- */

static void on_connected(sim_relay *r, const tern_event *e)
{
    if (r->peers_n == r->peers_cap) {
        r->peers_cap = r->peers_cap == 0 ? 16 : r->peers_cap * 2;
        r->peers = sim_grow(r->peers, r->peers_cap, sizeof *r->peers);
    }
    r->peers[r->peers_n++] =
        (sim_peer){ e->peer, sim_world_node_ever_at(&r->its.run->world, &e->u.connected.remote), false };
}

static void on_closed(sim_relay *r, const tern_event *e)
{
    sim_peer *p = find_peer(r, e->peer);
    if (p != NULL) p->closed = true;
    sim_jobs_drop(&r->jobs, e->peer);
}

/* The relay knows each secret before a packet leaves under it; but for that of early data, which its client tells. */
static void tell_secret(sim_relay *r, const tern_event *e)
{
    if (strcmp(e->u.secret.label, "CLIENT_EARLY_TRAFFIC_SECRET") == 0) return;
    sim_audit_secret(r->its.run, e);
    if (r->its.run->on_secret != NULL) r->its.run->on_secret(r->its.run->on_secret_context, e);
}

/*= SIM-009 */
static void take_event(sim_relay *r, const tern_event *e)
{
    const sim_peer *p = find_peer(r, e->peer);
    if (p != NULL && p->closed) {
        sim_world_fail(&r->its.run->world, "%s is told something of peer %" PRIu64 " after it was told CLOSED",
                       r->its.run->scenario->nodes[r->its.index].name, e->peer);
        return;
    }
    tern_bytes none = { (const uint8_t *)"", 0 };
    sim_world *w = &r->its.run->world;
    switch (e->type) {
    case TERN_EVENT_CONNECTED:
        sim_world_event(w, r->its.index, "CONNECTED", e->peer, none);
        on_connected(r, e);
        break;
    case TERN_EVENT_CLOSED:
        sim_world_event(w, r->its.index, "CLOSED", e->peer << 32 | e->u.closed.error, none);
        on_closed(r, e);
        break;
    case TERN_EVENT_PEER_MESSAGE:
    case TERN_EVENT_DATAGRAM:
        sim_tell_came(r->its.run, r->its.index, p == NULL ? SIM_NONE : p->client, r->its.node, e);
        break;
    case TERN_EVENT_SECRET: tell_secret(r, e); break;
    case TERN_EVENT_TICKET:
    case TERN_EVENT_PEER_WRITABLE: break;
    case TERN_EVENT_JOINED: sim_world_event(w, r->its.index, "JOINED", e->peer, none); break;
    case TERN_EVENT_LEFT: sim_world_event(w, r->its.index, "LEFT", e->peer, none); break;
    default:
        sim_note_stream(w, r->its.index, e);
        sim_jobs_event(&r->jobs, e, p == NULL ? SIM_NONE : p->client);
        break;
    }
}

/* ---- behind the verbs ---- */

static void set_options(tern_relay_config *c, const sim_node_spec *n)
{
    const uint64_t *option = n->option;
    uint32_t *const own[SIM_OPT_COUNT] = { [SIM_OPT_MAX_CONNECTIONS] = &c->max_connections,
                                           [SIM_OPT_MAX_PER_ADDRESS] = &c->max_per_address,
                                           [SIM_OPT_MAX_ROOMS] = &c->max_rooms,
                                           [SIM_OPT_MAX_MEMBERS] = &c->max_members,
                                           [SIM_OPT_HISTORY] = &c->history_bytes };
    for (int i = 0; i < SIM_OPT_COUNT; i++)
        if (option[i] != 0 && own[i] != NULL) *own[i] = (uint32_t)option[i];
    sim_tune(&c->transport, n);
    c->plaintext = n->plaintext;
    c->max_guests = n->guests;
    c->always_retry = n->retry;
}

static const char **list_rooms(const sim_node_spec *n, size_t *count)
{
    const char **rooms = NULL;
    *count = 0;
    for (const sim_named *room = n->rooms; room != NULL; room = room->next) {
        rooms = sim_grow(rooms, *count + 1, sizeof *rooms);
        rooms[(*count)++] = room->name;
    }
    return rooms;
}

static void put_files(sim_relay *r, const sim_node_spec *n)
{
    for (const sim_named *f = n->files; f != NULL; f = f->next) {
        uint8_t *bytes = sim_grow(NULL, (size_t)f->size + 1, 1);
        sim_content_fill(sim_known_file_add(r->its.run, r->its.index, f->name, f->size), 0,
                         (tern_buf){ bytes, (size_t)f->size });
        sim_store_keep(&r->jobs, "", f->name, bytes, f->size);
    }
}

void *sim_relay_new(sim_run *run, uint32_t node)
{
    const sim_node_spec *n = &run->scenario->nodes[node];
    tern_relay_config config;
    const char *why = "?";
    tern_relay_config_default(&config);
    sim_prf_fill(&run->world.prf, sim_name_hash(tern_bytes_of(n->name, strlen(n->name))), run->lives[node],
                 SIM_DRAW_NODE_SEED, (tern_buf){ config.seed, sizeof config.seed });
    config.key_pem = tern_bytes_of(run->keys[node].pem, run->keys[node].pem_n);
    config.unix_seconds_at_0 = SIM_UNIX_AT_0;
    config.key_log = true;
    set_options(&config, n);
    const char **rooms = list_rooms(n, &config.rooms_n);
    config.rooms = rooms;
    sim_relay *r = sim_grow(NULL, 1, sizeof *r);
    *r = (sim_relay){ .its = sim_lent_of(run, node, tern_relay_footprint(&config)) };
    int e = TERN_E_NO_MEMORY;
    if (r->its.memory == NULL)
        why = "that would take more memory than there is";
    else
        e = tern_relay_init(r->its.memory, &config, run->world.now, &r->its.node, &why);
    free(rooms);
    if (e != TERN_OK) {
        sim_world_fail(&run->world, "%s cannot be made: %s", n->name, why);
        relay_destroy(r);
        return NULL;
    }
    r->jobs = (sim_jobs){ .run = run, .relay = node, .node = r->its.node };
    sim_balance_reset(run, node);
    put_files(r, n);
    return r;
}

void sim_relay_shut(void *relay, tern_time now)
{
    tern_relay_shutdown(sim_relay_of(relay), now);
}

static void relay_work(void *self, tern_time now)
{
    sim_relay *r = self;
    tern_event e;
    (void)now;
    while (!r->its.run->world.failed && tern_node_poll(r->its.node, &e)) take_event(r, &e);
    sim_jobs_go(&r->jobs);
    for (uint32_t i = 0; r->its.run->guests && i < r->its.run->scenario->nodes_n; i++) {
        const sim_node_spec *n = &r->its.run->scenario->nodes[i];
        if (n->role == SIM_GATE && n->relay == r->its.index) sim_wake(r->its.run, i);
    }
}

tern_node *sim_relay_of(void *relay)
{
    return ((sim_relay *)relay)->its.node;
}

bool sim_relay_peer(const void *relay, uint32_t client, tern_peer *peer)
{
    const sim_relay *r = relay;
    for (size_t i = r->peers_n; i > 0; i--) {
        if (r->peers[i - 1].client != client || r->peers[i - 1].closed) continue;
        *peer = r->peers[i - 1].peer;
        return true;
    }
    return false;
}

const sim_node_ops sim_relay_ops = { sim_lent_recv, sim_lent_send, sim_lent_next_timeout, sim_lent_on_timeout,
                                     relay_work,    relay_destroy, sim_lent_too_big };
