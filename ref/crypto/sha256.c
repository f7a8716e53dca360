/* SPDX-License-Identifier: MIT */
/* SHA-256 and HMAC over BearSSL's. */
#include "crypto/sha256.h"

#include <bearssl.h>

#include "crypto/ct.h"

_Static_assert(sizeof(br_sha256_context) <= sizeof(tern_sha256), "BearSSL's context fits into the opaque storage");
_Static_assert(sizeof(br_hmac_key_context) <= sizeof(tern_hmac_key), "and that of a key");
_Static_assert(br_sha256_SIZE == TERN_SHA256_SIZE, "one hash size");

static br_sha256_context *inside(tern_sha256 *h)
{
    return (br_sha256_context *)(void *)h->opaque.bytes;
}

void tern_sha256_init(tern_sha256 *h)
{
    br_sha256_init(inside(h));
}

void tern_sha256_update(tern_sha256 *h, tern_bytes data)
{
    if (data.n > 0) br_sha256_update(inside(h), data.p, data.n);
}

void tern_sha256_final(const tern_sha256 *h, uint8_t out[TERN_SHA256_SIZE])
{
    br_sha256_out((const br_sha256_context *)(const void *)h->opaque.bytes, out);
}

void tern_sha256_of(tern_bytes data, uint8_t out[TERN_SHA256_SIZE])
{
    tern_sha256 h;
    tern_sha256_init(&h);
    tern_sha256_update(&h, data);
    tern_sha256_final(&h, out);
}

void tern_hmac_key_init(tern_hmac_key *expanded, tern_bytes key)
{
    br_hmac_key_init((br_hmac_key_context *)(void *)expanded->opaque.bytes, &br_sha256_vtable, key.p, key.n);
}

void tern_hmac_with(const tern_hmac_key *key, const tern_bytes *parts, size_t count, uint8_t out[TERN_SHA256_SIZE])
{
    br_hmac_context mac;
    br_hmac_init(&mac, (const br_hmac_key_context *)(const void *)key->opaque.bytes, 0);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].n > 0) br_hmac_update(&mac, parts[i].p, parts[i].n);
    }
    br_hmac_out(&mac, out);
    tern_wipe(&mac, sizeof mac);
}

void tern_hmac_sha256(tern_bytes key, const tern_bytes *parts, size_t count, uint8_t out[TERN_SHA256_SIZE])
{
    tern_hmac_key expanded;
    tern_hmac_key_init(&expanded, key);
    tern_hmac_with(&expanded, parts, count, out);
    tern_wipe(&expanded, sizeof expanded);
}
