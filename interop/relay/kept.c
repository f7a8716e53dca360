/* SPDX-License-Identifier: MIT */
/* The file: when it was written, milliseconds since 1970 in 8 bytes, and what tern_dialect_state_export gave. */
#define _GNU_SOURCE
#include "kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/clock.h"
#include "posix/files.h"
#include "posix/say.h"

#define PAUSE (30 * TERN_SECOND) /* between one writing and the next */
#define WHEN  8                  /* bytes */

static uint64_t heard_by(const tern_node *server)
{
    tern_stats stats;
    tern_dialect_stats(server, &stats);
    return stats.packets_received;
}

static bool give(tern_kept *k, const tern_buf *file, const tern_addr *local, tern_time now)
{
    uint64_t when = 0, unix_ms = tern_clock_unix_ms();
    if (file->n < WHEN) return false;
    for (size_t i = 0; i < WHEN; i++) when = when << 8 | file->p[i];
    uint64_t away = unix_ms > when ? unix_ms - when : 0;
    if (away > UINT32_MAX) away = UINT32_MAX; /* ms: it has to fit in nanoseconds */
    tern_bytes state = tern_bytes_of(file->p + WHEN, file->n - WHEN);
    return tern_dialect_state_import(k->server, now, away * TERN_MS, local, state) == TERN_OK;
}

void tern_kept_open(tern_kept *k, const char *path, tern_node *server, const tern_addr *local, tern_time now)
{
    size_t most = tern_dialect_state_size(server);
    tern_buf file = { NULL, 0 };
    tern_why why;
    *k = (tern_kept){ .write_at = TERN_TIME_NEVER };
    if (most == 0) return;
    k->server = server;
    k->write_at = now + PAUSE;
    (void)snprintf(k->path, sizeof k->path, "%s", path);
    if (access(path, F_OK) != 0) return;
    if (!tern_file_read_plain(path, WHEN + most, true, &file, &why))
        tern_log("%s", why.text);
    else if (!give(k, &file, local, now))
        tern_log("%s is damaged, or another dialect's: nobody is known from before", path);
    free(file.p);
}

/*= RSF-016 TLV-016 */
static void write_it(tern_kept *k, tern_time now)
{
    size_t most = tern_dialect_state_size(k->server);
    uint8_t *bytes = malloc(WHEN + most);
    uint64_t unix_ms = tern_clock_unix_ms();
    tern_why why;
    if (bytes == NULL) return;
    for (size_t i = 0; i < WHEN; i++) bytes[i] = (uint8_t)(unix_ms >> (56 - 8 * i));
    size_t n = tern_dialect_state_export(k->server, now, (tern_buf){ bytes + WHEN, most });
    if (n > 0 && !tern_file_write(k->path, tern_bytes_of(bytes, WHEN + n), 0600, false, &why)) tern_log("%s", why.text);
    free(bytes);
}

tern_time tern_kept_tick(tern_kept *k, tern_time now)
{
    if (k->server == NULL || now < k->write_at) return k->write_at;
    uint64_t heard = heard_by(k->server);
    if (heard != k->heard) write_it(k, now);
    k->heard = heard;
    k->write_at = now + PAUSE;
    return k->write_at;
}

void tern_kept_close(tern_kept *k)
{
    if (k->server != NULL) write_it(k, tern_clock_now());
    k->server = NULL;
}
