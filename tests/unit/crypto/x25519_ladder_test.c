/* SPDX-License-Identifier: MIT */
/* Our own X25519 gives what BearSSL's gives, at the edges of the field and anywhere. */
#include "crypto/x25519_ladder.h"

#include <bearssl.h>

#include "crypto/drbg.h"
#include "unit/crypto/support.h"

#ifdef TERN_X25519_LADDER

static void agrees(const uint8_t scalar[32], const uint8_t u[32])
{
    uint8_t ours[32], theirs[32];
    memcpy(theirs, u, sizeof theirs);
    assert_int_equal(br_ec_c25519_m31.mul(theirs, 32, scalar, 32, BR_EC_curve25519), 1);
    tern_x25519_ladder(ours, scalar, u);
    assert_memory_equal(ours, theirs, 32);
}

static void any_scalar_and_point_give_what_bearssl_gives(void **state)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 'l' };
    uint8_t scalar[32], u[32];
    tern_drbg drbg;
    (void)state;
    tern_drbg_init(&drbg, seed, tern_bytes_of(NULL, 0));
    for (int i = 0; i < 500; i++) {
        tern_drbg_bytes(&drbg, (tern_buf){ scalar, sizeof scalar });
        tern_drbg_bytes(&drbg, (tern_buf){ u, sizeof u });
        agrees(scalar, u);
    }
}

/* p is 2^255 - 19: what is near it, above it, near nothing, and limbs of all ones. */
static void points_at_the_edges_of_the_field_give_what_bearssl_gives(void **state)
{
    uint8_t scalar[32], u[32];
    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        memset(scalar, kind & 1 ? 0xff : 0x55, sizeof scalar);
        for (unsigned low = 0; low < 256; low++) {
            memset(u, kind & 2 ? 0xff : 0, sizeof u);
            u[0] = (uint8_t)low;
            u[31] = kind & 2 ? 0x7f : 0;
            agrees(scalar, u);
        }
        for (unsigned bit = 0; bit < 256; bit++) {
            memset(u, kind & 2 ? 0xff : 0, sizeof u);
            u[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            agrees(scalar, u);
        }
    }
}

static void it_may_write_over_what_it_reads(void **state)
{
    uint8_t scalar[32] = { 5 }, u[32] = { 9 }, out[32];
    (void)state;
    tern_x25519_ladder(out, scalar, u);
    tern_x25519_ladder(u, scalar, u);
    assert_memory_equal(u, out, 32);
    u[0] = 9;
    memset(u + 1, 0, 31);
    tern_x25519_ladder(scalar, scalar, u);
    assert_memory_equal(scalar, out, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_scalar_and_point_give_what_bearssl_gives),
        cmocka_unit_test(points_at_the_edges_of_the_field_give_what_bearssl_gives),
        cmocka_unit_test(it_may_write_over_what_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0; /* BearSSL's is the one that is used */
}

#endif
