/* SPDX-License-Identifier: MIT */
/* Who the client is: asked, shown, signed for, let in or not; and nothing in another order. */
#include "handshake/steps.h"
#include "unit/handshake/support.h"

static void pair_asking(pair *p)
{
    pair_init(p);
    pair_ask_client(p);
}

/* Everything up to where the relay waits for the answer. */
static void pair_to_answer(pair *p)
{
    pair_to_flight(p);
    assert_int_equal(pair_deliver_flight(p, 0, p->flight_n), TERN_OK);
    assert_int_equal(p->relay.state, TERN_HS_SERVER_WAIT_IDENTITY);
}

/*= HS-060 HS-061 HS-063 */
static void a_client_that_is_asked_proves_its_key(void **state)
{
    (void)state;
    pair p;
    pair_asking(&p);
    assert_int_equal(pair_run(&p), TERN_OK);
    assert_agreed(&p);
    assert_int_equal(p.answer_n, 3);
    assert_true(p.relay.key_shown);
    assert_memory_equal(p.relay.fingerprint, p.allowed[1], TERN_SHA256_SIZE);
}

/*= HS-060 */
static void a_client_shows_nothing_unless_it_is_asked(void **state)
{
    (void)state;
    pair p, asked;
    pair_asking(&asked);
    assert_int_equal(pair_run(&asked), TERN_OK);
    pair_asking(&p);
    p.relay_config.asks_client = false;
    assert_int_equal(pair_run(&p), TERN_OK);
    assert_agreed(&p);
    assert_int_equal(p.answer_n, 1);
    assert_false(p.relay.key_shown);
    pair_to_flight(&p);
    assert_int_equal(deliver(&p, &p.relay, asked.answer[0]), TERN_UNEXPECTED_MESSAGE);
}

/*= HS-062 */
static void a_client_without_a_key_is_told_that_one_is_needed(void **state)
{
    (void)state;
    pair p;
    pair_asking(&p);
    p.client_config.identity = NULL;
    pair_to_answer(&p);
    assert_int_equal(p.answer_n, 1);
    assert_int_equal(deliver(&p, &p.relay, p.answer[0]), TERN_CERTIFICATE_REQUIRED);
    assert_int_equal(p.relay.state, TERN_HS_FAILED);
}

/*= HS-063 */
static void a_key_that_is_not_allowed_is_told_so_once_it_has_signed(void **state)
{
    (void)state;
    pair p;
    pair_asking(&p);
    p.allowed[1][31] ^= 1;
    pair_to_answer(&p);
    pair thief = p;
    assert_int_equal(deliver(&p, &p.relay, p.answer[0]), TERN_OK);
    assert_int_equal(deliver(&p, &p.relay, p.answer[1]), TERN_ACCESS_DENIED);

    /* Who cannot sign learns nothing: the answer is the same as to a key that may come in. */
    uint8_t changed[TERN_TLV_HEADER + TERN_P256_SIGNATURE_MAX];
    memcpy(changed, thief.answer[1].p, thief.answer[1].n);
    changed[thief.answer[1].n - 1] ^= 1;
    for (int allowed = 0; allowed < 2; allowed++) {
        tern_handshake relay = thief.relay;
        if (allowed) p.allowed[1][31] ^= 1;
        assert_int_equal(deliver(&thief, &relay, thief.answer[0]), TERN_OK);
        assert_int_equal(deliver(&thief, &relay, tern_bytes_of(changed, thief.answer[1].n)), TERN_DECRYPT_ERROR);
    }
}

/*= HS-063 */
static void an_empty_list_lets_nobody_in(void **state)
{
    (void)state;
    pair p;
    pair_asking(&p);
    p.relay_config.allowed_n = 0;
    assert_int_equal(pair_run(&p), TERN_ACCESS_DENIED);
}

