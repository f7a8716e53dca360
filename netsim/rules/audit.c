/* SPDX-License-Identifier: MIT */
/* Packets are opened with the secrets that nodes tell, as the views do it; each of the rules has a file of its own. */
#include "rules/audit.h"

#include "rules/nonces.h"
#include "rules/notices.h"
#include "rules/promises.h"
#include "rules/told.h"
#include "rules/window.h"
#include "world/queue.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    sim_numbers numbers;
    sim_window window;
    sim_promises promises;
    sim_told_ids told;
} side;

typedef struct {
    sim_ends ends;
    side side[2]; /* the relay's, the client's */
} connection;

struct sim_audit {
    sim_lens *lens;
    uint64_t datagrams, bytes; /* that were opened */
    connection *connections;
    size_t n;
    sim_notices *of_link;
    sim_notice injected; /* of the one that is being handed over, if facts_n > 0 */
    sim_secrets secrets;
};

void sim_audit_begin(sim_run *r)
{
    size_t links = (size_t)r->world.links_n + 1;
    sim_audit *a = sim_grow(NULL, 1, sizeof *a);
    *a = (sim_audit){ .lens = sim_lens_new(), .of_link = sim_grow(NULL, links, sizeof *a->of_link) };
    memset(a->of_link, 0, links * sizeof *a->of_link);
    r->audit = a;
}

void sim_audit_free(sim_run *r)
{
    sim_audit *a = r->audit;
    if (a == NULL) return;
    for (uint32_t i = 0; i < r->world.links_n; i++) sim_notices_free(&a->of_link[i]);
    for (size_t i = 0; i < 2 * a->n; i++) {
        side *s = &a->connections[i / 2].side[i % 2];
        sim_numbers_free(&s->numbers);
        sim_window_free(&s->window);
        sim_promises_free(&s->promises);
        sim_told_free(&s->told);
    }
    sim_secrets_free(&a->secrets);
    free(a->injected.facts);
    sim_lens_free(a->lens);
    free(a->connections);
    free(a->of_link);
    free(a);
    r->audit = NULL;
}

void sim_audit_secret(sim_run *r, const tern_event *secret)
{
    sim_lens_secret(r->audit->lens, secret);
    sim_secrets_check(r, &r->audit->secrets, secret);
}

static connection *connection_of(sim_run *r, const sim_sight *s, const sim_opened *o)
{
    sim_audit *a = r->audit;
    while (a->n <= o->index) {
        a->connections = sim_grow(a->connections, a->n + 1, sizeof *a->connections);
        connection *c = &a->connections[a->n++];
        memset(c, 0, sizeof *c);
        c->ends = (sim_ends){ s->node, sim_world_node_ever_at(&r->world, s->remote) };
        for (int i = 0; i < 2; i++) sim_promises_init(&c->side[i].promises);
    }
    return &a->connections[o->index];
}

static bool is_numbered(tern_packet_type type)
{
    return type >= TERN_PACKET_SYN && type <= TERN_PACKET_DATA;
}

static void sent(sim_run *r, const sim_sight *s)
{
    sim_opened o;
    if (!sim_lens_look(r->audit->lens, s->datagram, &o) || o.connection == NULL) return;
    connection *c = connection_of(r, s, &o);
    if (c->ends.relay == UINT32_MAX || !o.open || !is_numbered(o.header.type)) return;
    side *own = &c->side[o.to_relay];
    sim_numbers_check(r, s, &o, &own->numbers);
    sim_window_check(r, s, &o, &c->ends, &own->window);
    sim_promises_check(r, s, &o, &own->promises);
    if (o.to_relay) sim_told_check(r, c->ends.client, &o, &own->told);
    sim_notices_send(&r->audit->of_link[s->link], s, &o);
}

static void hear(void *audit, const sim_notice *n)
{
    sim_audit *a = audit;
    side *own = &a->connections[n->connection].side[!n->to_relay];
    for (size_t i = 0; i < n->facts_n; i++) {
        if (n->facts[i].type == TERN_F_ACK)
            sim_window_acknowledge(&own->window, n->facts[i].value);
        else
            sim_promises_hear(&own->promises, &n->facts[i]);
    }
}

/* One that was sent before, and comes past its link: what it says is heard earlier, or once more. */
static void inject(sim_audit *a, const sim_sight *s)
{
    sim_opened o;
    a->injected.facts_n = 0;
    if (!sim_lens_look(a->lens, s->datagram, &o) || !o.open || o.index >= a->n) return;
    a->injected.connection = o.index;
    a->injected.to_relay = o.to_relay;
    sim_notice_read(&a->injected, &o);
}

void sim_audit_observe(void *run, const sim_sight *s)
{
    sim_run *r = run;
    sim_audit *a = r->audit;
    bool enough = a->datagrams >= SIM_AUDIT_DATAGRAMS || a->bytes >= SIM_AUDIT_BYTES;
    if (enough && !r->audit_all) return; /* with what arrives unseen nothing more can be judged */
    if (s->what == SIM_NOTE_FATE) {
        a->datagrams++;
        a->bytes += s->datagram.n;
        sent(r, s);
    } else if (s->what == SIM_NOTE_INJECTED) {
        inject(a, s);
    } else if (s->link != SIM_NO_LINK && s->what != SIM_NOTE_MARKED) {
        sim_notices_settle(&a->of_link[s->link], s, hear, a);
    } else if (sim_notice_told(s)) {
        hear(a, &a->injected);
    }
}
