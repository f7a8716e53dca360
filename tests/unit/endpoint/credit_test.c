/* SPDX-License-Identifier: MIT */
#include "endpoint/credit.h"

#include "unit/base/unit.h"

static int taken(tern_credit *c, tern_time now)
{
    int n = 0;
    while (tern_credit_take(c, now)) n++;
    return n;
}

static void so_many_at_once_and_then_one_each_period(void **state)
{
    (void)state;
    tern_credit c;
    tern_credit_init(&c, 5, 10, 100);
    assert_int_equal(taken(&c, 100), 5);
    assert_int_equal(taken(&c, 109), 0);
    assert_int_equal(taken(&c, 110), 1);
    assert_int_equal(taken(&c, 135), 2);
    assert_int_equal(taken(&c, 140), 1); /* what was earned in part is not lost */
    assert_int_equal(taken(&c, UINT64_MAX), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(so_many_at_once_and_then_one_each_period) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
