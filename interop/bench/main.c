/* SPDX-License-Identifier: MIT */
/* tern-bench: the arguments, and which measurement to take. */
#define _GNU_SOURCE
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "posix/numbers.h"
#include "posix/say.h"
#include "posix/standard.h"

static const struct {
    const char *name;
    bench_mode *run;
    bool addressed;
} modes[] = {
    { "ceiling", bench_ceiling, false },
    { "core-bulk", bench_core_bulk, false },
    { "core-messages", bench_core_messages, false },
    { "core-talk", bench_core_talk, false },
    { "core-handshakes", bench_core_handshakes, false },
    { "core-resumed", bench_core_resumed, false },
    { "core-memory", bench_core_memory, false },
    { "serve", bench_serve, true },
    { "bulk", bench_bulk, true },
    { "ping", bench_ping, true },
    { "flood", bench_flood, true },
    { "talk", bench_talk, true },
    { "connect", bench_connect, true },
    { "idle", bench_idle, true },
    { "tls-serve", bench_tls_serve, true },
    { "tls-bulk", bench_tls_bulk, true },
    { "tls-ping", bench_tls_ping, true },
    { "tls-flood", bench_tls_flood, true },
    { "tls-connect", bench_tls_connect, true },
    { "tls-idle", bench_tls_idle, true },
};

#define MODES (sizeof modes / sizeof modes[0])

typedef struct {
    size_t mode; /* MODES: not chosen yet */
    tern_hostport address;
    bool has_address;
    bench_options options;
} arguments;

enum { OPT_CERT = 256, OPT_KEY };

static const struct argp_option options[] = {
    { "bytes", 'b', "SIZE", 0, "move so much (default: 256M)", 0 },
    { "count", 'c', "N", 0, "so many messages, round trips, handshakes or connections (default: 1000)", 0 },
    { "size", 's', "N", 0, "bytes of a message (default: 32)", 0 },
    { "datagram", 'd', "N", 0, "without sockets: lose datagrams that are larger (default: 65507)", 0 },
    { "cert", OPT_CERT, "FILE", 0, "certificate of tls-serve", 0 },
    { "key", OPT_KEY, "FILE", 0, "private key of tls-serve, and of serve", 0 },
    { 0 },
};

static void choose(struct argp_state *state, arguments *a, const char *arg)
{
    tern_why why;
    if (a->mode == MODES) {
        for (a->mode = 0; a->mode < MODES && strcmp(arg, modes[a->mode].name) != 0; a->mode++) continue;
        if (a->mode == MODES) argp_error(state, "'%s' is no mode", arg);
    } else if (!modes[a->mode].addressed || a->has_address) {
        argp_error(state, "'%s' is too much", arg);
    } else {
        if (!tern_hostport_parse(arg, &a->address, &why)) argp_error(state, "%s", why.text);
        a->has_address = true;
    }
}

static void number(struct argp_state *state, const char *arg, uint64_t most, uint64_t *out)
{
    if (!tern_parse_number(arg, 1, most, out))
        argp_error(state, "'%s' is no number from 1 to %llu", arg, (unsigned long long)most);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    switch (key) {
    case 'b':
        if (!tern_parse_size(arg, &a->options.bytes))
            argp_error(state, "--bytes takes a size such as 64M, not '%s'", arg);
        break;
    case 'c': number(state, arg, UINT32_MAX, &a->options.count); break;
    case 's': number(state, arg, 65536, &a->options.size); break;
    case 'd': number(state, arg, 65507, &a->options.datagram); break;
    case OPT_CERT: a->options.cert = arg; break;
    case OPT_KEY: a->options.key = arg; break;
    case ARGP_KEY_ARG: choose(state, a, arg); break;
    case ARGP_KEY_END:
        if (a->mode == MODES) argp_error(state, "which mode?");
        if (modes[a->mode].addressed && !a->has_address) argp_error(state, "HOST:PORT is missing");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "MODE [HOST:PORT]",
        "Takes one measurement and prints it as a line of JSON; ./dev bench runs it.\v"
        "Without sockets, both ends in one thread: ceiling, core-bulk, core-messages, core-talk, core-handshakes, "
        "core-resumed, "
        "core-memory.\n"
        "Over sockets: serve, and towards it bulk, ping, flood, talk, connect, idle; most with tls- before the name is "
        "TLS 1.3 over TCP by OpenSSL. A server ends when its standard input does.",
        NULL,
        NULL,
        NULL,
    };
    arguments a = { .mode = MODES, .options = { .bytes = 256u << 20, .count = 1000, .size = 32, .datagram = 65507 } };
    tern_why why;
    size_t n = 0;
    tern_standard_open();
    argp_program_version = "tern-bench " TERN_VERSION_STRING;
    argp_err_exit_status = 2;
    argv[0] = program_invocation_short_name;
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0) return 2;
    (void)signal(SIGPIPE, SIG_IGN);
    if (a.has_address && !tern_hostport_resolve(&a.address, &a.options.remote, 1, &n, &why)) {
        tern_say("%s", why.text);
        return 1;
    }
    return modes[a.mode].run(&a.options);
}
