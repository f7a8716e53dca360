/* SPDX-License-Identifier: MIT */
/* ECDSA over P-256: RFC 6979 appendix A.2.5, strictness, hostile keys. */
#include "crypto/p256.h"

#include "unit/crypto/support.h"

#define PRIVATE "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define PUBLIC                                                                                                         \
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f" \
    "5177a3c294d4462299"
#define R         "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
#define S         "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
#define SIGNATURE "3046022100" R "022100" S
#define ORDER     "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"

static bool verifies(const char *signature)
{
    tern_bytes view = HEX(signature);
    uint8_t *copy = exact_copy(view.p, view.n);
    bool good = tern_p256_verify(HEX(PUBLIC).p, LITERAL("sample"), tern_bytes_of(copy, view.n));
    free(copy);
    return good;
}

static void rfc_6979_signature(void **state)
{
    (void)state;
    uint8_t public_key[TERN_P256_PUBLIC_SIZE], signature[TERN_P256_SIGNATURE_MAX];
    assert_true(tern_p256_public(HEX(PRIVATE).p, public_key));
    assert_hex(public_key, sizeof public_key, PUBLIC);
    size_t n = tern_p256_sign(HEX(PRIVATE).p, LITERAL("sample"), signature);
    assert_hex(signature, n, SIGNATURE);
    assert_true(tern_p256_verify(public_key, LITERAL("sample"), tern_bytes_of(signature, n)));
    assert_false(tern_p256_verify(public_key, LITERAL("simple"), tern_bytes_of(signature, n)));
}

static void signatures_of_every_length_verify(void **state)
{
    (void)state;
    uint8_t key[TERN_P256_PUBLIC_SIZE], signature[TERN_P256_SIGNATURE_MAX];
    assert_true(tern_p256_public(HEX(PRIVATE).p, key));
    for (uint8_t i = 0; i < 60; i++) {
        size_t n = tern_p256_sign(HEX(PRIVATE).p, tern_bytes_of(&i, 1), signature);
        assert_in_range(n, 8, TERN_P256_SIGNATURE_MAX);
        assert_true(tern_p256_verify(key, tern_bytes_of(&i, 1), tern_bytes_of(signature, n)));
    }
}

static void any_flipped_bit_of_a_signature_is_refused(void **state)
{
    (void)state;
    uint8_t signature[TERN_P256_SIGNATURE_MAX];
    size_t n = unhex(SIGNATURE, signature, sizeof signature);
    for (size_t bit = 0; bit < 8 * n; bit += 3) {
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(tern_p256_verify(HEX(PUBLIC).p, LITERAL("sample"), tern_bytes_of(signature, n)));
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void only_strict_der_is_a_signature(void **state)
{
    (void)state;
    assert_true(verifies(SIGNATURE));
    assert_false(verifies(""));
    assert_false(verifies("30"));
    assert_false(verifies("3000"));
    assert_false(verifies("3080022100" R "022100" S "0000")); /* indefinite length */
    assert_false(verifies("308146022100" R "022100" S));      /* length in a form too long */
    assert_false(verifies(SIGNATURE "00"));                   /* something after it */
    assert_false(verifies("3048022100" R "022100" S "0500")); /* something after the numbers */
    assert_false(verifies("304702220000" R "022100" S));      /* a zero too many in front */
    assert_false(verifies("30440220" R "0220" S));            /* negative numbers */
    assert_false(verifies("3023022100" R));                   /* one number */
    assert_false(verifies("3026022100" R "020100"));          /* s is zero */
    assert_false(verifies("3026020100022100" S));             /* r is zero */
    assert_false(verifies("3046022100" R "022100" ORDER));    /* s is the order */
    assert_false(verifies("3146022100" R "022100" S));        /* a SET */
}

static void points_off_the_curve_verify_nothing(void **state)
{
    (void)state;
    uint8_t key[TERN_P256_PUBLIC_SIZE];
    unhex(PUBLIC, key, sizeof key);
    key[64] ^= 1;
    assert_false(tern_p256_verify(key, LITERAL("sample"), HEX(SIGNATURE)));
    key[64] ^= 1;
    key[0] = 0x02;
    assert_false(tern_p256_verify(key, LITERAL("sample"), HEX(SIGNATURE)));
    memset(key, 0, sizeof key);
    assert_false(tern_p256_verify(key, LITERAL("sample"), HEX(SIGNATURE)));
}

static void numbers_out_of_range_are_no_private_keys(void **state)
{
    (void)state;
    uint8_t key[TERN_P256_PRIVATE_SIZE] = { 0 }, public_key[TERN_P256_PUBLIC_SIZE], signature[TERN_P256_SIGNATURE_MAX];
    assert_false(tern_p256_public(key, public_key));
    assert_int_equal(tern_p256_sign(key, LITERAL("x"), signature), 0);
    unhex(ORDER, key, sizeof key);
    assert_false(tern_p256_public(key, public_key));
    assert_int_equal(tern_p256_sign(key, LITERAL("x"), signature), 0);
    memset(key, 0xff, sizeof key);
    assert_false(tern_p256_public(key, public_key));
    unhex(ORDER, key, sizeof key);
    key[31]--;
    assert_true(tern_p256_public(key, public_key)); /* the largest: the generator with its y turned */
    assert_hex(public_key, 33, "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_6979_signature),
        cmocka_unit_test(signatures_of_every_length_verify),
        cmocka_unit_test(any_flipped_bit_of_a_signature_is_refused),
        cmocka_unit_test(only_strict_der_is_a_signature),
        cmocka_unit_test(points_off_the_curve_verify_nothing),
        cmocka_unit_test(numbers_out_of_range_are_no_private_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
