/* SPDX-License-Identifier: MIT */
#include "recovery/pmtu.h"
#include "unit/base/unit.h"

#define GIVE_UP (3 * TERN_SECOND)
#define PTO     (100 * TERN_MS)

/* A search over a path that carries carries bytes, with full datagrams all the time; how many probes it took. */
static int search_all(tern_pmtu *p, uint32_t carries, tern_time *now)
{
    int probes = 0;
    while (p->phase == TERN_PMTU_SEARCHING) {
        tern_pmtu_sent(p, p->current);
        uint32_t size = tern_pmtu_next(p, *now, 65536, GIVE_UP);
        if (size == 0) continue;
        assert_true(size > p->current && size <= p->most);
        tern_pmtu_probed(p, *now, size);
        probes++;
        *now += 10 * TERN_MS;
        if (size <= carries)
            tern_pmtu_acked(p, size, *now - 10 * TERN_MS, true);
        else
            tern_pmtu_lost(p, size, *now - 10 * TERN_MS, true, PTO);
        assert_true(probes < 200);
    }
    return probes;
}

static tern_pmtu searched(uint32_t most, uint32_t carries, int *probes)
{
    tern_pmtu p;
    tern_time now = TERN_SECOND;
    tern_pmtu_init(&p);
    tern_pmtu_start(&p, most);
    int n = search_all(&p, carries, &now);
    if (probes != NULL) *probes = n;
    return p;
}

static void a_loopback_is_known_after_one_probe(void **state)
{
    int probes;
    (void)state;
    tern_pmtu p = searched(65527, 65507, &probes);
    assert_int_equal(p.current, 65507);
    assert_int_equal(probes, 1);
}

/*= REC-060 REC-062 */
static void the_search_finds_what_the_path_carries(void **state)
{
    static const uint32_t paths[] = { 1200, 1231, 1232, 1280, 1400, 1452, 1463, 1472, 4000, 8972, 16000, 65487, 65507 };
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        int probes;
        tern_pmtu p = searched(65527, paths[i], &probes);
        assert_int_equal(p.phase, TERN_PMTU_COMPLETE);
        assert_true(p.current <= paths[i]);
        assert_true(paths[i] - p.current <= paths[i] / 8); /* an eighth is not worth more probes */
        assert_true(probes <= 48);
    }
    assert_int_equal(searched(65527, 1472, NULL).current, 1472);
    assert_int_equal(searched(65527, 8972, NULL).current, 8972);
}

/*= REC-060 */
static void no_probe_is_larger_than_what_the_peer_takes(void **state)
{
    (void)state;
    assert_int_equal(searched(1300, 65507, NULL).current, 1300);
    assert_int_equal(searched(1200, 65507, NULL).current, 1200);
    assert_int_equal(searched(65535, 65535, NULL).current, 65507);
}

/*= REC-062 */
static void two_lost_probes_do_not_rule_out_a_size(void **state)
{
    tern_pmtu p;
    (void)state;
    tern_pmtu_init(&p);
    tern_pmtu_start(&p, 9000);
    for (int i = 0; i < 3; i++) {
        tern_pmtu_sent(&p, 1200);
        assert_int_equal(tern_pmtu_next(&p, 0, 65536, GIVE_UP), 9000);
        tern_pmtu_probed(&p, 0, 9000);
        if (i < 2) tern_pmtu_lost(&p, 9000, 0, true, PTO);
    }
    tern_pmtu_acked(&p, 9000, 0, true);
    assert_int_equal(p.current, 9000);
}

/*= REC-062 */
static void a_probe_without_an_answer_is_given_up(void **state)
{
    tern_pmtu p;
    (void)state;
    tern_pmtu_init(&p);
    tern_pmtu_start(&p, 9000);
    tern_time now = TERN_SECOND;
    for (int i = 0; i < 3; i++) {
        tern_pmtu_sent(&p, 1200);
        assert_int_equal(tern_pmtu_next(&p, now, 65536, GIVE_UP), 9000);
        tern_pmtu_probed(&p, now, 9000);
        tern_pmtu_sent(&p, 1200);
        assert_int_equal(tern_pmtu_next(&p, now + GIVE_UP - 1, 65536, GIVE_UP), 0);
        now += GIVE_UP;
    }
    assert_int_equal(tern_pmtu_next(&p, now, 65536, GIVE_UP), 1472);
}

