/* SPDX-License-Identifier: MIT */
#include "relay/relay.h"

#include "unit/crypto/support.h"
#include "world.h"

/*= ROOM-007 */
static void a_member_that_vanishes_is_told_as_timed_out(void **state)
{
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    w->end[2].cut = true;
    world_run(w, 60 * TERN_SECOND);
    world_expect(w, 1, "left 3 bob why 2\n");
    world_expect(w, 0, "left 3 bob why 2\nclosed IDLE_TIMEOUT\n");
    assert_int_equal(tern_relay_connections(w->end[0].node), 1);
    world_free(w);
}

/*= ROOM-007 */
static void a_member_that_closes_is_told_as_closed(void **state)
{
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    assert_int_equal(world_publish(w, 2, "bye"), TERN_OK);
    world_run(w, 3 * WORLD_DELAY);
    tern_peer_close(w->end[2].node, w->now, 0, TERN_NO_ERROR, "enough");
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "message 3 bob bye\nleft 4 bob why 1\n");
    world_expect(w, 0, "left 4 bob why 1\nclosed NO_ERROR\n");
    world_free(w);
}

/*= ROOM-007 */
static void a_member_that_is_sent_away_is_told_as_such(void **state)
{
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    tern_peer_close(w->end[0].node, w->now, w->peer[2], TERN_CONNECTION_REFUSED, "out");
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "left 3 bob why 3\n");
    world_expect(w, 2, "closed CONNECTION_REFUSED\n");
    world_free(w);
}

static void a_seat_that_was_given_back_remembers_nothing(void **state)
{
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    tern_peer first = w->peer[2];
    tern_peer_close(w->end[2].node, w->now, 0, TERN_NO_ERROR, "");
    world_run(w, 5 * TERN_SECOND);
    for (uint32_t i = 3; i <= 8; i++) (void)world_add(w, NULL);
    world_run(w, 5 * TERN_SECOND);
    for (uint32_t i = 3; i <= 8; i++) assert_true(w->peer[i] != first && w->peer[i] != 0);
    assert_int_equal(world_publish(w, 3, "not a member"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 3, "refused 6\n");
    world_free(w);
}

static void a_relay_that_shuts_down_says_so_and_takes_nobody(void **state)
{
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    tern_relay_shutdown(w->end[0].node, w->now);
    (void)world_add(w, NULL);
    world_run(w, 20 * TERN_SECOND);
    world_expect(w, 1, "closed GOING_AWAY\n");
    world_expect(w, 2, "closed GOING_AWAY\n");
    world_expect(w, 3, "closed HANDSHAKE_TIMEOUT\n");
    assert_int_equal(tern_relay_connections(w->end[0].node), 0);
    world_free(w);
}

static void streams_pass_through_to_the_application(void **state)
{
    world *w = world_with_members(NULL, 1, "lounge");
    uint32_t id;
    size_t taken, n;
    uint8_t bytes[16];
    bool fin;
    (void)state;
    assert_int_equal(tern_peer_stream_open(w->end[1].node, 0, TERN_BOTH_WAYS, &id), TERN_OK);
    assert_int_equal(tern_peer_stream_write(w->end[1].node, 0, id, text_bytes("file"), &taken), TERN_OK);
    assert_int_equal(tern_peer_stream_finish(w->end[1].node, 0, id), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_ptr_equal(strstr(world_log(w, 0), "stream 0\n"), world_log(w, 0));
    assert_int_equal(tern_peer_stream_read(w->end[0].node, w->peer[1], id, (tern_buf){ bytes, sizeof bytes }, &n, &fin),
                     TERN_OK);
    assert_int_equal(n, 4);
    assert_true(fin);
    world_free(w);
}

/* Puts every node into another block, as a plain copy, and spoils the old one. */
static void move_nodes(world *w)
{
    for (uint32_t i = 0; i <= w->clients; i++) {
        world_end *end = &w->end[i];
        uint8_t *moved = malloc(end->n + WORLD_GUARD);
        assert_non_null(moved);
        memcpy(moved, end->memory, end->n + WORLD_GUARD);
        memset(end->memory, 0xdd, end->n);
        free(end->memory);
        end->memory = moved;
        end->node = (tern_node *)moved;
    }
}

static const char *const fixture_key = "leaf_key.pem";

/* A world whose relay has a certificate, which its clients verify: all the views that a node may hold. */
static world *certified(void)
{
    tern_relay_config relay = world_relay_config();
    relay.unix_seconds_at_0 = UINT64_C(2000000000); /* the fixtures are valid then */
    relay.key_pem = FIXTURE(fixture_key);
    relay.cert_pem = FIXTURE("chain.pem");
    world *w = world_new(&relay);
    for (uint32_t i = 1; i <= 3; i++) {
        tern_client_config client = world_client_config(w, i);
        client.unix_seconds_at_0 = relay.unix_seconds_at_0;
        client.trust.proof = TERN_PROOF_CA;
        client.trust.ca_pem = FIXTURE("root.pem");
        client.trust.dns_name = "relay.example";
        (void)world_add(w, &client);
    }
    return w;
}

static void converse(world *w, bool moving)
{
    static const char *const nicks[] = { "", "ann", "bob", "cyd" };
    if (moving) move_nodes(w);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(tern_client_join(w->end[i].node, "lounge", nicks[i]), TERN_OK);
        world_run(w, 15 * TERN_MS);
        if (moving) move_nodes(w);
    }
    w->loss_percent = 20;
    for (int k = 0; k < 20; k++) {
        for (uint32_t i = 1; i <= 3; i++)
            assert_int_equal(tern_client_publish(w->end[i].node, world_body(i * 1000)), TERN_OK);
        world_run(w, 20 * TERN_MS);
        if (moving) move_nodes(w);
    }
    world_run(w, 20 * TERN_SECOND);
}

static void a_copy_of_a_node_has_the_same_future(void **state)
{
    (void)state;
    world *stays = certified(), *moves = certified();
    converse(stays, false);
    converse(moves, true);
    assert_int_equal(stays->sent, moves->sent);
    assert_int_equal(stays->digest, moves->digest);
    for (uint32_t i = 0; i <= 3; i++) assert_string_equal(world_log(stays, i), world_log(moves, i));
    assert_non_null(strstr(world_log(moves, 3), " ann 1000 bytes\n"));
    world_free(stays);
    world_free(moves);
}

static void random_act(world *w, uint32_t client)
{
    static const char *const names[] = { "lounge", "attic", "cellar", "" };
    static const char *const nicks[] = { "ann", "bob", "cyd", "dan", "\n" };
    world_end *end = &w->end[client];
    uint8_t noise[24];
    switch (random_below(&w->random, 14)) {
    case 0:
    case 1:
    case 2:
        (void)tern_client_join(end->node, names[random_below(&w->random, 4)], nicks[random_below(&w->random, 5)]);
        break;
    case 3:
        if (random_below(&w->random, 4) == 0) (void)tern_client_leave(end->node);
        break;
    case 4:
    case 5: (void)tern_client_publish(end->node, world_body(41 + random_below(&w->random, 100000))); break;
    case 6: end->cut = random_below(&w->random, 8) == 0; break;
    case 7: end->asleep = random_below(&w->random, 2) == 0; break;
    case 8:
        if (random_below(&w->random, 20) == 0) tern_peer_close(end->node, w->now, 0, TERN_NO_ERROR, "bye");
        break;
    case 9:
        for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)random_below(&w->random, 256);
        noise[0] = 0;
        noise[1] = (uint8_t)(0x40 + random_below(&w->random, 8));
        noise[2] = 0;
        if (random_below(&w->random, 20) == 0)
            (void)world_say_to_relay(w, client, tern_bytes_of(noise, 4 + random_below(&w->random, 20)));
        break;
    default: (void)world_publish(w, client, "a few words"); break;
    }
}

