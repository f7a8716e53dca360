/* SPDX-License-Identifier: MIT */
/* A member that wants more of the relay than its share, or to speak for others. */
#include "endpoint/internal.h"
#include "wire/room_tlv.h"
#include "world.h"

#define MOVES 4

/* Goes on from another port, and waits until the relay follows. */
static void move(world *w, uint32_t i, uint16_t port)
{
    tern_path path = w->end[i].path;
    path.local.port = port;
    assert_int_equal(tern_client_migrate(w->end[i].node, w->now, &path), TERN_OK);
    w->end[i].path = path;
    world_run(w, 2 * TERN_SECOND);
    const tern_endpoint *relay = (const tern_endpoint *)(const void *)w->end[0].node;
    assert_int_equal(tern_endpoint_slot(relay, i - 1)->connection.path.remote.port, port);
}

/* Streams that a client may open now; each says a word, so that the relay has it. */
static unsigned open_streams(world *w, uint32_t i)
{
    unsigned n = 0;
    uint32_t id;
    while (tern_peer_stream_open(w->end[i].node, 0, TERN_BOTH_WAYS, &id) == TERN_OK && n < 1000) {
        size_t taken;
        assert_int_equal(tern_peer_stream_write(w->end[i].node, 0, id, tern_bytes_of("x", 1), &taken), TERN_OK);
        n++;
    }
    world_run(w, TERN_SECOND);
    return n;
}

/*= CONN-040 ROOM-001 ROOM-003 */
static void attack_11_who_moves_is_still_one_member_with_one_quota(void **state)
{
    (void)state;
    world *w = world_with_members(NULL, 2, "lounge");
    tern_stats before, after;
    assert_true(open_streams(w, 1) > 0);
    tern_node_stats(w->end[0].node, &before);
    world_forget_logs(w);
    for (uint16_t k = 0; k < MOVES; k++) {
        move(w, 1, (uint16_t)(50000 + k));
        assert_int_equal(open_streams(w, 1), 0);
        assert_int_equal(tern_client_join(w->end[1].node, "lounge", "ann"), TERN_OK);
        world_run(w, TERN_SECOND);
        world_expect(w, 1, "refused 7\n"); /* it is a member already */
        assert_int_equal(tern_client_join(w->end[1].node, "attic", "eve"), TERN_OK);
        world_run(w, TERN_SECOND);
        world_expect(w, 1, "refused 7\n");
    }
    tern_node_stats(w->end[0].node, &after);
    assert_int_equal(after.connections, before.connections);
    assert_true(after.pages_free + 2 >= before.pages_free);
    world_expect(w, 2, ""); /* nobody came or left */
    world_free(w);
}

/*= ROOM-001 ROOM-003 */
static void attack_11_nobody_speaks_or_leaves_in_anothers_name(void **state)
{
    static const tern_room_tlv_type types[] = { TERN_R_RELAYED, TERN_R_ARRIVED, TERN_R_LEFT,   TERN_R_WELCOME,
                                                TERN_R_PRESENT, TERN_R_MISSED,  TERN_R_REFUSED };
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint8_t bytes[TERN_ROOM_HEADER_MAX + 16];
        world *w = world_with_members(NULL, 3, "lounge");
        tern_writer message = tern_writer_of((tern_buf){ bytes, sizeof bytes });
        const tern_room_msg forged = { .type = types[i],
                                       .member = 1,
                                       .number = 4,
                                       .last = 4,
                                       .count = 1,
                                       .code = 1,
                                       .sender = { .member = 1, .nick_n = 3, .nick = "ann" } };
        tern_room_msg_emit(&message, &forged);
        if (types[i] == TERN_R_RELAYED) tern_write_bytes(&message, text_bytes("I am ann"));
        assert_true(tern_writer_ok(&message));
        assert_int_equal(world_say_to_relay(w, 2, tern_written(&message)), TERN_OK);
        world_run(w, TERN_SECOND);
        world_expect(w, 2, "closed PROTOCOL_VIOLATION\n");
        world_expect(w, 1, "left 4 bob why 3\n");
        world_expect(w, 3, "left 4 bob why 3\n");
        world_free(w);
    }
}

/* The name is free once its owner has left, and not before, however often and from wherever it is asked for. */
/*= ROOM-003 ROOM-007 */
static void attack_11_a_name_is_its_members_until_it_leaves(void **state)
{
    (void)state;
    world *w = world_with_members(NULL, 1, "lounge");
    uint32_t eve = world_add(w, NULL);
    world_run(w, TERN_SECOND);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(tern_client_join(w->end[eve].node, "lounge", "ann"), TERN_OK);
        world_run(w, 100 * TERN_MS);
        world_expect(w, eve, "refused 1\n");
    }
    assert_int_equal(world_publish(w, eve, "as whom?"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, eve, "refused 6\n");
    world_expect(w, 1, "");
    assert_int_equal(tern_client_leave(w->end[1].node), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_int_equal(tern_client_join(w->end[eve].node, "lounge", "ann"), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_non_null(strstr(world_log(w, eve), "joined"));
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_11_who_moves_is_still_one_member_with_one_quota),
        cmocka_unit_test(attack_11_nobody_speaks_or_leaves_in_anothers_name),
        cmocka_unit_test(attack_11_a_name_is_its_members_until_it_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
