/* SPDX-License-Identifier: MIT */
/* What it keeps: connections by their ids, the secrets told for each by its client's random, keys of each direction. */
#include "rules/lens.h"

#include "connection/protection.h"
#include "handshake/messages.h"
#include "world/queue.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024

enum { EARLY, CLIENT_HANDSHAKE, SERVER_HANDSHAKE, CLIENT_DATA, SERVER_DATA, SECRETS_N };
static const char *const LABELS[SECRETS_N] = { "CLIENT_EARLY_TRAFFIC_SECRET", "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                                               "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
                                               "SERVER_TRAFFIC_SECRET_0" };

typedef struct known_secrets {
    struct known_secrets *next;
    uint8_t random[TERN_RANDOM_SIZE];
    bool told[SECRETS_N];
    uint8_t secret[SECRETS_N][TERN_SECRET_SIZE];
} known_secrets;

typedef struct {
    uint64_t largest; /* UINT64_MAX: none was opened */
    bool begun;       /* DATA has keys */
    unsigned phase;
    uint8_t secret[TERN_SECRET_SIZE]; /* of this phase */
    tern_packet_keys keys;
    tern_aead before; /* of the phase before */
} direction;

typedef struct sim_lens_connection {
    struct sim_lens_connection *next;
    uint32_t index;
    tern_cid first_sid;
    uint8_t random[TERN_RANDOM_SIZE];
    uint16_t suite, offered; /* 0: not known yet */
    direction way[2];        /* to the client, to the relay */
} connection;

typedef struct known_id {
    struct known_id *next;
    tern_cid id;
    connection *connection;
    bool to_relay; /* whoever sends to it sends to the relay */
} known_id;

struct sim_lens {
    connection *connections;
    uint32_t connections_n;
    known_id *ids[BUCKETS];
    known_secrets *secrets[BUCKETS];
    uint8_t room[SIM_OUT_SIZE + 64];
};

sim_lens *sim_lens_new(void)
{
    sim_lens *l = sim_grow(NULL, 1, sizeof *l);
    memset(l, 0, sizeof *l);
    return l;
}

void sim_lens_free(sim_lens *l)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (known_id *k = l->ids[i], *next; k != NULL; k = next) {
            next = k->next;
            free(k);
        }
        for (known_secrets *k = l->secrets[i], *next; k != NULL; k = next) {
            next = k->next;
            free(k);
        }
    }
    for (connection *c = l->connections, *next; c != NULL; c = next) {
        next = c->next;
        free(c);
    }
    free(l);
}

static size_t bucket(const uint8_t *p)
{
    return (p[0] | (size_t)p[1] << 8) % BUCKETS;
}

/* ---- secrets ---- */

static known_secrets *secrets_of(sim_lens *l, const uint8_t random[TERN_RANDOM_SIZE])
{
    known_secrets *k = l->secrets[bucket(random)];
    while (k != NULL && memcmp(k->random, random, TERN_RANDOM_SIZE) != 0) k = k->next;
    return k;
}

void sim_lens_secret(sim_lens *l, const tern_event *e)
{
    known_secrets *k = secrets_of(l, e->u.secret.client_random);
    if (k == NULL) {
        k = sim_grow(NULL, 1, sizeof *k);
        *k = (known_secrets){ .next = l->secrets[bucket(e->u.secret.client_random)] };
        memcpy(k->random, e->u.secret.client_random, sizeof k->random);
        l->secrets[bucket(k->random)] = k;
    }
    for (size_t i = 0; i < SECRETS_N; i++) {
        if (strcmp(LABELS[i], e->u.secret.label) != 0) continue;
        memcpy(k->secret[i], e->u.secret.secret, sizeof k->secret[i]);
        k->told[i] = true;
    }
}

/* ---- whose it is ---- */

static known_id *find_id(const sim_lens *l, const tern_cid *id)
{
    known_id *k = l->ids[bucket(id->b)];
    while (k != NULL && !tern_cid_equal(&k->id, id)) k = k->next;
    return k;
}

static void learn_id(sim_lens *l, const tern_cid *id, connection *c, bool to_relay)
{
    if (find_id(l, id) != NULL) return;
    known_id *k = sim_grow(NULL, 1, sizeof *k);
    *k = (known_id){ l->ids[bucket(id->b)], *id, c, to_relay };
    l->ids[bucket(id->b)] = k;
}

