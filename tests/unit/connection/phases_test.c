/* SPDX-License-Identifier: MIT */
/* Key update: both sides go from phase to phase, whatever the network and the peer do (spec: handshake 6). */
#include "unit/pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOMY 1000000

static pair *established_with(uint32_t packets)
{
    pair_options o = pair_defaults();
    o.limits.key_update_packets = packets;
    return pair_established(&o);
}

static void closed_with(pair *p, pair_way at, tern_error error)
{
    const tern_connection *c = at == PAIR_TO_RELAY ? pair_relay(p) : pair_client(p);
    assert_int_equal(c->life, TERN_LIFE_CLOSING);
    assert_int_equal(c->close_error, error);
}

static void update_after(pair *p, pair_way end, uint32_t packets)
{
    p->end[end]->config.limits.key_update_packets = packets;
}

/* The client begins an update with its next packet, which goes out at once. */
static void client_updates(pair *p)
{
    assert_int_equal(pair_client(p)->phases.state, TERN_PHASE_READY);
    update_after(p, PAIR_TO_CLIENT, 1);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + 1);
    assert_true(pair_client(p)->phases.pending);
    update_after(p, PAIR_TO_CLIENT, 0);
}

/* The next numbers of each way, to see that they only grow. */
static int numbers_grow(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    uint64_t *next = p->owner, pn;
    uint8_t copy[TERN_DATAGRAM_MAX];
    tern_header h;
    tern_connection *c = way == PAIR_TO_RELAY ? pair_client(p) : pair_relay(p);
    (void)n;
    memcpy(copy, bytes, *size);
    assert_int_equal(tern_header_parse(tern_bytes_of(bytes, *size), &h), TERN_DROP_NONE);
    (void)tern_packet_unmask(&c->send_keys.header, &h, (tern_buf){ copy, *size }, next[way], &pn);
    assert_true(pn >= next[way]);
    next[way] = pn + 1;
    return n % 13 == 5 ? 0 : n % 7 == 3 ? 2 : 1;
}

/* Each suite, with packets lost and doubled. */
/*= HS-080 HS-082 HS-083 WIRE-005 */
static void both_sides_go_from_phase_to_phase(void **state)
{
    static const tern_suite suites[] = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305, TERN_SUITE_PLAINTEXT };
    static uint8_t body[ROOMY];
    (void)state;
    for (size_t i = 0; i < sizeof body; i++) body[i] = (uint8_t)(i * i >> 7);
    for (size_t i = 0; i < 3; i++) {
        pair_options o = pair_defaults();
        uint64_t next[2] = { 0 };
        o.limits.key_update_packets = 50;
        o.suite = suites[i];
        pair *p = pair_established(&o);
        next[PAIR_TO_RELAY] = pair_client(p)->recovery.sent.next_pn;
        next[PAIR_TO_CLIENT] = pair_relay(p)->recovery.sent.next_pn;
        p->owner = next;
        p->fate = numbers_grow;
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
        assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
        pair_run(p, p->now + 60 * TERN_SECOND);
        assert_int_equal(p->messages_count, 2);
        assert_memory_equal(p->messages, body, 1000);
        assert_true(pair_client(p)->phases.updates >= 5);
        assert_int_equal(pair_client(p)->phases.updates, pair_relay(p)->phases.updates);
        pair_free(p);
    }
}

/*= HS-080 HS-081 */
static void both_sides_may_begin_at_once(void **state)
{
    pair *p = established_with(0);
    tern_connection *ends[2] = { pair_client(p), pair_relay(p) };
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ends[i]->phases.state, TERN_PHASE_READY);
        update_after(p, i == 0 ? PAIR_TO_CLIENT : PAIR_TO_RELAY, 1);
    }
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "up", 2), TERN_OK);
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, "down", 4), TERN_OK);
    pair_run(p, p->now + 1);
    for (int i = 0; i < 2; i++) {
        assert_true(ends[i]->phases.pending);
        update_after(p, i == 0 ? PAIR_TO_CLIENT : PAIR_TO_RELAY, 0);
    }
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->messages_count, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ends[i]->phases.updates, 1);
        assert_false(ends[i]->phases.pending);
    }
    pair_free(p);
}

