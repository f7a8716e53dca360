/* SPDX-License-Identifier: MIT */
#include "unit/transfer/streams.h"

static void expect_data(const tern_give *g, uint32_t id, uint64_t from, uint64_t to, bool fin)
{
    assert_int_equal(g->kind, TERN_GIVE_DATA);
    assert_int_equal(g->stream, id);
    assert_int_equal(g->range.from, from);
    assert_int_equal(g->range.to, to);
    assert_int_equal(g->fin, fin);
}

static void nothing_to_send_gives_nothing(void **state)
{
    (void)state;
    (void)open_stream(&client);
    assert_false(tern_streams_want(&client));
    assert_int_equal(give(&client, 1000).kind, TERN_GIVE_NONE);
}

static void streams_take_turns(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 3; i++) write_bytes(&client, open_stream(&client), 300);
    for (uint32_t i = 0; i < 9; i++) {
        tern_give g = give(&client, 100);
        expect_data(&g, i % 3 * 4, i / 3 * 100, i / 3 * 100 + 100, false);
    }
    assert_false(tern_streams_want(&client));
}

/*= XFER-031 */
static void the_more_urgent_leave_first_and_equals_take_turns(void **state)
{
    (void)state;
    uint32_t id[4];
    for (int i = 0; i < 4; i++) write_bytes(&client, id[i] = open_stream(&client), 200);
    tern_stream_prioritize(&client, stream_of(&client, id[3]), pool, 0);
    tern_stream_prioritize(&client, stream_of(&client, id[0]), pool, 7);
    static const int order[] = { 3, 3, 1, 2, 1, 2, 0, 0 };
    for (uint32_t i = 0; i < 8; i++) assert_int_equal(give(&client, 100).stream, id[order[i]]);
    assert_false(tern_streams_want(&client));
    write_bytes(&client, id[0], 100);
    assert_int_equal(tern_streams_give(&client, pool, 100, 7, NULL).kind, TERN_GIVE_NONE); /* not as far down as that */
    assert_int_equal(give(&client, 100).stream, id[0]);
}

static void control_goes_first_and_alone_when_data_must_wait(void **state)
{
    (void)state;
    uint32_t data = open_stream(&client), reset = open_stream(&client);
    write_bytes(&client, data, 300);
    assert_int_equal(tern_stream_reset(&client, stream_of(&client, reset), pool, 3), TERN_OK);
    tern_give g = tern_streams_give(&client, pool, 100, 0, NULL);
    assert_int_equal(g.kind, TERN_GIVE_RESET);
    assert_int_equal(tern_streams_give(&client, pool, 100, 0, NULL).kind, TERN_GIVE_NONE);
    assert_true(tern_streams_want(&client));
    assert_int_equal(give(&client, 100).kind, TERN_GIVE_DATA);
}

static void the_end_goes_with_the_last_bytes_or_alone(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 150);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    tern_give g = give(&client, 100);
    expect_data(&g, id, 0, 100, false);
    g = give(&client, 100);
    expect_data(&g, id, 100, 150, true);
    assert_false(tern_streams_want(&client));
    id = open_stream(&client);
    write_bytes(&client, id, 100);
    g = give(&client, 100);
    expect_data(&g, id, 0, 100, false);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    g = give(&client, 0);
    expect_data(&g, id, 100, 100, true);
    assert_int_equal(stream_of(&client, id)->send_state, TERN_SEND_DATA_SENT);
    assert_false(tern_streams_want(&client));
}

/*= REC-019 */
static void a_lost_end_is_sent_again_alone_when_its_bytes_arrived(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 100);
    tern_give bytes = give(&client, 1000);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    tern_give end = give(&client, 1000);
    settle(&client, &bytes, true);
    settle(&client, &end, false);
    tern_give g = give(&client, 1000);
    expect_data(&g, id, 100, 100, true);
    assert_false(tern_streams_want(&client));
    settle(&client, &end, true); /* it was only late */
    assert_int_equal(stream_of(&client, id)->send_state, TERN_SEND_DATA_RECVD);
    settle(&client, &g, false);
    assert_false(tern_streams_want(&client));
}

/*= REC-019 */
static void lost_bytes_are_sent_again_with_the_end_they_had(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 300);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    tern_give first = give(&client, 200), second = give(&client, 200);
    settle(&client, &second, false);
    settle(&client, &first, true);
    tern_give g = give(&client, 1000);
    expect_data(&g, id, 200, 300, true);
    settle(&client, &g, true);
    assert_int_equal(stream_of(&client, id)->send_state, TERN_SEND_DATA_RECVD);
}

