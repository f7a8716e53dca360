/* SPDX-License-Identifier: MIT */
/* A client and the application above it: does what the scenario says, as soon as the core takes it, and hands what the
 * core tells it to the checkers. */
#include "node/client.h"

#include "node/flow.h"
#include "node/lent.h"
#include "node/tell.h"
#include "node/todo.h"
#include "node/transfer.h"
#include "node/tune.h"
#include "rules/audit.h"
#include "rules/guests.h"
#include "rules/rooms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    sim_lent its; /* first */
    sim_person *person;
    bool closed, asked; /* asked: to join, and not answered yet */
    sim_todos todo;
    uint8_t *body;
    size_t body_cap;
    sim_transfers transfers;
} sim_client;

static void client_destroy(void *self)
{
    sim_client *c = self;
    sim_todos_free(&c->todo);
    sim_transfers_free(&c->transfers);
    free(c->body);
    free(c->its.memory);
    free(c);
}

static tern_client_config config_of(sim_run *r, uint32_t node)
{
    const sim_node_spec *n = &r->scenario->nodes[node];
    uint64_t subject = sim_name_hash(tern_bytes_of(n->name, strlen(n->name)));
    tern_client_config config;
    tern_client_config_default(&config);
    sim_prf_fill(&r->world.prf, subject, r->lives[node], SIM_DRAW_NODE_SEED,
                 (tern_buf){ config.seed, sizeof config.seed });
    config.path = (tern_path){ r->world.nodes[node].addr, r->world.nodes[n->relay].addr };
    config.trust.proof = n->trust == SIM_TRUST_FIRST_USE ? TERN_PROOF_FIRST_USE : TERN_PROOF_PIN;
    memcpy(config.trust.pin, r->keys[n->relay].fingerprint, sizeof config.trust.pin);
    if (n->trust == SIM_TRUST_WRONG_PIN) config.trust.pin[0] ^= 1;
    config.unix_seconds_at_0 = SIM_UNIX_AT_0;
    config.plaintext = n->plaintext;
    config.key_log = true;
    if (n->tickets) {
        config.ticket = tern_bytes_of(r->people[node].ticket, r->people[node].ticket_n);
        config.early = true;
    }
    sim_tune(&config.transport, n);
    return config;
}

void *sim_client_new(sim_run *r, uint32_t node)
{
    tern_client_config config = config_of(r, node);
    sim_client *c = sim_grow(NULL, 1, sizeof *c);
    *c = (sim_client){ .its = sim_lent_of(r, node, tern_client_footprint(&config)), .person = &r->people[node] };
    int e = TERN_E_NO_MEMORY;
    if (c->its.memory != NULL) e = tern_client_init(c->its.memory, &config, r->world.now, &c->its.node);
    c->person->ticket_n = 0; /* each is for one connection */
    c->transfers = (sim_transfers){ r, node, c->its.node, NULL };
    if (e == TERN_OK) return c;
    sim_world_fail(&r->world, "%s cannot be made: %s", r->world.nodes[node].name, tern_error_text((tern_error)e));
    client_destroy(c);
    return NULL;
}

/* ---- what it does ---- */

void sim_client_do(void *client, const sim_action *a)
{
    sim_client *c = client;
    sim_todos_add(&c->todo, a);
    if (a->verb == SIM_DO_STREAM || a->verb == SIM_DO_PUT || a->verb == SIM_DO_GET || a->verb == SIM_DO_FETCH) {
        bool up = a->verb == SIM_DO_STREAM || a->verb == SIM_DO_PUT;
        sim_goodput *g = up ? &c->person->up : &c->person->down;
        if (!g->any) *g = (sim_goodput){ .first = c->its.run->world.now, .any = true };
    }
}

void sim_client_close(void *client, tern_time now)
{
    sim_client *c = client;
    tern_peer_close(c->its.node, now, 0, TERN_OK, "the scenario says so");
}

static int do_join(sim_client *c, const sim_action *a)
{
    if (c->asked) return TERN_E_BLOCKED; /* JOINED names no room: only one can be meant */
    const char *nick = a->nick != NULL ? a->nick : c->its.run->scenario->nodes[c->its.index].nick;
    int e = tern_client_join(c->its.node, a->name, nick);
    if (e != TERN_OK) return e;
    sim_room_called(c->its.run, c->its.index, nick);
    c->person->room = a->name;
    c->asked = true;
    return e;
}

