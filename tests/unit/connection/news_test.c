/* SPDX-License-Identifier: MIT */
/* What a connection tells, in which order, and how often. */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool next(pair *p, pair_way at, tern_news *news)
{
    tern_connection *c = at == PAIR_TO_CLIENT ? pair_client(p) : pair_relay(p);
    return tern_connection_poll(c, tern_endpoint_pool(p->end[at]), news);
}

static void connected_comes_first_and_once(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    for (int at = 0; at < 2; at++) {
        size_t connected = 0;
        assert_int_equal(p->events[at][0].type, TERN_EVENT_CONNECTED);
        for (size_t i = 0; i < p->events_n[at]; i++) connected += p->events[at][i].type == TERN_EVENT_CONNECTED;
        assert_int_equal(connected, 1);
    }
    pair_free(p);
}

static void a_message_is_told_until_it_is_dropped(void **state)
{
    pair *p = pair_established(NULL);
    tern_news news;
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "hello", 5), TERN_OK);
    pair_run(p, p->now + PAIR_DELAY - 1);
    pair_datagram d = p->wire[0];
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, d.bytes, d.n), TERN_DROP_NONE);
    for (int i = 0; i < 3; i++) {
        assert_true(next(p, PAIR_TO_RELAY, &news));
        assert_int_equal(news.kind, TERN_NEWS_MESSAGE);
        assert_int_equal(news.size, 5);
    }
    tern_messages_drop_front(&pair_relay(p)->messages, tern_endpoint_pool(p->end[PAIR_TO_RELAY]));
    assert_false(next(p, PAIR_TO_RELAY, &news));
    pair_free(p);
}

static void closed_is_told_once_and_nothing_after_it(void **state)
{
    pair *p = pair_established(NULL);
    tern_news news;
    (void)state;
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
    tern_connection_close(pair_client(p), &host, TERN_GOING_AWAY, "");
    assert_true(next(p, PAIR_TO_CLIENT, &news));
    assert_int_equal(news.kind, TERN_NEWS_CLOSED);
    assert_false(next(p, PAIR_TO_CLIENT, &news));
    assert_false(tern_connection_is_readable(pair_client(p)));
    assert_false(tern_connection_is_open(pair_client(p)));
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connected_comes_first_and_once),
        cmocka_unit_test(a_message_is_told_until_it_is_dropped),
        cmocka_unit_test(closed_is_told_once_and_nothing_after_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
