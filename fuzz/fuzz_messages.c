/* SPDX-License-Identifier: MIT */
/* Messages without order against a naive model that keeps every one of them whole: frames that overlap, come again,
 * contradict each other or go beyond credit, and a pool that is short. */
#include "fuzz.h"

#include "transfer/unordered.h"

#define PAGES  24
#define IDS    64 /* that the input names; there are more at the edge of the spread */
#define MAX    3000
#define WINDOW 40000
#define OPS    400

typedef struct {
    bool known, over;
    uint32_t size, have;
    uint8_t byte[MAX], seen[MAX];
} message;

static message model[IDS];
static uint64_t told, used;
static uint32_t waiting;   /* whole, and not read */
static uint8_t queue[IDS]; /* which, in the order in which they were whole */

static uint64_t floor_of_model(void)
{
    uint64_t id = 0;
    while (id < IDS && model[id].over) id++;
    return id;
}

/* What a frame must lead to, memory apart. */
static int due(uint64_t id, uint32_t size)
{
    if (size > MAX) return TERN_MESSAGE_TOO_LARGE;
    if (id >= IDS) return TERN_PROTOCOL_VIOLATION;
    message *m = &model[id];
    if (m->over) return TERN_OK;
    if (!m->known) return size + TERN_UNORDERED_COST > told - used ? TERN_FLOW_CONTROL_ERROR : TERN_OK;
    return m->size == size ? TERN_OK : TERN_PROTOCOL_VIOLATION;
}

static void begin(message *m, uint32_t size)
{
    if (m->known) return;
    m->known = true;
    m->size = size;
    used += size + TERN_UNORDERED_COST;
}

static void model_message(uint64_t id, uint32_t size, uint32_t offset, tern_bytes bytes)
{
    message *m = &model[id];
    if (m->over) return;
    begin(m, size);
    for (uint32_t i = 0; i < bytes.n; i++) {
        if (m->seen[offset + i]) continue;
        m->seen[offset + i] = 1;
        m->byte[offset + i] = bytes.p[i];
        m->have++;
    }
    if (m->have < m->size) return;
    m->over = true;
    queue[waiting++] = (uint8_t)id;
}

static void check_front(tern_unordered_in *u, tern_pool *pool, bool take)
{
    static uint8_t out[MAX];
    uint32_t size = 0;
    CHECK(tern_unordered_front(u, pool, &size) == (waiting > 0));
    if (waiting == 0 || !take) return;
    const message *m = &model[queue[0]];
    CHECK(size == m->size);
    CHECK(tern_unordered_read(u, pool, (tern_buf){ out, sizeof out }) == size);
    CHECK(memcmp(out, m->byte, size) == 0);
    tern_unordered_drop_front(u, pool);
    memmove(queue, queue + 1, --waiting);
}

/* false once the peer is to be refused. */
static bool step(tern_unordered_in *u, tern_pool *pool, tern_reader *r)
{
    uint8_t what = tern_read_u8(r);
    uint64_t id = tern_read_u8(r) % IDS;
    uint32_t size = tern_read_u16(r) % (MAX + 8), offset = tern_read_u16(r) % (MAX + 8);
    if (what & 1 && model[id].known) size = model[id].size; /* mostly the input agrees with itself */
    if ((what & 0xf0) == 0xf0) id = floor_of_model() + TERN_UNORDERED_SPREAD + (what & 0xe);
    size_t n = (size_t)tern_read_u8(r) * 8;
    tern_bytes bytes = tern_read_bytes(r, n < r->left ? n : r->left);
    if (offset > size) offset = size;
    if (bytes.n > size - offset) bytes.n = size - offset;
    if (bytes.n == 0 && size > 0) return true; /* the parser lets none of these through */
    int expected = due(id, size);
    bool abandoned = (what & 6) == 6;
    int result = abandoned ? tern_unordered_on_abandoned(u, pool, id, size)
                           : tern_unordered_on_message(u, pool, id, size, offset, bytes);
    if (result == TERN_E_NO_MEMORY) { /* a letter may have been begun all the same */
        if (id < IDS && !model[id].known && u->credit.used > used) begin(&model[id], size);
        return true;
    }
    CHECK(result == expected);
    if (result != TERN_OK) return false;
    if (!abandoned) {
        model_message(id, size, offset, bytes);
    } else if (!model[id].over) {
        begin(&model[id], size);
        model[id].over = true;
    }
    check_front(u, pool, what & 8);
    if (tern_unordered_limit_owed(u)) told = tern_recv_credit_tell(&u->credit);
    CHECK(u->credit.used == used && u->credit.consumed <= used && told <= u->credit.consumed + WINDOW);
    CHECK(u->floor == floor_of_model());
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(64) uint8_t memory[64 + PAGES * 4 * TERN_PAGE_SIZE];
    tern_pool *pool = (tern_pool *)(void *)memory;
    tern_unordered_in u;
    tern_reader r = tern_reader_of(tern_bytes_of(data, size));
    uint8_t head = tern_read_u8(&r);
    CHECK(tern_pool_footprint(PAGES * 4) <= sizeof memory);
    tern_pool_init(pool, head & 0x80 ? PAGES * 4 : 4 + head % PAGES);
    memset(model, 0, sizeof model);
    told = WINDOW;
    used = waiting = 0;
    tern_unordered_in_init(&u, MAX, WINDOW);
    for (int i = 0; i < OPS && r.left > 0 && step(&u, pool, &r); i++) continue;
    tern_unordered_in_free(&u, pool);
    CHECK(pool->free == pool->pages);
    return 0;
}
