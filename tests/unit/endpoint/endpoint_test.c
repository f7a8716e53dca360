/* SPDX-License-Identifier: MIT */
/* Many connections at one endpoint: bounds, memory, shutting the door (spec: connection). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*= CONN-003 */
static void half_open_connections_are_bounded_and_forgotten(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    for (uint8_t i = 0; i < 30; i++) {
        p->path[PAIR_TO_RELAY].remote.port++;
        assert_int_equal(pair_foreign_comes(p, i), i < 5 ? TERN_DROP_NONE : TERN_DROP_BUSY);
    }
    p->path[PAIR_TO_RELAY].remote.port = (uint16_t)(p->path[PAIR_TO_RELAY].remote.port - 30);
    assert_int_equal(p->end[PAIR_TO_RELAY]->half_open, 5);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "still here", 10), TERN_OK);
    pair_run(p, p->now + 15 * TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    assert_int_equal(p->end[PAIR_TO_RELAY]->half_open, 0);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 1);
    pair_free(p);
}

static void an_ended_connection_leaves_no_memory_behind(void **state)
{
    pair *p = pair_established(NULL);
    uint8_t body[50000] = { 0 };
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, body, sizeof body), TERN_OK);
    pair_run(p, p->now + 15 * TERN_MS); /* in the middle of it */
    tern_endpoint_close(p->end[PAIR_TO_RELAY], p->now, pair_relay_peer(p), TERN_GOING_AWAY, "");
    pair_run(p, p->now + 5 * TERN_SECOND);
    for (int at = 0; at < 2; at++) {
        const tern_pool *pool = tern_endpoint_pool(p->end[at]);
        assert_int_equal(pool->free, pool->pages);
        assert_int_equal(p->end[at]->in_use, 0);
        assert_true(tern_endpoint_next_timeout(p->end[at]) == TERN_TIME_NEVER);
    }
    pair_free(p);
}

static void a_peer_number_is_never_used_again(void **state)
{
    pair *p = pair_established(NULL);
    uint8_t syn[2048];
    (void)state;
    tern_peer first = pair_relay_peer(p);
    tern_endpoint_close(p->end[PAIR_TO_RELAY], p->now, first, TERN_GOING_AWAY, "");
    pair_run(p, p->now + 5 * TERN_SECOND);
    size_t n = pair_foreign_syn(p, 1, syn);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, syn, n), TERN_DROP_NONE);
    assert_non_null(pair_relay(p)); /* the same slot */
    assert_true(pair_relay_peer(p) != first);
    assert_null(tern_endpoint_find(p->end[PAIR_TO_RELAY], first));
    pair_free(p);
}

static void a_copy_of_the_block_lives_the_same_life(void **state)
{
    pair *p = pair_established(NULL);
    static uint8_t a[65536], b[65536];
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, "twin", 4), TERN_OK);
    tern_endpoint *ep = p->end[PAIR_TO_RELAY];
    size_t size = ((sizeof *ep + 15) & ~(size_t)15) + tern_endpoint_area(&ep->config);
    tern_endpoint *twin = malloc(size);
    assert_non_null(twin);
    memcpy(twin, ep, size);
    tern_batch one = tern_endpoint_send(ep, p->now, (tern_buf){ a, sizeof a });
    tern_batch two = tern_endpoint_send(twin, p->now, (tern_buf){ b, sizeof b });
    assert_true(one.total > 0 && one.total == two.total);
    assert_memory_equal(a, b, one.total);
    free(twin);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_open_connections_are_bounded_and_forgotten),
        cmocka_unit_test(an_ended_connection_leaves_no_memory_behind),
        cmocka_unit_test(a_peer_number_is_never_used_again),
        cmocka_unit_test(a_copy_of_the_block_lives_the_same_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
