/* SPDX-License-Identifier: MIT */
/* A line on a terminal that says how far it is; nothing where stderr is none. */
#ifndef TERN_NETSIM_PROGRESS_H
#define TERN_NETSIM_PROGRESS_H

#include "tern.h"

typedef struct {
    bool on, shown;
    uint64_t begun_ns, drawn_ns;
    uint64_t done, of, failed;
} sim_progress;

void sim_progress_begin(sim_progress *p, uint64_t of);
void sim_progress_draw(sim_progress *p); /* at most ten times a second */
void sim_progress_clear(sim_progress *p);

#endif
