/* SPDX-License-Identifier: MIT */
/* Tickets: who can open one, for how long, and what a CLIENT_HELLO with one is worth. */
#include "handshake/ticket.h"

#include "unit/handshake/support.h"

#define LIFETIME 1000
#define IN_TIME  (IN_2033 + 10)
#define WINDOW   128

static const tern_tickets_config config = { .lifetime_s = LIFETIME, .max_early = 5000, .window = WINDOW };
static const uint8_t psk[TERN_SECRET_SIZE] = { 1, 2, 3 };

typedef struct {
    pair pair;
    tern_kept_ticket kept;
    uint8_t bytes[TERN_TICKET_MAX];
    tern_bytes ticket;
    union {
        tern_tickets tickets;
        uint64_t room[sizeof(tern_tickets) / 8 + WINDOW / 64];
    };
} holder;

/* A ticket given in 2033, that the pair's client will offer. */
static void give(holder *h, tern_suite suite)
{
    pair_init(&h->pair);
    tern_tickets_init(&h->tickets, &config, &h->pair.drbg);
    tern_writer w = tern_writer_of((tern_buf){ h->bytes, sizeof h->bytes });
    tern_ticket_give(&h->tickets, &h->pair.drbg, IN_2033, suite, psk, NULL, &w);
    assert_true(tern_writer_ok(&w));
    h->ticket = tern_written(&w);
    h->kept = (tern_kept_ticket){ .suite = suite, .n = w.n, .fingerprint = { 5 } };
    memcpy(h->kept.psk, psk, sizeof psk);
    memcpy(h->kept.bytes, h->bytes, w.n);
    h->pair.client_config.ticket = &h->kept;
}

static bool opens(const tern_tickets *t, uint64_t unix_seconds, tern_bytes sealed)
{
    tern_ticket ticket;
    uint8_t *copy = exact_copy(sealed.p, sealed.n);
    tern_tickets *then = malloc(tern_tickets_footprint(&config));
    assert_non_null(then);
    memcpy(then, t, tern_tickets_footprint(&config)); /* what it would be then: it goes on with the time */
    bool good = tern_ticket_open(then, unix_seconds, tern_bytes_of(copy, sealed.n), &ticket);
    free(then);
    free(copy);
    return good;
}

static void what_is_given_opens_to_what_stood_in_it(void **state)
{
    (void)state;
    holder h;
    tern_ticket ticket;
    give(&h, TERN_SUITE_CHACHA20_POLY1305);
    /*= HS-044 */
    assert_true(tern_ticket_open(&h.tickets, IN_TIME, h.ticket, &ticket));
    assert_int_equal(ticket.suite, TERN_SUITE_CHACHA20_POLY1305);
    assert_memory_equal(ticket.psk, psk, sizeof psk);
    assert_int_equal(ticket.issued, IN_2033);
    assert_int_equal(ticket.lifetime_s, LIFETIME);
    assert_int_equal(ticket.max_early, 5000);
    assert_int_equal(ticket.boot, h.tickets.boot);
    assert_int_equal(ticket.serial, 0);
}

static void no_two_tickets_are_alike(void **state)
{
    (void)state;
    holder h;
    uint8_t other[TERN_TICKET_MAX];
    give(&h, TERN_SUITE_AES_256_GCM);
    tern_writer w = tern_writer_of((tern_buf){ other, sizeof other });
    tern_ticket_give(&h.tickets, &h.pair.drbg, IN_2033, TERN_SUITE_AES_256_GCM, psk, NULL, &w);
    assert_memory_not_equal(other + 4, h.bytes + 4, 12); /* the nonce */
    assert_memory_not_equal(other + 16, h.bytes + 16, w.n - 16);
}

