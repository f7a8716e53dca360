/* SPDX-License-Identifier: MIT */
/* What every node owes to the network: a relay sends no more than three bytes for one to an address that has not proven
 * itself (CONN-010), and counts all that it drops (CONN-024). */
#include "balance.h"

#include <inttypes.h>

#define PACKET_TYPE_ACK 3 /* of the registry; not under header protection */

static sim_balance *balance_of(sim_run *r, uint32_t relay, const tern_addr *remote)
{
    uint32_t other = sim_world_node_at(&r->world, remote), n = r->scenario->nodes_n;
    return &r->balances[(size_t)relay * (n + 1) + (other == UINT32_MAX ? n : other)];
}

void sim_balance_reset(sim_run *r, uint32_t relay)
{
    size_t n = r->scenario->nodes_n + 1;
    for (size_t i = 0; i < n; i++) r->balances[relay * n + i] = (sim_balance){ 0 };
}

/*= SIM-011 */
void sim_balance_observe(void *run, const sim_sight *s)
{
    sim_run *r = run;
    if (r->scenario->nodes[s->node].role != SIM_RELAY || s->what == SIM_NOTE_NO_NODE) return;
    sim_balance *b = balance_of(r, s->node, s->remote);
    if (s->what == SIM_NOTE_DELIVERED || s->what == SIM_NOTE_REFUSED) {
        b->received += s->datagram.n;
        if (s->what == SIM_NOTE_DELIVERED && s->datagram.n > 0 && s->datagram.p[0] >> 4 == PACKET_TYPE_ACK)
            b->proven = true;
        return;
    }
    b->sent += s->datagram.n;
    if (!b->proven && b->sent > 3 * b->received)
        sim_world_fail(&r->world, "%s has sent %" PRIu64 " bytes for %" PRIu64 " to an address that is not proven",
                       r->scenario->nodes[s->node].name, b->sent, b->received);
}

void sim_check_drops(sim_run *r, uint32_t node, const tern_node *n)
{
    const sim_world_node *w = &r->world.nodes[node];
    tern_stats stats;
    tern_node_stats(n, &stats);
    for (int i = 1; i < TERN_DROP_COUNT; i++) {
        if (stats.drops[i] == w->drops[i]) continue;
        sim_world_fail(&r->world, "%s counts %" PRIu64 " drops under %s, and said so %" PRIu64 " times", w->name,
                       stats.drops[i], tern_drop_name((tern_drop)i), w->drops[i]);
    }
}
