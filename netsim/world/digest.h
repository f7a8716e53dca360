/* SPDX-License-Identifier: MIT */
/* What happened, as one number (spec: scenario 6): a hash chain over (time, node, kind, bytes).
 *
 * Records are collected in blocks; the chain is SHA-256(chain, fold of the block). The fold, four lanes that a word
 * each enters by a bijection, is there because SHA-256 over every byte would cost more than all the rest of a run. */
#ifndef TERN_NETSIM_DIGEST_H
#define TERN_NETSIM_DIGEST_H

#include "tern.h"

#define SIM_DIGEST_BLOCK 128 /* records */

typedef struct {
    uint64_t words[4 * SIM_DIGEST_BLOCK];
    size_t n; /* records in words */
    uint64_t records;
    uint8_t chain[TERN_SHA256_SIZE];
} sim_digest;

/* 64 bits of any bytes, the same on every machine: not for secrets. */
uint64_t sim_fold(tern_bytes bytes);

void sim_digest_init(sim_digest *d);
/* kind: below 256, of the caller's; who: a node or a link. */
void sim_digest_add(sim_digest *d, tern_time at, unsigned kind, uint32_t who, uint64_t number, uint64_t fold);
void sim_digest_final(const sim_digest *d, uint8_t out[TERN_SHA256_SIZE]);

#endif
