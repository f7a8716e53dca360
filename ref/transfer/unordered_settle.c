/* SPDX-License-Identifier: MIT */
/* What became of messages without order: a message is settled once all of its bytes are acknowledged, or that it was
 * given up. */
#include "transfer/unordered_desk.h"

/* The number of the letter that has this place; end when it is gone. */
static uint64_t find(tern_desk *d, tern_pool *pool, uint64_t place)
{
    uint64_t low = d->first, high = d->end;
    if (low == high || place < tern_desk_letter(d, pool, low)->start) return d->end;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (tern_desk_letter(d, pool, middle)->start <= place)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Only what no acknowledgement named is sent again. */
static void lose(tern_desk *d, tern_pool *pool, uint64_t number, tern_range range)
{
    /*= XFER-012 REC-019 */
    while (range.from < range.to) {
        tern_range acked;
        if (!tern_ranges_next(&d->acked, pool, range.from, &acked)) acked = (tern_range){ range.to, range.to };
        uint64_t to = acked.from < range.to ? acked.from : range.to;
        if (range.from < to) tern_ranges_add_joining(&d->lost, pool, range.from, to);
        range.from = acked.to;
    }
    tern_desk_push(d, pool, number, true);
}

static void settle_bytes(tern_unordered_out *u, tern_desk *d, tern_pool *pool, uint64_t number, tern_range range,
                         bool acked)
{
    tern_letter *l = tern_desk_letter(d, pool, number);
    if (l->state != TERN_LETTER_SENT) return;
    if (!acked || !tern_ranges_add(&d->acked, pool, range.from, range.to)) {
        lose(d, pool, number, range);
        return;
    }
    /*= REC-021 */
    bool removed = tern_ranges_remove(&d->lost, pool, range.from, range.to);
    (void)removed; /* no room to cut: it is sent once more */
    if (tern_ranges_contains(&d->acked, pool, l->start, l->start + tern_letter_span(l))) tern_desk_settle(u, d, l);
}

static void settle_abandoned(tern_unordered_out *u, tern_desk *d, tern_pool *pool, uint64_t place, bool acked)
{
    uint64_t number = find(d, pool, place);
    if (number == d->end) return;
    tern_letter *l = tern_desk_letter(d, pool, number);
    if (l->start != place || l->state != TERN_LETTER_GIVEN_UP) return;
    if (acked) {
        tern_desk_settle(u, d, l);
        return;
    }
    /*= REC-019 */
    l->owed = true;
    tern_desk_push(d, pool, number, true);
}

void tern_unordered_settled(tern_unordered_out *u, tern_pool *pool, tern_range place, bool acked)
{
    tern_desk *d = tern_desk_of(u, pool);
    if (d == NULL) return;
    if (place.from == place.to) settle_abandoned(u, d, pool, place.from, acked);
    uint64_t floor = tern_desk_letter(d, pool, d->first)->start;
    if (place.from < floor) place.from = floor;
    while (place.from < place.to) {
        uint64_t number = find(d, pool, place.from);
        if (number == d->end) break;
        const tern_letter *l = tern_desk_letter(d, pool, number);
        uint64_t end = l->start + tern_letter_span(l), to = end < place.to ? end : place.to;
        settle_bytes(u, d, pool, number, (tern_range){ place.from, to }, acked);
        place.from = to;
    }
    tern_desk_clear_front(u, d, pool);
}
