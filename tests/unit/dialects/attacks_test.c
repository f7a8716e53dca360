/* SPDX-License-Identifier: MIT */
/* What spec/adversary.md has of dialects and no dialect's own tests show: numbers 4, 5, 11 and 16, each by its name. */
#include "crypto/rsa_pem.h"
#include "dialects/aes_session/codec.h"
#include "dialects/blocks.h"
#include "dialects/tls_chat/codec.h"
#include "dialects/tlv_multicast/codec.h"
#include "hall.h"

#define TLV TERN_DIALECT_TLV_MULTICAST

/* ---- tlv-multicast ---- */

static int throw_tlv(hall *h, const tern_addr *from, tern_tlvm_type type, tern_bytes value)
{
    uint8_t bytes[4096];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_tlvm_write(&w, type, value);
    return hall_throw(h, from, tern_written(&w));
}

static int throw_fragment(hall *h, const tern_addr *from, uint32_t id, uint16_t seq, uint16_t total, tern_bytes payload)
{
    uint8_t bytes[4096];
    tern_tlvm_fragment f = { .id = id, .seq = seq, .total = total, .payload = payload };
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_tlvm_write_fragment(&w, &f);
    return hall_throw(h, from, tern_written(&w));
}

static void enrol(hall *h, const hall_hand *p)
{
    char pem[TERN_RSA_PEM_MAX];
    size_t n = tern_rsa_public_to_pem(&p->own.public_key, pem);
    assert_int_equal(throw_tlv(h, &p->addr, TERN_TLVM_REGISTER, tern_bytes_of(pem, n)), TERN_DROP_NONE);
}

/* Registered ones begin messages without end, and an honest one's comes through all the same. */
/*= DIA-022 TLV-004 */
static void attack_4_tlv_multicast_messages_without_end(void **state)
{
    hall *h = hall_with_clients(TLV, 1);
    (void)state;
    for (uint8_t host = 20; host < 30; host++) {
        hall_hand p = hall_hand_at(host);
        enrol(h, &p);
        for (uint32_t id = 0; id < 2000; id++)
            assert_int_equal(throw_fragment(h, &p.addr, id, 0, 64, text_bytes("x")), TERN_DROP_NONE);
    }
    assert_int_equal(hall_say(h, 1, "still here"), TERN_OK);
    hall_run(h, TERN_SECOND);
    assert_non_null(strstr(h->end[0].log, "10.0.0.2:4001: still here\n"));
    hall_free(h); /* the guard behind its memory is whole */
}

/*= DIA-020 DIA-021 TLV-001 TLV-003 TLV-004 */
static void attack_5_tlv_multicast_totals_and_lengths_that_lie(void **state)
{
    static const uint8_t beyond[] = { 0, 1, 0xff, 0xff, 0, 0, 0, 1 }, head[] = { 0, 1, 0, 4, 0, 0, 0, 1 };
    uint8_t blocks[2000] = { 0 };
    hall *h = hall_new(TLV, NULL);
    hall_hand p = hall_hand_at(9);
    (void)state;
    enrol(h, &p);
    assert_int_equal(throw_fragment(h, &p.addr, 1, 0, 3, text_bytes("a")), TERN_DROP_NONE);
    assert_int_equal(throw_fragment(h, &p.addr, 1, 1, 4, text_bytes("b")), TERN_DROP_MALFORMED);
    assert_int_equal(throw_fragment(h, &p.addr, 1, 0, 3, text_bytes("a")), TERN_DROP_NONE);
    assert_int_equal(throw_fragment(h, &p.addr, 1, 0, 3, text_bytes("A")), TERN_DROP_MALFORMED);
    assert_int_equal(throw_fragment(h, &p.addr, 1, 0, 0, text_bytes("a")), TERN_DROP_MALFORMED);
    assert_int_equal(throw_fragment(h, &p.addr, 1, 9, 3, text_bytes("a")), TERN_DROP_MALFORMED);
    assert_int_equal(throw_fragment(h, &p.addr, 1, 0, 65, text_bytes("a")), TERN_DROP_MALFORMED);
    assert_int_equal(throw_fragment(h, &p.addr, 1, 0, 1, tern_bytes_of(blocks, 0)), TERN_DROP_MALFORMED);
    assert_int_equal(hall_throw(h, &p.addr, tern_bytes_of(beyond, sizeof beyond)), TERN_DROP_MALFORMED);
    assert_int_equal(hall_throw(h, &p.addr, tern_bytes_of(head, sizeof head)), TERN_DROP_MALFORMED);
    static const uint16_t lengths[] = { 0, 1, 255, 257, 0xffff }; /* of a block inside the fragments, that has 256 */
    for (uint32_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        blocks[1] = TERN_TLVM_BLOCK;
        blocks[2] = (uint8_t)(lengths[i] >> 8);
        blocks[3] = (uint8_t)lengths[i];
        assert_int_equal(throw_fragment(h, &p.addr, 10 + i, 0, 1, tern_bytes_of(blocks, 260)), TERN_DROP_MALFORMED);
    }
    hall_expect(h, 0, "");
    hall_free(h);
}

