/* SPDX-License-Identifier: MIT */
/* aes-session, the client (spec: dialects/aes-session). Keys, HELLO, CONFIRM; then texts, until the server has
 * forgotten the session, when it starts over and says its last text again. */
#include "dialects/client.h"

#include <string.h>

#include "crypto/rsa_pem.h"
#include "dialects/aes_session/codec.h"
#include "dialects/blocks.h"
#include "dialects/lines.h"

#define KEEP_ALIVE   (20 * TERN_SECOND) /* of silence: then an empty text is said */
#define RESTART_REST (500 * TERN_MS)    /* between one start and the next: an error is nobody's proven word */
#define REFUSALS     (200 * TERN_MS)    /* are waited for, to know how many texts were refused */
#define TEXTS_KEPT   16                 /* to be said again */
#define NONCES_KEPT  256
#define HELLO_TEXT   (TERN_AESS_ID_SIZE + TERN_RSA_PEM_MAX)
#define HELLO_MAX    (8 * TERN_RSA_BYTES_MAX)
#define EXTRA        (1 + 2 * TERN_AESS_ID_SIZE + TERN_AESS_SEALED_MAX)

typedef struct {
    bool has_server_key;
    tern_rsa_public server;
    tern_aess_session session;
    tern_time started;
    uint64_t nonce[NONCES_KEPT]; /* of what either side said last */
    uint32_t nonces;
    uint8_t hello[1 + HELLO_MAX]; /* the same bytes each time that it is sent: a server need not open them twice */
    size_t hello_n;
    uint32_t said, refused;    /* texts, and how many of the last of them */
    tern_time restart_at;      /* TERN_TIME_NEVER: nothing was refused */
    tern_time alive_at;        /* when silence has lasted long enough */
    size_t text_n[TEXTS_KEPT]; /* of the last texts, which stand behind, max_message bytes each */
} own;

static size_t text_max(const tern_dialect_config *config)
{
    return config->max_message + TERN_LINE_EXTRA;
}

static size_t own_size(const tern_dialect_config *config)
{
    return sizeof(own) + TEXTS_KEPT * (size_t)config->max_message;
}

static size_t scratch_size(const tern_dialect_config *config)
{
    return text_max(config) + EXTRA;
}

static uint8_t *text_of(const tern_dialect_client *c, own *o, uint32_t number)
{
    return (uint8_t *)(o + 1) + number % TEXTS_KEPT * (size_t)c->config.max_message;
}

static void set_timer(tern_dialect_client *c, const own *o)
{
    c->next_at = o->restart_at < o->alive_at ? o->restart_at : o->alive_at;
}

static void send_key(tern_dialect_client *c)
{
    char pem[TERN_RSA_PEM_MAX];
    size_t n = tern_rsa_public_to_pem(&c->key.public_key, pem);
    uint8_t *to = tern_post_datagram(&c->post, &c->config.path, 1 + n);
    if (to == NULL) return;
    to[0] = TERN_AESS_CLIENT_KEY;
    memcpy(to + 1, pem, n);
}

static void seal_hello(tern_dialect_client *c)
{
    own *o = tern_dialect_client_own(c);
    uint8_t text[HELLO_TEXT];
    char pem[TERN_RSA_PEM_MAX];
    size_t n = tern_rsa_public_to_pem(&c->key.public_key, pem);
    memcpy(text, o->session.cid.b, sizeof o->session.cid.b);
    memcpy(text + sizeof o->session.cid.b, pem, n);
    o->hello[0] = TERN_AESS_HELLO;
    n = tern_blocks_seal(&o->server, &c->drbg, tern_bytes_of(text, sizeof o->session.cid.b + n), o->hello + 1);
    o->hello_n = 1 + n;
}

static void ask(tern_dialect_client *c)
{
    const own *o = tern_dialect_client_own(c);
    if (o->has_server_key)
        (void)tern_post_send(&c->post, &c->config.path, tern_bytes_of(o->hello, o->hello_n));
    else
        send_key(c);
}

