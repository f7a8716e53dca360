/* SPDX-License-Identifier: MIT */
/* What the files of the parser share: a statement each, the names, the memory. */
#ifndef TERN_NETSIM_PARSE_H
#define TERN_NETSIM_PARSE_H

#include "script/scenario.h"

void sim_parse_node(sim_scenario *s, sim_line *l);
void sim_parse_link(sim_scenario *s, sim_line *l);
void sim_parse_queue(sim_scenario *s, sim_line *l);
void sim_parse_group(sim_scenario *s, sim_line *l);
void sim_parse_at(sim_scenario *s, sim_line *l);
void sim_parse_expect(sim_scenario *s, sim_line *l);
/* `set`, behind the word: a link or a queue, and what changes of it. */
void sim_parse_set(sim_scenario *s, sim_line *l, sim_action *a);
/* What only the whole file can be wrong in. */
void sim_parse_whole(sim_scenario *s, sim_line *l);

void *sim_scenario_alloc(sim_scenario *s, size_t n); /* zeros; freed with the scenario */
/* The word as a string, without its backslashes. Wrong when it is empty or longer than max. */
const char *sim_parse_text(sim_scenario *s, sim_line *l, size_t max, const char *expected);
uint32_t sim_find_queue(const sim_scenario *s, const char *p, size_t n); /* SIM_NONE */
uint32_t sim_find_group(const sim_scenario *s, const char *p, size_t n); /* SIM_NONE */
bool sim_name_is_good(const sim_scenario *s, const sim_word *w);         /* for a new node, queue or group */
#define SIM_NAME_WANTED "a new name of at most 32 letters, digits and _, a letter first"
#define SIM_ONCE        "each option once"
/* Draws of the values that follow depend on what this is and its name, not on the line. */
void sim_line_scope(sim_line *l, const char *kind, const char *name);
uint32_t sim_parse_node_name(sim_scenario *s, sim_line *l, unsigned roles, const char *expected); /* 0: any */
uint32_t sim_parse_group_name(sim_scenario *s, sim_line *l);
/* A>B, or where both is not NULL A-B. */
void sim_parse_link_name(sim_scenario *s, sim_line *l, uint32_t *from, uint32_t *to, bool *both);
/* That, and the link has been declared. */
void sim_parse_known_link(sim_scenario *s, sim_line *l, uint32_t *from, uint32_t *to, bool *both);
bool sim_has_link(const sim_scenario *s, uint32_t from, uint32_t to);
const char *sim_line_text(sim_scenario *s, const sim_line *l); /* the statement, its words one blank apart */

#endif
