/* SPDX-License-Identifier: MIT */
#include "hall.h"

#include <stdio.h>

#include "crypto/identity.h"

#define DELAY (10 * TERN_MS)

static tern_bytes read_pem(const char *file)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", TERN_FIXTURES, file);
    FILE *f = fopen(path, "rb");
    uint8_t *text = calloc(1, 8192);
    assert_non_null(f);
    assert_non_null(text);
    size_t n = fread(text, 1, 8192, f);
    (void)fclose(f);
    return tern_bytes_of(text, n);
}

tern_bytes hall_pem(const char *file)
{
    static struct {
        const char *file;
        tern_bytes pem;
    } kept[8];
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (kept[i].file == NULL) {
            kept[i].file = file;
            kept[i].pem = read_pem(file);
        }
        if (strcmp(kept[i].file, file) == 0) return kept[i].pem;
    }
    fail();
    return tern_bytes_of(NULL, 0);
}

tern_rsa_private hall_key(const char *file)
{
    tern_identity identity;
    assert_int_equal(tern_identity_key_from_pem(&identity, hall_pem(file)), TERN_IDENTITY_OK);
    return identity.private_key.u.rsa;
}

hall_hand hall_hand_at(uint8_t host)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 9 };
    hall_hand p = { .server = hall_key("server.pem"), .own = hall_key("ada.pem"), .addr = hall_stranger(host, 5007) };
    tern_drbg_init(&p.drbg, seed, tern_bytes_of("hand", 4));
    return p;
}

tern_addr hall_stranger(uint8_t host, uint16_t port)
{
    return (tern_addr){ .family = 4, .ip = { 10, 0, 0, host }, .port = port };
}

tern_dialect_config hall_server_config(tern_dialect dialect)
{
    tern_dialect_config config;
    tern_dialect_config_default(&config, dialect);
    config.seed[0] = 1;
    config.key_pem = hall_pem("server.pem");
    config.cert_pem = hall_pem("server_cert.pem");
    return config;
}

tern_dialect_config hall_client_config(const hall *h, uint32_t client)
{
    tern_dialect_config config;
    static const char *const nicks[] = { "", "ada", "bob", "cyd", "dan" };
    tern_dialect_config_default(&config, h->dialect);
    config.seed[0] = (uint8_t)(1 + client);
    config.key_pem = hall_pem(client % 2 == 1 ? "ada.pem" : "bob.pem");
    config.path.remote = h->end[0].addr;
    config.nick = nicks[client];
    return config;
}

static void add_end(hall *h, uint32_t i, size_t n)
{
    hall_end *e = &h->end[i];
    assert_true(n > 0);
    e->n = n;
    e->memory = calloc(1, n + HALL_GUARD + 16);
    assert_non_null(e->memory);
    memset(e->memory + n, 0x5a, HALL_GUARD);
}

hall *hall_new(tern_dialect dialect, const tern_dialect_config *config)
{
    const char *why;
    hall *h = calloc(1, sizeof *h);
    assert_non_null(h);
    tern_dialect_config own = hall_server_config(dialect);
    if (config == NULL) config = &own;
    h->dialect = dialect;
    h->now = TERN_SECOND;
    h->end[0].addr = hall_stranger(1, 5008);
    add_end(h, 0, tern_dialect_server_footprint(config));
    assert_int_equal(tern_dialect_server_init(h->end[0].memory, config, h->now, &h->end[0].node, &why), TERN_OK);
    return h;
}

uint32_t hall_add(hall *h, const tern_dialect_config *config)
{
    const char *why;
    uint32_t i = ++h->clients;
    assert_true(i <= HALL_CLIENTS);
    tern_dialect_config own = hall_client_config(h, i);
    if (config == NULL) config = &own;
    h->end[i].addr = hall_stranger((uint8_t)(1 + i), (uint16_t)(4000 + i));
    add_end(h, i, tern_dialect_client_footprint(config));
    assert_int_equal(tern_dialect_client_init(h->end[i].memory, config, h->now, &h->end[i].node, &why), TERN_OK);
    return i;
}

