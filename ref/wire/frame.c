/* SPDX-License-Identifier: MIT */
/* Frames. A parser reads all of a value and checks once; what is left over is a wrong length. */
#include "wire/frame.h"

/*= WIRE-020 */
static tern_error whole(const tern_reader *r)
{
    return tern_reader_done(r) ? TERN_OK : TERN_FRAME_ENCODING_ERROR;
}

/*= WIRE-024 */
static bool within_offsets(uint64_t offset, uint64_t n)
{
    return n <= TERN_OFFSET_MAX && offset <= TERN_OFFSET_MAX - n;
}

tern_error tern_frame_parse_fragment(tern_bytes value, tern_frame_fragment *out)
{
    tern_reader r = tern_reader_of(value);
    out->position = tern_read_u64(&r);
    out->bytes = tern_read_rest(&r);
    if (!within_offsets(out->position, out->bytes.n)) return TERN_FRAME_ENCODING_ERROR;
    return whole(&r);
}

/* Passes over gap numbers and a further one below from, then reads length numbers and one more; false below 0. */
static bool next_range(tern_reader *r, uint64_t from, tern_range *out)
{
    uint64_t gap = tern_read_u32(r), length = tern_read_u32(r);
    /*= WIRE-023 */
    if (from < gap + 1 || from - (gap + 1) < length + 1) return false;
    out->to = from - (gap + 1);
    out->from = out->to - (length + 1);
    return true;
}

static tern_error parse_ack(tern_reader r, tern_range storage[TERN_ACK_RANGES_MAX], tern_frame_ack *out)
{
    tern_range range;
    uint32_t at = TERN_ACK_RANGES_MAX - 1; /* filled from the top */
    out->largest = tern_read_u64(&r);
    out->delay_us = tern_read_u32(&r);
    uint64_t first = tern_read_u32(&r);
    /*= WIRE-023 WIRE-024 */
    if (!tern_reader_ok(&r) || first > out->largest || out->largest == UINT64_MAX) return TERN_FRAME_ENCODING_ERROR;
    range = (tern_range){ out->largest - first, out->largest + 1 };
    storage[at] = range;
    while (r.left > 0) {
        if (!next_range(&r, range.from, &range)) return TERN_FRAME_ENCODING_ERROR;
        if (at > 0) storage[--at] = range;
    }
    out->ranges = (tern_range_list){ &storage[at], TERN_ACK_RANGES_MAX - at };
    return whole(&r);
}

tern_error tern_frame_parse_ack(tern_bytes value, tern_range storage[TERN_ACK_RANGES_MAX], tern_frame_ack *out)
{
    out->marks = false;
    out->ect0 = out->ect1 = out->ce = 0;
    return parse_ack(tern_reader_of(value), storage, out);
}

tern_error tern_frame_parse_ack_ecn(tern_bytes value, tern_range storage[TERN_ACK_RANGES_MAX], tern_frame_ack *out)
{
    tern_reader r = tern_reader_of(value);
    /*= WIRE-040 */
    out->marks = true;
    out->ect0 = tern_read_u64(&r);
    out->ect1 = tern_read_u64(&r);
    out->ce = tern_read_u64(&r);
    return parse_ack(r, storage, out);
}

tern_error tern_frame_parse_crypto(tern_bytes value, tern_frame_crypto *out)
{
    tern_reader r = tern_reader_of(value);
    out->offset = tern_read_u32(&r);
    out->bytes = tern_read_rest(&r);
    return whole(&r);
}

tern_error tern_frame_parse_stream(tern_bytes value, tern_frame_stream *out)
{
    tern_reader r = tern_reader_of(value);
    out->stream = tern_read_u32(&r);
    uint8_t flags = tern_read_u8(&r);
    out->fin = (flags & TERN_STREAM_FIN) != 0;
    out->offset = tern_read_u64(&r);
    out->bytes = tern_read_rest(&r);
    /*= WIRE-024 */
    if ((flags & ~TERN_STREAM_FIN) != 0) return TERN_FRAME_ENCODING_ERROR;
    if (!within_offsets(out->offset, out->bytes.n)) return TERN_FRAME_ENCODING_ERROR;
    return whole(&r);
}

