/* SPDX-License-Identifier: MIT */
/* The sending half. A letter waits in the queue of its urgency while it has something to send; what was lost goes to
 * the front, so that a message that waits for credit never holds up one whose end gives credit back. */
#include "transfer/unordered.h"

#include <string.h>

/* However many deadlines there are, walking the queues takes a small part of the time. */
#define EXPIRE_STEP_NS   TERN_MS
#define EXPIRE_LETTER_NS 1000 /* for each letter */

typedef enum {
    WAITING, /* nothing of it was sent; it has no id */
    SENT,    /* some or all of it */
    GIVEN_UP,
    SETTLED
} letter_state;

typedef struct {
    uint64_t id, start; /* start: in the pile */
    tern_time deadline;
    uint64_t behind; /* number of the next one in its queue, plus 1 */
    uint32_t size;
    uint32_t sent; /* places from start on that were sent once */
    uint8_t urgency, state;
    bool queued, owed; /* owed: MESSAGE_ABANDONED is to be sent (again) */
    uint8_t reserved[20];
} letter;

typedef struct {
    uint64_t first, last; /* numbers plus 1; 0 when empty */
} queue;

typedef struct {
    tern_paged bytes, letters;
    tern_ranges acked, lost;
    uint64_t written;
    uint64_t first, end; /* numbers of the letters in the row */
    queue queues[TERN_URGENCIES];
    tern_time next_due;                           /* when one that is queued may be over */
    tern_time rest;                               /* queues are not walked for that before */
    uint64_t settled[TERN_UNORDERED_SPREAD / 64]; /* bits of ids from the oldest on */
} desk;

_Static_assert(sizeof(letter) == 64 && TERN_PAGE_SIZE % sizeof(letter) == 0, "letters fill pages");
_Static_assert(sizeof(desk) <= TERN_PAGE_SIZE, "a desk is one page");

static desk *desk_of(const tern_unordered_out *u, tern_pool *pool)
{
    return u->page == 0 ? NULL : tern_pool_at(pool, u->page);
}

static uint32_t span_of(const letter *l)
{
    return l->size > 0 ? l->size : 1;
}

/* A letter of the row. */
static letter *letter_at(desk *d, tern_pool *pool, uint64_t number)
{
    return (letter *)(void *)tern_paged_at(&d->letters, pool, number * sizeof(letter)).p;
}

void tern_unordered_out_init(tern_unordered_out *u)
{
    *u = (tern_unordered_out){ 0 };
}

void tern_unordered_out_free(tern_unordered_out *u, tern_pool *pool)
{
    desk *d = desk_of(u, pool);
    if (d == NULL) return;
    tern_paged_free(&d->bytes, pool);
    tern_paged_free(&d->letters, pool);
    tern_ranges_clear(&d->acked, pool);
    tern_ranges_clear(&d->lost, pool);
    u->next_place = d->written;
    tern_pool_give(pool, u->page);
    u->page = 0;
}

static desk *set_up(tern_unordered_out *u, tern_pool *pool)
{
    if (u->page != 0) return desk_of(u, pool);
    u->page = tern_pool_take(pool, TERN_FOR_SENDING);
    if (u->page == 0) return NULL;
    desk *d = desk_of(u, pool);
    memset(d, 0, sizeof *d);
    d->next_due = TERN_TIME_NEVER;
    d->written = u->next_place;
    tern_paged_init(&d->bytes, d->written, TERN_FOR_SENDING);
    tern_paged_init(&d->letters, 0, TERN_FOR_SENDING);
    tern_ranges_init(&d->acked, TERN_FOR_FRONT, TERN_RANGES_MAX);
    tern_ranges_init(&d->lost, TERN_FOR_FRONT, TERN_RANGES_MAX);
    return d;
}

/* ---- queues ---- */

static void push(desk *d, tern_pool *pool, uint64_t number, bool front)
{
    letter *l = letter_at(d, pool, number);
    queue *q = &d->queues[l->urgency];
    if (l->queued) return;
    l->queued = true;
    tern_time due = l->deadline > d->rest ? l->deadline : d->rest;
    if (l->state != GIVEN_UP && l->deadline != TERN_TIME_NEVER && due < d->next_due) d->next_due = due;
    l->behind = front ? q->first : 0;
    if (q->first == 0)
        q->last = number + 1;
    else if (!front)
        letter_at(d, pool, q->last - 1)->behind = number + 1;
    if (front || q->first == 0) q->first = number + 1;
    if (!front) q->last = number + 1;
}

