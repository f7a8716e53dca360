/* SPDX-License-Identifier: MIT */
/* What is to happen: a heap of events, four below each, keyed (time, order of arrival). Of those that come one behind
 * the other, as the packets of a link do, only the first stands in the heap: what the next event costs grows with the
 * logarithm of the nodes and links, and not with what is under way. */
#ifndef TERN_NETSIM_QUEUE_H
#define TERN_NETSIM_QUEUE_H

#include "tern.h"

typedef enum {
    SIM_HAPPENS_DELIVERY = 1,
    SIM_HAPPENS_TIMER,
    SIM_HAPPENS_CALL,
    SIM_HAPPENS_TURN,
    SIM_HAPPENS_WORD
} sim_happens;

/* Small: two stand in a line of the cache, and the heap moves several for each event. */
typedef struct {
    tern_time at;
    uint64_t order;
    void *what;         /* a packet, a call */
    uint32_t index;     /* of the node, of the bottleneck */
    unsigned kind : 3;  /* sim_happens */
    unsigned lane : 29; /* whose first it is, plus 1; the queue's own */
} sim_happening;

/* Those behind the first of a lane. All zero is an empty lane. */
typedef struct {
    sim_happening *ring;
    size_t first, n, cap; /* cap is a power of two */
    tern_time last;       /* when the last one comes */
    bool led;             /* its first stands in the heap */
} sim_lane;

/* n: of the heap; 0 when nothing is to happen. order: how many have been pushed. All zero is an empty queue. */
typedef struct {
    sim_happening *items;
    size_t n, cap;
    uint64_t order;
    sim_lane *lanes;
    size_t lanes_n;
} sim_queue;

void sim_queue_free(sim_queue *q);
/* Of two at one time the one that was pushed first comes first; those with last come behind all others of that time. */
void sim_queue_push(sim_queue *q, sim_happening what, bool last);
/* As sim_queue_push without last; cheap when it comes no earlier than the last that was pushed behind this lane. Lanes
 * are numbered from 0 on. */
void sim_queue_push_behind(sim_queue *q, uint32_t lane, sim_happening what);
bool sim_queue_pop(sim_queue *q, sim_happening *what); /* false when there is none */

/* realloc that ends the program when there is no memory: the simulator's only answer to that. */
void *sim_grow(void *p, size_t count, size_t size);
/* Memory to lend to a node: its first part, where its state stands, holds what is of use to nobody; the rest, pages for
 * data, is zero and costs nothing until it is touched. The same in every run. NULL: more than SIM_LEND_MAX, or than
 * there is. */
#define SIM_LEND_MAX (UINT64_C(8) << 30)
void *sim_lend(size_t size);
/* Whether nobody has written behind it. */
bool sim_lent_is_whole(const void *memory, size_t size);

#endif
