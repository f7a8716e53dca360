/* SPDX-License-Identifier: MIT */
#include "wire/packet.h"

#include "base/error.h"
#include "unit/base/unit.h"

/* A datagram that is just long enough for its type: 1, 2, 3 ... behind the first byte and the version. */
static tern_bytes datagram_of(tern_packet_type type, uint8_t *bytes)
{
    size_t n = tern_header_size(type) + TERN_PN_SIZE + TERN_TAG_SIZE;
    for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)i;
    bytes[0] = (uint8_t)(type << 4 | 0xb);
    if (type != TERN_PACKET_DATA) memcpy(bytes + 1, "TRN1", 4);
    return tern_bytes_of(bytes, n);
}

static const tern_packet_type known[] = { TERN_PACKET_SYN,   TERN_PACKET_SYN_ACK, TERN_PACKET_ACK,
                                          TERN_PACKET_EARLY, TERN_PACKET_RETRY,   TERN_PACKET_DATA };

static void each_header_stands_as_the_chapter_draws_it(void **state)
{
    (void)state;
    uint8_t bytes[128];
    tern_header h;
    /*= WIRE-002 */
    assert_int_equal(tern_header_parse(datagram_of(TERN_PACKET_SYN, bytes), &h), TERN_DROP_NONE);
    assert_int_equal(h.version, TERN_VERSION);
    assert_memory_equal(h.to.b, bytes + 5, 8);
    assert_memory_equal(h.from.b, bytes + 13, 8);
    assert_int_equal(h.pn_offset, 21);
    assert_int_equal(tern_header_parse(datagram_of(TERN_PACKET_SYN_ACK, bytes), &h), TERN_DROP_NONE);
    assert_memory_equal(h.hello.random, bytes + 21, 32);
    assert_memory_equal(h.hello.share, bytes + 53, 32);
    assert_int_equal(h.hello.suite, 85 << 8 | 86);
    assert_int_equal(h.hello.resumed, 87);
    assert_int_equal(h.pn_offset, 88);
    assert_int_equal(tern_header_parse(datagram_of(TERN_PACKET_DATA, bytes), &h), TERN_DROP_NONE);
    assert_memory_equal(h.to.b, bytes + 1, 8);
    assert_int_equal(h.pn_offset, 9);
    assert_int_equal(h.first, 0x5b);
    tern_cid zero = { { 0 } };
    assert_true(tern_cid_equal(&h.from, &zero));
}

static void what_parses_is_emitted_identically(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint8_t bytes[128], out[128];
        tern_header h;
        tern_bytes datagram = datagram_of(known[i], bytes);
        assert_int_equal(tern_header_parse(datagram, &h), TERN_DROP_NONE);
        tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
        tern_header_emit(&w, &h, h.first & 15);
        assert_int_equal(tern_written(&w).n, h.pn_offset);
        assert_int_equal(h.pn_offset, tern_header_size(known[i]));
        assert_memory_equal(out, bytes, h.pn_offset);
    }
}

static void an_unknown_type_is_dropped(void **state)
{
    (void)state;
    uint8_t bytes[1200] = { 0 };
    tern_header h;
    for (unsigned type = 0; type < 16; type++) {
        if (type >= 1 && type <= 8) continue;
        bytes[0] = (uint8_t)(type << 4);
        /*= WIRE-001 */
        assert_int_equal(tern_header_parse(tern_bytes_of(bytes, sizeof bytes), &h), TERN_DROP_TYPE);
        assert_int_equal(tern_header_size((tern_packet_type)type), 0);
    }
}

static void a_datagram_too_short_for_its_type_is_dropped(void **state)
{
    (void)state;
    uint8_t bytes[128];
    tern_header h;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        tern_bytes datagram = datagram_of(known[i], bytes);
        /*= WIRE-001 */
        for (size_t n = 0; n < datagram.n; n++)
            assert_int_equal(tern_header_parse(tern_bytes_of(bytes, n), &h), TERN_DROP_SHORT);
    }
    assert_int_equal(tern_header_parse((tern_bytes){ NULL, 0 }, &h), TERN_DROP_SHORT);
}

