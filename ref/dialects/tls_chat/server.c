/* SPDX-License-Identifier: MIT */
/* tls-chat, the server (spec: dialects/tls-chat): what stands in the TLS of each connection, and the conversation. */
#include "dialects/server.h"
#include "base/bounds.h"
#include "crypto/ct.h"
#include "crypto/identity.h"
#include "dialects/lines.h"
#include "dialects/tls_chat/stream.h"
#include "dialects/tls_chat/words.h"

#include <string.h>

#define NAME_TIMEOUT (10 * TERN_SECOND) /* for TLS and a name */
#define PUMP_AGAIN   TERN_MS            /* when there was no room for what TLS has to send */
#define CHAIN_BYTES  8192

typedef struct {
    tern_time born;
    bool unsent;     /* TLS has bytes for which there was no room */
    uint32_t others; /* how many there are in the room besides */
    tern_tlsc_stream stream;
} guest;

typedef struct {
    tern_identity id;
    uint8_t der[CHAIN_BYTES];
    size_t server_at;
} own;

static size_t client_size(const tern_dialect_config *config)
{
    return tern_aligned(sizeof(guest)) + tern_tlsc_stream_area(config);
}

static size_t own_size(const tern_dialect_config *config)
{
    (void)config;
    return tern_aligned(sizeof(own)) + tern_tls_server_size();
}

/* A text that is written, its message, and what a pickle's reader needs. */
static size_t scratch_size(const tern_dialect_config *config)
{
    return 4 * tern_tlsc_message_max(config);
}

static tern_tls_server *server_of(const tern_dialect_server *s)
{
    own *o = tern_dialect_own(s);
    return (tern_tls_server *)((uint8_t *)o + o->server_at);
}

static const char *init(tern_dialect_server *s, const tern_dialect_config *config)
{
    own *o = tern_dialect_own(s);
    tern_identity_result result =
        tern_identity_from_pem(&o->id, config->key_pem, config->cert_pem, (tern_buf){ o->der, sizeof o->der });
    if (result != TERN_IDENTITY_OK) return tern_identity_text(result);
    o->server_at = tern_aligned(sizeof(own));
    tern_tls_server_init(server_of(s), &s->key, &o->id.chain);
    return NULL;
}

/* ---- TLS ---- */

static void pump(tern_dialect_server *s, const tern_dialect_guest *c, guest *g)
{
    g->unsent = tern_tlsc_stream_pump(&g->stream, &s->post, &c->path);
}

static void close_at(tern_dialect_server *s, const tern_path *path)
{
    (void)tern_post_send(&s->post, path, tern_bytes_of(NULL, 0));
}

static void going(tern_dialect_server *s, tern_dialect_guest *c)
{
    guest *g = tern_dialect_part(c);
    tern_tls_end(tern_tlsc_stream_tls(&g->stream));
    pump(s, c, g);
    close_at(s, &c->path);
    tern_wipe(tern_tlsc_stream_tls(&g->stream), tern_tls_size());
}

static bool send_text(tern_dialect_server *s, const tern_dialect_guest *c, guest *g, tern_bytes text)
{
    uint8_t *scratch = tern_dialect_scratch(s) + g->stream.most;
    int result = tern_tlsc_stream_write(&g->stream, g->stream.form, text, scratch);
    if (result == TERN_OK) pump(s, c, g);
    return result != TERN_E_BLOCKED; /* what is longer than this dialect carries goes nowhere */
}

/* ---- the conversation ---- */

/*= TCH-020 */
static tern_drop take_name(tern_dialect_server *s, tern_dialect_guest *c, guest *g, tern_bytes text)
{
    tern_bytes name;
    if (!tern_tlsc_read_name(text, &name)) return TERN_DROP_MALFORMED;
    tern_dialect_arrive(s, c, name);
    tern_writer w = tern_writer_of((tern_buf){ tern_dialect_scratch(s), tern_tlsc_message_max(&s->config) });
    tern_tlsc_write_welcome(&w, &c->path.remote);
    return send_text(s, c, g, tern_written(&w)) ? TERN_DROP_NONE : TERN_DROP_NO_MEMORY;
}

/*= TCH-023 */
static tern_drop take_line(tern_dialect_server *s, const tern_dialect_guest *c, tern_bytes text)
{
    tern_writer w = tern_writer_of((tern_buf){ tern_dialect_scratch(s), s->config.max_message });
    tern_line_write_plain(&w, text);
    if (!tern_writer_ok(&w)) return TERN_DROP_MALFORMED;
    if (w.n > 0 && !tern_dialect_said(s, c, tern_written(&w))) s->post.stats.drops[TERN_DROP_NO_MEMORY]++;
    return TERN_DROP_NONE;
}

/* One message. Any drop ends the connection, here and in what calls it. */
static tern_drop take_message(tern_dialect_server *s, tern_dialect_guest *c, tern_bytes pickle)
{
    guest *g = tern_dialect_part(c);
    size_t most = g->stream.most;
    tern_bytes text;
    /*= TCH-011 */
    tern_buf scratch = { tern_dialect_scratch(s) + 2 * most, 2 * most };
    tern_drop drop = tern_pickle_read(pickle, scratch, &text);
    if (drop != TERN_DROP_NONE) return drop;
    return c->member ? take_line(s, c, text) : take_name(s, c, g, text);
}