/* Signs what a relay would sign, with the client's key. */
/*= HS-061 */
static void a_relays_signature_is_none_of_a_clients(void **state)
{
    (void)state;
    for (int by_client = 0; by_client < 2; by_client++) {
        pair p;
        uint8_t covered[TERN_SIGNED_MAX], signature[TERN_P256_SIGNATURE_MAX], message[128];
        pair_asking(&p);
        pair_to_answer(&p);
        assert_int_equal(deliver(&p, &p.relay, p.answer[0]), TERN_OK);
        size_t n = tern_transcript_signed(&p.relay, by_client != 0, covered);
        n = tern_p256_sign(p.client_identity.private_key.u.p256, tern_bytes_of(covered, n), signature);
        tern_writer w = tern_writer_of((tern_buf){ message, sizeof message });
        tern_handshake_message_emit(&w, TERN_HS_SIGNATURE, tern_bytes_of(signature, n));
        tern_error due = by_client ? TERN_OK : TERN_DECRYPT_ERROR;
        assert_int_equal(deliver(&p, &p.relay, tern_written(&w)), due);
    }
}

/*= HS-063 */
static void a_clients_certificate_is_judged_by_its_key_alone(void **state)
{
    (void)state;
    pair p;
    pair_asking(&p);
    tern_buf room = { p.chain_storage, sizeof p.chain_storage };
    assert_int_equal(tern_identity_from_pem(&p.client_identity, FIXTURE("leaf_key.pem"), FIXTURE("chain.pem"), room),
                     TERN_IDENTITY_OK);
    tern_key_fingerprint(&p.client_identity.public_key, p.allowed[0]);
    p.relay_config.allowed_n = 1;
    assert_int_equal(pair_run(&p), TERN_OK);
    assert_agreed(&p);
    p.allowed[0][0] ^= 1;
    assert_int_equal(pair_run(&p), TERN_ACCESS_DENIED);
    static const uint8_t junk[] = "no certificate";
    p.client_identity.chain = (tern_chain){ .n = 1, .certificate = { { junk, sizeof junk } } };
    assert_int_equal(pair_run(&p), TERN_BAD_CERTIFICATE);
}

/* A client with a certificate, before a relay that trusts an authority and has no list. */
static void pair_certified(pair *p, const char *chain, const char *root)
{
    pair_asking(p);
    tern_buf room = { p->chain_storage, sizeof p->chain_storage };
    assert_int_equal(tern_identity_from_pem(&p->client_identity, FIXTURE("leaf_key.pem"), FIXTURE(chain), room),
                     TERN_IDENTITY_OK);
    room = (tern_buf){ p->anchor_storage, sizeof p->anchor_storage };
    assert_int_equal(tern_anchors_from_pem(&p->anchors, FIXTURE(root), room), TERN_OK);
    p->relay_config.anchors = &p->anchors;
    p->relay_config.allowed_n = 0;
}

/*= HS-066 */
static void a_certificate_of_an_authority_lets_a_client_in(void **state)
{
    (void)state;
    static const char *const chains[] = { "bad/for_client.pem", "bad/for_both.pem", "bad/for_any.pem",
                                          "bad/middle.pem" };
    for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
        pair p;
        pair_certified(&p, chains[i], "bad/root.pem");
        assert_int_equal(pair_run(&p), TERN_OK);
        assert_agreed(&p);
        assert_int_equal(p.relay.by_authority, 1);
        assert_string_equal(p.relay.subject_text, "CN=leaf");
    }
}

/*= HS-063 HS-066 */
static void a_key_in_the_list_comes_in_whatever_its_certificate(void **state)
{
    (void)state;
    pair p;
    pair_certified(&p, "bad/for_server.pem", "other.pem");
    tern_key_fingerprint(&p.client_identity.public_key, p.allowed[0]);
    p.relay_config.allowed_n = 1;
    assert_int_equal(pair_run(&p), TERN_OK);
    assert_int_equal(p.relay.by_authority, 0);
    assert_string_equal(p.relay.subject_text, "");
}

