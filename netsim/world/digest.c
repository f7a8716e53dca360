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

/* Of each lane the sums up to every word are what is tied together: two changes that cancel out in the sum of all
 * differ in those between them. Only additions and shifts: compilers do all lanes at a time. */
static void sum_up(uint64_t sum[4], uint64_t tied[4], const uint8_t *p, size_t n)
{
    for (; n >= 32; n -= 32, p += 32) {
        for (size_t i = 0; i < 4; i++) {
            sum[i] += sim_load(p + 8 * i);
            tied[i] ^= sum[i];
            tied[i] = tied[i] << 5 | tied[i] >> 59;
        }
    }
}

uint64_t sim_fold(tern_bytes bytes)
{
    uint64_t sum[4] = { LANE[0], LANE[1], LANE[2], LANE[3] }, tied[4] = { 0 };
    size_t rest = bytes.n % 32;
    uint8_t last[32] = { 0 };
    if (rest > 0) memcpy(last, bytes.p + bytes.n - rest, rest);
    sum_up(sum, tied, bytes.p, bytes.n - rest);
    sum_up(sum, tied, last, sizeof last);
    uint64_t v = bytes.n;
    for (size_t i = 0; i < 4; i++) v = mix(mix(v, sum[i], LANE[i]), tied[i], LANE[i]);
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
