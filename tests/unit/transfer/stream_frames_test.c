/* SPDX-License-Identifier: MIT */
#include "unit/transfer/streams.h"

/*= XFER-001 */
static void bytes_arrive_once_and_in_order_however_they_come(void **state)
{
    (void)state;
    bool fin;
    assert_int_equal(on_bytes(&relay, 0, 1000, 500, true), TERN_OK);
    assert_int_equal(on_bytes(&relay, 0, 1000, 500, true), TERN_OK);
    assert_int_equal(read_bytes(&relay, 0, 5000, &fin), 0);
    assert_int_equal(on_bytes(&relay, 0, 0, 700, false), TERN_OK);
    assert_int_equal(read_bytes(&relay, 0, 5000, &fin), 700);
    assert_int_equal(on_bytes(&relay, 0, 500, 700, false), TERN_OK);
    assert_false(fin);
    assert_int_equal(read_bytes(&relay, 0, 5000, &fin), 800);
    assert_true(fin);
    assert_int_equal(on_bytes(&relay, 0, 0, 1500, true), TERN_OK);
    expect_limit(&relay, 1500);
}

/*= XFER-004 */
static void a_size_that_is_fixed_cannot_change(void **state)
{
    (void)state;
    assert_int_equal(on_bytes(&relay, 0, 0, 100, true), TERN_OK);
    assert_int_equal(on_bytes(&relay, 0, 50, 50, false), TERN_OK);
    assert_int_equal(on_bytes(&relay, 0, 50, 51, false), TERN_FINAL_SIZE_ERROR);
    assert_int_equal(on_bytes(&relay, 0, 0, 99, true), TERN_FINAL_SIZE_ERROR);
    assert_int_equal(on_bytes(&relay, 0, 0, 101, true), TERN_FINAL_SIZE_ERROR);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0, 1, 99), TERN_FINAL_SIZE_ERROR);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0, 1, 101), TERN_FINAL_SIZE_ERROR);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0, 1, 100), TERN_OK);
    assert_int_equal(on_bytes(&relay, 0, 50, 51, false), TERN_FINAL_SIZE_ERROR);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0, 1, 99), TERN_FINAL_SIZE_ERROR);
}

/*= XFER-004 */
static void a_size_below_what_was_received_is_refused(void **state)
{
    (void)state;
    assert_int_equal(on_bytes(&relay, 0, 50, 50, false), TERN_OK);
    assert_int_equal(on_bytes(&relay, 0, 0, 99, true), TERN_FINAL_SIZE_ERROR);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0, 1, 99), TERN_FINAL_SIZE_ERROR);
    assert_int_equal(on_bytes(&relay, 0, 100, 0, true), TERN_OK);
}

/*= XFER-004 */
static void the_size_stays_fixed_when_all_is_read(void **state)
{
    (void)state;
    bool fin;
    assert_int_equal(on_bytes(&relay, 0, 0, 100, true), TERN_OK);
    assert_int_equal(read_bytes(&relay, 0, 100, &fin), 100);
    assert_int_equal(on_bytes(&relay, 0, 100, 1, false), TERN_FINAL_SIZE_ERROR);
    assert_int_equal(on_bytes(&relay, 0, 99, 1, true), TERN_OK);
}

/*= XFER-020 */
static void a_stream_that_passes_its_limit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(on_bytes(&relay, 0, STREAM_WINDOW - 1, 2, false), TERN_FLOW_CONTROL_ERROR);
    assert_int_equal(on_bytes(&relay, 0, STREAM_WINDOW + 1, 0, true), TERN_FLOW_CONTROL_ERROR);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0, 1, STREAM_WINDOW + 1), TERN_FLOW_CONTROL_ERROR);
    assert_int_equal(relay.recv_credit.used, 0);
    assert_int_equal(on_bytes(&relay, 0, STREAM_WINDOW - 1, 1, false), TERN_OK);
    assert_int_equal(relay.recv_credit.used, STREAM_WINDOW);
}

/*= XFER-020 */
static void all_streams_together_that_pass_the_limit_are_refused(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < 8; id += 4) assert_int_equal(on_bytes(&relay, id, STREAM_WINDOW - 1, 1, false), TERN_OK);
    uint64_t left = DATA_WINDOW - 2 * STREAM_WINDOW;
    assert_int_equal(on_bytes(&relay, 8, left, 1, false), TERN_FLOW_CONTROL_ERROR);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 8, 1, left + 1), TERN_FLOW_CONTROL_ERROR);
    assert_int_equal(on_bytes(&relay, 8, left - 1, 1, false), TERN_OK);
    assert_int_equal(on_bytes(&relay, 12, 0, 1, false), TERN_FLOW_CONTROL_ERROR);
    assert_int_equal(on_bytes(&relay, 0, 0, 1, false), TERN_OK);
}

