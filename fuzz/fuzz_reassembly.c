/* SPDX-License-Identifier: MIT */
/* Reassembly against an array of bytes, with a pool that runs out. The first byte says how large the pool is and, by
 * its top bit, whether it is the receiving half alone or the message space; then operations: receiving half: what,
 * where:u16, how many:u16, value   messages: what, where:u8, how many:u8, so many bytes */
#include "fuzz.h"

#include "transfer/message.h"

#define PAGES_MOST 20
#define SPACE      (1u << 16)
#define LONGEST    4500
#define MAX        300
#define WINDOW     700
#define OPS_MOST   64

static struct {
    uint8_t byte[SPACE];
    bool seen[SPACE];
    uint64_t read, end, highest, told; /* end: the first byte that is missing */
} model;

static void model_insert(uint64_t at, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (at + i < model.read || model.seen[at + i]) continue;
        model.seen[at + i] = true;
        model.byte[at + i] = p[i];
    }
    if (n > 0 && at + n > model.highest) model.highest = at + n;
    while (model.end < model.highest && model.seen[model.end]) model.end++;
}

static void model_clear(void)
{
    memset(model.seen, 0, model.highest);
    model.read = model.end = model.highest = 0;
    model.told = WINDOW;
}

static void check_buffer(const tern_recv_buffer *b, tern_pool *pool)
{
    if (b->seen.n == 0 && b->whole == b->read) CHECK(pool->free == pool->pages);
    CHECK(b->read == model.read && b->highest == model.highest);
    CHECK(tern_recv_buffer_readable(b) == model.end - model.read);
    uint64_t last = b->whole;
    for (uint32_t i = 0; i < b->seen.n; i++) {
        tern_range r = tern_ranges_at(&b->seen, pool, i);
        CHECK(r.from > last && r.from < r.to && r.to <= b->highest);
        last = r.to;
    }
}

/* Memory may run out where it is short, or where there are many gaps; else everything is kept. */
static void check_result(const tern_pool *pool, const tern_recv_buffer *b, int result)
{
    CHECK(result == TERN_OK || result == TERN_E_NO_MEMORY);
    if (result != TERN_OK) CHECK(b->seen.n == TERN_RANGES_MAX || pool->free < PAGES_MOST);
}

static void read_and_compare(tern_recv_buffer *b, tern_pool *pool, uint64_t skip, size_t most, bool take)
{
    static uint8_t out[LONGEST];
    uint64_t left = model.end - model.read, expected = skip < left ? left - skip : 0;
    size_t n = take ? tern_recv_buffer_read(b, pool, (tern_buf){ out, most })
                    : tern_recv_buffer_peek(b, pool, skip, (tern_buf){ out, most });
    CHECK(n == (expected < most ? expected : most));
    CHECK(n == 0 || memcmp(out, &model.byte[model.read + skip], n) == 0);
    if (take) model.read += n;
}

static void buffer_step(tern_recv_buffer *b, tern_pool *pool, const uint8_t *op)
{
    static uint8_t bytes[LONGEST];
    uint64_t where = (uint64_t)(op[1] << 8 | op[2]), at = model.read + where;
    size_t n = (size_t)(op[3] << 8 | op[4]) % LONGEST;
    switch (op[0] & 3) {
    case 0: read_and_compare(b, pool, 0, n, true); return;
    case 1: read_and_compare(b, pool, where, n, false); return;
    case 2: at = at > 2 * where ? at - 2 * where : 0; break; /* from what was read already */
    default: break;
    }
    if (at + n > SPACE) return;
    for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)(op[5] + i + i / 256);
    int result = tern_recv_buffer_insert(b, pool, at, tern_bytes_of(bytes, n));
    check_result(pool, b, result);
    if (result == TERN_OK) model_insert(at, bytes, n);
}

static void run_buffer(tern_pool *pool, const uint8_t *data, size_t size)
{
    static tern_recv_buffer b;
    tern_recv_buffer_init(&b);
    for (size_t ops = 0; size >= 6 && ops < OPS_MOST; data += 6, size -= 6, ops++) {
        buffer_step(&b, pool, data);
        check_buffer(&b, pool);
    }
    tern_recv_buffer_free(&b, pool);
}

