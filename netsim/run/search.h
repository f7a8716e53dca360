/* SPDX-License-Identifier: MIT */
/* A failing run tried again with fewer of its faults (spec: scenario 9). */
#ifndef TERN_NETSIM_SEARCH_H
#define TERN_NETSIM_SEARCH_H

#include "run/failure.h"
#include "run/faults.h"

typedef struct {
    const sim_scenario *scenario;
    uint64_t seed;
    sim_failure want; /* how the whole run fails */
    char what[400];   /* the same in words */
    sim_faults faults;
    sim_run *run; /* memory for one */
    uint64_t runs;
    void (*tick)(void *context, size_t left, uint64_t runs); /* after each run; NULL */
    void *context;
} sim_search;

/* Runs the scenario and lists its faults. false: it does not fail, and there is nothing to look for. */
bool sim_search_begin(sim_search *s, const sim_scenario *scenario, uint64_t seed);
void sim_search_free(sim_search *s);

/* Whether the run fails in the same way with the faults that are on. */
bool sim_search_fails(sim_search *s);
/* Leaves on only what is needed: without any one of them the run fails no longer, or otherwise. */
void sim_search_shrink(sim_search *s);
/* How many of the first faults it takes, when none comes after them: with one less the run does not fail in this way.
 */
size_t sim_search_blame(sim_search *s);

#endif
