/* SPDX-License-Identifier: MIT */
/* Frames: bytes <-> structs, nothing else (spec: wire 3). What may travel where is the frame table's
 * (connection/frames.c). */
#ifndef TERN_WIRE_FRAME_H
#define TERN_WIRE_FRAME_H

#include "base/error.h"
#include "base/ranges.h"
#include "wire/packet.h"
#include "wire/tlv.h"

typedef enum {
    TERN_F_FRAGMENT = 0x0001,
    TERN_F_KEEP_ALIVE = 0x0009,
    TERN_F_PADDING = 0x0020,
    TERN_F_ACK = 0x0021,
    TERN_F_CRYPTO = 0x0022,
    TERN_F_STREAM = 0x0023,
    TERN_F_RESET_STREAM = 0x0024,
    TERN_F_STOP_SENDING = 0x0025,
    TERN_F_MAX_DATA = 0x0026,
    TERN_F_MAX_STREAM_DATA = 0x0027,
    TERN_F_MAX_STREAMS = 0x0028,
    TERN_F_MAX_MESSAGES = 0x0029,
    TERN_F_CLOSE = 0x002a,
    TERN_F_ACK_ECN = 0x002b,
    TERN_F_PATH_CHALLENGE = 0x002c,
    TERN_F_PATH_RESPONSE = 0x002d,
    TERN_F_NEW_CONNECTION_ID = 0x002e,
    TERN_F_RETIRE_CONNECTION_ID = 0x002f,
    TERN_F_DATAGRAM = 0x0030,
    TERN_F_MESSAGE = 0x0031,
    TERN_F_MESSAGE_ABANDONED = 0x0032,
    TERN_F_MAX_UNORDERED = 0x0033,
    TERN_F_MAX_STREAMS_UNI = 0x0034,
    TERN_F_ACK_FREQUENCY = 0x0038,
    TERN_F_NEW_TICKET = 0x003a
} tern_frame_type;

#define TERN_OFFSET_MAX       (UINT64_C(1) << 62) /* WIRE-024 */
#define TERN_CLOSE_REASON_MAX 256
#define TERN_STREAM_FIN       0x01
#define TERN_CHALLENGE_SIZE   8
#define TERN_ACK_RANGES_MAX   64 /* REC-002 */

typedef struct {
    uint64_t position; /* in the message space (spec: transfer 2) */
    tern_bytes bytes;
} tern_frame_fragment;

typedef struct {
    uint64_t largest;
    uint32_t delay_us;
    tern_range_list ranges; /* of acknowledged numbers; at least one, the highest ends with largest */
    bool marks;             /* ACK_ECN: how many packets came with each mark */
    uint64_t ect0, ect1, ce;
} tern_frame_ack;

typedef struct {
    uint32_t offset;
    tern_bytes bytes;
} tern_frame_crypto;

typedef struct {
    uint32_t stream;
    bool fin;
    uint64_t offset;
    tern_bytes bytes;
} tern_frame_stream;

typedef struct {
    uint32_t stream;
    uint16_t code;
    uint64_t final;
} tern_frame_reset_stream;

typedef struct {
    uint32_t stream;
    uint16_t code;
} tern_frame_stop_sending;

typedef struct {
    uint32_t stream; /* in MAX_STREAM_DATA */
    uint64_t limit;
} tern_frame_max; /* MAX_DATA, MAX_STREAM_DATA, MAX_STREAMS, MAX_STREAMS_UNI, MAX_MESSAGES, MAX_UNORDERED */

typedef struct {
    uint16_t code;
    tern_bytes reason;
} tern_frame_close;

typedef struct {
    uint8_t data[TERN_CHALLENGE_SIZE];
} tern_frame_path; /* PATH_CHALLENGE, PATH_RESPONSE */

typedef struct {
    uint32_t sequence, retire_prior_to;
    tern_cid id;
    uint8_t token[TERN_TOKEN_SIZE];
} tern_frame_new_connection_id;

typedef struct {
    uint32_t sequence;
} tern_frame_retire_connection_id;

typedef struct {
    uint32_t sequence;
    uint16_t packets;    /* ack-eliciting ones for an ACK; not 0 */
    uint16_t reordering; /* 0: a gap asks for no ACK; else how far above it a number does */
    uint32_t delay_us;
} tern_frame_ack_frequency;

#define TERN_TICKET_MAX          256 /* bytes of a ticket (HS-040) */
#define TERN_TICKET_NONCE        8
#define TERN_TICKET_LIFETIME_MAX 604800 /* seconds: seven days (HS-040) */

typedef struct {
    uint32_t lifetime_s;
    uint8_t nonce[TERN_TICKET_NONCE];
    uint32_t max_early; /* bytes of early data; 0: none is taken */
    tern_bytes ticket;
} tern_frame_new_ticket;

typedef struct {
    uint64_t id;
    uint32_t size, offset; /* of the message; of the bytes in it */
    tern_bytes bytes;
} tern_frame_message;

typedef struct {
    uint64_t id;
    uint32_t size;
} tern_frame_abandoned;

