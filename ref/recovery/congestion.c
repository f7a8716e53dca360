/* SPDX-License-Identifier: MIT */
/* What all controllers have in common: the first window, the least one, and what is left of it. */
#include "recovery/congestion.h"

#define INITIAL_DATAGRAMS 10
#define INITIAL_BYTES     14720
#define MIN_DATAGRAMS     2

static uint64_t initial_window(uint32_t datagram_bytes)
{
    /*= REC-030 */
    uint64_t most = (uint64_t)MIN_DATAGRAMS * datagram_bytes;
    if (most < INITIAL_BYTES) most = INITIAL_BYTES;
    uint64_t window = (uint64_t)INITIAL_DATAGRAMS * datagram_bytes;
    return window < most ? window : most;
}

void tern_congestion_init(tern_congestion *c, const tern_congestion_ops *ops, uint32_t datagram_bytes)
{
    *c = (tern_congestion){ .ops = ops,
                            .cwnd_bytes = initial_window(datagram_bytes),
                            .ssthresh_bytes = UINT64_MAX,
                            .datagram_bytes = datagram_bytes };
    ops->init(c);
}

uint64_t tern_congestion_min_window(const tern_congestion *c)
{
    /*= REC-030 */
    return (uint64_t)MIN_DATAGRAMS * c->datagram_bytes;
}

uint64_t tern_congestion_room(const tern_congestion *c)
{
    return c->cwnd_bytes > c->in_flight_bytes ? c->cwnd_bytes - c->in_flight_bytes : 0;
}
