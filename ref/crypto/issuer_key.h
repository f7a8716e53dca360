/* SPDX-License-Identifier: MIT */
/* The key of one who signs for others: certificates, OCSP responses (spec: handshake 3; RFC 5280, RFC 5480, RFC 8017).
 */
#ifndef TERN_CRYPTO_ISSUER_KEY_H
#define TERN_CRYPTO_ISSUER_KEY_H

#include "base/types.h"

#define TERN_ISSUER_KEY_MAX 536 /* an RSA key of 4096 bits with a short exponent; EC keys take at most 133 */

/* No interior pointers: a plain copy clones it. */
typedef struct {
    bool is_rsa;
    uint8_t curve;                     /* EC: 23 is P-256, 24 P-384, 25 P-521 (RFC 8422 section 5.1.1) */
    uint16_t n;                        /* of bits; 0: there is no key */
    uint8_t bits[TERN_ISSUER_KEY_MAX]; /* what the BIT STRING of its SubjectPublicKeyInfo holds: what OCSP hashes */
} tern_issuer_key;

/* Reads the value of a SubjectPublicKeyInfo: EC on the three curves, or RSA of 2048 to 4096 bits. false, and no key,
 * for another kind. */
TERN_MUST_USE bool tern_issuer_key_read(tern_bytes key_info, tern_issuer_key *key);

/* Whether signature is this key's over message. algorithm is the value of an AlgorithmIdentifier: ECDSA or RSA PKCS#1
 * v1.5 with SHA-256, 384 or 512; others, and no key, verify nothing. Strict: no two encodings of a signature or of an
 * algorithm verify alike, but for RSA's parameters, which may be NULL or absent. */
TERN_MUST_USE bool tern_issuer_key_verify(const tern_issuer_key *key, tern_bytes algorithm, tern_bytes message,
                                          tern_bytes signature);

#endif
