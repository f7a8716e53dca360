/* SPDX-License-Identifier: MIT */
/* The world around relay and clients. */
#include "world.h"

#include "endpoint/endpoint.h"

static const char *const nicks[1 + WORLD_CLIENTS] = { "", "ann", "bob", "cyd", "dan", "eve", "fay", "gus", "hal" };
static char key_pem[512];
static size_t key_pem_n;

tern_relay_config world_relay_config(void)
{
    tern_relay_config config;
    const uint8_t seed[TERN_SEED_SIZE] = { 'k', 'e', 'y' };
    assert_int_equal(tern_key_new(seed, (tern_buf){ (uint8_t *)key_pem, sizeof key_pem }, &key_pem_n), TERN_OK);
    tern_relay_config_default(&config);
    config.seed[0] = 1;
    config.key_pem = tern_bytes_of(key_pem, key_pem_n);
    config.unix_seconds_at_0 = WORLD_EPOCH;
    config.transport.max_message = 1u << 17;
    config.transport.message_window = 1u << 18;
    config.history_bytes = 1u << 18;
    config.transport.pages = 1024;
    config.max_connections = WORLD_CLIENTS;
    config.max_rooms = 2;
    config.max_members = 4;
    return config;
}

tern_client_config world_client_config(const world *w, uint32_t client)
{
    tern_client_config config;
    tern_client_config_default(&config);
    config.seed[0] = 2;
    config.seed[1] = (uint8_t)client;
    config.path.local = (tern_addr){ .family = 4, .ip = { 10, 0, 0, (uint8_t)client }, .port = 40000 };
    config.path.remote = (tern_addr){ .family = 4, .ip = { 10, 0, 0, 100 }, .port = TERN_DEFAULT_PORT };
    config.trust.proof = TERN_PROOF_PIN;
    memcpy(config.trust.pin, w->fingerprint, sizeof config.trust.pin);
    config.unix_seconds_at_0 = WORLD_EPOCH;
    config.transport.max_message = 1u << 17;
    config.transport.message_window = 1u << 18;
    config.transport.pages = 512;
    return config;
}

static void check_guard(const world_end *end)
{
    for (size_t k = 0; k < WORLD_GUARD; k++) assert_int_equal(end->memory[end->n + k], 0xc3);
}

static void lend(world_end *end, size_t n)
{
    assert_true(n > 0);
    end->n = n;
    end->memory = malloc(n + WORLD_GUARD);
    assert_non_null(end->memory);
    memset(end->memory, 0xc3, n + WORLD_GUARD);
}

world *world_new(const tern_relay_config *config)
{
    const char *why = "";
    tern_relay_config usual = world_relay_config();
    if (config == NULL) config = &usual;
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->wire = calloc(WORLD_WIRE, sizeof *w->wire);
    assert_non_null(w->wire);
    w->now = TERN_SECOND;
    assert_int_equal(tern_key_pem_fingerprint(config->key_pem, w->fingerprint), TERN_OK);
    lend(&w->end[0], tern_relay_footprint(config));
    assert_int_equal(tern_relay_init(w->end[0].memory, config, w->now, &w->end[0].node, &why), TERN_OK);
    assert_null(why);
    return w;
}

uint32_t world_add(world *w, const tern_client_config *config)
{
    uint32_t client = ++w->clients;
    assert_true(client <= WORLD_CLIENTS);
    tern_client_config usual = world_client_config(w, client);
    if (config == NULL) config = &usual;
    world_end *end = &w->end[client];
    end->path = config->path;
    lend(end, tern_client_footprint(config));
    assert_int_equal(tern_client_init(end->memory, config, w->now, &end->node), TERN_OK);
    return client;
}

void world_replace(world *w, uint32_t client, uint8_t seed)
{
    tern_client_config config = world_client_config(w, client);
    world_end *end = &w->end[client];
    check_guard(end);
    free(end->memory);
    *end = (world_end){ .path = config.path };
    config.seed[2] = seed;
    lend(end, tern_client_footprint(&config));
    assert_int_equal(tern_client_init(end->memory, &config, w->now, &end->node), TERN_OK);
}

world *world_with_members(const tern_relay_config *config, uint32_t members, const char *room)
{
    world *w = world_new(config);
    for (uint32_t i = 1; i <= members; i++) {
        assert_int_equal(world_add(w, NULL), i);
        assert_int_equal(tern_client_join(w->end[i].node, room, nicks[i]), TERN_OK);
        world_run(w, TERN_SECOND);
        assert_non_null(strstr(world_log(w, i), "joined"));
    }
    world_forget_logs(w);
    return w;
}

