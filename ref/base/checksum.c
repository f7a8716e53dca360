/* SPDX-License-Identifier: MIT */
/* Rows of eight words are added up, each column for itself. What two changes of a column could take from each other in
 * its sum they leave in the sums between them: these are tied together, row after row, by exclusive or, turned by five
 * bits each time so that no row falls onto another but after 64. All of it is done two words at a time, by what every
 * compiler has for that. */
#include "base/checksum.h"

#include <string.h>

typedef uint64_t pair __attribute__((vector_size(16)));

#define ROW (4 * sizeof(pair))

static uint64_t low_first(uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(v);
#else
    return v;
#endif
}

static inline void add_pair(pair *sum, const uint8_t *p)
{
    pair words;
    memcpy(&words, p, sizeof words);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    words = (pair){ low_first(words[0]), low_first(words[1]) };
#endif
    *sum += words;
}

static uint64_t word_at(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return low_first(word);
}

static uint64_t add_rows(uint64_t start, const uint8_t *p, size_t n)
{
    pair a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 }, tied = { 0 };
    for (const uint8_t *end = p + n; p < end; p += ROW) {
        add_pair(&a, p);
        add_pair(&b, p + sizeof(pair));
        add_pair(&c, p + 2 * sizeof(pair));
        add_pair(&d, p + 3 * sizeof(pair));
        tied ^= a ^ b ^ c ^ d;
        tied = tied << 5 | tied >> 59;
    }
    const pair all[] = { tied, a, b, c, d };
    uint64_t even = start, odd = ~start;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        even = tern_checksum_word(even, all[i][0]);
        odd = tern_checksum_word(odd, all[i][1]);
    }
    return tern_checksum_word(even, odd);
}

/* The n bytes at p, less than 8, behind at least `before` others. */
static uint64_t part_at(const uint8_t *p, size_t n, size_t before)
{
    if (before >= 8 - n) return word_at(p + n - 8) >> 8 * (8 - n);
    uint64_t part = 0;
    for (size_t i = 0; i < n; i++) part |= (uint64_t)p[i] << (8 * i);
    return part;
}

uint64_t tern_checksum(uint64_t start, tern_bytes bytes)
{
    uint64_t all = tern_checksum_word(start, bytes.n);
    size_t at = bytes.n - bytes.n % ROW;
    if (at > 0) all = add_rows(all, bytes.p, at);
    for (; bytes.n - at >= 8; at += 8) all = tern_checksum_word(all, word_at(bytes.p + at));
    if (at == bytes.n) return all;
    return tern_checksum_word(all, part_at(bytes.p + at, bytes.n - at, at));
}
