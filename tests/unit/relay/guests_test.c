/* SPDX-License-Identifier: MIT */
/* Guests: members whom the relay's caller speaks for. */
#include <stdio.h>

#include "world.h"

static tern_guest_join of(const char *nick)
{
    return (tern_guest_join){ .room = "lounge",
                              .nick = nick,
                              .addr = { .family = 4, .ip = { 198, 51, 100, 7 }, .port = 5007 } };
}

static tern_relay_config with_guests(uint32_t n)
{
    tern_relay_config config = world_relay_config();
    config.max_guests = n;
    return config;
}

static tern_guest come(world *w, const char *nick)
{
    tern_guest guest;
    tern_refused why;
    tern_guest_join join = of(nick);
    assert_int_equal(tern_relay_guest_join(w->end[0].node, w->now, &join, &guest, &why), TERN_OK);
    return guest;
}

static int say(world *w, tern_guest guest, const char *text)
{
    return tern_relay_guest_publish(w->end[0].node, w->now, guest, tern_bytes_of(text, strlen(text)));
}

/* What a guest was told since it was asked last, in words. */
static const char *told(world *w, tern_guest guest)
{
    static char log[4096];
    tern_event e;
    tern_bytes body[2];
    size_t n = 0;
    log[0] = 0;
    for (; tern_relay_guest_next(w->end[0].node, guest, &e, body); tern_relay_guest_took(w->end[0].node, guest)) {
        assert_true(n < sizeof log - 200);
        if (e.type == TERN_EVENT_MESSAGE) {
            assert_int_equal(body[0].n + body[1].n, e.u.message.size);
            n += (size_t)snprintf(log + n, sizeof log - n, "%s: %.*s%.*s\n", e.u.message.sender.nick, (int)body[0].n,
                                  (const char *)body[0].p, (int)body[1].n, (const char *)body[1].p);
        } else if (e.type == TERN_EVENT_MISSED)
            n += (size_t)snprintf(log + n, sizeof log - n, "missed\n");
        else
            n += (size_t)snprintf(log + n, sizeof log - n, "%c%s\n", e.type == TERN_EVENT_ARRIVED ? '+' : '-',
                                  e.u.presence.who.nick);
    }
    return log;
}

/*= ROOM-004 ROOM-007 */
static void a_guest_is_a_member_like_any_other(void **state)
{
    tern_relay_config config = with_guests(2);
    world *w = world_with_members(&config, 1, "lounge");
    (void)state;
    tern_guest olga = come(w, "olga");
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "arrived 2 olga\n");
    assert_int_equal(say(w, olga, "from afar"), TERN_OK);
    assert_int_equal(world_publish(w, 1, "welcome"), TERN_OK);
    world_run(w, TERN_SECOND);
    world_expect(w, 1, "message 3 olga from afar\nmessage 4 ann welcome\n");
    assert_string_equal(told(w, olga), "+olga\nolga: from afar\nann: welcome\n");
    assert_string_equal(told(w, olga), "");
    tern_relay_guest_leave(w->end[0].node, w->now, olga, TERN_LEFT_LEFT);
    world_run(w, TERN_SECOND);
    assert_non_null(strstr(world_log(w, 1), "left 5 olga"));
    world_free(w);
}

static void guests_hear_each_other_and_who_was_there_before(void **state)
{
    tern_relay_config config = with_guests(2);
    world *w = world_with_members(&config, 1, "lounge");
    uint32_t place = 0;
    tern_member who;
    (void)state;
    tern_guest olga = come(w, "olga"), piet = come(w, "piet");
    assert_true(tern_relay_guest_present(w->end[0].node, piet, &place, &who));
    assert_string_equal(who.nick, "ann");
    assert_true(tern_relay_guest_present(w->end[0].node, piet, &place, &who));
    assert_string_equal(who.nick, "olga");
    assert_int_equal(who.addr.port, 5007);
    assert_false(tern_relay_guest_present(w->end[0].node, piet, &place, &who));
    assert_int_equal(say(w, piet, "hello"), TERN_OK);
    assert_string_equal(told(w, olga), "+olga\n+piet\npiet: hello\n");
    world_free(w);
}

