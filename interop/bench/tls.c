/* SPDX-License-Identifier: MIT */
/* tern-bench tls-...: the same measurements of TLS 1.3 over TCP by OpenSSL. One connection at a time, blocking, with
 * the settings that suit it: AES-256-GCM, X25519, large reads, no delay of small records. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "posix/clock.h"
#include "posix/say.h"
#include "posix/standard.h"

#define PIECE (1 << 18)

static uint8_t piece[PIECE];

static SSL_CTX *context(bool server)
{
    SSL_CTX *c = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (c == NULL || SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(c, "TLS_AES_256_GCM_SHA384") != 1 || SSL_CTX_set1_groups_list(c, "X25519") != 1) {
        tern_say("OpenSSL cannot do TLS 1.3 with AES-256-GCM and X25519");
        exit(1);
    }
    (void)SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    (void)SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    (void)SSL_CTX_set_num_tickets(c, 0);
    (void)SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_read_buffer_len(c, 65536);
    SSL_CTX_set_read_ahead(c, 1);
    return c;
}

static SSL *attach(SSL_CTX *c, int fd)
{
    int on = 1;
    SSL *s = SSL_new(c);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (s != NULL && SSL_set_fd(s, fd) == 1) return s;
    tern_say("out of memory");
    exit(1);
}

static void detach(SSL *s)
{
    int fd = SSL_get_fd(s);
    (void)SSL_shutdown(s);
    SSL_free(s);
    (void)close(fd);
}

static bool read_all(SSL *s, uint8_t *out, size_t n)
{
    for (size_t at = 0; at < n;) {
        int got = SSL_read(s, out + at, (int)(n - at));
        if (got <= 0) return false;
        at += (size_t)got;
    }
    return true;
}

/* ---- the server */

static bool give(SSL *s, uint64_t left)
{
    while (left > 0) {
        int n = SSL_write(s, piece, left < PIECE ? (int)left : PIECE);
        if (n <= 0) return false;
        left -= (uint64_t)n;
    }
    return true;
}

static void echo(SSL *s, size_t size)
{
    while (read_all(s, piece, size) && SSL_write(s, piece, (int)size) > 0) continue;
}

static void swallow(SSL *s, uint64_t left)
{
    while (left > 0) {
        int n = SSL_read(s, piece, PIECE);
        if (n <= 0) return;
        left -= (uint64_t)n < left ? (uint64_t)n : left;
    }
    (void)SSL_write(s, piece, 1);
}

/* Connections that are idle, as long as the process lives. */
static SSL **held;
static size_t held_n;

static void hold(SSL *s)
{
    SSL **more = realloc(held, (held_n + 1) * sizeof(SSL *));
    if (more == NULL) {
        tern_say("out of memory");
        exit(1);
    }
    held = more;
    held[held_n++] = s;
}

static void let_go(void)
{
    for (size_t i = 0; i < held_n; i++) detach(held[i]);
    free(held);
}

static void serve(SSL_CTX *c, int fd)
{
    uint8_t request[BENCH_REQUEST_SIZE];
    SSL *s = attach(c, fd);
    if (SSL_accept(s) == 1 && read_all(s, request, sizeof request)) {
        uint64_t n = bench_request_number(request);
        if (request[0] == BENCH_HOLD) {
            hold(s);
            return;
        }
        if (request[0] == BENCH_GET) (void)give(s, n);
        if (request[0] == BENCH_ECHO && n > 0 && n <= PIECE) echo(s, (size_t)n);
        if (request[0] == BENCH_SINK) swallow(s, n);
    }
    detach(s);
}

static int listen_at(const tern_addr *addr)
{
    struct sockaddr_storage sa;
    socklen_t n = tern_addr_to_sockaddr(addr, &sa);
    tern_why why;
    int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&sa, n) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&sa, &n) != 0) {
        tern_say("cannot listen: %s", strerror(errno));
        exit(1);
    }
    tern_addr own = tern_addr_from_sockaddr(&sa);
    (void)printf("listening %s\n", tern_addr_format(&own).text);
    (void)tern_standard_flush(&why);
    return fd;
}

