/* SPDX-License-Identifier: MIT */
/* A dialect's server, its clients, and the wire between them (see hall.h). Whatever happens: no crash, no node that
 * spins, no timer that stands still, nothing written behind a node's memory; what the server tells was said, by a
 * member, and once; what clients are told has no control characters. */
#include "hall.h"

#include <stddef.h>

#include "base/utf8.h"
#include "dialects/config.h"

#define STEPS_MAX 200
#define GUARD     64
#define GUARDED   0x5a
#define TCP       TERN_DIALECT_TLS_CHAT

static tern_bytes fixture(const char *file)
{
    static struct {
        const char *file;
        size_t n;
        uint8_t text[4096];
    } kept[4];
    size_t i = 0;
    while (kept[i].file != NULL && strcmp(kept[i].file, file) != 0) i++;
    if (kept[i].file == NULL) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", TERN_FIXTURES, file);
        FILE *f = fopen(path, "rb");
        CHECK(f != NULL);
        kept[i].n = fread(kept[i].text, 1, sizeof kept[i].text, f);
        kept[i].file = file;
        (void)fclose(f);
    }
    return tern_bytes_of(kept[i].text, kept[i].n);
}

/* ---- the nodes ---- */

static void lend(hall *h, uint8_t end, size_t size)
{
    CHECK(size > 0);
    if (h->memory[end] == NULL) h->memory[end] = malloc(size + GUARD);
    CHECK(h->memory[end] != NULL);
    h->size[end] = size;
    memset(h->memory[end] + size, GUARDED, GUARD);
}

static tern_dialect_config config_of(const hall *h, uint8_t end)
{
    static const char *const keys[] = { "server.pem", "ada.pem", "bob.pem" };
    tern_dialect_config c;
    tern_dialect_config_default(&c, h->rules->dialect);
    c.seed[0] = (uint8_t)(1 + end);
    c.seed[1] = h->starts;
    c.key_pem = fixture(keys[end]);
    if (end == 0) c.cert_pem = fixture("server_cert.pem");
    c.path = (tern_path){ h->address[end], h->address[0] };
    c.nick = end == 1 ? "ada" : "bob";
    c.max_clients = 4;
    c.max_message = HALL_TEXT;
    c.rsa_ms_per_second = end == 0 && h->rules->dialect == TCP ? 300 : 100;
    return c;
}

static void make_node(hall *h, uint8_t end)
{
    const char *why;
    tern_dialect_config c = config_of(h, end);
    CHECK(tern_dialect_key_read(&h->key[end], c.key_pem) == NULL);
    lend(h, end, end == 0 ? tern_dialect_server_footprint(&c) : tern_dialect_client_footprint(&c));
    int made = end == 0 ? tern_dialect_server_init(h->memory[0], &c, h->now, &h->node[0], &why)
                        : tern_dialect_client_init(h->memory[end], &c, h->now, &h->node[end], &why);
    CHECK(made == TERN_OK);
}

static void make(hall *h, const hall_rules *rules, bool connected)
{
    uint8_t *memory[HALL_ENDS];
    static const uint8_t seed[TERN_SEED_SIZE] = { 77 };
    memcpy(memory, h->memory, sizeof memory);
    memset(h, 0, sizeof *h);
    memcpy(h->memory, memory, sizeof memory);
    h->rules = rules;
    h->now = TERN_SECOND;
    tern_drbg_init(&h->drbg, seed, tern_bytes_of("fuzz hall", 9));
    for (uint8_t i = 0; i <= HALL_ENDS; i++)
        h->address[i] = (tern_addr){ .family = 4, .ip = { 10, 0, 0, (uint8_t)(1 + i) }, .port = (uint16_t)(5000 + i) };
    for (uint8_t i = 0; i < HALL_ENDS; i++) make_node(h, i);
    if (!connected) return;
    hall_settle(h);
    hall_deliver_all(h);
    if (rules->prepare != NULL) rules->prepare(h);
    for (uint8_t i = 1; i < HALL_ENDS; i++) CHECK(tern_dialect_is_ready(h->node[i]));
    /* their buckets are full again */
    h->now += 2 * TERN_SECOND;
}

