/* SPDX-License-Identifier: MIT */
/* The larger and the smaller of two numbers, and multiples. */
#ifndef TERN_BASE_BOUNDS_H
#define TERN_BASE_BOUNDS_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t tern_larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline uint64_t tern_smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What stands in lent memory begins at multiples of 16. */
static inline size_t tern_aligned(size_t n)
{
    return (n + 15) / 16 * 16;
}

#endif
