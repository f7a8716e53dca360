/* SPDX-License-Identifier: MIT */
/* tern-bench core-...: a relay and a client in one thread without sockets. What the core costs by itself, one core. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "pair.h"
#include "posix/say.h"

#define WARM_UP      5 /* a fifth of the work is done before the clock runs */
#define PIECE        65536
#define FEWEST_PAGES 64

/* ---- bulk: a client's stream to the relay */

typedef struct {
    uint64_t size, written, read, warm_at;
    double begun; /* CPU seconds when warm_at was reached */
    bool done;
    uint8_t piece[PIECE];
} bulk;

static void read_bulk(bench_pair *p, const tern_event *event)
{
    bulk *b = p->context;
    size_t n = 0;
    bool fin = false;
    if (event->type != TERN_EVENT_STREAM_OPENED && event->type != TERN_EVENT_STREAM_READABLE) return;
    while (tern_peer_stream_read(p->relay.node, event->peer, event->u.stream.id, (tern_buf){ b->piece, PIECE }, &n,
                                 &fin) == TERN_OK &&
           n > 0) {
        if (b->read < b->warm_at && b->read + n >= b->warm_at) b->begun = bench_cpu_seconds();
        b->read += n;
    }
    if (b->read == b->size) b->done = true;
}

static void write_bulk(bench_pair *p, bulk *b, uint32_t id)
{
    size_t taken = 1;
    while (b->written < b->size && taken > 0) {
        uint64_t left = b->size - b->written;
        taken = 0;
        (void)tern_peer_stream_write(p->client.node, 0, id, tern_bytes_of(b->piece, left < PIECE ? left : PIECE),
                                     &taken);
        b->written += taken;
    }
}

int bench_core_bulk(const bench_options *options)
{
    static bench_pair p;
    static bulk b;
    uint32_t id = 0;
    bench_pair_open(&p, options);
    b.size = options->bytes;
    b.warm_at = b.size / WARM_UP;
    p.context = &b;
    p.relay.event = read_bulk;
    bench_pair_connect(&p, 0);
    if (!bench_pair_until(&p, &p.connected) || tern_peer_stream_open(p.client.node, 0, TERN_BOTH_WAYS, &id) != TERN_OK)
        return 1;
    tern_time end = p.now + 600 * TERN_SECOND;
    while (!b.done && p.now < end) {
        write_bulk(&p, &b, id);
        bench_pair_turn(&p);
    }
    double spent = bench_cpu_seconds() - b.begun;
    if (!b.done) tern_say("only %llu bytes arrived", (unsigned long long)b.read);
    bench_pair_close(&p);
    return b.done ? bench_tell(p.delivered, b.size - b.warm_at, spent, spent) : 1;
}

/* ---- messages: to the relay, none of which waits for another */

typedef struct {
    uint64_t sent, heard, wanted, warm_at;
    double begun;
    bool done;
    uint8_t body[65536];
} mail;

static void take_mail(bench_pair *p, const tern_event *event)
{
    mail *m = p->context;
    if (event->type != TERN_EVENT_PEER_MESSAGE) return;
    (void)tern_peer_message_read(p->relay.node, (tern_buf){ m->body, sizeof m->body });
    if (++m->heard == m->warm_at) m->begun = bench_cpu_seconds();
    if (m->heard == m->wanted) m->done = true;
}

static void send_mail(bench_pair *p, mail *m, size_t size)
{
    static const tern_message_options usual = { 0 };
    tern_bytes body = tern_bytes_of(m->body, size);
    while (m->sent < m->wanted && tern_peer_message_send(p->client.node, p->now, 0, &usual, &body, 1) == TERN_OK)
        m->sent++;
}

int bench_core_messages(const bench_options *options)
{
    static bench_pair p;
    static mail m;
    bench_pair_open(&p, options);
    m.wanted = options->count;
    m.warm_at = m.wanted / WARM_UP;
    p.context = &m;
    p.relay.event = take_mail;
    bench_pair_connect(&p, 0);
    if (!bench_pair_until(&p, &p.connected)) return 1;
    tern_time end = p.now + 600 * TERN_SECOND;
    while (!m.done && p.now < end) {
        send_mail(&p, &m, options->size);
        bench_pair_turn(&p);
    }
    double spent = bench_cpu_seconds() - m.begun;
    if (!m.done) tern_say("only %llu messages arrived", (unsigned long long)m.heard);
    bench_pair_close(&p);
    return m.done ? bench_tell(m.wanted - m.warm_at, (m.wanted - m.warm_at) * options->size, spent, spent) : 1;
}

/* ---- talk: a client alone in a room, who hears what it says */

typedef struct {
    uint64_t heard, wanted, warm_at;
    double begun;
    bool joined, done;
    uint8_t body[65536];
} talk;

