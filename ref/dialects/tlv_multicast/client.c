/* SPDX-License-Identifier: MIT */
/* tlv-multicast, the client (spec: dialects/tlv-multicast): registers with the group, and talks to the relay that
 * answers. */
#include "dialects/client.h"

#include <string.h>

#include "crypto/rsa_pem.h"
#include "dialects/address.h"
#include "dialects/blocks.h"
#include "dialects/lines.h"
#include "dialects/pieces.h"
#include "dialects/said.h"
#include "dialects/tlv_multicast/codec.h"
#include "wire/packet.h"

#define KEEP_ALIVE (10 * TERN_SECOND)
#define SEALED_MAX (TERN_TLVM_BLOCKS_MOST * (TERN_TLV_HEADER + TERN_RSA_BYTES_MAX))

typedef struct {
    tern_rsa_public relay;
    tern_addr relay_addr;
    uint32_t last_id;
    tern_said heard;
    tern_pieces pieces; /* its area stands behind */
} own;

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

static const char *init(tern_dialect_client *c, const tern_dialect_config *config)
{
    own *o = tern_dialect_client_own(c);
    o->last_id = (uint32_t)tern_drbg_u64(&c->drbg);
    tern_pieces_init(&o->pieces, sizeof(own) - offsetof(own, pieces), SEALED_MAX,
                     config->fragment_timeout_ms * TERN_MS);
    return NULL;
}

