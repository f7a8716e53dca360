/* SPDX-License-Identifier: MIT */
/* Whatever is changed in a message of the handshake, no client and no relay finishes it. */
#include "handshake/handshake.h"

#include "unit/handshake/support.h"

/* A message of the flight in which one thing was changed: the first error that the client reports, whichever message
 * brings it out. */
static tern_error outcome(const pair *before, size_t i, tern_bytes changed)
{
    pair p = *before;
    tern_error error = deliver(&p, &p.client, changed);
    if (error == TERN_OK) error = pair_deliver_flight(&p, i + 1, FLIGHT_LENGTH);
    assert_int_not_equal(error, TERN_OK);
    assert_int_equal(p.client.state, TERN_HS_FAILED);
    assert_no_application_secrets(&p.client);
    return error;
}

static bool one_of(tern_error error, const tern_error *allowed)
{
    for (; *allowed != TERN_OK; allowed++) {
        if (error == *allowed) return true;
    }
    return false;
}

static void flip_every_bit(const pair *before, size_t i, const tern_error *allowed, unsigned bits)
{
    tern_bytes message = before->flight[i];
    uint8_t *changed = exact_copy(message.p, message.n);
    for (size_t at = 0; at < message.n; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            if ((bits >> bit & 1) == 0) continue;
            changed[at] ^= (uint8_t)(1u << bit);
            tern_error error = outcome(before, i, tern_bytes_of(changed, message.n)), due;
            changed[at] ^= (uint8_t)(1u << bit);
            due = at < 2 ? TERN_UNEXPECTED_MESSAGE : TERN_DECODE_ERROR; /* in the type; in the length */
            if (at < TERN_TLV_HEADER ? error != due : !one_of(error, allowed))
                fail_msg("message %zu, byte %zu, bit %u: %s", i, at, bit, tern_error_name(error));
        }
    }
    free(changed);
}

/* What a changed byte in the value of each message may lead to. */
static const tern_error of_parameters[] = { TERN_PARAMETER_ERROR, TERN_DECODE_ERROR, TERN_DECRYPT_ERROR, TERN_OK };
static const tern_error of_raw_key[] = { TERN_DECODE_ERROR, TERN_DECRYPT_ERROR, TERN_OK };
static const tern_error of_signature[] = { TERN_DECRYPT_ERROR, TERN_OK };
static const tern_error of_certificate[] = {
    TERN_DECODE_ERROR,  TERN_BAD_CERTIFICATE,         TERN_UNKNOWN_CA, TERN_CERTIFICATE_NAME, TERN_CERTIFICATE_EXPIRED,
    TERN_DECRYPT_ERROR, TERN_UNSUPPORTED_CERTIFICATE, TERN_OK
};

static void every_bit_of_a_raw_key_flight_counts(void **state)
{
    (void)state;
    const tern_error *const allowed[] = { of_parameters, of_raw_key, of_signature, of_signature };
    pair p;
    pair_init(&p);
    pair_to_flight(&p);
    for (size_t i = 0; i < FLIGHT_LENGTH; i++) {
        /*= HS-005 HS-020 HS-021 */
        flip_every_bit(&p, i, allowed[i], 0xff);
        assert_int_equal(deliver(&p, &p.client, p.flight[i]), TERN_OK);
    }
}

static void every_byte_of_a_certificate_counts(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_use_chain(&p, "chain.pem", "root.pem", LITERAL("relay.example"));
    pair_to_flight(&p);
    assert_int_equal(deliver(&p, &p.client, p.flight[0]), TERN_OK);
    /*= HS-022 */
    flip_every_bit(&p, 1, of_certificate, 0x01);
    p.client_config.trust = TERN_TRUST_FIRST_USE;
    flip_every_bit(&p, 1, of_certificate, 0x80);
}

