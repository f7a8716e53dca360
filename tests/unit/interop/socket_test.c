/* SPDX-License-Identifier: MIT */
/* Batches over real sockets: whole, in order, marked, whether the kernel cuts them up or we do; what happens when it is
 * full, and when it refuses what others do. Calls of the kernel go through a fake one that can refuse (--wrap). */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
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

/* ---- the kernel */

static struct {
    int refused_level, refused_option;  /* of setsockopt; level -1: none */
    int refused_options_of;             /* a level of which every option is refused */
    bool refuses_segments, refuses_ecn; /* control data of a message */
    size_t largest;                     /* datagram; 0: any */
    unsigned calls;                     /* of sendmmsg */
} kernel;

static void kernel_as_it_is(void)
{
    memset(&kernel, 0, sizeof kernel);
    kernel.refused_level = kernel.refused_options_of = -1;
}

int __real_setsockopt(int fd, int level, int option, const void *value, socklen_t n);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t n);
int __real_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);

int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t n)
{
    if (level == kernel.refused_options_of || (level == kernel.refused_level && option == kernel.refused_option)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    return __real_setsockopt(fd, level, option, value, n);
}

/* 0, or the errno with which it refuses the message. */
static int refusal(struct msghdr *h)
{
    bool segments = false;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
        bool ecn = c->cmsg_level == IPPROTO_IP ? c->cmsg_type == IP_TOS
                                               : c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS;
        if (ecn && kernel.refuses_ecn) return EINVAL;
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_SEGMENT) segments = true;
    }
    if (segments && kernel.refuses_segments) return EIO;
    return !segments && kernel.largest > 0 && h->msg_iov->iov_len > kernel.largest ? EMSGSIZE : 0;
}

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    unsigned good = 0;
    kernel.calls++;
    while (good < count && refusal(&messages[good].msg_hdr) == 0) good++;
    if (good > 0) return __real_sendmmsg(fd, messages, good, flags);
    errno = refusal(&messages[0].msg_hdr);
    return -1;
}

static tern_sent send_batch(tern_socket *s, const tern_batch *batch)
{
    tern_parcel p = { *batch, bytes, 0 };
    tern_sent sent = tern_socket_send(s, &p, 1);
    assert_int_equal(p.at, batch->total);
    return sent;
}

/* ---- */

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

/* Takes datagrams of segment bytes, the last of which may be shorter, until there are total bytes, all marked so. */
static void expect_marked(tern_socket *s, tern_inbox *inbox, size_t total, size_t segment, tern_ecn ecn,
                          tern_addr *from)
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
            assert_int_equal(a->ecn, ecn);
            have += a->bytes.n;
            *from = a->path.remote;
            assert_true(tern_addr_same_ip(&a->path.local, &s->local));
        }
    }
}

