/* SPDX-License-Identifier: MIT */
#include "unit/transfer/streams.h"

/* Which of the events 0 to 3 a state takes, as bits. */
static unsigned taken_by_sender(tern_send_state from)
{
    unsigned taken = 0;
    for (unsigned event = TERN_SEND_EV_ALL_SENT; event <= TERN_SEND_EV_RESET_ACKED; event++) {
        tern_stream st = { .send_state = from };
        if (tern_stream_send_step(&st, (tern_send_event)event)) taken |= 1u << event;
        assert_true((taken >> event & 1) == (st.send_state != from));
    }
    return taken;
}

static unsigned taken_by_receiver(tern_recv_state from)
{
    unsigned taken = 0;
    for (unsigned event = TERN_RECV_EV_SIZE; event <= TERN_RECV_EV_RESET_TOLD; event++) {
        tern_stream st = { .recv_state = from };
        if (tern_stream_recv_step(&st, (tern_recv_event)event)) taken |= 1u << event;
        assert_true((taken >> event & 1) == (st.recv_state != from));
    }
    return taken;
}

static void each_state_takes_the_events_of_rfc_9000_and_no_other(void **state)
{
    (void)state;
    assert_int_equal(taken_by_sender(TERN_SEND_READY), 1 << TERN_SEND_EV_ALL_SENT | 1 << TERN_SEND_EV_RESET);
    assert_int_equal(taken_by_sender(TERN_SEND_DATA_SENT), 1 << TERN_SEND_EV_ALL_ACKED | 1 << TERN_SEND_EV_RESET);
    assert_int_equal(taken_by_sender(TERN_SEND_RESET_SENT), 1 << TERN_SEND_EV_RESET_ACKED);
    assert_int_equal(taken_by_sender(TERN_SEND_DATA_RECVD), 0);
    assert_int_equal(taken_by_sender(TERN_SEND_RESET_RECVD), 0);
    assert_int_equal(taken_by_receiver(TERN_RECV_RECV), 1 << TERN_RECV_EV_SIZE | 1 << TERN_RECV_EV_RESET);
    assert_int_equal(taken_by_receiver(TERN_RECV_SIZE_KNOWN), 1 << TERN_RECV_EV_ALL_READ | 1 << TERN_RECV_EV_RESET);
    assert_int_equal(taken_by_receiver(TERN_RECV_RESET_RECVD), 1 << TERN_RECV_EV_RESET_TOLD);
    assert_int_equal(taken_by_receiver(TERN_RECV_DATA_READ), 0);
    assert_int_equal(taken_by_receiver(TERN_RECV_RESET_READ), 0);
}

/*= XFER-001 */
static void what_is_written_is_read_at_the_other_end_and_both_are_freed(void **state)
{
    (void)state;
    bool fin;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 5000);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    carry(&client, &relay);
    assert_int_equal(read_bytes(&relay, id, 3000, &fin), 3000);
    assert_false(fin);
    assert_int_equal(read_bytes(&relay, id, 3000, &fin), 2000);
    assert_true(fin);
    write_bytes(&relay, id, 100);
    assert_int_equal(tern_stream_finish(&relay, stream_of(&relay, id), pool), TERN_OK);
    carry(&relay, &client);
    assert_null(stream_of(&relay, id));
    assert_int_equal(read_bytes(&client, id, 3000, &fin), 100);
    assert_true(fin);
    assert_null(stream_of(&client, id));
    assert_int_equal(pool->free, PAGES);
    expect_limit(&relay, 5000);
    expect_limit(&client, 100);
}

static void an_empty_stream_ends_too(void **state)
{
    (void)state;
    bool fin;
    uint32_t id = open_stream(&client);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    carry(&client, &relay);
    assert_int_equal(read_bytes(&relay, id, 10, &fin), 0);
    assert_true(fin);
}

static void a_write_takes_what_is_kept_at_most(void **state)
{
    (void)state;
    static const uint8_t bytes[KEEP];
    size_t taken;
    tern_stream *st = stream_of(&client, open_stream(&client));
    assert_int_equal(tern_stream_write(&client, st, pool, tern_bytes_of(bytes, 700), &taken, 1000), TERN_OK);
    assert_int_equal(taken, 700);
    assert_int_equal(tern_stream_write(&client, st, pool, tern_bytes_of(bytes, 700), &taken, 1000), TERN_OK);
    assert_int_equal(taken, 300);
    assert_int_equal(tern_stream_write(&client, st, pool, tern_bytes_of(bytes, 700), &taken, 500), TERN_OK);
    assert_int_equal(taken, 0);
}

static void a_write_takes_what_the_pool_holds(void **state)
{
    (void)state;
    tern_page held[PAGES];
    static const uint8_t bytes[KEEP];
    size_t taken;
    tern_stream *st = stream_of(&client, open_stream(&client));
    uint32_t n = hold_all_but(pool, TERN_FOR_SENDING, 1, held);
    assert_int_equal(tern_stream_write(&client, st, pool, tern_bytes_of(bytes, KEEP), &taken, KEEP), TERN_OK);
    assert_int_equal(taken, TERN_PAGE_SIZE);
    give_back(pool, held, n);
}

