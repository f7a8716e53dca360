/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "command/progress.h"

#include "command/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sim_progress_begin(sim_progress *p, uint64_t of)
{
    const char *terminal = getenv("TERM");
    *p = (sim_progress){ .of = of, .begun_ns = sim_wall_ns() };
    p->on = isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

void sim_progress_draw(sim_progress *p)
{
    uint64_t now = p->on ? sim_wall_ns() : 0;
    if (!p->on || (p->shown && now - p->drawn_ns < TERN_SECOND / 10)) return;
    uint64_t ms = (now - p->begun_ns) / TERN_MS + 1, left = p->done == 0 ? 0 : (p->of - p->done) * ms / p->done / 1000;
    (void)fprintf(stderr,
                  "\r\033[K%" PRIu64 " of %" PRIu64 " seeds, %" PRIu64 " failed, %" PRIu64 " a second, %" PRIu64
                  " s left",
                  p->done, p->of, p->failed, p->done * 1000 / ms, left);
    (void)fflush(stderr);
    p->shown = true;
    p->drawn_ns = now;
}

void sim_progress_clear(sim_progress *p)
{
    if (p->shown) (void)fprintf(stderr, "\r\033[K");
    p->shown = false;
}
