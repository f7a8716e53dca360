/* SPDX-License-Identifier: MIT */
/* TCP for a node (see tcp.h). */
#define _GNU_SOURCE
#include "posix/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "posix/address.h"

#define CHUNK 16384           /* bytes of one read */
#define DEAF  (100 * TERN_MS) /* without taking anybody */

struct tern_tcp_connection {
    tern_tcp *all;
    tern_watch watch;
    tern_path path;
    tern_time silent; /* it is closed then, as it was taken and never said anything; TERN_TIME_NEVER: it did */
    bool ending;      /* the node has said all: closed once that is sent */
    bool over;        /* nothing goes any more */
    uint8_t *out;     /* what the kernel has not taken */
    size_t out_n, out_cap;
    tern_tcp_connection *next;
};

void tern_tcp_open(tern_tcp *s, tern_loop *waits, void (*round)(void *context), void *context)
{
    *s = (tern_tcp){
        .waits = waits, .round = round, .context = context, .now = tern_clock_now(), .turn.ns = TERN_TCP_TURN
    };
    s->listener.fd = -1;
}

static tern_tcp_connection *find(const tern_tcp *s, const tern_addr *remote)
{
    for (tern_tcp_connection *c = s->first; c != NULL; c = c->next)
        if (!c->over && c->path.remote.port == remote->port && tern_addr_same_ip(&c->path.remote, remote)) return c;
    return NULL;
}

/* How many there are from this host. */
static size_t at_host(const tern_tcp *s, const tern_addr *remote)
{
    size_t n = 0;
    for (const tern_tcp_connection *c = s->first; c != NULL; c = c->next)
        n += tern_addr_same_ip(&c->path.remote, remote);
    return n;
}

static void tell_node(tern_tcp_connection *c, uint8_t *bytes, size_t n)
{
    (void)tern_node_recv(c->all->node, c->all->now, &c->path, (tern_buf){ bytes, n }, TERN_ECN_NOT_ECT);
}

/* The other end has gone: the node knows, and nothing goes any more. */
static void end(tern_tcp_connection *c)
{
    uint8_t nothing = 0;
    if (c->over) return;
    c->over = true;
    if (!c->ending && c->silent == TERN_TIME_NEVER) tell_node(c, &nothing, 0);
}

static void read_some(tern_tcp_connection *c)
{
    uint8_t bytes[CHUNK];
    ssize_t n = read(c->watch.fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) c->all->error = errno;
    if (n > 0) c->silent = TERN_TIME_NEVER;
    if (n <= 0)
        end(c);
    else if (!c->ending)
        tell_node(c, bytes, (size_t)n);
}

/* Sends what waits, as far as the kernel takes it. */
static void write_some(tern_tcp_connection *c)
{
    tern_why ignored;
    while (c->out_n > 0) {
        ssize_t n = send(c->watch.fd, c->out, c->out_n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EAGAIN) c->all->error = errno;
        if (n < 0 && errno != EAGAIN) end(c);
        if (n <= 0) break;
        memmove(c->out, c->out + n, c->out_n - (size_t)n);
        c->out_n -= (size_t)n;
    }
    if (!c->over) (void)tern_loop_watch(c->all->waits, &c->watch, EPOLLIN | (c->out_n > 0 ? EPOLLOUT : 0u), &ignored);
}

static void on_stream(void *context, uint32_t events)
{
    tern_tcp_connection *c = context;
    if (c->over || tern_turn_is_over(&c->all->turn, &c->all->now)) return; /* if it is, the loop tells again */
    if ((events & EPOLLOUT) != 0) write_some(c);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !c->over) read_some(c);
}