typedef struct {
    const char *chain, *root;
    uint64_t unix_seconds;
    tern_error due;
    const char *words;
} refusal;

static const refusal refusals[] = {
    { "bad/for_server.pem", "bad/root.pem", IN_2033, TERN_UNSUPPORTED_CERTIFICATE, "clientAuth" },
    { "bad/for_client.pem", "bad/root.pem", UINT64_C(946684800), TERN_CERTIFICATE_EXPIRED, "not yet valid" },
    { "bad/for_client.pem", "bad/root.pem", UINT64_C(7258118400), TERN_CERTIFICATE_EXPIRED, "has expired" },
    { "bad/for_client.pem", "other.pem", IN_2033, TERN_UNKNOWN_CA, "ends below every trusted authority" },
    { "bad/ca_false.pem", "bad/root.pem", IN_2033, TERN_BAD_CERTIFICATE, "CA:TRUE" },
    { NULL, "bad/root.pem", IN_2033, TERN_ACCESS_DENIED, "not in the list" }, /* a raw key */
};

/*= HS-027 HS-063 HS-066 */
static void a_client_that_may_not_come_in_is_told_why_once_it_has_signed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const refusal *r = &refusals[i];
        pair p;
        pair_certified(&p, r->chain != NULL ? r->chain : "bad/middle.pem", r->root);
        if (r->chain == NULL) p.client_identity.chain.n = 0;
        pair_to_answer(&p);
        tern_handshake relay = p.relay;
        assert_int_equal(deliver_at(&p, &p.relay, p.answer[0], r->unix_seconds), TERN_OK);
        assert_null(p.relay.why);
        tern_error error = deliver_at(&p, &p.relay, p.answer[1], r->unix_seconds);
        if (error != r->due) fail_msg("row %zu: %s", i, tern_error_name(error));
        if (strstr(p.relay.why, r->words) == NULL) fail_msg("row %zu: %s", i, p.relay.why);

        /* Who only has seen the certificate learns nothing of what it is worth. */
        uint8_t changed[TERN_TLV_HEADER + TERN_P256_SIGNATURE_MAX];
        memcpy(changed, p.answer[1].p, p.answer[1].n);
        changed[p.answer[1].n - 1] ^= 1;
        assert_int_equal(deliver_at(&p, &relay, p.answer[0], r->unix_seconds), TERN_OK);
        assert_int_equal(deliver_at(&p, &relay, tern_bytes_of(changed, p.answer[1].n), r->unix_seconds),
                         TERN_DECRYPT_ERROR);
        assert_null(relay.why);
    }
}

/*= HS-005 HS-060 */
static void a_request_that_is_repeated_or_says_something_is_refused(void **state)
{
    static const uint8_t wordy[] = { 0x01, 0x07, 0, 1, 0 };
    (void)state;
    pair p;
    pair_asking(&p);
    pair_to_flight(&p);
    assert_int_equal(pair_deliver_flight(&p, 0, 1), TERN_OK);
    tern_handshake client = p.client;
    assert_int_equal(deliver(&p, &client, tern_bytes_of(wordy, sizeof wordy)), TERN_DECODE_ERROR);
    assert_int_equal(deliver(&p, &p.client, p.flight[1]), TERN_OK);
    assert_int_equal(deliver(&p, &p.client, p.flight[1]), TERN_UNEXPECTED_MESSAGE);
}

/* A request that somebody on the path puts in, or takes out. */
/*= HS-010 HS-060 */
static void asking_is_part_of_the_transcript(void **state)
{
    static const uint8_t request[] = { 0x01, 0x07, 0, 0 };
    (void)state;
    pair p;
    pair_asking(&p);
    pair_to_flight(&p);
    assert_int_equal(pair_deliver_flight(&p, 0, 1), TERN_OK);
    assert_int_equal(pair_deliver_flight(&p, 2, 4), TERN_DECRYPT_ERROR);
    p.relay_config.asks_client = false;
    pair_to_flight(&p);
    assert_int_equal(pair_deliver_flight(&p, 0, 1), TERN_OK);
    assert_int_equal(deliver(&p, &p.client, tern_bytes_of(request, sizeof request)), TERN_OK);
    assert_int_equal(pair_deliver_flight(&p, 1, 3), TERN_DECRYPT_ERROR);
}