static void pop(desk *d, tern_pool *pool, queue *q)
{
    letter *l = letter_at(d, pool, q->first - 1);
    l->queued = false;
    q->first = l->behind;
    if (q->first == 0) q->last = 0;
}

/* ---- settling ---- */

/* Ids whose message is settled leave the window from below. */
static void settle_id(tern_unordered_out *u, desk *d, uint64_t id)
{
    d->settled[id % TERN_UNORDERED_SPREAD / 64] |= UINT64_C(1) << id % 64;
    for (;;) {
        uint64_t *word = &d->settled[u->oldest_id % TERN_UNORDERED_SPREAD / 64];
        uint64_t bit = UINT64_C(1) << u->oldest_id % 64;
        if ((*word & bit) == 0) return;
        *word &= ~bit;
        u->oldest_id++;
    }
}

static void settle(tern_unordered_out *u, desk *d, letter *l)
{
    if (l->state != WAITING) settle_id(u, d, l->id);
    l->state = SETTLED;
}

/* Forgets what is settled at the front; the desk may be gone. */
static void clear_front(tern_unordered_out *u, desk *d, tern_pool *pool)
{
    while (d->first < d->end) {
        const letter *l = letter_at(d, pool, d->first);
        if (l->state != SETTLED || l->queued) break;
        d->first++;
    }
    if (d->first == d->end) {
        tern_unordered_out_free(u, pool);
        return;
    }
    uint64_t floor = letter_at(d, pool, d->first)->start;
    tern_ranges_remove_below(&d->acked, pool, floor);
    tern_ranges_remove_below(&d->lost, pool, floor);
    tern_paged_advance(&d->bytes, pool, floor);
    tern_paged_advance(&d->letters, pool, d->first * sizeof(letter));
}

