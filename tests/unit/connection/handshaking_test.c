/* SPDX-License-Identifier: MIT */
/* From the first packet to confirmed, over a wire that loses and tampers (spec: handshake 4, connection). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_handshake_takes_one_round_trip(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    pair_run(p, p->now + 2 * PAIR_DELAY);
    const tern_event *e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CONNECTED);
    assert_non_null(e);
    assert_true(e->u.connected.handshake_ns == 2 * PAIR_DELAY);
    assert_memory_equal(e->u.connected.fingerprint, p->end[PAIR_TO_CLIENT]->handshake.pin, 32);
    assert_null(pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CONNECTED));
    pair_run(p, p->now + PAIR_DELAY);
    assert_non_null(pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CONNECTED));
    pair_free(p);
}

/*= WIRE-004 */
static int syn_is_big(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p;
    if (way == PAIR_TO_RELAY && n == 0) {
        assert_int_equal(bytes[0] >> 4, TERN_PACKET_SYN);
        assert_int_equal(*size, TERN_DATAGRAM_MIN);
    }
    return 1;
}

static void a_syn_is_padded_to_1200_bytes(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = syn_is_big;
    pair_run(p, p->now + 5 * PAIR_DELAY);
    assert_true(p->sent[PAIR_TO_RELAY] > 0);
    pair_free(p);
}

/* Loses one datagram: *(uint64_t *)owner is its number, way by parity. */
static int lose_one(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    const uint64_t *which = p->owner;
    (void)bytes, (void)size;
    return n == *which / 2 && way == (pair_way)(*which % 2) ? 0 : 1;
}

/*= REC-018 REC-020 HS-032 */
static void each_lost_packet_of_a_handshake_is_made_good(void **state)
{
    (void)state;
    for (uint64_t which = 0; which < 10; which++) {
        pair *p = pair_new(NULL);
        p->fate = lose_one;
        p->owner = &which;
        pair_run(p, p->now + 5 * TERN_SECOND);
        assert_true(pair_client(p)->confirmed);
        assert_non_null(pair_relay(p));
        assert_true(pair_message(p, PAIR_TO_RELAY, "x", 1) == TERN_OK);
        pair_run(p, p->now + TERN_SECOND);
        assert_true(pair_relay(p)->confirmed);
        assert_int_equal(p->messages_count, 1);
        pair_free(p);
    }
}

/*= HS-030 */
static void application_data_travels_with_the_end_of_the_handshake(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "early bird", 10), TERN_OK);
    pair_run(p, p->now + 2 * PAIR_DELAY);
    assert_int_equal(p->messages_count, 0);
    pair_run(p, p->now + PAIR_DELAY); /* it came in the ACK packet itself */
    assert_int_equal(p->messages_count, 1);
    assert_memory_equal(p->messages, "early bird", 10);
    pair_free(p);
}

static int lose_much_of_what_the_client_says_first(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    const tern_recovery *r = &pair_client(p)->recovery;
    (void)bytes, (void)size;
    bool early = pair_relay(p) == NULL || !pair_relay(p)->proven;
    return way == PAIR_TO_RELAY && n > 0 && early && r->pto_count < 2 ? 0 : 1;
}

/* FINISHED is lost, and the first probe too; much else that waits with it is not, but nobody takes it. */
/*= REC-018 HS-031 */
static void each_probe_of_a_client_brings_its_finished(void **state)
{
    static const uint8_t body[50000];
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = lose_much_of_what_the_client_says_first;
    for (int i = 0; i < 4; i++) assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
    while (pair_client(p)->recovery.pto_count < 2 && p->now < 5 * TERN_SECOND) pair_run(p, p->now + TERN_MS);
    assert_false(pair_relay(p)->proven);
    pair_run(p, p->now + 5 * PAIR_DELAY);
    assert_true(pair_relay(p)->proven);
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_int_equal(p->messages_count, 4);
    pair_free(p);
}

static int lose_what_a_client_says_until_the_relay_asks_again(pair *p, pair_way way, uint64_t n, uint8_t *bytes,
                                                              size_t *size)
{
    (void)bytes, (void)size;
    return way == PAIR_TO_RELAY && n > 0 && p->sent[PAIR_TO_CLIENT] < 2 ? 0 : 1;
}

static int lose_finished_once(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)bytes, (void)size;
    return way == PAIR_TO_RELAY && n == 1 ? 0 : 1;
}

/* Long before the relay says its SYN_ACK again. */
/*= REC-070 */
static void what_a_client_goes_on_sending_holds_up_no_finished(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = lose_finished_once;
    pair_run(p, p->now + 2 * PAIR_DELAY);
    tern_time until = p->now + 12 * PAIR_DELAY; /* a round trip took two: it probes after six */
    while (p->now < until) {
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
        pair_run(p, p->now + PAIR_DELAY / 2);
    }
    assert_true(pair_relay(p)->proven);
    pair_free(p);
}

