/* SPDX-License-Identifier: MIT */
/* A scenario in which only the faults of a list happen, each as a line of its own. */
#ifndef TERN_NETSIM_MINIMAL_H
#define TERN_NETSIM_MINIMAL_H

#include "run/faults.h"

/* In a line of a scenario, without its line feed: `at 1.2s lose a>r pkt 17`. */
void sim_fault_print(const sim_scenario *s, const sim_fault *f, char *out, size_t size);

/* The file that s was read from, with the list's faults that are on and no others; to be freed. Under the same seed it
 * runs as that list makes the file run. */
char *sim_minimal(tern_bytes file, const sim_scenario *s, const sim_faults *f, size_t *n);

#endif
