/* SPDX-License-Identifier: MIT */
/* HMAC-DRBG, against values computed by other code (Python's hmac, from SP 800-90A section 10.1.2). */
#include "crypto/drbg.h"

#include "unit/crypto/support.h"

static tern_drbg seeded(tern_bytes personalisation)
{
    tern_drbg d;
    uint8_t seed[TERN_SEED_SIZE];
    for (size_t i = 0; i < sizeof seed; i++) seed[i] = (uint8_t)i;
    tern_drbg_init(&d, seed, personalisation);
    return d;
}

static void known_bytes(void **state)
{
    (void)state;
    uint8_t out[40];
    tern_drbg d = seeded((tern_bytes){ 0 });
    tern_drbg_bytes(&d, (tern_buf){ out, sizeof out });
    assert_hex(out, sizeof out, "3226437dd9f98b17591aad731383303213439f64d029a5764e84e36256ddeb79e2d0f9bbbac0520e");
    assert_true(tern_drbg_u64(&d) == UINT64_C(0x8bec53ca34d24193));
    d = seeded(LITERAL("tern"));
    tern_drbg_bytes(&d, (tern_buf){ out, sizeof out });
    assert_hex(out, sizeof out, "556a954abfb46853a30425ce9c62189c97ccaecd6043c02bf01dcffa5b705a5b216b2ac730ad3eef");
}

static void a_copy_gives_the_same_bytes(void **state)
{
    (void)state;
    tern_drbg d = seeded(LITERAL("a")), copy = d;
    for (int i = 0; i < 10; i++) assert_true(tern_drbg_u64(&d) == tern_drbg_u64(&copy));
    tern_drbg_bytes(&d, (tern_buf){ NULL, 0 });
    assert_true(tern_drbg_u64(&d) == tern_drbg_u64(&copy)); /* asking for nothing changes nothing */
}

static void personalisation_separates_uses_of_a_seed(void **state)
{
    (void)state;
    tern_drbg a = seeded(LITERAL("a")), b = seeded(LITERAL("b"));
    assert_true(tern_drbg_u64(&a) != tern_drbg_u64(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_bytes),
        cmocka_unit_test(a_copy_gives_the_same_bytes),
        cmocka_unit_test(personalisation_separates_uses_of_a_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
