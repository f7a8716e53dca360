/* SPDX-License-Identifier: MIT */
/* Who the relay is: what an authority, a pin and a first meeting take, and what is known of a key that is refused. */
#include "unit/handshake/support.h"

/* Delivers PARAMETERS and the identity; what the client says to it. */
static tern_error show(pair *p, uint64_t unix_seconds)
{
    pair_to_flight(p);
    assert_int_equal(deliver(p, &p->client, p->flight[0]), TERN_OK);
    return deliver_at(p, &p->client, p->flight[1], unix_seconds);
}

static void assert_fingerprint_is_shown(const pair *p)
{
    uint8_t fingerprint[TERN_SHA256_SIZE];
    tern_key_fingerprint(&p->identity.public_key, fingerprint);
    assert_true(p->client.key_shown);
    assert_memory_equal(p->client.fingerprint, fingerprint, sizeof fingerprint);
    assert_memory_equal(&p->client.peer_key, &p->identity.public_key, sizeof p->identity.public_key);
}

static void first_use_takes_any_key_and_tells_its_fingerprint(void **state)
{
    (void)state;
    for (int chain = 0; chain < 2; chain++) {
        pair p;
        pair_init(&p);
        if (chain) pair_use_chain(&p, "chain.pem", "other.pem", LITERAL("nobody.example"));
        p.client_config.trust = TERN_TRUST_FIRST_USE;
        /*= HS-024 */
        assert_int_equal(pair_run(&p), TERN_OK);
        assert_agreed(&p);
        assert_fingerprint_is_shown(&p);
    }
}

static void no_key_is_known_before_it_was_shown(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_to_flight(&p);
    assert_false(p.client.key_shown);
    assert_int_equal(deliver(&p, &p.client, p.flight[0]), TERN_OK);
    assert_false(p.client.key_shown);
}

static void the_pinned_key_is_taken_raw_or_certified(void **state)
{
    (void)state;
    for (int chain = 0; chain < 2; chain++) {
        pair p;
        pair_init(&p);
        if (chain) pair_use_chain(&p, "chain.pem", "root.pem", LITERAL("relay.example"));
        p.client_config.trust = TERN_TRUST_PIN;
        tern_key_fingerprint(&p.identity.public_key, p.client_config.pin);
        /*= HS-023 */
        assert_int_equal(pair_run(&p), TERN_OK);
        assert_agreed(&p);
    }
}

static void another_key_than_the_pinned_one_is_refused_and_shown(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * TERN_SHA256_SIZE; bit += 17) {
        pair p;
        pair_init(&p);
        p.client_config.trust = TERN_TRUST_PIN;
        tern_key_fingerprint(&p.identity.public_key, p.client_config.pin);
        p.client_config.pin[bit / 8] ^= (uint8_t)(1u << bit % 8);
        /*= HS-023 */
        assert_int_equal(show(&p, IN_2033), TERN_PIN_MISMATCH);
        assert_int_equal(p.client.state, TERN_HS_FAILED);
        assert_fingerprint_is_shown(&p);
    }
}

static void a_pinned_key_is_that_of_an_openssl_fingerprint(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_use_chain(&p, "leaf.pem", "root.pem", LITERAL("relay.example"));
    p.client_config.trust = TERN_TRUST_PIN;
    tern_bytes text = FIXTURE("leaf_fingerprint.txt");
    char hex[2 * TERN_SHA256_SIZE + 1] = { 0 };
    memcpy(hex, text.p, sizeof hex - 1);
    unhex(hex, p.client_config.pin, TERN_SHA256_SIZE);
    assert_int_equal(pair_run(&p), TERN_OK);
}

static void an_authority_vouches_for_chains(void **state)
{
    (void)state;
    static const char *const good[][2] = { { "chain.pem", "root.pem" },
                                           { "direct.pem", "root.pem" },
                                           { "by_rsa.pem", "rsa_root.pem" },
                                           { "by_p384.pem", "p384_root.pem" },
                                           { "self.pem", "self.pem" } };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        pair p;
        pair_init(&p);
        pair_use_chain(&p, good[i][0], good[i][1], LITERAL("relay.example"));
        /*= HS-022 */
        assert_int_equal(pair_run(&p), TERN_OK);
        assert_agreed(&p);
        assert_fingerprint_is_shown(&p);
    }
}

