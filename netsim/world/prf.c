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

/* The words key + STEP, key + 2 STEP, ..., each with its halves tied together: nobody attacks it, and compilers make
 * and compare several words at a time. */
static uint64_t content_word(uint64_t place)
{
    return place ^ place >> 32;
}

static uint64_t place_of(uint64_t key, uint64_t index)
{
    return key + (index + 1) * STEP;
}

/* The bytes at offset up to the next whole word, at most n of them: how many. */
static size_t content_part(uint64_t key, uint64_t offset, uint8_t *out, size_t n)
{
    uint8_t word[8];
    size_t skip = (size_t)(offset % 8), take = 8 - skip < n ? 8 - skip : n;
    sim_store(word, content_word(place_of(key, offset / 8)));
    memcpy(out, word + skip, take);
    return take;
}

void sim_content_fill(uint64_t key, uint64_t offset, tern_buf out)
{
    size_t at = offset % 8 == 0 ? 0 : content_part(key, offset, out.p, out.n);
    size_t words = (out.n - at) / 8;
    uint64_t place = place_of(key, (offset + at) / 8);
    for (size_t i = 0; i < words; i++, place += STEP) sim_store(out.p + at + 8 * i, content_word(place));
    at += 8 * words;
    if (at < out.n) content_part(key, offset + at, out.p + at, out.n - at);
}

bool sim_content_is(uint64_t key, uint64_t offset, tern_bytes bytes)
{
    uint8_t part[8];
    size_t at = 0;
    uint64_t differs = 0;
    if (offset % 8 != 0) {
        at = content_part(key, offset, part, bytes.n);
        if (memcmp(part, bytes.p, at) != 0) return false;
    }
    size_t words = (bytes.n - at) / 8;
    uint64_t place = place_of(key, (offset + at) / 8);
    for (size_t i = 0; i < words; i++, place += STEP) differs |= sim_load(bytes.p + at + 8 * i) ^ content_word(place);
    if (differs != 0) return false;
    at += 8 * words;
    size_t rest = bytes.n - at;
    content_part(key, offset + at, part, rest);
    return memcmp(part, bytes.p + at, rest) == 0;
}