/*= REC-061 REC-063 */
static void probes_go_one_at_a_time_and_only_with_full_datagrams(void **state)
{
    tern_pmtu p;
    (void)state;
    tern_pmtu_init(&p);
    tern_pmtu_sent(&p, 1200);
    assert_int_equal(tern_pmtu_next(&p, 0, 65536, GIVE_UP), 0); /* the peer is not confirmed */
    tern_pmtu_start(&p, 9000);
    tern_pmtu_sent(&p, 1199);
    assert_int_equal(tern_pmtu_next(&p, 0, 65536, GIVE_UP), 0);
    tern_pmtu_sent(&p, 1200);
    assert_int_equal(tern_pmtu_next(&p, 0, 1200, GIVE_UP), 0); /* no room for one: that says nothing of the path */
    assert_int_equal(tern_pmtu_next(&p, 0, 4096, GIVE_UP), 4096);
    tern_pmtu_probed(&p, 0, 4096);
    tern_pmtu_sent(&p, 1200);
    assert_int_equal(tern_pmtu_next(&p, 1, 65536, GIVE_UP), 0); /* one is under way */
}

/*= REC-063 */
static void ten_minutes_later_it_looks_again(void **state)
{
    tern_time now = TERN_SECOND;
    tern_pmtu p;
    (void)state;
    tern_pmtu_init(&p);
    tern_pmtu_start(&p, 65507);
    (void)search_all(&p, 1472, &now);
    tern_time known = now;
    tern_pmtu_sent(&p, 1472);
    assert_int_equal(tern_pmtu_next(&p, known + 599 * TERN_SECOND, 65536, GIVE_UP), 0);
    assert_int_equal(tern_pmtu_next(&p, known + 600 * TERN_SECOND, 65536, GIVE_UP), 65507);
    assert_int_equal(p.current, 1472);
    (void)search_all(&p, 9000, &now);
    assert_int_equal(p.current, 8972);
}

static void lose(tern_pmtu *p, int n, uint32_t bytes, tern_time sent_at)
{
    for (int i = 0; i < n; i++) tern_pmtu_lost(p, bytes, sent_at, false, PTO);
}

/*= REC-064 */
static void six_large_packets_lost_in_a_row_are_a_black_hole(void **state)
{
    tern_pmtu p = searched(65507, 1472, NULL);
    (void)state;
    lose(&p, 5, 1472, TERN_SECOND * 20);
    tern_pmtu_acked(&p, 60, TERN_SECOND * 21, false); /* small ones pass: that proves nothing */
    assert_int_equal(p.current, 1472);
    lose(&p, 10, 1472, TERN_SECOND * 20 + PTO - 1); /* a full queue would do that */
    assert_int_equal(p.current, 1472);
    lose(&p, 1, 1472, TERN_SECOND * 20 + PTO);
    assert_int_equal(p.current, 1200);
    assert_int_equal(p.phase, TERN_PMTU_SEARCHING);
    tern_time now = TERN_SECOND * 22;
    (void)search_all(&p, 1420, &now);
    assert_int_equal(p.current, 1420);
}

/*= REC-064 */
static void losses_between_large_packets_that_pass_are_none(void **state)
{
    tern_pmtu p = searched(65507, 1472, NULL);
    (void)state;
    for (int i = 0; i < 10; i++) {
        lose(&p, 5, 1472, (20 + (tern_time)i) * TERN_SECOND);
        tern_pmtu_acked(&p, 1472, (20 + (tern_time)i) * TERN_SECOND, false);
        lose(&p, 5, 1472, (20 + (tern_time)i) * TERN_SECOND - 1); /* they left before one that passed */
    }
    tern_pmtu_acked(&p, 1300, 49 * TERN_SECOND, false); /* a short one that passed says nothing against others */
    lose(&p, 20, 1472, 29 * TERN_SECOND - 1);
    lose(&p, 20, 1200, 50 * TERN_SECOND); /* not large */
    assert_int_equal(p.current, 1472);
}