/*= REC-019 */
static void a_lost_reset_or_stop_is_sent_again_while_it_matters(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 300);
    assert_int_equal(tern_stream_reset(&client, stream_of(&client, id), pool, 3), TERN_OK);
    assert_int_equal(tern_stream_stop(&client, stream_of(&client, id), pool, 4), TERN_OK);
    tern_give reset = give(&client, 1000), stop = give(&client, 1000);
    assert_int_equal(reset.kind, TERN_GIVE_RESET);
    assert_int_equal(stop.kind, TERN_GIVE_STOP);
    settle(&client, &reset, false);
    settle(&client, &stop, false);
    reset = give(&client, 1000);
    assert_int_equal(reset.kind, TERN_GIVE_RESET);
    assert_int_equal(on_bytes(&client, id, 0, 0, true), TERN_OK); /* the end is known: no need to stop */
    assert_int_equal(give(&client, 1000).kind, TERN_GIVE_NONE);
    settle(&client, &reset, true);
    assert_null(stream_of(&client, id));
}

/*= REC-019 XFER-005 */
static void a_lost_stop_is_sent_again_with_its_code(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    assert_int_equal(tern_stream_stop(&client, stream_of(&client, id), pool, 4), TERN_OK);
    for (int i = 0; i < 3; i++) {
        tern_give g = give(&client, 1000);
        assert_int_equal(g.kind, TERN_GIVE_STOP);
        assert_int_equal(g.code, 4);
        assert_int_equal(give(&client, 1000).kind, TERN_GIVE_NONE);
        settle(&client, &g, false);
    }
}

/*= REC-019 */
static void bytes_that_were_lost_do_not_bring_the_end_along(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 300);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    tern_give first = give(&client, 200), second = give(&client, 200);
    assert_true(second.fin);
    settle(&client, &first, false);
    tern_give g = give(&client, 1000);
    expect_data(&g, id, 0, 200, false);
    assert_int_equal(give(&client, 1000).kind, TERN_GIVE_NONE);
}

/*= XFER-020 */
static void an_end_waits_behind_bytes_that_have_no_credit(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, KEEP);
    assert_int_equal(tern_stream_finish(&client, stream_of(&client, id), pool), TERN_OK);
    assert_int_equal(give(&client, KEEP).range.to, STREAM_WINDOW);
    assert_int_equal(give(&client, KEEP).kind, TERN_GIVE_NONE);
    assert_int_equal(give(&client, 0).kind, TERN_GIVE_NONE);
}

/*= XFER-022 */
static void a_lost_limit_is_told_again_at_its_latest(void **state)
{
    (void)state;
    bool fin;
    assert_int_equal(on_bytes(&relay, 0, 0, STREAM_WINDOW, false), TERN_OK);
    (void)read_bytes(&relay, 0, STREAM_WINDOW / 2, &fin);
    tern_give g = give(&relay, 0);
    assert_int_equal(g.kind, TERN_GIVE_MAX_STREAM_DATA);
    (void)read_bytes(&relay, 0, 10, &fin);
    settle(&relay, &g, false);
    g = give(&relay, 0);
    assert_int_equal(g.kind, TERN_GIVE_MAX_STREAM_DATA);
    assert_int_equal(g.value, STREAM_WINDOW + STREAM_WINDOW / 2 + 10);
    tern_streams_limit_lost(&relay, true, true, false);
    g = give(&relay, 0);
    assert_int_equal(g.kind, TERN_GIVE_MAX_DATA);
    assert_int_equal(g.value, DATA_WINDOW + STREAM_WINDOW / 2 + 10);
    g = give(&relay, 0);
    assert_int_equal(g.kind, TERN_GIVE_MAX_STREAMS);
    assert_int_equal(g.value, STREAMS);
    assert_int_equal(on_bytes(&relay, 0, STREAM_WINDOW, 0, true), TERN_OK);
    tern_streams_settled(&relay, pool, 0, (tern_range){ 0, 0 }, 2, false);
    assert_int_equal(give(&relay, 0).kind, TERN_GIVE_NONE); /* nobody wants credit behind the end */
}

