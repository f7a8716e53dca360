/* SPDX-License-Identifier: MIT */
#include "world/exact.h"

#include "world/queue.h"

#include <stdlib.h>
#include <string.h>

static const char *const NAMES[SIM_FAULT_COUNT] = { "drop", "lose", "dup", "hold", "corrupt" };

const char *sim_fault_kind_name(sim_fault_kind kind)
{
    return NAMES[kind];
}

/* The first place at which a number stands, or would. */
static size_t place_of(const sim_exacts *e, uint64_t number)
{
    size_t low = e->first, high = e->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->list[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t next_free(sim_exacts *e, uint64_t packets, sim_fault_kind kind)
{
    uint64_t number = e->free_from[kind] > packets ? e->free_from[kind] : packets + 1;
    for (size_t i = place_of(e, number); i < e->n && e->list[i].number <= number; i++)
        if (e->list[i].number == number && e->list[i].kind == kind) number++;
    e->free_from[kind] = number;
    return number;
}

/* What has passed gives its place back before the list grows. */
static void make_room(sim_exacts *e)
{
    if (e->first > 0) memmove(e->list, e->list + e->first, (e->n - e->first) * sizeof *e->list);
    e->n -= e->first;
    e->first = 0;
    if (e->n <= e->cap / 2 && e->cap > 0) return;
    e->cap = e->cap == 0 ? 16 : e->cap * 2;
    e->list = sim_grow(e->list, e->cap, sizeof *e->list);
}

bool sim_exacts_add(sim_exacts *e, uint64_t packets, const sim_exact *what)
{
    uint64_t number = what->number == 0 ? next_free(e, packets, what->kind) : what->number;
    if (number <= packets) return true;
    if (e->n - e->first == SIM_EXACT_MAX) return false;
    if (e->n == e->cap) make_room(e);
    size_t at = place_of(e, number);
    memmove(e->list + at + 1, e->list + at, (e->n - at) * sizeof *e->list);
    e->list[at] = *what;
    e->list[at].number = number;
    e->n++;
    return true;
}

/*= SIM-019 */
sim_exact_fate sim_exacts_take(sim_exacts *e, uint64_t number)
{
    sim_exact_fate fate = { 0, 0 };
    for (; e->first < e->n && e->list[e->first].number <= number; e->first++) {
        const sim_exact *x = &e->list[e->first];
        fate.kinds |= 1u << x->kind;
        if (x->kind == SIM_FAULT_HOLD && x->by > fate.hold) fate.hold = x->by;
    }
    return fate;
}

void sim_exacts_free(sim_exacts *e)
{
    free(e->list);
    *e = (sim_exacts){ 0 };
}
