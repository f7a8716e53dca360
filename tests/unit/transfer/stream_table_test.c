/* SPDX-License-Identifier: MIT */
#include "unit/transfer/streams.h"

#include <string.h>

/* Both directions of a stream that the client opened end: nothing is left to do. */
static void end_stream(uint32_t id)
{
    bool fin;
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    carry(&client, &relay);
    (void)read_bytes(&relay, id, 10, &fin);
    assert_int_equal(tern_stream_finish(&relay, stream_of(&relay, id), pool), TERN_OK);
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
    assert_int_equal(tern_streams_open(&client, pool, false, &id), TERN_E_BLOCKED);
    tern_streams_on_max_streams(&client, false, STREAMS + 1);
    assert_int_equal(open_stream(&client), STREAMS * 4);
    assert_int_equal(tern_streams_open(&client, pool, false, &id), TERN_E_BLOCKED);
}

/*= XFER-021 */
static void a_lower_limit_of_streams_is_ignored(void **state)
{
    (void)state;
    tern_streams_on_max_streams(&client, false, 1);
    for (int i = 0; i < STREAMS; i++) (void)open_stream(&client);
}

static void no_limit_goes_beyond_what_ids_can_name(void **state)
{
    (void)state;
    tern_streams_on_max_streams(&client, false, UINT32_MAX);
    assert_int_equal(client.ids[0].own_limit, (1u << 30) - 1);
    client.ids[0].next_own = ((1u << 30) - 2) * 4;
    uint32_t last = open_stream(&client), id;
    assert_int_equal(last, 0xfffffff8);
    assert_int_equal(tern_streams_open(&client, pool, false, &id), TERN_E_BLOCKED);
}

#define MANY 200

/* Many streams of each kind are found, give their pages back and leave nothing behind. */
static void many_streams_live_at_once(void **state)
{
    (void)state;
    uint32_t id[2][MANY];
    init_side(&client, MANY, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        id[0][i] = open_stream(&client);
        id[1][i] = open_one_way(&client);
    }
    assert_int_equal(client.live, 2 * MANY);
    assert_int_equal(client.pages, PAGES - pool->free);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(stream_of(&client, id[0][i])->id, id[0][i]);
        assert_int_equal(stream_of(&client, id[1][i])->id, id[1][i]);
    }
    assert_null(stream_of(&client, MANY * 4));
    for (uint32_t i = 0; i < MANY; i++) { /* one way: the end is acknowledged, and it is over */
        uint32_t at = id[1][(i * 7) % MANY];
        assert_int_equal(tern_stream_finish(&client, stream_of(&client, at), pool), TERN_OK);
        tern_give g = give(&client, 100);
        settle(&client, &g, true);
        assert_null(stream_of(&client, at));
    }
    assert_int_equal(client.live, MANY);
    tern_streams_free(&client, pool);
    assert_int_equal(client.pages, 0);
    assert_int_equal(pool->free, PAGES);
}

static uint32_t depth_below(tern_page page)
{
    if (page == 0) return 0;
    const tern_stream *st = tern_stream_at(pool, page);
    uint32_t a = depth_below(st->below[0]), b = depth_below(st->below[1]);
    return 1 + (a > b ? a : b);
}

/* Attack 4: a peer ends all streams but those of its choice, so that what is left is as alike as can be. However far
 * their ids lie apart, none is found later than after as many steps as an id has bits. */
static void streams_that_a_peer_chose_are_found_as_quickly(void **state)
{
    (void)state;
    init_side(&client, 300, 1u << 24);
    for (uint32_t step = 4; step <= 1u << 14; step *= 4) {
        for (uint32_t i = 0; i < 300; i++) {
            client.ids[1].next_own = 2 + i * step * 4; /* all between were opened, and ended */
            (void)open_one_way(&client);
        }
        assert_true(depth_below(client.root) <= 32);
        for (uint32_t i = 0; i < 300; i++) {
            uint32_t id = 2 + (i * 77 % 300) * step * 4;
            assert_int_equal(stream_of(&client, id)->id, id);
            assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
            tern_give g = give(&client, 100);
            settle(&client, &g, true);
            assert_null(stream_of(&client, id));
        }
        assert_int_equal(client.root, 0);
    }
}

static void few_streams_next_to_each_other_lie_flat(void **state)
{
    (void)state;
    init_side(&client, MANY, MANY);
    for (uint32_t i = 0; i < MANY; i++) (void)open_one_way(&client);
    assert_true(depth_below(client.root) <= 9); /* 200 < 2^8 */
}

