/* SPDX-License-Identifier: MIT */
/* AES-128: the examples of NIST SP 800-38A (F.5) and of the GCM submission (McGrew and Viega, test cases 2 and 3). */
#include "crypto/aes128.h"
#include "unit/crypto/support.h"

static void ctr_is_nists(void **state)
{
    uint8_t text[64];
    tern_bytes key = HEX("2b7e151628aed2a6abf7158809cf4f3c"), counter = HEX("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    (void)state;
    unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
          "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
          text, sizeof text);
    tern_aes128_ctr(key.p, counter.p, text, sizeof text);
    assert_hex(text, sizeof text,
               "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
               "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
}

/* The example's own counter crosses no 32 bits; this one does, and goes on where the higher part has been counted. */
static void the_counter_is_one_number(void **state)
{
    uint8_t whole[48] = { 0 }, second[16] = { 0 }, third[16] = { 0 };
    tern_bytes key = HEX("2b7e151628aed2a6abf7158809cf4f3c");
    (void)state;
    tern_aes128_ctr(key.p, HEX("00000000000000fffffffffffffffffe").p, whole, sizeof whole);
    tern_aes128_ctr(key.p, HEX("00000000000000ffffffffffffffffff").p, second, sizeof second);
    tern_aes128_ctr(key.p, HEX("00000000000001000000000000000000").p, third, sizeof third);
    assert_memory_equal(whole + 16, second, 16);
    assert_memory_equal(whole + 32, third, 16);
}

static void gcm_is_its_authors(void **state)
{
    uint8_t zero[32] = { 0 }, text[80];
    tern_bytes key = HEX("feffe9928665731c6d6a8f9467308308"), nonce = HEX("cafebabefacedbaddecaf888");
    (void)state;
    tern_aes128_gcm_seal(zero, zero, zero, 16);
    assert_hex(zero, 32, "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf");
    unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
          "b16aedf5aa0de657ba637b391aafd255",
          text, sizeof text);
    tern_aes128_gcm_seal(key.p, nonce.p, text, 64);
    assert_hex(text, 80,
               "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
               "1ba30b396a0aac973d58e091473f59854d5c2af327cd64a62cf35abd2ba6fab4");
    assert_true(tern_aes128_gcm_open(key.p, nonce.p, text, 80));
    assert_hex(text, 16, "d9313225f88406e5a55909c5aff5269a");
}

static void what_was_changed_does_not_open_and_shows_nothing(void **state)
{
    uint8_t sealed[40], copy[40];
    static const uint8_t none[24];
    tern_bytes key = HEX("feffe9928665731c6d6a8f9467308308"), nonce = HEX("cafebabefacedbaddecaf888");
    (void)state;
    memset(sealed, 'x', 24);
    tern_aes128_gcm_seal(key.p, nonce.p, sealed, 24);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        memcpy(copy, sealed, sizeof copy);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(tern_aes128_gcm_open(key.p, nonce.p, copy, sizeof copy));
        assert_memory_equal(copy, none, sizeof none);
    }
    for (size_t n = 0; n < sizeof sealed; n++) {
        memcpy(copy, sealed, sizeof copy);
        assert_false(tern_aes128_gcm_open(key.p, nonce.p, copy, n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ctr_is_nists),
        cmocka_unit_test(the_counter_is_one_number),
        cmocka_unit_test(gcm_is_its_authors),
        cmocka_unit_test(what_was_changed_does_not_open_and_shows_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