/*= REC-064 */
static void shorter_packets_that_pass_do_not_hide_a_black_hole(void **state)
{
    tern_pmtu p = searched(65507, 8972, NULL);
    (void)state;
    for (int i = 0; i < 6; i++) {
        lose(&p, 1, 8972, 20 * TERN_SECOND + (tern_time)i * PTO);
        tern_pmtu_acked(&p, 1300, 21 * TERN_SECOND + (tern_time)i, false);
    }
    assert_int_equal(p.current, 1200);
}

/*= REC-064 REC-065 */
static void persistent_congestion_falls_to_base_and_at_base_stops_probing(void **state)
{
    tern_pmtu p = searched(65507, 8972, NULL);
    (void)state;
    tern_pmtu_persistent(&p);
    assert_int_equal(p.current, 1200);
    assert_int_equal(p.phase, TERN_PMTU_SEARCHING);
    tern_pmtu_persistent(&p);
    assert_int_equal(p.phase, TERN_PMTU_ERROR);
    tern_pmtu_sent(&p, 1200);
    assert_int_equal(tern_pmtu_next(&p, 0, 65536, GIVE_UP), 0);
    tern_pmtu_acked(&p, 1199, 0, false);
    assert_int_equal(p.phase, TERN_PMTU_ERROR);
    tern_pmtu_acked(&p, 1200, 0, false);
    assert_int_equal(p.phase, TERN_PMTU_SEARCHING);
}

/*= REC-062 */
static void a_late_answer_raises_nothing(void **state)
{
    tern_pmtu p;
    (void)state;
    tern_pmtu_init(&p);
    tern_pmtu_start(&p, 9000);
    tern_pmtu_sent(&p, 1200);
    (void)tern_pmtu_next(&p, 0, 65536, GIVE_UP);
    tern_pmtu_probed(&p, 0, 9000);
    tern_pmtu_start(&p, 9000); /* another path by now */
    tern_pmtu_acked(&p, 9000, 0, true);
    assert_int_equal(p.current, 1200);
}

/*= REC-064 REC-066 */
static void what_leaves_is_bounded_by_window_and_timeouts(void **state)
{
    tern_pmtu p = searched(65507, 65507, NULL);
    (void)state;
    assert_int_equal(tern_pmtu_datagram(&p, 10000000, 0), 65507);
    assert_int_equal(tern_pmtu_datagram(&p, 80000, 0), 10000);
    assert_int_equal(tern_pmtu_datagram(&p, 2000, 0), 1500);
    assert_int_equal(tern_pmtu_datagram(&p, 10000000, 1), 65507);
    assert_int_equal(tern_pmtu_datagram(&p, 10000000, 2), 1200);
    p = searched(65507, 1472, NULL);
    assert_int_equal(tern_pmtu_datagram(&p, 2944, 0), 1472);
}

/* At 1472 bytes, of at most 9000: the probe of 9000 is under way. */
static tern_pmtu probing(void)
{
    tern_pmtu p = searched(9000, 1472, NULL);
    tern_pmtu_sent(&p, p.current);
    uint32_t size = tern_pmtu_next(&p, TERN_SECOND + TERN_PMTU_RAISE + TERN_SECOND, 65536, GIVE_UP);
    assert_int_equal(size, 9000);
    tern_pmtu_probed(&p, TERN_SECOND + TERN_PMTU_RAISE + TERN_SECOND, size);
    return p;
}

static uint32_t next_probe(tern_pmtu *p)
{
    tern_pmtu_sent(p, p->current);
    return tern_pmtu_next(p, TERN_SECOND + TERN_PMTU_RAISE + 2 * TERN_SECOND, 65536, GIVE_UP);
}

