/* SPDX-License-Identifier: MIT */
/* The wire between two endpoints. */
#include "pair.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t seeds[2][TERN_SEED_SIZE] = { { 1, 'r' }, { 2, 'c' } };

pair_options pair_defaults(void)
{
    return (pair_options){
        .limits = { .stream_window = 1 << 20,
                    .connection_window = 2 << 20,
                    .message_window = (1 << 20) + 4,
                    .stream_keep = 1 << 20,
                    .message_keep = 1 << 20,
                    .max_message = 1 << 20,
                    .max_streams = 4,
                    .idle_timeout_ms = 30000,
                    .max_datagram = 1200 }, /* what is larger is asked for */
        .pages = 4096,
        .max_connections = 8,
    };
}

static uint64_t at_first(const tern_limits *l, uint64_t window)
{
    return l->start_window > 0 && l->start_window < window ? l->start_window : window;
}

static tern_params params_of(const tern_limits *l)
{
    tern_params p = tern_params_absent();
    p.idle_timeout_ms = l->idle_timeout_ms;
    p.max_datagram = l->max_datagram;
    p.max_data = at_first(l, l->connection_window);
    p.max_stream_data = at_first(l, l->stream_window);
    p.max_streams = l->max_streams;
    p.max_messages = at_first(l, l->message_window);
    p.max_message = l->max_message;
    p.max_streams_uni = l->max_streams_uni;
    p.max_unordered = l->unordered_window;
    p.max_datagram_frame = l->max_datagram_frame;
    return p;
}

static tern_endpoint *new_end(pair *p, const pair_options *options, bool is_client)
{
    tern_endpoint_config config = { .is_client = is_client,
                                    .max_connections = is_client ? 1 : options->max_connections,
                                    .pages =
                                        is_client && options->client_pages > 0 ? options->client_pages : options->pages,
                                    .unix_seconds_at_0 = 1767225600,
                                    .retry_above = TERN_RETRY_ABOVE,
                                    .max_per_origin = options->max_connections,
                                    .tickets = is_client ? (tern_tickets_config){ 0 } : options->tickets,
                                    .limits = options->limits };
    size_t head = (sizeof(tern_endpoint) + 15) & ~(size_t)15;
    tern_endpoint *ep = malloc(head + tern_endpoint_area(&config));
    assert_non_null(ep);
    tern_endpoint_init(ep, head, &config, seeds[is_client]);
    ep->handshake =
        (tern_handshake_config){ .is_client = is_client,
                                 .suites = { options->suite != 0 ? options->suite : TERN_SUITE_AES_256_GCM },
                                 .suites_n = 1,
                                 .params = params_of(&options->limits),
                                 .trust = is_client ? TERN_TRUST_PIN : 0,
                                 .identity = is_client ? NULL : &p->identity };
    tern_key_fingerprint(&p->identity.public_key, ep->handshake.pin);
    return ep;
}

static tern_addr address(uint8_t last, uint16_t port)
{
    return (tern_addr){ .family = 4, .ip = { 127, 0, 0, last }, .port = port };
}

pair *pair_new(const pair_options *options)
{
    pair_options defaults = pair_defaults();
    if (options == NULL) options = &defaults;
    pair *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->now = TERN_SECOND;
    p->options = *options;
    p->path[PAIR_TO_RELAY] = (tern_path){ address(1, 8376), address(2, 40000) };
    p->path[PAIR_TO_CLIENT] = (tern_path){ address(2, 40000), address(1, 8376) };
    tern_identity_generate(&p->identity, (const uint8_t[32]){ 7 });
    p->end[PAIR_TO_RELAY] = new_end(p, options, false);
    p->end[PAIR_TO_CLIENT] = new_end(p, options, true);
    p->connect_result = tern_endpoint_connect(p->end[PAIR_TO_CLIENT], p->now, &p->path[PAIR_TO_CLIENT]);
    assert_true(p->connect_result == TERN_OK || options->may_refuse);
    return p;
}

void pair_newcomer(pair *p)
{
    free(p->end[PAIR_TO_CLIENT]);
    p->end[PAIR_TO_CLIENT] = new_end(p, &p->options, true);
    p->path[PAIR_TO_RELAY].remote.port++;
    p->path[PAIR_TO_CLIENT].local.port++;
    p->fate = NULL;
    assert_int_equal(tern_endpoint_connect(p->end[PAIR_TO_CLIENT], p->now, &p->path[PAIR_TO_CLIENT]), TERN_OK);
}

