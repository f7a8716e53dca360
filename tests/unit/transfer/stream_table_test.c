/* SPDX-License-Identifier: MIT */
#include "unit/transfer/streams.h"

#include <string.h>

/* Both directions of a stream that the client opened end: nothing is left to do. */
static void end_stream(uint32_t id)
{
    bool fin;
    assert_int_equal(tern_stream_finish(stream_of(&client, id)), TERN_OK);
    carry(&client, &relay);
    (void)read_bytes(&relay, id, 10, &fin);
    assert_int_equal(tern_stream_finish(stream_of(&relay, id)), TERN_OK);
    carry(&relay, &client);
    (void)read_bytes(&client, id, 10, &fin);
    assert_null(stream_of(&client, id));
    assert_null(stream_of(&relay, id));
}

static void ids_say_who_opened(void **state)
{
    (void)state;
    assert_int_equal(open_stream(&client), 0);
    assert_int_equal(open_stream(&client), 4);
    assert_int_equal(open_stream(&relay), 1);
    assert_int_equal(open_stream(&relay), 5);
}

/*= XFER-003 */
static void no_more_are_opened_than_the_peer_allows(void **state)
{
    (void)state;
    uint32_t id;
    for (int i = 0; i < STREAMS; i++) (void)open_stream(&client);
    assert_int_equal(tern_streams_open(&client, pool, &id), TERN_E_BLOCKED);
    tern_streams_on_max_streams(&client, STREAMS + 1);
    assert_int_equal(open_stream(&client), STREAMS * 4);
    assert_int_equal(tern_streams_open(&client, pool, &id), TERN_E_BLOCKED);
}

/*= XFER-021 */
static void a_lower_limit_of_streams_is_ignored(void **state)
{
    (void)state;
    tern_streams_on_max_streams(&client, 1);
    for (int i = 0; i < STREAMS; i++) (void)open_stream(&client);
}

static void no_limit_goes_beyond_what_ids_can_name(void **state)
{
    (void)state;
    tern_streams_on_max_streams(&client, UINT32_MAX);
    assert_int_equal(client.own_limit, (1u << 30) - 1);
    client.next_own = ((1u << 30) - 2) * 4;
    uint32_t last = open_stream(&client), id;
    assert_int_equal(last, 0xfffffff8);
    assert_int_equal(tern_streams_open(&client, pool, &id), TERN_E_BLOCKED);
}

static void a_full_table_blocks_whatever_the_peer_allows(void **state)
{
    (void)state;
    uint32_t id;
    tern_streams_on_max_streams(&client, UINT32_MAX);
    for (int i = 0; i < TERN_STREAMS_MAX; i++) (void)open_stream(&client);
    assert_int_equal(tern_streams_open(&client, pool, &id), TERN_E_BLOCKED);
}

static void without_memory_no_stream_is_opened(void **state)
{
    (void)state;
    tern_page held[PAGES];
    uint32_t id, n = hold_all_but(pool, TERN_FOR_RECEIVING, 0, held);
    assert_int_equal(tern_streams_open(&client, pool, &id), TERN_E_NO_MEMORY);
    give_back(pool, held, n);
    assert_int_equal(open_stream(&client), 0);
}

/*= XFER-003 */
static void opening_a_stream_opens_those_below(void **state)
{
    (void)state;
    assert_int_equal(on_bytes(&relay, 8, 0, 1, false), TERN_OK);
    for (uint32_t id = 0; id <= 8; id += 4) assert_non_null(stream_of(&relay, id));
    assert_null(stream_of(&relay, 12));
    assert_true(stream_of(&relay, 0)->opened_by_peer);
}

/*= XFER-003 */
static void a_stream_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(on_bytes(&relay, STREAMS * 4, 0, 1, false), TERN_STREAM_LIMIT_ERROR);
    assert_int_equal(tern_streams_on_reset(&relay, pool, 0xfffffffc, 0, 0), TERN_STREAM_LIMIT_ERROR);
    assert_int_equal(on_bytes(&relay, (STREAMS - 1) * 4, 0, 1, false), TERN_OK);
}

