/* SPDX-License-Identifier: MIT */
/* tern-bench bulk, ping, flood, talk, connect, idle: clients of serve, over sockets. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "guest.h"
#include "posix/clock.h"
#include "posix/say.h"
#include "posix/standard.h"

#define PIECE        65536
#define FEWEST_PAGES 64
#define UNHEARD      1000 /* messages under way */
#define QUIET        (300 * TERN_MS)

typedef struct {
    const bench_options *options;
    uint64_t asked, got;
    bool asking, joined;
    tern_time begun;
    uint8_t piece[PIECE];
} load;

static void round_of_nothing(bench_guest *g)
{
    g->done = true;
}

static size_t read_some(bench_guest *g, tern_buf out, bool *fin)
{
    size_t n = 0;
    if (tern_peer_stream_read(g->driver.node, 0, g->stream, out, &n, fin) != TERN_OK) return 0;
    return n;
}

/* One connection with one app, and what it counted. */
static int run(const bench_options *options, const bench_guest_app *app, uint64_t unit)
{
    static bench_guest g;
    static load l;
    l.options = options;
    if (!bench_guest_open(&g, app, &l) || !bench_guest_connect(&g, &options->remote, 0)) return 1;
    if (!bench_guest_run(&g, TERN_TIME_NEVER)) return 1;
    tern_time spent = tern_clock_now() - l.begun;
    bench_guest_leave(&g);
    bench_guest_close(&g);
    return bench_tell(l.got / unit, l.got / unit * options->size, bench_seconds(spent), bench_cpu_seconds());
}

/* ---- bulk */

static void round_of_bulk(bench_guest *g)
{
    load *l = g->context;
    bool fin = false;
    if (!l->asking) {
        l->asking = bench_guest_ask(g, BENCH_GET, l->options->bytes);
        (void)tern_peer_stream_finish(g->driver.node, 0, g->stream);
        l->begun = tern_clock_now();
    }
    for (size_t n; !fin && (n = read_some(g, (tern_buf){ l->piece, PIECE }, &fin)) > 0;) l->got += n;
    g->done = fin;
}

int bench_bulk(const bench_options *options)
{
    static const bench_guest_app app = { NULL, round_of_bulk };
    bench_options o = *options;
    o.size = 1;
    return run(&o, &app, 1);
}

/* ---- ping: one message there and back, then the next */

static void round_of_ping(bench_guest *g)
{
    load *l = g->context;
    size_t taken = 0;
    bool fin = false;
    if (!l->asking) {
        l->asking = bench_guest_ask(g, BENCH_ECHO, 0);
        l->begun = tern_clock_now();
    }
    for (size_t n; (n = read_some(g, (tern_buf){ l->piece, PIECE }, &fin)) > 0;) l->got += n;
    if (l->got < l->asked) return;
    if (l->got == l->options->count * l->options->size) {
        g->done = true;
        return;
    }
    (void)tern_peer_stream_write(g->driver.node, 0, g->stream, tern_bytes_of(l->piece, l->options->size), &taken);
    l->asked += taken;
}

int bench_ping(const bench_options *options)
{
    static const bench_guest_app app = { NULL, round_of_ping };
    return run(options, &app, options->size);
}

/* ---- flood: messages that wait for no other, one way, until the server has them all */

static void round_of_flood(bench_guest *g)
{
    static const tern_message_options usual = { 0 };
    load *l = g->context;
    tern_bytes body = tern_bytes_of(l->piece, l->options->size);
    uint8_t answer;
    bool fin = false;
    if (!l->asking) {
        l->asking = bench_guest_ask(g, BENCH_SINK, l->options->count);
        l->begun = tern_clock_now();
        return; /* the request goes first */
    }
    while (l->asked < l->options->count &&
           tern_peer_message_send(g->driver.node, g->driver.now, 0, &usual, &body, 1) == TERN_OK)
        l->asked++;
    g->done = read_some(g, (tern_buf){ &answer, 1 }, &fin) == 1;
    if (g->done) l->got = l->options->count;
}

int bench_flood(const bench_options *options)
{
    static const bench_guest_app app = { NULL, round_of_flood };
    return run(options, &app, 1);
}

/* ---- talk: messages to a room whose only member we are, and back */

static void hear(bench_guest *g, const tern_event *event)
{
    load *l = g->context;
    if (event->type == TERN_EVENT_JOINED) l->joined = true;
    if (event->type != TERN_EVENT_MESSAGE) return;
    (void)tern_client_read(g->driver.node, (tern_buf){ l->piece, PIECE });
    l->got++;
}

static void round_of_talk(bench_guest *g)
{
    load *l = g->context;
    if (!l->asking) l->asking = tern_client_join(g->driver.node, "bench", "ann") == TERN_OK;
    if (!l->joined) return;
    if (l->asked == 0) l->begun = tern_clock_now();
    while (l->asked < l->options->count && l->asked - l->got < UNHEARD &&
           tern_client_publish(g->driver.node, tern_bytes_of(l->piece, l->options->size)) == TERN_OK)
        l->asked++;
    g->done = l->got >= l->options->count;
}

int bench_talk(const bench_options *options)
{
    static const bench_guest_app app = { hear, round_of_talk };
    return run(options, &app, 1);
}

/* ---- connect: handshakes, one after the other */

int bench_connect(const bench_options *options)
{
    static const bench_guest_app app = { NULL, round_of_nothing };
    static bench_guest g;
    if (!bench_guest_open(&g, &app, NULL)) return 1;
    tern_time begun = tern_clock_now();
    for (uint64_t i = 0; i < options->count; i++) {
        if (!bench_guest_connect(&g, &options->remote, FEWEST_PAGES) || !bench_guest_run(&g, TERN_TIME_NEVER)) return 1;
        bench_guest_leave(&g);
    }
    tern_time spent = tern_clock_now() - begun;
    bench_guest_close(&g);
    return bench_tell(options->count, 0, bench_seconds(spent), bench_cpu_seconds());
}

/* ---- idle: connections that are there and say nothing */

/* Nothing is under way any more, or the deadline has come. */
static void round_until_quiet(bench_guest *g)
{
    tern_time *deadline = g->context;
    g->done = g->driver.now >= *deadline || tern_node_next_timeout(g->driver.node) > g->driver.now + QUIET;
    g->driver.wake = *deadline;
}

int bench_idle(const bench_options *options)
{
    static const bench_guest_app app = { NULL, round_until_quiet };
    static tern_time deadline;
    bench_guest *all = calloc(options->count, sizeof *all);
    tern_why why;
    if (all == NULL) return 1;
    for (uint64_t i = 0; i < options->count; i++) {
        deadline = tern_clock_now() + TERN_SECOND;
        if (!bench_guest_open(&all[i], &app, &deadline) ||
            !bench_guest_connect(&all[i], &options->remote, FEWEST_PAGES) || !bench_guest_run(&all[i], deadline))
            return 1;
    }
    for (uint64_t i = 0; i < options->count; i++) { /* what came late */
        deadline = tern_clock_now() + TERN_MS;
        if (!bench_guest_run(&all[i], deadline)) return 1;
    }
    (void)printf("ready\n");
    if (!tern_standard_flush(&why)) return 1;
    bench_wait_for_end();
    for (uint64_t i = 0; i < options->count; i++) {
        bench_guest_leave(&all[i]);
        bench_guest_close(&all[i]);
    }
    free(all);
    return 0;
}
