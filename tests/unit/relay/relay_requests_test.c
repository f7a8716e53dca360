/* SPDX-License-Identifier: MIT */
#include "endpoint/endpoint.h"
#include "world.h"

/*= ROOM-004 ROOM-005 */
static void members_meet_and_talk(void **state)
{
    world *w = world_new(NULL);
    (void)state;
    for (uint32_t i = 1; i <= 3; i++) (void)world_add(w, NULL);
    assert_int_equal(tern_client_join(w->end[1].node, "lounge", "ann"), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_int_equal(tern_client_join(w->end[2].node, "lounge", "bob"), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_int_equal(tern_client_join(w->end[3].node, "lounge", "cyd"), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_int_equal(world_publish(w, 2, "hello"), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_int_equal(tern_client_leave(w->end[1].node), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 0, "joined lounge ann\njoined lounge bob\njoined lounge cyd\nleft 5 ann\n");
    world_expect(w, 1,
                 "joined 1 next 1 count 0\narrived 1 ann\narrived 2 bob\narrived 3 cyd\n"
                 "message 4 bob hello\n");
    world_expect(w, 2,
                 "joined 2 next 2 count 1\npresent ann\narrived 2 bob\narrived 3 cyd\n"
                 "message 4 bob hello\nleft 5 ann\n");
    world_expect(w, 3,
                 "joined 3 next 3 count 2\npresent ann\npresent bob\narrived 3 cyd\n"
                 "message 4 bob hello\nleft 5 ann\n");
    world_free(w);
}

static void a_join_may_travel_with_the_handshake_and_a_message_behind_it(void **state)
{
    world *w = world_new(NULL);
    (void)state;
    (void)world_add(w, NULL);
    assert_int_equal(tern_client_join(w->end[1].node, "lounge", "ann"), TERN_OK);
    assert_int_equal(world_publish(w, 1, "first"), TERN_OK);
    assert_int_equal(tern_client_leave(w->end[1].node), TERN_OK);
    assert_int_equal(tern_client_join(w->end[1].node, "attic", "ann"), TERN_OK);
    world_run(w, 4 * WORLD_DELAY);
    world_expect(w, 0, "joined lounge ann\nleft 3 ann\njoined attic ann\n");
    world_expect(w, 1,
                 "joined 1 next 1 count 0\narrived 1 ann\nmessage 2 ann first\n"
                 "joined 1 next 1 count 0\narrived 1 ann\n");
    world_free(w);
}

static void a_message_of_100000_bytes_reaches_all(void **state)
{
    world *w = world_with_members(NULL, 3, "lounge");
    (void)state;
    w->loss_percent = 5;
    assert_int_equal(tern_client_publish(w->end[1].node, world_body(100000)), TERN_OK);
    assert_int_equal(tern_client_publish(w->end[3].node, world_body(0)), TERN_OK);
    world_run(w, 60 * TERN_SECOND);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_non_null(strstr(world_log(w, i), " ann 100000 bytes\n"));
        assert_non_null(strstr(world_log(w, i), " cyd \n"));
    }
    world_free(w);
}

/* Asks for a room by raw bytes and says what came of it. */
static void join_answers(world *w, const char *room, size_t room_n, const char *nick, size_t nick_n, const char *answer)
{
    uint8_t bytes[TERN_ROOM_HEADER_MAX];
    tern_writer writer = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_room_msg msg = { .type = TERN_R_JOIN, .room = { (const uint8_t *)room, room_n } };
    msg.nick = tern_bytes_of(nick, nick_n);
    tern_room_msg_emit(&writer, &msg);
    assert_int_equal(world_say_to_relay(w, 1, tern_written(&writer)), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 1, answer);
}

/*= ROOM-002 */
static void bad_names_are_refused(void **state)
{
    static const char bad[][8] = { "", " ", "\t", "a\nb", "a\x7f", "a\xc2\x85", "\xff", "\xc0\xaf", "\xe3\x80\x80" };
    static const char long_name[65 + 190] = { 0 };
    char sixty_five[65], *longest = malloc(255);
    world *w = world_new(NULL);
    (void)state;
    (void)world_add(w, NULL);
    memset(sixty_five, 'x', sizeof sixty_five);
    memset(longest, 'y', 255);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        join_answers(w, bad[i], strlen(bad[i]), "ann", 3, "refused 2\n");
        join_answers(w, "lounge", 6, bad[i], strlen(bad[i]), "refused 2\n");
    }
    join_answers(w, "lounge", 6, sixty_five, 65, "refused 2\n");
    join_answers(w, longest, 255, longest, 255, "refused 2\n");
    join_answers(w, long_name, 3, "ann", 3, "refused 2\n"); /* NULs */
    char sixty_four[65] = { 0 };
    memset(sixty_four, 'x', 64);
    assert_int_equal(tern_client_join(w->end[1].node, "l\303\266unge", sixty_four), TERN_OK);
    world_run(w, TERN_SECOND);
    assert_non_null(strstr(world_log(w, 1), "joined 1 next 1 count 0\narrived 1 xxx"));
    free(longest);
    world_free(w);
}

/*= ROOM-003 */
static void a_nickname_that_is_taken_is_refused(void **state)
{
    world *w = world_with_members(NULL, 1, "lounge");
    (void)state;
    uint32_t other = world_add(w, NULL);
    assert_int_equal(tern_client_join(w->end[other].node, "lounge", "ann"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, other, "refused 1\n");
    assert_int_equal(tern_client_join(w->end[other].node, "attic", "ann"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, other, "joined 1 next 1 count 0\narrived 1 ann\n");
    world_expect(w, 1, "");
    world_free(w);
}

/*= ROOM-001 */
static void one_who_is_no_member_is_told_so(void **state)
{
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    assert_int_equal(tern_client_join(w->end[1].node, "attic", "ann"), TERN_OK); /* it is one already */
    assert_int_equal(tern_client_leave(w->end[2].node), TERN_OK);
    assert_int_equal(tern_client_leave(w->end[2].node), TERN_OK);
    assert_int_equal(world_publish(w, 2, "hello?"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "refused 7\nleft 3 bob\n");
    world_expect(w, 2, "refused 6\nrefused 6\n");
    world_expect(w, 0, "left 3 bob\n");
    world_free(w);
}

/*= ROOM-008 */
static void rooms_and_members_are_bounded(void **state)
{
    static const char *const rooms[] = { "", "a", "a", "a", "a", "a", "b", "c" };
    static const char *const nicks[] = { "", "n1", "n2", "n3", "n4", "n5", "n6", "n7" };
    static const char *const answers[] = { "",       "joined",      "joined", "joined",
                                           "joined", "refused 3\n", "joined", "refused 5\n" };
    world *w = world_new(NULL);
    (void)state;
    for (uint32_t i = 1; i <= 7; i++) {
        (void)world_add(w, NULL);
        assert_int_equal(tern_client_join(w->end[i].node, rooms[i], nicks[i]), TERN_OK);
        world_run(w, TERN_SECOND);
        assert_ptr_equal(strstr(world_log(w, i), answers[i]), world_log(w, i));
    }
    world_free(w);
}

/*= ROOM-008 */
static void a_relay_with_named_rooms_has_no_others(void **state)
{
    static const char *const rooms[] = { "lounge", "attic" };
    tern_relay_config config = world_relay_config();
    (void)state;
    config.rooms = rooms;
    config.rooms_n = 2;
    world *w = world_with_members(&config, 1, "attic");
    uint32_t other = world_add(w, NULL);
    assert_int_equal(tern_client_join(w->end[other].node, "cellar", "bob"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, other, "refused 4\n");
    world_free(w);
}

/*= ROOM-001 */
static void a_message_that_cannot_be_read_ends_that_connection_alone(void **state)
{
    static const uint8_t messages[][12] = {
        { 0x00, 0x42, 0x00, 0x01, 0 },    /* LEAVE with a value */
        { 0x00, 0x41, 0x00, 0x09 },       /* PUBLISH that does not fit */
        { 0x00, 0x43, 0, 4, 0, 0, 0, 1 }, /* cut WELCOME */
        { 0x00, 0x46, 0, 4, 0, 0, 0, 1 }, /* cut MISSED */
        { 0x12, 0x34, 0x00, 0x00 },       /* unknown */
        { 0x80, 0x41, 0x00, 0x00 },       /* unknown, ignorable: but alone */
    };
    static const size_t sizes[] = { 5, 4, 8, 8, 4, 4 };
    (void)state;
    for (size_t i = 0; i <= sizeof sizes / sizeof sizes[0]; i++) {
        world *w = world_with_members(NULL, 3, "lounge");
        tern_bytes message = i < sizeof sizes / sizeof sizes[0] ? tern_bytes_of(messages[i], sizes[i])
                                                                : tern_bytes_of(messages[0], 0); /* an empty one */
        assert_int_equal(world_say_to_relay(w, 2, message), TERN_OK);
        assert_int_equal(world_publish(w, 2, "too late"), TERN_OK);
        assert_int_equal(world_publish(w, 3, "still here"), TERN_OK);
        world_run(w, TERN_SECOND);
        world_expect(w, 2, "closed PROTOCOL_VIOLATION\n");
        world_expect(w, 0, "left 4 bob why 3\nclosed PROTOCOL_VIOLATION\n");
        world_expect(w, 1, "left 4 bob why 3\nmessage 5 cyd still here\n");
        world_expect(w, 3, "left 4 bob why 3\nmessage 5 cyd still here\n");
        world_free(w);
    }
}

static void what_only_a_relay_says_ends_the_connection(void **state)
{
    tern_room_msg msg = { .type = TERN_R_MISSED, .number = 1, .last = 2 };
    uint8_t bytes[TERN_ROOM_HEADER_MAX];
    (void)state;
    tern_writer writer = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_room_msg_emit(&writer, &msg);
    world *w = world_with_members(NULL, 1, "lounge");
    assert_int_equal(world_say_to_relay(w, 1, tern_written(&writer)), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "closed PROTOCOL_VIOLATION\n");
    world_free(w);
}

static unsigned count_of(const char *log, const char *line)
{
    unsigned n = 0;
    for (const char *at = log; (at = strstr(at, line)) != NULL; at++) n++;
    return n;
}

/* A client that takes nothing is answered only as far as its queue goes; what it asks meanwhile waits its turn. */
static void requests_wait_until_their_answer_fits(void **state)
{
    tern_relay_config config = world_relay_config();
    (void)state;
    config.transport.send_keep = 4096;
    world *w = world_with_members(&config, 1, "lounge");
    tern_client_config small = world_client_config(w, 2);
    small.transport.max_message = 1024;
    small.transport.message_window = 2048;
    (void)world_add(w, &small);
    world_run(w, TERN_SECOND);
    w->end[2].asleep = true;
    for (int i = 0; i < 400; i++) assert_int_equal(tern_client_leave(w->end[2].node), TERN_OK);
    assert_int_equal(tern_client_join(w->end[2].node, "lounge", "bob"), TERN_OK);
    assert_int_equal(world_publish(w, 2, "at last"), TERN_OK);
    world_run(w, 5 * TERN_SECOND);
    assert_true(tern_endpoint_message_waiting((tern_endpoint *)w->end[0].node, w->peer[2]) <= 4096);
    world_expect(w, 0, "");
    w->end[2].asleep = false;
    world_run(w, 20 * TERN_SECOND);
    world_expect(w, 0, "joined lounge bob\n");
    world_expect(w, 1, "arrived 2 bob\nmessage 3 bob at last\n");
    const char *log = world_log(w, 2);
    assert_int_equal(count_of(log, "refused 6\n"), 400);
    assert_non_null(
        strstr(log, "refused 6\njoined 2 next 2 count 1\npresent ann\narrived 2 bob\nmessage 3 bob at last\n"));
    world_free(w);
}

static void a_join_waits_until_the_roster_fits(void **state)
{
    tern_relay_config config = world_relay_config();
    uint8_t bytes[256];
    char text[TERN_TEXT_MAX + 1] = { 0 };
    tern_room_msg msg = { .type = TERN_R_REFUSED, .code = 99 };
    (void)state;
    memset(text, 'x', TERN_TEXT_MAX);
    msg.text = text_bytes(text);
    config.transport.send_keep = 4096;
    world *w = world_with_members(&config, 3, "lounge");
    (void)world_add(w, NULL);
    world_run(w, TERN_SECOND);
    w->end[0].asleep = true;
    assert_int_equal(tern_client_join(w->end[4].node, "lounge", "dan"), TERN_OK);
    assert_int_equal(world_publish(w, 4, "me too"), TERN_OK);
    world_run(w, TERN_SECOND);
    tern_writer writer = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_room_msg_emit(&writer, &msg);
    while (world_say_to_client(w, 4, tern_written(&writer)) == TERN_OK) {
    } /* the queue is full but for a little */
    w->end[0].asleep = false;
    world_settle(w);
    world_expect(w, 0, "");
    world_run(w, TERN_SECOND);
    world_expect(w, 0, "joined lounge dan\n");
    assert_non_null(strstr(world_log(w, 4), "refused 99\nrefused 99\n"));
    assert_non_null(strstr(world_log(w, 4), "\njoined 4 next 4 count 3\npresent ann\npresent bob\npresent cyd\n"
                                            "arrived 4 dan\nmessage 5 dan me too\n"));
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_meet_and_talk),
        cmocka_unit_test(a_join_may_travel_with_the_handshake_and_a_message_behind_it),
        cmocka_unit_test(a_message_of_100000_bytes_reaches_all),
        cmocka_unit_test(bad_names_are_refused),
        cmocka_unit_test(a_nickname_that_is_taken_is_refused),
        cmocka_unit_test(one_who_is_no_member_is_told_so),
        cmocka_unit_test(rooms_and_members_are_bounded),
        cmocka_unit_test(a_relay_with_named_rooms_has_no_others),
        cmocka_unit_test(a_message_that_cannot_be_read_ends_that_connection_alone),
        cmocka_unit_test(what_only_a_relay_says_ends_the_connection),
        cmocka_unit_test(requests_wait_until_their_answer_fits),
        cmocka_unit_test(a_join_waits_until_the_roster_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
