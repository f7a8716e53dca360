/* SPDX-License-Identifier: MIT */
/* The pool of pages. Free pages are a list through their own first bytes; pages that were never lent out are not
 * touched, so that a large pool costs nothing until it is used. */
#include "base/pool.h"

#include <string.h>

_Static_assert(sizeof(tern_pool) <= TERN_POOL_HEADER && TERN_POOL_HEADER % 16 == 0,
               "pages stand behind the pool, aligned as it is");

size_t tern_pool_footprint(uint32_t pages)
{
    return TERN_POOL_HEADER + (size_t)pages * TERN_PAGE_SIZE;
}

void tern_pool_init(tern_pool *pool, uint32_t pages)
{
    *pool = (tern_pool){ .pages = pages, .free = pages, .least_free = pages };
}

uint32_t tern_pool_free_for(const tern_pool *pool, tern_page_use use)
{
    static const uint8_t halvings[] = { [TERN_FOR_FRONT] = 4, [TERN_FOR_RECEIVING] = 3, [TERN_FOR_SENDING] = 2 };
    uint32_t left = use == TERN_FOR_RECORDS ? 0 : pool->pages >> halvings[use];
    return pool->free > left ? pool->free - left : 0;
}

void tern_pool_promise(tern_pool *pool, uint64_t was, uint64_t is)
{
    tern_assert(was <= pool->promised);
    pool->promised = pool->promised - was + is;
}

uint64_t tern_pool_unpromised(const tern_pool *pool)
{
    uint64_t room = (uint64_t)tern_pool_free_for(pool, TERN_FOR_RECEIVING) * TERN_PAGE_SIZE;
    return room > pool->promised ? room - pool->promised : 0;
}

tern_page tern_pool_take(tern_pool *pool, tern_page_use use)
{
    tern_page page = pool->first_free;
    /*= XFER-024 */
    if (tern_pool_free_for(pool, use) == 0) return 0;
    if (page != 0)
        memcpy(&pool->first_free, tern_pool_at(pool, page), sizeof pool->first_free);
    else
        page = ++pool->used_ever;
    pool->free--;
    if (pool->free < pool->least_free) pool->least_free = pool->free;
    return page;
}

void tern_pool_give(tern_pool *pool, tern_page page)
{
    if (page == 0) return;
    tern_assert(pool->free < pool->pages);
    memcpy(tern_pool_at(pool, page), &pool->first_free, sizeof pool->first_free);
    pool->first_free = page;
    pool->free++;
}
