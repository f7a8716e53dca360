/* SPDX-License-Identifier: MIT */
/* Where packets wait for their turn: a rate, a queue before it, and what keeps that queue short (spec: scenario 3). One
 * link has it to itself, or several share it. Knows sizes and times; what waits is the caller's. */
#ifndef TERN_NETSIM_BOTTLENECK_H
#define TERN_NETSIM_BOTTLENECK_H

#include "tern.h"

typedef enum {
    SIM_ECN_OFF = 0,
    SIM_ECN_ON,    /* CoDel: where it would drop. Without: above half of the queue */
    SIM_ECN_SIZE,  /* above so many bytes */
    SIM_ECN_BLEACH /* none: it takes marks away, as some routers do */
} sim_ecn_mode;

/* As the scenario says it. rate_bps 0: nothing waits. */
typedef struct {
    uint64_t rate_bps, queue_bytes;
    struct {
        sim_ecn_mode mode;
        uint64_t bytes;
    } ecn;
    bool codel;
} sim_bottleneck_spec;

#define SIM_QUEUE_DEFAULT  (128 * 1024)
#define SIM_CODEL_TARGET   (5 * TERN_MS) /* RFC 8289 section 4.3 */
#define SIM_CODEL_INTERVAL (100 * TERN_MS)

typedef struct {
    tern_time entered;
    uint64_t n;
    void *what;
    tern_time takes;  /* to be sent; the queue's own */
    bool ect, marked; /* marked: it leaves with CE */
} sim_waiting;

/* CoDel throws one away. */
typedef void (*sim_shed)(void *context, const sim_waiting *waiting);

typedef struct {
    sim_bottleneck_spec spec;
    tern_time busy_until;       /* when the one that is being sent has left */
    tern_time drained_at;       /* when all that wait have left, if none is thrown away */
    tern_time full_at, mark_at; /* what a full queue, and one that marks, take to be sent; mark_at NEVER: it does not */
    uint64_t last_n;            /* what entered last, and how long that takes: most are of one size */
    tern_time last_takes;
    sim_waiting *ring;
    size_t first, waiting, cap; /* cap is a power of two */
    struct {                    /* the names of RFC 8289 section 5.3 */
        bool dropping;
        uint32_t count, lastcount;
        tern_time first_above_time, drop_next;
        uint64_t maxpacket;
    } codel;
    uint64_t bytes;              /* that wait */
    uint64_t most_bytes;         /* that ever waited */
    uint64_t sent_bytes, marked; /* that left or began to */
    tern_time sending;           /* for how long it has sent, or will have when this one has left */
} sim_bottleneck;

typedef enum { SIM_ENTRY_FULL, SIM_ENTRY_SENT, SIM_ENTRY_WAITS } sim_entry;

void sim_bottleneck_init(sim_bottleneck *b, const sim_bottleneck_spec *spec);
void sim_bottleneck_free(sim_bottleneck *b); /* what waits is its owner's */
/* The one that waits behind i others. */
sim_waiting *sim_bottleneck_waiting(const sim_bottleneck *b, size_t i);
/* From now on: what waits leaves at the new rate, and stays though the queue be shorter. */
void sim_bottleneck_set(sim_bottleneck *b, const sim_bottleneck_spec *spec);

/* A packet of waiting->n bytes comes at waiting->entered. FULL: no. SENT: it begins to leave at once and has left at
 * busy_until; its mark is told. WAITS: it has been copied, and comes out of next. */
sim_entry sim_bottleneck_enter(sim_bottleneck *b, sim_waiting *waiting);
/* To be called at busy_until while something waits: takes out what is sent now and has left at the new busy_until.
 * false: all that waited was thrown away. */
bool sim_bottleneck_next(sim_bottleneck *b, sim_waiting *out, sim_shed shed, void *context);

/* How long n bytes take at a rate, rounded up to a nanosecond. 0 for a rate without limit. */
tern_time sim_send_time(uint64_t rate_bps, uint64_t n);

#endif
