/* SPDX-License-Identifier: MIT */
/* Transport parameters. */
#include "wire/params.h"

#include "wire/packet.h"

typedef enum {
    IDLE_TIMEOUT = 0x0001,
    MAX_DATAGRAM = 0x0002,
    INITIAL_MAX_DATA = 0x0003,
    INITIAL_MAX_STREAM_DATA = 0x0004,
    INITIAL_MAX_STREAMS = 0x0005,
    INITIAL_MAX_MESSAGES = 0x0006,
    MAX_MESSAGE = 0x0007,
    MAX_ACK_DELAY = 0x0008,
    INITIAL_MAX_STREAMS_UNI = 0x000d,
    INITIAL_MAX_UNORDERED = 0x000e,
    MAX_DATAGRAM_FRAME = 0x000f
} parameter;

/* The parameters that are known, as bits. */
#define KNOWN (UINT32_C(0x1fe) | UINT32_C(7) << INITIAL_MAX_STREAMS_UNI)

#define IDLE_TIMEOUT_LEAST  1000
#define MAX_ACK_DELAY_BOUND 1000

tern_params tern_params_absent(void)
{
    return (tern_params){ .idle_timeout_ms = 30000, .max_datagram = TERN_DATAGRAM_MIN, .max_ack_delay_ms = 25 };
}

/* Reads one known parameter; false when it has the wrong length or is out of range. */
static bool parse_one(const tern_tlv *tlv, tern_params *out)
{
    tern_reader r = tern_reader_of(tlv->value);
    bool in_range = true;
    switch ((parameter)tlv->type) {
    case IDLE_TIMEOUT:
        out->idle_timeout_ms = tern_read_u32(&r);
        in_range = out->idle_timeout_ms >= IDLE_TIMEOUT_LEAST;
        break;
    case MAX_DATAGRAM:
        out->max_datagram = tern_read_u16(&r);
        in_range = out->max_datagram >= TERN_DATAGRAM_MIN;
        break;
    case INITIAL_MAX_DATA: out->max_data = tern_read_u64(&r); break;
    case INITIAL_MAX_STREAM_DATA: out->max_stream_data = tern_read_u64(&r); break;
    case INITIAL_MAX_STREAMS: out->max_streams = tern_read_u32(&r); break;
    case INITIAL_MAX_MESSAGES: out->max_messages = tern_read_u64(&r); break;
    case MAX_MESSAGE: out->max_message = tern_read_u32(&r); break;
    case MAX_ACK_DELAY:
        out->max_ack_delay_ms = tern_read_u16(&r);
        in_range = out->max_ack_delay_ms <= MAX_ACK_DELAY_BOUND;
        break;
    case INITIAL_MAX_STREAMS_UNI: out->max_streams_uni = tern_read_u32(&r); break;
    case INITIAL_MAX_UNORDERED: out->max_unordered = tern_read_u64(&r); break;
    case MAX_DATAGRAM_FRAME: out->max_datagram_frame = tern_read_u16(&r); break;
    }
    return in_range && tern_reader_done(&r);
}

tern_error tern_params_parse(tern_bytes bytes, tern_params *out)
{
    tern_reader r = tern_reader_of(bytes);
    tern_tlv tlv;
    uint32_t seen = 0;
    *out = tern_params_absent();
    while (tern_tlv_next(&r, &tlv)) {
        /*= WIRE-030 */
        if (tlv.type >= 32 || (KNOWN >> tlv.type & 1) == 0) continue;
        if ((seen >> tlv.type & 1) != 0 || !parse_one(&tlv, out)) return TERN_PARAMETER_ERROR;
        seen |= UINT32_C(1) << tlv.type;
    }
    return tern_reader_ok(&r) ? TERN_OK : TERN_DECODE_ERROR;
}

static void emit_u16(tern_writer *w, parameter type, uint16_t v)
{
    size_t place = tern_tlv_open(w, (uint16_t)type);
    tern_write_u16(w, v);
    tern_tlv_close(w, place);
}

static void emit_u32(tern_writer *w, parameter type, uint32_t v)
{
    size_t place = tern_tlv_open(w, (uint16_t)type);
    tern_write_u32(w, v);
    tern_tlv_close(w, place);
}

static void emit_u64(tern_writer *w, parameter type, uint64_t v)
{
    size_t place = tern_tlv_open(w, (uint16_t)type);
    tern_write_u64(w, v);
    tern_tlv_close(w, place);
}

void tern_params_emit(tern_writer *w, const tern_params *p)
{
    emit_u32(w, IDLE_TIMEOUT, p->idle_timeout_ms);
    emit_u16(w, MAX_DATAGRAM, p->max_datagram);
    emit_u64(w, INITIAL_MAX_DATA, p->max_data);
    emit_u64(w, INITIAL_MAX_STREAM_DATA, p->max_stream_data);
    emit_u32(w, INITIAL_MAX_STREAMS, p->max_streams);
    emit_u64(w, INITIAL_MAX_MESSAGES, p->max_messages);
    emit_u32(w, MAX_MESSAGE, p->max_message);
    emit_u16(w, MAX_ACK_DELAY, p->max_ack_delay_ms);
    if (p->max_streams_uni > 0) emit_u32(w, INITIAL_MAX_STREAMS_UNI, p->max_streams_uni);
    if (p->max_unordered > 0) emit_u64(w, INITIAL_MAX_UNORDERED, p->max_unordered);
    if (p->max_datagram_frame > 0) emit_u16(w, MAX_DATAGRAM_FRAME, p->max_datagram_frame);
}
