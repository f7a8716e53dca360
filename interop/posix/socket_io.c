/* SPDX-License-Identifier: MIT */
/* UDP sockets: sending and receiving (see socket.h). */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>

#include "posix/address.h"
#include "posix/socket.h"

#define MESSAGES     16    /* a call of sendmmsg */
#define SEGMENTS_MAX 64    /* that older kernels take in one message (UDP_MAX_SEGMENTS) */
#define MESSAGE_MAX  65487 /* bytes of one message that IPv4 and IPv6 both take */

/* Control data of one message: the address, and the size of segments. */
typedef union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(int))];
} control;

struct tern_inbox {
    struct mmsghdr headers[TERN_INBOX_COUNT];
    struct iovec vectors[TERN_INBOX_COUNT];
    struct sockaddr_storage from[TERN_INBOX_COUNT];
    control controls[TERN_INBOX_COUNT];
    tern_arrival arrivals[TERN_INBOX_COUNT];
    uint8_t bytes[TERN_INBOX_COUNT][TERN_INBOX_BYTES];
};

tern_inbox *tern_inbox_new(void)
{
    return calloc(1, sizeof(tern_inbox));
}

void tern_inbox_free(tern_inbox *inbox)
{
    free(inbox);
}

/* ---- receiving */

static void prepare(tern_inbox *in)
{
    for (size_t i = 0; i < TERN_INBOX_COUNT; i++) {
        in->vectors[i] = (struct iovec){ in->bytes[i], sizeof in->bytes[i] };
        in->headers[i].msg_hdr = (struct msghdr){
            .msg_name = &in->from[i],
            .msg_namelen = sizeof in->from[i],
            .msg_iov = &in->vectors[i],
            .msg_iovlen = 1,
            .msg_control = &in->controls[i],
            .msg_controllen = sizeof in->controls[i],
        };
    }
}

static bool is_link_local(const tern_addr *addr)
{
    return addr->family == 6 && addr->ip[0] == 0xfe && (addr->ip[1] & 0xc0) == 0x80;
}

/* The address the datagram was sent to, and the size of its segments, from the kernel's control data. */
static void read_control(struct msghdr *header, tern_arrival *a)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memcpy(a->path.local.ip, &info.ipi_spec_dst, 4);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memcpy(a->path.local.ip, &info.ipi6_addr, 16);
            a->path.local.zone = is_link_local(&a->path.local) ? info.ipi6_ifindex : 0;
        } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            int size = 0;
            memcpy(&size, CMSG_DATA(c), sizeof size);
            if (size > 0) a->segment = (size_t)size;
        }
    }
}

int tern_socket_receive(tern_socket *s, tern_inbox *inbox, const tern_arrival **arrivals)
{
    prepare(inbox);
    int n = recvmmsg(s->fd, inbox->headers, TERN_INBOX_COUNT, MSG_DONTWAIT, NULL);
    *arrivals = inbox->arrivals;
    if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -errno;
    for (int i = 0; i < n; i++) {
        tern_arrival *a = &inbox->arrivals[i];
        a->path.local = s->local;
        a->path.remote = tern_addr_from_sockaddr(&inbox->from[i]);
        a->bytes = (tern_buf){ inbox->bytes[i], inbox->headers[i].msg_len };
        a->segment = a->bytes.n;
        read_control(&inbox->headers[i].msg_hdr, a);
    }
    return n;
}

/* ---- sending */

typedef struct {
    struct mmsghdr headers[MESSAGES];
    struct iovec vectors[MESSAGES];
    control controls[MESSAGES];
    struct sockaddr_storage to;
    socklen_t to_n;
    unsigned count;
} outbox;

