/* SPDX-License-Identifier: MIT */
/* A number that changes when bytes do, for whoever must notice damage and has no attacker: packet protection that hides
 * nothing, and the digests of simulations. */
#ifndef TERN_BASE_CHECKSUM_H
#define TERN_BASE_CHECKSUM_H

#include "base/types.h"

/* Of bytes behind what start stands for; the same on every machine. A change within one of the words of 8 bytes that
 * they begin with always changes it, any other (two bits less than 4 KiB apart, words that changed places, another
 * length or start) but for a chance of about one in 2^64. */
uint64_t tern_checksum(uint64_t start, tern_bytes bytes);

/* The same of one word, as if its 8 bytes stood there, and of nothing else. */
static inline uint64_t tern_checksum_word(uint64_t start, uint64_t word)
{
    uint64_t sum = (start ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 29;
}

#endif
