/* SPDX-License-Identifier: MIT */
/* Attack 15: peers that are as slow as they are allowed to be. What each holds is bounded, and the next client finds
 * the relay as if they were not there. */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PAGES 256

static uint8_t frames[1200];
static tern_writer out;

static void begin(void)
{
    out = tern_writer_of((tern_buf){ frames, sizeof frames });
}

static int nothing_arrives(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)way, (void)n, (void)bytes, (void)size;
    return 0;
}

static int nothing_comes_back(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_RELAY;
}

/* A client that says what the test puts into its mouth, and hears nothing. */
static pair *with_a_slow_peer(uint32_t idle_ms)
{
    pair_options o = pair_defaults();
    o.pages = PAGES;
    o.limits.idle_timeout_ms = idle_ms;
    o.limits.max_message = 60000;
    o.limits.unordered_window = 200000;
    pair *p = pair_established(&o);
    p->fate = nothing_arrives;
    pair_client(p)->idle_timeout_ns = 1000000 * TERN_SECOND;
    pair_client(p)->timers.at[TERN_TIMER_IDLE] = TERN_TIME_NEVER;
    return p;
}

static uint32_t pages_taken(pair *p)
{
    const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    return pool->pages - pool->free;
}

static int say(pair *p)
{
    /* Nobody acknowledges to this client: its own memory is not what is looked at. */
    tern_recovery_free(&pair_client(p)->recovery, tern_endpoint_pool(p->end[PAIR_TO_CLIENT]));
    tern_sent_skip(&pair_client(p)->recovery.sent);
    return pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, frames, out.n);
}

/* Another client connects, and what it says is heard. */
static void the_next_client_is_served(pair *p)
{
    static const uint8_t body[50000] = { 1 };
    size_t before = p->messages_count;
    pair_newcomer(p);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_client(p)->confirmed);
    for (size_t i = 1; i <= 10; i++) {
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
        pair_run(p, p->now + TERN_SECOND);
        assert_int_equal(p->messages_count, before + i);
    }
}

/* A byte of each kind, never one in front. */
static int say_bytes(pair *p, uint64_t at)
{
    begin();
    tern_frame_emit_fragment(&out, &(tern_frame_fragment){ at, tern_bytes_of("x", 1) });
    tern_frame_emit_stream(&out, &(tern_frame_stream){ 0, false, at, tern_bytes_of("x", 1) });
    tern_frame_emit_message(&out, &(tern_frame_message){ 0, 60000, (uint32_t)at, tern_bytes_of("x", 1) });
    return say(p);
}

/*= CONN-026 XFER-025 */
static void a_peer_that_sends_a_byte_a_minute_holds_little_for_ever(void **state)
{
    (void)state;
    pair *p = with_a_slow_peer(90000);
    uint32_t most = 0;
    for (uint64_t i = 0; i < 3000; i++) { /* two days; no two bytes touch */
        assert_int_equal(say_bytes(p, 1 + i % 1000 * 50), TERN_DROP_NONE);
        pair_run(p, p->now + 60 * TERN_SECOND);
        if (pages_taken(p) > most) most = pages_taken(p);
    }
    assert_true(tern_connection_is_open(pair_relay(p))); /* it was heard: that is no silence */
    assert_true(most > 10 && most <= PAGES / 2);
    the_next_client_is_served(p);
    pair_free(p);
}

/* What is dropped for want of room is not heard. */
/*= CONN-026 */
static void a_peer_of_whom_no_more_can_be_kept_falls_silent(void **state)
{
    (void)state;
    pair *p = with_a_slow_peer(90000);
    uint64_t i = 0;
    for (; pair_relay(p) != NULL && i < 3000; i++) {
        (void)say_bytes(p, 1 + 2 * i);
        pair_run(p, p->now + 60 * TERN_SECOND);
    }
    assert_true(i > 500 && i < 1100);
    assert_int_equal(pages_taken(p), 0);
    the_next_client_is_served(p);
    pair_free(p);
}

