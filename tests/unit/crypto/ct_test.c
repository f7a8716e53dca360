/* SPDX-License-Identifier: MIT */
/* Handling secrets. */
#include "crypto/ct.h"

#include "unit/crypto/support.h"

static void wipe_zeroes_all_and_nothing_more(void **state)
{
    (void)state;
    uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    tern_wipe(bytes + 1, 6);
    assert_hex(bytes, sizeof bytes, "0100000000000008");
    tern_wipe(NULL, 0);
}

static void one_different_bit_anywhere_is_unequal(void **state)
{
    (void)state;
    uint8_t a[16] = { 0 }, b[16] = { 0 };
    assert_true(tern_ct_equal(a, b, sizeof a));
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(tern_ct_equal(a, b, sizeof a));
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(tern_ct_equal(a, b, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wipe_zeroes_all_and_nothing_more),
        cmocka_unit_test(one_different_bit_anywhere_is_unequal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
