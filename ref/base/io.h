/* SPDX-License-Identifier: MIT */
/* Byte reader and writer, big-endian, whose first error sticks: read or write all, check once (spec: wire). */
#ifndef TERN_BASE_IO_H
#define TERN_BASE_IO_H

#include "base/types.h"

typedef struct {
    const uint8_t *p;
    size_t left;
    bool failed;
} tern_reader;

static inline tern_reader tern_reader_of(tern_bytes bytes)
{
    return (tern_reader){ bytes.p, bytes.n, false };
}

/* What is read does not hold together: nothing is left. */
static inline void tern_reader_fail(tern_reader *r)
{
    r->failed = true;
    r->left = 0;
}

/* Passes over n bytes: where they stand, NULL when there are not so many. */
static inline const uint8_t *tern_reader_take(tern_reader *r, size_t n)
{
    if (n > r->left) {
        tern_reader_fail(r);
        return NULL;
    }
    const uint8_t *p = r->p;
    if (n > 0) r->p += n;
    r->left -= n;
    return p;
}

/* Each returns 0 after an error. They stand here because a packet is read in numbers, and a call costs more than one.
 */
static inline uint8_t tern_read_u8(tern_reader *r)
{
    const uint8_t *p = tern_reader_take(r, 1);
    return p != NULL ? p[0] : 0;
}

static inline uint16_t tern_read_u16(tern_reader *r)
{
    const uint8_t *p = tern_reader_take(r, 2);
    return p != NULL ? (uint16_t)((unsigned)p[0] << 8 | p[1]) : 0;
}

static inline uint32_t tern_get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint32_t tern_read_u32(tern_reader *r)
{
    const uint8_t *p = tern_reader_take(r, 4);
    return p != NULL ? tern_get_u32(p) : 0;
}

static inline uint64_t tern_read_u64(tern_reader *r)
{
    const uint8_t *p = tern_reader_take(r, 8);
    return p != NULL ? (uint64_t)tern_get_u32(p) << 32 | tern_get_u32(p + 4) : 0;
}

tern_bytes tern_read_bytes(tern_reader *r, size_t n);        /* a view of n bytes, empty after an error */
tern_bytes tern_read_rest(tern_reader *r);                   /* all that is left */
tern_bytes tern_read_short_string(tern_reader *r);           /* length:u8 bytes */
void tern_read_copy(tern_reader *r, uint8_t *dst, size_t n); /* zeros dst after an error */
static inline bool tern_reader_ok(const tern_reader *r)
{
    return !r->failed;
}
static inline bool tern_reader_done(const tern_reader *r)
{
    return !r->failed && r->left == 0;
}

typedef struct {
    uint8_t *start;
    size_t n, cap;
    bool failed;
} tern_writer;

tern_writer tern_writer_of(tern_buf buf);
/* What is to be written cannot be: no room is left. */
static inline void tern_writer_fail(tern_writer *w)
{
    w->failed = true;
    w->cap = w->n;
}
void tern_write_u8(tern_writer *w, uint8_t v); /* each writes nothing once the writer has failed or would overflow */
void tern_write_u16(tern_writer *w, uint16_t v);
void tern_write_u32(tern_writer *w, uint32_t v);
void tern_write_u64(tern_writer *w, uint64_t v);
/* A NULL v.p leaves a gap of v.n bytes, which the caller fills: the last v.n of what is written. */
void tern_write_bytes(tern_writer *w, tern_bytes v);
void tern_write_zeros(tern_writer *w, size_t n);
void tern_write_short_string(tern_writer *w, tern_bytes v); /* length:u8 bytes; fails above 255 */
/* Writes v over two bytes that were written before at offset at. */
void tern_write_u16_at(tern_writer *w, size_t at, uint16_t v);
static inline size_t tern_writer_left(const tern_writer *w)
{
    return w->cap - w->n;
}
static inline bool tern_writer_ok(const tern_writer *w)
{
    return !w->failed;
}
static inline tern_bytes tern_written(const tern_writer *w)
{
    return (tern_bytes){ w->start, w->n };
}

#endif
