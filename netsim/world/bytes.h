/* SPDX-License-Identifier: MIT */
/* Words as bytes, low byte first on every machine. */
#ifndef TERN_NETSIM_BYTES_H
#define TERN_NETSIM_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint64_t sim_low_first(uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(v);
#else
    return v;
#endif
}

static inline uint64_t sim_load(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return sim_low_first(v);
}

static inline void sim_store(uint8_t *p, uint64_t v)
{
    v = sim_low_first(v);
    memcpy(p, &v, sizeof v);
}

#endif
