/* SPDX-License-Identifier: MIT */
/* TLV: type:u16 length:u16 value (spec: wire 3). The codec of frames, parameters, handshake and room messages. */
#ifndef TERN_WIRE_TLV_H
#define TERN_WIRE_TLV_H

#include "base/io.h"

#define TERN_TLV_HEADER    4
#define TERN_TLV_IGNORABLE 0x8000 /* an unknown type with this bit is passed over (WIRE-021) */

typedef struct {
    uint16_t type;
    tern_bytes value;
} tern_tlv;

/* The next TLV; false at the end or when it does not fit, which the reader tells apart (tern_reader_ok). */
TERN_MUST_USE bool tern_tlv_next(tern_reader *r, tern_tlv *out);
/* Writes a header whose length tern_tlv_close fills in; returns the place to hand to it. */
size_t tern_tlv_open(tern_writer *w, uint16_t type);
void tern_tlv_close(tern_writer *w, size_t place); /* fails the writer when the value is longer than 65535 bytes */

#endif
