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

tern_reader tern_reader_of(tern_bytes bytes);
uint8_t tern_read_u8(tern_reader *r); /* each returns 0 after an error */
uint16_t tern_read_u16(tern_reader *r);
uint32_t tern_read_u32(tern_reader *r);
uint64_t tern_read_u64(tern_reader *r);
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
    return w->failed ? 0 : w->cap - w->n;
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
