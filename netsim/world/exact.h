/* SPDX-License-Identifier: MIT */
/* Faults of single packets by their numbers on a link (spec: scenario 4). */
#ifndef TERN_NETSIM_EXACT_H
#define TERN_NETSIM_EXACT_H

#include "tern.h"

typedef enum {
    SIM_FAULT_DROP, /* before the queue */
    SIM_FAULT_LOSE, /* behind it */
    SIM_FAULT_DUP,
    SIM_FAULT_HOLD,
    SIM_FAULT_CORRUPT,
    SIM_FAULT_COUNT
} sim_fault_kind;

const char *sim_fault_kind_name(sim_fault_kind kind); /* as a scenario writes it */

#define SIM_EXACT_MAX 65536 /* that wait on one link */

typedef struct {
    uint64_t number;
    sim_fault_kind kind;
    tern_time by; /* HOLD */
} sim_exact;

typedef struct {
    sim_exact *list; /* by number, from first to n */
    size_t first, n, cap;
    uint64_t free_from[SIM_FAULT_COUNT]; /* all between what has passed and this have it */
} sim_exacts;

/* What befalls one packet: bits 1 << kind, and for how long it is held. */
typedef struct {
    unsigned kinds;
    tern_time hold;
} sim_exact_fate;

/* packets: how many have entered the link. Number 0 stands for the next packet that this is not yet to befall; what
 * names one that has passed does nothing. false when too many wait. */
bool sim_exacts_add(sim_exacts *e, uint64_t packets, const sim_exact *what);
/* For each packet in turn. */
sim_exact_fate sim_exacts_take(sim_exacts *e, uint64_t number);
void sim_exacts_free(sim_exacts *e);

#endif
