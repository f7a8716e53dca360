/* SPDX-License-Identifier: MIT */
/* Many seeds, several at a time, each in a process that may die without taking the others with it. */
#ifndef TERN_NETSIM_POOL_H
#define TERN_NETSIM_POOL_H

#include "tern.h"

typedef struct {
    uint64_t seed;
    bool good;
    uint8_t digest[TERN_SHA256_SIZE];
    uint64_t packets, virtual_ns;
    char what[400]; /* when it is not good: why, in a line */
} sim_seed_result;

#define SIM_JOBS_MAX 256

typedef struct {
    uint64_t first, step, count; /* the seeds first, first + step, ...: count of them */
    unsigned jobs;               /* 1 to SIM_JOBS_MAX */
    void *context;
    void (*work)(void *context, sim_seed_result *r);       /* in a process of its own; r->seed is set, the rest 0 */
    void (*done)(void *context, const sim_seed_result *r); /* in the caller's process, in whatever order they end */
    void (*tick)(void *context);                           /* there too, from time to time; NULL */
} sim_pool;

/* Every seed is done once; one whose process died is not good, and says how it died. false: no process can be made. */
bool sim_pool_run(const sim_pool *p);

#endif