void world_free(world *w)
{
    for (uint32_t i = 0; i <= w->clients; i++) {
        check_guard(&w->end[i]);
        free(w->end[i].memory);
    }
    for (size_t i = 0; i < w->on_wire; i++) free(w->wire[i].bytes);
    free(w->wire);
    free(w);
}

/* ---- what ends are told ---- */

__attribute__((format(printf, 2, 3))) static void note(world_end *end, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(end->log + end->log_n, WORLD_LOG - end->log_n, format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < WORLD_LOG - end->log_n);
    end->log_n += (size_t)n;
}

static uint8_t body_byte(size_t i)
{
    return (uint8_t)(i * 31 + (i >> 8));
}

tern_bytes world_body(size_t n)
{
    static uint8_t body[WORLD_BODY_MAX];
    assert_true(n <= sizeof body);
    for (size_t i = 0; i < n; i++) body[i] = body_byte(i);
    return tern_bytes_of(body, n);
}

/* Reads the body, in two goes when it is long. */
static void note_message(world_end *end, const tern_event *event)
{
    static uint8_t body[WORLD_BODY_MAX];
    size_t n = tern_client_read(end->node, (tern_buf){ body, 1000 });
    n += tern_client_read(end->node, (tern_buf){ body + n, sizeof body - n });
    assert_int_equal(n, event->u.message.size);
    assert_int_equal(tern_client_read(end->node, (tern_buf){ body, 1 }), 0);
    note(end, "message %u %s ", (unsigned)event->u.message.number, event->u.message.sender.nick);
    if (n <= 40) {
        note(end, "%.*s\n", (int)n, (const char *)body);
        return;
    }
    for (size_t i = 0; i < n; i++) assert_int_equal(body[i], body_byte(i));
    note(end, "%u bytes\n", (unsigned)n);
}

static void note_presence(world_end *end, const tern_event *event, const char *word)
{
    note(end, "%s", word);
    if (event->u.presence.number != 0) note(end, " %u", (unsigned)event->u.presence.number);
    note(end, " %s", event->u.presence.who.nick);
    if (event->u.presence.why != 0) note(end, " why %u", event->u.presence.why);
    note(end, "\n");
}

static void note_event(world *w, uint32_t i, const tern_event *event)
{
    world_end *end = &w->end[i];
    w->told[event->type]++;
    switch (event->type) {
    case TERN_EVENT_CONNECTED:
        end->connected = *event;
        if (i == 0) w->peer[event->u.connected.remote.ip[3]] = event->peer;
        break; /* tests of rooms need not see it */
    case TERN_EVENT_CLOSED:
        if (i != 0 && !event->u.closed.by_peer && event->u.closed.error == TERN_PROTOCOL_VIOLATION) w->faults++;
        note(end, "closed %s\n", tern_error_name((tern_error)event->u.closed.error));
        break;
    case TERN_EVENT_JOINED:
        if (i == 0)
            note(end, "joined %s %s\n", event->u.joined.room, event->u.joined.who.nick);
        else
            note(end, "joined %u next %u count %u\n", event->u.joined.who.id, (unsigned)event->u.joined.next,
                 event->u.joined.count);
        break;
    case TERN_EVENT_REFUSED: note(end, "refused %u\n", event->u.refused.code); break;
    case TERN_EVENT_PRESENT: note_presence(end, event, "present"); break;
    case TERN_EVENT_ARRIVED: note_presence(end, event, "arrived"); break;
    case TERN_EVENT_LEFT: note_presence(end, event, "left"); break;
    case TERN_EVENT_MESSAGE: note_message(end, event); break;
    case TERN_EVENT_MISSED:
        note(end, "missed %u to %u\n", (unsigned)event->u.missed.first, (unsigned)event->u.missed.last);
        break;
    case TERN_EVENT_STREAM_OPENED:
    case TERN_EVENT_STREAM_READABLE:
    case TERN_EVENT_STREAM_WRITABLE:
    case TERN_EVENT_STREAM_RESET:
    case TERN_EVENT_STREAM_STOPPED: note(end, "stream %u\n", event->u.stream.id); break;
    case TERN_EVENT_PEER_MESSAGE:
    case TERN_EVENT_DATAGRAM:
    case TERN_EVENT_PEER_WRITABLE:
    case TERN_EVENT_SECRET: break; /* nobody here sends or asks for them */
    case TERN_EVENT_TICKET: end->ticket = *event; break;
    }
}

