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

#define MESSAGES     64    /* a call of sendmmsg */
#define SEGMENTS_MAX 64    /* that older kernels take in one message (UDP_MAX_SEGMENTS) */
#define MESSAGE_MAX  65487 /* bytes of one message that IPv4 and IPv6 both take */
#define ECN_MASK     3     /* of the TOS byte or the traffic class */

/* Control data of one message: the address, the size of segments, the marks of ECN. */
typedef union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(int))];
} control;

/* What may be left out of a message when the kernel refuses it: bits, which count up from all to nothing of it. */
#define WITHOUT_SEGMENTS 1u
#define WITHOUT_ECN      2u

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

/* The address the datagram was sent to, the size of its segments and its marks, from the kernel's control data. */
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
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
            uint8_t tos = 0;
            memcpy(&tos, CMSG_DATA(c), sizeof tos);
            a->ecn = (tern_ecn)(tos & ECN_MASK);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
            int tclass = 0;
            memcpy(&tclass, CMSG_DATA(c), sizeof tclass);
            a->ecn = (tern_ecn)(tclass & ECN_MASK);
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
        a->ecn = TERN_ECN_NOT_ECT;
        read_control(&inbox->headers[i].msg_hdr, a);
        if (s->group) a->path.local = s->local;
    }
    return n;
}

/* ---- sending */

typedef struct {
    struct mmsghdr headers[MESSAGES];
    struct iovec vectors[MESSAGES];
    control controls[MESSAGES];
    struct sockaddr_storage to[MESSAGES];
    tern_parcel *parcels[MESSAGES]; /* whose each message is */
    unsigned count;
} outbox;

static size_t write_control(struct cmsghdr *c, int level, int type, const void *value, size_t n)
{
    *c = (struct cmsghdr){ .cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(n) };
    memcpy(CMSG_DATA(c), value, n);
    return CMSG_SPACE(n);
}

