/* SPDX-License-Identifier: MIT */
/* The file in which a dialect's clients, and what was said, outlive a restart of the relay (RSF-016, TLV-016). */
#ifndef TERN_RELAY_KEPT_H
#define TERN_RELAY_KEPT_H

#include "posix/why.h"
#include "tern.h"

#define TERN_KEPT_PATH 4096

typedef struct {
    char path[TERN_KEPT_PATH];
    tern_node *server; /* NULL: nothing is kept */
    uint64_t heard;    /* datagrams, when it was written last */
    tern_time write_at;
} tern_kept;

/* Gives the server what the file holds; one that is damaged, or that others could have written, is left as it is and
 * the log says so. local: where the server listens. A server that keeps nothing is fine. */
void tern_kept_open(tern_kept *k, const char *path, tern_node *server, const tern_addr *local, tern_time now);
/* Writes the file when it is time and something was heard; when to call next. */
tern_time tern_kept_tick(tern_kept *k, tern_time now);
/* Writes it. */
void tern_kept_close(tern_kept *k);

#endif
