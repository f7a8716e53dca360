/* SPDX-License-Identifier: MIT */
/* The sending half. The sets are bounded; when one is full more is sent again than was lost, and nothing is forgotten.
 */
#include "transfer/send_buffer.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void tern_send_buffer_init(tern_send_buffer *b)
{
    *b = (tern_send_buffer){ 0 };
    tern_paged_init(&b->bytes, 0, TERN_FOR_SENDING);
    tern_ranges_init(&b->acked, TERN_FOR_FRONT, TERN_RANGES_MAX);
    tern_ranges_init(&b->lost, TERN_FOR_FRONT, TERN_RANGES_MAX);
}

void tern_send_buffer_free(tern_send_buffer *b, tern_pool *pool)
{
    tern_paged_free(&b->bytes, pool);
    tern_ranges_clear(&b->acked, pool);
    tern_ranges_clear(&b->lost, pool);
}

bool tern_send_buffer_append(tern_send_buffer *b, tern_pool *pool, tern_bytes bytes)
{
    if (bytes.n > TERN_PAGED_SPAN - tern_send_buffer_kept(b)) return false;
    if (tern_paged_write(&b->bytes, pool, b->written, bytes)) {
        b->written += bytes.n;
        return true;
    }
    tern_send_buffer_unwrite(b, pool, b->written);
    return false;
}

void tern_send_buffer_unwrite(tern_send_buffer *b, tern_pool *pool, uint64_t offset)
{
    tern_assert(offset >= b->next && offset <= b->written);
    b->written = offset;
    if (tern_send_buffer_done(b)) tern_paged_free(&b->bytes, pool);
}

uint64_t tern_send_buffer_kept(const tern_send_buffer *b)
{
    return b->written - b->bytes.floor;
}

tern_range tern_send_buffer_next(const tern_send_buffer *b, tern_pool *pool, uint64_t limit, uint64_t most)
{
    /*= REC-019 XFER-012 */
    if (b->lost.n > 0) {
        tern_range r = tern_ranges_at(&b->lost, pool, 0);
        return (tern_range){ r.from, r.from + least(r.to - r.from, most) };
    }
    uint64_t end = least(b->written, limit);
    if (end <= b->next) return (tern_range){ b->next, b->next };
    return (tern_range){ b->next, b->next + least(end - b->next, most) };
}

void tern_send_buffer_sent(tern_send_buffer *b, tern_pool *pool, tern_range range)
{
    if (range.from == b->next) {
        tern_assert(range.to <= b->written);
        b->next = range.to;
        return;
    }
    bool removed = tern_ranges_remove(&b->lost, pool, range.from, range.to);
    tern_assert(removed); /* the front of a range is never cut in two */
}

/* Everything below floor is acknowledged, and what touches it: the window moves up. */
static void advance(tern_send_buffer *b, tern_pool *pool, uint64_t floor)
{
    tern_range next;
    if (tern_ranges_next(&b->acked, pool, floor, &next) && next.from <= floor) floor = next.to;
    tern_ranges_remove_below(&b->acked, pool, floor);
    tern_ranges_remove_below(&b->lost, pool, floor);
    if (floor == b->written)
        tern_paged_drain(&b->bytes, pool, floor);
    else
        tern_paged_advance(&b->bytes, pool, floor);
}

void tern_send_buffer_acked(tern_send_buffer *b, tern_pool *pool, tern_range range)
{
    tern_assert(range.to <= b->next);
    if (range.to <= b->bytes.floor) return;
    if (range.from <= b->bytes.floor) {
        advance(b, pool, range.to);
    } else if (tern_ranges_add(&b->acked, pool, range.from, range.to)) {
        /*= REC-021 */
        bool removed = tern_ranges_remove(&b->lost, pool, range.from, range.to);
        (void)removed; /* no room to cut: it is sent once more */
    } else {
        tern_send_buffer_lost(b, pool, range);
    }
}

void tern_send_buffer_lost(tern_send_buffer *b, tern_pool *pool, tern_range range)
{
    tern_assert(range.to <= b->next);
    if (range.from < b->bytes.floor) range.from = b->bytes.floor;
    /*= REC-019 XFER-012 */
    while (range.from < range.to) {
        tern_range acked;
        if (!tern_ranges_next(&b->acked, pool, range.from, &acked)) acked = (tern_range){ range.to, range.to };
        if (range.from < acked.from) tern_ranges_add_joining(&b->lost, pool, range.from, least(acked.from, range.to));
        range.from = acked.to;
    }
}

uint32_t tern_send_buffer_pages(const tern_send_buffer *b)
{
    return b->bytes.pages + b->acked.leaves + b->lost.leaves;
}

bool tern_send_buffer_done(const tern_send_buffer *b)
{
    return b->bytes.floor == b->written;
}

void tern_send_buffer_copy(const tern_send_buffer *b, tern_pool *pool, tern_range range, uint8_t *out)
{
    tern_paged_read(&b->bytes, pool, range.from, (tern_buf){ out, (size_t)(range.to - range.from) });
}
