/* SPDX-License-Identifier: MIT */
/* HMAC-DRBG over BearSSL's. */
#include "crypto/drbg.h"

#include <bearssl.h>

_Static_assert(sizeof(br_hmac_drbg_context) <= sizeof(tern_drbg), "BearSSL's context fits into the opaque storage");

static br_hmac_drbg_context *inside(tern_drbg *d)
{
    return (br_hmac_drbg_context *)(void *)d->opaque.bytes;
}

void tern_drbg_init(tern_drbg *d, const uint8_t seed[TERN_SEED_SIZE], tern_bytes personalisation)
{
    br_hmac_drbg_init(inside(d), &br_sha256_vtable, seed, TERN_SEED_SIZE);
    if (personalisation.n > 0) br_hmac_drbg_update(inside(d), personalisation.p, personalisation.n);
}

void tern_drbg_bytes(tern_drbg *d, tern_buf out)
{
    if (out.n > 0) br_hmac_drbg_generate(inside(d), out.p, out.n);
}

uint64_t tern_drbg_u64(tern_drbg *d)
{
    uint8_t bytes[8];
    uint64_t v = 0;
    br_hmac_drbg_generate(inside(d), bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) v = v << 8 | bytes[i];
    return v;
}
