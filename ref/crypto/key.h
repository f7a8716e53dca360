/* SPDX-License-Identifier: MIT */
/* The keys that identities have, P-256 and RSA, behind one type: the kind of the key says how it signs (spec: handshake
 * 3). */
#ifndef TERN_CRYPTO_KEY_H
#define TERN_CRYPTO_KEY_H

#include "base/types.h"
#include "crypto/p256.h"
#include "crypto/rsa.h"
#include "crypto/sha256.h"

typedef enum { TERN_KEY_NONE, TERN_KEY_P256, TERN_KEY_RSA } tern_key_kind;

#define TERN_SIGNATURE_MAX TERN_RSA_BYTES_MAX
_Static_assert(TERN_SIGNATURE_MAX >= TERN_P256_SIGNATURE_MAX, "of either kind");

/* Bytes that are not used are zero, so that equal keys are equal bytes. */
typedef struct {
    tern_key_kind kind;
    union {
        uint8_t p256[TERN_P256_PUBLIC_SIZE];
        tern_rsa_public rsa;
    } u;
} tern_public_key;

typedef struct {
    tern_key_kind kind;
    union {
        uint8_t p256[TERN_P256_PRIVATE_SIZE];
        tern_rsa_private rsa;
    } u;
} tern_private_key;

bool tern_public_key_equal(const tern_public_key *a, const tern_public_key *b);
void tern_public_key_p256(tern_public_key *key, const uint8_t point[TERN_P256_PUBLIC_SIZE]);

/* Signs by the key's kind: ECDSA over P-256 or RSASSA-PSS, both with SHA-256 (RFC 8446 section 4.2.3:
 * ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256). The same key and message give the same signature. Its length, 0 when
 * the key is none. */
TERN_MUST_USE size_t tern_key_sign(const tern_private_key *key, tern_bytes message,
                                   uint8_t signature[TERN_SIGNATURE_MAX]);
TERN_MUST_USE bool tern_key_verify(const tern_public_key *key, tern_bytes message, tern_bytes signature);

/* How many signatures on P-256 one with this key takes the time of, as measured: 1, or 7, 24 or 75 for RSA of up to
 * 2048, 3072 or 4096 bits. */
uint32_t tern_key_cost(const tern_public_key *key);

/* What a pin is: SHA-256 of the DER SubjectPublicKeyInfo, as `openssl pkey -pubin -outform DER | sha256sum` shows. */
void tern_key_fingerprint(const tern_public_key *key, uint8_t out[TERN_SHA256_SIZE]);

#endif
