/* SPDX-License-Identifier: MIT */
/* A dialect's server whose clients are guests of a relay's room: the relay's own, at an address of its own (spec:
 * scenario 3). It comes and goes with its relay. */
#ifndef TERN_NETSIM_GATE_H
#define TERN_NETSIM_GATE_H

#include "rules/state.h"

extern const sim_node_ops sim_gate_ops;
void *sim_gate_new(sim_run *r, uint32_t node); /* NULL: the world has failed */
uint16_t sim_gate_port(tern_dialect dialect);
/* A node has its turn again at this instant, for another has told it something. */
void sim_wake(sim_run *r, uint32_t node);

#endif
