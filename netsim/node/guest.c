/* SPDX-License-Identifier: MIT */
/* Says what the scenario says as soon as its node takes it, and hands the lines that it is shown to the checkers. */
#include "node/guest.h"

#include "node/carried.h"
#include "rules/guests.h"
#include "rules/rooms.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    sim_carried its; /* first */
    sim_person *person;
    bool closed;
    size_t *todo; /* numbers of actions, from todo_at to todo_n */
    size_t todo_at, todo_n, todo_cap;
} sim_guest;

static void guest_destroy(void *self)
{
    sim_guest *g = self;
    sim_carried_free(&g->its);
    free(g->todo);
    free(g);
}

static tern_dialect_config config_of(sim_run *r, uint32_t node)
{
    const sim_node_spec *n = &r->scenario->nodes[node];
    tern_dialect_config config = sim_carried_config(r, node);
    config.key_pem = tern_bytes_of(sim_guest_key, strlen(sim_guest_key));
    config.path = (tern_path){ r->world.nodes[node].addr, r->world.nodes[n->gate].addr };
    if (n->group != SIM_NONE) config.path.remote = r->scenario->groups[n->group].addr;
    config.nick = n->nick;
    return config;
}

void *sim_guest_new(sim_run *r, uint32_t node)
{
    const char *why = "that would take more memory than there is";
    tern_dialect_config config = config_of(r, node);
    sim_guest *g = sim_grow(NULL, 1, sizeof *g);
    *g = (sim_guest){ .its = sim_carried_of(r, node, tern_dialect_client_footprint(&config)),
                      .person = &r->people[node] };
    g->person->room = r->scenario->nodes[node].room;
    int e = TERN_E_NO_MEMORY;
    if (g->its.memory != NULL) e = tern_dialect_client_init(g->its.memory, &config, r->world.now, &g->its.node, &why);
    g->its.pipes = (sim_pipes){ .node = g->its.node, .begins = true, .id = r->lives[node] };
    sim_guests_forget(r, node);
    if (e == TERN_OK) return g;
    sim_world_fail(&r->world, "%s cannot be made: %s", r->world.nodes[node].name, why);
    guest_destroy(g);
    return NULL;
}

/* ---- what it does ---- */

void sim_guest_do(void *guest, const sim_action *a)
{
    sim_guest *g = guest;
    if (g->todo_at > 0 && g->todo_at == g->todo_n) g->todo_at = g->todo_n = 0;
    if (g->todo_n == g->todo_cap) {
        g->todo_cap = g->todo_cap == 0 ? 16 : g->todo_cap * 2;
        g->todo = sim_grow(g->todo, g->todo_cap, sizeof *g->todo);
    }
    g->todo[g->todo_n++] = (size_t)(a - g->its.run->scenario->actions);
}

static void fill(const sim_guest *g, const sim_action *a, uint8_t *text)
{
    const char *name = g->its.run->scenario->nodes[g->its.index].name;
    uint64_t subject = sim_name_hash(tern_bytes_of(name, strlen(name)));
    uint64_t key = sim_prf_u64(&g->its.run->world.prf, subject, g->person->published_n, SIM_DRAW_CONTENT);
    sim_content_fill(key, 0, (tern_buf){ text, (size_t)a->size });
    sim_guests_letters((tern_buf){ text, (size_t)a->size });
}

static int do_say(sim_guest *g, const sim_action *a)
{
    uint8_t *text = sim_grow(NULL, (size_t)a->size + 1, 1);
    if (a->name != NULL)
        memcpy(text, a->name, (size_t)a->size);
    else
        fill(g, a, text);
    int e = tern_dialect_say(g->its.node, g->its.run->world.now, tern_bytes_of(text, (size_t)a->size));
    if (e == TERN_OK) sim_room_published(g->its.run, g->its.index, tern_bytes_of(text, (size_t)a->size));
    free(text);
    return e;
}

static int do_one(sim_guest *g, const sim_action *a)
{
    if (a->verb == SIM_DO_SAY) return do_say(g, a);
    tern_dialect_leave(g->its.node, g->its.run->world.now);
    return TERN_OK;
}

static void do_all(sim_guest *g)
{
    while (g->todo_at < g->todo_n) {
        int e = do_one(g, &g->its.run->scenario->actions[g->todo[g->todo_at]]);
        if (e == TERN_E_BLOCKED) return;
        if (e != TERN_OK)
            sim_world_event(&g->its.run->world, g->its.index, "not-done", (uint64_t)e, tern_bytes_of("", 0));
        g->todo_at++;
    }
}

/* ---- what it is told ---- */

static void take_event(sim_guest *g, const tern_event *e)
{
    uint8_t text[TERN_DIALECT_TEXT_MAX + 256];
    sim_world *w = &g->its.run->world;
    tern_bytes line = tern_bytes_of(text, tern_dialect_read(g->its.node, (tern_buf){ text, sizeof text }));
    if (g->closed) sim_world_fail(w, "%s is told something after it was told CLOSED", w->nodes[g->its.index].name);
    switch (e->type) {
    case TERN_EVENT_CONNECTED:
        sim_world_event(w, g->its.index, "CONNECTED", 0, line);
        g->person->connected = g->person->ever.connected = true;
        break;
    case TERN_EVENT_CLOSED:
        sim_world_event(w, g->its.index, "CLOSED", e->u.closed.error, line);
        g->closed = g->person->closed = g->person->ever.closed = true;
        g->person->closed_error = e->u.closed.error;
        break;
    case TERN_EVENT_MESSAGE:
        sim_world_event(w, g->its.index, "MESSAGE", 0, line);
        sim_guests_heard(g->its.run, g->its.index, e, line);
        break;
    default: sim_world_event(w, g->its.index, "PRESENCE", e->type, line); break;
    }
}

static void guest_work(void *self, tern_time now)
{
    sim_guest *g = self;
    tern_event e;
    (void)now;
    do_all(g);
    while (!g->its.run->world.failed && tern_node_poll(g->its.node, &e)) take_event(g, &e);
    do_all(g);
}

bool sim_guest_is_busy(const void *guest)
{
    const sim_guest *g = guest;
    return g->todo_at < g->todo_n;
}

const sim_node_ops sim_guest_ops = { sim_carried_recv,
                                     sim_carried_send,
                                     sim_carried_next_timeout,
                                     sim_carried_on_timeout,
                                     guest_work,
                                     guest_destroy,
                                     NULL };