static void attack_9_a_ticket_with_any_bit_changed_or_missing_is_none(void **state)
{
    (void)state;
    holder h;
    give(&h, TERN_SUITE_AES_256_GCM);
    /*= HS-044 */
    for (size_t bit = 0; bit < 8 * h.ticket.n; bit++) {
        h.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(opens(&h.tickets, IN_TIME, h.ticket));
        h.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 0; n < h.ticket.n; n++) assert_false(opens(&h.tickets, IN_TIME, tern_bytes_of(h.bytes, n)));
    assert_true(opens(&h.tickets, IN_TIME, h.ticket));
}

static void a_ticket_is_of_the_relay_that_has_its_secret(void **state)
{
    (void)state;
    holder h;
    union {
        tern_tickets t;
        uint64_t room[sizeof(tern_tickets) / 8 + WINDOW / 64];
    } again;
    give(&h, TERN_SUITE_AES_256_GCM);
    tern_tickets_init(&again.t, &config, &h.pair.drbg); /* started anew */
    /*= HS-044 */
    assert_true(opens(&again.t, IN_TIME, h.ticket));
    again.t.secret[31] ^= 1;
    assert_false(opens(&again.t, IN_TIME, h.ticket));
}

static void a_ticket_lives_as_long_as_it_says(void **state)
{
    (void)state;
    holder h;
    give(&h, TERN_SUITE_AES_256_GCM);
    /*= HS-044 */
    assert_true(opens(&h.tickets, IN_2033, h.ticket));
    assert_true(opens(&h.tickets, IN_2033 + LIFETIME, h.ticket));
    assert_false(opens(&h.tickets, IN_2033 + LIFETIME + 1, h.ticket));
    assert_false(opens(&h.tickets, IN_2033 - 1, h.ticket)); /* from the future */
}

static void a_key_seals_for_one_lifetime_and_opens_for_one_more(void **state)
{
    (void)state;
    holder h;
    uint8_t first[4], bytes[TERN_TICKET_MAX];
    give(&h, TERN_SUITE_AES_256_GCM);
    memcpy(first, h.bytes, sizeof first);
    for (uint64_t at = IN_2033; at < IN_2033 + 3 * LIFETIME; at += 100) {
        tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
        tern_ticket_give(&h.tickets, &h.pair.drbg, at, TERN_SUITE_AES_256_GCM, psk, NULL, &w);
        /*= HS-044 */
        assert_int_equal(tern_get_u32(bytes), tern_get_u32(first) + (at - IN_2033) / LIFETIME);
        assert_true(opens(&h.tickets, at + LIFETIME, tern_written(&w)));
    }
}

/* Whether these bytes stand anywhere in what is kept for tickets. */
static bool keeps(const tern_tickets *t, const uint8_t *secret)
{
    const uint8_t *p = (const uint8_t *)t;
    for (size_t at = 0; at + TERN_SECRET_SIZE <= tern_tickets_footprint(&config); at++)
        if (memcmp(p + at, secret, TERN_SECRET_SIZE) == 0) return true;
    return false;
}

/*= HS-048 */
static void who_gets_hold_of_a_relay_later_opens_no_ticket_of_long_before(void **state)
{
    (void)state;
    for (unsigned lifetimes = 1; lifetimes <= 3; lifetimes++) {
        holder h;
        uint8_t key[TERN_SECRET_SIZE], bytes[TERN_TICKET_MAX];
        give(&h, TERN_SUITE_AES_256_GCM);
        memcpy(key, h.tickets.key, sizeof key);
        for (unsigned i = lifetimes == 3 ? 3 : 1; i <= lifetimes; i++) { /* or nobody came for long */
            tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
            tern_ticket_give(&h.tickets, &h.pair.drbg, IN_2033 + i * LIFETIME, TERN_SUITE_AES_256_GCM, psk, NULL, &w);
        }
        assert_int_equal(keeps(&h.tickets, key), lifetimes < 2);
        assert_int_equal(opens(&h.tickets, IN_2033, h.ticket), lifetimes < 2); /* the clock is put back */
    }
}

