/* SPDX-License-Identifier: MIT */
#include "node/lent.h"

sim_lent sim_lent_of(sim_run *r, uint32_t index, size_t memory_size)
{
    return (sim_lent){ .run = r, .index = index, .memory = sim_lend(memory_size), .memory_size = memory_size };
}

int sim_lent_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    return tern_node_recv(((sim_lent *)self)->node, now, path, datagram, ecn);
}

tern_batch sim_lent_send(void *self, tern_time now, tern_buf out)
{
    return tern_node_send(((sim_lent *)self)->node, now, out);
}

tern_time sim_lent_next_timeout(const void *self)
{
    return tern_node_next_timeout(((const sim_lent *)self)->node);
}

void sim_lent_on_timeout(void *self, tern_time now)
{
    tern_node_on_timeout(((sim_lent *)self)->node, now);
}

void sim_lent_too_big(void *self, tern_time now, const tern_path *path, const tern_too_big *what)
{
    tern_node_too_big(((sim_lent *)self)->node, now, path, what);
}

void *sim_lent_memory(const void *self, size_t *size)
{
    const sim_lent *l = self;
    *size = l->memory_size;
    return l->memory;
}

const tern_node *sim_lent_node(const void *self)
{
    return ((const sim_lent *)self)->node;
}
