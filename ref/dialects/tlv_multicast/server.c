/* SPDX-License-Identifier: MIT */
/* tlv-multicast, the relay that its author never published (spec: dialects/tlv-multicast): opens what clients send to
 * the group and seals it for each of the others. */
#include "dialects/server.h"
#include "dialects/blocks.h"
#include "dialects/pieces.h"
#include "dialects/state.h"
#include "dialects/tlv_multicast/codec.h"
#include "dialects/work.h"

#include <string.h>

#include "crypto/rsa_pem.h"

#define SEALED_MAX    (TERN_TLVM_BLOCKS_MOST * (TERN_TLV_HEADER + TERN_RSA_BYTES_MAX))
#define PRESENCE_SIZE (TERN_TLV_HEADER + 6)
#define RELAYED_MAX   (PRESENCE_SIZE + TERN_TLV_HEADER + TERN_RSA_BYTES_MAX)

typedef struct {
    tern_rsa_public key; /* n 0: not registered yet */
} guest;

typedef struct {
    char pem[TERN_RSA_PEM_MAX];
    size_t pem_n;
    tern_said said;
    tern_pieces pieces; /* its area stands behind */
} own;

static size_t client_size(const tern_dialect_config *config)
{
    (void)config;
    return sizeof(guest);
}

static size_t own_size(const tern_dialect_config *config)
{
    (void)config;
    return sizeof(own) + tern_pieces_area(SEALED_MAX);
}

static size_t scratch_size(const tern_dialect_config *config)
{
    (void)config;
    return SEALED_MAX;
}

static const char *init(tern_dialect_server *s, const tern_dialect_config *config)
{
    own *o = tern_dialect_own(s);
    o->pem_n = tern_rsa_public_to_pem(&s->key.public_key, o->pem);
    tern_pieces_init(&o->pieces, sizeof(own) - offsetof(own, pieces), SEALED_MAX,
                     config->fragment_timeout_ms * TERN_MS);
    return NULL;
}

static tern_drop take_register(tern_dialect_server *s, const tern_path *path, tern_bytes pem)
{
    tern_rsa_public key;
    /*= TLV-002 DIA-001 */
    if (!tern_rsa_public_from_pem(&key, pem)) return TERN_DROP_MALFORMED;
    /*= TLV-013 */
    tern_dialect_guest *c = tern_dialect_meet(s, path);
    if (c == NULL) return TERN_DROP_BUSY;
    tern_dialect_heard(s, c, path);
    ((guest *)tern_dialect_part(c))->key = key;
    return TERN_DROP_NONE;
}

static tern_drop give_key(tern_dialect_server *s, tern_dialect_guest *c)
{
    const own *o = tern_dialect_own(s);
    /*= TLV-002 */
    if (!tern_dialect_may_answer(s, &c->path.remote)) return TERN_DROP_BUSY;
    uint8_t *to = tern_post_datagram(&s->post, &c->path, TERN_TLV_HEADER + o->pem_n);
    if (to == NULL) return TERN_DROP_NO_MEMORY;
    tern_writer w = tern_writer_of((tern_buf){ to, TERN_TLV_HEADER + o->pem_n });
    tern_tlvm_write(&w, TERN_TLVM_SERVER_KEY, tern_bytes_of(o->pem, o->pem_n));
    return TERN_DROP_NONE;
}

static bool is_text(tern_bytes text, const char *word)
{
    size_t n = 0;
    while (word[n] != '\0') n++;
    return text.n == n && memcmp(text.p, word, n) == 0;
}

static tern_drop take_text(tern_dialect_server *s, tern_dialect_guest *c, tern_bytes text)
{
    /*= TLV-005 */
    if (is_text(text, "DISCONNECT")) {
        tern_dialect_go(s, c, TERN_LEFT_LEFT);
        return TERN_DROP_NONE;
    }
    if (text.n > s->config.max_message) return TERN_DROP_MALFORMED;
    tern_dialect_arrive(s, c, tern_bytes_of(NULL, 0));
    if (is_text(text, "CONNECT")) return TERN_DROP_NONE;
    return c->member && tern_dialect_said(s, c, text) ? TERN_DROP_NONE : TERN_DROP_NO_MEMORY;
}

