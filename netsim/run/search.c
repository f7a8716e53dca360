/* SPDX-License-Identifier: MIT */
/* Shrinking tries to do without parts of the list, halves first and single faults last. Of ddmin (Zeller, Hildebrandt:
 * Simplifying and isolating failure-inducing input, 2002) it is the half that goes on when a failure needs many faults:
 * for k of n faults some 2k log(n/k) runs. */
#include "run/search.h"

#include "world/queue.h"

#include <stdlib.h>
#include <string.h>

void sim_search_free(sim_search *s)
{
    sim_faults_free(&s->faults);
    free(s->run);
    s->run = NULL;
}

/*= SIM-020 */
bool sim_search_begin(sim_search *s, const sim_scenario *scenario, uint64_t seed)
{
    *s = (sim_search){ .scenario = scenario, .seed = seed, .run = sim_grow(NULL, 1, sizeof *s->run) };
    sim_faults_init(&s->faults);
    bool good = sim_run_init_with(s->run, scenario, seed, &s->faults) && sim_run_go(s->run);
    s->want = sim_failure_of(s->run);
    if (!good) sim_failure_print(s->run, &s->want, s->what, sizeof s->what);
    sim_run_free(s->run);
    sim_faults_close(&s->faults);
    return !good && sim_failed(&s->want);
}

/* What was expected by a time is known at that time. */
static bool broken_by_then(sim_search *s)
{
    uint32_t e = s->want.expect;
    (void)sim_world_run(&s->run->world, s->scenario->expects[e].by);
    return s->run->verdicts[e].state == SIM_BROKEN;
}

bool sim_search_fails(sim_search *s)
{
    bool fails = false;
    bool ready = sim_run_init_with(s->run, s->scenario, s->seed, &s->faults);
    if (ready && s->want.expect != SIM_NONE) {
        fails = broken_by_then(s);
    } else {
        if (ready) (void)sim_run_go(s->run);
        sim_failure f = sim_failure_of(s->run);
        fails = sim_failure_same(&f, &s->want);
    }
    sim_run_free(s->run);
    s->runs++;
    return fails;
}

/* ---- shrinking ---- */

typedef struct {
    sim_search *search;
    size_t *kept; /* indices of what is still on the list */
    size_t n;
} shrinking;

/* Whether it fails without the part from..to of the list. */
static bool fails_without(shrinking *k, size_t from, size_t to)
{
    sim_faults *f = &k->search->faults;
    memset(f->on, 0, f->n * sizeof *f->on);
    for (size_t i = 0; i < k->n; i++) f->on[k->kept[i]] = i < from || i >= to;
    bool fails = sim_search_fails(k->search);
    if (k->search->tick != NULL) k->search->tick(k->search->context, k->n, k->search->runs);
    return fails;
}

/* Takes away each part of so many faults that is not needed, the last first: what is left before it happens as it did,
 * to the packets that it happened to. */
static bool take_away(shrinking *k, size_t part)
{
    bool any = false;
    for (size_t to = k->n, from; to > 0; to = from) {
        from = to > part ? to - part : 0;
        if (!fails_without(k, from, to)) continue;
        memmove(k->kept + from, k->kept + to, (k->n - to) * sizeof *k->kept);
        k->n -= to - from;
        any = true;
    }
    return any;
}

/*= SIM-021 */
void sim_search_shrink(sim_search *s)
{
    shrinking k = { s, sim_grow(NULL, s->faults.n + 1, sizeof *k.kept), s->faults.n };
    for (size_t i = 0; i < k.n; i++) k.kept[i] = i;
    for (size_t part = k.n; part > 1; part = (part + 1) / 2) (void)take_away(&k, part);
    while (take_away(&k, 1)) {
    }                              /* one that was needed may not be any more */
    (void)fails_without(&k, 0, 0); /* leaves them on, at the times at which they happen now */
    free(k.kept);
}

/*= SIM-022 */
size_t sim_search_blame(sim_search *s)
{
    sim_faults *f = &s->faults;
    size_t low = 0, high = f->n; /* with high it fails, with less than low it does not */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        for (size_t i = 0; i < f->n; i++) f->on[i] = i < middle;
        bool fails = sim_search_fails(s);
        if (s->tick != NULL) s->tick(s->context, high - low, s->runs);
        if (fails)
            high = middle;
        else
            low = middle + 1;
    }
    return high;
}
