/* SPDX-License-Identifier: MIT */
/* A binary heap of deadlines, one for each of a fixed number of slots (connections): who is next, in logarithmic time.
 */
#ifndef TERN_BASE_HEAP_H
#define TERN_BASE_HEAP_H

#include "base/types.h"

/* One lent array serves two ends: its first n elements' deadline and slot are the heap, and element i's place belongs
 * to the slot i, wherever that stands. */
typedef struct {
    tern_time deadline;
    uint32_t slot;
    uint32_t place; /* where in the heap the slot with this index stands, plus 1; 0 when it is not in it */
} tern_heap_entry;

typedef struct {
    uint32_t n, slots;
} tern_heap;

/* The entries are lent with every call: at least slots of them, the same ones each time. */
void tern_heap_init(tern_heap *h, tern_heap_entry *entries, uint32_t slots);
/* Sets the deadline of a slot; TERN_TIME_NEVER takes it out. */
void tern_heap_set(tern_heap *h, tern_heap_entry *entries, uint32_t slot, tern_time deadline);
tern_time tern_heap_next(const tern_heap *h, const tern_heap_entry *entries);     /* TERN_TIME_NEVER when empty */
uint32_t tern_heap_next_slot(const tern_heap *h, const tern_heap_entry *entries); /* only when not empty */

#endif
