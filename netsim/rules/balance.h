/* SPDX-License-Identifier: MIT */
/* What a node owes: no more than three bytes for one, and every drop counted. */
#ifndef TERN_NETSIM_BALANCE_H
#define TERN_NETSIM_BALANCE_H

#include "rules/state.h"

void sim_balance_observe(void *run, const sim_sight *sight);
void sim_balance_reset(sim_run *r, uint32_t relay); /* forgets all addresses */
void sim_check_drops(sim_run *r, uint32_t node, const tern_stats *stats);

#endif
