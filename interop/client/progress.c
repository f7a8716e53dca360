/* SPDX-License-Identifier: MIT */
/* A progress bar (see progress.h). */
#define _GNU_SOURCE
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
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

static size_t columns_of_terminal(void)
{
    struct winsize w;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

/* Time that is left, in whole seconds. */
static tern_words words_left(uint64_t done, uint64_t all, tern_time spent)
{
    tern_words w = { "?" };
    if (done == 0) return w;
    double seconds = (double)spent / 1e9 * (double)(all - done) / (double)done;
    if (seconds >= 59 && seconds < 1e6) return tern_words_time((tern_time)(seconds * 1e9));
    (void)snprintf(w.text, sizeof w.text, seconds < 59 ? "%.0f s" : "a long time", seconds + 0.5);
    return w;
}

/* Bytes of the name that fit so many columns: cut between characters. */
static int cut(const char *name, size_t columns)
{
    size_t n = strlen(name);
    if (n > columns) n = columns;
    while (n > 0 && ((uint8_t)name[n] & 0xc0) == 0x80) n--;
    return (int)n;
}

tern_time tern_progress_draw(tern_progress *p, uint64_t done, uint64_t all, tern_time now)
{
    char bar[CELLS + 1], rest[160];
    if (!p->on) return TERN_TIME_NEVER;
    if (p->drawn != 0 && now < p->drawn + TERN_PROGRESS_EVERY) return p->drawn + TERN_PROGRESS_EVERY;
    p->drawn = now;
    double part = all > 0 ? (double)done / (double)all : 0;
    size_t full = (size_t)(part * CELLS), columns = columns_of_terminal();
    memset(bar, '#', full);
    memset(bar + full, '.', CELLS - full);
    bar[CELLS] = '\0';
    (void)snprintf(rest, sizeof rest, "%3.0f%%  %s of %s  %s  %s left", part * 100, tern_words_size(done).text,
                   tern_words_size(all).text, tern_words_rate(done, now - p->begun).text,
                   words_left(done, all, now - p->begun).text);
    if (strlen(rest) + 2 > columns) rest[columns > 2 ? columns - 2 : 0] = '\0'; /* a second row would stay behind */
    size_t n = strlen(rest) + 2;
    bool with_bar = columns > n + CELLS + 8;
    if (with_bar) n += CELLS + 3;
    (void)fprintf(stderr, "\r\033[K%.*s %s%s%s%s", columns > n ? cut(p->name, columns - n) : 0, p->name,
                  with_bar ? "[" : "", with_bar ? bar : "", with_bar ? "] " : "", rest);
    (void)fflush(stderr);
    return now + TERN_PROGRESS_EVERY;
}

void tern_progress_end(tern_progress *p)
{
    if (p->on && p->drawn != 0) (void)fputs("\r\033[K", stderr);
    p->on = false;
}
