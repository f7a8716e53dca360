/* SPDX-License-Identifier: MIT */
/* Words are taken and written low byte first on every machine. */
#include "world/digest.h"

#include "world/bytes.h"

static const uint64_t LANE[4] = { UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xbf58476d1ce4e5b9),
                                  UINT64_C(0x94d049bb133111eb), UINT64_C(0xd6e8feb86659fd93) };

static uint64_t mix(uint64_t lane, uint64_t word, uint64_t odd)
{
    lane = (lane ^ word) * odd;
    return (lane << 29) | (lane >> 35);
}

uint64_t sim_fold(tern_bytes bytes)
{
    uint64_t a = bytes.n, b = LANE[1], c = LANE[2], d = LANE[3];
    const uint8_t *p = bytes.p;
    size_t left = bytes.n;
    for (; left >= 32; left -= 32, p += 32) {
        a = mix(a, sim_load(p), LANE[0]);
        b = mix(b, sim_load(p + 8), LANE[1]);
        c = mix(c, sim_load(p + 16), LANE[2]);
        d = mix(d, sim_load(p + 24), LANE[3]);
    }
    uint8_t rest[32] = { 0 };
    if (left > 0) memcpy(rest, p, left);
    a = mix(a, sim_load(rest), LANE[0]);
    b = mix(b, sim_load(rest + 8), LANE[1]);
    c = mix(c, sim_load(rest + 16), LANE[2]);
    d = mix(d, sim_load(rest + 24), LANE[3]);
    uint64_t v = mix(mix(mix(a, b, LANE[1]), c, LANE[2]), d, LANE[3]);
    return v ^ (v >> 32);
}

void sim_digest_init(sim_digest *d)
{
    memset(d, 0, sizeof *d);
}

static void chain_block(sim_digest *d)
{
    uint64_t lane[4] = { LANE[0], LANE[1], LANE[2], LANE[3] };
    for (size_t i = 0; i < d->n; i++)
        for (size_t j = 0; j < 4; j++) lane[j] = mix(lane[j], d->words[4 * i + j], LANE[j]);
    uint8_t bytes[TERN_SHA256_SIZE + 40];
    memcpy(bytes, d->chain, TERN_SHA256_SIZE);
    for (size_t j = 0; j < 4; j++) sim_store(bytes + TERN_SHA256_SIZE + 8 * j, lane[j]);
    sim_store(bytes + TERN_SHA256_SIZE + 32, d->records);
    tern_sha256_of(tern_bytes_of(bytes, sizeof bytes), d->chain);
    d->n = 0;
}

/*= SIM-002 */
void sim_digest_add(sim_digest *d, tern_time at, unsigned kind, uint32_t who, uint64_t number, uint64_t fold)
{
    uint64_t *word = &d->words[4 * d->n];
    word[0] = at;
    word[1] = (uint64_t)kind << 32 | who;
    word[2] = number;
    word[3] = fold;
    d->n++;
    d->records++;
    if (d->n == SIM_DIGEST_BLOCK) chain_block(d);
}

void sim_digest_final(const sim_digest *d, uint8_t out[TERN_SHA256_SIZE])
{
    sim_digest copy = *d;
    chain_block(&copy);
    memcpy(out, copy.chain, TERN_SHA256_SIZE);
}
