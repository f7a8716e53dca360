/* SPDX-License-Identifier: MIT */
/* The frame table: which packet may carry a frame, whether it asks for an acknowledgement, who takes it (spec: wire 3).
 */
#include "connection/internal.h"

typedef int (*frame_fn)(tern_connection *c, const tern_host *host, tern_bytes value);

static int on_nothing(tern_connection *c, const tern_host *host, tern_bytes value)
{
    (void)c, (void)host, (void)value;
    return TERN_OK;
}

static int on_keep_alive(tern_connection *c, const tern_host *host, tern_bytes value)
{
    (void)c, (void)host;
    return (int)tern_frame_parse_empty(value);
}

static int take_ack(tern_connection *c, const tern_host *host, const tern_frame_ack *f)
{
    tern_settle_owner owner = { .c = c, .host = host };
    const tern_mark_counts counts = { f->ect0, f->ect1, f->ce };
    uint64_t delay = f->delay_us * UINT64_C(1000);
    uint64_t most = c->peer_params.max_ack_delay_ms * TERN_MS;
    /*= REC-010 */
    if (c->confirmed && delay > most) delay = most;
    tern_error error = tern_recovery_on_ack(&c->recovery, host->pool, host->now, f->ranges, delay,
                                            !c->blocked_by_network, tern_connection_settled, &owner);
    tern_connection_settle_end(&owner);
    if (error != TERN_OK) return (int)error;
    tern_recovery_on_marks(&c->recovery, host->now, f->marks ? &counts : NULL);
    return (int)tern_phases_on_ack(c, host, f->ranges.at[f->ranges.n - 1].to - 1);
}