/*= HS-048 */
static void the_secret_of_a_run_is_gone_when_its_first_key_is_made_and_a_shared_one_stays(void **state)
{
    (void)state;
    static const uint8_t shared[TERN_SECRET_SIZE] = { 9, 8, 7 };
    for (unsigned is_shared = 0; is_shared < 2; is_shared++) {
        holder h;
        give(&h, TERN_SUITE_AES_256_GCM);
        tern_tickets_init(&h.tickets, &config, &h.pair.drbg);
        memcpy(h.tickets.secret, shared, sizeof shared);
        h.tickets.shared = is_shared;
        for (unsigned i = 0; i < 3; i++) {
            tern_writer w = tern_writer_of((tern_buf){ h.bytes, sizeof h.bytes });
            tern_ticket_give(&h.tickets, &h.pair.drbg, IN_2033 + 5 * i * LIFETIME, TERN_SUITE_AES_256_GCM, psk, NULL,
                             &w);
            assert_int_equal(keeps(&h.tickets, shared), is_shared);
        }
        tern_tickets_init(&h.tickets, &config, &h.pair.drbg); /* started anew */
        memcpy(h.tickets.secret, shared, sizeof shared);
        h.tickets.shared = is_shared;
        assert_int_equal(opens(&h.tickets, IN_2033 + 11 * LIFETIME, h.ticket), is_shared);
    }
}

