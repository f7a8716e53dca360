/* SPDX-License-Identifier: MIT */
/* Where in a node's own block some bytes stand. A node keeps places instead of pointers, so that a copy of its block is
 * a copy of the node; views are made of them when somebody needs pointers. */
#ifndef TERN_RELAY_PLACE_H
#define TERN_RELAY_PLACE_H

#include "base/types.h"

typedef struct {
    size_t at, n; /* offset from the block's start */
} tern_place;

static inline tern_place tern_place_of(const void *block, tern_bytes view)
{
    if (view.n == 0) return (tern_place){ 0, 0 };
    return (tern_place){ (size_t)(view.p - (const uint8_t *)block), view.n };
}

static inline tern_bytes tern_place_view(const void *block, tern_place place)
{
    return tern_bytes_of((const uint8_t *)block + place.at, place.n);
}

/* What stands in a block begins at multiples of this. */
static inline size_t tern_place_aligned(size_t n)
{
    return (n + 15) / 16 * 16;
}

#endif
