/* SPDX-License-Identifier: MIT */
/* A run as a capture that Wireshark opens (spec: scenario 10; draft-ietf-opsawg-pcapng): an interface a link and one a
 * node, what became of each datagram as its comments, and the secrets that open it. */
#ifndef TERN_NETSIM_PCAPNG_H
#define TERN_NETSIM_PCAPNG_H

#include "rules/state.h"

struct sim_captured;

typedef struct {
    FILE *out; /* the caller's: errors are found when it closes it */
    const sim_run *run;
    const char *about; /* what the file says of itself */
    bool begun;
    struct sim_captured *first, *last; /* not written yet, in the order in which they were sent */
    struct sim_captured **of_link;     /* one a link: those under way, in the order of their numbers */
    struct sim_captured *injected;     /* that is being handed over */
    char *secrets;                     /* lines for the next datagram */
    uint8_t *block;                    /* that is being written */
    size_t secrets_n, block_n, block_cap;
} sim_pcapng;

/* Before the run; everything must outlive it. */
void sim_pcapng_init(sim_pcapng *p, const sim_run *run, FILE *out, const char *about);
void sim_pcapng_see(sim_pcapng *p, const sim_sight *sight);
/* One line of a key log, without its end. */
void sim_pcapng_secret(sim_pcapng *p, const char *line);
/* Writes what is still under way, and lets go of everything. */
void sim_pcapng_end(sim_pcapng *p);

#endif
