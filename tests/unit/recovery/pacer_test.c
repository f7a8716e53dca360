/* SPDX-License-Identifier: MIT */
#include "recovery/pacer.h"
#include "unit/base/unit.h"

#define DATAGRAM 1200
#define CWND     UINT64_C(120000)
#define SRTT     (100 * TERN_MS)
#define START    (5 * TERN_SECOND)
#define A_PACKET (8 * TERN_MS / 10) /* 1200 bytes at 5/4 of 120000 bytes in 100 ms */

static tern_pacer p;

static int setup(void **state)
{
    (void)state;
    tern_pacer_init(&p);
    return 0;
}

static tern_time when(tern_time now)
{
    return tern_pacer_when(&p, now, DATAGRAM, CWND, SRTT, DATAGRAM);
}

/* Sends whatever may leave at now; the number of datagrams. */
static int drain(tern_time now, uint64_t cwnd_bytes, uint64_t srtt_ns)
{
    int n = 0;
    while (n < 100000 && tern_pacer_when(&p, now, DATAGRAM, cwnd_bytes, srtt_ns, DATAGRAM) <= now) {
        tern_pacer_sent(&p, DATAGRAM);
        n++;
    }
    return n;
}

/*= REC-033 */
static void a_burst_is_ten_datagrams_however_long_it_was_quiet(void **state)
{
    (void)state;
    assert_int_equal(drain(START, CWND, SRTT), 10);
    assert_int_equal(drain(START + 1000 * TERN_SECOND, CWND, SRTT), 10);
}

/*= REC-033 */
static void a_burst_is_a_millisecond_of_the_rate_where_that_is_more(void **state)
{
    (void)state;
    assert_int_equal(drain(START, 1200 * 8000, 10 * TERN_MS), 1000);
}

/*= REC-033 */
static void after_the_burst_packets_leave_at_five_quarters_of_the_window_a_round_trip(void **state)
{
    (void)state;
    tern_time now = START;
    drain(now, CWND, SRTT);
    for (int i = 0; i < 50; i++) {
        tern_time next = when(now);
        assert_int_equal(next, now + A_PACKET);
        now = next;
        assert_int_equal(when(now), now);
        tern_pacer_sent(&p, DATAGRAM);
    }
}

static void looking_often_loses_nothing(void **state)
{
    (void)state;
    drain(START, CWND, SRTT);
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
        uint64_t cwnd = 2400 + random_below(&rng, UINT64_C(1) << random_below(&rng, 40));
        uint64_t srtt = 1 + random_below(&rng, UINT64_C(1) << random_below(&rng, 40));
        uint64_t bytes = 1 + random_below(&rng, 2000);
        tern_time next = tern_pacer_when(&p, now, bytes, cwnd, srtt, DATAGRAM);
        assert_true(next >= now);
        assert_int_equal(tern_pacer_when(&p, next, bytes, cwnd, srtt, DATAGRAM), next);
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
        sent += (uint64_t)drain(now, CWND, SRTT) * DATAGRAM;
        assert_true(sent <= 10 * DATAGRAM + (now - START) / 1000 * 15 / 10);
    }
    assert_true(sent > CWND * 8);
}

/*= REC-033 */
static void a_burst_is_ten_datagrams_at_time_0_too(void **state)
{
    (void)state;
    assert_int_equal(drain(0, CWND, SRTT), 10);
    assert_int_equal(drain(A_PACKET, CWND, SRTT), 1);
}

static void absurd_windows_are_as_fast_as_large_ones(void **state)
{
    (void)state;
    const uint64_t absurd[] = { UINT64_C(1) << 36, UINT64_C(1) << 60, UINT64_MAX };
    int most = drain(START, UINT32_MAX, TERN_SECOND);
    for (size_t i = 0; i < sizeof absurd / sizeof absurd[0]; i++) {
        tern_pacer_init(&p);
        assert_int_equal(drain(START, absurd[i], TERN_SECOND), most);
        assert_true(when(START) > START);
    }
    tern_pacer_init(&p);
    assert_int_equal(tern_pacer_when(&p, START, DATAGRAM, UINT64_MAX, 1, DATAGRAM), START);
    assert_true(p.tokens_bytes >= 10 * DATAGRAM && p.tokens_bytes <= UINT64_C(1000000000));
}

static void what_is_larger_than_a_burst_waits_for_a_full_one(void **state)
{
    (void)state;
    drain(START, CWND, SRTT);
    tern_time next = tern_pacer_when(&p, START, 100 * DATAGRAM, CWND, SRTT, DATAGRAM);
    assert_int_equal(next, START + 10 * A_PACKET);
    assert_int_equal(tern_pacer_when(&p, next, 100 * DATAGRAM, CWND, SRTT, DATAGRAM), next);
}

static void without_an_estimate_nothing_is_paced(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(tern_pacer_when(&p, START, DATAGRAM, CWND, 0, DATAGRAM), START);
        tern_pacer_sent(&p, DATAGRAM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_burst_is_ten_datagrams_however_long_it_was_quiet, setup),
        cmocka_unit_test_setup(a_burst_is_a_millisecond_of_the_rate_where_that_is_more, setup),
        cmocka_unit_test_setup(after_the_burst_packets_leave_at_five_quarters_of_the_window_a_round_trip, setup),
        cmocka_unit_test_setup(looking_often_loses_nothing, setup),
        cmocka_unit_test_setup(the_time_it_names_is_enough_and_in_the_future, setup),
        cmocka_unit_test_setup(no_interval_carries_more_than_its_share_and_a_burst, setup),
        cmocka_unit_test_setup(a_burst_is_ten_datagrams_at_time_0_too, setup),
        cmocka_unit_test_setup(absurd_windows_are_as_fast_as_large_ones, setup),
        cmocka_unit_test_setup(what_is_larger_than_a_burst_waits_for_a_full_one, setup),
        cmocka_unit_test_setup(without_an_estimate_nothing_is_paced, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
