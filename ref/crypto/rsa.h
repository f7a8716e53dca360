/* SPDX-License-Identifier: MIT */
/* RSASSA-PSS with SHA-256, MGF1 of SHA-256 and a salt of 32 bytes, for keys of 2048 to 4096 bits (spec: handshake 3;
 * RFC 8017 section 8.1). BearSSL has the private operation, in constant time, and no PSS. */
#ifndef TERN_CRYPTO_RSA_H
#define TERN_CRYPTO_RSA_H

#include "base/types.h"

#define TERN_RSA_BYTES_MIN 256
#define TERN_RSA_BYTES_MAX 512

/* Big-endian without zeros in front; bytes behind the modulus are zero. The exponent is odd and at least 3. */
typedef struct {
    size_t n;
    uint32_t exponent;
    uint8_t modulus[TERN_RSA_BYTES_MAX];
} tern_rsa_public;

/* RFC 8017 section 3.2, second form: p, q, d mod p-1, d mod q-1, q^-1 mod p, one behind the other. */
typedef struct {
    uint32_t bits; /* of the modulus */
    uint16_t n[5];
    uint8_t parts[5 * TERN_RSA_BYTES_MAX / 2];
    tern_rsa_public public_key;
} tern_rsa_private;

/* Whether numbers as they stand in a certificate are a key that is taken here. */
TERN_MUST_USE bool tern_rsa_public_read(tern_rsa_public *key, tern_bytes modulus, tern_bytes exponent);
/* Gives a private key its public half. false when that is none that is taken here, or they do not fit together, which
 * costs a signature to see. */
TERN_MUST_USE bool tern_rsa_private_complete(tern_rsa_private *key, tern_bytes modulus, tern_bytes exponent);

/* The salt is an HMAC of the message under the key, so the same message gets the same signature, and no randomness is
 * needed. tern_key_cost says what it costs. Its length, that of the modulus; 0 when the
 * result does not verify: a fault that would give the key away (Boneh, DeMillo, Lipton 1997). */
TERN_MUST_USE size_t tern_rsa_sign(const tern_rsa_private *key, tern_bytes message,
                                   uint8_t signature[TERN_RSA_BYTES_MAX]);
TERN_MUST_USE bool tern_rsa_verify(const tern_rsa_public *key, tern_bytes message, tern_bytes signature);

#endif
