/* SPDX-License-Identifier: MIT */
#include "transfer/flow.h"
#include "unit/base/unit.h"

static tern_recv_credit c;

static int setup(void **state)
{
    (void)state;
    tern_recv_credit_init(&c, 1000);
    return 0;
}

/*= XFER-020 */
static void a_sender_has_what_the_limit_leaves(void **state)
{
    (void)state;
    tern_send_credit s;
    tern_send_credit_init(&s, 100);
    tern_send_credit_use(&s, 60);
    assert_int_equal(tern_send_credit_left(&s), 40);
    tern_send_credit_use(&s, 40);
    assert_int_equal(tern_send_credit_left(&s), 0);
}

/*= XFER-021 */
static void a_lower_limit_is_ignored(void **state)
{
    (void)state;
    tern_send_credit s;
    tern_send_credit_init(&s, 100);
    tern_send_credit_raise(&s, 99);
    assert_int_equal(tern_send_credit_left(&s), 100);
    tern_send_credit_raise(&s, 101);
    assert_int_equal(tern_send_credit_left(&s), 101);
}

/*= XFER-020 */
static void a_peer_that_passes_its_limit_is_found_and_nothing_changes(void **state)
{
    (void)state;
    assert_true(tern_recv_credit_use(&c, 1000));
    assert_false(tern_recv_credit_use(&c, 1));
    assert_int_equal(c.used, 1000);
    assert_false(tern_recv_credit_use(&c, UINT64_MAX));
    assert_true(tern_recv_credit_use(&c, 0));
}

/*= XFER-022 */
static void credit_is_owed_once_half_the_window_was_taken(void **state)
{
    (void)state;
    assert_true(tern_recv_credit_use(&c, 1000));
    tern_recv_credit_consume(&c, 499);
    assert_false(c.owed);
    tern_recv_credit_consume(&c, 1);
    assert_true(c.owed);
    assert_int_equal(tern_recv_credit_tell(&c), 1500);
    assert_false(c.owed);
    assert_true(tern_recv_credit_use(&c, 500));
    assert_false(tern_recv_credit_use(&c, 1));
}

/*= XFER-022 */
static void the_latest_value_is_told(void **state)
{
    (void)state;
    assert_true(tern_recv_credit_use(&c, 1000));
    tern_recv_credit_consume(&c, 500);
    tern_recv_credit_consume(&c, 300);
    assert_int_equal(tern_recv_credit_tell(&c), 1800);
}

/*= XFER-022 */
static void credit_that_was_lost_is_told_again_at_its_latest(void **state)
{
    (void)state;
    assert_true(tern_recv_credit_use(&c, 1000));
    tern_recv_credit_consume(&c, 500);
    (void)tern_recv_credit_tell(&c);
    tern_recv_credit_consume(&c, 10);
    assert_false(c.owed);
    tern_recv_credit_lost(&c);
    assert_true(c.owed);
    assert_int_equal(tern_recv_credit_tell(&c), 1510);
}

static void the_smallest_windows_move_too(void **state)
{
    (void)state;
    for (uint64_t window = 1; window <= 3; window++) {
        tern_recv_credit_init(&c, window);
        for (uint64_t i = 1; i < 100; i++) {
            assert_true(tern_recv_credit_use(&c, 1));
            tern_recv_credit_consume(&c, 1);
            if (c.owed) assert_int_equal(tern_recv_credit_tell(&c), i + window);
        }
    }
    tern_recv_credit_init(&c, 0);
    tern_recv_credit_consume(&c, 0);
    assert_false(c.owed);
}

/* Uses and takes half the window at a time. */
static uint64_t half(tern_time now, uint64_t room)
{
    uint64_t n = c.window / 2;
    assert_true(tern_recv_credit_use(&c, n));
    tern_recv_credit_consume(&c, n);
    assert_true(c.owed);
    tern_recv_credit_tune(&c, &(tern_tuning){ now, 100, room });
    (void)tern_recv_credit_tell(&c);
    return c.window;
}

/*= XFER-032 */
static void a_window_doubles_while_it_is_used_up_quickly(void **state)
{
    (void)state;
    tern_recv_credit_init(&c, 7000);
    tern_recv_credit_start(&c, 1000);
    assert_int_equal(c.told, 1000);
    assert_int_equal(half(1000, 1 << 20), 2000);
    assert_int_equal(half(1399, 1 << 20), 4000);
    assert_int_equal(half(1799, 1 << 20), 4000); /* four round trips: it was enough */
    assert_int_equal(half(1800, 1000), 5000);    /* no memory for more */
    assert_int_equal(half(1801, 0), 5000);       /* but none is taken back */
    assert_int_equal(half(1802, 8000), 7000);    /* and never more than this */
    assert_int_equal(c.told - c.consumed, 7000);
}

/*= XFER-032 */
static void windows_that_are_told_together_share_the_room(void **state)
{
    (void)state;
    tern_tuning tuning = { 1000, 100, 1500 };
    uint64_t grown[2];
    for (int i = 0; i < 2; i++) {
        tern_recv_credit_init(&c, 7000);
        tern_recv_credit_start(&c, 1000);
        assert_true(tern_recv_credit_use(&c, 500));
        tern_recv_credit_consume(&c, 500);
        tern_recv_credit_tune(&c, &tuning);
        grown[i] = c.window - 1000;
    }
    assert_int_equal(grown[0], 1000);
    assert_int_equal(grown[1], 500);
}

/*= XFER-032 */
static void what_was_taken_is_promised_again_before_it_is_told(void **state)
{
    (void)state;
    assert_true(tern_recv_credit_use(&c, 400));
    assert_int_equal(tern_recv_credit_promised(&c), 600);
    tern_recv_credit_consume(&c, 300);
    assert_int_equal(c.told, 1000);
    assert_int_equal(tern_recv_credit_promised(&c), 900);
}

/*= XFER-032 */
static void a_limit_told_again_without_need_grows_nothing(void **state)
{
    (void)state;
    tern_recv_credit_init(&c, 7000);
    tern_recv_credit_start(&c, 1000);
    for (int i = 0; i < 3; i++) {
        tern_recv_credit_lost(&c);
        tern_recv_credit_tune(&c, &(tern_tuning){ 1000, 100, 1 << 20 });
        assert_int_equal(tern_recv_credit_tell(&c), 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_sender_has_what_the_limit_leaves, setup),
        cmocka_unit_test_setup(a_lower_limit_is_ignored, setup),
        cmocka_unit_test_setup(a_peer_that_passes_its_limit_is_found_and_nothing_changes, setup),
        cmocka_unit_test_setup(credit_is_owed_once_half_the_window_was_taken, setup),
        cmocka_unit_test_setup(the_latest_value_is_told, setup),
        cmocka_unit_test_setup(credit_that_was_lost_is_told_again_at_its_latest, setup),
        cmocka_unit_test_setup(the_smallest_windows_move_too, setup),
        cmocka_unit_test_setup(a_window_doubles_while_it_is_used_up_quickly, setup),
        cmocka_unit_test_setup(windows_that_are_told_together_share_the_room, setup),
        cmocka_unit_test_setup(what_was_taken_is_promised_again_before_it_is_told, setup),
        cmocka_unit_test_setup(a_limit_told_again_without_need_grows_nothing, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