static bool send_tlv(tern_dialect_client *c, tern_tlvm_type type, tern_bytes value)
{
    uint8_t out[TERN_TLV_HEADER + TERN_RSA_PEM_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_tlvm_write(&w, type, value);
    return tern_writer_ok(&w) && tern_post_send(&c->post, &c->config.path, tern_written(&w));
}

static void ask(tern_dialect_client *c)
{
    char pem[TERN_RSA_PEM_MAX];
    size_t n = tern_rsa_public_to_pem(&c->key.public_key, pem);
    /*= TLV-002 */
    (void)send_tlv(c, TERN_TLVM_REGISTER, tern_bytes_of(pem, n));
    (void)send_tlv(c, TERN_TLVM_KEY_REQUEST, tern_bytes_of(NULL, 0));
}

/*= TLV-004 */
static int send_fragments(tern_dialect_client *c, tern_bytes rest)
{
    own *o = tern_dialect_client_own(c);
    size_t each = TERN_TLV_HEADER + TERN_TLVM_FRAGMENT_HEAD + TERN_TLVM_FRAGMENT_PAYLOAD;
    tern_tlvm_fragment f = { .id = ++o->last_id };
    f.total = (uint16_t)((rest.n + TERN_TLVM_FRAGMENT_PAYLOAD - 1) / TERN_TLVM_FRAGMENT_PAYLOAD);
    if (f.total > TERN_TLVM_FRAGMENTS_MOST) return TERN_MESSAGE_TOO_LARGE;
    if (!tern_post_fits(&c->post, f.total, each)) return TERN_E_BLOCKED;
    for (; f.seq < f.total; f.seq++) {
        size_t n = rest.n < TERN_TLVM_FRAGMENT_PAYLOAD ? rest.n : TERN_TLVM_FRAGMENT_PAYLOAD;
        uint8_t out[TERN_TLV_HEADER + TERN_TLVM_FRAGMENT_HEAD + TERN_TLVM_FRAGMENT_PAYLOAD];
        tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
        f.payload = tern_bytes_of(rest.p, n);
        tern_tlvm_write_fragment(&w, &f);
        (void)tern_post_send(&c->post, &c->config.path, tern_written(&w));
        rest = tern_bytes_of(rest.p + n, rest.n - n);
    }
    return TERN_OK;
}

static int say(tern_dialect_client *c, tern_bytes text)
{
    own *o = tern_dialect_client_own(c);
    tern_writer w = tern_writer_of((tern_buf){ tern_dialect_client_scratch(c), SEALED_MAX });
    if (tern_tlvm_sealed_size(&o->relay, text.n) > TERN_TLVM_BLOCKS_MOST * (TERN_TLV_HEADER + o->relay.n))
        return TERN_MESSAGE_TOO_LARGE;
    /*= TLV-003 */
    tern_tlvm_seal(&w, &o->relay, &c->drbg, text);
    tern_assert(tern_writer_ok(&w));
    return send_fragments(c, tern_written(&w));
}

static void leave(tern_dialect_client *c)
{
    if (c->state == TERN_DIALECT_READY) (void)say(c, tern_bytes_of("DISCONNECT", 10));
}

static tern_drop take_server_key(tern_dialect_client *c, const tern_path *path, tern_bytes pem)
{
    own *o = tern_dialect_client_own(c);
    tern_rsa_public key;
    if (c->state != TERN_DIALECT_STARTING) return TERN_DROP_UNEXPECTED; /* the first one holds */
    if (!tern_rsa_public_from_pem(&key, pem)) return TERN_DROP_MALFORMED;
    if (!tern_dialect_client_trusts(c, &key)) return TERN_DROP_UNEXPECTED;
    o->relay = key;
    o->relay_addr = path->remote;
    tern_dialect_client_becomes(c, TERN_DIALECT_READY);
    c->next_at = c->now + KEEP_ALIVE;
    (void)say(c, tern_bytes_of("CONNECT", 7));
    return TERN_DROP_NONE;
}

/* Blocks under our key, in scratch. */
static tern_drop take_blocks(tern_dialect_client *c, const tern_member *sender, tern_buf sealed)
{
    own *o = tern_dialect_client_own(c);
    if (sealed.n == 0) return TERN_DROP_MALFORMED;
    tern_said_mark mark = tern_said_mark_of(tern_bytes_of(sealed.p, sealed.n), 0);
    /*= TLV-022 */
    if (tern_said_look(&o->heard, &mark) != TERN_SAID_NEVER) return TERN_DROP_REPLAY;
    if (!tern_dialect_client_may_open(c, sealed.n)) return TERN_DROP_BUSY;
    if (!tern_blocks_open(&c->key, &sealed)) return TERN_DROP_AEAD; /* it may be for another of the group */
    tern_said_remember(&o->heard, &mark);
    return tern_dialect_client_told(c, sender, tern_bytes_of(sealed.p, sealed.n)) ? TERN_DROP_NONE
                                                                                  : TERN_DROP_NO_MEMORY;
}

static tern_drop take_relayed(tern_dialect_client *c, const tern_member *sender, tern_bytes block)
{
    uint8_t *sealed = tern_dialect_client_scratch(c);
    if (block.n != c->key.public_key.n) return TERN_DROP_MALFORMED;
    memcpy(sealed, block.p, block.n);
    return take_blocks(c, sender, (tern_buf){ sealed, block.n });
}

/*= TLV-021 */
static tern_drop take_fragment(tern_dialect_client *c, const tern_member *sender, tern_bytes value)
{
    own *o = tern_dialect_client_own(c);
    tern_tlvm_fragment f;
    size_t modulus = c->key.public_key.n;
    if (!tern_tlvm_read_fragment(value, &f)) return TERN_DROP_MALFORMED;
    tern_piece piece = { .id = f.id, .no = f.seq, .total = f.total, .payload = f.payload };
    tern_piece_result result = tern_pieces_take(&o->pieces, c->now, &piece);
    if (result == TERN_PIECE_KEPT) return TERN_DROP_NONE;
    if (result == TERN_PIECE_TWICE) return TERN_DROP_DUPLICATE;
    if (result != TERN_PIECE_LAST) return TERN_DROP_MALFORMED;
    tern_buf sealed = { tern_dialect_client_scratch(c), 0 };
    sealed.n = tern_pieces_join(&o->pieces, 0, f.id, sealed.p);
    bool relayed = sealed.n > 1 && sealed.p[1] == TERN_TLVM_RELAYED;
    sealed.n = tern_tlvm_gather(sealed, relayed ? TERN_TLVM_RELAYED : TERN_TLVM_BLOCK, modulus);
    return take_blocks(c, sender, sealed);
}

/* What stands inside a 10, or behind one that is an address alone: nothing nests deeper. */
static tern_drop take_inner(tern_dialect_client *c, const tern_addr *from, const tern_tlv *inner)
{
    tern_member sender = { .addr = *from };
    tern_line_address(from, sender.nick);
    if (inner->type == TERN_TLVM_RELAYED) return take_relayed(c, &sender, inner->value);
    return inner->type == TERN_TLVM_FRAGMENT ? take_fragment(c, &sender, inner->value) : TERN_DROP_TYPE;
}

/*= TLV-006 */
static tern_drop take_sender(tern_dialect_client *c, tern_bytes value, tern_reader *behind)
{
    tern_addr from;
    tern_tlv inner;
    if (!tern_tlvm_read_address(&value, &from)) return TERN_DROP_MALFORMED;
    tern_reader within = tern_reader_of(value);
    tern_reader *r = value.n > 0 ? &within : behind;
    if (!tern_tlv_next(r, &inner) || !tern_reader_done(r)) return TERN_DROP_MALFORMED;
    return take_inner(c, &from, &inner);
}

static tern_drop take_presence(tern_dialect_client *c, tern_event_type type, tern_bytes value)
{
    tern_member who = { .id = 0 };
    if (!tern_tlvm_read_address(&value, &who.addr) || value.n > 0) return TERN_DROP_MALFORMED;
    tern_line_address(&who.addr, who.nick);
    tern_dialect_client_presence(c, type, &who);
    return TERN_DROP_NONE;
}

static tern_drop take_one(tern_dialect_client *c, const tern_path *path, const tern_tlv *tlv, tern_reader *behind)
{
    const own *o = tern_dialect_client_own(c);
    if (tlv->type == TERN_TLVM_SERVER_KEY) return take_server_key(c, path, tlv->value);
    /*= TLV-020 */
    if (c->state == TERN_DIALECT_STARTING || !tern_addr_equal(&path->remote, &o->relay_addr)) return TERN_DROP_PATH;
    switch (tlv->type) {
    case TERN_TLVM_RELAYED: return take_relayed(c, NULL, tlv->value);
    case TERN_TLVM_SENDER: return take_sender(c, tlv->value, behind);
    case TERN_TLVM_CONNECTED: return take_presence(c, TERN_EVENT_ARRIVED, tlv->value);
    case TERN_TLVM_DISCONNECTED: return take_presence(c, TERN_EVENT_LEFT, tlv->value);
    default: return TERN_DROP_TYPE;
    }
}

static tern_drop take(tern_dialect_client *c, const tern_path *path, tern_buf datagram)
{
    tern_bytes bytes = { datagram.p, datagram.n };
    tern_reader r = tern_reader_of(bytes);
    tern_tlv tlv;
    tern_drop drop = TERN_DROP_NONE;
    if (!tern_tlvm_is_whole(bytes)) return TERN_DROP_MALFORMED;
    while (drop == TERN_DROP_NONE && tern_tlv_next(&r, &tlv)) drop = take_one(c, path, &tlv, &r);
    return drop;
}

static void tick(tern_dialect_client *c)
{
    (void)tern_pieces_sweep(&((own *)tern_dialect_client_own(c))->pieces, c->now);
    (void)send_tlv(c, TERN_TLVM_KEEP_ALIVE, tern_bytes_of(NULL, 0));
    c->next_at = c->now + KEEP_ALIVE;
}

const tern_dialect_client_rules tern_tlv_multicast_client_rules = {
    .dialect = TERN_DIALECT_TLV_MULTICAST,
    .has_key = true,
    .own_size = own_size,
    .scratch_size = scratch_size,
    .init = init,
    .ask = ask,
    .take = take,
    .say = say,
    .leave = leave,
    .tick = tick,
};