/* Each parser reads one frame's value: TERN_OK or TERN_FRAME_ENCODING_ERROR. Views point into value. */
tern_error tern_frame_parse_fragment(tern_bytes value, tern_frame_fragment *out);
/* Of more than TERN_ACK_RANGES_MAX ranges the highest; they stand in storage. */
tern_error tern_frame_parse_ack(tern_bytes value, tern_range storage[TERN_ACK_RANGES_MAX], tern_frame_ack *out);
tern_error tern_frame_parse_ack_ecn(tern_bytes value, tern_range storage[TERN_ACK_RANGES_MAX], tern_frame_ack *out);
tern_error tern_frame_parse_crypto(tern_bytes value, tern_frame_crypto *out);
tern_error tern_frame_parse_stream(tern_bytes value, tern_frame_stream *out);
tern_error tern_frame_parse_reset_stream(tern_bytes value, tern_frame_reset_stream *out);
tern_error tern_frame_parse_stop_sending(tern_bytes value, tern_frame_stop_sending *out);
tern_error tern_frame_parse_max(tern_frame_type type, tern_bytes value, tern_frame_max *out);
tern_error tern_frame_parse_close(tern_bytes value, tern_frame_close *out);
tern_error tern_frame_parse_message(tern_bytes value, tern_frame_message *out);
tern_error tern_frame_parse_abandoned(tern_bytes value, tern_frame_abandoned *out);
tern_error tern_frame_parse_empty(tern_bytes value);
tern_error tern_frame_parse_path(tern_bytes value, tern_frame_path *out);
tern_error tern_frame_parse_new_connection_id(tern_bytes value, tern_frame_new_connection_id *out);
tern_error tern_frame_parse_retire_connection_id(tern_bytes value, tern_frame_retire_connection_id *out);
tern_error tern_frame_parse_ack_frequency(tern_bytes value, tern_frame_ack_frequency *out);
tern_error tern_frame_parse_new_ticket(tern_bytes value, tern_frame_new_ticket *out);

/* Each emitter writes one whole frame or fails the writer. */
void tern_frame_emit_fragment(tern_writer *w, const tern_frame_fragment *f);
/* As many ranges, from the highest, as fit w, at most TERN_ACK_RANGES_MAX. */
void tern_frame_emit_ack(tern_writer *w, const tern_frame_ack *f);
void tern_frame_emit_crypto(tern_writer *w, const tern_frame_crypto *f);
void tern_frame_emit_stream(tern_writer *w, const tern_frame_stream *f);
void tern_frame_emit_reset_stream(tern_writer *w, const tern_frame_reset_stream *f);
void tern_frame_emit_stop_sending(tern_writer *w, const tern_frame_stop_sending *f);
void tern_frame_emit_max(tern_writer *w, tern_frame_type type, const tern_frame_max *f);
void tern_frame_emit_close(tern_writer *w, const tern_frame_close *f);
void tern_frame_emit_message(tern_writer *w, const tern_frame_message *f);
void tern_frame_emit_abandoned(tern_writer *w, const tern_frame_abandoned *f);
void tern_frame_emit_datagram(tern_writer *w, tern_bytes bytes);
void tern_frame_emit_keep_alive(tern_writer *w);
void tern_frame_emit_path(tern_writer *w, tern_frame_type type, const tern_frame_path *f);
void tern_frame_emit_new_connection_id(tern_writer *w, const tern_frame_new_connection_id *f);
void tern_frame_emit_retire_connection_id(tern_writer *w, const tern_frame_retire_connection_id *f);
void tern_frame_emit_ack_frequency(tern_writer *w, const tern_frame_ack_frequency *f);
void tern_frame_emit_new_ticket(tern_writer *w, const tern_frame_new_ticket *f);
void tern_frame_emit_padding(tern_writer *w, size_t total); /* total bytes with the header; at least 4 */

/* Bytes that a frame takes besides its data. */
#define TERN_FRAGMENT_OVERHEAD (TERN_TLV_HEADER + 8)
#define TERN_STREAM_OVERHEAD   (TERN_TLV_HEADER + 13)
#define TERN_MESSAGE_OVERHEAD  (TERN_TLV_HEADER + 16) /* that of MESSAGE_ABANDONED, whole, is no more */
#define TERN_DATAGRAM_OVERHEAD TERN_TLV_HEADER
#define TERN_CRYPTO_OVERHEAD   (TERN_TLV_HEADER + 4)
/* Bytes of a whole frame. */
#define TERN_NEW_ID_FRAME        (TERN_TLV_HEADER + 8 + TERN_CID_SIZE + TERN_TOKEN_SIZE)
#define TERN_RETIRE_ID_FRAME     (TERN_TLV_HEADER + 4)
#define TERN_ACK_FREQUENCY_FRAME (TERN_TLV_HEADER + 12)
#define TERN_NEW_TICKET_FRAME    (TERN_TLV_HEADER + 8 + TERN_TICKET_NONCE + TERN_TICKET_MAX) /* at most */

#endif
