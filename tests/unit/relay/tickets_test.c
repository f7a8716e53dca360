/* SPDX-License-Identifier: MIT */
/* A client that comes back with a ticket. */
#include "world.h"

#include "endpoint/internal.h"

/* Connects once; the ticket that this client got. */
static tern_bytes earn(world *w, const tern_client_config *config)
{
    uint32_t i = world_add(w, config);
    world_run(w, 200 * TERN_MS);
    const tern_event *ticket = &w->end[i].ticket;
    return tern_bytes_of(ticket->u.ticket.bytes, ticket->u.ticket.n);
}

/* A second client of this configuration: whether it was resumed, as both ends say. */
static bool resumes(world *w, const tern_client_config *config)
{
    uint32_t i = world_add(w, config);
    world_run(w, 200 * TERN_MS);
    assert_int_equal(w->end[i].connected.type, TERN_EVENT_CONNECTED);
    assert_int_equal(w->end[0].connected.type, TERN_EVENT_CONNECTED);
    assert_int_equal(w->end[0].connected.u.connected.resumed, w->end[i].connected.u.connected.resumed);
    return w->end[i].connected.u.connected.resumed;
}

static tern_client_config holder_of(const world *w, tern_bytes ticket)
{
    tern_client_config config = world_client_config(w, w->clients + 1);
    config.ticket = ticket;
    return config;
}

/*= HS-013 */
static void what_the_ticket_follows_from_goes_when_it_has_come(void **state)
{
    static const uint8_t zeros[TERN_SECRET_SIZE];
    (void)state;
    world *w = world_new(NULL);
    assert_true(earn(w, NULL).n > 0);
    const tern_taken_ticket *taken = tern_endpoint_taken((const tern_endpoint *)(const void *)w->end[1].node);
    assert_true(taken->n > 0);
    assert_memory_equal(taken->resumption, zeros, sizeof zeros);
    world_free(w);
}

static void who_comes_back_with_a_ticket_is_resumed_and_gets_another(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_bytes ticket = earn(w, NULL);
    /*= HS-040 */
    assert_true(ticket.n > 0);
    assert_int_equal(w->told[TERN_EVENT_TICKET], 1);
    assert_false(w->end[1].connected.u.connected.resumed);
    tern_client_config again = holder_of(w, ticket);
    /*= HS-043 */
    assert_true(resumes(w, &again));
    assert_memory_equal(w->end[2].connected.u.connected.fingerprint, w->fingerprint, TERN_FINGERPRINT_SIZE);
    assert_int_equal(w->told[TERN_EVENT_TICKET], 2);
    tern_event *second = &w->end[2].ticket;
    again = holder_of(w, tern_bytes_of(second->u.ticket.bytes, second->u.ticket.n));
    assert_true(resumes(w, &again));
    world_free(w);
}

static void the_ticket_is_sent_again_until_it_has_come(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 20; seed++) {
        world *w = world_new(NULL);
        w->loss_percent = 40;
        w->random = seed;
        (void)world_add(w, NULL);
        world_run(w, 60 * TERN_SECOND);
        w->loss_percent = 0;
        world_run(w, 60 * TERN_SECOND);
        /*= HS-040 */
        if (w->told[TERN_EVENT_CLOSED] == 0) assert_int_equal(w->told[TERN_EVENT_TICKET], 1);
        world_free(w);
    }
}

static void a_relay_that_shall_not_gives_no_tickets(void **state)
{
    (void)state;
    tern_relay_config relay = world_relay_config();
    relay.ticket_lifetime_s = 0;
    world *w = world_new(&relay);
    assert_int_equal(earn(w, NULL).n, 0);
    assert_int_equal(w->told[TERN_EVENT_CONNECTED], 2);
    world_free(w);
}

static void a_ticket_ends_with_its_relay_unless_they_share_a_secret(void **state)
{
    (void)state;
    tern_relay_config relay = world_relay_config();
    world *w = world_new(&relay);
    tern_bytes ticket = earn(w, NULL);
    relay.seed[0] = 99;
    world *after = world_new(&relay);
    tern_client_config again = holder_of(after, ticket);
    /*= HS-048 */
    assert_false(resumes(after, &again));
    world_free(after);
    world_free(w);
    relay.ticket_secret[5] = 1;
    w = world_new(&relay);
    ticket = earn(w, NULL);
    relay.seed[0] = 98;
    after = world_new(&relay);
    again = holder_of(after, ticket);
    /*= HS-044 */
    assert_true(resumes(after, &again));
    world_free(after);
    relay.ticket_secret[0] = 1; /* but not its secret */
    after = world_new(&relay);
    assert_false(resumes(after, &again));
    world_free(after);
    world_free(w);
}

