/* SPDX-License-Identifier: MIT */
/* The faults of a run, one by one: written down as they happen, or allowed only where they are on a list. Taking one
 * away moves no other (SIM-006), which is what makes a shorter list worth trying. */
#ifndef TERN_NETSIM_FAULTS_H
#define TERN_NETSIM_FAULTS_H

#include "script/scenario.h"

typedef struct {
    uint32_t link, action; /* a link's packet, or a line of the scenario: the other is SIM_NONE */
    uint64_t number;       /* of the packet */
    sim_fault_kind kind;
    tern_time at; /* when it happened last */
    tern_time by; /* HOLD: for how long */
} sim_fault;

typedef struct sim_faults {
    sim_fault *all; /* in the order in which they happened first */
    bool *on;       /* whether each happens, once the list is closed */
    size_t n, cap;
    bool closed;
    uint32_t *slots; /* hash table over all: index + 1 */
    size_t slots_n;
    sim_link_filter filter;
} sim_faults;

void sim_faults_init(sim_faults *f);  /* open: everything happens and is written down */
void sim_faults_close(sim_faults *f); /* from now on what is on happens: at first all of it */
void sim_faults_free(sim_faults *f);
/* Whether a fault happens; what is not on a closed list does not. */
bool sim_faults_happens(sim_faults *f, const sim_fault *fault);
/* Whether an action is one: something that befalls the network or a node. */
bool sim_verb_is_fault(sim_verb verb);

#endif
