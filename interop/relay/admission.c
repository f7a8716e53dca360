/* SPDX-License-Identifier: MIT */
/* The files that let clients in (see admission.h). */
#define _GNU_SOURCE
#include "admission.h"

#include <stdlib.h>

#include "posix/files.h"
#include "posix/say.h"

#define CA_MAX (1u << 20)

/* again: while the relay runs, which waits for nothing but a plain file then. */
static bool read_ca(const char *path, bool again, tern_buf *pem, tern_why *why)
{
    bool read =
        again ? tern_file_read_plain(path, CA_MAX, false, pem, why) : tern_file_read(path, CA_MAX, pem, NULL, why);
    if (!read) return false;
    const char *wrong = tern_client_ca_check(tern_bytes_of(pem->p, pem->n));
    return wrong == NULL || tern_because(why, "cannot use %s: %s", path, wrong);
}

bool tern_admission_open(tern_admission *a, const char *keys_path, const char *ca_path, tern_why *why)
{
    a->keys_path = keys_path;
    a->ca_path = ca_path;
    if (keys_path != NULL && !tern_client_keys_load(keys_path, false, &a->keys, why)) return false;
    return ca_path == NULL || read_ca(ca_path, false, &a->ca_pem, why);
}

void tern_admission_configure(const tern_admission *a, tern_relay_config *config)
{
    config->require_client_key = a->keys_path != NULL;
    config->client_keys = (const uint8_t(*)[TERN_FINGERPRINT_SIZE])a->keys.fingerprint;
    config->client_keys_n = a->keys.n;
    config->client_ca_pem = tern_bytes_of(a->ca_pem.p, a->ca_pem.n);
}

static void reload_keys(tern_admission *a, tern_node *relay, tern_time now)
{
    static tern_client_keys fresh;
    tern_why why;
    if (!tern_client_keys_load(a->keys_path, true, &fresh, &why)) {
        tern_log("the keys of clients stay as they are: %s", why.text);
        return;
    }
    a->keys = fresh;
    /*= HS-064 */
    (void)tern_relay_set_client_keys(relay, now, (const uint8_t(*)[TERN_FINGERPRINT_SIZE])a->keys.fingerprint,
                                     a->keys.n);
    tern_log("%zu keys of clients read again from %s", a->keys.n, a->keys_path);
}

static void reload_ca(const tern_admission *a, tern_node *relay, tern_time now)
{
    tern_buf fresh = { NULL, 0 };
    tern_why why = { "they cannot be used here" };
    /*= HS-067 */
    if (read_ca(a->ca_path, true, &fresh, &why) &&
        tern_relay_set_client_ca(relay, now, tern_bytes_of(fresh.p, fresh.n)) == TERN_OK)
        tern_log("authorities of clients read again from %s", a->ca_path);
    else
        tern_log("the authorities of clients stay as they are: %s", why.text);
    free(fresh.p);
}

void tern_admission_reload(tern_admission *a, tern_node *relay, tern_time now)
{
    if (a->keys_path != NULL) reload_keys(a, relay, now);
    if (a->ca_path != NULL) reload_ca(a, relay, now);
}

void tern_admission_close(tern_admission *a)
{
    free(a->ca_pem.p);
    a->ca_pem = (tern_buf){ NULL, 0 };
}
