/* SPDX-License-Identifier: MIT */
/* What the tests of transfer share: bytes that say where they belong, and a pool that must get everything back. */
#ifndef TERN_UNIT_TRANSFER_UNIT_H
#define TERN_UNIT_TRANSFER_UNIT_H

#include "unit/recovery/unit.h"

/* The byte at an offset of any sequence. */
static inline uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 31 + offset / 251 + offset / 4096);
}

static inline void fill_bytes(uint8_t *p, uint64_t offset, size_t n)
{
    for (size_t i = 0; i < n; i++) p[i] = byte_at(offset + i);
}

static inline void check_bytes(const uint8_t *p, uint64_t offset, size_t n)
{
    for (size_t i = 0; i < n; i++) assert_int_equal(p[i], byte_at(offset + i));
}

/* Takes pages until only so many are left for a use; give_back ends it. */
static inline uint32_t hold_all_but(tern_pool *pool, tern_page_use use, uint32_t left, tern_page *held)
{
    uint32_t n = 0;
    while (tern_pool_free_for(pool, use) > left) held[n++] = tern_pool_take(pool, TERN_FOR_RECORDS);
    return n;
}

static inline void give_back(tern_pool *pool, const tern_page *held, uint32_t n)
{
    while (n > 0) tern_pool_give(pool, held[--n]);
}

#endif
