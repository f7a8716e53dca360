/* SPDX-License-Identifier: MIT */
/* Who the relay is (see identity.h). */
#define _GNU_SOURCE
#include "identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "posix/entropy.h"
#include "posix/files.h"

#define KEY_MAX  65536
#define CERT_MAX 262144

static bool default_path(char *out, size_t cap, tern_why *why)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int n;
    if (data != NULL && data[0] == '/')
        n = snprintf(out, cap, "%s/tern/relay-key.pem", data);
    else if (home != NULL && home[0] != '\0')
        n = snprintf(out, cap, "%s/.local/share/tern/relay-key.pem", home);
    else
        return tern_because(why,
                            "neither XDG_DATA_HOME nor HOME is set: say where the key is kept with --identity FILE");
    if (n < 0 || (size_t)n >= cap) return tern_because(why, "the path of the relay's key is too long");
    return true;
}

/* A private key that others can read is not one. */
static bool is_private(const char *path, mode_t others, tern_why *why)
{
    struct stat st;
    if (stat(path, &st) != 0) return tern_because(why, "cannot read %s: %s", path, strerror(errno));
    if ((st.st_mode & others) == 0) return true;
    return tern_because(why, "the key %s can be used by others (mode %03o): chmod 600 it", path,
                        (unsigned)st.st_mode & 0777);
}

static bool make_key(const char *path, tern_why *why)
{
    uint8_t seed[TERN_SEED_SIZE], pem[512];
    size_t n = 0;
    tern_entropy(seed);
    int error = tern_key_new(seed, (tern_buf){ pem, sizeof pem }, &n);
    bool done =
        error == TERN_OK ? true : tern_because(why, "cannot make a key: %s", tern_error_text((tern_error)error));
    done = done && tern_file_make_folders(path, why) && tern_file_write(path, tern_bytes_of(pem, n), 0600, true, why);
    explicit_bzero(seed, sizeof seed);
    explicit_bzero(pem, sizeof pem);
    return done;
}

/* Reads the relay's own key, and makes it first when there is none. */
static bool load_own(const tern_relay_options *options, tern_relay_identity *id, tern_why *why)
{
    bool missing = false;
    id->key_path = options->identity != NULL ? options->identity : id->own_path;
    if (options->identity == NULL && !default_path(id->own_path, sizeof id->own_path, why)) return false;
    if (!tern_file_read(id->key_path, KEY_MAX, &id->key_pem, &missing, why)) {
        if (!missing || !make_key(id->key_path, why)) return false;
        id->made = true;
        if (!tern_file_read(id->key_path, KEY_MAX, &id->key_pem, NULL, why)) return false;
    }
    return is_private(id->key_path, 077, why);
}

bool tern_relay_identity_load(const tern_relay_options *options, tern_relay_identity *id, tern_why *why)
{
    memset(id, 0, sizeof *id);
    if (options->cert != NULL) {
        id->key_path = options->key;
        if (!tern_file_read(options->cert, CERT_MAX, &id->cert_pem, NULL, why) ||
            !tern_file_read(options->key, KEY_MAX, &id->key_pem, NULL, why) || !is_private(id->key_path, 007, why))
            return false;
        if (id->cert_pem.n == 0) /* to the core that would mean: no certificate wanted */
            return tern_because(why, "cannot use %s: the certificate file is empty", options->cert);
    } else if (!load_own(options, id, why)) {
        return false;
    }
    if (tern_key_pem_fingerprint(tern_bytes_of(id->key_pem.p, id->key_pem.n), id->fingerprint) == TERN_OK) return true;
    return tern_because(why, "cannot use %s: it holds no P-256 private key in PEM", id->key_path);
}

void tern_relay_identity_forget(tern_relay_identity *id)
{
    if (id->key_pem.p != NULL) explicit_bzero(id->key_pem.p, id->key_pem.n);
    free(id->key_pem.p);
    free(id->cert_pem.p);
    id->key_pem = id->cert_pem = (tern_buf){ NULL, 0 };
}
