/* SPDX-License-Identifier: MIT */
/* Drives one node with sockets and a clock: the caller's loop of tern.h, for the client and the relay alike. */
#ifndef TERN_POSIX_DRIVER_H
#define TERN_POSIX_DRIVER_H

#include "posix/clock.h"
#include "posix/loop.h"
#include "posix/socket.h"

#define TERN_DRIVER_SOCKETS 16
#define TERN_DRIVER_BATCH   65536 /* bytes of the largest batch */
#define TERN_DRIVER_OUT     (4 * TERN_DRIVER_BATCH)
#define TERN_DRIVER_PARCELS 64 /* batches for one call of the kernel */

typedef struct tern_driver tern_driver;

typedef struct {
    void (*event)(void *app, const tern_event *event);
    /* After the events of a round and before its sending: a chance to write more. */
    void (*round)(void *app);
    /* A connected socket learned that nobody listens at the other end (ECONNREFUSED), or that there is no way there
     * from its address (socket.h).
     * Only to be noted: what follows from it waits for the round. */
    void (*unreachable)(void *app, int error);
} tern_driver_app;

typedef struct {
    tern_driver *driver;
    tern_socket socket;
    tern_watch watch;
} tern_driver_socket;

struct tern_driver {
    tern_loop loop;   /* its own, unless it was opened beside another */
    tern_loop *waits; /* where its sockets are waited for */
    tern_node *node;  /* NULL: none yet */
    const tern_driver_app *app;
    void *context;
    tern_time now;
    tern_time wake;    /* the application wants a round then; TERN_TIME_NEVER */
    bool hold_events;  /* the application cannot take events now */
    bool done;         /* run returns */
    uint64_t received; /* datagrams */
    tern_turn turn;    /* of taking datagrams */
    const tern_arrival
        *left; /* arrivals that had to wait for the next turn, left_n of them, the first from a byte on */
    size_t left_n, left_at;
    tern_driver_socket sockets[TERN_DRIVER_SOCKETS];
    size_t sockets_n;
    tern_inbox *inbox;
    tern_parcel parcels[TERN_DRIVER_PARCELS]; /* given by the node; the kernel has taken those before parcel_at */
    size_t parcels_n, parcel_at;
    tern_driver_socket *blocked; /* the socket that they wait for */
    uint8_t *out;                /* their bytes, out_n of them */
    size_t out_n;
};

bool tern_driver_open(tern_driver *d, const tern_driver_app *app, void *context, tern_why *why);
/* A driver whose sockets are waited for in another's loop: it does not run, but takes its turn by tern_driver_step, in
 * a round of the other's, which wakes for it no later than tern_driver_next. */
bool tern_driver_open_beside(tern_driver *d, tern_driver *other, const tern_driver_app *app, void *context,
                             tern_why *why);
void tern_driver_step(tern_driver *d);
tern_time tern_driver_next(const tern_driver *d);
void tern_driver_close(tern_driver *d);
/* Takes over the socket. */
bool tern_driver_add(tern_driver *d, const tern_socket *s, tern_why *why);
/* Closes the only socket and goes on with this one, which it takes over. */
bool tern_driver_replace(tern_driver *d, const tern_socket *s, tern_why *why);
/* Closes all sockets and forgets the node: the next one starts afresh. */
void tern_driver_drop(tern_driver *d);
/* Until done. */
void tern_driver_run(tern_driver *d);
/* Sends what the node has to send and the kernel takes now. */
void tern_driver_flush(tern_driver *d);

#endif
