/* SPDX-License-Identifier: MIT */
/* Transport parameters: bytes <-> struct (spec: wire 4). */
#ifndef TERN_WIRE_PARAMS_H
#define TERN_WIRE_PARAMS_H

#include "base/error.h"
#include "wire/tlv.h"

typedef struct {
    uint32_t idle_timeout_ms;
    uint16_t max_datagram;
    uint64_t max_data, max_stream_data; /* bytes */
    uint32_t max_streams;
    uint64_t max_messages; /* bytes of message space */
    uint32_t max_message;  /* bytes */
    uint16_t max_ack_delay_ms;
    uint32_t max_streams_uni;    /* what is 0 is not emitted: this and what follows */
    uint64_t max_unordered;      /* bytes of messages without order */
    uint16_t max_datagram_frame; /* bytes */
} tern_params;

/* What holds for a parameter that is absent. */
tern_params tern_params_absent(void);
/* TERN_OK, TERN_DECODE_ERROR for bytes that are no TLVs, TERN_PARAMETER_ERROR (WIRE-030). */
tern_error tern_params_parse(tern_bytes bytes, tern_params *out);
void tern_params_emit(tern_writer *w, const tern_params *p);

#endif
