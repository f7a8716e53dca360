/* SPDX-License-Identifier: MIT */
/* The timer table: few enough names that looking at each is the fastest way. */
#include "base/timers.h"

/* The timer that is due first; the lower name where two are due together, TERN_TIMER_COUNT when none is armed. */
static tern_timer first(const tern_timers *t)
{
    tern_timer best = TERN_TIMER_COUNT;
    tern_time at = TERN_TIME_NEVER;
    for (tern_timer i = 0; i < TERN_TIMER_COUNT; i++) {
        if (t->at[i] >= at) continue;
        at = t->at[i];
        best = i;
    }
    return best;
}

void tern_timers_init(tern_timers *t)
{
    for (tern_timer i = 0; i < TERN_TIMER_COUNT; i++) t->at[i] = TERN_TIME_NEVER;
}

void tern_timers_set(tern_timers *t, tern_timer timer, tern_time at)
{
    tern_assert(timer < TERN_TIMER_COUNT);
    t->at[timer] = at;
}

void tern_timers_stop(tern_timers *t, tern_timer timer)
{
    tern_timers_set(t, timer, TERN_TIME_NEVER);
}

tern_time tern_timers_next(const tern_timers *t)
{
    tern_timer timer = first(t);
    return timer < TERN_TIMER_COUNT ? t->at[timer] : TERN_TIME_NEVER;
}

tern_timer tern_timers_expire(tern_timers *t, tern_time now)
{
    tern_timer timer = first(t);
    if (timer == TERN_TIMER_COUNT || t->at[timer] > now) return TERN_TIMER_COUNT;
    tern_timers_stop(t, timer);
    return timer;
}
