/* SPDX-License-Identifier: MIT */
/* UDP sockets: opening, closing, and what there is to tell (see socket.h). Sending and receiving stand in socket_io.c.
 */
#define _GNU_SOURCE
#include "posix/socket.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "posix/address.h"
#include "posix/text.h"

/* Defined by the real packet protection alone (ref/crypto/aead.h): a program with sockets that is linked with the one
 * that hides nothing fails to link, naming this symbol. */
extern const int tern_aead_is_real;

static bool set_int(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/* Bytes of a buffer: the kernel tells twice as much, for what it needs itself. */
static size_t given(int fd, int option)
{
    int value = 0;
    socklen_t n = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &n) == 0 ? (size_t)value / 2 : 0;
}

/* As much buffer as the kernel gives: more than its limit only a privileged process gets. */
static void ask_for_buffers(tern_socket *s)
{
    if (!set_int(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, TERN_SOCKET_BUFFER))
        (void)set_int(s->fd, SOL_SOCKET, SO_RCVBUF, TERN_SOCKET_BUFFER);
    if (!set_int(s->fd, SOL_SOCKET, SO_SNDBUFFORCE, TERN_SOCKET_BUFFER))
        (void)set_int(s->fd, SOL_SOCKET, SO_SNDBUF, TERN_SOCKET_BUFFER);
    s->receive_buffer = given(s->fd, SO_RCVBUF);
    s->send_buffer = given(s->fd, SO_SNDBUF);
}

/* What the kernel does for us where it can. An older one, or one that only looks like it, refuses, and nothing depends
 * on it. */
