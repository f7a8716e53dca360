/* SPDX-License-Identifier: MIT */
/* What a key log is told, and when nothing is. */
#include "../pair.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The client has begun already: its page says it. */
static void turn_on_at_client(pair *p, bool on)
{
    tern_handshake_page *page =
        tern_pool_at(tern_endpoint_pool(p->end[PAIR_TO_CLIENT]), pair_client(p)->handshake_page);
    page->key_log = on;
}

/* A pair that is confirmed on both sides, whose ends tell what key_log says of each. */
static pair *established(bool relay, bool client)
{
    pair *p = pair_new(NULL);
    p->end[PAIR_TO_RELAY]->handshake.key_log = relay;
    turn_on_at_client(p, client);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_client(p)->confirmed && pair_relay(p)->confirmed);
    return p;
}

static size_t secrets_of(const pair *p, pair_way at)
{
    size_t n = 0;
    for (size_t i = 0; i < p->events_n[at]; i++) n += p->events[at][i].type == TERN_EVENT_SECRET;
    return n;
}

/*= HS-090 */
static void no_secret_is_told_unless_it_is_asked_for(void **state)
{
    (void)state;
    pair *p = established(false, false);
    assert_int_equal(secrets_of(p, PAIR_TO_RELAY), 0);
    assert_int_equal(secrets_of(p, PAIR_TO_CLIENT), 0);
    pair_free(p);
    p = established(true, false);
    assert_int_equal(secrets_of(p, PAIR_TO_RELAY), 4);
    assert_int_equal(secrets_of(p, PAIR_TO_CLIENT), 0);
    pair_free(p);
}

/*= HS-091 */
static void each_secret_is_told_once_before_connected_and_both_sides_tell_the_same(void **state)
{
    static const char *const labels[] = { "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                                          "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0" };
    pair *p = established(true, true);
    (void)state;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        const tern_event *relay = &p->events[PAIR_TO_RELAY][i], *client = &p->events[PAIR_TO_CLIENT][i];
        assert_int_equal(relay->type, TERN_EVENT_SECRET);
        assert_int_equal(client->type, TERN_EVENT_SECRET);
        assert_string_equal(relay->u.secret.label, labels[i]);
        assert_string_equal(client->u.secret.label, labels[i]);
        assert_memory_equal(relay->u.secret.client_random, client->u.secret.client_random, 32);
        assert_memory_equal(relay->u.secret.secret, client->u.secret.secret, 32);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(relay->u.secret.secret, p->events[PAIR_TO_RELAY][j].u.secret.secret, 32);
    }
    assert_int_equal(p->events[PAIR_TO_CLIENT][4].type, TERN_EVENT_CONNECTED);
    assert_int_equal(secrets_of(p, PAIR_TO_CLIENT), 4);
    pair_free(p);
}

/* What is told opens packets: keys made of it are the connection's. */
/*= HS-091 */
static void what_is_told_are_the_secrets_of_the_keys(void **state)
{
    pair *p = established(true, false);
    tern_packet_keys client, relay;
    (void)state;
    tern_packet_keys_derive(&client, TERN_SUITE_AES_256_GCM, p->events[PAIR_TO_RELAY][2].u.secret.secret);
    tern_packet_keys_derive(&relay, TERN_SUITE_AES_256_GCM, p->events[PAIR_TO_RELAY][3].u.secret.secret);
    assert_memory_equal(&client.header, &pair_client(p)->send_keys.header, sizeof client.header);
    assert_memory_equal(&relay.header, &pair_client(p)->recv_keys.header, sizeof relay.header);
    pair_free(p);
}

/* A relay whose key the client refuses: nothing but the handshake's own packets can be opened with what is told. */
static void a_handshake_that_fails_tells_the_secrets_it_came_to(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    turn_on_at_client(p, true);
    p->end[PAIR_TO_CLIENT]->handshake.pin[0] ^= 1;
    pair_run(p, p->now + TERN_SECOND);
    assert_non_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED));
    assert_int_equal(secrets_of(p, PAIR_TO_CLIENT), 2);
    assert_int_equal(p->events[PAIR_TO_CLIENT][2].type, TERN_EVENT_CLOSED);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_secret_is_told_unless_it_is_asked_for),
        cmocka_unit_test(each_secret_is_told_once_before_connected_and_both_sides_tell_the_same),
        cmocka_unit_test(what_is_told_are_the_secrets_of_the_keys),
        cmocka_unit_test(a_handshake_that_fails_tells_the_secrets_it_came_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
