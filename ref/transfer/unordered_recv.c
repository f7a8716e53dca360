/* SPDX-License-Identifier: MIT */
/* The receiving half. Messages have their places in the pile in the order in which they became known; what is told
 * first is what is complete first. Credit for a message comes back when the pile lets go of its place, so that what is
 * granted is never less than what is held. */
#include "transfer/unordered.h"

#include <string.h>

#define OVER UINT32_MAX /* in the index: the message was told, or given up */

typedef enum { PARTIAL, WHOLE, GONE } letter_state;

typedef struct {
    uint64_t id, start; /* start: in the pile */
    uint64_t behind;    /* number of the one that was complete next, plus 1 */
    uint32_t size;
    uint8_t state;
    uint8_t reserved[35];
} letter;

/* Ids from the floor on: the number of their letter modulo 2^31, plus 1; OVER; 0 for one that is not known. */
typedef struct {
    uint32_t at[TERN_UNORDERED_SPREAD];
} id_index;

typedef struct {
    tern_paged bytes, letters;
    tern_ranges seen; /* of messages that are not whole */
    uint64_t written;
    uint64_t first, end;              /* numbers of the letters in the row */
    uint64_t whole_first, whole_last; /* numbers plus 1; 0 when none is */
    uint32_t ahead;                   /* ids from the floor on that are known */
    tern_page index;
} tray;

_Static_assert(sizeof(letter) == 64 && sizeof(id_index) <= TERN_PAGE_SIZE && sizeof(tray) <= TERN_PAGE_SIZE,
               "each fits pages");

static tray *tray_of(const tern_unordered_in *u, tern_pool *pool)
{
    return u->page == 0 ? NULL : tern_pool_at(pool, u->page);
}

static uint32_t span_of(uint32_t size)
{
    return size > 0 ? size : 1;
}

static uint64_t cost_of(uint32_t size)
{
    return (uint64_t)size + TERN_UNORDERED_COST;
}

static letter *letter_at(tray *t, tern_pool *pool, uint64_t number)
{
    return (letter *)(void *)tern_paged_at(&t->letters, pool, number * sizeof(letter)).p;
}

static uint32_t *mark_of(const tray *t, tern_pool *pool, uint64_t id)
{
    id_index *index = tern_pool_at(pool, t->index);
    return &index->at[id % TERN_UNORDERED_SPREAD];
}

void tern_unordered_in_init(tern_unordered_in *u, uint32_t max, uint64_t window)
{
    tern_assert(window == 0 || window >= cost_of(max));
    *u = (tern_unordered_in){ .max = max };
    tern_recv_credit_init(&u->credit, window);
}

void tern_unordered_in_free(tern_unordered_in *u, tern_pool *pool)
{
    tray *t = tray_of(u, pool);
    if (t == NULL) return;
    tern_paged_free(&t->bytes, pool);
    tern_paged_free(&t->letters, pool);
    tern_ranges_clear(&t->seen, pool);
    tern_pool_give(pool, t->index);
    tern_pool_give(pool, u->page);
    u->page = 0;
}

static tray *set_up(tern_unordered_in *u, tern_pool *pool)
{
    if (u->page != 0) return tray_of(u, pool);
    tern_page index = tern_pool_take(pool, TERN_FOR_RECEIVING), page = tern_pool_take(pool, TERN_FOR_RECEIVING);
    if (index == 0 || page == 0) {
        tern_pool_give(pool, index);
        tern_pool_give(pool, page);
        return NULL;
    }
    memset(tern_pool_at(pool, index), 0, TERN_PAGE_SIZE);
    u->page = page;
    tray *t = tray_of(u, pool);
    memset(t, 0, sizeof *t);
    t->index = index;
    tern_paged_init(&t->bytes, 0, TERN_FOR_RECEIVING);
    tern_paged_init(&t->letters, 0, TERN_FOR_RECEIVING);
    tern_ranges_init(&t->seen, TERN_FOR_RECEIVING, TERN_RANGES_MAX);
    return t;
}

/* ---- settling ---- */

/* Nothing of this id is wanted any more; the floor moves over all such. */
static void end_id(tern_unordered_in *u, tray *t, tern_pool *pool, uint64_t id)
{
    uint32_t *mark = mark_of(t, pool, id);
    if (*mark == 0) t->ahead++;
    *mark = OVER;
    while (*(mark = mark_of(t, pool, u->floor)) == OVER) {
        *mark = 0;
        t->ahead--;
        u->floor++;
    }
}

