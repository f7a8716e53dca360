/* SPDX-License-Identifier: MIT */
/* rsa-fragment, the server (spec: dialects/rsa-fragment): keys, fragments, whole ciphertexts, answers. */
#include "dialects/server.h"
#include "dialects/blocks.h"
#include "dialects/lines.h"
#include "dialects/pieces.h"
#include "dialects/rsa_fragment/codec.h"
#include "dialects/rsa_fragment/letter.h"
#include "dialects/state.h"
#include "dialects/work.h"

#include <string.h>

#include "crypto/rsa_pem.h"

#define DONE_MOST 64

typedef struct {
    tern_rsa_public key; /* n 0: it has told none */
} guest;

typedef struct {
    char pem[TERN_RSA_PEM_MAX];
    size_t pem_n;
    uint32_t last_id;
    tern_said said;      /* ciphertexts that were taken */
    tern_said fragments; /* of whichever message */
    struct {
        uint64_t sender;
        uint32_t id;
    } done[DONE_MOST]; /* messages in fragments that were taken */
    uint32_t done_next;
    tern_pieces pieces; /* its area stands behind */
} own;

/* One whole ciphertext. */
typedef struct {
    const tern_path *path;
    uint64_t sender;
    bool has_id;
    uint32_t id;
} envelope;

static uint32_t ciphertext_max(const tern_dialect_config *config)
{
    return (uint32_t)tern_rsaf_ciphertext_max(config->max_message + TERN_LINE_EXTRA);
}

static size_t client_size(const tern_dialect_config *config)
{
    (void)config;
    return sizeof(guest);
}

static size_t own_size(const tern_dialect_config *config)
{
    return sizeof(own) + tern_pieces_area(ciphertext_max(config));
}

/* A text, and behind it its ciphertext, or the other way round. */
static size_t scratch_size(const tern_dialect_config *config)
{
    return 2 * (size_t)ciphertext_max(config);
}

static size_t job_size(const tern_dialect_config *config)
{
    return ciphertext_max(config);
}

static const char *init(tern_dialect_server *s, const tern_dialect_config *config)
{
    own *o = tern_dialect_own(s);
    o->pem_n = tern_rsa_public_to_pem(&s->key.public_key, o->pem);
    tern_pieces_init(&o->pieces, sizeof(own) - offsetof(own, pieces), ciphertext_max(config),
                     config->fragment_timeout_ms * TERN_MS);
    if (config->nack) o->pieces.ask_ns = config->fragment_timeout_ms * TERN_MS / 2;
    return NULL;
}

/* Sends a text to an address: sealed when the key of a client there is known, else as it is. */
static bool send_text(tern_dialect_server *s, const tern_path *path, tern_bytes text)
{
    own *o = tern_dialect_own(s);
    tern_dialect_guest *c = tern_dialect_find(s, path);
    const guest *g = c != NULL ? tern_dialect_part(c) : NULL;
    if (g == NULL || g->key.n == 0) return tern_post_send(&s->post, path, text);
    uint8_t *sealed = tern_dialect_scratch(s) + ciphertext_max(&s->config);
    size_t n = tern_blocks_seal(&g->key, &s->drbg, text, sealed);
    tern_rsaf_letter letter = { .post = &s->post, .path = path, .key = &g->key };
    if (tern_rsaf_is_cut(n, &g->key)) letter.id = ++o->last_id;
    return tern_rsaf_post(&letter, tern_bytes_of(sealed, n));
}

/*= RSF-006 */
static void acknowledge(tern_dialect_server *s, const envelope *e)
{
    uint8_t ack[TERN_RSAF_ACK_MAX];
    size_t n = tern_rsaf_write_ack(e->has_id, e->id, ack);
    (void)send_text(s, e->path, tern_bytes_of(ack, n)); /* no room: it asks again */
}

/* It is said again, as the answer may have been lost. Copies cost a seal each: they have a bound. */
static tern_drop acknowledge_again(tern_dialect_server *s, const envelope *e)
{
    if (!tern_dialect_may_answer(s, &e->path->remote)) return TERN_DROP_BUSY;
    acknowledge(s, e);
    return TERN_DROP_DUPLICATE;
}

/*= RSF-001 */
static tern_drop take_key(tern_dialect_server *s, const tern_path *path, tern_bytes pem)
{
    tern_rsa_public key;
    if (!tern_rsa_public_from_pem(&key, pem)) return TERN_DROP_MALFORMED;
    /*= RSF-011 */
    tern_dialect_guest *c = tern_dialect_meet(s, path);
    if (c == NULL) return TERN_DROP_BUSY;
    tern_dialect_heard(s, c, path);
    ((guest *)tern_dialect_part(c))->key = key;
    return TERN_DROP_NONE;
}

/*= RSF-002 */
static tern_drop give_key(tern_dialect_server *s, const tern_path *path)
{
    const own *o = tern_dialect_own(s);
    if (!tern_dialect_may_answer(s, &path->remote)) return TERN_DROP_BUSY;
    return tern_post_send(&s->post, path, tern_bytes_of(o->pem, o->pem_n)) ? TERN_DROP_NONE : TERN_DROP_NO_MEMORY;
}

