/* SPDX-License-Identifier: MIT */
/* Keys of either kind (see key.h). */
#include "crypto/key.h"

#include <string.h>

#include "crypto/rsa_pem.h"

bool tern_public_key_equal(const tern_public_key *a, const tern_public_key *b)
{
    const tern_rsa_public *x = &a->u.rsa, *y = &b->u.rsa;
    if (a->kind != b->kind) return false;
    if (a->kind == TERN_KEY_P256) return memcmp(a->u.p256, b->u.p256, sizeof a->u.p256) == 0;
    return x->n == y->n && x->exponent == y->exponent && memcmp(x->modulus, y->modulus, x->n) == 0;
}

void tern_public_key_p256(tern_public_key *key, const uint8_t point[TERN_P256_PUBLIC_SIZE])
{
    memset(key, 0, sizeof *key);
    key->kind = TERN_KEY_P256;
    memcpy(key->u.p256, point, TERN_P256_PUBLIC_SIZE);
}

size_t tern_key_sign(const tern_private_key *key, tern_bytes message, uint8_t signature[TERN_SIGNATURE_MAX])
{
    switch (key->kind) {
    case TERN_KEY_P256: return tern_p256_sign(key->u.p256, message, signature);
    case TERN_KEY_RSA: return tern_rsa_sign(&key->u.rsa, message, signature);
    case TERN_KEY_NONE: break;
    }
    return 0;
}

bool tern_key_verify(const tern_public_key *key, tern_bytes message, tern_bytes signature)
{
    switch (key->kind) {
    case TERN_KEY_P256: return tern_p256_verify(key->u.p256, message, signature);
    case TERN_KEY_RSA: return tern_rsa_verify(&key->u.rsa, message, signature);
    case TERN_KEY_NONE: break;
    }
    return false;
}

uint32_t tern_key_cost(const tern_public_key *key)
{
    if (key->kind != TERN_KEY_RSA) return 1;
    if (key->u.rsa.n <= 256) return 7;
    return key->u.rsa.n <= 384 ? 24 : 75;
}

static void fingerprint_p256(const uint8_t point[TERN_P256_PUBLIC_SIZE], uint8_t out[TERN_SHA256_SIZE])
{
    /* SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING of 66 bytes, the first says: no bits unused } */
    static const uint8_t header[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                      0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
    tern_sha256 h;
    tern_sha256_init(&h);
    tern_sha256_update(&h, tern_bytes_of(header, sizeof header));
    tern_sha256_update(&h, tern_bytes_of(point, TERN_P256_PUBLIC_SIZE));
    tern_sha256_final(&h, out);
}

static void fingerprint_rsa(const tern_rsa_public *key, uint8_t out[TERN_SHA256_SIZE])
{
    uint8_t der[TERN_RSA_SPKI_MAX];
    tern_writer w = tern_writer_of((tern_buf){ der, sizeof der });
    tern_rsa_spki(key, &w);
    tern_assert(tern_writer_ok(&w));
    tern_sha256_of(tern_written(&w), out);
}

void tern_key_fingerprint(const tern_public_key *key, uint8_t out[TERN_SHA256_SIZE])
{
    if (key->kind == TERN_KEY_RSA)
        fingerprint_rsa(&key->u.rsa, out);
    else
        fingerprint_p256(key->u.p256, out);
}
