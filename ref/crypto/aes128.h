/* SPDX-License-Identifier: MIT */
/* AES-128 for the older systems (spec: dialects): GCM (NIST SP 800-38D) with 12-byte nonces and 16-byte tags, and CTR
 * (NIST SP 800-38A). In constant time, whatever the processor. */
#ifndef TERN_CRYPTO_AES128_H
#define TERN_CRYPTO_AES128_H

#include "base/types.h"

#define TERN_AES128_KEY_SIZE 16
#define TERN_AES128_NONCE    12
#define TERN_AES128_TAG      16
#define TERN_AES128_COUNTER  16

/* Encrypts n bytes at text in place and writes the tag behind them. A nonce is used once with a key. */
void tern_aes128_gcm_seal(const uint8_t key[TERN_AES128_KEY_SIZE], const uint8_t nonce[TERN_AES128_NONCE],
                          uint8_t *text, size_t n);
/* Opens n bytes with the tag at their end in place; false, and nothing of the text left, when they were changed. */
TERN_MUST_USE bool tern_aes128_gcm_open(const uint8_t key[TERN_AES128_KEY_SIZE], const uint8_t nonce[TERN_AES128_NONCE],
                                        uint8_t *text, size_t n);
/* Encrypts or decrypts in place from a whole counter block on, which counts as one number of 128 bits. */
void tern_aes128_ctr(const uint8_t key[TERN_AES128_KEY_SIZE], const uint8_t counter[TERN_AES128_COUNTER], uint8_t *text,
                     size_t n);

#endif
