/* SPDX-License-Identifier: MIT */
/* What clients of older systems are shown: each line what somebody said in their room, once (spec: scenario 5). */
#ifndef TERN_NETSIM_GUESTS_H
#define TERN_NETSIM_GUESTS_H

#include "rules/state.h"

/* What was said, kept where there are guests, who have no numbers to tell one thing from another by. */
typedef struct sim_words {
    uint8_t heard[SIM_NODES_NAMED / 8];
    size_t n;
    uint8_t text[];
} sim_words;

sim_words *sim_words_new(tern_bytes text);
/* Whether a node had not heard it; now it has. */
bool sim_words_first(sim_words *w, uint32_t node);

/* A guest is shown a line. */
void sim_guests_heard(sim_run *r, uint32_t who, const tern_event *e, tern_bytes line);
/* A node that begins anew may hear everything again. */
void sim_guests_forget(sim_run *r, uint32_t who);
/* Letters in the place of whatever bytes there are, so that every system can show them. */
void sim_guests_letters(tern_buf text);

#endif
