/* SPDX-License-Identifier: MIT */
#include "relay/fanout.h"

#include "endpoint/internal.h"
#include "world.h"

/* How often a word stands in a log. */
static unsigned lines_of(const char *log, const char *word)
{
    unsigned n = 0;
    for (const char *at = log; (at = strstr(at, word)) != NULL; at++) n++;
    return n;
}

/*= ROOM-004 */
static void all_members_see_one_order(void **state)
{
    char text[16];
    world *w = world_with_members(NULL, 4, "lounge");
    (void)state;
    w->loss_percent = 10;
    for (int i = 0; i < 50; i++) {
        for (uint32_t c = 1; c <= 4; c++) {
            (void)snprintf(text, sizeof text, "%u.%d", c, i);
            assert_int_equal(world_publish(w, c, text), TERN_OK);
        }
        world_run(w, random_below(&w->random, 30) * TERN_MS);
    }
    world_run(w, 60 * TERN_SECOND);
    assert_int_equal(lines_of(world_log(w, 1), "message "), 200);
    for (uint32_t c = 2; c <= 4; c++) assert_string_equal(world_log(w, c), world_log(w, 1));
    world_free(w);
}

/*= ROOM-006 */
static void a_slow_member_holds_nobody_up_and_is_told_what_it_missed(void **state)
{
    unsigned first, last, number;
    world *w = world_with_members(NULL, 3, "lounge");
    (void)state;
    w->end[3].asleep = true;
    for (int i = 0; i < 300; i++) {
        assert_int_equal(tern_client_publish(w->end[1].node, world_body(10000)), TERN_OK);
        world_run(w, 200 * TERN_MS);
    }
    assert_int_equal(lines_of(world_log(w, 1), " 10000 bytes"), 300);
    assert_int_equal(lines_of(world_log(w, 2), " 10000 bytes"), 300);
    const tern_relay *relay = (const tern_relay *)w->end[0].memory;
    assert_true(tern_endpoint_message_waiting(&relay->endpoint, w->peer[3]) <=
                relay->endpoint.config.limits.message_keep);
    w->end[3].asleep = false;
    world_run(w, 20 * TERN_SECOND);
    const char *missed = strstr(world_log(w, 3), "missed ");
    assert_non_null(missed);
    assert_int_equal(sscanf(missed, "missed %u to %u\nmessage %u ann", &first, &last, &number), 3);
    assert_true(first > 4 && last > first && number == last + 1);
    assert_int_equal(lines_of(world_log(w, 3), " 10000 bytes"), 300 - (last - first + 1));
    assert_non_null(strstr(world_log(w, 3), "message 303 ann"));
    world_free(w);
}

