/* SPDX-License-Identifier: MIT */
/* The file of --ocsp: what the authority says of the relay's certificate, shown to clients and looked at again when it
 * changes (spec: handshake 9). */
#ifndef TERN_RELAY_STAPLED_H
#define TERN_RELAY_STAPLED_H

#include <sys/stat.h>

#include "posix/why.h"
#include "tern.h"

typedef struct {
    const char *path; /* NULL: there is none */
    tern_node *node;
    struct stat seen;  /* the file when it was read last */
    tern_time look_at; /* when to look whether it is another */
    uint64_t until;    /* Unix time when what is shown expires; 0: nothing is */
} tern_stapled;

/* Reads the file. false: it cannot be read or is no response for the relay's certificate; one that does not hold now is
 * only logged. Without a path (NULL), logs when the certificate says that there is somebody to ask. */
bool tern_stapled_open(tern_stapled *s, const char *path, tern_node *node, tern_bytes cert_pem, tern_time now,
                       tern_why *why);
/* Looks at the file when it is time, and reads it when it is another; when that cannot be shown, the log says so and
 * what was shown before stays. Tells too when what is shown expires. When to call next; TERN_TIME_NEVER. */
tern_time tern_stapled_tick(tern_stapled *s, tern_time now);
/* Reads the file now, whether it seems to have changed or not. */
void tern_stapled_reload(tern_stapled *s, tern_time now);

#endif
