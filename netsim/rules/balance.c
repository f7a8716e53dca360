/* SPDX-License-Identifier: MIT */
/* What every node owes to the network: a relay sends no more than three bytes for one to an address that has not proven
 * itself (CONN-010), and counts all that it drops (CONN-024). */
#include "rules/balance.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_TYPE_ACK   3 /* of the registry; not under header protection */
#define PACKET_TYPE_RETRY 6

static bool is_of_type(tern_bytes datagram, uint8_t type)
{
    return datagram.n > 0 && datagram.p[0] >> 4 == type;
}

/* Where an address stands, or would. */
static sim_balance *place_of(const sim_balances *all, const tern_addr *remote)
{
    uint64_t half[2];
    _Static_assert(sizeof half == sizeof remote->ip, "an address is two words");
    memcpy(half, remote->ip, sizeof half);
    uint64_t hash = tern_checksum_word(tern_checksum_word(remote->port, half[0]), half[1]);
    for (size_t at = (size_t)(hash >> 32);; at++) {
        sim_balance *b = &all->places[at & (all->size - 1)];
        if (!b->used || sim_addr_same(&b->addr, remote)) return b;
    }
}

static void widen(sim_balances *all)
{
    sim_balances wider = { .size = all->size == 0 ? 16 : 2 * all->size, .n = all->n };
    wider.places = sim_grow(NULL, wider.size, sizeof *wider.places);
    memset(wider.places, 0, wider.size * sizeof *wider.places);
    for (size_t i = 0; i < all->size; i++)
        if (all->places[i].used) *place_of(&wider, &all->places[i].addr) = all->places[i];
    free(all->places);
    *all = wider;
}

static sim_balance *balance_of(sim_run *r, uint32_t relay, const tern_addr *remote)
{
    sim_balances *all = &r->balances[relay];
    if (2 * all->n >= all->size) widen(all);
    sim_balance *b = place_of(all, remote);
    if (b->used) return b;
    *b = (sim_balance){ .used = true, .addr = *remote };
    all->n++;
    return b;
}

void sim_balance_reset(sim_run *r, uint32_t relay)
{
    free(r->balances[relay].places);
    r->balances[relay] = (sim_balances){ 0 };
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
    const sim_balances *all = &r->balances[relay];
    for (size_t i = 0; i < all->size; i++) {
        sim_balance *b = &all->places[i];
        uint32_t client = b->used ? sim_world_node_at(&r->world, &b->addr) : UINT32_MAX;
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
