/* SPDX-License-Identifier: MIT */
/* How much private-key work strangers may cause, and how many answers they get (spec: dialects 2): a bucket for all of
 * them, and one for each address, so that one host takes half and all of them together no more than what was granted.
 */
#ifndef TERN_DIALECTS_BUDGET_H
#define TERN_DIALECTS_BUDGET_H

#include "base/types.h"

#define TERN_BUDGET_ADDRESSES 64
#define TERN_BUDGET_ANSWER    TERN_MS /* what an answer is charged where answers are counted, not work */

typedef struct {
    tern_addr addr;   /* without its port */
    uint64_t left_ns; /* of work */
    tern_time at;     /* when it was so much */
} tern_budget_bucket;

typedef struct {
    uint32_t ms_per_second;
    tern_budget_bucket all, of[TERN_BUDGET_ADDRESSES];
} tern_budget;

void tern_budget_init(tern_budget *b, uint32_t ms_per_second, tern_time now);
/* Takes ns of work for this address off both buckets. false, and nothing taken, when either has too little. A bucket is
 * full with a second's worth, and never holds less than one piece of work needs. */
TERN_MUST_USE bool tern_budget_take(tern_budget *b, tern_time now, const tern_addr *addr, uint64_t ns);

#endif
