/* SPDX-License-Identifier: MIT */
#include "unit/transfer/streams.h"

static void a_stream_of_the_peers_is_announced_once_before_its_bytes(void **state)
{
    (void)state;
    assert_int_equal(on_bytes(&relay, 4, 0, 10, false), TERN_OK);
    assert_true(news_is(&relay, 0, TERN_STREAM_OPENED));
    assert_true(news_is(&relay, 4, TERN_STREAM_OPENED));
    assert_true(news_is(&relay, 4, TERN_STREAM_READABLE));
    assert_true(no_news(&relay));
}

static void a_stream_of_ours_is_not_announced(void **state)
{
    (void)state;
    (void)open_stream(&client);
    assert_true(no_news(&client));
}

static void readable_is_told_for_bytes_in_order_only(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    assert_int_equal(on_bytes(&client, id, 10, 10, false), TERN_OK);
    assert_true(no_news(&client));
    assert_int_equal(on_bytes(&client, id, 0, 10, false), TERN_OK);
    assert_true(news_is(&client, id, TERN_STREAM_READABLE));
    assert_true(no_news(&client));
    assert_int_equal(on_bytes(&client, id, 0, 20, false), TERN_OK); /* nothing new */
    assert_true(no_news(&client));
    assert_int_equal(on_bytes(&client, id, 20, 1, false), TERN_OK);
    assert_true(news_is(&client, id, TERN_STREAM_READABLE));
}

static void readable_is_told_again_when_a_read_left_some(void **state)
{
    (void)state;
    bool fin;
    uint32_t id = open_stream(&client);
    assert_int_equal(on_bytes(&client, id, 0, 10, false), TERN_OK);
    assert_true(news_is(&client, id, TERN_STREAM_READABLE));
    (void)read_bytes(&client, id, 4, &fin);
    assert_true(news_is(&client, id, TERN_STREAM_READABLE));
    (void)read_bytes(&client, id, 6, &fin);
    assert_true(no_news(&client));
}

static void the_end_alone_is_readable(void **state)
{
    (void)state;
    bool fin;
    uint32_t id = open_stream(&client);
    assert_int_equal(on_bytes(&client, id, 0, 10, false), TERN_OK);
    (void)read_bytes(&client, id, 10, &fin);
    assert_int_equal(on_bytes(&client, id, 10, 0, true), TERN_OK);
    assert_true(news_is(&client, id, TERN_STREAM_READABLE));
    assert_int_equal(read_bytes(&client, id, 10, &fin), 0);
    assert_true(fin);
    assert_true(no_news(&client));
}

static void the_end_is_told_behind_bytes_that_wait(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    assert_int_equal(on_bytes(&client, id, 0, 10, false), TERN_OK);
    assert_true(news_is(&client, id, TERN_STREAM_READABLE));
    assert_int_equal(on_bytes(&client, id, 10, 0, true), TERN_OK);
    assert_true(news_is(&client, id, TERN_STREAM_READABLE));
    assert_true(no_news(&client));
}

/*= XFER-005 */
static void a_reset_is_told_once_with_its_code_instead_of_bytes(void **state)
{
    (void)state;
    uint32_t about;
    tern_stream_news news;
    uint16_t code;
    uint32_t id = open_stream(&client);
    assert_int_equal(on_bytes(&client, id, 0, 10, false), TERN_OK);
    assert_int_equal(tern_streams_on_reset(&client, pool, id, 4711, 10), TERN_OK);
    assert_true(tern_streams_poll(&client, pool, &about, &news, &code));
    assert_int_equal(news, TERN_STREAM_RESET);
    assert_int_equal(code, 4711);
    assert_true(no_news(&client));
}

