/* SPDX-License-Identifier: MIT */
/* What a run says when it is over: for people, or as one JSON object. */
#ifndef TERN_NETSIM_REPORT_H
#define TERN_NETSIM_REPORT_H

#include "run/run.h"

typedef struct {
    const char *file; /* as the user named it */
    uint64_t seed;
    uint64_t wall_ns;
    bool good;
} sim_outcome;

/* On stdout the expectations and, as the last two lines, the counts and the digest. */
void sim_report_text(const sim_run *r, const sim_outcome *o);
void sim_report_json(const sim_run *r, const sim_outcome *o);
/* On stderr, when something failed: a line for each thing, and how to run it again. */
void sim_report_failures(const sim_run *r, const sim_outcome *o);

#endif
