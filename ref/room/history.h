/* SPDX-License-Identifier: MIT */
/* What a room remembers: its latest events, numbered from 1, in one block of lent memory (spec: rooms; ROOM-004,
 * ROOM-006). The block is a ring of bytes: when there is no room for a new event, the oldest are forgotten. */
#ifndef TERN_ROOM_HISTORY_H
#define TERN_ROOM_HISTORY_H

#include "base/types.h"

#define TERN_LABEL_MAX 64 /* bytes of a room's name or a nickname (ROOM-002) */

typedef struct {
    uint8_t n;
    uint8_t b[TERN_LABEL_MAX];
} tern_label;

/* A member as others see it. */
typedef struct {
    uint32_t id;    /* within its room */
    tern_addr addr; /* family 0: not to be told */
    tern_label nick;
} tern_who;

typedef enum { TERN_RECORD_MESSAGE, TERN_RECORD_ARRIVED, TERN_RECORD_LEFT } tern_record_kind;

/* One event without its body. */
typedef struct {
    uint64_t number;
    uint64_t time_ms; /* Unix time */
    tern_record_kind kind;
    uint32_t size; /* bytes of the body */
    uint8_t why;   /* LEFT */
    tern_who who;
} tern_record;

typedef struct {
    uint32_t capacity;          /* bytes lent */
    uint64_t oldest, next;      /* numbers: of the oldest event kept (next when none is), of the next one to come */
    uint64_t oldest_at, end_at; /* where in the ring they stand: bytes ever forgotten, bytes ever written */
} tern_history;

/* Where in a history a reader stands: before the event with this number. */
typedef struct {
    uint64_t number, at;
} tern_cursor;

/* What a reader meets next. */
typedef enum {
    TERN_STEP_NONE,   /* it has met everything */
    TERN_STEP_MISSED, /* first to last are forgotten */
    TERN_STEP_RECORD
} tern_step_kind;

typedef struct {
    tern_step_kind kind;
    uint64_t first, last; /* numbers; of a RECORD both are its own */
    tern_record record;
    tern_bytes body[2]; /* RECORD: views into the ring that hold until the next add; the second is rarely used */
    tern_cursor then;   /* where the reader stands afterwards */
} tern_step;

/* The same ring of capacity bytes is lent with every call that follows. */
void tern_history_init(tern_history *h, uint32_t capacity);
/* Bytes that an event with a body of size bytes takes. */
uint64_t tern_history_cost(uint32_t size);
/* Adds an event, which gets the next number whatever record says. Its record->size bytes of body have to be written to
 * body[0], then body[1], before the next call with h. false, and nothing changed, when it is larger than the ring. */
TERN_MUST_USE bool tern_history_add(tern_history *h, uint8_t *ring, const tern_record *record, tern_buf body[2]);
/* A reader that will meet what is added from now on. */
tern_cursor tern_history_end(const tern_history *h);
void tern_history_step(const tern_history *h, const uint8_t *ring, tern_cursor cursor, tern_step *out);

#endif
