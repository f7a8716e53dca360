/* SPDX-License-Identifier: MIT */
#include "run/failure.h"

#include <stdio.h>
#include <string.h>

sim_failure sim_failure_of(const sim_run *r)
{
    sim_failure f = { SIM_NONE, r->world.failed ? r->world.failure_kind : NULL };
    for (uint32_t i = 0; i < r->scenario->expects_n && f.kind == NULL && f.expect == SIM_NONE; i++)
        if (r->verdicts[i].state == SIM_BROKEN) f.expect = i;
    return f;
}

bool sim_failure_same(const sim_failure *a, const sim_failure *b)
{
    if (a->kind == NULL || b->kind == NULL) return a->kind == b->kind && a->expect == b->expect;
    return strcmp(a->kind, b->kind) == 0;
}

void sim_failure_print(const sim_run *r, const sim_failure *f, char *out, size_t size)
{
    if (f->expect == SIM_NONE) {
        (void)snprintf(out, size, "%s", f->kind == NULL ? "" : r->world.failure);
        return;
    }
    const sim_expect *e = &r->scenario->expects[f->expect];
    (void)snprintf(out, size, "line %u: expected '%.120s', seen at %s s: %s", e->line, e->text,
                   sim_time_print(e->by).text, r->verdicts[f->expect].seen);
}
