/* SPDX-License-Identifier: MIT */
/* Clients that must prove a key, over a wire: who comes in, who is told why not, and who has to go. */
#include "../pair.h"

#include "unit/crypto/support.h"

static tern_identity client_identity;
static uint8_t allowed[2][TERN_SHA256_SIZE];

/* A relay that asks, and a client with the second key of its list. */
static pair *asking(void)
{
    pair *p = pair_new(NULL);
    tern_identity_generate(&client_identity, (const uint8_t[32]){ 8 });
    memset(allowed, 0, sizeof allowed);
    tern_key_fingerprint(&client_identity.public_key, allowed[1]);
    tern_handshake_config *relay = &p->end[PAIR_TO_RELAY]->handshake;
    relay->asks_client = true;
    relay->allowed = (const uint8_t(*)[TERN_SHA256_SIZE])allowed;
    relay->allowed_n = 2;
    p->end[PAIR_TO_CLIENT]->handshake.identity = &client_identity;
    return p;
}

/*= HS-061 */
static void a_client_with_its_key_comes_in_and_is_known_by_it(void **state)
{
    pair *p = asking();
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "hello", 5), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CONNECTED);
    assert_non_null(e);
    assert_true(e->u.connected.has_fingerprint);
    assert_memory_equal(e->u.connected.fingerprint, allowed[1], TERN_FINGERPRINT_SIZE);
    assert_int_equal(p->messages_count, 1);
    assert_true(pair_relay(p)->confirmed && pair_client(p)->confirmed);
    pair_free(p);
}

/* Its flight takes several packets, each of which may be the one that is lost. */
static int lose_one(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    const uint64_t *which = p->owner;
    (void)bytes, (void)size;
    return n == *which / 2 && way == (pair_way)(*which % 2) ? 0 : 1;
}

/*= HS-061 REC-018 */
static void a_long_chain_of_the_clients_arrives_whatever_is_lost(void **state)
{
    static const uint8_t other[3000]; /* only the client's own certificate is looked at */
    static uint8_t storage[4096];
    (void)state;
    for (uint64_t which = 0; which < 20; which++) {
        pair *p = asking();
        assert_int_equal(tern_identity_from_pem(&client_identity, FIXTURE("leaf_key.pem"), FIXTURE("leaf.pem"),
                                                (tern_buf){ storage, sizeof storage }),
                         TERN_IDENTITY_OK);
        tern_key_fingerprint(&client_identity.public_key, allowed[0]);
        while (client_identity.chain.n < 4)
            client_identity.chain.certificate[client_identity.chain.n++] = tern_bytes_of(other, sizeof other);
        p->fate = lose_one;
        p->owner = &which;
        pair_run(p, p->now + 5 * TERN_SECOND);
        assert_true(pair_client(p)->confirmed);
        assert_non_null(pair_relay(p));
        assert_true(pair_relay(p)->confirmed);
        assert_true(pair_relay(p)->packets_received > 8);
        pair_free(p);
    }
}

static void expect_ends(pair *p, tern_error error)
{
    const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, error);
    assert_false(e->u.closed.by_peer);
    e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, error);
    assert_true(e->u.closed.by_peer);
    assert_int_equal(p->messages_count, 0);
}

/*= HS-031 HS-062 */
static void attack_12_without_a_key_nothing_is_taken_and_both_know_why(void **state)
{
    pair *p = asking();
    (void)state;
    p->end[PAIR_TO_CLIENT]->handshake.identity = NULL;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "hello", 5), TERN_OK); /* travels with FINISHED */
    pair_run(p, p->now + TERN_SECOND);
    expect_ends(p, TERN_CERTIFICATE_REQUIRED);
    assert_null(pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CONNECTED));
    pair_free(p);
}

/*= HS-031 HS-063 */
static void attack_12_with_another_key_nothing_is_taken_and_both_know_why(void **state)
{
    pair *p = asking();
    (void)state;
    allowed[1][0] ^= 1;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "hello", 5), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    expect_ends(p, TERN_ACCESS_DENIED);
    const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED);
    assert_true(e->u.closed.has_fingerprint);
    pair_free(p);
}

/*= HS-064 */
static void a_key_that_is_no_longer_allowed_has_to_go(void **state)
{
    pair *p = asking();
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    tern_endpoint_close_disallowed(p->end[PAIR_TO_RELAY], p->now, "gone from the list");
    pair_run(p, p->now + TERN_SECOND);
    assert_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED)); /* it still stands there */
    allowed[1][5] ^= 1;
    tern_endpoint_close_disallowed(p->end[PAIR_TO_RELAY], p->now, "gone from the list");
    pair_run(p, p->now + TERN_SECOND);
    expect_ends(p, TERN_ACCESS_DENIED);
    assert_string_equal(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED)->u.closed.reason, "gone from the list");
    pair_free(p);
}

/* The key is shown, the signature still on its way: the list that holds when it arrives is the one that counts. */
/*= HS-064 */
static void a_key_that_goes_in_the_midst_of_a_handshake_does_not_come_in(void **state)
{
    pair *p = asking();
    (void)state;
    pair_run(p, p->now + 2 * PAIR_DELAY); /* the client's answer is on the wire */
    allowed[1][5] ^= 1;
    tern_endpoint_close_disallowed(p->end[PAIR_TO_RELAY], p->now, "gone from the list");
    pair_run(p, p->now + TERN_SECOND);
    expect_ends(p, TERN_ACCESS_DENIED);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_with_its_key_comes_in_and_is_known_by_it),
        cmocka_unit_test(a_long_chain_of_the_clients_arrives_whatever_is_lost),
        cmocka_unit_test(attack_12_without_a_key_nothing_is_taken_and_both_know_why),
        cmocka_unit_test(attack_12_with_another_key_nothing_is_taken_and_both_know_why),
        cmocka_unit_test(a_key_that_is_no_longer_allowed_has_to_go),
        cmocka_unit_test(a_key_that_goes_in_the_midst_of_a_handshake_does_not_come_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
