/* SPDX-License-Identifier: MIT */
/* Where a run's chance comes from (spec: scenario 3): every decision is a function of the seed and of what it is about,
 * never of what was decided before, so that taking one fault away moves no other. */
#ifndef TERN_NETSIM_PRF_H
#define TERN_NETSIM_PRF_H

#include "tern.h"

/* What a draw decides. The numbers are part of every digest: a new kind goes to the end. */
typedef enum {
    SIM_DRAW_RANGE = 1, /* a value written as lo..hi */
    SIM_DRAW_JITTER,
    SIM_DRAW_LOSS,
    SIM_DRAW_BURST, /* the step of the Gilbert-Elliott chain */
    SIM_DRAW_DUP,
    SIM_DRAW_DUP_JITTER,
    SIM_DRAW_REORDER,
    SIM_DRAW_CORRUPT,
    SIM_DRAW_CORRUPT_BITS,
    SIM_DRAW_NODE_SEED,
    SIM_DRAW_KEY_SEED,
    SIM_DRAW_CONTENT,
    SIM_DRAW_INJECT_SIZE,
    SIM_DRAW_INJECT_BYTES,
    SIM_DRAW_INJECT_PICK
} sim_draw;

typedef struct {
    uint64_t k0, k1;
} sim_prf;

sim_prf sim_prf_of_seed(uint64_t seed);
/* SipHash-2-4 of (subject, n, kind): subject names who it is about (sim_name_hash), n which one. */
uint64_t sim_prf_u64(const sim_prf *prf, uint64_t subject, uint64_t n, sim_draw kind);
/* Fills out with bytes for (subject, n, kind). */
void sim_prf_fill(const sim_prf *prf, uint64_t subject, uint64_t n, sim_draw kind, tern_buf out);

/* SipHash-2-4 of any bytes under a key. */
uint64_t sim_siphash(const sim_prf *key, tern_bytes bytes);
/* The number of a name: the same in every run. */
uint64_t sim_name_hash(tern_bytes name);

#define SIM_CHANCE_ONE 1000000000u /* probabilities are parts of 10^9 */

/* Whether a draw falls below a probability: of the 2^32 values of its upper half, exactly ceil(2^32 * p / 10^9). */
bool sim_chance(uint64_t draw, uint64_t p);
/* A draw within lo..hi, both included. */
uint64_t sim_between(uint64_t draw, uint64_t lo, uint64_t hi);

/* Pseudo-random content: the bytes from offset on of the endless sequence that key names. In no other sequence, and at
 * no other place of this one, stands the same piece of 71 bytes. */
void sim_content_fill(uint64_t key, uint64_t offset, tern_buf out);
/* Whether bytes stand at offset of that sequence, every bit of them. */
bool sim_content_is(uint64_t key, uint64_t offset, tern_bytes bytes);

#endif