/*= XFER-022 */
static void reading_gives_credit_to_the_stream_and_to_the_connection(void **state)
{
    (void)state;
    bool fin;
    assert_int_equal(on_bytes(&relay, 0, 0, STREAM_WINDOW, false), TERN_OK);
    assert_int_equal(read_bytes(&relay, 0, STREAM_WINDOW / 2 - 1, &fin), STREAM_WINDOW / 2 - 1);
    assert_int_equal(give(&relay, 0).kind, TERN_GIVE_NONE);
    assert_int_equal(read_bytes(&relay, 0, 1, &fin), 1);
    tern_give g = give(&relay, 0);
    assert_int_equal(g.kind, TERN_GIVE_MAX_STREAM_DATA);
    assert_int_equal(g.value, STREAM_WINDOW + STREAM_WINDOW / 2);
    assert_int_equal(read_bytes(&relay, 0, STREAM_WINDOW, &fin), STREAM_WINDOW / 2);
    g = give(&relay, 0);
    assert_int_equal(g.kind, TERN_GIVE_MAX_STREAM_DATA);
    assert_int_equal(on_bytes(&relay, 0, STREAM_WINDOW, 2000, false), TERN_OK);
    assert_int_equal(read_bytes(&relay, 0, STREAM_WINDOW, &fin), 2000);
    g = give(&relay, 0);
    assert_int_equal(g.kind, TERN_GIVE_MAX_DATA);
    assert_int_equal(g.value, DATA_WINDOW + STREAM_WINDOW + 2000);
}

/*= XFER-005 */
static void a_reset_ends_at_once_and_gives_the_unread_credit_back(void **state)
{
    (void)state;
    bool fin;
    assert_int_equal(on_bytes(&relay, 0, 0, 3000, false), TERN_OK);
    assert_int_equal(read_bytes(&relay, 0, 1000, &fin), 1000);
    assert_int_equal(on_bytes(&relay, 0, 4000, 100, false), TERN_OK);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0, 5, 6000), TERN_OK);
    expect_limit(&relay, 6000);
    assert_int_equal(pool->free, PAGES - 1);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0, 5, 6000), TERN_OK);
    assert_int_equal(on_bytes(&relay, 0, 0, 5000, false), TERN_OK);
    expect_limit(&relay, 6000);
}

/*= XFER-023 */
static void a_frame_that_is_not_kept_takes_no_credit(void **state)
{
    (void)state;
    bool fin;
    tern_page held[PAGES];
    assert_int_equal(on_bytes(&relay, 0, 0, 0, false), TERN_OK);
    uint32_t n = hold_all_but(pool, TERN_FOR_RECORDS, 0, held);
    assert_int_equal(on_bytes(&relay, 0, 0, 5000, true), TERN_E_NO_MEMORY);
    expect_limit(&relay, 0);
    assert_int_equal(stream_of(&relay, 0)->recv_state, TERN_RECV_RECV);
    give_back(pool, held, n);
    assert_int_equal(on_bytes(&relay, 0, 0, 5000, true), TERN_OK);
    assert_int_equal(read_bytes(&relay, 0, 6000, &fin), 5000);
    assert_true(fin);
}

/*= XFER-005 */
static void a_stop_is_answered_with_a_reset_of_the_same_code(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 100);
    assert_int_equal(tern_streams_on_stop(&client, pool, id, 42), TERN_OK);
    tern_give g = give(&client, 1000);
    assert_int_equal(g.kind, TERN_GIVE_RESET);
    assert_int_equal(g.code, 42);
    assert_int_equal(g.value, 0);
}

/*= XFER-005 */
static void a_stop_after_everything_was_sent_changes_nothing(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 100);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    tern_give g = give(&client, 1000);
    assert_true(g.fin);
    assert_int_equal(tern_streams_on_stop(&client, pool, id, 42), TERN_OK);
    assert_int_equal(give(&client, 1000).kind, TERN_GIVE_NONE);
    assert_true(no_news(&client));
    settle(&client, &g, false);
    assert_int_equal(give(&client, 1000).kind, TERN_GIVE_DATA);
}

/*= XFER-020 XFER-021 */
static void a_stream_limit_lets_more_be_sent_and_never_less(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, KEEP);
    assert_int_equal(give(&client, KEEP).range.to, STREAM_WINDOW);
    assert_int_equal(give(&client, KEEP).kind, TERN_GIVE_NONE);
    assert_int_equal(tern_streams_on_max_stream_data(&client, pool, id, 100), TERN_OK);
    assert_int_equal(give(&client, KEEP).kind, TERN_GIVE_NONE);
    assert_int_equal(tern_streams_on_max_stream_data(&client, pool, id, STREAM_WINDOW + 5), TERN_OK);
    assert_int_equal(give(&client, KEEP).range.to, STREAM_WINDOW + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_arrive_once_and_in_order_however_they_come),
        TEST(a_size_that_is_fixed_cannot_change),
        TEST(a_size_below_what_was_received_is_refused),
        TEST(the_size_stays_fixed_when_all_is_read),
        TEST(a_stream_that_passes_its_limit_is_refused),
        TEST(all_streams_together_that_pass_the_limit_are_refused),
        TEST(reading_gives_credit_to_the_stream_and_to_the_connection),
        TEST(a_reset_ends_at_once_and_gives_the_unread_credit_back),
        TEST(a_frame_that_is_not_kept_takes_no_credit),
        TEST(a_stop_is_answered_with_a_reset_of_the_same_code),
        TEST(a_stop_after_everything_was_sent_changes_nothing),
        TEST(a_stream_limit_lets_more_be_sent_and_never_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
