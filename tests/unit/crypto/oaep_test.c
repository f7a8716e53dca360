/* SPDX-License-Identifier: MIT */
/* OAEP and public keys in PEM. That OpenSSL opens what is sealed here is shown with the programs; what it sealed is
 * opened here. */
#include "crypto/identity.h"
#include "crypto/oaep.h"
#include "crypto/rsa_pem.h"
#include "unit/crypto/support.h"

static tern_rsa_private the_key(void)
{
    tern_identity identity;
    assert_int_equal(tern_identity_key_from_pem(&identity, FIXTURE("rsa_key.pem")), TERN_IDENTITY_OK);
    return identity.private_key.u.rsa;
}

static tern_drbg drbg_of(uint8_t first)
{
    tern_drbg d;
    uint8_t seed[TERN_SEED_SIZE] = { first };
    tern_drbg_init(&d, seed, LITERAL("oaep"));
    return d;
}

static void what_is_sealed_opens_at_every_length(void **state)
{
    (void)state;
    tern_rsa_private key = the_key();
    tern_drbg drbg = drbg_of(1);
    uint8_t text[TERN_RSA_BYTES_MAX], block[TERN_RSA_BYTES_MAX];
    size_t room = tern_oaep_room(&key.public_key), n;
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i <= room; i = i < 2 || i >= room - 37 ? i + 1 : i + 37) {
        tern_oaep_seal(&key.public_key, &drbg, tern_bytes_of(text, i), block);
        assert_true(tern_oaep_open(&key, block, &n));
        assert_int_equal(n, i);
        assert_memory_equal(block, text, i);
    }
}

static void what_openssl_sealed_opens(void **state)
{
    (void)state;
    tern_rsa_private key = the_key();
    uint8_t block[TERN_RSA_BYTES_MAX];
    size_t n;
    tern_bytes sealed = FIXTURE("rsa_oaep.bin");
    assert_int_equal(sealed.n, key.public_key.n);
    memcpy(block, sealed.p, sealed.n);
    assert_true(tern_oaep_open(&key, block, &n));
    assert_int_equal(n, 17);
    assert_memory_equal(block, "sealed by openssl", 17);
}

static void a_block_that_was_changed_does_not_open(void **state)
{
    (void)state;
    tern_rsa_private key = the_key();
    tern_drbg drbg = drbg_of(2);
    uint8_t good[TERN_RSA_BYTES_MAX], block[TERN_RSA_BYTES_MAX];
    size_t n;
    tern_oaep_seal(&key.public_key, &drbg, LITERAL("text"), good);
    for (size_t i = 0; i < key.public_key.n; i += 29) {
        memcpy(block, good, sizeof block);
        block[i] ^= 1;
        assert_false(tern_oaep_open(&key, block, &n));
    }
    memset(block, 0, sizeof block);
    assert_false(tern_oaep_open(&key, block, &n));
    memset(block, 0xff, sizeof block); /* above the modulus */
    assert_false(tern_oaep_open(&key, block, &n));
}

static void two_seals_of_one_text_differ(void **state)
{
    (void)state;
    tern_rsa_private key = the_key();
    tern_drbg drbg = drbg_of(3);
    uint8_t a[TERN_RSA_BYTES_MAX], b[TERN_RSA_BYTES_MAX];
    tern_oaep_seal(&key.public_key, &drbg, LITERAL("text"), a);
    tern_oaep_seal(&key.public_key, &drbg, LITERAL("text"), b);
    assert_memory_not_equal(a, b, key.public_key.n);
}

static void a_public_key_goes_through_pem(void **state)
{
    (void)state;
    tern_rsa_private key = the_key();
    tern_rsa_public read;
    char pem[TERN_RSA_PEM_MAX];
    size_t n = tern_rsa_public_to_pem(&key.public_key, pem);
    assert_true(tern_rsa_public_from_pem(&read, tern_bytes_of(pem, n)));
    assert_memory_equal(&read, &key.public_key, sizeof read);
    tern_bytes openssl = FIXTURE("rsa_public.pem");
    assert_int_equal(openssl.n, n);
    assert_memory_equal(openssl.p, pem, n);
}

/* Each of them is PEM, or almost, and none is a key that is taken. */
static void attack_16_a_key_that_is_almost_one_is_refused(void **state)
{
    (void)state;
    tern_rsa_private key = the_key();
    tern_rsa_public read, bad;
    char pem[2 * TERN_RSA_PEM_MAX], copy[2 * TERN_RSA_PEM_MAX];
    size_t n = tern_rsa_public_to_pem(&key.public_key, pem);
    for (size_t cut = 0; cut < n - 1; cut += 7) assert_false(tern_rsa_public_from_pem(&read, tern_bytes_of(pem, cut)));
    for (size_t i = 0; i < n - 1; i += 5) { /* a byte that is none of Base64 */
        memcpy(copy, pem, n);
        copy[i] = '!';
        assert_false(tern_rsa_public_from_pem(&read, tern_bytes_of(copy, n)));
    }
    memcpy(copy, pem, n);
    memcpy(copy + n, pem, n);
    assert_false(tern_rsa_public_from_pem(&read, tern_bytes_of(copy, 2 * n))); /* two */
    memcpy(copy + n, "x", 1);
    assert_false(tern_rsa_public_from_pem(&read, tern_bytes_of(copy, n + 1))); /* one and a letter */

    static const uint32_t exponents[] = { 1, 2, 65536 };
    for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
        bad = key.public_key;
        bad.exponent = exponents[i];
        n = tern_rsa_public_to_pem(&bad, pem);
        assert_false(tern_rsa_public_from_pem(&read, tern_bytes_of(pem, n)));
    }
    bad = key.public_key;
    bad.modulus[bad.n - 1] &= 0xfe;
    n = tern_rsa_public_to_pem(&bad, pem);
    assert_false(tern_rsa_public_from_pem(&read, tern_bytes_of(pem, n))); /* an even modulus */
    tern_bytes small = FIXTURE("rsa_small_public.pem");
    assert_false(tern_rsa_public_from_pem(&read, small)); /* of 512 bits */
    tern_bytes ec = FIXTURE("ec_public.pem");
    assert_false(tern_rsa_public_from_pem(&read, ec));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens_at_every_length),
        cmocka_unit_test(what_openssl_sealed_opens),
        cmocka_unit_test(a_block_that_was_changed_does_not_open),
        cmocka_unit_test(two_seals_of_one_text_differ),
        cmocka_unit_test(a_public_key_goes_through_pem),
        cmocka_unit_test(attack_16_a_key_that_is_almost_one_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