/*= SES-022 */
/* Of either side: what this client said could be sent back to it. */
static bool is_new(own *o, uint64_t nonce)
{
    for (uint32_t i = 0; i < NONCES_KEPT && i < o->nonces; i++)
        if (o->nonce[i] == nonce) return false;
    o->nonce[o->nonces++ % NONCES_KEPT] = nonce;
    return true;
}

static bool send_sealed(tern_dialect_client *c, tern_aess_type type, tern_bytes text)
{
    own *o = tern_dialect_client_own(c);
    uint64_t nonce;
    tern_writer w = tern_writer_of((tern_buf){ tern_dialect_client_scratch(c), text_max(&c->config) + EXTRA });
    tern_write_u8(&w, (uint8_t)type);
    tern_write_bytes(&w, tern_bytes_of(o->session.cid.b, sizeof o->session.cid.b));
    tern_aess_seal(&o->session, &c->drbg, tern_bytes_of(o->session.sid.b, sizeof o->session.sid.b), text, &w);
    o->alive_at = c->now + KEEP_ALIVE;
    set_timer(c, o);
    memcpy(&nonce, w.start + 1 + sizeof o->session.cid.b, sizeof nonce);
    (void)is_new(o, nonce);
    return tern_writer_ok(&w) && tern_post_send(&c->post, &c->config.path, tern_written(&w));
}

static void confirm(tern_dialect_client *c)
{
    (void)send_sealed(c, TERN_AESS_CONFIRM, tern_bytes_of("OK", 2));
}

static int say(tern_dialect_client *c, tern_bytes text)
{
    own *o = tern_dialect_client_own(c);
    if (!send_sealed(c, TERN_AESS_TEXT, text)) return TERN_E_BLOCKED;
    if (text.n > 0) memcpy(text_of(c, o, o->said), text.p, text.n);
    o->text_n[o->said++ % TEXTS_KEPT] = text.n;
    return TERN_OK;
}

/*= SES-002 */
static void start(tern_dialect_client *c)
{
    own *o = tern_dialect_client_own(c);
    o->has_server_key = false;
    o->nonces = 0;
    o->started = c->now;
    o->restart_at = o->alive_at = TERN_TIME_NEVER;
    tern_drbg_bytes(&c->drbg, (tern_buf){ o->session.cid.b, sizeof o->session.cid.b });
}

static const char *init(tern_dialect_client *c, const tern_dialect_config *config)
{
    (void)config;
    start(c);
    return NULL;
}

static tern_drop take_server_key(tern_dialect_client *c, tern_bytes pem)
{
    own *o = tern_dialect_client_own(c);
    if (c->state != TERN_DIALECT_STARTING || o->has_server_key) return TERN_DROP_UNEXPECTED;
    tern_rsa_public key;
    if (!tern_rsa_public_from_pem(&key, pem)) return TERN_DROP_MALFORMED;
    if (!tern_dialect_client_trusts(c, &key)) return TERN_DROP_UNEXPECTED;
    o->server = key;
    o->has_server_key = true;
    seal_hello(c);
    tern_dialect_client_becomes(c, TERN_DIALECT_STARTING); /* the next step has tries of its own */
    return TERN_DROP_NONE;
}

/* As many of the last texts as were refused: from some point on, all of them were. */
/*= SES-020 */
static void say_again(tern_dialect_client *c, own *o)
{
    uint32_t n = o->refused < o->said ? o->refused : o->said;
    if (n > TEXTS_KEPT) n = TEXTS_KEPT;
    for (uint32_t i = o->said - n; i != o->said; i++)
        (void)send_sealed(c, TERN_AESS_TEXT, tern_bytes_of(text_of(c, o, i), o->text_n[i % TEXTS_KEPT]));
    o->refused = 0;
}

