/* SPDX-License-Identifier: MIT */
/* UDP sockets: many datagrams in and out with one call, answered from the address that was asked. */
#ifndef TERN_POSIX_SOCKET_H
#define TERN_POSIX_SOCKET_H

#include "posix/why.h"
#include "tern.h"

#define TERN_SOCKET_BUFFER (4 << 20) /* asked of the kernel, for each direction */
#define TERN_INBOX_COUNT   16        /* reads a call; with UDP_GRO each may hold many datagrams */
#define TERN_INBOX_BYTES   65536     /* of one read */

typedef struct {
    int fd; /* -1: closed */
    tern_addr local;
    bool group;     /* of a multicast group: what comes was sent to the group's address, which is nobody's own */
    bool connected; /* to one peer: the kernel filters for us, and tells that nobody listens there */
    /* What the kernel does for us. gso and ecn are given up, for good, when it refuses a datagram with and takes it
     * without. */
    bool gso;                           /* takes batches (UDP_SEGMENT) */
    bool gro;                           /* gives batches (UDP_GRO) */
    bool ecn;                           /* marks what is sent as it is told */
    bool ecn_in;                        /* tells how what comes is marked */
    size_t receive_buffer, send_buffer; /* bytes that the kernel gave of TERN_SOCKET_BUFFER */
    int report;                         /* the errno of the last TERN_SENT_REFUSED */
    size_t too_big;                     /* bytes of the last datagram that is more than the link takes; 0: none since
                                           it was looked at ... */
    tern_path too_big_path;             /* ... and where it should have gone */
    uint64_t unsent;                    /* datagrams that the kernel would not send: lost, as if on the way */
} tern_socket;

/* One read of the kernel: datagrams of segment bytes each, the last of which may be shorter. */
typedef struct {
    tern_path path;
    tern_buf bytes;
    size_t segment;
    tern_ecn ecn; /* of each of them */
} tern_arrival;

/* A batch on its way out. */
typedef struct {
    tern_batch batch;
    const uint8_t *bytes;
    size_t at; /* bytes that the kernel has taken, or would not */
} tern_parcel;

/* Room for what one call reads. */
typedef struct tern_inbox tern_inbox;

tern_inbox *tern_inbox_new(void);
void tern_inbox_free(tern_inbox *inbox);

/* A socket that takes datagrams at an address from anybody. On failure *why names the address. */
bool tern_socket_listen(tern_socket *s, const tern_addr *local, tern_why *why);
/* A socket that takes what is sent to a multicast group (IPv4) and answers from the group's port; its own address does
 * not show, so local is any. The group is joined on the interface with the address via; family 0: on the one that the
 * kernel takes for it. */
bool tern_socket_join(tern_socket *s, const tern_addr *group, const tern_addr *via, tern_why *why);
/* A socket that sends to multicast groups (TTL 1) through the interface with the address via, or any when that is
 * 0.0.0.0, and takes what is answered. */
bool tern_socket_send_to_group(tern_socket *s, const tern_addr *via, tern_why *why);
/* Lets the network cut datagrams that are too long for it: for protocols that do not find out what fits. */
void tern_socket_allow_fragments(tern_socket *s);
/* A socket that speaks with one peer. */
bool tern_socket_connect(tern_socket *s, const tern_addr *remote, tern_why *why);
void tern_socket_close(tern_socket *s);

/* Reads what there is; *arrivals is a view of the inbox until the next call. Returns their number, 0 for none, or minus
 * the errno that the network reported (ECONNREFUSED: nobody listens there). */
int tern_socket_receive(tern_socket *s, tern_inbox *inbox, const tern_arrival **arrivals);

typedef enum {
    TERN_SENT,        /* all of it, though some may be lost as if on the way */
    TERN_SENT_LATER,  /* the kernel's buffer is full: call again when the socket is writable */
    TERN_SENT_REFUSED /* all of it, and the network reported that nobody listens there, or that there is no way: see
                         report */
} tern_sent;

/* Sends n batches, each from its byte `at` on, which it moves. */
tern_sent tern_socket_send(tern_socket *s, tern_parcel *parcels, size_t n);

/* Datagrams that the kernel dropped because nobody read them in time. */
uint64_t tern_socket_dropped(const tern_socket *s);

typedef struct {
    char text[256];
} tern_socket_words;

/* "receive buffer 4.0 MiB, send buffer 4.0 MiB, segmentation yes, coalescing yes, ECN out yes in yes" */
tern_socket_words tern_socket_describe(const tern_socket *s);
/* What the kernel gave less than it was asked for, and how to raise it; empty when it gave all. */
tern_socket_words tern_socket_shortage(const tern_socket *s);

#endif
