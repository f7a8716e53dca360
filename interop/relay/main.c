/* SPDX-License-Identifier: MIT */
/* tern-relay: one relay node, its sockets, and the files it keeps. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admission.h"
#include "dialects.h"
#include "identity.h"
#include "posix/clock.h"
#include "posix/driver.h"
#include "posix/entropy.h"
#include "posix/key_log.h"
#include "posix/say.h"
#include "posix/standard.h"
#include "posix/text.h"
#include "report.h"
#include "stapled.h"
#include "ticket_secret.h"
#include "transfers.h"

#define PATIENCE (2 * TERN_SECOND) /* for peers to take their goodbye */

typedef struct {
    tern_relay_options options;
    tern_driver driver;
    tern_transfers *transfers;
    tern_admission admission;
    tern_stapled stapled;
    tern_relay_dialects dialects;
    void *memory;
    tern_key_log key_log;
    bool leaving;
    tern_time leave_by;
} relay_program;

/* ---- what happens */

static void on_event(void *context, const tern_event *event)
{
    relay_program *p = context;
    if (event->type == TERN_EVENT_SECRET) tern_key_log_write(&p->key_log, event);
    tern_transfers_event(p->transfers, p->driver.now, event);
    if (p->options.verbose) tern_report_event(event);
}

static void on_round(void *context)
{
    relay_program *p = context;
    p->driver.wake = tern_transfers_tick(p->transfers, p->driver.now);
    tern_time look_at = tern_stapled_tick(&p->stapled, p->driver.now);
    if (look_at < p->driver.wake) p->driver.wake = look_at;
    tern_time step_at = tern_relay_dialects_step(&p->dialects);
    if (step_at < p->driver.wake) p->driver.wake = step_at;
    if (!p->leaving) return;
    if (tern_relay_connections(p->driver.node) == 0 || p->driver.now >= p->leave_by) p->driver.done = true;
    if (p->leave_by < p->driver.wake) p->driver.wake = p->leave_by;
}

static void report(const relay_program *p)
{
    const tern_driver *d = &p->driver;
    tern_report_stats(d->node, &p->transfers->counts);
    for (size_t i = 0; i < d->sockets_n; i++) tern_report_socket(&d->sockets[i].socket);
    tern_relay_dialects_report(&p->dialects);
    (void)fflush(stderr);
}

static void on_signal(void *context, int signal)
{
    relay_program *p = context;
    if (signal == SIGUSR1) {
        report(p);
        return;
    }
    if (signal == SIGHUP) {
        tern_admission_reload(&p->admission, p->driver.node, tern_clock_now());
        tern_stapled_reload(&p->stapled, tern_clock_now());
        tern_ticket_secret_reload(p->options.ticket_secret, p->driver.node, tern_clock_now());
        return;
    }
    if (p->leaving) p->driver.done = true; /* asked twice */
    if (!p->leaving) tern_log("closing");
    p->leaving = true;
    p->leave_by = tern_clock_now() + PATIENCE;
    tern_relay_shutdown(p->driver.node, tern_clock_now());
}

/* ---- beginning */

static bool listen_at(relay_program *p, const tern_addr *addr, tern_why *why)
{
    tern_socket s;
    if (!tern_socket_listen(&s, addr, why)) return false;
    tern_socket_words shortage = tern_socket_shortage(&s);
    if (shortage.text[0] != '\0') tern_log("socket %s: %s", tern_addr_format(&s.local).text, shortage.text);
    if (p->options.verbose) tern_log("socket %s: %s", tern_addr_format(&s.local).text, tern_socket_describe(&s).text);
    return tern_driver_add(&p->driver, &s, why);
}

/* All addresses at the default port; a machine without IPv6, or without IPv4, is not at fault. */
static bool listen_by_default(relay_program *p, tern_why *why)
{
    static const uint8_t families[] = { 4, 6 };
    for (size_t i = 0; i < sizeof families; i++) {
        tern_addr any = { .family = families[i], .port = TERN_DEFAULT_PORT };
        if (listen_at(p, &any, why)) continue;
        if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL) return false;
    }
    return p->driver.sockets_n > 0;
}

static bool listen_everywhere(relay_program *p, tern_why *why)
{
    if (p->options.listen_n == 0) return listen_by_default(p, why);
    for (size_t i = 0; i < p->options.listen_n; i++) {
        tern_addr addrs[TERN_DRIVER_SOCKETS];
        size_t n = 0;
        if (!tern_hostport_resolve(&p->options.listen[i], addrs, TERN_DRIVER_SOCKETS, &n, why)) return false;
        for (size_t j = 0; j < n; j++)
            if (!listen_at(p, &addrs[j], why)) return false;
    }
    return true;
}

