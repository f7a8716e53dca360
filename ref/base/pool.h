/* SPDX-License-Identifier: MIT */
/* A fixed pool of pages that connections borrow while they need them (spec: overview). The pool and its pages are one
 * block of memory that the caller lends, without interior pointers: a copy of the block is a copy of the pool. */
#ifndef TERN_BASE_POOL_H
#define TERN_BASE_POOL_H

#include "base/types.h"

#define TERN_PAGE_SIZE   4096
#define TERN_POOL_HEADER 64 /* bytes of the block before the first page */

typedef uint32_t tern_page; /* 1 and up; 0 is none */

typedef struct {
    uint32_t pages, free, first_free, used_ever;
    uint32_t least_free; /* the low-water mark since init */
    uint64_t promised;   /* bytes that peers may still send; see tern_pool_promise */
} tern_pool;

/* Bytes that a pool of pages needs; what init must be lent, aligned to 16. */
size_t tern_pool_footprint(uint32_t pages);
void tern_pool_init(tern_pool *pool, uint32_t pages);
/* What a page is for. When few are left they go first to what gives pages back: a record lets a packet leave, and an
 * acknowledgement with it; bytes in front complete what the application can take. So an exhausted pool slows its users
 * and never locks them. */
typedef enum {
    TERN_FOR_RECORDS,   /* may take the last page */
    TERN_FOR_FRONT,     /* received in order: leaves a sixteenth of the pool */
    TERN_FOR_RECEIVING, /* out of order, and new streams and connections: leaves an eighth */
    TERN_FOR_SENDING    /* what our own application gives: leaves a quarter */
} tern_page_use;

/* A page whose content is undefined, or 0 when there is none for this use. */
TERN_MUST_USE tern_page tern_pool_take(tern_pool *pool, tern_page_use use);
/* How many pages could be taken for this use now. */
uint32_t tern_pool_free_for(const tern_pool *pool, tern_page_use use);
/* One user's peer may send so many bytes more: was of them are in the sum, is are from now on. The sum takes no page;
 * it is there so that users who promise more look first at what is left. */
void tern_pool_promise(tern_pool *pool, uint64_t was, uint64_t is);
/* Bytes that could be received now and were not promised to anybody. */
uint64_t tern_pool_unpromised(const tern_pool *pool);
void tern_pool_give(tern_pool *pool, tern_page page); /* 0 is allowed and does nothing */
/* The page's TERN_PAGE_SIZE bytes, aligned to 16. */
static inline void *tern_pool_at(tern_pool *pool, tern_page page)
{
    tern_assert(page != 0 && page <= pool->used_ever);
    return (uint8_t *)pool + TERN_POOL_HEADER + (size_t)(page - 1) * TERN_PAGE_SIZE;
}

#endif
