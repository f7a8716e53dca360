/* SPDX-License-Identifier: MIT */
/* Both sides of the handshake, one with the other: what they agree on, and what neither takes. */
#include "handshake/handshake.h"

#include "unit/handshake/support.h"

static const uint8_t zeros[TERN_SECRET_SIZE];

static void both_sides_agree(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    assert_int_equal(pair_run(&p), TERN_OK);
    assert_agreed(&p);
    /*= HS-002 */
    assert_int_equal(p.client.suite, TERN_SUITE_AES_256_GCM);
    assert_memory_equal(&p.client.peer_params, &p.relay_config.params, sizeof(tern_params));
    assert_memory_equal(&p.relay.peer_params, &p.client_config.params, sizeof(tern_params));
    assert_memory_equal(&p.client.peer_key, &p.identity.public_key, sizeof p.identity.public_key);
}

static void the_relay_picks_by_its_own_order(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    /*= HS-002 */
    p.relay_config.suites[0] = TERN_SUITE_CHACHA20_POLY1305;
    p.relay_config.suites[1] = TERN_SUITE_AES_256_GCM;
    assert_int_equal(pair_run(&p), TERN_OK);
    assert_agreed(&p);
    assert_int_equal(p.relay.suite, TERN_SUITE_CHACHA20_POLY1305);
}

static void without_a_common_suite_there_is_no_handshake(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    p.client_config.suites_n = 1;
    p.relay_config.suites[0] = TERN_SUITE_CHACHA20_POLY1305;
    p.relay_config.suites_n = 1;
    pair_client_start(&p);
    /*= HS-002 */
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_HANDSHAKE_FAILURE);
    assert_int_equal(p.relay.state, TERN_HS_FAILED);
    p.client_config.suites_n = 0;
    pair_client_start(&p);
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_HANDSHAKE_FAILURE);
}

static bool hello_offers(const pair *p, tern_suite suite)
{
    tern_tlv tlv;
    tern_client_hello hello;
    assert_int_equal(tern_handshake_message_parse(p->hello, &tlv), TERN_OK);
    assert_int_equal(tern_client_hello_parse(tlv.value, &hello), TERN_OK);
    return tern_client_hello_offers(&hello, (uint16_t)suite);
}

static void plaintext_is_used_only_when_both_were_told_to(void **state)
{
    (void)state;
    /*= HS-003 */
    for (unsigned told = 0; told < 4; told++) {
        pair p;
        pair_init(&p);
        bool client_told = (told & 1) != 0, relay_told = (told & 2) != 0;
        if (client_told) p.client_config.suites[0] = TERN_SUITE_PLAINTEXT, p.client_config.suites_n = 1;
        if (relay_told) p.relay_config.suites[2] = TERN_SUITE_PLAINTEXT, p.relay_config.suites_n = 3;
        pair_client_start(&p);
        assert_int_equal(hello_offers(&p, TERN_SUITE_PLAINTEXT), client_told);
        tern_error error = pair_relay_start(&p, p.hello);
        if (client_told && !relay_told) {
            assert_int_equal(error, TERN_HANDSHAKE_FAILURE);
            continue;
        }
        assert_int_equal(error, TERN_OK);
        assert_int_equal(p.relay.suite == TERN_SUITE_PLAINTEXT, client_told && relay_told);
    }
}

static void a_relay_that_prefers_plaintext_cannot_force_it(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    /*= HS-003 */
    p.relay_config.suites[0] = TERN_SUITE_PLAINTEXT;
    p.relay_config.suites[1] = TERN_SUITE_AES_256_GCM;
    assert_int_equal(pair_run(&p), TERN_OK);
    assert_int_equal(p.client.suite, TERN_SUITE_AES_256_GCM);
}

static void a_suite_that_was_not_offered_is_refused(void **state)
{
    (void)state;
    static const uint16_t others[] = { TERN_SUITE_PLAINTEXT, 0, 0x1301, 0xffff };
    pair p;
    pair_init(&p);
    pair_client_start(&p);
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_OK);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        pair copy = p;
        copy.relay.hello.suite = others[i];
        /*= HS-004 */
        assert_int_equal(pair_client_hello(&copy), TERN_ILLEGAL_PARAMETER);
        assert_int_not_equal(copy.client.state, TERN_HS_CLIENT_WAIT_PARAMETERS);
    }
}

/* Shares whose result is zero whatever the private key is (https://cr.yp.to/ecdh.html#validate). */
static const char *const small_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};
#define SMALL_ORDERS (sizeof small_order / sizeof small_order[0])

