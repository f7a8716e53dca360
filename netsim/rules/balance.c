/* SPDX-License-Identifier: MIT */
/* What every node owes to the network: a relay sends no more than three bytes for one to an address that has not proven
 * itself (CONN-010), and counts all that it drops (CONN-024). */
#include "rules/balance.h"

#include <inttypes.h>
#include <stdlib.h>

#define PACKET_TYPE_ACK   3 /* of the registry; not under header protection */
#define PACKET_TYPE_RETRY 6

static bool is_of_type(tern_bytes datagram, uint8_t type)
{
    return datagram.n > 0 && datagram.p[0] >> 4 == type;
}

static sim_balance *balance_of(sim_run *r, uint32_t relay, const tern_addr *remote)
{
    for (sim_balance **at = &r->balances[relay].first; *at != NULL; at = &(*at)->next) {
        sim_balance *b = *at;
        if (!sim_addr_same(&b->addr, remote)) continue;
        *at = b->next; /* to the front: it will be asked for again */
        b->next = r->balances[relay].first;
        return r->balances[relay].first = b;
    }
    sim_balance *b = sim_grow(NULL, 1, sizeof *b);
    *b = (sim_balance){ .next = r->balances[relay].first, .addr = *remote };
    return r->balances[relay].first = b;
}

void sim_balance_reset(sim_run *r, uint32_t relay)
{
    while (r->balances[relay].first != NULL) {
        sim_balance *b = r->balances[relay].first;
        r->balances[relay].first = b->next;
        free(b);
    }
}

/* What the relay sends has reached its client: the next that the client sends will close a round trip. */
static void reached(sim_run *r, const sim_sight *s)
{
    uint32_t relay = sim_world_node_at(&r->world, s->remote);
    if (s->what != SIM_NOTE_DELIVERED || relay == UINT32_MAX || r->scenario->nodes[relay].role != SIM_RELAY) return;
    sim_balance *b = balance_of(r, relay, &r->world.nodes[s->node].addr);
    b->retried = b->retried || is_of_type(s->datagram, PACKET_TYPE_RETRY);
    if (b->after == 0) b->after = sim_world_link_between(&r->world, s->node, relay)->link.packets + 1;
}

/* An address proves itself at the end of the handshake; by a cookie, or one that a client has moved to, which nobody
 * but the two can see proven, not before a round trip. */
static bool proves(const sim_run *r, const sim_balance *b, const sim_sight *s)
{
    uint32_t client = sim_world_node_at(&r->world, s->remote);
    bool moved = client != UINT32_MAX && r->world.nodes[client].rebound > 0;
    bool ack = is_of_type(s->datagram, PACKET_TYPE_ACK);
    return ack || ((moved || b->retried) && b->after > 0 && s->number >= b->after);
}

/* Whoever repeats a client's packet from elsewhere may close its round trip for it. */
static void repeated(const sim_run *r, uint32_t relay)
{
    for (sim_balance *b = r->balances[relay].first; b != NULL; b = b->next) {
        uint32_t client = sim_world_node_at(&r->world, &b->addr);
        if (b->after > 0 && client != UINT32_MAX && r->world.nodes[client].rebound > 0) b->proven = true;
    }
}

/*= SIM-011 */
void sim_balance_observe(void *run, const sim_sight *s)
{
    sim_run *r = run;
    if (r->scenario->nodes[s->node].role != SIM_RELAY) {
        reached(r, s);
        return;
    }
    bool came = s->what == SIM_NOTE_DELIVERED || s->what == SIM_NOTE_REFUSED;
    if (!came && s->what != SIM_NOTE_FATE && s->what != SIM_NOTE_NO_LINK) return;
    sim_balance *b = balance_of(r, s->node, s->remote);
    if (came) {
        b->received += s->datagram.n;
        if (s->what == SIM_NOTE_DELIVERED && !b->proven) b->proven = proves(r, b, s);
        if (s->what == SIM_NOTE_DELIVERED && s->link == SIM_NO_LINK) repeated(r, s->node);
        return;
    }
    b->sent += s->datagram.n;
    if (!b->proven && b->sent > 3 * b->received)
        sim_world_fail(&r->world, "%s has sent %" PRIu64 " bytes for %" PRIu64 " to an address that is not proven",
                       r->scenario->nodes[s->node].name, b->sent, b->received);
}

void sim_check_drops(sim_run *r, uint32_t node, const tern_stats *stats)
{
    const sim_world_node *w = &r->world.nodes[node];
    for (int i = 1; i < TERN_DROP_COUNT; i++) {
        if (stats->drops[i] == w->drops[i]) continue;
        sim_world_fail(&r->world, "%s counts %" PRIu64 " drops under %s, and said so %" PRIu64 " times", w->name,
                       stats->drops[i], tern_drop_name((tern_drop)i), w->drops[i]);
    }
}
