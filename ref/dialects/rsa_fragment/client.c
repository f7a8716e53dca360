/* SPDX-License-Identifier: MIT */
/* rsa-fragment, the client (spec: dialects/rsa-fragment): gives its key, asks for the server's, and says one text at a
 * time, again until it is acknowledged. */
#include "dialects/client.h"

#include <string.h>

#include "crypto/rsa_pem.h"
#include "dialects/blocks.h"
#include "dialects/lines.h"
#include "dialects/pieces.h"
#include "dialects/rsa_fragment/codec.h"
#include "dialects/rsa_fragment/letter.h"
#include "dialects/said.h"

#define KEEP_ALIVE (60 * TERN_SECOND)

typedef struct {
    tern_rsa_public server;
    uint32_t last_id;
    size_t sealed_n; /* of what was said and is not acknowledged; it stands behind the pieces */
    size_t sealed_at;
    bool was_asked;     /* for fragments, since the message was sent: the server asks once */
    tern_time alive_at; /* when its key is told again, to show that it is there */
    tern_said heard;
    tern_pieces pieces; /* its area stands behind */
} own;

static uint32_t ciphertext_max(const tern_dialect_config *config)
{
    return (uint32_t)tern_rsaf_ciphertext_max(config->max_message + TERN_LINE_EXTRA);
}

static size_t own_size(const tern_dialect_config *config)
{
    return sizeof(own) + tern_pieces_area(ciphertext_max(config)) + ciphertext_max(config);
}

static size_t scratch_size(const tern_dialect_config *config)
{
    return ciphertext_max(config);
}

static const char *init(tern_dialect_client *c, const tern_dialect_config *config)
{
    own *o = tern_dialect_client_own(c);
    uint32_t most = ciphertext_max(config);
    o->sealed_at = sizeof(own) + tern_pieces_area(most);
    o->last_id = (uint32_t)tern_drbg_u64(&c->drbg);
    o->alive_at = TERN_TIME_NEVER;
    tern_pieces_init(&o->pieces, sizeof(own) - offsetof(own, pieces), most, config->fragment_timeout_ms * TERN_MS);
    return NULL;
}

static void tell_key(tern_dialect_client *c)
{
    char pem[TERN_RSA_PEM_MAX];
    size_t n = tern_rsa_public_to_pem(&c->key.public_key, pem);
    (void)tern_post_send(&c->post, &c->config.path, tern_bytes_of(pem, n));
}

static tern_rsaf_letter letter_of(tern_dialect_client *c, const own *o)
{
    return (tern_rsaf_letter){ .post = &c->post, .path = &c->config.path, .key = &o->server, .id = o->last_id };
}

static tern_bytes sealed_of(const own *o)
{
    return tern_bytes_of((const uint8_t *)o + o->sealed_at, o->sealed_n);
}

static void ask(tern_dialect_client *c)
{
    own *o = tern_dialect_client_own(c);
    if (c->state == TERN_DIALECT_STARTING) {
        tell_key(c);
        (void)tern_post_send(&c->post, &c->config.path, tern_rsaf_key_request());
        return;
    }
    /*= RSF-021 */
    tern_rsaf_letter letter = letter_of(c, o);
    o->was_asked = false;
    (void)tern_rsaf_post(&letter, sealed_of(o));
}

static int say(tern_dialect_client *c, tern_bytes text)
{
    own *o = tern_dialect_client_own(c);
    o->sealed_n = tern_blocks_seal(&o->server, &c->drbg, text, (uint8_t *)o + o->sealed_at);
    o->last_id++;
    tern_dialect_client_becomes(c, TERN_DIALECT_WAITING);
    return TERN_OK;
}

static tern_drop take_key(tern_dialect_client *c, tern_bytes pem)
{
    own *o = tern_dialect_client_own(c);
    tern_rsa_public key;
    if (c->state != TERN_DIALECT_STARTING) return TERN_DROP_UNEXPECTED; /* the first one holds */
    if (!tern_rsa_public_from_pem(&key, pem)) return TERN_DROP_MALFORMED;
    if (!tern_dialect_client_trusts(c, &key)) return TERN_DROP_UNEXPECTED;
    o->server = key;
    /*= RSF-023 */
    c->next_at = o->alive_at = c->now + KEEP_ALIVE;
    tern_dialect_client_becomes(c, TERN_DIALECT_READY);
    return TERN_DROP_NONE;
}

/* An answer, when one is waited for; else a text. */
static tern_drop take_text(tern_dialect_client *c, tern_bytes text)
{
    const own *o = tern_dialect_client_own(c);
    bool has_id;
    uint32_t id;
    if (tern_rsaf_read_ack(text, &has_id, &id)) {
        bool ours = c->state == TERN_DIALECT_WAITING && has_id == tern_rsaf_is_cut(o->sealed_n, &o->server) &&
                    (!has_id || id == o->last_id);
        if (ours) tern_dialect_client_becomes(c, TERN_DIALECT_READY);
        return ours ? TERN_DROP_NONE : TERN_DROP_DUPLICATE;
    }
    return tern_dialect_client_told(c, NULL, text) ? TERN_DROP_NONE : TERN_DROP_NO_MEMORY;
}

