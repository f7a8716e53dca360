/* SPDX-License-Identifier: MIT */
/* aes-session, the server (spec: dialects/aes-session): a session is prepared by a HELLO, and active once its client
 * has shown that it can read the key. */
#include "dialects/server.h"
#include "dialects/aes_session/codec.h"
#include "dialects/blocks.h"
#include "dialects/lines.h"
#include "dialects/said.h"

#include <string.h>

#include "crypto/rsa_pem.h"
#include "wire/packet.h"

#define TEXTS_MOST    1024              /* of one session: their nonces are all kept, so that none is taken twice */
#define HELLO_MAX     4096              /* bytes of RSA blocks in a HELLO */
#define PREPARED_MOST (5 * TERN_SECOND) /* until its client has shown that it has the key */
#define SEALED_IDS    (1 + 2 * TERN_AESS_ID_SIZE + TERN_AESS_SEALED_MAX)

/* Of one address. A HELLO prepares the next session beside the one that is active, which anybody could end otherwise by
 * writing this address on a datagram: it takes the other's place when its client has shown that it has the key. */
typedef struct {
    bool active, prepared;
    tern_time prepared_at;
    tern_aess_session session, next;
    tern_rsa_public key;                /* of next's client */
    uint64_t session_hello, next_hello; /* hashes of those that they began with, which may come again */
    uint32_t taken;
    uint64_t nonce[TEXTS_MOST]; /* of session */
} guest;

typedef struct {
    char pem[TERN_RSA_PEM_MAX];
    size_t pem_n;
} own;

static size_t client_size(const tern_dialect_config *config)
{
    (void)config;
    return sizeof(guest);
}

static size_t own_size(const tern_dialect_config *config)
{
    (void)config;
    return sizeof(own);
}

static size_t scratch_size(const tern_dialect_config *config)
{
    size_t text = config->max_message + TERN_LINE_EXTRA;
    return HELLO_MAX + text + text + SEALED_IDS;
}

static const char *init(tern_dialect_server *s, const tern_dialect_config *config)
{
    own *o = tern_dialect_own(s);
    (void)config;
    o->pem_n = tern_rsa_public_to_pem(&s->key.public_key, o->pem);
    return NULL;
}

/* An error, of no more than three bytes for one that came, and not too many. */
/*= SES-006 SES-016 */
static tern_drop answer(tern_dialect_server *s, const tern_path *path, size_t came, tern_aess_error code, tern_drop why)
{
    uint8_t error[32];
    if (!tern_dialect_may_answer(s, &path->remote)) return why;
    size_t n = tern_aess_write_error(code, (tern_buf){ error, 3 * came < sizeof error ? 3 * came : sizeof error });
    if (n > 0) (void)tern_post_send(&s->post, path, tern_bytes_of(error, n));
    return why;
}

/*= SES-010 */
static tern_drop take_client_key(tern_dialect_server *s, const tern_path *path, tern_bytes pem)
{
    const own *o = tern_dialect_own(s);
    tern_rsa_public key;
    if (!tern_rsa_public_from_pem(&key, pem)) return answer(s, path, pem.n + 1, TERN_AESS_BAD_KEY, TERN_DROP_MALFORMED);
    if (!tern_dialect_may_answer(s, &path->remote)) return TERN_DROP_BUSY;
    uint8_t *to = tern_post_datagram(&s->post, path, 1 + o->pem_n);
    if (to == NULL) return TERN_DROP_NO_MEMORY;
    to[0] = TERN_AESS_SERVER_KEY;
    memcpy(to + 1, o->pem, o->pem_n);
    return TERN_DROP_NONE;
}

/* Whose session this is; *next says which of the two. */
static tern_dialect_guest *find_session(const tern_dialect_server *s, const tern_aess_id *cid, bool *next)
{
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        const guest *g = tern_dialect_part(c);
        *next = g->prepared && tern_aess_same(&g->next.cid, cid);
        if (c->peer != 0 && (*next || (g->active && tern_aess_same(&g->session.cid, cid)))) return c;
    }
    return NULL;
}

static tern_drop send_session(tern_dialect_server *s, const tern_dialect_guest *c, const guest *g)
{
    uint8_t text[2 * TERN_AESS_ID_SIZE + TERN_AES128_KEY_SIZE + 1];
    tern_writer w = tern_writer_of((tern_buf){ text, sizeof text });
    tern_aess_write_session(&g->next, &w);
    uint8_t *to = tern_post_datagram(&s->post, &c->path, 1 + g->key.n);
    if (to == NULL) return TERN_DROP_NO_MEMORY;
    to[0] = TERN_AESS_SESSION;
    tern_oaep_seal(&g->key, &s->drbg, tern_written(&w), to + 1);
    return TERN_DROP_NONE;
}