/* All messages that are whole. */
static tern_drop take_messages(tern_dialect_server *s, tern_dialect_guest *c, guest *g)
{
    size_t at = 0;
    tern_bytes pickle;
    tern_tlsc_result result;
    while ((result = tern_tlsc_stream_next(&g->stream, &at, &pickle)) == TERN_TLSC_MESSAGE) {
        tern_drop drop = take_message(s, c, pickle);
        if (drop != TERN_DROP_NONE) return drop;
    }
    tern_tlsc_stream_took(&g->stream, at);
    return result == TERN_TLSC_WRONG ? TERN_DROP_MALFORMED : TERN_DROP_NONE;
}

/* Bytes that came. */
static tern_drop feed(tern_dialect_server *s, tern_dialect_guest *c, tern_bytes wire)
{
    guest *g = tern_dialect_part(c);
    size_t moved = 1;
    while (moved > 0) {
        tern_tlsc_stream_feed(&g->stream, &wire, &moved);
        tern_drop drop = take_messages(s, c, g);
        if (drop != TERN_DROP_NONE) return drop;
        pump(s, c, g);
    }
    bool open = wire.n == 0 && tern_tls_state_of(tern_tlsc_stream_tls(&g->stream)) != TERN_TLS_OVER;
    return open ? TERN_DROP_NONE : TERN_DROP_MALFORMED;
}

/*= TCH-021 */
static tern_dialect_guest *welcome(tern_dialect_server *s, const tern_path *path)
{
    tern_dialect_guest *c = tern_dialect_meet(s, path);
    if (c == NULL) return NULL;
    guest *g = tern_dialect_part(c);
    g->born = s->now;
    tern_tlsc_stream_init(&g->stream, &s->config, tern_aligned(sizeof *g) - offsetof(guest, stream));
    tern_tls_accept(tern_tlsc_stream_tls(&g->stream), server_of(s), &s->drbg);
    return c;
}

static tern_drop take(tern_dialect_server *s, const tern_path *path, tern_buf chunk)
{
    tern_dialect_guest *c = tern_dialect_find(s, path);
    if (chunk.n == 0) {
        if (c != NULL) tern_dialect_go(s, c, TERN_LEFT_CLOSED);
        return c != NULL ? TERN_DROP_NONE : TERN_DROP_UNEXPECTED;
    }
    if (c == NULL && tern_dialect_may_open(s, &path->remote, s->key.public_key.n)) c = welcome(s, path);
    if (c == NULL) {
        close_at(s, path);
        return TERN_DROP_BUSY;
    }
    tern_dialect_heard(s, c, path);
    tern_drop drop = feed(s, c, (tern_bytes){ chunk.p, chunk.n });
    if (drop != TERN_DROP_NONE) tern_dialect_go(s, c, TERN_LEFT_CLOSED);
    return drop;
}

/* ---- what is told ---- */

static int tell(tern_dialect_server *s, tern_dialect_guest *c, const tern_event *event, tern_bytes body)
{
    guest *g = tern_dialect_part(c);
    tern_writer w = tern_writer_of((tern_buf){ tern_dialect_scratch(s), tern_tlsc_message_max(&s->config) });
    tern_tlsc_write_event(&w, event, g->others + 2, body);
    if (tern_writer_ok(&w) && w.n > 0 && !send_text(s, c, g, tern_written(&w))) return TERN_E_BLOCKED;
    if (event->type == TERN_EVENT_PRESENT || event->type == TERN_EVENT_ARRIVED) g->others++;
    if (event->type == TERN_EVENT_LEFT && g->others > 0) g->others--;
    return TERN_OK;
}

/* ---- time ---- */

static tern_time due(const tern_dialect_server *s, tern_dialect_guest *c)
{
    const guest *g = tern_dialect_part(c);
    tern_time name = c->member ? TERN_TIME_NEVER : g->born + NAME_TIMEOUT;
    tern_time again = g->unsent ? s->now + PUMP_AGAIN : TERN_TIME_NEVER;
    return name < again ? name : again;
}

static tern_time next(const tern_dialect_server *s)
{
    tern_time next = TERN_TIME_NEVER;
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        if (c->peer != 0 && due(s, c) < next) next = due(s, c);
    }
    return next;
}

static void tick(tern_dialect_server *s)
{
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        guest *g = tern_dialect_part(c);
        if (c->peer == 0) continue;
        if (g->unsent) pump(s, c, g);
        if (!c->member && s->now >= g->born + NAME_TIMEOUT) tern_dialect_go(s, c, TERN_LEFT_TIMED_OUT);
    }
}

static const char *const warnings[] = {
    "its clients do not look at the certificate: anybody on the path can stand between",
    "AES128-SHA, which old clients ask for, has no forward secrecy: whoever gets the key later reads it all",
    "a name is anybody's",
    NULL,
};

const tern_dialect_rules tern_tls_chat_rules = {
    .facts = { TERN_DIALECT_TLS_CHAT, "tls-chat", TERN_CARRIER_TCP, "127.0.0.1:3490", 2048, warnings },
    .client_size = client_size,
    .own_size = own_size,
    .scratch_size = scratch_size,
    .init = init,
    .take = take,
    .tell = tell,
    .going = going,
    .tick = tick,
    .next = next,
};