/* A text that was opened: from whom it is, a member from now on. */
static tern_drop take_text(tern_dialect_server *s, const envelope *e, tern_bytes text)
{
    if (text.n > s->config.max_message) return TERN_DROP_MALFORMED;
    tern_dialect_guest *c = tern_dialect_meet(s, e->path);
    if (c == NULL) return TERN_DROP_BUSY;
    tern_dialect_heard(s, c, e->path);
    tern_dialect_arrive(s, c, tern_bytes_of(NULL, 0));
    return c->member && tern_dialect_said(s, c, text) ? TERN_DROP_NONE : TERN_DROP_NO_MEMORY;
}

static bool is_done(const own *o, const envelope *e)
{
    for (size_t i = 0; i < DONE_MOST; i++)
        if (o->done[i].sender == e->sender && o->done[i].id == e->id) return true;
    return false;
}

static void remember_done(own *o, const envelope *e)
{
    o->done[o->done_next].sender = e->sender;
    o->done[o->done_next].id = e->id;
    o->done_next = (o->done_next + 1) % DONE_MOST;
}

/* What a ciphertext said. */
static tern_drop opened(tern_dialect_server *s, const tern_dialect_job *job, tern_bytes text)
{
    own *o = tern_dialect_own(s);
    envelope e = { .path = &job->path, .sender = job->mark.sender, .has_id = job->has_id, .id = job->id };
    tern_drop drop = take_text(s, &e, text);
    if (drop != TERN_DROP_NONE) return drop;
    tern_said_remember(&o->said, &job->mark);
    if (e.has_id) remember_done(o, &e);
    acknowledge(s, &e);
    return TERN_DROP_NONE;
}

/* sealed stands in scratch and is opened there. */
static tern_drop take_sealed(tern_dialect_server *s, const envelope *e, tern_buf sealed)
{
    own *o = tern_dialect_own(s);
    tern_said_mark mark = tern_said_mark_of(tern_bytes_of(sealed.p, sealed.n), e->sender);
    tern_said_before before = tern_said_look(&o->said, &mark);
    /*= RSF-012 */
    if (before == TERN_SAID_BY_ANOTHER) return TERN_DROP_REPLAY;
    if (before == TERN_SAID_BY_THIS_ONE) return acknowledge_again(s, e);
    if (tern_dialect_job_waits(s, &mark)) return TERN_DROP_DUPLICATE;
    /*= RSF-013 */
    if (!tern_dialect_may_open(s, &e->path->remote, sealed.n)) return TERN_DROP_BUSY;
    tern_dialect_job job = { .path = *e->path, .has_id = e->has_id, .id = e->id, .mark = mark };
    if (sealed.n > s->key.public_key.n || tern_dialect_job_is_of(s, &e->path->remote))
        return tern_dialect_job_add(s, &job, tern_bytes_of(sealed.p, sealed.n)) ? TERN_DROP_NONE : TERN_DROP_BUSY;
    if (!tern_blocks_open(&s->key, &sealed)) return TERN_DROP_AEAD;
    return opened(s, &job, tern_bytes_of(sealed.p, sealed.n));
}

static tern_drop take_whole(tern_dialect_server *s, const tern_path *path, tern_bytes datagram)
{
    envelope e = { .path = path, .sender = tern_dialect_sender(s, &path->remote) };
    size_t modulus = s->key.public_key.n;
    if (datagram.n == 0 || datagram.n % modulus != 0 || datagram.n > ciphertext_max(&s->config))
        return TERN_DROP_MALFORMED;
    memcpy(tern_dialect_scratch(s), datagram.p, datagram.n);
    return take_sealed(s, &e, (tern_buf){ tern_dialect_scratch(s), datagram.n });
}

static tern_drop take_joined(tern_dialect_server *s, const envelope *e)
{
    own *o = tern_dialect_own(s);
    uint8_t *sealed = tern_dialect_scratch(s);
    size_t n = tern_pieces_join(&o->pieces, e->sender, e->id, sealed);
    if (n % s->key.public_key.n != 0) return TERN_DROP_MALFORMED;
    return take_sealed(s, e, (tern_buf){ sealed, n });
}

static tern_drop take_fragment(tern_dialect_server *s, const tern_path *path, const tern_rsaf_fragment *f)
{
    own *o = tern_dialect_own(s);
    envelope e = { .path = path, .sender = tern_dialect_sender(s, &path->remote), .has_id = true, .id = f->id };
    tern_piece piece = { .sender = e.sender,
                         .known = tern_dialect_find(s, path) != NULL,
                         .id = f->id,
                         .no = f->no,
                         .total = f->total,
                         .payload = f->payload };
    tern_said_mark mark = tern_said_mark_of(f->payload, e.sender);
    if (is_done(o, &e) && tern_said_look(&o->fragments, &mark) == TERN_SAID_BY_THIS_ONE)
        return acknowledge_again(s, &e);
    tern_said_remember(&o->fragments, &mark);
    switch (tern_pieces_take(&o->pieces, s->now, &piece)) {
    case TERN_PIECE_KEPT: return TERN_DROP_NONE;
    case TERN_PIECE_TWICE: return TERN_DROP_DUPLICATE;
    case TERN_PIECE_DISAGREES:
    case TERN_PIECE_OUT_OF_RANGE: return TERN_DROP_MALFORMED;
    case TERN_PIECE_LAST: break;
    }
    return take_joined(s, &e);
}