/* Much of what it says is lost, its probes too. */
/*= REC-069 */
static void a_syn_ack_that_is_said_again_brings_finished(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = lose_what_a_client_says_until_the_relay_asks_again;
    while (p->sent[PAIR_TO_CLIENT] < 2 && p->now < 5 * TERN_SECOND) {
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
        pair_run(p, p->now + PAIR_DELAY);
    }
    assert_false(pair_relay(p)->proven);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + 2 * PAIR_DELAY);
    assert_true(pair_relay(p)->proven);
    pair_free(p);
}

/*= HS-031 */
static void application_data_before_finished_is_dropped_unacknowledged(void **state)
{
    static const uint8_t fragment[] = { 0, 1, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'x' };
    pair *p = pair_new(NULL);
    (void)state;
    pair_run(p, p->now + 2 * PAIR_DELAY); /* the client has its keys, its FINISHED is on the wire */
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_ACK, fragment, sizeof fragment), TERN_DROP_EARLY_DATA);
    assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, fragment, sizeof fragment), TERN_DROP_EARLY_DATA);
    assert_int_equal(pair_relay(p)->life, TERN_LIFE_HANDSHAKE);
    assert_int_equal(p->messages_count, 0);
    uint64_t pn = pair_client(p)->recovery.sent.next_pn - 1;
    assert_false(
        tern_ranges_contains(&pair_relay(p)->acks.seen, tern_endpoint_pool(p->end[PAIR_TO_RELAY]), pn, pn + 1));
    pair_free(p);
}

static int keep_a_syn_ack(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    if (way == PAIR_TO_CLIENT && n == 0) {
        memcpy(p->owner, bytes, *size);
        return 0;
    }
    return 1;
}

/*= WIRE-012 HS-006 */
static void a_syn_ack_with_another_share_changes_nothing(void **state)
{
    static uint8_t syn_ack[1500];
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = keep_a_syn_ack;
    p->owner = syn_ack;
    pair_run(p, p->now + PAIR_DELAY);
    for (size_t at = 1; at < 22 + 66; at++) { /* version, ids, random, share, suite */
        syn_ack[at] ^= 1;
        assert_int_not_equal(pair_inject(p, PAIR_TO_CLIENT, syn_ack, 800), TERN_DROP_NONE);
        syn_ack[at] ^= 1;
        tern_host host = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
        assert_false(tern_hs(pair_client(p), &host)->have_keys);
    }
    pair_run(p, p->now + 3 * TERN_SECOND); /* the true ones still lead there */
    assert_true(pair_client(p)->confirmed);
    syn_ack[30] ^= 1;
    assert_int_not_equal(pair_inject(p, PAIR_TO_CLIENT, syn_ack, 800), TERN_DROP_NONE);
    pair_free(p);
}

/*= HS-006 */
static void a_later_syn_ack_with_another_answer_is_dropped_though_it_opens(void **state)
{
    static const uint8_t keep_alive[] = { 0, 9, 0, 0 };
    pair *p = pair_new(NULL);
    (void)state;
    pair_run(p, p->now + 2 * PAIR_DELAY); /* the client has taken the relay's answer */
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_RELAY], p->now);
    tern_hello *hello = &tern_hs(pair_relay(p), &host)->handshake.hello;
    assert_int_equal(pair_frames(p, PAIR_TO_CLIENT, TERN_PACKET_SYN_ACK, keep_alive, sizeof keep_alive),
                     TERN_DROP_NONE);
    hello->random[0] ^= 1;
    assert_int_equal(pair_frames(p, PAIR_TO_CLIENT, TERN_PACKET_SYN_ACK, keep_alive, sizeof keep_alive),
                     TERN_DROP_UNEXPECTED);
    hello->random[0] ^= 1;
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_client(p)->confirmed);
    pair_free(p);
}

/*= HS-008 */
static void finished_follows_the_hello_in_one_sequence(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    pair_run(p, p->now + 2 * PAIR_DELAY); /* FINISHED is on the wire */
    tern_host client = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
    tern_host relay = tern_endpoint_host(p->end[PAIR_TO_RELAY], p->now);
    uint64_t hello = tern_hs(pair_client(p), &client)->hello_bytes;
    assert_true(hello > 0 && tern_crypto(pair_client(p), &client)->out.written == hello + TERN_TLV_HEADER + 32);
    assert_true(tern_crypto(pair_relay(p), &relay)->in.read == hello);
    pair_run(p, p->now + PAIR_DELAY);
    assert_true(tern_crypto(pair_relay(p), &relay)->in.read == hello + TERN_TLV_HEADER + 32);
    assert_true(pair_relay(p)->proven);
    pair_free(p);
}

/*= WIRE-002 */
static void the_client_sends_to_the_relays_id(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    assert_true(tern_cid_equal(tern_ids_current(&pair_client(p)->ids), &pair_relay(p)->local));
    assert_true(tern_cid_equal(tern_ids_current(&pair_relay(p)->ids), &pair_client(p)->local));
    assert_false(tern_cid_equal(tern_ids_current(&pair_client(p)->ids), &pair_client(p)->first_sid));
    pair_free(p);
}

