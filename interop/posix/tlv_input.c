/* SPDX-License-Identifier: MIT */
/* File TLVs out of a stream's bytes (see tlv_input.h): first the header, then what it announces. */
#define _GNU_SOURCE
#include "posix/tlv_input.h"

tern_buf tern_tlv_input_room(tern_tlv_input *in)
{
    size_t whole = TERN_TLV_HEADER;
    if (in->n >= TERN_TLV_HEADER) whole += (size_t)(in->bytes[2] << 8 | in->bytes[3]);
    if (whole > sizeof in->bytes) whole = sizeof in->bytes;
    return (tern_buf){ in->bytes + in->n, whole - in->n };
}

tern_tlv_got tern_tlv_input_take(tern_tlv_input *in, size_t n, tern_file_msg *out)
{
    in->n += n;
    size_t taken = tern_file_msg_parse(tern_bytes_of(in->bytes, in->n), out);
    if (taken == 0) return TERN_TLV_MORE;
    in->n = 0;
    return taken == SIZE_MAX ? TERN_TLV_BAD : TERN_TLV_WHOLE;
}