hall *hall_with_clients(tern_dialect dialect, uint32_t clients)
{
    hall *h = hall_new(dialect, NULL);
    for (uint32_t i = 1; i <= clients; i++) {
        (void)hall_add(h, NULL);
        hall_run(h, TERN_SECOND);
        hall_expect(h, i, "connected\n");
    }
    return h;
}

void hall_free(hall *h)
{
    for (uint32_t i = 0; i <= h->clients; i++) {
        for (size_t j = 0; j < HALL_GUARD; j++) assert_int_equal(h->end[i].memory[h->end[i].n + j], 0x5a);
        free(h->end[i].memory);
    }
    for (size_t i = 0; i < h->on_wire; i++) free(h->wire[i].bytes);
    free(h->kept.bytes);
    free(h);
}

/* ---- what is told ---- */

static void note(hall_end *e, const char *what, const char *text, size_t n)
{
    int w = snprintf(e->log + e->log_n, HALL_LOG - e->log_n, "%s%.*s\n", what, (int)n, text);
    assert_true(w > 0 && (size_t)w < HALL_LOG - e->log_n);
    e->log_n += (size_t)w;
}

void hall_expect(hall *h, uint32_t end, const char *lines)
{
    assert_string_equal(h->end[end].log, lines);
    h->end[end].log_n = 0;
    h->end[end].log[0] = 0;
}

uint64_t hall_drops(const hall *h, uint32_t end, tern_drop why)
{
    tern_stats stats;
    tern_dialect_stats(h->end[end].node, &stats);
    return stats.drops[why];
}

static void enrol(hall *h, tern_peer peer, tern_peer instead)
{
    for (size_t i = 0; i < sizeof h->member / sizeof h->member[0]; i++) {
        if (h->member[i] != peer) continue;
        h->member[i] = instead;
        return;
    }
    fail();
}

static void tell_others(hall *h, const tern_event *event, tern_bytes text)
{
    for (size_t i = 0; i < sizeof h->member / sizeof h->member[0] && !h->silent; i++)
        if (h->member[i] != 0 && h->member[i] != event->peer)
            (void)tern_dialect_tell(h->end[0].node, h->now, h->member[i], event, text);
}

static void on_server_event(hall *h, const tern_event *event)
{
    static uint8_t text[20000];
    char head[200];
    size_t n = tern_dialect_read(h->end[0].node, (tern_buf){ text, sizeof text });
    if (event->type == TERN_EVENT_MESSAGE) {
        (void)snprintf(head, sizeof head, "%s: ", event->u.message.sender.nick);
        assert_int_equal(n, event->u.message.size);
        note(&h->end[0], head, (const char *)text, n);
    } else {
        const char *nick = event->u.presence.who.nick;
        note(&h->end[0], event->type == TERN_EVENT_ARRIVED ? "+" : "-", nick, strlen(nick));
        if (event->type == TERN_EVENT_ARRIVED)
            enrol(h, 0, event->peer);
        else
            enrol(h, event->peer, 0);
    }
    tell_others(h, event, tern_bytes_of(text, n));
}

static void on_client_event(hall *h, hall_end *e, const tern_event *event)
{
    char text[20000];
    size_t n = tern_dialect_read(e->node, (tern_buf){ (uint8_t *)text, sizeof text });
    (void)h;
    switch ((int)event->type) {
    case TERN_EVENT_CONNECTED: note(e, "connected", "", 0); break;
    case TERN_EVENT_MESSAGE: note(e, "", text, n); break;
    case TERN_EVENT_ARRIVED: note(e, "+", event->u.presence.who.nick, strlen(event->u.presence.who.nick)); break;
    case TERN_EVENT_LEFT: note(e, "-", event->u.presence.who.nick, strlen(event->u.presence.who.nick)); break;
    case TERN_EVENT_CLOSED:
        note(e, "closed ", tern_error_name((tern_error)event->u.closed.error),
             strlen(tern_error_name((tern_error)event->u.closed.error)));
        break;
    default: fail();
    }
}

/* ---- the wire ---- */

static void put_once(hall *h, const hall_datagram *d)
{
    assert_true(h->on_wire < HALL_WIRE);
    hall_datagram *w = &h->wire[h->on_wire++];
    *w = *d;
    w->bytes = malloc(d->n + 1);
    assert_non_null(w->bytes);
    memcpy(w->bytes, d->bytes, d->n);
}

