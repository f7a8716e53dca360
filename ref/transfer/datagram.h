/* SPDX-License-Identifier: MIT */
/* Datagrams: each leaves in one packet or not at all, and is never sent again (spec: transfer 6; RFC 9221). */
#ifndef TERN_TRANSFER_DATAGRAM_H
#define TERN_TRANSFER_DATAGRAM_H

#include "base/error.h"
#include "base/paged.h"

#define TERN_DATAGRAM_QUEUE    (UINT64_C(64) << 10) /* bytes that may wait, each way */
#define TERN_DATAGRAM_PATIENCE (100 * TERN_MS)      /* XFER-052: one that waited longer to be sent is dropped */

/* A queue of datagrams, in pages while there are any. */
typedef struct {
    tern_paged bytes;
    uint64_t first, end; /* offsets */
} tern_datagram_queue;

typedef struct {
    tern_page page;    /* of both queues; 0 while both are empty */
    uint16_t send_max; /* bytes the peer takes, 0 for none */
    uint16_t recv_max; /* bytes we take */
    uint32_t taken;    /* bytes of the front one that were read */
    uint32_t dropped;  /* dropped here: not sent in time, or not read in time */
} tern_datagrams;

void tern_datagrams_init(tern_datagrams *d, uint16_t recv_max);
void tern_datagrams_free(tern_datagrams *d, tern_pool *pool);
uint32_t tern_datagrams_pages(const tern_datagrams *d, tern_pool *pool);

/* Queues one to be sent, whole or not at all: TERN_OK, TERN_MESSAGE_TOO_LARGE for what the peer or room (bytes that fit
 * a packet of this path) takes, TERN_E_BLOCKED when there is no room: it is not sent. */
int tern_datagrams_send(tern_datagrams *d, tern_pool *pool, tern_time now, tern_bytes bytes, size_t room);
/* The size of the next one to send; false when there is none. Those that waited too long, or no packet of room bytes
 * can hold, are dropped. */
bool tern_datagrams_next(tern_datagrams *d, tern_pool *pool, tern_time now, size_t room, size_t *size);
/* Moves that one out. */
void tern_datagrams_give(tern_datagrams *d, tern_pool *pool, uint8_t *out);
bool tern_datagrams_want(const tern_datagrams *d, tern_pool *pool);

/* One arrived: TERN_OK, also when there is no room for it and it is dropped; PROTOCOL_VIOLATION for more than we take.
 */
int tern_datagrams_on_datagram(tern_datagrams *d, tern_pool *pool, tern_bytes bytes);
/* The front one of those that arrived; false when there is none. */
bool tern_datagrams_front(const tern_datagrams *d, tern_pool *pool, uint32_t *size);
size_t tern_datagrams_read(tern_datagrams *d, tern_pool *pool, tern_buf out);
void tern_datagrams_drop_front(tern_datagrams *d, tern_pool *pool);

#endif