static tern_drop take(tern_dialect_server *s, const tern_path *path, tern_buf datagram)
{
    tern_bytes bytes = { datagram.p, datagram.n };
    tern_dialect_guest *c = tern_dialect_find(s, path);
    tern_rsaf_fragment f;
    tern_drop drop;
    if (c != NULL) tern_dialect_heard(s, c, path);
    switch (tern_rsaf_read(bytes, s->key.public_key.n, &f)) {
    case TERN_RSAF_KEY: return take_key(s, path, bytes);
    case TERN_RSAF_KEY_REQUEST: return give_key(s, path);
    case TERN_RSAF_FRAGMENT: return take_fragment(s, path, &f);
    /*= RSF-007 */
    case TERN_RSAF_MAYBE_WHOLE:
        drop = take_whole(s, path, bytes);
        return drop == TERN_DROP_AEAD && f.total > 0 ? take_fragment(s, path, &f) : drop;
    case TERN_RSAF_WHOLE: break;
    }
    return take_whole(s, path, bytes);
}

/* A client without a key is told nothing of the room: it would travel as it is. */
/*= RSF-014 */
static int tell(tern_dialect_server *s, tern_dialect_guest *c, const tern_event *event, tern_bytes body)
{
    const guest *g = tern_dialect_part(c);
    uint8_t *line = tern_dialect_scratch(s);
    if (g->key.n == 0) return TERN_OK;
    size_t n = tern_line_of(event, body, (tern_buf){ line, s->config.max_message + TERN_LINE_EXTRA });
    if (n == 0) return TERN_OK; /* longer than this dialect carries, or nothing for a person */
    if (!tern_dialect_may_seal(s, &g->key, n)) return TERN_E_BLOCKED;
    return send_text(s, &c->path, tern_bytes_of(line, n)) ? TERN_OK : TERN_E_BLOCKED;
}

/* ---- time ---- */

static tern_dialect_guest *client_of(const tern_dialect_server *s, uint64_t sender)
{
    for (uint32_t i = 0; i < s->config.max_clients; i++) {
        tern_dialect_guest *c = tern_dialect_guest_at(s, i);
        if (c->peer != 0 && tern_dialect_sender(s, &c->path.remote) == sender) return c;
    }
    return NULL;
}

/* Asks a client for what is missing of its message, under its key. */
/*= RSF-015 */
static void ask_for_rest(tern_dialect_server *s, const tern_pieces_message *m)
{
    const tern_dialect_guest *c = client_of(s, m->sender);
    tern_rsaf_nack nack = { .id = m->id };
    uint8_t text[TERN_RSAF_NACK_MAX];
    const guest *g = c != NULL ? (const guest *)(const void *)(c + 1) : NULL;
    if (g == NULL || g->key.n == 0 || !tern_dialect_may_answer(s, &c->path.remote)) return;
    for (uint16_t no = 1; no <= m->total && nack.n < TERN_RSAF_NACK_MOST; no++)
        if (m->piece[no].at == 0) nack.no[nack.n++] = (uint8_t)no;
    if (nack.n > 0) (void)send_text(s, &c->path, tern_bytes_of(text, tern_rsaf_write_nack(&nack, text)));
}

static void tick(tern_dialect_server *s)
{
    tern_pieces *pieces = &((own *)tern_dialect_own(s))->pieces;
    for (const tern_pieces_message *m; (m = tern_pieces_ask(pieces, s->now)) != NULL;) ask_for_rest(s, m);
    (void)tern_pieces_sweep(pieces, s->now);
}

static tern_time next(const tern_dialect_server *s)
{
    return tern_pieces_next(&((const own *)tern_dialect_own(s))->pieces);
}

static tern_rsa_public *key_of(tern_dialect_guest *c)
{
    return &((guest *)tern_dialect_part(c))->key;
}

static tern_said *said_of(tern_dialect_server *s)
{
    return &((own *)tern_dialect_own(s))->said;
}

static const tern_dialect_lasting lasting = { key_of, said_of };

static const char *const warnings[] = {
    "anybody on the path can give a client another key for the server's, and read and change what it says",
    "a client is known by its address alone, which anybody can write on a datagram",
    "whoever gets the server's key later reads all that was said before",
    NULL,
};

const tern_dialect_rules tern_rsa_fragment_rules = {
    .facts = { TERN_DIALECT_RSA_FRAGMENT, "rsa-fragment", TERN_CARRIER_UDP, "127.0.0.1:5008", 4096, warnings },
    .client_size = client_size,
    .job_size = job_size,
    .opened = opened,
    .own_size = own_size,
    .scratch_size = scratch_size,
    .init = init,
    .take = take,
    .tell = tell,
    .tick = tick,
    .next = next,
    .lasting = &lasting,
};
