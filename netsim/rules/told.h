/* SPDX-License-Identifier: MIT */
/* What clients tell their relay beside rooms: messages that wait for no other and datagrams. Each comes at most once
 * and as it was (SIM-009), a message without a deadline once in the end (SIM-023), and of one whose deadline has passed
 * nothing leaves any more (SIM-045). */
#ifndef TERN_NETSIM_TOLD_H
#define TERN_NETSIM_TOLD_H

#include "rules/lens.h"
#include "rules/state.h"

#define SIM_TOLD_HEAD 8 /* bytes that each begins with: its number among all that its sender told */

/* The body of the one that the client tells next, of SIM_TOLD_HEAD bytes at least. */
void sim_told_fill(const sim_run *r, uint32_t client, tern_buf body);
/* The core has taken it. deadline: TERN_TIME_NEVER for none. */
void sim_told_keep(sim_run *r, uint32_t client, uint64_t size, bool datagram, tern_time deadline);
/* The relay is told of one; from: the client that it must be of, or SIM_NONE. */
void sim_told_came(sim_run *r, uint32_t relay, uint32_t from, bool datagram, tern_bytes body);
/* The network has healed, and the client is connected. */
void sim_told_converge(sim_run *r, uint32_t client);

/* Which number the messages of a connection have, by their ids. All zero: none was sent. */
typedef struct {
    uint64_t *number;
    size_t n;
} sim_told_ids;

/* A packet that the client sends. */
void sim_told_check(sim_run *r, uint32_t client, const sim_opened *o, sim_told_ids *ids);
void sim_told_free(sim_told_ids *ids);

#endif
