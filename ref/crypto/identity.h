/* SPDX-License-Identifier: MIT */
/* Who an endpoint is: a key and, if it has one, the certificate chain that vouches for it (spec: handshake). */
#ifndef TERN_CRYPTO_IDENTITY_H
#define TERN_CRYPTO_IDENTITY_H

#include "base/types.h"
#include "crypto/chain.h"
#include "crypto/key.h"

#define TERN_IDENTITY_PEM_MAX 320 /* what tern_identity_to_pem writes at most, with its final zero */

typedef struct {
    tern_private_key private_key; /* secret: tern_wipe the identity when it is no longer needed */
    tern_public_key public_key;
    tern_chain chain; /* n is 0 for a raw key, which is on P-256; else views into memory of the caller */
} tern_identity;

/* X(name, what it means to a person): why a file cannot be an identity. */
#define TERN_IDENTITY_RESULTS(X)                                                                                       \
    X(OK, "done")                                                                                                      \
    X(NOT_PEM, "the key file is not a PEM with a private key")                                                         \
    X(ENCRYPTED, "the private key is encrypted")                                                                       \
    X(KIND, "the private key is neither an EC key on P-256 nor an RSA key of 2048 to 4096 bits")                       \
    X(RSA_ALONE, "an RSA key needs a certificate: alone a key must be on P-256")                                       \
    X(CERTIFICATE_NOT_PEM, "the certificate file is not a PEM with a certificate")                                     \
    X(CERTIFICATE_BAD, "the certificate cannot be read, or its key is of another kind")                                \
    X(MISMATCH, "the private key does not belong to the certificate")                                                  \
    X(TOO_LONG, "the certificate chain is too long")

#define TERN_X_IDENTITY(name, text) TERN_IDENTITY_##name,
typedef enum { TERN_IDENTITY_RESULTS(TERN_X_IDENTITY) TERN_IDENTITY_RESULT_COUNT } tern_identity_result;
#undef TERN_X_IDENTITY

/* Static words; for a number that is no result, a general phrase. */
const char *tern_identity_text(tern_identity_result result);

/* A raw-key identity made from 32 bytes of randomness; the same seed makes the same one. */
void tern_identity_generate(tern_identity *identity, const uint8_t seed[32]);

/* Reads a private key (PKCS#8, SEC1 or PKCS#1, not encrypted) and, unless cert_pem is empty, a chain, leaf first; both
 * may be the same text, objects of other kinds are passed over. der_storage holds the certificates and must live as
 * long as the identity; 1 KiB a certificate is plenty for P-256, 2 KiB for RSA. On any result but OK the identity is
 * wiped. The chain is not verified, only matched with the key. */
TERN_MUST_USE tern_identity_result tern_identity_from_pem(tern_identity *identity, tern_bytes key_pem,
                                                          tern_bytes cert_pem, tern_buf der_storage);

/* The key alone, of either kind: for its fingerprint. */
TERN_MUST_USE tern_identity_result tern_identity_key_from_pem(tern_identity *identity, tern_bytes key_pem);

/* A secret for another use that follows from the private key, and is the same as long as that is. */
void tern_identity_derive(const tern_identity *identity, tern_bytes purpose, uint8_t out[TERN_SHA256_SIZE]);

/* The private key, which must be on P-256, as PKCS#8 PEM, with a final zero that *n does not count. false when out is
 * too small: TERN_IDENTITY_PEM_MAX is enough. */
TERN_MUST_USE bool tern_identity_to_pem(const tern_identity *identity, tern_buf out, size_t *n);

#endif
