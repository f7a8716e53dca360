/* SPDX-License-Identifier: MIT */
/* tern-bench serve: a relay whose streams serve bytes, echo messages, or swallow them (see bench.h). No files, no
 * hashes: what is measured is the protocol and the sockets. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "posix/clock.h"
#include "posix/driver.h"
#include "posix/entropy.h"
#include "posix/say.h"
#include "posix/standard.h"

#define JOBS        64
#define CONNECTIONS 4096
#define PIECE       65536

typedef struct {
    bool used, writable, input_ended;
    tern_peer peer;
    uint32_t id;
    uint8_t request[BENCH_REQUEST_SIZE];
    size_t request_n;
    uint64_t left;          /* to give, or to take */
    size_t held_at, held_n; /* echoes that the stream did not take yet */
    uint8_t held[PIECE];
} job;

typedef struct {
    tern_driver driver;
    tern_watch input;
    void *memory;
    uint8_t key_pem[512];
    size_t key_pem_n;
    job jobs[JOBS];
    uint8_t piece[PIECE];
} server;

/* ---- a stream */

static size_t read_some(server *s, job *j, tern_buf out)
{
    size_t n = 0;
    if (j->input_ended) return 0;
    if (tern_peer_stream_read(s->driver.node, j->peer, j->id, out, &n, &j->input_ended) != TERN_OK) return 0;
    return n;
}

static size_t write_some(server *s, job *j, const uint8_t *bytes, size_t n)
{
    size_t taken = 0;
    if (tern_peer_stream_write(s->driver.node, j->peer, j->id, tern_bytes_of(bytes, n), &taken) != TERN_OK) taken = 0;
    j->writable = taken == n;
    return taken;
}

static void finish(server *s, job *j)
{
    (void)tern_peer_stream_finish(s->driver.node, j->peer, j->id);
    j->used = false;
}

static void give(server *s, job *j)
{
    while (j->writable && j->left > 0) j->left -= write_some(s, j, s->piece, j->left < PIECE ? (size_t)j->left : PIECE);
    if (j->left == 0) finish(s, j);
}

static void echo(server *s, job *j)
{
    while (j->writable) {
        if (j->held_at == j->held_n) {
            j->held_at = 0;
            j->held_n = read_some(s, j, (tern_buf){ j->held, PIECE });
        }
        if (j->held_n == 0) break;
        j->held_at += write_some(s, j, j->held + j->held_at, j->held_n - j->held_at);
    }
    if (j->held_at == j->held_n && j->input_ended) finish(s, j);
}

/* A message came, or the request did. */
static void swallow(server *s, job *j)
{
    if (j->left > 0) return;
    (void)write_some(s, j, s->piece, 1);
    finish(s, j);
}

static void go_on(server *s, job *j)
{
    if (j->request_n < BENCH_REQUEST_SIZE) {
        j->request_n += read_some(s, j, (tern_buf){ j->request + j->request_n, BENCH_REQUEST_SIZE - j->request_n });
        if (j->request_n < BENCH_REQUEST_SIZE) return;
        j->left = bench_request_number(j->request);
    }
    if (j->request[0] == BENCH_GET) give(s, j);
    if (j->request[0] == BENCH_ECHO) echo(s, j);
    if (j->request[0] == BENCH_SINK) swallow(s, j);
}

static job *job_of(server *s, const tern_event *event)
{
    job *spare = NULL;
    for (size_t i = 0; i < JOBS; i++) {
        job *j = &s->jobs[i];
        if (j->used && j->peer == event->peer && j->id == event->u.stream.id) return j;
        if (!j->used) spare = j;
    }
    if (event->type != TERN_EVENT_STREAM_OPENED || spare == NULL) return NULL;
    memset(spare, 0, offsetof(job, held));
    spare->used = spare->writable = true;
    spare->peer = event->peer;
    spare->id = event->u.stream.id;
    return spare;
}

static void on_message(server *s, tern_peer peer)
{
    (void)tern_peer_message_read(s->driver.node, (tern_buf){ s->piece, PIECE });
    for (size_t i = 0; i < JOBS; i++) {
        job *j = &s->jobs[i];
        if (!j->used || j->peer != peer || j->request_n < BENCH_REQUEST_SIZE || j->request[0] != BENCH_SINK) continue;
        j->left--;
        swallow(s, j);
        return;
    }
}

static void on_event(void *context, const tern_event *event)
{
    server *s = context;
    if (event->type == TERN_EVENT_PEER_MESSAGE) on_message(s, event->peer);
    if (event->type == TERN_EVENT_CLOSED) {
        for (size_t i = 0; i < JOBS; i++)
            if (s->jobs[i].peer == event->peer) s->jobs[i].used = false;
    }
    if (event->type < TERN_EVENT_STREAM_OPENED || event->type > TERN_EVENT_STREAM_STOPPED) return;
    job *j = job_of(s, event);
    if (j == NULL) return;
    if (event->type == TERN_EVENT_STREAM_WRITABLE) j->writable = true;
    go_on(s, j);
}

static void on_round(void *context)
{
    (void)context;
}

static void on_input(void *context, uint32_t events)
{
    server *s = context;
    char ignored[64];
    (void)events;
    if (read(STDIN_FILENO, ignored, sizeof ignored) <= 0) s->driver.done = true;
}

/* ---- beginning */

static bool make_relay(server *s, tern_why *why)
{
    tern_relay_config config;
    uint8_t seed[TERN_SEED_SIZE];
    const char *reason = "unknown";
    tern_relay_config_default(&config);
    tern_entropy(seed);
    tern_entropy(config.seed);
    if (tern_key_new(seed, (tern_buf){ s->key_pem, sizeof s->key_pem }, &s->key_pem_n) != TERN_OK)
        return tern_because(why, "cannot make a key");
    config.key_pem = tern_bytes_of(s->key_pem, s->key_pem_n);
    config.unix_seconds_at_0 = tern_clock_unix_seconds_at_0();
    config.max_connections = CONNECTIONS;
    config.max_per_address = CONNECTIONS;
    config.transport.idle_timeout_ms = 120000;
    config.transport.unordered_window = BENCH_MESSAGES;
    s->memory = bench_alloc(tern_relay_footprint(&config));
    if (tern_relay_init(s->memory, &config, tern_clock_now(), &s->driver.node, &reason) == TERN_OK) return true;
    return tern_because(why, "cannot make a relay: %s", reason);
}

static bool start(server *s, const bench_options *options, tern_why *why)
{
    tern_socket socket;
    if (!make_relay(s, why) || !tern_socket_listen(&socket, &options->remote, why) ||
        !tern_driver_add(&s->driver, &socket, why))
        return false;
    s->input = (tern_watch){ .fd = STDIN_FILENO, .fn = on_input, .context = s };
    if (!tern_loop_watch(&s->driver.loop, &s->input, EPOLLIN, why)) return false;
    (void)printf("listening %s\n", tern_addr_format(&s->driver.sockets[0].socket.local).text);
    return tern_standard_flush(why);
}

int bench_serve(const bench_options *options)
{
    static const tern_driver_app app = { on_event, on_round, NULL };
    static server s;
    tern_why why;
    bool ready = tern_driver_open(&s.driver, &app, &s, &why) && start(&s, options, &why);
    if (ready)
        tern_driver_run(&s.driver);
    else
        tern_say("%s", why.text);
    tern_driver_close(&s.driver);
    free(s.memory);
    return ready ? 0 : 1;
}
