/* SPDX-License-Identifier: MIT */
/* A whole world under the null AEAD: a relay and two clients in one process. The input says what happens to each
 * datagram (it arrives, is lost, comes twice or from elsewhere, is mutated, has its payload replaced), when the clock
 * moves, and what the clients do; its first byte says where it starts and how large datagrams may be. Whatever happens,
 * nothing crashes, no node spins, timers do not go back, and what a client publishes arrives in order. */
#include "fuzz.h"

#include "tern.h"

#define CLIENTS   2
#define NODES     (CLIENTS + 1)
#define WIRE_MAX  64
#define STEPS_MAX 4000
#define ROOM      4096  /* of a datagram, so that another payload fits; larger ones have what they need */
#define BATCH_MAX 65507 /* which the input can choose: then path MTU discovery probes */
#define WIRE_ROOM (WIRE_MAX * ROOM + 2 * BATCH_MAX)

typedef struct {
    uint8_t from, to;
    size_t n, at, room; /* its bytes stand at `at` of the wire's, and may grow */
} datagram;

typedef struct {
    tern_node *node[NODES]; /* 0 is the relay */
    void *memory[NODES];
    size_t size[NODES];
    tern_addr address[NODES];
    uint8_t moved[NODES]; /* how often a NAT has given it another port */
    tern_time now;
    size_t batch; /* bytes of the largest */
    datagram wire[WIRE_MAX];
    size_t on_wire;
    uint8_t bytes[WIRE_ROOM];
    uint64_t last_number[NODES];
    uint8_t ticket[TERN_TICKET_SIZE]; /* the first client's, for who comes back */
    size_t ticket_n;
    int steps;
} world;

static void make_relay(world *w, const char *pem, size_t pem_n)
{
    tern_relay_config c;
    const char *why;
    tern_relay_config_default(&c);
    c.seed[0] = 1;
    c.key_pem = tern_bytes_of(pem, pem_n);
    c.transport.pages = 64;
    c.max_connections = 4;
    c.max_rooms = 2;
    c.max_members = 3;
    c.transport.max_message = 8192;
    c.history_bytes = 32768;
    c.transport.message_window = 16384;
    c.transport.unordered_window = 16384;
    c.transport.max_datagram_frame = 1100;
    c.transport.max_streams_uni = 12;
    c.transport.key_update_packets = 8;
    w->size[0] = tern_relay_footprint(&c);
    w->memory[0] = calloc(1, w->size[0]);
    CHECK(tern_relay_init(w->memory[0], &c, w->now, &w->node[0], &why) == TERN_OK);
}

/* In the place of one that has ended, if there is one; with a ticket it sends early data. */
static void make_client(world *w, int i, const uint8_t *pin)
{
    tern_client_config c;
    tern_client_config_default(&c);
    c.seed[0] = (uint8_t)(10 + i);
    c.path = (tern_path){ w->address[i], w->address[0] };
    c.trust.proof = TERN_PROOF_PIN;
    memcpy(c.trust.pin, pin, sizeof c.trust.pin);
    c.transport.pages = 64;
    c.transport.max_message = 8192;
    c.transport.message_window = 16384;
    c.transport.unordered_window = 16384;
    c.transport.max_datagram_frame = 1100;
    c.transport.max_streams_uni = 12;
    c.transport.key_update_packets = 8;
    c.ticket = tern_bytes_of(w->ticket, i == 1 ? w->ticket_n : 0);
    c.early = c.ticket.n > 0;
    if (c.early) c.seed[1] = 1;
    w->size[i] = tern_client_footprint(&c);
    if (w->memory[i] == NULL) w->memory[i] = calloc(1, w->size[i]);
    CHECK(tern_client_init(w->memory[i], &c, w->now, &w->node[i]) == TERN_OK);
}

static void make(world *w, uint8_t pin[TERN_FINGERPRINT_SIZE])
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 5 };
    uint8_t pem[512];
    size_t n;
    memset(w, 0, sizeof *w);
    w->batch = ROOM;
    w->now = TERN_SECOND;
    CHECK(tern_key_new(seed, (tern_buf){ pem, sizeof pem }, &n) == TERN_OK);
    CHECK(tern_key_pem_fingerprint(tern_bytes_of(pem, n), pin) == TERN_OK);
    for (int i = 0; i < NODES; i++)
        w->address[i] = (tern_addr){ .family = 4, .ip = { 127, 0, 0, (uint8_t)(1 + i) }, .port = 8376 };
    make_relay(w, (const char *)pem, n);
    for (int i = 1; i < NODES; i++) make_client(w, i, pin);
}