/*= HS-013 */
static void the_handshakes_memory_is_wiped_before_it_goes_back(void **state)
{
    static const uint8_t zeros[sizeof(tern_handshake_page)];
    pair *p = pair_new(NULL);
    (void)state;
    pair_run(p, p->now + 2 * PAIR_DELAY);
    tern_page page = pair_client(p)->handshake_page;
    const uint8_t *bytes = tern_pool_at(tern_endpoint_pool(p->end[PAIR_TO_CLIENT]), page);
    size_t link = sizeof(tern_page); /* a free page names the next one in its first bytes */
    assert_memory_not_equal(bytes + link, zeros + link, sizeof zeros - link);
    pair_run(p, p->now + 2 * PAIR_DELAY);
    assert_int_equal(pair_client(p)->handshake_page, 0);
    assert_memory_equal(bytes + link, zeros + link, sizeof zeros - link);
    pair_free(p);
}

/*= HS-013 */
static void a_confirmed_connection_has_given_the_handshakes_memory_back(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    for (int at = 0; at < 2; at++) {
        const tern_connection *c = at == PAIR_TO_CLIENT ? pair_client(p) : pair_relay(p);
        assert_int_equal(c->handshake_page, 0);
        assert_int_equal(c->crypto_page, 0);
    }
    pair_free(p);
}

static int nothing_answers(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_RELAY ? 1 : 0;
}

/*= CONN-003 CONN-010 */
static void an_unproven_address_gets_at_most_three_times_what_it_sent(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = nothing_answers;
    pair_run(p, p->now + 60 * TERN_SECOND);
    assert_true(p->sent_bytes[PAIR_TO_CLIENT] > 0);
    assert_true(p->sent_bytes[PAIR_TO_CLIENT] <= 3 * p->sent_bytes[PAIR_TO_RELAY]);
    const tern_event *e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, TERN_E_HANDSHAKE_TIMEOUT);
    assert_null(pair_relay(p)); /* the relay forgot it too */
    assert_int_equal(tern_endpoint_pool(p->end[PAIR_TO_RELAY])->free, tern_endpoint_pool(p->end[PAIR_TO_RELAY])->pages);
    pair_free(p);
}

static int one_syn_only(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)bytes, (void)size;
    return way == PAIR_TO_RELAY && n == 0 ? 1 : 0;
}

/*= CONN-010 */
static void one_spoofed_syn_is_answered_with_3600_bytes_at_most(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = one_syn_only;
    pair_run(p, p->now + 30 * TERN_SECOND);
    assert_true(p->sent_bytes[PAIR_TO_CLIENT] >= 700);
    assert_true(p->sent_bytes[PAIR_TO_CLIENT] <= 3600);
    pair_free(p);
}

static int syn_twice(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)bytes, (void)size;
    return way == PAIR_TO_RELAY && n == 0 ? 3 : 1;
}

/*= CONN-002 */
static void a_repeated_syn_makes_no_second_connection(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = syn_twice;
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 1);
    assert_true(pair_relay(p)->confirmed);
    pair_free(p);
}

/*= HS-023 CONN-023 */
static void a_wrong_key_is_refused_and_the_relay_is_told(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    p->end[PAIR_TO_CLIENT]->handshake.pin[0] ^= 1;
    pair_run(p, p->now + TERN_SECOND);
    const tern_event *e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, TERN_PIN_MISMATCH);
    assert_true(e->u.closed.has_fingerprint);
    e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, TERN_PIN_MISMATCH);
    assert_true(e->u.closed.by_peer);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_takes_one_round_trip),
        cmocka_unit_test(a_syn_is_padded_to_1200_bytes),
        cmocka_unit_test(each_lost_packet_of_a_handshake_is_made_good),
        cmocka_unit_test(application_data_travels_with_the_end_of_the_handshake),
        cmocka_unit_test(application_data_before_finished_is_dropped_unacknowledged),
        cmocka_unit_test(each_probe_of_a_client_brings_its_finished),
        cmocka_unit_test(a_syn_ack_that_is_said_again_brings_finished),
        cmocka_unit_test(what_a_client_goes_on_sending_holds_up_no_finished),
        cmocka_unit_test(a_syn_ack_with_another_share_changes_nothing),
        cmocka_unit_test(a_later_syn_ack_with_another_answer_is_dropped_though_it_opens),
        cmocka_unit_test(finished_follows_the_hello_in_one_sequence),
        cmocka_unit_test(the_client_sends_to_the_relays_id),
        cmocka_unit_test(the_handshakes_memory_is_wiped_before_it_goes_back),
        cmocka_unit_test(a_confirmed_connection_has_given_the_handshakes_memory_back),
        cmocka_unit_test(an_unproven_address_gets_at_most_three_times_what_it_sent),
        cmocka_unit_test(one_spoofed_syn_is_answered_with_3600_bytes_at_most),
        cmocka_unit_test(a_repeated_syn_makes_no_second_connection),
        cmocka_unit_test(a_wrong_key_is_refused_and_the_relay_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