/*= HS-025 */
static void a_relay_may_prove_itself_by_an_rsa_key(void **state)
{
    (void)state;
    for (int thief = 0; thief < 2; thief++) {
        pair p;
        pair_init(&p);
        pair_use_chain(&p, "chain.pem", "root.pem", LITERAL("relay.example"));
        tern_buf room = { p.chain_storage, sizeof p.chain_storage };
        assert_int_equal(tern_identity_from_pem(&p.identity, FIXTURE("rsa_key.pem"), FIXTURE("rsa_leaf.pem"), room),
                         TERN_IDENTITY_OK);
        p.client_config.trust = TERN_TRUST_PIN;
        tern_key_fingerprint(&p.identity.public_key, p.client_config.pin);
        static const uint8_t seed[32] = { 9 };
        tern_identity other;
        tern_identity_generate(&other, seed);
        if (thief) p.identity.private_key = other.private_key; /* it has the chain, not the key */
        assert_int_equal(pair_run(&p), thief ? TERN_DECRYPT_ERROR : TERN_OK);
        if (!thief) assert_agreed(&p);
    }
}

static void the_name_travels_to_the_relay(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_use_chain(&p, "chain.pem", "root.pem", LITERAL("relay.example"));
    pair_client_start(&p);
    tern_tlv tlv;
    tern_client_hello hello;
    assert_int_equal(tern_handshake_message_parse(p.hello, &tlv), TERN_OK);
    assert_int_equal(tern_client_hello_parse(tlv.value, &hello), TERN_OK);
    assert_int_equal(hello.name.n, strlen("relay.example"));
    assert_memory_equal(hello.name.p, "relay.example", hello.name.n);
}

static void an_address_in_the_certificate_will_do(void **state)
{
    (void)state;
    static const uint8_t ip[] = { 192, 0, 2, 1 }, other_ip[] = { 192, 0, 2, 2 };
    pair p;
    pair_init(&p);
    pair_use_chain(&p, "chain.pem", "root.pem", LITERAL(""));
    p.client_config.name = (tern_name){ TERN_NAME_IP, { ip, sizeof ip } };
    /*= HS-022 */
    assert_int_equal(pair_run(&p), TERN_OK);
    assert_agreed(&p);
    p.client_config.name = (tern_name){ TERN_NAME_IP, { other_ip, sizeof other_ip } };
    assert_int_equal(show(&p, IN_2033), TERN_CERTIFICATE_NAME);
}

typedef struct {
    const char *chain, *root, *name;
    uint64_t unix_seconds;
    tern_error due;
    const char *words;
} refusal;

static void an_authority_does_not_vouch_for_the_rest(void **state)
{
    (void)state;
    static const refusal refusals[] = {
        { "chain.pem", "other.pem", "relay.example", IN_2033, TERN_UNKNOWN_CA, "ends below" },
        { "leaf.pem", "root.pem", "relay.example", IN_2033, TERN_UNKNOWN_CA, "is missing" },
        { "chain.pem", "imposter.pem", "relay.example", IN_2033, TERN_UNKNOWN_CA, "did not sign it" },
        { "chain.pem", "root.pem", "elsewhere.example", IN_2033, TERN_CERTIFICATE_NAME, "another name" },
        { "chain.pem", "root.pem", "", IN_2033, TERN_CERTIFICATE_NAME, "another name" },
        { "chain.pem", "root.pem", "relay.example", UINT64_C(946684800), TERN_CERTIFICATE_EXPIRED, "not yet valid" },
        { "chain.pem", "root.pem", "relay.example", UINT64_C(7258118400), TERN_CERTIFICATE_EXPIRED, "has expired" },
        { "no_sign.pem", "root.pem", "relay.example", IN_2033, TERN_UNSUPPORTED_CERTIFICATE, "digitalSignature" },
        { "critical.pem", "root.pem", "relay.example", IN_2033, TERN_UNSUPPORTED_CERTIFICATE, "critical extension" },
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const refusal *r = &refusals[i];
        pair p;
        pair_init(&p);
        pair_use_chain(&p, r->chain, r->root, tern_bytes_of(r->name, strlen(r->name)));
        /*= HS-022 */
        tern_error error = show(&p, r->unix_seconds);
        if (error != r->due) fail_msg("%s under %s: %s", r->chain, r->root, tern_error_name(error));
        /*= HS-027 */
        assert_non_null(p.client.why);
        if (strstr(p.client.why, r->words) == NULL) fail_msg("%s under %s: %s", r->chain, r->root, p.client.why);
        assert_int_equal(p.client.state, TERN_HS_FAILED);
        assert_fingerprint_is_shown(&p);
    }
}

