/* SPDX-License-Identifier: MIT */
/* The one form in which scenarios are written (spec: scenario 8). */
#ifndef TERN_NETSIM_FMT_H
#define TERN_NETSIM_FMT_H

#include "script/scenario.h"

/* The file in its form, to be freed; what is in its form stays as it is. For files that sim_scenario_parse takes. */
char *sim_format(tern_bytes file, size_t *n);

#endif
