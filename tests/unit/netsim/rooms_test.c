/* SPDX-License-Identifier: MIT */
/* The room's checker, told lies. */
#include "rules/rooms.h"

#include "unit/netsim/judged.h"

enum { RELAY, ADA, BOB };

static const char TEXT[] = "node r relay off\nnode ada client off\nnode bob client off\nlink ada-r\nlink bob-r\n";

static tern_event event(tern_event_type type)
{
    tern_event e;
    memset(&e, 0, sizeof e);
    e.type = type;
    return e;
}

static void joined(uint32_t who, uint32_t id, uint64_t next, uint32_t count)
{
    tern_event e = event(TERN_EVENT_JOINED);
    e.u.joined.who.id = id;
    e.u.joined.next = next;
    e.u.joined.count = count;
    r.people[who].room = "hall";
    sim_room_joined(&r, who, &e);
}

static void presence(uint32_t who, tern_event_type type, uint64_t number, uint32_t id)
{
    tern_event e = event(type);
    e.u.presence.number = number;
    e.u.presence.who.id = id;
    snprintf(e.u.presence.who.nick, sizeof e.u.presence.who.nick, "%s", id == 1 ? "ada" : "bob");
    sim_room_presence(&r, who, &e);
}

static void message_of(uint32_t who, uint64_t number, uint32_t id, const char *nick, const char *body, uint64_t time_ms)
{
    tern_event e = event(TERN_EVENT_MESSAGE);
    e.u.message.number = number;
    e.u.message.sender.id = id;
    e.u.message.size = (uint32_t)strlen(body);
    e.u.message.time_ms = time_ms;
    snprintf(e.u.message.sender.nick, sizeof e.u.message.sender.nick, "%s", nick);
    sim_room_message(&r, who, &e, tern_bytes_of(body, strlen(body)));
}

static void message(uint32_t who, uint64_t number, const char *body)
{
    message_of(who, number, 1, "ada", body, SIM_UNIX_AT_0 * 1000);
}

static void say(const char *body)
{
    sim_room_published(&r, ADA, tern_bytes_of(body, strlen(body)));
}

/* Ada is member 1, bob member 2; ada has published "one" and "two". */
static int setup(void **state)
{
    (void)state;
    judged_begin(TEXT);
    joined(ADA, 1, 1, 0);
    presence(ADA, TERN_EVENT_ARRIVED, 1, 1);
    presence(ADA, TERN_EVENT_ARRIVED, 2, 2);
    joined(BOB, 2, 2, 1);
    presence(BOB, TERN_EVENT_PRESENT, 0, 1);
    presence(BOB, TERN_EVENT_ARRIVED, 2, 2);
    say("one");
    say("two");
    assert_false(r.world.failed);
    return 0;
}

static void an_honest_room_passes(void **state)
{
    (void)state;
    message(ADA, 3, "one");
    message(BOB, 3, "one");
    message(BOB, 4, "two");
    message(ADA, 4, "two");
    presence(BOB, TERN_EVENT_LEFT, 5, 1);
    assert_false(r.world.failed);
    assert_int_equal(r.people[BOB].delivered, 2);
    assert_int_equal(r.people[BOB].members_n, 1);
}

/*= SIM-009 */
static void a_message_of_another_room_is_caught(void **state)
{
    (void)state;
    r.people[ADA].leaving = true;
    r.people[ADA].room = "cellar";
    say("whispered elsewhere");
    message(BOB, 3, "whispered elsewhere");
    caught("of another room");
}

/*= SIM-009 ROOM-004 */
static void a_gap_is_caught(void **state)
{
    (void)state;
    message(BOB, 4, "one");
    caught("bob sees a message number 4 where 3 must follow");
}

/*= SIM-009 ROOM-004 */
static void a_number_that_comes_again_is_caught(void **state)
{
    (void)state;
    message(BOB, 3, "one");
    message(BOB, 3, "one");
    caught("bob sees a message number 3 where 4 must follow");
}

