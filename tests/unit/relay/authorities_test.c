/* SPDX-License-Identifier: MIT */
/* Whose certificates let clients in: from the configuration, changed while the relay runs, in a relay that was moved.
 */
#include "relay/relay.h"
#include "unit/crypto/support.h"
#include "unit/relay/world.h"

static uint8_t pem_room[4][4096];

static tern_bytes pem(int place, const char *file)
{
    return fixture_view(file, pem_room[place], sizeof pem_room[place]);
}

/* A relay that trusts this authority for its clients. */
static world *trusting(const char *root)
{
    tern_relay_config relay = world_relay_config();
    relay.client_ca_pem = pem(0, root);
    return world_new(&relay);
}

/* A client that is asked, and shows this chain. */
static tern_event connect_with(world *w, uint32_t place, const char *chain)
{
    tern_client_config client = world_client_config(w, place);
    client.key_pem = pem(1, "leaf_key.pem");
    client.cert_pem = pem(2, chain);
    assert_int_equal(world_add(w, &client), place);
    world_run(w, TERN_SECOND);
    return w->end[0].connected;
}

static int set(world *w, const char *root)
{
    return tern_relay_set_client_ca(w->end[0].node, w->now, pem(3, root));
}

/*= HS-060 HS-066 */
static void a_client_with_a_certificate_comes_in_by_name(void **state)
{
    (void)state;
    world *w = trusting("bad/root.pem");
    tern_event event = connect_with(w, 1, "bad/for_client.pem");
    assert_int_equal(event.type, TERN_EVENT_CONNECTED);
    assert_true(event.u.connected.has_fingerprint);
    assert_string_equal(event.u.connected.subject, "CN=leaf");
    assert_int_equal(tern_relay_connections(w->end[0].node), 1);
    (void)connect_with(w, 2, "bad/for_server.pem");
    assert_int_equal(tern_relay_connections(w->end[0].node), 1);
    world_free(w);
}

/*= HS-047 */
static void who_came_in_by_an_authority_gets_no_ticket(void **state)
{
    (void)state;
    world *w = trusting("bad/root.pem");
    (void)connect_with(w, 1, "bad/for_client.pem");
    assert_int_equal(tern_relay_connections(w->end[0].node), 1);
    assert_int_equal(w->told[TERN_EVENT_TICKET], 0);
    world_free(w);
}

/*= HS-067 */
static void who_came_in_by_an_authority_goes_with_it(void **state)
{
    (void)state;
    world *w = trusting("bad/root.pem");
    (void)connect_with(w, 1, "bad/for_client.pem");
    assert_int_equal(set(w, "bad/root.pem"), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_int_equal(tern_relay_connections(w->end[0].node), 1);
    assert_int_equal(set(w, "other.pem"), TERN_OK);
    world_run(w, 10 * TERN_SECOND);
    assert_int_equal(tern_relay_connections(w->end[0].node), 0);
    (void)connect_with(w, 2, "bad/for_client.pem");
    assert_int_equal(tern_relay_connections(w->end[0].node), 0);
    assert_int_equal(set(w, "bad/root.pem"), TERN_OK);
    (void)connect_with(w, 3, "bad/for_client.pem");
    assert_int_equal(tern_relay_connections(w->end[0].node), 1);
    world_free(w);
}

/*= HS-064 HS-067 */
static void the_list_and_the_authorities_stand_side_by_side(void **state)
{
    (void)state;
    uint8_t list[1][TERN_FINGERPRINT_SIZE], seed[TERN_SEED_SIZE] = { 77 }, key[512];
    size_t n = 0;
    assert_int_equal(tern_key_new(seed, (tern_buf){ key, sizeof key }, &n), TERN_OK);
    assert_int_equal(tern_key_pem_fingerprint(tern_bytes_of(key, n), list[0]), TERN_OK);
    tern_relay_config relay = world_relay_config();
    relay.client_ca_pem = pem(0, "bad/root.pem");
    relay.require_client_key = true;
    relay.client_keys = (const uint8_t(*)[TERN_FINGERPRINT_SIZE])list;
    relay.client_keys_n = 1;
    world *w = world_new(&relay);
    tern_client_config client = world_client_config(w, 1);
    client.key_pem = tern_bytes_of(key, n);
    assert_int_equal(world_add(w, &client), 1);
    world_run(w, TERN_SECOND);
    assert_string_equal(w->end[0].connected.u.connected.subject, "");
    (void)connect_with(w, 2, "bad/for_client.pem");
    assert_int_equal(tern_relay_connections(w->end[0].node), 2);
    assert_int_equal(tern_relay_set_client_keys(w->end[0].node, w->now, NULL, 0), TERN_OK);
    world_run(w, 10 * TERN_SECOND);
    assert_int_equal(tern_relay_connections(w->end[0].node), 1); /* who has the certificate stays */
    assert_int_equal(set(w, "other.pem"), TERN_OK);
    world_run(w, 10 * TERN_SECOND);
    assert_int_equal(tern_relay_connections(w->end[0].node), 0);
    world_free(w);
}

/* Two authorities, the second of which goes, and then comes back in another place. */
/*= HS-067 */
static void who_came_in_by_an_authority_that_stays_stays(void **state)
{
    (void)state;
    uint8_t both[8192];
    tern_bytes first = pem(0, "other.pem"), second = pem(1, "bad/root.pem");
    memcpy(both, first.p, first.n);
    memcpy(both + first.n, second.p, second.n);
    tern_relay_config relay = world_relay_config();
    relay.client_ca_pem = tern_bytes_of(both, first.n + second.n);
    world *w = world_new(&relay);
    (void)connect_with(w, 1, "bad/for_client.pem");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(set(w, "bad/root.pem"), TERN_OK);
        world_run(w, TERN_SECOND);
        assert_int_equal(tern_relay_connections(w->end[0].node), 1);
    }
    assert_int_equal(tern_relay_set_client_ca(w->end[0].node, w->now, relay.client_ca_pem), TERN_OK);
    assert_int_equal(set(w, "other.pem"), TERN_OK);
    world_run(w, 10 * TERN_SECOND);
    assert_int_equal(tern_relay_connections(w->end[0].node), 0);
    world_free(w);
}