static void expect_batch(tern_socket *s, tern_inbox *inbox, size_t total, size_t segment, tern_addr *from)
{
    expect_marked(s, inbox, total, segment, TERN_ECN_NOT_ECT, from);
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
        assert_int_equal(send_batch(&client, &batch), TERN_SENT);
        expect_batch(&relay, inbox, batch.total, batch.segment, &from);
        assert_int_equal(from.port, client.local.port);
        batch.path = (tern_path){ relay.local, from };
        assert_int_equal(send_batch(&relay, &batch), TERN_SENT);
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
    assert_true(tern_socket_listen(&relay, &any, &why) && tern_socket_connect(&client, &relay.local, &why));
    /* without checksums the kernel cannot cut a batch up, and says EINVAL */
    assert_int_equal(setsockopt(client.fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
    tern_batch batch = { .path = { client.local, relay.local }, .count = 10, .segment = 1200, .total = 11500 };
    assert_int_equal(send_batch(&client, &batch), TERN_SENT);
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
    tern_batch half = { .path.remote = loopback(4), .count = 500, .segment = 60, .total = 30000 };
    tern_parcel parcels[] = { { half, bytes, 0 }, { half, bytes + 30000, 0 } };
    size_t have = 0;
    unsigned rounds = 0;
    tern_sent sent;
    do {
        sent = tern_socket_send(&s, parcels, 2);
        assert_true(sent == TERN_SENT || sent == TERN_SENT_LATER);
        uint8_t one[100];
        for (ssize_t n; (n = recv(pair[1], one, sizeof one, 0)) > 0; have += (size_t)n) {
            assert_int_equal(n, 60);
            assert_memory_equal(one, bytes + have, 60);
        }
        assert_int_equal(have, parcels[0].at + parcels[1].at);
        rounds++;
    } while (sent == TERN_SENT_LATER);
    assert_true(rounds > 2);
    assert_int_equal(have, 2 * half.total);
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
    assert_true(tern_socket_listen(&relay, &any, &why) && tern_socket_connect(&client, &relay.local, &why));
    tern_addr gone = relay.local;
    tern_socket_close(&relay);
    tern_batch batch = { .path = { client.local, gone }, .count = 1, .segment = 1200, .total = 1200 };
    assert_int_equal(send_batch(&client, &batch), TERN_SENT);
    struct pollfd p = { .fd = client.fd, .events = POLLIN };
    assert_int_equal(poll(&p, 1, 5000), 1);
    const tern_arrival *arrivals;
    assert_int_equal(tern_socket_receive(&client, inbox, &arrivals), -ECONNREFUSED);
    assert_int_equal(tern_socket_receive(&client, inbox, &arrivals), 0);
    tern_socket_close(&client);
    tern_inbox_free(inbox);
}

/* ---- what the kernel may refuse */

typedef struct {
    tern_socket relay, client;
    tern_inbox *inbox;
    tern_addr from;
} two;

static two two_of(uint8_t family)
{
    two t = { .inbox = tern_inbox_new() };
    tern_addr any = loopback(family);
    tern_why why;
    assert_true(tern_socket_listen(&t.relay, &any, &why) && tern_socket_connect(&t.client, &t.relay.local, &why));
    return t;
}

static void two_end(two *t)
{
    tern_socket_close(&t->relay);
    tern_socket_close(&t->client);
    tern_inbox_free(t->inbox);
    kernel_as_it_is();
}

static tern_batch marked(const two *t, size_t total, tern_ecn ecn)
{
    return (tern_batch){ { t->client.local, t->relay.local }, (total + 1199) / 1200, 1200, total, ecn };
}

static void marks_arrive(uint8_t family)
{
    static const tern_ecn marks[] = { TERN_ECN_ECT0, TERN_ECN_NOT_ECT, TERN_ECN_ECT1, TERN_ECN_CE };
    two t = two_of(family);
    for (int gso = 1; gso >= 0; gso--) {
        t.client.gso = t.client.gso && gso == 1;
        for (size_t i = 0; i < 4; i++) {
            tern_batch batch = marked(&t, 7000, marks[i]);
            assert_int_equal(send_batch(&t.client, &batch), TERN_SENT);
            expect_marked(&t.relay, t.inbox, batch.total, 1200, marks[i], &t.from);
        }
    }
    tern_batch back = { { t.relay.local, t.from }, 2, 1200, 2000, TERN_ECN_CE };
    assert_int_equal(send_batch(&t.relay, &back), TERN_SENT);
    expect_marked(&t.client, t.inbox, 2000, 1200, TERN_ECN_CE, &t.from);
    assert_true(t.client.ecn && t.relay.ecn);
    two_end(&t);
}

static void marks_of_ecn_arrive(void **state)
{
    (void)state;
    marks_arrive(4);
    marks_arrive(6);
}

/* From all addresses, so that every kind of control data travels at once. */
static void marks_and_segments_leave_from_the_address_that_was_asked(void **state)
{
    (void)state;
    static const uint8_t families[] = { 4, 6 };
    for (size_t i = 0; i < 2; i++) {
        tern_socket all, client;
        tern_inbox *inbox = tern_inbox_new();
        tern_addr any = { .family = families[i] }, from = { 0 };
        tern_why why;
        assert_true(tern_socket_listen(&all, &any, &why));
        tern_addr asked = loopback(families[i]);
        asked.port = all.local.port;
        assert_true(tern_socket_connect(&client, &asked, &why));
        tern_batch batch = { { asked, client.local }, 10, 1200, 12000, TERN_ECN_ECT0 };
        assert_int_equal(send_batch(&all, &batch), TERN_SENT);
        assert_true(all.gso && all.ecn);
        expect_marked(&client, inbox, 12000, 1200, TERN_ECN_ECT0, &from);
        tern_socket_close(&all);
        tern_socket_close(&client);
        tern_inbox_free(inbox);
    }
}

static void refused(bool segments, bool ecn)
{
    two t = two_of(4);
    kernel.refuses_segments = segments;
    kernel.refuses_ecn = ecn;
    tern_batch batch = marked(&t, 12100, TERN_ECN_ECT0);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(send_batch(&t.client, &batch), TERN_SENT);
        assert_int_equal(t.client.gso, !segments);
        assert_int_equal(t.client.ecn, !ecn);
        expect_marked(&t.relay, t.inbox, 12100, 1200, ecn ? TERN_ECN_NOT_ECT : TERN_ECN_ECT0, &t.from);
    }
    assert_int_equal(t.client.unsent, 0);
    two_end(&t);
}

static void a_kernel_that_refuses_marks_keeps_its_segments(void **state)
{
    (void)state;
    refused(false, true);
}

static void a_kernel_that_refuses_segments_keeps_its_marks(void **state)
{
    (void)state;
    refused(true, false);
}

static void a_kernel_that_refuses_both_is_sent_plain_datagrams(void **state)
{
    (void)state;
    refused(true, true);
}

static void a_datagram_that_is_too_large_is_lost_alone(void **state)
{
    (void)state;
    two t = two_of(4);
    tern_batch probe = { { t.client.local, t.relay.local }, 1, 9000, 9000, TERN_ECN_ECT0 };
    tern_batch batch = marked(&t, 12000, TERN_ECN_ECT0);
    tern_parcel parcels[] = { { probe, bytes, 0 }, { batch, bytes, 0 } };
    kernel.largest = 1400;
    assert_int_equal(tern_socket_send(&t.client, parcels, 2), TERN_SENT);
    assert_int_equal(t.client.unsent, 1);
    /*= REC-067 */
    assert_int_equal(t.client.too_big, 9000);
    assert_true(t.client.gso && t.client.ecn);
    expect_marked(&t.relay, t.inbox, 12000, 1200, TERN_ECN_ECT0, &t.from);
    two_end(&t);
}

static void batches_share_a_call_of_the_kernel(void **state)
{
    (void)state;
    two t = two_of(4);
    tern_socket second;
    tern_why why;
    assert_true(tern_socket_connect(&second, &t.relay.local, &why));
    tern_batch batch = { { t.relay.local, t.client.local }, 1, 30000, 30000, 0 };
    tern_parcel parcels[] = {
        { batch, bytes, 0 }, { batch, bytes + 30000, 0 }, { batch, bytes, 0 }, { batch, bytes + 30000, 0 }
    };
    parcels[2].batch.path.remote = parcels[3].batch.path.remote = second.local;
    kernel.calls = 0;
    assert_int_equal(tern_socket_send(&t.relay, parcels, 4), TERN_SENT);
    assert_int_equal(kernel.calls, 1);
    expect_batch(&t.client, t.inbox, 60000, 30000, &t.from);
    expect_batch(&second, t.inbox, 60000, 30000, &t.from);
    tern_socket_close(&second);
    two_end(&t);
}

static void a_socket_does_without_an_option(int level, int option)
{
    kernel.refused_level = level;
    kernel.refused_option = option;
    two t = two_of(4);
    tern_batch batch = marked(&t, 12100, TERN_ECN_NOT_ECT);
    assert_int_equal(send_batch(&t.client, &batch), TERN_SENT);
    expect_batch(&t.relay, t.inbox, 12100, 1200, &t.from);
    assert_int_equal(t.client.gso, option != UDP_SEGMENT);
    assert_int_equal(t.client.gro, option != UDP_GRO);
    assert_int_equal(t.client.ecn_in, option != IP_RECVTOS);
    assert_int_equal(t.client.unsent, 0);
    two_end(&t);
}

static void a_socket_does_without_what_an_older_kernel_lacks(void **state)
{
    (void)state;
    a_socket_does_without_an_option(IPPROTO_UDP, UDP_SEGMENT);
    a_socket_does_without_an_option(IPPROTO_UDP, UDP_GRO);
    a_socket_does_without_an_option(IPPROTO_IP, IP_RECVTOS);
    a_socket_does_without_an_option(SOL_SOCKET, SO_RCVBUFFORCE);
}

static void a_shortage_of_buffer_says_how_to_end_it(void **state)
{
    (void)state;
    kernel.refused_options_of = SOL_SOCKET; /* neither root nor a limit that is high enough */
    two t = two_of(6);
    const char *said = tern_socket_shortage(&t.relay).text;
    assert_true(t.relay.receive_buffer > 0 && t.relay.receive_buffer < TERN_SOCKET_BUFFER);
    assert_non_null(strstr(said, "sysctl -w net.core.rmem_max=4194304"));
    t.relay.receive_buffer = TERN_SOCKET_BUFFER;
    assert_non_null(strstr(tern_socket_shortage(&t.relay).text, "sysctl -w net.core.wmem_max=4194304"));
    t.relay.send_buffer = TERN_SOCKET_BUFFER;
    assert_string_equal(tern_socket_shortage(&t.relay).text, "");
    t.relay.gro = false;
    assert_non_null(strstr(tern_socket_describe(&t.relay).text, "receive buffer 4.0 MiB"));
    assert_non_null(strstr(tern_socket_describe(&t.relay).text, "coalescing no"));
    two_end(&t);
}

static void what_nobody_reads_is_counted_as_dropped(void **state)
{
    (void)state;
    two t = two_of(4);
    int little = 1;
    assert_int_equal(tern_socket_dropped(&t.relay), 0);
    assert_int_equal(__real_setsockopt(t.relay.fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little), 0);
    t.client.gso = false;
    tern_batch batch = marked(&t, 60000, TERN_ECN_NOT_ECT);
    assert_int_equal(send_batch(&t.client, &batch), TERN_SENT);
    assert_true(tern_socket_dropped(&t.relay) > 10);
    two_end(&t);
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
        cmocka_unit_test(marks_of_ecn_arrive),
        cmocka_unit_test(marks_and_segments_leave_from_the_address_that_was_asked),
        cmocka_unit_test(a_kernel_that_refuses_marks_keeps_its_segments),
        cmocka_unit_test(a_kernel_that_refuses_segments_keeps_its_marks),
        cmocka_unit_test(a_kernel_that_refuses_both_is_sent_plain_datagrams),
        cmocka_unit_test(a_datagram_that_is_too_large_is_lost_alone),
        cmocka_unit_test(batches_share_a_call_of_the_kernel),
        cmocka_unit_test(a_socket_does_without_what_an_older_kernel_lacks),
        cmocka_unit_test(a_shortage_of_buffer_says_how_to_end_it),
        cmocka_unit_test(what_nobody_reads_is_counted_as_dropped),
    };
    fill();
    kernel_as_it_is();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
