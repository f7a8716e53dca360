/* SPDX-License-Identifier: MIT */
/* The status that a relay staples: which it takes, how long it shows it. Responses are those of the tests of crypto. */
#include "crypto/der.h"
#include "crypto/ocsp.h"
#include "crypto/pem.h"
#include "relay/relay.h"
#include "unit/crypto/support.h"
#include "unit/relay/world.h"

#define DAY (86400 * TERN_SECOND)

static uint64_t made(void)
{
    tern_ocsp_response response;
    tern_ocsp_single single;
    assert_int_equal(tern_ocsp_read(FIXTURE("ocsp/good.der"), &response), TERN_OCSP_GOOD);
    assert_true(tern_ocsp_single_next(&response.singles, &single));
    return single.times.this_update;
}

/* A relay with this certificate, an hour after the responses were made. */
static world *certified(const char *cert)
{
    tern_relay_config relay = world_relay_config();
    relay.unix_seconds_at_0 = made() + 3600;
    relay.key_pem = FIXTURE("leaf_key.pem");
    relay.cert_pem = FIXTURE(cert);
    relay.ticket_lifetime_s = 604800;
    return world_new(&relay);
}

static int set(world *w, const char *file, tern_status_report *report)
{
    return tern_relay_set_status(w->end[0].node, w->now, FIXTURE(file), report);
}

/* A client that trusts the authority, whose file has room to be in. */
static tern_client_config trusting(const world *w, uint32_t place, bool must_staple, uint8_t room[4096])
{
    tern_client_config client = world_client_config(w, place);
    client.unix_seconds_at_0 = made() + 3600;
    client.trust = (tern_trust){ .proof = TERN_PROOF_CA,
                                 .ca_pem = fixture_view("ocsp/root.pem", room, 4096),
                                 .dns_name = "relay.example",
                                 .must_staple = must_staple };
    return client;
}

/* What it is told first. */
static tern_event connect_as(world *w, uint32_t place, bool must_staple)
{
    tern_event event;
    uint8_t room[4096];
    tern_client_config client = trusting(w, place, must_staple, room);
    assert_int_equal(world_add(w, &client), place);
    w->end[place].asleep = true;
    world_run(w, TERN_SECOND);
    assert_true(tern_node_poll(w->end[place].node, &event));
    return event;
}

static void a_status_is_shown_from_the_next_handshake_on(void **state)
{
    (void)state;
    tern_status_report report;
    world *w = certified("ocsp/leaf.pem");
    tern_event event = connect_as(w, 1, false);
    assert_int_equal(event.type, TERN_EVENT_CONNECTED);
    assert_false(event.u.connected.status_good);
    assert_int_equal(set(w, "ocsp/good.der", &report), TERN_OK);
    assert_true(report.until > made());
    event = connect_as(w, 2, true);
    /*= HS-070 HS-071 */
    assert_int_equal(event.type, TERN_EVENT_CONNECTED);
    assert_true(event.u.connected.status_good);
    assert_int_equal(tern_relay_set_status(w->end[0].node, w->now, (tern_bytes){ 0 }, &report), TERN_OK);
    event = connect_as(w, 3, true);
    /*= HS-075 */
    assert_int_equal(event.type, TERN_EVENT_CLOSED);
    assert_int_equal(event.u.closed.error, TERN_BAD_STATUS);
    assert_string_equal(event.u.closed.reason, "there is none");
    world_free(w);
}

static void a_revoked_relay_says_so_and_is_refused(void **state)
{
    (void)state;
    tern_status_report report;
    world *w = certified("ocsp/leaf.pem");
    assert_int_equal(set(w, "ocsp/good.der", &report), TERN_OK);
    assert_int_equal(set(w, "ocsp/revoked.der", &report), TERN_CERTIFICATE_REVOKED);
    assert_non_null(strstr(report.why, "revoked"));
    tern_event event = connect_as(w, 1, false);
    /*= HS-074 */
    assert_int_equal(event.type, TERN_EVENT_CLOSED);
    assert_int_equal(event.u.closed.error, TERN_CERTIFICATE_REVOKED);
    assert_string_equal(event.u.closed.reason, "the certificate has been revoked");
    world_free(w);
}

static void a_status_that_has_expired_is_shown_no_longer(void **state)
{
    (void)state;
    tern_status_report report;
    world *w = certified("ocsp/leaf.pem");
    assert_int_equal(set(w, "ocsp/undated.der", &report), TERN_OK);
    tern_relay *relay = (tern_relay *)w->end[0].node;
    assert_true(connect_as(w, 1, false).u.connected.status_good);
    assert_true(relay->endpoint.handshake.status.n > 0);
    w->now += DAY; /* the client's clock is the relay's */
    tern_event event = connect_as(w, 2, false);
    /*= HS-077 */
    assert_int_equal(event.type, TERN_EVENT_CONNECTED);
    assert_false(event.u.connected.status_good);
    world_free(w);
}

