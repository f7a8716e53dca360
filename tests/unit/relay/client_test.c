/* SPDX-License-Identifier: MIT */
#include "relay/client.h"

#include "world.h"

/* The relay says something of its own accord to bob, the second of two members, who has seen event 2. */
static int relay_says(world *w, const tern_room_msg *msg, const char *body)
{
    uint8_t bytes[1024];
    tern_writer writer = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_room_msg_emit(&writer, msg);
    tern_write_bytes(&writer, text_bytes(body));
    assert_true(tern_writer_ok(&writer));
    int result = world_say_to_client(w, 2, tern_written(&writer));
    world_run(w, TERN_SECOND);
    return result;
}

static void violates(const tern_room_msg *msg)
{
    world *w = world_with_members(NULL, 2, "lounge");
    assert_int_equal(relay_says(w, msg, ""), TERN_OK);
    world_expect(w, 2, "closed PROTOCOL_VIOLATION\n");
    world_free(w);
}

#define FROM .sender = { .member = 9, .nick_n = 3, .nick = "eve" }

/*= ROOM-004 */
static void a_number_that_repeats_or_skips_ends_the_connection(void **state)
{
    (void)state;
    violates(&(tern_room_msg){ .type = TERN_R_RELAYED, .number = 2, FROM });
    violates(&(tern_room_msg){ .type = TERN_R_RELAYED, .number = 4, FROM });
    violates(&(tern_room_msg){ .type = TERN_R_RELAYED, .number = 0, FROM });
    violates(&(tern_room_msg){ .type = TERN_R_ARRIVED, .number = 1, FROM });
    violates(&(tern_room_msg){ .type = TERN_R_LEFT, .number = UINT64_MAX, FROM });
    violates(&(tern_room_msg){ .type = TERN_R_MISSED, .number = 2, .last = 7 });
    violates(&(tern_room_msg){ .type = TERN_R_MISSED, .number = 3, .last = UINT64_MAX });
}

/*= ROOM-005 */
static void what_comes_out_of_turn_ends_the_connection(void **state)
{
    (void)state;
    violates(&(tern_room_msg){ .type = TERN_R_WELCOME, .member = 1, .number = 3 });
    violates(&(tern_room_msg){ .type = TERN_R_PRESENT, FROM });
    violates(&(tern_room_msg){ .type = TERN_R_LEAVE });
    violates(&(tern_room_msg){ .type = TERN_R_JOIN, .room = text_bytes("a"), .nick = text_bytes("b") });
}

static void a_message_that_cannot_be_read_ends_the_connection(void **state)
{
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    assert_int_equal(world_say_to_client(w, 2, text_bytes("nonsense")), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 2, "closed PROTOCOL_VIOLATION\n");
    world_free(w);
}

static void what_comes_in_turn_is_told(void **state)
{
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    assert_int_equal(relay_says(w, &(tern_room_msg){ .type = TERN_R_RELAYED, .number = 3, FROM }, "psst"), TERN_OK);
    assert_int_equal(relay_says(w, &(tern_room_msg){ .type = TERN_R_MISSED, .number = 4, .last = 9 }, ""), TERN_OK);
    assert_int_equal(relay_says(w, &(tern_room_msg){ .type = TERN_R_LEFT, .number = 10, .why = 2, FROM }, ""), TERN_OK);
    assert_int_equal(relay_says(w, &(tern_room_msg){ .type = TERN_R_REFUSED, .code = 99 }, ""), TERN_OK);
    world_expect(w, 2, "message 3 eve psst\nmissed 4 to 9\nleft 10 eve why 2\nrefused 99\n");
    world_free(w);
}

/* Until PRESENT has come as often as WELCOME said, events are out of turn. */
static void an_event_amid_the_roster_ends_the_connection(void **state)
{
    uint8_t bytes[256];
    world *w = world_with_members(NULL, 1, "lounge");
    tern_room_msg msgs[] = { { .type = TERN_R_WELCOME, .member = 1, .number = 3, .count = 2 },
                             { .type = TERN_R_PRESENT, FROM },
                             { .type = TERN_R_ARRIVED, .number = 3, FROM } };
    (void)state;
    (void)world_add(w, NULL);
    world_run(w, TERN_SECOND);
    w->end[0].asleep = true; /* the real relay does not answer */
    assert_int_equal(tern_client_join(w->end[2].node, "lounge", "bob"), TERN_OK);
    for (size_t i = 0; i < 3; i++) {
        tern_writer writer = tern_writer_of((tern_buf){ bytes, sizeof bytes });
        tern_room_msg_emit(&writer, &msgs[i]);
        assert_int_equal(world_say_to_client(w, 2, tern_written(&writer)), TERN_OK);
    }
    world_run(w, TERN_SECOND);
    world_expect(w, 2, "joined 1 next 3 count 2\npresent eve\nclosed PROTOCOL_VIOLATION\n");
    world_free(w);
}

static void the_address_of_a_member_is_told(void **state)
{
    tern_event event;
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    w->end[1].asleep = true;
    assert_int_equal(world_publish(w, 2, "hi"), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_true(tern_node_poll(w->end[1].node, &event));
    assert_int_equal(event.type, TERN_EVENT_MESSAGE);
    assert_int_equal(event.u.message.sender.id, 2);
    assert_int_equal(event.u.message.sender.addr.family, 4);
    assert_memory_equal(event.u.message.sender.addr.ip, w->end[2].path.local.ip, 16);
    assert_int_equal(event.u.message.sender.addr.port, 40000);
    assert_true(event.u.message.time_ms >= WORLD_EPOCH * 1000);
    assert_true(event.u.message.time_ms <= WORLD_EPOCH * 1000 + w->now / TERN_MS);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_that_repeats_or_skips_ends_the_connection),
        cmocka_unit_test(what_comes_out_of_turn_ends_the_connection),
        cmocka_unit_test(a_message_that_cannot_be_read_ends_the_connection),
        cmocka_unit_test(what_comes_in_turn_is_told),
        cmocka_unit_test(an_event_amid_the_roster_ends_the_connection),
        cmocka_unit_test(the_address_of_a_member_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
