/* SPDX-License-Identifier: MIT */
/* What strangers may cause: so much a second in all, half of it for one host, and no more than a second's worth saved
 * up. */
#include "dialects/budget.h"
#include "unit/base/unit.h"

static tern_addr host(uint8_t n)
{
    return (tern_addr){ .family = 4, .ip = { 10, 0, 0, n }, .port = n };
}

static uint32_t taken(tern_budget *b, tern_time now, uint8_t from, uint32_t asked)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < asked; i++) {
        tern_addr addr = host(from);
        addr.port = (uint16_t)i; /* a host is its address, whatever the port */
        n += tern_budget_take(b, now, &addr, TERN_MS);
    }
    return n;
}

/*= DIA-010 */
static void half_of_it_is_for_one_host_and_all_for_no_more_than_two(void **state)
{
    static tern_budget b;
    (void)state;
    tern_budget_init(&b, 100, TERN_SECOND);
    assert_int_equal(taken(&b, TERN_SECOND, 1, 1000), 50);
    assert_int_equal(taken(&b, TERN_SECOND, 2, 1000), 50);
    assert_int_equal(taken(&b, TERN_SECOND, 3, 1000), 0);
    assert_int_equal(taken(&b, TERN_SECOND + 100 * TERN_MS, 1, 1000), 5);
    assert_int_equal(taken(&b, 3600 * TERN_SECOND, 1, 1000), 50); /* nothing more is saved up */
}

static void what_costs_more_than_a_second_holds_is_done_when_all_is_there(void **state)
{
    static tern_budget b;
    tern_addr addr = host(1);
    (void)state;
    tern_budget_init(&b, 10, 0);
    assert_false(tern_budget_take(&b, 0, &addr, 21 * TERN_MS));
    assert_true(tern_budget_take(&b, 5 * TERN_SECOND, &addr, 21 * TERN_MS));
    assert_false(tern_budget_take(&b, 5 * TERN_SECOND, &addr, TERN_MS));
}

/*= DIA-010 */
static void who_was_silent_longest_is_forgotten_first(void **state)
{
    static tern_budget b;
    (void)state;
    tern_budget_init(&b, 1000, 0);
    assert_int_equal(taken(&b, 1, 200, 1000), 500);
    for (uint32_t i = 0; i < TERN_BUDGET_ADDRESSES - 1; i++) (void)taken(&b, 2 + i, (uint8_t)i, 1);
    assert_int_equal(taken(&b, 100, 200, 1), 0); /* known still */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_of_it_is_for_one_host_and_all_for_no_more_than_two),
        cmocka_unit_test(what_costs_more_than_a_second_holds_is_done_when_all_is_there),
        cmocka_unit_test(who_was_silent_longest_is_forgotten_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
