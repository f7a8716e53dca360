/* SPDX-License-Identifier: MIT */
/* Stateless resets: who gets one, how many, and what they do (spec: connection 4). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A pair whose relay has forgotten the connection, as if started anew with the same secret. */
static pair *forgetful(void)
{
    pair *p = pair_established(NULL);
    tern_slot_give(p->end[PAIR_TO_RELAY], 0);
    return p;
}

/*= CONN-050 CONN-051 */
static void a_client_whose_relay_forgot_it_knows_after_one_round_trip(void **state)
{
    pair *p = forgetful();
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "are you there", 13), TERN_OK);
    uint64_t sent = p->sent[PAIR_TO_RELAY];
    pair_run(p, p->now + 2 * PAIR_DELAY);
    const tern_event *closed = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED);
    assert_non_null(closed);
    assert_int_equal(closed->u.closed.error, TERN_E_STATELESS_RESET);
    assert_false(closed->u.closed.by_peer);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->sent[PAIR_TO_RELAY], sent + 1); /* and says nothing any more */
    pair_free(p);
}

/* A RESET as the relay with that secret would send it. */
static size_t make(const uint8_t secret[32], const tern_cid *id, uint8_t out[TERN_RESET_SIZE])
{
    uint8_t token[TERN_TOKEN_SIZE];
    tern_writer w = tern_writer_of((tern_buf){ out, TERN_RESET_SIZE });
    tern_reset_token(secret, id, token);
    tern_reset_emit(&w, id, token);
    return w.n;
}

/*= CONN-051 */
static void only_the_relay_that_gave_the_token_can_reset(void **state)
{
    uint8_t reset[TERN_RESET_SIZE];
    pair *p = pair_established(NULL);
    const uint8_t *secret = p->end[PAIR_TO_RELAY]->reset_secret;
    tern_connection *client = pair_client(p);
    tern_cid sid = *tern_ids_current(&client->ids);
    (void)state;
    size_t n = make((const uint8_t[32]){ 1 }, &sid, reset);
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, reset, n), TERN_DROP_AEAD);
    n = make(secret, &client->local, reset); /* an id that is not the relay's */
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, reset, n), TERN_DROP_AEAD);
    n = make(secret, &sid, reset);
    p->path[PAIR_TO_CLIENT].remote.port++;
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, reset, n), TERN_DROP_PATH);
    p->path[PAIR_TO_CLIENT].remote.port--;
    uint8_t spare[TERN_RESET_SIZE];
    size_t spare_n = make(secret, &client->ids.peer[2].id, spare); /* held, and never sent to */
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, spare, spare_n), TERN_DROP_AEAD);
    assert_true(tern_connection_is_open(client));
    assert_true(tern_ids_switch(&client->ids)); /* the token of an id that is retired means nothing */
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, reset, n), TERN_DROP_AEAD);
    n = make(secret, tern_ids_current(&client->ids), reset);
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, reset, n), TERN_DROP_NONE);
    assert_false(tern_connection_is_open(client));
    pair_free(p);
}

static int resets_of(pair *p, tern_time now, size_t *largest)
{
    static uint8_t out[65536];
    int n = 0;
    for (;;) {
        tern_batch b = tern_endpoint_send(p->end[PAIR_TO_RELAY], now, (tern_buf){ out, sizeof out });
        if (b.count == 0) return n;
        if (out[0] != 0x80) continue;
        if (b.total > *largest) *largest = b.total;
        n++;
    }
}

/* Adversary 7: a RESET answers no RESET, is smaller than what it answers, and there are not many. */
/*= CONN-052 */
static void resets_are_small_and_few(void **state)
{
    uint8_t stray[1200] = { 0x50, 1 };
    size_t largest = 0;
    pair *p = pair_established(NULL);
    (void)state;
    tern_time now = p->now;
    for (int i = 0; i < 1000; i++) {
        stray[2] = (uint8_t)i;
        assert_int_equal(pair_inject(p, PAIR_TO_RELAY, stray, 29), TERN_DROP_UNKNOWN_CID);
    }
    assert_int_equal(resets_of(p, now, &largest), 16);
    assert_int_equal(largest, TERN_RESET_SIZE);
    assert_int_equal(resets_of(p, now, &largest), 0);
    p->now += 50 * TERN_MS;
    for (int i = 0; i < 1000; i++) (void)pair_inject(p, PAIR_TO_RELAY, stray, sizeof stray);
    assert_int_equal(resets_of(p, p->now, &largest), 5);
    p->now += TERN_SECOND;
    for (unsigned type = 0; type < 16; type++) { /* nothing but DATA is answered */
        stray[0] = (uint8_t)(type << 4);
        if (type != 5) (void)pair_inject(p, PAIR_TO_RELAY, stray, type == 8 ? TERN_RESET_SIZE : sizeof stray);
    }
    for (int i = 0; i < 2; i++) { /* nor well-formed ones of a handshake that the relay does not know */
        const tern_header h = { .type = i == 0 ? TERN_PACKET_ACK : TERN_PACKET_SYN_ACK,
                                .version = TERN_VERSION,
                                .to = { { 9 } } };
        tern_writer w = tern_writer_of((tern_buf){ stray, sizeof stray });
        tern_header_emit(&w, &h, 0);
        assert_int_equal(pair_inject(p, PAIR_TO_RELAY, stray, sizeof stray), TERN_DROP_UNKNOWN_CID);
    }
    assert_int_equal(resets_of(p, p->now, &largest), 0);
    pair_free(p);
}

/*= CONN-052 */
static void a_client_answers_nothing(void **state)
{
    uint8_t stray[100] = { 0x50, 1 }, out[2048];
    pair *p = pair_established(NULL);
    (void)state;
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, stray, sizeof stray), TERN_DROP_UNKNOWN_CID);
    stray[0] = 0x80;
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, stray, TERN_RESET_SIZE), TERN_DROP_AEAD);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, stray, TERN_RESET_SIZE), TERN_DROP_UNEXPECTED);
    tern_batch b = tern_endpoint_send(p->end[PAIR_TO_CLIENT], p->now, (tern_buf){ out, sizeof out });
    assert_int_equal(b.count, 0);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_whose_relay_forgot_it_knows_after_one_round_trip),
        cmocka_unit_test(only_the_relay_that_gave_the_token_can_reset),
        cmocka_unit_test(resets_are_small_and_few),
        cmocka_unit_test(a_client_answers_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
