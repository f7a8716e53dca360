/* SPDX-License-Identifier: MIT */
/* Order alone decides: no two happenings compare equal, so the heap's shape can never show. */
#include "world/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST    (UINT64_C(1) << 63)
#define GARBAGE (64u * 1024) /* bytes */
#define GUARD   64           /* bytes behind what is lent */

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
    uint8_t *memory = (uint64_t)size > SIM_LEND_MAX ? NULL : calloc(1, size + GUARD);
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
    free(q->items);
    *q = (sim_queue){ 0 };
}

/*= SIM-001 */
static bool before(const sim_happening *a, const sim_happening *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void sim_queue_push(sim_queue *q, sim_happening what, bool last)
{
    if (q->n == q->cap) {
        q->cap = q->cap == 0 ? 256 : q->cap * 2;
        q->items = sim_grow(q->items, q->cap, sizeof *q->items);
    }
    what.order = q->order++ | (last ? LAST : 0);
    size_t at = q->n++;
    while (at > 0 && before(&what, &q->items[(at - 1) / 2])) {
        q->items[at] = q->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    q->items[at] = what;
}

bool sim_queue_pop(sim_queue *q, sim_happening *what)
{
    if (q->n == 0) return false;
    *what = q->items[0];
    sim_happening moved = q->items[--q->n];
    size_t at = 0;
    for (size_t child = 1; child < q->n; child = 2 * at + 1) {
        if (child + 1 < q->n && before(&q->items[child + 1], &q->items[child])) child++;
        if (!before(&q->items[child], &moved)) break;
        q->items[at] = q->items[child];
        at = child;
    }
    if (q->n > 0) q->items[at] = moved;
    return true;
}