/*= HS-081 */
static void the_next_update_waits_for_an_acknowledgement_and_three_pto(void **state)
{
    pair *p = established_with(1);
    const tern_phases *ph = &pair_client(p)->phases;
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    uint32_t before = ph->updates;
    uint64_t three = tern_connection_three_pto_ns(pair_client(p));
    tern_time began = p->now;
    for (int i = 0; i < 100; i++) { /* each packet asks for an update */
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
        assert_int_equal(pair_message(p, PAIR_TO_CLIENT, "y", 1), TERN_OK);
        pair_run(p, p->now + 20 * TERN_MS);
    }
    uint64_t most = (p->now - began) / three + 1;
    assert_true(ph->updates > before + 2);
    assert_true(ph->updates - before <= most);
    pair_free(p);
}

static int lose_to_relay(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_CLIENT;
}

/*= HS-081 HS-014 */
static void no_update_follows_one_that_nobody_answers(void **state)
{
    pair *p = established_with(0);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    p->fate = lose_to_relay;
    client_updates(p);
    pair_run(p, p->now + 3 * TERN_SECOND);
    tern_phases *ph = &pair_client(p)->phases;
    assert_true(ph->pending);
    uint64_t from = ph->send_from;
    update_after(p, PAIR_TO_CLIENT, 1);
    pair_run(p, p->now + 6 * TERN_SECOND);
    assert_true(pair_client(p)->recovery.sent.next_pn > from + 3);
    assert_true(ph->pending && ph->state == TERN_PHASE_UNACKED && ph->send_from == from);
    pair_free(p);
}

/*= HS-084 HS-086 */
static void late_packets_open_for_three_pto(void **state)
{
    pair *p = established_with(0);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    tern_packet_keys old = pair_client(p)->send_keys;
    uint64_t late = pair_client(p)->recovery.sent.next_pn;
    for (int i = 0; i < 3; i++) tern_sent_skip(&pair_client(p)->recovery.sent); /* three are on their way for long */
    client_updates(p);
    pair_run(p, p->now + 50 * TERN_MS);
    assert_int_equal(pair_relay(p)->phases.updates, 1);
    assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &old, 0, late), TERN_DROP_NONE);
    assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &old, 0, late), TERN_DROP_DUPLICATE);
    assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &old, 0, late + 2), TERN_DROP_NONE);
    pair_run(p, p->now + tern_connection_three_pto_ns(pair_relay(p)) + TERN_MS);
    assert_int_equal(pair_relay(p)->phases.old_page, 0);
    assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &old, 0, late + 1), TERN_DROP_AEAD);
    assert_int_equal(pair_relay(p)->life, TERN_LIFE_ESTABLISHED);
    pair_free(p);
}

/*= HS-086 */
static void without_memory_for_the_old_keys_the_update_goes_on(void **state)
{
    pair *p = established_with(0);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    while (tern_pool_take(pool, TERN_FOR_RECEIVING) != 0) continue;
    tern_packet_keys old = pair_client(p)->send_keys;
    uint64_t late = pair_client(p)->recovery.sent.next_pn;
    tern_sent_skip(&pair_client(p)->recovery.sent);
    client_updates(p);
    pair_run(p, p->now + 50 * TERN_MS);
    assert_int_equal(pair_relay(p)->phases.updates, 1);
    assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &old, 0, late), TERN_DROP_AEAD);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    assert_false(pair_client(p)->phases.pending);
    pair_free(p);
}

/*= HS-082 */
static void who_only_acknowledges_asks_for_an_acknowledgement(void **state)
{
    pair *p = established_with(0);
    tern_connection *c = pair_client(p);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
    c->phases.state = TERN_PHASE_UNACKED;
    c->phases.send_from = c->recovery.sent.next_pn - 1; /* a phase in which nothing but ACKs has left */
    tern_phases_before_data(c, &host);
    assert_false(c->keep_alive_owed); /* it is not yet time */
    update_after(p, PAIR_TO_CLIENT, 1);
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, "x", 1), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, "x", 1), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(c->phases.updates, 1);
    pair_free(p);
}

