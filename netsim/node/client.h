/* SPDX-License-Identifier: MIT */
/* A client and the application above it. */
#ifndef TERN_NETSIM_CLIENT_H
#define TERN_NETSIM_CLIENT_H

#include "node/lent.h"

extern const sim_node_ops sim_client_ops;
void *sim_client_new(sim_run *r, uint32_t node); /* NULL: the world has failed */
void sim_client_do(void *client, const sim_action *a);
void sim_client_close(void *client, tern_time now);
bool sim_client_is_busy(const void *client); /* has something to do that is not done */

#endif