/* No client is ever led to find fault with the relay, and all memory comes back. */
static void a_turbulent_day_leaves_nothing_behind(void **state)
{
    tern_relay_config config = world_relay_config();
    tern_stats stats;
    uint8_t lives = 0;
    (void)state;
    config.transport.pages = 400;
    world *w = world_new(&config);
    w->loss_percent = 3;
    for (uint32_t i = 1; i <= WORLD_CLIENTS; i++) (void)world_add(w, NULL);
    for (int round = 0; round < 10000; round++) {
        uint32_t client = 1 + (uint32_t)random_below(&w->random, w->clients);
        random_act(w, client);
        world_run(w, random_below(&w->random, 40) * TERN_MS);
        if (strstr(world_log(w, client), "closed") != NULL) world_replace(w, client, ++lives);
        if (round % 50 == 0) world_forget_logs(w);
    }
    assert_int_equal(w->faults, 0);
    assert_true(lives > 20 && w->told[TERN_EVENT_MISSED] > 0 && w->told[TERN_EVENT_MESSAGE] > 1000);
    for (uint32_t i = 1; i <= WORLD_CLIENTS; i++) w->end[i].cut = w->end[i].asleep = false;
    tern_relay_shutdown(w->end[0].node, w->now);
    world_run(w, 90 * TERN_SECOND);
    tern_node_stats(w->end[0].node, &stats);
    assert_int_equal(stats.connections, 0);
    assert_int_equal(stats.pages_free, stats.pages);
    tern_rooms *rooms = tern_relay_rooms((tern_relay *)w->end[0].memory);
    for (uint32_t i = 0; i < WORLD_CLIENTS; i++) assert_null(tern_rooms_member(rooms, i));
    world_free(w);
}

static void times_are_told_by_the_relays_clock(void **state)
{
    (void)state;
    world *w = world_with_members(NULL, 1, "lounge");
    tern_relay *relay = (tern_relay *)w->end[0].memory;
    assert_int_equal(tern_relay_unix_ms(relay), WORLD_EPOCH * 1000 + relay->now / TERN_MS);
    assert_true(relay->now <= w->now && w->now - relay->now < 2 * TERN_SECOND);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_that_vanishes_is_told_as_timed_out),
        cmocka_unit_test(a_member_that_closes_is_told_as_closed),
        cmocka_unit_test(a_member_that_is_sent_away_is_told_as_such),
        cmocka_unit_test(a_seat_that_was_given_back_remembers_nothing),
        cmocka_unit_test(a_relay_that_shuts_down_says_so_and_takes_nobody),
        cmocka_unit_test(streams_pass_through_to_the_application),
        cmocka_unit_test(a_copy_of_a_node_has_the_same_future),
        cmocka_unit_test(a_turbulent_day_leaves_nothing_behind),
        cmocka_unit_test(times_are_told_by_the_relays_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
