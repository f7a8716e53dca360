/* SPDX-License-Identifier: MIT */
/* Which congestion controllers there are, by number and by name (spec: recovery 4). */
#ifndef TERN_RECOVERY_CONTROLLERS_H
#define TERN_RECOVERY_CONTROLLERS_H

#include "base/types.h"

typedef enum {
    TERN_CONGESTION_NEWRENO = 0,
    TERN_CONGESTION_CUBIC,
    TERN_CONGESTION_BBR,
    TERN_CONGESTION_COUNT
} tern_congestion_kind;

/* "newreno", "cubic", "bbr"; NULL for a number that is none. */
const char *tern_congestion_name(tern_congestion_kind kind);
/* TERN_CONGESTION_COUNT for a name that is none. */
tern_congestion_kind tern_congestion_by_name(const char *name);

#endif
