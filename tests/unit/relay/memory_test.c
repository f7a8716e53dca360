/* SPDX-License-Identifier: MIT */
/* How much memory a peer costs: what is lent for it, and what it holds of the pool. */
#include "base/ranges.h"
#include "endpoint/internal.h"
#include "world.h"

#define QUIET (5 * TERN_SECOND) /* shorter than the time between signs of life */

static tern_pool *pool_of(const world *w, uint32_t end)
{
    return tern_endpoint_pool((tern_endpoint *)w->end[end].node);
}

static void expect_no_page_held(const world *w)
{
    for (uint32_t i = 0; i <= w->clients; i++) assert_int_equal(pool_of(w, i)->free, pool_of(w, i)->pages);
}

static size_t footprint_of(uint32_t connections, uint32_t pages)
{
    tern_relay_config config = world_relay_config();
    config.max_connections = connections;
    config.transport.pages = pages;
    size_t n = tern_relay_footprint(&config);
    assert_true(n > 0);
    return n;
}

static void a_page_adds_itself_to_the_footprint(void **state)
{
    (void)state;
    assert_int_equal(footprint_of(8, 1025) - footprint_of(8, 1024), TERN_PAGE_SIZE);
    assert_int_equal(footprint_of(8, 3024) - footprint_of(8, 1024), 2000 * TERN_PAGE_SIZE);
    tern_client_config config;
    tern_client_config_default(&config);
    config.path.remote.family = 4;
    config.trust.proof = TERN_PROOF_FIRST_USE;
    size_t before = tern_client_footprint(&config);
    config.transport.pages += 100;
    assert_int_equal(tern_client_footprint(&config) - before, 100 * TERN_PAGE_SIZE);
}

/*= CONN-025 */
static void a_connection_adds_at_most_4_KiB_to_the_footprint(void **state)
{
    (void)state;
    for (uint32_t n = 2; n <= 4096; n *= 2) {
        size_t base = footprint_of(1, 4096);
        assert_true(footprint_of(n, 4096) - base <= (n - 1) * (size_t)TERN_IDLE_PEER_MAX);
        assert_true(footprint_of(n + 1, 4096) - base <= n * (size_t)TERN_IDLE_PEER_MAX); /* the table of ids doubles */
    }
}

/*= CONN-025 */
static void a_member_that_is_idle_holds_no_page(void **state)
{
    (void)state;
    world *w = world_with_members(NULL, 3, "lounge");
    assert_int_equal(world_publish(w, 1, "hello"), TERN_OK);
    assert_int_equal(world_publish(w, 2, "hello, ann"), TERN_OK);
    world_run(w, QUIET);
    assert_non_null(strstr(world_log(w, 3), "hello, ann"));
    expect_no_page_held(w);
    world_run(w, 60 * TERN_SECOND); /* signs of life leave nothing either, a little later */
    world_run(w, QUIET);
    assert_true(pool_of(w, 0)->pages - pool_of(w, 0)->free <= 3);
    world_free(w);
}

/*= CONN-025 */
static void after_a_lossy_talk_nothing_is_held_either(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        world *w = world_with_members(NULL, 3, "lounge");
        w->random = seed;
        w->loss_percent = 20;
        for (int i = 0; i < 300; i++) {
            assert_int_equal(world_publish(w, 1 + (uint32_t)i % 2, "again"), TERN_OK);
            world_run(w, 7 * TERN_MS);
        }
        w->loss_percent = 0;
        world_run(w, 9 * TERN_SECOND);       /* probes back off, then all is acknowledged */
        for (tern_time i = 0; i < 12; i++) { /* signs of life do not all fall into the same second */
            uint32_t held = 0;
            world_run(w, TERN_SECOND);
            for (uint32_t k = 0; k <= w->clients; k++) held += pool_of(w, k)->pages - pool_of(w, k)->free;
            if (held == 0) break;
        }
        expect_no_page_held(w);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_adds_itself_to_the_footprint),
        cmocka_unit_test(a_connection_adds_at_most_4_KiB_to_the_footprint),
        cmocka_unit_test(a_member_that_is_idle_holds_no_page),
        cmocka_unit_test(after_a_lossy_talk_nothing_is_held_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
