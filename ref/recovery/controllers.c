/* SPDX-License-Identifier: MIT */
/* The one table of controllers. */
#include "recovery/controllers.h"

#include "recovery/congestion.h"

static const tern_congestion_ops *const controllers[TERN_CONGESTION_COUNT] = {
    [TERN_CONGESTION_NEWRENO] = &tern_newreno,
    [TERN_CONGESTION_CUBIC] = &tern_cubic,
    [TERN_CONGESTION_BBR] = &tern_bbr_ops,
};

const tern_congestion_ops *tern_congestion_ops_of(tern_congestion_kind kind)
{
    tern_assert(kind < TERN_CONGESTION_COUNT);
    return controllers[kind];
}

const char *tern_congestion_name(tern_congestion_kind kind)
{
    return kind < TERN_CONGESTION_COUNT ? controllers[kind]->name : NULL;
}

static bool same(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) a++, b++;
    return *a == *b;
}

tern_congestion_kind tern_congestion_by_name(const char *name)
{
    tern_congestion_kind kind = TERN_CONGESTION_NEWRENO;
    while (kind < TERN_CONGESTION_COUNT && !same(controllers[kind]->name, name)) kind++;
    return kind;
}