/* Nobody speaks, goes or hears under an address that has told no key, nor by what another has said. */
/*= TLV-011 TLV-014 */
static void attack_11_tlv_multicast_copies_and_strangers_say_nothing(void **state)
{
    hall *h = hall_with_clients(TLV, 1);
    hall_hand p = hall_hand_at(9), q = hall_hand_at(10);
    uint8_t sealed[2000];
    (void)state;
    tern_writer w = tern_writer_of((tern_buf){ sealed, sizeof sealed });
    tern_tlvm_seal(&w, &p.server.public_key, &p.drbg, text_bytes("pay him"));
    h->end[0].log_n = 0;
    assert_int_equal(throw_fragment(h, &p.addr, 1, 0, 1, tern_written(&w)), TERN_DROP_UNEXPECTED);
    enrol(h, &p);
    enrol(h, &q);
    assert_int_equal(throw_fragment(h, &p.addr, 1, 0, 1, tern_written(&w)), TERN_DROP_NONE);
    assert_int_equal(throw_fragment(h, &q.addr, 1, 0, 1, tern_written(&w)), TERN_DROP_REPLAY);
    assert_int_equal(throw_fragment(h, &h->end[1].addr, 1, 0, 1, tern_written(&w)), TERN_DROP_REPLAY);
    hall_run(h, TERN_MS);
    hall_expect(h, 0, "+10.0.0.9:5007\n10.0.0.9:5007: pay him\n");
    hall_free(h);
}

static void attack_16_tlv_multicast_keys_that_are_none(void **state)
{
    static const char *const bad[] = { "", "-----BEGIN PUBLIC KEY-----\n",
                                       "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                                       " -----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" };
    hall *h = hall_new(TLV, NULL);
    tern_addr from = hall_stranger(9, 9);
    tern_stats stats;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(throw_tlv(h, &from, TERN_TLVM_REGISTER, text_bytes(bad[i])), TERN_DROP_MALFORMED);
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 0);
    hall_free(h);
}

/* ---- aes-session ---- */

/* HELLOs of every length that is none: refused before anything is decrypted. */
/*= SES-001 SES-006 */
static void attack_5_aes_session_lengths_that_lie(void **state)
{
    static uint8_t bytes[6000];
    hall *h = hall_new(TERN_DIALECT_AES_SESSION, NULL);
    tern_addr from = hall_stranger(9, 9);
    (void)state;
    bytes[0] = TERN_AESS_HELLO;
    for (size_t n = 2; n < sizeof bytes; n++) {
        bool blocks = (n - 1) % 256 == 0 && n - 1 <= 4096;
        if (!blocks) assert_int_equal(hall_throw(h, &from, tern_bytes_of(bytes, n)), TERN_DROP_MALFORMED);
    }
    assert_int_equal(hall_drops(h, 0, TERN_DROP_AEAD) + hall_drops(h, 0, TERN_DROP_BUSY), 0);
    for (size_t n = 0; n < 2; n++) assert_int_equal(hall_throw(h, &from, tern_bytes_of(bytes, n)), TERN_DROP_SHORT);
    for (size_t n = 2; n < 9; n++) {
        bytes[0] = TERN_AESS_TEXT;
        assert_int_equal(hall_throw(h, &from, tern_bytes_of(bytes, n)), TERN_DROP_MALFORMED);
    }
    hall_free(h);
}

static unsigned keep_texts(hall *h, hall_datagram *d)
{
    if (d->to != 0 || d->bytes[0] != TERN_AESS_TEXT) return 1;
    free(h->kept.bytes);
    h->kept = *d;
    h->kept.bytes = malloc(d->n);
    memcpy(h->kept.bytes, d->bytes, d->n);
    return 1;
}

/* A copy from elsewhere says nothing and moves nobody; nobody speaks by a cid alone; what a client said comes back to
 * it from nobody. */
