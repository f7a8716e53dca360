/* SPDX-License-Identifier: MIT */
/* What a node sends, judged by what stands in its packets: no number twice under one key, nothing in flight beyond the
 * congestion window, nothing beyond what the peer has promised to take (spec: scenario 5). */
#ifndef TERN_NETSIM_AUDIT_H
#define TERN_NETSIM_AUDIT_H

#include "rules/state.h"

/* What of a run is opened unless all is asked for: so many datagrams, and no more than so many bytes of them. To open
 * all would cost a long transfer a third of its time. No clock: the same run is judged the same everywhere. */
#define SIM_AUDIT_DATAGRAMS 10000
#define SIM_AUDIT_BYTES     ((uint64_t)4 << 20)

void sim_audit_begin(sim_run *r);
void sim_audit_free(sim_run *r);
void sim_audit_secret(sim_run *r, const tern_event *secret); /* each side tells all of its own */
void sim_audit_observe(void *run, const sim_sight *sight);

#endif
