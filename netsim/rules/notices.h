/* SPDX-License-Identifier: MIT */
/* What datagrams that are under way will tell their receivers: acknowledgements and limits, which count only once they
 * have arrived. */
#ifndef TERN_NETSIM_NOTICES_H
#define TERN_NETSIM_NOTICES_H

#include "rules/lens.h"
#include "rules/state.h"

/* type: ACK, value the largest number and one more; a limit (MAX_...), of MAX_STREAM_DATA of stream id; of the
 * parameters besides CRYPTO, the limit of streams that have none of their own, and DATAGRAM, the size of the largest.
 */
typedef struct {
    uint16_t type;
    uint64_t id, value;
} sim_fact;

typedef struct sim_notice { /* of one datagram */
    struct sim_notice *next;
    uint64_t number; /* of its link */
    uint32_t connection;
    bool to_relay;
    unsigned copies;
    sim_fact *facts;
    size_t facts_n;
} sim_notice;

/* Of a link, in the order in which they entered it. All zero: none. */
typedef struct {
    sim_notice *first, *last;
} sim_notices;

/* Puts what stands in a packet behind what the notice has. */
void sim_notice_read(sim_notice *notice, const sim_opened *o);
/* A datagram has entered the link. */
void sim_notices_send(sim_notices *list, const sim_sight *s, const sim_opened *o);
/* Whether a datagram tells its receiver something: what a packet says counts, up to the frame for which there is no
 * memory, even if it is then dropped and has to come again (XFER-023). */
bool sim_notice_told(const sim_sight *s);
/* A copy of a datagram has arrived, or never will; hear is called when it tells its receiver something. */
typedef void (*sim_hear)(void *context, const sim_notice *notice);
void sim_notices_settle(sim_notices *list, const sim_sight *s, sim_hear hear, void *context);
void sim_notices_free(sim_notices *list);

#endif
