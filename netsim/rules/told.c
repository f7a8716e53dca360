/* SPDX-License-Identifier: MIT */
/* What is told begins with its number among all that its sender told; the rest follows from that. */
#include "rules/told.h"

#include "world/queue.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NO_NUMBER UINT64_MAX

static uint64_t key_of(const sim_run *r, uint32_t client, uint64_t number)
{
    const char *name = r->scenario->nodes[client].name;
    uint64_t subject = sim_name_hash(tern_bytes_of(name, strlen(name)));
    return sim_prf_u64(&r->world.prf, subject, UINT64_MAX - number, SIM_DRAW_CONTENT);
}

void sim_told_fill(const sim_run *r, uint32_t client, tern_buf body)
{
    uint64_t number = r->people[client].told_n;
    for (int i = 0; i < SIM_TOLD_HEAD; i++) body.p[i] = (uint8_t)(number >> (8 * i));
    sim_content_fill(key_of(r, client, number), 0, (tern_buf){ body.p + SIM_TOLD_HEAD, body.n - SIM_TOLD_HEAD });
}

static uint64_t number_in(tern_bytes body)
{
    uint64_t number = 0;
    for (int i = 0; i < SIM_TOLD_HEAD; i++) number |= (uint64_t)body.p[i] << (8 * i);
    return number;
}

void sim_told_keep(sim_run *r, uint32_t client, uint64_t size, bool datagram, tern_time deadline)
{
    sim_person *p = &r->people[client];
    uint32_t relay = r->scenario->nodes[client].relay;
    if ((p->told_n & (p->told_n - 1)) == 0)
        p->told = sim_grow(p->told, p->told_n == 0 ? 1 : 2 * p->told_n, sizeof *p->told);
    p->told[p->told_n++] = (sim_told){ size, deadline, r->lives[client], r->lives[relay], datagram, false };
}

/* Why it is none that was told and has not come yet; NULL when it is. */
static const char *wrong(sim_run *r, uint32_t from, bool datagram, tern_bytes body)
{
    if (from == SIM_NONE) return "of a peer that nobody knows";
    const sim_person *p = &r->people[from];
    if (body.n < SIM_TOLD_HEAD) return "that is too short";
    uint64_t number = number_in(body);
    if (number >= p->told_n || p->told[number].datagram != datagram) return "that was never told";
    if (p->told[number].came) return "a second time";
    if (p->told[number].size != body.n) return "of another size";
    if (!sim_content_is(key_of(r, from, number), 0, tern_bytes_of(body.p + SIM_TOLD_HEAD, body.n - SIM_TOLD_HEAD)))
        return "with other bytes";
    p->told[number].came = true;
    return NULL;
}

/*= SIM-009 */
void sim_told_came(sim_run *r, uint32_t relay, uint32_t from, bool datagram, tern_bytes body)
{
    const char *what = wrong(r, from, datagram, body);
    if (what != NULL)
        sim_world_fail(&r->world, "%s is told something %s", r->scenario->nodes[relay].name, what);
    else if (datagram)
        r->people[from].datagrams++;
    else
        r->people[from].messages++;
}

/* What was told in a life of either that is over may have gone with it. */
/*= SIM-023 */
void sim_told_converge(sim_run *r, uint32_t client)
{
    const sim_person *p = &r->people[client];
    uint32_t relay = r->scenario->nodes[client].relay;
    for (size_t i = 0; i < p->told_n && !r->world.failed; i++) {
        const sim_told *t = &p->told[i];
        if (t->datagram || t->came || t->deadline != TERN_TIME_NEVER) continue;
        if (t->life != r->lives[client] || t->life_of_relay != r->lives[relay]) continue;
        sim_world_fail(&r->world, "the network has healed, but %s has not got message %zu of those that %s told it",
                       r->scenario->nodes[relay].name, i, r->scenario->nodes[client].name);
    }
}

/* ---- deadlines ---- */

static void learn_number(sim_told_ids *ids, uint64_t id, uint64_t number)
{
    while (ids->n <= id) {
        if ((ids->n & (ids->n - 1)) == 0)
            ids->number = sim_grow(ids->number, ids->n == 0 ? 1 : 2 * ids->n, sizeof *ids->number);
        ids->number[ids->n++] = NO_NUMBER;
    }
    ids->number[id] = number;
}

/* Ids count from 0 in the order of first sending, and what the core refuses has none: they are no more than what was
 * told. */
/*= SIM-045 */
void sim_told_check(sim_run *r, uint32_t client, const sim_opened *o, sim_told_ids *ids)
{
    const sim_person *p = &r->people[client];
    for (size_t i = 0; i < o->frames_n; i++) {
        tern_frame_message m;
        if (o->frames[i].type != TERN_F_MESSAGE || tern_frame_parse_message(o->frames[i].value, &m) != TERN_OK)
            continue;
        if (m.id >= p->told_n) continue;
        if (m.offset == 0 && m.bytes.n >= SIM_TOLD_HEAD) learn_number(ids, m.id, number_in(m.bytes));
        uint64_t number = m.id < ids->n ? ids->number[m.id] : NO_NUMBER;
        if (number >= p->told_n || r->world.now <= p->told[number].deadline) continue;
        sim_world_fail(&r->world, "%s sends of message %" PRIu64 ", whose deadline passed at %s s",
                       r->world.nodes[client].name, number, sim_time_print(p->told[number].deadline).text);
        return;
    }
}

void sim_told_free(sim_told_ids *ids)
{
    free(ids->number);
}
