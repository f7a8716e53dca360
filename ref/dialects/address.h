/* SPDX-License-Identifier: MIT */
/* Whether two addresses are of one host. */
#ifndef TERN_DIALECTS_ADDRESS_H
#define TERN_DIALECTS_ADDRESS_H

#include <string.h>

#include "base/types.h"

static inline bool tern_same_host(const tern_addr *a, const tern_addr *b)
{
    return a->family == b->family && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

#endif