/*= REC-067 REC-068 */
static void what_a_router_says_of_a_probe_is_tried_next(void **state)
{
    (void)state;
    tern_pmtu p = probing();
    assert_true(tern_pmtu_told(&p, 9000, 4000));
    assert_int_equal(p.current, 1472);
    assert_int_equal(p.too_large, 9000);
    assert_int_equal(next_probe(&p), 4000);
    tern_pmtu_probed(&p, TERN_SECOND, 4000);
    tern_pmtu_acked(&p, 4000, TERN_SECOND, true);
    assert_int_equal(p.current, 4000);
    assert_int_equal(next_probe(&p), 0); /* and that is all */
    assert_int_equal(p.phase, TERN_PMTU_COMPLETE);
}

/*= REC-068 */
static void a_size_that_does_not_pass_though_it_was_said_ends_no_search(void **state)
{
    (void)state;
    tern_pmtu p = probing();
    assert_true(tern_pmtu_told(&p, 9000, 1500));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(next_probe(&p), 1500);
        tern_pmtu_probed(&p, TERN_SECOND, 1500);
        tern_pmtu_lost(&p, 1500, TERN_SECOND, true, PTO);
    }
    assert_int_equal(p.current, 1472);
    assert_int_not_equal(next_probe(&p), 1500);
}

/*= REC-067 */
static void a_path_that_narrows_is_searched_from_base(void **state)
{
    (void)state;
    tern_pmtu p = searched(9000, 1472, NULL);
    assert_true(tern_pmtu_told(&p, 1472, 1400));
    assert_int_equal(p.current, TERN_PMTU_BASE);
    assert_int_equal(p.too_large, 1472);
    assert_int_equal(next_probe(&p), 1400);
}

/*= REC-067 */
static void what_nobody_can_have_seen_is_passed_over(void **state)
{
    static const struct {
        uint32_t bytes, most;
    } rows[] = { { 8999, 1300 }, { 1473, 1300 }, { 1200, 576 }, { 1200, 0 }, { 9000, 9000 }, { 1472, 9000 }, { 0, 0 } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tern_pmtu p = probing(), before = p;
        assert_false(tern_pmtu_told(&p, rows[i].bytes, rows[i].most));
        assert_memory_equal(&p, &before, sizeof p);
    }
    tern_pmtu p;
    tern_pmtu_init(&p); /* nobody is confirmed yet */
    assert_false(tern_pmtu_told(&p, 1200, 0));
    p = probing();
    assert_true(tern_pmtu_told(&p, 9000, 68)); /* less than the protocol needs: only the probe is too large */
    assert_int_equal(p.current, 1472);
    assert_int_equal(p.said, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loopback_is_known_after_one_probe),
        cmocka_unit_test(the_search_finds_what_the_path_carries),
        cmocka_unit_test(no_probe_is_larger_than_what_the_peer_takes),
        cmocka_unit_test(two_lost_probes_do_not_rule_out_a_size),
        cmocka_unit_test(a_probe_without_an_answer_is_given_up),
        cmocka_unit_test(probes_go_one_at_a_time_and_only_with_full_datagrams),
        cmocka_unit_test(ten_minutes_later_it_looks_again),
        cmocka_unit_test(six_large_packets_lost_in_a_row_are_a_black_hole),
        cmocka_unit_test(losses_between_large_packets_that_pass_are_none),
        cmocka_unit_test(shorter_packets_that_pass_do_not_hide_a_black_hole),
        cmocka_unit_test(persistent_congestion_falls_to_base_and_at_base_stops_probing),
        cmocka_unit_test(a_late_answer_raises_nothing),
        cmocka_unit_test(what_a_router_says_of_a_probe_is_tried_next),
        cmocka_unit_test(a_size_that_does_not_pass_though_it_was_said_ends_no_search),
        cmocka_unit_test(a_path_that_narrows_is_searched_from_base),
        cmocka_unit_test(what_nobody_can_have_seen_is_passed_over),
        cmocka_unit_test(what_leaves_is_bounded_by_window_and_timeouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
