/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors, plain files, signals and time. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "posix/clock.h"
#include "posix/loop.h"

static unsigned calls;
static tern_loop loop;

static void count_call(void *context, uint32_t events)
{
    (void)context;
    (void)events;
    calls++;
}

static int set_up(void **state)
{
    tern_why why;
    (void)state;
    calls = 0;
    return !tern_loop_open(&loop, &why);
}

static int tear_down(void **state)
{
    (void)state;
    tern_loop_close(&loop);
    return 0;
}

static void turn(tern_time span)
{
    tern_time now = tern_clock_now();
    tern_loop_turn(&loop, now, now + span);
}

static void the_time_is_never_cut_short(void **state)
{
    (void)state;
    for (int coarse = 0; coarse < 2; coarse++) {
        loop.coarse = coarse == 1;
        for (tern_time span = 1; span < 20 * TERN_MS; span = span * 3 + 100) {
            tern_time begun = tern_clock_now();
            tern_loop_turn(&loop, begun, begun + span);
            assert_true(tern_clock_now() - begun >= span);
        }
    }
    turn(0);
    tern_loop_turn(&loop, 5, 3);
}

static void what_is_ready_is_told_while_it_is_watched(void **state)
{
    (void)state;
    int ends[2];
    tern_why why;
    assert_int_equal(pipe(ends), 0);
    tern_watch w = { .fd = ends[0], .fn = count_call };
    assert_true(tern_loop_watch(&loop, &w, EPOLLIN, &why));
    turn(0);
    assert_int_equal(calls, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    turn(TERN_SECOND);
    turn(TERN_SECOND);
    assert_int_equal(calls, 2);
    assert_true(tern_loop_watch(&loop, &w, 0, &why));
    assert_int_equal(close(ends[1]), 0); /* a hang-up must not be told either */
    tern_time begun = tern_clock_now();
    turn(5 * TERN_MS);
    assert_true(tern_clock_now() - begun >= 5 * TERN_MS);
    assert_int_equal(calls, 2);
    assert_true(tern_loop_watch(&loop, &w, EPOLLIN, &why));
    turn(TERN_SECOND);
    assert_int_equal(calls, 3);
    tern_loop_forget(&loop, &w);
    tern_loop_forget(&loop, &w);
    assert_int_equal(close(ends[0]), 0);
}

static void a_plain_file_is_always_ready(void **state)
{
    (void)state;
    tern_why why;
    tern_watch w = { .fd = open("/etc/passwd", O_RDONLY), .fn = count_call };
    assert_true(w.fd >= 0 && tern_loop_watch(&loop, &w, EPOLLIN, &why));
    turn(TERN_SECOND);
    turn(TERN_SECOND);
    assert_int_equal(calls, 2);
    assert_true(tern_loop_watch(&loop, &w, 0, &why));
    turn(0);
    assert_int_equal(calls, 2);
    assert_true(tern_loop_watch(&loop, &w, EPOLLIN, &why));
    turn(TERN_SECOND);
    assert_int_equal(calls, 3);
    tern_loop_forget(&loop, &w);
    assert_int_equal(close(w.fd), 0);
}

static int seen_signal;

static void note_signal(void *context, int number)
{
    (void)context;
    seen_signal = number;
}

static void signals_are_told_from_within_the_loop(void **state)
{
    (void)state;
    static const int signals[] = { SIGUSR2, 0 };
    tern_why why;
    assert_true(tern_loop_signals(&loop, signals, note_signal, NULL, &why));
    assert_int_equal(raise(SIGUSR2), 0);
    assert_int_equal(seen_signal, 0);
    turn(TERN_SECOND);
    assert_int_equal(seen_signal, SIGUSR2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_time_is_never_cut_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_ready_is_told_while_it_is_watched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_plain_file_is_always_ready, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signals_are_told_from_within_the_loop, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
