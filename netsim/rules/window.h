/* SPDX-License-Identifier: MIT */
/* Nothing in flight beyond the congestion window (SIM-028).
 *
 * What is in flight is counted low: data packets above the largest number of which an acknowledgement has arrived. None
 * of them can have been declared lost, since for that something sent later must be acknowledged (REC-017). What a
 * sender thinks of itself is asked for its window alone, and that is not believed beyond what acknowledgements can have
 * made of the first one. */
#ifndef TERN_NETSIM_WINDOW_H
#define TERN_NETSIM_WINDOW_H

#include "rules/lens.h"
#include "rules/state.h"

typedef struct {
    uint64_t pn, bytes;
} sim_flying;

/* Of one side of a connection. All zero: it has sent nothing. */
typedef struct {
    sim_flying *out; /* from out_at to out_n: data packets in flight, by their numbers */
    size_t out_at, out_n, out_cap;
    uint64_t in_flight, acked; /* bytes; acked: of all below the largest that was acknowledged */
    uint64_t largest_acked;    /* and one more; 0: none */
    tern_time eliciting_at;    /* when the last ack-eliciting packet left */
    unsigned probes;
    tern_addr remote;
} sim_window;

typedef struct {
    uint32_t client, relay; /* nodes; relay UINT32_MAX: nobody has ever been there */
} sim_ends;

void sim_window_check(sim_run *r, const sim_sight *s, const sim_opened *o, const sim_ends *ends, sim_window *own);
/* An acknowledgement arrives; largest: the number that it names, and one more. */
void sim_window_acknowledge(sim_window *own, uint64_t largest);
void sim_window_free(sim_window *own);

#endif