/*= SIM-009 */
static void a_message_that_comes_twice_under_two_numbers_is_caught(void **state)
{
    (void)state;
    message(BOB, 3, "one");
    message(BOB, 4, "one");
    caught("a second time");
}

/*= SIM-009 */
static void messages_of_one_sender_in_another_order_are_caught(void **state)
{
    (void)state;
    message(BOB, 3, "two");
    message(BOB, 4, "one");
    caught("a second time");
}

/*= SIM-009 */
static void another_order_for_another_member_is_caught(void **state)
{
    (void)state;
    message(ADA, 3, "one");
    message(BOB, 3, "two");
    caught("bob sees another event 3 than others");
}

/*= SIM-009 */
static void a_changed_byte_is_caught(void **state)
{
    (void)state;
    message(BOB, 3, "onf");
    caught("with other bytes");
}

static void a_sender_whom_nobody_knows_is_caught(void **state)
{
    (void)state;
    message_of(BOB, 3, 1, "eve", "one", SIM_UNIX_AT_0 * 1000);
    caught("whom nobody knows");
}

static void a_sender_who_is_not_in_the_room_is_caught(void **state)
{
    (void)state;
    message_of(BOB, 3, 9, "ada", "one", SIM_UNIX_AT_0 * 1000);
    caught("who is not there");
}

static void a_time_outside_the_run_is_caught(void **state)
{
    (void)state;
    message_of(BOB, 3, 1, "ada", "one", SIM_UNIX_AT_0 * 1000 + 1);
    caught("not of this run");
}

/*= SIM-009 ROOM-006 */
static void missed_events_close_a_gap_but_not_another_one(void **state)
{
    (void)state;
    tern_event e = event(TERN_EVENT_MISSED);
    e.u.missed.first = 3;
    e.u.missed.last = 7;
    sim_room_missed(&r, BOB, &e);
    message(BOB, 8, "two");
    assert_false(r.world.failed);
    assert_int_equal(r.people[BOB].missed, 5);
    e.u.missed.first = 10;
    e.u.missed.last = 11;
    sim_room_missed(&r, BOB, &e);
    caught("number 10 where 9 must follow");
}

/*= ROOM-005 */
static void members_that_were_counted_but_not_named_are_caught(void **state)
{
    (void)state;
    r.people[BOB].leaving = true;
    joined(BOB, 3, 3, 2);
    presence(BOB, TERN_EVENT_PRESENT, 0, 1);
    presence(BOB, TERN_EVENT_ARRIVED, 3, 3);
    caught("before the 1 members who are still to be named");
}

/*= ROOM-005 */
static void the_first_event_must_be_ones_own_arrival(void **state)
{
    (void)state;
    r.people[BOB].leaving = true;
    joined(BOB, 3, 3, 0);
    presence(BOB, TERN_EVENT_ARRIVED, 3, 1);
    caught("arrive before itself");
}

static void a_second_welcome_is_caught(void **state)
{
    (void)state;
    joined(BOB, 3, 3, 0);
    caught("while it is in one");
}

static void a_departure_of_who_was_not_there_is_caught(void **state)
{
    (void)state;
    presence(BOB, TERN_EVENT_LEFT, 3, 9);
    caught("who was not there");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_honest_room_passes, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_message_of_another_room_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_gap_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_number_that_comes_again_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_message_that_comes_twice_under_two_numbers_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(messages_of_one_sender_in_another_order_are_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(another_order_for_another_member_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_changed_byte_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_sender_whom_nobody_knows_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_sender_who_is_not_in_the_room_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_time_outside_the_run_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(missed_events_close_a_gap_but_not_another_one, setup, judged_end),
        cmocka_unit_test_setup_teardown(members_that_were_counted_but_not_named_are_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(the_first_event_must_be_ones_own_arrival, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_second_welcome_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_departure_of_who_was_not_there_is_caught, setup, judged_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
