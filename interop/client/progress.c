/* SPDX-License-Identifier: MIT */
/* A progress bar (see progress.h). */
#define _GNU_SOURCE
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "posix/text.h"

#define CELLS 24

void tern_progress_begin(tern_progress *p, const char *name, tern_time now)
{
    p->name = name;
    p->on = isatty(STDERR_FILENO) == 1;
    p->begun = now;
    p->drawn = 0;
}

tern_time tern_progress_draw(tern_progress *p, uint64_t done, uint64_t all, tern_time now)
{
    char bar[CELLS + 1];
    if (!p->on) return TERN_TIME_NEVER;
    if (p->drawn != 0 && now < p->drawn + TERN_PROGRESS_EVERY) return p->drawn + TERN_PROGRESS_EVERY;
    p->drawn = now;
    double part = all > 0 ? (double)done / (double)all : 0;
    tern_time spent = now - p->begun;
    size_t full = (size_t)(part * CELLS);
    memset(bar, '#', full);
    memset(bar + full, '.', CELLS - full);
    bar[CELLS] = '\0';
    tern_words left = { "?" };
    if (done > 0) left = tern_words_time((tern_time)((double)spent * (double)(all - done) / (double)done));
    (void)fprintf(stderr, "\r\033[K%s [%s] %3.0f%%  %s of %s  %s  %s left", p->name, bar, part * 100,
                  tern_words_size(done).text, tern_words_size(all).text, tern_words_rate(done, spent).text, left.text);
    (void)fflush(stderr);
    return now + TERN_PROGRESS_EVERY;
}

void tern_progress_end(tern_progress *p)
{
    if (p->on && p->drawn != 0) (void)fputs("\r\033[K", stderr);
    p->on = false;
}
