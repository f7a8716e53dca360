/* SPDX-License-Identifier: MIT */
/* What connections tell becomes events: who, what, why (tern.h: events). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void connected_says_who_and_how_it_was_proven(void **state)
{
    pair *p = pair_established(NULL);
    const tern_event *e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CONNECTED);
    (void)state;
    assert_int_equal(e->peer, 0);
    assert_int_equal(e->u.connected.suite, 0x1302);
    assert_int_equal(e->u.connected.proof, TERN_PROOF_PIN);
    assert_int_equal(e->u.connected.remote.port, 8376);
    assert_int_equal(e->u.connected.version, 0x54524e31);
    assert_int_equal(e->u.connected.round_trips, 1);
    assert_int_equal(e->u.connected.answer_ns, 2 * PAIR_DELAY);
    assert_int_equal(e->u.connected.handshake_ns, 2 * PAIR_DELAY);
    e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CONNECTED);
    assert_true(e->peer == pair_relay_peer(p));
    assert_int_equal(e->u.connected.remote.port, 40000);
    pair_free(p);
}

static void a_reason_of_any_length_ends_with_a_zero(void **state)
{
    char words[400];
    pair *p = pair_established(NULL);
    (void)state;
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 1] = 0;
    tern_endpoint_close(p->end[PAIR_TO_CLIENT], p->now, 0, TERN_INTERNAL_ERROR, words);
    pair_run(p, p->now + TERN_SECOND);
    const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_int_equal(strlen(e->u.closed.reason), 256);
    assert_int_equal(e->u.closed.error, TERN_INTERNAL_ERROR);
    assert_int_equal(e->u.closed.remote.port, 40000);
    pair_free(p);
}

static void a_message_not_read_is_gone_with_the_next_poll(void **state)
{
    pair *p = pair_established(NULL);
    tern_endpoint *relay = p->end[PAIR_TO_RELAY];
    tern_event e;
    uint8_t body[16];
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "first", 5), TERN_OK);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "second", 6), TERN_OK);
    pair_run(p, p->now + PAIR_DELAY - 1);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, p->wire[0].bytes, p->wire[0].n), TERN_DROP_NONE);
    assert_true(tern_endpoint_poll(relay, &e));
    assert_int_equal(e.u.message.size, 5);
    assert_true(tern_endpoint_poll(relay, &e));
    assert_int_equal(e.u.message.size, 6);
    assert_int_equal(tern_endpoint_message_peek(relay, 3, (tern_buf){ body, sizeof body }), 3);
    assert_memory_equal(body, "ond", 3);
    assert_int_equal(tern_endpoint_message_read(relay, (tern_buf){ body, sizeof body }), 6);
    assert_memory_equal(body, "second", 6);
    assert_int_equal(tern_endpoint_message_read(relay, (tern_buf){ body, sizeof body }), 0);
    assert_false(tern_endpoint_poll(relay, &e));
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connected_says_who_and_how_it_was_proven),
        cmocka_unit_test(a_reason_of_any_length_ends_with_a_zero),
        cmocka_unit_test(a_message_not_read_is_gone_with_the_next_poll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
