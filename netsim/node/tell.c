/* SPDX-License-Identifier: MIT */
#include "node/tell.h"

#include "rules/told.h"

#include <stdlib.h>

int sim_tell(sim_run *r, uint32_t client, tern_node *node, const sim_action *a)
{
    bool datagram = a->verb == SIM_DO_DATAGRAM;
    if (!r->people[client].connected) return TERN_E_BLOCKED;
    tern_buf body = { sim_grow(NULL, (size_t)a->size, 1), (size_t)a->size };
    sim_told_fill(r, client, body);
    tern_bytes part = tern_bytes_of(body.p, body.n);
    const tern_message_options options = { (uint32_t)(a->duration / TERN_MS), 3 };
    int e = datagram ? tern_peer_datagram_send(node, r->world.now, 0, part)
                     : tern_peer_message_send(node, r->world.now, 0, &options, &part, 1);
    tern_time deadline = a->duration == 0 ? TERN_TIME_NEVER : r->world.now + a->duration;
    if (e == TERN_OK) sim_told_keep(r, client, a->size, datagram, deadline);
    free(body.p);
    return datagram && e == TERN_E_BLOCKED ? TERN_OK : e;
}

void sim_tell_came(sim_run *r, uint32_t relay, uint32_t from, tern_node *node, const tern_event *e)
{
    bool datagram = e->type == TERN_EVENT_DATAGRAM;
    size_t n = e->u.peer_message.size;
    uint8_t *body = sim_grow(NULL, n + 1, 1);
    tern_bytes read = tern_bytes_of(body, tern_peer_message_read(node, (tern_buf){ body, n + 1 }));
    sim_world_event(&r->world, relay, datagram ? "DATAGRAM" : "PEER_MESSAGE", e->peer, read);
    if (read.n == n)
        sim_told_came(r, relay, from, datagram, read);
    else
        sim_world_fail(&r->world, "%s is told something of which not all can be read", r->scenario->nodes[relay].name);
    free(body);
}