static int do_say(sim_client *c, sim_todo *t)
{
    const sim_action *a = t->action;
    const size_t n = (size_t)a->size;
    if (t->body == NULL) {
        const char *name = c->its.run->scenario->nodes[c->its.index].name;
        uint64_t subject = sim_name_hash(tern_bytes_of(name, strlen(name)));
        t->body = sim_grow(NULL, n + 1, 1);
        if (a->name != NULL)
            memcpy(t->body, a->name, n);
        else
            sim_content_fill(sim_prf_u64(&c->its.run->world.prf, subject, c->person->published_n, SIM_DRAW_CONTENT), 0,
                             (tern_buf){ t->body, n });
        if (a->name == NULL && c->its.run->guests) sim_guests_letters((tern_buf){ t->body, n });
    }
    int e = tern_client_publish(c->its.node, tern_bytes_of(t->body, n));
    if (e == TERN_OK) sim_room_published(c->its.run, c->its.index, tern_bytes_of(t->body, n));
    return e;
}

static int do_leave(sim_client *c)
{
    int e = tern_client_leave(c->its.node);
    if (e == TERN_OK) c->person->leaving = true;
    return e;
}

static int do_one(void *self, sim_todo *t)
{
    sim_client *c = self;
    switch (t->action->verb) {
    case SIM_DO_JOIN: return do_join(c, t->action);
    case SIM_DO_SAY: return do_say(c, t);
    case SIM_DO_LEAVE: return do_leave(c);
    case SIM_DO_TELL:
    case SIM_DO_DATAGRAM: return sim_tell(c->its.run, c->its.index, c->its.node, t->action);
    default: return sim_transfer_begin(&c->transfers, t->action);
    }
}

static void do_all(sim_client *c)
{
    sim_todos_go(&c->todo, do_one, c, &c->its.run->world, c->its.index);
}

/* ---- what it is told ---- */

static tern_bytes read_body(sim_client *c, const tern_event *e)
{
    size_t want = (size_t)e->u.message.size + 1, n = 0, got; /* one more, to see that there is none */
    if (want > c->body_cap) {
        c->body = sim_grow(c->body, want, 1);
        c->body_cap = want;
    }
    while ((got = tern_client_read(c->its.node, (tern_buf){ c->body + n, want - n })) > 0) n += got;
    return tern_bytes_of(c->body, n);
}

static void on_connected(sim_client *c, const tern_event *e)
{
    sim_person *p = c->person;
    p->connected = p->ever.connected = true;
    p->resumed = e->u.connected.resumed;
    p->early = e->u.connected.early;
    p->ever.resumed = p->ever.resumed || p->resumed;
    p->ever.early = p->ever.early || p->early;
}

/*= SIM-038 */
static void on_ticket(sim_client *c, const tern_event *e)
{
    if (!c->its.run->scenario->nodes[c->its.index].tickets) return;
    c->person->ticket_n = e->u.ticket.n;
    memcpy(c->person->ticket, e->u.ticket.bytes, e->u.ticket.n);
}

static void on_closed(sim_client *c, const tern_event *e)
{
    c->closed = true;
    c->person->closed = c->person->ever.closed = true;
    c->person->closed_error = e->u.closed.error;
    sim_room_over(c->its.run, c->its.index);
}

static void on_refused(sim_client *c, const tern_event *e)
{
    if (e->u.refused.code != TERN_REFUSED_NOT_A_MEMBER) c->asked = false; /* that one answers a message */
    c->person->refused = c->person->ever.refused = true;
    c->person->refused_code = e->u.refused.code;
}

static void on_stream(sim_client *c, const tern_event *e)
{
    sim_transfer_event(&c->transfers, e->u.stream.id,
                       e->type == TERN_EVENT_STREAM_RESET || e->type == TERN_EVENT_STREAM_STOPPED);
}

