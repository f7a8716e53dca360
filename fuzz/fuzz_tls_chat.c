/* SPDX-License-Identifier: MIT */
/* tls-chat: a server, two clients and somebody else (see hall.h), who has a connection of TLS of his own: what is
 * forged are bytes of the input within it, or a message of a text. */
#include "hall.h"

#include "base/utf8.h"
#include "crypto/tls.h"
#include "dialects/tls_chat/codec.h"

#define OUT_MAX 8192
#define MOST    4096 /* bytes of a pickle */

static tern_tls *tls_of(hall *h)
{
    CHECK(tern_tls_size() <= sizeof h->own);
    return (tern_tls *)h->own;
}

static void to_stranger(hall *h, tern_bytes bytes)
{
    uint8_t text[OUT_MAX];
    while (h->known && bytes.n > 0) {
        size_t taken = tern_tls_take(tls_of(h), bytes);
        size_t read = tern_tls_read(tls_of(h), (tern_buf){ text, sizeof text });
        bytes = tern_bytes_of(bytes.p + taken, bytes.n - taken);
        if (taken + read == 0) return;
    }
}

static void move(hall *h)
{
    uint8_t bytes[OUT_MAX];
    size_t n;
    while ((n = tern_tls_give(tls_of(h), (tern_buf){ bytes, sizeof bytes })) > 0)
        hall_deliver(h, HALL_STRANGER, 0, tern_bytes_of(bytes, n));
}

static void connect(hall *h)
{
    static const tern_tls_trust anybody;
    h->known = true;
    tern_tls_connect(tls_of(h), &anybody, &h->drbg);
    move(h);
}

static void send_bytes(hall *h, tern_bytes bytes)
{
    if (bytes.n == 0 || bytes.n > tern_tls_room(tls_of(h))) return;
    tern_tls_write(tls_of(h), bytes);
    move(h);
}

static void send_text(hall *h, tern_tlsc_form form, tern_bytes text)
{
    uint8_t out[OUT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    if (text.n > MOST) return;
    tern_tlsc_write(&w, form, text);
    send_bytes(h, tern_written(&w));
}

static void forge(hall *h, tern_reader *r)
{
    uint8_t how = tern_read_u8(r);
    tern_bytes bytes = hall_read(r);
    if (!h->known || tern_tls_state_of(tls_of(h)) != TERN_TLS_OPEN) connect(h);
    switch (how & 3) {
    case 0: tern_tls_end(tls_of(h)); break;
    case 1: send_text(h, 8, tern_bytes_of("NAME: eve", 9)); break;
    case 2: send_bytes(h, bytes); break;
    default: send_text(h, (how & 4) != 0 ? 8 : 4, bytes);
    }
    move(h);
}

static void check_pickle(tern_bytes pickle)
{
    uint8_t scratch[2 * MOST], out[2 * MOST + TERN_PICKLE_OVERHEAD], again[2 * MOST];
    tern_bytes text, same;
    if (pickle.n > MOST) return;
    if (tern_pickle_read(pickle, (tern_buf){ scratch, 2 * pickle.n }, &text) != TERN_DROP_NONE) return;
    CHECK(text.n <= 2 * pickle.n && tern_utf8_ok(text));
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_pickle_write(&w, text);
    CHECK(tern_writer_ok(&w));
    CHECK(tern_pickle_read(tern_written(&w), (tern_buf){ again, sizeof again }, &same) == TERN_DROP_NONE);
    CHECK(same.n == text.n && (text.n == 0 || memcmp(same.p, text.p, text.n) == 0));
}

/* How many bytes of messages there are, and how they end, when the stream comes all at once or byte by byte. */
static size_t read_stream(tern_bytes bytes, size_t step, tern_tlsc_result *end, tern_tlsc_form *form)
{
    size_t at = 0, have = 0, whole = 0;
    tern_bytes pickle;
    *form = 0;
    do {
        have = bytes.n - have < step ? bytes.n : have + step;
        while ((*end = tern_tlsc_next(tern_bytes_of(bytes.p + at, have - at), form, MOST, &pickle, &whole)) ==
               TERN_TLSC_MESSAGE) {
            CHECK(whole == *form + pickle.n && pickle.n > 0 && pickle.n <= MOST && whole <= have - at);
            if (step > bytes.n) check_pickle(pickle);
            at += whole;
        }
    } while (have < bytes.n && *end == TERN_TLSC_MORE);
    return at;
}

static void codec(tern_bytes bytes)
{
    tern_tlsc_result at_once, slowly;
    tern_tlsc_form form, other;
    check_pickle(bytes);
    size_t n = read_stream(bytes, bytes.n + 1, &at_once, &form);
    CHECK(read_stream(bytes, 1, &slowly, &other) == n);
    CHECK(slowly == at_once && other == form && at_once != TERN_TLSC_MESSAGE);
}

static const hall_rules rules = {
    .dialect = TERN_DIALECT_TLS_CHAT, .prepare = connect, .forge = forge, .to_stranger = to_stranger, .codec = codec
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return hall_fuzz(&rules, data, size);
}
