/* SPDX-License-Identifier: MIT */
/* What a scenario says of a node's transport (spec: scenario 3). */
#ifndef TERN_NETSIM_TUNE_H
#define TERN_NETSIM_TUNE_H

#include "script/scenario.h"

/* Puts what the line says into a configuration; what it does not say stays. */
void sim_tune(tern_transport *t, const sim_node_spec *n);

#endif
