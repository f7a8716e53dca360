/* SPDX-License-Identifier: MIT */
/* The two clocks (see clock.h). */
#define _GNU_SOURCE
#include "posix/clock.h"

#include <time.h>

static uint64_t read_clock(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t); /* these two clocks cannot fail */
    return (uint64_t)t.tv_sec * TERN_SECOND + (uint64_t)t.tv_nsec;
}

/* What is added to the steady clock, less than a second, so that its 0 is a whole second of Unix time. */
static uint64_t added(void)
{
    static uint64_t ns = TERN_SECOND; /* not yet known */
    if (ns == TERN_SECOND) ns = (read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC)) % TERN_SECOND;
    return ns;
}

tern_time tern_clock_now(void)
{
    return read_clock(CLOCK_MONOTONIC) + added();
}

uint64_t tern_clock_unix_seconds_at_0(void)
{
    return (read_clock(CLOCK_REALTIME) - tern_clock_now() + TERN_SECOND / 2) / TERN_SECOND;
}

uint64_t tern_clock_unix_ms(void)
{
    return read_clock(CLOCK_REALTIME) / TERN_MS;
}

bool tern_turn_is_over(tern_turn *t, tern_time *now)
{
    if (t->ns == 0) return false;
    *now = tern_clock_now();
    if (t->ends == 0) t->ends = *now + t->ns;
    return *now >= t->ends;
}