static void shares_of_small_order_are_refused_by_both(void **state)
{
    (void)state;
    for (size_t i = 0; i < SMALL_ORDERS; i++) {
        pair p;
        pair_init(&p);
        pair_client_start(&p);
        assert_int_equal(pair_relay_start(&p, p.hello), TERN_OK);
        unhex(small_order[i], p.relay.hello.share, TERN_SHARE_SIZE);
        /*= HS-007 */
        assert_int_equal(pair_client_hello(&p), TERN_ILLEGAL_PARAMETER);
        assert_int_equal(p.client.state, TERN_HS_FAILED);
        unhex(small_order[i], p.hello_bytes + TERN_TLV_HEADER + TERN_RANDOM_SIZE, TERN_SHARE_SIZE);
        assert_int_equal(pair_relay_start(&p, p.hello), TERN_ILLEGAL_PARAMETER);
        assert_int_equal(p.relay.state, TERN_HS_FAILED);
        assert_memory_equal(p.relay.private_share, zeros, sizeof zeros);
    }
}

static void an_answer_can_be_tried_on_a_copy(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_client_start(&p);
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_OK);
    tern_handshake tried = p.client;
    tern_hello forged = p.relay.hello;
    forged.random[0] ^= 1;
    assert_int_equal(tern_handshake_client_hello(&tried, &p.client_config, &p.sid, &forged), TERN_OK);
    assert_memory_not_equal(tried.secrets.server_handshake, p.relay.secrets.server_handshake, TERN_SECRET_SIZE);
    assert_int_equal(pair_client_hello(&p), TERN_OK);
    assert_memory_equal(p.client.secrets.server_handshake, p.relay.secrets.server_handshake, TERN_SECRET_SIZE);
    assert_int_equal(pair_client_hello(&p), TERN_UNEXPECTED_MESSAGE); /* a second answer is not taken */
}

/* Runs a handshake whose answer reaches the client with one change; it must fail at the signature. */
static void assert_change_is_noticed(void (*change)(pair *p))
{
    pair p;
    pair_init(&p);
    pair_client_start(&p);
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_OK);
    assert_int_equal(pair_relay_flight(&p), TERN_OK);
    change(&p);
    assert_int_equal(pair_client_hello(&p), TERN_OK);
    assert_int_equal(pair_deliver_flight(&p, 0, FLIGHT_LENGTH), TERN_DECRYPT_ERROR);
    assert_no_application_secrets(&p.client);
}

static void change_random(pair *p)
{
    p->relay.hello.random[31] ^= 1;
}
static void change_share(pair *p)
{
    p->relay.hello.share[0] ^= 1;
}
static void change_unused_bit_of_share(pair *p)
{
    p->relay.hello.share[31] ^= 0x80;
} /* the same X25519 result */
static void change_suite(pair *p)
{
    p->relay.hello.suite = TERN_SUITE_CHACHA20_POLY1305;
}
static void change_sid(pair *p)
{
    p->sid.b[7] ^= 1;
}
static void change_cid(pair *p)
{
    p->client.cid.b[0] ^= 1;
}
static void change_first_sid(pair *p)
{
    p->client.first_sid.b[3] ^= 1;
}

static void whatever_is_changed_in_the_answer_is_noticed(void **state)
{
    (void)state;
    /*= HS-010 */
    assert_change_is_noticed(change_random);
    assert_change_is_noticed(change_share);
    assert_change_is_noticed(change_unused_bit_of_share);
    assert_change_is_noticed(change_suite);
    assert_change_is_noticed(change_sid);
    assert_change_is_noticed(change_cid);
    assert_change_is_noticed(change_first_sid);
}

static void taking_suites_out_of_the_offer_is_noticed(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    p.client_config.suites[2] = TERN_SUITE_PLAINTEXT, p.client_config.suites_n = 3;
    p.relay_config.suites[2] = TERN_SUITE_PLAINTEXT, p.relay_config.suites_n = 3;
    pair_client_start(&p);
    uint8_t *suites = p.hello_bytes + TERN_TLV_HEADER + 64 + 1;
    for (size_t i = 0; i < 8; i += 2) /* the two that hide, and one that means nothing */
        if (suites[i] != 0) memset(suites + i, 0x0a, 2);
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_OK);
    assert_int_equal(p.relay.suite, TERN_SUITE_PLAINTEXT);
    assert_int_equal(pair_relay_flight(&p), TERN_OK);
    assert_int_equal(pair_client_hello(&p), TERN_OK);
    /*= HS-010 */
    assert_int_equal(pair_deliver_flight(&p, 0, FLIGHT_LENGTH), TERN_DECRYPT_ERROR);
    assert_no_application_secrets(&p.client);
}

