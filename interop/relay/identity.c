/* SPDX-License-Identifier: MIT */
/* Who the relay is (see identity.h). */
#define _GNU_SOURCE
#include "identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "posix/key_file.h"

static bool default_path(char *out, size_t cap, tern_why *why)
{
    char folder[TERN_FOLDER_SIZE];
    if (!tern_data_folder(folder, sizeof folder, "--identity FILE", why)) return false;
    int n = snprintf(out, cap, "%s/relay-key.pem", folder);
    return (n > 0 && (size_t)n < cap) || tern_because(why, "the path of the relay's key is too long");
}

/* Reads the relay's own key, and makes it first when there is none. */
static bool load_own(const tern_relay_options *options, tern_relay_identity *id, tern_why *why)
{
    id->key_path = options->identity != NULL ? options->identity : id->own_path;
    if (options->identity == NULL && !default_path(id->own_path, sizeof id->own_path, why)) return false;
    return tern_key_file_own(id->key_path, 0, &id->key_pem, id->fingerprint, &id->made, why);
}

bool tern_relay_identity_load(const tern_relay_options *options, tern_relay_identity *id, tern_why *why)
{
    memset(id, 0, sizeof *id);
    if (options->cert == NULL) return load_own(options, id, why);
    id->key_path = options->key;
    return tern_key_file_read(options->key, 007, &id->key_pem, id->fingerprint, NULL, why) &&
           tern_cert_file_read(options->cert, options->key, &id->key_pem, &id->cert_pem, why);
}

void tern_relay_identity_forget(tern_relay_identity *id)
{
    tern_key_file_forget(&id->key_pem);
    free(id->cert_pem.p);
    id->cert_pem = (tern_buf){ NULL, 0 };
}
