/* SPDX-License-Identifier: MIT */
/* A text as RSA blocks one behind the other, each with as much of it as a block takes (spec: dialects 1). */
#ifndef TERN_DIALECTS_BLOCKS_H
#define TERN_DIALECTS_BLOCKS_H

#include "crypto/oaep.h"

/* Bytes of ciphertext for so much text, which may be none. */
size_t tern_blocks_size(const tern_rsa_public *key, size_t text_n);
/* Writes them to out; how many. */
size_t tern_blocks_seal(const tern_rsa_public *key, tern_drbg *drbg, tern_bytes text, uint8_t *out);
/* Opens all in place: text->n bytes of text at text->p. false when text is not whole blocks or one of them does not
 * open; which one does not show. */
TERN_MUST_USE bool tern_blocks_open(const tern_rsa_private *key, tern_buf *text);
/* Private-key work for so many bytes of ciphertext, in nanoseconds of a slow core. */
uint64_t tern_blocks_cost(const tern_rsa_private *key, size_t n);

#endif
