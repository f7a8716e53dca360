/* SPDX-License-Identifier: MIT */
#include "recovery/congestion.h"
#include "recovery/pacer.h"
#include "unit/base/unit.h"

#define DATAGRAM 1200
#define RATE     UINT64_C(1500000) /* bytes a second */
#define START    (5 * TERN_SECOND)
#define A_PACKET (8 * TERN_MS / 10) /* 1200 bytes at this rate */
#define A_BATCH  (1 * TERN_MS)      /* what is waited for: more than a packet */

static tern_pacer p;

static int setup(void **state)
{
    (void)state;
    tern_pacer_init(&p);
    return 0;
}

static tern_time when(tern_time now)
{
    return tern_pacer_when(&p, now, DATAGRAM, RATE, DATAGRAM);
}

/* Sends whatever may leave at now; the number of datagrams. */
static int drain(tern_time now, uint64_t rate)
{
    int n = 0;
    while (n < 100000 && tern_pacer_when(&p, now, DATAGRAM, rate, DATAGRAM) <= now) {
        tern_pacer_sent(&p, DATAGRAM);
        n++;
    }
    return n;
}

/*= REC-033 */
static void a_burst_is_ten_datagrams_however_long_it_was_quiet(void **state)
{
    (void)state;
    assert_int_equal(drain(START, RATE), 10);
    assert_int_equal(drain(START + 1000 * TERN_SECOND, RATE), 10);
}

/*= REC-033 */
static void a_burst_is_a_millisecond_of_the_rate_where_that_is_more(void **state)
{
    (void)state;
    assert_int_equal(drain(START, UINT64_C(1200000000)), 1000);
}

/*= REC-033 */
static void after_the_burst_a_batch_of_a_millisecond_is_waited_for(void **state)
{
    (void)state;
    tern_time now = START;
    int n = drain(now, RATE);
    assert_int_equal(when(now), now + A_BATCH);
    for (int i = 0; i < 4000; i++) {
        now = when(now);
        n += drain(now, RATE);
    }
    assert_in_range(n, (now - START) / A_PACKET + 9, (now - START) / A_PACKET + 10);
    assert_in_range(now - START, 3200 * TERN_MS, 4000 * TERN_MS); /* not a wait for each packet */
}

/*= REC-033 */
static void a_slow_rate_waits_for_a_packet_and_a_fast_one_for_64_KiB(void **state)
{
    (void)state;
    drain(START, 12000);
    assert_int_equal(tern_pacer_when(&p, START, DATAGRAM, 12000, DATAGRAM), START + 100 * TERN_MS);
    tern_pacer_init(&p);
    drain(START, UINT64_C(6553600000));
    assert_in_range(tern_pacer_when(&p, START, DATAGRAM, UINT64_C(6553600000), DATAGRAM) - START, 9800, 10000);
}

static void looking_often_loses_nothing(void **state)
{
    (void)state;
    drain(START, RATE);
    int n = 0;
    for (tern_time now = START; now <= START + TERN_SECOND; now += 97) {
        if (when(now) > now) continue;
        tern_pacer_sent(&p, DATAGRAM);
        n++;
    }
    assert_in_range(n, 1245, 1250); /* a second of it */
}

static void the_time_it_names_is_enough_and_in_the_future(void **state)
{
    (void)state;
    uint64_t rng = 3;
    tern_time now = START;
    for (int i = 0; i < 20000; i++) {
        uint64_t rate = 1 + random_below(&rng, TERN_RATE_MAX >> random_below(&rng, 36));
        uint64_t bytes = 1 + random_below(&rng, 2000);
        tern_time next = tern_pacer_when(&p, now, bytes, rate, DATAGRAM);
        assert_true(next >= now);
        assert_int_equal(tern_pacer_when(&p, next, bytes, rate, DATAGRAM), next);
        tern_pacer_sent(&p, bytes);
        now = next + random_below(&rng, 1000);
    }
}

/*= REC-033 */
static void no_interval_carries_more_than_its_share_and_a_burst(void **state)
{
    (void)state;
    uint64_t rng = 4, sent = 0;
    for (tern_time now = START; now < START + TERN_SECOND; now += random_below(&rng, 20 * TERN_MS)) {
        sent += (uint64_t)drain(now, RATE) * DATAGRAM;
        assert_true(sent <= 10 * DATAGRAM + (now - START) / 1000 * 15 / 10);
    }
    assert_true(sent > RATE * 64 / 100);
}

/*= REC-033 */
static void a_burst_is_ten_datagrams_at_time_0_too(void **state)
{
    (void)state;
    assert_int_equal(drain(0, RATE), 10);
    assert_int_equal(drain(A_PACKET, RATE), 1);
}

static void what_is_larger_than_a_burst_waits_for_a_full_one(void **state)
{
    (void)state;
    drain(START, RATE);
    tern_time next = tern_pacer_when(&p, START, 100 * DATAGRAM, RATE, DATAGRAM);
    assert_int_equal(next, START + 10 * A_PACKET);
    assert_int_equal(tern_pacer_when(&p, next, 100 * DATAGRAM, RATE, DATAGRAM), next);
}

static void without_a_rate_nothing_is_paced(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(tern_pacer_when(&p, START, DATAGRAM, 0, DATAGRAM), START);
        tern_pacer_sent(&p, DATAGRAM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_burst_is_ten_datagrams_however_long_it_was_quiet, setup),
        cmocka_unit_test_setup(a_burst_is_a_millisecond_of_the_rate_where_that_is_more, setup),
        cmocka_unit_test_setup(after_the_burst_a_batch_of_a_millisecond_is_waited_for, setup),
        cmocka_unit_test_setup(a_slow_rate_waits_for_a_packet_and_a_fast_one_for_64_KiB, setup),
        cmocka_unit_test_setup(looking_often_loses_nothing, setup),
        cmocka_unit_test_setup(the_time_it_names_is_enough_and_in_the_future, setup),
        cmocka_unit_test_setup(no_interval_carries_more_than_its_share_and_a_burst, setup),
        cmocka_unit_test_setup(a_burst_is_ten_datagrams_at_time_0_too, setup),
        cmocka_unit_test_setup(what_is_larger_than_a_burst_waits_for_a_full_one, setup),
        cmocka_unit_test_setup(without_a_rate_nothing_is_paced, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
