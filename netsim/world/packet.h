/* SPDX-License-Identifier: MIT */
/* Datagrams under way, in blocks that are used again. */
#ifndef TERN_NETSIM_PACKET_H
#define TERN_NETSIM_PACKET_H

#include "world/link.h"

#define SIM_PACKETS_BYTES ((size_t)1 << 30) /* memory for datagrams under way at one time, in the whole world */

typedef struct sim_packet {
    struct sim_packet *next; /* in the pool */
    uint64_t fold;           /* of the bytes as they arrive */
    sim_passage passage;     /* its way through the link */
    uint32_t link;
    uint32_t n;
    unsigned size_class;
    unsigned copy; /* 0 the first, 1 the duplicate */
    tern_ecn ecn;
    uint32_t group; /* it was sent to: index + 1; 0 for none */
    tern_addr from, to;
    uint8_t bytes[];
} sim_packet;

#define SIM_PACKET_CLASSES 3

typedef struct {
    sim_packet *free[SIM_PACKET_CLASSES];
    size_t bytes; /* of those in use */
} sim_packet_pool;

/* A packet with room for n bytes, all else unset; NULL when that would be more than SIM_PACKETS_BYTES. */
sim_packet *sim_packet_new(sim_packet_pool *pool, size_t n);
void sim_packet_release(sim_packet_pool *pool, sim_packet *p);
void sim_packet_pool_free(sim_packet_pool *pool); /* those in use are their owners' */

#endif
