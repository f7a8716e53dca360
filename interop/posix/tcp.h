/* SPDX-License-Identifier: MIT */
/* Drives one node over TCP (TERN_CARRIER_TCP of tern.h) beside a loop that somebody else turns: what comes on a
 * connection goes to the node under the address of its other end, and the other way round. */
#ifndef TERN_POSIX_TCP_H
#define TERN_POSIX_TCP_H

#include "posix/clock.h"
#include "posix/loop.h"

#define TERN_TCP_MOST    512                /* connections at once, half of them from one host */
#define TERN_TCP_SILENCE (10 * TERN_SECOND) /* for one that was taken to say its first byte (TCH-021) */
#define TERN_TCP_TURN    (1 * TERN_MS)      /* of reading */
#define TERN_TCP_WAITING (256 << 10)        /* bytes for one that does not read; above it is closed (TCH-022) */

typedef struct tern_tcp_connection tern_tcp_connection;

typedef struct {
    tern_loop *waits;
    tern_node *node;
    void (*round)(void *context); /* after what came and before what goes; may be NULL */
    void *context;
    tern_time now;
    tern_addr local;
    tern_watch listener;        /* fd -1: none */
    tern_tcp_connection *first; /* a list */
    size_t n;
    tern_turn turn;
    tern_time deaf;  /* until then nobody is taken: the system had nothing to take them with */
    int error;       /* errno of the last connection that could not be made or broke; 0: none */
    uint64_t unread; /* connections that were closed since they did not read */
} tern_tcp;

void tern_tcp_open(tern_tcp *s, tern_loop *waits, void (*round)(void *context), void *context);
/* Takes connections at an address. */
bool tern_tcp_listen(tern_tcp *s, const tern_addr *addr, tern_why *why);
/* Begins one connection; that it failed is told to the node as its end, and stands in error. */
bool tern_tcp_connect(tern_tcp *s, const tern_addr *addr, tern_why *why);
/* What is due, the round, and sending; when the next step is wanted. */
void tern_tcp_step(tern_tcp *s);
tern_time tern_tcp_next(const tern_tcp *s);
/* Whether a connection has bytes that the other end has not taken. */
bool tern_tcp_waiting(const tern_tcp *s);
void tern_tcp_close(tern_tcp *s);

#endif
