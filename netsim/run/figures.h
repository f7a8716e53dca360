/* SPDX-License-Identifier: MIT */
/* What can be measured of a run: how fast each client's bytes went, and how full the links were. */
#ifndef TERN_NETSIM_FIGURES_H
#define TERN_NETSIM_FIGURES_H

#include "rules/state.h"

/* Bits a second of bodies, from the first request to the last byte; 0 for less than a millisecond. */
uint64_t sim_goodput_bps(const sim_goodput *g);

/* One direction between a client and its relay. */
typedef struct {
    const sim_goodput *goodput;
    bool connected;      /* the connection is there, and its sender's figures */
    tern_peer_info info; /* of the sender */
} sim_flow;

sim_flow sim_flow_of(const sim_run *r, uint32_t client, bool up);

/* For how long of the run so far it has been sending, in parts of a million. */
uint64_t sim_utilisation_ppm(const sim_run *r, const sim_bottleneck *b);

#endif
