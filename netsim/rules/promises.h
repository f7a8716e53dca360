/* SPDX-License-Identifier: MIT */
/* Nothing sent beyond what the peer has promised to take, in its parameters and in the limits that have arrived
 * (SIM-029). */
#ifndef TERN_NETSIM_PROMISES_H
#define TERN_NETSIM_PROMISES_H

#include "rules/notices.h"

#define SIM_NO_PROMISE UINT64_MAX /* yet */

typedef struct {
    uint64_t id;
    uint64_t sent, limit; /* bytes sent, and the peer's promise for it alone */
} sim_promised_stream;

/* What one side of a connection has sent, and what it was promised. */
typedef struct {
    uint64_t data_sent, data_limit, stream_limit; /* stream_limit: of one without its own */
    uint64_t messages_sent, messages_limit;
    uint64_t unordered_sent, unordered_limit,
        next_id;               /* of messages without order; next_id: above all that were begun */
    uint64_t streams_limit[2]; /* how many it may open in all, both ways and one way */
    uint64_t datagram_limit;   /* bytes of one */
    sim_promised_stream *streams;
    size_t streams_n;
} sim_promises;

void sim_promises_init(sim_promises *own);
void sim_promises_check(sim_run *r, const sim_sight *s, const sim_opened *o, sim_promises *own);
void sim_promises_hear(sim_promises *own, const sim_fact *promise); /* a limit arrives */
void sim_promises_free(sim_promises *own);

#endif
