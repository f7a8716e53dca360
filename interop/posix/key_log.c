/* SPDX-License-Identifier: MIT */
/* The key log (see key_log.h). */
#define _GNU_SOURCE
#include "posix/key_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/files.h"
#include "posix/say.h"
#include "posix/text.h"

bool tern_key_log_open(tern_key_log *k, const char *option, tern_why *why)
{
    const char *path = option != NULL ? option : secure_getenv("SSLKEYLOGFILE");
    *k = (tern_key_log){ 0 };
    if (path == NULL || path[0] == '\0') return true;
    /*= HS-092 */
    k->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (k->fd < 0) return tern_because(why, "cannot write the key log %s: %s", path, strerror(errno));
    k->path = path;
    tern_say("warning: keys are written to %s: whoever reads it can read what is sent", path);
    return true;
}

void tern_key_log_write(tern_key_log *k, const tern_event *event)
{
    char line[64 + 2 * 64 + 8], random[65], secret[65];
    if (!tern_key_log_is_on(k)) return;
    tern_hex(tern_bytes_of(event->u.secret.client_random, 32), random);
    tern_hex(tern_bytes_of(event->u.secret.secret, 32), secret);
    /*= HS-091 */
    int n = snprintf(line, sizeof line, "%s %s %s\n", event->u.secret.label, random, secret);
    int error = tern_file_write_all(k->fd, tern_bytes_of(line, (size_t)n)); /* one write: lines of others do not mix */
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(line, sizeof line);
    if (error == 0) return;
    tern_say("cannot write the key log %s: %s", k->path, strerror(error));
    tern_key_log_close(k);
}

void tern_key_log_close(tern_key_log *k)
{
    if (tern_key_log_is_on(k)) (void)close(k->fd);
    *k = (tern_key_log){ 0 };
}