/* Says from which of our addresses a socket that has many shall send. */
static size_t write_source(const tern_socket *s, const tern_addr *from, struct cmsghdr *c)
{
    if (s->connected || tern_addr_is_any(from) || !tern_addr_is_any(&s->local)) return 0;
    if (from->family == 4) {
        struct in_pktinfo info = { 0 };
        memcpy(&info.ipi_spec_dst, from->ip, 4);
        *c = (struct cmsghdr){ .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info) };
        memcpy(CMSG_DATA(c), &info, sizeof info);
        return CMSG_SPACE(sizeof info);
    }
    struct in6_pktinfo info = { .ipi6_ifindex = from->zone };
    memcpy(&info.ipi6_addr, from->ip, 16);
    *c = (struct cmsghdr){ .cmsg_level = IPPROTO_IPV6, .cmsg_type = IPV6_PKTINFO, .cmsg_len = CMSG_LEN(sizeof info) };
    memcpy(CMSG_DATA(c), &info, sizeof info);
    return CMSG_SPACE(sizeof info);
}

static size_t write_segment(size_t segment, struct cmsghdr *c)
{
    uint16_t size = (uint16_t)segment;
    *c = (struct cmsghdr){ .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof size) };
    memcpy(CMSG_DATA(c), &size, sizeof size);
    return CMSG_SPACE(sizeof size);
}

static void add_message(const tern_socket *s, outbox *out, const tern_batch *b, const uint8_t *bytes, size_t n)
{
    unsigned i = out->count++;
    struct msghdr *h = &out->headers[i].msg_hdr;
    char *control_at = out->controls[i].bytes;
    memset(&out->controls[i], 0, sizeof out->controls[i]);
    size_t used = write_source(s, &b->path.local, (struct cmsghdr *)(void *)control_at);
    if (n > b->segment) used += write_segment(b->segment, (struct cmsghdr *)(void *)(control_at + used));
    out->vectors[i] = (struct iovec){ (void *)(uintptr_t)bytes, n };
    *h = (struct msghdr){ .msg_iov = &out->vectors[i], .msg_iovlen = 1 };
    if (!s->connected) {
        h->msg_name = &out->to;
        h->msg_namelen = out->to_n;
    }
    if (used > 0) {
        h->msg_control = control_at;
        h->msg_controllen = used;
    }
}

/* Bytes of the largest message that the kernel cuts into this batch's datagrams. */
static size_t message_bytes(const tern_socket *s, const tern_batch *b)
{
    size_t segments = s->gso ? MESSAGE_MAX / b->segment : 1;
    if (segments > SEGMENTS_MAX) segments = SEGMENTS_MAX;
    return b->segment * (segments > 0 ? segments : 1);
}

static void fill(const tern_socket *s, outbox *out, const tern_batch *b, const uint8_t *bytes, size_t at)
{
    size_t most = message_bytes(s, b);
    out->count = 0;
    while (out->count < MESSAGES && at < b->total) {
        size_t n = b->total - at < most ? b->total - at : most;
        add_message(s, out, b, bytes + at, n);
        at += n;
    }
}

/* Errors with which kernels and devices refuse segments, but not the datagrams themselves. */
static bool refuses_segments(int error)
{
    return error == EIO || error == EINVAL || error == EMSGSIZE || error == ENOPROTOOPT || error == EOPNOTSUPP;
}

tern_sent tern_socket_send(tern_socket *s, const tern_batch *batch, const uint8_t *bytes, size_t *at)
{
    outbox out;
    bool refused = false;
    out.to_n = tern_addr_to_sockaddr(&batch->path.remote, &out.to);
    while (*at < batch->total) {
        fill(s, &out, batch, bytes, *at);
        int sent = sendmmsg(s->fd, out.headers, out.count, MSG_DONTWAIT);
        int error = errno;
        for (int i = 0; i < sent; i++) *at += out.vectors[i].iov_len;
        if (sent > 0 || error == EINTR) continue;
        if (error == EAGAIN || error == EWOULDBLOCK) return TERN_SENT_LATER;
        if (out.vectors[0].iov_len > batch->segment && refuses_segments(error)) {
            s->gso = false;
            continue;
        }
        refused = refused || error == ECONNREFUSED;
        *at += out.vectors[0].iov_len;
        s->unsent += (out.vectors[0].iov_len + batch->segment - 1) / batch->segment;
    }
    return refused ? TERN_SENT_REFUSED : TERN_SENT;
}
