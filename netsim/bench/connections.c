/* SPDX-License-Identifier: MIT */
/* tern-sim-connections COUNT [EACH [EVENTS]]: what an event costs the simulator when so many Tern clients hold a
 * connection, EACH of them (100) to one relay, say something to rooms of four now and then, and keep alive what else
 * would end. The first relay's clients connect, shake hands and join; the others are copies of these, for a node is a
 * block of memory without pointers into itself, and a copy of it another node. Every copy lives by a clock of its own
 * and is seen by the world at an address of its own; from its start on it goes its own way. */
#define _GNU_SOURCE
#include "bench/cpu.h"
#include "world/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define EACH     100
#define EVENTS   500000             /* measured, at least */
#define ROOM     4                  /* members */
#define SAYING   64                 /* bytes */
#define PERIOD   (60 * TERN_SECOND) /* of each saying something, on average */
#define TOGETHER (5 * TERN_SECOND)  /* until all of the first relay have come and are quiet */
#define APART    (10 * TERN_SECOND) /* at most, the copies' clocks are behind */
#define PORT     9000

typedef struct bench bench;

typedef struct {
    bench *of;
    tern_node *node;
    tern_time late;   /* its clock is behind the world's */
    tern_time speaks; /* next; a relay never */
    uint64_t turns;
    uint32_t shift; /* between its address in the world and the one that it knows */
    uint32_t index; /* in the world */
} member;

typedef struct {
    size_t relay, client, whole; /* bytes of each block, and of a relay's with all its clients' */
} sizes;

struct bench {
    sim_world world;
    uint32_t relays, each;
    sizes size;
    member *members; /* a relay, its clients, the next relay ... */
    uint8_t *first;  /* the blocks of the first relay and its clients, as they were when all had come */
    uint8_t **blocks;
    uint64_t joined, ended, heard;
    uint8_t pem[512], pin[TERN_FINGERPRINT_SIZE];
    size_t pem_n;
};

/* ---- a node in another place and at another time than it knows ---- */

static tern_addr moved(tern_addr a, uint32_t by)
{
    uint32_t at = ((uint32_t)a.ip[2] << 8 | a.ip[3]) + by;
    a.ip[2] = (uint8_t)(at >> 8);
    a.ip[3] = (uint8_t)at;
    return a;
}

static tern_path moved_path(const tern_path *path, uint32_t by)
{
    return (tern_path){ moved(path->local, by), moved(path->remote, by) };
}

static int member_recv(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    const member *m = self;
    tern_path own = moved_path(path, 0 - m->shift);
    return tern_node_recv(m->node, now - m->late, &own, datagram, ecn);
}

static tern_batch member_send(void *self, tern_time now, tern_buf out)
{
    const member *m = self;
    tern_batch b = tern_node_send(m->node, now - m->late, out);
    b.path = moved_path(&b.path, m->shift);
    return b;
}

static tern_time member_next_timeout(const void *self)
{
    const member *m = self;
    tern_time t = tern_node_next_timeout(m->node);
    if (t != TERN_TIME_NEVER) t += m->late;
    return t < m->speaks ? t : m->speaks;
}

/* When it speaks next: anywhere in two periods. */
static void rest(member *m)
{
    const sim_world *w = &m->of->world;
    m->speaks = w->now + 1 + sim_prf_u64(&w->prf, m->index, m->turns++, SIM_DRAW_RANGE) % (2 * PERIOD);
}

static void member_on_timeout(void *self, tern_time now)
{
    static const uint8_t saying[SAYING] = "the same as always";
    member *m = self;
    if (tern_node_next_timeout(m->node) <= now - m->late) tern_node_on_timeout(m->node, now - m->late);
    if (m->speaks > now) return;
    int e = tern_client_publish(m->node, tern_bytes_of(saying, sizeof saying));
    if (e != TERN_OK) sim_world_fail(&m->of->world, "a client may not speak: %s", tern_error_text((tern_error)e));
    rest(m);
}

static void member_work(void *self, tern_time now)
{
    const member *m = self;
    tern_event e;
    (void)now;
    while (tern_node_poll(m->node, &e)) {
        m->of->joined += e.type == TERN_EVENT_JOINED;
        m->of->ended += e.type == TERN_EVENT_CLOSED;
        m->of->heard += e.type == TERN_EVENT_MESSAGE;
    }
}

static const sim_node_ops MEMBER = {
    .recv = member_recv,
    .send = member_send,
    .next_timeout = member_next_timeout,
    .on_timeout = member_on_timeout,
    .work = member_work,
};

