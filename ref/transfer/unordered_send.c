/* SPDX-License-Identifier: MIT */
/* The sending half: messages are accepted, given to packets, and given up. A letter waits in the queue of its urgency
 * while it has something to send; what was lost goes to the front, so that a message that waits for credit never holds
 * up one whose end gives credit back. */
#include "transfer/unordered_desk.h"

/* However many deadlines there are, walking the queues takes a small part of the time. */
#define EXPIRE_STEP_NS   TERN_MS
#define EXPIRE_LETTER_NS 1000 /* for each letter */

/* ---- accepting ---- */

uint64_t tern_unordered_waiting(const tern_unordered_out *u, tern_pool *pool)
{
    tern_desk *d = tern_desk_of(u, pool);
    return d == NULL ? 0 : d->written - tern_desk_letter(d, pool, d->first)->start;
}

static bool write_all(tern_desk *d, tern_pool *pool, const tern_bytes *parts, size_t n, uint32_t span)
{
    uint64_t at = d->written;
    static const uint8_t nothing = 0;
    bool fits = tern_desk_letter(d, pool, d->end) != NULL;
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
    tern_desk *d = tern_desk_set_up(u, pool);
    if (d == NULL || !write_all(d, pool, parts, n, span)) {
        if (d != NULL && d->first == d->end) tern_unordered_out_free(u, pool);
        u->blocked = true;
        return TERN_E_BLOCKED;
    }
    *tern_desk_letter(d, pool, d->end) = (tern_letter){
        .start = d->written, .deadline = deadline, .size = size, .urgency = urgency, .state = TERN_LETTER_WAITING
    };
    d->written += span;
    tern_desk_push(d, pool, d->end++, false);
    return TERN_OK;
}

/* ---- giving ---- */

/* The first range of the letter that was lost; empty when there is none. */
static tern_range lost_of(const tern_desk *d, tern_pool *pool, const tern_letter *l)
{
    uint64_t end = l->start + l->sent;
    tern_range r;
    if (!tern_ranges_next(&d->lost, pool, l->start, &r) || r.from >= end) return (tern_range){ 0, 0 };
    return (tern_range){ r.from > l->start ? r.from : l->start, r.to < end ? r.to : end };
}

static bool may_begin(const tern_unordered_out *u, const tern_letter *l)
{
    /*= XFER-041 XFER-042 */
    return tern_send_credit_left(&u->credit) >= (uint64_t)l->size + TERN_UNORDERED_COST &&
           u->next_id - u->oldest_id < TERN_UNORDERED_SPREAD;
}

/* XFER-044: the letter's time is over. Of one that was never sent nobody need know. */
static void expire(tern_unordered_out *u, tern_desk *d, tern_letter *l)
{
    /*= XFER-044 */
    if (l->state == TERN_LETTER_WAITING) tern_desk_settle(u, d, l);
    if (l->state != TERN_LETTER_SENT) return;
    l->state = TERN_LETTER_GIVEN_UP;
    l->owed = true;
}

static bool give_bytes(tern_unordered_out *u, tern_desk *d, tern_pool *pool, tern_letter *l, size_t most,
                       tern_unordered_gift *gift)
{
    if (l->state == TERN_LETTER_WAITING) {
        if (!may_begin(u, l)) return false;
        tern_send_credit_use(&u->credit, (uint64_t)l->size + TERN_UNORDERED_COST);
        l->id = u->next_id++;
        l->state = TERN_LETTER_SENT;
    }
    tern_range r = lost_of(d, pool, l);
    bool again = r.from < r.to;
    if (!again) r = (tern_range){ l->start + l->sent, l->start + tern_letter_span(l) };
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

static bool has_more(const tern_desk *d, tern_pool *pool, const tern_letter *l)
{
    if (l->state == TERN_LETTER_WAITING || (l->state == TERN_LETTER_GIVEN_UP && l->owed)) return true;
    tern_range lost = lost_of(d, pool, l);
    return l->state == TERN_LETTER_SENT && (l->sent < tern_letter_span(l) || lost.from < lost.to);
}

bool tern_unordered_give(tern_unordered_out *u, tern_pool *pool, tern_time now, uint8_t urgency, size_t most,
                         tern_unordered_gift *gift)
{
    tern_desk *d = tern_desk_of(u, pool);
    bool given = false;
    if (d == NULL) return false;
    tern_desk_queue *q = &d->queues[urgency];
    while (!given && q->first != 0) {
        tern_letter *l = tern_desk_letter(d, pool, q->first - 1);
        if (now >= l->deadline) expire(u, d, l);
        if (l->state == TERN_LETTER_GIVEN_UP && l->owed) {
            *gift = (tern_unordered_gift){
                .abandoned = true, .id = l->id, .size = l->size, .place = { l->start, l->start }
            };
            l->owed = false;
            given = true;
        } else if (l->state == TERN_LETTER_WAITING || l->state == TERN_LETTER_SENT) {
            given = give_bytes(u, d, pool, l, most, gift);
            if (!given && l->state == TERN_LETTER_WAITING) return false;
        }
        if (!has_more(d, pool, l)) tern_desk_pop(d, pool, q);
    }
    tern_desk_clear_front(u, d, pool);
    return given;
}

/* The same queue without what has nothing to send any more. */
static void expire_queue(tern_unordered_out *u, tern_desk *d, tern_pool *pool, tern_time now, tern_desk_queue *q)
{
    uint64_t at = q->first;
    *q = (tern_desk_queue){ 0, 0 };
    while (at != 0) {
        tern_letter *l = tern_desk_letter(d, pool, at - 1);
        uint64_t behind = l->behind;
        l->queued = false;
        if (now >= l->deadline) expire(u, d, l);
        if (has_more(d, pool, l)) tern_desk_push(d, pool, at - 1, false);
        at = behind;
    }
}

void tern_unordered_expire(tern_unordered_out *u, tern_pool *pool, tern_time now)
{
    tern_desk *d = tern_desk_of(u, pool);
    if (d == NULL || now < d->next_due) return;
    d->next_due = TERN_TIME_NEVER;
    d->rest = now + EXPIRE_STEP_NS + (d->end - d->first) * EXPIRE_LETTER_NS;
    for (uint32_t i = 0; i < TERN_URGENCIES; i++) expire_queue(u, d, pool, now, &d->queues[i]);
    tern_desk_clear_front(u, d, pool);
}

tern_time tern_unordered_next_due(const tern_unordered_out *u, tern_pool *pool)
{
    const tern_desk *d = tern_desk_of(u, pool);
    return d == NULL ? TERN_TIME_NEVER : d->next_due;
}

bool tern_unordered_want(const tern_unordered_out *u, tern_pool *pool, tern_time now)
{
    tern_desk *d = tern_desk_of(u, pool);
    if (d == NULL) return false;
    for (uint32_t i = 0; i < TERN_URGENCIES; i++) {
        if (d->queues[i].first == 0) continue;
        const tern_letter *l = tern_desk_letter(d, pool, d->queues[i].first - 1);
        if (l->state != TERN_LETTER_WAITING || now >= l->deadline || may_begin(u, l)) return true;
    }
    return false;
}

void tern_unordered_copy(const tern_unordered_out *u, tern_pool *pool, tern_range place, uint8_t *out)
{
    tern_paged_read(&tern_desk_of(u, pool)->bytes, pool, place.from,
                    (tern_buf){ out, (size_t)(place.to - place.from) });
}