/* The number of the letter that has this place; end when it is gone. */
static uint64_t find(desk *d, tern_pool *pool, uint64_t place)
{
    uint64_t low = d->first, high = d->end;
    if (low == high || place < letter_at(d, pool, low)->start) return d->end;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (letter_at(d, pool, middle)->start <= place)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Only what no acknowledgement named is sent again. */
static void lose(desk *d, tern_pool *pool, uint64_t number, tern_range range)
{
    /*= XFER-012 REC-019 */
    while (range.from < range.to) {
        tern_range acked;
        if (!tern_ranges_next(&d->acked, pool, range.from, &acked)) acked = (tern_range){ range.to, range.to };
        uint64_t to = acked.from < range.to ? acked.from : range.to;
        if (range.from < to) tern_ranges_add_joining(&d->lost, pool, range.from, to);
        range.from = acked.to;
    }
    push(d, pool, number, true);
}

static void settle_bytes(tern_unordered_out *u, desk *d, tern_pool *pool, uint64_t number, tern_range range, bool acked)
{
    letter *l = letter_at(d, pool, number);
    if (l->state != SENT) return;
    if (!acked || !tern_ranges_add(&d->acked, pool, range.from, range.to)) {
        lose(d, pool, number, range);
        return;
    }
    /*= REC-021 */
    bool removed = tern_ranges_remove(&d->lost, pool, range.from, range.to);
    (void)removed; /* no room to cut: it is sent once more */
    if (tern_ranges_contains(&d->acked, pool, l->start, l->start + span_of(l))) settle(u, d, l);
}

static void settle_abandoned(tern_unordered_out *u, desk *d, tern_pool *pool, uint64_t place, bool acked)
{
    uint64_t number = find(d, pool, place);
    if (number == d->end) return;
    letter *l = letter_at(d, pool, number);
    if (l->start != place || l->state != GIVEN_UP) return;
    if (acked) {
        settle(u, d, l);
        return;
    }
    /*= REC-019 */
    l->owed = true;
    push(d, pool, number, true);
}

void tern_unordered_settled(tern_unordered_out *u, tern_pool *pool, tern_range place, bool acked)
{
    desk *d = desk_of(u, pool);
    if (d == NULL) return;
    if (place.from == place.to) settle_abandoned(u, d, pool, place.from, acked);
    uint64_t floor = letter_at(d, pool, d->first)->start;
    if (place.from < floor) place.from = floor;
    while (place.from < place.to) {
        uint64_t number = find(d, pool, place.from);
        if (number == d->end) break;
        const letter *l = letter_at(d, pool, number);
        uint64_t end = l->start + span_of(l), to = end < place.to ? end : place.to;
        settle_bytes(u, d, pool, number, (tern_range){ place.from, to }, acked);
        place.from = to;
    }
    clear_front(u, d, pool);
}

/* ---- accepting ---- */

uint64_t tern_unordered_waiting(const tern_unordered_out *u, tern_pool *pool)
{
    desk *d = desk_of(u, pool);
    return d == NULL ? 0 : d->written - letter_at(d, pool, d->first)->start;
}

static bool write_all(desk *d, tern_pool *pool, const tern_bytes *parts, size_t n, uint32_t span)
{
    uint64_t at = d->written;
    static const uint8_t nothing = 0;
    bool fits = letter_at(d, pool, d->end) != NULL;
    for (size_t i = 0; i < n && fits; i++) {
        fits = tern_paged_write(&d->bytes, pool, at, parts[i]);
        at += parts[i].n;
    }
    if (fits && at == d->written) fits = tern_paged_write(&d->bytes, pool, at, tern_bytes_of(&nothing, 1));
    tern_assert(!fits || at == d->written || at - d->written == span);
    (void)span;
    return fits;
}

int tern_unordered_send(tern_unordered_out *u, tern_pool *pool, const tern_bytes *parts, size_t n, uint64_t keep_bytes,
                        tern_time deadline, uint8_t urgency)
{
    uint32_t size = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n > u->max - size) return TERN_MESSAGE_TOO_LARGE;
        size += (uint32_t)parts[i].n;
    }
    uint32_t span = size > 0 ? size : 1;
    uint64_t waiting = tern_unordered_waiting(u, pool);
    u->blocked = waiting > 0 && (waiting > keep_bytes || span > keep_bytes - waiting);
    if (u->blocked) return TERN_E_BLOCKED;
    desk *d = set_up(u, pool);
    if (d == NULL || !write_all(d, pool, parts, n, span)) {
        if (d != NULL && d->first == d->end) tern_unordered_out_free(u, pool);
        u->blocked = true;
        return TERN_E_BLOCKED;
    }
    *letter_at(d, pool, d->end) =
        (letter){ .start = d->written, .deadline = deadline, .size = size, .urgency = urgency, .state = WAITING };
    d->written += span;
    push(d, pool, d->end++, false);
    return TERN_OK;
}

/* ---- giving ---- */

/* The first range of the letter that was lost; empty when there is none. */
static tern_range lost_of(const desk *d, tern_pool *pool, const letter *l)
{
    uint64_t end = l->start + l->sent;
    tern_range r;
    if (!tern_ranges_next(&d->lost, pool, l->start, &r) || r.from >= end) return (tern_range){ 0, 0 };
    return (tern_range){ r.from > l->start ? r.from : l->start, r.to < end ? r.to : end };
}

static bool may_begin(const tern_unordered_out *u, const letter *l)
{
    /*= XFER-041 XFER-042 */
    return tern_send_credit_left(&u->credit) >= (uint64_t)l->size + TERN_UNORDERED_COST &&
           u->next_id - u->oldest_id < TERN_UNORDERED_SPREAD;
}

/* XFER-044: the letter's time is over. Of one that was never sent nobody need know. */
static void expire(tern_unordered_out *u, desk *d, letter *l)
{
    /*= XFER-044 */
    if (l->state == WAITING) settle(u, d, l);
    if (l->state != SENT) return;
    l->state = GIVEN_UP;
    l->owed = true;
}

