/* SPDX-License-Identifier: MIT */
/* Batches over real sockets: whole, in order, whether the kernel cuts them up or we do; and what happens when it is
 * full. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "posix/address.h"
#include "posix/socket.h"

static uint8_t bytes[65000];

static tern_addr loopback(uint8_t family)
{
    tern_addr addr = { .family = family };
    if (family == 4)
        memcpy(addr.ip, (uint8_t[]){ 127, 0, 0, 1 }, 4);
    else
        addr.ip[15] = 1;
    return addr;
}

static void fill(void)
{
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7 + (i >> 8));
}

/* Takes datagrams of segment bytes, the last of which may be shorter, until there are total bytes. */
static void expect_batch(tern_socket *s, tern_inbox *inbox, size_t total, size_t segment, tern_addr *from)
{
    size_t have = 0;
    while (have < total) {
        struct pollfd p = { .fd = s->fd, .events = POLLIN };
        assert_int_equal(poll(&p, 1, 5000), 1);
        const tern_arrival *arrivals;
        int n = tern_socket_receive(s, inbox, &arrivals);
        assert_true(n > 0);
        for (int i = 0; i < n; i++) {
            const tern_arrival *a = &arrivals[i];
            size_t left = total - have;
            assert_true(a->bytes.n <= left);
            assert_int_equal(a->segment, a->bytes.n < segment ? left : segment);
            assert_memory_equal(a->bytes.p, bytes + have, a->bytes.n);
            have += a->bytes.n;
            *from = a->path.remote;
            assert_true(tern_addr_same_ip(&a->path.local, &s->local));
        }
    }
}

static void batches_arrive(uint8_t family, bool gso)
{
    static const size_t sizes[][2] = { { 1200, 1200 }, { 65000, 1200 }, { 64800, 1200 },  { 2500, 1200 },
                                       { 700, 1200 },  { 65000, 500 },  { 60000, 60000 }, { 65000, 33000 } };
    tern_socket relay, client;
    tern_addr any = loopback(family), from = { 0 };
    tern_inbox *inbox = tern_inbox_new();
    tern_why why;
    assert_true(tern_socket_listen(&relay, &any, &why) && tern_socket_connect(&client, &relay.local, &why));
    if (!gso) client.gso = relay.gso = false;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        tern_batch batch = { .path = { client.local, relay.local }, .segment = sizes[i][1], .total = sizes[i][0] };
        batch.count = (batch.total + batch.segment - 1) / batch.segment;
        size_t at = 0;
        assert_int_equal(tern_socket_send(&client, &batch, bytes, &at), TERN_SENT);
        assert_int_equal(at, batch.total);
        expect_batch(&relay, inbox, batch.total, batch.segment, &from);
        assert_int_equal(from.port, client.local.port);
        batch.path = (tern_path){ relay.local, from };
        at = 0;
        assert_int_equal(tern_socket_send(&relay, &batch, bytes, &at), TERN_SENT);
        expect_batch(&client, inbox, batch.total, batch.segment, &from);
        assert_int_equal(from.port, relay.local.port);
        from.port = client.local.port;
    }
    assert_int_equal(client.unsent + relay.unsent, 0);
    tern_socket_close(&relay);
    tern_socket_close(&client);
    tern_inbox_free(inbox);
}

static void batches_arrive_whole_and_in_order(void **state)
{
    (void)state;
    batches_arrive(4, true);
    batches_arrive(6, true);
}

static void batches_arrive_without_help_of_the_kernel(void **state)
{
    (void)state;
    batches_arrive(4, false);
    batches_arrive(6, false);
}

