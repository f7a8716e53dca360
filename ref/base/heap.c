/* SPDX-License-Identifier: MIT */
/* The heap of deadlines. An element is moved by put, which keeps the slot's place right. */
#include "base/heap.h"

static void put(tern_heap_entry *entries, uint32_t i, tern_time deadline, uint32_t slot)
{
    entries[i].deadline = deadline;
    entries[i].slot = slot;
    entries[slot].place = i + 1;
}

/* Puts an element at i or as far above it as its deadline demands. */
static void rise(tern_heap_entry *entries, uint32_t i, tern_time deadline, uint32_t slot)
{
    while (i > 0) {
        uint32_t parent = (i - 1) / 2;
        if (entries[parent].deadline <= deadline) break;
        put(entries, i, entries[parent].deadline, entries[parent].slot);
        i = parent;
    }
    put(entries, i, deadline, slot);
}

/* Moves the earlier children up into i, level by level, until deadline may stand there; that place. */
static uint32_t sink(const tern_heap *h, tern_heap_entry *entries, uint32_t i, tern_time deadline)
{
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= h->n) return i;
        if (child + 1 < h->n && entries[child + 1].deadline < entries[child].deadline) child++;
        if (entries[child].deadline >= deadline) return i;
        put(entries, i, entries[child].deadline, entries[child].slot);
        i = child;
    }
}

void tern_heap_init(tern_heap *h, tern_heap_entry *entries, uint32_t slots)
{
    tern_assert(slots <= UINT32_MAX / 2);
    *h = (tern_heap){ 0, slots };
    for (uint32_t i = 0; i < slots; i++) entries[i] = (tern_heap_entry){ TERN_TIME_NEVER, 0, 0 };
}

void tern_heap_set(tern_heap *h, tern_heap_entry *entries, uint32_t slot, tern_time deadline)
{
    tern_assert(slot < h->slots);
    uint32_t place = entries[slot].place;
    if (place > 0 ? entries[place - 1].deadline == deadline : deadline == TERN_TIME_NEVER) return;
    uint32_t i = place > 0 ? place - 1 : h->n++;
    if (deadline == TERN_TIME_NEVER) {
        entries[slot].place = 0;
        h->n--;
        if (i == h->n) return;
        slot = entries[h->n].slot; /* the last one fills the hole */
        deadline = entries[h->n].deadline;
    }
    rise(entries, sink(h, entries, i, deadline), deadline, slot);
}

tern_time tern_heap_next(const tern_heap *h, const tern_heap_entry *entries)
{
    return h->n > 0 ? entries[0].deadline : TERN_TIME_NEVER;
}

uint32_t tern_heap_next_slot(const tern_heap *h, const tern_heap_entry *entries)
{
    tern_assert(h->n > 0);
    return entries[0].slot;
}
