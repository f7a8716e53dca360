/* SPDX-License-Identifier: MIT */
/* Credit: what a sender may still send, and what a receiver has granted (spec: transfer 4). */
#ifndef TERN_TRANSFER_FLOW_H
#define TERN_TRANSFER_FLOW_H

#include "base/types.h"

typedef struct {
    uint64_t used, limit; /* bytes, cumulative */
} tern_send_credit;

typedef struct {
    uint64_t used;         /* highest byte received, cumulative */
    uint64_t consumed;     /* taken by the application, cumulative */
    uint64_t told;         /* the limit the peer was last told */
    uint64_t window, most; /* window grows to most as it is used up quickly */
    tern_time told_at;     /* 0 before the first time */
    bool owed;             /* the limit is to be told (again) */
} tern_recv_credit;

void tern_send_credit_init(tern_send_credit *c, uint64_t limit);
uint64_t tern_send_credit_left(const tern_send_credit *c);
void tern_send_credit_use(tern_send_credit *c, uint64_t bytes);
void tern_send_credit_raise(tern_send_credit *c, uint64_t limit); /* XFER-021: a lower value changes nothing */

void tern_recv_credit_init(tern_recv_credit *c, uint64_t window); /* which is most, too */
/* Bytes that the peer may still send by what it was told. */
static inline uint64_t tern_recv_credit_left(const tern_recv_credit *c)
{
    return c->told - c->used;
}
/* The peer used bytes more. false when that passes what it was told (XFER-020): nothing changed then. */
TERN_MUST_USE bool tern_recv_credit_use(tern_recv_credit *c, uint64_t bytes);
/* The application took bytes; sets owed once half the window is used up (XFER-022). */
void tern_recv_credit_consume(tern_recv_credit *c, uint64_t bytes);
/* What windows may grow by, all that are told with it together. */
typedef struct {
    tern_time now;
    uint64_t rtt_ns;
    uint64_t room; /* bytes that there is memory for and that nobody was promised */
} tern_tuning;

/* Bytes that the peer may still send, or may as soon as the limit is told: the window without what waits to be taken.
 */
uint64_t tern_recv_credit_promised(const tern_recv_credit *c);
/* Grants only start bytes for now, if that is less. */
void tern_recv_credit_start(tern_recv_credit *c, uint64_t start);
/* Before the limit is told: doubles the window when half of it was used up within four round trips, up to most and as
 * far as there is room (XFER-032), which it takes. NULL: it stays. */
void tern_recv_credit_tune(tern_recv_credit *c, tern_tuning *tuning);
/* The limit to tell now; clears owed. */
uint64_t tern_recv_credit_tell(tern_recv_credit *c);
/* The frame that told it was lost. */
void tern_recv_credit_lost(tern_recv_credit *c);

#endif