/* What a ciphertext said, if its client is still here. */
static tern_drop opened(tern_dialect_server *s, const tern_dialect_job *job, tern_bytes text)
{
    tern_dialect_guest *c = tern_dialect_find(s, &job->path);
    tern_said_remember(&((own *)tern_dialect_own(s))->said, &job->mark);
    return c != NULL && c->peer == job->peer ? take_text(s, c, text) : TERN_DROP_UNEXPECTED;
}

static tern_drop take_sealed(tern_dialect_server *s, tern_dialect_guest *c, tern_buf sealed)
{
    own *o = tern_dialect_own(s);
    sealed.n = tern_tlvm_gather(sealed, TERN_TLVM_BLOCK, s->key.public_key.n);
    if (sealed.n == 0) return TERN_DROP_MALFORMED;
    tern_said_mark mark = tern_said_mark_of(tern_bytes_of(sealed.p, sealed.n), c->peer);
    /*= TLV-014 */
    if (tern_said_look(&o->said, &mark) != TERN_SAID_NEVER) return TERN_DROP_REPLAY;
    if (tern_dialect_job_waits(s, &mark)) return TERN_DROP_DUPLICATE;
    /*= TLV-015 DIA-010 */
    if (!tern_dialect_may_open(s, &c->path.remote, sealed.n)) return TERN_DROP_BUSY;
    tern_dialect_job job = { .path = c->path, .peer = c->peer, .mark = mark };
    if (sealed.n > s->key.public_key.n || tern_dialect_job_is_of(s, &c->path.remote))
        return tern_dialect_job_add(s, &job, tern_bytes_of(sealed.p, sealed.n)) ? TERN_DROP_NONE : TERN_DROP_BUSY;
    if (!tern_blocks_open(&s->key, &sealed)) return TERN_DROP_AEAD;
    return opened(s, &job, tern_bytes_of(sealed.p, sealed.n));
}

static tern_drop take_fragment(tern_dialect_server *s, tern_dialect_guest *c, tern_bytes value)
{
    own *o = tern_dialect_own(s);
    tern_tlvm_fragment f;
    if (!tern_tlvm_read_fragment(value, &f)) return TERN_DROP_MALFORMED;
    tern_piece piece = {
        .sender = c->peer, .known = true, .id = f.id, .no = f.seq, .total = f.total, .payload = f.payload
    };
    tern_piece_result result = tern_pieces_take(&o->pieces, s->now, &piece);
    if (result == TERN_PIECE_KEPT) return TERN_DROP_NONE;
    if (result == TERN_PIECE_TWICE) return TERN_DROP_DUPLICATE;
    if (result != TERN_PIECE_LAST) return TERN_DROP_MALFORMED;
    uint8_t *sealed = tern_dialect_scratch(s);
    size_t n = tern_pieces_join(&o->pieces, c->peer, f.id, sealed);
    return take_sealed(s, c, (tern_buf){ sealed, n });
}

/* One TLV of a registered client. */
static tern_drop take_tlv(tern_dialect_server *s, tern_dialect_guest *c, const tern_tlv *tlv)
{
    switch (tlv->type) {
    case TERN_TLVM_KEY_REQUEST: return tlv->value.n == 0 ? give_key(s, c) : TERN_DROP_MALFORMED;
    case TERN_TLVM_KEEP_ALIVE: return tlv->value.n == 0 ? TERN_DROP_NONE : TERN_DROP_MALFORMED;
    case TERN_TLVM_FRAGMENT: return take_fragment(s, c, tlv->value);
    default: return TERN_DROP_TYPE;
    }
}

static tern_drop take(tern_dialect_server *s, const tern_path *path, tern_buf datagram)
{
    tern_bytes bytes = { datagram.p, datagram.n };
    tern_reader r = tern_reader_of(bytes);
    tern_tlv tlv;
    tern_drop drop = TERN_DROP_NONE;
    /*= TLV-001 */
    if (!tern_tlvm_is_whole(bytes)) return TERN_DROP_MALFORMED;
    while (drop == TERN_DROP_NONE && tern_tlv_next(&r, &tlv)) {
        tern_dialect_guest *c = tern_dialect_find(s, path);
        /*= TLV-011 */
        if (c == NULL && tlv.type != TERN_TLVM_REGISTER) return TERN_DROP_UNEXPECTED;
        if (c != NULL) tern_dialect_heard(s, c, path);
        drop = tlv.type == TERN_TLVM_REGISTER ? take_register(s, path, tlv.value) : take_tlv(s, c, &tlv);
    }
    return drop;
}