/* Each message of the answer in each state of the relay: left out, repeated, out of turn. */
/*= HS-005 HS-062 */
static void attack_12_an_answer_in_another_order_is_refused(void **state)
{
    (void)state;
    pair p;
    pair_asking(&p);
    pair_to_answer(&p);
    for (size_t at = 0; at <= p.answer_n; at++) {
        for (size_t j = 0; j < p.answer_n; j++) {
            tern_handshake relay = p.relay;
            tern_error due = j == at                          ? TERN_OK
                             : at == 0 && j == p.answer_n - 1 ? TERN_CERTIFICATE_REQUIRED
                                                              : TERN_UNEXPECTED_MESSAGE;
            assert_int_equal(deliver(&p, &relay, p.answer[j]), due);
            assert_int_equal(relay.state == TERN_HS_DONE, due == TERN_OK && j == p.answer_n - 1);
        }
        if (at < p.answer_n) assert_int_equal(deliver(&p, &p.relay, p.answer[at]), TERN_OK);
    }
}

/* The relay takes an answer in which one message was changed: it must never be done. */
static void assert_not_taken(const pair *before, size_t i, tern_bytes changed)
{
    tern_handshake relay = before->relay;
    pair p = *before;
    tern_error error = TERN_OK;
    for (size_t j = i; j < before->answer_n && error == TERN_OK; j++)
        error = deliver(&p, &relay, j == i ? changed : before->answer[j]);
    assert_int_not_equal(error, TERN_OK);
    assert_int_equal(relay.state, TERN_HS_FAILED);
}

/*= HS-005 HS-061 */
static void attack_12_every_byte_and_every_length_of_an_answer_counts(void **state)
{
    (void)state;
    pair p;
    pair_asking(&p);
    pair_to_answer(&p);
    for (size_t i = 0; i < p.answer_n; i++) {
        tern_bytes message = p.answer[i];
        uint8_t *changed = exact_copy(message.p, message.n);
        for (size_t at = 0; at < message.n; at++) {
            changed[at] ^= (uint8_t)(1u << at % 8);
            assert_not_taken(&p, i, tern_bytes_of(changed, message.n));
            changed[at] ^= (uint8_t)(1u << at % 8);
            assert_not_taken(&p, i, tern_bytes_of(changed, at));
        }
        free(changed);
        assert_int_equal(deliver(&p, &p.relay, message), TERN_OK);
    }
    assert_int_equal(p.relay.state, TERN_HS_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_is_asked_proves_its_key),
        cmocka_unit_test(a_client_shows_nothing_unless_it_is_asked),
        cmocka_unit_test(a_client_without_a_key_is_told_that_one_is_needed),
        cmocka_unit_test(a_key_that_is_not_allowed_is_told_so_once_it_has_signed),
        cmocka_unit_test(an_empty_list_lets_nobody_in),
        cmocka_unit_test(a_relays_signature_is_none_of_a_clients),
        cmocka_unit_test(a_clients_certificate_is_judged_by_its_key_alone),
        cmocka_unit_test(a_certificate_of_an_authority_lets_a_client_in),
        cmocka_unit_test(a_key_in_the_list_comes_in_whatever_its_certificate),
        cmocka_unit_test(a_client_that_may_not_come_in_is_told_why_once_it_has_signed),
        cmocka_unit_test(a_request_that_is_repeated_or_says_something_is_refused),
        cmocka_unit_test(asking_is_part_of_the_transcript),
        cmocka_unit_test(attack_12_an_answer_in_another_order_is_refused),
        cmocka_unit_test(attack_12_every_byte_and_every_length_of_an_answer_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
