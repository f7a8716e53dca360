/* SPDX-License-Identifier: MIT */
/* A set of ranges and a set of single numbers, given the same operations. The first byte says how many ranges the set
 * may hold and how many pages there are; then four bytes each: what, from:u16, length. */
#include "fuzz.h"

#include "base/ranges.h"

#define UNIVERSE 2304
#define PAGES    8

static tern_ranges set;
static tern_pool *pool;
static bool model[UNIVERSE];

static uint32_t runs(void)
{
    uint32_t n = model[0];
    for (size_t i = 1; i < UNIVERSE; i++) n += model[i] && !model[i - 1];
    return n;
}

static void check_shape(void)
{
    CHECK(set.n <= set.most && set.leaves <= TERN_RANGES_LEAVES);
    CHECK(pool->free + set.leaves == pool->pages);
    CHECK((set.leaves == 0) == (set.n <= TERN_RANGES_NEAR));
    for (uint32_t i = 0; i < set.n; i++) {
        tern_range r = tern_ranges_at(&set, pool, i);
        CHECK(r.from < r.to && r.to <= UNIVERSE);
        CHECK(i == 0 || tern_ranges_at(&set, pool, i - 1).to < r.from);
    }
}

static void read_back(bool *into)
{
    memset(into, 0, UNIVERSE);
    for (uint32_t i = 0; i < set.n; i++) {
        tern_range r = tern_ranges_at(&set, pool, i);
        memset(into + r.from, 1, r.to - r.from);
    }
}

static void check_same_numbers(void)
{
    bool now[UNIVERSE];
    check_shape();
    read_back(now);
    CHECK(memcmp(now, model, sizeof now) == 0);
}

/* A set may say that it is full when it holds as many as it may, or has no page for more. */
static void add_or_remove(bool value, uint64_t from, uint64_t to)
{
    bool before[UNIVERSE];
    memcpy(before, model, sizeof before);
    memset(model + from, value, to - from);
    uint32_t n = set.n;
    bool done = value ? tern_ranges_add(&set, pool, from, to) : tern_ranges_remove(&set, pool, from, to);
    CHECK(done ? set.n <= set.most : n >= TERN_RANGES_NEAR && (n == set.most || pool->free == 0));
    if (!done) memcpy(model, before, sizeof before);
}

/* May cover more, but nothing less. */
static void add_joining(uint64_t from, uint64_t to)
{
    bool now[UNIVERSE];
    memset(model + from, 1, to - from);
    tern_ranges_add_joining(&set, pool, from, to);
    check_shape();
    read_back(now);
    for (size_t i = 0; i < UNIVERSE; i++) CHECK(now[i] || !model[i]);
    if (runs() <= TERN_RANGES_NEAR) CHECK(memcmp(now, model, sizeof now) == 0);
    memcpy(model, now, sizeof now);
}

/* May have forgotten numbers below one, and above that nothing. */
static void add_forgetting(uint64_t from, uint64_t to)
{
    bool now[UNIVERSE];
    memset(model + from, 1, to - from);
    uint32_t n = runs();
    tern_ranges_add_forgetting(&set, pool, from, to);
    read_back(now);
    size_t i = 0;
    while (i < UNIVERSE && !now[i]) i++;
    CHECK(memcmp(now + i, model + i, UNIVERSE - i) == 0);
    CHECK(set.n == n || (set.n >= TERN_RANGES_NEAR && (set.n == set.most || pool->free == 0)));
    memcpy(model, now, sizeof now);
}

static void ask(uint64_t from, uint64_t to)
{
    const bool *gap = memchr(model + from, 0, UNIVERSE - from), *number = memchr(model + from, 1, UNIVERSE - from);
    tern_range next = { UNIVERSE, UNIVERSE };
    uint64_t end = gap != NULL ? (uint64_t)(gap - model) : UNIVERSE;
    CHECK(tern_ranges_contains(&set, pool, from, to) == (end >= to));
    CHECK(tern_ranges_next(&set, pool, from, &next) == (number != NULL));
    if (number != NULL) CHECK(next.from <= (uint64_t)(number - model) && next.to > (uint64_t)(number - model));
}

/* Every second number, so that pages fill. */
static void add_many(uint64_t from, uint64_t to)
{
    for (uint64_t x = from; x < to; x += 2) model[x] |= tern_ranges_add(&set, pool, x, x + 1);
}

static void step(const uint8_t *op)
{
    uint64_t from = (uint64_t)(op[1] << 8 | op[2]) % UNIVERSE, to = from + op[3];
    if (to > UNIVERSE) to = UNIVERSE;
    switch (op[0] & 7) {
    case 0: add_or_remove(false, from, to); break;
    case 1: add_joining(from, to); break;
    case 2: add_forgetting(from, to); break;
    case 3:
        if ((op[0] & 8) == 0) from %= 64;
        tern_ranges_remove_below(&set, pool, from);
        memset(model, 0, from);
        break;
    case 4: add_many(from, from + 2u * op[3] < UNIVERSE ? from + 2u * op[3] : UNIVERSE); break;
    default: add_or_remove(true, from, to); break;
    }
    ask(from, to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(64) uint8_t memory[64 + PAGES * TERN_PAGE_SIZE];
    static const uint16_t most[] = { TERN_RANGES_NEAR, 64, TERN_RANGES_LEAF, TERN_RANGES_MAX };
    if (size < 1) return 0;
    pool = (tern_pool *)(void *)memory;
    CHECK(tern_pool_footprint(PAGES) <= sizeof memory);
    tern_pool_init(pool, data[0] % (PAGES + 1));
    tern_ranges_init(&set, TERN_FOR_RECORDS, most[data[0] >> 6]);
    memset(model, 0, sizeof model);
    data++, size--;
    for (size_t ops = 0; size >= 4 && ops < 40; data += 4, size -= 4, ops++) {
        step(data);
        if (ops % 8 == 7) check_same_numbers();
    }
    check_same_numbers();
    tern_ranges_clear(&set, pool);
    CHECK(set.n == 0 && pool->free == pool->pages);
    return 0;
}