/*= XFER-032 */
static void a_streams_window_grows_no_further_than_its_connections(void **state)
{
    (void)state;
    tern_streams_init(&relay, &(tern_streams_config){ false, 4000, 64000, 1000, STREAMS, STREAMS });
    tern_stream *st = stream_of(&relay, open_stream(&client));
    assert_int_equal(tern_streams_on_stream(&relay, pool, 0, 0, text_bytes("a"), false), TERN_OK);
    st = stream_of(&relay, 0);
    tern_recv_buffer_skip(&st->in, pool, 1);
    tern_stream_consume(&relay, st, 1);
    for (int i = 0; i < 12; i++) {
        tern_recv_credit *both[] = { &relay.recv_credit, &st->recv_credit };
        tern_tuning tuning = { 1000 + (tern_time)i, 100, 1 << 20 };
        uint64_t n = (st->recv_credit.window + 1) / 2;
        for (int k = 0; k < 2; k++) {
            assert_true(tern_recv_credit_use(both[k], n));
            tern_recv_credit_consume(both[k], n);
        }
        tern_streams_tidy(&relay, pool, st, TERN_STREAM_IN);
        while (tern_streams_give(&relay, pool, 1000, TERN_URGENCIES, &tuning).kind != TERN_GIVE_NONE) continue;
        assert_true(st->recv_credit.window <= relay.recv_credit.window);
    }
    assert_int_equal(relay.recv_credit.window, 4000);
    assert_int_equal(st->recv_credit.window, 4000);
}

/*= XFER-020 */
static void streams_together_stop_at_the_connections_limit(void **state)
{
    (void)state;
    uint64_t sent = 0;
    for (int i = 0; i < 3; i++) write_bytes(&client, open_stream(&client), KEEP);
    for (tern_give g = give(&client, 700); g.kind == TERN_GIVE_DATA; g = give(&client, 700)) {
        sent += g.range.to - g.range.from;
        assert_true(g.range.to <= STREAM_WINDOW);
    }
    assert_int_equal(sent, DATA_WINDOW);
    tern_streams_settled(&client, pool, 0, (tern_range){ 10, 30 }, 0, false);
    tern_give g = give(&client, 700);
    expect_data(&g, 0, 10, 30, false); /* it was counted already */
    assert_int_equal(give(&client, 700).kind, TERN_GIVE_NONE);
    tern_streams_on_max_data(&client, pool, DATA_WINDOW + 5);
    g = give(&client, 700);
    assert_int_equal(g.range.to - g.range.from, 5);
}

static void late_news_of_a_reset_streams_bytes_is_ignored(void **state)
{
    (void)state;
    uint32_t id = open_stream(&client);
    write_bytes(&client, id, 300);
    tern_give a = give(&client, 100), b = give(&client, 100);
    assert_int_equal(tern_stream_reset(&client, stream_of(&client, id), pool, 3), TERN_OK);
    settle(&client, &a, true);
    settle(&client, &b, false);
    assert_int_equal(give(&client, 100).kind, TERN_GIVE_RESET);
    settle(&client, &b, false);
    assert_int_equal(give(&client, 100).kind, TERN_GIVE_NONE);
}

typedef struct {
    tern_give gift;
    tern_streams *from, *to;
} letter;

static letter flying[48];
static size_t letters;

static void post(tern_streams *from, tern_streams *to, uint64_t *rng)
{
    while (letters < 48) {
        tern_give g = tern_streams_give(from, pool, (size_t)random_below(rng, 900),
                                        (uint8_t)random_below(rng, TERN_URGENCIES + 1), NULL);
        if (g.kind == TERN_GIVE_NONE) return;
        flying[letters++] = (letter){ g, from, to };
    }
}

/* One letter arrives or is lost; it is told to its sender as it went. */
static void deliver_one(uint64_t *rng)
{
    size_t which = (size_t)random_below(rng, letters);
    letter l = flying[which];
    flying[which] = flying[--letters];
    /* A stream that was reset meanwhile has no bytes to copy any more. */
    const tern_stream *st = tern_streams_find(l.from, pool, l.gift.stream);
    bool gone = l.gift.kind == TERN_GIVE_DATA && l.gift.range.from < l.gift.range.to &&
                (st == NULL || st->out.bytes.floor > l.gift.range.from || st->send_state >= TERN_SEND_DATA_RECVD);
    bool arrives = !gone && random_below(rng, 4) != 0;
    int result = arrives ? arrive(l.from, l.to, &l.gift) : TERN_OK;
    assert_true(result == TERN_OK || result == TERN_E_NO_MEMORY);
    settle(l.from, &l.gift, arrives && result == TERN_OK);
}

static size_t live_below(tern_page page, uint32_t *id)
{
    if (page == 0) return 0;
    const tern_stream *st = tern_stream_at(pool, page);
    size_t n = live_below(st->below[0], id);
    id[n] = st->id;
    return n + 1 + live_below(st->below[1], id + n + 1);
}

static size_t live_ids(const tern_streams *s, uint32_t *id)
{
    size_t n = live_below(s->root, id);
    assert_int_equal(n, s->live);
    return n;
}

