/* SPDX-License-Identifier: MIT */
/* Messages without order and datagrams, from one application to the other over a wire that loses. */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LONGEST (16u << 20)

static pair_options generous(void)
{
    pair_options o = pair_defaults();
    o.limits.max_message = LONGEST;
    o.limits.message_window = (uint64_t)LONGEST + 65536;
    o.limits.unordered_window = (uint64_t)LONGEST + 65536;
    o.limits.max_datagram_frame = 1150;
    o.limits.max_datagram = 1400;
    o.pages = 12000;
    return o;
}

static pair *talking(void)
{
    pair_options o = generous();
    return pair_established(&o);
}

static int tell(pair *p, const void *bytes, size_t n, uint32_t deadline_ms, uint8_t urgency)
{
    tern_bytes part = tern_bytes_of(bytes, n);
    const tern_message_options options = { deadline_ms, urgency };
    return tern_peer_message_send(&p->end[PAIR_TO_CLIENT]->node, p->now, 0, &options, &part, 1);
}

static int tell_datagram(pair *p, const char *text)
{
    return tern_peer_datagram_send(&p->end[PAIR_TO_CLIENT]->node, p->now, 0, tern_bytes_of(text, strlen(text)));
}

static void expect_bodies(const pair *p, const char *text)
{
    assert_int_equal(p->messages_n, strlen(text));
    assert_memory_equal(p->messages, text, strlen(text));
}

static int every_fiftieth_is_lost(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)way, (void)bytes, (void)size;
    return n % 50 != 49;
}

/* The first datagram to the relay after the test set it is lost. */
static int next_is_lost(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    uint64_t *at = p->owner;
    (void)bytes, (void)size;
    if (way != PAIR_TO_RELAY) return 1;
    if (*at == UINT64_MAX) *at = n;
    return n != *at;
}

static int nothing_arrives(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes, (void)size;
    return way != PAIR_TO_RELAY;
}

/*= XFER-040 */
static void a_message_overtakes_one_that_was_lost(void **state)
{
    uint64_t lost = UINT64_MAX;
    pair *p = talking();
    (void)state;
    p->owner = &lost;
    p->fate = next_is_lost;
    assert_int_equal(tell(p, "one ", 4, 0, 3), TERN_OK);
    pair_run(p, p->now + TERN_MS);
    assert_int_equal(tell(p, "two ", 4, 0, 3), TERN_OK);
    assert_int_equal(tell(p, "", 0, 0, 3), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    expect_bodies(p, "two one ");
    assert_int_equal(p->messages_count, 3);
    pair_free(p);
}

/*= XFER-044 */
static void a_message_that_is_late_never_comes(void **state)
{
    pair *p = talking();
    (void)state;
    p->fate = nothing_arrives;
    assert_int_equal(tell(p, "late ", 5, 30, 3), TERN_OK);
    pair_run(p, p->now + 40 * TERN_MS);
    p->fate = NULL;
    assert_int_equal(tell(p, "soon ", 5, 30, 3), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    expect_bodies(p, "soon ");
    assert_int_equal(pair_client(p)->unordered_out.page, 0);
    assert_int_equal(pair_relay(p)->unordered_in.page, 0);
    pair_free(p);
}

/* Nothing else happens on the connection that would make it look. */
/*= XFER-044 */
static void a_deadline_wakes_a_connection_that_has_nothing_else_to_do(void **state)
{
    pair *p = talking();
    tern_unordered_out *u = &pair_client(p)->unordered_out;
    (void)state;
    tern_send_credit_use(&u->credit, tern_send_credit_left(&u->credit)); /* and none comes back */
    pair_run(p, p->now + TERN_SECOND);
    tern_time start = p->now;
    assert_int_equal(tell(p, "never ", 6, 700, 3), TERN_OK);
    pair_run(p, start + 700 * TERN_MS - 1);
    assert_true(u->page != 0);
    assert_int_equal(tern_endpoint_next_timeout(p->end[PAIR_TO_CLIENT]), start + 700 * TERN_MS);
    pair_run(p, start + 700 * TERN_MS);
    assert_int_equal(u->page, 0);
    pair_free(p);
}

/*= XFER-044 */
static void who_waits_for_room_is_told_when_a_deadline_makes_some(void **state)
{
    static const uint8_t zeros[4000];
    pair_options o = generous();
    o.limits.message_keep = 4096;
    pair *p = pair_established(&o);
    tern_unordered_out *u = &pair_client(p)->unordered_out;
    (void)state;
    tern_send_credit_use(&u->credit, tern_send_credit_left(&u->credit));
    assert_int_equal(tell(p, zeros, sizeof zeros, 500, 3), TERN_OK);
    assert_int_equal(tell(p, zeros, sizeof zeros, 500, 3), TERN_E_BLOCKED);
    pair_run(p, p->now + 499 * TERN_MS);
    assert_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_PEER_WRITABLE));
    pair_run(p, p->now + TERN_MS);
    assert_non_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_PEER_WRITABLE));
    pair_free(p);
}