int bench_tls_serve(const bench_options *options)
{
    SSL_CTX *c = context(true);
    if (options->cert == NULL || options->key == NULL || SSL_CTX_use_certificate_chain_file(c, options->cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(c, options->key, SSL_FILETYPE_PEM) != 1) {
        tern_say("tls-serve needs --cert and --key");
        return 1;
    }
    struct pollfd wait[2] = { { .fd = listen_at(&options->remote), .events = POLLIN },
                              { .fd = STDIN_FILENO, .events = POLLIN } };
    while (poll(wait, 2, -1) > 0 && wait[1].revents == 0) {
        int fd = accept(wait[0].fd, NULL, NULL);
        if (fd >= 0) serve(c, fd);
    }
    let_go();
    SSL_CTX_free(c);
    return 0;
}

/* ---- the clients */

static SSL *connect_to(SSL_CTX *c, const tern_addr *remote)
{
    struct sockaddr_storage sa;
    socklen_t n = tern_addr_to_sockaddr(remote, &sa);
    int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&sa, n) != 0) {
        tern_say("cannot connect: %s", strerror(errno));
        exit(1);
    }
    SSL *s = attach(c, fd);
    if (SSL_connect(s) == 1) return s;
    tern_say("the handshake failed");
    exit(1);
}

static void ask(SSL *s, char what, uint64_t n)
{
    uint8_t request[BENCH_REQUEST_SIZE];
    bench_request_emit(request, what, n);
    if (SSL_write(s, request, sizeof request) == (int)sizeof request) return;
    tern_say("the server took no request");
    exit(1);
}

/* The connection's end, and its context's. */
static int end(SSL *s, bool good, tern_time begun, uint64_t count, uint64_t bytes)
{
    double spent = bench_seconds(tern_clock_now() - begun);
    SSL_CTX *c = SSL_get_SSL_CTX(s);
    detach(s);
    SSL_CTX_free(c);
    if (good) return bench_tell(count, bytes, spent, bench_cpu_seconds());
    tern_say("the connection ended too early");
    return 1;
}

int bench_tls_bulk(const bench_options *options)
{
    SSL *s = connect_to(context(false), &options->remote);
    tern_time begun = tern_clock_now();
    uint64_t got = 0;
    ask(s, BENCH_GET, options->bytes);
    for (int n; got < options->bytes && (n = SSL_read(s, piece, PIECE)) > 0;) got += (uint64_t)n;
    return end(s, got == options->bytes, begun, 1, got);
}

int bench_tls_ping(const bench_options *options)
{
    SSL *s = connect_to(context(false), &options->remote);
    bool good = true;
    ask(s, BENCH_ECHO, options->size);
    tern_time begun = tern_clock_now();
    for (uint64_t i = 0; i < options->count && good; i++)
        good = SSL_write(s, piece, (int)options->size) == (int)options->size && read_all(s, piece, options->size);
    return end(s, good, begun, options->count, options->count * options->size);
}

/* Each message is a record of its own, as a message must be that is to arrive at once. */
int bench_tls_flood(const bench_options *options)
{
    SSL *s = connect_to(context(false), &options->remote);
    bool good = true;
    ask(s, BENCH_SINK, options->count * options->size);
    tern_time begun = tern_clock_now();
    for (uint64_t i = 0; i < options->count && good; i++)
        good = SSL_write(s, piece, (int)options->size) == (int)options->size;
    return end(s, good && read_all(s, piece, 1), begun, options->count, options->count * options->size);
}

int bench_tls_connect(const bench_options *options)
{
    SSL_CTX *c = context(false);
    tern_time begun = tern_clock_now();
    for (uint64_t i = 0; i < options->count; i++) detach(connect_to(c, &options->remote));
    SSL_CTX_free(c);
    return bench_tell(options->count, 0, bench_seconds(tern_clock_now() - begun), bench_cpu_seconds());
}

int bench_tls_idle(const bench_options *options)
{
    SSL_CTX *c = context(false);
    tern_why why;
    for (uint64_t i = 0; i < options->count; i++) {
        hold(connect_to(c, &options->remote));
        ask(held[i], BENCH_HOLD, 0);
    }
    (void)printf("ready\n");
    bool told = tern_standard_flush(&why);
    if (told) bench_wait_for_end();
    let_go();
    SSL_CTX_free(c);
    return told ? 0 : 1;
}