static connection *new_connection(sim_lens *l, const tern_header *h)
{
    connection *c = sim_grow(NULL, 1, sizeof *c);
    memset(c, 0, sizeof *c);
    c->next = l->connections;
    c->index = l->connections_n++;
    c->first_sid = h->to;
    c->way[0].largest = c->way[1].largest = UINT64_MAX;
    l->connections = c;
    learn_id(l, &h->to, c, true);
    learn_id(l, &h->from, c, false);
    return c;
}

static const known_id *whose(sim_lens *l, const tern_header *h)
{
    if (h->type == TERN_PACKET_SYN && find_id(l, &h->to) == NULL) (void)new_connection(l, h);
    known_id *k = find_id(l, &h->to);
    if (k == NULL) return NULL;
    if (h->type == TERN_PACKET_SYN_ACK || h->type == TERN_PACKET_RETRY) learn_id(l, &h->from, k->connection, true);
    if (h->type == TERN_PACKET_SYN_ACK && k->connection->suite == 0) k->connection->suite = h->hello.suite;
    return k;
}

/* ---- opening ---- */

static bool derive(const sim_lens *l, const connection *c, size_t which, uint16_t suite, tern_packet_keys *keys,
                   const uint8_t **secret)
{
    known_secrets *k = secrets_of((sim_lens *)(uintptr_t)l, c->random);
    if (suite == 0 || k == NULL || !k->told[which]) return false;
    *secret = k->secret[which];
    tern_packet_keys_derive(keys, (tern_suite)suite, k->secret[which]);
    return true;
}

static bool open_data(const sim_lens *l, connection *c, bool to_relay, const tern_header *h, tern_buf d,
                      tern_opened *out)
{
    direction *w = &c->way[to_relay];
    const uint8_t *secret;
    if (!w->begun) {
        w->begun = derive(l, c, to_relay ? CLIENT_DATA : SERVER_DATA, c->suite, &w->keys, &secret);
        if (!w->begun) return false;
        memcpy(w->secret, secret, sizeof w->secret);
        w->before = w->keys.aead;
    }
    unsigned phase = tern_packet_unmask(&w->keys.header, h, d, w->largest, &out->pn) & TERN_FLAG_PHASE;
    if (phase == (w->phase & 1)) return tern_packet_open_with(&w->keys.aead, h, d, out) == TERN_DROP_NONE;
    if (tern_packet_open_with(&w->before, h, d, out) == TERN_DROP_NONE) return true;
    uint8_t next[TERN_SECRET_SIZE];
    tern_aead aead;
    tern_secret_next(w->secret, next);
    tern_phase_keys(&aead, (tern_suite)c->suite, next);
    if (tern_packet_open_with(&aead, h, d, out) != TERN_DROP_NONE) return false;
    w->before = w->keys.aead;
    w->keys.aead = aead;
    memcpy(w->secret, next, sizeof next);
    w->phase++;
    return true;
}

/* key: that of sim_opened. A SYN's keys follow from its connection's id, and all phases of DATA count as one. */
static bool open_packet(const sim_lens *l, connection *c, bool to_relay, const tern_header *h, tern_buf d,
                        tern_opened *out, uint64_t *key)
{
    tern_packet_keys keys;
    const uint8_t *secret = NULL;
    *key = 0;
    switch (h->type) {
    case TERN_PACKET_SYN: tern_packet_keys_syn(&keys, &h->to); break;
    case TERN_PACKET_SYN_ACK:
        if (!derive(l, c, SERVER_HANDSHAKE, h->hello.suite, &keys, &secret)) return false;
        break;
    case TERN_PACKET_ACK:
        if (!derive(l, c, CLIENT_HANDSHAKE, c->suite, &keys, &secret)) return false;
        break;
    case TERN_PACKET_EARLY:
        if (!derive(l, c, EARLY, c->suite != 0 ? c->suite : c->offered, &keys, &secret)) return false;
        break;
    case TERN_PACKET_DATA: return open_data(l, c, to_relay, h, d, out);
    default: return false;
    }
    if (secret != NULL) memcpy(key, secret, sizeof *key);
    return tern_packet_open(&keys, h, d, c->way[to_relay].largest, out) == TERN_DROP_NONE;
}