tern_error tern_frame_parse_reset_stream(tern_bytes value, tern_frame_reset_stream *out)
{
    tern_reader r = tern_reader_of(value);
    out->stream = tern_read_u32(&r);
    out->code = tern_read_u16(&r);
    out->final = tern_read_u64(&r);
    return whole(&r);
}

tern_error tern_frame_parse_stop_sending(tern_bytes value, tern_frame_stop_sending *out)
{
    tern_reader r = tern_reader_of(value);
    out->stream = tern_read_u32(&r);
    out->code = tern_read_u16(&r);
    return whole(&r);
}

static bool counts_streams(tern_frame_type type)
{
    return type == TERN_F_MAX_STREAMS || type == TERN_F_MAX_STREAMS_UNI;
}

tern_error tern_frame_parse_max(tern_frame_type type, tern_bytes value, tern_frame_max *out)
{
    tern_reader r = tern_reader_of(value);
    out->stream = type == TERN_F_MAX_STREAM_DATA ? tern_read_u32(&r) : 0;
    out->limit = counts_streams(type) ? tern_read_u32(&r) : tern_read_u64(&r);
    return whole(&r);
}

tern_error tern_frame_parse_close(tern_bytes value, tern_frame_close *out)
{
    tern_reader r = tern_reader_of(value);
    out->code = tern_read_u16(&r);
    out->reason = tern_read_rest(&r);
    /*= WIRE-025 */
    if (out->reason.n > TERN_CLOSE_REASON_MAX) return TERN_FRAME_ENCODING_ERROR;
    return whole(&r);
}

tern_error tern_frame_parse_path(tern_bytes value, tern_frame_path *out)
{
    tern_reader r = tern_reader_of(value);
    tern_read_copy(&r, out->data, sizeof out->data);
    return whole(&r);
}

tern_error tern_frame_parse_new_connection_id(tern_bytes value, tern_frame_new_connection_id *out)
{
    tern_reader r = tern_reader_of(value);
    out->sequence = tern_read_u32(&r);
    out->retire_prior_to = tern_read_u32(&r);
    tern_read_copy(&r, out->id.b, sizeof out->id.b);
    tern_read_copy(&r, out->token, sizeof out->token);
    /*= WIRE-050 */
    if (out->retire_prior_to > out->sequence || out->sequence == UINT32_MAX) return TERN_FRAME_ENCODING_ERROR;
    return whole(&r);
}

tern_error tern_frame_parse_retire_connection_id(tern_bytes value, tern_frame_retire_connection_id *out)
{
    tern_reader r = tern_reader_of(value);
    out->sequence = tern_read_u32(&r);
    return whole(&r);
}

tern_error tern_frame_parse_ack_frequency(tern_bytes value, tern_frame_ack_frequency *out)
{
    tern_reader r = tern_reader_of(value);
    out->sequence = tern_read_u32(&r);
    out->packets = tern_read_u16(&r);
    out->reordering = tern_read_u16(&r);
    out->delay_us = tern_read_u32(&r);
    /*= WIRE-041 */
    if (out->packets == 0) return TERN_FRAME_ENCODING_ERROR;
    return whole(&r);
}

tern_error tern_frame_parse_new_ticket(tern_bytes value, tern_frame_new_ticket *out)
{
    tern_reader r = tern_reader_of(value);
    out->lifetime_s = tern_read_u32(&r);
    tern_read_copy(&r, out->nonce, sizeof out->nonce);
    out->max_early = tern_read_u32(&r);
    out->ticket = tern_read_rest(&r);
    /*= HS-040 */
    if (out->lifetime_s == 0 || out->lifetime_s > TERN_TICKET_LIFETIME_MAX) return TERN_FRAME_ENCODING_ERROR;
    if (out->ticket.n == 0 || out->ticket.n > TERN_TICKET_MAX) return TERN_FRAME_ENCODING_ERROR;
    return whole(&r);
}

tern_error tern_frame_parse_message(tern_bytes value, tern_frame_message *out)
{
    tern_reader r = tern_reader_of(value);
    out->id = tern_read_u64(&r);
    out->size = tern_read_u32(&r);
    out->offset = tern_read_u32(&r);
    out->bytes = tern_read_rest(&r);
    /*= WIRE-060 */
    if (out->offset > out->size || out->bytes.n > out->size - out->offset) return TERN_FRAME_ENCODING_ERROR;
    if (out->bytes.n == 0 && out->size > 0) return TERN_FRAME_ENCODING_ERROR;
    return whole(&r);
}