/* Says from which of our addresses a socket that has many shall send. */
static size_t write_source(const tern_socket *s, const tern_addr *from, struct cmsghdr *c)
{
    if (s->connected || tern_addr_is_any(from) || !tern_addr_is_any(&s->local)) return 0;
    if (from->family == 4) {
        struct in_pktinfo info = { 0 };
        memcpy(&info.ipi_spec_dst, from->ip, 4);
        return write_control(c, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
    struct in6_pktinfo info = { .ipi6_ifindex = from->zone };
    memcpy(&info.ipi6_addr, from->ip, 16);
    return write_control(c, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
}

static size_t write_segment(size_t segment, struct cmsghdr *c)
{
    uint16_t size = (uint16_t)segment;
    return write_control(c, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
}

static size_t write_ecn(const tern_socket *s, tern_ecn ecn, struct cmsghdr *c)
{
    int mark = (int)ecn;
    if (s->local.family == 6) return write_control(c, IPPROTO_IPV6, IPV6_TCLASS, &mark, sizeof mark);
    return write_control(c, IPPROTO_IP, IP_TOS, &mark, sizeof mark);
}

static void add_message(const tern_socket *s, outbox *out, tern_parcel *p, size_t at, size_t n, unsigned without)
{
    unsigned i = out->count++;
    const tern_batch *b = &p->batch;
    struct msghdr *h = &out->headers[i].msg_hdr;
    char *control_at = out->controls[i].bytes;
    memset(&out->controls[i], 0, sizeof out->controls[i]);
    size_t used = write_source(s, &b->path.local, (struct cmsghdr *)(void *)control_at);
    if (n > b->segment) used += write_segment(b->segment, (struct cmsghdr *)(void *)(control_at + used));
    if (b->ecn != TERN_ECN_NOT_ECT && s->ecn && (without & WITHOUT_ECN) == 0)
        used += write_ecn(s, b->ecn, (struct cmsghdr *)(void *)(control_at + used));
    out->parcels[i] = p;
    out->vectors[i] = (struct iovec){ (void *)(uintptr_t)(p->bytes + at), n };
    *h = (struct msghdr){ .msg_iov = &out->vectors[i], .msg_iovlen = 1 };
    if (!s->connected) {
        h->msg_name = &out->to[i];
        h->msg_namelen = tern_addr_to_sockaddr(&b->path.remote, &out->to[i]);
    }
    if (used > 0) {
        h->msg_control = control_at;
        h->msg_controllen = used;
    }
}

/* Bytes of the largest message that the kernel cuts into this batch's datagrams. */
static size_t message_bytes(const tern_socket *s, const tern_batch *b, unsigned without)
{
    size_t segments = s->gso && (without & WITHOUT_SEGMENTS) == 0 ? MESSAGE_MAX / b->segment : 1;
    if (segments > SEGMENTS_MAX) segments = SEGMENTS_MAX;
    return b->segment * (segments > 0 ? segments : 1);
}

/* As many messages as a call takes; while something is tried without, one. */
static void fill(const tern_socket *s, outbox *out, tern_parcel *parcels, size_t n, unsigned without)
{
    size_t room = without == 0 ? MESSAGES : 1;
    out->count = 0;
    for (size_t i = 0; i < n; i++) {
        const tern_batch *b = &parcels[i].batch;
        size_t most = message_bytes(s, b, without);
        for (size_t at = parcels[i].at; at < b->total; at += most) {
            if (out->count == room) return;
            add_message(s, out, &parcels[i], at, b->total - at < most ? b->total - at : most, without);
        }
    }
}

/* Errors with which kernels and devices refuse what a message asks for, but perhaps not the datagrams themselves. */
static bool refuses(int error)
{
    return error == EIO || error == EINVAL || error == EMSGSIZE || error == ENOPROTOOPT || error == EOPNOTSUPP;
}

/* What the network says of the way and its ends: the errno to tell, 0 when it is another. Linux has EINVAL for a
 * connected socket whose own address is gone. */
static int report_of(const tern_socket *s, int error)
{
    if (error == EINVAL && s->connected) return EADDRNOTAVAIL;
    bool is = error == ECONNREFUSED || error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN ||
              error == EADDRNOTAVAIL;
    return is ? error : 0;
}

/* The next that a refused message may be tried without, 0 for nothing more. */
static unsigned next_without(const tern_socket *s, const tern_parcel *p, unsigned without)
{
    bool segments = s->gso && p->batch.total - p->at > p->batch.segment, ecn = s->ecn && p->batch.ecn != 0;
    while (++without <= (WITHOUT_SEGMENTS | WITHOUT_ECN)) {
        if ((without & WITHOUT_SEGMENTS) != 0 && !segments) continue;
        if ((without & WITHOUT_ECN) != 0 && !ecn) continue;
        return without;
    }
    return 0;
}

/* The kernel took the first count messages. What it took only without something is never asked of it again. */
static void taken(tern_socket *s, const outbox *out, unsigned count, unsigned without)
{
    for (unsigned i = 0; i < count; i++) out->parcels[i]->at += out->vectors[i].iov_len;
    if ((without & WITHOUT_SEGMENTS) != 0) s->gso = false;
    if ((without & WITHOUT_ECN) != 0) s->ecn = false;
}

/* The kernel will not take the first message, whatever is left out of it. */
static void give_up_first(tern_socket *s, const outbox *out, int error)
{
    tern_parcel *p = out->parcels[0];
    size_t n = out->vectors[0].iov_len;
    if (error == EMSGSIZE && n <= p->batch.segment) {
        s->too_big = n;
        s->too_big_path = p->batch.path;
    }
    p->at += n;
    s->unsent += (n + p->batch.segment - 1) / p->batch.segment;
}

tern_sent tern_socket_send(tern_socket *s, tern_parcel *parcels, size_t n)
{
    outbox out;
    bool refused = false;
    unsigned without = 0;
    for (;;) {
        fill(s, &out, parcels, n, without);
        if (out.count == 0) return refused ? TERN_SENT_REFUSED : TERN_SENT;
        int sent = sendmmsg(s->fd, out.headers, out.count, MSG_DONTWAIT);
        int error = errno;
        if (sent > 0) taken(s, &out, (unsigned)sent, without);
        if (sent < 0 && error == EINTR) continue;
        if (sent < 0 && (error == EAGAIN || error == EWOULDBLOCK)) return TERN_SENT_LATER;
        without = sent < 0 && refuses(error) ? next_without(s, out.parcels[0], without) : 0;
        if (sent > 0 || without != 0) continue;
        if (report_of(s, error) != 0) s->report = report_of(s, error), refused = true;
        give_up_first(s, &out, error);
    }
}
