/* SPDX-License-Identifier: MIT */
/* Standard output that never holds the program up (see outlet.h). Its mode is shared with other programs, so it is left
 * blocking; it is written to only when it is ready, and no more than a pipe then takes for certain. */
#define _GNU_SOURCE
#include "outlet.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_ready(void *context, uint32_t events)
{
    (void)context; /* the round that follows flushes */
    (void)events;
}

void tern_outlet_open(tern_outlet *o, tern_loop *loop, int fd)
{
    memset(o, 0, sizeof *o);
    o->loop = loop;
    o->watch = (tern_watch){ .fd = fd, .fn = on_ready, .context = o };
}

void tern_outlet_close(tern_outlet *o)
{
    tern_loop_forget(o->loop, &o->watch);
    free(o->p);
    o->p = NULL;
    o->n = o->at = o->cap = 0;
}

char *tern_outlet_room(tern_outlet *o, size_t n)
{
    if (o->at > 0) {
        memmove(o->p, o->p + o->at, o->n - o->at);
        o->n -= o->at;
        o->at = 0;
    }
    if (o->cap - o->n < n) {
        size_t cap = 2 * o->cap > o->n + n ? 2 * o->cap : o->n + n;
        char *more = realloc(o->p, cap);
        if (more == NULL) return NULL;
        o->p = more;
        o->cap = cap;
    }
    return o->p + o->n;
}

void tern_outlet_add(tern_outlet *o, size_t m)
{
    o->n += m;
}

static bool is_ready(const tern_outlet *o, int wait_ms)
{
    struct pollfd p = { .fd = o->watch.fd, .events = POLLOUT };
    return poll(&p, 1, wait_ms) == 1;
}

static void write_ready(tern_outlet *o, int wait_ms)
{
    while (o->at < o->n && o->error == 0 && is_ready(o, wait_ms)) {
        size_t n = o->n - o->at < PIPE_BUF ? o->n - o->at : PIPE_BUF;
        ssize_t written = write(o->watch.fd, o->p + o->at, n);
        if (written > 0)
            o->at += (size_t)written;
        else if (errno == EAGAIN)
            break; /* somebody made it non-blocking */
        else if (errno != EINTR)
            o->error = errno;
    }
    if (o->error != 0) o->at = o->n;
    if (o->at == o->n) o->at = o->n = 0;
}

bool tern_outlet_flush(tern_outlet *o)
{
    tern_why ignored;
    write_ready(o, 0);
    (void)tern_loop_watch(o->loop, &o->watch, o->n > 0 ? EPOLLOUT : 0, &ignored);
    return o->n == 0;
}

void tern_outlet_drain(tern_outlet *o)
{
    write_ready(o, 5000);
}