static void use_streams(tern_streams *s, uint64_t *rng, uint32_t *opened, bool open_more)
{
    static uint8_t bytes[3000];
    uint32_t id, ids[4 * STREAMS];
    if (open_more && random_below(rng, 10) == 0 &&
        tern_streams_open(s, pool, random_below(rng, 3) == 0, &id) == TERN_OK)
        (*opened)++;
    size_t live = live_ids(s, ids);
    for (size_t i = 0; i < live; i++) {
        tern_stream *st;
        size_t n = (size_t)random_below(rng, sizeof bytes);
        bool fin;
        id = ids[i];
        if ((st = stream_of(s, id)) == NULL) continue;
        fill_bytes(bytes, st->out.written, n);
        (void)tern_stream_write(s, st, pool, tern_bytes_of(bytes, n), &n, KEEP);
        if (!open_more || random_below(rng, 30) == 0) (void)tern_stream_finish(s, st, pool);
        if (random_below(rng, 200) == 0 && (st = stream_of(s, id)) != NULL) (void)tern_stream_reset(s, st, pool, 1);
        if (random_below(rng, 200) == 0 && (st = stream_of(s, id)) != NULL) (void)tern_stream_stop(s, st, pool, 2);
        if (random_below(rng, 50) == 0 && (st = stream_of(s, id)) != NULL)
            tern_stream_prioritize(s, st, pool, (uint8_t)random_below(rng, TERN_URGENCIES));
        if ((st = stream_of(s, id)) == NULL) continue;
        uint64_t at = st->in.read;
        if (tern_stream_read(s, st, pool, (tern_buf){ bytes, sizeof bytes }, &n, &fin) == TERN_OK)
            check_bytes(bytes, at, n);
    }
    while (!no_news(s)) continue;
}

/* Every stream stands where it belongs: who looks at all of it again changes nothing. */
static void expect_listed(tern_streams *s, tern_page page)
{
    if (page == 0) return;
    tern_stream *st = tern_stream_at(pool, page), before = *st;
    tern_streams all = *s;
    tern_streams_relist(s, pool, st, TERN_STREAM_IN | TERN_STREAM_OUT);
    assert_memory_equal(&before, st, sizeof before);
    assert_memory_equal(&all, s, sizeof all);
    expect_listed(s, st->below[0]);
    expect_listed(s, st->below[1]);
}

/* Two sides open, write, read, reset and stop at random over a path that loses and reorders: neither is ever accused,
 * all bytes are right, all streams end, all credit and memory comes back. */
/*= XFER-001 XFER-003 XFER-005 XFER-020 XFER-022 */
static void random_streams_over_a_lossy_pipe_all_end(void **state)
{
    (void)state;
    uint64_t rng = 15;
    uint32_t opened = 0;
    letters = 0;
    for (int i = 0; i < 30000 || client.live > 0 || relay.live > 0 || letters > 0; i++) {
        assert_true(i < 60000);
        use_streams(&client, &rng, &opened, i < 20000);
        use_streams(&relay, &rng, &opened, i < 20000);
        post(&client, &relay, &rng);
        post(&relay, &client, &rng);
        while (letters > 0 && random_below(&rng, 10) != 0) deliver_one(&rng);
        expect_listed(&client, client.root);
        expect_listed(&relay, relay.root);
    }
    assert_true(opened > 300);
    assert_int_equal(pool->free, PAGES);
    assert_int_equal(client.recv_credit.used, client.recv_credit.consumed);
    assert_int_equal(relay.recv_credit.used, relay.recv_credit.consumed);
    assert_int_equal(client.send_credit.used, relay.recv_credit.used);
    assert_int_equal(relay.send_credit.used, client.recv_credit.used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_to_send_gives_nothing),
        TEST(streams_take_turns),
        TEST(the_more_urgent_leave_first_and_equals_take_turns),
        TEST(control_goes_first_and_alone_when_data_must_wait),
        TEST(the_end_goes_with_the_last_bytes_or_alone),
        TEST(a_lost_end_is_sent_again_alone_when_its_bytes_arrived),
        TEST(lost_bytes_are_sent_again_with_the_end_they_had),
        TEST(a_lost_reset_or_stop_is_sent_again_while_it_matters),
        TEST(a_lost_stop_is_sent_again_with_its_code),
        TEST(bytes_that_were_lost_do_not_bring_the_end_along),
        TEST(an_end_waits_behind_bytes_that_have_no_credit),
        TEST(a_lost_limit_is_told_again_at_its_latest),
        TEST(a_streams_window_grows_no_further_than_its_connections),
        TEST(streams_together_stop_at_the_connections_limit),
        TEST(late_news_of_a_reset_streams_bytes_is_ignored),
        TEST(random_streams_over_a_lossy_pipe_all_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
