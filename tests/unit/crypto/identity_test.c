/* SPDX-License-Identifier: MIT */
/* Identities: made, written, read, refused. */
#include "crypto/identity.h"

#include "unit/crypto/support.h"

static tern_identity_result read(tern_identity *identity, tern_bytes key, tern_bytes certificate)
{
    static uint8_t storage[8192];
    return tern_identity_from_pem(identity, key, certificate, (tern_buf){ storage, sizeof storage });
}

static void the_same_seed_makes_the_same_identity(void **state)
{
    (void)state;
    tern_identity a, b;
    uint8_t seed[32] = { 1 }, signature[TERN_P256_SIGNATURE_MAX];
    tern_identity_generate(&a, seed);
    tern_identity_generate(&b, seed);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(a.chain.n, 0);
    size_t n = tern_p256_sign(a.private_key.u.p256, LITERAL("x"), signature);
    assert_true(tern_p256_verify(a.public_key.u.p256, LITERAL("x"), tern_bytes_of(signature, n)));
    seed[0] = 2;
    tern_identity_generate(&b, seed);
    assert_memory_not_equal(&a.public_key, &b.public_key, sizeof a.public_key);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    tern_identity made, got;
    uint8_t seed[32] = { 3 }, pem[TERN_IDENTITY_PEM_MAX];
    size_t n;
    tern_identity_generate(&made, seed);
    assert_true(tern_identity_to_pem(&made, (tern_buf){ pem, sizeof pem }, &n));
    assert_int_equal(pem[n], 0);
    assert_int_equal(read(&got, tern_bytes_of(pem, n), (tern_bytes){ 0 }), TERN_IDENTITY_OK);
    assert_memory_equal(&made, &got, sizeof made);
    assert_false(tern_identity_to_pem(&made, (tern_buf){ pem, n }, &n));
    assert_int_equal(n, 0);
}

static void keys_of_openssl_are_read(void **state)
{
    (void)state;
    tern_identity a, b;
    uint8_t hash[32];
    char expected[65] = { 0 };
    assert_int_equal(read(&a, FIXTURE("leaf_key.pem"), (tern_bytes){ 0 }), TERN_IDENTITY_OK);
    assert_int_equal(read(&b, FIXTURE("leaf_key_sec1.pem"), (tern_bytes){ 0 }), TERN_IDENTITY_OK);
    assert_memory_equal(&a, &b, sizeof a);
    memcpy(expected, FIXTURE("leaf_fingerprint.txt").p, 64);
    tern_key_fingerprint(&a.public_key, hash);
    assert_hex(hash, sizeof hash, expected);
}

static void a_chain_goes_with_its_key(void **state)
{
    (void)state;
    tern_identity identity;
    assert_int_equal(read(&identity, FIXTURE("leaf_key.pem"), FIXTURE("chain.pem")), TERN_IDENTITY_OK);
    assert_int_equal(identity.chain.n, 2);
    assert_true(identity.chain.certificate[0].n > 100 && identity.chain.certificate[1].n > 100);
}

static void one_file_may_hold_both(void **state)
{
    (void)state;
    tern_identity identity;
    uint8_t both[8192];
    tern_bytes key = FIXTURE("leaf_key_sec1.pem"), chain = FIXTURE("chain.pem");
    memcpy(both, chain.p, chain.n);
    memcpy(both + chain.n, key.p, key.n);
    tern_bytes text = { both, chain.n + key.n };
    assert_int_equal(read(&identity, text, text), TERN_IDENTITY_OK);
    assert_int_equal(identity.chain.n, 2);
}

static void refused(tern_identity_result expected, tern_bytes key, tern_bytes certificate)
{
    static const tern_identity nothing = { 0 };
    tern_identity identity;
    assert_int_equal(read(&identity, key, certificate), expected);
    assert_memory_equal(&identity, &nothing, sizeof identity);
}

static void each_fault_has_its_name(void **state)
{
    (void)state;
    tern_bytes key = FIXTURE("leaf_key.pem"), none = { 0 };
    refused(TERN_IDENTITY_NOT_PEM, none, none);
    refused(TERN_IDENTITY_NOT_PEM, LITERAL("nonsense"), none);
    refused(TERN_IDENTITY_NOT_PEM, FIXTURE("chain.pem"), none);
    refused(TERN_IDENTITY_NOT_PEM, tern_bytes_of(key.p, key.n - 40), none);
    refused(TERN_IDENTITY_ENCRYPTED, FIXTURE("leaf_key_encrypted.pem"), none);
    refused(TERN_IDENTITY_RSA_ALONE, FIXTURE("rsa_key.pem"), none);
    refused(TERN_IDENTITY_KIND, FIXTURE("p384_key.pem"), none);
    refused(TERN_IDENTITY_KIND, LITERAL("-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n"), none);
    refused(TERN_IDENTITY_CERTIFICATE_NOT_PEM, key, LITERAL("nonsense"));
    refused(TERN_IDENTITY_CERTIFICATE_NOT_PEM, key, key);
    refused(TERN_IDENTITY_CERTIFICATE_BAD, key, FIXTURE("p384_leaf.pem"));
    refused(TERN_IDENTITY_MISMATCH, key, FIXTURE("rsa_leaf.pem"));
    refused(TERN_IDENTITY_MISMATCH, key, FIXTURE("root.pem"));
}

static void a_chain_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    tern_identity identity;
    uint8_t seven[8192], storage[64];
    tern_bytes key = FIXTURE("leaf_key.pem"), leaf = FIXTURE("leaf.pem");
    size_t n = 0;
    for (int i = 0; i < 7; i++, n += leaf.n) memcpy(seven + n, leaf.p, leaf.n);
    refused(TERN_IDENTITY_TOO_LONG, key, tern_bytes_of(seven, n));
    assert_int_equal(read(&identity, key, tern_bytes_of(seven, n - leaf.n)), TERN_IDENTITY_OK);
    assert_int_equal(tern_identity_from_pem(&identity, key, leaf, (tern_buf){ storage, sizeof storage }),
                     TERN_IDENTITY_TOO_LONG);
}

static void every_result_has_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= TERN_IDENTITY_RESULT_COUNT; i++)
        assert_non_null(tern_identity_text((tern_identity_result)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_makes_the_same_identity),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(keys_of_openssl_are_read),
        cmocka_unit_test(a_chain_goes_with_its_key),
        cmocka_unit_test(one_file_may_hold_both),
        cmocka_unit_test(each_fault_has_its_name),
        cmocka_unit_test(a_chain_that_does_not_fit_is_refused),
        cmocka_unit_test(every_result_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
