/* SPDX-License-Identifier: MIT */
/* What the commands share of their arguments: seeds, and scenarios from files. */
#ifndef TERN_NETSIM_LOAD_H
#define TERN_NETSIM_LOAD_H

#include "script/scenario.h"

/* Two numbers with something between them, such as A..B or I/N. */
bool sim_read_two(const char *text, const char *between, uint64_t *a, uint64_t *b);
/* A..B, or one seed; the last is at most INT64_MAX, which is what JSON holds. */
bool sim_read_seeds(const char *text, uint64_t *first, uint64_t *last);

/* A whole decimal number of 64 bits. */
bool sim_read_number(const char *text, uint64_t *number);

uint64_t sim_wall_ns(void); /* of a clock that only goes forward */

/* The whole file, or one byte more than a scenario has at most; NULL, and said on stderr, when it cannot be read. */
uint8_t *sim_read_scenario(const char *name, size_t *n);
/* Reads and parses; false, and said on stderr, when either fails. */
bool sim_load(sim_scenario *s, const char *name, uint64_t seed);

#endif
