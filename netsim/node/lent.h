/* SPDX-License-Identifier: MIT */
/* A node of the core in memory that it was lent: what all the simulator's nodes begin with, so that its functions stand
 * in their tables of verbs. */
#ifndef TERN_NETSIM_LENT_H
#define TERN_NETSIM_LENT_H

#include "rules/state.h"

typedef struct {
    sim_run *run;
    uint32_t index; /* in the world */
    tern_node *node;
    void *memory;
    size_t memory_size;
} sim_lent;

/* With memory of this size, if there is so much; the node is to be made in it. */
sim_lent sim_lent_of(sim_run *r, uint32_t index, size_t memory_size);

/* Verbs of sim_node_ops. */
int sim_lent_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn);
tern_batch sim_lent_send(void *self, tern_time now, tern_buf out);
tern_time sim_lent_next_timeout(const void *self);
void sim_lent_on_timeout(void *self, tern_time now);
void sim_lent_too_big(void *self, tern_time now, const tern_path *path, const tern_too_big *what);

void *sim_lent_memory(const void *self, size_t *size);
const tern_node *sim_lent_node(const void *self);

#endif
