/* SPDX-License-Identifier: MIT */
/* The receiving half. Bytes are written only into gaps, so what came first stays. */
#include "transfer/recv_buffer.h"
#include "base/error.h"

void tern_recv_buffer_init(tern_recv_buffer *b)
{
    *b = (tern_recv_buffer){ 0 };
    tern_paged_init(&b->bytes, 0, TERN_FOR_RECEIVING);
    tern_ranges_init(&b->seen, TERN_FOR_RECEIVING, TERN_RANGES_MAX);
}

void tern_recv_buffer_free(tern_recv_buffer *b, tern_pool *pool)
{
    tern_paged_free(&b->bytes, pool);
    tern_ranges_clear(&b->seen, pool);
    b->whole = b->read;
}

/* Writes the parts of offset..to that were not seen; false when the pool ran out. */
static bool fill_gaps(tern_recv_buffer *b, tern_pool *pool, uint64_t offset, uint64_t to, const uint8_t *p)
{
    uint64_t at = offset;
    while (at < to) {
        tern_range seen;
        if (!tern_ranges_next(&b->seen, pool, at, &seen)) seen = (tern_range){ to, to };
        uint64_t end = seen.from < to ? seen.from : to;
        /*= XFER-013 */
        if (at < end && !tern_paged_write(&b->bytes, pool, at, tern_bytes_of(p + (at - offset), (size_t)(end - at))))
            return false;
        at = seen.to;
    }
    return true;
}

/* offset..to is written: what is whole, and what stands apart. */
static bool remember(tern_recv_buffer *b, tern_pool *pool, uint64_t offset, uint64_t to)
{
    tern_range next;
    if (offset > b->whole) return tern_ranges_add(&b->seen, pool, offset, to);
    b->whole = to;
    if (tern_ranges_next(&b->seen, pool, to, &next) && next.from <= to) b->whole = next.to;
    tern_ranges_remove_below(&b->seen, pool, b->whole);
    return true;
}

static bool keeps_nothing(const tern_recv_buffer *b)
{
    return b->whole == b->read && b->seen.n == 0;
}

bool tern_recv_buffer_is_front(const tern_recv_buffer *b, uint64_t offset)
{
    return offset <= b->whole;
}

int tern_recv_buffer_insert(tern_recv_buffer *b, tern_pool *pool, uint64_t offset, tern_bytes bytes)
{
    uint64_t to = offset + bytes.n;
    if (bytes.n == 0 || to <= b->whole) return TERN_OK;
    if (offset < b->whole) {
        bytes = tern_bytes_of(bytes.p + (b->whole - offset), (size_t)(to - b->whole));
        offset = b->whole;
    }
    /*= XFER-023 */
    if (to - b->read > TERN_PAGED_SPAN) return TERN_E_NO_MEMORY;
    /*= XFER-024 */
    b->bytes.use = tern_recv_buffer_is_front(b, offset) ? TERN_FOR_FRONT : TERN_FOR_RECEIVING;
    if (!fill_gaps(b, pool, offset, to, bytes.p) || !remember(b, pool, offset, to)) {
        if (keeps_nothing(b)) tern_paged_free(&b->bytes, pool);
        return TERN_E_NO_MEMORY;
    }
    if (to > b->highest) b->highest = to;
    return TERN_OK;
}

uint32_t tern_recv_buffer_pages(const tern_recv_buffer *b)
{
    return b->bytes.pages + b->seen.leaves;
}

uint64_t tern_recv_buffer_readable(const tern_recv_buffer *b)
{
    /*= XFER-001 */
    return b->whole - b->read;
}

size_t tern_recv_buffer_peek(const tern_recv_buffer *b, tern_pool *pool, uint64_t skip, tern_buf out)
{
    uint64_t readable = tern_recv_buffer_readable(b);
    if (skip >= readable) return 0;
    if (out.n > readable - skip) out.n = (size_t)(readable - skip);
    tern_paged_read(&b->bytes, pool, b->read + skip, out);
    return out.n;
}

void tern_recv_buffer_skip(tern_recv_buffer *b, tern_pool *pool, uint64_t n)
{
    tern_assert(n <= tern_recv_buffer_readable(b));
    b->read += n;
    if (keeps_nothing(b))
        tern_paged_drain(&b->bytes, pool, b->read);
    else
        tern_paged_advance(&b->bytes, pool, b->read);
}

size_t tern_recv_buffer_read(tern_recv_buffer *b, tern_pool *pool, tern_buf out)
{
    size_t n = tern_recv_buffer_peek(b, pool, 0, out);
    tern_recv_buffer_skip(b, pool, n);
    return n;
}
