/* SPDX-License-Identifier: MIT */
/* File TLVs (declared in room_tlv.h). They stand at the start of a stream whose bytes trickle in, so each type's
 * bounds are checked as soon as its length is known. */
#include "wire/room_tlv.h"

#include "base/utf8.h"

#include <string.h>

static bool length_ok(uint16_t type, size_t n)
{
    switch ((tern_file_tlv_type)type) {
    case TERN_FILE_PUT: return n >= 8 && n <= 8 + TERN_FILE_NAME_MAX;
    case TERN_FILE_GET: return n <= TERN_FILE_NAME_MAX;
    case TERN_FILE_INFO: return n == 8;
    case TERN_FILE_DONE: return n == 32;
    case TERN_FILE_ERROR: return n >= 2 && n <= 2 + TERN_TEXT_MAX;
    }
    return false;
}

/* Reads a value whose length is right for its type. */
static void parse_value(tern_bytes value, tern_file_msg *out)
{
    tern_reader r = tern_reader_of(value);
    switch (out->type) {
    case TERN_FILE_PUT:
        out->size = tern_read_u64(&r);
        out->name = tern_read_rest(&r);
        break;
    case TERN_FILE_GET: out->name = tern_read_rest(&r); break;
    case TERN_FILE_INFO: out->size = tern_read_u64(&r); break;
    case TERN_FILE_DONE: tern_read_copy(&r, out->sha256, sizeof out->sha256); break;
    case TERN_FILE_ERROR:
        out->code = tern_read_u16(&r);
        out->text = tern_read_rest(&r);
        break;
    }
}

size_t tern_file_msg_parse(tern_bytes bytes, tern_file_msg *out)
{
    tern_reader r = tern_reader_of(bytes);
    memset(out, 0, sizeof *out);
    if (bytes.n < TERN_TLV_HEADER) return 0;
    uint16_t type = tern_read_u16(&r);
    size_t length = tern_read_u16(&r);
    if (!length_ok(type, length)) return SIZE_MAX;
    if (r.left < length) return 0;
    out->type = (tern_file_tlv_type)type;
    parse_value(tern_read_bytes(&r, length), out);
    return TERN_TLV_HEADER + length;
}

void tern_file_msg_emit(tern_writer *w, const tern_file_msg *m)
{
    size_t place = tern_tlv_open(w, (uint16_t)m->type);
    switch (m->type) {
    case TERN_FILE_PUT:
        tern_write_u64(w, m->size);
        tern_write_bytes(w, m->name);
        break;
    case TERN_FILE_GET: tern_write_bytes(w, m->name); break;
    case TERN_FILE_INFO: tern_write_u64(w, m->size); break;
    case TERN_FILE_DONE: tern_write_bytes(w, tern_bytes_of(m->sha256, sizeof m->sha256)); break;
    case TERN_FILE_ERROR:
        tern_write_u16(w, m->code);
        tern_write_bytes(w, m->text);
        break;
    }
    tern_tlv_close(w, place);
    tern_assert(!tern_writer_ok(w) || length_ok((uint16_t)m->type, w->n - place - TERN_TLV_HEADER));
}

bool tern_file_name_ok(tern_bytes name)
{
    /*= ROOM-020 */
    if (name.n < 1 || name.n > TERN_FILE_NAME_MAX || !tern_utf8_is_plain(name) || name.p[0] == '.') return false;
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '/' || name.p[i] == '\\') return false;
    return true;
}
