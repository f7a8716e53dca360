/* SPDX-License-Identifier: MIT */
/* The table of connection ids, against a naive model. */
#include "endpoint/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SLOTS 64
#define KEYS  256

static uint32_t lcg(uint32_t *s)
{
    *s = *s * 1664525u + 1013904223u;
    return *s >> 8;
}

static void it_agrees_with_an_array(void **state)
{
    static tern_route entries[1024];
    uint32_t model[KEYS], seed = 42, held = 0;
    tern_routes r;
    const uint64_t secret[2] = { 11, 22 };
    (void)state;
    memset(model, 0xff, sizeof model);
    assert_true(tern_routes_size(SLOTS) <= 1024);
    tern_routes_init(&r, entries, tern_routes_size(SLOTS), secret);
    for (int i = 0; i < 200000; i++) {
        uint32_t key = lcg(&seed) % KEYS, slot = lcg(&seed) % SLOTS;
        if (lcg(&seed) % 2 == 0 && held < 2 * SLOTS) {
            bool added = tern_routes_add(&r, entries, key, slot);
            assert_int_equal(added, model[key] == UINT32_MAX);
            if (added) model[key] = slot, held++;
        } else {
            tern_routes_remove(&r, entries, key);
            if (model[key] != UINT32_MAX) held--;
            model[key] = UINT32_MAX;
        }
        key = lcg(&seed) % KEYS;
        assert_int_equal(tern_routes_find(&r, entries, key), model[key]);
    }
}

/*= CONN-002 */
static void the_same_first_sid_from_two_addresses_is_two_routes(void **state)
{
    static tern_route entries[64];
    tern_routes r;
    const uint64_t secret[2] = { 1, 2 };
    const tern_cid sid = { { 9, 9, 9 } };
    tern_addr a = { .family = 4, .ip = { 127, 0, 0, 1 }, .port = 1 }, b = a, c = a;
    (void)state;
    b.port = 2;
    c.ip[15] = 1;
    tern_routes_init(&r, entries, 64, secret);
    assert_true(tern_route_of_first(&r, &sid, &a) != tern_route_of_first(&r, &sid, &b));
    assert_true(tern_route_of_first(&r, &sid, &a) != tern_route_of_first(&r, &sid, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_an_array),
        cmocka_unit_test(the_same_first_sid_from_two_addresses_is_two_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
