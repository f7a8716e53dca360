/* SPDX-License-Identifier: MIT */
/* A queue of slots, linked through an array that the endpoint keeps. */
#include "endpoint/queue.h"

#include <string.h>

void tern_queue_init(tern_queue *q, tern_queue_link *links, uint32_t slots)
{
    *q = (tern_queue){ 0, 0 };
    memset(links, 0, slots * sizeof links[0]);
}

void tern_queue_push(tern_queue *q, tern_queue_link *links, uint32_t slot)
{
    if (links[slot].queued) return;
    links[slot] = (tern_queue_link){ 0, true };
    if (q->last != 0)
        links[q->last - 1].next = slot + 1;
    else
        q->first = slot + 1;
    q->last = slot + 1;
}

uint32_t tern_queue_pop(tern_queue *q, tern_queue_link *links)
{
    if (q->first == 0) return TERN_QUEUE_EMPTY;
    uint32_t slot = q->first - 1;
    q->first = links[slot].next;
    if (q->first == 0) q->last = 0;
    links[slot] = (tern_queue_link){ 0, false };
    return slot;
}

uint32_t tern_queue_front(const tern_queue *q)
{
    return q->first == 0 ? TERN_QUEUE_EMPTY : q->first - 1;
}