static void nothing_is_written_behind_the_end(void **state)
{
    (void)state;
    size_t taken;
    tern_stream *st = stream_of(&client, open_stream(&client));
    assert_int_equal(tern_stream_finish(&client, st, pool), TERN_OK);
    assert_int_equal(tern_stream_write(&client, st, pool, text_bytes("a"), &taken, KEEP), TERN_E_CLOSED);
    assert_int_equal(tern_stream_finish(&client, st, pool), TERN_E_CLOSED);
    assert_int_equal(tern_stream_reset(&client, st, pool, 1), TERN_OK);
    assert_int_equal(tern_stream_reset(&client, st, pool, 1), TERN_E_CLOSED);
    assert_int_equal(tern_stream_finish(&client, st, pool), TERN_E_CLOSED);
}

/*= XFER-005 */
static void a_reset_gives_the_bytes_back_and_tells_the_size_that_was_sent(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    uint32_t free_pages = pool->free;
    write_bytes(&client, id, 5000);
    (void)give(&client, 700);
    assert_int_equal(tern_stream_reset(&client, stream_of(&client, id), pool, 77), TERN_OK);
    assert_int_equal(pool->free, free_pages);
    tern_give g = give(&client, 700);
    assert_int_equal(g.kind, TERN_GIVE_RESET);
    assert_int_equal(g.code, 77);
    assert_int_equal(g.value, 700);
    assert_int_equal(give(&client, 700).kind, TERN_GIVE_NONE);
}

static void a_reset_stream_is_freed_once_both_sides_know(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 3000);
    assert_int_equal(tern_stream_reset(&client, stream_of(&client, id), pool, 77), TERN_OK);
    carry(&client, &relay);
    assert_true(news_is(&relay, id, TERN_STREAM_OPENED));
    assert_true(news_is(&relay, id, TERN_STREAM_RESET));
    assert_int_equal(tern_stream_reset(&relay, stream_of(&relay, id), pool, 78), TERN_OK);
    carry(&relay, &client);
    assert_null(stream_of(&relay, id));
    assert_non_null(stream_of(&client, id));
    assert_true(news_is(&client, id, TERN_STREAM_RESET));
    assert_null(stream_of(&client, id));
}

static void reading_a_reset_stream_is_refused(void **state)
{
    (void)state;
    size_t n;
    bool fin;
    uint8_t out[10];
    assert_int_equal(on_bytes(&relay, 0, 0, 10, false), TERN_OK);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0, 5, 10), TERN_OK);
    tern_stream *st = stream_of(&relay, 0);
    assert_int_equal(tern_stream_read(&relay, st, pool, (tern_buf){ out, 10 }, &n, &fin), TERN_E_CLOSED);
    assert_int_equal(tern_stream_stop(&relay, st, pool, 1), TERN_E_CLOSED);
}

/*= XFER-005 */
static void asking_the_peer_to_stop_resets_its_side(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 5000);
    carry(&client, &relay);
    assert_int_equal(tern_stream_stop(&relay, stream_of(&relay, id), pool, 9), TERN_OK);
    assert_int_equal(tern_stream_stop(&relay, stream_of(&relay, id), pool, 9), TERN_E_CLOSED);
    carry(&relay, &client);
    assert_true(news_is(&client, id, TERN_STREAM_STOPPED));
    carry(&client, &relay);
    assert_true(news_is(&relay, id, TERN_STREAM_OPENED));
    assert_true(news_is(&relay, id, TERN_STREAM_RESET));
    expect_limit(&relay, 5000);
}

/*= XFER-005 */
static void what_arrives_after_a_stop_is_thrown_away_and_the_stream_ends(void **state)
{
    (void)state;
    bool fin;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 5000);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    tern_give g = give(&client, 2000);
    assert_int_equal(arrive(&client, &relay, &g), TERN_OK);
    settle(&client, &g, true);
    assert_int_equal(tern_stream_stop(&relay, stream_of(&relay, id), pool, 9), TERN_OK);
    carry(&client, &relay); /* the rest and FIN cross the STOP_SENDING: everything was sent */
    carry(&relay, &client);
    expect_limit(&relay, 5000);
    assert_int_equal(stream_of(&client, id)->send_state, TERN_SEND_DATA_RECVD);
    assert_int_equal(tern_stream_finish(&relay, stream_of(&relay, id), pool), TERN_OK);
    carry(&relay, &client);
    assert_null(stream_of(&relay, id));
    assert_int_equal(read_bytes(&client, id, 10, &fin), 0);
    assert_true(no_news(&client));
    assert_int_equal(pool->free, PAGES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_state_takes_the_events_of_rfc_9000_and_no_other),
        TEST(what_is_written_is_read_at_the_other_end_and_both_are_freed),
        TEST(an_empty_stream_ends_too),
        TEST(a_write_takes_what_is_kept_at_most),
        TEST(a_write_takes_what_the_pool_holds),
        TEST(nothing_is_written_behind_the_end),
        TEST(a_reset_gives_the_bytes_back_and_tells_the_size_that_was_sent),
        TEST(a_reset_stream_is_freed_once_both_sides_know),
        TEST(reading_a_reset_stream_is_refused),
        TEST(asking_the_peer_to_stop_resets_its_side),
        TEST(what_arrives_after_a_stop_is_thrown_away_and_the_stream_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
