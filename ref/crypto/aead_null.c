/* SPDX-License-Identifier: MIT */
/* Packet protection that hides nothing, for fuzzing and fast simulations (the interface is aead.h).
 *
 * The tag is a checksum (base/checksum.h) over key, iv, packet number, aad and data, so that a damaged packet or a
 * wrong key is noticed as it is with the real library; it stops no attacker. A tag of 16 zeros opens anything: a fuzzer
 * need not compute one. tern_aead_is_real is left undefined on purpose. */
#include <string.h>

#include "base/checksum.h"
#include "crypto/aead.h"

typedef struct __attribute__((may_alias)) {
    uint64_t start; /* of the checksum */
} null_aead;

_Static_assert(sizeof(null_aead) <= sizeof(tern_aead), "the opaque storage holds the checksum's start");

static void checksum(const null_aead *a, uint64_t pn, tern_bytes aad, const uint8_t *data, size_t n, uint8_t tag[16])
{
    uint64_t half[2];
    half[0] = tern_checksum(tern_checksum(tern_checksum_word(a->start, pn), aad), (tern_bytes){ data, n });
    half[1] = tern_checksum_word(half[0], pn) | 1; /* never the tag of zeros */
    memcpy(tag, half, sizeof half);
}

void tern_aead_init(tern_aead *outside, tern_suite suite, const uint8_t key[TERN_AEAD_KEY_SIZE],
                    const uint8_t iv[TERN_AEAD_IV_SIZE])
{
    memset(outside, 0, sizeof *outside);
    null_aead *a = (void *)outside;
    a->start = tern_checksum(tern_checksum((uint64_t)suite, (tern_bytes){ key, TERN_AEAD_KEY_SIZE }),
                             (tern_bytes){ iv, TERN_AEAD_IV_SIZE });
}

void tern_aead_seal(const tern_aead *outside, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                    uint8_t tag[TERN_AEAD_TAG_SIZE])
{
    checksum((const void *)outside, pn, aad, data, n, tag);
}

bool tern_aead_open(const tern_aead *outside, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                    const uint8_t tag[TERN_AEAD_TAG_SIZE])
{
    static const uint8_t anything[TERN_AEAD_TAG_SIZE] = { 0 };
    uint8_t right[TERN_AEAD_TAG_SIZE];
    if (memcmp(tag, anything, sizeof anything) == 0) return true;
    checksum((const void *)outside, pn, aad, data, n, right);
    return memcmp(tag, right, sizeof right) == 0;
}

void tern_header_key_init(tern_header_key *outside, tern_suite suite, const uint8_t key[TERN_HEADER_KEY_SIZE])
{
    (void)suite, (void)key;
    memset(outside, 0, sizeof *outside);
}

void tern_header_mask(const tern_header_key *outside, const uint8_t sample[TERN_HEADER_SAMPLE_SIZE],
                      uint8_t mask[TERN_HEADER_MASK_SIZE])
{
    (void)outside, (void)sample;
    memset(mask, 0, TERN_HEADER_MASK_SIZE);
}
