/* SPDX-License-Identifier: MIT */
/* The checker of what guests are shown, told lies (spec: scenario 5). */
#include "rules/guests.h"

#include "rules/rooms.h"
#include "unit/netsim/judged.h"

static const char TEXT[] =
    "node r relay off\nnode f gate rsa-fragment\nnode m gate tlv-multicast\nnode t gate tls-chat\n"
    "node ada client off\nnode rob guest f off\nnode mia guest m off\nnode tim guest t off\n"
    "node sue guest t off\ngroup g 224.1.1.1:5007 m mia\n"
    "link ada-r\nlink rob-f\nlink mia-m\nlink tim-t\nlink sue-t\n";
enum { RELAY, F, M, T, ADA, ROB, MIA, TIM, SUE };

static tern_bytes bytes(const char *text)
{
    return tern_bytes_of(text, strlen(text));
}

static void say(uint32_t who, const char *text)
{
    r.people[who].room = "hall";
    sim_room_published(&r, who, bytes(text));
}

static void hear(uint32_t who, const char *nick, const char *line)
{
    tern_event e;
    memset(&e, 0, sizeof e);
    e.type = TERN_EVENT_MESSAGE;
    snprintf(e.u.message.sender.nick, sizeof e.u.message.sender.nick, "%s", nick);
    sim_guests_heard(&r, who, &e, bytes(line));
}

static int setup(void **state)
{
    (void)state;
    judged_begin(TEXT);
    say(ADA, "one");
    say(ADA, "two");
    say(ROB, "from rob");
    return 0;
}

/*= SIM-041 */
static void each_form_is_read(void **state)
{
    (void)state;
    hear(ROB, "", "ada> two");
    hear(ROB, "", "* ada joined");
    hear(ROB, "", "ada> one"); /* in whatever order */
    hear(TIM, "", "#[ada@10.0.0.5]>> one");
    hear(TIM, "", "(Connected: New client (2) from ada@10.0.0.5)");
    hear(TIM, "", "#[10.0.0.6:40005@10.0.0.6]>> from rob");
    hear(MIA, "ada", "one");
    hear(MIA, "10.0.0.6:40005", "from rob");
    assert_string_equal(r.world.failure, "");
    assert_int_equal(r.people[ROB].delivered, 2);
    assert_int_equal(r.people[TIM].delivered, 2);
    assert_int_equal(r.people[MIA].delivered, 2);
}

static void a_line_that_comes_twice_is_caught(void **state)
{
    (void)state;
    hear(ROB, "", "ada> one");
    hear(ROB, "", "ada> one");
    caught("or a second time: ada> one");
}

static void words_that_nobody_said_are_caught(void **state)
{
    (void)state;
    hear(TIM, "", "#[ada@10.0.0.5]>> three");
    caught("nobody said in its room");
}

static void another_ones_words_are_caught(void **state)
{
    (void)state;
    hear(TIM, "", "#[sue@10.0.0.9]>> one");
    caught("nobody said in its room");
}

static void a_sender_whom_nobody_knows_is_caught(void **state)
{
    (void)state;
    hear(ROB, "", "eve> one");
    caught("whom nobody knows");
}

static void a_line_without_a_form_is_caught(void **state)
{
    (void)state;
    hear(TIM, "", "ada> one");
    caught("has no form");
}

static void a_text_in_pieces_is_heard_with_its_last_one(void **state)
{
    (void)state;
    say(ADA, "a text in pieces");
    hear(MIA, "ada", "a text in");
    assert_int_equal(r.people[MIA].delivered, 0);
    hear(MIA, "ada", " pieces");
    assert_int_equal(r.people[MIA].delivered, 1);
    assert_false(r.world.failed);
    hear(ROB, "", "ada> a text in");
    caught("nobody said in its room");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_form_is_read, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_line_that_comes_twice_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(words_that_nobody_said_are_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(another_ones_words_are_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_sender_whom_nobody_knows_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_line_without_a_form_is_caught, setup, judged_end),
        cmocka_unit_test_setup_teardown(a_text_in_pieces_is_heard_with_its_last_one, setup, judged_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
