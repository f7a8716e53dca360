/* SPDX-License-Identifier: MIT */
/* RSA keys: what OpenSSL signs verifies here, and nothing else does. That OpenSSL takes ours is shown with the
 * programs. */
#include "crypto/identity.h"
#include "crypto/rsa.h"
#include "unit/crypto/support.h"

#define SIGNED_BY_OPENSSL LITERAL("signed by openssl")

static tern_identity rsa(void)
{
    tern_identity identity;
    assert_int_equal(tern_identity_key_from_pem(&identity, FIXTURE("rsa_key.pem")), TERN_IDENTITY_OK);
    assert_int_equal(identity.public_key.kind, TERN_KEY_RSA);
    return identity;
}

/*= HS-025 */
static void what_openssl_signed_verifies_and_only_that(void **state)
{
    (void)state;
    tern_identity identity = rsa();
    tern_bytes good = FIXTURE("rsa_signature.bin");
    assert_true(tern_key_verify(&identity.public_key, SIGNED_BY_OPENSSL, good));
    assert_false(tern_key_verify(&identity.public_key, LITERAL("signed by nobody"), good));
    uint8_t bad[TERN_SIGNATURE_MAX + 1] = { 0 };
    for (size_t i = 0; i < good.n; i += 3) {
        memcpy(bad, good.p, good.n);
        bad[i] ^= (uint8_t)(1u << i % 8);
        assert_false(tern_key_verify(&identity.public_key, SIGNED_BY_OPENSSL, tern_bytes_of(bad, good.n)));
    }
    memcpy(bad, good.p, good.n);
    for (size_t n = 0; n <= sizeof bad; n++)
        if (n != good.n) assert_false(tern_key_verify(&identity.public_key, SIGNED_BY_OPENSSL, tern_bytes_of(bad, n)));
}

/*= HS-025 */
static void a_signature_is_the_same_each_time_and_verifies(void **state)
{
    (void)state;
    tern_identity identity = rsa();
    uint8_t a[TERN_SIGNATURE_MAX], b[TERN_SIGNATURE_MAX];
    size_t n = tern_key_sign(&identity.private_key, LITERAL("x"), a);
    assert_int_equal(n, identity.public_key.u.rsa.n);
    assert_int_equal(tern_key_sign(&identity.private_key, LITERAL("x"), b), n);
    assert_memory_equal(a, b, n);
    assert_true(tern_key_verify(&identity.public_key, LITERAL("x"), tern_bytes_of(a, n)));
    assert_false(tern_key_verify(&identity.public_key, LITERAL("y"), tern_bytes_of(a, n)));
    assert_int_equal(tern_key_sign(&identity.private_key, LITERAL("y"), b), n);
    assert_memory_not_equal(a, b, n);
}

static void a_fault_gives_no_signature_away(void **state)
{
    (void)state;
    tern_identity identity = rsa();
    uint8_t signature[TERN_SIGNATURE_MAX];
    tern_rsa_private *key = &identity.private_key.u.rsa;
    key->parts[key->n[0] + key->n[1] + 20] ^= 1; /* in d mod p-1 */
    assert_int_equal(tern_key_sign(&identity.private_key, LITERAL("x"), signature), 0);
    for (size_t i = 0; i < sizeof signature; i++) assert_int_equal(signature[i], 0);
}

/*= HS-023 */
static void a_fingerprint_is_openssls(void **state)
{
    (void)state;
    uint8_t hash[TERN_SHA256_SIZE];
    char text[65] = { 0 };
    tern_identity identity = rsa();
    tern_key_fingerprint(&identity.public_key, hash);
    memcpy(text, FIXTURE("rsa_fingerprint.txt").p, 64);
    assert_hex(hash, sizeof hash, text);
}

/*= HS-025 */
static void keys_that_are_too_small_or_mean_nothing_are_refused(void **state)
{
    static const uint8_t e3[] = { 3 }, e1[] = { 1 }, e2[] = { 0, 2 }, long_e[] = { 1, 0, 0, 0, 1 };
    uint8_t modulus[TERN_RSA_BYTES_MAX + 2];
    tern_rsa_public key;
    (void)state;
    memset(modulus, 0x81, sizeof modulus);
    assert_true(tern_rsa_public_read(&key, tern_bytes_of(modulus, 256), tern_bytes_of(e3, 1)));
    assert_true(tern_rsa_public_read(&key, tern_bytes_of(modulus, 512), tern_bytes_of(e3, 1)));
    assert_false(tern_rsa_public_read(&key, tern_bytes_of(modulus, 255), tern_bytes_of(e3, 1)));
    assert_false(tern_rsa_public_read(&key, tern_bytes_of(modulus, 513), tern_bytes_of(e3, 1)));
    assert_false(tern_rsa_public_read(&key, tern_bytes_of(modulus, 256), tern_bytes_of(e1, 1)));
    assert_false(tern_rsa_public_read(&key, tern_bytes_of(modulus, 256), tern_bytes_of(e2, 2)));
    assert_false(tern_rsa_public_read(&key, tern_bytes_of(modulus, 256), tern_bytes_of(long_e, 5)));
    assert_false(tern_rsa_public_read(&key, tern_bytes_of(modulus, 256), tern_bytes_of(NULL, 0)));
    modulus[255] = 0x80;
    assert_false(tern_rsa_public_read(&key, tern_bytes_of(modulus, 256), tern_bytes_of(e3, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_openssl_signed_verifies_and_only_that),
        cmocka_unit_test(a_signature_is_the_same_each_time_and_verifies),
        cmocka_unit_test(a_fault_gives_no_signature_away),
        cmocka_unit_test(a_fingerprint_is_openssls),
        cmocka_unit_test(keys_that_are_too_small_or_mean_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