/* A piece of a text that fits a block: 10 { sender, 6 { block } }. */
static bool relay_piece(tern_dialect_server *s, const tern_dialect_guest *c, const tern_addr *sender, tern_bytes piece)
{
    const tern_rsa_public *key = &((const guest *)(const void *)(c + 1))->key;
    uint8_t block[TERN_RSA_BYTES_MAX], out[RELAYED_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_oaep_seal(key, &s->drbg, piece, block);
    size_t place = tern_tlv_open(&w, TERN_TLVM_SENDER);
    tern_tlvm_write_address(&w, sender);
    tern_tlvm_write(&w, TERN_TLVM_RELAYED, tern_bytes_of(block, key->n));
    tern_tlv_close(&w, place);
    return tern_post_send(&s->post, &c->path, tern_written(&w));
}

/*= TLV-007 */
static int relay_text(tern_dialect_server *s, const tern_dialect_guest *c, const tern_addr *sender, tern_bytes text)
{
    size_t room = tern_oaep_room(&((const guest *)(const void *)(c + 1))->key);
    if (!tern_post_fits(&s->post, text.n / (room - 3) + 1, RELAYED_MAX)) return TERN_E_BLOCKED;
    do {
        size_t n = tern_tlvm_piece(text, room);
        if (!relay_piece(s, c, sender, tern_bytes_of(text.p, n))) return TERN_E_BLOCKED;
        text = tern_bytes_of(text.p + n, text.n - n);
    } while (text.n > 0);
    return TERN_OK;
}

static int tell_presence(tern_dialect_server *s, const tern_dialect_guest *c, tern_tlvm_type type,
                         const tern_addr *addr)
{
    uint8_t out[PRESENCE_SIZE];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    size_t place = tern_tlv_open(&w, (uint16_t)type);
    tern_tlvm_write_address(&w, addr);
    tern_tlv_close(&w, place);
    return tern_post_send(&s->post, &c->path, tern_written(&w)) ? TERN_OK : TERN_E_BLOCKED;
}

static int tell(tern_dialect_server *s, tern_dialect_guest *c, const tern_event *event, tern_bytes body)
{
    switch ((int)event->type) {
    case TERN_EVENT_MESSAGE:
        if (body.n > s->config.max_message) return TERN_OK; /* longer than this dialect carries */
        if (!tern_dialect_may_seal(s, &((guest *)tern_dialect_part(c))->key, body.n)) return TERN_E_BLOCKED;
        return relay_text(s, c, &event->u.message.sender.addr, body);
    /*= TLV-012 */
    case TERN_EVENT_PRESENT:
    case TERN_EVENT_ARRIVED: return tell_presence(s, c, TERN_TLVM_CONNECTED, &event->u.presence.who.addr);
    case TERN_EVENT_LEFT: return tell_presence(s, c, TERN_TLVM_DISCONNECTED, &event->u.presence.who.addr);
    default: return TERN_OK;
    }
}

static void going(tern_dialect_server *s, tern_dialect_guest *c)
{
    tern_pieces_forget(&((own *)tern_dialect_own(s))->pieces, c->peer);
}

static void tick(tern_dialect_server *s)
{
    (void)tern_pieces_sweep(&((own *)tern_dialect_own(s))->pieces, s->now);
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
    "whoever answers a client's question for the key first is its relay",
    "a client is known by its address alone, which anybody can write on a datagram",
    "what is lost on the way is lost, and anybody on the network sees who speaks when",
    NULL,
};

const tern_dialect_rules tern_tlv_multicast_rules = {
    .facts = { TERN_DIALECT_TLV_MULTICAST, "tlv-multicast", TERN_CARRIER_MULTICAST, "224.1.1.1:5007", 2048, warnings },
    .client_size = client_size,
    .job_size = scratch_size,
    .opened = opened,
    .own_size = own_size,
    .scratch_size = scratch_size,
    .init = init,
    .take = take,
    .tell = tell,
    .going = going,
    .tick = tick,
    .next = next,
    .lasting = &lasting,
};
