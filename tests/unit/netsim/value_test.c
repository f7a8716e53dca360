/* SPDX-License-Identifier: MIT */
#include "script/text.h"
#include "unit/netsim/unit.h"

static sim_line line;
static sim_error error;
static sim_prf prf;

static uint64_t value(const char *text, sim_unit unit)
{
    memset(&error, 0, sizeof error);
    assert_true(sim_line_split(&line, tern_bytes_of(text, strlen(text)), 1, &error, &prf));
    return sim_line_value(&line, unit, 0, UINT64_MAX);
}

static void values_are_read_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sim_unit unit;
        uint64_t want;
    } table[] = {
        { "20ms", SIM_TIME, 20000000 },
        { "1.2s", SIM_TIME, 1200000000 },
        { "0.000000001s", SIM_TIME, 1 },
        { "1.5min", SIM_TIME, UINT64_C(90000000000) },
        { "0.1us", SIM_TIME, 100 },
        { "0s", SIM_TIME, 0 },
        { "64k", SIM_SIZE, 65536 },
        { "1.5k", SIM_SIZE, 1536 },
        { "0.125k", SIM_SIZE, 128 },
        { "100000", SIM_SIZE, 100000 },
        { "2G", SIM_SIZE, UINT64_C(2147483648) },
        { "5Mbit", SIM_RATE, 5000000 },
        { "0.064Mbit", SIM_RATE, 64000 },
        { "1%", SIM_PROBABILITY, 10000000 },
        { "0.01", SIM_PROBABILITY, 10000000 },
        { "0.0000001%", SIM_PROBABILITY, 1 },
        { "1.10", SIM_PROBABILITY, 1100000000 },
        { "17", SIM_COUNT, 17 },
        { "17.0", SIM_COUNT, 17 },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_true(value(table[i].text, table[i].unit) == table[i].want);
        assert_int_equal(error.line, 0);
    }
}

/*= SIM-004 */
static void what_is_not_whole_or_has_no_unit_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sim_unit unit;
    } table[] = {
        { "20", SIM_TIME },
        { "0.5ns", SIM_TIME },
        { "1.0000000001s", SIM_TIME },
        { "ms", SIM_TIME },
        { "-1s", SIM_TIME },
        { "1 s", SIM_TIME },
        { "1.s", SIM_TIME },
        { ".5s", SIM_TIME },
        { "1..", SIM_COUNT },
        { "..2", SIM_COUNT },
        { "2..1", SIM_COUNT },
        { "1...2", SIM_COUNT },
        { "0.3k", SIM_SIZE },
        { "1kB", SIM_SIZE },
        { "1.5", SIM_SIZE },
        { "5Mb", SIM_RATE },
        { "5", SIM_RATE },
        { "0.5bit", SIM_RATE },
        { "0.0000000001", SIM_PROBABILITY },
        { "1.5", SIM_COUNT },
        { "0x10", SIM_COUNT },
        { "\"1\"", SIM_COUNT },
        { "99999999999999999999", SIM_COUNT },
        { "1e3", SIM_COUNT },
        { "1..2ms", SIM_COUNT },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        value(table[i].text, table[i].unit);
        if (error.line == 0) fail_msg("'%s' was taken", table[i].text);
    }
}

static void a_range_may_leave_its_first_unit_to_the_second(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        prf = sim_prf_of_seed(seed);
        assert_in_range(value("0..2%", SIM_PROBABILITY), 0, 20000000);
        assert_in_range(value("5ms..80ms", SIM_TIME), 5000000, 80000000);
        assert_in_range(value("1..3", SIM_COUNT), 1, 3);
        assert_in_range(value("0.5..1s", SIM_TIME), 500000000, 1000000000);
    }
}

/*= SIM-005 */
static void a_pick_depends_on_seed_scope_and_slot_alone(void **state)
{
    (void)state;
    prf = sim_prf_of_seed(5);
    const char *text = "0..1s 0..1s";
    assert_true(sim_line_split(&line, tern_bytes_of(text, strlen(text)), 1, &error, &prf));
    uint64_t first = sim_line_value(&line, SIM_TIME, 0, TERN_SECOND),
             second = sim_line_value(&line, SIM_TIME, 0, TERN_SECOND);
    assert_true(first != second);
    assert_true(sim_line_split(&line, tern_bytes_of(text, strlen(text)), 9, &error, &prf));
    assert_true(sim_line_value(&line, SIM_TIME, 0, TERN_SECOND) == first); /* the line's place does not count */
    assert_true(sim_line_split(&line, tern_bytes_of(text, strlen(text)), 1, &error, &prf));
    sim_line_slot(&line, "delay");
    assert_true(sim_line_value(&line, SIM_TIME, 0, TERN_SECOND) != first);
    prf = sim_prf_of_seed(6);
    assert_true(value(text, SIM_TIME) != first);
}

static void values_outside_their_bounds_are_refused(void **state)
{
    (void)state;
    static const char *const table[] = { "4ms", "21ms", "4..6ms", "10ms..21ms" };
    for (size_t i = 0; i < 4; i++) {
        memset(&error, 0, sizeof error);
        assert_true(sim_line_split(&line, tern_bytes_of(table[i], strlen(table[i])), 1, &error, &prf));
        sim_line_value(&line, SIM_TIME, 5 * TERN_MS, 20 * TERN_MS);
        assert_int_equal(error.line, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_exactly),
        cmocka_unit_test(what_is_not_whole_or_has_no_unit_is_refused),
        cmocka_unit_test(a_range_may_leave_its_first_unit_to_the_second),
        cmocka_unit_test(a_pick_depends_on_seed_scope_and_slot_alone),
        cmocka_unit_test(values_outside_their_bounds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
