/* SPDX-License-Identifier: MIT */
/* What is to happen: a binary heap of events keyed (time, order of arrival). */
#ifndef TERN_NETSIM_QUEUE_H
#define TERN_NETSIM_QUEUE_H

#include "tern.h"

typedef enum { SIM_HAPPENS_DELIVERY = 1, SIM_HAPPENS_TIMER, SIM_HAPPENS_CALL, SIM_HAPPENS_TURN } sim_happens;

typedef struct {
    tern_time at;
    uint64_t order;
    sim_happens kind;
    uint32_t index; /* of the node or the bottleneck */
    void *what;     /* the packet */
} sim_happening;

/* order: how many have been pushed. All zero is an empty queue. */
typedef struct {
    sim_happening *items;
    size_t n, cap;
    uint64_t order;
} sim_queue;

void sim_queue_free(sim_queue *q);
/* Of two at one time the one that was pushed first comes first; those with last come behind all others of that time. */
void sim_queue_push(sim_queue *q, sim_happening what, bool last);
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
