/* SPDX-License-Identifier: MIT */
/* A pool for the tests of recovery and transfer, which must all come back. */
#ifndef TERN_UNIT_RECOVERY_UNIT_H
#define TERN_UNIT_RECOVERY_UNIT_H

#include "base/pool.h"
#include "unit/base/unit.h"

static inline tern_pool *new_pool(uint32_t pages)
{
    tern_pool *pool = aligned_alloc(64, (tern_pool_footprint(pages) + 63) / 64 * 64);
    if (pool != NULL) tern_pool_init(pool, pages);
    return pool;
}

/* What a teardown returns: 0 when every page came back. */
static inline int free_pool(tern_pool *pool)
{
    int lent = (int)(pool->pages - pool->free);
    free(pool);
    return lent;
}

#endif