const char *world_log(const world *w, uint32_t end)
{
    return w->end[end].log;
}

void world_forget_logs(world *w)
{
    for (uint32_t i = 0; i <= w->clients; i++) {
        w->end[i].log_n = 0;
        w->end[i].log[0] = 0;
    }
}

void world_expect(world *w, uint32_t end, const char *lines)
{
    assert_string_equal(w->end[end].log, lines);
    w->end[end].log_n = 0;
    w->end[end].log[0] = 0;
}

/* ---- the wire ---- */

/* Clients are known by the last byte of their address; all they say goes to the relay. */
static uint32_t receiver(const world *w, uint32_t from, const tern_addr *remote)
{
    if (from != 0) return 0;
    assert_true(remote->ip[3] >= 1 && remote->ip[3] <= w->clients);
    return remote->ip[3];
}

static void put(world *w, uint32_t from, const tern_addr *remote, const uint8_t *bytes, size_t n)
{
    uint32_t to = receiver(w, from, remote);
    for (size_t i = 0; i < n; i++) w->digest = (w->digest ^ bytes[i]) * UINT64_C(0x100000001b3);
    w->sent++;
    if (w->end[from].cut || w->end[to].cut) return;
    if (w->loss_percent > 0 && random_below(&w->random, 100) < w->loss_percent) return;
    assert_true(w->on_wire < WORLD_WIRE);
    world_datagram *d = &w->wire[w->on_wire++];
    *d = (world_datagram){ w->now + WORLD_DELAY, from, to, n, malloc(n) };
    assert_non_null(d->bytes);
    memcpy(d->bytes, bytes, n);
}

static void send_all(world *w, uint32_t i)
{
    static uint8_t out[TERN_DATAGRAM_MAX];
    for (;;) {
        tern_batch b = tern_node_send(w->end[i].node, w->now, (tern_buf){ out, sizeof out });
        if (b.count == 0) return;
        for (size_t at = 0; at < b.total; at += b.segment)
            put(w, i, &b.path.remote, out + at, b.total - at < b.segment ? b.total - at : b.segment);
    }
}

void world_settle(world *w)
{
    tern_event event;
    for (uint32_t i = 0; i <= w->clients; i++) {
        while (!w->end[i].asleep && tern_node_poll(w->end[i].node, &event)) note_event(w, i, &event);
        send_all(w, i);
    }
}

static tern_time next_time(const world *w)
{
    tern_time next = TERN_TIME_NEVER;
    if (w->on_wire > 0) next = w->wire[0].at; /* one delay for all: first in, first out */
    for (uint32_t i = 0; i <= w->clients; i++) {
        tern_time at = tern_node_next_timeout(w->end[i].node);
        if (at < next) next = at;
    }
    return next;
}

static void deliver(world *w)
{
    size_t n = 0;
    while (n < w->on_wire && w->wire[n].at <= w->now) {
        world_datagram *d = &w->wire[n++];
        const tern_path *path = &w->end[d->from == 0 ? d->to : d->from].path;
        tern_path seen = d->from == 0 ? *path : (tern_path){ path->remote, path->local };
        (void)tern_node_recv(w->end[d->to].node, w->now, &seen, (tern_buf){ d->bytes, d->n }, TERN_ECN_NOT_ECT);
        free(d->bytes);
    }
    w->on_wire -= n;
    memmove(w->wire, w->wire + n, w->on_wire * sizeof *w->wire);
}

void world_run(world *w, uint64_t ns)
{
    tern_time until = w->now + ns;
    for (;;) {
        world_settle(w);
        tern_time next = next_time(w);
        if (next > until) break;
        if (next > w->now) w->now = next;
        for (uint32_t i = 0; i <= w->clients; i++)
            if (tern_node_next_timeout(w->end[i].node) <= w->now) tern_node_on_timeout(w->end[i].node, w->now);
        deliver(w);
    }
    w->now = until;
}

/* ---- what ends say ---- */

int world_publish(world *w, uint32_t client, const char *text)
{
    return tern_client_publish(w->end[client].node, text_bytes(text));
}

int world_say_to_relay(world *w, uint32_t client, tern_bytes message)
{
    return tern_endpoint_message_send((tern_endpoint *)w->end[client].node, 0, &message, 1);
}

int world_say_to_client(world *w, uint32_t client, tern_bytes message)
{
    return tern_endpoint_message_send((tern_endpoint *)w->end[0].node, w->peer[client], &message, 1);
}
