/* SPDX-License-Identifier: MIT */
/* The five verbs reach the node they are called on, whatever it is. */
#include "seam/node.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef struct {
    tern_node node;
    int calls[6];
    tern_time now;
} counter;

static int on_recv(tern_node *node, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    counter *c = (counter *)node;
    c->calls[0]++;
    c->now = now;
    assert_non_null(path);
    assert_int_equal(datagram.n, 3);
    assert_int_equal(ecn, TERN_ECN_CE);
    return TERN_DROP_SHORT;
}

static tern_batch on_send(tern_node *node, tern_time now, tern_buf out)
{
    ((counter *)node)->calls[1]++;
    assert_int_equal(now, 8);
    assert_int_equal(out.n, 4);
    return (tern_batch){ .count = 2 };
}

static tern_time on_next(const tern_node *node)
{
    return ((const counter *)node)->now + 100;
}

static void on_timeout(tern_node *node, tern_time now)
{
    ((counter *)node)->calls[3]++;
    assert_int_equal(now, 9);
}

static bool on_poll(tern_node *node, tern_event *event)
{
    ((counter *)node)->calls[4]++;
    event->type = TERN_EVENT_JOINED;
    return true;
}

static void on_too_big(tern_node *node, tern_time now, const tern_path *path, const tern_too_big *what)
{
    ((counter *)node)->calls[5]++;
    assert_int_equal(now, 10);
    assert_non_null(path);
    assert_int_equal(what->bytes, 1500);
}

static void each_verb_reaches_the_node_it_is_called_on(void **state)
{
    static const tern_node_verbs verbs = { "counter", on_recv, on_send, on_next, on_timeout, on_poll, on_too_big };
    counter a = { .node = { &verbs } }, b = { .node = { &verbs } };
    const tern_path path = { .remote = { .family = 4 } };
    uint8_t bytes[4] = { 0 };
    tern_event event = { 0 };
    (void)state;
    assert_int_equal(tern_node_recv(&a.node, 7, &path, (tern_buf){ bytes, 3 }, TERN_ECN_CE), TERN_DROP_SHORT);
    assert_int_equal(tern_node_send(&a.node, 8, (tern_buf){ bytes, 4 }).count, 2);
    assert_int_equal(tern_node_next_timeout(&a.node), 107);
    assert_int_equal(tern_node_next_timeout(&b.node), 100);
    tern_node_on_timeout(&a.node, 9);
    assert_true(tern_node_poll(&a.node, &event));
    assert_int_equal(event.type, TERN_EVENT_JOINED);
    tern_node_too_big(&a.node, 10, &path, &(tern_too_big){ 1500, 1400 });
    assert_int_equal(a.calls[5], 1);
    assert_int_equal(a.calls[0] + a.calls[1] + a.calls[3] + a.calls[4], 4);
    assert_int_equal(b.calls[0] + b.calls[1] + b.calls[3] + b.calls[4], 0);
}

static void a_node_that_does_not_look_for_sizes_passes_them_over(void **state)
{
    static const tern_node_verbs verbs = { .kind = "deaf" };
    tern_node deaf = { &verbs };
    (void)state;
    tern_node_too_big(&deaf, 10, &(tern_path){ .remote = { .family = 4 } }, &(tern_too_big){ 1500, 0 });
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_verb_reaches_the_node_it_is_called_on),
                                        cmocka_unit_test(a_node_that_does_not_look_for_sizes_passes_them_over) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