/* A copy of the whole, to be put back in its place. */
typedef struct {
    hall h;
    uint8_t *memory[HALL_ENDS];
} snapshot;

static size_t used(const hall *h)
{
    return offsetof(hall, wire) + h->on_wire * sizeof h->wire[0];
}

static void take_snapshot(snapshot *s, const hall *h)
{
    memcpy(&s->h, h, used(h));
    for (uint8_t i = 0; i < HALL_ENDS; i++) {
        s->memory[i] = malloc(h->size[i] + GUARD);
        CHECK(s->memory[i] != NULL);
        memcpy(s->memory[i], h->memory[i], h->size[i] + GUARD);
    }
}

hall *hall_start(const hall_rules *rules, bool connected)
{
    static hall h;
    static snapshot starts[2];
    snapshot *s = &starts[connected];
    if (s->h.rules == NULL) {
        make(&h, rules, connected);
        take_snapshot(s, &h);
    }
    memcpy(&h, &s->h, used(&s->h));
    for (uint8_t i = 0; i < HALL_ENDS; i++) memcpy(h.memory[i], s->memory[i], h.size[i] + GUARD);
    return &h;
}

static void check_guards(const hall *h)
{
    for (uint8_t i = 0; i < HALL_ENDS; i++)
        for (size_t k = 0; k < GUARD; k++) CHECK(h->memory[i][h->size[i] + k] == GUARDED);
}

/* ---- what was said, and what is told ---- */

void hall_note_said(hall *h, uint8_t from, tern_bytes text)
{
    if (h->said_n == HALL_SAID || text.n > HALL_TEXT) return;
    hall_said *s = &h->said[h->said_n++];
    memset(s, 0, sizeof *s);
    s->n = text.n;
    s->from = from;
    s->times = 1;
    if (text.n > 0) memcpy(s->text, text.p, text.n);
}

/* How many bytes of a piece of what was said stand at the start of text, at place `which` of all pieces; 0 for not at
 * all. */
static size_t piece_at(const hall_said *s, size_t at, size_t block, tern_bytes text)
{
    size_t n = s->n - at < block ? s->n - at : block;
    return n <= text.n && memcmp(text.p, s->text + at, n) == 0 ? n : 0;
}

/* Whether it is blocks of what was said, one behind the other. */
static bool are_said(const hall *h, tern_bytes text, size_t block)
{
    static uint8_t reached[2 * HALL_TEXT + 1];
    if (text.n >= sizeof reached) return false;
    memset(reached, 0, text.n + 1);
    reached[0] = 1;
    for (size_t here = 0; here < text.n; here++) {
        if (!reached[here]) continue;
        for (size_t i = 0; i < h->said_n; i++)
            for (size_t at = 0; at < h->said[i].n; at += block)
                reached[here + piece_at(&h->said[i], at, block, tern_bytes_of(text.p + here, text.n - here))] = 1;
    }
    return reached[text.n] == 1;
}

static hall_said *find_said(hall *h, tern_bytes text)
{
    for (size_t i = 0; i < h->said_n; i++)
        if (h->said[i].n == text.n && memcmp(h->said[i].text, text.p, text.n) == 0) return &h->said[i];
    return NULL;
}

tern_bytes hall_read(tern_reader *r)
{
    size_t n = tern_read_u16(r);
    tern_bytes bytes = tern_read_bytes(r, n < r->left ? n : r->left);
    return bytes.p != NULL ? bytes : tern_bytes_of("", 0);
}

bool hall_is_plain(tern_bytes text)
{
    return text.n == 0 || tern_utf8_is_plain(text);
}

static void check_said(hall *h, tern_bytes text)
{
    /* Blocks of RSA can be put together anew by anybody who sees them: all else is whole. */
    bool blocks = h->rules->dialect == TERN_DIALECT_RSA_FRAGMENT || h->rules->dialect == TERN_DIALECT_TLV_MULTICAST;
    hall_said *s = find_said(h, text);
    if (h->rules->dialect == TCP)
        CHECK(hall_is_plain(text));
    else
        CHECK(h->said_n == HALL_SAID || s != NULL || (blocks && are_said(h, text, 190)));
    if (s == NULL) return;
    s->told++;
    CHECK(s->told <= s->times || s->from == HALL_STRANGER);
}

