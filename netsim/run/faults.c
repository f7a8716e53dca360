/* SPDX-License-Identifier: MIT */
#include "run/faults.h"

#include "world/queue.h"

#include <stdlib.h>
#include <string.h>

static bool ask(void *context, uint32_t link, const sim_exact *what, tern_time now)
{
    return sim_faults_happens(context, &(sim_fault){ link, SIM_NONE, what->number, what->kind, now, what->by });
}

void sim_faults_init(sim_faults *f)
{
    *f = (sim_faults){ .filter = { f, ask } };
}

void sim_faults_free(sim_faults *f)
{
    free(f->all);
    free(f->on);
    free(f->slots);
    *f = (sim_faults){ 0 };
}

static bool same(const sim_fault *a, const sim_fault *b)
{
    return a->link == b->link && a->action == b->action && a->number == b->number && a->kind == b->kind;
}

/* The slot that holds the fault, or the free one where it belongs. */
static size_t slot_of(const sim_faults *f, const sim_fault *fault)
{
    uint64_t hash = (fault->number * 8 + (uint64_t)fault->kind) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= ((uint64_t)fault->link << 32 | fault->action) * UINT64_C(0xc2b2ae3d27d4eb4f);
    size_t at = (size_t)(hash ^ hash >> 29) & (f->slots_n - 1);
    while (f->slots[at] != 0 && !same(&f->all[f->slots[at] - 1], fault)) at = (at + 1) & (f->slots_n - 1);
    return at;
}

void sim_faults_close(sim_faults *f)
{
    f->closed = true;
    f->slots_n = 16;
    while (f->slots_n < 2 * f->n) f->slots_n *= 2;
    f->slots = sim_grow(NULL, f->slots_n, sizeof *f->slots);
    memset(f->slots, 0, f->slots_n * sizeof *f->slots);
    f->on = sim_grow(NULL, f->n + 1, sizeof *f->on);
    for (size_t i = 0; i < f->n; i++) {
        f->on[i] = true;
        f->slots[slot_of(f, &f->all[i])] = (uint32_t)i + 1;
    }
}

bool sim_faults_happens(sim_faults *f, const sim_fault *fault)
{
    if (!f->closed) {
        if (f->n == f->cap) {
            f->cap = f->cap == 0 ? 256 : f->cap * 2;
            f->all = sim_grow(f->all, f->cap, sizeof *f->all);
        }
        f->all[f->n++] = *fault;
        return true;
    }
    uint32_t index = f->slots[slot_of(f, fault)];
    if (index == 0 || !f->on[index - 1]) return false;
    f->all[index - 1].at = fault->at;
    return true;
}

bool sim_verb_is_fault(sim_verb verb)
{
    return verb == SIM_DO_FAULT || verb == SIM_DO_PARTITION || verb == SIM_DO_CLOG || verb == SIM_DO_SET ||
           verb == SIM_DO_REBIND || verb == SIM_DO_INJECT || verb == SIM_DO_CRASH;
}
