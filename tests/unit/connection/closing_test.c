/* SPDX-License-Identifier: MIT */
/* How a connection ends (spec: connection 3). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void close_client(pair *p, tern_error error, const char *reason)
{
    tern_endpoint_close(p->end[PAIR_TO_CLIENT], p->now, 0, error, reason);
}

/*= CONN-022 */
static void a_polite_end_reaches_the_other_side_with_its_words(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    close_client(p, TERN_GOING_AWAY, "good night");
    pair_run(p, p->now + TERN_SECOND);
    const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_true(e->u.closed.by_peer);
    assert_int_equal(e->u.closed.error, TERN_GOING_AWAY);
    assert_string_equal(e->u.closed.reason, "good night");
    assert_null(pair_relay(p)); /* drained and given back */
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 0);
    pair_free(p);
}

static int count_to_client(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_CLIENT ? 1 : 0;
}

/*= CONN-021 */
static void a_closing_side_answers_ever_more_rarely(void **state)
{
    uint8_t junk[64] = { 0x50 };
    pair *p = pair_established(NULL);
    (void)state;
    p->fate = count_to_client; /* the relay never hears the CLOSE */
    close_client(p, TERN_GOING_AWAY, "");
    pair_run(p, p->now + 1);
    uint64_t closes = p->sent[PAIR_TO_RELAY];
    memcpy(junk + 1, pair_client(p)->local.b, 8);
    for (int i = 0; i < 16; i++) {
        assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, junk, sizeof junk), TERN_DROP_CLOSED);
        pair_run(p, p->now + 1);
    }
    assert_true(p->sent[PAIR_TO_RELAY] - closes == 5); /* after the 1st, 2nd, 4th, 8th and 16th */
    pair_free(p);
}

/* A process that is held up as long as three PTO, which are a few milliseconds on a quick path. */
/*= CONN-021 */
static void last_words_leave_though_their_time_ran_out_first(void **state)
{
    (void)state;
    for (int times = 1; times <= 2; times++) {
        pair *p = pair_established(NULL);
        tern_endpoint *client = p->end[PAIR_TO_CLIENT];
        close_client(p, TERN_GOING_AWAY, "good night");
        for (int i = 0; i < times; i++) {
            p->now = pair_client(p)->timers.at[TERN_TIMER_END] + TERN_MS;
            tern_endpoint_on_timeout(client, p->now);
        }
        pair_run(p, p->now + TERN_SECOND);
        const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED);
        assert_int_equal(e != NULL, times == 1); /* but not for ever */
        if (e != NULL) assert_string_equal(e->u.closed.reason, "good night");
        assert_int_equal(client->in_use, 0);
        pair_free(p);
    }
}

static int cut(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)way, (void)n, (void)bytes, (void)size;
    return 0;
}

/* Whoever knows an id and the client's address can send such; none of it is opened. */
/*= CONN-027 */
static void answers_of_a_closing_side_are_at_most_three_times_what_it_hears(void **state)
{
    uint8_t junk[29] = { 0x50 };
    char words[TERN_CLOSE_REASON_MAX + 1];
    pair *p = pair_established(NULL);
    (void)state;
    memset(words, 'w', sizeof words);
    words[TERN_CLOSE_REASON_MAX] = 0;
    close_client(p, TERN_GOING_AWAY, words);
    p->fate = count_to_client;
    pair_run(p, p->now + 1);
    uint64_t bytes = p->sent_bytes[PAIR_TO_RELAY], closes = p->sent[PAIR_TO_RELAY];
    memcpy(junk + 1, pair_client(p)->local.b, 8);
    for (uint64_t i = 1; i <= 64; i++) {
        (void)pair_inject(p, PAIR_TO_CLIENT, junk, sizeof junk);
        pair_run(p, p->now + 1);
        assert_true(p->sent_bytes[PAIR_TO_RELAY] - bytes <= 3 * i * sizeof junk);
    }
    assert_true(p->sent[PAIR_TO_RELAY] - closes >= 4); /* and it does answer */
    pair_free(p);
}

/*= CONN-027 */
static void a_closing_side_answers_nobody_at_another_address(void **state)
{
    uint8_t junk[64] = { 0x50 };
    pair *p = pair_established(NULL);
    (void)state;
    tern_connection *relay = pair_relay(p);
    p->fate = cut;
    tern_endpoint_close(p->end[PAIR_TO_RELAY], p->now, pair_relay_peer(p), TERN_GOING_AWAY, "");
    pair_run(p, p->now + 1);
    uint64_t closes = p->sent[PAIR_TO_CLIENT];
    memcpy(junk + 1, relay->local.b, 8);
    p->path[PAIR_TO_RELAY].remote.port = 666;
    for (int i = 0; i < 16; i++) assert_int_equal(pair_inject(p, PAIR_TO_RELAY, junk, sizeof junk), TERN_DROP_PATH);
    pair_run(p, p->now + 1);
    assert_true(p->sent[PAIR_TO_CLIENT] == closes);
    assert_true(relay->path.remote.port == 40000);
    pair_free(p);
}

/*= CONN-022 */
static void a_draining_side_sends_nothing_whatever_comes(void **state)
{
    uint8_t junk[64] = { 0x50 };
    pair *p = pair_established(NULL);
    (void)state;
    static const uint8_t close[] = { 0, 0x2a, 0, 2, 0, 0x20 };
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, "under way", 9), TERN_OK);
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, close, sizeof close), TERN_DROP_NONE);
    tern_connection *relay = pair_relay(p);
    assert_int_equal(relay->life, TERN_LIFE_DRAINING);
    tern_time since = p->now;
    uint64_t sent = p->sent[PAIR_TO_CLIENT], least = tern_connection_three_pto_ns(relay);
    memcpy(junk + 1, relay->local.b, 8);
    while (pair_relay(p) != NULL) {
        assert_int_equal(pair_inject(p, PAIR_TO_RELAY, junk, sizeof junk), TERN_DROP_CLOSED);
        pair_run(p, p->now + 5 * TERN_MS);
        if (pair_relay(p) != NULL) assert_true(p->sent[PAIR_TO_CLIENT] == sent);
    }
    assert_in_range(p->now - since, least, least + 10 * TERN_MS);
    pair_free(p);
}

