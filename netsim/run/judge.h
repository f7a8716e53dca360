/* SPDX-License-Identifier: MIT */
/* What was expected, against what is seen (spec: scenario 5). */
#ifndef TERN_NETSIM_JUDGE_H
#define TERN_NETSIM_JUDGE_H

#include "rules/state.h"

void sim_judge(sim_run *r, size_t expect);

#endif
