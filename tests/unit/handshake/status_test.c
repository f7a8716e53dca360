/* SPDX-License-Identifier: MIT */
/* The status stapled to a certificate: who sends it, who judges it, when it is missed. Responses are those of the tests
 * of crypto (fixtures/ocsp/make.sh). */
#include "unit/handshake/support.h"

#define MESSAGES 6
enum { PARAMETERS, CERTIFICATE, STATUS, SIGNATURE, FINISHED };

typedef struct {
    pair p;
    uint8_t status[4096];
    tern_bytes message[MESSAGES];
    size_t n;
    uint64_t now;
} stapled;

static uint64_t soon(void)
{
    tern_ocsp_response response;
    tern_ocsp_single single;
    assert_int_equal(tern_ocsp_read(FIXTURE("ocsp/good.der"), &response), TERN_OCSP_GOOD);
    assert_true(tern_ocsp_single_next(&response.singles, &single));
    return single.times.this_update + 60;
}

/* Up to the flight of a relay with this chain and response (NULL: without one); the client trusts root. */
static void start(stapled *s, const char *chain, const char *root, const char *response)
{
    pair_init(&s->p);
    s->now = soon();
    pair_use_chain(&s->p, chain, root, LITERAL("relay.example"));
    if (response != NULL) s->p.relay_config.status = fixture_view(response, s->status, sizeof s->status);
}

static void fly(stapled *s)
{
    pair *p = &s->p;
    pair_client_start(p);
    assert_int_equal(pair_relay_start(p, p->hello), TERN_OK);
    tern_writer w = tern_writer_of((tern_buf){ p->flight_bytes, sizeof p->flight_bytes });
    assert_int_equal(tern_handshake_server_flight(&p->relay, &p->relay_config, &w), TERN_OK);
    assert_int_equal(pair_client_hello(p), TERN_OK);
    tern_reader r = tern_reader_of(tern_written(&w));
    for (s->n = 0; r.left > 0; s->n++) {
        const uint8_t *from = r.p;
        tern_tlv tlv;
        assert_true(s->n < MESSAGES && tern_tlv_next(&r, &tlv));
        s->message[s->n] = tern_bytes_of(from, (size_t)(r.p - from));
    }
}

static uint16_t type_of(const stapled *s, size_t i)
{
    return (uint16_t)(s->message[i].p[0] << 8 | s->message[i].p[1]);
}

/* Delivers the messages from..to; the first error. */
static tern_error take(stapled *s, size_t from, size_t to)
{
    tern_error error = TERN_OK;
    for (size_t i = from; i < to && error == TERN_OK; i++)
        error = deliver_at(&s->p, &s->p.client, s->message[i], s->now);
    return error;
}

static tern_error run(stapled *s)
{
    fly(s);
    tern_error error = take(s, 0, s->n);
    if (error == TERN_OK) assert_int_equal(deliver(&s->p, &s->p.relay, s->p.finished), TERN_OK);
    return error;
}

static void a_good_status_is_shown_behind_the_certificate_and_taken(void **state)
{
    (void)state;
    stapled s;
    start(&s, "ocsp/leaf.pem", "ocsp/root.pem", "ocsp/good.der");
    /*= HS-070 HS-071 */
    assert_int_equal(run(&s), TERN_OK);
    assert_agreed(&s.p);
    assert_true(s.p.client.status_good);
    assert_int_equal(s.n, 5);
    assert_int_equal(type_of(&s, STATUS), 0x0108);
    assert_int_equal(type_of(&s, CERTIFICATE), 0x0103);
    assert_int_equal(type_of(&s, SIGNATURE), 0x0105);
}

static void a_status_of_a_chain_is_its_second_certificates(void **state)
{
    (void)state;
    stapled s;
    start(&s, "ocsp/chain.pem", "ocsp/root.pem", "ocsp/of_chain.der");
    assert_int_equal(run(&s), TERN_OK);
    assert_true(s.p.client.status_good);
    start(&s, "ocsp/chain.pem", "ocsp/root.pem", "ocsp/of_chain_by_root.der");
    /*= HS-072 */
    assert_int_equal(run(&s), TERN_BAD_STATUS);
}

typedef struct {
    const char *response;
    uint64_t later; /* than the responses were made */
    tern_error due;
} outcome;

