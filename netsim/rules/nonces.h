/* SPDX-License-Identifier: MIT */
/* No nonce twice: under one key no packet number that is not above all before it, and no two connections with the same
 * key (SIM-027). */
#ifndef TERN_NETSIM_NONCES_H
#define TERN_NETSIM_NONCES_H

#include "rules/lens.h"
#include "rules/state.h"

typedef struct {
    tern_packet_type type;
    uint64_t key, next_pn; /* above the highest that was sent with the key */
} sim_used_key;

/* What one side of a connection has used: a key of each type, and more where a SYN was repeated. All zero: nothing. */
typedef struct {
    sim_used_key *keys;
    size_t n;
} sim_numbers;

void sim_numbers_check(sim_run *r, const sim_sight *s, const sim_opened *o, sim_numbers *own);
void sim_numbers_free(sim_numbers *own);

#define SIM_SECRET_BUCKETS 1024
struct sim_secret;

/* Of all connections. All zero: none. */
typedef struct {
    struct sim_secret *buckets[SIM_SECRET_BUCKETS];
} sim_secrets;

/* Each side of a connection tells all of its own. */
void sim_secrets_check(sim_run *r, sim_secrets *all, const tern_event *secret);
void sim_secrets_free(sim_secrets *all);

#endif
