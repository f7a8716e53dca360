/* SPDX-License-Identifier: MIT */
/* What the server and the client of an older system have in common: the dialect's node, its memory, and the stream that
 * stands between it and the world where the dialect wants one. It is the first member of both, so that its functions
 * stand in their tables of verbs. */
#ifndef TERN_NETSIM_CARRIED_H
#define TERN_NETSIM_CARRIED_H

#include "node/lent.h"
#include "node/pipe.h"

typedef struct {
    sim_lent its; /* first */
    bool stream;
    sim_pipes pipes; /* unused unless it is a stream */
} sim_carried;

/* The defaults of a node's dialect, with its seed of this life and the time. */
tern_dialect_config sim_carried_config(sim_run *r, uint32_t node);
/* With memory of this size, if there is so much. Nothing else of it is set yet. */
sim_carried sim_carried_of(sim_run *r, uint32_t node, size_t memory_size);
void sim_carried_free(sim_carried *c);

/* Verbs of sim_node_ops. */
int sim_carried_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn);
tern_batch sim_carried_send(void *self, tern_time now, tern_buf out);
tern_time sim_carried_next_timeout(const void *self);
void sim_carried_on_timeout(void *self, tern_time now);

/* NULL where datagrams are not the node's own. */
const tern_node *sim_carried_node(const void *self);

#endif