static void whatever_is_stapled_is_judged(void **state)
{
    (void)state;
    static const outcome outcomes[] = {
        { "ocsp/revoked.der", 0, TERN_CERTIFICATE_REVOKED },
        { "ocsp/unknown.der", 0, TERN_BAD_STATUS },
        { "ocsp/undated.der", 90000, TERN_BAD_STATUS },
        { "ocsp/of_second.der", 0, TERN_BAD_STATUS },
        { "ocsp/by_other.der", 0, TERN_BAD_STATUS },
        { "ocsp/delegate_no_eku.der", 0, TERN_BAD_STATUS },
        { "ocsp/root.pem", 0, TERN_BAD_STATUS },
        { "ocsp/delegate.der", 0, TERN_OK },
        { "ocsp/undated.der", 80000, TERN_OK },
    };
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        const outcome *o = &outcomes[i];
        stapled s;
        start(&s, "ocsp/leaf.pem", "ocsp/root.pem", o->response);
        s.now += o->later;
        /*= HS-071 HS-072 HS-073 HS-074 */
        tern_error error = run(&s);
        if (error != o->due) fail_msg("%s: %s", o->response, tern_error_name(error));
        assert_int_equal(s.p.client.status_good, o->due == TERN_OK);
        if (error != TERN_OK) assert_no_application_secrets(&s.p.client);
    }
}

static void a_client_that_wants_a_status_takes_no_certificate_without(void **state)
{
    (void)state;
    stapled s;
    start(&s, "ocsp/leaf.pem", "ocsp/root.pem", NULL);
    assert_int_equal(run(&s), TERN_OK);
    assert_false(s.p.client.status_good);
    s.p.client_config.must_staple = true;
    /*= HS-075 */
    assert_int_equal(run(&s), TERN_BAD_STATUS);
    start(&s, "ocsp/leaf.pem", "ocsp/root.pem", "ocsp/good.der");
    s.p.client_config.must_staple = true;
    assert_int_equal(run(&s), TERN_OK);
}

static void a_certificate_that_wants_a_status_is_not_taken_without(void **state)
{
    (void)state;
    stapled s;
    start(&s, "ocsp/must_staple.pem", "ocsp/root.pem", NULL);
    /*= HS-075 */
    assert_int_equal(run(&s), TERN_BAD_STATUS);
    start(&s, "ocsp/must_staple.pem", "ocsp/root.pem", "ocsp/good.der");
    assert_int_equal(run(&s), TERN_OK);
}

/* The same certificate, signature and all, where what nobody has signed is written otherwise. */
static tern_bytes rewrapped(tern_bytes der, int how, uint8_t *room)
{
    tern_writer w = tern_writer_of((tern_buf){ room, 2048 });
    size_t n = (size_t)der.p[2] << 8 | der.p[3];
    assert_int_equal(der.p[1], 0x82);
    assert_int_equal(der.n, n + 4);
    tern_write_u8(&w, der.p[0]);
    if (how == 0) { /* the length takes an octet more than it must */
        tern_write_u8(&w, 0x83);
        tern_write_u8(&w, 0);
        tern_write_u16(&w, (uint16_t)n);
        tern_write_bytes(&w, tern_bytes_of(der.p + 4, n));
    } else { /* the algorithm outside has parameters */
        size_t at = 8 + ((size_t)der.p[6] << 8 | der.p[7]);
        size_t algorithm = der.p[at + 1];
        tern_write_u8(&w, 0x82);
        tern_write_u16(&w, (uint16_t)(n + 2));
        tern_write_bytes(&w, tern_bytes_of(der.p + 4, at - 4));
        tern_write_u8(&w, der.p[at]);
        tern_write_u8(&w, (uint8_t)(algorithm + 2));
        tern_write_bytes(&w, tern_bytes_of(der.p + at + 2, algorithm));
        tern_write_u16(&w, 0x0500);
        tern_write_bytes(&w, tern_bytes_of(der.p + at + 2 + algorithm, der.n - at - 2 - algorithm));
    }
    assert_true(tern_writer_ok(&w));
    return tern_written(&w);
}

static void attack_13_a_certificate_wrapped_otherwise_hides_not_that_it_wants_a_status(void **state)
{
    (void)state;
    uint8_t room[2048];
    for (int how = 0; how < 2; how++) {
        stapled s;
        start(&s, "ocsp/must_staple.pem", "ocsp/root.pem", NULL);
        s.p.identity.chain.certificate[0] = rewrapped(s.p.identity.chain.certificate[0], how, room);
        /*= HS-022 HS-075 */
        assert_int_equal(run(&s), TERN_BAD_CERTIFICATE);
    }
}

