/* SPDX-License-Identifier: MIT */
/* The desk of messages without order: it comes with the first one and goes with the last. */
#include "transfer/unordered_desk.h"

#include <string.h>

void tern_unordered_out_init(tern_unordered_out *u)
{
    *u = (tern_unordered_out){ 0 };
}

void tern_unordered_out_free(tern_unordered_out *u, tern_pool *pool)
{
    tern_desk *d = tern_desk_of(u, pool);
    if (d == NULL) return;
    tern_paged_free(&d->bytes, pool);
    tern_paged_free(&d->letters, pool);
    tern_ranges_clear(&d->acked, pool);
    tern_ranges_clear(&d->lost, pool);
    u->next_place = d->written;
    tern_pool_give(pool, u->page);
    u->page = 0;
}

tern_desk *tern_desk_set_up(tern_unordered_out *u, tern_pool *pool)
{
    if (u->page != 0) return tern_desk_of(u, pool);
    u->page = tern_pool_take(pool, TERN_FOR_SENDING);
    if (u->page == 0) return NULL;
    tern_desk *d = tern_desk_of(u, pool);
    memset(d, 0, sizeof *d);
    d->next_due = TERN_TIME_NEVER;
    d->written = u->next_place;
    tern_paged_init(&d->bytes, d->written, TERN_FOR_SENDING);
    tern_paged_init(&d->letters, 0, TERN_FOR_SENDING);
    tern_ranges_init(&d->acked, TERN_FOR_FRONT, TERN_RANGES_MAX);
    tern_ranges_init(&d->lost, TERN_FOR_FRONT, TERN_RANGES_MAX);
    return d;
}

void tern_desk_push(tern_desk *d, tern_pool *pool, uint64_t number, bool front)
{
    tern_letter *l = tern_desk_letter(d, pool, number);
    tern_desk_queue *q = &d->queues[l->urgency];
    if (l->queued) return;
    l->queued = true;
    tern_time due = l->deadline > d->rest ? l->deadline : d->rest;
    if (l->state != TERN_LETTER_GIVEN_UP && l->deadline != TERN_TIME_NEVER && due < d->next_due) d->next_due = due;
    l->behind = front ? q->first : 0;
    if (q->first == 0)
        q->last = number + 1;
    else if (!front)
        tern_desk_letter(d, pool, q->last - 1)->behind = number + 1;
    if (front || q->first == 0) q->first = number + 1;
    if (!front) q->last = number + 1;
}

void tern_desk_pop(tern_desk *d, tern_pool *pool, tern_desk_queue *q)
{
    tern_letter *l = tern_desk_letter(d, pool, q->first - 1);
    l->queued = false;
    q->first = l->behind;
    if (q->first == 0) q->last = 0;
}

/* Ids whose message is settled leave the window from below. */
static void settle_id(tern_unordered_out *u, tern_desk *d, uint64_t id)
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

void tern_desk_settle(tern_unordered_out *u, tern_desk *d, tern_letter *l)
{
    if (l->state != TERN_LETTER_WAITING) settle_id(u, d, l->id);
    l->state = TERN_LETTER_SETTLED;
}

void tern_desk_clear_front(tern_unordered_out *u, tern_desk *d, tern_pool *pool)
{
    while (d->first < d->end) {
        const tern_letter *l = tern_desk_letter(d, pool, d->first);
        if (l->state != TERN_LETTER_SETTLED || l->queued) break;
        d->first++;
    }
    if (d->first == d->end) {
        tern_unordered_out_free(u, pool);
        return;
    }
    uint64_t floor = tern_desk_letter(d, pool, d->first)->start;
    tern_ranges_remove_below(&d->acked, pool, floor);
    tern_ranges_remove_below(&d->lost, pool, floor);
    tern_paged_advance(&d->bytes, pool, floor);
    tern_paged_advance(&d->letters, pool, d->first * sizeof(tern_letter));
}

uint32_t tern_unordered_out_pages(const tern_unordered_out *u, tern_pool *pool)
{
    const tern_desk *d = tern_desk_of(u, pool);
    return d == NULL ? 0 : 1 + d->bytes.pages + d->letters.pages + d->acked.leaves + d->lost.leaves;
}
