/* SPDX-License-Identifier: MIT */
/* SHA-256 and HMAC-SHA256 (spec: handshake 2; FIPS 180-4, RFC 2104). The one hash of Tern: transcripts, key schedule,
 * pins.
 */
#ifndef TERN_CRYPTO_SHA256_H
#define TERN_CRYPTO_SHA256_H

#include "base/types.h"

#define TERN_SHA256_SIZE 32

/* A running hash. Opaque, without interior pointers: a plain copy clones it. */
typedef struct {
    union {
        uint64_t align;
        uint8_t bytes[112];
    } opaque;
} tern_sha256;

void tern_sha256_init(tern_sha256 *h);
void tern_sha256_update(tern_sha256 *h, tern_bytes data);
/* The hash of all that went in so far. h is not disturbed: a transcript goes on, and can be read as often as wanted. */
void tern_sha256_final(const tern_sha256 *h, uint8_t out[TERN_SHA256_SIZE]);

void tern_sha256_of(tern_bytes data, uint8_t out[TERN_SHA256_SIZE]);

/* A key of HMAC, expanded for any number of uses. Opaque, and as secret as the key. */
typedef struct {
    union {
        uint64_t align;
        uint8_t bytes[160];
    } opaque;
} tern_hmac_key;

void tern_hmac_key_init(tern_hmac_key *expanded, tern_bytes key); /* of any length */
void tern_hmac_with(const tern_hmac_key *key, const tern_bytes *parts, size_t count, uint8_t out[TERN_SHA256_SIZE]);

/* HMAC over count parts, one after the other, as if they were one string. A key of any length. */
void tern_hmac_sha256(tern_bytes key, const tern_bytes *parts, size_t count, uint8_t out[TERN_SHA256_SIZE]);

#endif
