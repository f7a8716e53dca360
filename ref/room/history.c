/* SPDX-License-Identifier: MIT */
/* The ring of events. Positions count bytes for ever; where in the block one stands is its rest. An event is its record
 * and then its body, and either may go round the end of the block. */
#include "room/history.h"

#include <string.h>

/* The n bytes from a position on are those at [at, at + first) of the block, and the rest at its start. */
typedef struct {
    size_t at, first, rest;
} stretch;

static stretch stretch_of(const tern_history *h, uint64_t position, size_t n)
{
    stretch s = { .at = (size_t)(position % h->capacity) };
    s.first = n < h->capacity - s.at ? n : h->capacity - s.at;
    s.rest = n - s.first;
    return s;
}

static void put_record(const tern_history *h, uint8_t *ring, uint64_t position, const tern_record *record)
{
    stretch s = stretch_of(h, position, sizeof *record);
    memcpy(ring + s.at, record, s.first);
    memcpy(ring, (const uint8_t *)record + s.first, s.rest);
}

static void get_record(const tern_history *h, const uint8_t *ring, uint64_t position, tern_record *record)
{
    stretch s = stretch_of(h, position, sizeof *record);
    memcpy(record, ring + s.at, s.first);
    memcpy((uint8_t *)record + s.first, ring, s.rest);
}

static void forget_oldest(tern_history *h, const uint8_t *ring)
{
    tern_record record;
    get_record(h, ring, h->oldest_at, &record);
    h->oldest_at += tern_history_cost(record.size);
    h->oldest++;
}

void tern_history_init(tern_history *h, uint32_t capacity)
{
    *h = (tern_history){ .capacity = capacity, .oldest = 1, .next = 1 };
}

uint64_t tern_history_cost(uint32_t size)
{
    return sizeof(tern_record) + (uint64_t)size;
}

bool tern_history_add(tern_history *h, uint8_t *ring, const tern_record *record, tern_buf body[2])
{
    uint64_t cost = tern_history_cost(record->size);
    if (cost > h->capacity) return false;
    /*= ROOM-006 ROOM-008 */
    while (h->capacity - (h->end_at - h->oldest_at) < cost) forget_oldest(h, ring);

    /*= ROOM-004 */
    tern_record numbered = *record;
    numbered.number = h->next++;
    put_record(h, ring, h->end_at, &numbered);
    stretch s = stretch_of(h, h->end_at + sizeof numbered, record->size);
    body[0] = (tern_buf){ ring + s.at, s.first };
    body[1] = (tern_buf){ ring, s.rest };
    h->end_at += cost;
    return true;
}

tern_cursor tern_history_end(const tern_history *h)
{
    return (tern_cursor){ h->next, h->end_at };
}

void tern_history_step(const tern_history *h, const uint8_t *ring, tern_cursor cursor, tern_step *out)
{
    tern_assert(cursor.number <= h->next);
    memset(out, 0, sizeof *out);
    out->then = cursor;
    if (cursor.number == h->next) return;
    out->first = cursor.number;
    /*= ROOM-006 */
    if (cursor.number < h->oldest) {
        out->kind = TERN_STEP_MISSED;
        out->last = h->oldest - 1;
        out->then = (tern_cursor){ h->oldest, h->oldest_at };
        return;
    }
    out->kind = TERN_STEP_RECORD;
    out->last = cursor.number;
    get_record(h, ring, cursor.at, &out->record);
    stretch s = stretch_of(h, cursor.at + sizeof out->record, out->record.size);
    out->body[0] = tern_bytes_of(ring + s.at, s.first);
    out->body[1] = tern_bytes_of(ring, s.rest);
    out->then = (tern_cursor){ cursor.number + 1, cursor.at + tern_history_cost(out->record.size) };
}