/*= ROOM-006 */
static void a_message_larger_than_a_member_takes_is_missed_by_it_alone(void **state)
{
    world *w = world_with_members(NULL, 1, "lounge");
    tern_client_config small = world_client_config(w, 2);
    (void)state;
    small.transport.max_message = 1024;
    (void)world_add(w, &small);
    assert_int_equal(tern_client_join(w->end[2].node, "lounge", "bob"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_forget_logs(w);
    assert_int_equal(world_publish(w, 1, "one"), TERN_OK);
    assert_int_equal(tern_client_publish(w->end[1].node, world_body(5000)), TERN_OK);
    assert_int_equal(tern_client_publish(w->end[1].node, world_body(1024)), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "message 3 ann one\nmessage 4 ann 5000 bytes\nmessage 5 ann 1024 bytes\n");
    world_expect(w, 2, "message 3 ann one\nmissed 4 to 4\nmessage 5 ann 1024 bytes\n");
    world_free(w);
}

/* The pool holds the message and its copy for two of the four members: the others are served when those are done. */
static void members_whom_memory_failed_are_served_later(void **state)
{
    tern_relay_config config = world_relay_config();
    (void)state;
    config.transport.pages = 110;
    world *w = world_with_members(&config, 4, "lounge");
    assert_int_equal(tern_client_publish(w->end[1].node, world_body(120000)), TERN_OK);
    world_run(w, 30 * TERN_SECOND);
    for (uint32_t i = 1; i <= 4; i++) world_expect(w, i, "message 5 ann 120000 bytes\n");
    tern_stats stats;
    tern_node_stats(w->end[0].node, &stats);
    assert_true(stats.pages_least_free < 30);
    world_free(w);
}

/*= ROOM-005 */
static void the_roster_is_of_the_moment_of_welcome(void **state)
{
    world *w = world_with_members(NULL, 3, "lounge");
    (void)state;
    uint32_t late = world_add(w, NULL);
    world_run(w, TERN_SECOND);
    /* all in one round: dan joins, then ann leaves, cyd says something */
    assert_int_equal(tern_client_join(w->end[late].node, "lounge", "dan"), TERN_OK);
    world_run(w, TERN_MS);
    assert_int_equal(tern_client_leave(w->end[1].node), TERN_OK);
    assert_int_equal(world_publish(w, 3, "bye ann"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, late,
                 "joined 4 next 4 count 3\npresent ann\npresent bob\npresent cyd\narrived 4 dan\n"
                 "left 5 ann\nmessage 6 cyd bye ann\n");
    world_free(w);
}

static void an_answer_fits_its_bound(void **state)
{
    uint8_t bytes[512];
    tern_room_msg msg = { .type = TERN_R_RELAYED, .sender = { .family = 6, .nick_n = TERN_NAME_MAX } };
    (void)state;
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_room_msg_emit(&w, &msg);
    assert_int_equal(w.n, TERN_EVENT_HEADER_MAX);
    assert_true(TERN_EVENT_HEADER_MAX <= TERN_ROOM_HEADER_MAX);
    w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    msg.type = TERN_R_PRESENT;
    tern_room_msg_emit(&w, &msg);
    assert_int_equal(w.n, TERN_PRESENT_MAX);
    w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    msg.type = TERN_R_WELCOME;
    tern_room_msg_emit(&w, &msg);
    assert_int_equal(w.n, TERN_WELCOME_SIZE);
    assert_int_equal(tern_fanout_welcome_bytes(2), 4 + TERN_WELCOME_SIZE + 2 * (4 + TERN_PRESENT_MAX));
}

static void a_peer_that_takes_no_room_message_is_closed(void **state)
{
    world *w = world_with_members(NULL, 1, "lounge");
    (void)state;
    (void)world_add(w, NULL);
    world_run(w, TERN_SECOND);
    tern_endpoint_find((tern_endpoint *)w->end[0].node, w->peer[2])->messages.send_max = 20; /* as if it had said so */
    assert_int_equal(tern_client_join(w->end[2].node, "lounge", "bob"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 2, "closed MESSAGE_TOO_LARGE\n");
    world_expect(w, 1, "arrived 2 bob\nleft 3 bob why 3\n");
    world_free(w);
}

/* Takes the relay's last pages away for the time in which it handles what has come, and gives them back. */
static void handle_without_memory(world *w)
{
    tern_pool *pool = tern_endpoint_pool((tern_endpoint *)w->end[0].node);
    tern_page pages[1024];
    size_t n = 0;
    while ((pages[n] = tern_pool_take(pool, TERN_FOR_RECORDS)) != 0) n++;
    w->end[0].asleep = false;
    world_settle(w);
    while (n > 0) tern_pool_give(pool, pages[--n]);
    world_run(w, TERN_SECOND);
}

static void a_request_that_memory_cannot_answer_ends_its_connection(void **state)
{
    (void)state;
    for (int join = 0; join < 2; join++) {
        world *w = world_with_members(NULL, 1, "lounge");
        (void)world_add(w, NULL);
        world_run(w, TERN_SECOND);
        w->end[0].asleep = true;
        if (join)
            assert_int_equal(tern_client_join(w->end[2].node, "lounge", "bob"), TERN_OK);
        else
            assert_int_equal(tern_client_leave(w->end[2].node), TERN_OK);
        world_run(w, TERN_SECOND);
        handle_without_memory(w);
        world_expect(w, 2, "closed INTERNAL_ERROR\n");
        world_expect(w, 1, join ? "arrived 2 bob\nleft 3 bob why 3\n" : "");
        world_free(w);
    }
}

static void a_member_whom_memory_failed_is_served_when_there_is_some(void **state)
{
    world *w = world_with_members(NULL, 2, "lounge");
    (void)state;
    w->end[0].asleep = true;
    assert_int_equal(world_publish(w, 1, "hello"), TERN_OK);
    world_run(w, TERN_SECOND);
    handle_without_memory(w);
    world_expect(w, 1, "message 3 ann hello\n");
    world_expect(w, 2, "message 3 ann hello\n");
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_members_see_one_order),
        cmocka_unit_test(a_slow_member_holds_nobody_up_and_is_told_what_it_missed),
        cmocka_unit_test(a_message_larger_than_a_member_takes_is_missed_by_it_alone),
        cmocka_unit_test(members_whom_memory_failed_are_served_later),
        cmocka_unit_test(the_roster_is_of_the_moment_of_welcome),
        cmocka_unit_test(an_answer_fits_its_bound),
        cmocka_unit_test(a_peer_that_takes_no_room_message_is_closed),
        cmocka_unit_test(a_request_that_memory_cannot_answer_ends_its_connection),
        cmocka_unit_test(a_member_whom_memory_failed_is_served_when_there_is_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