/* Fragments that the server misses, the same bytes. An answer of this kind for anything else is a text, as it is to
 * clients that do not know it. */
/*= RSF-015 */
static bool take_nack(tern_dialect_client *c, tern_bytes text)
{
    own *o = tern_dialect_client_own(c);
    tern_rsaf_nack nack;
    if (c->state != TERN_DIALECT_WAITING || !tern_rsaf_read_nack(text, &nack) || nack.id != o->last_id) return false;
    tern_rsaf_letter letter = letter_of(c, o);
    for (size_t i = 0; i < nack.n && !o->was_asked; i++) (void)tern_rsaf_post_one(&letter, sealed_of(o), nack.no[i]);
    o->was_asked = true;
    return true;
}

static tern_drop take_sealed(tern_dialect_client *c, tern_buf sealed)
{
    own *o = tern_dialect_client_own(c);
    tern_said_mark mark = tern_said_mark_of(tern_bytes_of(sealed.p, sealed.n), 0);
    /*= RSF-022 */
    if (tern_said_look(&o->heard, &mark) != TERN_SAID_NEVER) return TERN_DROP_REPLAY;
    if (!tern_dialect_client_may_open(c, sealed.n)) return TERN_DROP_BUSY;
    if (!tern_blocks_open(&c->key, &sealed)) return TERN_DROP_AEAD;
    tern_said_remember(&o->heard, &mark);
    tern_bytes text = tern_bytes_of(sealed.p, sealed.n);
    return take_nack(c, text) ? TERN_DROP_NONE : take_text(c, text);
}

static tern_drop take_whole(tern_dialect_client *c, tern_bytes datagram)
{
    memcpy(tern_dialect_client_scratch(c), datagram.p, datagram.n);
    return take_sealed(c, (tern_buf){ tern_dialect_client_scratch(c), datagram.n });
}

static tern_time next_of(const own *o)
{
    tern_time next = tern_pieces_next(&o->pieces);
    return next < o->alive_at ? next : o->alive_at;
}

static tern_drop take_fragment(tern_dialect_client *c, const tern_rsaf_fragment *f)
{
    own *o = tern_dialect_client_own(c);
    tern_piece piece = { .id = f->id, .no = f->no, .total = f->total, .payload = f->payload };
    tern_piece_result result = tern_pieces_take(&o->pieces, c->now, &piece);
    c->next_at = next_of(o);
    if (result == TERN_PIECE_KEPT) return TERN_DROP_NONE;
    if (result == TERN_PIECE_TWICE) return TERN_DROP_DUPLICATE;
    if (result != TERN_PIECE_LAST) return TERN_DROP_MALFORMED;
    uint8_t *sealed = tern_dialect_client_scratch(c);
    size_t n = tern_pieces_join(&o->pieces, 0, f->id, sealed);
    return n % c->key.public_key.n == 0 ? take_sealed(c, (tern_buf){ sealed, n }) : TERN_DROP_MALFORMED;
}

/* An answer without encryption says only that something arrived: a server that does not know our key sends it so. */
static tern_drop take_clear(tern_dialect_client *c, tern_bytes text)
{
    bool has_id;
    uint32_t id;
    if (!tern_rsaf_read_ack(text, &has_id, &id)) return TERN_DROP_MALFORMED;
    /*= RSF-020 */
    tell_key(c);
    return take_text(c, text);
}

static tern_drop take(tern_dialect_client *c, const tern_path *path, tern_buf datagram)
{
    (void)path;
    tern_bytes bytes = { datagram.p, datagram.n };
    tern_rsaf_fragment f;
    tern_drop drop;
    switch (tern_rsaf_read(bytes, c->key.public_key.n, &f)) {
    case TERN_RSAF_KEY: return take_key(c, bytes);
    case TERN_RSAF_KEY_REQUEST: return TERN_DROP_UNEXPECTED;
    case TERN_RSAF_FRAGMENT:
        drop = take_clear(c, bytes); /* "1234567: ACK" has the shape of a fragment, too */
        return drop == TERN_DROP_MALFORMED ? take_fragment(c, &f) : drop;
    case TERN_RSAF_MAYBE_WHOLE:
        drop = take_whole(c, bytes);
        return drop == TERN_DROP_AEAD && f.total > 0 ? take_fragment(c, &f) : drop;
    case TERN_RSAF_WHOLE: break;
    }
    return take_clear(c, bytes);
}

static void tick(tern_dialect_client *c)
{
    own *o = tern_dialect_client_own(c);
    (void)tern_pieces_sweep(&o->pieces, c->now);
    if (c->now >= o->alive_at) {
        tell_key(c);
        o->alive_at = c->now + KEEP_ALIVE;
    }
    c->next_at = next_of(o);
}

const tern_dialect_client_rules tern_rsa_fragment_client_rules = {
    .dialect = TERN_DIALECT_RSA_FRAGMENT,
    .has_key = true,
    .own_size = own_size,
    .scratch_size = scratch_size,
    .init = init,
    .ask = ask,
    .take = take,
    .say = say,
    .tick = tick,
};