/*= XFER-052 */
static void datagrams_that_waited_too_long_are_dropped_and_counted(void **state)
{
    char text[1001] = { 0 };
    tern_peer_info info;
    pair *p = talking();
    (void)state;
    memset(text, 'x', sizeof text - 1);
    p->fate = nothing_arrives;
    for (int i = 0; i < 60; i++) assert_int_equal(tell_datagram(p, text), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(tern_peer_get_info(&p->end[PAIR_TO_CLIENT]->node, 0, &info));
    assert_in_range(info.datagrams_dropped, 1, 59); /* some have left: they are lost */
    pair_free(p);
}

/*= XFER-051 */
static void a_lost_datagram_is_not_sent_again(void **state)
{
    uint64_t lost = UINT64_MAX;
    pair *p = talking();
    (void)state;
    p->owner = &lost;
    p->fate = next_is_lost;
    assert_int_equal(tell_datagram(p, "a"), TERN_OK);
    pair_run(p, p->now + TERN_MS);
    assert_int_equal(tell_datagram(p, "b"), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    expect_bodies(p, "b");
    assert_non_null(pair_event(p, PAIR_TO_RELAY, TERN_EVENT_DATAGRAM));
    pair_free(p);
}

/*= XFER-040 XFER-050 */
static void who_takes_none_is_sent_none(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    assert_int_equal(tell(p, "a", 1, 0, 3), TERN_MESSAGE_TOO_LARGE);
    assert_int_equal(tell_datagram(p, "a"), TERN_MESSAGE_TOO_LARGE);
    assert_int_equal(tern_peer_datagram_max(&p->end[PAIR_TO_CLIENT]->node, 0), 0);
    pair_free(p);
    p = talking();
    assert_int_equal(tern_peer_datagram_max(&p->end[PAIR_TO_CLIENT]->node, 0), 1150);
    assert_int_equal(tell(p, "a", 1, 0, 8), TERN_E_BAD_INPUT);
    assert_int_equal(tern_peer_datagram_max(&p->end[PAIR_TO_CLIENT]->node, 77), 0);
    pair_free(p);
}

static void a_full_queue_says_when_it_has_room(void **state)
{
    pair_options o = generous();
    o.limits.message_keep = 20000;
    pair *p = pair_established(&o);
    static uint8_t bytes[15000];
    (void)state;
    assert_int_equal(tell(p, bytes, sizeof bytes, 0, 3), TERN_OK);
    assert_int_equal(tell(p, bytes, sizeof bytes, 0, 3), TERN_E_BLOCKED);
    pair_run(p, p->now + TERN_SECOND);
    assert_non_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_PEER_WRITABLE));
    assert_int_equal(tell(p, bytes, sizeof bytes, 0, 3), TERN_OK);
    pair_free(p);
}

