/* SPDX-License-Identifier: MIT */
/* Packet protection that hides nothing, for fuzzing and fast simulations (the interface is aead.h).
 *
 * The tag is a quick checksum over key, iv, packet number, aad and data, so that a damaged packet or a wrong key is
 * noticed as it is with the real library; it stops no attacker. A tag of 16 zeros opens anything: a fuzzer need not
 * compute one. tern_aead_is_real is left undefined on purpose. */
#include <string.h>

#include "crypto/aead.h"

typedef struct __attribute__((may_alias)) {
    uint64_t start; /* of the checksum */
} null_aead;

_Static_assert(sizeof(null_aead) <= sizeof(tern_aead), "the opaque storage holds the checksum's start");

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * MULTIPLIER;
    return sum ^ sum >> 29;
}

static uint64_t word_at(const uint8_t *p, size_t n)
{
    uint64_t word = 0;
    memcpy(&word, p, n);
    return word;
}

/* Of four lanes the sums up to every word are what is tied together: two changes that cancel out in the sum of all
 * differ in those between them. Only additions and shifts: compilers do all lanes at a time. */
static uint64_t sum_up(uint64_t start, const uint8_t *p, size_t n)
{
    uint64_t sum[4] = { start, start + 1, start + 2, start + 3 }, tied[4] = { 0 };
    uint64_t all = mix(start, n);
    for (; n >= sizeof sum; p += sizeof sum, n -= sizeof sum) {
        for (size_t i = 0; i < 4; i++) {
            sum[i] += word_at(p + 8 * i, 8);
            tied[i] ^= sum[i];
            tied[i] = tied[i] << 5 | tied[i] >> 59;
        }
    }
    for (; n >= 8; p += 8, n -= 8) all = mix(all, word_at(p, 8));
    if (n > 0) all = mix(all, word_at(p, n));
    for (size_t i = 0; i < 4; i++) all = mix(mix(all, sum[i]), tied[i]);
    return all;
}

static void checksum(const null_aead *a, uint64_t pn, tern_bytes aad, const uint8_t *data, size_t n, uint8_t tag[16])
{
    uint64_t half[2];
    half[0] = sum_up(sum_up(mix(a->start, pn), aad.p, aad.n), data, n);
    half[1] = mix(half[0], pn) | 1; /* never the tag of zeros */
    memcpy(tag, half, sizeof half);
}

void tern_aead_init(tern_aead *outside, tern_suite suite, const uint8_t key[TERN_AEAD_KEY_SIZE],
                    const uint8_t iv[TERN_AEAD_IV_SIZE])
{
    memset(outside, 0, sizeof *outside);
    null_aead *a = (void *)outside;
    a->start = sum_up(sum_up((uint64_t)suite, key, TERN_AEAD_KEY_SIZE), iv, TERN_AEAD_IV_SIZE);
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
