/* SPDX-License-Identifier: MIT */
/* What is told begins with its number among all that its sender told; the rest follows from that (spec: scenario 5). */
#include "node/tell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 8

static uint64_t key_of(sim_run *r, uint32_t client, uint64_t number)
{
    const char *name = r->scenario->nodes[client].name;
    uint64_t subject = sim_name_hash(tern_bytes_of(name, strlen(name)));
    return sim_prf_u64(&r->world.prf, subject, UINT64_MAX - number, SIM_DRAW_CONTENT);
}

static void keep(sim_person *p, const sim_told *told)
{
    if ((p->told_n & (p->told_n - 1)) == 0)
        p->told = sim_grow(p->told, p->told_n == 0 ? 1 : 2 * p->told_n, sizeof *told);
    p->told[p->told_n++] = *told;
}

int sim_tell(sim_run *r, uint32_t client, tern_node *node, const sim_action *a)
{
    sim_person *p = &r->people[client];
    bool datagram = a->verb == SIM_DO_DATAGRAM;
    uint8_t *body = sim_grow(NULL, (size_t)a->size, 1);
    if (!p->connected) {
        free(body);
        return TERN_E_BLOCKED;
    }
    for (int i = 0; i < HEAD; i++) body[i] = (uint8_t)(p->told_n >> (8 * i));
    sim_content_fill(key_of(r, client, p->told_n), 0, (tern_buf){ body + HEAD, (size_t)a->size - HEAD });
    tern_bytes part = tern_bytes_of(body, (size_t)a->size);
    const tern_message_options options = { (uint32_t)(a->duration / TERN_MS), 3 };
    int e = datagram ? tern_peer_datagram_send(node, r->world.now, 0, part)
                     : tern_peer_message_send(node, r->world.now, 0, &options, &part, 1);
    if (e == TERN_OK) keep(p, &(sim_told){ a->size, datagram, false });
    free(body);
    return datagram && e == TERN_E_BLOCKED ? TERN_OK : e;
}

/* Why it is none that was told and has not come yet; NULL when it is. */
static const char *wrong(sim_run *r, uint32_t from, bool datagram, tern_bytes body)
{
    uint64_t number = 0;
    if (from == SIM_NONE) return "of a peer that nobody knows";
    const sim_person *p = &r->people[from];
    if (body.n < HEAD) return "that is too short";
    for (int i = 0; i < HEAD; i++) number |= (uint64_t)body.p[i] << (8 * i);
    if (number >= p->told_n || p->told[number].datagram != datagram) return "that was never told";
    if (p->told[number].came) return "a second time";
    if (p->told[number].size != body.n) return "of another size";
    if (!sim_content_is(key_of(r, from, number), 0, tern_bytes_of(body.p + HEAD, body.n - HEAD)))
        return "with other bytes";
    p->told[number].came = true;
    return NULL;
}

/*= SIM-009 */
void sim_tell_came(sim_run *r, uint32_t relay, uint32_t from, tern_node *node, const tern_event *e)
{
    bool datagram = e->type == TERN_EVENT_DATAGRAM;
    size_t n = e->u.peer_message.size;
    uint8_t *body = sim_grow(NULL, n + 1, 1);
    tern_bytes read = tern_bytes_of(body, tern_peer_message_read(node, (tern_buf){ body, n + 1 }));
    sim_world_event(&r->world, relay, datagram ? "DATAGRAM" : "PEER_MESSAGE", e->peer, read);
    const char *what = read.n == n ? wrong(r, from, datagram, read) : "of which not all can be read";
    if (what != NULL)
        sim_world_fail(&r->world, "%s is told something %s", r->scenario->nodes[relay].name, what);
    else if (datagram)
        r->people[from].datagrams++;
    else
        r->people[from].messages++;
    free(body);
}
