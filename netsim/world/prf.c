/* SPDX-License-Identifier: MIT */
/* Draws by SipHash-2-4 (Aumasson, Bernstein 2012), content by a plainer sequence. Integers only. */
#include "world/prf.h"

#include "world/bytes.h"

#define STEP UINT64_C(0x9e3779b97f4a7c15) /* 2^64 by the golden ratio */

typedef struct {
    uint64_t v0, v1, v2, v3;
} sip;

static uint64_t rotate(uint64_t v, unsigned by)
{
    return (v << by) | (v >> (64 - by));
}

static void sip_round(sip *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

static sip sip_begin(const sim_prf *key)
{
    return (sip){ key->k0 ^ UINT64_C(0x736f6d6570736575), key->k1 ^ UINT64_C(0x646f72616e646f6d),
                  key->k0 ^ UINT64_C(0x6c7967656e657261), key->k1 ^ UINT64_C(0x7465646279746573) };
}

static void sip_word(sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    sip_round(s);
    s->v0 ^= word;
}

static uint64_t sip_end(sip *s, uint64_t last)
{
    sip_word(s, last);
    s->v2 ^= 0xff;
    for (int i = 0; i < 4; i++) sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t sim_siphash(const sim_prf *key, tern_bytes bytes)
{
    sip s = sip_begin(key);
    size_t left = bytes.n;
    const uint8_t *p = bytes.p;
    for (; left >= 8; left -= 8, p += 8) sip_word(&s, sim_load(p));
    uint64_t last = (uint64_t)bytes.n << 56;
    for (unsigned i = 0; i < left; i++) last |= (uint64_t)p[i] << (8 * i);
    return sip_end(&s, last);
}

sim_prf sim_prf_of_seed(uint64_t seed)
{
    return (sim_prf){ seed, ~seed ^ UINT64_C(0x5445524e2073696d) };
}

/*= SIM-006 */
uint64_t sim_prf_u64(const sim_prf *prf, uint64_t subject, uint64_t n, sim_draw kind)
{
    sip s = sip_begin(prf);
    sip_word(&s, subject);
    sip_word(&s, n);
    sip_word(&s, (uint64_t)kind);
    return sip_end(&s, UINT64_C(24) << 56);
}

static uint64_t draw_word(uint64_t draw, uint64_t index)
{
    uint64_t z = draw + (index + 1) * STEP;
    z = (z ^ (z >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return z ^ (z >> 29);
}

void sim_prf_fill(const sim_prf *prf, uint64_t subject, uint64_t n, sim_draw kind, tern_buf out)
{
    uint64_t draw = sim_prf_u64(prf, subject, n, kind);
    uint8_t word[8];
    for (size_t at = 0; at < out.n; at += 8) {
        sim_store(word, draw_word(draw, at / 8));
        memcpy(out.p + at, word, out.n - at < 8 ? out.n - at : 8);
    }
}

uint64_t sim_name_hash(tern_bytes name)
{
    static const sim_prf key = { 0, 0 };
    return sim_siphash(&key, name);
}

bool sim_chance(uint64_t draw, uint64_t p)
{
    return (((draw >> 32) * SIM_CHANCE_ONE) >> 32) < p;
}

uint64_t sim_between(uint64_t draw, uint64_t lo, uint64_t hi)
{
    uint64_t span = hi - lo;
    return span == UINT64_MAX ? draw : lo + draw % (span + 1);
}

/* The same 4096 bytes over and over, but each cell of 64 begins with a stamp of its own, key + STEP, key + 2 STEP, ...
 * Nobody attacks it, which makes it cheaper than anything that is made byte by byte: the stamps of whoever asked last
 * stand in the one pattern, from which is copied, and with which is compared. */
#define PATTERN 4096
#define CELL    64

#define P1(i)  (uint8_t)(((i)*0x9e3779b1u + 0x85ebca6bu) * (i) >> 24)
#define P8(i)  P1(i), P1((i) + 1), P1((i) + 2), P1((i) + 3), P1((i) + 4), P1((i) + 5), P1((i) + 6), P1((i) + 7)
#define P64(i) P8(i), P8((i) + 8), P8((i) + 16), P8((i) + 24), P8((i) + 32), P8((i) + 40), P8((i) + 48), P8((i) + 56)
#define P512(i)                                                                                                        \
    P64(i), P64((i) + 64), P64((i) + 128), P64((i) + 192), P64((i) + 256), P64((i) + 320), P64((i) + 384),             \
        P64((i) + 448)
static uint8_t pattern[PATTERN] = { P512(0u),    P512(512u),  P512(1024u), P512(1536u),
                                    P512(2048u), P512(2560u), P512(3072u), P512(3584u) };

/* How many of the n bytes at offset stand in one piece: it begins at *piece until the next call. */
static size_t find_piece(uint64_t key, uint64_t offset, size_t n, const uint8_t **piece)
{
    size_t from = (size_t)(offset % PATTERN), end = n < PATTERN - from ? from + n : PATTERN;
    uint64_t stamp = key + (offset / CELL + 1) * STEP;
    for (size_t at = from - from % CELL; at < end; at += CELL, stamp += STEP) sim_store(pattern + at, stamp);
    *piece = pattern + from;
    return end - from;
}

void sim_content_fill(uint64_t key, uint64_t offset, tern_buf out)
{
    const uint8_t *piece;
    for (size_t at = 0, n; at < out.n; at += n) {
        n = find_piece(key, offset + at, out.n - at, &piece);
        memcpy(out.p + at, piece, n);
    }
}

bool sim_content_is(uint64_t key, uint64_t offset, tern_bytes bytes)
{
    const uint8_t *piece;
    bool same = true;
    for (size_t at = 0, n; at < bytes.n && same; at += n) {
        n = find_piece(key, offset + at, bytes.n - at, &piece);
        same = memcmp(piece, bytes.p + at, n) == 0;
    }
    return same;
}