/* What of an event goes into the digest. */
static void note(sim_client *c, const tern_event *e, tern_bytes body)
{
    static const char *const names[] = {
        [TERN_EVENT_CONNECTED] = "CONNECTED", [TERN_EVENT_CLOSED] = "CLOSED",   [TERN_EVENT_JOINED] = "JOINED",
        [TERN_EVENT_REFUSED] = "REFUSED",     [TERN_EVENT_PRESENT] = "PRESENT", [TERN_EVENT_ARRIVED] = "ARRIVED",
        [TERN_EVENT_LEFT] = "LEFT",           [TERN_EVENT_MESSAGE] = "MESSAGE", [TERN_EVENT_MISSED] = "MISSED"
    };
    if (e->type > TERN_EVENT_STREAM_STOPPED) {
        sim_world_event(&c->its.run->world, c->its.index, "PEER", e->type, body);
        return;
    }
    if (e->type >= TERN_EVENT_STREAM_OPENED) {
        sim_note_stream(&c->its.run->world, c->its.index, e);
        return;
    }
    uint64_t number = 0;
    switch (e->type) {
    case TERN_EVENT_CLOSED: number = e->u.closed.error; break;
    case TERN_EVENT_JOINED: number = e->u.joined.next; break;
    case TERN_EVENT_REFUSED: number = e->u.refused.code; break;
    case TERN_EVENT_PRESENT: number = e->u.presence.who.id; break;
    case TERN_EVENT_ARRIVED:
    case TERN_EVENT_LEFT: number = e->u.presence.number; break;
    case TERN_EVENT_MESSAGE: number = e->u.message.number; break;
    case TERN_EVENT_MISSED: number = e->u.missed.last; break;
    default: break;
    }
    sim_world_event(&c->its.run->world, c->its.index, names[e->type], number, body);
}

static void tell_secret(sim_client *c, const tern_event *e)
{
    if (strcmp(e->u.secret.label, "CLIENT_EARLY_TRAFFIC_SECRET") != 0) return;
    sim_audit_secret(c->its.run, e);
    if (c->its.run->on_secret != NULL) c->its.run->on_secret(c->its.run->on_secret_context, e);
}

/*= SIM-009 */
static void take_event(sim_client *c, const tern_event *e)
{
    tern_bytes body = { (const uint8_t *)"", 0 };
    if (c->closed) {
        sim_world_fail(&c->its.run->world, "%s is told something after it was told CLOSED",
                       c->its.run->scenario->nodes[c->its.index].name);
        return;
    }
    if (e->type == TERN_EVENT_SECRET) {
        tell_secret(c, e);
        return;
    }
    if (e->type == TERN_EVENT_MESSAGE) body = read_body(c, e);
    note(c, e, body);
    switch (e->type) {
    case TERN_EVENT_CONNECTED: on_connected(c, e); break;
    case TERN_EVENT_CLOSED: on_closed(c, e); break;
    case TERN_EVENT_JOINED:
        c->asked = false;
        sim_room_joined(c->its.run, c->its.index, e);
        break;
    case TERN_EVENT_REFUSED: on_refused(c, e); break;
    case TERN_EVENT_TICKET: on_ticket(c, e); break;
    case TERN_EVENT_PRESENT:
    case TERN_EVENT_ARRIVED:
    case TERN_EVENT_LEFT: sim_room_presence(c->its.run, c->its.index, e); break;
    case TERN_EVENT_MESSAGE: sim_room_message(c->its.run, c->its.index, e, body); break;
    case TERN_EVENT_MISSED: sim_room_missed(c->its.run, c->its.index, e); break;
    case TERN_EVENT_PEER_MESSAGE:
    case TERN_EVENT_DATAGRAM:
    case TERN_EVENT_PEER_WRITABLE: break; /* what was blocked is tried again anyway */
    default: on_stream(c, e); break;
    }
}

/* ---- behind the verbs ---- */

static void client_work(void *self, tern_time now)
{
    sim_client *c = self;
    tern_event e;
    (void)now;
    do_all(c);
    while (!c->its.run->world.failed && tern_node_poll(c->its.node, &e)) take_event(c, &e);
    do_all(c);
    sim_transfers_go(&c->transfers);
}

bool sim_client_is_busy(const void *client)
{
    const sim_client *c = client;
    return sim_todos_any(&c->todo) || c->transfers.first != NULL;
}

const sim_node_ops sim_client_ops = { sim_lent_recv, sim_lent_send,  sim_lent_next_timeout, sim_lent_on_timeout,
                                      client_work,   client_destroy, sim_lent_too_big };
