/* SPDX-License-Identifier: MIT */
/* Owners fill frames: what goes into a packet, in order of importance (spec: wire 3, transfer). */
#include "connection/internal.h"

/* Room for frame data behind an overhead, at most what a record can name; 0 when not even a byte fits. */
static size_t room_for(const tern_out *o, size_t overhead)
{
    size_t left = tern_writer_left(o->w);
    if (left <= overhead || !tern_sent_packet_has_room(o->record)) return 0;
    return left - overhead < UINT16_MAX ? left - overhead : UINT16_MAX;
}

/* The n bytes that an emitter just left for us to fill. */
static uint8_t *gap(const tern_out *o, size_t n)
{
    return o->w->start + o->w->n - n;
}

static tern_bytes gap_of(tern_range range)
{
    return (tern_bytes){ NULL, (size_t)(range.to - range.from) };
}

static void record(tern_out *o, uint32_t channel, tern_range range, uint16_t flags)
{
    bool kept = tern_sent_packet_add(o->record, channel, range.from, (uint16_t)(range.to - range.from), flags);
    tern_assert(kept);
    (void)kept;
    o->record->eliciting = true;
}

void tern_out_ack(tern_out *o)
{
    tern_ack_tracker *t = &o->c->acks;
    uint64_t round_trip_ns = o->c->recovery.rtt.smoothed_ns;
    if (!tern_frame_allowed(TERN_F_ACK, o->type)) return;
    if (!tern_ack_tracker_wants(t, o->host->now, round_trip_ns)) return;
    tern_frame_ack f = { .largest = t->largest,
                         .ranges = tern_ranges_top(&t->seen, o->host->pool),
                         .marks = t->ect0 + t->ect1 + t->ce > 0,
                         .ect0 = t->ect0,
                         .ect1 = t->ect1,
                         .ce = t->ce };
    uint64_t delay_us = (o->host->now - t->largest_at) / 1000;
    f.delay_us = delay_us < UINT32_MAX ? (uint32_t)delay_us : UINT32_MAX;
    tern_frame_emit_ack(o->w, &f);
    o->record->largest_acked = f.largest;
    tern_ack_tracker_sent(t, o->host->now);
}

/* A SYN carries CLIENT_HELLO, whole, each time. */
static void put_hello(tern_out *o)
{
    const tern_crypto_page *crypto = tern_crypto(o->c, o->host);
    tern_range hello = { 0, tern_hs(o->c, o->host)->hello_bytes };
    if (!o->c->syn_owed) return;
    tern_frame_emit_crypto(o->w, &(tern_frame_crypto){ 0, gap_of(hello) });
    tern_send_buffer_copy(&crypto->out, o->host->pool, hello, gap(o, (size_t)hello.to));
    o->record->carried |= TERN_CARRIED_SYN;
    o->record->eliciting = true;
    o->c->syn_owed = false;
}

static void put_crypto(tern_out *o)
{
    tern_crypto_page *crypto = tern_crypto(o->c, o->host);
    size_t room;
    if (!tern_frame_allowed(TERN_F_CRYPTO, o->type)) return;
    while (crypto != NULL && (room = room_for(o, TERN_CRYPTO_OVERHEAD)) > 0) {
        tern_range range = tern_send_buffer_next(&crypto->out, o->host->pool, UINT64_MAX, room);
        if (range.from == range.to) return;
        tern_frame_emit_crypto(o->w, &(tern_frame_crypto){ (uint32_t)range.from, gap_of(range) });
        tern_send_buffer_copy(&crypto->out, o->host->pool, range, gap(o, (size_t)(range.to - range.from)));
        tern_send_buffer_sent(&crypto->out, o->host->pool, range);
        record(o, TERN_CHANNEL_CRYPTO, range, 0);
    }
}

/* In front of the data that it is asked for. */
static void put_ack_frequency(tern_out *o)
{
    tern_frequency *f = &o->c->frequency;
    if (tern_writer_left(o->w) < TERN_ACK_FREQUENCY_FRAME || !tern_frequency_ask(f, &o->c->recovery)) return;
    tern_frame_emit_ack_frequency(
        o->w, &(tern_frame_ack_frequency){ f->sequence - 1, f->packets, f->reordering, f->delay_us });
    o->record->carried |= TERN_CARRIED_ACK_FREQUENCY;
    o->record->eliciting = true;
}

