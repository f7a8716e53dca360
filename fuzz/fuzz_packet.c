/* SPDX-License-Identifier: MIT */
/* A datagram as the PLAINTEXT suite would leave it: header, packet number, frames, tag. What parses is emitted
 * identically. */
#include "fuzz.h"

#include "base/error.h"
#include "wire/frame.h"
#include "wire/packet.h"
#include "wire/version.h"

#define ACK_MOST (16 + 8 * (TERN_ACK_RANGES_MAX - 1)) /* the longest value that keeps all its ranges */

static void check_ranges(const tern_frame_ack *f)
{
    CHECK(f->ranges.n >= 1 && f->ranges.n <= TERN_ACK_RANGES_MAX);
    CHECK(f->ranges.at[f->ranges.n - 1].to == f->largest + 1);
    for (uint32_t i = 0; i < f->ranges.n; i++) {
        CHECK(f->ranges.at[i].from < f->ranges.at[i].to);
        CHECK(i == 0 || f->ranges.at[i - 1].to < f->ranges.at[i].from);
    }
}

static bool again_ack(tern_writer *w, tern_bytes value)
{
    tern_frame_ack f;
    tern_range storage[TERN_ACK_RANGES_MAX];
    if (tern_frame_parse_ack(value, storage, &f) != TERN_OK) return false;
    check_ranges(&f);
    if (value.n > ACK_MOST) return false;
    tern_frame_emit_ack(w, &f);
    return true;
}

static bool again_ack_ecn(tern_writer *w, tern_bytes value)
{
    tern_frame_ack f;
    tern_range storage[TERN_ACK_RANGES_MAX];
    if (tern_frame_parse_ack_ecn(value, storage, &f) != TERN_OK) return false;
    check_ranges(&f);
    if (value.n > ACK_MOST + 3 * sizeof(uint64_t)) return false;
    tern_frame_emit_ack(w, &f);
    return true;
}

