/* SPDX-License-Identifier: MIT */
/* A client's files and streams (spec: rooms 2). */
#ifndef TERN_NETSIM_TRANSFER_H
#define TERN_NETSIM_TRANSFER_H

#include "rules/state.h"

struct sim_transfer;

typedef struct {
    sim_run *run;
    uint32_t client; /* node */
    tern_node *node;
    struct sim_transfer *first;
} sim_transfers;

int sim_transfer_begin(sim_transfers *all, const sim_action *a); /* as tern_peer_stream_open */
void sim_transfer_event(sim_transfers *all, uint32_t stream, bool broken);
void sim_transfers_go(sim_transfers *all);
void sim_transfers_free(sim_transfers *all);

#endif