static void see_at_server(hall *h, const tern_event *e)
{
    uint8_t text[HALL_TEXT];
    size_t n = 0;
    CHECK(e->peer > 0);
    uint8_t *member = e->peer < HALL_PEERS ? &h->member[e->peer] : &h->member[0];
    switch ((int)e->type) {
    case TERN_EVENT_ARRIVED:
        CHECK(*member == 0 || e->peer >= HALL_PEERS);
        *member = 1;
        break;
    case TERN_EVENT_LEFT:
        CHECK(*member == 1 || e->peer >= HALL_PEERS);
        *member = 2;
        break;
    default:
        CHECK(e->type == TERN_EVENT_MESSAGE && (*member == 1 || e->peer >= HALL_PEERS));
        CHECK(e->u.message.size <= HALL_TEXT);
        n = tern_dialect_read(h->node[0], (tern_buf){ text, sizeof text });
        CHECK(n == e->u.message.size);
        check_said(h, tern_bytes_of(text, n));
    }
    const tern_member *who = e->type == TERN_EVENT_MESSAGE ? &e->u.message.sender : &e->u.presence.who;
    CHECK(memchr(who->nick, '\0', sizeof who->nick) != NULL);
    size_t nick = strlen(who->nick);
    CHECK(nick > 0 && hall_is_plain(tern_bytes_of(who->nick, nick)));
    for (tern_peer p = 1; p < HALL_PEERS; p++)
        if (h->member[p] == 1 && p != e->peer)
            CHECK(tern_dialect_tell(h->node[0], h->now, p, e, tern_bytes_of(text, n)) != TERN_E_BAD_INPUT);
}

/* A line ends with what was said, whose number of three digits no other has. */
static void check_heard(hall *h, uint8_t end, tern_bytes line)
{
    for (size_t i = 0; i < h->said_n; i++) {
        hall_said *s = &h->said[i];
        if (s->from == HALL_STRANGER || s->n < 4 || s->n > line.n) continue;
        if (memcmp(line.p + line.n - s->n, s->text, s->n) != 0) continue;
        s->heard[end]++;
        CHECK(s->heard[end] <= s->times);
        return;
    }
}

static void see_at_client(hall *h, uint8_t end, const tern_event *e)
{
    uint8_t text[2 * HALL_TEXT];
    if (e->type != TERN_EVENT_MESSAGE) {
        CHECK(e->type == TERN_EVENT_CONNECTED || e->type == TERN_EVENT_CLOSED || e->type == TERN_EVENT_ARRIVED ||
              e->type == TERN_EVENT_LEFT);
        return;
    }
    size_t n = tern_dialect_read(h->node[end], (tern_buf){ text, sizeof text });
    CHECK(n == e->u.message.size);
    if (h->forged) return;
    CHECK(h->rules->dialect == TERN_DIALECT_TLV_MULTICAST || hall_is_plain(tern_bytes_of(text, n)));
    check_heard(h, end, tern_bytes_of(text, n));
}

/* ---- the wire ---- */

static void put(hall *h, uint8_t from, uint8_t to, tern_bytes bytes)
{
    if (h->on_wire == HALL_WIRE || bytes.n > HALL_DATAGRAM) return; /* lost; TCP has room enough */
    hall_datagram *d = &h->wire[h->on_wire++];
    d->from = from;
    d->to = to;
    d->n = bytes.n;
    if (bytes.n > 0) memcpy(d->bytes, bytes.p, bytes.n);
}

static void send(hall *h, uint8_t from, const tern_batch *b, const uint8_t *bytes)
{
    tern_bytes datagram = tern_bytes_of(bytes, b->total);
    CHECK(b->count == 1);
    if (h->rules->sent != NULL) h->rules->sent(h, from, datagram);
    for (uint8_t to = 0; to <= HALL_ENDS; to++) {
        /* What a client sends to the group, all others of it get. */
        bool group = h->rules->dialect == TERN_DIALECT_TLV_MULTICAST && from != 0 && to != from && to < HALL_ENDS;
        if (!group && memcmp(&h->address[to], &b->path.remote, sizeof b->path.remote) != 0) continue;
        if (to == HALL_STRANGER) {
            if (h->rules->to_stranger != NULL) h->rules->to_stranger(h, datagram);
        } else {
            put(h, from, to, datagram);
        }
    }
}

