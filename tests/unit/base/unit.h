/* SPDX-License-Identifier: MIT */
/* What the unit tests of base and wire share: cmocka with what it needs before it, and numbers that are the same in
 * each run. */
#ifndef TERN_UNIT_BASE_UNIT_H
#define TERN_UNIT_BASE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/types.h"

/* splitmix64: a number below bound. */
static inline uint64_t random_below(uint64_t *state, uint64_t bound)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % bound;
}

static inline tern_bytes text_bytes(const char *text)
{
    return tern_bytes_of(text, strlen(text));
}

#endif
