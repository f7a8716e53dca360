/* SPDX-License-Identifier: MIT */
/* A bounded, sorted set of half-open ranges of 64-bit numbers: packet numbers, offsets. Neighbours are joined. A few
 * ranges stand in the set itself; more of them in pages that it borrows and gives back as it shrinks. */
#ifndef TERN_BASE_RANGES_H
#define TERN_BASE_RANGES_H

#include "base/pool.h"

typedef struct {
    uint64_t from, to; /* from <= x < to */
} tern_range;

#define TERN_RANGES_NEAR 4
#define TERN_RANGES_LEAF (TERN_PAGE_SIZE / (uint32_t)sizeof(tern_range)) /* ranges of one page: 256 */
#define TERN_RANGES_MAX  1024
/* Two neighbouring pages hold more ranges than fit one, so TERN_RANGES_MAX of them never need more pages than this. */
#define TERN_RANGES_LEAVES (2 * TERN_RANGES_MAX / TERN_RANGES_LEAF)

typedef struct {
    uint16_t n, most; /* ranges there are, and may be */
    uint8_t leaves;   /* pages held; 0 while the ranges stand in near */
    uint8_t use;      /* tern_page_use of its pages */
    union {
        tern_range near[TERN_RANGES_NEAR]; /* ascending, never touching */
        struct {
            tern_page page;
            uint32_t n;
        } leaf[TERN_RANGES_LEAVES]; /* likewise, one page behind the other; none is empty */
    } at;
} tern_ranges;

/* Ranges that stand elsewhere, ascending and never touching. */
typedef struct {
    const tern_range *at;
    uint32_t n;
} tern_range_list;

/* An empty set of at most most ranges, TERN_RANGES_NEAR to TERN_RANGES_MAX, whose pages are taken for use. Without a
 * page for more it is full with what it has. */
void tern_ranges_init(tern_ranges *s, tern_page_use use, uint32_t most);
void tern_ranges_clear(tern_ranges *s, tern_pool *pool);
tern_range tern_ranges_at(const tern_ranges *s, tern_pool *pool, uint32_t i); /* i < n */
bool tern_ranges_next_of_some(const tern_ranges *s, tern_pool *pool, uint64_t x, tern_range *out);
/* The first range that ends above x; false when none does. Mostly a set is empty, which needs no call. */
static inline bool tern_ranges_next(const tern_ranges *s, tern_pool *pool, uint64_t x, tern_range *out)
{
    return s->n > 0 && tern_ranges_next_of_some(s, pool, x, out);
}
/* A view of the highest ranges, until the set changes: all of them in a set of at most TERN_RANGES_LEAF. */
tern_range_list tern_ranges_top(const tern_ranges *s, tern_pool *pool);
bool tern_ranges_contains(const tern_ranges *s, tern_pool *pool, uint64_t from,
                          uint64_t to); /* the whole of it; true when empty */
/* Adds from..to. false, and the set unchanged, when that would need one range more than there is room for. */
TERN_MUST_USE bool tern_ranges_add(tern_ranges *s, tern_pool *pool, uint64_t from, uint64_t to);
/* As add, but joins two neighbours (the new range may be one of them), the nearest that leave room for it, when there
 * is none: the set may then cover more than was added. */
void tern_ranges_add_joining(tern_ranges *s, tern_pool *pool, uint64_t from, uint64_t to);
/* As add, but forgets the lowest ranges, the new one too when it is the lowest, while there is no room. */
void tern_ranges_add_forgetting(tern_ranges *s, tern_pool *pool, uint64_t from, uint64_t to);
/* Takes from..to away. false, and the set unchanged, when cutting one range in two needs one more than fits. */
TERN_MUST_USE bool tern_ranges_remove(tern_ranges *s, tern_pool *pool, uint64_t from, uint64_t to);
/* Takes everything below floor away; never fails. */
void tern_ranges_remove_below(tern_ranges *s, tern_pool *pool, uint64_t floor);

#endif
