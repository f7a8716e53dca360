/* SPDX-License-Identifier: MIT */
/* What leaves, when, and what is sent again (spec: recovery, transfer). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 2654435761u >> 13);
}

static uint8_t *body_of(size_t n)
{
    uint8_t *b = malloc(n);
    assert_non_null(b);
    for (size_t i = 0; i < n; i++) b[i] = pattern(i);
    return b;
}

static uint32_t lcg(uint32_t *s)
{
    *s = *s * 1664525u + 1013904223u;
    return *s >> 8;
}

/* Loses a fifth of all datagrams, and doubles some. */
static int lossy(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)way, (void)n, (void)bytes, (void)size;
    uint32_t r = lcg(p->owner) % 10;
    return r < 2 ? 0 : r == 9 ? 2 : 1;
}

/*= XFER-010 XFER-012 REC-019 */
static void a_long_message_crosses_a_bad_wire_whole(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 8; seed++) {
        uint32_t s = seed;
        uint8_t *body = body_of(100000);
        pair *p = pair_established(NULL);
        p->fate = lossy;
        p->owner = &s;
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, 100000), TERN_OK);
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "after", 5), TERN_OK);
        pair_run(p, p->now + 30 * TERN_SECOND);
        assert_int_equal(p->messages_count, 2);
        assert_memory_equal(p->messages, body, 100000);
        assert_memory_equal(p->messages + 100000, "after", 5);
        assert_int_equal(pair_client(p)->recovery.congestion.in_flight_bytes, 0);
        free(body);
        pair_free(p);
    }
}

static int lose_fourth(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)bytes, (void)size;
    return way == PAIR_TO_RELAY && n == *(uint64_t *)p->owner ? 0 : 1;
}

/*= XFER-012 */
static void one_lost_fragment_is_sent_again_alone(void **state)
{
    pair *p = pair_established(NULL);
    uint8_t *body = body_of(20000);
    (void)state;
    uint64_t lost = p->sent[PAIR_TO_RELAY] + 3;
    p->fate = lose_fourth;
    p->owner = &lost;
    uint64_t before = p->sent_bytes[PAIR_TO_RELAY];
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, 20000), TERN_OK);
    pair_run(p, p->now + 2 * TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    assert_true(p->sent_bytes[PAIR_TO_RELAY] - before < 20000 + 3 * 1200 + 20 * 50);
    free(body);
    pair_free(p);
}

/*= REC-001 REC-004 */
static void an_idle_pair_is_quiet(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    uint64_t sent = p->sent[0] + p->sent[1];
    pair_run(p, p->now + 5 * TERN_SECOND); /* acknowledgements are not acknowledged */
    assert_true(p->sent[0] + p->sent[1] == sent);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "one", 3), TERN_OK);
    tern_time start = p->now;
    pair_run(p, start + PAIR_DELAY + 24 * TERN_MS);
    assert_true(p->sent[PAIR_TO_CLIENT] + p->sent[PAIR_TO_RELAY] == sent + 1);
    pair_run(p, start + PAIR_DELAY + 25 * TERN_MS); /* max_ack_delay */
    assert_true(p->sent[PAIR_TO_CLIENT] + p->sent[PAIR_TO_RELAY] == sent + 2);
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_true(p->sent[PAIR_TO_CLIENT] + p->sent[PAIR_TO_RELAY] == sent + 2);
    pair_free(p);
}

static int watch_window(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)n, (void)bytes, (void)size;
    if (way == PAIR_TO_RELAY) {
        const tern_congestion *c = &pair_client(p)->recovery.congestion;
        assert_true(c->in_flight_bytes <= c->cwnd_bytes);
    }
    return 1;
}

/*= REC-030 REC-033 */
static void no_more_is_in_flight_than_the_window(void **state)
{
    pair *p = pair_established(NULL);
    uint8_t *body = body_of(500000);
    (void)state;
    p->fate = watch_window;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, 500000), TERN_OK);
    uint64_t before = p->sent_bytes[PAIR_TO_RELAY];
    pair_run(p, p->now + 1);
    assert_true(p->sent_bytes[PAIR_TO_RELAY] - before <= 12000 + 2400); /* a burst of 10, and what a millisecond adds */
    pair_run(p, p->now + 10 * TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    free(body);
    pair_free(p);
}

/* Loses the packet with the first request. */
static int lose_request(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    uint64_t *at = p->owner;
    (void)bytes, (void)size;
    if (way == PAIR_TO_CLIENT || pair_client(p)->frequency.sequence == 0) return 1;
    if (*at == 0) *at = n;
    return *at == n ? 0 : 1;
}

/*= REC-051 REC-019 */
static void a_lost_request_for_fewer_acks_is_made_again(void **state)
{
    pair *p = pair_established(NULL);
    uint8_t *body = body_of(120000);
    uint64_t lost_at = 0;
    (void)state;
    p->fate = lose_request;
    p->owner = &lost_at;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, 120000), TERN_OK);
    pair_run(p, p->now + 2 * TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    assert_true(lost_at > 0);
    assert_int_equal(pair_client(p)->frequency.sequence, 2);
    assert_int_equal(pair_relay(p)->acks.frequency, 2);
    assert_int_equal(pair_relay(p)->acks.most_packets, pair_client(p)->frequency.packets);
    free(body);
    pair_free(p);
}

/*= HS-014 */
static void keys_are_not_used_beyond_their_limit(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
    tern_recovery *r = &pair_client(p)->recovery;
    tern_recovery_free(r, host.pool); /* nothing is under way, and the next number is the last */
    r->sent.oldest = r->sent.next_pn = (1 << 23) - TERN_SEAL_SPARE + pair_client(p)->phases.send_from;
    pair_client(p)->phases.state = TERN_PHASE_UNACKED; /* the peer does not follow */
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    const tern_event *e = pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CLOSED);
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, TERN_AEAD_LIMIT_REACHED);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_message_crosses_a_bad_wire_whole),
        cmocka_unit_test(one_lost_fragment_is_sent_again_alone),
        cmocka_unit_test(an_idle_pair_is_quiet),
        cmocka_unit_test(no_more_is_in_flight_than_the_window),
        cmocka_unit_test(a_lost_request_for_fewer_acks_is_made_again),
        cmocka_unit_test(keys_are_not_used_beyond_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