/* A world is its blocks of memory: copying them is copying it. */
static void copy(world *to, const world *from)
{
    void *memory[NODES];
    memcpy(memory, to->memory, sizeof memory);
    *to = *from;
    for (int i = 0; i < NODES; i++) {
        to->memory[i] = memory[i] != NULL ? memory[i] : malloc(from->size[i]);
        CHECK(to->memory[i] != NULL);
        memcpy(to->memory[i], from->memory[i], from->size[i]);
        to->node[i] = to->memory[i];
    }
}

static uint8_t node_of(const world *w, const tern_addr *a)
{
    uint8_t i = 0;
    while (i < NODES && memcmp(a->ip, w->address[i].ip, sizeof a->ip) != 0) i++;
    CHECK(i < NODES); /* a datagram for nobody */
    return i;
}

static void see(world *w, int at, const tern_event *e)
{
    uint8_t body[8192];
    if (e->type == TERN_EVENT_PEER_MESSAGE || e->type == TERN_EVENT_DATAGRAM) {
        CHECK(tern_peer_message_read(w->node[at], (tern_buf){ body, sizeof body }) == e->u.peer_message.size);
        const tern_bytes echo = tern_bytes_of(body, e->u.peer_message.size);
        const tern_message_options options = { 20, 1 };
        if (at == 0) (void)tern_peer_message_send(w->node[0], w->now, e->peer, &options, &echo, 1);
    }
    if (e->type == TERN_EVENT_TICKET && at == 1) {
        w->ticket_n = e->u.ticket.n;
        memcpy(w->ticket, e->u.ticket.bytes, w->ticket_n);
    }
    if (e->type == TERN_EVENT_JOINED) w->last_number[at] = 0; /* another room, another count */
    if (e->type != TERN_EVENT_MESSAGE || at == 0) return;
    CHECK(e->u.message.number > w->last_number[at]);
    w->last_number[at] = e->u.message.number;
    CHECK(tern_client_read(w->node[at], (tern_buf){ body, sizeof body }) == e->u.message.size);
}

static size_t wire_used(const world *w)
{
    return w->on_wire > 0 ? w->wire[w->on_wire - 1].at + w->wire[w->on_wire - 1].room : 0;
}

/* Lost where the wire is full. */
static void put_on_wire(world *w, uint8_t from, const tern_addr *to, tern_bytes bytes)
{
    datagram d = { from, node_of(w, to), bytes.n, wire_used(w), bytes.n > ROOM ? bytes.n : ROOM };
    if (w->on_wire == WIRE_MAX || d.at + d.room > sizeof w->bytes) return;
    memcpy(w->bytes + d.at, bytes.p, bytes.n);
    w->wire[w->on_wire++] = d;
}

static void take_off_wire(world *w, size_t i)
{
    const datagram d = w->wire[i];
    memmove(w->bytes + d.at, w->bytes + d.at + d.room, wire_used(w) - d.at - d.room);
    w->on_wire--;
    for (size_t k = i; k < w->on_wire; k++) {
        w->wire[k] = w->wire[k + 1];
        w->wire[k].at -= d.room;
    }
}

/* One poll-then-send round of every node; what is sent joins the wire while there is room. */
static void settle(world *w)
{
    static uint8_t out[BATCH_MAX];
    for (uint8_t at = 0; at < NODES; at++) {
        tern_event e;
        while (tern_node_poll(w->node[at], &e)) see(w, at, &e);
        for (int batches = 0;; batches++) {
            CHECK(batches < 10000); /* a node that never stops sending */
            tern_batch b = tern_node_send(w->node[at], w->now, (tern_buf){ out, w->batch });
            if (b.count == 0) break;
            CHECK(b.total <= w->batch);
            for (size_t i = 0; i < b.total; i += b.segment) {
                size_t n = b.total - i < b.segment ? b.total - i : b.segment;
                put_on_wire(w, at, &b.path.remote, tern_bytes_of(out + i, n));
            }
        }
    }
}

