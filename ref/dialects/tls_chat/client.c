/* SPDX-License-Identifier: MIT */
/* tls-chat, the client (spec: dialects/tls-chat). */
#include "dialects/client.h"
#include "base/bounds.h"
#include "dialects/lines.h"
#include "dialects/tls_chat/stream.h"
#include "dialects/tls_chat/words.h"
#include "wire/room_tlv.h"

#include <string.h>

typedef struct {
    bool started, named;
    char nick[TERN_NICK_SIZE];
    size_t nick_n;
    char server_name[256];
    tern_anchors anchors;
    uint8_t storage[TERN_ANCHOR_STORAGE_MAX];
    tern_tlsc_stream stream;
} own;

static size_t own_size(const tern_dialect_config *config)
{
    return tern_aligned(sizeof(own)) + tern_tlsc_stream_area(config);
}

static size_t scratch_size(const tern_dialect_config *config)
{
    return 2 * tern_tlsc_message_max(config);
}

static tern_tls *tls_of(own *o)
{
    return tern_tlsc_stream_tls(&o->stream);
}

static size_t length_of(const char *text, size_t most)
{
    size_t n = 0;
    while (text != NULL && n < most && text[n] != '\0') n++;
    return n;
}

static const char *init(tern_dialect_client *c, const tern_dialect_config *config)
{
    own *o = tern_dialect_client_own(c);
    o->nick_n = length_of(config->nick, sizeof o->nick);
    if (!tern_room_name_ok(tern_bytes_of(config->nick, o->nick_n)))
        return "a name is 1 to 64 bytes of UTF-8 without control characters, and not blank";
    memcpy(o->nick, config->nick, o->nick_n);
    size_t n = length_of(config->server_name, sizeof o->server_name);
    if (n == sizeof o->server_name) return "the server's name is too long";
    if (n > 0) memcpy(o->server_name, config->server_name, n);
    if (config->cert_pem.n > 0 &&
        tern_anchors_from_pem(&o->anchors, config->cert_pem, (tern_buf){ o->storage, sizeof o->storage }) != TERN_OK)
        return "the file of authorities has no certificate that can be used";
    tern_tlsc_stream_init(&o->stream, config, tern_aligned(sizeof *o) - offsetof(own, stream));
    return NULL;
}

static void pump(tern_dialect_client *c)
{
    own *o = tern_dialect_client_own(c);
    bool unsent = tern_tlsc_stream_pump(&o->stream, &c->post, &c->config.path);
    c->next_at = unsent ? c->now + TERN_MS : TERN_TIME_NEVER;
}

static tern_tls_trust trust_of(const tern_dialect_client *c, const own *o)
{
    tern_tls_trust trust = { .anchors = o->anchors.n > 0 ? &o->anchors : NULL,
                             .unix_seconds = c->config.unix_seconds_at_0 + c->now / TERN_SECOND };
    const tern_addr *addr = &c->config.path.remote;
    trust.name = (tern_name){ TERN_NAME_IP, tern_bytes_of(addr->ip, addr->family == 6 ? 16 : 4) };
    if (o->server_name[0] != '\0')
        trust.name = (tern_name){ TERN_NAME_DNS,
                                  tern_bytes_of(o->server_name, length_of(o->server_name, sizeof o->server_name)) };
    return trust;
}

/* TCP says things again by itself: the first time is the only one. */
static void ask(tern_dialect_client *c)
{
    own *o = tern_dialect_client_own(c);
    if (o->started) return;
    tern_tls_trust trust = trust_of(c, o);
    o->started = true;
    tern_tls_connect(tls_of(o), &trust, &c->drbg);
    pump(c);
}

static int send_text(tern_dialect_client *c, tern_bytes text)
{
    own *o = tern_dialect_client_own(c);
    tern_tlsc_form form = o->stream.form != 0 ? o->stream.form : 8;
    int result = tern_tlsc_stream_write(&o->stream, form, text, tern_dialect_client_scratch(c));
    if (result == TERN_OK) pump(c);
    return result;
}