/*= XFER-030 */
static void a_one_way_stream_goes_one_way(void **state)
{
    (void)state;
    size_t n;
    bool fin;
    uint8_t out[10];
    uint32_t id = open_one_way(&client);
    assert_int_equal(id, 2);
    assert_int_equal(tern_stream_read(&client, stream_of(&client, id), pool, (tern_buf){ out, 10 }, &n, &fin),
                     TERN_E_CLOSED);
    write_bytes(&client, id, 10);
    carry(&client, &relay);
    tern_stream *st = stream_of(&relay, id);
    assert_int_equal(tern_stream_write(&relay, st, pool, text_bytes("a"), &n, KEEP), TERN_E_CLOSED);
    assert_int_equal(tern_stream_finish(&relay, st, pool), TERN_E_CLOSED);
    assert_int_equal(tern_stream_reset(&relay, st, pool, 1), TERN_E_CLOSED);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    carry(&client, &relay);
    assert_null(stream_of(&client, id));
    assert_int_equal(read_bytes(&relay, id, 10, &fin), 10);
    assert_true(fin);
    assert_null(stream_of(&relay, id));
    carry(&relay, &client);
    assert_int_equal(client.ids[1].own_limit, STREAMS + 1); /* and another may follow */
    assert_int_equal(client.ids[0].own_limit, STREAMS);
}

/*= XFER-030 */
static void a_frame_against_the_one_way_is_refused(void **state)
{
    (void)state;
    uint32_t id = open_one_way(&client);
    assert_int_equal(on_bytes(&client, id, 0, 1, false), TERN_STREAM_STATE_ERROR);
    assert_int_equal(tern_streams_on_reset(&client, pool, id, 0, 0), TERN_STREAM_STATE_ERROR);
    assert_int_equal(tern_streams_on_stop(&client, pool, id, 0), TERN_OK);
    assert_int_equal(tern_streams_on_stop(&relay, pool, id, 0), TERN_STREAM_STATE_ERROR);
    assert_int_equal(tern_streams_on_max_stream_data(&relay, pool, id, 0), TERN_STREAM_STATE_ERROR);
    assert_null(stream_of(&relay, id));
}

/*= XFER-003 */
static void each_kind_has_its_own_limit(void **state)
{
    (void)state;
    uint32_t id;
    init_side(&client, 1, 2);
    assert_int_equal(open_stream(&client), 0);
    assert_int_equal(tern_streams_open(&client, pool, false, &id), TERN_E_BLOCKED);
    assert_int_equal(open_one_way(&client), 2);
    assert_int_equal(open_one_way(&client), 6);
    assert_int_equal(tern_streams_open(&client, pool, true, &id), TERN_E_BLOCKED);
    tern_streams_on_max_streams(&client, true, 3);
    assert_int_equal(open_one_way(&client), 10);
    init_side(&relay, 2, 1);
    assert_int_equal(on_bytes(&relay, 6, 0, 1, false), TERN_STREAM_LIMIT_ERROR);
    assert_int_equal(on_bytes(&relay, 2, 0, 1, false), TERN_OK);
    assert_null(stream_of(&relay, 0)); /* opening opens those of its kind */
}

static void without_memory_no_stream_is_opened(void **state)
{
    (void)state;
    tern_page held[PAGES];
    uint32_t id, n = hold_all_but(pool, TERN_FOR_RECEIVING, 0, held);
    assert_int_equal(tern_streams_open(&client, pool, false, &id), TERN_E_NO_MEMORY);
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

/*= XFER-003 */
static void the_limit_rises_as_streams_end(void **state)
{
    (void)state;
    uint32_t pages = pool->free;
    for (uint32_t i = 0; i < 10 * STREAMS; i++) {
        uint32_t id = open_stream(&client);
        write_bytes(&client, id, 10);
        end_stream(id);
        assert_int_equal(relay.ids[0].peer_limit, STREAMS + i + 1);
        assert_int_equal(client.ids[0].peer_limit, STREAMS); /* it was not the relay's */
        carry(&relay, &client);                              /* MAX_STREAMS */
        assert_int_equal(client.ids[0].own_limit, STREAMS + i + 1);
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
        TEST(many_streams_live_at_once),
        TEST(streams_that_a_peer_chose_are_found_as_quickly),
        TEST(few_streams_next_to_each_other_lie_flat),
        TEST(a_one_way_stream_goes_one_way),
        TEST(a_frame_against_the_one_way_is_refused),
        TEST(each_kind_has_its_own_limit),
        TEST(without_memory_no_stream_is_opened),
        TEST(opening_a_stream_opens_those_below),
        TEST(a_stream_beyond_the_limit_is_refused),
        TEST(a_frame_for_a_stream_of_ours_that_is_not_open_is_refused),
        TEST(the_limit_rises_as_streams_end),
        TEST(a_frame_for_a_stream_that_ended_is_ignored),
        TEST(without_memory_a_peers_stream_opens_later),
        TEST(a_plain_copy_is_a_clone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
