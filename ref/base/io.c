/* SPDX-License-Identifier: MIT */
/* Reader and writer over borrowed bytes. Bounds are checked by subtracting, never by adding. */
#include "base/io.h"

#include <string.h>

tern_reader tern_reader_of(tern_bytes bytes)
{
    return (tern_reader){ bytes.p, bytes.n, false };
}

static const uint8_t *take(tern_reader *r, size_t n)
{
    if (r->failed || n > r->left) {
        r->failed = true;
        r->left = 0;
        return NULL;
    }
    const uint8_t *p = r->p;
    if (n > 0) r->p += n;
    r->left -= n;
    return p;
}

static uint64_t read_be(tern_reader *r, size_t n)
{
    const uint8_t *p = take(r, n);
    uint64_t v = 0;
    if (p == NULL) return 0;
    for (size_t i = 0; i < n; i++) v = v << 8 | p[i];
    return v;
}

uint8_t tern_read_u8(tern_reader *r)
{
    return (uint8_t)read_be(r, 1);
}

uint16_t tern_read_u16(tern_reader *r)
{
    return (uint16_t)read_be(r, 2);
}

uint32_t tern_read_u32(tern_reader *r)
{
    return (uint32_t)read_be(r, 4);
}

uint64_t tern_read_u64(tern_reader *r)
{
    return read_be(r, 8);
}

tern_bytes tern_read_bytes(tern_reader *r, size_t n)
{
    const uint8_t *p = take(r, n);
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
    const uint8_t *p = take(r, n);
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
    if (w->failed || n > w->cap - w->n) {
        w->failed = true;
        return NULL;
    }
    uint8_t *p = w->start + w->n;
    w->n += n;
    return p;
}

static void put_be(uint8_t *p, uint64_t v, size_t n)
{
    for (size_t i = n; i-- > 0; v >>= 8) p[i] = (uint8_t)v;
}

static void write_be(tern_writer *w, uint64_t v, size_t n)
{
    uint8_t *p = grow(w, n);
    if (p != NULL) put_be(p, v, n);
}

void tern_write_u8(tern_writer *w, uint8_t v)
{
    write_be(w, v, 1);
}

void tern_write_u16(tern_writer *w, uint16_t v)
{
    write_be(w, v, 2);
}

void tern_write_u32(tern_writer *w, uint32_t v)
{
    write_be(w, v, 4);
}

void tern_write_u64(tern_writer *w, uint64_t v)
{
    write_be(w, v, 8);
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
        w->failed = true;
        return;
    }
    tern_write_u8(w, (uint8_t)v.n);
    tern_write_bytes(w, v);
}

void tern_write_u16_at(tern_writer *w, size_t at, uint16_t v)
{
    if (w->failed) return;
    tern_assert(at + 2 <= w->n);
    put_be(w->start + at, v, 2);
}
