/* SPDX-License-Identifier: MIT */
/* Drives one node (see driver.h). */
#define _GNU_SOURCE
#include "posix/driver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "posix/address.h"

static bool prepare(tern_driver *d, const tern_driver_app *app, void *context, tern_why *why)
{
    memset(d, 0, sizeof *d);
    d->app = app;
    d->context = context;
    d->wake = TERN_TIME_NEVER;
    d->now = tern_clock_now();
    d->inbox = tern_inbox_new();
    d->out = malloc(TERN_DRIVER_OUT);
    if (d->inbox == NULL || d->out == NULL) return tern_because(why, "out of memory");
    return true;
}

bool tern_driver_open(tern_driver *d, const tern_driver_app *app, void *context, tern_why *why)
{
    bool ready = prepare(d, app, context, why);
    d->waits = &d->loop;
    return tern_loop_open(&d->loop, why) && ready;
}

bool tern_driver_open_beside(tern_driver *d, tern_driver *other, const tern_driver_app *app, void *context,
                             tern_why *why)
{
    bool ready = prepare(d, app, context, why);
    d->waits = other->waits;
    return ready;
}

void tern_driver_drop(tern_driver *d)
{
    for (size_t i = 0; i < d->sockets_n; i++) {
        tern_loop_forget(d->waits, &d->sockets[i].watch);
        tern_socket_close(&d->sockets[i].socket);
    }
    d->sockets_n = 0;
    d->node = NULL;
    d->blocked = NULL;
    d->parcels_n = d->parcel_at = d->out_n = d->left_n = d->left_at = 0;
}

void tern_driver_close(tern_driver *d)
{
    tern_driver_drop(d);
    if (d->waits == &d->loop) tern_loop_close(&d->loop);
    tern_inbox_free(d->inbox);
    free(d->out);
    d->inbox = NULL;
    d->out = NULL;
}

/* ---- in */

/* Takes its datagrams from byte *at on; false: not all of them, for now. */
static bool take_arrival(tern_driver *d, const tern_arrival *a, size_t *at)
{
    do {
        if (tern_turn_is_over(&d->turn, &d->now)) return false;
        size_t n = a->bytes.n - *at < a->segment ? a->bytes.n - *at : a->segment;
        (void)tern_node_recv(d->node, d->now, &a->path, (tern_buf){ a->bytes.p + *at, n }, a->ecn);
        d->received++;
        *at += a->segment;
    } while (a->segment > 0 && *at < a->bytes.n);
    *at = 0;
    return true;
}

static void take_left(tern_driver *d)
{
    while (d->left_n > 0 && d->node != NULL && take_arrival(d, d->left, &d->left_at)) {
        d->left++;
        d->left_n--;
    }
}

static void on_readable(tern_driver_socket *s)
{
    tern_driver *d = s->driver;
    const tern_arrival *arrivals;
    if (d->left_n > 0) return; /* they stand where more would be read to */
    int n = tern_socket_receive(&s->socket, d->inbox, &arrivals);
    d->now = tern_clock_now();
    if (n < 0 && d->app->unreachable != NULL) d->app->unreachable(d->context, -n);
    d->left = arrivals;
    d->left_n = n > 0 ? (size_t)n : 0;
    take_left(d);
}

static void on_socket(void *context, uint32_t events)
{
    tern_driver_socket *s = context;
    if ((events & (EPOLLOUT | EPOLLERR)) != 0 && s->driver->blocked == s) s->driver->blocked = NULL;
    if ((events & (EPOLLIN | EPOLLERR)) != 0 && s->driver->node != NULL) on_readable(s);
}

bool tern_driver_add(tern_driver *d, const tern_socket *s, tern_why *why)
{
    if (d->sockets_n == TERN_DRIVER_SOCKETS) return tern_because(why, "more than %d sockets", TERN_DRIVER_SOCKETS);
    tern_driver_socket *own = &d->sockets[d->sockets_n++];
    *own = (tern_driver_socket){ .driver = d, .socket = *s };
    own->watch = (tern_watch){ .fd = s->fd, .fn = on_socket, .context = own };
    return tern_loop_watch(d->waits, &own->watch, EPOLLIN, why);
}

bool tern_driver_replace(tern_driver *d, const tern_socket *s, tern_why *why)
{
    tern_loop_forget(d->waits, &d->sockets[0].watch);
    tern_socket_close(&d->sockets[0].socket);
    d->sockets_n = 0;
    d->blocked = NULL;
    return tern_driver_add(d, s, why);
}

/* ---- out */

