/* SPDX-License-Identifier: MIT */
#include "run/pool.h"
#include "unit/netsim/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define SEEDS 100

typedef struct {
    unsigned times[SEEDS], good, ticks;
    sim_seed_result last_bad;
} heard;

static heard all;

static void work(void *context, sim_seed_result *r)
{
    (void)context;
    r->good = r->seed % 10 != 3;
    r->packets = r->seed * 2;
    if (r->seed == 43) (void)raise(SIGKILL);
    if (r->seed == 53) _exit(7);
    if (!r->good) (void)snprintf(r->what, sizeof r->what, "three");
}

static void done(void *context, const sim_seed_result *r)
{
    heard *h = context;
    assert_true(r->seed < SEEDS);
    h->times[r->seed]++;
    h->good += r->good;
    if (r->good) assert_int_equal(r->packets, 2 * r->seed);
    if (r->seed == 43) assert_string_equal(r->what, "the simulator is killed by signal 9 (Killed)");
    if (r->seed == 53) assert_string_equal(r->what, "the simulator ends with 7");
    if (r->seed == 63) assert_string_equal(r->what, "three");
}

static void tick(void *context)
{
    ((heard *)context)->ticks++;
}

static void each_seed_is_done_once_whoever_dies(void **state)
{
    (void)state;
    static const unsigned jobs[] = { 1, 3, 16, 200 };
    for (size_t i = 0; i < 4; i++) {
        memset(&all, 0, sizeof all);
        const sim_pool pool = { 0, 1, SEEDS, jobs[i], &all, work, done, tick };
        assert_true(sim_pool_run(&pool));
        for (int s = 0; s < SEEDS; s++) assert_int_equal(all.times[s], 1);
        assert_int_equal(all.good, 90);
        assert_true(all.ticks > 0);
    }
}

static void a_step_leaves_seeds_to_others(void **state)
{
    (void)state;
    memset(&all, 0, sizeof all);
    const sim_pool pool = { 1, 7, 5, 2, &all, work, done, NULL };
    assert_true(sim_pool_run(&pool));
    for (unsigned s = 0; s < SEEDS; s++) assert_int_equal(all.times[s], s % 7 == 1 && s < 30);
}

static void nothing_to_do_is_done_at_once(void **state)
{
    (void)state;
    memset(&all, 0, sizeof all);
    const sim_pool pool = { 1, 1, 0, 4, &all, work, done, NULL };
    assert_true(sim_pool_run(&pool));
    assert_int_equal(all.good, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_seed_is_done_once_whoever_dies),
        cmocka_unit_test(a_step_leaves_seeds_to_others),
        cmocka_unit_test(nothing_to_do_is_done_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