/*= HS-084 */
static void old_keys_with_a_higher_number_are_an_error(void **state)
{
    pair *p = established_with(0);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    tern_packet_keys old = pair_client(p)->send_keys;
    client_updates(p);
    pair_run(p, p->now + 50 * TERN_MS);
    assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &old, 0, pair_client(p)->recovery.sent.next_pn + 9),
                     TERN_DROP_MALFORMED);
    closed_with(p, PAIR_TO_RELAY, TERN_KEY_UPDATE_ERROR);
    pair_free(p);
}

/*= HS-084 */
static void new_keys_with_a_lower_number_are_an_error(void **state)
{
    (void)state;
    for (int later = 0; later < 2; later++) { /* the first packet of the phase; and one that follows it */
        pair *p = established_with(0);
        pair_run(p, p->now + TERN_SECOND);
        tern_packet_keys next = pair_next_keys(p, PAIR_TO_RELAY);
        uint64_t largest = pair_relay(p)->acks.largest;
        if (later) {
            assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &next, 1, largest + 5), TERN_DROP_NONE);
            assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &next, 1, largest + 3), TERN_DROP_NONE);
        }
        assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &next, 1, largest - 1), TERN_DROP_MALFORMED);
        closed_with(p, PAIR_TO_RELAY, TERN_KEY_UPDATE_ERROR);
        pair_free(p);
    }
}

/*= HS-081 */
static void an_update_too_early_is_an_error(void **state)
{
    pair *p = established_with(0);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    tern_packet_keys next = pair_next_keys(p, PAIR_TO_RELAY), second = next;
    tern_connection *c = pair_client(p);
    uint8_t secret[TERN_SECRET_SIZE];
    tern_secret_next(c->phases.send_secret, secret);
    tern_phase_keys(&second.aead, c->suite, secret);
    uint64_t largest = pair_relay(p)->acks.largest;
    assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &next, 1, largest + 1), TERN_DROP_NONE);
    assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &second, 0, largest + 2),
                     TERN_DROP_MALFORMED); /* we have not said a word */
    closed_with(p, PAIR_TO_RELAY, TERN_KEY_UPDATE_ERROR);
    pair_free(p);

    p = established_with(0);
    pair_run(p, p->now + TERN_SECOND);
    next = pair_next_keys(p, PAIR_TO_RELAY);
    pair_relay(p)->confirmed = false;
    assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &next, 1, pair_relay(p)->acks.largest + 1), TERN_DROP_MALFORMED);
    closed_with(p, PAIR_TO_RELAY, TERN_KEY_UPDATE_ERROR);
    pair_free(p);
}

/*= HS-085 */
static void who_acknowledges_new_packets_and_does_not_follow_is_found_out(void **state)
{
    pair *p = established_with(0);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    p->fate = lose_to_relay;
    client_updates(p);
    uint8_t ack[] = { 0, 0x21, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    ack[11] = (uint8_t)(pair_client(p)->recovery.sent.next_pn - 1);
    assert_int_equal(pair_frames(p, PAIR_TO_CLIENT, TERN_PACKET_DATA, ack, sizeof ack), TERN_DROP_MALFORMED);
    closed_with(p, PAIR_TO_CLIENT, TERN_KEY_UPDATE_ERROR);
    pair_free(p);
}

/*= HS-087 */
static void too_many_forgeries_end_the_connection(void **state)
{
    static const struct {
        tern_suite suite;
        uint64_t most;
    } rows[] = { { TERN_SUITE_AES_256_GCM, UINT64_C(1) << 52 },
                 { TERN_SUITE_CHACHA20_POLY1305, UINT64_C(1) << 36 },
                 { TERN_SUITE_PLAINTEXT, UINT64_C(1) << 36 } };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        pair_options o = pair_defaults();
        o.suite = rows[i].suite;
        pair *p = pair_established(&o);
        pair_run(p, p->now + TERN_SECOND);
        tern_packet_keys wrong = pair_next_keys(p, PAIR_TO_RELAY);
        assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &wrong, 0, 1), TERN_DROP_AEAD);
        assert_int_equal(pair_relay(p)->phases.failed, 1);
        pair_relay(p)->phases.failed = rows[i].most - 2;
        assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &wrong, 0, 1), TERN_DROP_AEAD);
        assert_int_equal(pair_relay(p)->life, TERN_LIFE_ESTABLISHED);
        assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &wrong, 0, 1), TERN_DROP_AEAD);
        closed_with(p, PAIR_TO_RELAY, TERN_AEAD_LIMIT_REACHED);
        pair_run(p, p->now + TERN_SECOND);
        assert_int_equal(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED)->u.closed.error, TERN_AEAD_LIMIT_REACHED);
        pair_free(p);
    }
}