static tern_drop prepare(tern_dialect_server *s, const tern_path *path, uint64_t hello, const tern_aess_id *cid,
                         const tern_rsa_public *key)
{
    bool next;
    /*= SES-012 */
    if (find_session(s, cid, &next) != NULL) return TERN_DROP_UNEXPECTED; /* an id is one session's */
    tern_dialect_guest *c = tern_dialect_meet(s, path);
    if (c == NULL) return TERN_DROP_BUSY;
    guest *g = tern_dialect_part(c);
    g->prepared = true;
    g->prepared_at = s->now;
    g->next_hello = hello;
    g->key = *key;
    g->next.cid = *cid;
    g->next.algorithm = s->config.aes_ctr ? TERN_AESS_CTR : TERN_AESS_GCM;
    /*= SES-003 */
    tern_drbg_bytes(&s->drbg, (tern_buf){ g->next.sid.b, sizeof g->next.sid.b });
    tern_drbg_bytes(&s->drbg, (tern_buf){ g->next.key, sizeof g->next.key });
    return send_session(s, c, g);
}

/* Whose session began, or is to begin, with a HELLO of this hash; *prepared says which. */
static tern_dialect_guest *find_hello(const tern_dialect_server *s, uint64_t hello, bool *prepared)
{
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        const guest *g = tern_dialect_part(c);
        *prepared = g->prepared && g->next_hello == hello;
        if (c->peer != 0 && (*prepared || (g->active && g->session_hello == hello))) return c;
    }
    return NULL;
}

/* A HELLO that was opened before is not opened again: its own address is told the session again while that is only
 * prepared, as the answer may have been lost. */
/*= SES-011 */
static tern_drop take_hello_again(tern_dialect_server *s, const tern_path *path, const tern_dialect_guest *owner,
                                  bool prepared)
{
    if (!prepared || !tern_addr_equal(&owner->path.remote, &path->remote)) return TERN_DROP_REPLAY;
    if (!tern_dialect_may_answer(s, &path->remote)) return TERN_DROP_BUSY;
    return send_session(s, owner, (const guest *)(const void *)(owner + 1));
}

static tern_drop take_hello(tern_dialect_server *s, const tern_path *path, tern_buf sealed)
{
    tern_aess_id cid;
    tern_bytes pem;
    tern_rsa_public key;
    size_t came = sealed.n + 1;
    tern_said_mark mark = tern_said_mark_of(tern_bytes_of(sealed.p, sealed.n), tern_dialect_sender(s, &path->remote));
    bool prepared;
    tern_dialect_guest *owner = find_hello(s, mark.hash, &prepared);
    if (owner != NULL) return take_hello_again(s, path, owner, prepared);
    if (sealed.n > HELLO_MAX || sealed.n % s->key.public_key.n != 0)
        return answer(s, path, came, TERN_AESS_BAD_DECRYPTION, TERN_DROP_MALFORMED);
    /*= SES-015 */
    if (!tern_dialect_may_open(s, &path->remote, sealed.n))
        return answer(s, path, came, TERN_AESS_BUSY, TERN_DROP_BUSY);
    if (!tern_blocks_open(&s->key, &sealed) || !tern_aess_read_hello(tern_bytes_of(sealed.p, sealed.n), &cid, &pem))
        return answer(s, path, came, TERN_AESS_BAD_DECRYPTION, TERN_DROP_AEAD);
    if (!tern_rsa_public_from_pem(&key, pem)) return answer(s, path, came, TERN_AESS_BAD_KEY, TERN_DROP_MALFORMED);
    tern_drop drop = prepare(s, path, mark.hash, &cid, &key);
    if (drop == TERN_DROP_BUSY) return answer(s, path, came, TERN_AESS_BUSY, drop);
    return drop == TERN_DROP_UNEXPECTED ? answer(s, path, came, TERN_AESS_BAD_SESSION, drop) : drop;
}

/* Whether a nonce is new; it is kept. */
static bool is_new(guest *g, uint64_t nonce)
{
    for (uint32_t i = 0; i < g->taken; i++)
        if (g->nonce[i] == nonce) return false;
    g->nonce[g->taken++] = nonce;
    return true;
}

/*= SES-014 */
static void activate(guest *g)
{
    g->session = g->next;
    g->session_hello = g->next_hello;
    g->active = true;
    g->prepared = false;
    g->taken = 0;
}

