/* SPDX-License-Identifier: MIT */
/* A client of a measurement (see guest.h). */
#define _GNU_SOURCE
#include "guest.h"

#include <stdlib.h>
#include <string.h>

#include "posix/clock.h"
#include "posix/entropy.h"
#include "posix/say.h"

#define IDLE_TIMEOUT_MS 120000

static void on_event(void *context, const tern_event *event)
{
    bench_guest *g = context;
    if (event->type == TERN_EVENT_CONNECTED) g->connected = *event;
    if (event->type == TERN_EVENT_CLOSED) g->closed = *event;
    if (g->app->event != NULL) g->app->event(g, event);
}

static void on_round(void *context)
{
    bench_guest *g = context;
    if (g->connected.type != 0 && g->closed.type == 0 && !g->done) g->app->round(g);
    g->driver.done = g->done || g->closed.type != 0 || g->unreachable != 0;
}

static void on_unreachable(void *context, int error)
{
    bench_guest *g = context;
    g->unreachable = error;
}

bool bench_guest_open(bench_guest *g, const bench_guest_app *app, void *context)
{
    static const tern_driver_app driver_app = { on_event, on_round, on_unreachable };
    tern_why why;
    memset(g, 0, sizeof *g);
    g->app = app;
    g->context = context;
    if (tern_driver_open(&g->driver, &driver_app, g, &why)) return true;
    tern_say("%s", why.text);
    return false;
}

void bench_guest_close(bench_guest *g)
{
    tern_driver_close(&g->driver);
    free(g->memory);
}

bool bench_guest_connect(bench_guest *g, const tern_addr *remote, uint32_t pages)
{
    tern_client_config config;
    tern_socket socket;
    tern_why why;
    tern_driver_drop(&g->driver);
    g->connected.type = g->closed.type = 0;
    g->unreachable = 0;
    if (!tern_socket_connect(&socket, remote, &why) || !tern_driver_add(&g->driver, &socket, &why)) {
        tern_say("%s", why.text);
        return false;
    }
    tern_client_config_default(&config);
    tern_entropy(config.seed);
    config.path = (tern_path){ socket.local, *remote };
    config.trust.proof = TERN_PROOF_FIRST_USE;
    config.unix_seconds_at_0 = tern_clock_unix_seconds_at_0();
    config.transport.idle_timeout_ms = IDLE_TIMEOUT_MS;
    if (pages != 0) config.transport.pages = pages;
    if (g->memory == NULL) g->memory = bench_alloc(tern_client_footprint(&config));
    int error = tern_client_init(g->memory, &config, tern_clock_now(), &g->driver.node);
    if (error != TERN_OK) tern_say("cannot connect: %s", tern_error_text((tern_error)error));
    return error == TERN_OK;
}

bool bench_guest_run(bench_guest *g, tern_time until)
{
    g->done = g->driver.done = false;
    g->driver.wake = until;
    tern_driver_run(&g->driver);
    if (g->done) return true;
    tern_say("the connection ended: %s",
             g->unreachable != 0 ? strerror(g->unreachable) : tern_error_text((tern_error)g->closed.u.closed.error));
    return false;
}

bool bench_guest_ask(bench_guest *g, char what, uint64_t n)
{
    uint8_t request[BENCH_REQUEST_SIZE];
    size_t taken = 0;
    bench_request_emit(request, what, n);
    if (tern_peer_stream_open(g->driver.node, 0, TERN_BOTH_WAYS, &g->stream) != TERN_OK) return false;
    return tern_peer_stream_write(g->driver.node, 0, g->stream, tern_bytes_of(request, sizeof request), &taken) ==
               TERN_OK &&
           taken == sizeof request;
}

void bench_guest_leave(bench_guest *g)
{
    tern_peer_close(g->driver.node, tern_clock_now(), 0, TERN_NO_ERROR, "");
    tern_driver_flush(&g->driver);
}
