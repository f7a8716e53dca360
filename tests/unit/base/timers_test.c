/* SPDX-License-Identifier: MIT */
#include "base/timers.h"
#include "unit/base/unit.h"

static void nothing_is_armed_at_first(void **state)
{
    (void)state;
    tern_timers t;
    tern_timers_init(&t);
    assert_int_equal(tern_timers_next(&t), TERN_TIME_NEVER);
    assert_int_equal(tern_timers_expire(&t, TERN_TIME_NEVER), TERN_TIMER_COUNT);
}

static void the_earliest_timer_is_next(void **state)
{
    (void)state;
    tern_timers t;
    tern_timers_init(&t);
    tern_timers_set(&t, TERN_TIMER_IDLE, 300);
    tern_timers_set(&t, TERN_TIMER_ACK_DELAY, 25);
    assert_int_equal(tern_timers_next(&t), 25);
    tern_timers_stop(&t, TERN_TIMER_ACK_DELAY);
    assert_int_equal(tern_timers_next(&t), 300);
}

static void a_timer_expires_once_and_not_before_its_time(void **state)
{
    (void)state;
    tern_timers t;
    tern_timers_init(&t);
    tern_timers_set(&t, TERN_TIMER_LOSS, 100);
    assert_int_equal(tern_timers_expire(&t, 99), TERN_TIMER_COUNT);
    assert_int_equal(tern_timers_expire(&t, 100), TERN_TIMER_LOSS);
    assert_int_equal(tern_timers_expire(&t, 100), TERN_TIMER_COUNT);
    assert_int_equal(tern_timers_next(&t), TERN_TIME_NEVER);
}

static void timers_that_are_due_expire_in_the_order_of_their_times(void **state)
{
    (void)state;
    tern_timers t;
    tern_timers_init(&t);
    tern_timers_set(&t, TERN_TIMER_LOSS, 30);
    tern_timers_set(&t, TERN_TIMER_END, 10);
    tern_timers_set(&t, TERN_TIMER_PACE, 20);
    tern_timers_set(&t, TERN_TIMER_IDLE, 99);
    assert_int_equal(tern_timers_expire(&t, 50), TERN_TIMER_END);
    assert_int_equal(tern_timers_expire(&t, 50), TERN_TIMER_PACE);
    assert_int_equal(tern_timers_expire(&t, 50), TERN_TIMER_LOSS);
    assert_int_equal(tern_timers_expire(&t, 50), TERN_TIMER_COUNT);
    assert_int_equal(tern_timers_next(&t), 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_armed_at_first),
        cmocka_unit_test(the_earliest_timer_is_next),
        cmocka_unit_test(a_timer_expires_once_and_not_before_its_time),
        cmocka_unit_test(timers_that_are_due_expire_in_the_order_of_their_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