static void deliver(world *w, const datagram *d)
{
    static uint8_t copy[BATCH_MAX];
    memcpy(copy, w->bytes + d->at, d->n);
    tern_path path = { w->address[d->to], w->address[d->from] };
    path.remote.port = (uint16_t)(path.remote.port + w->moved[d->from]);
    int drop = tern_node_recv(w->node[d->to], w->now, &path, (tern_buf){ copy, d->n }, TERN_ECN_NOT_ECT);
    CHECK(drop >= 0 && drop < TERN_DROP_COUNT);
}

static void pass_time(world *w, uint64_t ns)
{
    tern_time until = w->now + ns;
    for (;;) {
        tern_time next = TERN_TIME_NEVER;
        for (int i = 0; i < NODES; i++) {
            tern_time t = tern_node_next_timeout(w->node[i]);
            if (t < next) next = t;
        }
        if (next > until) break;
        if (next > w->now) w->now = next;
        CHECK(++w->steps < STEPS_MAX * 10); /* a timer that stands still */
        for (int i = 0; i < NODES; i++)
            if (tern_node_next_timeout(w->node[i]) <= w->now) tern_node_on_timeout(w->node[i], w->now);
        settle(w);
    }
    w->now = until;
}

/* From another port: from now on, or as a copy that somebody else sends first. */
static void deliver_elsewhere(world *w, const datagram *d, uint8_t how)
{
    if (d->from == 0) return;
    w->moved[d->from] = (uint8_t)(w->moved[d->from] + 1 + (how >> 1));
    deliver(w, d);
    if ((how & 1) == 0) w->moved[d->from] = (uint8_t)(w->moved[d->from] - 1 - (how >> 1));
}

/* The null AEAD opens a packet whose tag is zeros: the payload is ours to write. */
static void replace_payload(datagram *d, uint8_t *bytes, tern_reader *r)
{
    size_t head = bytes[0] >> 4 == 5 ? 13 : bytes[0] >> 4 == 2 ? 91 : 25;
    tern_bytes frames = tern_read_bytes(r, tern_read_u8(r));
    if (d->n < head || head + frames.n + 16 > d->room || frames.n == 0) return;
    memcpy(bytes + head, frames.p, frames.n);
    memset(bytes + head + frames.n, 0, 16);
    size_t n = head + frames.n + 16;
    if (n > d->n || bytes[0] >> 4 == 5) d->n = n;
}

static void on_wire(world *w, uint8_t what, tern_reader *r)
{
    if (w->on_wire == 0) return;
    size_t i = (what >> 4) % w->on_wire;
    datagram *d = &w->wire[i];
    uint8_t *bytes = w->bytes + d->at;
    switch (what & 7) {
    case 3: deliver_elsewhere(w, d, tern_read_u8(r)); return; /* and the original comes after it */
    case 5: deliver(w, d); return;                            /* and it stays: a duplicate */
    case 6: bytes[tern_read_u16(r) % d->n] ^= tern_read_u8(r); break;
    case 7: replace_payload(d, bytes, r); break;
    default: break;
    }
    if ((what & 7) != 4) deliver(w, d); /* 4: lost */
    take_off_wire(w, i);
}

/* What an application of tern.h does besides rooms and the bytes of streams. */
static void on_application(world *w, tern_node *client, uint8_t what, tern_reader *r)
{
    static const uint8_t body[8192];
    const tern_message_options options = { what & 16 ? 1u + tern_read_u8(r) : 0, tern_read_u8(r) & 7 };
    tern_bytes part = tern_bytes_of(body, tern_read_u16(r) % sizeof body);
    uint32_t id;
    switch (what & 7) {
    case 4: (void)tern_peer_message_send(client, w->now, 0, &options, &part, 1); break;
    case 5: (void)tern_peer_datagram_send(client, w->now, 0, tern_bytes_of(body, part.n % 1200)); break;
    case 6: (void)tern_peer_stream_priority(client, 0, tern_read_u8(r) & 15, options.urgency); break;
    default: (void)tern_peer_stream_open(client, 0, TERN_ONE_WAY, &id);
    }
}

