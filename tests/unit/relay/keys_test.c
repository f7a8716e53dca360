/* SPDX-License-Identifier: MIT */
#include "unit/crypto/support.h"

#include "tern.h"

static const uint8_t seed[TERN_SEED_SIZE] = { 5 };

static void a_new_key_is_the_seeds_and_can_be_pinned(void **state)
{
    uint8_t a[512], b[512], fingerprint[TERN_FINGERPRINT_SIZE], other[TERN_FINGERPRINT_SIZE];
    size_t a_n, b_n;
    (void)state;
    assert_int_equal(tern_key_new(seed, (tern_buf){ a, sizeof a }, &a_n), TERN_OK);
    assert_int_equal(tern_key_new(seed, (tern_buf){ b, sizeof b }, &b_n), TERN_OK);
    assert_int_equal(a_n, b_n);
    assert_memory_equal(a, b, a_n);
    assert_int_equal(tern_key_pem_fingerprint(tern_bytes_of(a, a_n), fingerprint), TERN_OK);
    assert_int_equal(tern_key_new((const uint8_t[TERN_SEED_SIZE]){ 6 }, (tern_buf){ b, sizeof b }, &b_n), TERN_OK);
    assert_int_equal(tern_key_pem_fingerprint(tern_bytes_of(b, b_n), other), TERN_OK);
    assert_memory_not_equal(fingerprint, other, sizeof other);
}

static void a_key_without_room_is_bad_input(void **state)
{
    uint8_t pem[100];
    size_t n;
    (void)state;
    assert_int_equal(tern_key_new(seed, (tern_buf){ pem, sizeof pem }, &n), TERN_E_BAD_INPUT);
}

static void the_fingerprint_is_what_openssl_says(void **state)
{
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
    char hex[2 * TERN_FINGERPRINT_SIZE + 1];
    (void)state;
    tern_bytes expected = FIXTURE("leaf_fingerprint.txt");
    memcpy(hex, expected.p, sizeof hex - 1);
    hex[sizeof hex - 1] = 0;
    assert_int_equal(tern_key_pem_fingerprint(FIXTURE("leaf_key.pem"), fingerprint), TERN_OK);
    assert_hex(fingerprint, sizeof fingerprint, hex);
    assert_int_equal(tern_key_pem_fingerprint(FIXTURE("rsa_key.pem"), fingerprint), TERN_OK);
    memcpy(hex, FIXTURE("rsa_fingerprint.txt").p, sizeof hex - 1);
    assert_hex(fingerprint, sizeof fingerprint, hex);
    assert_int_equal(tern_key_pem_fingerprint(FIXTURE("p384_key.pem"), fingerprint), TERN_E_BAD_INPUT);
    assert_int_equal(tern_key_pem_fingerprint(LITERAL(""), fingerprint), TERN_E_BAD_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_key_is_the_seeds_and_can_be_pinned),
        cmocka_unit_test(a_key_without_room_is_bad_input),
        cmocka_unit_test(the_fingerprint_is_what_openssl_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
