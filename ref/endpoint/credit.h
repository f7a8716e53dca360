/* SPDX-License-Identifier: MIT */
/* How often something may happen: so many at once, and one more each so much time. */
#ifndef TERN_ENDPOINT_CREDIT_H
#define TERN_ENDPOINT_CREDIT_H

#include "base/types.h"

typedef struct {
    uint32_t left, most;
    uint64_t each_ns;
    tern_time at; /* when left was true */
} tern_credit;

void tern_credit_init(tern_credit *c, uint32_t most, uint64_t each_ns, tern_time now);
/* Whether it may happen now, which uses it up. */
TERN_MUST_USE bool tern_credit_take(tern_credit *c, tern_time now);

#endif
