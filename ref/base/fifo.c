/* SPDX-License-Identifier: MIT */
/* Records one behind the other; one that would cross the block's end begins anew at its start. */
#include "base/fifo.h"

#include <string.h>

#define HEAD 16       /* bytes before a record: its length */
#define SKIP SIZE_MAX /* instead of a length: the rest of the block is passed over */

size_t tern_fifo_cost(size_t n)
{
    return HEAD + (n + 15) / 16 * 16;
}

void tern_fifo_init(tern_fifo *f, size_t capacity)
{
    tern_assert(capacity % 16 == 0);
    *f = (tern_fifo){ .capacity = capacity };
}

static size_t length_at(const uint8_t *memory, size_t at)
{
    size_t n;
    memcpy(&n, memory + at, sizeof n);
    return n;
}

static void set_length(uint8_t *memory, size_t at, size_t n)
{
    memcpy(memory + at, &n, sizeof n);
}

uint8_t *tern_fifo_add(tern_fifo *f, uint8_t *memory, size_t n)
{
    if (n > f->capacity) return NULL;
    size_t cost = tern_fifo_cost(n), to_end = f->capacity - f->end;
    size_t passed = cost <= to_end ? 0 : to_end;
    if (cost + passed > f->capacity - f->used) return NULL;
    if (passed > 0) {
        set_length(memory, f->end, SKIP);
        f->end = 0;
    }
    uint8_t *record = memory + f->end + HEAD;
    set_length(memory, f->end, n);
    f->end += cost;
    if (f->end == f->capacity) f->end = 0;
    f->used += cost + passed;
    return record;
}

/* Where the oldest record stands, behind what is passed over. */
static size_t front_at(const tern_fifo *f, const uint8_t *memory)
{
    return length_at(memory, f->first) == SKIP ? 0 : f->first;
}

tern_buf tern_fifo_front(const tern_fifo *f, uint8_t *memory)
{
    if (f->used == 0) return (tern_buf){ NULL, 0 };
    size_t at = front_at(f, memory);
    return (tern_buf){ memory + at + HEAD, length_at(memory, at) };
}

void tern_fifo_drop(tern_fifo *f, const uint8_t *memory)
{
    tern_assert(f->used > 0);
    size_t at = front_at(f, memory), cost = tern_fifo_cost(length_at(memory, at));
    f->used -= at != f->first ? cost + f->capacity - f->first : cost;
    f->first = at + cost == f->capacity ? 0 : at + cost;
    if (f->used == 0) f->first = f->end = 0; /* all of the memory is there for one record */
}