static void who_trusts_a_key_does_not_look_at_its_status(void **state)
{
    (void)state;
    static const tern_trust_mode modes[] = { TERN_TRUST_PIN, TERN_TRUST_FIRST_USE };
    for (size_t i = 0; i < 2; i++) {
        stapled s;
        start(&s, "ocsp/must_staple.pem", "ocsp/root.pem", i == 0 ? "ocsp/revoked.der" : NULL);
        s.p.client_config.trust = modes[i];
        tern_key_fingerprint(&s.p.identity.public_key, s.p.client_config.pin);
        /*= HS-076 */
        assert_int_equal(run(&s), TERN_OK);
        assert_agreed(&s.p);
        assert_false(s.p.client.status_good);
    }
}

static void a_status_stands_behind_a_certificate_alone(void **state)
{
    (void)state;
    stapled s, before;
    start(&s, "ocsp/leaf.pem", "ocsp/root.pem", "ocsp/good.der");
    fly(&s);
    before = s;
    /*= HS-005 HS-070 */
    assert_int_equal(take(&s, STATUS, STATUS + 1), TERN_UNEXPECTED_MESSAGE); /* first */
    s = before;
    assert_int_equal(take(&s, PARAMETERS, CERTIFICATE), TERN_OK);
    assert_int_equal(take(&s, STATUS, STATUS + 1), TERN_UNEXPECTED_MESSAGE); /* before it */
    s = before;
    assert_int_equal(take(&s, PARAMETERS, SIGNATURE), TERN_OK);
    assert_int_equal(take(&s, STATUS, STATUS + 1), TERN_UNEXPECTED_MESSAGE); /* twice */
    s = before;
    assert_int_equal(take(&s, PARAMETERS, FINISHED), TERN_OK);
    assert_int_equal(take(&s, STATUS, STATUS + 1), TERN_UNEXPECTED_MESSAGE); /* behind SIGNATURE */
    pair raw;
    pair_init(&raw);
    raw.relay_config.status = s.p.relay_config.status; /* a raw key has none */
    pair_to_flight(&raw);
    assert_int_equal(pair_deliver_flight(&raw, PARAMETERS, STATUS), TERN_OK);
    assert_int_equal(deliver(&raw, &raw.client, s.message[STATUS]), TERN_UNEXPECTED_MESSAGE);
}

static void nobody_takes_the_status_out_or_changes_it(void **state)
{
    (void)state;
    stapled s, before;
    start(&s, "ocsp/leaf.pem", "ocsp/root.pem", "ocsp/good.der");
    fly(&s);
    before = s;
    /*= HS-010 */
    assert_int_equal(take(&s, PARAMETERS, STATUS), TERN_OK);
    assert_int_equal(take(&s, SIGNATURE, FINISHED), TERN_DECRYPT_ERROR); /* it is part of what is signed */
    uint8_t changed[512];
    tern_bytes status = before.message[STATUS];
    for (size_t at = TERN_TLV_HEADER; at < status.n; at++) {
        s = before;
        assert_int_equal(take(&s, PARAMETERS, STATUS), TERN_OK);
        memcpy(changed, status.p, status.n);
        changed[at] ^= (uint8_t)(1u << at % 8);
        /*= HS-071 */
        assert_int_equal(deliver_at(&s.p, &s.p.client, tern_bytes_of(changed, status.n), s.now), TERN_BAD_STATUS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_status_is_shown_behind_the_certificate_and_taken),
        cmocka_unit_test(a_status_of_a_chain_is_its_second_certificates),
        cmocka_unit_test(whatever_is_stapled_is_judged),
        cmocka_unit_test(a_client_that_wants_a_status_takes_no_certificate_without),
        cmocka_unit_test(a_certificate_that_wants_a_status_is_not_taken_without),
        cmocka_unit_test(attack_13_a_certificate_wrapped_otherwise_hides_not_that_it_wants_a_status),
        cmocka_unit_test(who_trusts_a_key_does_not_look_at_its_status),
        cmocka_unit_test(a_status_stands_behind_a_certificate_alone),
        cmocka_unit_test(nobody_takes_the_status_out_or_changes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