/*= CONN-020 */
static void a_peer_that_is_slower_than_the_idle_timeout_is_gone(void **state)
{
    (void)state;
    pair *p = with_a_slow_peer(30000);
    begin();
    tern_frame_emit_fragment(&out, &(tern_frame_fragment){ 1, tern_bytes_of("x", 1) });
    assert_int_equal(say(p), TERN_DROP_NONE);
    pair_run(p, p->now + 29 * TERN_SECOND);
    assert_non_null(pair_relay(p));
    assert_int_equal(pages_taken(p), 1);
    pair_run(p, p->now + 2 * TERN_SECOND);
    assert_null(pair_relay(p));
    assert_int_equal(pages_taken(p), 0);
    pair_free(p);
}

/*= CONN-026 XFER-020 */
static void a_peer_that_never_opens_its_window_holds_what_is_kept_for_it(void **state)
{
    static const uint8_t body[1000];
    (void)state;
    pair *p = with_a_slow_peer(90000);
    tern_node *relay = &p->end[PAIR_TO_RELAY]->node;
    tern_peer peer = pair_relay_peer(p);
    tern_connection *c = pair_relay(p);
    tern_bytes part = tern_bytes_of(body, sizeof body);
    uint32_t id;
    size_t taken = 1;
    c->messages.send_credit = c->streams.send_credit = c->unordered_out.credit = (tern_send_credit){ 0, 0 };
    while (pair_message(p, PAIR_TO_CLIENT, body, sizeof body) == TERN_OK) continue;
    assert_int_equal(tern_peer_stream_open(relay, peer, TERN_BOTH_WAYS, &id), TERN_OK);
    while (taken > 0) assert_int_equal(tern_peer_stream_write(relay, peer, id, part, &taken), TERN_OK);
    const tern_message_options options = { 0, 3 };
    while (tern_peer_message_send(relay, p->now, peer, &options, &part, 1) == TERN_OK) continue;
    for (int i = 0; i < 60; i++) { /* an hour: it is alive, and wants nothing */
        begin();
        tern_frame_emit_keep_alive(&out);
        assert_int_equal(say(p), TERN_DROP_NONE);
        pair_run(p, p->now + 60 * TERN_SECOND);
    }
    assert_true(tern_connection_is_open(c));
    assert_true(pages_taken(p) > PAGES / 4 && pages_taken(p) <= PAGES * 3 / 4 + 1);
    the_next_client_is_served(p);
    pair_free(p);
}

/*= CONN-025 CONN-026 */
static void a_peer_that_is_only_kept_alive_holds_nothing(void **state)
{
    (void)state;
    pair *p = with_a_slow_peer(90000);
    for (int i = 0; i < 1440; i++) {
        begin();
        tern_frame_emit_keep_alive(&out);
        assert_int_equal(say(p), TERN_DROP_NONE);
        pair_run(p, p->now + 60 * TERN_SECOND);
        assert_int_equal(pages_taken(p), 0);
    }
    assert_true(tern_connection_is_open(pair_relay(p)));
    the_next_client_is_served(p);
    pair_free(p);
}

/* Its SYN comes again and again, and nothing else. */
/*= CONN-003 */
static void a_peer_that_never_finishes_its_handshake_is_forgotten(void **state)
{
    (void)state;
    pair *p = pair_new(NULL);
    p->fate = nothing_comes_back;
    pair_run(p, p->now + 9 * TERN_SECOND);
    assert_true(p->sent[PAIR_TO_RELAY] > 3);
    assert_non_null(pair_relay(p));
    assert_true(pages_taken(p) > 0 && pages_taken(p) <= 8);
    pair_run(p, p->now + 12 * TERN_SECOND); /* the client gives up before that */
    assert_null(pair_relay(p));
    assert_int_equal(p->end[PAIR_TO_RELAY]->half_open, 0);
    assert_int_equal(pages_taken(p), 0);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_sends_a_byte_a_minute_holds_little_for_ever),
        cmocka_unit_test(a_peer_of_whom_no_more_can_be_kept_falls_silent),
        cmocka_unit_test(a_peer_that_is_slower_than_the_idle_timeout_is_gone),
        cmocka_unit_test(a_peer_that_never_opens_its_window_holds_what_is_kept_for_it),
        cmocka_unit_test(a_peer_that_is_only_kept_alive_holds_nothing),
        cmocka_unit_test(a_peer_that_never_finishes_its_handshake_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
