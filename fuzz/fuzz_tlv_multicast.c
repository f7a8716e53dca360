/* SPDX-License-Identifier: MIT */
/* tlv-multicast: the relay, two clients and somebody else (see hall.h). What is forged is a text under the key of who
 * gets it, in blocks and fragments; or TLVs as the input writes them, into which sealed blocks are put. */
#include "hall.h"

#include "dialects/tlv_multicast/codec.h"

#define OUT_MAX 4096

/* As a client would: blocks, then fragments of as many bytes as the input says. */
static void send_text(hall *h, uint8_t from, tern_bytes text, tern_reader *r)
{
    uint8_t sealed[OUT_MAX], out[OUT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ sealed, sizeof sealed });
    tern_tlvm_fragment f = { .id = tern_read_u8(r), .seq = tern_read_u8(r) & 1 };
    uint8_t odd = tern_read_u8(r), how = tern_read_u8(r);
    size_t each = (how & 4) != 0 ? 64 : TERN_TLVM_FRAGMENT_PAYLOAD;
    tern_tlvm_seal(&w, &h->key[0].public_key, &h->drbg, text);
    tern_bytes rest = tern_written(&w);
    f.total = (uint16_t)((rest.n + each - 1) / each);
    for (; rest.n > 0; f.seq++) {
        size_t n = rest.n < each ? rest.n : each;
        tern_tlvm_fragment this = f;
        this.payload = tern_bytes_of(rest.p, n);
        if (f.seq == odd && (how & 1) != 0) this.total = how;
        w = tern_writer_of((tern_buf){ out, sizeof out });
        tern_tlvm_write_fragment(&w, &this);
        if (f.seq != odd || (how & 2) == 0) hall_deliver(h, from, 0, tern_written(&w));
        rest = tern_bytes_of(rest.p + n, rest.n - n);
    }
}

/* As the relay would: 10 { somebody, 6 { a block } }, or a 6 alone, or a 10 and a 6 behind it, or a 1 in a 10. */
static void relay_text(hall *h, uint8_t from, uint8_t to, tern_bytes text, uint8_t how)
{
    uint8_t block[TERN_RSA_BYTES_MAX], out[OUT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    const tern_rsa_public *key = &h->key[to].public_key;
    if (text.n > tern_oaep_room(key)) text.n = tern_oaep_room(key);
    tern_oaep_seal(key, &h->drbg, text, block);
    size_t place = 0;
    if ((how & 1) != 0) {
        place = tern_tlv_open(&w, TERN_TLVM_SENDER);
        tern_tlvm_write_address(&w, &h->address[from]);
        if ((how & 2) != 0) tern_tlv_close(&w, place);
    }
    if ((how & 4) != 0) {
        tern_tlvm_fragment f = { .id = how, .seq = 0, .total = 1, .payload = tern_bytes_of(block, key->n) };
        tern_tlvm_write_fragment(&w, &f);
    } else {
        tern_tlvm_write(&w, TERN_TLVM_RELAYED, tern_bytes_of(block, key->n));
    }
    if ((how & 3) == 1) tern_tlv_close(&w, place);
    hall_deliver(h, from, to, tern_written(&w));
}

static void forge(hall *h, tern_reader *r)
{
    uint8_t how = tern_read_u8(r);
    uint8_t from = how & 3, to = (how >> 2) % HALL_ENDS;
    tern_bytes text = hall_read(r);
    if (text.n > HALL_TEXT + 100) text.n = HALL_TEXT + 100;
    if (from == to) return;
    if (to == 0) {
        hall_note_said(h, HALL_STRANGER, text);
        send_text(h, from, text, r);
        return;
    }
    h->forged = true;
    relay_text(h, from, to, text, tern_read_u8(r));
}

/* One TLV, whose value may hold others. */
static void check_tlv(const tern_tlv *tlv)
{
    static uint8_t out[TERN_DATAGRAM_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_tlvm_fragment f;
    tern_bytes rest = tlv->value;
    tern_addr addr;
    if (tlv->value.n > 60000) return;
    if (tern_tlvm_read_fragment(tlv->value, &f)) {
        CHECK(f.seq <= f.total && f.total >= 1 && f.payload.n > 0);
        tern_tlvm_write_fragment(&w, &f);
        CHECK(tern_writer_ok(&w) && w.n == TERN_TLV_HEADER + tlv->value.n);
        CHECK(memcmp(out + TERN_TLV_HEADER, tlv->value.p, tlv->value.n) == 0);
    }
    if (!tern_tlvm_read_address(&rest, &addr)) return;
    w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_tlvm_write_address(&w, &addr);
    tern_write_bytes(&w, rest);
    check_same(&w, tlv->value);
}

static void codec(tern_bytes bytes)
{
    static uint8_t out[TERN_DATAGRAM_MAX];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_reader r = tern_reader_of(bytes);
    tern_tlv tlv;
    while (tern_tlv_next(&r, &tlv)) {
        check_tlv(&tlv);
        tern_tlvm_write(&w, (tern_tlvm_type)tlv.type, tlv.value);
    }
    CHECK(tern_tlvm_is_whole(bytes) == (bytes.n > 0 && tern_reader_done(&r)));
    if (tern_tlvm_is_whole(bytes) && bytes.n <= sizeof out) check_same(&w, bytes);
    for (size_t room = 5; room <= 190;
         room += 62) { /* every piece has something, none ends in the midst of a character */
        tern_bytes text = bytes;
        while (text.n > 0) {
            size_t n = tern_tlvm_piece(text, room);
            CHECK(n > 0 && n <= room && n <= text.n);
            text = tern_bytes_of(text.p + n, text.n - n);
        }
    }
    if (bytes.n > sizeof out) return;
    if (bytes.n > 0) memcpy(out, bytes.p, bytes.n);
    size_t n = tern_tlvm_gather((tern_buf){ out, bytes.n }, TERN_TLVM_BLOCK, 256);
    CHECK(n % 256 == 0 && n <= TERN_TLVM_BLOCKS_MOST * 256 && (n == 0 || n / 256 * 260 == bytes.n));
}

static const hall_rules rules = { .dialect = TERN_DIALECT_TLV_MULTICAST, .forge = forge, .codec = codec };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return hall_fuzz(&rules, data, size);
}
