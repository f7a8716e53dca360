/* SPDX-License-Identifier: MIT */
/* What the commands share of their arguments: seeds, and scenarios from files. */
#ifndef TERN_NETSIM_LOAD_H
#define TERN_NETSIM_LOAD_H

#include "script/scenario.h"

/* A whole decimal number of 64 bits. */
bool sim_read_number(const char *text, uint64_t *number);

uint64_t sim_wall_ns(void); /* of a clock that only goes forward */

/* The whole file, or one byte more than a scenario has at most; NULL, and said on stderr, when it cannot be read. */
uint8_t *sim_read_scenario(const char *name, size_t *n);
/* Reads and parses; false, and said on stderr, when either fails. */
bool sim_load(sim_scenario *s, const char *name, uint64_t seed);

#endif
