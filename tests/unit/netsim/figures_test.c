/* SPDX-License-Identifier: MIT */
#include "run/figures.h"

#include "run/run.h"
#include "unit/netsim/unit.h"

static sim_scenario s;
static sim_run r;

static void run(const char *text)
{
    sim_error error;
    if (!sim_scenario_parse(&s, tern_bytes_of(text, strlen(text)), 1, &error))
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    sim_run_init(&r, &s, 1, NULL);
    if (!sim_run_go(&r)) fail_msg("%s", r.world.failure);
}

static int teardown(void **state)
{
    (void)state;
    sim_run_free(&r);
    sim_scenario_free(&s);
    return 0;
}

static void a_flow_has_its_senders_figures_and_what_was_lost(void **state)
{
    (void)state;
    run("node r relay\nnode a client\nlink a>r delay 10ms rate 10Mbit queue 1M\nlink r>a delay 20ms\n"
        "at 1s stream a 1M\nat 1s drop a>r pkt 50\nuntil 4s\n");
    sim_flow up = sim_flow_of(&r, 1, true), down = sim_flow_of(&r, 1, false);
    assert_true(up.connected && down.connected);
    assert_false(down.goodput->any);
    assert_int_equal(up.goodput->bytes, 1 << 20);
    assert_in_range(sim_goodput_bps(up.goodput), 5000000, 9700000);
    assert_in_range(up.info.min_rtt_ns, 30 * TERN_MS, 31 * TERN_MS);
    assert_int_equal(up.info.packets_lost, 1);
    assert_in_range(up.info.bytes_lost, 1000, 1472);
    assert_int_equal(down.info.packets_lost, 0);
    assert_int_equal(down.info.bytes_lost, 0);
    assert_true(down.info.packets_sent > 100 && down.info.bytes_sent < 60000); /* acknowledgements */
}

static void the_figures_of_one_who_is_gone_are_not_there(void **state)
{
    (void)state;
    run("node r relay\nnode a client\nlink a-r delay 10ms\nat 1s fetch a 100000\nat 2s close a\nuntil 9s\n");
    assert_false(sim_flow_of(&r, 1, true).connected);
    assert_false(sim_flow_of(&r, 1, false).connected);
    assert_int_equal(sim_flow_of(&r, 1, false).goodput->bytes, 100000);
}

static void goodput_is_bits_over_the_time_from_the_request_to_the_last_byte(void **state)
{
    (void)state;
    sim_goodput g = { .bytes = 1000000, .first = TERN_SECOND, .last = 3 * TERN_SECOND, .any = true };
    assert_int_equal(sim_goodput_bps(&g), 4000000);
    g.last = g.first + TERN_MS - 1;
    assert_int_equal(sim_goodput_bps(&g), 0);
}

static void a_bottleneck_is_as_full_as_it_has_been_sending(void **state)
{
    (void)state;
    run("node r relay\nnode a client\nqueue x rate 8Mbit\nlink a>r via x\nlink r>a\nuntil 1s\n");
    sim_bottleneck *b = &r.world.bottlenecks[0].queue;
    b->sending = TERN_SECOND / 4;
    b->busy_until = 0;
    assert_int_equal(sim_utilisation_ppm(&r, b), 250000);
    b->busy_until = r.world.now + TERN_SECOND / 8; /* half of it is still to come */
    assert_int_equal(sim_utilisation_ppm(&r, b), 125000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_flow_has_its_senders_figures_and_what_was_lost, teardown),
        cmocka_unit_test_teardown(the_figures_of_one_who_is_gone_are_not_there, teardown),
        cmocka_unit_test(goodput_is_bits_over_the_time_from_the_request_to_the_last_byte),
        cmocka_unit_test_teardown(a_bottleneck_is_as_full_as_it_has_been_sending, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
