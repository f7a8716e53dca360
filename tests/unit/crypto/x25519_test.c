/* SPDX-License-Identifier: MIT */
/* X25519: RFC 7748 sections 5.2 and 6.1. */
#include "crypto/x25519.h"

#include "unit/crypto/support.h"

static void rfc_7748_exchange(void **state)
{
    (void)state;
    tern_bytes alice = HEX("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    tern_bytes bob = HEX("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    uint8_t alice_share[32], bob_share[32], secret[32];
    tern_x25519_public(alice.p, alice_share);
    assert_hex(alice_share, 32, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    tern_x25519_public(bob.p, bob_share);
    assert_hex(bob_share, 32, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assert_true(tern_x25519_shared(alice.p, bob_share, secret));
    assert_hex(secret, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    assert_true(tern_x25519_shared(bob.p, alice_share, secret));
    assert_hex(secret, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

static void rfc_7748_iterated(void **state)
{
    (void)state;
    uint8_t k[32] = { 9 }, u[32] = { 9 }, out[32];
    for (int i = 0; i < 1000; i++) {
        assert_true(tern_x25519_shared(k, u, out));
        memcpy(u, k, sizeof u);
        memcpy(k, out, sizeof k);
        if (i == 0) assert_hex(k, 32, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
    assert_hex(k, 32, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

static void shares_of_small_order_are_refused(void **state)
{
    (void)state;
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    const uint8_t private_key[32] = { 1, 2, 3 };
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        uint8_t out[32] = { 1 };
        assert_false(tern_x25519_shared(private_key, HEX(points[i]).p, out));
        assert_hex(out, 32, points[0]);
    }
}

static void the_secret_may_take_the_place_of_the_share(void **state)
{
    (void)state;
    uint8_t a[32] = { 1 }, b[32] = { 2 }, share[32], secret[32];
    tern_x25519_public(a, share);
    assert_true(tern_x25519_shared(b, share, secret));
    assert_true(tern_x25519_shared(b, share, share));
    assert_memory_equal(share, secret, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_7748_exchange),
        cmocka_unit_test(rfc_7748_iterated),
        cmocka_unit_test(shares_of_small_order_are_refused),
        cmocka_unit_test(the_secret_may_take_the_place_of_the_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