#define AGAIN(name)                                                                                                    \
    static bool again_##name(tern_writer *w, tern_bytes value)                                                         \
    {                                                                                                                  \
        tern_frame_##name f;                                                                                           \
        if (tern_frame_parse_##name(value, &f) != TERN_OK) return false;                                               \
        tern_frame_emit_##name(w, &f);                                                                                 \
        return true;                                                                                                   \
    }
AGAIN(fragment)
AGAIN(crypto)
AGAIN(stream)
AGAIN(reset_stream)
AGAIN(stop_sending)
AGAIN(close)
AGAIN(new_connection_id)
AGAIN(retire_connection_id)
AGAIN(message)
AGAIN(abandoned)

static bool again_max(tern_writer *w, const tern_tlv *tlv)
{
    tern_frame_max f;
    if (tern_frame_parse_max((tern_frame_type)tlv->type, tlv->value, &f) != TERN_OK) return false;
    tern_frame_emit_max(w, (tern_frame_type)tlv->type, &f);
    return true;
}

static bool again_new_ticket(tern_writer *w, tern_bytes value)
{
    tern_frame_new_ticket f;
    if (tern_frame_parse_new_ticket(value, &f) != TERN_OK) return false;
    tern_frame_emit_new_ticket(w, &f);
    return true;
}

static bool again_ack_frequency(tern_writer *w, tern_bytes value)
{
    tern_frame_ack_frequency f;
    if (tern_frame_parse_ack_frequency(value, &f) != TERN_OK) return false;
    tern_frame_emit_ack_frequency(w, &f);
    return true;
}

static bool again_path(tern_writer *w, const tern_tlv *tlv)
{
    tern_frame_path f;
    if (tern_frame_parse_path(tlv->value, &f) != TERN_OK) return false;
    tern_frame_emit_path(w, (tern_frame_type)tlv->type, &f);
    return true;
}

/* Writes the frame that tlv holds again; false when it is malformed or unknown, or cannot be the same again. */
static bool again(tern_writer *w, const tern_tlv *tlv)
{
    switch ((tern_frame_type)tlv->type) {
    case TERN_F_FRAGMENT: return again_fragment(w, tlv->value);
    case TERN_F_ACK: return again_ack(w, tlv->value);
    case TERN_F_ACK_ECN: return again_ack_ecn(w, tlv->value);
    case TERN_F_CRYPTO: return again_crypto(w, tlv->value);
    case TERN_F_STREAM: return again_stream(w, tlv->value);
    case TERN_F_RESET_STREAM: return again_reset_stream(w, tlv->value);
    case TERN_F_STOP_SENDING: return again_stop_sending(w, tlv->value);
    case TERN_F_CLOSE: return again_close(w, tlv->value);
    case TERN_F_NEW_CONNECTION_ID: return again_new_connection_id(w, tlv->value);
    case TERN_F_RETIRE_CONNECTION_ID: return again_retire_connection_id(w, tlv->value);
    case TERN_F_NEW_TICKET: return again_new_ticket(w, tlv->value);
    case TERN_F_ACK_FREQUENCY: return again_ack_frequency(w, tlv->value);
    case TERN_F_PATH_CHALLENGE:
    case TERN_F_PATH_RESPONSE: return again_path(w, tlv);
    case TERN_F_MESSAGE: return again_message(w, tlv->value);
    case TERN_F_MESSAGE_ABANDONED: return again_abandoned(w, tlv->value);
    case TERN_F_DATAGRAM: tern_frame_emit_datagram(w, tlv->value); return true;
    case TERN_F_MAX_DATA:
    case TERN_F_MAX_STREAM_DATA:
    case TERN_F_MAX_STREAMS:
    case TERN_F_MAX_STREAMS_UNI:
    case TERN_F_MAX_UNORDERED:
    case TERN_F_MAX_MESSAGES: return again_max(w, tlv);
    case TERN_F_KEEP_ALIVE:
        if (tern_frame_parse_empty(tlv->value) != TERN_OK) return false;
        tern_frame_emit_keep_alive(w);
        return true;
    case TERN_F_PADDING: break; /* its bytes are free, and zero when emitted */
    }
    return false;
}

static void check_frames(tern_bytes payload)
{
    static uint8_t out[TERN_TLV_HEADER + UINT16_MAX];
    tern_reader r = tern_reader_of(payload);
    tern_tlv tlv;
    while (tern_tlv_next(&r, &tlv)) {
        tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
        tern_bytes whole = tern_bytes_of(r.p - tlv.value.n - TERN_TLV_HEADER, tlv.value.n + TERN_TLV_HEADER);
        if (again(&w, &tlv)) check_same(&w, whole);
    }
}

static void check_number(uint64_t largest, uint32_t truncated)
{
    uint64_t pn = tern_pn_restore(largest, truncated), expected = largest + 1;
    uint64_t away = pn > expected ? pn - expected : expected - pn;
    CHECK((uint32_t)pn == truncated);
    if (largest >= (UINT64_C(1) << 31) && largest < (UINT64_C(1) << 61)) CHECK(away <= UINT64_C(1) << 31);
}

/* Lists that were read say what stands there, as far as they are kept. */
static void check_version(tern_bytes datagram, const tern_header *h)
{
    uint8_t out[TERN_VERSION_SIZE_MAX];
    tern_offer offer, again;
    if (!tern_version_parse(datagram, &offer) || offer.versions == 0) return; /* none but such for greasing */
    CHECK(offer.versions <= TERN_OFFER_MAX && offer.suites <= TERN_OFFER_MAX);
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_version_emit(&w, &h->to, &h->from, &offer);
    CHECK(tern_writer_ok(&w) && w.n <= datagram.n);
    CHECK(tern_version_parse(tern_written(&w), &again) && memcmp(&offer, &again, sizeof offer) == 0);
    if (w.n == datagram.n) check_same(&w, datagram); /* nothing was left out */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t out[128];
    tern_header h;
    int drop = tern_header_parse(tern_bytes_of(data, size), &h);
    CHECK(drop == TERN_DROP_NONE || drop == TERN_DROP_SHORT || drop == TERN_DROP_TYPE || drop == TERN_DROP_VERSION);
    if (drop != TERN_DROP_NONE) return 0;
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    if (h.type == TERN_PACKET_RESET) {
        tern_reset_emit(&w, &h.to, h.token);
        CHECK(size == TERN_RESET_SIZE);
        check_same(&w, tern_bytes_of(data, size));
        return 0;
    }
    if (h.type == TERN_PACKET_VERSION) {
        check_version(tern_bytes_of(data, size), &h);
        return 0;
    }
    tern_header_emit(&w, &h, h.first & 15);
    CHECK(h.pn_offset == tern_header_size(h.type));
    check_same(&w, tern_bytes_of(data, h.pn_offset));
    tern_reader r = tern_reader_of(tern_bytes_of(data + h.pn_offset, size - h.pn_offset));
    uint32_t truncated = tern_read_u32(&r);
    CHECK(r.left >= TERN_TAG_SIZE);
    check_frames(tern_bytes_of(r.p, r.left - TERN_TAG_SIZE));
    tern_reader end = tern_reader_of(tern_bytes_of(data + size - 8, 8));
    check_number(tern_read_u64(&end), truncated);
    return 0;
}