/* The linker leads calls of these here. */
void __real_tern_phase_keys(tern_aead *aead, tern_suite suite, const uint8_t secret[TERN_SECRET_SIZE]);
void __wrap_tern_phase_keys(tern_aead *aead, tern_suite suite, const uint8_t secret[TERN_SECRET_SIZE]);
bool __real_tern_aead_open(const tern_aead *a, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                           const uint8_t tag[TERN_AEAD_TAG_SIZE]);
bool __wrap_tern_aead_open(const tern_aead *a, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                           const uint8_t tag[TERN_AEAD_TAG_SIZE]);
static unsigned derived, tried;

void __wrap_tern_phase_keys(tern_aead *aead, tern_suite suite, const uint8_t secret[TERN_SECRET_SIZE])
{
    derived++;
    __real_tern_phase_keys(aead, suite, secret);
}

bool __wrap_tern_aead_open(const tern_aead *a, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                           const uint8_t tag[TERN_AEAD_TAG_SIZE])
{
    tried++;
    return __real_tern_aead_open(a, pn, aad, data, n, tag);
}

/*= HS-088 */
static void attack_14_a_forged_packet_costs_the_same_whatever_phase_it_hits(void **state)
{
    (void)state;
    for (unsigned kept = 0; kept < 2; kept++) {
        pair *p = established_with(0);
        pair_run(p, p->now + TERN_SECOND);
        if (kept) {
            client_updates(p);
            pair_run(p, p->now + 50 * TERN_MS);
            assert_int_not_equal(pair_relay(p)->phases.old_page, 0);
        }
        tern_packet_keys wrong = pair_client(p)->send_keys;
        uint8_t other[TERN_SECRET_SIZE] = { 9 };
        tern_phase_keys(&wrong.aead, TERN_SUITE_AES_256_GCM,
                        other); /* the header's key is right: it says what we say */
        for (uint8_t flag = 0; flag < 2; flag++)
            for (uint64_t pn = 0; pn < 200; pn++) {
                derived = tried = 0;
                assert_int_equal(pair_keep_alive(p, PAIR_TO_RELAY, &wrong, flag, pn), TERN_DROP_AEAD);
                assert_int_equal(derived, 1);
                assert_int_equal(tried, 1 + kept);
            }
        derived = 0;
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
        pair_run(p, p->now + TERN_MS * 50);
        assert_int_equal(derived, 0); /* and one that opens costs nothing more */
        pair_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_go_from_phase_to_phase),
        cmocka_unit_test(both_sides_may_begin_at_once),
        cmocka_unit_test(the_next_update_waits_for_an_acknowledgement_and_three_pto),
        cmocka_unit_test(no_update_follows_one_that_nobody_answers),
        cmocka_unit_test(late_packets_open_for_three_pto),
        cmocka_unit_test(without_memory_for_the_old_keys_the_update_goes_on),
        cmocka_unit_test(who_only_acknowledges_asks_for_an_acknowledgement),
        cmocka_unit_test(old_keys_with_a_higher_number_are_an_error),
        cmocka_unit_test(new_keys_with_a_lower_number_are_an_error),
        cmocka_unit_test(an_update_too_early_is_an_error),
        cmocka_unit_test(who_acknowledges_new_packets_and_does_not_follow_is_found_out),
        cmocka_unit_test(too_many_forgeries_end_the_connection),
        cmocka_unit_test(attack_14_a_forged_packet_costs_the_same_whatever_phase_it_hits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
