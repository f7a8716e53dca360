/* SPDX-License-Identifier: MIT */
#include "recovery/hystart.h"
#include "unit/base/unit.h"

static tern_hystart h;
static tern_time now;

static int setup(void **state)
{
    (void)state;
    tern_hystart_init(&h);
    now = TERN_SECOND;
    return 0;
}

/* A round of acknowledgements with this round-trip time; the bytes that the window grew by of 10 acknowledged each.
 * *left: it said that slow start is over. */
static uint64_t one_round(uint64_t rtt_ns, int acks, bool *left)
{
    uint64_t grown = 0;
    tern_time sent = now;
    now += rtt_ns;
    *left = false;
    for (int i = 0; i < acks; i++) {
        bool leave;
        grown += tern_hystart_acked(&h, now++, sent++, rtt_ns, 10, &leave);
        *left |= leave;
    }
    return grown;
}

/*= REC-041 */
static void a_steady_path_stays_in_slow_start(void **state)
{
    bool left;
    (void)state;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(one_round(50 * TERN_MS, 20, &left), 200);
        assert_false(left);
    }
}

/*= REC-041 */
static void a_rise_by_an_eighth_slows_down_and_five_rounds_later_slow_start_is_over(void **state)
{
    bool left;
    (void)state;
    (void)one_round(80 * TERN_MS, 20, &left);
    assert_int_equal(one_round(90 * TERN_MS - 1, 20, &left), 200); /* not yet */
    setup(NULL);
    (void)one_round(80 * TERN_MS, 20, &left);
    assert_int_equal(one_round(90 * TERN_MS, 20, &left), 7 * 10 + 13 * 2); /* from the eighth sample on */
    for (int i = 0; i < 4; i++) {
        assert_int_equal(one_round(90 * TERN_MS, 20, &left), 40);
        assert_false(left);
    }
    (void)one_round(90 * TERN_MS, 1, &left);
    assert_true(left);
}

/*= REC-041 */
static void the_rise_that_counts_is_between_4_and_16_ms(void **state)
{
    bool left;
    (void)state;
    (void)one_round(8 * TERN_MS, 20, &left);
    assert_int_equal(one_round(12 * TERN_MS - 1, 20, &left), 200);
    setup(NULL);
    (void)one_round(8 * TERN_MS, 20, &left);
    assert_true(one_round(12 * TERN_MS, 20, &left) < 200);
    setup(NULL);
    (void)one_round(400 * TERN_MS, 20, &left);
    assert_true(one_round(416 * TERN_MS, 20, &left) < 200);
}

/*= REC-041 */
static void a_rise_that_goes_away_was_no_queue(void **state)
{
    bool left;
    (void)state;
    (void)one_round(80 * TERN_MS, 20, &left);
    (void)one_round(90 * TERN_MS, 20, &left);
    (void)one_round(80 * TERN_MS, 20, &left);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(one_round(80 * TERN_MS, 20, &left), 200);
        assert_false(left);
    }
}

/*= REC-041 */
static void fewer_than_eight_samples_tell_nothing(void **state)
{
    bool left;
    (void)state;
    for (int i = 0; i < 10; i++) assert_int_equal(one_round((uint64_t)(80 + 20 * i) * TERN_MS, 7, &left), 70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_steady_path_stays_in_slow_start, setup),
        cmocka_unit_test_setup(a_rise_by_an_eighth_slows_down_and_five_rounds_later_slow_start_is_over, setup),
        cmocka_unit_test_setup(the_rise_that_counts_is_between_4_and_16_ms, setup),
        cmocka_unit_test_setup(a_rise_that_goes_away_was_no_queue, setup),
        cmocka_unit_test_setup(fewer_than_eight_samples_tell_nothing, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