static tern_endpoint *foreign(pair *p, uint8_t n)
{
    tern_endpoint *model = p->end[PAIR_TO_CLIENT];
    tern_endpoint_config config = model->config;
    size_t head = (sizeof(tern_endpoint) + 15) & ~(size_t)15;
    tern_endpoint *ep = malloc(head + tern_endpoint_area(&config));
    uint8_t seed[TERN_SEED_SIZE] = { 99, n };
    assert_non_null(ep);
    tern_endpoint_init(ep, head, &config, seed);
    ep->handshake = model->handshake;
    assert_int_equal(tern_endpoint_connect(ep, p->now, &p->path[PAIR_TO_CLIENT]), TERN_OK);
    return ep;
}

size_t pair_foreign_syn(pair *p, uint8_t n, uint8_t out[2048])
{
    tern_endpoint *ep = foreign(p, n);
    tern_batch b = tern_endpoint_send(ep, p->now, (tern_buf){ out, 2048 });
    free(ep);
    return b.total;
}

int pair_foreign_comes(pair *p, uint8_t n)
{
    uint8_t out[2048];
    const tern_buf room = { out, sizeof out };
    tern_endpoint *ep = foreign(p, n);
    tern_batch b = tern_endpoint_send(ep, p->now, room);
    int drop = pair_inject(p, PAIR_TO_RELAY, out, b.total);
    if (drop == TERN_DROP_RETRY) {
        b = tern_endpoint_send(p->end[PAIR_TO_RELAY], p->now, room);
        const tern_buf retry = { out, b.total };
        assert_int_equal(tern_endpoint_recv(ep, p->now, &p->path[PAIR_TO_CLIENT], retry, p->mark), TERN_DROP_NONE);
        b = tern_endpoint_send(ep, p->now, room);
        drop = pair_inject(p, PAIR_TO_RELAY, out, b.total);
    }
    free(ep);
    return drop;
}

void pair_free(pair *p)
{
    for (size_t i = 0; i < p->on_wire; i++) free(p->wire[i].bytes);
    free(p->end[0]);
    free(p->end[1]);
    free(p);
}

static void put_on_wire(pair *p, pair_way way, tern_ecn mark, const uint8_t *bytes, size_t n)
{
    uint8_t copy[TERN_DATAGRAM_MAX];
    size_t size = n;
    if (p->congested && mark == TERN_ECN_ECT0) mark = TERN_ECN_CE;
    memcpy(copy, bytes, n);
    int copies = p->fate == NULL ? 1 : p->fate(p, way, p->sent[way], copy, &size);
    p->sent[way]++;
    p->sent_bytes[way] += n;
    for (; copies > 0; copies--) {
        assert_true(p->on_wire < PAIR_WIRE_MAX);
        pair_datagram *d = &p->wire[p->on_wire++];
        *d = (pair_datagram){ p->now + PAIR_DELAY, p->order++, way, mark, size, malloc(size + 1) };
        assert_non_null(d->bytes);
        memcpy(d->bytes, copy, size);
    }
}

static void take_events(pair *p, pair_way at)
{
    tern_endpoint *ep = p->end[at];
    tern_event event;
    while (tern_endpoint_poll(ep, &event)) {
        if (p->events_n[at] < PAIR_EVENTS_MAX) p->events[at][p->events_n[at]++] = event;
        bool other = event.type == TERN_EVENT_PEER_MESSAGE || event.type == TERN_EVENT_DATAGRAM;
        if (event.type != TERN_EVENT_MESSAGE && !other) continue;
        tern_buf rest = { p->messages + p->messages_n, sizeof p->messages - p->messages_n };
        size_t n = other ? tern_peer_message_read(&ep->node, rest) : tern_endpoint_message_read(ep, rest);
        assert_int_equal(n, other ? event.u.peer_message.size : event.u.message.size);
        p->messages_n += n;
        p->messages_count++;
    }
}

