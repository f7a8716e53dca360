/* SPDX-License-Identifier: MIT */
/* After the network has healed: everyone sees the same, and nobody lacks anything (spec: scenario 5). */
#ifndef TERN_NETSIM_CONVERGE_H
#define TERN_NETSIM_CONVERGE_H

#include "rules/state.h"

/* Fails the world by the name of the first who has not what it should. Rooms and connections; what a client still has
 * to do is for its owner to say. */
void sim_converge_check(sim_run *r);

#endif
