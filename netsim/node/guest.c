/* SPDX-License-Identifier: MIT */
/* Says what the scenario says as soon as its node takes it, and hands the lines that it is shown to the checkers. */
#include "node/guest.h"

#include "node/carried.h"
#include "node/todo.h"
#include "rules/guests.h"
#include "rules/rooms.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    sim_carried carried; /* first */
    sim_person *person;
    bool closed;
    sim_todos todo;
} sim_guest;

static void guest_destroy(void *self)
{
    sim_guest *g = self;
    sim_carried_free(&g->carried);
    sim_todos_free(&g->todo);
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
    *g = (sim_guest){ .carried = sim_carried_of(r, node, tern_dialect_client_footprint(&config)),
                      .person = &r->people[node] };
    g->person->room = r->scenario->nodes[node].room;
    int e = TERN_E_NO_MEMORY;
    if (g->carried.its.memory != NULL)
        e = tern_dialect_client_init(g->carried.its.memory, &config, r->world.now, &g->carried.its.node, &why);
    g->carried.pipes = (sim_pipes){ .node = g->carried.its.node, .begins = true, .id = r->lives[node] };
    sim_guests_forget(r, node);
    if (e == TERN_OK) return g;
    sim_world_fail(&r->world, "%s cannot be made: %s", r->world.nodes[node].name, why);
    guest_destroy(g);
    return NULL;
}

/* ---- what it does ---- */

void sim_guest_do(void *guest, const sim_action *a)
{
    sim_todos_add(&((sim_guest *)guest)->todo, a);
}

static void fill(const sim_guest *g, const sim_action *a, uint8_t *text)
{
    const char *name = g->carried.its.run->scenario->nodes[g->carried.its.index].name;
    uint64_t subject = sim_name_hash(tern_bytes_of(name, strlen(name)));
    uint64_t key = sim_prf_u64(&g->carried.its.run->world.prf, subject, g->person->published_n, SIM_DRAW_CONTENT);
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
    int e = tern_dialect_say(g->carried.its.node, g->carried.its.run->world.now, tern_bytes_of(text, (size_t)a->size));
    if (e == TERN_OK)
        sim_room_published(g->carried.its.run, g->carried.its.index, tern_bytes_of(text, (size_t)a->size));
    free(text);
    return e;
}

static int do_one(void *self, sim_todo *t)
{
    sim_guest *g = self;
    if (t->action->verb == SIM_DO_SAY) return do_say(g, t->action);
    tern_dialect_leave(g->carried.its.node, g->carried.its.run->world.now);
    return TERN_OK;
}

static void do_all(sim_guest *g)
{
    sim_todos_go(&g->todo, do_one, g, &g->carried.its.run->world, g->carried.its.index);
}

/* ---- what it is told ---- */

static void take_event(sim_guest *g, const tern_event *e)
{
    uint8_t text[TERN_DIALECT_TEXT_MAX + 256];
    sim_world *w = &g->carried.its.run->world;
    tern_bytes line = tern_bytes_of(text, tern_dialect_read(g->carried.its.node, (tern_buf){ text, sizeof text }));
    if (g->closed)
        sim_world_fail(w, "%s is told something after it was told CLOSED", w->nodes[g->carried.its.index].name);
    switch (e->type) {
    case TERN_EVENT_CONNECTED:
        sim_world_event(w, g->carried.its.index, "CONNECTED", 0, line);
        g->person->connected = g->person->ever.connected = true;
        break;
    case TERN_EVENT_CLOSED:
        sim_world_event(w, g->carried.its.index, "CLOSED", e->u.closed.error, line);
        g->closed = g->person->closed = g->person->ever.closed = true;
        g->person->closed_error = e->u.closed.error;
        break;
    case TERN_EVENT_MESSAGE:
        sim_world_event(w, g->carried.its.index, "MESSAGE", 0, line);
        sim_guests_heard(g->carried.its.run, g->carried.its.index, e, line);
        break;
    default: sim_world_event(w, g->carried.its.index, "PRESENCE", e->type, line); break;
    }
}

static void guest_work(void *self, tern_time now)
{
    sim_guest *g = self;
    tern_event e;
    (void)now;
    do_all(g);
    while (!g->carried.its.run->world.failed && tern_node_poll(g->carried.its.node, &e)) take_event(g, &e);
    do_all(g);
}

bool sim_guest_is_busy(const void *guest)
{
    return sim_todos_any(&((const sim_guest *)guest)->todo);
}

const sim_node_ops sim_guest_ops = { sim_carried_recv,
                                     sim_carried_send,
                                     sim_carried_next_timeout,
                                     sim_carried_on_timeout,
                                     guest_work,
                                     guest_destroy,
                                     NULL };
