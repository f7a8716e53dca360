/* SPDX-License-Identifier: MIT */
/* A client of a measurement over sockets: connects, is turned until it has what it wants, and leaves. */
#ifndef TERN_BENCH_GUEST_H
#define TERN_BENCH_GUEST_H

#include "bench.h"
#include "posix/driver.h"

typedef struct bench_guest bench_guest;

typedef struct {
    void (*event)(bench_guest *g, const tern_event *event);
    void (*round)(bench_guest *g); /* while connected; may set done */
} bench_guest_app;

struct bench_guest {
    tern_driver driver;
    const bench_guest_app *app;
    void *context, *memory;
    tern_event connected, closed; /* type 0: not yet */
    bool done;                    /* bench_guest_run returns */
    uint32_t stream;
    int unreachable; /* errno */
};

/* Opens a driver, once. */
bool bench_guest_open(bench_guest *g, const bench_guest_app *app, void *context);
void bench_guest_close(bench_guest *g);
/* Begins to connect, afresh. pages: memory for data under way; 0: the usual. */
bool bench_guest_connect(bench_guest *g, const tern_addr *remote, uint32_t pages);
/* Until done, with an end at `until`: false, with a sentence on stderr, when the connection ended first. */
bool bench_guest_run(bench_guest *g, tern_time until);
/* Opens a stream and writes the request. */
bool bench_guest_ask(bench_guest *g, char what, uint64_t n);
/* Says goodbye. */
void bench_guest_leave(bench_guest *g);

#endif
