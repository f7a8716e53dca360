/* SPDX-License-Identifier: MIT */
#include "dialects/tls_chat/codec.h"

tern_tlsc_result tern_tlsc_next(tern_bytes in, tern_tlsc_form *form, size_t most, tern_bytes *pickle, size_t *whole)
{
    /*= TCH-002 */
    if (*form == 0 && in.n >= 5) *form = in.p[4] == 0 ? 8 : 4; /* no pickle begins with a zero */
    if (*form == 0 || in.n < *form) return TERN_TLSC_MORE;
    tern_reader r = tern_reader_of(in);
    uint32_t n = tern_read_u32(&r);
    /*= TCH-004 */
    if (n == 0 || n > most || (*form == 8 && tern_read_u32(&r) != 0)) return TERN_TLSC_WRONG;
    if (n > r.left) return TERN_TLSC_MORE;
    *pickle = tern_read_bytes(&r, n);
    *whole = (size_t)*form + n;
    return TERN_TLSC_MESSAGE;
}

void tern_tlsc_write(tern_writer *w, tern_tlsc_form form, tern_bytes text)
{
    size_t place = w->n;
    tern_write_u32(w, 0);
    /*= TCH-001 */
    if (form == 8) tern_write_u32(w, 0);
    size_t start = w->n;
    tern_pickle_write(w, text);
    if (tern_writer_ok(w)) tern_write_u16_at(w, place + 2, (uint16_t)(w->n - start)); /* a text is below 16 KiB */
}
