/* SPDX-License-Identifier: MIT */
/* What a run is written down as, besides its results: the files that were asked for (spec: scenario 10). */
#ifndef TERN_NETSIM_VIEWS_H
#define TERN_NETSIM_VIEWS_H

#include "view/beside.h"
#include "view/pcapng.h"
#include "view/qlog.h"
#include "view/svg.h"

typedef enum { SIM_VIEW_TRACE, SIM_VIEW_PCAPNG, SIM_VIEW_QLOG, SIM_VIEW_SVG, SIM_VIEWS } sim_view;

typedef struct {
    const char *path[SIM_VIEWS]; /* NULL: not wanted */
    FILE *file[SIM_VIEWS];
    sim_beside beside[SIM_VIEWS]; /* the trace is a log: what it has when a run breaks off, it keeps */
    char about[512];
    sim_pcapng pcapng;
    sim_qlog *qlog;
    sim_svg svg;
    sim_lens *lens; /* of those that look into packets */
} sim_views;

/* Whether each path is a file of its own, and none the scenario; said on stderr when not. */
bool sim_views_apart(const sim_views *v, const char *scenario);
/* Opens what has a path; false, and said on stderr, when one cannot be written. */
bool sim_views_open(sim_views *v);
/* Between sim_run_init and sim_run_go: from now on they see what happens. scenario and seed: how it is called. */
void sim_views_attach(sim_views *v, sim_run *r, const char *scenario, uint64_t seed);
void sim_views_end(sim_views *v); /* the run is over; before it is freed */
/* false, and said on stderr, when something could not be written: of that nothing stays. */
bool sim_views_close(sim_views *v);

#endif