static void a_resumed_handshake_needs_no_key_of_the_relay(void **state)
{
    (void)state;
    holder h;
    tern_resumed worth;
    bool resumed;
    give(&h, TERN_SUITE_AES_256_GCM);
    pair *p = &h.pair;
    pair_client_start(p);
    assert_int_equal(tern_ticket_examine(&h.tickets, &p->relay_config, IN_TIME, p->hello, &resumed, &worth),
                     TERN_DROP_NONE);
    assert_true(resumed);
    p->resumed = &worth;
    p->relay_config.identity = NULL;
    assert_int_equal(pair_relay_start(p, p->hello), TERN_OK);
    uint8_t bytes[TERN_FLIGHT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    /*= HS-043 */
    assert_int_equal(tern_handshake_server_flight(&p->relay, &p->relay_config, &w), TERN_OK);
    assert_int_equal(pair_client_hello(p), TERN_OK);
    size_t parameters = TERN_TLV_HEADER + ((size_t)bytes[2] << 8 | bytes[3]);
    assert_int_equal(w.n, parameters + FINISHED_SIZE);
    assert_int_equal(deliver(p, &p->client, tern_bytes_of(bytes, parameters)), TERN_OK);
    assert_int_equal(deliver(p, &p->client, tern_bytes_of(bytes + parameters, FINISHED_SIZE)), TERN_OK);
    assert_int_equal(deliver(p, &p->relay, p->finished), TERN_OK);
    assert_agreed(p);
    assert_true(p->client.key_shown);
    assert_memory_equal(p->client.fingerprint, h.kept.fingerprint, TERN_SHA256_SIZE);
}

static void a_relay_without_the_tickets_secret_is_not_believed(void **state)
{
    (void)state;
    holder h;
    give(&h, TERN_SUITE_AES_256_GCM);
    pair *p = &h.pair;
    const tern_resumed guessed = { .psk = { 9 } };
    uint8_t bytes[TERN_FLIGHT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    pair_client_start(p);
    p->resumed = &guessed;
    assert_int_equal(pair_relay_start(p, p->hello), TERN_OK);
    assert_int_equal(tern_handshake_server_flight(&p->relay, &p->relay_config, &w), TERN_OK);
    assert_int_equal(pair_client_hello(p), TERN_OK);
    size_t parameters = TERN_TLV_HEADER + ((size_t)bytes[2] << 8 | bytes[3]);
    assert_int_equal(deliver(p, &p->client, tern_bytes_of(bytes, parameters)), TERN_OK);
    /*= HS-041 HS-043 */
    assert_int_equal(deliver(p, &p->client, tern_bytes_of(bytes + parameters, FINISHED_SIZE)), TERN_DECRYPT_ERROR);
    assert_no_application_secrets(&p->client);
}

static void a_client_without_a_ticket_is_not_resumed(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_client_start(&p);
    const tern_resumed worth = { .psk = { 1 } };
    p.resumed = &worth;
    assert_int_equal(pair_relay_start(&p, p.hello), TERN_OK);
    /*= HS-043 */
    assert_int_equal(pair_client_hello(&p), TERN_ILLEGAL_PARAMETER);
}

/* What a client that asked for early data or not says to PARAMETERS that say it was taken. */
static tern_error hears_that_it_was_taken(bool asked)
{
    holder h;
    give(&h, TERN_SUITE_AES_256_GCM);
    pair *p = &h.pair;
    tern_resumed worth = { .max_early = 5000 };
    uint8_t bytes[TERN_FLIGHT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    memcpy(worth.psk, psk, sizeof worth.psk);
    h.kept.max_early = 5000;
    p->client_config.early = asked;
    pair_client_start(p);
    p->resumed = &worth;
    assert_int_equal(pair_relay_start(p, p->hello), TERN_OK);
    assert_int_equal(tern_handshake_server_flight(&p->relay, &p->relay_config, &w), TERN_OK);
    assert_int_equal(pair_client_hello(p), TERN_OK);
    return deliver(p, &p->client, tern_bytes_of(bytes, TERN_TLV_HEADER + ((size_t)bytes[2] << 8 | bytes[3])));
}

static void early_data_that_was_not_asked_for_is_not_taken(void **state)
{
    (void)state;
    /*= HS-051 */
    assert_int_equal(hears_that_it_was_taken(true), TERN_OK);
    assert_int_equal(hears_that_it_was_taken(false), TERN_ILLEGAL_PARAMETER);
}

static void attack_10_a_hello_changed_on_the_way_does_not_fit_its_binder(void **state)
{
    (void)state;
    holder h;
    tern_resumed worth;
    bool resumed;
    give(&h, TERN_SUITE_AES_256_GCM);
    pair_client_start(&h.pair);
    tern_bytes hello = h.pair.hello;
    size_t ticket_at = hello.n - TERN_BINDER_PARAM - h.ticket.n;
    for (size_t i = 0; i < hello.n; i++) {
        uint8_t *copy = exact_copy(hello.p, hello.n);
        copy[i] ^= 1;
        int drop = tern_ticket_examine(&h.tickets, &h.pair.relay_config, IN_TIME, tern_bytes_of(copy, hello.n),
                                       &resumed, &worth);
        bool of_the_ticket = i >= ticket_at && i < hello.n - TERN_BINDER_PARAM;
        /*= HS-042 HS-044 */
        if (of_the_ticket) assert_int_equal(drop, TERN_DROP_NONE); /* none of ours: a handshake without it */
        if (drop == TERN_DROP_NONE) assert_false(resumed);
        if (i >= hello.n - TERN_BINDER_SIZE) assert_int_equal(drop, TERN_DROP_HELLO);
        free(copy);
    }
}

static void a_ticket_of_another_suite_is_passed_over(void **state)
{
    (void)state;
    holder h;
    tern_resumed worth;
    bool resumed;
    give(&h, TERN_SUITE_CHACHA20_POLY1305); /* the relay prefers AES */
    pair_client_start(&h.pair);
    /*= HS-043 */
    assert_int_equal(tern_ticket_examine(&h.tickets, &h.pair.relay_config, IN_TIME, h.pair.hello, &resumed, &worth),
                     TERN_DROP_NONE);
    assert_false(resumed);
}

static void who_gives_no_tickets_takes_none(void **state)
{
    (void)state;
    holder h;
    tern_resumed worth;
    bool resumed;
    give(&h, TERN_SUITE_AES_256_GCM);
    pair_client_start(&h.pair);
    assert_int_equal(tern_ticket_examine(NULL, &h.pair.relay_config, IN_TIME, h.pair.hello, &resumed, &worth),
                     TERN_DROP_NONE);
    assert_false(resumed);
    h.tickets.config.lifetime_s = 0;
    assert_false(opens(&h.tickets, IN_TIME, h.ticket));
}

static void a_kept_ticket_comes_back_as_it_was_or_not_at_all(void **state)
{
    (void)state;
    uint8_t bytes[TERN_KEPT_TICKET_MAX];
    holder h;
    tern_kept_ticket back;
    give(&h, TERN_SUITE_AES_256_GCM);
    h.kept.received = 7, h.kept.lifetime_s = 8, h.kept.max_early = 9, h.kept.params = tern_params_absent();
    h.kept.params.max_messages = 10;
    h.kept.trust[31] = 11;
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_kept_ticket_emit(&w, &h.kept);
    memset(&back, 0, sizeof back);
    assert_true(tern_kept_ticket_parse(tern_written(&w), &back));
    assert_int_equal(back.received, 7);
    assert_int_equal(back.lifetime_s, 8);
    assert_int_equal(back.max_early, 9);
    assert_int_equal(back.params.max_messages, 10);
    assert_memory_equal(back.psk, h.kept.psk, sizeof back.psk);
    assert_memory_equal(back.trust, h.kept.trust, sizeof back.trust);
    assert_memory_equal(back.fingerprint, h.kept.fingerprint, sizeof back.fingerprint);
    assert_int_equal(back.n, h.kept.n);
    assert_memory_equal(back.bytes, h.kept.bytes, back.n);
    for (size_t n = 0; n < 126 + h.kept.n; n++) {
        uint8_t *copy = exact_copy(bytes, n);
        assert_false(tern_kept_ticket_parse(tern_bytes_of(copy, n), &back));
        free(copy);
    }
}

static void the_longest_kept_ticket_has_room(void **state)
{
    (void)state;
    uint8_t bytes[TERN_KEPT_TICKET_MAX];
    tern_kept_ticket longest = { .n = TERN_TICKET_MAX };
    memset(&longest.params, 0xff, sizeof longest.params);
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_kept_ticket_emit(&w, &longest);
    assert_true(tern_writer_ok(&w));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_opens_to_what_stood_in_it),
        cmocka_unit_test(no_two_tickets_are_alike),
        cmocka_unit_test(attack_9_a_ticket_with_any_bit_changed_or_missing_is_none),
        cmocka_unit_test(a_ticket_is_of_the_relay_that_has_its_secret),
        cmocka_unit_test(a_ticket_lives_as_long_as_it_says),
        cmocka_unit_test(a_key_seals_for_one_lifetime_and_opens_for_one_more),
        cmocka_unit_test(who_gets_hold_of_a_relay_later_opens_no_ticket_of_long_before),
        cmocka_unit_test(the_secret_of_a_run_is_gone_when_its_first_key_is_made_and_a_shared_one_stays),
        cmocka_unit_test(a_resumed_handshake_needs_no_key_of_the_relay),
        cmocka_unit_test(a_relay_without_the_tickets_secret_is_not_believed),
        cmocka_unit_test(a_client_without_a_ticket_is_not_resumed),
        cmocka_unit_test(early_data_that_was_not_asked_for_is_not_taken),
        cmocka_unit_test(attack_10_a_hello_changed_on_the_way_does_not_fit_its_binder),
        cmocka_unit_test(a_ticket_of_another_suite_is_passed_over),
        cmocka_unit_test(who_gives_no_tickets_takes_none),
        cmocka_unit_test(a_kept_ticket_comes_back_as_it_was_or_not_at_all),
        cmocka_unit_test(the_longest_kept_ticket_has_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