static void a_kernel_that_refuses_segments_is_sent_datagrams(void **state)
{
    (void)state;
    tern_socket relay, client;
    tern_addr any = loopback(4), from = { 0 };
    tern_inbox *inbox = tern_inbox_new();
    tern_why why;
    int on = 1;
    size_t at = 0;
    assert_true(tern_socket_listen(&relay, &any, &why) && tern_socket_connect(&client, &relay.local, &why));
    /* without checksums the kernel cannot cut a batch up, and says EINVAL */
    assert_int_equal(setsockopt(client.fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
    tern_batch batch = { .path = { client.local, relay.local }, .count = 10, .segment = 1200, .total = 11500 };
    assert_int_equal(tern_socket_send(&client, &batch, bytes, &at), TERN_SENT);
    assert_false(client.gso);
    assert_int_equal(client.unsent, 0);
    expect_batch(&relay, inbox, batch.total, batch.segment, &from);
    tern_socket_close(&relay);
    tern_socket_close(&client);
    tern_inbox_free(inbox);
}

static void what_a_full_kernel_does_not_take_is_sent_later(void **state)
{
    (void)state;
    int pair[2]; /* such a pair is full after few datagrams, which a loopback never is */
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
    tern_socket s = { .fd = pair[0], .connected = true };
    tern_batch batch = { .path.remote = loopback(4), .count = 1000, .segment = 60, .total = 60000 };
    size_t at = 0, have = 0;
    unsigned rounds = 0;
    tern_sent sent;
    do {
        sent = tern_socket_send(&s, &batch, bytes, &at);
        assert_true(sent == TERN_SENT || sent == TERN_SENT_LATER);
        uint8_t one[100];
        for (ssize_t n; (n = recv(pair[1], one, sizeof one, 0)) > 0; have += (size_t)n) {
            assert_int_equal(n, 60);
            assert_memory_equal(one, bytes + have, 60);
        }
        assert_int_equal(have, at);
        rounds++;
    } while (sent == TERN_SENT_LATER);
    assert_true(rounds > 2);
    assert_int_equal(have, batch.total);
    assert_int_equal(s.unsent, 0);
    assert_int_equal(close(pair[0]) + close(pair[1]), 0);
}

static void a_port_without_a_listener_is_reported(void **state)
{
    (void)state;
    tern_socket relay, client;
    tern_addr any = loopback(4);
    tern_inbox *inbox = tern_inbox_new();
    tern_why why;
    size_t at = 0;
    assert_true(tern_socket_listen(&relay, &any, &why) && tern_socket_connect(&client, &relay.local, &why));
    tern_addr gone = relay.local;
    tern_socket_close(&relay);
    tern_batch batch = { .path = { client.local, gone }, .count = 1, .segment = 1200, .total = 1200 };
    assert_int_equal(tern_socket_send(&client, &batch, bytes, &at), TERN_SENT);
    struct pollfd p = { .fd = client.fd, .events = POLLIN };
    assert_int_equal(poll(&p, 1, 5000), 1);
    const tern_arrival *arrivals;
    assert_int_equal(tern_socket_receive(&client, inbox, &arrivals), -ECONNREFUSED);
    assert_int_equal(tern_socket_receive(&client, inbox, &arrivals), 0);
    tern_socket_close(&client);
    tern_inbox_free(inbox);
}

static void an_address_in_use_is_named(void **state)
{
    (void)state;
    tern_socket first, second;
    tern_addr any = loopback(6);
    tern_why why;
    assert_true(tern_socket_listen(&first, &any, &why));
    assert_false(tern_socket_listen(&second, &first.local, &why));
    assert_non_null(strstr(why.text, tern_addr_format(&first.local).text));
    assert_non_null(strstr(why.text, "in use"));
    assert_int_equal(second.fd, -1);
    tern_socket_close(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_arrive_whole_and_in_order),
        cmocka_unit_test(batches_arrive_without_help_of_the_kernel),
        cmocka_unit_test(a_kernel_that_refuses_segments_is_sent_datagrams),
        cmocka_unit_test(what_a_full_kernel_does_not_take_is_sent_later),
        cmocka_unit_test(a_port_without_a_listener_is_reported),
        cmocka_unit_test(an_address_in_use_is_named),
    };
    fill();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