/*= HS-067 */
static void what_cannot_be_used_changes_nothing(void **state)
{
    (void)state;
    static const char *const useless[] = { "leaf_key.pem", "ed25519_root.pem", "weak_root.pem" };
    world *w = trusting("bad/root.pem");
    (void)connect_with(w, 1, "bad/for_client.pem");
    for (size_t i = 0; i < sizeof useless / sizeof useless[0]; i++) {
        assert_non_null(tern_client_ca_check(pem(3, useless[i])));
        assert_int_equal(set(w, useless[i]), TERN_E_BAD_INPUT);
    }
    world_run(w, TERN_SECOND);
    (void)connect_with(w, 2, "bad/for_client.pem");
    assert_int_equal(tern_relay_connections(w->end[0].node), 2);
    world_free(w);

    world *without = world_new(NULL);
    assert_int_equal(set(without, "bad/root.pem"), TERN_E_BAD_INPUT);
    world_free(without);
}

static void a_relay_is_not_made_with_what_cannot_be_used(void **state)
{
    (void)state;
    tern_relay_config relay = world_relay_config();
    relay.client_ca_pem = pem(0, "leaf_key.pem");
    const char *why = NULL;
    tern_node *node;
    void *memory = aligned_alloc(64, (tern_relay_footprint(&relay) + 63) / 64 * 64);
    assert_non_null(memory);
    assert_int_equal(tern_relay_init(memory, &relay, 0, &node, &why), TERN_E_BAD_INPUT);
    assert_string_equal(why, tern_client_ca_check(relay.client_ca_pem));
    assert_null(tern_client_ca_check(pem(3, "rsa_root.pem")));
    free(memory);
}

/* Its block is copied elsewhere, and the place where it was is overwritten. */
static void a_relay_that_was_moved_knows_its_authorities(void **state)
{
    (void)state;
    world *w = trusting("bad/root.pem");
    assert_int_equal(set(w, "bad/root.pem"), TERN_OK);
    uint8_t *memory = malloc(w->end[0].n + WORLD_GUARD);
    assert_non_null(memory);
    memcpy(memory, w->end[0].memory, w->end[0].n + WORLD_GUARD);
    size_t at = (size_t)((uint8_t *)w->end[0].node - w->end[0].memory);
    memset(w->end[0].memory, 0xee, w->end[0].n);
    free(w->end[0].memory);
    w->end[0].memory = memory;
    w->end[0].node = (tern_node *)(void *)(memory + at);
    (void)connect_with(w, 1, "bad/for_client.pem");
    assert_int_equal(tern_relay_connections(w->end[0].node), 1);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_with_a_certificate_comes_in_by_name),
        cmocka_unit_test(who_came_in_by_an_authority_gets_no_ticket),
        cmocka_unit_test(who_came_in_by_an_authority_goes_with_it),
        cmocka_unit_test(who_came_in_by_an_authority_that_stays_stays),
        cmocka_unit_test(the_list_and_the_authorities_stand_side_by_side),
        cmocka_unit_test(what_cannot_be_used_changes_nothing),
        cmocka_unit_test(a_relay_is_not_made_with_what_cannot_be_used),
        cmocka_unit_test(a_relay_that_was_moved_knows_its_authorities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