/*= XFER-002 */
static void a_frame_for_a_stream_of_ours_that_is_not_open_is_refused(void **state)
{
    (void)state;
    assert_int_equal(on_bytes(&client, 0, 0, 1, false), TERN_STREAM_STATE_ERROR);
    assert_int_equal(tern_streams_on_reset(&client, pool, 0, 0, 0), TERN_STREAM_STATE_ERROR);
    assert_int_equal(tern_streams_on_stop(&client, pool, 0, 0), TERN_STREAM_STATE_ERROR);
    assert_int_equal(tern_streams_on_max_stream_data(&client, pool, 0, 0), TERN_STREAM_STATE_ERROR);
    (void)open_stream(&client);
    assert_int_equal(on_bytes(&client, 0, 0, 1, false), TERN_OK);
    assert_int_equal(on_bytes(&client, 4, 0, 1, false), TERN_STREAM_STATE_ERROR);
}

/*= XFER-002 */
static void a_kind_of_stream_that_does_not_exist_is_refused(void **state)
{
    (void)state;
    assert_int_equal(on_bytes(&relay, 2, 0, 1, false), TERN_STREAM_STATE_ERROR);
    assert_int_equal(on_bytes(&relay, 3, 0, 1, false), TERN_STREAM_STATE_ERROR);
}

/*= XFER-003 */
static void the_limit_rises_as_streams_end(void **state)
{
    (void)state;
    uint32_t pages = pool->free;
    for (uint32_t i = 0; i < 10 * STREAMS; i++) {
        uint32_t id = open_stream(&client);
        write_bytes(&client, id, 10);
        end_stream(id);
        assert_int_equal(relay.peer_limit, STREAMS + i + 1);
        assert_int_equal(client.peer_limit, STREAMS); /* it was not the relay's */
        carry(&relay, &client);                       /* MAX_STREAMS */
        assert_int_equal(client.own_limit, STREAMS + i + 1);
    }
    assert_int_equal(pool->free, pages);
}

static void a_frame_for_a_stream_that_ended_is_ignored(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 10);
    end_stream(id);
    tern_streams before = relay;
    assert_int_equal(on_bytes(&relay, id, 0, 10, true), TERN_OK);
    assert_int_equal(tern_streams_on_reset(&relay, pool, id, 0, 10), TERN_OK);
    assert_int_equal(tern_streams_on_stop(&relay, pool, id, 0), TERN_OK);
    assert_int_equal(tern_streams_on_max_stream_data(&relay, pool, id, 100000), TERN_OK);
    tern_streams_settled(&relay, pool, id, (tern_range){ 0, 10 }, 1, false);
    assert_memory_equal(&before, &relay, sizeof relay);
    assert_int_equal(pool->free, PAGES);
}

/*= XFER-023 */
static void without_memory_a_peers_stream_opens_later(void **state)
{
    (void)state;
    tern_page held[PAGES];
    uint32_t n = hold_all_but(pool, TERN_FOR_RECEIVING, 1, held);
    assert_int_equal(on_bytes(&relay, 4, 0, 1, false), TERN_E_NO_MEMORY);
    assert_null(stream_of(&relay, 4));
    give_back(pool, held, n);
    assert_int_equal(on_bytes(&relay, 4, 0, 1, false), TERN_OK);
    assert_non_null(stream_of(&relay, 0));
    assert_non_null(stream_of(&relay, 4));
}

static void a_plain_copy_is_a_clone(void **state)
{
    (void)state;
    bool fin;
    assert_int_equal(on_bytes(&relay, 0, 0, 5000, true), TERN_OK);
    size_t size = tern_pool_footprint(PAGES);
    tern_pool *kept = pool, *copy = new_pool(PAGES);
    memcpy(copy, pool, size);
    tern_streams clone = relay;
    assert_int_equal(read_bytes(&relay, 0, 10000, &fin), 5000);
    pool = copy;
    assert_int_equal(read_bytes(&clone, 0, 10000, &fin), 5000);
    assert_true(fin);
    tern_streams_free(&clone, copy);
    assert_int_equal(free_pool(copy), 0);
    pool = kept;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ids_say_who_opened),
        TEST(no_more_are_opened_than_the_peer_allows),
        TEST(a_lower_limit_of_streams_is_ignored),
        TEST(no_limit_goes_beyond_what_ids_can_name),
        TEST(a_full_table_blocks_whatever_the_peer_allows),
        TEST(without_memory_no_stream_is_opened),
        TEST(opening_a_stream_opens_those_below),
        TEST(a_stream_beyond_the_limit_is_refused),
        TEST(a_frame_for_a_stream_of_ours_that_is_not_open_is_refused),
        TEST(a_kind_of_stream_that_does_not_exist_is_refused),
        TEST(the_limit_rises_as_streams_end),
        TEST(a_frame_for_a_stream_that_ended_is_ignored),
        TEST(without_memory_a_peers_stream_opens_later),
        TEST(a_plain_copy_is_a_clone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
