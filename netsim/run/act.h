/* SPDX-License-Identifier: MIT */
/* What `at` says, done when its time has come (spec: scenario 4). */
#ifndef TERN_NETSIM_ACT_H
#define TERN_NETSIM_ACT_H

#include "rules/state.h"

/* What a node owes at any time: fails the world where it does not hold. Nothing for one that is not there. */
void sim_check_node(sim_run *r, uint32_t node);

void sim_act_all(sim_run *r, bool faults); /* queues every `at`: what changes the network, or the others */
void sim_start_node(sim_run *r, uint32_t node);

#endif
