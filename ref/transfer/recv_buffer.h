/* SPDX-License-Identifier: MIT */
/* The receiving half of a sequence of bytes: out of order in, in order out (XFER-001). */
#ifndef TERN_TRANSFER_RECV_BUFFER_H
#define TERN_TRANSFER_RECV_BUFFER_H

#include "base/paged.h"
#include "base/ranges.h"

typedef struct {
    uint64_t read;  /* the first byte not taken yet */
    uint64_t whole; /* one past the last byte of which none before is missing */
    tern_paged bytes;
    tern_ranges seen; /* received, above whole */
    uint64_t highest; /* one past the highest byte received */
} tern_recv_buffer;

void tern_recv_buffer_init(tern_recv_buffer *b);
void tern_recv_buffer_free(tern_recv_buffer *b, tern_pool *pool);
/* Whether bytes at offset are old, or come next in order. */
bool tern_recv_buffer_is_front(const tern_recv_buffer *b, uint64_t offset);
/* Keeps bytes at offset. TERN_OK, also for what was there already; TERN_E_NO_MEMORY when the pool or the set of gaps is
 * full: then the packet must not be acknowledged (XFER-023). The caller has checked the flow-control limit. Content
 * that was received first stays: a later, different copy changes nothing. */
int tern_recv_buffer_insert(tern_recv_buffer *b, tern_pool *pool, uint64_t offset, tern_bytes bytes);
/* Pages it holds. */
uint32_t tern_recv_buffer_pages(const tern_recv_buffer *b);
/* Bytes that can be read in order now. */
uint64_t tern_recv_buffer_readable(const tern_recv_buffer *b);
/* Copies up to out.n bytes from the front without taking them; the number copied. */
size_t tern_recv_buffer_peek(const tern_recv_buffer *b, tern_pool *pool, uint64_t skip, tern_buf out);
/* Takes n readable bytes away. */
void tern_recv_buffer_skip(tern_recv_buffer *b, tern_pool *pool, uint64_t n);
/* Peek and skip. */
size_t tern_recv_buffer_read(tern_recv_buffer *b, tern_pool *pool, tern_buf out);

#endif