/*= SES-021 */
static tern_drop take_session(tern_dialect_client *c, tern_buf sealed)
{
    own *o = tern_dialect_client_own(c);
    tern_aess_session session;
    if (c->state != TERN_DIALECT_STARTING || !o->has_server_key) return TERN_DROP_UNEXPECTED;
    if (sealed.n != c->key.public_key.n || !tern_dialect_client_may_open(c, sealed.n)) return TERN_DROP_BUSY;
    if (!tern_blocks_open(&c->key, &sealed) || !tern_aess_read_session(tern_bytes_of(sealed.p, sealed.n), &session) ||
        !tern_aess_same(&session.cid, &o->session.cid))
        return TERN_DROP_AEAD;
    if (session.algorithm == TERN_AESS_CTR && !c->config.aes_ctr) {
        tern_dialect_client_close(c, TERN_HANDSHAKE_FAILURE);
        return TERN_DROP_HELLO;
    }
    o->session = session;
    confirm(c);
    tern_dialect_client_becomes(c, TERN_DIALECT_READY);
    say_again(c, o);
    return TERN_DROP_NONE;
}

static tern_drop take_text(tern_dialect_client *c, tern_buf sealed)
{
    own *o = tern_dialect_client_own(c);
    uint64_t nonce;
    if (c->state == TERN_DIALECT_STARTING) return TERN_DROP_KEYS;
    if (!tern_aess_open(&o->session, &sealed, &nonce)) return TERN_DROP_AEAD;
    if (!is_new(o, nonce)) return TERN_DROP_REPLAY;
    return tern_dialect_client_told(c, NULL, tern_bytes_of(sealed.p, sealed.n)) ? TERN_DROP_NONE : TERN_DROP_NO_MEMORY;
}

static tern_drop take_error(tern_dialect_client *c, tern_bytes error)
{
    own *o = tern_dialect_client_own(c);
    if (error.n < 1) return TERN_DROP_SHORT;
    /* While starting, the next try comes by itself; what else it says cannot be mended by starting over. */
    if (error.p[0] != TERN_AESS_BAD_SESSION || c->state != TERN_DIALECT_READY) return TERN_DROP_NONE;
    o->refused++;
    if (o->restart_at != TERN_TIME_NEVER) return TERN_DROP_NONE;
    /*= SES-020 */
    tern_time rested = o->started + RESTART_REST;
    o->restart_at = c->now + REFUSALS > rested ? c->now + REFUSALS : rested;
    set_timer(c, o);
    return TERN_DROP_NONE;
}

static tern_drop take(tern_dialect_client *c, const tern_path *path, tern_buf datagram)
{
    (void)path;
    if (datagram.n < 2) return TERN_DROP_SHORT;
    tern_buf rest = { datagram.p + 1, datagram.n - 1 };
    switch (datagram.p[0]) {
    case TERN_AESS_SERVER_KEY: return take_server_key(c, tern_bytes_of(rest.p, rest.n));
    case TERN_AESS_SESSION: return take_session(c, rest);
    case TERN_AESS_TEXT: return take_text(c, rest);
    case TERN_AESS_ERROR: return take_error(c, tern_bytes_of(rest.p, rest.n));
    default: return TERN_DROP_TYPE;
    }
}

static void tick(tern_dialect_client *c)
{
    const own *o = tern_dialect_client_own(c);
    if (c->state != TERN_DIALECT_READY) return;
    if (c->now >= o->restart_at) {
        start(c);
        tern_dialect_client_becomes(c, TERN_DIALECT_STARTING);
    } else {
        (void)say(c, tern_bytes_of(NULL, 0)); /* may be refused as any other */
    }
}

const tern_dialect_client_rules tern_aes_session_client_rules = {
    .dialect = TERN_DIALECT_AES_SESSION,
    .has_key = true,
    .own_size = own_size,
    .scratch_size = scratch_size,
    .init = init,
    .ask = ask,
    .take = take,
    .say = say,
    .tick = tick,
};