static void another_flight_of_the_same_relay_does_not_fit(void **state)
{
    (void)state;
    pair p, q;
    pair_init(&p);
    pair_to_flight(&p);
    q = p;
    assert_int_equal(pair_relay_start(&q, p.hello), TERN_OK);
    assert_int_equal(pair_relay_flight(&q), TERN_OK);
    p.flight[2] = q.flight[2]; /* a good signature, over another random */
    /*= HS-020 */
    assert_int_equal(pair_deliver_flight(&p, 0, FLIGHT_LENGTH), TERN_DECRYPT_ERROR);
}

static void secrets_go_when_they_are_no_longer_needed(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_client_start(&p);
    assert_memory_not_equal(p.client.private_share, zeros, sizeof zeros);
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_OK);
    assert_int_equal(pair_client_hello(&p), TERN_OK);
    /*= HS-013 */
    assert_memory_equal(p.client.private_share, zeros, sizeof zeros);
    assert_memory_equal(p.relay.private_share, zeros, sizeof zeros);
}

static void a_refused_syn_leaves_nothing_behind(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_client_start(&p);
    p.hello.n--;
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_DECODE_ERROR);
    tern_handshake nothing;
    memset(&nothing, 0, sizeof nothing);
    nothing.state = TERN_HS_FAILED;
    /*= HS-001 */
    assert_memory_equal(&p.relay, &nothing, sizeof nothing);
}

static void the_largest_hello_fits_a_syn(void **state)
{
    (void)state;
    char name[TERN_SERVER_NAME_MAX + 1];
    memset(name, 'n', sizeof name);
    pair p;
    pair_init(&p);
    p.client_config.suites[2] = TERN_SUITE_PLAINTEXT, p.client_config.suites_n = 3;
    p.client_config.name = (tern_name){ TERN_NAME_DNS, { (const uint8_t *)name, TERN_SERVER_NAME_MAX } };
    pair_client_start(&p);
    /*= HS-001 */
    assert_true(p.hello.n > 64 + TERN_SERVER_NAME_MAX && p.hello.n <= TERN_CLIENT_HELLO_MAX);
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_OK);
    p.client_config.name.value.n++; /* no name of a host: it cannot travel, and no certificate will have it */
    pair_client_start(&p);
    assert_true(p.hello.n < TERN_SERVER_NAME_MAX);
}

static void a_flight_without_room_is_an_error_of_this_side(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_to_flight(&p);
    size_t whole = p.flight[0].n + p.flight[1].n + p.flight[2].n + p.flight[3].n;
    for (size_t room = 0; room + 8 < whole; room += 5) { /* a signature may be some bytes shorter than another */
        uint8_t bytes[512];
        assert_int_equal(pair_relay_start(&p, p.hello), TERN_OK);
        tern_writer w = tern_writer_of((tern_buf){ bytes, room });
        assert_int_equal(tern_handshake_server_flight(&p.relay, &p.relay_config, &w), TERN_INTERNAL_ERROR);
        assert_no_application_secrets(&p.relay);
    }
}

static void the_same_seed_makes_the_same_handshake(void **state)
{
    (void)state;
    pair p, q;
    pair_init(&p);
    pair_init(&q);
    assert_int_equal(pair_run(&p), TERN_OK);
    assert_int_equal(pair_run(&q), TERN_OK);
    assert_memory_equal(&p.client.secrets, &q.client.secrets, sizeof p.client.secrets);
    assert_memory_equal(p.flight_bytes, q.flight_bytes, sizeof p.flight_bytes);
}

static void a_handshake_fits_a_page_with_room_to_spare(void **state)
{
    (void)state;
    assert_true(sizeof(tern_handshake) <= 2048);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_agree),
        cmocka_unit_test(the_relay_picks_by_its_own_order),
        cmocka_unit_test(without_a_common_suite_there_is_no_handshake),
        cmocka_unit_test(plaintext_is_used_only_when_both_were_told_to),
        cmocka_unit_test(a_relay_that_prefers_plaintext_cannot_force_it),
        cmocka_unit_test(a_suite_that_was_not_offered_is_refused),
        cmocka_unit_test(shares_of_small_order_are_refused_by_both),
        cmocka_unit_test(an_answer_can_be_tried_on_a_copy),
        cmocka_unit_test(whatever_is_changed_in_the_answer_is_noticed),
        cmocka_unit_test(taking_suites_out_of_the_offer_is_noticed),
        cmocka_unit_test(another_flight_of_the_same_relay_does_not_fit),
        cmocka_unit_test(secrets_go_when_they_are_no_longer_needed),
        cmocka_unit_test(a_refused_syn_leaves_nothing_behind),
        cmocka_unit_test(the_largest_hello_fits_a_syn),
        cmocka_unit_test(a_flight_without_room_is_an_error_of_this_side),
        cmocka_unit_test(the_same_seed_makes_the_same_handshake),
        cmocka_unit_test(a_handshake_fits_a_page_with_room_to_spare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
