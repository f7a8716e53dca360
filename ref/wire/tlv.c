/* SPDX-License-Identifier: MIT */
/* TLV: type:u16 length:u16 value. */
#include "wire/tlv.h"

bool tern_tlv_next(tern_reader *r, tern_tlv *out)
{
    if (r->left == 0) return false;
    out->type = tern_read_u16(r);
    size_t length = tern_read_u16(r);
    out->value = tern_read_bytes(r, length);
    return tern_reader_ok(r);
}

size_t tern_tlv_open(tern_writer *w, uint16_t type)
{
    size_t place = w->n;
    tern_write_u16(w, type);
    tern_write_u16(w, 0);
    return place;
}

void tern_tlv_close(tern_writer *w, size_t place)
{
    if (!tern_writer_ok(w)) return;
    size_t length = w->n - place - TERN_TLV_HEADER;
    if (length > UINT16_MAX)
        tern_writer_fail(w);
    else
        tern_write_u16_at(w, place + 2, (uint16_t)length);
}
