/* SPDX-License-Identifier: MIT */
/* Why a run is not good, as one thing that can be compared with that of another run. */
#ifndef TERN_NETSIM_FAILURE_H
#define TERN_NETSIM_FAILURE_H

#include "run/run.h"

typedef struct {
    uint32_t expect;  /* the first that did not hold; SIM_NONE: a checker ended the run */
    const char *kind; /* then: the checker's sentence without its names and numbers; NULL: nothing failed */
} sim_failure;

sim_failure sim_failure_of(const sim_run *r);
static inline bool sim_failed(const sim_failure *f)
{
    return f->expect != SIM_NONE || f->kind != NULL;
}
/* Whether both are the same expectation, or the same sentence of a checker. */
bool sim_failure_same(const sim_failure *a, const sim_failure *b);
/* In a line: the line of the scenario, what was expected and seen, or what the checker says. */
void sim_failure_print(const sim_run *r, const sim_failure *f, char *out, size_t size);

#endif