static void flush(pair *p)
{
    static uint8_t out[65536];
    for (int at = 0; at < 2; at++) {
        take_events(p, (pair_way)at);
        for (;;) {
            tern_batch b = tern_endpoint_send(p->end[at], p->now, (tern_buf){ out, sizeof out });
            p->to = b.path.remote;
            if (b.count == 0) break;
            for (size_t i = 0; i < b.total; i += b.segment)
                put_on_wire(p, (pair_way)!at, b.ecn, out + i, b.total - i < b.segment ? b.total - i : b.segment);
        }
    }
}

static void give(pair *p, pair_way to, uint8_t *bytes, size_t n)
{
    int drop = tern_endpoint_recv(p->end[to], p->now, &p->path[to], (tern_buf){ bytes, n }, p->mark);
    p->last_drop[to] = drop;
    p->dropped[to][drop]++;
}

static size_t next_datagram(const pair *p)
{
    size_t best = 0;
    for (size_t i = 1; i < p->on_wire; i++) {
        const pair_datagram *a = &p->wire[i], *b = &p->wire[best];
        if (a->at < b->at || (a->at == b->at && a->order < b->order)) best = i;
    }
    return best;
}

static bool step(pair *p, tern_time until)
{
    flush(p);
    tern_time next = TERN_TIME_NEVER;
    size_t d = next_datagram(p);
    if (p->on_wire > 0) next = p->wire[d].at;
    for (int at = 0; at < 2; at++) {
        tern_time t = tern_endpoint_next_timeout(p->end[at]);
        if (t < next) next = t;
    }
    if (next > until) return false;
    if (next > p->now) p->now = next;
    if (p->on_wire > 0 && p->wire[d].at <= p->now) {
        pair_datagram taken = p->wire[d];
        p->wire[d] = p->wire[--p->on_wire];
        p->mark = taken.mark;
        give(p, taken.way, taken.bytes, taken.n);
        p->mark = TERN_ECN_NOT_ECT;
        free(taken.bytes);
    }
    for (int at = 0; at < 2; at++)
        if (tern_endpoint_next_timeout(p->end[at]) <= p->now) tern_endpoint_on_timeout(p->end[at], p->now);
    return true;
}

void pair_run(pair *p, tern_time until)
{
    for (int steps = 0; step(p, until); steps++) assert_true(steps < 1000000);
    p->now = until;
}

pair *pair_established(const pair_options *options)
{
    pair *p = pair_new(options);
    pair_run(p, p->now + 200 * TERN_MS);
    assert_true(pair_client(p)->confirmed);
    assert_true(pair_relay(p)->confirmed);
    return p;
}

tern_connection *pair_client(pair *p)
{
    return &tern_endpoint_slot(p->end[PAIR_TO_CLIENT], 0)->connection;
}

tern_connection *pair_relay(pair *p)
{
    tern_slot *s = tern_endpoint_slot(p->end[PAIR_TO_RELAY], 0);
    return s->used ? &s->connection : NULL;
}

tern_peer pair_relay_peer(pair *p)
{
    return tern_slot_peer(p->end[PAIR_TO_RELAY], 0);
}

const tern_event *pair_event(const pair *p, pair_way to, tern_event_type type)
{
    for (size_t i = 0; i < p->events_n[to]; i++)
        if (p->events[to][i].type == type) return &p->events[to][i];
    return NULL;
}

int pair_message(pair *p, pair_way to, const void *bytes, size_t n)
{
    tern_endpoint *from = p->end[!to];
    tern_bytes part = tern_bytes_of(bytes, n);
    return tern_endpoint_message_send(from, to == PAIR_TO_RELAY ? 0 : pair_relay_peer(p), &part, 1);
}

int pair_inject(pair *p, pair_way to, const void *bytes, size_t n)
{
    uint8_t copy[TERN_DATAGRAM_MAX];
    memcpy(copy, bytes, n);
    give(p, to, copy, n);
    return p->last_drop[to];
}

