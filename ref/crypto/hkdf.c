/* SPDX-License-Identifier: MIT */
/* HKDF-SHA256 (spec: handshake; RFC 5869, RFC 8446 section 7.1). */
#include "crypto/hkdf.h"

#include <string.h>

#include "base/io.h"
#include "crypto/ct.h"

void tern_hkdf_extract(tern_bytes salt, tern_bytes ikm, uint8_t out[TERN_SECRET_SIZE])
{
    tern_hmac_sha256(salt, &ikm, 1, out); /* HMAC pads an empty key to zeros by itself */
}

static void expand(const tern_hmac_key *key, tern_bytes info, tern_buf out)
{
    tern_assert(out.n <= TERN_HKDF_MAX);
    uint8_t block[TERN_SHA256_SIZE], counter = 0;
    size_t known = 0; /* bytes of the block before: none for the first */
    while (out.n > 0) {
        counter++;
        tern_bytes parts[] = { { block, known }, info, { &counter, 1 } };
        tern_hmac_with(key, parts, 3, block);
        known = sizeof block;
        size_t take = out.n < sizeof block ? out.n : sizeof block;
        memcpy(out.p, block, take);
        out.p += take;
        out.n -= take;
    }
    tern_wipe(block, sizeof block);
}

void tern_hkdf_expand(tern_bytes prk, tern_bytes info, tern_buf out)
{
    tern_hmac_key key;
    tern_hmac_key_init(&key, prk);
    expand(&key, info, out);
    tern_wipe(&key, sizeof key);
}

static void expand_label(const tern_hmac_key *key, const char *label, tern_bytes context, tern_buf out)
{
    tern_assert(context.n <= 255 && out.n <= TERN_HKDF_MAX);
    static const char prefix[] = TERN_HKDF_LABEL;
    uint8_t full[sizeof prefix - 1 + TERN_HKDF_LABEL_MAX];
    size_t n = sizeof prefix - 1;
    memcpy(full, prefix, n);
    for (; *label != '\0' && n < sizeof full; label++) full[n++] = (uint8_t)*label;
    tern_assert(*label == '\0');

    uint8_t info[2 + 1 + sizeof full + 1 + 255];
    tern_writer w = tern_writer_of((tern_buf){ info, sizeof info });
    tern_write_u16(&w, (uint16_t)out.n);
    tern_write_short_string(&w, tern_bytes_of(full, n));
    tern_write_short_string(&w, context);
    expand(key, tern_written(&w), out);
}

void tern_hkdf_expand_label(const uint8_t secret[TERN_SECRET_SIZE], const char *label, tern_bytes context, tern_buf out)
{
    tern_hmac_key key; /* out may be the secret itself */
    tern_hmac_key_init(&key, tern_bytes_of(secret, TERN_SECRET_SIZE));
    expand_label(&key, label, context, out);
    tern_wipe(&key, sizeof key);
}

void tern_hkdf_expand_labels(const uint8_t secret[TERN_SECRET_SIZE], const tern_hkdf_wanted *wanted, size_t count)
{
    tern_hmac_key key;
    tern_hmac_key_init(&key, tern_bytes_of(secret, TERN_SECRET_SIZE));
    for (size_t i = 0; i < count; i++) expand_label(&key, wanted[i].label, tern_bytes_of(NULL, 0), wanted[i].out);
    tern_wipe(&key, sizeof key);
}