/* The length that stands at at, when it is there in order. */
static bool model_length(uint64_t at, uint32_t *length)
{
    if (at + TERN_MESSAGE_PREFIX > model.end) return false;
    tern_reader r = tern_reader_of(tern_bytes_of(&model.byte[at], TERN_MESSAGE_PREFIX));
    *length = tern_read_u32(&r);
    return true;
}

/* XFER-011, from the front on, each time anew. */
static bool model_has_too_large(void)
{
    uint32_t length;
    for (uint64_t at = model.read; model_length(at, &length); at += TERN_MESSAGE_PREFIX + length)
        if (length > MAX) return true;
    return false;
}

static void check_front(tern_messages *m, tern_pool *pool, bool take)
{
    uint8_t out[MAX];
    uint32_t length = 0, size = 0;
    bool whole = model_length(model.read, &length) && model.end - model.read - TERN_MESSAGE_PREFIX >= length;
    CHECK(tern_messages_front(m, pool, &size) == whole);
    if (!whole) return;
    CHECK(size == length);
    CHECK(tern_messages_peek(m, pool, 0, (tern_buf){ out, MAX }) == length);
    CHECK(memcmp(out, &model.byte[model.read + TERN_MESSAGE_PREFIX], length) == 0);
    if (!take) return;
    tern_messages_drop_front(m, pool);
    model.read += TERN_MESSAGE_PREFIX + length;
    if (tern_messages_limit_owed(m)) model.told = tern_messages_limit(m, NULL);
    CHECK(model.told <= model.read + WINDOW);
}

/* false once the peer is to be refused. */
static bool fragment(tern_messages *m, tern_pool *pool, uint64_t at, tern_bytes bytes)
{
    int result = tern_messages_on_fragment(m, pool, at, bytes);
    bool beyond = bytes.n > 0 && at + bytes.n > model.told;
    CHECK((result == TERN_FLOW_CONTROL_ERROR) == beyond);
    if (beyond) return false;
    if (result != TERN_E_NO_MEMORY) model_insert(at, bytes.p, bytes.n);
    CHECK((result == TERN_MESSAGE_TOO_LARGE) == (result != TERN_E_NO_MEMORY && model_has_too_large()));
    if (result == TERN_MESSAGE_TOO_LARGE) return false;
    check_result(pool, &m->in, result);
    if (tern_messages_limit_owed(m)) model.told = tern_messages_limit(m, NULL);
    return true;
}

static void run_messages(tern_pool *pool, const uint8_t *data, size_t size)
{
    static tern_messages m;
    tern_messages_init(&m, MAX, WINDOW);
    tern_reader r = tern_reader_of(tern_bytes_of(data, size));
    for (size_t ops = 0; r.left >= 3 && ops < OPS_MOST; ops++) {
        uint8_t what = tern_read_u8(&r), where = tern_read_u8(&r), n = tern_read_u8(&r);
        uint64_t at = (what & 2 ? model.end : model.read) + where;
        if (what & 4) at = at > 2u * where ? at - 2u * where : 0;
        tern_bytes bytes = tern_read_bytes(&r, n < r.left ? n : r.left);
        if (at + bytes.n > SPACE || !fragment(&m, pool, at, bytes)) break;
        check_front(&m, pool, what & 1);
        check_buffer(&m.in, pool);
    }
    tern_messages_free(&m, pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(64) uint8_t memory[64 + PAGES_MOST * 4 * TERN_PAGE_SIZE];
    tern_pool *pool = (tern_pool *)(void *)memory;
    CHECK(tern_pool_footprint(PAGES_MOST * 4) <= sizeof memory);
    if (size == 0) return 0;
    tern_pool_init(pool, data[0] & 0x40 ? PAGES_MOST * 4 : 1 + data[0] % PAGES_MOST);
    model_clear();
    if (data[0] & 0x80)
        run_messages(pool, data + 1, size - 1);
    else
        run_buffer(pool, data + 1, size - 1);
    CHECK(pool->free == pool->pages);
    return 0;
}