/* ---- the first relay and its clients ---- */

static void small(tern_transport *t, uint32_t pages)
{
    t->pages = pages;
    t->max_message = 1024;
    t->stream_window = t->connection_window = t->message_window = t->send_keep = 16384;
}

static tern_relay_config relay_config(const bench *b)
{
    tern_relay_config c;
    tern_relay_config_default(&c);
    c.key_pem = tern_bytes_of(b->pem, b->pem_n);
    c.max_connections = c.max_per_address = b->each;
    c.max_rooms = b->each / ROOM + 1;
    c.max_members = ROOM;
    c.history_bytes = 4096;
    c.retry_above = 1000000;
    small(&c.transport, 64 + 8 * b->each);
    return c;
}

static tern_client_config client_config(const bench *b, uint32_t i)
{
    tern_client_config c;
    tern_client_config_default(&c);
    memcpy(c.seed, &i, sizeof i);
    c.path = (tern_path){ b->world.nodes[i].addr, b->world.nodes[0].addr };
    c.trust.proof = TERN_PROOF_PIN;
    memcpy(c.trust.pin, b->pin, sizeof c.trust.pin);
    small(&c.transport, 16);
    return c;
}

static size_t aligned(size_t n)
{
    return (n + 63) & ~(size_t)63;
}

static uint8_t *block_of(const bench *b, uint8_t *first, uint32_t i)
{
    return i == 0 ? first : first + b->size.relay + (i - 1) * b->size.client;
}

static int make_relay(bench *b)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 'k', 'e', 'y' };
    const char *why = NULL;
    if (tern_key_new(seed, (tern_buf){ b->pem, sizeof b->pem }, &b->pem_n) != TERN_OK) return TERN_E_BAD_INPUT;
    (void)tern_key_pem_fingerprint(tern_bytes_of(b->pem, b->pem_n), b->pin);
    tern_relay_config relay = relay_config(b);
    tern_client_config client = client_config(b, 1);
    b->size.relay = aligned(tern_relay_footprint(&relay));
    b->size.client = aligned(tern_client_footprint(&client));
    b->size.whole = b->size.relay + b->each * b->size.client;
    b->blocks[0] = calloc(1, b->size.whole);
    if (b->blocks[0] == NULL) return TERN_E_NO_MEMORY;
    return tern_relay_init(b->blocks[0], &relay, 0, &b->members[0].node, &why);
}

static int make_client(bench *b, uint32_t i)
{
    tern_client_config config = client_config(b, i);
    char room[16], nick[16];
    (void)snprintf(room, sizeof room, "r%u", (unsigned)(i / ROOM));
    (void)snprintf(nick, sizeof nick, "n%u", (unsigned)i);
    int e = tern_client_init(block_of(b, b->blocks[0], i), &config, 0, &b->members[i].node);
    return e == TERN_OK ? tern_client_join(b->members[i].node, room, nick) : e;
}

/* ---- its copies ---- */

/* What is zero is left alone: memory that a node has not used costs nothing in its copy either. */
static void copy_used(uint8_t *to, const uint8_t *from, size_t n)
{
    static const uint8_t zero[4096];
    for (size_t at = 0; at < n; at += sizeof zero) {
        size_t part = n - at < sizeof zero ? n - at : sizeof zero;
        if (memcmp(from + at, zero, part) != 0) memcpy(to + at, from + at, part);
    }
}

static void start_copy(sim_world *w, void *context, uint64_t which)
{
    bench *b = context;
    member *m = &b->members[which * (b->each + 1)];
    b->blocks[which] = calloc(1, b->size.whole);
    if (b->blocks[which] == NULL) {
        sim_world_fail(w, "no memory for so many");
        return;
    }
    copy_used(b->blocks[which], b->first, b->size.whole);
    for (uint32_t i = 0; i <= b->each; i++) {
        m[i].node = (tern_node *)block_of(b, b->blocks[which], i);
        m[i].late = w->now - TOGETHER;
        if (i > 0) rest(&m[i]);
        sim_world_start(w, m[i].index, &m[i]);
    }
}

