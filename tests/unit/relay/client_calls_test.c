/* SPDX-License-Identifier: MIT */
#include "world.h"

static void names_that_cannot_be_written_are_bad_input(void **state)
{
    char name[300];
    world *w = world_with_members(NULL, 1, "lounge");
    tern_node *client = w->end[1].node;
    (void)state;
    memset(name, 'x', sizeof name);
    name[256] = 0;
    assert_int_equal(tern_client_join(client, name, "ann"), TERN_E_BAD_INPUT);
    assert_int_equal(tern_client_join(client, "lounge", name), TERN_E_BAD_INPUT);
    assert_int_equal(tern_client_join(client, NULL, "ann"), TERN_E_BAD_INPUT);
    assert_int_equal(tern_client_join(client, "lounge", NULL), TERN_E_BAD_INPUT);
    name[255] = 0;
    assert_int_equal(tern_client_join(client, name, name), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "refused 7\n");
    world_free(w);
}

static void a_message_above_the_relays_limit_is_too_large(void **state)
{
    tern_relay_config config = world_relay_config();
    (void)state;
    config.transport.max_message = 4000;
    world *w = world_with_members(&config, 1, "lounge");
    assert_int_equal(tern_client_publish(w->end[1].node, world_body(4001)), TERN_MESSAGE_TOO_LARGE);
    assert_int_equal(tern_client_publish(w->end[1].node, world_body(4000)), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "message 2 ann 4000 bytes\n");
    world_free(w);
}

static void before_the_relay_is_proven_large_messages_are_blocked(void **state)
{
    world *w = world_new(NULL);
    (void)state;
    (void)world_add(w, NULL);
    assert_int_equal(tern_client_publish(w->end[1].node, world_body(100000)), TERN_E_BLOCKED);
    assert_int_equal(tern_client_join(w->end[1].node, "lounge", "ann"), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_int_equal(tern_client_publish(w->end[1].node, world_body(100000)), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "joined 1 next 1 count 0\narrived 1 ann\nmessage 2 ann 100000 bytes\n");
    world_free(w);
}

static void what_is_not_acknowledged_is_counted_and_bounded(void **state)
{
    world *w = world_new(NULL);
    tern_client_config config = world_client_config(w, 1);
    (void)state;
    config.transport.send_keep = 100000;
    (void)world_add(w, &config);
    tern_node *client = w->end[1].node;
    assert_int_equal(tern_client_join(client, "lounge", "ann"), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_int_equal(tern_client_unacknowledged(client), 0);
    w->end[1].cut = true;
    assert_int_equal(tern_client_publish(client, world_body(60000)), TERN_OK);
    assert_int_equal(tern_client_publish(client, world_body(60000)), TERN_E_BLOCKED);
    world_run(w, TERN_SECOND);
    assert_true(tern_client_unacknowledged(client) > 60000);
    w->end[1].cut = false;
    world_run(w, 10 * TERN_SECOND);
    assert_int_equal(tern_client_unacknowledged(client), 0);
    assert_int_equal(tern_client_publish(client, world_body(60000)), TERN_OK);
    world_free(w);
}

static void a_closed_client_says_so(void **state)
{
    world *w = world_with_members(NULL, 1, "lounge");
    tern_node *client = w->end[1].node;
    (void)state;
    tern_peer_close(client, w->now, 0, TERN_NO_ERROR, "");
    world_run(w, 10 * TERN_SECOND);
    world_expect(w, 1, "closed NO_ERROR\n");
    assert_int_equal(tern_client_join(client, "lounge", "ann"), TERN_E_CLOSED);
    assert_int_equal(world_publish(w, 1, "x"), TERN_E_CLOSED);
    assert_int_equal(tern_client_leave(client), TERN_E_CLOSED);
    assert_int_equal(tern_client_unacknowledged(client), 0);
    assert_int_equal(tern_node_next_timeout(client), TERN_TIME_NEVER);
    world_free(w);
}

static void only_a_message_has_a_body_to_read(void **state)
{
    tern_event event;
    uint8_t bytes[64];
    tern_buf out = { bytes, sizeof bytes };
    world *w = world_with_members(NULL, 2, "lounge");
    tern_node *client = w->end[1].node;
    (void)state;
    w->end[1].asleep = true;
    assert_int_equal(world_publish(w, 2, "left unread"), TERN_OK);
    assert_int_equal(world_publish(w, 2, "read"), TERN_OK);
    assert_int_equal(tern_client_leave(w->end[2].node), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_int_equal(tern_client_read(client, out), 0);
    assert_true(tern_node_poll(client, &event));
    assert_int_equal(event.u.message.size, 11);
    assert_true(tern_node_poll(client, &event));
    assert_int_equal(tern_client_read(client, (tern_buf){ bytes, 3 }), 3);
    assert_int_equal(tern_client_read(client, (tern_buf){ bytes + 3, 61 }), 1);
    assert_memory_equal(bytes, "read", 4);
    assert_int_equal(tern_client_read(client, out), 0);
    assert_true(tern_node_poll(client, &event));
    assert_int_equal(event.type, TERN_EVENT_LEFT);
    assert_int_equal(tern_client_read(client, out), 0);
    assert_false(tern_node_poll(client, &event));
    assert_int_equal(tern_client_read(client, out), 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_cannot_be_written_are_bad_input),
        cmocka_unit_test(a_message_above_the_relays_limit_is_too_large),
        cmocka_unit_test(before_the_relay_is_proven_large_messages_are_blocked),
        cmocka_unit_test(what_is_not_acknowledged_is_counted_and_bounded),
        cmocka_unit_test(a_closed_client_says_so),
        cmocka_unit_test(only_a_message_has_a_body_to_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
