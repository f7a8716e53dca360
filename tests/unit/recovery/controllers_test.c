/* SPDX-License-Identifier: MIT */
#include "recovery/congestion.h"
#include "unit/base/unit.h"

static void each_controller_is_found_by_its_name(void **state)
{
    (void)state;
    for (int kind = 0; kind < TERN_CONGESTION_COUNT; kind++) {
        const char *name = tern_congestion_name((tern_congestion_kind)kind);
        assert_int_equal(tern_congestion_by_name(name), kind);
        assert_ptr_equal(tern_congestion_ops_of((tern_congestion_kind)kind)->name, name);
    }
    assert_string_equal(tern_congestion_name(TERN_CONGESTION_CUBIC), "cubic");
}

static void no_other_name_or_number_is_one(void **state)
{
    const char *const none[] = { "", "cub", "cubic2", "Cubic", "vegas" };
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(tern_congestion_by_name(none[i]), TERN_CONGESTION_COUNT);
    assert_null(tern_congestion_name(TERN_CONGESTION_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_controller_is_found_by_its_name),
        cmocka_unit_test(no_other_name_or_number_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
