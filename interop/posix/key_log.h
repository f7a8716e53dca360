/* SPDX-License-Identifier: MIT */
/* The key log (spec: handshake, Key log): the secrets of connections, a line each, in the form that Wireshark reads. */
#ifndef TERN_POSIX_KEY_LOG_H
#define TERN_POSIX_KEY_LOG_H

#include "posix/why.h"
#include "tern.h"

/* All zero is one that is not asked for. */
typedef struct {
    const char *path;
    int fd;
} tern_key_log;

/* Opens the file that an option (NULL: not given) or else the environment's SSLKEYLOGFILE names, to append to it, and
 * warns on stderr. true also when neither names one. */
bool tern_key_log_open(tern_key_log *k, const char *option, tern_why *why);
static inline bool tern_key_log_is_on(const tern_key_log *k)
{
    return k->path != NULL;
}
/* Writes a SECRET event. When that fails it says so, and writes no more. */
void tern_key_log_write(tern_key_log *k, const tern_event *event);
void tern_key_log_close(tern_key_log *k);

#endif
