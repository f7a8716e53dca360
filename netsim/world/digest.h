/* SPDX-License-Identifier: MIT */
/* What happened, as one number (spec: scenario 6): a hash chain over (time, node, kind, bytes).
 *
 * Records are folded together in blocks; the chain is SHA-256(chain, fold of the block). The fold, four lanes that a
 * word of each record enters by a bijection, is there because SHA-256 over every record would cost more than what else
 * the world does with it. */
#ifndef TERN_NETSIM_DIGEST_H
#define TERN_NETSIM_DIGEST_H

#include "base/checksum.h"
#include "tern.h"

#define SIM_DIGEST_BLOCK 1024 /* records */

typedef struct {
    uint64_t lane[4]; /* of the block that has begun */
    uint64_t records; /* of all blocks */
    uint8_t chain[TERN_SHA256_SIZE];
} sim_digest;

/* 64 bits of any bytes, the same on every machine: not for secrets. */
static inline uint64_t sim_fold(tern_bytes bytes)
{
    return tern_checksum(0, bytes);
}

void sim_digest_init(sim_digest *d);
/* kind: below 256, of the caller's; who: a node or a link. */
void sim_digest_add(sim_digest *d, tern_time at, unsigned kind, uint32_t who, uint64_t number, uint64_t fold);
void sim_digest_final(const sim_digest *d, uint8_t out[TERN_SHA256_SIZE]);

#endif
