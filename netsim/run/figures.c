/* SPDX-License-Identifier: MIT */
/* Figures are counted where things happen; here they are put together, in integers. */
#include "run/figures.h"

#include "node/client.h"
#include "node/relay.h"

uint64_t sim_goodput_bps(const sim_goodput *g)
{
    tern_time took = g->last > g->first ? g->last - g->first : 0;
    return took < TERN_MS ? 0 : g->bytes * 8 * 1000 / (took / TERN_MS);
}

sim_flow sim_flow_of(const sim_run *r, uint32_t client, bool up)
{
    const sim_world_node *from = &r->world.nodes[up ? client : r->scenario->nodes[client].relay];
    sim_flow f = { .goodput = up ? &r->people[client].up : &r->people[client].down };
    tern_peer peer = 0;
    f.connected = from->self != NULL && (up || sim_relay_peer(from->self, client, &peer));
    if (!f.connected) return f;
    const tern_node *node = sim_lent_node(from->self);
    f.connected = tern_peer_get_info(node, peer, &f.info);
    return f;
}

uint64_t sim_utilisation_ppm(const sim_run *r, const sim_bottleneck *b)
{
    tern_time now = r->world.now, ahead = b->busy_until > now ? b->busy_until - now : 0;
    return now < TERN_MS ? 0 : (b->sending - ahead) / (now / 1000000);
}