static bool make_node(relay_program *p, const tern_relay_identity *id, tern_why *why)
{
    tern_relay_config config;
    const char *reason = "unknown";
    tern_relay_config_default(&config);
    tern_entropy(config.seed);
    config.key_pem = tern_bytes_of(id->key_pem.p, id->key_pem.n);
    config.cert_pem = tern_bytes_of(id->cert_pem.p, id->cert_pem.n);
    config.unix_seconds_at_0 = tern_clock_unix_seconds_at_0();
    config.plaintext = p->options.plaintext;
    config.key_log = tern_key_log_is_on(&p->key_log);
    config.always_retry = p->options.retry;
    config.retry_above = p->options.retry_above;
    if (p->options.ticket_secret != NULL &&
        !tern_ticket_secret_load(p->options.ticket_secret, config.ticket_secret, why))
        return false;
    tern_admission_configure(&p->admission, &config);
    if (p->options.congestion != TERN_CONGESTION_COUNT) config.transport.congestion = p->options.congestion;
    if (p->options.idle_timeout_ms != 0) config.transport.idle_timeout_ms = p->options.idle_timeout_ms;
    if (p->options.max_connections != 0) config.max_connections = p->options.max_connections;
    config.max_per_address = p->options.max_per_address;
    if (p->options.rooms_n > 0) {
        config.rooms = p->options.rooms;
        config.rooms_n = p->options.rooms_n;
        config.tern_only = p->options.tern_only;
        if (config.max_rooms < p->options.rooms_n) config.max_rooms = (uint32_t)p->options.rooms_n;
    }
    config.max_guests = tern_relay_dialects_clients(&p->options);
    size_t bytes = tern_relay_footprint(&config);
    p->memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (p->memory == NULL) return tern_because(why, "cannot get %s of memory", tern_words_size(bytes).text);
    int error = tern_relay_init(p->memory, &config, tern_clock_now(), &p->driver.node, &reason);
    explicit_bzero(config.seed, sizeof config.seed);
    if (error == TERN_OK) return true;
    return tern_because(why, "cannot use %s: %s", p->options.cert != NULL ? p->options.cert : id->key_path, reason);
}

static bool start(relay_program *p, tern_relay_identity *id, tern_why *why)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGUSR1, SIGHUP, 0 };
    if (!tern_key_log_open(&p->key_log, p->options.key_log, why)) return false;
    if (!tern_relay_identity_load(&p->options, id, why)) return false;
    if (!tern_admission_open(&p->admission, p->options.client_keys, p->options.client_ca, why)) return false;
    if (!make_node(p, id, why)) return false;
    tern_bytes cert = tern_bytes_of(id->cert_pem.p, id->cert_pem.n);
    if (!tern_stapled_open(&p->stapled, p->options.ocsp, p->driver.node, cert, tern_clock_now(), why)) return false;
    if (!tern_loop_signals(&p->driver.loop, signals, on_signal, p, why)) return false;
    if (!tern_transfers_open(p->transfers, &p->driver.loop, p->options.files, p->options.max_file, why)) return false;
    if (!listen_everywhere(p, why)) return false;
    if (!tern_relay_dialects_open(&p->dialects, &p->options, &p->driver, why)) return false;
    if (id->made) tern_log("made a new key in %s", id->key_path);
    (void)fprintf(stderr, "identity %s\n", tern_fingerprint_format(id->fingerprint).text);
    for (size_t i = 0; i < p->driver.sockets_n; i++)
        (void)printf("listening tern %s\n", tern_addr_format(&p->driver.sockets[i].socket.local).text);
    tern_relay_dialects_announce(&p->dialects);
    return tern_standard_flush(why);
}

int main(int argc, char **argv)
{
    static const tern_driver_app app = { on_event, on_round, NULL };
    static relay_program p;
    tern_relay_identity id = { 0 };
    tern_why why;
    tern_standard_open();
    tern_relay_options_parse(argc, argv, &p.options);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a write beyond ulimit -f fails with EFBIG instead */
    p.transfers = tern_transfers_new();
    bool ready = tern_driver_open(&p.driver, &app, &p, &why) &&
                 (p.transfers != NULL || tern_because(&why, "out of memory")) && start(&p, &id, &why);
    tern_relay_identity_forget(&id);
    if (ready) {
        p.transfers->node = p.driver.node;
        p.transfers->verbose = p.options.verbose;
        tern_driver_run(&p.driver);
        if (p.options.stats) report(&p);
    } else {
        tern_say("%s", why.text);
    }
    tern_transfers_free(p.transfers);
    tern_relay_dialects_close(&p.dialects);
    tern_driver_close(&p.driver);
    tern_key_log_close(&p.key_log);
    tern_admission_close(&p.admission);
    free(p.memory);
    return ready ? 0 : 1;
}
