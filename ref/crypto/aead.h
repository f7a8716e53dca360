/* SPDX-License-Identifier: MIT */
/* Packet protection: sealing, opening, header masks (spec: wire 2; RFC 9001 sections 5.3 and 5.4).
 *
 * Two libraries implement this header, and a program chooses one when it is linked: tern_aead (BearSSL) and
 * tern_aead_null, which hides nothing and is for fuzzing and for fast simulations. */
#ifndef TERN_CRYPTO_AEAD_H
#define TERN_CRYPTO_AEAD_H

#include "base/types.h"

#define TERN_AEAD_KEY_SIZE      32 /* of every suite */
#define TERN_AEAD_IV_SIZE       12
#define TERN_AEAD_TAG_SIZE      16
#define TERN_HEADER_KEY_SIZE    32
#define TERN_HEADER_SAMPLE_SIZE 16
#define TERN_HEADER_MASK_SIZE   5

/* The values are those on the wire; the first two are TLS 1.3's (RFC 8446 appendix B.4). */
typedef enum {
    TERN_SUITE_PLAINTEXT = 0x00ff, /* integrity only (WIRE-014) */
    TERN_SUITE_AES_256_GCM = 0x1302,
    TERN_SUITE_CHACHA20_POLY1305 = 0x1303
} tern_suite;

/* Defined by the real library alone. A program with sockets refers to it, so that it cannot be linked with
 * tern_aead_null: the linker reports this name as undefined. */
extern const int tern_aead_is_real;

/* The keys of one direction, expanded: 288 bytes. Opaque, without interior pointers: a plain copy clones it. It holds
 * secrets: tern_wipe it when they are no longer needed. */
typedef struct {
    union {
        uint64_t align;
        uint8_t bytes[288];
    } opaque;
} tern_aead;

/* suite is one of tern_suite (asserted). */
void tern_aead_init(tern_aead *a, tern_suite suite, const uint8_t key[TERN_AEAD_KEY_SIZE],
                    const uint8_t iv[TERN_AEAD_IV_SIZE]);

/* Seals n bytes in place and gives their tag. The nonce is iv XOR pn: the caller never uses a pn twice with one key.
 * aad must not overlap data; data may be NULL when n is 0. */
void tern_aead_seal(const tern_aead *a, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                    uint8_t tag[TERN_AEAD_TAG_SIZE]);

/* Opens n bytes in place. false when the tag, compared in constant time, is not theirs: data is then as it was. */
TERN_MUST_USE bool tern_aead_open(const tern_aead *a, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                                  const uint8_t tag[TERN_AEAD_TAG_SIZE]);

/* The header protection key of one direction, expanded: 264 bytes. Opaque and secret as tern_aead is. */
typedef struct {
    union {
        uint64_t align;
        uint8_t bytes[264];
    } opaque;
} tern_header_key;

void tern_header_key_init(tern_header_key *h, tern_suite suite, const uint8_t key[TERN_HEADER_KEY_SIZE]);

/* The mask for the sample: RFC 9001 section 5.4.3 for AES, 5.4.4 for ChaCha20, zeros for PLAINTEXT. */
void tern_header_mask(const tern_header_key *h, const uint8_t sample[TERN_HEADER_SAMPLE_SIZE],
                      uint8_t mask[TERN_HEADER_MASK_SIZE]);

#endif
