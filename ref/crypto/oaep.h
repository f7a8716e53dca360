/* SPDX-License-Identifier: MIT */
/* RSAES-OAEP with SHA-256 for both the hash and MGF1, and no label (RFC 8017 section 7.1): what the older systems
 * encrypt with (spec: dialects). */
#ifndef TERN_CRYPTO_OAEP_H
#define TERN_CRYPTO_OAEP_H

#include "crypto/drbg.h"
#include "crypto/rsa.h"

#define TERN_OAEP_OVERHEAD 66 /* bytes of a block that are not text: two hashes and two more */

/* Bytes of text that one block takes at most. */
static inline size_t tern_oaep_room(const tern_rsa_public *key)
{
    return key->n - TERN_OAEP_OVERHEAD;
}

/* Writes one block of key->n bytes. text is at most tern_oaep_room. Costs about a fiftieth of an opening. */
void tern_oaep_seal(const tern_rsa_public *key, tern_drbg *drbg, tern_bytes text, uint8_t *block);

/* Opens a block of the modulus' length in place; *n bytes of text stand at its start. false says only that it is none:
 * what was wrong shows neither in the answer nor in its time (Manger 2001). */
TERN_MUST_USE bool tern_oaep_open(const tern_rsa_private *key, uint8_t *block, size_t *n);

#endif
