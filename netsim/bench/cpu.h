/* SPDX-License-Identifier: MIT */
/* What the benchmarks of the simulator measure in. */
#ifndef TERN_NETSIM_BENCH_CPU_H
#define TERN_NETSIM_BENCH_CPU_H

#include <time.h>

/* Of processor time that this process has used. POSIX's clock: its users define _GNU_SOURCE. */
static inline double cpu_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
