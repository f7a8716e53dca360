/* SPDX-License-Identifier: MIT */
/* Messages that wait for no other, and datagrams, from a client to its relay: between their bytes and the
 * core. What is told and what came is judged by rules/told.h. */
#ifndef TERN_NETSIM_TELL_H
#define TERN_NETSIM_TELL_H

#include "rules/state.h"

/* As tern_peer_message_send. A datagram that the core does not take is dropped, and that is all right. */
int sim_tell(sim_run *r, uint32_t client, tern_node *node, const sim_action *a);
/* The relay is told of one; from: the client that it must be of, or SIM_NONE. */
void sim_tell_came(sim_run *r, uint32_t relay, uint32_t from, tern_node *node, const tern_event *e);

#endif
