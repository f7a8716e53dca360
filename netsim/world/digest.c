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

void sim_digest_init(sim_digest *d)
{
    memset(d, 0, sizeof *d);
    memcpy(d->lane, LANE, sizeof d->lane);
}

static void chain_block(sim_digest *d)
{
    uint8_t bytes[TERN_SHA256_SIZE + 40];
    memcpy(bytes, d->chain, TERN_SHA256_SIZE);
    for (size_t j = 0; j < 4; j++) sim_store(bytes + TERN_SHA256_SIZE + 8 * j, d->lane[j]);
    sim_store(bytes + TERN_SHA256_SIZE + 32, d->records);
    tern_sha256_of(tern_bytes_of(bytes, sizeof bytes), d->chain);
    memcpy(d->lane, LANE, sizeof d->lane);
}

/*= SIM-002 */
void sim_digest_add(sim_digest *d, tern_time at, unsigned kind, uint32_t who, uint64_t number, uint64_t fold)
{
    const uint64_t word[4] = { at, (uint64_t)kind << 32 | who, number, fold };
    for (size_t j = 0; j < 4; j++) d->lane[j] = mix(d->lane[j], word[j], LANE[j]);
    if (++d->records % SIM_DIGEST_BLOCK == 0) chain_block(d);
}

void sim_digest_final(const sim_digest *d, uint8_t out[TERN_SHA256_SIZE])
{
    sim_digest copy = *d;
    chain_block(&copy);
    memcpy(out, copy.chain, TERN_SHA256_SIZE);
}
