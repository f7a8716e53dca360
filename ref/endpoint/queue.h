/* SPDX-License-Identifier: MIT */
/* A first-in-first-out queue of slots in which each stands at most once. */
#ifndef TERN_ENDPOINT_QUEUE_H
#define TERN_ENDPOINT_QUEUE_H

#include "base/types.h"

typedef struct {
    uint32_t next; /* plus 1; 0 is the end */
    bool queued;
} tern_queue_link;

typedef struct {
    uint32_t first, last; /* plus 1; 0 when empty */
} tern_queue;

#define TERN_QUEUE_EMPTY UINT32_MAX

void tern_queue_init(tern_queue *q, tern_queue_link *links, uint32_t slots);
void tern_queue_push(tern_queue *q, tern_queue_link *links, uint32_t slot); /* nothing when it stands there already */
uint32_t tern_queue_pop(tern_queue *q, tern_queue_link *links);             /* TERN_QUEUE_EMPTY */
uint32_t tern_queue_front(const tern_queue *q);                             /* TERN_QUEUE_EMPTY */

#endif
