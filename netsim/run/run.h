/* SPDX-License-Identifier: MIT */
/* One scenario under one seed, from its first instant to its last. */
#ifndef TERN_NETSIM_RUN_H
#define TERN_NETSIM_RUN_H

#include "rules/state.h"

/* Makes the nodes and links and queues everything the scenario says. false: the world has failed already. */
bool sim_run_init(sim_run *r, const sim_scenario *s, uint64_t seed, FILE *trace);
/* The same, with faults that are written down, or allowed one by one. */
bool sim_run_init_with(sim_run *r, const sim_scenario *s, uint64_t seed, struct sim_faults *faults);
/* To the end. true when every expectation held and no checker complained. */
bool sim_run_go(sim_run *r);
void sim_run_free(sim_run *r);

#endif