static void ask_for_help(tern_socket *s)
{
    bool v4 = s->local.family == 4;
    s->gro = set_int(s->fd, IPPROTO_UDP, UDP_GRO, 1);
    s->gso = set_int(s->fd, IPPROTO_UDP, UDP_SEGMENT, 0); /* changes nothing, but tells whether it is known */
    s->ecn_in = v4 ? set_int(s->fd, IPPROTO_IP, IP_RECVTOS, 1) : set_int(s->fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    s->ecn = true;
}

/* Datagrams are never fragmented, whatever the kernel believes of the path: the protocol finds out what fits. */
static bool set_options(tern_socket *s)
{
    bool done;
    if (s->local.family == 4) {
        done =
            set_int(s->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE) && set_int(s->fd, IPPROTO_IP, IP_PKTINFO, 1);
    } else {
        done = set_int(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
               set_int(s->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE) &&
               set_int(s->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    }
    ask_for_buffers(s);
    ask_for_help(s);
    return done && tern_aead_is_real != 0;
}

static bool open_socket(tern_socket *s, uint8_t family)
{
    memset(s, 0, sizeof *s);
    s->local.family = family;
    s->fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
    if (s->fd < 0) return false;
    if (set_options(s)) return true;
    int error = errno;
    tern_socket_close(s);
    errno = error;
    return false;
}

/* Learns the address that the kernel chose. */
static bool learn_local(tern_socket *s)
{
    struct sockaddr_storage sa = { 0 };
    socklen_t n = sizeof sa;
    if (getsockname(s->fd, (struct sockaddr *)&sa, &n) != 0) return false;
    s->local = tern_addr_from_sockaddr(&sa);
    return true;
}

bool tern_socket_listen(tern_socket *s, const tern_addr *local, tern_why *why)
{
    struct sockaddr_storage sa;
    socklen_t n = tern_addr_to_sockaddr(local, &sa);
    if (open_socket(s, local->family) && bind(s->fd, (struct sockaddr *)&sa, n) == 0 && learn_local(s)) return true;
    int error = errno;
    tern_socket_close(s);
    errno = error;
    return tern_because(why, "cannot listen at %s: %s", tern_addr_format(local).text, strerror(error));
}

void tern_socket_allow_fragments(tern_socket *s)
{
    if (s->local.family == 4)
        (void)set_int(s->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    else
        (void)set_int(s->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
}

static bool join_group(int fd, const tern_addr *group, const tern_addr *via)
{
    struct ip_mreqn request = { 0 };
    if (via->family == 4) memcpy(&request.imr_address, via->ip, sizeof request.imr_address);
    memcpy(&request.imr_multiaddr, group->ip, sizeof request.imr_multiaddr);
    return set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) && set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
           setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0;
}

bool tern_socket_join(tern_socket *s, const tern_addr *group, const tern_addr *via, tern_why *why)
{
    tern_addr any = { .family = 4, .port = group->port };
    struct sockaddr_storage sa;
    socklen_t n = tern_addr_to_sockaddr(&any, &sa);
    if (group->family != 4 || (group->ip[0] & 0xf0) != 0xe0)
        return tern_because(why, "%s is no IPv4 multicast group", tern_addr_format(group).text);
    if (open_socket(s, 4) && join_group(s->fd, group, via) && bind(s->fd, (struct sockaddr *)&sa, n) == 0 &&
        learn_local(s)) {
        s->group = true;
        return true;
    }
    int error = errno;
    tern_socket_close(s);
    errno = error;
    return tern_because(why, "cannot join %s: %s", tern_addr_format(group).text, strerror(error));
}

bool tern_socket_send_to_group(tern_socket *s, const tern_addr *via, tern_why *why)
{
    struct ip_mreqn out = { 0 };
    tern_addr any = { .family = 4 };
    memcpy(&out.imr_address, via->ip, sizeof out.imr_address);
    if (!tern_socket_listen(s, &any, why)) return false;
    s->group = true; /* its own address is the kernel's to choose */
    if (setsockopt(s->fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out) == 0 &&
        set_int(s->fd, IPPROTO_IP, IP_MULTICAST_TTL, 1))
        return true;
    int error = errno;
    tern_socket_close(s);
    return tern_because(why, "cannot send through the interface with %s: %s", tern_addr_format(via).text,
                        strerror(error));
}

bool tern_socket_connect(tern_socket *s, const tern_addr *remote, tern_why *why)
{
    struct sockaddr_storage sa;
    socklen_t n = tern_addr_to_sockaddr(remote, &sa);
    if (open_socket(s, remote->family) && connect(s->fd, (struct sockaddr *)&sa, n) == 0 && learn_local(s)) {
        s->connected = true;
        return true;
    }
    int error = errno;
    tern_socket_close(s);
    errno = error;
    return tern_because(why, "cannot reach %s: %s", tern_addr_format(remote).text, strerror(error));
}

void tern_socket_close(tern_socket *s)
{
    if (s->fd >= 0) (void)close(s->fd);
    s->fd = -1;
}

/* ---- what there is to tell */

uint64_t tern_socket_dropped(const tern_socket *s)
{
    uint32_t counts[SK_MEMINFO_VARS] = { 0 };
    socklen_t n = sizeof counts;
    return getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, counts, &n) == 0 ? counts[SK_MEMINFO_DROPS] : 0;
}

static const char *yes_no(bool yes)
{
    return yes ? "yes" : "no";
}

tern_socket_words tern_socket_describe(const tern_socket *s)
{
    tern_socket_words w;
    (void)snprintf(w.text, sizeof w.text,
                   "receive buffer %s, send buffer %s, segmentation %s, coalescing %s, ECN out %s in %s",
                   tern_words_size(s->receive_buffer).text, tern_words_size(s->send_buffer).text, yes_no(s->gso),
                   yes_no(s->gro), yes_no(s->ecn), yes_no(s->ecn_in));
    return w;
}

tern_socket_words tern_socket_shortage(const tern_socket *s)
{
    tern_socket_words w = { "" };
    bool in = s->receive_buffer < TERN_SOCKET_BUFFER, out = s->send_buffer < TERN_SOCKET_BUFFER;
    if (!in && !out) return w;
    (void)snprintf(
        w.text, sizeof w.text,
        "the kernel gave a %s buffer of %s, not of %s, and may lose datagrams; to raise its limit: sysctl -w "
        "net.core.%s=%d",
        in ? "receive" : "send", tern_words_size(in ? s->receive_buffer : s->send_buffer).text,
        tern_words_size(TERN_SOCKET_BUFFER).text, in ? "rmem_max" : "wmem_max", TERN_SOCKET_BUFFER);
    return w;
}