static void every_bit_of_the_clients_finished_counts(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_to_flight(&p);
    assert_int_equal(pair_deliver_flight(&p, 0, FLIGHT_LENGTH), TERN_OK);
    uint8_t changed[FINISHED_SIZE];
    memcpy(changed, p.finished.p, sizeof changed);
    for (size_t at = 0; at < sizeof changed; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            tern_handshake relay = p.relay;
            changed[at] ^= (uint8_t)(1u << bit);
            tern_error error =
                tern_handshake_recv(&relay, &p.relay_config, IN_2033, tern_bytes_of(changed, sizeof changed), NULL);
            changed[at] ^= (uint8_t)(1u << bit);
            tern_error due = at < 2 ? TERN_UNEXPECTED_MESSAGE : at < 4 ? TERN_DECODE_ERROR : TERN_DECRYPT_ERROR;
            /*= HS-021 */
            assert_int_equal(error, due);
            assert_int_equal(relay.state, TERN_HS_FAILED);
        }
    }
    assert_int_equal(deliver(&p, &p.relay, p.finished), TERN_OK);
}

static void every_bit_of_the_hello_counts(void **state)
{
    (void)state;
    pair before;
    pair_init(&before);
    pair_client_start(&before);
    for (size_t at = 0; at < before.hello.n; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            pair p = before;
            uint8_t changed[TERN_CLIENT_HELLO_MAX];
            memcpy(changed, p.hello.p, p.hello.n);
            changed[at] ^= (uint8_t)(1u << bit);
            tern_error error = pair_relay_start(&p, tern_bytes_of(changed, p.hello.n));
            /*= HS-001 HS-010 */
            if (at < 2) assert_int_equal(error, TERN_UNEXPECTED_MESSAGE);
            if (at == 2 || at == 3) assert_int_equal(error, TERN_DECODE_ERROR);
            if (error != TERN_OK) continue;
            assert_int_equal(pair_relay_flight(&p), TERN_OK);
            assert_int_equal(pair_client_hello(&p), TERN_OK);
            assert_int_equal(pair_deliver_flight(&p, 0, FLIGHT_LENGTH), TERN_DECRYPT_ERROR);
            assert_no_application_secrets(&p.client);
        }
    }
}

static void a_cut_hello_is_refused_at_every_length(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_client_start(&p);
    /*= HS-001 */
    for (size_t n = 0; n < p.hello.n; n++) {
        assert_int_equal(pair_relay_start(&p, tern_bytes_of(p.hello.p, n)), TERN_DECODE_ERROR);
        assert_int_equal(p.relay.state, TERN_HS_FAILED);
    }
}

/* Cuts a message at every length: as it is, and with a length field that says so. */
static void cut_everywhere(const pair *before, size_t i)
{
    tern_bytes message = before->flight[i];
    uint8_t *changed = exact_copy(message.p, message.n);
    for (size_t n = 0; n < message.n; n++) {
        memcpy(changed, message.p, message.n);
        assert_int_equal(outcome(before, i, tern_bytes_of(changed, n)), TERN_DECODE_ERROR);
        if (n < TERN_TLV_HEADER) continue;
        changed[2] = (uint8_t)((n - TERN_TLV_HEADER) >> 8);
        changed[3] = (uint8_t)(n - TERN_TLV_HEADER);
        outcome(before, i, tern_bytes_of(changed, n));
    }
    free(changed);
    uint8_t longer[4096] = { 0 };
    memcpy(longer, message.p, message.n);
    assert_int_equal(outcome(before, i, tern_bytes_of(longer, message.n + 1)), TERN_DECODE_ERROR);
}

static void a_cut_or_prolonged_message_is_refused_at_every_length(void **state)
{
    (void)state;
    for (int chain = 0; chain < 2; chain++) {
        pair p;
        pair_init(&p);
        if (chain) pair_use_chain(&p, "chain.pem", "root.pem", LITERAL("relay.example"));
        pair_to_flight(&p);
        for (size_t i = 0; i < FLIGHT_LENGTH; i++) {
            /*= HS-005 */
            cut_everywhere(&p, i);
            assert_int_equal(deliver(&p, &p.client, p.flight[i]), TERN_OK);
        }
        for (size_t n = 0; n < p.finished.n; n++) {
            tern_handshake relay = p.relay;
            assert_int_equal(deliver(&p, &relay, tern_bytes_of(p.finished.p, n)), TERN_DECODE_ERROR);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_of_a_raw_key_flight_counts),
        cmocka_unit_test(every_byte_of_a_certificate_counts),
        cmocka_unit_test(every_bit_of_the_clients_finished_counts),
        cmocka_unit_test(every_bit_of_the_hello_counts),
        cmocka_unit_test(a_cut_hello_is_refused_at_every_length),
        cmocka_unit_test(a_cut_or_prolonged_message_is_refused_at_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