void hall_settle(hall *h)
{
    static uint8_t out[TERN_DATAGRAM_MAX];
    for (uint8_t i = 0; i < HALL_ENDS; i++) {
        tern_event e;
        tern_batch b;
        while (tern_node_poll(h->node[i], &e)) i == 0 ? see_at_server(h, &e) : see_at_client(h, i, &e);
        for (int n = 0; (b = tern_node_send(h->node[i], h->now, (tern_buf){ out, sizeof out })).count > 0; n++) {
            CHECK(n < 10000);
            send(h, i, &b, out);
        }
    }
}

void hall_deliver(hall *h, uint8_t from, uint8_t to, tern_bytes bytes)
{
    uint8_t *exact = malloc(bytes.n > 0 ? bytes.n : 1); /* so that a sanitizer sees its end */
    tern_path path = { h->address[to], h->address[from] };
    CHECK(exact != NULL);
    if (bytes.n > 0) memcpy(exact, bytes.p, bytes.n);
    int drop = tern_node_recv(h->node[to], h->now, &path, (tern_buf){ exact, bytes.n }, TERN_ECN_NOT_ECT);
    CHECK(drop >= 0 && drop < TERN_DROP_COUNT);
    free(exact);
    hall_settle(h);
}

static hall_datagram *take_off(hall *h, size_t i)
{
    static hall_datagram d;
    d = h->wire[i];
    memmove(&h->wire[i], &h->wire[i + 1], (--h->on_wire - i) * sizeof d);
    return &d;
}

void hall_deliver_all(hall *h)
{
    for (int n = 0; h->on_wire > 0; n++) {
        CHECK(n < 10000); /* an echo that does not end */
        hall_datagram *d = take_off(h, 0);
        hall_deliver(h, d->from, d->to, tern_bytes_of(d->bytes, d->n));
    }
}

static void pass_time(hall *h, uint64_t ns)
{
    tern_time until = h->now + ns;
    for (int n = 0;; n++) {
        tern_time next = TERN_TIME_NEVER;
        for (int i = 0; i < HALL_ENDS; i++)
            if (tern_node_next_timeout(h->node[i]) < next) next = tern_node_next_timeout(h->node[i]);
        if (next > until) break;
        CHECK(n < 10000);
        if (next > h->now) h->now = next;
        for (int i = 0; i < HALL_ENDS; i++) {
            if (tern_node_next_timeout(h->node[i]) > h->now) continue;
            tern_node_on_timeout(h->node[i], h->now);
            CHECK(tern_node_next_timeout(h->node[i]) > h->now); /* one that stands still */
        }
        hall_settle(h);
    }
    h->now = until;
}

static void on_wire(hall *h, uint8_t what, tern_reader *r)
{
    bool tcp = h->rules->dialect == TCP;
    if (h->on_wire == 0) return;
    size_t i = tcp ? 0 : (what >> 3) % h->on_wire;
    uint8_t how = what & 3;
    if (tcp && (how == 1 || how == 2)) how = 0; /* TCP repeats and loses nothing */
    if (how == 1) {
        static hall_datagram d;
        d = h->wire[i];
        hall_deliver(h, d.from, d.to, tern_bytes_of(d.bytes, d.n));
        return;
    }
    hall_datagram *d = take_off(h, i);
    if (how == 2) return;
    if (how == 3 && d->n > 0) {
        size_t at = tern_read_u16(r) % d->n;
        d->bytes[at] ^= tern_read_u8(r);
        if (tern_read_u8(r) == 0) d->n = at + 1; /* and cut */
    }
    hall_deliver(h, d->from, d->to, tern_bytes_of(d->bytes, d->n));
}

/* ---- what the application does ---- */