/* Lets go of what is gone at the front; the tray may be gone. */
static void clear_front(tern_unordered_in *u, tray *t, tern_pool *pool)
{
    for (; t->first < t->end; t->first++) {
        const letter *l = letter_at(t, pool, t->first);
        if (l->state != GONE) break;
        tern_recv_credit_consume(&u->credit, cost_of(l->size));
    }
    uint64_t floor = t->first < t->end ? letter_at(t, pool, t->first)->start : t->written;
    tern_ranges_remove_below(&t->seen, pool, floor);
    if (t->first < t->end) {
        tern_paged_advance(&t->bytes, pool, floor);
        tern_paged_advance(&t->letters, pool, t->first * sizeof(letter));
        return;
    }
    tern_paged_drain(&t->bytes, pool, floor);
    if (t->ahead == 0) tern_unordered_in_free(u, pool);
}

static void forget_seen(tray *t, tern_pool *pool, const letter *l)
{
    bool removed = tern_ranges_remove(&t->seen, pool, l->start, l->start + span_of(l->size));
    (void)removed; /* no room to cut: the floor takes it away */
}

static void complete(tern_unordered_in *u, tray *t, tern_pool *pool, uint64_t number)
{
    letter *l = letter_at(t, pool, number);
    l->state = WHOLE;
    if (t->whole_last != 0)
        letter_at(t, pool, t->whole_last - 1)->behind = number + 1;
    else
        t->whole_first = number + 1;
    t->whole_last = number + 1;
    forget_seen(t, pool, l);
    end_id(u, t, pool, l->id);
}

/* ---- frames ---- */

/* What is wrong with an id and a size whatever is known of them. */
static int check_frame(const tern_unordered_in *u, uint64_t id, uint32_t size)
{
    /*= XFER-040 */
    if (u->credit.window == 0) return TERN_PROTOCOL_VIOLATION;
    /*= XFER-011 */
    if (size > u->max) return TERN_MESSAGE_TOO_LARGE;
    /*= XFER-042 */
    if (id >= u->floor && id - u->floor >= TERN_UNORDERED_SPREAD) return TERN_PROTOCOL_VIOLATION;
    return TERN_OK;
}

/* The letter's number behind a mark. */
static uint64_t number_of(const tray *t, uint32_t mark)
{
    uint64_t low = mark - 1, window = (UINT64_C(1) << 31) - 1;
    return t->first + ((low - t->first) & window);
}

/* A message that was not known takes its place: TERN_OK, FLOW_CONTROL_ERROR, TERN_E_NO_MEMORY. */
static int begin(tern_unordered_in *u, tray *t, tern_pool *pool, uint64_t id, uint32_t size)
{
    tern_recv_credit credit = u->credit;
    /*= XFER-041 */
    if (!tern_recv_credit_use(&credit, cost_of(size))) return TERN_FLOW_CONTROL_ERROR;
    if (t->first < t->end && t->written + span_of(size) - letter_at(t, pool, t->first)->start > TERN_PAGED_SPAN)
        return TERN_E_NO_MEMORY;
    letter *l = letter_at(t, pool, t->end);
    if (l == NULL) return TERN_E_NO_MEMORY;
    *l = (letter){ .id = id, .start = t->written, .size = size };
    *mark_of(t, pool, id) = (uint32_t)(t->end & 0x7fffffff) + 1;
    t->ahead++;
    t->end++;
    t->written += span_of(size);
    u->credit = credit;
    return TERN_OK;
}

/* Writes what was not seen; false when the pool ran out. */
static bool fill_gaps(tray *t, tern_pool *pool, uint64_t from, tern_bytes bytes)
{
    uint64_t at = from, to = from + bytes.n;
    while (at < to) {
        tern_range seen;
        if (!tern_ranges_next(&t->seen, pool, at, &seen)) seen = (tern_range){ to, to };
        uint64_t end = seen.from < to ? seen.from : to;
        /*= XFER-013 */
        if (at < end &&
            !tern_paged_write(&t->bytes, pool, at, tern_bytes_of(bytes.p + (at - from), (size_t)(end - at))))
            return false;
        at = seen.to;
    }
    return true;
}

