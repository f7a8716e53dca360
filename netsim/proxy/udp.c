/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "proxy/udp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (1 << 20) /* asked of the kernel, for each direction */
#define ECN    3         /* the two bits of the traffic class */

static volatile sig_atomic_t stopped;

/* The C library takes any number, and what of it fits. */
static bool is_port(const char *text)
{
    size_t n = strspn(text, "0123456789");
    return n > 0 && n <= 5 && text[n] == '\0' && strtoul(text, NULL, 10) <= UINT16_MAX;
}

const char *sim_udp_parse(const char *text, sim_udp_addr *out)
{
    char host[256];
    const char *colon = strrchr(text, ':');
    size_t n = colon == NULL ? 0 : (size_t)(colon - text);
    if (n == 0 || n >= sizeof host || colon[1] == '\0') return "expected HOST:PORT";
    if (!is_port(colon + 1)) return "expected a port from 0 to 65535";
    memcpy(host, text, n);
    host[n] = '\0';
    bool brackets = host[0] == '[' && host[n - 1] == ']';
    if (brackets) host[n - 1] = '\0';
    struct addrinfo wanted = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV }, *found;
    int e = getaddrinfo(brackets ? host + 1 : host, colon + 1, &wanted, &found);
    if (e != 0) return gai_strerror(e);
    memcpy(&out->at, found->ai_addr, found->ai_addrlen);
    out->n = found->ai_addrlen;
    freeaddrinfo(found);
    return NULL;
}

sim_udp_text sim_udp_print(const sim_udp_addr *a)
{
    char host[64], port[8];
    sim_udp_text t;
    if (getnameinfo((const struct sockaddr *)&a->at, a->n, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        (void)snprintf(t.text, sizeof t.text, "?");
    else
        (void)snprintf(t.text, sizeof t.text, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
    return t;
}

bool sim_udp_same(const sim_udp_addr *a, const sim_udp_addr *b)
{
    const struct sockaddr_in *v4 = (const void *)&a->at, *w4 = (const void *)&b->at;
    const struct sockaddr_in6 *v6 = (const void *)&a->at, *w6 = (const void *)&b->at;
    if (a->at.ss_family != b->at.ss_family) return false;
    if (a->at.ss_family == AF_INET) return v4->sin_port == w4->sin_port && v4->sin_addr.s_addr == w4->sin_addr.s_addr;
    return v6->sin6_port == w6->sin6_port && v6->sin6_scope_id == w6->sin6_scope_id &&
           memcmp(&v6->sin6_addr, &w6->sin6_addr, sizeof v6->sin6_addr) == 0;
}

/* What the kernel refuses of these costs marks or room alone. */
static int new_socket(int family)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, size = BUFFER;
    if (fd < 0) return fd;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (family == AF_INET)
        (void)setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof on);
    else
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof on);
    return fd;
}

static int or_close(int fd, bool good)
{
    int error = errno;
    if (good) return fd;
    (void)close(fd);
    errno = error;
    return -1;
}

int sim_udp_listen(sim_udp_addr *local)
{
    int fd = new_socket(local->at.ss_family);
    if (fd < 0) return fd;
    return or_close(fd, bind(fd, (struct sockaddr *)&local->at, local->n) == 0 &&
                            getsockname(fd, (struct sockaddr *)&local->at, &local->n) == 0);
}

int sim_udp_connect(const sim_udp_addr *remote)
{
    int fd = new_socket(remote->at.ss_family);
    if (fd < 0) return fd;
    return or_close(fd, connect(fd, (const struct sockaddr *)&remote->at, remote->n) == 0);
}

void sim_udp_close(int fd)
{
    (void)close(fd);
}

static tern_ecn mark_of(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        int wide = 0;
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) return (tern_ecn)(*CMSG_DATA(c) & ECN);
        if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_TCLASS) continue;
        memcpy(&wide, CMSG_DATA(c), sizeof wide);
        return (tern_ecn)(wide & ECN);
    }
    return TERN_ECN_NOT_ECT;
}

sim_udp_result sim_udp_receive(int fd, sim_udp_addr *from, tern_buf *room, tern_ecn *ecn)
{
    union {
        struct cmsghdr align;
        char bytes[128];
    } control;
    struct iovec io = { room->p, room->n };
    struct msghdr m = { .msg_name = &from->at, .msg_namelen = sizeof from->at, .msg_iov = &io, .msg_iovlen = 1 };
    m.msg_control = control.bytes;
    m.msg_controllen = sizeof control.bytes;
    ssize_t n = recvmsg(fd, &m, 0);
    if (n < 0) return errno == ECONNREFUSED ? SIM_UDP_REFUSED : SIM_UDP_NOTHING;
    from->n = m.msg_namelen;
    room->n = (size_t)n;
    *ecn = mark_of(&m);
    return SIM_UDP_GOT;
}

bool sim_udp_send(int fd, const sim_udp_addr *to, tern_bytes datagram, tern_ecn ecn)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    int mark = (int)ecn, family = AF_INET;
    socklen_t size = sizeof family;
    struct iovec io = { (void *)(uintptr_t)datagram.p, datagram.n };
    struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1 };
    if (to != NULL) {
        m.msg_name = (void *)(uintptr_t)&to->at;
        m.msg_namelen = to->n;
    }
    (void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
    memset(&control, 0, sizeof control);
    m.msg_control = control.bytes;
    m.msg_controllen = sizeof control.bytes;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
    c->cmsg_type = family == AF_INET ? IP_TOS : IPV6_TCLASS;
    c->cmsg_len = CMSG_LEN(sizeof mark);
    memcpy(CMSG_DATA(c), &mark, sizeof mark);
    return sendmsg(fd, &m, MSG_NOSIGNAL) >= 0;
}

tern_time sim_udp_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * TERN_SECOND + (uint64_t)t.tv_nsec;
}

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

void sim_udp_stop_on_signals(void)
{
    struct sigaction act = { .sa_handler = stop };
    sigset_t both;
    (void)sigemptyset(&both);
    (void)sigaddset(&both, SIGINT);
    (void)sigaddset(&both, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &both, NULL);
    (void)sigaction(SIGINT, &act, NULL);
    (void)sigaction(SIGTERM, &act, NULL);
}

bool sim_udp_stopped(void)
{
    return stopped != 0;
}

void sim_udp_wait(struct pollfd *fds, nfds_t n, tern_time how_long)
{
    struct timespec t = { (time_t)(how_long / TERN_SECOND), (long)(how_long % TERN_SECOND) };
    sigset_t none;
    (void)sigemptyset(&none);
    if (ppoll(fds, n, &t, &none) >= 0) return;
    for (nfds_t i = 0; i < n; i++) fds[i].revents = 0;
}