static void put_messages_limit(tern_out *o)
{
    if (!tern_messages_limit_owed(&o->c->messages) || tern_writer_left(o->w) < TERN_TLV_HEADER + 8) return;
    tern_frame_emit_max(o->w, TERN_F_MAX_MESSAGES,
                        &(tern_frame_max){ 0, tern_messages_limit(&o->c->messages, &o->tuning) });
    o->record->carried |= TERN_CARRIED_MAX_MESSAGES;
    o->record->eliciting = true;
}

static void put_messages(tern_out *o)
{
    tern_messages *m = &o->c->messages;
    tern_range range;
    size_t room;
    while ((room = room_for(o, TERN_FRAGMENT_OVERHEAD)) > 0 && tern_messages_give(m, o->host->pool, room, &range)) {
        tern_frame_emit_fragment(o->w, &(tern_frame_fragment){ range.from, gap_of(range) });
        tern_send_buffer_copy(&m->out, o->host->pool, range, gap(o, (size_t)(range.to - range.from)));
        record(o, TERN_CHANNEL_MESSAGES, range, 0);
    }
}

static void put_stream_data(tern_out *o, const tern_give *g)
{
    tern_stream *st = tern_streams_find(&o->c->streams, o->host->pool, g->stream);
    tern_frame_emit_stream(o->w, &(tern_frame_stream){ g->stream, g->fin, g->range.from, gap_of(g->range) });
    size_t n = (size_t)(g->range.to - g->range.from);
    if (n > 0) tern_send_buffer_copy(&st->out, o->host->pool, g->range, gap(o, n));
    record(o, g->stream, g->range, g->fin ? TERN_RANGE_FIN : 0);
}

static void put_gift(tern_out *o, const tern_give *g)
{
    const tern_range none = { 0, 0 };
    const tern_frame_max max = { g->stream, g->value };
    switch (g->kind) {
    case TERN_GIVE_DATA: put_stream_data(o, g); return;
    case TERN_GIVE_RESET:
        tern_frame_emit_reset_stream(o->w, &(tern_frame_reset_stream){ g->stream, g->code, g->value });
        record(o, g->stream, none, TERN_RANGE_RESET);
        return;
    case TERN_GIVE_STOP:
        tern_frame_emit_stop_sending(o->w, &(tern_frame_stop_sending){ g->stream, g->code });
        record(o, g->stream, none, TERN_RANGE_STOP);
        return;
    case TERN_GIVE_MAX_STREAM_DATA:
        tern_frame_emit_max(o->w, TERN_F_MAX_STREAM_DATA, &max);
        record(o, g->stream, none, TERN_RANGE_MAX_STREAM_DATA);
        return;
    case TERN_GIVE_MAX_DATA:
        tern_frame_emit_max(o->w, TERN_F_MAX_DATA, &max);
        o->record->carried |= TERN_CARRIED_MAX_DATA;
        break;
    case TERN_GIVE_MAX_STREAMS:
        tern_frame_emit_max(o->w, TERN_F_MAX_STREAMS, &max);
        o->record->carried |= TERN_CARRIED_MAX_STREAMS;
        break;
    case TERN_GIVE_MAX_STREAMS_UNI:
        tern_frame_emit_max(o->w, TERN_F_MAX_STREAMS_UNI, &max);
        o->record->carried |= TERN_CARRIED_MAX_STREAMS_UNI;
        break;
    case TERN_GIVE_NONE: return;
    }
    o->record->eliciting = true;
}

static void put_unordered_limit(tern_out *o)
{
    tern_unordered_in *u = &o->c->unordered_in;
    if (!tern_unordered_limit_owed(u) || tern_writer_left(o->w) < TERN_TLV_HEADER + 8) return;
    tern_frame_emit_max(o->w, TERN_F_MAX_UNORDERED, &(tern_frame_max){ 0, tern_recv_credit_tell(&u->credit) });
    o->record->carried |= TERN_CARRIED_MAX_UNORDERED;
    o->record->eliciting = true;
}