typedef struct {
    const char *cert, *file;
    int due;
    const char *says;
} refusal;

static void what_cannot_be_shown_leaves_the_one_before(void **state)
{
    (void)state;
    static const refusal refusals[] = {
        { "ocsp/leaf.pem", "ocsp/root.pem", TERN_E_BAD_INPUT, "not an OCSP response" },
        { "ocsp/leaf.pem", "ocsp/of_second.der", TERN_E_BAD_INPUT, "another certificate" },
        { "ocsp/leaf.pem", "ocsp/rsa.der", TERN_E_BAD_INPUT, "another certificate" },
        { "ocsp/leaf.pem", "ocsp/unknown.der", TERN_BAD_STATUS, "does not know" },
        { "ocsp/chain.pem", "ocsp/of_chain_by_root.der", TERN_E_BAD_INPUT, "may not speak" },
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const refusal *r = &refusals[i];
        tern_status_report report;
        world *w = certified(r->cert);
        const char *good = strcmp(r->cert, "ocsp/chain.pem") == 0 ? "ocsp/of_chain.der" : "ocsp/good.der";
        assert_int_equal(set(w, good, &report), TERN_OK);
        /*= HS-077 */
        assert_int_equal(set(w, r->file, &report), r->due);
        if (strstr(report.why, r->says) == NULL) fail_msg("%s: %s", r->file, report.why);
        assert_true(connect_as(w, 1, true).u.connected.status_good);
        world_free(w);
    }
}

static void one_that_does_not_hold_now_is_not_taken(void **state)
{
    (void)state;
    tern_status_report report;
    world *w = certified("ocsp/leaf.pem");
    w->now += 2 * DAY;
    assert_int_equal(set(w, "ocsp/undated.der", &report), TERN_BAD_STATUS);
    assert_non_null(strstr(report.why, "expired"));
    world_free(w);
    w = certified("ocsp/chain.pem"); /* where the signer is known, and may have expired too */
    w->now += 40000 * DAY;
    assert_int_equal(set(w, "ocsp/of_chain.der", &report), TERN_BAD_STATUS);
    assert_non_null(strstr(report.why, "expired"));
    world_free(w);
}

static void what_is_too_long_or_has_no_certificate_is_refused(void **state)
{
    (void)state;
    static const uint8_t long_one[TERN_OCSP_MAX + 1];
    tern_status_report report;
    world *w = certified("ocsp/leaf.pem");
    int result = tern_relay_set_status(w->end[0].node, w->now, tern_bytes_of(long_one, sizeof long_one), &report);
    assert_int_equal(result, TERN_E_BAD_INPUT);
    assert_non_null(strstr(report.why, "too long"));
    world_free(w);
    w = world_new(NULL); /* a raw key */
    /*= HS-070 */
    assert_int_equal(set(w, "ocsp/good.der", &report), TERN_E_BAD_INPUT);
    assert_non_null(strstr(report.why, "without a certificate"));
    world_free(w);
}

static void only_who_trusts_an_authority_can_demand_a_status(void **state)
{
    (void)state;
    static const tern_proof proofs[] = { TERN_PROOF_PIN, TERN_PROOF_FIRST_USE };
    world *w = world_new(NULL);
    for (size_t i = 0; i < 2; i++) {
        tern_client_config client = world_client_config(w, 1);
        client.trust.proof = proofs[i];
        assert_true(tern_client_footprint(&client) > 0);
        client.trust.must_staple = true;
        assert_int_equal(tern_client_footprint(&client), 0);
    }
    world_free(w);
}

/* Connects with a ticket, or with none; whether it was resumed. */
static bool resumes(world *w, uint32_t place, bool must_staple, tern_bytes ticket)
{
    uint8_t room[4096];
    tern_client_config client = trusting(w, place, must_staple, room);
    client.ticket = ticket;
    assert_int_equal(world_add(w, &client), place);
    world_run(w, TERN_SECOND);
    const tern_event *connected = &w->end[place].connected;
    assert_int_equal(connected->type, TERN_EVENT_CONNECTED);
    return connected->u.connected.resumed;
}

static void who_demands_a_status_offers_no_ticket_from_before(void **state)
{
    (void)state;
    tern_status_report report;
    world *w = certified("ocsp/leaf.pem");
    assert_int_equal(set(w, "ocsp/good.der", &report), TERN_OK);
    assert_false(resumes(w, 1, false, (tern_bytes){ 0 }));
    const tern_event *lax = &w->end[1].ticket;
    /*= HS-078 */
    assert_false(resumes(w, 2, true, tern_bytes_of(lax->u.ticket.bytes, lax->u.ticket.n)));
    const tern_event *strict = &w->end[2].ticket;
    assert_true(resumes(w, 3, true, tern_bytes_of(strict->u.ticket.bytes, strict->u.ticket.n)));
    assert_true(resumes(w, 4, false, tern_bytes_of(lax->u.ticket.bytes, lax->u.ticket.n)));
    assert_true(w->end[4].connected.u.connected.status_good); /* as it was told, and holds still */
    world_free(w);
}

