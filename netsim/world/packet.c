/* SPDX-License-Identifier: MIT */
/* Three sizes: an acknowledgement, a packet of the usual size, anything. */
#include "world/packet.h"

#include "world/queue.h"

#include <stdlib.h>

static const uint32_t ROOM[SIM_PACKET_CLASSES] = { 256, 2048, 65536 };

sim_packet *sim_packet_new(sim_packet_pool *pool, size_t n)
{
    unsigned size_class = 0;
    if (n > ROOM[SIM_PACKET_CLASSES - 1]) return NULL;
    while (n > ROOM[size_class]) size_class++;
    if (ROOM[size_class] > SIM_PACKETS_BYTES - pool->bytes) return NULL;
    sim_packet *p = pool->free[size_class];
    if (p != NULL)
        pool->free[size_class] = p->next;
    else
        p = sim_grow(NULL, 1, sizeof *p + ROOM[size_class]);
    p->size_class = size_class;
    p->n = (uint32_t)n;
    pool->bytes += ROOM[size_class];
    return p;
}

void sim_packet_release(sim_packet_pool *pool, sim_packet *p)
{
    p->next = pool->free[p->size_class];
    pool->free[p->size_class] = p;
    pool->bytes -= ROOM[p->size_class];
}

void sim_packet_pool_free(sim_packet_pool *pool)
{
    for (unsigned i = 0; i < SIM_PACKET_CLASSES; i++) {
        while (pool->free[i] != NULL) {
            sim_packet *p = pool->free[i];
            pool->free[i] = p->next;
            free(p);
        }
    }
}