static void put(hall *h, uint32_t from, const tern_path *path, uint8_t *bytes, size_t n)
{
    hall_datagram d = { .at = h->now + DELAY, .from = from, .to = 0, .n = n, .bytes = bytes };
    h->sent++;
    for (uint32_t i = 1; from == 0 && i <= h->clients; i++)
        if (memcmp(&h->end[i].addr, &path->remote, sizeof path->remote) == 0) d.to = i;
    if (from == 0 && d.to == 0) return; /* to a stranger */
    unsigned copies = h->meddle != NULL ? h->meddle(h, &d) : 1;
    for (unsigned i = 0; i < copies; i++) put_once(h, &d);
}

static void settle(hall *h)
{
    static uint8_t out[TERN_DATAGRAM_MAX];
    for (uint32_t i = 0; i <= h->clients; i++) {
        hall_end *e = &h->end[i];
        tern_event event;
        tern_batch b;
        while (tern_node_poll(e->node, &event)) {
            if (i == 0)
                on_server_event(h, &event);
            else
                on_client_event(h, e, &event);
        }
        while ((b = tern_node_send(e->node, h->now, (tern_buf){ out, sizeof out })).count > 0) {
            assert_int_equal(b.count, 1);
            put(h, i, &b.path, out, b.total);
        }
    }
}

int hall_throw(hall *h, const tern_addr *from, tern_bytes bytes)
{
    static uint8_t copy[TERN_DATAGRAM_MAX];
    tern_path path = { .local = h->end[0].addr, .remote = *from };
    memcpy(copy, bytes.p, bytes.n);
    return tern_node_recv(h->end[0].node, h->now, &path, (tern_buf){ copy, bytes.n }, TERN_ECN_NOT_ECT);
}

int hall_answer(hall *h, uint32_t client, tern_bytes bytes)
{
    static uint8_t copy[TERN_DATAGRAM_MAX];
    tern_path path = { .local = h->end[client].addr, .remote = h->end[0].addr };
    memcpy(copy, bytes.p, bytes.n);
    return tern_node_recv(h->end[client].node, h->now, &path, (tern_buf){ copy, bytes.n }, TERN_ECN_NOT_ECT);
}

size_t hall_sent(hall *h, uint8_t out[TERN_DATAGRAM_MAX])
{
    return tern_node_send(h->end[0].node, h->now, (tern_buf){ out, TERN_DATAGRAM_MAX }).total;
}

static void deliver_due(hall *h)
{
    for (size_t i = 0; i < h->on_wire;) {
        hall_datagram d = h->wire[i];
        if (d.at > h->now) {
            i++;
            continue;
        }
        memmove(&h->wire[i], &h->wire[i + 1], (h->on_wire - i - 1) * sizeof d);
        h->on_wire--;
        tern_path path = { .local = h->end[d.to].addr, .remote = h->end[d.from].addr };
        (void)tern_node_recv(h->end[d.to].node, h->now, &path, (tern_buf){ d.bytes, d.n }, TERN_ECN_NOT_ECT);
        free(d.bytes);
        settle(h);
    }
}

static tern_time next_of(const hall *h)
{
    tern_time next = TERN_TIME_NEVER;
    for (size_t i = 0; i < h->on_wire; i++)
        if (h->wire[i].at < next) next = h->wire[i].at;
    for (uint32_t i = 0; i <= h->clients; i++) {
        tern_time t = tern_node_next_timeout(h->end[i].node);
        if (t < next) next = t;
    }
    return next;
}

void hall_run(hall *h, uint64_t ns)
{
    tern_time end = h->now + ns, next;
    settle(h);
    while ((next = next_of(h)) <= end) {
        if (next > h->now) h->now = next;
        for (uint32_t i = 0; i <= h->clients; i++)
            if (tern_node_next_timeout(h->end[i].node) <= h->now) {
                tern_node_on_timeout(h->end[i].node, h->now);
                assert_true(tern_node_next_timeout(h->end[i].node) > h->now);
            }
        settle(h);
        deliver_due(h);
    }
    h->now = end;
}

int hall_say(hall *h, uint32_t client, const char *text)
{
    return tern_dialect_say(h->end[client].node, h->now, tern_bytes_of(text, strlen(text)));
}