/*= HS-049 */
static void a_shared_secret_can_be_replaced(void **state)
{
    (void)state;
    uint8_t secret[32] = { 7 };
    tern_relay_config relay = world_relay_config();
    world *w = world_new(&relay);
    assert_int_equal(tern_relay_set_ticket_secret(w->end[0].node, w->now, secret), TERN_E_BAD_INPUT); /* it has none */
    world_free(w);
    relay.ticket_secret[5] = 1;
    w = world_new(&relay);
    tern_bytes ticket = earn(w, NULL);
    tern_client_config again = holder_of(w, ticket);
    assert_int_equal(tern_relay_set_ticket_secret(w->end[0].node, w->now, secret), TERN_OK);
    assert_false(resumes(w, &again));
    assert_int_equal(tern_relay_set_ticket_secret(w->end[0].node, w->now, relay.ticket_secret), TERN_OK);
    ticket = earn(w, NULL);
    again = holder_of(w, ticket);
    assert_true(resumes(w, &again));
    secret[0] = 0;
    assert_int_equal(tern_relay_set_ticket_secret(w->end[0].node, w->now, secret), TERN_E_BAD_INPUT);
    world_free(w);
}

static void a_ticket_is_offered_under_the_trust_that_it_was_given_under(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_client_config any = world_client_config(w, 1);
    any.trust.proof = TERN_PROOF_FIRST_USE;
    tern_bytes ticket = earn(w, &any);
    tern_client_config again = holder_of(w, ticket);
    /*= HS-045 */
    assert_true(resumes(w, &again)); /* the key that was met first is the pinned one now */
    again = holder_of(w, ticket);
    again.trust.pin[0] ^= 1;
    uint32_t i = world_add(w, &again);
    world_run(w, 200 * TERN_MS);
    assert_int_equal(w->end[i].connected.type, 0);
    world_expect(w, i, "closed PIN_MISMATCH\n");
    world_free(w);
}

static void a_ticket_that_has_expired_is_not_offered(void **state)
{
    (void)state;
    tern_relay_config relay = world_relay_config();
    relay.ticket_lifetime_s = 100;
    world *w = world_new(&relay);
    tern_bytes ticket = earn(w, NULL);
    tern_client_config again = holder_of(w, ticket);
    again.unix_seconds_at_0 += 99;
    /*= HS-045 */
    assert_true(resumes(w, &again)); /* the relay's clock goes on as it did */
    again = holder_of(w, ticket);
    again.unix_seconds_at_0 += 100;
    assert_false(resumes(w, &again));
    again = holder_of(w, ticket);
    again.unix_seconds_at_0 -= 10; /* before it was given */
    assert_false(resumes(w, &again));
    world_free(w);
}

static void a_string_that_is_no_ticket_is_passed_over(void **state)
{
    (void)state;
    world *w = world_new(NULL);
    tern_client_config again = holder_of(w, tern_bytes_of("not a ticket", 12));
    assert_false(resumes(w, &again));
    world_free(w);
}

static void a_ticket_of_plaintext_is_of_no_use_to_who_wants_secrecy(void **state)
{
    (void)state;
    tern_relay_config relay = world_relay_config();
    relay.plaintext = true;
    world *w = world_new(&relay);
    tern_client_config plain = world_client_config(w, 1);
    plain.plaintext = true;
    tern_bytes ticket = earn(w, &plain);
    tern_client_config again = holder_of(w, ticket);
    /*= HS-045 */
    assert_false(resumes(w, &again));
    assert_int_equal(w->end[2].connected.u.connected.suite, 0x1302);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_ticket_follows_from_goes_when_it_has_come),
        cmocka_unit_test(who_comes_back_with_a_ticket_is_resumed_and_gets_another),
        cmocka_unit_test(the_ticket_is_sent_again_until_it_has_come),
        cmocka_unit_test(a_relay_that_shall_not_gives_no_tickets),
        cmocka_unit_test(a_ticket_ends_with_its_relay_unless_they_share_a_secret),
        cmocka_unit_test(a_shared_secret_can_be_replaced),
        cmocka_unit_test(a_ticket_is_offered_under_the_trust_that_it_was_given_under),
        cmocka_unit_test(a_ticket_that_has_expired_is_not_offered),
        cmocka_unit_test(a_string_that_is_no_ticket_is_passed_over),
        cmocka_unit_test(a_ticket_of_plaintext_is_of_no_use_to_who_wants_secrecy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
