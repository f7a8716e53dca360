/* SPDX-License-Identifier: MIT */
/* aes-session: a server, two clients and somebody else (see hall.h), who has a session whose key the harness knows.
 * What is forged is sealed under that key, or under an RSA key that anybody can seal under; or is a client's own
 * message that comes back to it. */
#include "hall.h"

#include "crypto/rsa_pem.h"
#include "dialects/aes_session/codec.h"
#include "dialects/blocks.h"

#define OUT_MAX 4096

/* Of the stranger; its RSA key is the first client's. */
static tern_aess_session *session_of(hall *h)
{
    _Static_assert(sizeof(tern_aess_session) <= sizeof h->own, "a session fits");
    return (tern_aess_session *)h->own;
}

static void send_typed(hall *h, uint8_t from, uint8_t to, tern_aess_type type, tern_bytes bytes)
{
    uint8_t out[OUT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_write_u8(&w, (uint8_t)type);
    tern_write_bytes(&w, bytes);
    hall_deliver(h, from, to, tern_written(&w));
}

static void send_sealed(hall *h, tern_aess_type type, tern_bytes head, tern_bytes text)
{
    uint8_t out[OUT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    const tern_aess_session *s = session_of(h);
    tern_write_bytes(&w, tern_bytes_of(s->cid.b, sizeof s->cid.b));
    tern_aess_seal(s, &h->drbg, head, text, &w);
    send_typed(h, HALL_STRANGER, 0, type, tern_written(&w));
}

static void send_hello(hall *h, uint8_t from, tern_bytes text)
{
    uint8_t sealed[OUT_MAX];
    size_t n = tern_blocks_seal(&h->key[0].public_key, &h->drbg, text, sealed);
    send_typed(h, from, 0, TERN_AESS_HELLO, tern_bytes_of(sealed, n));
}

/* What the server sends to the stranger: a session, which it takes. */
static void to_stranger(hall *h, tern_bytes bytes)
{
    uint8_t sealed[TERN_RSA_BYTES_MAX];
    tern_aess_session s;
    if (bytes.n != 1 + h->key[1].public_key.n || bytes.p[0] != TERN_AESS_SESSION || session_of(h)->algorithm != 0)
        return;
    memcpy(sealed, bytes.p + 1, bytes.n - 1);
    tern_buf text = { sealed, bytes.n - 1 };
    CHECK(tern_blocks_open(&h->key[1], &text));
    CHECK(tern_aess_read_session(tern_bytes_of(text.p, text.n), &s));
    *session_of(h) = s;
}

static void prepare(hall *h)
{
    char pem[TERN_RSA_PEM_MAX];
    uint8_t text[8 + TERN_RSA_PEM_MAX] = "strange";
    size_t n = tern_rsa_public_to_pem(&h->key[1].public_key, pem);
    memcpy(text + 8, pem, n);
    send_hello(h, HALL_STRANGER, tern_bytes_of(text, 8 + n));
    CHECK(session_of(h)->algorithm == TERN_AESS_GCM);
    const tern_aess_session *s = session_of(h);
    send_sealed(h, TERN_AESS_CONFIRM, tern_bytes_of(s->sid.b, sizeof s->sid.b), tern_bytes_of("OK", 2));
}

/* A message of the client's on its way comes back to it, as the server would send it. */
static void reflect(hall *h)
{
    for (size_t i = 0; i < h->on_wire; i++) {
        hall_datagram d = h->wire[i];
        size_t behind = 1 + sizeof session_of(h)->cid.b;
        if (d.from == 0 || d.n <= behind || d.bytes[0] != TERN_AESS_TEXT) continue;
        send_typed(h, 0, d.from, TERN_AESS_TEXT, tern_bytes_of(d.bytes + behind, d.n - behind));
        return;
    }
}

/* 0x03 for a client, as whoever has its public key can make it. */
static void give_session(hall *h, uint8_t to, tern_bytes text)
{
    uint8_t sealed[OUT_MAX];
    size_t n = tern_blocks_seal(&h->key[to].public_key, &h->drbg, text, sealed);
    h->forged = true;
    send_typed(h, 0, to, TERN_AESS_SESSION, tern_bytes_of(sealed, n));
}

static void forge(hall *h, tern_reader *r)
{
    uint8_t how = tern_read_u8(r), error[2] = { tern_read_u8(r), '!' };
    const tern_aess_session *s = session_of(h);
    tern_bytes head = tern_bytes_of(s->sid.b, (how & 8) != 0 ? 0 : sizeof s->sid.b), text = hall_read(r);
    uint8_t to = (uint8_t)(1 + (how >> 3) % HALL_CLIENTS);
    if (text.n > HALL_TEXT + 100) text.n = HALL_TEXT + 100;
    switch (how & 7) {
    case 0: send_hello(h, (how >> 3) & 3 ? (how >> 3) & 3 : HALL_STRANGER, text); break;
    case 1: give_session(h, to, text); break;
    case 2: send_typed(h, 0, to, TERN_AESS_ERROR, tern_bytes_of(error, sizeof error)); break;
    case 3: reflect(h); break;
    case 4: send_sealed(h, TERN_AESS_CONFIRM, head, text); break;
    default:
        if (head.n > 0) hall_note_said(h, HALL_STRANGER, text);
        if (head.n == 0 && text.n >= 8 && memcmp(text.p, s->sid.b, 8) == 0)
            hall_note_said(h, HALL_STRANGER, tern_bytes_of(text.p + 8, text.n - 8));
        send_sealed(h, TERN_AESS_TEXT, head, text);
    }
}

/* Each session that a client has anew, it says its last text again: errors are nobody's proven word. */
static void sent(hall *h, uint8_t from, tern_bytes bytes)
{
    if (from == 0 || bytes.n == 0 || bytes.p[0] != TERN_AESS_CONFIRM) return;
    for (size_t i = 0; i < h->said_n; i++)
        if (h->said[i].from == from) h->said[i].times++;
}

static void codec(tern_bytes bytes)
{
    static uint8_t out[OUT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_aess_session s;
    tern_aess_id id;
    tern_bytes rest = bytes, pem;
    if (tern_aess_read_session(bytes, &s)) {
        tern_aess_write_session(&s, &w);
        check_same(&w, bytes);
    }
    CHECK(tern_aess_read_id(&rest, &id) == (bytes.n >= sizeof id.b));
    if (tern_aess_read_hello(bytes, &id, &pem)) CHECK(pem.n == bytes.n - sizeof id.b && pem.n > 0);
    if (bytes.n < 40 || bytes.n > OUT_MAX - TERN_AESS_SEALED_MAX) return;
    /* What is sealed opens to the same, and its tag sees a change of any bit of it. */
    tern_drbg drbg;
    static const uint8_t seed[TERN_SEED_SIZE] = { 3 };
    uint64_t mark;
    tern_drbg_init(&drbg, seed, tern_bytes_of("codec", 5));
    memcpy(s.key, bytes.p, sizeof s.key);
    s.algorithm = TERN_AESS_GCM;
    w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_aess_seal(&s, &drbg, tern_bytes_of(bytes.p + 16, 8), tern_bytes_of(bytes.p + 24, bytes.n - 24), &w);
    CHECK(tern_writer_ok(&w));
    size_t at = (bytes.p[0] | (size_t)bytes.p[1] << 8) % w.n;
    uint8_t flip = bytes.p[2] & 1;
    out[at] ^= flip;
    tern_buf sealed = { out, w.n };
    CHECK(tern_aess_open(&s, &sealed, &mark) == (flip == 0));
    if (flip == 0) CHECK(sealed.n == bytes.n - 16 && memcmp(sealed.p, bytes.p + 16, sealed.n) == 0);
}

static const hall_rules rules = { .dialect = TERN_DIALECT_AES_SESSION,
                                  .prepare = prepare,
                                  .forge = forge,
                                  .sent = sent,
                                  .to_stranger = to_stranger,
                                  .codec = codec };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return hall_fuzz(&rules, data, size);
}
