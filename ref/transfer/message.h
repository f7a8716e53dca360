/* SPDX-License-Identifier: MIT */
/* Messages in one message space each way (spec: transfer 2). */
#ifndef TERN_TRANSFER_MESSAGE_H
#define TERN_TRANSFER_MESSAGE_H

#include "base/error.h"
#include "transfer/flow.h"
#include "transfer/recv_buffer.h"
#include "transfer/send_buffer.h"

#define TERN_MESSAGE_PREFIX 4

typedef struct {
    tern_recv_credit recv_credit;
    uint64_t front;     /* bytes of the front message with its length, or of its length while that is not known */
    uint64_t unchecked; /* position of the first length that was not compared with recv_max yet */
    uint32_t recv_max;  /* our MAX_MESSAGE */
    uint32_t taken;     /* bytes of the front message's body that were read already */
    tern_recv_buffer in;
    uint32_t send_max; /* the peer's MAX_MESSAGE */
    tern_send_credit send_credit;
    tern_send_buffer out;
} tern_messages;

/* recv_window is at least recv_max + TERN_MESSAGE_PREFIX (XFER-022). */
void tern_messages_init(tern_messages *m, uint32_t recv_max, uint64_t recv_window);
void tern_messages_peer_params(tern_messages *m, uint32_t send_max, uint64_t limit);
void tern_messages_free(tern_messages *m, tern_pool *pool);

/* Accepts one message made of parts (joined), whole or not at all: TERN_OK; TERN_MESSAGE_TOO_LARGE for the peer's
 * MAX_MESSAGE; TERN_E_BLOCKED when more than keep_bytes would wait, TERN_E_NO_MEMORY when the pool ran out. A single
 * message is accepted into an empty queue whatever keep_bytes says. */
int tern_messages_send(tern_messages *m, tern_pool *pool, const tern_bytes *parts, size_t n, uint64_t keep_bytes);
/* Bytes accepted and not acknowledged. */
uint64_t tern_messages_waiting(const tern_messages *m);

/* TERN_OK or a wire error (XFER-011, XFER-020) or TERN_E_NO_MEMORY. */
int tern_messages_on_fragment(tern_messages *m, tern_pool *pool, uint64_t position, tern_bytes bytes);
void tern_messages_on_max(tern_messages *m, uint64_t limit);

/* Size of the front message when it is there whole; false when none is. */
bool tern_messages_front(const tern_messages *m, tern_pool *pool, uint32_t *size);
/* Copies from the front message's body at offset at, without taking it. */
size_t tern_messages_peek(const tern_messages *m, tern_pool *pool, uint32_t at, tern_buf out);
/* Reads on in the front message's body; the number of bytes, 0 at its end. */
size_t tern_messages_read(tern_messages *m, tern_pool *pool, tern_buf out);
/* Takes the front message away, read or not, and gives its credit back. */
void tern_messages_drop_front(tern_messages *m, tern_pool *pool);

/* The next range of the message space to send, lost ones first; it counts as sent. false when there is none, or no
 * credit. */
bool tern_messages_give(tern_messages *m, tern_pool *pool, size_t most, tern_range *range);
bool tern_messages_want(const tern_messages *m, tern_pool *pool);
void tern_messages_settled(tern_messages *m, tern_pool *pool, tern_range range, bool acked);
bool tern_messages_limit_owed(const tern_messages *m);
/* The MAX_MESSAGES to tell now; clears what was owed. tuning: as of flow.h. */
uint64_t tern_messages_limit(tern_messages *m, tern_tuning *tuning);
void tern_messages_limit_lost(tern_messages *m);

#endif
