/* SPDX-License-Identifier: MIT */
/* Reader and writer over borrowed bytes. Bounds are checked by subtracting, never by adding. */
#include "base/io.h"

#include <string.h>

tern_bytes tern_read_bytes(tern_reader *r, size_t n)
{
    const uint8_t *p = tern_reader_take(r, n);
    return r->failed ? (tern_bytes){ NULL, 0 } : (tern_bytes){ p, n };
}

tern_bytes tern_read_rest(tern_reader *r)
{
    return tern_read_bytes(r, r->left);
}

tern_bytes tern_read_short_string(tern_reader *r)
{
    size_t n = tern_read_u8(r);
    return tern_read_bytes(r, n);
}

void tern_read_copy(tern_reader *r, uint8_t *dst, size_t n)
{
    const uint8_t *p = tern_reader_take(r, n);
    if (n == 0) return;
    if (p == NULL)
        memset(dst, 0, n);
    else
        memcpy(dst, p, n);
}

tern_writer tern_writer_of(tern_buf buf)
{
    return (tern_writer){ buf.p, 0, buf.n, false };
}

static uint8_t *grow(tern_writer *w, size_t n)
{
    if (n > w->cap - w->n) {
        tern_writer_fail(w);
        return NULL;
    }
    uint8_t *p = w->start + w->n;
    w->n += n;
    return p;
}

static void put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put_u32(uint8_t *p, uint32_t v)
{
    put_u16(p, (uint16_t)(v >> 16));
    put_u16(p + 2, (uint16_t)v);
}

void tern_write_u8(tern_writer *w, uint8_t v)
{
    uint8_t *p = grow(w, 1);
    if (p != NULL) p[0] = v;
}

void tern_write_u16(tern_writer *w, uint16_t v)
{
    uint8_t *p = grow(w, 2);
    if (p != NULL) put_u16(p, v);
}

void tern_write_u32(tern_writer *w, uint32_t v)
{
    uint8_t *p = grow(w, 4);
    if (p != NULL) put_u32(p, v);
}

void tern_write_u64(tern_writer *w, uint64_t v)
{
    uint8_t *p = grow(w, 8);
    if (p == NULL) return;
    put_u32(p, (uint32_t)(v >> 32));
    put_u32(p + 4, (uint32_t)v);
}

void tern_write_bytes(tern_writer *w, tern_bytes v)
{
    uint8_t *p = v.n > 0 ? grow(w, v.n) : NULL;
    if (p != NULL && v.p != NULL) memcpy(p, v.p, v.n);
}

void tern_write_zeros(tern_writer *w, size_t n)
{
    uint8_t *p = n > 0 ? grow(w, n) : NULL;
    if (p != NULL) memset(p, 0, n);
}

void tern_write_short_string(tern_writer *w, tern_bytes v)
{
    if (v.n > 255) {
        tern_writer_fail(w);
        return;
    }
    tern_write_u8(w, (uint8_t)v.n);
    tern_write_bytes(w, v);
}

void tern_write_u16_at(tern_writer *w, size_t at, uint16_t v)
{
    if (w->failed) return;
    tern_assert(at + 2 <= w->n);
    put_u16(w->start + at, v);
}
