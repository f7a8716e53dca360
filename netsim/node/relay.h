/* SPDX-License-Identifier: MIT */
/* A relay and the application above it. */
#ifndef TERN_NETSIM_RELAY_H
#define TERN_NETSIM_RELAY_H

#include "node/lent.h"

extern const sim_node_ops sim_relay_ops;
void *sim_relay_new(sim_run *r, uint32_t node); /* NULL: the world has failed */
void sim_relay_shut(void *relay, tern_time now);
tern_node *sim_relay_of(void *relay);
/* The connection of a client; false when it has none. */
bool sim_relay_peer(const void *relay, uint32_t client, tern_peer *peer);

#endif
