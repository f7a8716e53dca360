/* SPDX-License-Identifier: MIT */
/* Tickets where clients have to prove who they are. */
#include "world.h"

static uint8_t ada_pem[512], ben_pem[512];
static uint8_t keys[3][TERN_FINGERPRINT_SIZE]; /* the last is nobody's */
static tern_bytes ada, ben;

static tern_bytes new_key(uint8_t which, uint8_t pem[512])
{
    uint8_t seed[TERN_SEED_SIZE] = { 77, which };
    size_t n;
    assert_int_equal(tern_key_new(seed, (tern_buf){ pem, 512 }, &n), TERN_OK);
    assert_int_equal(tern_key_pem_fingerprint(tern_bytes_of(pem, n), keys[which]), TERN_OK);
    return tern_bytes_of(pem, n);
}

/* A relay that lets ada and ben in. */
static tern_relay_config asking(void)
{
    tern_relay_config relay = world_relay_config();
    ada = new_key(0, ada_pem);
    ben = new_key(1, ben_pem);
    relay.ticket_secret[0] = 1;
    relay.require_client_key = true;
    relay.client_keys = (const uint8_t(*)[TERN_FINGERPRINT_SIZE])keys;
    relay.client_keys_n = 3;
    return relay;
}

/* Comes with a key and a ticket, each of which may be empty; the client's place. */
static uint32_t come(world *w, tern_bytes key, tern_bytes ticket)
{
    tern_client_config client = world_client_config(w, w->clients + 1);
    client.key_pem = key;
    client.ticket = ticket;
    client.early = true;
    uint32_t i = world_add(w, &client);
    w->end[0].connected.type = 0;
    assert_int_equal(tern_client_join(w->end[i].node, "lobby", "ann"), TERN_OK);
    world_run(w, TERN_SECOND);
    return i;
}

static tern_bytes ticket_of(const world *w, uint32_t i)
{
    assert_int_equal(w->end[i].ticket.type, TERN_EVENT_TICKET);
    return tern_bytes_of(w->end[i].ticket.u.ticket.bytes, w->end[i].ticket.u.ticket.n);
}

static void leave(world *w, uint32_t i)
{
    tern_peer_close(w->end[i].node, w->now, 0, TERN_NO_ERROR, "");
    world_run(w, TERN_SECOND);
    world_forget_logs(w);
}

/*= HS-047 */
static void who_comes_back_with_a_ticket_is_known_by_the_key_of_before(void **state)
{
    (void)state;
    tern_relay_config relay = asking();
    world *w = world_new(&relay);
    uint32_t i = come(w, ada, (tern_bytes){ 0 });
    assert_false(w->end[i].connected.u.connected.resumed);
    leave(w, i);
    for (unsigned again = 0; again < 2; again++) { /* the ticket of a resumed connection is hers, too */
        i = come(w, ada, ticket_of(w, i));
        const tern_event *e = &w->end[0].connected;
        assert_true(w->end[i].connected.u.connected.resumed && w->end[i].connected.u.connected.early);
        assert_true(e->u.connected.resumed && e->u.connected.has_fingerprint);
        assert_memory_equal(e->u.connected.fingerprint, keys[0], TERN_FINGERPRINT_SIZE);
        leave(w, i);
    }
    world_free(w);
}

/*= HS-045 HS-047 */
static void attack_12_a_ticket_stands_for_no_other_key(void **state)
{
    (void)state;
    tern_relay_config open = world_relay_config(), relay = asking();
    open.ticket_secret[0] = 1;
    world *before = world_new(&open);
    uint32_t i = come(before, (tern_bytes){ 0 }, (tern_bytes){ 0 }); /* nobody asked who this is */
    world *w = world_new(&relay);
    i = come(w, (tern_bytes){ 0 }, ticket_of(before, i));
    world_expect(w, i, "closed CERTIFICATE_REQUIRED\n");
    i = come(w, ada, (tern_bytes){ 0 });
    leave(w, i);
    i = come(w, ben, ticket_of(w, i));
    assert_false(w->end[i].connected.u.connected.resumed); /* not offered */
    assert_memory_equal(w->end[0].connected.u.connected.fingerprint, keys[1], TERN_FINGERPRINT_SIZE);
    world_free(w);
    world_free(before);
}

/*= HS-047 */
static void attack_12_a_ticket_of_a_key_that_has_left_the_list_opens_nothing(void **state)
{
    (void)state;
    tern_relay_config relay = asking();
    world *w = world_new(&relay);
    uint32_t i = come(w, ada, (tern_bytes){ 0 });
    leave(w, i);
    assert_int_equal(tern_relay_set_client_keys(w->end[0].node, w->now, relay.client_keys + 1, 1), TERN_OK);
    i = come(w, ada, ticket_of(w, i));
    assert_null(strstr(world_log(w, 0), "joined"));
    world_expect(w, i, "closed ACCESS_DENIED\n");
    world_free(w);
}

/*= HS-064 HS-047 */
static void a_key_that_leaves_while_its_ticket_is_under_way_does_not_come_in(void **state)
{
    (void)state;
    for (unsigned ms = 10; ms < 40; ms += 10) {
        tern_relay_config relay = asking();
        world *w = world_new(&relay);
        uint32_t i = come(w, ada, (tern_bytes){ 0 });
        leave(w, i);
        tern_client_config client = world_client_config(w, i + 1);
        client.key_pem = ada;
        client.ticket = ticket_of(w, i);
        i = world_add(w, &client);
        world_run(w, ms * TERN_MS + TERN_MS);
        assert_int_equal(tern_relay_set_client_keys(w->end[0].node, w->now, relay.client_keys + 1, 1), TERN_OK);
        world_run(w, TERN_SECOND);
        world_expect(w, i, "closed ACCESS_DENIED\n");
        world_run(w, 30 * TERN_SECOND);
        assert_int_equal(tern_relay_connections(w->end[0].node), 0);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_back_with_a_ticket_is_known_by_the_key_of_before),
        cmocka_unit_test(attack_12_a_ticket_stands_for_no_other_key),
        cmocka_unit_test(attack_12_a_ticket_of_a_key_that_has_left_the_list_opens_nothing),
        cmocka_unit_test(a_key_that_leaves_while_its_ticket_is_under_way_does_not_come_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