static bool give_bytes(tern_unordered_out *u, desk *d, tern_pool *pool, letter *l, size_t most,
                       tern_unordered_gift *gift)
{
    if (l->state == WAITING) {
        if (!may_begin(u, l)) return false;
        tern_send_credit_use(&u->credit, (uint64_t)l->size + TERN_UNORDERED_COST);
        l->id = u->next_id++;
        l->state = SENT;
    }
    tern_range r = lost_of(d, pool, l);
    bool again = r.from < r.to;
    if (!again) r = (tern_range){ l->start + l->sent, l->start + span_of(l) };
    if (r.from == r.to) return false;
    if (r.to - r.from > most) r.to = r.from + most;
    if (again) {
        bool removed = tern_ranges_remove(&d->lost, pool, r.from, r.to);
        (void)removed; /* joined to what another lost: it is sent once more */
    } else {
        l->sent += (uint32_t)(r.to - r.from);
    }
    *gift = (tern_unordered_gift){ .id = l->id, .size = l->size, .offset = (uint32_t)(r.from - l->start), .place = r };
    return true;
}

static bool has_more(const desk *d, tern_pool *pool, const letter *l)
{
    if (l->state == WAITING || (l->state == GIVEN_UP && l->owed)) return true;
    tern_range lost = lost_of(d, pool, l);
    return l->state == SENT && (l->sent < span_of(l) || lost.from < lost.to);
}

bool tern_unordered_give(tern_unordered_out *u, tern_pool *pool, tern_time now, uint8_t urgency, size_t most,
                         tern_unordered_gift *gift)
{
    desk *d = desk_of(u, pool);
    bool given = false;
    if (d == NULL) return false;
    queue *q = &d->queues[urgency];
    while (!given && q->first != 0) {
        letter *l = letter_at(d, pool, q->first - 1);
        if (now >= l->deadline) expire(u, d, l);
        if (l->state == GIVEN_UP && l->owed) {
            *gift = (tern_unordered_gift){
                .abandoned = true, .id = l->id, .size = l->size, .place = { l->start, l->start }
            };
            l->owed = false;
            given = true;
        } else if (l->state == WAITING || l->state == SENT) {
            given = give_bytes(u, d, pool, l, most, gift);
            if (!given && l->state == WAITING) return false;
        }
        if (!has_more(d, pool, l)) pop(d, pool, q);
    }
    clear_front(u, d, pool);
    return given;
}

/* The same queue without what has nothing to send any more. */
static void expire_queue(tern_unordered_out *u, desk *d, tern_pool *pool, tern_time now, queue *q)
{
    uint64_t at = q->first;
    *q = (queue){ 0, 0 };
    while (at != 0) {
        letter *l = letter_at(d, pool, at - 1);
        uint64_t behind = l->behind;
        l->queued = false;
        if (now >= l->deadline) expire(u, d, l);
        if (has_more(d, pool, l)) push(d, pool, at - 1, false);
        at = behind;
    }
}

void tern_unordered_expire(tern_unordered_out *u, tern_pool *pool, tern_time now)
{
    desk *d = desk_of(u, pool);
    if (d == NULL || now < d->next_due) return;
    d->next_due = TERN_TIME_NEVER;
    d->rest = now + EXPIRE_STEP_NS + (d->end - d->first) * EXPIRE_LETTER_NS;
    for (uint32_t i = 0; i < TERN_URGENCIES; i++) expire_queue(u, d, pool, now, &d->queues[i]);
    clear_front(u, d, pool);
}

tern_time tern_unordered_next_due(const tern_unordered_out *u, tern_pool *pool)
{
    const desk *d = desk_of(u, pool);
    return d == NULL ? TERN_TIME_NEVER : d->next_due;
}

bool tern_unordered_want(const tern_unordered_out *u, tern_pool *pool, tern_time now)
{
    desk *d = desk_of(u, pool);
    if (d == NULL) return false;
    for (uint32_t i = 0; i < TERN_URGENCIES; i++) {
        if (d->queues[i].first == 0) continue;
        const letter *l = letter_at(d, pool, d->queues[i].first - 1);
        if (l->state != WAITING || now >= l->deadline || may_begin(u, l)) return true;
    }
    return false;
}

void tern_unordered_copy(const tern_unordered_out *u, tern_pool *pool, tern_range place, uint8_t *out)
{
    tern_paged_read(&desk_of(u, pool)->bytes, pool, place.from, (tern_buf){ out, (size_t)(place.to - place.from) });
}

uint32_t tern_unordered_out_pages(const tern_unordered_out *u, tern_pool *pool)
{
    const desk *d = desk_of(u, pool);
    return d == NULL ? 0 : 1 + d->bytes.pages + d->letters.pages + d->acked.leaves + d->lost.leaves;
}
