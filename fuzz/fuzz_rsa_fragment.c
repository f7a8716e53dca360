/* SPDX-License-Identifier: MIT */
/* rsa-fragment: a server, two clients and somebody else (see hall.h). What is forged is a text under the key of who
 * gets it, whole, in fragments as they should be, or as the input numbers them; or an answer that nobody asked for. */
#include "hall.h"

#include "dialects/blocks.h"
#include "dialects/rsa_fragment/codec.h"

#define SEALED_MAX 4096

static void send_fragment(hall *h, uint8_t from, uint8_t to, const tern_rsaf_fragment *f)
{
    uint8_t out[TERN_RSAF_HEADER + SEALED_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_rsaf_write(f, &w);
    hall_deliver(h, from, to, tern_written(&w));
}

/* In pieces of so many bytes; the input may leave one out, or say another total for it. */
static void send_cut(hall *h, uint8_t from, uint8_t to, tern_bytes sealed, tern_reader *r)
{
    uint32_t id = tern_read_u8(r);
    size_t each = 64 + 4 * (size_t)tern_read_u8(r);
    uint8_t odd = tern_read_u8(r), how = tern_read_u8(r);
    size_t total = (sealed.n + each - 1) / each;
    for (size_t no = 1; no <= total; no++) {
        size_t n = sealed.n < each ? sealed.n : each;
        tern_rsaf_fragment f = { id, (uint8_t)no, (uint8_t)total, tern_bytes_of(sealed.p, n) };
        if (no == odd && (how & 1) != 0) f.total = how;
        if (no != odd || (how & 2) == 0) send_fragment(h, from, to, &f);
        if (no == odd && (how & 4) != 0) send_fragment(h, from, to, &f);
        sealed = tern_bytes_of(sealed.p + n, sealed.n - n);
    }
}

static void forge(hall *h, tern_reader *r)
{
    uint8_t how = tern_read_u8(r), sealed[SEALED_MAX];
    uint8_t from = how & 3, to = (how >> 2) % HALL_ENDS;
    tern_bytes text = hall_read(r);
    if (text.n > HALL_TEXT + 100) text.n = HALL_TEXT + 100;
    if (from == to) return;
    if (to == 0) hall_note_said(h, HALL_STRANGER, text);
    if (to != 0) h->forged = true;
    size_t n = tern_blocks_seal(&h->key[to].public_key, &h->drbg, text, sealed);
    if ((how & 16) == 0)
        hall_deliver(h, from, to, tern_bytes_of(sealed, n));
    else
        send_cut(h, from, to, tern_bytes_of(sealed, n), r);
}

static void codec(tern_bytes bytes)
{
    static uint8_t out[TERN_DATAGRAM_MAX];
    uint8_t ack[TERN_RSAF_ACK_MAX];
    tern_rsaf_fragment f;
    bool has_id;
    uint32_t id;
    tern_rsaf_kind kind = tern_rsaf_read(bytes, 256, &f);
    CHECK((kind == TERN_RSAF_MAYBE_WHOLE) == (bytes.n == 256) || kind == TERN_RSAF_KEY);
    if (kind == TERN_RSAF_FRAGMENT || (kind == TERN_RSAF_MAYBE_WHOLE && f.total > 0)) {
        CHECK(f.no >= 1 && f.no <= f.total && f.payload.n > 0);
        tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
        tern_rsaf_write(&f, &w);
        if (bytes.n <= sizeof out) check_same(&w, bytes);
    }
    if (!tern_rsaf_read_ack(bytes, &has_id, &id)) return;
    size_t n = tern_rsaf_write_ack(has_id, id, ack);
    CHECK(n <= bytes.n); /* it may have had zeros in front */
    CHECK(memcmp(ack + n - 3, "ACK", 3) == 0);
}

static const hall_rules rules = { .dialect = TERN_DIALECT_RSA_FRAGMENT, .forge = forge, .codec = codec };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return hall_fuzz(&rules, data, size);
}