/* ---- what frames teach ---- */

static void learn_hello(connection *c, tern_bytes crypto)
{
    tern_reader r = tern_reader_of(crypto);
    tern_tlv hello;
    if (!tern_tlv_next(&r, &hello) || hello.type != TERN_HS_CLIENT_HELLO) return;
    r = tern_reader_of(hello.value);
    tern_read_copy(&r, c->random, sizeof c->random);
    (void)tern_reader_take(&r, TERN_SHARE_SIZE);
    for (unsigned n = tern_read_u8(&r); n > 0 && c->offered == 0; n--) {
        uint16_t suite = tern_read_u16(&r);
        if (suite == TERN_SUITE_AES_256_GCM || suite == TERN_SUITE_CHACHA20_POLY1305 || suite == TERN_SUITE_PLAINTEXT)
            c->offered = suite;
    }
}

static void learn(sim_lens *l, connection *c, const sim_opened *o, const sim_frame *f)
{
    tern_frame_crypto crypto;
    tern_frame_new_connection_id id;
    if (f->type == TERN_F_CRYPTO && o->header.type == TERN_PACKET_SYN &&
        tern_frame_parse_crypto(f->value, &crypto) == TERN_OK && crypto.offset == 0)
        learn_hello(c, crypto.bytes);
    if (f->type == TERN_F_NEW_CONNECTION_ID && tern_frame_parse_new_connection_id(f->value, &id) == TERN_OK)
        learn_id(l, &id.id, c, !o->to_relay);
}

bool sim_lens_look(sim_lens *l, tern_bytes datagram, sim_opened *out)
{
    out->connection = NULL;
    out->open = false;
    out->frames_n = 0;
    if (datagram.n > sizeof l->room) return false;
    memcpy(l->room, datagram.p, datagram.n);
    if (tern_header_parse(tern_bytes_of(l->room, datagram.n), &out->header) != TERN_DROP_NONE) return false;
    const known_id *k = whose(l, &out->header);
    if (k == NULL) return true;
    connection *c = k->connection;
    tern_opened opened;
    out->connection = c;
    out->index = c->index;
    out->to_relay = k->to_relay;
    if (!open_packet(l, c, k->to_relay, &out->header, (tern_buf){ l->room, datagram.n }, &opened, &out->key))
        return true;
    direction *w = &c->way[k->to_relay];
    if (w->largest == UINT64_MAX || opened.pn > w->largest) w->largest = opened.pn;
    out->open = true;
    out->pn = opened.pn;
    tern_reader r = tern_reader_of(opened.payload);
    tern_tlv tlv;
    while (out->frames_n < SIM_LENS_FRAMES && tern_tlv_next(&r, &tlv)) {
        out->frames[out->frames_n] = (sim_frame){ tlv.type, tlv.value };
        learn(l, c, out, &out->frames[out->frames_n++]);
    }
    return true;
}

/* They stand in a CLIENT_HELLO, or as PARAMETERS, at the head of the handshake's messages. */
static bool find_parameters(const tern_frame_crypto *crypto, tern_params *out)
{
    tern_reader r = tern_reader_of(crypto->bytes);
    tern_tlv message;
    if (crypto->offset != 0 || !tern_tlv_next(&r, &message)) return false;
    r = tern_reader_of(message.value);
    if (message.type == TERN_HS_CLIENT_HELLO) {
        (void)tern_read_bytes(&r, TERN_RANDOM_SIZE + TERN_SHARE_SIZE);
        (void)tern_read_bytes(&r, (size_t)2 * tern_read_u8(&r));
        (void)tern_read_short_string(&r);
    } else if (message.type != TERN_HS_PARAMETERS) {
        return false;
    }
    return tern_params_parse(tern_read_rest(&r), out) == TERN_OK;
}

bool sim_lens_parameters(const sim_opened *o, tern_params *out)
{
    for (size_t i = 0; i < o->frames_n; i++) {
        tern_frame_crypto crypto;
        if (o->frames[i].type == TERN_F_CRYPTO && tern_frame_parse_crypto(o->frames[i].value, &crypto) == TERN_OK &&
            find_parameters(&crypto, out))
            return true;
    }
    return false;
}
