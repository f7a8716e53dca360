/* SPDX-License-Identifier: MIT */
/* The larger and the smaller of two numbers. */
#ifndef TERN_BASE_BOUNDS_H
#define TERN_BASE_BOUNDS_H

#include <stdint.h>

static inline uint64_t tern_larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline uint64_t tern_smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

#endif
