/* SPDX-License-Identifier: MIT */
/* The room's rules, as each member sees them: each fails the world when one is broken (spec: scenario 5). */
#ifndef TERN_NETSIM_ROOMS_H
#define TERN_NETSIM_ROOMS_H

#include "rules/state.h"

void sim_room_published(sim_run *r, uint32_t who, tern_bytes body);
void sim_room_joined(sim_run *r, uint32_t who, const tern_event *e);
void sim_room_presence(sim_run *r, uint32_t who, const tern_event *e);
void sim_room_message(sim_run *r, uint32_t who, const tern_event *e, tern_bytes body);
void sim_room_missed(sim_run *r, uint32_t who, const tern_event *e);
void sim_room_over(sim_run *r, uint32_t who);
/* A client is called so from now on. */
void sim_room_called(sim_run *r, uint32_t who, const char *nick);
void sim_rooms_free(sim_run *r);

#endif