static void a_raw_key_does_not_satisfy_an_authority(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_use_chain(&p, "chain.pem", "root.pem", LITERAL("relay.example"));
    p.identity.chain.n = 0; /* the same key, with nobody to vouch for it */
    /*= HS-022 */
    assert_int_equal(show(&p, IN_2033), TERN_UNKNOWN_CA);
    assert_non_null(strstr(p.client.why, "a raw key and no certificate"));
    assert_fingerprint_is_shown(&p);
}

static void without_a_name_to_look_for_or_a_way_to_trust_nothing_is_taken(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_use_chain(&p, "chain.pem", "root.pem", LITERAL("relay.example"));
    p.client_config.name = (tern_name){ 0 };
    assert_int_equal(show(&p, IN_2033), TERN_CERTIFICATE_NAME);
    p.client_config.trust = (tern_trust_mode)0;
    assert_int_equal(show(&p, IN_2033), TERN_UNKNOWN_CA);
}

static void a_certificate_that_cannot_be_read_shows_no_key(void **state)
{
    (void)state;
    static const tern_trust_mode modes[] = { TERN_TRUST_CA, TERN_TRUST_PIN, TERN_TRUST_FIRST_USE };
    for (size_t i = 0; i < 3; i++) {
        pair p;
        pair_init(&p);
        pair_use_chain(&p, "chain.pem", "root.pem", LITERAL("relay.example"));
        p.client_config.trust = modes[i];
        p.identity.chain = (tern_chain){ .n = 1, .certificate = { LITERAL("no certificate") } };
        assert_int_equal(show(&p, IN_2033), TERN_BAD_CERTIFICATE);
        assert_non_null(strstr(p.client.why, "cannot be read"));
        assert_false(p.client.key_shown);
    }
}

static void a_key_that_is_not_the_signers_is_refused(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_use_chain(&p, "chain.pem", "root.pem", LITERAL("relay.example"));
    static const uint8_t seed[32] = { 9 };
    tern_identity thief;
    tern_identity_generate(&thief, seed);
    p.identity.private_key = thief.private_key; /* it has the chain, not the key */
    pair_to_flight(&p);
    /*= HS-020 */
    assert_int_equal(pair_deliver_flight(&p, 0, 2), TERN_OK);
    assert_int_equal(deliver(&p, &p.client, p.flight[2]), TERN_DECRYPT_ERROR);
    assert_no_application_secrets(&p.client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_use_takes_any_key_and_tells_its_fingerprint),
        cmocka_unit_test(no_key_is_known_before_it_was_shown),
        cmocka_unit_test(the_pinned_key_is_taken_raw_or_certified),
        cmocka_unit_test(another_key_than_the_pinned_one_is_refused_and_shown),
        cmocka_unit_test(a_pinned_key_is_that_of_an_openssl_fingerprint),
        cmocka_unit_test(an_authority_vouches_for_chains),
        cmocka_unit_test(a_relay_may_prove_itself_by_an_rsa_key),
        cmocka_unit_test(the_name_travels_to_the_relay),
        cmocka_unit_test(an_address_in_the_certificate_will_do),
        cmocka_unit_test(an_authority_does_not_vouch_for_the_rest),
        cmocka_unit_test(a_raw_key_does_not_satisfy_an_authority),
        cmocka_unit_test(without_a_name_to_look_for_or_a_way_to_trust_nothing_is_taken),
        cmocka_unit_test(a_certificate_that_cannot_be_read_shows_no_key),
        cmocka_unit_test(a_key_that_is_not_the_signers_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
