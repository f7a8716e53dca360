/* SPDX-License-Identifier: MIT */
/* Order alone decides: no two happenings compare equal, so the heap's shape can never show. */
#include "world/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST    (UINT64_C(1) << 63)
#define GARBAGE (64u * 1024) /* bytes */
#define GUARD   64           /* bytes behind what is lent */
#define BELOW   4            /* in the heap: half the depth of a binary one, and they stand together */

void *sim_grow(void *p, size_t count, size_t size)
{
    void *grown = count <= SIZE_MAX / size ? realloc(p, count * size) : NULL;
    if (grown == NULL) {
        fputs("tern-sim: out of memory\n", stderr);
        exit(1);
    }
    return grown;
}

void *sim_lend(size_t size)
{
    const uint64_t wanted = size;
    uint8_t *memory = wanted > SIM_LEND_MAX ? NULL : calloc(1, size + GUARD);
    if (memory == NULL) return NULL;
    memset(memory + size, 0x5a, GUARD);
    memset(memory, 0xa5, size < GARBAGE ? size : GARBAGE);
    return memory;
}

bool sim_lent_is_whole(const void *memory, size_t size)
{
    const uint8_t *guard = (const uint8_t *)memory + size;
    size_t i = 0;
    while (i < GUARD && guard[i] == 0x5a) i++;
    return i == GUARD;
}

void sim_queue_free(sim_queue *q)
{
    for (size_t i = 0; i < q->lanes_n; i++) free(q->lanes[i].ring);
    free(q->lanes);
    free(q->items);
    *q = (sim_queue){ 0 };
}

/*= SIM-001 */
static bool before(const sim_happening *a, const sim_happening *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

/* Into the hole at `at`, or above it where what is there comes later. */
static void rise(sim_queue *q, size_t at, const sim_happening *what)
{
    while (at > 0 && before(what, &q->items[(at - 1) / BELOW])) {
        q->items[at] = q->items[(at - 1) / BELOW];
        at = (at - 1) / BELOW;
    }
    q->items[at] = *what;
}

/* Into the hole at the top, or below it where what is there comes earlier. */
static void sink(sim_queue *q, const sim_happening *what)
{
    sim_happening *hole = q->items, *end = q->items + q->n;
    for (sim_happening *first = hole + 1; first < end; first = q->items + BELOW * (hole - q->items) + 1) {
        sim_happening *least = first, *behind = end - first < BELOW ? end : first + BELOW;
        for (sim_happening *h = first + 1; h < behind; h++) least = before(h, least) ? h : least;
        if (!before(least, what)) break;
        *hole = *least;
        hole = least;
    }
    *hole = *what;
}

static void insert(sim_queue *q, const sim_happening *what)
{
    if (q->n == q->cap) {
        q->cap = q->cap == 0 ? 256 : q->cap * 2;
        q->items = sim_grow(q->items, q->cap, sizeof *q->items);
    }
    rise(q, q->n++, what);
}

void sim_queue_push(sim_queue *q, sim_happening what, bool last)
{
    what.order = q->order++ | (last ? LAST : 0);
    what.lane = 0;
    insert(q, &what);
}

/* ---- one behind the other ---- */

static sim_happening *place_in(const sim_lane *lane, size_t i)
{
    return &lane->ring[(lane->first + i) & (lane->cap - 1)];
}

static void append(sim_lane *lane, const sim_happening *what)
{
    if (lane->n == lane->cap) {
        size_t cap = lane->cap == 0 ? 16 : lane->cap * 2;
        sim_happening *ring = sim_grow(NULL, cap, sizeof *ring);
        for (size_t i = 0; i < lane->n; i++) ring[i] = *place_in(lane, i);
        free(lane->ring);
        lane->ring = ring;
        lane->cap = cap;
        lane->first = 0;
    }
    *place_in(lane, lane->n++) = *what;
}

static sim_lane *lane_of(sim_queue *q, uint32_t number)
{
    if (number >= q->lanes_n) {
        size_t n = number < 8 ? 16 : 2 * (size_t)number;
        q->lanes = sim_grow(q->lanes, n, sizeof *q->lanes);
        memset(q->lanes + q->lanes_n, 0, (n - q->lanes_n) * sizeof *q->lanes);
        q->lanes_n = n;
    }
    return &q->lanes[number];
}

void sim_queue_push_behind(sim_queue *q, uint32_t number, sim_happening what)
{
    sim_lane *lane = lane_of(q, number);
    bool overtakes = lane->led && what.at < lane->last;
    what.order = q->order++;
    what.lane = (overtakes ? 0 : number + 1) & 0x1fffffff;
    if (!overtakes) lane->last = what.at;
    if (lane->led && !overtakes) {
        append(lane, &what);
        return;
    }
    if (!overtakes) lane->led = true;
    insert(q, &what);
}

/* What stands at the top instead of the one that goes: the next of its lane, or the heap's last. */
static sim_happening successor(sim_queue *q, uint32_t number)
{
    sim_lane *lane = number == 0 ? NULL : &q->lanes[number - 1];
    if (lane != NULL && lane->n > 0) {
        lane->n--;
        return lane->ring[lane->first++ & (lane->cap - 1)];
    }
    if (lane != NULL) lane->led = false;
    return q->items[--q->n];
}

bool sim_queue_pop(sim_queue *q, sim_happening *what)
{
    if (q->n == 0) return false;
    *what = q->items[0];
    sim_happening next = successor(q, what->lane);
    if (q->n > 0) sink(q, &next);
    return true;
}
