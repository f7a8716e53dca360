/* SPDX-License-Identifier: MIT */
/* Messages that wait for no other, with or without a deadline (spec: transfer 5). Each half keeps what is under way in
 * pages that it borrows when there is something, and gives back: a pile of bytes, in which every message has its place,
 * and a row of letters, one for each message of the pile. */
#ifndef TERN_TRANSFER_UNORDERED_H
#define TERN_TRANSFER_UNORDERED_H

#include "base/error.h"
#include "base/paged.h"
#include "base/ranges.h"
#include "transfer/flow.h"
#include "transfer/urgency.h"

#define TERN_UNORDERED_SPREAD 1024 /* XFER-042: ids under way lie within so many */
#define TERN_UNORDERED_COST   64   /* XFER-041: credit that a message takes besides its bytes */

/* ---- the sending half ---- */

typedef struct {
    tern_page page; /* 0 while nothing waits */
    tern_send_credit credit;
    uint64_t next_id, oldest_id; /* ids from the oldest on may be under way; below, all are settled */
    uint64_t next_place;         /* while nothing waits: a place is never another's, however late it is settled */
    uint32_t max;                /* bytes of the longest message the peer takes */
    bool blocked, freed;         /* a message found no room; there is some now */
} tern_unordered_out;

void tern_unordered_out_init(tern_unordered_out *u);
void tern_unordered_out_free(tern_unordered_out *u, tern_pool *pool);

/* Accepts one message made of parts (joined), whole or not at all: TERN_OK; TERN_MESSAGE_TOO_LARGE; TERN_E_BLOCKED
 * when more than keep_bytes would wait, or the pool ran out: freed says when to try again. An empty queue takes any
 * message. deadline: from then on it is not sent any more (XFER-044); TERN_TIME_NEVER for none. */
int tern_unordered_send(tern_unordered_out *u, tern_pool *pool, const tern_bytes *parts, size_t n, uint64_t keep_bytes,
                        tern_time deadline, uint8_t urgency);
/* Bytes accepted and not settled from the front, and a byte for each empty message. */
uint64_t tern_unordered_waiting(const tern_unordered_out *u, tern_pool *pool);

/* What to put into a packet next. */
typedef struct {
    bool abandoned; /* MESSAGE_ABANDONED, else MESSAGE with the bytes from offset on */
    uint64_t id;
    uint32_t size, offset;
    tern_range place; /* in the pile; one byte for an empty message; empty when abandoned: place.from names it */
} tern_unordered_gift;

/* Of messages with this urgency; at most most bytes, which is at least one. false when there is none. The gift counts
 * as sent. */
bool tern_unordered_give(tern_unordered_out *u, tern_pool *pool, tern_time now, uint8_t urgency, size_t most,
                         tern_unordered_gift *gift);
/* Gives up what has something to send and whose deadline passed (XFER-044): what has no id is gone, of the rest give
 * tells the receiver. To be called at next_due, which is late by 1 ms at most, and by 1 us for each message that waits;
 * TERN_TIME_NEVER when nothing has a deadline. */
void tern_unordered_expire(tern_unordered_out *u, tern_pool *pool, tern_time now);
tern_time tern_unordered_next_due(const tern_unordered_out *u, tern_pool *pool);
/* Whether give may give something, of any urgency. */
bool tern_unordered_want(const tern_unordered_out *u, tern_pool *pool, tern_time now);
/* The bytes of a gift, size - offset of them at most. */
void tern_unordered_copy(const tern_unordered_out *u, tern_pool *pool, tern_range place, uint8_t *out);
/* A gift's packet was acknowledged or lost; places that touch may have been joined. */
void tern_unordered_settled(tern_unordered_out *u, tern_pool *pool, tern_range place, bool acked);

/* ---- the receiving half ---- */

typedef struct {
    tern_page page; /* 0 while nothing is under way */
    tern_recv_credit credit;
    uint64_t floor; /* all ids below are settled */
    uint32_t max;   /* bytes of the longest message we take */
    uint32_t taken; /* bytes of the front message that were read */
} tern_unordered_in;

/* window 0: none are taken. Else at least max + TERN_UNORDERED_COST. */
void tern_unordered_in_init(tern_unordered_in *u, uint32_t max, uint64_t window);
void tern_unordered_in_free(tern_unordered_in *u, tern_pool *pool);

/* Frames. TERN_OK, a wire error, or TERN_E_NO_MEMORY (XFER-023). The parser has seen that offset plus bytes is within
 * size. */
int tern_unordered_on_message(tern_unordered_in *u, tern_pool *pool, uint64_t id, uint32_t size, uint32_t offset,
                              tern_bytes bytes);
int tern_unordered_on_abandoned(tern_unordered_in *u, tern_pool *pool, uint64_t id, uint32_t size);

/* Size of the message that was completed first; false when none is. */
bool tern_unordered_front(const tern_unordered_in *u, tern_pool *pool, uint32_t *size);
/* Reads on in it; the number of bytes, 0 at its end. */
size_t tern_unordered_read(tern_unordered_in *u, tern_pool *pool, tern_buf out);
/* Takes it away, read or not. */
void tern_unordered_drop_front(tern_unordered_in *u, tern_pool *pool);
bool tern_unordered_limit_owed(const tern_unordered_in *u);

/* Pages that each half holds. */
uint32_t tern_unordered_out_pages(const tern_unordered_out *u, tern_pool *pool);
uint32_t tern_unordered_in_pages(const tern_unordered_in *u, tern_pool *pool);

#endif
