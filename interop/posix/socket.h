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
    bool connected;     /* to one peer: the kernel filters for us, and tells that nobody listens there */
    bool gso;           /* the kernel takes batches (UDP_SEGMENT) */
    int receive_buffer; /* bytes that the kernel gave */
    uint64_t unsent;    /* datagrams that the kernel would not send: lost, as if on the way */
} tern_socket;

/* One read of the kernel: datagrams of segment bytes each, the last of which may be shorter. */
typedef struct {
    tern_path path;
    tern_buf bytes;
    size_t segment;
} tern_arrival;

/* Room for what one call reads. */
typedef struct tern_inbox tern_inbox;

tern_inbox *tern_inbox_new(void);
void tern_inbox_free(tern_inbox *inbox);

/* A socket that takes datagrams at an address from anybody. On failure *why names the address. */
bool tern_socket_listen(tern_socket *s, const tern_addr *local, tern_why *why);
/* A socket that speaks with one peer. */
bool tern_socket_connect(tern_socket *s, const tern_addr *remote, tern_why *why);
void tern_socket_close(tern_socket *s);

/* Reads what there is; *arrivals is a view of the inbox until the next call. Returns their number, 0 for none, or minus
 * the errno that the network reported (ECONNREFUSED: nobody listens there). */
int tern_socket_receive(tern_socket *s, tern_inbox *inbox, const tern_arrival **arrivals);

typedef enum {
    TERN_SENT,        /* all of it, though some may be lost as if on the way */
    TERN_SENT_LATER,  /* the kernel's buffer is full: call again when the socket is writable */
    TERN_SENT_REFUSED /* all of it, and the network reported that nobody listens there */
} tern_sent;

/* Sends a batch from byte *at on, and moves *at. */
tern_sent tern_socket_send(tern_socket *s, const tern_batch *batch, const uint8_t *bytes, size_t *at);

#endif