static void put_unordered_gift(tern_out *o, const tern_unordered_gift *g)
{
    if (g->abandoned) {
        tern_frame_emit_abandoned(o->w, &(tern_frame_abandoned){ g->id, g->size });
        record(o, TERN_CHANNEL_UNORDERED, g->place, TERN_RANGE_RESET);
        return;
    }
    tern_range bytes = g->size > 0 ? g->place : (tern_range){ 0, 0 };
    tern_frame_emit_message(o->w, &(tern_frame_message){ g->id, g->size, g->offset, gap_of(bytes) });
    size_t n = (size_t)(bytes.to - bytes.from);
    if (n > 0) tern_unordered_copy(&o->c->unordered_out, o->host->pool, bytes, gap(o, n));
    record(o, TERN_CHANNEL_UNORDERED, g->place, 0);
}

static void put_unordered(tern_out *o, uint8_t urgency)
{
    tern_unordered_out *u = &o->c->unordered_out;
    tern_unordered_gift g;
    size_t room;
    while (u->page != 0 && (room = room_for(o, TERN_MESSAGE_OVERHEAD)) > 0 &&
           tern_unordered_give(u, o->host->pool, o->host->now, urgency, room, &g))
        put_unordered_gift(o, &g);
}

size_t tern_connection_datagram_room(tern_connection *c)
{
    const size_t around = tern_header_size(TERN_PACKET_DATA) + TERN_PN_SIZE + TERN_TAG_SIZE + TERN_DATAGRAM_OVERHEAD;
    return tern_recovery_datagram(&c->recovery) - around;
}

static void put_datagrams(tern_out *o)
{
    tern_datagrams *d = &o->c->datagrams;
    if (!tern_datagrams_want(d, o->host->pool)) return;
    size_t size, most = tern_connection_datagram_room(o->c);
    while (tern_datagrams_next(d, o->host->pool, o->host->now, most, &size) &&
           tern_writer_left(o->w) >= size + TERN_DATAGRAM_OVERHEAD) {
        tern_frame_emit_datagram(o->w, tern_bytes_of(NULL, size));
        tern_datagrams_give(d, o->host->pool, gap(o, size));
        o->record->eliciting = true;
    }
}

static void put_streams(tern_out *o, uint8_t urgencies)
{
    size_t room;
    while ((room = room_for(o, TERN_STREAM_OVERHEAD)) > 0) {
        tern_give g = tern_streams_give(&o->c->streams, o->host->pool, room, urgencies, &o->tuning);
        if (g.kind == TERN_GIVE_NONE) return;
        put_gift(o, &g);
    }
}

static void put_new_ids(tern_out *o)
{
    tern_own_id *own;
    while (room_for(o, TERN_NEW_ID_FRAME) > 0 && (own = tern_ids_to_tell(&o->c->ids)) != NULL) {
        tern_frame_new_connection_id f = { .sequence = own->sequence, .id = own->id };
        tern_reset_token(o->host->reset_secret, &own->id, f.token);
        tern_frame_emit_new_connection_id(o->w, &f);
        record(o, TERN_CHANNEL_IDS, (tern_range){ own->sequence, own->sequence }, TERN_RANGE_NEW_ID);
    }
}

static void put_retired_ids(tern_out *o)
{
    uint32_t sequence;
    while (room_for(o, TERN_RETIRE_ID_FRAME) > 0 && tern_ids_to_retire(&o->c->ids, &sequence)) {
        tern_frame_emit_retire_connection_id(o->w, &(tern_frame_retire_connection_id){ sequence });
        record(o, TERN_CHANNEL_IDS, (tern_range){ sequence, sequence }, TERN_RANGE_RETIRE_ID);
    }
}

/* A probe, or a sign of life, needs something that is acknowledged (REC-018, CONN-020). */
static void put_keep_alive(tern_out *o)
{
    tern_connection *c = o->c;
    bool probing = c->recovery.probes > 0 && !o->record->eliciting;
    if (!tern_frame_allowed(TERN_F_KEEP_ALIVE, o->type) || tern_writer_left(o->w) < TERN_TLV_HEADER) return;
    if (!probing && !c->keep_alive_owed) return;
    if (!o->record->eliciting) {
        tern_frame_emit_keep_alive(o->w);
        o->record->carried |= TERN_CARRIED_KEEP_ALIVE;
        o->record->eliciting = true;
    }
    c->keep_alive_owed = false;
}