/*= XFER-005 */
static void a_stop_is_told_once_with_its_code(void **state)
{
    (void)state;
    uint32_t about;
    tern_stream_news news;
    uint16_t code;
    uint32_t id = open_stream(&client);
    assert_int_equal(tern_streams_on_stop(&client, pool, id, 4712), TERN_OK);
    assert_true(tern_streams_poll(&client, pool, &about, &news, &code));
    assert_int_equal(news, TERN_STREAM_STOPPED);
    assert_int_equal(code, 4712);
    assert_int_equal(tern_streams_on_stop(&client, pool, id, 4712), TERN_OK);
    assert_true(no_news(&client));
}

static size_t write_some(uint32_t id, size_t n)
{
    static const uint8_t bytes[KEEP];
    size_t taken;
    assert_int_equal(tern_stream_write(&client, stream_of(&client, id), pool, tern_bytes_of(bytes, n), &taken, 1000),
                     TERN_OK);
    return taken;
}

static void writable_is_told_once_when_a_refused_write_finds_room(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    assert_int_equal(write_some(id, 1000), 1000);
    tern_give g = give(&client, 400);
    settle(&client, &g, true);
    assert_true(no_news(&client)); /* nobody asked */
    assert_int_equal(write_some(id, 1000), 400);
    assert_true(no_news(&client));
    g = give(&client, 400);
    settle(&client, &g, true);
    assert_true(news_is(&client, id, TERN_STREAM_WRITABLE));
    assert_true(no_news(&client));
}

static void writable_is_told_when_the_pool_has_pages_again(void **state)
{
    (void)state;
    tern_page held[PAGES];
    uint32_t id = open_stream(&client);
    uint32_t n = hold_all_but(pool, TERN_FOR_RECORDS, 0, held);
    assert_int_equal(write_some(id, 1000), 0);
    assert_true(no_news(&client));
    give_back(pool, held, n);
    assert_true(news_is(&client, id, TERN_STREAM_WRITABLE));
    assert_true(no_news(&client));
    assert_int_equal(write_some(id, 1000), 1000);
}

static void a_stream_that_was_ended_is_not_writable(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    assert_int_equal(write_some(id, 2000), 1000);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    tern_give g = give(&client, 400);
    settle(&client, &g, true);
    assert_true(no_news(&client));
}

static void a_stream_that_ended_stays_until_its_news_is_told(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    assert_int_equal(tern_streams_on_stop(&client, pool, id, 1), TERN_OK);
    tern_give g = give(&client, 100);
    settle(&client, &g, true);
    assert_int_equal(tern_streams_on_reset(&client, pool, id, 1, 0), TERN_OK);
    assert_true(news_is(&client, id, TERN_STREAM_RESET));
    assert_non_null(stream_of(&client, id));
    assert_true(news_is(&client, id, TERN_STREAM_STOPPED));
    assert_null(stream_of(&client, id));
}

/*= XFER-005 */
static void a_stop_of_what_is_already_there_throws_it_away(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    assert_int_equal(on_bytes(&client, id, 0, 3000, true), TERN_OK);
    assert_int_equal(tern_stream_stop(&client, stream_of(&client, id), pool, 1), TERN_OK);
    assert_true(no_news(&client));
    expect_limit(&client, 3000);
    assert_int_equal(stream_of(&client, id)->recv_state, TERN_RECV_DATA_READ);
    assert_int_equal(give(&client, 100).kind, TERN_GIVE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stream_of_the_peers_is_announced_once_before_its_bytes),
        TEST(a_stream_of_ours_is_not_announced),
        TEST(readable_is_told_for_bytes_in_order_only),
        TEST(readable_is_told_again_when_a_read_left_some),
        TEST(the_end_alone_is_readable),
        TEST(the_end_is_told_behind_bytes_that_wait),
        TEST(a_reset_is_told_once_with_its_code_instead_of_bytes),
        TEST(a_stop_is_told_once_with_its_code),
        TEST(writable_is_told_once_when_a_refused_write_finds_room),
        TEST(writable_is_told_when_the_pool_has_pages_again),
        TEST(a_stream_that_was_ended_is_not_writable),
        TEST(a_stream_that_ended_stays_until_its_news_is_told),
        TEST(a_stop_of_what_is_already_there_throws_it_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
