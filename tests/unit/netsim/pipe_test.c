/* SPDX-License-Identifier: MIT */
/* A stream over datagrams that are lost, doubled, damaged and late (spec: scenario 3). */
#include "node/pipe.h"

#include <stdlib.h>

#include "seam/node.h"
#include "unit/netsim/unit.h"

#define MOST 20000

/* A node that says what it is told to say, and keeps what it hears. */
typedef struct {
    tern_node node;
    uint8_t says[MOST];
    size_t says_n, said, heard_n;
    uint8_t heard[MOST];
    bool ends;      /* behind what it says */
    unsigned ended; /* how often it was told so */
    tern_addr to;
} fake;

typedef struct {
    fake app;
    sim_pipes pipes;
    tern_addr addr;
} end;

static end guest, gate;
static tern_time now;
static unsigned datagrams;
static unsigned (*fate)(unsigned number, uint8_t *bytes, size_t n); /* how often it arrives */

static int fake_recv(tern_node *node, tern_time at, const tern_path *path, tern_buf chunk, tern_ecn ecn)
{
    fake *f = (fake *)node;
    (void)at, (void)ecn;
    f->to = path->remote;
    f->ended += chunk.n == 0;
    assert_true(f->heard_n + chunk.n <= MOST);
    if (chunk.n > 0) memcpy(f->heard + f->heard_n, chunk.p, chunk.n);
    f->heard_n += chunk.n;
    return 0;
}

static tern_batch fake_send(tern_node *node, tern_time at, tern_buf out)
{
    fake *f = (fake *)node;
    tern_batch b = { .path.remote = f->to };
    size_t n = f->says_n - f->said < 700 ? f->says_n - f->said : 700;
    (void)at;
    if (n == 0 && !f->ends) return b;
    if (n > 0) memcpy(out.p, f->says + f->said, n);
    f->said += n;
    if (n == 0) f->ends = false;
    b.count = 1;
    b.total = b.segment = n;
    return b;
}

static tern_time fake_next(const tern_node *node)
{
    (void)node;
    return TERN_TIME_NEVER;
}

static const tern_node_verbs verbs = { "fake", fake_recv, fake_send, fake_next, NULL, NULL, NULL };

static void make(end *e, uint8_t host, bool begins, uint32_t id)
{
    memset(e, 0, sizeof *e);
    e->app.node.verbs = &verbs;
    e->addr = (tern_addr){ .family = 4, .ip = { 10, 0, 0, host }, .port = host };
    e->pipes = (sim_pipes){ .node = &e->app.node, .begins = begins, .id = id };
}

static int setup(void **state)
{
    (void)state;
    make(&guest, 1, true, 1);
    make(&gate, 2, false, 0);
    guest.app.to = gate.addr;
    now = TERN_SECOND;
    datagrams = 0;
    fate = NULL;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sim_pipes_free(&guest.pipes);
    sim_pipes_free(&gate.pipes);
    return 0;
}

static bool carry(end *from, end *to)
{
    uint8_t out[2000];
    bool any = false;
    for (tern_batch b; (b = sim_pipes_send(&from->pipes, now, (tern_buf){ out, sizeof out })).count > 0; any = true) {
        const tern_path path = { to->addr, from->addr };
        unsigned copies = fate == NULL ? 1 : fate(++datagrams, out, b.total);
        assert_int_equal(b.count, 1);
        assert_int_equal(b.path.remote.port, to->addr.port);
        for (unsigned i = 0; i < copies; i++) sim_pipes_recv(&to->pipes, now, &path, tern_bytes_of(out, b.total));
    }
    return any;
}

/* Until nothing happens any more, or for so many seconds. */
static void run(unsigned seconds)
{
    for (tern_time until = now + seconds * TERN_SECOND; now < until;) {
        for (bool any = true; any;) {
            any = carry(&guest, &gate);
            any = carry(&gate, &guest) || any;
        }
        tern_time a = sim_pipes_next_timeout(&guest.pipes), b = sim_pipes_next_timeout(&gate.pipes);
        now = a < b ? a : b;
        if (now > until) now = until;
        sim_pipes_on_timeout(&guest.pipes, now);
        sim_pipes_on_timeout(&gate.pipes, now);
    }
}

static void say(end *e, size_t n)
{
    for (size_t i = 0; i < n; i++) e->app.says[i] = (uint8_t)(i * 7 + i / 256);
    e->app.says_n = n;
}

static void heard(const end *by, const end *from)
{
    assert_int_equal(by->app.heard_n, from->app.says_n);
    assert_memory_equal(by->app.heard, from->app.says, from->app.says_n);
}

static unsigned bad_network(unsigned number, uint8_t *datagram, size_t n)
{
    if (number % 7 == 3) datagram[number % n] ^= 4;
    return number % 5 == 0 ? 0 : 1 + (number % 3 == 0);
}

/*= SIM-042 */
static void all_bytes_come_in_order_and_the_end_behind_them(void **state)
{
    (void)state;
    say(&guest, MOST);
    say(&gate, 9000);
    guest.app.ends = gate.app.ends = true;
    fate = bad_network;
    run(100);
    heard(&gate, &guest);
    heard(&guest, &gate);
    assert_int_equal(gate.app.ended, 1);
    assert_int_equal(guest.app.ended, 1);
}

static unsigned nothing(unsigned number, uint8_t *datagram, size_t n)
{
    (void)number, (void)datagram, (void)n;
    return 0;
}

static void who_is_not_answered_is_told_the_end(void **state)
{
    (void)state;
    say(&guest, 10);
    fate = nothing;
    run(120);
    assert_int_equal(guest.app.ended, 0);
    run(600);
    assert_int_equal(guest.app.ended, 1);
    assert_true(sim_pipes_next_timeout(&guest.pipes) == TERN_TIME_NEVER);
}

static void who_is_unknown_is_told_so(void **state)
{
    (void)state;
    say(&guest, 10);
    run(1);
    sim_pipes_free(&gate.pipes); /* it was away */
    guest.app.says_n = 20;
    run(1);
    assert_int_equal(guest.app.ended, 1);
    assert_int_equal(gate.app.heard_n, 10);
}

static void a_new_connection_of_one_address_ends_the_old_one(void **state)
{
    (void)state;
    say(&guest, 10);
    run(1);
    sim_pipes_free(&guest.pipes);
    guest.pipes.id = 2;
    guest.app.said = 0;
    run(1);
    assert_int_equal(gate.app.ended, 1);
    assert_int_equal(gate.app.heard_n, 20);
    assert_int_equal(guest.app.ended, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_bytes_come_in_order_and_the_end_behind_them, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_not_answered_is_told_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_unknown_is_told_so, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_connection_of_one_address_ends_the_old_one, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
