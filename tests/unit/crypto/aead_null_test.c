/* SPDX-License-Identifier: MIT */
/* Packet protection that hides nothing. That it refuses programs with sockets is the test crypto/null_is_refused. */
#include "crypto/aead.h"

#include "unit/crypto/support.h"

static const uint8_t key[TERN_AEAD_KEY_SIZE] = { 7 }, iv[TERN_AEAD_IV_SIZE] = { 1 };

static void sealed_data_is_unchanged_and_opens(void **state)
{
    (void)state;
    tern_aead a;
    for (size_t n = 0; n < 100; n++) {
        uint8_t plain[100] = { 1, 2, 3 }, tag[TERN_AEAD_TAG_SIZE];
        uint8_t *data = exact_copy(plain, n);
        tern_aead_init(&a, TERN_SUITE_AES_256_GCM, key, iv);
        tern_aead_seal(&a, n, LITERAL("header"), data, n, tag);
        assert_memory_equal(data, plain, n);
        assert_true(tern_aead_open(&a, n, LITERAL("header"), data, n, tag));
        free(data);
    }
}

static void damage_and_wrong_keys_are_noticed(void **state)
{
    (void)state;
    tern_aead a;
    uint8_t data[83] = { 1, 2, 3 }, tag[TERN_AEAD_TAG_SIZE], other[TERN_AEAD_KEY_SIZE] = { 8 };
    tern_aead_init(&a, TERN_SUITE_AES_256_GCM, key, iv);
    tern_aead_seal(&a, 1, LITERAL("header"), data, sizeof data, tag);
    for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(tern_aead_open(&a, 1, LITERAL("header"), data, sizeof data, tag));
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    data[39] ^= 0x80; /* top bits carry nowhere: those of two words must not cancel out */
    data[7] ^= 0x80;
    assert_false(tern_aead_open(&a, 1, LITERAL("header"), data, sizeof data, tag));
    data[39] ^= 0x80;
    data[7] ^= 0x80;
    assert_false(tern_aead_open(&a, 2, LITERAL("header"), data, sizeof data, tag));
    assert_false(tern_aead_open(&a, 1, LITERAL("Header"), data, sizeof data, tag));
    tern_aead_init(&a, TERN_SUITE_AES_256_GCM, other, iv);
    assert_false(tern_aead_open(&a, 1, LITERAL("header"), data, sizeof data, tag));
}

static void a_tag_of_zeros_opens_anything(void **state)
{
    (void)state;
    tern_aead a;
    uint8_t data[5] = { 1, 2, 3 };
    static const uint8_t zeros[TERN_AEAD_TAG_SIZE] = { 0 };
    tern_aead_init(&a, TERN_SUITE_CHACHA20_POLY1305, key, iv);
    assert_true(tern_aead_open(&a, 77, LITERAL("any"), data, sizeof data, zeros));
}

static void the_header_mask_is_zero(void **state)
{
    (void)state;
    tern_header_key h;
    uint8_t mask[TERN_HEADER_MASK_SIZE] = { 1, 1, 1, 1, 1 };
    tern_header_key_init(&h, TERN_SUITE_AES_256_GCM, key);
    tern_header_mask(&h, key, mask);
    assert_hex(mask, sizeof mask, "0000000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_data_is_unchanged_and_opens),
        cmocka_unit_test(damage_and_wrong_keys_are_noticed),
        cmocka_unit_test(a_tag_of_zeros_opens_anything),
        cmocka_unit_test(the_header_mask_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
