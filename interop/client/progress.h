/* SPDX-License-Identifier: MIT */
/* A progress bar on stderr, when that is a terminal; nothing otherwise. */
#ifndef TERN_CLIENT_PROGRESS_H
#define TERN_CLIENT_PROGRESS_H

#include "tern.h"

#define TERN_PROGRESS_EVERY (100 * TERN_MS)

typedef struct {
    const char *name; /* made safe to show */
    bool on;
    tern_time begun, drawn;
} tern_progress;

void tern_progress_begin(tern_progress *p, const char *name, tern_time now);
/* Draws when it is time; when to call again, TERN_TIME_NEVER for never. */
tern_time tern_progress_draw(tern_progress *p, uint64_t done, uint64_t all, tern_time now);
/* Takes the bar away. */
void tern_progress_end(tern_progress *p);

#endif
