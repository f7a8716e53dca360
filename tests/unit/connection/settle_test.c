/* SPDX-License-Identifier: MIT */
/* What was lost is told to its owner, and only what is still wanted is sent again (REC-019, REC-021). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Loses every datagram whose number stands in owner, ended by UINT64_MAX. */
static int lose_listed(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)bytes, (void)size;
    for (const uint64_t *i = p->owner; *i != UINT64_MAX; i++)
        if (way == PAIR_TO_CLIENT && *i == n) return 0;
    return 1;
}

/*= REC-019 XFER-022 */
static void a_lost_limit_is_told_again_at_its_latest_value(void **state)
{
    pair_options options = pair_defaults();
    options.limits.max_message = 16000;
    options.limits.message_window = 32000;
    pair *p = pair_established(&options);
    uint8_t body[16000] = { 0 };
    (void)state;
    for (int i = 0; i < 8; i++) {
        /* Every second datagram of the relay's is lost, its limits among them. */
        uint64_t next = p->sent[PAIR_TO_CLIENT];
        uint64_t lost[] = { next, next + 2, next + 4, next + 6, UINT64_MAX };
        p->fate = lose_listed;
        p->owner = lost;
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
        pair_run(p, p->now + 5 * TERN_SECOND);
        assert_int_equal(p->messages_count, i + 1);
        p->messages_n = 0;
    }
    assert_true(pair_client(p)->messages.send_credit.limit > 8 * 16004);
    pair_free(p);
}

static int late_acks(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_CLIENT && p->owner != NULL ? 0 : 1;
}

/*= REC-018 REC-021 */
static void a_late_acknowledgement_delivers_nothing_twice(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    p->fate = late_acks;
    p->owner = p; /* no acknowledgement passes for a while: probes go out */
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "once", 4), TERN_OK);
    pair_run(p, p->now + 2 * TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    assert_true(pair_client(p)->recovery.pto_count > 0);
    p->owner = NULL;
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    assert_int_equal(pair_client(p)->recovery.congestion.in_flight_bytes, 0);
    assert_int_equal(tern_messages_waiting(&pair_client(p)->messages), 0);
    pair_free(p);
}

/* One stream is acknowledged in long runs, two in turns, and the end of each apart: all bytes
 * leave the buffers. */
/*= REC-021 */
static void what_is_acknowledged_in_runs_is_told_to_its_stream(void **state)
{
    static const uint8_t body[30000];
    (void)state;
    for (int streams = 1; streams <= 2; streams++) {
        pair *p = pair_established(NULL);
        tern_node *node = &p->end[PAIR_TO_CLIENT]->node;
        const tern_streams *all = &pair_client(p)->streams;
        tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_CLIENT]);
        uint32_t id[2];
        size_t taken;
        for (int i = 0; i < streams; i++) {
            assert_int_equal(tern_peer_stream_open(node, 0, TERN_BOTH_WAYS, &id[i]), TERN_OK);
            assert_int_equal(tern_peer_stream_write(node, 0, id[i], tern_bytes_of(body, sizeof body), &taken), TERN_OK);
            assert_int_equal(taken, sizeof body);
        }
        pair_run(p, p->now + TERN_SECOND);
        for (int i = 0; i < streams; i++) {
            const tern_stream *st = tern_streams_find(all, pool, id[i]);
            assert_true(st->out.next == sizeof body && tern_send_buffer_done(&st->out));
            assert_int_equal(tern_peer_stream_finish(node, 0, id[i]), TERN_OK);
        }
        pair_run(p, p->now + TERN_SECOND);
        for (int i = 0; i < streams; i++)
            assert_int_equal(tern_streams_find(all, pool, id[i])->send_state, TERN_SEND_DATA_RECVD);
        pair_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_limit_is_told_again_at_its_latest_value),
        cmocka_unit_test(a_late_acknowledgement_delivers_nothing_twice),
        cmocka_unit_test(what_is_acknowledged_in_runs_is_told_to_its_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
