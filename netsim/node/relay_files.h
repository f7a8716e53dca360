/* SPDX-License-Identifier: MIT */
/* The relay's far end of streams, and its store of files (spec: rooms 2). */
#ifndef TERN_NETSIM_RELAY_FILES_H
#define TERN_NETSIM_RELAY_FILES_H

#include "rules/state.h"

struct sim_job;
struct sim_stored;

typedef struct {
    sim_run *run;
    uint32_t relay; /* node */
    tern_node *node;
    struct sim_job *first;
    struct sim_stored *store;
    size_t store_n;
} sim_jobs;

void sim_store_keep(sim_jobs *all, const char *prefix, const char *name, uint8_t *bytes, uint64_t n); /* takes bytes */
/* An event of a stream; client: the node behind it, SIM_NONE when no node has that address. */
void sim_jobs_event(sim_jobs *all, const tern_event *e, uint32_t client);
void sim_jobs_go(sim_jobs *all);
void sim_jobs_drop(sim_jobs *all, tern_peer who);
void sim_jobs_free(sim_jobs *all); /* and the store */

#endif
