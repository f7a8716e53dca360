/* SPDX-License-Identifier: MIT */
/* Numbers in arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "posix/numbers.h"

static void numbers_are_whole_or_nothing(void **state)
{
    (void)state;
    uint64_t n;
    assert_true(tern_parse_number("0", 0, 9, &n) && n == 0);
    assert_true(tern_parse_number("18446744073709551615", 0, UINT64_MAX, &n) && n == UINT64_MAX);
    static const char *const bad[] = {
        "", " 1", "1 ", "+1", "-1", "0x1", "1.0", "10", "18446744073709551616", "99999999999999999999"
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(tern_parse_number(bad[i], 0, 9, &n));
    assert_false(tern_parse_number("1", 2, 9, &n));
}

static void sizes_have_units_of_1024(void **state)
{
    (void)state;
    uint64_t n;
    assert_true(tern_parse_size("7", &n) && n == 7);
    assert_true(tern_parse_size("2K", &n) && n == 2048);
    assert_true(tern_parse_size("3M", &n) && n == 3u << 20);
    assert_true(tern_parse_size("1G", &n) && n == 1u << 30);
    assert_true(tern_parse_size("1T", &n) && n == UINT64_C(1) << 40);
    static const char *const bad[] = { "", "K", "1k", "1KB", "1 K", "1.5M", "-1K", "99999999999T" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(tern_parse_size(bad[i], &n));
}

static void seconds_may_have_a_fraction(void **state)
{
    (void)state;
    uint64_t ns;
    assert_true(tern_parse_seconds("0", &ns) && ns == 0);
    assert_true(tern_parse_seconds("2", &ns) && ns == 2000000000);
    assert_true(tern_parse_seconds("0.5", &ns) && ns == 500000000);
    assert_true(tern_parse_seconds("1.000000001", &ns) && ns == 1000000001);
    static const char *const bad[] = { "", ".", ".5", "1.", "1.0000000001", "1e3", "-1", "86401", "1.5.5" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(tern_parse_seconds(bad[i], &ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_whole_or_nothing),
        cmocka_unit_test(sizes_have_units_of_1024),
        cmocka_unit_test(seconds_may_have_a_fraction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