tern_error tern_frame_parse_abandoned(tern_bytes value, tern_frame_abandoned *out)
{
    tern_reader r = tern_reader_of(value);
    out->id = tern_read_u64(&r);
    out->size = tern_read_u32(&r);
    return whole(&r);
}

tern_error tern_frame_parse_empty(tern_bytes value)
{
    tern_reader r = tern_reader_of(value);
    return whole(&r);
}

void tern_frame_emit_fragment(tern_writer *w, const tern_frame_fragment *f)
{
    size_t place = tern_tlv_open(w, TERN_F_FRAGMENT);
    tern_write_u64(w, f->position);
    tern_write_bytes(w, f->bytes);
    tern_tlv_close(w, place);
}

void tern_frame_emit_ack(tern_writer *w, const tern_frame_ack *f)
{
    uint32_t i = f->ranges.n - 1;
    uint32_t last = f->ranges.n > TERN_ACK_RANGES_MAX ? f->ranges.n - TERN_ACK_RANGES_MAX : 0;
    tern_assert(f->ranges.n > 0 && f->largest == f->ranges.at[i].to - 1);
    size_t place = tern_tlv_open(w, f->marks ? TERN_F_ACK_ECN : TERN_F_ACK);
    if (f->marks) {
        tern_write_u64(w, f->ect0);
        tern_write_u64(w, f->ect1);
        tern_write_u64(w, f->ce);
    }
    uint64_t from = f->ranges.at[i].from, below = f->largest - from;
    tern_write_u64(w, f->largest);
    tern_write_u32(w, f->delay_us);
    /* A range or gap beyond 32 bits ends the list: what is left out is only told later, or never. */
    bool fits = below <= UINT32_MAX;
    tern_write_u32(w, fits ? (uint32_t)below : UINT32_MAX);
    /*= REC-002 */
    while (fits && i > last && tern_writer_left(w) >= 8) {
        tern_range next = f->ranges.at[--i];
        uint64_t gap = from - next.to - 1, length = next.to - next.from - 1;
        if (gap > UINT32_MAX) break;
        fits = length <= UINT32_MAX;
        tern_write_u32(w, (uint32_t)gap);
        tern_write_u32(w, fits ? (uint32_t)length : UINT32_MAX);
        from = next.from;
    }
    tern_tlv_close(w, place);
}

void tern_frame_emit_crypto(tern_writer *w, const tern_frame_crypto *f)
{
    size_t place = tern_tlv_open(w, TERN_F_CRYPTO);
    tern_write_u32(w, f->offset);
    tern_write_bytes(w, f->bytes);
    tern_tlv_close(w, place);
}

void tern_frame_emit_stream(tern_writer *w, const tern_frame_stream *f)
{
    size_t place = tern_tlv_open(w, TERN_F_STREAM);
    tern_write_u32(w, f->stream);
    tern_write_u8(w, f->fin ? TERN_STREAM_FIN : 0);
    tern_write_u64(w, f->offset);
    tern_write_bytes(w, f->bytes);
    tern_tlv_close(w, place);
}

void tern_frame_emit_reset_stream(tern_writer *w, const tern_frame_reset_stream *f)
{
    size_t place = tern_tlv_open(w, TERN_F_RESET_STREAM);
    tern_write_u32(w, f->stream);
    tern_write_u16(w, f->code);
    tern_write_u64(w, f->final);
    tern_tlv_close(w, place);
}

void tern_frame_emit_stop_sending(tern_writer *w, const tern_frame_stop_sending *f)
{
    size_t place = tern_tlv_open(w, TERN_F_STOP_SENDING);
    tern_write_u32(w, f->stream);
    tern_write_u16(w, f->code);
    tern_tlv_close(w, place);
}

