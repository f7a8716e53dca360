/* SPDX-License-Identifier: MIT */
#include "recovery/frequency.h"
#include "unit/recovery/unit.h"

#define SIZE 1200
#define RTT  (80 * TERN_MS)

static tern_recovery r;
static tern_frequency f;

static int setup(void **state)
{
    (void)state;
    tern_recovery_init(&r, &tern_newreno, SIZE);
    tern_rtt_sample(&r.rtt, RTT, 0);
    tern_frequency_init(&f);
    return 0;
}

static void window(uint64_t datagrams)
{
    r.congestion.cwnd_bytes = datagrams * SIZE;
}

/*= REC-051 */
static void a_small_window_asks_for_nothing(void **state)
{
    (void)state;
    for (uint64_t n = 2; n < 64; n++) {
        window(n);
        assert_false(tern_frequency_ask(&f, &r));
    }
}

/*= REC-051 */
static void sixteen_acks_a_window_are_asked_for_and_an_eighth_of_a_round_trip(void **state)
{
    (void)state;
    window(320);
    assert_true(tern_frequency_ask(&f, &r));
    assert_int_equal(f.packets, 20);
    assert_int_equal(f.delay_us, 10000);
    assert_int_equal(f.reordering, 3);
    assert_int_equal(f.sequence, 1);
    assert_false(tern_frequency_ask(&f, &r));
    window(639);
    assert_false(tern_frequency_ask(&f, &r));
    window(640);
    assert_true(tern_frequency_ask(&f, &r));
    assert_int_equal(f.packets, 40);
    window(321);
    assert_true(tern_frequency_ask(&f, &r));
    assert_int_equal(f.packets, 20);
    assert_int_equal(f.sequence, 3);
}

/*= REC-051 */
static void what_is_asked_for_has_bounds(void **state)
{
    (void)state;
    window(100000);
    tern_rtt_init(&r.rtt);
    tern_rtt_sample(&r.rtt, TERN_SECOND, 0);
    assert_true(tern_frequency_ask(&f, &r));
    assert_int_equal(f.packets, 64);
    assert_int_equal(f.delay_us, 25000);
    tern_rtt_init(&r.rtt);
    tern_rtt_sample(&r.rtt, TERN_MS, 0);
    assert_true(tern_frequency_ask(&f, &r));
    assert_int_equal(f.delay_us, 1000);
}

/*= REC-051 */
static void a_window_that_shrinks_asks_for_what_holds_without(void **state)
{
    (void)state;
    window(320);
    assert_true(tern_frequency_ask(&f, &r));
    window(20);
    assert_true(tern_frequency_ask(&f, &r));
    assert_int_equal(f.packets, 2);
    assert_int_equal(f.reordering, 1);
    assert_int_equal(f.delay_us, 25000);
    assert_false(tern_frequency_ask(&f, &r));
}

/*= REC-051 */
static void a_window_that_goes_up_and_down_a_little_asks_once(void **state)
{
    (void)state;
    window(64);
    assert_true(tern_frequency_ask(&f, &r));
    for (uint64_t n = 48; n < 128; n++) {
        window(n);
        assert_false(tern_frequency_ask(&f, &r));
    }
}

/*= REC-051 */
static void where_packets_come_late_no_gap_asks_for_an_ack(void **state)
{
    (void)state;
    window(320);
    assert_true(tern_frequency_ask(&f, &r));
    r.late_eighths = 1;
    assert_true(tern_frequency_ask(&f, &r));
    assert_int_equal(f.reordering, 0);
    assert_int_equal(f.packets, 20);
    assert_false(tern_frequency_ask(&f, &r));
    r.late_eighths = 0;
    assert_true(tern_frequency_ask(&f, &r));
    assert_int_equal(f.reordering, 3);
}

/*= REC-051 */
static void a_lost_request_is_made_again_with_what_holds_now(void **state)
{
    (void)state;
    window(320);
    assert_true(tern_frequency_ask(&f, &r));
    window(400);
    assert_false(tern_frequency_ask(&f, &r));
    f.lost = true;
    assert_true(tern_frequency_ask(&f, &r));
    assert_int_equal(f.packets, 25);
    assert_int_equal(f.sequence, 2);
    assert_false(tern_frequency_ask(&f, &r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_small_window_asks_for_nothing, setup),
        cmocka_unit_test_setup(sixteen_acks_a_window_are_asked_for_and_an_eighth_of_a_round_trip, setup),
        cmocka_unit_test_setup(what_is_asked_for_has_bounds, setup),
        cmocka_unit_test_setup(a_window_that_shrinks_asks_for_what_holds_without, setup),
        cmocka_unit_test_setup(a_window_that_goes_up_and_down_a_little_asks_once, setup),
        cmocka_unit_test_setup(where_packets_come_late_no_gap_asks_for_an_ack, setup),
        cmocka_unit_test_setup(a_lost_request_is_made_again_with_what_holds_now, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
