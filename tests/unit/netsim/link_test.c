/* SPDX-License-Identifier: MIT */
#include "unit/netsim/unit.h"
#include "world/link.h"

static sim_prf prf;
static sim_link l;
static sim_bottleneck queue; /* the one of l, if it has a rate */

static int setup(void **state)
{
    (void)state;
    prf = sim_prf_of_seed(1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sim_bottleneck_free(&queue);
    sim_link_free(&l);
    return 0;
}

static void make(sim_link_spec spec)
{
    sim_link_free(&l);
    sim_link_init(&l, &spec, 77);
    sim_bottleneck_free(&queue);
    sim_bottleneck_init(&queue, &spec.queue);
}

static sim_passage pass(sim_link *link, const sim_prf *from, tern_time now, size_t n)
{
    sim_waiting waiting = { .entered = now, .n = n };
    sim_entry entry;
    return sim_link_pass(link, from, link->spec.queue.rate_bps > 0 ? &queue : NULL, &waiting, &entry);
}

static void certain_loss_spares_none(void **state)
{
    (void)state;
    make((sim_link_spec){ .loss = SIM_CHANCE_ONE });
    for (int n = 0; n < 1000; n++) assert_int_equal(pass(&l, &prf, 0, 100).fate, SIM_FATE_LOST);
}

/*= SIM-006 */
static void taking_one_fault_away_moves_no_other(void **state)
{
    (void)state;
    sim_link_spec all = { .loss = 100000000,
                          .dup = 100000000,
                          .reorder = 100000000,
                          .corrupt = 100000000,
                          .jitter = TERN_MS,
                          .reorder_by = TERN_SECOND };
    sim_link_spec fewer = all;
    fewer.loss = 0;
    sim_link other;
    make(all);
    sim_link_init(&other, &fewer, 77);
    for (int n = 0; n < 10000; n++) {
        sim_passage with = pass(&l, &prf, 0, 100), without = pass(&other, &prf, 0, 100);
        assert_int_equal(without.fate, SIM_FATE_SENT);
        if (with.fate != SIM_FATE_SENT) continue;
        assert_int_equal(with.copies, without.copies);
        assert_int_equal(with.corrupt, without.corrupt);
        for (unsigned c = 0; c < with.copies; c++) assert_true(with.takes[c] == without.takes[c]);
    }
}

static void links_of_other_names_and_other_seeds_draw_otherwise(void **state)
{
    (void)state;
    sim_prf seed2 = sim_prf_of_seed(2);
    sim_link_spec spec = { .loss = 500000000 };
    sim_link named, seeded;
    unsigned by_name = 0, by_seed = 0;
    make(spec);
    sim_link_init(&named, &spec, 78);
    sim_link_init(&seeded, &spec, 77);
    for (int n = 0; n < 10000; n++) {
        sim_fate fate = pass(&l, &prf, 0, 100).fate;
        by_name += fate == pass(&named, &prf, 0, 100).fate;
        by_seed += fate == pass(&seeded, &seed2, 0, 100).fate;
    }
    assert_in_range(by_name, 4750, 5250);
    assert_in_range(by_seed, 4750, 5250);
}

static void a_lost_packet_has_taken_its_time_in_the_queue(void **state)
{
    (void)state;
    make((sim_link_spec){ .queue = { .rate_bps = 8000000, .queue_bytes = 1500 }, .loss = SIM_CHANCE_ONE });
    assert_int_equal(pass(&l, &prf, 0, 1000).fate, SIM_FATE_LOST);
    assert_int_equal(pass(&l, &prf, 0, 1000).fate, SIM_FATE_QUEUE);
}

static void a_larger_datagram_than_the_mtu_vanishes(void **state)
{
    (void)state;
    make((sim_link_spec){ .mtu = 1400 });
    assert_int_equal(pass(&l, &prf, 0, 1400).fate, SIM_FATE_SENT);
    assert_int_equal(pass(&l, &prf, 0, 1401).fate, SIM_FATE_MTU);
}

static bool fault(uint64_t number, sim_fault_kind kind)
{
    return sim_link_fault(&l, &(sim_exact){ number, kind, kind == SIM_FAULT_HOLD ? 70 : 0 });
}

static void packets_are_dropped_by_number_and_the_next_ones(void **state)
{
    (void)state;
    make((sim_link_spec){ 0 });
    assert_true(fault(2, SIM_FAULT_DROP) && fault(0, SIM_FAULT_DROP) && fault(0, SIM_FAULT_DROP));
    static const sim_fate want[] = { SIM_FATE_DROPPED, SIM_FATE_DROPPED, SIM_FATE_DROPPED, SIM_FATE_SENT };
    for (int i = 0; i < 4; i++) assert_int_equal(pass(&l, &prf, 0, 1).fate, want[i]);
    for (int i = 0; i < SIM_EXACT_MAX; i++) assert_true(fault(0, SIM_FAULT_DROP));
    assert_false(fault(0, SIM_FAULT_DROP));
    assert_true(fault(4, SIM_FAULT_DROP)); /* has passed */
    for (int i = 0; i < SIM_EXACT_MAX; i++) assert_int_equal(pass(&l, &prf, 0, 1).fate, SIM_FATE_DROPPED);
    assert_int_equal(pass(&l, &prf, 0, 1).fate, SIM_FATE_SENT);
}

/*= SIM-019 */
static void a_fault_befalls_the_packet_that_it_names(void **state)
{
    (void)state;
    make((sim_link_spec){ .delay = 5 });
    assert_true(fault(3, SIM_FAULT_HOLD) && fault(2, SIM_FAULT_LOSE) && fault(4, SIM_FAULT_CORRUPT));
    assert_true(fault(3, SIM_FAULT_DUP));
    sim_passage p[5];
    for (int i = 0; i < 5; i++) p[i] = pass(&l, &prf, 0, 1);
    assert_true(p[0].fate == SIM_FATE_SENT && p[0].copies == 1 && p[0].takes[0] == 5 && !p[0].corrupt);
    assert_int_equal(p[1].fate, SIM_FATE_LOST);
    assert_true(p[2].copies == 2 && p[2].takes[0] == 75 && p[2].takes[1] == 5 && !p[2].corrupt);
    assert_true(p[3].copies == 1 && p[3].takes[0] == 5 && p[3].corrupt);
    assert_true(p[4].fate == SIM_FATE_SENT && p[4].copies == 1 && p[4].takes[0] == 5 && !p[4].corrupt);
}

static bool objects(void *context, uint32_t link, const sim_exact *what, tern_time now)
{
    unsigned *asked = context;
    assert_true(link == 0 && now == 9);
    asked[what->kind]++;
    assert_true(what->by == (what->kind == SIM_FAULT_HOLD ? 50u : 0u));
    return what->number % 2 == 0;
}

/*= SIM-006 */
static void a_fault_to_which_the_filter_objects_does_not_happen(void **state)
{
    (void)state;
    unsigned asked[SIM_FAULT_COUNT] = { 0 };
    const sim_link_filter filter = { asked, objects };
    make((sim_link_spec){ .loss = SIM_CHANCE_ONE });
    l.filter = &filter;
    for (int i = 1; i <= 10; i++)
        assert_int_equal(pass(&l, &prf, 9, 1).fate, i % 2 == 0 ? SIM_FATE_LOST : SIM_FATE_SENT);
    assert_int_equal(asked[SIM_FAULT_LOSE], 10);
    make((sim_link_spec){
        .dup = SIM_CHANCE_ONE, .reorder = SIM_CHANCE_ONE, .corrupt = SIM_CHANCE_ONE, .reorder_by = 50 });
    l.filter = &filter;
    for (int i = 1; i <= 10; i++) {
        sim_passage p = pass(&l, &prf, 9, 1);
        bool even = i % 2 == 0;
        assert_true(p.copies == (even ? 2u : 1u) && p.corrupt == even && p.takes[0] == (even ? 50u : 0u));
    }
    for (int kind = SIM_FAULT_LOSE; kind < SIM_FAULT_COUNT; kind++) assert_int_equal(asked[kind], 10);
}

static void a_partition_ends_at_its_time_and_none_shortens_it(void **state)
{
    (void)state;
    make((sim_link_spec){ 0 });
    sim_link_partition(&l, 100);
    sim_link_partition(&l, 50);
    assert_int_equal(pass(&l, &prf, 99, 1).fate, SIM_FATE_PARTITION);
    assert_int_equal(pass(&l, &prf, 100, 1).fate, SIM_FATE_SENT);
}

/*= SIM-025 */
static void a_clogged_link_lets_go_when_it_ends(void **state)
{
    (void)state;
    make((sim_link_spec){ .delay = 5 });
    sim_link_clog(&l, 100);
    sim_link_clog(&l, 50);
    assert_true(pass(&l, &prf, 0, 1).takes[0] == 105);
    assert_true(pass(&l, &prf, 99, 1).takes[0] == 6);
    assert_true(pass(&l, &prf, 100, 1).takes[0] == 5);
}

/*= SIM-023 */
static void what_has_healed_has_no_fault(void **state)
{
    (void)state;
    make((sim_link_spec){ .delay = 5,
                          .loss = SIM_CHANCE_ONE,
                          .dup = SIM_CHANCE_ONE,
                          .reorder = SIM_CHANCE_ONE,
                          .corrupt = SIM_CHANCE_ONE,
                          .burst_enter = SIM_CHANCE_ONE,
                          .burst_leave = 1 });
    sim_link_partition(&l, 1000);
    sim_link_clog(&l, 1000);
    assert_true(fault(0, SIM_FAULT_DROP));
    sim_link_heal(&l);
    sim_passage p = pass(&l, &prf, 0, 1);
    assert_true(p.fate == SIM_FATE_SENT && p.copies == 1 && p.takes[0] == 5 && !p.corrupt);
}

/*= SIM-007 */
static void faults_come_in_the_order_of_the_law(void **state)
{
    (void)state;
    sim_link_spec spec = { .mtu = 10,
                           .queue = { .rate_bps = 1000, .queue_bytes = 1 },
                           .loss = SIM_CHANCE_ONE,
                           .burst_enter = SIM_CHANCE_ONE,
                           .burst_leave = 1 };
    make(spec);
    assert_true(fault(1, SIM_FAULT_DROP));
    sim_link_partition(&l, 10);
    assert_int_equal(pass(&l, &prf, 0, 11).fate, SIM_FATE_DROPPED);
    assert_int_equal(pass(&l, &prf, 0, 11).fate, SIM_FATE_PARTITION);
    assert_int_equal(pass(&l, &prf, 10, 11).fate, SIM_FATE_MTU);
    assert_int_equal(pass(&l, &prf, 10, 5).fate, SIM_FATE_BURST);
    assert_int_equal(pass(&l, &prf, 10, 5).fate, SIM_FATE_QUEUE);
    assert_true(l.bad);
}

/*= SIM-013 */
static void set_changes_what_is_given_and_nothing_else(void **state)
{
    (void)state;
    sim_link_spec change = { .delay = 5, .loss = SIM_CHANCE_ONE, .mtu = 10, .dup = SIM_CHANCE_ONE };
    make((sim_link_spec){ .delay = 1, .jitter = 0, .reorder = SIM_CHANCE_ONE, .reorder_by = 100 });
    assert_true(pass(&l, &prf, 0, 100).takes[0] == 101);
    sim_link_set(&l, &change, 1u << SIM_LINK_DELAY | 1u << SIM_LINK_DUP);
    sim_passage p = pass(&l, &prf, 0, 100);
    assert_int_equal(p.fate, SIM_FATE_SENT);
    assert_int_equal(p.copies, 2);
    assert_true(p.takes[0] == 105);
    sim_link_set(&l, &change, 1u << SIM_LINK_REORDER | 1u << SIM_LINK_MTU);
    assert_int_equal(pass(&l, &prf, 0, 11).fate, SIM_FATE_MTU);
    assert_true(pass(&l, &prf, 0, 10).takes[0] == 5);
    sim_link_set(&l, &change, 1u << SIM_LINK_LOSS);
    assert_int_equal(pass(&l, &prf, 0, 10).fate, SIM_FATE_LOST);
}

/*= SIM-013 */
static void a_burst_ends_when_its_chances_are_set(void **state)
{
    (void)state;
    make((sim_link_spec){ .burst_enter = SIM_CHANCE_ONE, .burst_leave = 1 });
    assert_int_equal(pass(&l, &prf, 0, 10).fate, SIM_FATE_BURST);
    sim_link_set(&l, &(sim_link_spec){ .burst_enter = 1, .burst_leave = 1 }, 1u << SIM_LINK_GE);
    assert_int_equal(pass(&l, &prf, 0, 10).fate, SIM_FATE_SENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certain_loss_spares_none),
        cmocka_unit_test(taking_one_fault_away_moves_no_other),
        cmocka_unit_test(links_of_other_names_and_other_seeds_draw_otherwise),
        cmocka_unit_test(a_lost_packet_has_taken_its_time_in_the_queue),
        cmocka_unit_test(a_larger_datagram_than_the_mtu_vanishes),
        cmocka_unit_test(packets_are_dropped_by_number_and_the_next_ones),
        cmocka_unit_test(a_fault_befalls_the_packet_that_it_names),
        cmocka_unit_test(a_fault_to_which_the_filter_objects_does_not_happen),
        cmocka_unit_test(a_partition_ends_at_its_time_and_none_shortens_it),
        cmocka_unit_test(a_clogged_link_lets_go_when_it_ends),
        cmocka_unit_test(what_has_healed_has_no_fault),
        cmocka_unit_test(faults_come_in_the_order_of_the_law),
        cmocka_unit_test(set_changes_what_is_given_and_nothing_else),
        cmocka_unit_test(a_burst_ends_when_its_chances_are_set),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
