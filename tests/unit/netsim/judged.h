/* SPDX-License-Identifier: MIT */
/* A run that has not begun, for tests of what judges it: they tell the rules themselves what happened. */
#ifndef TERN_TESTS_UNIT_NETSIM_JUDGED_H
#define TERN_TESTS_UNIT_NETSIM_JUDGED_H

#include "run/run.h"
#include "unit/netsim/unit.h"

static sim_scenario s;
static sim_run r;

/* Of a scenario's text. */
static inline void judged_begin(const char *text)
{
    sim_error error;
    assert_true(sim_scenario_parse(&s, tern_bytes_of(text, strlen(text)), 1, &error));
    assert_true(sim_run_init(&r, &s, 1, NULL));
}

static inline int judged_end(void **state)
{
    (void)state;
    sim_run_free(&r);
    sim_scenario_free(&s);
    return 0;
}

/* The run has failed, and says so in these words among others. It is as if it had not, for the next lie. */
static inline void caught(const char *words)
{
    if (!r.world.failed || strstr(r.world.failure, words) == NULL) fail_msg("'%s', not '%s'", r.world.failure, words);
    r.world.failed = false;
}

#endif