/*= WIRE-030 CONN-020 */
static void the_smaller_idle_timeout_holds_on_both_sides(void **state)
{
    (void)state;
    for (int smaller = 0; smaller < 2; smaller++) {
        pair_options options = pair_defaults();
        options.limits.idle_timeout_ms = smaller == PAIR_TO_CLIENT ? 7000 : 40000;
        pair *p = pair_new(&options); /* the client has told its own */
        tern_endpoint *relay = p->end[PAIR_TO_RELAY];
        relay->handshake.params.idle_timeout_ms = smaller == PAIR_TO_RELAY ? 7000 : 40000;
        relay->config.limits.idle_timeout_ms = relay->handshake.params.idle_timeout_ms;
        tern_time since = p->now;
        pair_run(p, p->now + TERN_SECOND);
        assert_int_equal(pair_client(p)->idle_timeout_ns, 7 * TERN_SECOND);
        assert_int_equal(pair_relay(p)->idle_timeout_ns, 7 * TERN_SECOND);
        p->fate = cut;
        pair_run(p, since + 16 * TERN_SECOND);
        for (int at = 0; at < 2; at++) assert_non_null(pair_event(p, (pair_way)at, TERN_EVENT_CLOSED));
        pair_free(p);
    }
}

/*= CONN-020 */
static void silence_ends_both_sides_after_the_idle_timeout(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    p->fate = cut;
    pair_run(p, p->now + 29 * TERN_SECOND);
    assert_null(pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED));
    pair_run(p, p->now + 20 * TERN_SECOND);
    for (int at = 0; at < 2; at++) {
        const tern_event *e = pair_event(p, (pair_way)at, TERN_EVENT_CLOSED);
        assert_non_null(e);
        assert_int_equal(e->u.closed.error, TERN_E_IDLE_TIMEOUT);
        assert_false(e->u.closed.by_peer);
    }
    pair_free(p);
}

/*= CONN-020 */
static void keep_alives_hold_an_idle_connection(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    pair_run(p, p->now + 600 * TERN_SECOND);
    assert_null(pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED));
    assert_int_equal(pair_client(p)->life, TERN_LIFE_ESTABLISHED);
    assert_true(p->sent[PAIR_TO_RELAY] < 80); /* one every ten seconds or so */
    pair_free(p);
}

/*= CONN-023 */
static void a_client_that_gives_up_before_keys_is_silent(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    pair_run(p, p->now);
    uint64_t sent = p->sent[PAIR_TO_RELAY];
    close_client(p, TERN_GOING_AWAY, "");
    pair_run(p, p->now + PAIR_DELAY / 2);
    assert_true(p->sent[PAIR_TO_RELAY] == sent);
    assert_non_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED));
    pair_free(p);
}

static void what_came_before_the_end_can_still_be_read(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "last words", 10), TERN_OK);
    pair_run(p, p->now + PAIR_DELAY - 1);
    static const uint8_t close[] = { 0, 0x2a, 0, 2, 0, 0x20 };
    /* Both before the relay polls: the message, then CLOSE. */
    pair_datagram d = p->wire[0];
    assert_int_equal(tern_endpoint_recv(p->end[PAIR_TO_RELAY], p->now, &p->path[PAIR_TO_RELAY],
                                        (tern_buf){ d.bytes, d.n }, TERN_ECN_NOT_ECT),
                     TERN_DROP_NONE);
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, close, sizeof close), TERN_DROP_NONE);
    pair_run(p, p->now + 1);
    assert_int_equal(p->messages_count, 1);
    assert_non_null(pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED));
    pair_free(p);
}

/*= CONN-021 XFER-024 */
static void the_last_words_need_no_memory(void **state)
{
    (void)state;
    pair *p = pair_established(NULL);
    tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_CLIENT]);
    tern_page page;
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(pool->free, pool->pages);
    while ((page = tern_pool_take(pool, TERN_FOR_RECORDS)) != 0) continue;
    close_client(p, TERN_GOING_AWAY, "good night");
    pair_run(p, p->now + TERN_SECOND);
    const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, TERN_GOING_AWAY);
    assert_string_equal(e->u.closed.reason, ""); /* words would need some */
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_polite_end_reaches_the_other_side_with_its_words),
        cmocka_unit_test(last_words_leave_though_their_time_ran_out_first),
        cmocka_unit_test(a_closing_side_answers_ever_more_rarely),
        cmocka_unit_test(answers_of_a_closing_side_are_at_most_three_times_what_it_hears),
        cmocka_unit_test(a_closing_side_answers_nobody_at_another_address),
        cmocka_unit_test(a_draining_side_sends_nothing_whatever_comes),
        cmocka_unit_test(the_smaller_idle_timeout_holds_on_both_sides),
        cmocka_unit_test(silence_ends_both_sides_after_the_idle_timeout),
        cmocka_unit_test(keep_alives_hold_an_idle_connection),
        cmocka_unit_test(a_client_that_gives_up_before_keys_is_silent),
        cmocka_unit_test(the_last_words_need_no_memory),
        cmocka_unit_test(what_came_before_the_end_can_still_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
