/* SPDX-License-Identifier: MIT */
/* The DER reader: shortest forms only, and nothing outside, whatever the bytes. */
#include "crypto/der.h"

#include "crypto/pem.h"
#include "unit/crypto/support.h"

static bool reads(const char *hex)
{
    tern_bytes in = HEX(hex);
    tern_der element;
    return tern_der_next(&in, &element);
}

static void elements_are_taken_one_by_one(void **state)
{
    (void)state;
    tern_bytes in = HEX("0401aa300304010b0500"), value;
    tern_der element;
    assert_true(tern_der_next(&in, &element));
    assert_int_equal(element.tag, TERN_DER_OCTET_STRING);
    assert_hex(element.value.p, element.value.n, "aa");
    assert_hex(element.whole.p, element.whole.n, "0401aa");
    assert_false(tern_der_expect(&in, TERN_DER_OCTET_STRING, &value));
    assert_true(tern_der_skip_optional(&in, TERN_DER_BOOLEAN));
    assert_int_equal(in.n, 7);
    assert_true(tern_der_expect(&in, TERN_DER_SEQUENCE, &value));
    assert_hex(value.p, value.n, "04010b");
    assert_true(tern_der_skip_optional(&in, 0x05));
    assert_int_equal(in.n, 0);
    assert_true(tern_der_skip_optional(&in, 0x05));
    assert_false(tern_der_next(&in, &element));
}

static void lengths_stand_in_their_shortest_form(void **state)
{
    (void)state;
    uint8_t big[300] = { 0x04, 0x82, 0x01, 0x00 };
    tern_bytes in = { big, 4 + 256 };
    tern_der element;
    assert_true(tern_der_next(&in, &element));
    assert_int_equal(element.value.n, 256);
    in = (tern_bytes){ big, 4 + 255 };
    assert_false(tern_der_next(&in, &element));
    assert_false(reads("04"));
    assert_false(reads("0401"));
    assert_false(reads("0480aa0000"));           /* indefinite */
    assert_false(reads("048101aa"));             /* fits the short form */
    assert_false(reads("04820001aa"));           /* a zero in front */
    assert_false(reads("0484ffffffff"));         /* larger than anything here */
    assert_false(reads("0488ffffffffffffffff")); /* wraps around, if one let it */
    assert_false(reads("04ff"));
    assert_false(reads("1f8101aa")); /* a tag of several bytes */
}

static bool positive(const char *hex, uint8_t out[4])
{
    tern_bytes in = HEX(hex);
    return tern_der_positive(&in, (tern_buf){ out, 4 }) && in.n == 0;
}

static void positive_numbers_are_minimal(void **state)
{
    (void)state;
    uint8_t out[4];
    assert_true(positive("02017f", out));
    assert_hex(out, 4, "0000007f");
    assert_true(positive("02020080", out));
    assert_hex(out, 4, "00000080");
    assert_true(positive("020500ffffffff", out));
    assert_hex(out, 4, "ffffffff");
    assert_false(positive("0200", out));
    assert_false(positive("020100", out));
    assert_false(positive("020180", out));
    assert_false(positive("0202007f", out));
    assert_false(positive("02050100000000", out));
    assert_false(positive("04017f", out));
}

static tern_bytes leaf_der(uint8_t *room, size_t n)
{
    tern_bytes text = FIXTURE("leaf.pem");
    tern_buf storage = { room, n };
    tern_pem object;
    assert_int_equal(tern_pem_next(&text, &storage, &object), TERN_PEM_OBJECT);
    return object.der;
}

static void addresses_of_a_certificate_are_found(void **state)
{
    (void)state;
    uint8_t room[2048];
    tern_der_certificate certificate;
    assert_true(tern_der_certificate_read(leaf_der(room, sizeof room), &certificate));
    assert_true(tern_der_has_ip(&certificate, HEX("c0000201")));
    assert_true(tern_der_has_ip(&certificate, HEX("20010db8000000000000000000000001")));
    assert_false(tern_der_has_ip(&certificate, HEX("c0000202")));
    assert_false(tern_der_has_ip(&certificate, HEX("20010db8000000000000000000000002")));
    assert_false(tern_der_has_ip(&certificate, HEX("20010db8")));
    assert_false(tern_der_has_ip(&certificate, HEX("")));
    assert_false(tern_der_has_ip(&certificate, LITERAL("relay.example")));
}

static void no_cut_or_flip_reads_outside(void **state)
{
    (void)state;
    uint8_t room[2048];
    tern_bytes der = leaf_der(room, sizeof room);
    tern_der_certificate certificate;
    for (size_t n = 0; n < der.n; n++) {
        uint8_t *copy = exact_copy(der.p, n);
        assert_false(tern_der_certificate_read(tern_bytes_of(copy, n), &certificate));
        free(copy);
    }
    uint8_t *copy = exact_copy(der.p, der.n);
    size_t found = 0;
    for (size_t at = 0; at < der.n; at++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            copy[at] ^= (uint8_t)flip;
            found += tern_der_certificate_read(tern_bytes_of(copy, der.n), &certificate) &&
                     tern_der_has_ip(&certificate, HEX("c0000201"));
            copy[at] ^= (uint8_t)flip;
        }
    }
    free(copy);
    assert_true(found > 0); /* most bytes of a certificate are not the reader's business */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_taken_one_by_one), cmocka_unit_test(lengths_stand_in_their_shortest_form),
        cmocka_unit_test(positive_numbers_are_minimal),  cmocka_unit_test(addresses_of_a_certificate_are_found),
        cmocka_unit_test(no_cut_or_flip_reads_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
