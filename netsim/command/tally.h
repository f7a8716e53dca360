/* SPDX-License-Identifier: MIT */
/* What a sweep comes to: the same sum in whatever order, and in however many parts, its seeds were run. */
#ifndef TERN_NETSIM_TALLY_H
#define TERN_NETSIM_TALLY_H

#include "run/pool.h"

#include <stdio.h>

#define SIM_TALLY_FAILURES 1000 /* that are told one by one: those of the lowest seeds */

typedef struct {
    uint64_t seed;
    char what[400];
} sim_tally_failure;

typedef struct {
    char file[1024];   /* as the user named it */
    char scenario[65]; /* SHA-256 of its bytes */
    uint64_t first, last;
    uint64_t shard, shards; /* 1 of 1: all of it */
    uint64_t held, failed, packets, virtual_ns;
    uint8_t digest[TERN_SHA256_SIZE];               /* of all (seed, digest): their hashes, added without carry */
    sim_tally_failure failures[SIM_TALLY_FAILURES]; /* by seed */
    size_t failures_n;
} sim_tally;

void sim_tally_add(sim_tally *t, const sim_seed_result *r);
/* For people: the last two lines are the counts and the digest. */
void sim_tally_print(const sim_tally *t);
/* One JSON object on stdout; sim_tally_read takes it. The merged parts of a sweep print what the whole would. */
void sim_tally_json(const sim_tally *t);
/* false, with the reason in wrong, when the file is none that sim_tally_json wrote. */
bool sim_tally_read(sim_tally *t, const char *name, char *wrong, size_t size);
/* Adds a part to what begins as its first part; false when it is not of the same sweep, or no other part of it. */
bool sim_tally_merge(sim_tally *all, const sim_tally *part);
/* One line: how to run this seed again. */
void sim_tally_rerun(FILE *f, const sim_tally *t, uint64_t seed);

#endif