void tern_frame_emit_max(tern_writer *w, tern_frame_type type, const tern_frame_max *f)
{
    size_t place = tern_tlv_open(w, (uint16_t)type);
    if (type == TERN_F_MAX_STREAM_DATA) tern_write_u32(w, f->stream);
    if (counts_streams(type)) {
        tern_assert(f->limit <= UINT32_MAX);
        tern_write_u32(w, (uint32_t)f->limit);
    } else {
        tern_write_u64(w, f->limit);
    }
    tern_tlv_close(w, place);
}

void tern_frame_emit_close(tern_writer *w, const tern_frame_close *f)
{
    tern_assert(f->reason.n <= TERN_CLOSE_REASON_MAX);
    size_t place = tern_tlv_open(w, TERN_F_CLOSE);
    tern_write_u16(w, f->code);
    tern_write_bytes(w, f->reason);
    tern_tlv_close(w, place);
}

void tern_frame_emit_path(tern_writer *w, tern_frame_type type, const tern_frame_path *f)
{
    size_t place = tern_tlv_open(w, (uint16_t)type);
    tern_write_bytes(w, tern_bytes_of(f->data, sizeof f->data));
    tern_tlv_close(w, place);
}

void tern_frame_emit_new_connection_id(tern_writer *w, const tern_frame_new_connection_id *f)
{
    size_t place = tern_tlv_open(w, TERN_F_NEW_CONNECTION_ID);
    tern_write_u32(w, f->sequence);
    tern_write_u32(w, f->retire_prior_to);
    tern_write_bytes(w, tern_bytes_of(f->id.b, sizeof f->id.b));
    tern_write_bytes(w, tern_bytes_of(f->token, sizeof f->token));
    tern_tlv_close(w, place);
}

void tern_frame_emit_retire_connection_id(tern_writer *w, const tern_frame_retire_connection_id *f)
{
    size_t place = tern_tlv_open(w, TERN_F_RETIRE_CONNECTION_ID);
    tern_write_u32(w, f->sequence);
    tern_tlv_close(w, place);
}

void tern_frame_emit_ack_frequency(tern_writer *w, const tern_frame_ack_frequency *f)
{
    size_t place = tern_tlv_open(w, TERN_F_ACK_FREQUENCY);
    tern_write_u32(w, f->sequence);
    tern_write_u16(w, f->packets);
    tern_write_u16(w, f->reordering);
    tern_write_u32(w, f->delay_us);
    tern_tlv_close(w, place);
}

void tern_frame_emit_new_ticket(tern_writer *w, const tern_frame_new_ticket *f)
{
    size_t place = tern_tlv_open(w, TERN_F_NEW_TICKET);
    tern_write_u32(w, f->lifetime_s);
    tern_write_bytes(w, tern_bytes_of(f->nonce, sizeof f->nonce));
    tern_write_u32(w, f->max_early);
    tern_write_bytes(w, f->ticket);
    tern_tlv_close(w, place);
}

void tern_frame_emit_message(tern_writer *w, const tern_frame_message *f)
{
    size_t place = tern_tlv_open(w, TERN_F_MESSAGE);
    tern_write_u64(w, f->id);
    tern_write_u32(w, f->size);
    tern_write_u32(w, f->offset);
    tern_write_bytes(w, f->bytes);
    tern_tlv_close(w, place);
}

void tern_frame_emit_abandoned(tern_writer *w, const tern_frame_abandoned *f)
{
    size_t place = tern_tlv_open(w, TERN_F_MESSAGE_ABANDONED);
    tern_write_u64(w, f->id);
    tern_write_u32(w, f->size);
    tern_tlv_close(w, place);
}

void tern_frame_emit_datagram(tern_writer *w, tern_bytes bytes)
{
    size_t place = tern_tlv_open(w, TERN_F_DATAGRAM);
    tern_write_bytes(w, bytes);
    tern_tlv_close(w, place);
}

void tern_frame_emit_keep_alive(tern_writer *w)
{
    tern_tlv_close(w, tern_tlv_open(w, TERN_F_KEEP_ALIVE));
}

void tern_frame_emit_padding(tern_writer *w, size_t total)
{
    tern_assert(total >= TERN_TLV_HEADER);
    size_t place = tern_tlv_open(w, TERN_F_PADDING);
    tern_write_zeros(w, total - TERN_TLV_HEADER);
    tern_tlv_close(w, place);
}