static void hear(bench_pair *p, const tern_event *event)
{
    talk *t = p->context;
    if (event->type == TERN_EVENT_JOINED) t->joined = true;
    if (event->type != TERN_EVENT_MESSAGE) return;
    (void)tern_client_read(p->client.node, (tern_buf){ t->body, sizeof t->body });
    if (++t->heard == t->warm_at) t->begun = bench_cpu_seconds();
    if (t->heard == t->wanted) t->done = true;
}

int bench_core_talk(const bench_options *options)
{
    static bench_pair p;
    static talk t;
    uint64_t said = 0;
    bench_pair_open(&p, options);
    t.wanted = options->count;
    t.warm_at = t.wanted / WARM_UP;
    p.context = &t;
    p.client.event = hear;
    bench_pair_connect(&p, 0);
    if (tern_client_join(p.client.node, "bench", "ann") != TERN_OK || !bench_pair_until(&p, &t.joined)) return 1;
    tern_time end = p.now + 600 * TERN_SECOND;
    while (!t.done && p.now < end) {
        while (said < t.wanted && said - t.heard < 1000 &&
               tern_client_publish(p.client.node, tern_bytes_of(t.body, options->size)) == TERN_OK)
            said++;
        bench_pair_turn(&p);
    }
    double spent = bench_cpu_seconds() - t.begun;
    if (!t.done) tern_say("only %llu messages came back", (unsigned long long)t.heard);
    bench_pair_close(&p);
    return t.done ? bench_tell(t.wanted - t.warm_at, (t.wanted - t.warm_at) * options->size, spent, spent) : 1;
}

/* ---- handshakes: one client after the other */

int bench_core_handshakes(const bench_options *options)
{
    static bench_pair p;
    double begun = 0;
    uint64_t warm_up = options->count / WARM_UP;
    bench_pair_open(&p, options);
    for (uint64_t i = 0; i < options->count; i++) {
        if (i == warm_up) begun = bench_cpu_seconds();
        bench_pair_connect(&p, FEWEST_PAGES);
        if (!bench_pair_until(&p, &p.connected)) return 1;
        tern_peer_close(p.client.node, p.now, 0, TERN_NO_ERROR, "");
        bench_pair_turn(&p);
        p.now += TERN_SECOND; /* the relay forgets the connection */
    }
    double spent = bench_cpu_seconds() - begun;
    bench_pair_close(&p);
    return bench_tell(options->count - warm_up, 0, spent, spent);
}

/* ---- the same, each with the ticket of the one before */

typedef struct {
    uint8_t ticket[TERN_TICKET_SIZE];
    size_t n;
    bool has_ticket, resumed;
} returning;

static void keep_ticket(bench_pair *p, const tern_event *event)
{
    returning *r = p->context;
    if (event->type == TERN_EVENT_CONNECTED) r->resumed = event->u.connected.resumed;
    if (event->type != TERN_EVENT_TICKET) return;
    memcpy(r->ticket, event->u.ticket.bytes, event->u.ticket.n);
    r->n = event->u.ticket.n;
    r->has_ticket = true;
}

static bool come_back(bench_pair *p, returning *r)
{
    p->ticket = tern_bytes_of(r->ticket, r->n);
    r->has_ticket = r->resumed = false;
    bench_pair_connect(p, FEWEST_PAGES);
    if (!bench_pair_until(p, &r->has_ticket)) return false; /* which follows CONNECTED */
    tern_peer_close(p->client.node, p->now, 0, TERN_NO_ERROR, "");
    bench_pair_turn(p);
    p->now += TERN_SECOND;
    return true;
}

int bench_core_resumed(const bench_options *options)
{
    static bench_pair p;
    static returning r;
    double begun = 0;
    uint64_t warm_up = options->count / WARM_UP;
    bench_pair_open(&p, options);
    p.context = &r;
    p.client.event = keep_ticket;
    if (!come_back(&p, &r)) return 1;
    for (uint64_t i = 0; i < options->count; i++) {
        if (i == warm_up) begun = bench_cpu_seconds();
        if (!come_back(&p, &r)) return 1;
        if (!r.resumed) {
            tern_say("a ticket was not taken");
            return 1;
        }
    }
    double spent = bench_cpu_seconds() - begun;
    bench_pair_close(&p);
    return bench_tell(options->count - warm_up, 0, spent, spent);
}

/* ---- memory: what one more connection adds to a relay's block */

int bench_core_memory(const bench_options *options)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 'k' };
    uint8_t pem[512];
    size_t n = 0;
    tern_relay_config config;
    tern_relay_config_default(&config);
    (void)tern_key_new(seed, (tern_buf){ pem, sizeof pem }, &n);
    config.key_pem = tern_bytes_of(pem, n);
    config.max_connections = 1000;
    size_t before = tern_relay_footprint(&config);
    config.max_connections = 1000 + (uint32_t)(options->count < 60000 ? options->count : 60000);
    size_t after = tern_relay_footprint(&config);
    if (before == 0 || after <= before) {
        tern_say("no footprint");
        return 1;
    }
    return bench_tell(config.max_connections - 1000, after - before, 0, 0);
}
