/* SPDX-License-Identifier: MIT */
/* The sending half of a sequence of bytes: kept until acknowledged, sent in ranges, lost ranges first (spec: transfer;
 * REC-019). Used by streams, the message space and the handshake alike. */
#ifndef TERN_TRANSFER_SEND_BUFFER_H
#define TERN_TRANSFER_SEND_BUFFER_H

#include "base/paged.h"
#include "base/ranges.h"

typedef struct {
    uint64_t written; /* one past the last byte the application gave */
    uint64_t next;    /* the first byte never sent */
    tern_ranges lost; /* to be sent again */
    tern_paged bytes;
    tern_ranges acked; /* above bytes.floor */
} tern_send_buffer;

void tern_send_buffer_init(tern_send_buffer *b);
void tern_send_buffer_free(tern_send_buffer *b, tern_pool *pool);
/* Appends all of bytes, or nothing and false when the pool ran out. */
TERN_MUST_USE bool tern_send_buffer_append(tern_send_buffer *b, tern_pool *pool, tern_bytes bytes);
/* Takes back what was appended from offset on; none of it was given to send. */
void tern_send_buffer_unwrite(tern_send_buffer *b, tern_pool *pool, uint64_t offset);
/* Bytes kept: written and not yet acknowledged from the front. */
uint64_t tern_send_buffer_kept(const tern_send_buffer *b);
/* The next range to send: lost ones first, then new ones below limit. Empty (from == to) when there is none. At most
 * most bytes. */
tern_range tern_send_buffer_next(const tern_send_buffer *b, tern_pool *pool, uint64_t limit, uint64_t most);
/* The range (one that next gave, or a front part of it) was sent. */
void tern_send_buffer_sent(tern_send_buffer *b, tern_pool *pool, tern_range range);
void tern_send_buffer_acked(tern_send_buffer *b, tern_pool *pool, tern_range range);
void tern_send_buffer_lost(tern_send_buffer *b, tern_pool *pool, tern_range range);
/* Pages it holds. */
uint32_t tern_send_buffer_pages(const tern_send_buffer *b);
/* Everything written is acknowledged. */
bool tern_send_buffer_done(const tern_send_buffer *b);
/* Copies the bytes of a range into out. */
void tern_send_buffer_copy(const tern_send_buffer *b, tern_pool *pool, tern_range range, uint8_t *out);

#endif