/* silent: until when it may say nothing. */
static bool add(tern_tcp *s, int fd, const tern_addr *remote, uint32_t events, tern_time silent, tern_why *why)
{
    struct sockaddr_storage sa = { 0 };
    socklen_t n = sizeof sa;
    int one = 1;
    tern_tcp_connection *c = calloc(1, sizeof *c);
    if (c == NULL || s->n == TERN_TCP_MOST || at_host(s, remote) >= TERN_TCP_MOST / 2) {
        free(c);
        (void)close(fd);
        return tern_because(why, "too many connections");
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (getsockname(fd, (struct sockaddr *)&sa, &n) == 0) c->path.local = tern_addr_from_sockaddr(&sa);
    c->all = s;
    c->path.remote = *remote;
    c->silent = silent;
    c->watch = (tern_watch){ .fd = fd, .fn = on_stream, .context = c };
    c->next = s->first;
    s->first = c;
    s->n++;
    return tern_loop_watch(s->waits, &c->watch, events, why);
}

/* There is no descriptor or memory for one more: the listener would tell so without end. */
static void go_deaf(tern_tcp *s)
{
    tern_why ignored;
    s->deaf = s->now + DEAF;
    (void)tern_loop_watch(s->waits, &s->listener, 0, &ignored);
}

static void on_listener(void *context, uint32_t events)
{
    tern_tcp *s = context;
    struct sockaddr_storage sa = { 0 };
    socklen_t n = sizeof sa;
    tern_why ignored;
    (void)events;
    int fd = accept4(s->listener.fd, (struct sockaddr *)&sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    s->now = tern_clock_now();
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) go_deaf(s);
    if (fd < 0) return;
    tern_addr remote = tern_addr_from_sockaddr(&sa);
    /*= TCH-021 */
    (void)add(s, fd, &remote, EPOLLIN, s->now + TERN_TCP_SILENCE, &ignored);
}

static int open_tcp(const tern_addr *addr, struct sockaddr_storage *sa, socklen_t *n)
{
    *n = tern_addr_to_sockaddr(addr, sa);
    return socket(addr->family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

bool tern_tcp_listen(tern_tcp *s, const tern_addr *addr, tern_why *why)
{
    struct sockaddr_storage sa;
    socklen_t n;
    int one = 1, fd = open_tcp(addr, &sa, &n);
    bool open = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
                bind(fd, (struct sockaddr *)&sa, n) == 0 && listen(fd, 64) == 0;
    n = sizeof sa;
    if (!open || getsockname(fd, (struct sockaddr *)&sa, &n) != 0) {
        (void)tern_because(why, "cannot listen at %s: %s", tern_addr_format(addr).text, strerror(errno));
        if (fd >= 0) (void)close(fd);
        return false;
    }
    s->local = tern_addr_from_sockaddr(&sa);
    s->listener = (tern_watch){ .fd = fd, .fn = on_listener, .context = s };
    return tern_loop_watch(s->waits, &s->listener, EPOLLIN, why);
}

bool tern_tcp_connect(tern_tcp *s, const tern_addr *addr, tern_why *why)
{
    struct sockaddr_storage sa;
    socklen_t n;
    int fd = open_tcp(addr, &sa, &n);
    if (fd >= 0 && (connect(fd, (struct sockaddr *)&sa, n) == 0 || errno == EINPROGRESS))
        return add(s, fd, addr, EPOLLIN | EPOLLOUT, TERN_TIME_NEVER, why);
    (void)tern_because(why, "cannot reach %s: %s", tern_addr_format(addr).text, strerror(errno));
    if (fd >= 0) (void)close(fd);
    return false;
}

/* ---- out */

/*= TCH-022 */
static bool keep(tern_tcp_connection *c, const uint8_t *bytes, size_t n)
{
    if (n > TERN_TCP_WAITING - c->out_n) {
        c->all->unread++;
        return false;
    }
    if (c->out_n + n > c->out_cap) {
        size_t cap = c->out_n + n > 2 * c->out_cap ? c->out_n + n : 2 * c->out_cap;
        uint8_t *out = realloc(c->out, cap);
        if (out == NULL) return false;
        c->out = out;
        c->out_cap = cap;
    }
    memcpy(c->out + c->out_n, bytes, n);
    c->out_n += n;
    return true;
}

static void send_all(tern_tcp *s)
{
    uint8_t out[65536];
    tern_batch b;
    while ((b = tern_node_send(s->node, s->now, (tern_buf){ out, sizeof out })).count > 0) {
        tern_tcp_connection *c = find(s, &b.path.remote);
        if (c == NULL) continue;
        if (b.total == 0)
            c->ending = true;
        else if (!keep(c, out, b.total))
            end(c);
        if (!c->over) write_some(c);
    }
}

static void forget(tern_tcp *s, tern_tcp_connection *c)
{
    tern_loop_forget(s->waits, &c->watch);
    (void)close(c->watch.fd);
    free(c->out);
    free(c);
    s->n--;
}

/* Takes away those that have nothing more to say; whether there was any. */
static bool bury(tern_tcp *s)
{
    size_t before = s->n;
    tern_tcp_connection **at = &s->first;
    while (*at != NULL) {
        tern_tcp_connection *c = *at;
        if (!c->over && !(c->ending && c->out_n == 0)) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        forget(s, c);
    }
    return s->n < before;
}

/* Closes those that were taken and said nothing; and takes others again. */
static void mind_time(tern_tcp *s)
{
    tern_why ignored;
    for (tern_tcp_connection *c = s->first; c != NULL; c = c->next)
        if (s->now >= c->silent) end(c);
    if (s->deaf == 0 || s->now < s->deaf) return;
    s->deaf = 0;
    (void)tern_loop_watch(s->waits, &s->listener, EPOLLIN, &ignored);
}

void tern_tcp_step(tern_tcp *s)
{
    s->now = tern_clock_now();
    s->turn.ends = 0;
    mind_time(s);
    if (tern_node_next_timeout(s->node) <= s->now) tern_node_on_timeout(s->node, s->now);
    do {
        if (s->round != NULL) s->round(s->context);
        send_all(s);
    } while (bury(s)); /* what ended may be news for others */
}

tern_time tern_tcp_next(const tern_tcp *s)
{
    tern_time next = tern_node_next_timeout(s->node);
    if (s->deaf != 0 && s->deaf < next) next = s->deaf;
    for (const tern_tcp_connection *c = s->first; c != NULL; c = c->next)
        if (c->silent < next) next = c->silent;
    return next;
}

bool tern_tcp_waiting(const tern_tcp *s)
{
    for (const tern_tcp_connection *c = s->first; c != NULL; c = c->next)
        if (!c->over && c->out_n > 0) return true;
    return false;
}

void tern_tcp_close(tern_tcp *s)
{
    while (s->first != NULL) {
        tern_tcp_connection *c = s->first;
        s->first = c->next;
        forget(s, c);
    }
    if (s->listener.fd < 0 || s->waits == NULL) return;
    tern_loop_forget(s->waits, &s->listener);
    (void)close(s->listener.fd);
}
