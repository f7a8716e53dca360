/* SPDX-License-Identifier: MIT */
/* Whatever is wrong with a file is said here, in one form. */
#define _GNU_SOURCE
#include "command/load.h"

#include "world/queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool sim_read_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *text < '0' || *text > '9') return false;
    *number = value;
    return true;
}

bool sim_read_two(const char *text, const char *between, uint64_t *a, uint64_t *b)
{
    const char *at = strstr(text, between);
    char first[32];
    if (at == NULL || (size_t)(at - text) >= sizeof first) return false;
    memcpy(first, text, (size_t)(at - text));
    first[at - text] = '\0';
    return sim_read_number(first, a) && sim_read_number(at + strlen(between), b);
}

bool sim_read_seeds(const char *text, uint64_t *first, uint64_t *last)
{
    bool good = sim_read_two(text, "..", first, last);
    if (!good) {
        good = sim_read_number(text, first);
        *last = *first;
    }
    return good && *first <= *last;
}

uint64_t sim_wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * TERN_SECOND + (uint64_t)t.tv_nsec;
}

uint8_t *sim_read_scenario(const char *name, size_t *n)
{
    FILE *f = fopen(name, "rb");
    uint8_t *bytes = NULL;
    bool bad = f == NULL;
    if (!bad) {
        bytes = sim_grow(NULL, SIM_FILE_MAX + 1, 1);
        errno = 0;
        *n = fread(bytes, 1, SIM_FILE_MAX + 1, f);
        bad = ferror(f) != 0;
    }
    if (bad) fprintf(stderr, "tern-sim: %s: %s\n", name, strerror(errno));
    if (f != NULL) (void)fclose(f);
    if (!bad) return bytes;
    free(bytes);
    return NULL;
}

bool sim_load(sim_scenario *s, const char *name, uint64_t seed)
{
    size_t n;
    uint8_t *file = sim_read_scenario(name, &n);
    sim_error error;
    if (file == NULL) return false;
    bool good = sim_scenario_parse(s, tern_bytes_of(file, n), seed, &error);
    free(file);
    if (!good) fprintf(stderr, "tern-sim: %s:%u:%u: %s\n", name, error.line, error.column, error.text);
    return good;
}