static tern_bytes ticket_of(const world *w, uint32_t place)
{
    return tern_bytes_of(w->end[place].ticket.u.ticket.bytes, w->end[place].ticket.u.ticket.n);
}

/* Until when the client of the place may offer its ticket; 0: it has none. */
static uint64_t holds_until(const world *w, uint32_t place)
{
    tern_kept_ticket kept;
    if (w->end[place].ticket.type == 0) return 0;
    assert_true(tern_kept_ticket_parse(ticket_of(w, place), &kept));
    assert_int_equal(kept.until, kept.received + kept.lifetime_s); /* the relay says a week */
    return kept.until;
}

/*= HS-046 */
static void a_ticket_does_not_outlive_the_status(void **state)
{
    (void)state;
    tern_status_report report;
    for (unsigned status = 0; status < 2; status++) {
        world *w = certified("ocsp/leaf.pem");
        uint64_t begun = made() + 3600, until = begun + w->now / TERN_SECOND + 86400;
        if (status == 1) {
            assert_int_equal(set(w, "ocsp/undated.der", &report), TERN_OK);
            until = report.until;
        }
        assert_false(resumes(w, 1, false, (tern_bytes){ 0 }));
        assert_int_equal(holds_until(w, 1), until);
        w->now = (until - begun) * TERN_SECOND - 5 * TERN_SECOND;
        assert_true(resumes(w, 2, false, ticket_of(w, 1)));
        assert_int_equal(holds_until(w, 2), until); /* coming back makes it no younger */
        w->now = (until - begun) * TERN_SECOND;
        assert_false(resumes(w, 3, false, ticket_of(w, 2)));
        world_free(w);
    }
}

/*= HS-046 */
static void a_ticket_does_not_outlive_the_certificates(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    tern_bytes pem = FIXTURE("ocsp/leaf.pem");
    tern_buf storage = { bytes, sizeof bytes };
    tern_pem object;
    tern_der_certificate parts;
    assert_int_equal(tern_pem_next(&pem, &storage, &object), TERN_PEM_OBJECT);
    assert_true(tern_der_certificate_read(object.der, &parts));
    world *w = certified("ocsp/leaf.pem");
    uint64_t begun = made() + 3600;
    w->now = (parts.not_after - begun - 1000) * TERN_SECOND;
    assert_false(resumes(w, 1, false, (tern_bytes){ 0 }));
    assert_int_equal(holds_until(w, 1), parts.not_after);
    world_free(w);
}

/*= HS-079 */
static void a_revoked_relay_neither_gives_nor_takes_tickets(void **state)
{
    (void)state;
    tern_status_report report;
    world *w = certified("ocsp/leaf.pem");
    assert_int_equal(set(w, "ocsp/good.der", &report), TERN_OK);
    assert_false(resumes(w, 1, false, (tern_bytes){ 0 }));
    assert_int_equal(set(w, "ocsp/revoked.der", &report), TERN_CERTIFICATE_REVOKED);
    uint8_t room[4096];
    tern_client_config client = trusting(w, 2, false, room);
    client.ticket = ticket_of(w, 1);
    (void)world_add(w, &client);
    world_run(w, TERN_SECOND);
    world_expect(w, 2, "closed CERTIFICATE_REVOKED\n");
    client = world_client_config(w, 3); /* a pin does not look at it, and comes in, but for once */
    tern_key_pem_fingerprint(FIXTURE("leaf_key.pem"), client.trust.pin);
    (void)world_add(w, &client);
    world_run(w, TERN_SECOND);
    assert_int_equal(w->end[3].connected.type, TERN_EVENT_CONNECTED);
    assert_int_equal(w->end[3].ticket.type, 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_is_shown_from_the_next_handshake_on),
        cmocka_unit_test(a_revoked_relay_says_so_and_is_refused),
        cmocka_unit_test(a_status_that_has_expired_is_shown_no_longer),
        cmocka_unit_test(what_cannot_be_shown_leaves_the_one_before),
        cmocka_unit_test(one_that_does_not_hold_now_is_not_taken),
        cmocka_unit_test(what_is_too_long_or_has_no_certificate_is_refused),
        cmocka_unit_test(who_demands_a_status_offers_no_ticket_from_before),
        cmocka_unit_test(a_ticket_does_not_outlive_the_status),
        cmocka_unit_test(a_ticket_does_not_outlive_the_certificates),
        cmocka_unit_test(a_revoked_relay_neither_gives_nor_takes_tickets),
        cmocka_unit_test(only_who_trusts_an_authority_can_demand_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
