/* SPDX-License-Identifier: MIT */
/* The receiving half: which packet numbers were opened, and when an acknowledgement is due (spec: recovery 1). */
#ifndef TERN_RECOVERY_ACK_TRACKER_H
#define TERN_RECOVERY_ACK_TRACKER_H

#include "base/ranges.h"

#define TERN_ACK_KEPT TERN_RANGES_LEAF /* ranges that are remembered */

typedef struct {
    tern_ranges seen;       /* at most TERN_ACK_KEPT */
    uint64_t largest;       /* number opened; UINT64_MAX when none (what tern_pn_restore takes) */
    uint64_t floor;         /* numbers below are taken as duplicates */
    tern_time largest_at;   /* when the largest number arrived */
    uint32_t eliciting;     /* ack-eliciting packets not acknowledged yet */
    tern_time due;          /* when an ACK must go; TERN_TIME_NEVER when none is owed */
    tern_time told_at;      /* when the last ACK was put into a packet */
    bool pending;           /* there is something new to tell */
    uint64_t told;          /* the largest number that an ACK has named; 0 before */
    uint32_t frequency;     /* what the peer asked for with the request of this number less one; 0: nothing */
    uint32_t most_delay_us; /* it, or what holds without */
    uint16_t most_packets, reordering;
    uint64_t ect0, ect1, ce; /* packets that came with each mark (REC-045) */
} tern_ack_tracker;

void tern_ack_tracker_init(tern_ack_tracker *t);
void tern_ack_tracker_free(tern_ack_tracker *t, tern_pool *pool);
/* WIRE-013: seen before, or too old to tell. */
bool tern_ack_tracker_is_duplicate(const tern_ack_tracker *t, tern_pool *pool, uint64_t pn);
/* A packet was opened and processed whole. immediate: during the handshake (REC-001). */
void tern_ack_tracker_add(tern_ack_tracker *t, tern_pool *pool, tern_time now, uint64_t pn, bool eliciting,
                          bool immediate, uint64_t max_ack_delay_ns);
/* The peer asks for an ACK for so many ack-eliciting packets, or after so long, and when a number comes that is
 * reordering or more above one that is missing (0: that asks for none): a request, by its number (REC-052). */
void tern_ack_tracker_ask(tern_ack_tracker *t, uint32_t sequence, uint16_t packets, uint16_t reordering,
                          uint32_t delay_us);
/* With which mark that packet came: one of congestion is told at once. */
void tern_ack_tracker_marked(tern_ack_tracker *t, tern_time now, tern_ecn mark);
/* Whether a packet that leaves at now is to carry an ACK: of what asks for one always, of the rest once a round trip.
 */
bool tern_ack_tracker_wants(const tern_ack_tracker *t, tern_time now, uint64_t round_trip_ns);
/* An ACK with the highest of seen was put into a packet. */
void tern_ack_tracker_sent(tern_ack_tracker *t, tern_time now);
/* The peer acknowledged a packet whose ACK named largest: ranges below it need not be told again. Numbers up to it are
 * remembered as duplicates. */
void tern_ack_tracker_acknowledged(tern_ack_tracker *t, tern_pool *pool, uint64_t largest);

/* Nothing has come for long, so that nothing old is waited for any more: keeps the highest few ranges, and no page.
 * What is forgotten stays a duplicate. */
void tern_ack_tracker_forget(tern_ack_tracker *t, tern_pool *pool);

#endif
