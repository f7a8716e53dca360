/* SPDX-License-Identifier: MIT */
/* The one source of random bytes inside a node: HMAC-DRBG with SHA-256 (NIST SP 800-90A section 10.1.2).
 * The same seed gives the same bytes. */
#ifndef TERN_CRYPTO_DRBG_H
#define TERN_CRYPTO_DRBG_H

#include "base/types.h"

#define TERN_SEED_SIZE 32

/* Opaque, without interior pointers: a plain copy clones it (and then both give the same bytes). Secret. */
typedef struct {
    union {
        uint64_t align;
        uint8_t bytes[144];
    } opaque;
} tern_drbg;

/* personalisation separates the uses of one seed; any length, may be empty. */
void tern_drbg_init(tern_drbg *d, const uint8_t seed[TERN_SEED_SIZE], tern_bytes personalisation);
void tern_drbg_bytes(tern_drbg *d, tern_buf out);
uint64_t tern_drbg_u64(tern_drbg *d);

#endif