static void say_name(tern_dialect_client *c, own *o)
{
    uint8_t text[TERN_NICK_SIZE + TERN_TLSC_WORDS_MAX];
    tern_writer w = tern_writer_of((tern_buf){ text, sizeof text });
    tern_tlsc_write_name(&w, tern_bytes_of(o->nick, o->nick_n));
    o->named = send_text(c, tern_written(&w)) == TERN_OK;
}

/* Any drop ends the connection, here and in what calls it. */
static tern_drop take_message(tern_dialect_client *c, tern_bytes pickle)
{
    tern_buf scratch = { tern_dialect_client_scratch(c), 2 * tern_tlsc_message_max(&c->config) };
    tern_bytes text;
    tern_drop drop = tern_pickle_read(pickle, scratch, &text);
    if (drop != TERN_DROP_NONE) return drop;
    if (c->state == TERN_DIALECT_STARTING) {
        if (!tern_tlsc_is_welcome(text)) return TERN_DROP_MALFORMED;
        tern_dialect_client_becomes(c, TERN_DIALECT_READY);
        return TERN_DROP_NONE;
    }
    /* A message begins with a line break, for a terminal on which somebody is writing. */
    if (text.n > 0 && text.p[0] == '\n') text = tern_bytes_of(text.p + 1, text.n - 1);
    if (!tern_dialect_client_told(c, NULL, text)) c->post.stats.drops[TERN_DROP_NO_MEMORY]++;
    return TERN_DROP_NONE;
}

static tern_drop take_messages(tern_dialect_client *c, own *o)
{
    size_t at = 0;
    tern_bytes pickle;
    tern_tlsc_result result;
    while ((result = tern_tlsc_stream_next(&o->stream, &at, &pickle)) == TERN_TLSC_MESSAGE) {
        tern_drop drop = take_message(c, pickle);
        if (drop != TERN_DROP_NONE) return drop;
    }
    tern_tlsc_stream_took(&o->stream, at);
    return result == TERN_TLSC_WRONG ? TERN_DROP_MALFORMED : TERN_DROP_NONE;
}

static tern_drop feed(tern_dialect_client *c, own *o, tern_bytes wire)
{
    size_t moved = 1;
    while (moved > 0) {
        tern_tlsc_stream_feed(&o->stream, &wire, &moved);
        if (!o->named && tern_tls_state_of(tls_of(o)) == TERN_TLS_OPEN) say_name(c, o);
        tern_drop drop = take_messages(c, o);
        if (drop != TERN_DROP_NONE) return drop;
        pump(c);
    }
    return wire.n == 0 && tern_tls_state_of(tls_of(o)) != TERN_TLS_OVER ? TERN_DROP_NONE : TERN_DROP_MALFORMED;
}

/* Ends the connection; what TLS has to say of it goes first. */
static void hang_up(tern_dialect_client *c)
{
    own *o = tern_dialect_client_own(c);
    if (o->started) {
        tern_tls_end(tls_of(o));
        pump(c);
    }
    (void)tern_post_send(&c->post, &c->config.path, tern_bytes_of(NULL, 0));
}

static tern_drop take(tern_dialect_client *c, const tern_path *path, tern_buf chunk)
{
    own *o = tern_dialect_client_own(c);
    (void)path;
    tern_drop drop = chunk.n > 0 ? feed(c, o, (tern_bytes){ chunk.p, chunk.n }) : TERN_DROP_NONE;
    if (chunk.n > 0 && drop == TERN_DROP_NONE) return TERN_DROP_NONE;
    tern_error refusal = tern_tls_refusal(tls_of(o));
    bool polite = chunk.n == 0 || tern_tls_error(tls_of(o)) == 0;
    hang_up(c);
    tern_dialect_client_close(c, refusal != TERN_OK ? refusal : polite ? TERN_E_CLOSED : TERN_PROTOCOL_VIOLATION);
    return drop;
}

static int say(tern_dialect_client *c, tern_bytes text)
{
    return send_text(c, text);
}

const tern_dialect_client_rules tern_tls_chat_client_rules = {
    .dialect = TERN_DIALECT_TLS_CHAT,
    .own_size = own_size,
    .scratch_size = scratch_size,
    .init = init,
    .ask = ask,
    .take = take,
    .say = say,
    .leave = hang_up,
    .tick = pump,
};
