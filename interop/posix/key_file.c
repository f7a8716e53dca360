/* SPDX-License-Identifier: MIT */
/* Private keys in files (see key_file.h). */
#define _GNU_SOURCE
#include "posix/key_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "posix/entropy.h"
#include "posix/files.h"

bool tern_key_file_make(const char *path, tern_why *why)
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

static bool is_private(const char *path, mode_t others, tern_why *why)
{
    struct stat st;
    if (stat(path, &st) != 0) return tern_because(why, "cannot read %s: %s", path, strerror(errno));
    if ((st.st_mode & others) == 0) return true;
    return tern_because(why, "the key %s can be used by others (mode %03o): chmod 600 it", path,
                        (unsigned)st.st_mode & 0777);
}

bool tern_key_file_read(const char *path, mode_t others, tern_buf *pem, uint8_t fingerprint[TERN_FINGERPRINT_SIZE],
                        bool *missing, tern_why *why)
{
    if (!tern_file_read(path, TERN_KEY_FILE_MAX, pem, missing, why)) return false;
    bool done = is_private(path, others, why);
    if (done && tern_key_pem_fingerprint(tern_bytes_of(pem->p, pem->n), fingerprint) != TERN_OK)
        done = tern_because(why, "cannot use %s: %s", path,
                            tern_key_pem_check(tern_bytes_of(pem->p, pem->n), tern_bytes_of(NULL, 0)));
    if (!done) tern_key_file_forget(pem);
    return done;
}

void tern_key_file_forget(tern_buf *pem)
{
    if (pem->p != NULL) explicit_bzero(pem->p, pem->n);
    free(pem->p);
    *pem = (tern_buf){ NULL, 0 };
}

bool tern_cert_file_read(const char *path, const char *key_path, const tern_buf *key_pem, tern_buf *pem, tern_why *why)
{
    if (!tern_file_read(path, TERN_CERT_FILE_MAX, pem, NULL, why)) return false;
    if (pem->n == 0) /* to the core that would mean: no certificate wanted */
        return tern_because(why, "cannot use %s: the certificate file is empty", path);
    const char *fault = tern_key_pem_check(tern_bytes_of(key_pem->p, key_pem->n), tern_bytes_of(pem->p, pem->n));
    return fault == NULL || tern_because(why, "cannot use %s with %s: %s", path, key_path, fault);
}