/* A pool that has nothing left is no reason to wait for ever: it is asked again. */
static void a_queue_without_memory_is_asked_again(void **state)
{
    pair *p = talking();
    tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_CLIENT]);
    static tern_page held[12000];
    uint32_t n = 0;
    (void)state;
    while (tern_pool_free_for(pool, TERN_FOR_SENDING) > 0) held[n++] = tern_pool_take(pool, TERN_FOR_RECORDS);
    assert_int_equal(tell(p, "a", 1, 0, 3), TERN_E_BLOCKED);
    while (n > 0) tern_pool_give(pool, held[--n]);
    pair_run(p, p->now + 100 * TERN_MS);
    assert_non_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_PEER_WRITABLE));
    pair_free(p);
}

static void a_stream_without_memory_is_asked_again(void **state)
{
    pair *p = talking();
    tern_node *client = &p->end[PAIR_TO_CLIENT]->node;
    tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_CLIENT]);
    static tern_page held[12000];
    uint32_t n = 0, id;
    size_t taken;
    (void)state;
    assert_int_equal(tern_peer_stream_open(client, 0, TERN_BOTH_WAYS, &id), TERN_OK);
    while (tern_pool_free_for(pool, TERN_FOR_SENDING) > 0) held[n++] = tern_pool_take(pool, TERN_FOR_RECORDS);
    assert_int_equal(tern_peer_stream_write(client, 0, id, tern_bytes_of("a", 1), &taken), TERN_OK);
    assert_int_equal(taken, 0);
    pair_run(p, p->now + 50 * TERN_MS);
    assert_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_STREAM_WRITABLE));
    while (n > 0) tern_pool_give(pool, held[--n]);
    pair_run(p, p->now + 50 * TERN_MS);
    assert_non_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_STREAM_WRITABLE));
    pair_free(p);
}

static void fill(uint8_t *bytes)
{
    for (uint32_t i = 0; i < LONGEST; i++) bytes[i] = (uint8_t)(i * 31 + i / 251);
}

/*= XFER-012 */
static void sixteen_mebibytes_cross_and_only_what_was_lost_goes_again(void **state)
{
    uint8_t *bytes = malloc(LONGEST);
    (void)state;
    fill(bytes);
    for (int ordered = 0; ordered < 2; ordered++) {
        pair *p = talking();
        p->fate = every_fiftieth_is_lost;
        uint64_t before = p->sent_bytes[PAIR_TO_RELAY];
        assert_int_equal(ordered ? pair_message(p, PAIR_TO_RELAY, bytes, LONGEST) : tell(p, bytes, LONGEST, 0, 3),
                         TERN_OK);
        while (p->messages_n == 0 && pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED) == NULL)
            pair_run(p, p->now + 10 * TERN_SECOND);
        assert_int_equal(p->messages_n, LONGEST);
        assert_memory_equal(p->messages, bytes, LONGEST);
        uint64_t sent = p->sent_bytes[PAIR_TO_RELAY] - before;
        assert_true(sent < LONGEST * UINT64_C(110) / 100); /* a fiftieth again, and the packets around it */
        pair_free(p);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_overtakes_one_that_was_lost),
        cmocka_unit_test(a_message_that_is_late_never_comes),
        cmocka_unit_test(a_deadline_wakes_a_connection_that_has_nothing_else_to_do),
        cmocka_unit_test(who_waits_for_room_is_told_when_a_deadline_makes_some),
        cmocka_unit_test(datagrams_that_waited_too_long_are_dropped_and_counted),
        cmocka_unit_test(a_lost_datagram_is_not_sent_again),
        cmocka_unit_test(who_takes_none_is_sent_none),
        cmocka_unit_test(a_full_queue_says_when_it_has_room),
        cmocka_unit_test(a_queue_without_memory_is_asked_again),
        cmocka_unit_test(a_stream_without_memory_is_asked_again),
        cmocka_unit_test(sixteen_mebibytes_cross_and_only_what_was_lost_goes_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
