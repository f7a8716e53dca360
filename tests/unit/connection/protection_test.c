/* SPDX-License-Identifier: MIT */
/* Sealing and opening whole packets (spec: wire 2). */
#include "connection/protection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char frames[] = "\x00\x09\x00\x00";

static void make(tern_packet_keys *keys, tern_suite suite)
{
    uint8_t secret[TERN_SECRET_SIZE] = { 3, 1, 4, 1, 5 };
    tern_packet_keys_derive(keys, suite, secret);
}

static size_t seal(const tern_packet_keys *keys, uint64_t pn, uint8_t flags, uint8_t packet[64])
{
    tern_header h = { .type = TERN_PACKET_DATA, .to = { { 1, 2, 3, 4, 5, 6, 7, 8 } } };
    tern_writer w = tern_writer_of((tern_buf){ packet, 64 - TERN_TAG_SIZE });
    tern_header_emit(&w, &h, flags);
    tern_write_u32(&w, (uint32_t)pn);
    tern_write_bytes(&w, tern_bytes_of(frames, 4));
    return tern_packet_seal(keys, pn, packet, tern_header_size(TERN_PACKET_DATA), w.n);
}

static int open(const tern_packet_keys *keys, uint8_t *packet, size_t n, uint64_t largest, tern_opened *out)
{
    tern_header h;
    assert_int_equal(tern_header_parse(tern_bytes_of(packet, n), &h), TERN_DROP_NONE);
    return tern_packet_open(keys, &h, (tern_buf){ packet, n }, largest, out);
}

/*= WIRE-010 WIRE-011 */
static void what_was_sealed_opens_in_every_suite(void **state)
{
    static const tern_suite suites[] = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305, TERN_SUITE_PLAINTEXT };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        tern_packet_keys keys;
        tern_opened opened;
        uint8_t packet[64];
        make(&keys, suites[i]);
        size_t n = seal(&keys, 77, 0, packet);
        assert_int_equal(open(&keys, packet, n, 70, &opened), TERN_DROP_NONE);
        assert_int_equal(opened.pn, 77);
        assert_int_equal(opened.payload.n, 4);
        assert_memory_equal(opened.payload.p, frames, 4);
    }
}

/*= WIRE-005 */
static void a_truncated_number_is_restored_past_its_wrap(void **state)
{
    tern_packet_keys keys;
    tern_opened opened;
    uint8_t packet[64];
    (void)state;
    make(&keys, TERN_SUITE_AES_256_GCM);
    size_t n = seal(&keys, UINT64_C(0x100000002), 0, packet);
    assert_int_equal(open(&keys, packet, n, UINT64_C(0xfffffff0), &opened), TERN_DROP_NONE);
    assert_true(opened.pn == UINT64_C(0x100000002));
}

/*= WIRE-012 */
static void a_flipped_bit_anywhere_opens_nothing(void **state)
{
    tern_packet_keys keys;
    uint8_t packet[64];
    (void)state;
    make(&keys, TERN_SUITE_AES_256_GCM);
    size_t n = seal(&keys, 5, 0, packet);
    for (size_t bit = 0; bit < n * 8; bit++) {
        uint8_t copy[64];
        tern_opened opened;
        tern_header h;
        memcpy(copy, packet, n);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (tern_header_parse(tern_bytes_of(copy, n), &h) != TERN_DROP_NONE || h.type != TERN_PACKET_DATA) continue;
        assert_int_equal(tern_packet_open(&keys, &h, (tern_buf){ copy, n }, 4, &opened), TERN_DROP_AEAD);
    }
}

/*= WIRE-006 */
static void reserved_flags_are_refused_though_authentic(void **state)
{
    tern_packet_keys keys;
    tern_opened opened;
    (void)state;
    make(&keys, TERN_SUITE_AES_256_GCM);
    for (uint8_t flags = 2; flags < 16; flags++) { /* bit 0 is the key phase */
        uint8_t packet[64];
        size_t n = seal(&keys, 5, flags, packet);
        assert_int_equal(open(&keys, packet, n, 4, &opened), TERN_DROP_RESERVED);
    }
}

/*= WIRE-011 */
static void the_number_is_hidden_on_the_wire(void **state)
{
    tern_packet_keys keys;
    uint8_t packet[64];
    (void)state;
    make(&keys, TERN_SUITE_CHACHA20_POLY1305);
    (void)seal(&keys, 0, 0, packet);
    assert_memory_not_equal(packet + 9, "\0\0\0\0", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_opens_in_every_suite),
        cmocka_unit_test(a_truncated_number_is_restored_past_its_wrap),
        cmocka_unit_test(a_flipped_bit_anywhere_opens_nothing),
        cmocka_unit_test(reserved_flags_are_refused_though_authentic),
        cmocka_unit_test(the_number_is_hidden_on_the_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
