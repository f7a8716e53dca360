/* SPDX-License-Identifier: MIT */
/* The timer table: few enough names that looking at each is the fastest way. */
#include "base/timers.h"

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
    tern_time next = t->at[0];
    for (tern_timer i = 1; i < TERN_TIMER_COUNT; i++)
        if (t->at[i] < next) next = t->at[i];
    return next;
}

tern_timer tern_timers_expire(tern_timers *t, tern_time now)
{
    tern_time next = tern_timers_next(t);
    tern_timer timer = 0;
    if (next > now || next == TERN_TIME_NEVER) return TERN_TIMER_COUNT;
    while (t->at[timer] != next) timer++;
    tern_timers_stop(t, timer);
    return timer;
}