static int migrate(world *w, int client)
{
    tern_path path = { w->address[client], w->address[0] };
    path.local.port = (uint16_t)(path.local.port + ++w->moved[client]);
    return tern_client_migrate(w->node[client], w->now, &path);
}

static void on_client(world *w, uint8_t what, tern_reader *r)
{
    static const uint8_t body[8192];
    tern_node *client = w->node[1 + (what >> 4) % CLIENTS];
    uint32_t id;
    size_t taken;
    bool fin;
    uint8_t out[512];
    if ((what & 8) != 0 && (what & 7) >= 4) {
        on_application(w, client, what, r);
        return;
    }
    switch (what & 7) {
    case 0: (void)tern_client_join(client, what & 8 ? "lobby" : "cellar", what & 16 ? "ada" : "bob"); break;
    case 1: (void)tern_client_publish(client, tern_bytes_of(body, tern_read_u16(r) % sizeof body)); break;
    case 2: (void)((what & 8) != 0 ? migrate(w, 1 + (what >> 4) % CLIENTS) : tern_client_leave(client)); break;
    case 3: (void)tern_peer_stream_open(client, 0, what & 16 ? TERN_ONE_WAY : TERN_BOTH_WAYS, &id); break;
    case 4: (void)tern_peer_stream_write(client, 0, tern_read_u8(r) & 15, tern_bytes_of(body, 700), &taken); break;
    case 5: (void)tern_peer_stream_finish(client, 0, tern_read_u8(r) & 15); break;
    case 6: (void)tern_peer_stream_reset(client, 0, tern_read_u8(r) & 15, 1); break;
    default: (void)tern_peer_stream_read(client, 0, tern_read_u8(r) & 15, (tern_buf){ out, 512 }, &taken, &fin);
    }
}

static void deliver_all(world *w)
{
    tern_reader none = tern_reader_of(tern_bytes_of(NULL, 0));
    while (w->on_wire > 0) {
        on_wire(w, 0, &none);
        settle(w);
    }
}

/* The first client has gone, and comes back with its ticket: what it says at once is on the wire behind its SYN. */
static void come_back(world *w, const uint8_t *pin)
{
    static const uint8_t body[3000];
    CHECK(w->ticket_n > 0);
    tern_peer_close(w->node[1], w->now, 0, TERN_NO_ERROR, "");
    settle(w);
    deliver_all(w);
    make_client(w, 1, pin);
    CHECK(tern_client_join(w->node[1], "lobby", "ada") == TERN_OK);
    CHECK(tern_client_publish(w->node[1], tern_bytes_of(body, sizeof body)) == TERN_OK);
    settle(w);
    CHECK(w->on_wire > 2 && w->bytes[w->wire[1].at] >> 4 == 4); /* EARLY */
}

/* Where inputs start, made once: nothing has happened; both clients are connected; both are in a room; one is coming
 * back to it. */
static const world *start(uint8_t which)
{
    static world starts[4];
    if (starts[0].memory[0] == NULL) {
        uint8_t pin[TERN_FINGERPRINT_SIZE];
        make(&starts[0], pin);
        settle(&starts[0]);
        copy(&starts[1], &starts[0]);
        deliver_all(&starts[1]);
        copy(&starts[2], &starts[1]);
        for (int i = 1; i < NODES; i++)
            CHECK(tern_client_join(starts[2].node[i], "lobby", i == 1 ? "ada" : "bob") == TERN_OK);
        settle(&starts[2]);
        deliver_all(&starts[2]);
        copy(&starts[3], &starts[1]);
        come_back(&starts[3], pin);
    }
    return &starts[which % 4];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    tern_reader r = tern_reader_of(tern_bytes_of(data, size));
    uint8_t first = tern_read_u8(&r);
    copy(&w, start(first & 63));
    if ((first & 64) != 0) w.batch = 9000;
    if ((first & 128) != 0) w.batch = BATCH_MAX;
    for (int i = 0; i < STEPS_MAX && r.left > 0; i++) {
        uint8_t what = tern_read_u8(&r);
        if ((what & 8) == 0)
            on_wire(&w, what, &r);
        else if ((what & 4) == 0)
            on_client(&w, tern_read_u8(&r), &r);
        else
            pass_time(&w, (uint64_t)(1u << (what >> 4)) * TERN_MS);
        settle(&w);
    }
    return 0;
}
