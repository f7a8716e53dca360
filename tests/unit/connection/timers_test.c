/* SPDX-License-Identifier: MIT */
/* Every timer that is armed is earned, and none goes back (spec: connection 3, recovery 3). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int cut_after(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)way, (void)n, (void)bytes, (void)size;
    return p->owner == NULL ? 1 : 0;
}

/*= REC-018 */
static void probes_come_ever_more_rarely(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    p->fate = cut_after;
    p->owner = p;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + 1);
    uint64_t sent = p->sent[PAIR_TO_RELAY];
    tern_time last = p->now, gap = 0;
    for (int i = 0; i < 5; i++) {
        tern_time next = pair_client(p)->timers.at[TERN_TIMER_LOSS];
        assert_true(next > p->now && next - last >= gap * 3 / 2);
        gap = next - last;
        last = next;
        pair_run(p, next);
        assert_true(p->sent[PAIR_TO_RELAY] > sent && p->sent[PAIR_TO_RELAY] <= sent + 2);
        sent = p->sent[PAIR_TO_RELAY];
    }
    pair_free(p);
}

static void an_idle_relay_waits_only_for_silence(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    for (int t = 0; t < TERN_TIMER_COUNT; t++)
        assert_int_equal(pair_relay(p)->timers.at[t] != TERN_TIME_NEVER, t == TERN_TIMER_IDLE);
    pair_free(p);
}

/*= CONN-020 */
static void a_keep_alive_leaves_after_a_third_of_the_idle_timeout(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    tern_time heard = pair_client(p)->timers.at[TERN_TIMER_IDLE] - pair_client(p)->idle_timeout_ns;
    uint64_t sent = p->sent[PAIR_TO_RELAY];
    pair_run(p, heard + 10 * TERN_SECOND - 1);
    assert_true(p->sent[PAIR_TO_RELAY] == sent);
    pair_run(p, heard + 10 * TERN_SECOND);
    assert_true(p->sent[PAIR_TO_RELAY] == sent + 1);
    pair_free(p);
}

/*= CONN-025 */
static void gaps_that_nobody_fills_are_forgotten_when_all_is_quiet(void **state)
{
    (void)state;
    static const uint8_t sign[] = { 0x00, TERN_F_KEEP_ALIVE, 0, 0 };
    pair *p = pair_established(NULL);
    pair_run(p, p->now + TERN_SECOND);
    tern_pool *pools[] = { tern_endpoint_pool(p->end[PAIR_TO_RELAY]), tern_endpoint_pool(p->end[PAIR_TO_CLIENT]) };
    p->fate = cut_after;
    p->owner = p;
    for (int i = 0; i < 20; i++) {
        tern_recovery_free(&pair_client(p)->recovery, pools[1]);
        tern_sent_skip(&pair_client(p)->recovery.sent);
        assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, sign, sizeof sign), TERN_DROP_NONE);
    }
    assert_int_equal(pair_relay(p)->acks.seen.leaves, 1);
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_int_equal(pair_relay(p)->acks.seen.leaves, 0);
    assert_int_equal(pools[0]->free, pools[0]->pages);
    pair_free(p);
}

/* Between two packets of a client that has nothing to say. */
static tern_time silence_of(uint32_t keep_alive_ms)
{
    pair_options options = pair_defaults();
    options.limits.keep_alive_ms = keep_alive_ms;
    pair *p = pair_established(&options);
    uint64_t sent = p->sent[PAIR_TO_RELAY];
    tern_time since = pair_client(p)->last_heard;
    while (p->sent[PAIR_TO_RELAY] == sent) pair_run(p, p->now + 100 * TERN_MS);
    tern_time silence = p->now - since;
    pair_free(p);
    return silence;
}

/*= CONN-020 */
static void a_client_keeps_alive_as_often_as_it_is_told_and_often_enough(void **state)
{
    (void)state;
    assert_in_range(silence_of(0), 9900 * TERN_MS, 10200 * TERN_MS); /* a third of 30 s */
    assert_in_range(silence_of(2000), 1900 * TERN_MS, 2200 * TERN_MS);
    assert_in_range(silence_of(25000), 9900 * TERN_MS, 10200 * TERN_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_come_ever_more_rarely),
        cmocka_unit_test(an_idle_relay_waits_only_for_silence),
        cmocka_unit_test(gaps_that_nobody_fills_are_forgotten_when_all_is_quiet),
        cmocka_unit_test(a_keep_alive_leaves_after_a_third_of_the_idle_timeout),
        cmocka_unit_test(a_client_keeps_alive_as_often_as_it_is_told_and_often_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