static void say(hall *h, uint8_t end, size_t n)
{
    char text[HALL_TEXT + 200];
    char number[8];
    if (n < 4) n = 4;
    memset(text, 'a' + (int)(h->said_n % 26), sizeof text);
    (void)snprintf(number, sizeof number, "%03u", (unsigned)h->said_n);
    memcpy(text, number, 3);
    if (h->said_n == HALL_SAID) return;
    int said = tern_dialect_say(h->node[end], h->now, tern_bytes_of(text, n));
    CHECK(said == TERN_OK || said == TERN_E_BLOCKED || said == TERN_MESSAGE_TOO_LARGE || said == TERN_E_CLOSED);
    CHECK(n <= HALL_TEXT || said != TERN_OK);
    if (said == TERN_OK) hall_note_said(h, end, tern_bytes_of(text, n));
}

/* An event that a room could tell, with words that nobody checked. */
static void tell(hall *h, tern_peer peer, tern_reader *r)
{
    static const tern_event_type types[] = { TERN_EVENT_ARRIVED, TERN_EVENT_PRESENT, TERN_EVENT_LEFT,
                                             TERN_EVENT_MESSAGE, TERN_EVENT_MISSED,  TERN_EVENT_CLOSED };
    tern_event e = { .type = types[tern_read_u8(r) % (sizeof types / sizeof types[0])] };
    tern_member eve = { .addr = h->address[HALL_STRANGER], .nick = "eve" };
    tern_bytes body = hall_read(r);
    if (e.type == TERN_EVENT_MESSAGE)
        e.u.message.sender = eve;
    else
        e.u.presence.who = eve;
    h->forged = true;
    (void)tern_dialect_tell(h->node[0], h->now, peer, &e, body);
}

/* A client that starts anew, at the same address: what it heard before it may hear again. */
static void start_anew(hall *h, uint8_t end)
{
    if (h->rules->dialect == TCP) { /* another connection */
        for (size_t i = h->on_wire; i-- > 0;)
            if (h->wire[i].from == end || h->wire[i].to == end) (void)take_off(h, i);
        hall_deliver(h, end, 0, tern_bytes_of(NULL, 0));
        for (size_t i = h->on_wire; i-- > 0;)
            if (h->wire[i].to == end) (void)take_off(h, i);
    }
    h->starts++;
    make_node(h, end);
    for (size_t i = 0; i < h->said_n; i++) h->said[i].heard[end] = 0;
}

static void on_application(hall *h, uint8_t what, tern_reader *r)
{
    uint8_t end = 1 + (what >> 3) % HALL_CLIENTS;
    switch (tern_read_u8(r) & 7) {
    case 0: tern_dialect_leave(h->node[end], h->now); break;
    case 1: tern_dialect_send_away(h->node[0], h->now, tern_read_u8(r)); break;
    case 2: tell(h, tern_read_u8(r), r); break;
    case 3: start_anew(h, end); break;
    default: say(h, end, tern_read_u16(r) % (HALL_TEXT + 100)); break;
    }
}

static void throw(hall * h, uint8_t what, tern_reader *r)
{
    uint8_t from = (what >> 3) & 3, to = (what >> 5) % HALL_ENDS;
    tern_bytes bytes = hall_read(r);
    if (from == to) return;
    hall_deliver(h, from, to, bytes);
}

void hall_play(hall *h, tern_reader *r)
{
    for (int i = 0; i < STEPS_MAX && r->left > 0; i++) {
        uint8_t what = tern_read_u8(r);
        switch (what & 7) {
        case 4: on_application(h, what, r); break;
        case 5: throw(h, what, r); break;
        case 6: h->rules->forge(h, r); break;
        case 7: pass_time(h, (uint64_t)TERN_MS << (what >> 3) % 18); break;
        default: on_wire(h, what, r); break;
        }
        hall_settle(h);
    }
    check_guards(h);
}

int hall_fuzz(const hall_rules *rules, const uint8_t *data, size_t size)
{
    tern_reader r = tern_reader_of(tern_bytes_of(data, size));
    uint8_t first = tern_read_u8(&r);
    if (first >= 128)
        rules->codec(tern_read_rest(&r));
    else
        hall_play(hall_start(rules, (first & 1) != 0), &r);
    return 0;
}
