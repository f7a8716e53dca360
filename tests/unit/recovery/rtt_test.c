/* SPDX-License-Identifier: MIT */
#include "recovery/rtt.h"
#include "unit/base/unit.h"

static tern_rtt rtt;

static int setup(void **state)
{
    (void)state;
    tern_rtt_init(&rtt);
    return 0;
}

/*= REC-010 */
static void before_any_sample_the_estimate_is_333_ms(void **state)
{
    (void)state;
    assert_false(rtt.sampled);
    assert_int_equal(rtt.smoothed_ns, 333 * TERN_MS);
    assert_int_equal(tern_rtt_pto_ns(&rtt), 333 * TERN_MS + 4 * (333 * TERN_MS / 2));
}

/*= REC-010 */
static void the_first_sample_is_taken_whole_without_the_peers_delay(void **state)
{
    (void)state;
    tern_rtt_sample(&rtt, 100 * TERN_MS, 20 * TERN_MS);
    assert_true(rtt.sampled);
    assert_int_equal(rtt.latest_ns, 100 * TERN_MS);
    assert_int_equal(rtt.min_ns, 100 * TERN_MS);
    assert_int_equal(rtt.smoothed_ns, 100 * TERN_MS);
    assert_int_equal(rtt.rttvar_ns, 50 * TERN_MS);
}

/*= REC-010 */
static void later_samples_weigh_an_eighth_and_a_quarter(void **state)
{
    (void)state;
    tern_rtt_sample(&rtt, 80 * TERN_MS, 0);
    tern_rtt_sample(&rtt, 160 * TERN_MS, 0);
    assert_int_equal(rtt.rttvar_ns, 30 * TERN_MS + 20 * TERN_MS); /* 3/4 of 40, 1/4 of 80 */
    assert_int_equal(rtt.smoothed_ns, 70 * TERN_MS + 20 * TERN_MS);
    assert_int_equal(rtt.min_ns, 80 * TERN_MS);
    assert_int_equal(rtt.latest_ns, 160 * TERN_MS);
}

/*= REC-010 */
static void the_peers_delay_is_taken_off_where_that_stays_at_the_minimum_or_above(void **state)
{
    (void)state;
    tern_rtt_sample(&rtt, 80 * TERN_MS, 0);
    tern_rtt other = rtt;
    tern_rtt_sample(&rtt, 96 * TERN_MS, 16 * TERN_MS);
    assert_int_equal(rtt.smoothed_ns, 80 * TERN_MS); /* 96 - 16 */
    tern_rtt_sample(&other, 96 * TERN_MS, 17 * TERN_MS);
    assert_int_equal(other.smoothed_ns, 82 * TERN_MS); /* 79 would be below the minimum: 96 counts */
}

static void a_smaller_sample_lowers_the_minimum(void **state)
{
    (void)state;
    tern_rtt_sample(&rtt, 80 * TERN_MS, 0);
    tern_rtt_sample(&rtt, 40 * TERN_MS, 30 * TERN_MS);
    assert_int_equal(rtt.min_ns, 40 * TERN_MS);
    assert_int_equal(rtt.smoothed_ns, 75 * TERN_MS);
}

static void a_steady_path_is_approached(void **state)
{
    (void)state;
    tern_rtt_sample(&rtt, TERN_SECOND, 0);
    for (int i = 0; i < 200; i++) tern_rtt_sample(&rtt, 10 * TERN_MS, 0);
    assert_in_range(rtt.smoothed_ns, 10 * TERN_MS - 100, 10 * TERN_MS + 100);
    assert_in_range(tern_rtt_pto_ns(&rtt), 11 * TERN_MS - 100, 11 * TERN_MS + 100); /* the variance's floor is 1 ms */
}

/*= REC-017 */
static void the_loss_delay_is_nine_eighths_of_the_larger_estimate(void **state)
{
    (void)state;
    tern_rtt_sample(&rtt, 80 * TERN_MS, 0);
    assert_int_equal(tern_rtt_loss_delay_ns(&rtt, 1), 90 * TERN_MS);
    tern_rtt_sample(&rtt, 160 * TERN_MS, 0);
    assert_int_equal(tern_rtt_loss_delay_ns(&rtt, 1), 180 * TERN_MS);
    tern_rtt_sample(&rtt, 8 * TERN_MS, 0);
    assert_int_equal(tern_rtt_loss_delay_ns(&rtt, 1), rtt.smoothed_ns / 8 * 9);
}

/*= REC-017 */
static void the_loss_delay_is_at_least_a_millisecond(void **state)
{
    (void)state;
    tern_rtt_sample(&rtt, 1000, 0);
    assert_int_equal(tern_rtt_loss_delay_ns(&rtt, 1), TERN_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(before_any_sample_the_estimate_is_333_ms, setup),
        cmocka_unit_test_setup(the_first_sample_is_taken_whole_without_the_peers_delay, setup),
        cmocka_unit_test_setup(later_samples_weigh_an_eighth_and_a_quarter, setup),
        cmocka_unit_test_setup(the_peers_delay_is_taken_off_where_that_stays_at_the_minimum_or_above, setup),
        cmocka_unit_test_setup(a_smaller_sample_lowers_the_minimum, setup),
        cmocka_unit_test_setup(a_steady_path_is_approached, setup),
        cmocka_unit_test_setup(the_loss_delay_is_nine_eighths_of_the_larger_estimate, setup),
        cmocka_unit_test_setup(the_loss_delay_is_at_least_a_millisecond, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