/*= SES-013 SES-017 SES-022 */
static void attack_11_aes_session_copies_and_reflections_say_nothing(void **state)
{
    hall *h = hall_with_clients(TERN_DIALECT_AES_SESSION, 2);
    tern_addr other = hall_stranger(9, 9);
    (void)state;
    h->meddle = keep_texts;
    assert_int_equal(hall_say(h, 1, "pay him"), TERN_OK);
    hall_run(h, TERN_SECOND);
    h->end[0].log_n = h->end[1].log_n = 0;
    assert_int_equal(hall_throw(h, &other, tern_bytes_of(h->kept.bytes, h->kept.n)), TERN_DROP_REPLAY);
    h->kept.bytes[h->kept.n - 1] ^= 1;
    assert_int_equal(hall_throw(h, &other, tern_bytes_of(h->kept.bytes, h->kept.n)), TERN_DROP_AEAD);
    h->kept.bytes[h->kept.n - 1] ^= 1;
    h->kept.bytes[TERN_AESS_ID_SIZE] = TERN_AESS_TEXT; /* without its cid it is what a server sends */
    assert_int_not_equal(
        hall_answer(h, 1, tern_bytes_of(h->kept.bytes + TERN_AESS_ID_SIZE, h->kept.n - TERN_AESS_ID_SIZE)),
        TERN_DROP_NONE);
    assert_int_equal(hall_say(h, 2, "to the right one"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 1, "10.0.0.3:4002> to the right one\n");
    hall_expect(h, 0, "10.0.0.3:4002: to the right one\n");
    hall_free(h);
}

/* ---- tls-chat ---- */

/* Lengths in the stream: nothing, more than is taken, and what would wrap. */
/*= TCH-004 */
static void attack_5_tls_chat_lengths_that_lie(void **state)
{
    static const uint8_t rows[][12] = { { 0, 0, 0, 0, 0, 0, 0, 0, 'x' },    { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 'x' },
                                        { 0x80, 0, 0, 0, 0, 0, 0, 0, 'x' }, { 0, 0, 0x10, 0x01, 0, 0, 0, 0, 'x' },
                                        { 0, 0, 0, 1, 0, 0, 0, 1, 'x' },    { 0xff, 0xff, 0xff, 0xff, 0x80, 4 } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tern_tlsc_form form = 0;
        tern_bytes pickle;
        size_t whole;
        assert_int_equal(tern_tlsc_next(tern_bytes_of(rows[i], sizeof rows[i]), &form, 4096, &pickle, &whole),
                         TERN_TLSC_WRONG);
    }
}

/* A stream that comes a byte at a time, as its carrier may cut it: the same messages, and none before its last byte. */
/*= TCH-002 */
static void attack_4_tls_chat_a_stream_in_single_bytes(void **state)
{
    uint8_t bytes[600];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_tlsc_form form = 0;
    size_t at = 0, whole, messages = 0;
    (void)state;
    for (size_t i = 0; i < 8; i++) tern_tlsc_write(&w, 8, text_bytes("in pieces"));
    for (size_t n = 0; n <= w.n; n++) {
        tern_bytes pickle;
        tern_tlsc_result result = tern_tlsc_next(tern_bytes_of(bytes + at, n - at), &form, 4096, &pickle, &whole);
        if (result == TERN_TLSC_MORE) continue;
        assert_int_equal(result, TERN_TLSC_MESSAGE);
        at += whole;
        assert_int_equal(at, n);
        messages++;
    }
    assert_int_equal(messages, 8);
}

/* Two of one name are two, and neither speaks or goes for the other. */
/*= TCH-020 */
static void attack_11_tls_chat_a_name_that_is_anothers(void **state)
{
    hall *h = hall_with_clients(TERN_DIALECT_TLS_CHAT, 2);
    tern_dialect_config config = hall_client_config(h, 3);
    (void)state;
    config.nick = "ada";
    (void)hall_add(h, &config);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 3, "connected\n");
    h->end[1].log_n = h->end[2].log_n = 0;
    tern_dialect_leave(h->end[3].node, h->now);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "(Hung up: Client from ada@10.0.0.4)\n");
    assert_int_equal(hall_say(h, 1, "I am still here"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "#[ada@10.0.0.2]>> I am still here\n");
    hall_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_4_tlv_multicast_messages_without_end),
        cmocka_unit_test(attack_5_tlv_multicast_totals_and_lengths_that_lie),
        cmocka_unit_test(attack_11_tlv_multicast_copies_and_strangers_say_nothing),
        cmocka_unit_test(attack_16_tlv_multicast_keys_that_are_none),
        cmocka_unit_test(attack_5_aes_session_lengths_that_lie),
        cmocka_unit_test(attack_11_aes_session_copies_and_reflections_say_nothing),
        cmocka_unit_test(attack_5_tls_chat_lengths_that_lie),
        cmocka_unit_test(attack_4_tls_chat_a_stream_in_single_bytes),
        cmocka_unit_test(attack_11_tls_chat_a_name_that_is_anothers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
