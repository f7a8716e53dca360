/* SPDX-License-Identifier: MIT */
/* Bytes in pages. Pages leave only from below, so that a table that the floor has passed is empty and goes whole. */
#include "base/paged.h"

#include <string.h>

#define FANOUT  (TERN_PAGE_SIZE / (uint32_t)sizeof(tern_page)) /* entries of a table */
#define INDEXES (FANOUT * FANOUT)

_Static_assert(TERN_PAGED_SPAN == (uint64_t)(INDEXES - FANOUT) * TERN_PAGE_SIZE, "the window is one table short");

static uint32_t index_of(uint64_t page_number)
{
    return (uint32_t)(page_number % INDEXES);
}

static tern_page *table_at(tern_pool *pool, tern_page page)
{
    return (tern_page *)tern_pool_at(pool, page);
}

static tern_page take_table(const tern_paged *b, tern_pool *pool)
{
    tern_page page = tern_pool_take(pool, b->use);
    if (page != 0) memset(tern_pool_at(pool, page), 0, TERN_PAGE_SIZE);
    return page;
}

static void give_tables(tern_pool *pool, tern_page root)
{
    for (uint32_t i = 0; i < FANOUT; i++) tern_pool_give(pool, table_at(pool, root)[i]);
    tern_pool_give(pool, root);
}

/* Enters a data page into the tables; false when the pool has no page for the lower one. */
static bool enter(const tern_paged *b, tern_pool *pool, tern_page root, uint32_t index, tern_page page)
{
    tern_page *lower = &table_at(pool, root)[index / FANOUT];
    if (*lower == 0) *lower = take_table(b, pool);
    if (*lower == 0) return false;
    table_at(pool, *lower)[index % FANOUT] = page;
    return true;
}

/* Moves the near pages into tables; false, and nothing changed, when the pool has no pages for these. */
static bool widen(tern_paged *b, tern_pool *pool)
{
    tern_page root = take_table(b, pool);
    if (root == 0) return false;
    for (uint32_t i = 0; i < TERN_PAGED_NEAR; i++) {
        if (b->near[i] == 0 || enter(b, pool, root, b->near_index[i], b->near[i])) continue;
        give_tables(pool, root);
        return false;
    }
    b->root = root;
    memset(b->near, 0, sizeof b->near);
    return true;
}

static void set_near(tern_paged *b, uint32_t index, tern_page page)
{
    b->near[index % TERN_PAGED_NEAR] = page;
    b->near_index[index % TERN_PAGED_NEAR] = index;
}

/* Takes the tables down when the one page they may still hold can stand near. */
static void narrow(tern_paged *b, tern_pool *pool)
{
    for (uint32_t i = 0; i < FANOUT && b->pages > 0; i++) {
        tern_page lower = table_at(pool, b->root)[i];
        for (uint32_t k = 0; k < FANOUT && lower != 0; k++) {
            tern_page page = table_at(pool, lower)[k];
            if (page != 0) set_near(b, i * FANOUT + k, page);
        }
    }
    give_tables(pool, b->root);
    b->root = 0;
}

static tern_page find(const tern_paged *b, tern_pool *pool, uint32_t index)
{
    if (b->root == 0) {
        uint32_t i = index % TERN_PAGED_NEAR;
        return b->near_index[i] == index ? b->near[i] : 0;
    }
    tern_page lower = table_at(pool, b->root)[index / FANOUT];
    return lower != 0 ? table_at(pool, lower)[index % FANOUT] : 0;
}

/* A new page for an index that has none; 0 when the pool ran out. */
static tern_page add(tern_paged *b, tern_pool *pool, uint32_t index)
{
    tern_page page = tern_pool_take(pool, b->use);
    if (page == 0) return 0;
    if (b->root == 0 && b->near[index % TERN_PAGED_NEAR] == 0) {
        set_near(b, index, page);
    } else if ((b->root == 0 && !widen(b, pool)) || !enter(b, pool, b->root, index, page)) {
        tern_pool_give(pool, page);
        return 0;
    }
    b->pages++;
    return page;
}

/* The part of a page that begins at offset. */
static tern_buf part(tern_pool *pool, tern_page page, uint64_t offset)
{
    size_t at = (size_t)(offset % TERN_PAGE_SIZE);
    return (tern_buf){ (uint8_t *)tern_pool_at(pool, page) + at, TERN_PAGE_SIZE - at };
}

static bool in_window(const tern_paged *b, uint64_t offset, size_t n)
{
    return offset >= b->floor && offset - b->floor <= TERN_PAGED_SPAN && n <= TERN_PAGED_SPAN - (offset - b->floor);
}

