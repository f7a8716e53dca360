/* SPDX-License-Identifier: MIT */
/* Where messages without order that leave are kept; for the unordered files alone. The desk has the pile of their
 * bytes, the row of their letters, and a queue for each urgency. */
#ifndef TERN_TRANSFER_UNORDERED_DESK_H
#define TERN_TRANSFER_UNORDERED_DESK_H

#include "transfer/unordered.h"

typedef enum {
    TERN_LETTER_WAITING, /* nothing of it was sent; it has no id */
    TERN_LETTER_SENT,    /* some or all of it */
    TERN_LETTER_GIVEN_UP,
    TERN_LETTER_SETTLED
} tern_letter_state;

typedef struct {
    uint64_t id, start; /* start: in the pile */
    tern_time deadline;
    uint64_t behind; /* number of the next one in its queue, plus 1 */
    uint32_t size;
    uint32_t sent; /* places from start on that were sent once */
    uint8_t urgency, state;
    bool queued, owed; /* owed: MESSAGE_ABANDONED is to be sent (again) */
    uint8_t reserved[20];
} tern_letter;

typedef struct {
    uint64_t first, last; /* numbers plus 1; 0 when empty */
} tern_desk_queue;

typedef struct {
    tern_paged bytes, letters;
    tern_ranges acked, lost;
    uint64_t written;
    uint64_t first, end; /* numbers of the letters in the row */
    tern_desk_queue queues[TERN_URGENCIES];
    tern_time next_due;                           /* when one that is queued may be over */
    tern_time rest;                               /* queues are not walked for that before */
    uint64_t settled[TERN_UNORDERED_SPREAD / 64]; /* bits of ids from the oldest on */
} tern_desk;

_Static_assert(sizeof(tern_letter) == 64 && TERN_PAGE_SIZE % sizeof(tern_letter) == 0, "letters fill pages");
_Static_assert(sizeof(tern_desk) <= TERN_PAGE_SIZE, "a desk is one page");

/* NULL while nothing waits. */
static inline tern_desk *tern_desk_of(const tern_unordered_out *u, tern_pool *pool)
{
    return u->page == 0 ? NULL : tern_pool_at(pool, u->page);
}

/* Bytes of the pile that it takes. */
static inline uint32_t tern_letter_span(const tern_letter *l)
{
    return l->size > 0 ? l->size : 1;
}

/* A letter of the row; NULL when it has no page and the pool has none. */
static inline tern_letter *tern_desk_letter(tern_desk *d, tern_pool *pool, uint64_t number)
{
    return (tern_letter *)(void *)tern_paged_at(&d->letters, pool, number * sizeof(tern_letter)).p;
}

/* The desk, fresh when there was none; NULL without a page. */
tern_desk *tern_desk_set_up(tern_unordered_out *u, tern_pool *pool);
/* Puts a letter into the queue of its urgency, at the front or the end, unless it is in it. */
void tern_desk_push(tern_desk *d, tern_pool *pool, uint64_t number, bool front);
/* Takes the first one out. */
void tern_desk_pop(tern_desk *d, tern_pool *pool, tern_desk_queue *q);
/* Nothing is left to do for a letter. */
void tern_desk_settle(tern_unordered_out *u, tern_desk *d, tern_letter *l);
/* Forgets what is settled at the front; the desk may be gone. */
void tern_desk_clear_front(tern_unordered_out *u, tern_desk *d, tern_pool *pool);

#endif