/*= WIRE-051 */
static void a_reset_is_its_id_and_token_and_nothing_else(void **state)
{
    static const tern_cid id = { "idididi" };
    static const uint8_t token[TERN_TOKEN_SIZE] = "tokentokentoken";
    uint8_t bytes[TERN_RESET_SIZE + 1];
    tern_header h;
    (void)state;
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_reset_emit(&w, &id, token);
    assert_int_equal(w.n, 25);
    assert_memory_equal(bytes, "\x80idididi\0tokentokentoken", 25);
    assert_int_equal(tern_header_parse(tern_written(&w), &h), TERN_DROP_NONE);
    assert_true(h.type == TERN_PACKET_RESET && h.pn_offset == 0 && tern_cid_equal(&h.to, &id));
    assert_memory_equal(h.token, token, sizeof token);
    for (size_t n = 1; n < sizeof bytes; n++)
        if (n != TERN_RESET_SIZE) assert_int_equal(tern_header_parse(tern_bytes_of(bytes, n), &h), TERN_DROP_SHORT);
    assert_int_equal(tern_header_parse(tern_bytes_of(bytes, sizeof bytes), &h), TERN_DROP_SHORT);
    bytes[0] = 0x81;
    assert_int_equal(tern_header_parse(tern_bytes_of(bytes, TERN_RESET_SIZE), &h), TERN_DROP_SHORT);
}

static void another_version_is_dropped(void **state)
{
    (void)state;
    uint8_t bytes[128];
    tern_header h;
    for (size_t i = 0; i < 4; i++) {
        tern_bytes datagram = datagram_of(known[i], bytes);
        bytes[4] = '2';
        /*= WIRE-003 */
        assert_int_equal(tern_header_parse(datagram, &h), TERN_DROP_VERSION);
    }
}

static void ids_are_equal_when_every_byte_is(void **state)
{
    (void)state;
    tern_cid a = { "abcdefg" }, b = a;
    assert_true(tern_cid_equal(&a, &b));
    b.b[7] = 1;
    assert_false(tern_cid_equal(&a, &b));
}

static void a_packet_number_is_restored_to_the_nearest(void **state)
{
    (void)state;
    const uint64_t e = UINT64_C(1) << 32;
    /*= WIRE-005 */
    assert_int_equal(tern_pn_restore(UINT64_MAX, 0), 0);
    assert_int_equal(tern_pn_restore(UINT64_MAX, 5), 5);
    assert_int_equal(tern_pn_restore(UINT64_MAX, 0xffffffff), 0xffffffff);
    assert_int_equal(tern_pn_restore(0, 1), 1);
    assert_int_equal(tern_pn_restore(e - 1, 0), e);
    assert_int_equal(tern_pn_restore(e - 1, 0xfffffffe), e - 2);
    assert_int_equal(tern_pn_restore(e + 5, 0xffffffff), e - 1);
    assert_int_equal(tern_pn_restore(5 * e + 100, 99), 5 * e + 99);
    assert_int_equal(tern_pn_restore(5 * e + 100, 0x80000065), 5 * e + 0x80000065);
    assert_int_equal(tern_pn_restore(5 * e + 100, 0x80000066), 4 * e + 0x80000066);
    assert_int_equal(tern_pn_restore(5 * e + 0x90000000, 0x10000001), 6 * e + 0x10000001);
    assert_int_equal(tern_pn_restore(5 * e + 0x90000000, 0x10000002), 5 * e + 0x10000002);
    const uint64_t limit = UINT64_C(1) << 62;
    assert_int_equal(tern_pn_restore(limit - 6, 3), limit - e + 3);
    assert_int_equal(tern_pn_restore(limit - e - 6, 3), limit - e + 3);
}

static void every_number_near_the_expected_one_is_restored(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 10000; i++) {
        uint64_t largest = random_below(&seed, UINT64_C(1) << (1 + random_below(&seed, 60)));
        uint64_t least = largest > 0x7ffffffe ? largest - 0x7ffffffe : 0;
        uint64_t pn = least + random_below(&seed, largest + 0x7fffffff - least);
        assert_int_equal(tern_pn_restore(largest, (uint32_t)pn), pn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_header_stands_as_the_chapter_draws_it),
        cmocka_unit_test(what_parses_is_emitted_identically),
        cmocka_unit_test(an_unknown_type_is_dropped),
        cmocka_unit_test(a_datagram_too_short_for_its_type_is_dropped),
        cmocka_unit_test(a_reset_is_its_id_and_token_and_nothing_else),
        cmocka_unit_test(another_version_is_dropped),
        cmocka_unit_test(ids_are_equal_when_every_byte_is),
        cmocka_unit_test(a_packet_number_is_restored_to_the_nearest),
        cmocka_unit_test(every_number_near_the_expected_one_is_restored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