/*= ROOM-031 */
static void guests_are_bounded_and_one_who_left_says_nothing(void **state)
{
    tern_relay_config config = with_guests(1);
    config.transport.max_message = 2000;
    world *w = world_with_members(&config, 1, "lounge");
    tern_guest other;
    tern_refused why;
    tern_guest_join join = of("piet");
    (void)state;
    tern_guest olga = come(w, "olga");
    assert_int_equal(tern_relay_guest_join(w->end[0].node, w->now, &join, &other, &why), TERN_E_BLOCKED);
    assert_int_equal(tern_relay_guest_publish(w->end[0].node, w->now, olga, world_body(2000)), TERN_OK);
    assert_int_equal(tern_relay_guest_publish(w->end[0].node, w->now, olga, world_body(2001)), TERN_MESSAGE_TOO_LARGE);
    tern_relay_guest_leave(w->end[0].node, w->now, olga, TERN_LEFT_TIMED_OUT);
    assert_int_equal(say(w, olga, "late"), TERN_E_CLOSED);
    tern_guest piet = come(w, "piet"); /* the same place */
    assert_int_equal(piet.place, olga.place);
    assert_int_equal(say(w, olga, "in another's name"), TERN_E_CLOSED);
    assert_string_equal(told(w, olga), "");
    tern_relay_guest_leave(w->end[0].node, w->now, olga, TERN_LEFT_LEFT);
    assert_int_equal(say(w, piet, "still here"), TERN_OK);
    assert_int_equal(say(w, (tern_guest){ 7, 1 }, "nobody"), TERN_E_CLOSED);
    world_free(w);
}

/*= ROOM-006 */
static void a_guest_that_reads_late_is_told_what_it_missed(void **state)
{
    tern_relay_config config = with_guests(1);
    world *w = world_with_members(&config, 1, "lounge");
    (void)state;
    tern_guest olga = come(w, "olga");
    for (uint32_t sent = 0; sent < config.history_bytes + 8000; sent += 8000) {
        assert_int_equal(tern_client_publish(w->end[1].node, world_body(8000)), TERN_OK);
        world_run(w, TERN_SECOND);
    }
    tern_event e;
    tern_bytes body[2];
    assert_true(tern_relay_guest_next(w->end[0].node, olga, &e, body));
    assert_int_equal(e.type, TERN_EVENT_MISSED);
    assert_int_equal(e.u.missed.first, 2);
    assert_true(tern_relay_guest_next(w->end[0].node, olga, &e, body)); /* it was not taken */
    assert_int_equal(e.type, TERN_EVENT_MISSED);
    tern_relay_guest_took(w->end[0].node, olga);
    assert_true(tern_relay_guest_next(w->end[0].node, olga, &e, body));
    assert_int_equal(e.type, TERN_EVENT_MESSAGE);
    world_free(w);
}

/*= ROOM-002 ROOM-003 ROOM-030 */
static void a_room_says_whom_it_takes(void **state)
{
    static const char *const rooms[] = { "lounge", "vault" };
    static const bool tern_only[] = { false, true };
    static const struct {
        const char *room, *nick;
        tern_refused why;
    } rows[] = {
        { "vault", "olga", TERN_REFUSED_NO_ROOM },    { "attic", "olga", TERN_REFUSED_NO_ROOM },
        { "lounge", "ann", TERN_REFUSED_NICK_TAKEN }, { "lounge", "", TERN_REFUSED_BAD_NAME },
        { "lounge", "a\nb", TERN_REFUSED_BAD_NAME },
    };
    tern_relay_config config = with_guests(1);
    tern_guest guest;
    tern_refused why;
    (void)state;
    config.rooms = rooms;
    config.rooms_n = 2;
    config.tern_only = tern_only;
    world *w = world_with_members(&config, 1, "lounge");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tern_guest_join join = { .room = rows[i].room, .nick = rows[i].nick };
        assert_int_equal(tern_relay_guest_join(w->end[0].node, w->now, &join, &guest, &why), TERN_E_BAD_INPUT);
        assert_int_equal(why, rows[i].why);
    }
    (void)come(w, "olga");
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_is_a_member_like_any_other),
        cmocka_unit_test(guests_hear_each_other_and_who_was_there_before),
        cmocka_unit_test(guests_are_bounded_and_one_who_left_says_nothing),
        cmocka_unit_test(a_guest_that_reads_late_is_told_what_it_missed),
        cmocka_unit_test(a_room_says_whom_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
