/* SPDX-License-Identifier: MIT */
/* A run as one picture (spec: scenario 10): the goodput of every flow; of the flow that sent most its time-sequence,
 * window and round-trip times; the first handshake as a sequence chart. Integers only: the same run is the same
 * picture. */
#ifndef TERN_NETSIM_SVG_H
#define TERN_NETSIM_SVG_H

#include "rules/lens.h"
#include "rules/state.h"

#define SIM_SVG_SAMPLES 4096    /* of a series: when it is full every second one goes */
#define SIM_SVG_SENDS   1000000 /* pieces of data whose sending is kept */
#define SIM_SVG_ARROWS  16      /* packets of the sequence chart, at most; of one side at one instant: */
#define SIM_SVG_AT_ONCE 3

typedef struct {
    tern_time at;
    uint64_t v[4];
} sim_sample;

typedef struct {
    sim_sample *samples;
    size_t n, stride, skipped;
} sim_series;

/* One piece of data that left. */
typedef struct {
    tern_time at;
    uint64_t from, number; /* in its stream; of its packet on the link */
    uint32_t stream, connection, link, size;
    bool to_relay, again, lost;
} sim_send;

typedef struct {
    tern_time sent, arrived; /* arrived NEVER: it did not */
    uint64_t number;
    uint32_t link;
    bool to_relay;
    char words[120];
} sim_arrow;

typedef struct {
    uint32_t client, relay; /* nodes */
    sim_series side[2];     /* the relay's, the client's: what their recovery knows (SIM_OF_...) */
    uint64_t data[2];       /* bytes of data sent, likewise */
} sim_drawn;

enum { SIM_OF_WINDOW, SIM_OF_FLIGHT, SIM_OF_SMOOTHED, SIM_OF_LATEST };

typedef struct {
    const sim_run *run;
    const char *about;
    sim_drawn *connections;
    size_t n;
    sim_series *flows; /* two a node, up and down: v[0] is the bytes that the application has got */
    sim_send *sends;
    size_t sends_n, sends_cap;
    struct sim_reach *reached; /* how far each stream was sent */
    sim_arrow arrows[SIM_SVG_ARROWS];
    size_t arrows_n;
    bool data_sent[2]; /* by the relay, by the client of the first connection */
} sim_svg;

/* Before the run; everything must outlive it. */
void sim_svg_init(sim_svg *s, const sim_run *run, const char *about);
void sim_svg_see(sim_svg *s, const sim_sight *sight, const sim_opened *opened); /* as sim_qlog_see */
void sim_svg_end(sim_svg *s, FILE *out);
void sim_svg_draw(const sim_svg *s, FILE *out); /* svg_draw.c */

#endif
