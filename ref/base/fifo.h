/* SPDX-License-Identifier: MIT */
/* A queue of records of any length in one block of lent memory. A record is whole bytes in one place, aligned to 16. */
#ifndef TERN_BASE_FIFO_H
#define TERN_BASE_FIFO_H

#include "base/types.h"

typedef struct {
    size_t capacity; /* bytes lent, a multiple of 16 */
    size_t first;    /* where the oldest record stands */
    size_t end;      /* where the next one will */
    size_t used;     /* bytes taken, with what is passed over at the block's end */
} tern_fifo;

/* Bytes that a record of n takes. */
size_t tern_fifo_cost(size_t n);
/* The same memory of capacity bytes, aligned to 16, is lent with every call that follows. */
void tern_fifo_init(tern_fifo *f, size_t capacity);
/* Adds a record, whose n bytes are to be written there; NULL when there is no room. */
TERN_MUST_USE uint8_t *tern_fifo_add(tern_fifo *f, uint8_t *memory, size_t n);
/* The oldest record, which holds until it is dropped; p is NULL when there is none. */
tern_buf tern_fifo_front(const tern_fifo *f, uint8_t *memory);
void tern_fifo_drop(tern_fifo *f, const uint8_t *memory);
static inline bool tern_fifo_is_empty(const tern_fifo *f)
{
    return f->used == 0;
}

#endif
