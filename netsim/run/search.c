/* SPDX-License-Identifier: MIT */
/* Shrinking is ddmin (Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, 2002). */
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

/* ---- ddmin ---- */

typedef struct {
    sim_search *search;
    size_t *kept; /* indices of what is still on the list */
    size_t n;
} ddmin;

/* Tries the part from..to of the list, or all but that part. */
static bool try_part(ddmin *d, size_t from, size_t to, bool without)
{
    sim_faults *f = &d->search->faults;
    memset(f->on, 0, f->n * sizeof *f->on);
    for (size_t i = 0; i < d->n; i++) f->on[d->kept[i]] = (i >= from && i < to) != without;
    bool fails = sim_search_fails(d->search);
    if (d->search->tick != NULL) d->search->tick(d->search->context, d->n, d->search->runs);
    return fails;
}

static void keep_part(ddmin *d, size_t from, size_t to, bool without)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        if ((i >= from && i < to) != without) d->kept[n++] = d->kept[i];
    d->n = n;
}

/* One round over so many parts; true when the list is shorter now, with the parts of the next round. */
static bool shorten(ddmin *d, size_t *parts)
{
    for (int without = 0; without < 2; without++) {
        for (size_t i = 0; i < *parts; i++) {
            size_t from = d->n * i / *parts, to = d->n * (i + 1) / *parts;
            if ((without && *parts == 2) || !try_part(d, from, to, without != 0)) continue;
            keep_part(d, from, to, without != 0);
            *parts = without && *parts > 3 ? *parts - 1 : 2;
            return true;
        }
    }
    return false;
}

/*= SIM-021 */
void sim_search_shrink(sim_search *s)
{
    ddmin d = { s, sim_grow(NULL, s->faults.n + 1, sizeof *d.kept), s->faults.n };
    size_t parts = 2;
    for (size_t i = 0; i < d.n; i++) d.kept[i] = i;
    if (try_part(&d, 0, 0, false)) d.n = 0; /* it fails all by itself */
    while (d.n > 1) {
        if (parts > d.n) parts = d.n;
        if (shorten(&d, &parts)) continue;
        if (parts == d.n) break;
        parts *= 2;
    }
    (void)try_part(&d, 0, d.n, false); /* leaves them on, at the times at which they happen now */
    free(d.kept);
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
