/* SPDX-License-Identifier: MIT */
/* The world on one side, a dialect's node on the other, and a stream in between or not (see carried.h). */
#include "node/carried.h"

#include <stdlib.h>
#include <string.h>

tern_dialect_config sim_carried_config(sim_run *r, uint32_t node)
{
    const sim_node_spec *n = &r->scenario->nodes[node];
    tern_dialect_config config;
    tern_dialect_config_default(&config, n->dialect);
    sim_prf_fill(&r->world.prf, sim_name_hash(tern_bytes_of(n->name, strlen(n->name))), r->lives[node],
                 SIM_DRAW_NODE_SEED, (tern_buf){ config.seed, sizeof config.seed });
    config.unix_seconds_at_0 = SIM_UNIX_AT_0;
    return config;
}

sim_carried sim_carried_of(sim_run *r, uint32_t node, size_t memory_size)
{
    const tern_dialect_facts *facts = sim_dialect_facts(r->scenario->nodes[node].dialect);
    return (sim_carried){ .its = sim_lent_of(r, node, memory_size), .stream = facts->carrier == TERN_CARRIER_TCP };
}

void sim_carried_free(sim_carried *c)
{
    sim_pipes_free(&c->pipes);
    free(c->its.memory);
}

int sim_carried_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    sim_carried *c = self;
    if (!c->stream) return sim_lent_recv(self, now, path, datagram, ecn);
    sim_pipes_recv(&c->pipes, now, path, tern_bytes_of(datagram.p, datagram.n));
    return TERN_DROP_NONE;
}

tern_batch sim_carried_send(void *self, tern_time now, tern_buf out)
{
    sim_carried *c = self;
    return c->stream ? sim_pipes_send(&c->pipes, now, out) : sim_lent_send(self, now, out);
}

tern_time sim_carried_next_timeout(const void *self)
{
    const sim_carried *c = self;
    return c->stream ? sim_pipes_next_timeout(&c->pipes) : sim_lent_next_timeout(self);
}

void sim_carried_on_timeout(void *self, tern_time now)
{
    sim_carried *c = self;
    if (c->stream)
        sim_pipes_on_timeout(&c->pipes, now);
    else
        sim_lent_on_timeout(self, now);
}

const tern_node *sim_carried_node(const void *self)
{
    const sim_carried *c = self;
    return c->stream ? NULL : c->its.node;
}
