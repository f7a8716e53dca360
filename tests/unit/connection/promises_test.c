/* SPDX-License-Identifier: MIT */
/* What an endpoint promises to receive, of all its connections together (spec: transfer 4). */
#include "../pair.h"
#include "unit/base/unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MANY  40
#define START (16u << 10)
#define MOST  (4u << 20)

static pair_options growing(uint32_t pages)
{
    pair_options o = pair_defaults();
    o.pages = pages;
    o.limits.stream_window = o.limits.connection_window = o.limits.message_window = MOST;
    o.limits.start_window = START;
    o.limits.stream_keep = 2 * MOST;
    return o;
}

static uint64_t open_to_peer(const tern_connection *c)
{
    return tern_recv_credit_promised(&c->streams.recv_credit) + tern_recv_credit_promised(&c->messages.recv_credit) +
           tern_recv_credit_promised(&c->unordered_in.credit);
}

/* The peer uses half of a window, the application takes it at once, and a limit is told. */
static void use_half(tern_recv_credit *credit, tern_tuning *tuning)
{
    uint64_t n = (credit->told - credit->used) / 2;
    assert_true(tern_recv_credit_use(credit, n));
    tern_recv_credit_consume(credit, n);
    tern_recv_credit_tune(credit, tuning);
    (void)tern_recv_credit_tell(credit);
}

/* Copies of one connection stand for many; each is as hungry as it can be. */
/*= XFER-032 */
static void all_windows_together_promise_no_more_than_there_is(void **state)
{
    pair_options o = growing(2048);
    pair *p = pair_established(&o);
    tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_RELAY], p->now);
    tern_connection *many = calloc(MANY, sizeof *many);
    uint64_t rng = 5, grown = 0;
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        many[i] = *pair_relay(p);
        many[i].promised = 0;
        tern_connection_promise(&many[i], pool);
    }
    assert_int_equal(pool->promised, (MANY + 1) * 2 * START);
    for (size_t round = 0; round < 3000; round++) {
        tern_connection *c = &many[random_below(&rng, MANY)];
        tern_tuning tuning = tern_connection_tuning(c, &host);
        use_half(&c->streams.recv_credit, &tuning);
        use_half(&c->messages.recv_credit, &tuning);
        tern_connection_promise(c, pool);
        uint64_t sum = open_to_peer(pair_relay(p));
        for (size_t i = 0; i < MANY; i++) sum += open_to_peer(&many[i]);
        assert_true(pool->promised == sum);
        assert_true(sum <= (uint64_t)tern_pool_free_for(pool, TERN_FOR_RECEIVING) * TERN_PAGE_SIZE);
        grown = sum;
    }
    assert_true(grown > UINT64_C(6) << 20); /* of the 7 MiB that there are */
    free(many);
    pair_free(p);
}

static void read_stream(pair *p, uint32_t id)
{
    static uint8_t out[1 << 16];
    bool fin;
    for (size_t n = 1; n > 0;)
        assert_int_equal(tern_peer_stream_read(&p->end[PAIR_TO_RELAY]->node, pair_relay_peer(p), id,
                                               (tern_buf){ out, sizeof out }, &n, &fin),
                         TERN_OK);
}

/* As much as there is room for, every millisecond. */
static uint32_t write_stream(pair *p, size_t bytes)
{
    static const uint8_t zeros[1 << 16];
    tern_node *node = &p->end[PAIR_TO_CLIENT]->node;
    uint32_t id;
    size_t sent = 0, taken;
    assert_int_equal(tern_peer_stream_open(node, 0, TERN_BOTH_WAYS, &id), TERN_OK);
    assert_int_equal(tern_peer_stream_write(node, 0, id, tern_bytes_of(zeros, 1), &taken), TERN_OK);
    pair_run(p, p->now + 2 * PAIR_DELAY);
    while (sent < bytes) {
        do {
            assert_int_equal(tern_peer_stream_write(node, 0, id, tern_bytes_of(zeros, sizeof zeros), &taken), TERN_OK);
            sent += taken;
        } while (taken == sizeof zeros);
        pair_run(p, p->now + TERN_MS);
        read_stream(p, id);
    }
    return id;
}

/*= XFER-032 */
static void one_alone_gets_all_that_is_configured_when_there_is_memory(void **state)
{
    pair_options o = growing(3 * MOST / TERN_PAGE_SIZE);
    pair *p = pair_established(&o);
    (void)state;
    uint32_t id = write_stream(p, 24 << 20);
    assert_int_equal(pair_relay(p)->streams.recv_credit.window, MOST);
    assert_int_equal(
        tern_streams_find(&pair_relay(p)->streams, tern_endpoint_pool(p->end[PAIR_TO_RELAY]), id)->recv_credit.window,
        MOST);
    pair_free(p);
}

/*= XFER-032 */
static void what_is_promised_to_others_is_not_promised_again(void **state)
{
    pair_options o = growing(3 * MOST / TERN_PAGE_SIZE);
    pair *p = pair_established(&o);
    tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    (void)state;
    tern_pool_promise(pool, 0, tern_pool_unpromised(pool) - (128u << 10));
    uint32_t id = write_stream(p, 4 << 20);
    uint64_t window = pair_relay(p)->streams.recv_credit.window;
    assert_true(window >= START && window <= START + (64u << 10));
    assert_true(tern_streams_find(&pair_relay(p)->streams, pool, id)->recv_credit.window <= window);
    pair_free(p);
}

static int nothing_arrives(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)way, (void)n, (void)bytes, (void)size;
    return 0;
}

/*= XFER-032 */
static void a_connection_that_is_closed_or_freed_takes_its_promise_along(void **state)
{
    pair_options o = growing(2048);
    (void)state;
    for (int freed = 0; freed < 2; freed++) {
        pair *p = pair_established(&o);
        tern_host host = tern_endpoint_host(p->end[PAIR_TO_RELAY], p->now);
        if (freed)
            tern_connection_free(pair_relay(p), host.pool);
        else
            tern_connection_close(pair_relay(p), &host, TERN_NO_ERROR, "");
        assert_int_equal(host.pool->promised, 0);
        pair_free(p);
    }
}

/* Whatever way a connection ends, nothing stays promised for it. */
/*= XFER-032 */
static void who_is_gone_was_promised_nothing(void **state)
{
    pair_options o = growing(2048);
    (void)state;
    for (int way = 0; way < 3; way++) {
        pair *p = pair_established(&o);
        tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
        assert_int_equal(pool->promised, 2 * START);
        if (way == 0) tern_peer_close(&p->end[PAIR_TO_RELAY]->node, p->now, pair_relay_peer(p), TERN_NO_ERROR, "");
        if (way == 1) tern_peer_close(&p->end[PAIR_TO_CLIENT]->node, p->now, 0, TERN_NO_ERROR, "");
        if (way == 2) p->fate = nothing_arrives;
        if (way == 0) assert_int_equal(pool->promised, 0); /* at once */
        pair_run(p, p->now + 100 * TERN_SECOND);
        assert_int_equal(pool->promised, 0);
        assert_int_equal(pool->free, pool->pages);
        pair_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_windows_together_promise_no_more_than_there_is),
        cmocka_unit_test(one_alone_gets_all_that_is_configured_when_there_is_memory),
        cmocka_unit_test(what_is_promised_to_others_is_not_promised_again),
        cmocka_unit_test(a_connection_that_is_closed_or_freed_takes_its_promise_along),
        cmocka_unit_test(who_is_gone_was_promised_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
