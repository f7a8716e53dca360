/* SPDX-License-Identifier: MIT */
/* HKDF: RFC 5869 appendix A; labels against values computed by other code (Python's hmac, from RFC 8446's text). */
#include "crypto/hkdf.h"

#include "unit/crypto/support.h"

static void check(const char *ikm, const char *salt, const char *info, const char *prk_hex, const char *okm_hex)
{
    uint8_t prk[32], okm[82];
    size_t n = strlen(okm_hex) / 2;
    tern_hkdf_extract(HEX(salt), HEX(ikm), prk);
    assert_hex(prk, sizeof prk, prk_hex);
    tern_hkdf_expand(tern_bytes_of(prk, sizeof prk), HEX(info), (tern_buf){ okm, n });
    assert_hex(okm, n, okm_hex);
}

static void rfc_5869_vectors(void **state)
{
    (void)state;
    check("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
          "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    check(
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233343536"
        "3738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
        "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f90919293949596"
        "9798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
        "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6"
        "e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09"
        "b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
    check("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
          "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

static void labels_carry_the_prefix_tern1(void **state)
{
    (void)state;
    uint8_t secret[32], out[48], context[32];
    for (size_t i = 0; i < sizeof secret; i++) secret[i] = (uint8_t)i;
    tern_hkdf_expand_label(secret, "key", (tern_bytes){ 0 }, (tern_buf){ out, 32 });
    assert_hex(out, 32, "cd4705b4e85edb8c7ca6cd0dad265f00ab3eb311f97d07c32f10798fff8887b4");
    tern_sha256_of((tern_bytes){ 0 }, context);
    tern_hkdf_expand_label(secret, "c hs traffic", tern_bytes_of(context, 32), (tern_buf){ out, 48 });
    assert_hex(out, 48,
               "82e75ab2703db6bc33c941b5eb5dad4570315fdb9d97881fec0befe5a73a1ed9db6afb526a9e5b6f4022b1d7618778bc");
}

static void a_secret_can_be_replaced_by_its_own_expansion(void **state)
{
    (void)state;
    uint8_t secret[32];
    for (size_t i = 0; i < sizeof secret; i++) secret[i] = (uint8_t)i;
    tern_hkdf_expand_label(secret, "key", (tern_bytes){ 0 }, (tern_buf){ secret, sizeof secret });
    assert_hex(secret, 32, "cd4705b4e85edb8c7ca6cd0dad265f00ab3eb311f97d07c32f10798fff8887b4");
}

static void the_longest_label_context_and_output_fit(void **state)
{
    (void)state;
    static uint8_t out[TERN_HKDF_MAX + 1];
    uint8_t secret[32] = { 0 }, context[255] = { 0 };
    char label[TERN_HKDF_LABEL_MAX + 1];
    memset(label, 'x', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    out[TERN_HKDF_MAX] = 0x5a;
    tern_hkdf_expand_label(secret, label, tern_bytes_of(context, sizeof context), (tern_buf){ out, TERN_HKDF_MAX });
    assert_int_equal(out[TERN_HKDF_MAX], 0x5a);
    tern_hkdf_expand_label(secret, label, (tern_bytes){ 0 }, (tern_buf){ out, 0 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_5869_vectors),
        cmocka_unit_test(labels_carry_the_prefix_tern1),
        cmocka_unit_test(a_secret_can_be_replaced_by_its_own_expansion),
        cmocka_unit_test(the_longest_label_context_and_output_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
