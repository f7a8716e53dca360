/* SPDX-License-Identifier: MIT */
/* A paged window and a list of what was written to it, with a pool that runs out. The first byte says how large the
 * pool is; then five bytes an operation: what and where's scale, where:u16, how many:u16. */
#include "fuzz.h"

#include "base/paged.h"

#define PAGES_MOST 20
#define CELLS      64
#define LONGEST    10000

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
    CHECK(c->n == 0 || (out[0] == c->v && memcmp(out, out + 1, c->n - 1) == 0));
}

static void check_all(tern_pool *pool)
{
    for (size_t i = 0; i < model.n; i++) check_cell(pool, &model.cells[i]);
}

static void check_pages(const tern_pool *pool)
{
    CHECK(b.pages + pool->free <= pool->pages);
    if (b.root == 0) CHECK(b.pages + pool->free == pool->pages);
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
    uint64_t inside = where % (TERN_PAGED_SPAN - LONGEST); /* only the floor may leap out of the window */
    switch (op[0] & 3) {
    case 0: write_in_place(pool, b.floor + inside, op[4]); break;
    case 1:
        forget(0, b.floor + where);
        tern_paged_advance(&b, pool, b.floor + where);
        break;
    default: write(pool, b.floor + inside, n, op[4]); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(64) uint8_t memory[64 + PAGES_MOST * TERN_PAGE_SIZE];
    tern_pool *pool = (tern_pool *)(void *)memory;
    CHECK(tern_pool_footprint(PAGES_MOST) <= sizeof memory);
    if (size == 0) return 0;
    tern_pool_init(pool, 1 + data[0] % PAGES_MOST);
    tern_paged_init(&b, (UINT64_C(1) << 32) - 5 * TERN_PAGE_SIZE, TERN_FOR_RECORDS);
    model.n = model.next = 0;
    data++, size--;
    for (size_t ops = 0; size >= 5 && ops < 100; data += 5, size -= 5, ops++) {
        step(pool, data);
        check_pages(pool);
        if (model.n > 0) check_cell(pool, &model.cells[ops % model.n]);
    }
    check_all(pool);
    tern_paged_free(&b, pool);
    CHECK(pool->free == pool->pages);
    return 0;
}
