/* SPDX-License-Identifier: MIT */
/* Datagrams that no node sent: random bytes, and real ones changed or repeated (spec: scenario 4). They reach their
 * target at once and take no number on a link, so that they move no draw of it. */
#include "run/inject.h"

#include <stdlib.h>
#include <string.h>

#define RANDOM_MAX 1400 /* bytes of a random datagram */

static void keep(sim_recent *recent, tern_bytes datagram)
{
    size_t at = recent->n++ % SIM_RECENT;
    recent->kept[at].p = sim_grow(recent->kept[at].p, datagram.n + 1, 1);
    memcpy(recent->kept[at].p, datagram.p, datagram.n);
    recent->kept[at].n = datagram.n;
}

static void observe(void *context, const sim_sight *s)
{
    sim_run *r = context;
    if (s->what == SIM_NOTE_FATE && r->recent[s->link].wanted) keep(&r->recent[s->link], s->datagram);
}

static sim_recent *recent_of(sim_run *r, uint32_t from, uint32_t to)
{
    return &r->recent[sim_world_link_between(&r->world, from, to) - r->world.links];
}

/* The link that datagrams are taken from; NULL when they are made. */
static sim_recent *source_of(sim_run *r, const sim_action *a)
{
    switch (a->inject) {
    case SIM_INJECT_MUTATED:
    case SIM_INJECT_REPLAY: return recent_of(r, a->from, a->to);
    case SIM_INJECT_ECHO: return recent_of(r, a->to, a->from);
    default: return NULL;
    }
}

void sim_inject_init(sim_run *r)
{
    r->recent = sim_grow(NULL, r->world.links_n + 1, sizeof *r->recent);
    memset(r->recent, 0, (r->world.links_n + 1) * sizeof *r->recent);
    for (uint32_t i = 0; i < r->scenario->actions_n; i++) {
        const sim_action *a = &r->scenario->actions[i];
        sim_recent *recent = a->verb == SIM_DO_INJECT ? source_of(r, a) : NULL;
        if (recent != NULL) recent->wanted = true;
    }
    sim_world_observe(&r->world, observe, r);
}

void sim_inject_free(sim_run *r)
{
    for (uint32_t i = 0; r->recent != NULL && i < r->world.links_n; i++)
        for (size_t j = 0; j < SIM_RECENT; j++) free(r->recent[i].kept[j].p);
    free(r->recent);
}

/* Flips bits, cuts off the end, or adds to it. */
static void mutate(sim_run *r, uint64_t subject, uint64_t turn, tern_buf *d)
{
    uint64_t draw = sim_prf_u64(&r->world.prf, subject, turn, SIM_DRAW_INJECT_BYTES);
    unsigned how = draw & 7;
    if (how == 0 && d->n > 1) {
        d->n = 1 + (size_t)((draw >> 8) % (d->n - 1));
    } else if (how == 1 && d->n <= RANDOM_MAX) {
        size_t more = 1 + (size_t)((draw >> 8) % 64);
        sim_content_fill(draw, 0, (tern_buf){ d->p + d->n, more });
        d->n += more;
    } else {
        unsigned flips = 1 + (draw >> 3) % 8;
        for (unsigned i = 0; i < flips; i++) {
            uint64_t bit =
                sim_prf_u64(&r->world.prf, subject, turn << 8 | i, SIM_DRAW_INJECT_PICK) % (8 * (uint64_t)d->n);
            d->p[bit / 8] = (uint8_t)(d->p[bit / 8] ^ (1u << bit % 8));
        }
    }
}

/* Makes the datagram in room, which has space for the largest one and 64 bytes; 0 when there is none to start from. */
static size_t make(sim_run *r, const sim_action *a, uint64_t turn, uint8_t *room)
{
    uint64_t subject = sim_name_hash(tern_bytes_of(a->text, strlen(a->text)));
    uint64_t draw = sim_prf_u64(&r->world.prf, subject, turn, SIM_DRAW_INJECT_SIZE);
    if (a->inject == SIM_INJECT_BYTES) {
        memcpy(room, a->bytes, (size_t)a->size);
        return (size_t)a->size;
    }
    if (a->inject == SIM_INJECT_RANDOM) {
        size_t n = (size_t)sim_between(draw, 1, RANDOM_MAX);
        sim_prf_fill(&r->world.prf, subject, turn, SIM_DRAW_INJECT_BYTES, (tern_buf){ room, n });
        return n;
    }
    const sim_recent *recent = source_of(r, a);
    size_t have = recent->n < SIM_RECENT ? (size_t)recent->n : SIM_RECENT;
    if (have == 0) return 0;
    size_t pick = (size_t)(draw % have);
    tern_buf d = { room, recent->kept[pick].n };
    memcpy(room, recent->kept[pick].p, d.n);
    if (a->inject == SIM_INJECT_MUTATED) mutate(r, subject, turn, &d);
    return d.n;
}

/*= SIM-012 */
void sim_inject_go(sim_run *r, const sim_action *a, uint64_t turn)
{
    uint8_t *room = sim_grow(NULL, 1, SIM_OUT_SIZE + 64);
    tern_addr from = r->world.nodes[a->from].addr;
    size_t n = make(r, a, turn, room);
    if (a->stranger) { /* an address at which no node lives */
        from.ip[2] = 255;
        from.ip[3] = 254;
    }
    if (n > 0 && n <= TERN_DATAGRAM_MAX) sim_world_inject(&r->world, a->to, &from, tern_bytes_of(room, n));
    r->injected += n > 0;
    free(room);
}
