/* SPDX-License-Identifier: MIT */
/* Datagrams that no node sent (spec: scenario 4). */
#ifndef TERN_NETSIM_INJECT_H
#define TERN_NETSIM_INJECT_H

#include "rules/state.h"

void sim_inject_init(sim_run *r);
void sim_inject_free(sim_run *r);
void sim_inject_go(sim_run *r, const sim_action *a, uint64_t turn);

#endif
