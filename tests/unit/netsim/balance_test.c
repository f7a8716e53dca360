/* SPDX-License-Identifier: MIT */
#include "rules/balance.h"

#include "node/relay.h"
#include "run/act.h"
#include "unit/netsim/judged.h"

static const char TEXT[] = "node r relay off\nnode a client off\nlink a-r delay 1ms\n";

static int setup(void **state)
{
    (void)state;
    judged_begin(TEXT);
    return 0;
}

static void see(sim_note what, size_t n, uint8_t type)
{
    uint8_t datagram[2000] = { (uint8_t)(type << 4) };
    sim_sight sight = {
        .what = what, .remote = &r.world.nodes[1].addr, .datagram = tern_bytes_of(datagram, n), .number = 1
    };
    sim_balance_observe(&r, &sight);
}

/*= SIM-011 CONN-010 */
static void a_fourth_byte_for_one_fails_the_run(void **state)
{
    (void)state;
    see(SIM_NOTE_DELIVERED, 500, 1);
    see(SIM_NOTE_FATE, 1500, 2);
    assert_false(r.world.failed);
    see(SIM_NOTE_FATE, 1, 2);
    assert_true(r.world.failed);
    assert_non_null(strstr(r.world.failure, "r has sent 1501 bytes for 500"));
}

/*= SIM-011 */
static void what_the_relay_refuses_counts_as_received_and_proves_nothing(void **state)
{
    (void)state;
    see(SIM_NOTE_REFUSED, 500, 3);
    see(SIM_NOTE_NO_LINK, 1500, 2);
    assert_false(r.world.failed);
    see(SIM_NOTE_NO_LINK, 1, 2);
    assert_true(r.world.failed);
}

static void an_acknowledgement_that_is_taken_proves_the_address(void **state)
{
    (void)state;
    see(SIM_NOTE_DELIVERED, 500, 3);
    for (int i = 0; i < 100; i++) see(SIM_NOTE_FATE, 1500, 5);
    assert_false(r.world.failed);
    sim_balance_reset(&r, 0);
    see(SIM_NOTE_FATE, 1, 2);
    assert_true(r.world.failed);
}

/*= SIM-011 SIM-016 */
static void an_address_that_a_client_has_moved_to_is_not_proven_before_a_round_trip(void **state)
{
    (void)state;
    see(SIM_NOTE_DELIVERED, 500, 3);
    sim_world_rebind(&r.world, 1, false);
    see(SIM_NOTE_DELIVERED, 100, 5);
    see(SIM_NOTE_FATE, 300, 5);
    assert_false(r.world.failed);
    uint8_t byte = 5 << 4;
    sim_sight at_client = { .what = SIM_NOTE_DELIVERED, .node = 1, .link = 1, .number = 1 };
    at_client.remote = &r.world.nodes[0].addr;
    at_client.datagram = tern_bytes_of(&byte, 1);
    sim_balance_observe(&r, &at_client); /* from now on what the client sends closes the round trip: number 1 */
    see(SIM_NOTE_DELIVERED, 100, 5);
    see(SIM_NOTE_FATE, 3000, 5);
    assert_false(r.world.failed);
    sim_world_rebind(&r.world, 1, true);
    see(SIM_NOTE_DELIVERED, 100, 5);
    see(SIM_NOTE_FATE, 301, 5);
    assert_non_null(strstr(r.world.failure, "r has sent 301 bytes for 100"));
}

/*= SIM-011 CONN-024 */
static void a_drop_that_is_not_counted_fails_the_run(void **state)
{
    (void)state;
    sim_start_node(&r, 0);
    assert_false(r.world.failed);
    const tern_node *relay = sim_lent_node(r.world.nodes[0].self);
    tern_stats stats;
    tern_node_stats(relay, &stats);
    sim_check_drops(&r, 0, &stats);
    assert_false(r.world.failed);
    r.world.nodes[0].drops[TERN_DROP_AEAD]++;
    tern_node_stats(relay, &stats);
    sim_check_drops(&r, 0, &stats);
    assert_non_null(strstr(r.world.failure, "r counts 0 drops under AEAD, and said so 1 times"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fourth_byte_for_one_fails_the_run, setup, judged_end),
        cmocka_unit_test_setup_teardown(what_the_relay_refuses_counts_as_received_and_proves_nothing, setup,
                                        judged_end),
        cmocka_unit_test_setup_teardown(an_acknowledgement_that_is_taken_proves_the_address, setup, judged_end),
        cmocka_unit_test_setup_teardown(an_address_that_a_client_has_moved_to_is_not_proven_before_a_round_trip, setup,
                                        judged_end),
        cmocka_unit_test_setup_teardown(a_drop_that_is_not_counted_fails_the_run, setup, judged_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
