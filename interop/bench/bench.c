/* SPDX-License-Identifier: MIT */
/* What the modes of tern-bench share (see bench.h). */
#define _GNU_SOURCE
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "posix/say.h"

void bench_request_emit(uint8_t out[BENCH_REQUEST_SIZE], char what, uint64_t n)
{
    out[0] = (uint8_t)what;
    for (int i = 0; i < 8; i++) out[1 + i] = (uint8_t)(n >> (8 * i));
}

uint64_t bench_request_number(const uint8_t in[BENCH_REQUEST_SIZE])
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++) n |= (uint64_t)in[1 + i] << (8 * i);
    return n;
}

double bench_cpu_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double bench_seconds(tern_time span)
{
    return (double)span / 1e9;
}

void *bench_alloc(size_t n)
{
    void *memory = aligned_alloc(64, (n + 63) / 64 * 64);
    if (memory != NULL && n > 0) return memory;
    tern_say("cannot get %zu bytes of memory", n);
    exit(1);
}

int bench_tell(uint64_t count, uint64_t bytes, double seconds, double cpu_seconds)
{
    (void)printf("{\"count\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"seconds\": %.9f, \"cpu_seconds\": %.9f}\n", count,
                 bytes, seconds, cpu_seconds);
    return 0;
}

void bench_wait_for_end(void)
{
    char ignored[64];
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) continue;
}