static int keep(tern_unordered_in *u, tray *t, tern_pool *pool, uint64_t number, uint32_t offset, tern_bytes bytes)
{
    const letter *l = letter_at(t, pool, number);
    uint64_t from = l->start + offset, to = from + (l->size > 0 ? bytes.n : 1), end = l->start + span_of(l->size);
    t->bytes.use = number == t->first ? TERN_FOR_FRONT : TERN_FOR_RECEIVING;
    /* The last range is kept for the message in front, from its start on: so it always gets on. */
    bool front = number == t->first && tern_ranges_contains(&t->seen, pool, l->start, from);
    /*= XFER-023 */
    if (t->seen.n >= TERN_RANGES_MAX - 1 && !front) return TERN_E_NO_MEMORY;
    if (!fill_gaps(t, pool, from, bytes) || !tern_ranges_add(&t->seen, pool, from, to)) return TERN_E_NO_MEMORY;
    if (tern_ranges_contains(&t->seen, pool, l->start, end)) complete(u, t, pool, number);
    return TERN_OK;
}

int tern_unordered_on_message(tern_unordered_in *u, tern_pool *pool, uint64_t id, uint32_t size, uint32_t offset,
                              tern_bytes bytes)
{
    int result = check_frame(u, id, size);
    /*= XFER-043 */
    if (result != TERN_OK || id < u->floor) return result;
    tray *t = set_up(u, pool);
    if (t == NULL) return TERN_E_NO_MEMORY;
    if (*mark_of(t, pool, id) == OVER) return TERN_OK;
    if (*mark_of(t, pool, id) == 0) result = begin(u, t, pool, id, size);
    if (result == TERN_OK) {
        uint64_t number = number_of(t, *mark_of(t, pool, id));
        /*= XFER-045 */
        if (letter_at(t, pool, number)->size != size) return TERN_PROTOCOL_VIOLATION;
        result = keep(u, t, pool, number, offset, bytes);
    }
    if (t->first == t->end && t->ahead == 0) tern_unordered_in_free(u, pool);
    return result;
}

int tern_unordered_on_abandoned(tern_unordered_in *u, tern_pool *pool, uint64_t id, uint32_t size)
{
    int result = check_frame(u, id, size);
    if (result != TERN_OK || id < u->floor) return result;
    tray *t = set_up(u, pool);
    if (t == NULL) return TERN_E_NO_MEMORY;
    uint32_t mark = *mark_of(t, pool, id);
    if (mark == OVER) return TERN_OK;
    if (mark != 0) {
        letter *l = letter_at(t, pool, number_of(t, mark));
        /*= XFER-045 */
        if (l->size != size) return TERN_PROTOCOL_VIOLATION;
        /*= XFER-044 */
        l->state = GONE;
        forget_seen(t, pool, l);
    } else {
        if (!tern_recv_credit_use(&u->credit, cost_of(size))) return TERN_FLOW_CONTROL_ERROR;
        tern_recv_credit_consume(&u->credit, cost_of(size)); /* none of it will come */
    }
    end_id(u, t, pool, id);
    clear_front(u, t, pool);
    return TERN_OK;
}

/* ---- reading ---- */

bool tern_unordered_front(const tern_unordered_in *u, tern_pool *pool, uint32_t *size)
{
    tray *t = tray_of(u, pool);
    if (t == NULL || t->whole_first == 0) return false;
    *size = letter_at(t, pool, t->whole_first - 1)->size;
    return true;
}

size_t tern_unordered_read(tern_unordered_in *u, tern_pool *pool, tern_buf out)
{
    tray *t = tray_of(u, pool);
    if (t == NULL || t->whole_first == 0) return 0;
    const letter *l = letter_at(t, pool, t->whole_first - 1);
    if (out.n > l->size - u->taken) out.n = l->size - u->taken;
    tern_paged_read(&t->bytes, pool, l->start + u->taken, out);
    u->taken += (uint32_t)out.n;
    return out.n;
}

void tern_unordered_drop_front(tern_unordered_in *u, tern_pool *pool)
{
    tray *t = tray_of(u, pool);
    tern_assert(t != NULL && t->whole_first != 0);
    letter *l = letter_at(t, pool, t->whole_first - 1);
    u->taken = 0;
    l->state = GONE;
    t->whole_first = l->behind;
    if (t->whole_first == 0) t->whole_last = 0;
    clear_front(u, t, pool);
}

bool tern_unordered_limit_owed(const tern_unordered_in *u)
{
    const tern_recv_credit *c = &u->credit;
    /*= XFER-041 */
    bool cut = c->told - c->consumed < c->window && c->told - c->used < cost_of(u->max);
    return c->owed || cut; /* credit too small for the longest message would never be used, and so never come back */
}

uint32_t tern_unordered_in_pages(const tern_unordered_in *u, tern_pool *pool)
{
    const tray *t = tray_of(u, pool);
    return t == NULL ? 0 : 2 + t->bytes.pages + t->letters.pages + t->seen.leaves;
}