int pair_frames(pair *p, pair_way to, tern_packet_type type, const void *frames, size_t n)
{
    uint8_t packet[2048];
    tern_connection *c = to == PAIR_TO_RELAY ? pair_client(p) : pair_relay(p);
    tern_host host = tern_endpoint_host(p->end[!to], p->now);
    const tern_packet_keys *keys = type == TERN_PACKET_DATA ? &c->send_keys : &tern_hs(c, &host)->send_keys;
    tern_header h = { .type = type, .version = TERN_VERSION, .to = *tern_ids_current(&c->ids), .from = c->local };
    if (type == TERN_PACKET_SYN_ACK) h.hello = tern_hs(c, &host)->handshake.hello;
    tern_writer w = tern_writer_of((tern_buf){ packet, sizeof packet - TERN_TAG_SIZE });
    tern_header_emit(&w, &h, type == TERN_PACKET_DATA ? tern_phases_flag(&c->phases) : 0);
    uint64_t pn = c->recovery.sent.next_pn;
    assert_non_null(tern_sent_open(&c->recovery.sent, host.pool));
    tern_sent_commit(&c->recovery.sent);
    tern_recovery_on_sent(&c->recovery, host.pool, p->now, pn, true);
    tern_write_u32(&w, (uint32_t)pn);
    tern_write_bytes(&w, tern_bytes_of(frames, n));
    assert_true(tern_writer_ok(&w));
    size_t size = tern_packet_seal(keys, pn, packet, tern_header_size(type), w.n);
    give(p, to, packet, size);
    return p->last_drop[to];
}

tern_packet_keys pair_next_keys(pair *p, pair_way to)
{
    const tern_connection *c = to == PAIR_TO_RELAY ? pair_client(p) : pair_relay(p);
    tern_packet_keys keys = c->send_keys;
    tern_phase_keys(&keys.aead, c->suite, c->phases.send_secret);
    return keys;
}

int pair_keep_alive(pair *p, pair_way to, const tern_packet_keys *keys, uint8_t flags, uint64_t pn)
{
    static const uint8_t frame[] = { 0, TERN_F_KEEP_ALIVE, 0, 0 };
    uint8_t packet[64];
    tern_connection *c = to == PAIR_TO_RELAY ? pair_client(p) : pair_relay(p);
    tern_header h = { .type = TERN_PACKET_DATA, .to = *tern_ids_current(&c->ids) };
    tern_writer w = tern_writer_of((tern_buf){ packet, sizeof packet - TERN_TAG_SIZE });
    tern_header_emit(&w, &h, flags);
    tern_write_u32(&w, (uint32_t)pn);
    tern_write_bytes(&w, tern_bytes_of(frame, sizeof frame));
    return pair_inject(p, to, packet, tern_packet_seal(keys, pn, packet, tern_header_size(TERN_PACKET_DATA), w.n));
}

void pair_open_syn(uint8_t *syn, size_t size, tern_syn *out)
{
    tern_header h;
    assert_int_equal(tern_header_parse(tern_bytes_of(syn, size), &h), TERN_DROP_NONE);
    assert_int_equal(tern_connection_open_syn(&h, (tern_buf){ syn, size }, out), TERN_DROP_NONE);
}

void pair_say_syn(uint8_t *out, size_t size, const tern_syn *syn, tern_bytes message)
{
    tern_packet_keys keys;
    uint8_t packet[TERN_DATAGRAM_MAX];
    tern_writer w = tern_writer_of((tern_buf){ packet, size - TERN_TAG_SIZE });
    tern_header_emit(&w, &syn->header, 0);
    tern_write_u32(&w, (uint32_t)syn->pn);
    tern_frame_emit_crypto(&w, &(tern_frame_crypto){ 0, message });
    if (tern_writer_left(&w) >= TERN_TLV_HEADER) tern_frame_emit_padding(&w, tern_writer_left(&w));
    tern_packet_keys_syn(&keys, &syn->header.to);
    assert_true(tern_writer_ok(&w));
    memcpy(out, packet, tern_packet_seal(&keys, syn->pn, packet, syn->header.pn_offset, w.n));
}

void pair_reword_syn(uint8_t *syn, size_t size, void (*change)(tern_client_hello *hello))
{
    tern_syn read;
    uint8_t message[TERN_CLIENT_HELLO_MAX];
    tern_writer m = tern_writer_of((tern_buf){ message, sizeof message });
    pair_open_syn(syn, size, &read);
    if (change == NULL) {
        tern_write_bytes(&m, read.message);
    } else {
        change(&read.hello);
        tern_client_hello_emit(&m, &read.hello);
    }
    assert_true(tern_writer_ok(&m));
    pair_say_syn(syn, size, &read, tern_written(&m));
}