static int on_ack(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_ack f;
    tern_range storage[TERN_ACK_RANGES_MAX];
    if (tern_frame_parse_ack(value, storage, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return take_ack(c, host, &f);
}

static int on_ack_ecn(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_ack f;
    tern_range storage[TERN_ACK_RANGES_MAX];
    if (tern_frame_parse_ack_ecn(value, storage, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return take_ack(c, host, &f);
}

static int on_ack_frequency(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_ack_frequency f;
    (void)host;
    if (tern_frame_parse_ack_frequency(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    tern_ack_tracker_ask(&c->acks, f.sequence, f.packets, f.reordering, f.delay_us);
    return TERN_OK;
}

static int on_crypto(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_crypto f;
    if (tern_frame_parse_crypto(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_connection_on_crypto(c, host, f.offset, f.bytes);
}

static int on_fragment(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_fragment f;
    if (tern_frame_parse_fragment(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    if (!tern_connection_may_receive(c, host, &c->messages.in, f.position)) return TERN_E_NO_MEMORY;
    return tern_messages_on_fragment(&c->messages, host->pool, f.position, f.bytes);
}

/* The streams, for a frame that may open some. */
static tern_streams *streams_of(tern_connection *c, const tern_host *host)
{
    c->streams.may_open = tern_connection_may_take(c, host);
    return &c->streams;
}

static int on_stream(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_stream f;
    if (tern_frame_parse_stream(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    const tern_stream *st = tern_streams_find(&c->streams, host->pool, f.stream);
    bool may =
        st != NULL ? tern_connection_may_receive(c, host, &st->in, f.offset) : tern_connection_may_hold(c, host, false);
    if (!may) return TERN_E_NO_MEMORY;
    tern_streams *streams = st != NULL ? &c->streams : streams_of(c, host);
    return tern_streams_on_stream(streams, host->pool, f.stream, f.offset, f.bytes, f.fin);
}

static int on_reset_stream(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_reset_stream f;
    if (tern_frame_parse_reset_stream(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_streams_on_reset(streams_of(c, host), host->pool, f.stream, f.code, f.final);
}

static int on_stop_sending(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_stop_sending f;
    if (tern_frame_parse_stop_sending(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_streams_on_stop(streams_of(c, host), host->pool, f.stream, f.code);
}

static int on_max_data(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_max f;
    if (tern_frame_parse_max(TERN_F_MAX_DATA, value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    tern_streams_on_max_data(&c->streams, host->pool, f.limit);
    return TERN_OK;
}

static int on_max_stream_data(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_max f;
    if (tern_frame_parse_max(TERN_F_MAX_STREAM_DATA, value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_streams_on_max_stream_data(streams_of(c, host), host->pool, f.stream, f.limit);
}

static int on_max_streams(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_max f;
    (void)host;
    if (tern_frame_parse_max(TERN_F_MAX_STREAMS, value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    tern_streams_on_max_streams(&c->streams, false, (uint32_t)f.limit);
    return TERN_OK;
}

static int on_max_streams_uni(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_max f;
    (void)host;
    if (tern_frame_parse_max(TERN_F_MAX_STREAMS_UNI, value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    tern_streams_on_max_streams(&c->streams, true, (uint32_t)f.limit);
    return TERN_OK;
}

static int on_max_messages(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_max f;
    (void)host;
    if (tern_frame_parse_max(TERN_F_MAX_MESSAGES, value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    tern_messages_on_max(&c->messages, f.limit);
    return TERN_OK;
}

static int on_path_challenge(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_path f;
    if (tern_frame_parse_path(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_paths_on_challenge(c, host, &f);
}

static int on_path_response(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_path f;
    if (tern_frame_parse_path(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_paths_on_response(c, host, &f);
}

static int on_new_connection_id(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_new_connection_id f;
    (void)host;
    if (tern_frame_parse_new_connection_id(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_ids_on_new(&c->ids, &f);
}

static int on_retire_connection_id(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_retire_connection_id f;
    if (tern_frame_parse_retire_connection_id(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_ids_on_retire(&c->ids, host->drbg, f.sequence);
}

static int on_datagram(tern_connection *c, const tern_host *host, tern_bytes value)
{
    return tern_datagrams_on_datagram(&c->datagrams, host->pool, value);
}

static int on_message(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_message f;
    if (tern_frame_parse_message(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    if (!tern_connection_may_hold(c, host, f.id == c->unordered_in.floor)) return TERN_E_NO_MEMORY;
    return tern_unordered_on_message(&c->unordered_in, host->pool, f.id, f.size, f.offset, f.bytes);
}

static int on_abandoned(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_abandoned f;
    if (tern_frame_parse_abandoned(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_unordered_on_abandoned(&c->unordered_in, host->pool, f.id, f.size);
}

static int on_max_unordered(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_max f;
    (void)host;
    if (tern_frame_parse_max(TERN_F_MAX_UNORDERED, value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    tern_send_credit_raise(&c->unordered_out.credit, f.limit);
    return TERN_OK;
}

static int on_close(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_close f;
    if (tern_frame_parse_close(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    tern_connection_on_close(c, host, &f);
    return TERN_OK;
}

static int on_new_ticket(tern_connection *c, const tern_host *host, tern_bytes value)
{
    tern_frame_new_ticket f;
    if (tern_frame_parse_new_ticket(value, &f) != TERN_OK) return TERN_FRAME_ENCODING_ERROR;
    return tern_tickets_on_new(c, host, &f);
}

#define SYN     (1 << TERN_PACKET_SYN)
#define SYN_ACK (1 << TERN_PACKET_SYN_ACK)
#define EARLY   (1 << TERN_PACKET_EARLY)
#define ACK     (1 << TERN_PACKET_ACK)
#define DATA    (1 << TERN_PACKET_DATA)

typedef struct {
    uint16_t packets;
    bool eliciting;   /* asks for an acknowledgement (REC-004) */
    bool application; /* only once the peer is proven (HS-031) */
    bool probing;     /* moves no connection (CONN-040; RFC 9000 section 9.1) */
    frame_fn handler;
} frame_row;

/* clang-format off */
static const frame_row table[] = {
    /*                                carried by                  eliciting application probing handler */
    [TERN_F_FRAGMENT]             = { EARLY | ACK | DATA,         true,     true,       false,  on_fragment },
    [TERN_F_KEEP_ALIVE]           = { SYN_ACK | EARLY | ACK | DATA, true,     false,      false,  on_keep_alive },
    [TERN_F_PADDING]              = { SYN | SYN_ACK | EARLY | ACK | DATA, false, false, true,   on_nothing },
    [TERN_F_ACK]                  = { SYN_ACK | ACK | DATA,       false,    false,      false,  on_ack },
    [TERN_F_CRYPTO]               = { SYN | SYN_ACK | ACK,        true,     false,      false,  on_crypto },
    [TERN_F_STREAM]               = { EARLY | ACK | DATA,         true,     true,       false,  on_stream },
    [TERN_F_RESET_STREAM]         = { EARLY | ACK | DATA,         true,     true,       false,  on_reset_stream },
    [TERN_F_STOP_SENDING]         = { EARLY | ACK | DATA,         true,     true,       false,  on_stop_sending },
    [TERN_F_MAX_DATA]             = { EARLY | ACK | DATA,         true,     true,       false,  on_max_data },
    [TERN_F_MAX_STREAM_DATA]      = { EARLY | ACK | DATA,         true,     true,       false,  on_max_stream_data },
    [TERN_F_MAX_STREAMS]          = { EARLY | ACK | DATA,         true,     true,       false,  on_max_streams },
    [TERN_F_MAX_MESSAGES]         = { EARLY | ACK | DATA,         true,     true,       false,  on_max_messages },
    [TERN_F_CLOSE]                = { SYN_ACK | ACK | DATA,       false,    false,      false,  on_close },
    [TERN_F_ACK_ECN]              = { SYN_ACK | ACK | DATA,       false,    false,      false,  on_ack_ecn },
    [TERN_F_PATH_CHALLENGE]       = { DATA,                       true,     true,       true,   on_path_challenge },
    [TERN_F_PATH_RESPONSE]        = { DATA,                       true,     true,       true,   on_path_response },
    [TERN_F_NEW_CONNECTION_ID]    = { DATA,                       true,     true,       true,   on_new_connection_id },
    [TERN_F_RETIRE_CONNECTION_ID] = { DATA,                       true,     true,       false,  on_retire_connection_id },
    [TERN_F_DATAGRAM]             = { EARLY | ACK | DATA,         true,     true,       false,  on_datagram },
    [TERN_F_MESSAGE]              = { EARLY | ACK | DATA,         true,     true,       false,  on_message },
    [TERN_F_MESSAGE_ABANDONED]    = { EARLY | ACK | DATA,         true,     true,       false,  on_abandoned },
    [TERN_F_MAX_UNORDERED]        = { EARLY | ACK | DATA,         true,     true,       false,  on_max_unordered },
    [TERN_F_MAX_STREAMS_UNI]      = { EARLY | ACK | DATA,         true,     true,       false,  on_max_streams_uni },
    [TERN_F_ACK_FREQUENCY]        = { DATA,                       true,     true,       false,  on_ack_frequency },
    [TERN_F_NEW_TICKET]           = { DATA,                       true,     true,       false,  on_new_ticket },
};
/* clang-format on */

static const frame_row *row_of(uint16_t type)
{
    if (type >= sizeof table / sizeof table[0] || table[type].handler == NULL) return NULL;
    return &table[type];
}

bool tern_frame_allowed(uint16_t frame, tern_packet_type type)
{
    const frame_row *row = row_of(frame);
    return row != NULL && (row->packets & 1 << type) != 0;
}

static int on_frame(tern_connection *c, const tern_host *host, tern_packet_type type, const tern_tlv *tlv,
                    bool *eliciting, bool *moves)
{
    const frame_row *row = row_of(tlv->type);
    *moves |= row == NULL || !row->probing;
    if (row == NULL) {
        /*= REC-004 */
        *eliciting = true; /* it is neither ACK nor PADDING nor CLOSE, and its sender waits for an acknowledgement */
        /*= WIRE-020 WIRE-021 */
        return tlv->type & TERN_TLV_IGNORABLE ? TERN_OK : TERN_FRAME_ENCODING_ERROR;
    }
    /*= WIRE-022 */
    if ((row->packets & 1 << type) == 0) return TERN_PROTOCOL_VIOLATION;
    /*= HS-031 HS-050 */
    if (row->application && !c->proven && type != TERN_PACKET_EARLY) return TERN_FRAMES_EARLY;
    /*= REC-004 */
    *eliciting |= row->eliciting;
    return row->handler(c, host, tlv->value);
}

int tern_connection_on_frames(tern_connection *c, const tern_host *host, tern_packet_type type, tern_bytes payload,
                              bool *eliciting, bool *moves)
{
    tern_reader r = tern_reader_of(payload);
    tern_tlv tlv;
    /*= WIRE-020 */
    if (payload.n == 0) return TERN_FRAME_ENCODING_ERROR;
    while (tern_connection_is_open(c) && tern_tlv_next(&r, &tlv)) {
        int result = on_frame(c, host, type, &tlv, eliciting, moves);
        if (result != TERN_OK) return result;
    }
    return tern_reader_ok(&r) ? TERN_OK : TERN_FRAME_ENCODING_ERROR;
}
