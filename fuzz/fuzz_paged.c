/* SPDX-License-Identifier: MIT */
/* A paged window and a list of what was written to it, with a pool that runs out. Five bytes an operation: what and
 * where's scale, where:u16, how many:u16. */
#include "fuzz.h"

#include "base/paged.h"

#define PAGES   20
#define CELLS   64
#define LONGEST 10000

typedef struct {
    uint64_t offset;
    size_t n;
    uint8_t v;
} cell;

static struct {
    cell cells[CELLS];
    size_t n, next;
} model;

static tern_paged b;

static void forget(uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < model.n; i++)
        if (model.cells[i].offset < to && from < model.cells[i].offset + model.cells[i].n) model.cells[i].n = 0;
}

static void keep(uint64_t offset, size_t n, uint8_t v)
{
    model.cells[model.next] = (cell){ offset, n, v };
    model.next = (model.next + 1) % CELLS;
    if (model.n < CELLS) model.n++;
}

static void check_cell(tern_pool *pool, const cell *c)
{
    static uint8_t out[LONGEST];
    tern_paged_read(&b, pool, c->offset, (tern_buf){ out, c->n });
    for (size_t i = 0; i < c->n; i++) CHECK(out[i] == c->v);
}

static void check_all(tern_pool *pool)
{
    for (size_t i = 0; i < model.n; i++) check_cell(pool, &model.cells[i]);
    CHECK(b.pages + pool->free <= PAGES);
    if (b.root == 0) CHECK(b.pages + pool->free == PAGES);
}

static void write(tern_pool *pool, uint64_t offset, size_t n, uint8_t v)
{
    static uint8_t in[LONGEST];
    memset(in, v, n);
    forget(offset, offset + n);
    if (tern_paged_write(&b, pool, offset, tern_bytes_of(in, n))) keep(offset, n, v);
}

static void write_in_place(tern_pool *pool, uint64_t offset, uint8_t v)
{
    tern_buf at = tern_paged_at(&b, pool, offset);
    if (at.n == 0) return;
    CHECK(at.n == TERN_PAGE_SIZE - offset % TERN_PAGE_SIZE);
    memset(at.p, v, at.n);
    forget(offset, offset + at.n);
    keep(offset, at.n, v);
}

static void step(tern_pool *pool, const uint8_t *op)
{
    static const unsigned scales[4] = { 0, 8, 12, 22 };
    uint64_t where = (uint64_t)(op[1] << 8 | op[2]) << scales[op[0] >> 2 & 3];
    size_t n = (size_t)(op[3] << 8 | op[4]) % LONGEST;
    if (where > TERN_PAGED_SPAN - LONGEST) where %= TERN_PAGED_SPAN - LONGEST;
    switch (op[0] & 3) {
    case 0: write_in_place(pool, b.floor + where, op[4]); break;
    case 1:
        forget(0, b.floor + where);
        tern_paged_advance(&b, pool, b.floor + where);
        break;
    default: write(pool, b.floor + where, n, op[4]); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(64) uint8_t memory[64 + PAGES * TERN_PAGE_SIZE];
    tern_pool *pool = (tern_pool *)(void *)memory;
    CHECK(tern_pool_footprint(PAGES) <= sizeof memory);
    tern_pool_init(pool, PAGES);
    tern_paged_init(&b, (UINT64_C(1) << 32) - 5 * TERN_PAGE_SIZE);
    model.n = model.next = 0;
    for (size_t ops = 0; size >= 5 && ops < 200; data += 5, size -= 5, ops++) {
        step(pool, data);
        if (ops % 8 == 7) check_all(pool);
    }
    check_all(pool);
    tern_paged_free(&b, pool);
    CHECK(pool->free == PAGES);
    return 0;
}