/* The socket that is bound to a path's own address: exactly, or to all addresses of its family. */
static tern_driver_socket *socket_for(tern_driver *d, const tern_addr *local)
{
    tern_driver_socket *found = NULL;
    for (size_t i = 0; i < d->sockets_n; i++) {
        const tern_addr *own = &d->sockets[i].socket.local;
        if (d->sockets[i].socket.connected) return &d->sockets[i];
        if (own->family != local->family || own->port != local->port) continue;
        if (tern_addr_same_ip(own, local)) return &d->sockets[i];
        if (tern_addr_is_any(own)) found = &d->sockets[i];
    }
    return found;
}

/* Asks the node for batches, as many as go with one call of the kernel. */
static void gather(tern_driver *d)
{
    d->parcels_n = d->parcel_at = d->out_n = 0;
    while (d->parcels_n < TERN_DRIVER_PARCELS && d->out_n + TERN_DRIVER_BATCH <= TERN_DRIVER_OUT) {
        tern_parcel *p = &d->parcels[d->parcels_n];
        *p = (tern_parcel){ .bytes = d->out + d->out_n };
        p->batch = tern_node_send(d->node, d->now, (tern_buf){ d->out + d->out_n, TERN_DRIVER_BATCH });
        if (p->batch.count == 0) return;
        d->parcels_n++;
        d->out_n += p->batch.total;
    }
}

/* How many parcels in a row, from the next one on, go through one socket: *s, NULL when there is none for them. */
static size_t in_a_row(tern_driver *d, tern_driver_socket **s)
{
    size_t n = 1;
    *s = socket_for(d, &d->parcels[d->parcel_at].batch.path.local);
    while (d->parcel_at + n < d->parcels_n && socket_for(d, &d->parcels[d->parcel_at + n].batch.path.local) == *s) n++;
    return n;
}

/* false: the kernel takes no more of these now. */
static bool send_parcels(tern_driver *d)
{
    tern_driver_socket *s;
    tern_why ignored;
    tern_sent sent = TERN_SENT;
    size_t n = in_a_row(d, &s);
    if (s != NULL) sent = tern_socket_send(&s->socket, d->parcels + d->parcel_at, n);
    if (sent == TERN_SENT_LATER) {
        d->blocked = s;
        (void)tern_loop_watch(d->waits, &s->watch, EPOLLIN | EPOLLOUT, &ignored);
        return false;
    }
    d->parcel_at += n;
    if (s != NULL && s->socket.too_big > 0) {
        const tern_too_big what = { s->socket.too_big, 0 };
        s->socket.too_big = 0;
        tern_node_too_big(d->node, d->now, &s->socket.too_big_path, &what);
    }
    if (sent == TERN_SENT_REFUSED && d->app->unreachable != NULL) d->app->unreachable(d->context, s->socket.report);
    if (s != NULL) (void)tern_loop_watch(d->waits, &s->watch, EPOLLIN, &ignored);
    return true;
}

void tern_driver_flush(tern_driver *d)
{
    d->now = tern_clock_now(); /* the application may have taken its time */
    while (d->blocked == NULL && d->node != NULL) {
        if (d->parcel_at == d->parcels_n) gather(d);
        if (d->parcels_n == 0 || !send_parcels(d)) return;
    }
}

/* ---- the loop */

static bool tell_events(tern_driver *d)
{
    tern_event event;
    bool told = false;
    while (!d->hold_events && d->node != NULL && tern_node_poll(d->node, &event)) {
        d->app->event(d->context, &event);
        told = true;
    }
    return told;
}

/* Events, the application's turn, sending; again when that made new events. */
static void do_round(tern_driver *d)
{
    bool again = true;
    while (again && !d->done) {
        (void)tell_events(d);
        d->app->round(d->context);
        tern_driver_flush(d);
        again = tell_events(d);
    }
}

static void do_timeouts(tern_driver *d)
{
    d->now = tern_clock_now();
    if (d->node != NULL && tern_node_next_timeout(d->node) <= d->now) tern_node_on_timeout(d->node, d->now);
    if (d->wake <= d->now) d->wake = TERN_TIME_NEVER;
}

/* When there is something to do without anything arriving. A node that has something to send says 'now'; while the
 * kernel takes nothing, that would be a busy wait. */
static tern_time next_wake(const tern_driver *d, tern_time now)
{
    tern_time until = d->node != NULL ? tern_node_next_timeout(d->node) : TERN_TIME_NEVER;
    if (d->wake < until) until = d->wake;
    if (d->blocked != NULL && until < now + TERN_MS) until = now + TERN_MS;
    if (d->left_n > 0) until = now;
    return until;
}

tern_time tern_driver_next(const tern_driver *d)
{
    return next_wake(d, d->now);
}

void tern_driver_step(tern_driver *d)
{
    d->turn.ends = 0;
    do_timeouts(d);
    take_left(d);
    do_round(d);
}

void tern_driver_run(tern_driver *d)
{
    while (!d->done) {
        tern_driver_step(d);
        if (d->done) break;
        tern_time now = tern_clock_now();
        tern_loop_turn(&d->loop, now, next_wake(d, now));
    }
}