void tern_paged_init(tern_paged *b, uint64_t floor, tern_page_use use)
{
    *b = (tern_paged){ .floor = floor, .use = use };
}

static void give_table_entries(tern_paged *b, tern_pool *pool, uint32_t from, uint32_t to)
{
    tern_page lower = table_at(pool, b->root)[from / FANOUT];
    if (lower == 0) return;
    for (uint32_t i = from; i < to; i++) {
        tern_page *page = &table_at(pool, lower)[i % FANOUT];
        if (*page == 0) continue;
        tern_pool_give(pool, *page);
        *page = 0;
        b->pages--;
    }
    if (to % FANOUT != 0) return;
    tern_pool_give(pool, lower);
    table_at(pool, b->root)[from / FANOUT] = 0;
}

static void give_tables_and_pages(tern_paged *b, tern_pool *pool)
{
    for (uint32_t i = 0; i < FANOUT; i++) give_table_entries(b, pool, i * FANOUT, (i + 1) * FANOUT);
    tern_pool_give(pool, b->root);
    b->root = 0;
}

void tern_paged_free(tern_paged *b, tern_pool *pool)
{
    if (b->root != 0) give_tables_and_pages(b, pool);
    for (uint32_t i = 0; b->pages > 0; i++) {
        if (b->near[i] == 0) continue;
        tern_pool_give(pool, b->near[i]);
        b->near[i] = 0;
        b->pages--;
    }
}

bool tern_paged_write(tern_paged *b, tern_pool *pool, uint64_t offset, tern_bytes bytes)
{
    tern_assert(in_window(b, offset, bytes.n));
    while (bytes.n > 0) {
        uint32_t index = index_of(offset / TERN_PAGE_SIZE);
        tern_page page = find(b, pool, index);
        if (page == 0) page = add(b, pool, index);
        if (page == 0) return false;
        tern_buf to = part(pool, page, offset);
        size_t n = bytes.n < to.n ? bytes.n : to.n;
        memcpy(to.p, bytes.p, n);
        bytes = tern_bytes_of(bytes.p + n, bytes.n - n);
        offset += n;
    }
    return true;
}

tern_bytes tern_paged_view(const tern_paged *b, tern_pool *pool, uint64_t offset, size_t most)
{
    tern_assert(in_window(b, offset, 0));
    tern_buf bytes = part(pool, find(b, pool, index_of(offset / TERN_PAGE_SIZE)), offset);
    return tern_bytes_of(bytes.p, most < bytes.n ? most : bytes.n);
}

void tern_paged_read(const tern_paged *b, tern_pool *pool, uint64_t offset, tern_buf out)
{
    while (out.n > 0) {
        tern_bytes from = tern_paged_view(b, pool, offset, out.n);
        memcpy(out.p, from.p, from.n);
        out = (tern_buf){ out.p + from.n, out.n - from.n };
        offset += from.n;
    }
}

tern_buf tern_paged_at(tern_paged *b, tern_pool *pool, uint64_t offset)
{
    tern_assert(in_window(b, offset, 1));
    uint32_t index = index_of(offset / TERN_PAGE_SIZE);
    tern_page page = find(b, pool, index);
    if (page == 0) page = add(b, pool, index);
    return page != 0 ? part(pool, page, offset) : (tern_buf){ NULL, 0 };
}

static void give_near_below(tern_paged *b, tern_pool *pool, uint64_t from, uint64_t to)
{
    for (uint32_t i = 0; i < TERN_PAGED_NEAR; i++) {
        if (b->near[i] == 0 || index_of(b->near_index[i] - from) >= to - from) continue;
        tern_pool_give(pool, b->near[i]);
        b->near[i] = 0;
        b->pages--;
    }
}

void tern_paged_advance(tern_paged *b, tern_pool *pool, uint64_t floor)
{
    tern_assert(floor >= b->floor);
    uint64_t from = b->floor / TERN_PAGE_SIZE, to = floor / TERN_PAGE_SIZE;
    b->floor = floor;
    if (from == to) return;
    if (to - from >= INDEXES) {
        tern_paged_free(b, pool);
    } else if (b->root == 0) {
        give_near_below(b, pool, from, to);
    } else {
        while (from < to) {
            uint64_t rest = FANOUT - from % FANOUT, n = rest < to - from ? rest : to - from;
            give_table_entries(b, pool, index_of(from), index_of(from) + (uint32_t)n);
            from += n;
        }
        if (b->pages <= 1) narrow(b, pool);
    }
}

void tern_paged_drain(tern_paged *b, tern_pool *pool, uint64_t floor)
{
    tern_assert(floor >= b->floor);
    b->floor = floor;
    tern_paged_free(b, pool);
}