/* Everybody has a place in the world, with a link to the relay and back. */
static void populate(bench *b)
{
    static const sim_link_spec link = { .delay = 10 * TERN_MS };
    char name[sizeof b->world.nodes->name];
    for (uint32_t i = 0; i < b->relays * (b->each + 1); i++) {
        uint32_t hub = i - i % (b->each + 1);
        (void)snprintf(name, sizeof name, "n%u", (unsigned)i);
        b->members[i] = (member){ .of = b, .speaks = TERN_TIME_NEVER, .shift = hub };
        b->members[i].index = sim_world_add_node(&b->world, name, &MEMBER, PORT);
        if (i == hub) continue;
        sim_world_add_link(&b->world, i, hub, &link, SIM_NO_BOTTLENECK);
        sim_world_add_link(&b->world, hub, i, &link, SIM_NO_BOTTLENECK);
    }
}

/* Until all hold their connections and have rested for a while. */
static bool begin(bench *b)
{
    sim_world *w = &b->world;
    populate(b);
    int e = make_relay(b);
    for (uint32_t i = 1; i <= b->each && e == TERN_OK; i++) e = make_client(b, i);
    if (e != TERN_OK) sim_world_fail(w, "the first cannot be made: %s", tern_error_text((tern_error)e));
    for (uint32_t i = 0; i <= b->each && e == TERN_OK; i++) sim_world_start(w, i, &b->members[i]);
    if (!sim_world_run(w, TOGETHER)) return false;
    if (b->joined != 2 * (uint64_t)b->each) sim_world_fail(w, "not all have joined"); /* the relay is told, too */
    b->first = calloc(1, b->size.whole);
    if (b->first == NULL) sim_world_fail(w, "no memory for so many");
    if (w->failed) return false;
    copy_used(b->first, b->blocks[0], b->size.whole);
    for (uint32_t i = 1; i <= b->each; i++) {
        rest(&b->members[i]);
        sim_world_drive(w, i);
    }
    for (uint32_t i = 1; i < b->relays; i++) {
        tern_time apart = 1 + sim_prf_u64(&w->prf, i, 0, SIM_DRAW_RANGE) % APART;
        sim_world_at(w, w->now + apart, false, start_copy, b, i);
    }
    return sim_world_run(w, w->now + APART + TOGETHER);
}

static bool measure(bench *b, uint64_t events)
{
    sim_world *w = &b->world;
    struct rusage used;
    if (!begin(b)) return false;
    uint64_t before = w->events, heard = b->heard;
    double begun = cpu_seconds();
    while (!w->failed && w->events - before < events) (void)sim_world_run(w, w->now + TERN_SECOND / 10);
    double spent = cpu_seconds() - begun;
    if (b->ended > 0) sim_world_fail(w, "a connection has ended");
    if (b->heard == heard) sim_world_fail(w, "nobody has heard anything");
    if (w->failed) return false;
    (void)getrusage(RUSAGE_SELF, &used);
    (void)printf("{\"connections\": %lu, \"relays\": %lu, \"events\": %llu, \"seconds\": %.6f, \"bytes\": %llu}\n",
                 (unsigned long)b->relays * b->each, (unsigned long)b->relays, (unsigned long long)(w->events - before),
                 spent, (unsigned long long)used.ru_maxrss * 1024 / ((uint64_t)b->relays * b->each));
    return true;
}

static void end(bench *b)
{
    sim_world_free(&b->world);
    for (uint32_t i = 0; i < b->relays; i++) free(b->blocks[i]);
    free(b->blocks);
    free(b->members);
    free(b->first);
}

int main(int argc, char **argv)
{
    static bench b;
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long each = argc > 2 ? strtoul(argv[2], NULL, 10) : EACH;
    unsigned long long events = argc > 3 ? strtoull(argv[3], NULL, 10) : EVENTS;
    bool sound = argc <= 4 && each > 0 && count > 0 && count % each == 0 && count < SIM_NODES_MAX;
    if (!sound || count + count / each > SIM_NODES_MAX) {
        (void)fprintf(
            stderr,
            "usage: tern-sim-connections COUNT [EACH [EVENTS]] (COUNT: whole relays of EACH, at most %d nodes)\n",
            SIM_NODES_MAX);
        return 2;
    }
    b.each = (uint32_t)each;
    b.relays = (uint32_t)(count / each);
    b.members = calloc((size_t)b.relays * (each + 1), sizeof *b.members);
    b.blocks = calloc(b.relays, sizeof *b.blocks);
    if (b.members == NULL || b.blocks == NULL) return 1;
    sim_world_init(&b.world, 1);
    bool done = measure(&b, events);
    if (!done) (void)fprintf(stderr, "tern-sim-connections: %s\n", b.world.failure);
    end(&b);
    return done ? 0 : 1;
}