/* A CONFIRM or TEXT: whose it is, and *text what it says behind the sid. */
static tern_drop open_from(tern_dialect_server *s, const tern_path *path, tern_buf datagram, bool confirms,
                           tern_dialect_guest **from, tern_bytes *text)
{
    tern_aess_id cid, sid;
    uint64_t nonce;
    size_t came = datagram.n + 1;
    tern_bytes rest = { datagram.p, datagram.n };
    if (!tern_aess_read_id(&rest, &cid)) return TERN_DROP_MALFORMED;
    bool next;
    tern_dialect_guest *c = find_session(s, &cid, &next);
    if (c == NULL) return answer(s, path, came, TERN_AESS_BAD_SESSION, TERN_DROP_UNKNOWN_CID);
    guest *g = tern_dialect_part(c);
    /*= SES-004 SES-017 */
    if ((next && !confirms) || (!next && g->taken == TEXTS_MOST))
        return answer(s, path, came, TERN_AESS_BAD_SESSION, TERN_DROP_KEYS);
    tern_buf sealed = { datagram.p + sizeof cid.b, rest.n };
    const tern_aess_session *session = next ? &g->next : &g->session;
    if (!tern_aess_open(session, &sealed, &nonce))
        return answer(s, path, came, TERN_AESS_BAD_DECRYPTION, TERN_DROP_AEAD);
    *text = tern_bytes_of(sealed.p, sealed.n);
    if (!tern_aess_read_id(text, &sid) || !tern_aess_same(&sid, &session->sid))
        return answer(s, path, came, TERN_AESS_BAD_SESSION, TERN_DROP_AEAD);
    /*= SES-004 */
    if (next && !tern_aess_is_ok(*text)) return TERN_DROP_MALFORMED;
    if (next) activate(g);
    if (!is_new(g, nonce)) return TERN_DROP_REPLAY;
    *from = c;
    return TERN_DROP_NONE;
}

static tern_drop take_sealed(tern_dialect_server *s, const tern_path *path, tern_buf datagram, bool confirms)
{
    tern_dialect_guest *c = NULL;
    tern_bytes text;
    tern_drop drop = open_from(s, path, datagram, confirms, &c, &text);
    if (drop != TERN_DROP_NONE) return drop;
    if (confirms && !tern_aess_is_ok(text)) return TERN_DROP_MALFORMED;
    tern_dialect_heard(s, c, path);
    tern_dialect_arrive(s, c, tern_bytes_of(NULL, 0));
    /*= SES-018 */
    if (confirms || text.n == 0) return TERN_DROP_NONE; /* it is there, and says no more */
    if (text.n > s->config.max_message) return TERN_DROP_MALFORMED;
    return c->member && tern_dialect_said(s, c, text) ? TERN_DROP_NONE : TERN_DROP_NO_MEMORY;
}

static tern_drop take(tern_dialect_server *s, const tern_path *path, tern_buf datagram)
{
    if (datagram.n < 2) return TERN_DROP_SHORT;
    tern_buf rest = { datagram.p + 1, datagram.n - 1 };
    switch (datagram.p[0]) {
    case TERN_AESS_CLIENT_KEY: return take_client_key(s, path, tern_bytes_of(rest.p, rest.n));
    case TERN_AESS_HELLO: return take_hello(s, path, rest);
    case TERN_AESS_CONFIRM: return take_sealed(s, path, rest, true);
    case TERN_AESS_TEXT: return take_sealed(s, path, rest, false);
    /*= SES-001 SES-006 */
    case TERN_AESS_ERROR: return TERN_DROP_UNEXPECTED; /* never answered */
    default: return TERN_DROP_TYPE;
    }
}

static int tell(tern_dialect_server *s, tern_dialect_guest *c, const tern_event *event, tern_bytes body)
{
    const guest *g = tern_dialect_part(c);
    size_t room = s->config.max_message + TERN_LINE_EXTRA;
    uint8_t *line = tern_dialect_scratch(s), *out = line + room;
    size_t n = tern_line_of(event, body, (tern_buf){ line, room });
    if (n == 0) return TERN_OK;
    tern_writer w = tern_writer_of((tern_buf){ out, room + SEALED_IDS });
    tern_write_u8(&w, TERN_AESS_TEXT);
    tern_aess_seal(&g->session, &s->drbg, tern_bytes_of(NULL, 0), tern_bytes_of(line, n), &w);
    tern_assert(tern_writer_ok(&w));
    return tern_post_send(&s->post, &c->path, tern_written(&w)) ? TERN_OK : TERN_E_BLOCKED;
}

/* ---- time ---- */

/*= SES-014 */
static tern_time next_end(const tern_dialect_server *s)
{
    tern_time next = TERN_TIME_NEVER;
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        const guest *g = tern_dialect_part(c);
        if (c->peer != 0 && g->prepared && g->prepared_at + PREPARED_MOST < next) next = g->prepared_at + PREPARED_MOST;
    }
    return next;
}

static void tick(tern_dialect_server *s)
{
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        guest *g = tern_dialect_part(c);
        if (c->peer == 0 || !g->prepared || s->now < g->prepared_at + PREPARED_MOST) continue;
        g->prepared = false;
        if (!g->active) tern_dialect_go(s, c, TERN_LEFT_TIMED_OUT);
    }
}

static const char *const warnings[] = {
    "the server does not prove who it is: anybody on the path can stand between it and a client",
    "whoever gets an RSA key later reads all that was said before",
    "what the server says can be held back and repeated to a client that keeps no list of what it heard",
    NULL,
};

const tern_dialect_rules tern_aes_session_rules = {
    .facts = { TERN_DIALECT_AES_SESSION, "aes-session", TERN_CARRIER_UDP, "127.0.0.1:5009", 2048, warnings },
    .client_size = client_size,
    .own_size = own_size,
    .scratch_size = scratch_size,
    .init = init,
    .take = take,
    .tell = tell,
    .tick = tick,
    .next = next_end,
};
