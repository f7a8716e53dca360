/* SPDX-License-Identifier: MIT */
/* A secret in a file (see ticket_secret.h). */
#define _GNU_SOURCE
#include "ticket_secret.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/entropy.h"
#include "posix/files.h"
#include "posix/say.h"

static bool read_secret(const char *path, uint8_t secret[TERN_TICKET_SECRET_SIZE], tern_why *why)
{
    tern_buf file = { NULL, 0 };
    if (!tern_file_read_plain(path, 4096, true, &file, why)) return false;
    bool fits = file.n == TERN_TICKET_SECRET_SIZE;
    if (fits)
        memcpy(secret, file.p, TERN_TICKET_SECRET_SIZE);
    else
        (void)tern_because(why, "%s has %zu bytes: a secret for tickets has 32, such as head -c 32 /dev/urandom gives",
                           path, file.n);
    explicit_bzero(file.p, file.n);
    free(file.p);
    return fits;
}

bool tern_ticket_secret_load(const char *path, uint8_t secret[TERN_TICKET_SECRET_SIZE], tern_why *why)
{
    _Static_assert(TERN_SEED_SIZE == TERN_TICKET_SECRET_SIZE, "as much entropy as a seed");
    if (access(path, F_OK) == 0) return read_secret(path, secret, why);
    tern_entropy(secret);
    if (!tern_file_make_folders(path, why) ||
        !tern_file_write(path, tern_bytes_of(secret, TERN_TICKET_SECRET_SIZE), 0600, true, why))
        return false;
    tern_log("made a new secret for tickets in %s", path);
    return true;
}

void tern_ticket_secret_reload(const char *path, tern_node *relay, tern_time now)
{
    uint8_t secret[TERN_TICKET_SECRET_SIZE];
    tern_why why = { "it is all zeros" };
    if (path == NULL) return;
    /*= HS-049 */
    if (read_secret(path, secret, &why) && tern_relay_set_ticket_secret(relay, now, secret) == TERN_OK)
        tern_log("the secret for tickets was read again from %s", path);
    else
        tern_log("the secret for tickets stays as it is: %s", why.text);
    explicit_bzero(secret, sizeof secret);
}
