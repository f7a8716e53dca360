/* SPDX-License-Identifier: MIT */
/* The slots of an endpoint: lent once, numbered for ever. */
#include "endpoint/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS 5

static tern_endpoint *ep;
static const tern_addr home = { 4, { 192, 0, 2, 1 }, 5000, 0 };

static int setup(void **state)
{
    const tern_endpoint_config config = {
        .max_connections = SLOTS, .pages = 16, .retry_above = 1, .max_per_origin = SLOTS
    };
    const uint8_t seed[TERN_SEED_SIZE] = { 1 };
    size_t head = (sizeof *ep + 15) & ~(size_t)15;
    (void)state;
    ep = malloc(head + tern_endpoint_area(&config));
    if (ep == NULL) return -1;
    tern_endpoint_init(ep, head, &config, seed);
    for (uint32_t i = 0; i < SLOTS; i++)
        memset(&tern_endpoint_slot(ep, i)->connection, 0, sizeof(tern_connection)); /* as connect and accept do */
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(ep);
    return 0;
}

static void each_is_lent_once_and_then_none(void **state)
{
    bool seen[SLOTS] = { false };
    (void)state;
    for (uint32_t i = 0; i < SLOTS; i++) {
        uint32_t slot = tern_slot_take(ep, &home);
        assert_true(slot < SLOTS && !seen[slot]);
        seen[slot] = true;
    }
    assert_int_equal(tern_slot_take(ep, &home), TERN_ROUTE_NONE);
    assert_int_equal(ep->in_use, SLOTS);
    assert_int_equal(ep->half_open, SLOTS);
}

static void a_number_of_the_past_finds_nobody(void **state)
{
    (void)state;
    uint32_t slot = tern_slot_take(ep, &home);
    tern_peer first = tern_slot_peer(ep, slot);
    assert_int_equal(tern_endpoint_slot_of(ep, first), slot);
    tern_slot_give(ep, slot);
    assert_int_equal(tern_endpoint_slot_of(ep, first), TERN_ROUTE_NONE);
    assert_int_equal(tern_slot_take(ep, &home), slot);
    assert_true(tern_slot_peer(ep, slot) != first);
    assert_int_equal(tern_endpoint_slot_of(ep, first), TERN_ROUTE_NONE);
    assert_int_equal(tern_endpoint_slot_of(ep, UINT64_MAX), TERN_ROUTE_NONE);
    assert_int_equal(ep->in_use, 1);
}

static void a_slot_that_settles_twice_counts_once(void **state)
{
    (void)state;
    uint32_t slot = tern_slot_take(ep, &home);
    tern_slot_settle(ep, slot);
    tern_slot_settle(ep, slot);
    assert_int_equal(ep->half_open, 0);
    tern_slot_give(ep, slot);
    assert_int_equal(ep->half_open, 0);
    assert_int_equal(ep->in_use, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_is_lent_once_and_then_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_number_of_the_past_finds_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slot_that_settles_twice_counts_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
