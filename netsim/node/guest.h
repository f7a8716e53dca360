/* SPDX-License-Identifier: MIT */
/* A client of an older system, and the application above it (spec: scenario 3). */
#ifndef TERN_NETSIM_GUEST_H
#define TERN_NETSIM_GUEST_H

#include "rules/state.h"

extern const sim_node_ops sim_guest_ops;
void *sim_guest_new(sim_run *r, uint32_t node); /* NULL: the world has failed */
void sim_guest_do(void *guest, const sim_action *a);
bool sim_guest_is_busy(const void *guest); /* has something to do that is not done */

extern const char sim_gate_key[], sim_gate_cert[], sim_guest_key[];

#endif
