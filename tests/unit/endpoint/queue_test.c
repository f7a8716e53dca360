/* SPDX-License-Identifier: MIT */
/* The queue of slots. */
#include "endpoint/queue.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void each_stands_once_and_leaves_in_order(void **state)
{
    tern_queue_link links[4];
    tern_queue q;
    (void)state;
    tern_queue_init(&q, links, 4);
    assert_int_equal(tern_queue_front(&q), TERN_QUEUE_EMPTY);
    tern_queue_push(&q, links, 2);
    tern_queue_push(&q, links, 0);
    tern_queue_push(&q, links, 2);
    assert_int_equal(tern_queue_front(&q), 2);
    assert_int_equal(tern_queue_pop(&q, links), 2);
    tern_queue_push(&q, links, 2);
    assert_int_equal(tern_queue_pop(&q, links), 0);
    assert_int_equal(tern_queue_pop(&q, links), 2);
    assert_int_equal(tern_queue_pop(&q, links), TERN_QUEUE_EMPTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_stands_once_and_leaves_in_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