_Static_assert(TERN_STREAM_OVERHEAD <= TERN_MESSAGE_OVERHEAD, "where no STREAM fits, no MESSAGE does");

/*= XFER-031 */
static void put_by_urgency(tern_out *o)
{
    for (uint8_t u = 0; u < TERN_URGENCIES; u++) {
        if (u == TERN_URGENCY_DATAGRAMS) put_datagrams(o);
        if (u == TERN_URGENCY_MESSAGES) put_messages(o);
        put_unordered(o, u);
        if (!tern_streams_have_data(&o->c->streams, u)) continue;
        put_streams(o, (uint8_t)(u + 1));
        if (u >= TERN_URGENCY_MESSAGES && room_for(o, TERN_STREAM_OVERHEAD) == 0) break;
    }
    tern_connection_unordered_freed(o->c, o->host);
}

/* A frame that nobody knows, in what a client says before it is confirmed and that is acknowledged anyway. */
static void put_grease(tern_out *o)
{
    const uint8_t *chance = o->c->local.b; /* drawn for this connection */
    size_t n = chance[1] % TERN_CID_SIZE;
    if (!o->c->is_client || !o->record->eliciting || tern_writer_left(o->w) < TERN_TLV_HEADER + n) return;
    /*= WIRE-073 */
    size_t place = tern_tlv_open(o->w, (uint16_t)(0xba00 | chance[0]));
    tern_write_bytes(o->w, tern_bytes_of(chance, n));
    tern_tlv_close(o->w, place);
}

/* Whether a packet of this type may carry what is the application's: DATA leaves for that alone before the peer is
 * proven. */
static bool speaks(const tern_connection *c, tern_packet_type type)
{
    return c->proven || type == TERN_PACKET_EARLY || type == TERN_PACKET_DATA;
}

void tern_out_data(tern_out *o)
{
    if (o->type == TERN_PACKET_SYN) {
        put_hello(o);
        put_grease(o);
        return;
    }
    put_crypto(o);
    if (o->type == TERN_PACKET_DATA) put_ack_frequency(o);
    /*= HS-030 HS-050 */
    if (speaks(o->c, o->type)) {
        put_messages_limit(o);
        put_unordered_limit(o);
        if (tern_streams_have_control(&o->c->streams)) put_streams(o, 0);
        put_by_urgency(o);
    }
    if (o->type == TERN_PACKET_DATA) {
        tern_out_ticket(o);
        put_retired_ids(o);
        put_new_ids(o);
    }
    put_keep_alive(o);
    if (o->type == TERN_PACKET_ACK) put_grease(o);
}

bool tern_connection_wants_data(const tern_connection *c, const tern_host *host, tern_packet_type type)
{
    const tern_crypto_page *crypto = tern_crypto(c, host);
    if (type == TERN_PACKET_SYN) return c->syn_owed || c->recovery.probes > 0;
    if (c->recovery.probes > 0 || c->keep_alive_owed) return true;
    if (type == TERN_PACKET_DATA && tern_ids_owed(&c->ids)) return true;
    if (type == TERN_PACKET_DATA && tern_tickets_owed(c, host->pool)) return true;
    if (crypto != NULL && tern_frame_allowed(TERN_F_CRYPTO, type)) {
        tern_range range = tern_send_buffer_next(&crypto->out, host->pool, UINT64_MAX, 1);
        if (range.from != range.to) return true;
    }
    return speaks(c, type) && (tern_messages_want(&c->messages, host->pool) || tern_messages_limit_owed(&c->messages) ||
                               tern_streams_want(&c->streams) || tern_datagrams_want(&c->datagrams, host->pool) ||
                               tern_unordered_want(&c->unordered_out, host->pool, host->now) ||
                               tern_unordered_limit_owed(&c->unordered_in));
}
