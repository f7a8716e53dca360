/* SPDX-License-Identifier: MIT */
/* Dialects beside Tern (see dialects.h). */
#define _GNU_SOURCE
#include "dialects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/address.h"
#include "posix/clock.h"
#include "posix/entropy.h"
#include "posix/key_file.h"
#include "posix/say.h"
#include "posix/text.h"
#include "report.h"

#define WORK_OF_ALL 600 /* ms of private-key work a second, of all dialects */

static bool is_tcp(const tern_relay_dialect *d)
{
    return d->facts->carrier == TERN_CARRIER_TCP;
}

/* ---- what happens */

static void on_event(void *context, const tern_event *event)
{
    (void)context, (void)event; /* the bridge polls instead: see on_round */
}

static void on_round(void *context)
{
    tern_relay_dialect *d = context;
    tern_event event;
    while (tern_bridge_poll(d->bridge, d->relay, d->server, *d->now, &event))
        if (d->verbose) tern_report_guest(d->facts->name, &event);
}

tern_time tern_relay_dialects_step(tern_relay_dialects *d)
{
    tern_time next = TERN_TIME_NEVER;
    for (size_t i = 0; i < d->n; i++) {
        tern_relay_dialect *one = &d->each[i];
        if (is_tcp(one))
            tern_tcp_step(&one->tcp);
        else
            tern_driver_step(&one->driver);
        tern_time wanted = is_tcp(one) ? tern_tcp_next(&one->tcp) : tern_driver_next(&one->driver);
        if (wanted < next) next = wanted;
        wanted = tern_kept_tick(&one->kept, *one->now);
        if (wanted < next) next = wanted;
    }
    return next;
}

/* ---- beginning */

uint32_t tern_relay_dialects_clients(const tern_relay_options *options)
{
    uint32_t n = 0;
    for (size_t i = 0; i < options->dialects_n; i++) {
        tern_dialect_config config;
        tern_dialect_config_default(&config, options->dialects[i].facts->dialect);
        n += config.max_clients;
    }
    return n;
}

static bool path_of(const tern_relay_options *options, const tern_dialect_facts *facts, const char *what, char *out,
                    size_t cap, tern_why *why)
{
    char folder[TERN_FOLDER_SIZE];
    if (options->dialect_keys == NULL && !tern_data_folder(folder, sizeof folder, "--dialect-keys DIR", why))
        return false;
    int n = snprintf(out, cap, "%s/%s-%s", options->dialect_keys != NULL ? options->dialect_keys : folder, facts->name,
                     what);
    return (n > 0 && (size_t)n < cap) || tern_because(why, "the path of the files for %s is too long", facts->name);
}

static bool load_key(const tern_relay_options *options, const tern_dialect_facts *facts, tern_buf *pem, tern_why *why)
{
    char path[TERN_FOLDER_SIZE + 64];
    return path_of(options, facts, "key.pem", path, sizeof path, why) &&
           tern_key_file_rsa(path, facts->name, facts->key_bits, pem, why);
}

/* The certificate that tls-chat shows: made once, signed by its own key, for its clients look at none. Another one can
 * be put in its place. */
static bool load_cert(const tern_relay_options *options, const tern_dialect_facts *facts, const tern_buf *key,
                      tern_buf *pem, tern_why *why)
{
    char key_path[TERN_FOLDER_SIZE + 64], path[TERN_FOLDER_SIZE + 64];
    if (!path_of(options, facts, "key.pem", key_path, sizeof key_path, why) ||
        !path_of(options, facts, "cert.pem", path, sizeof path, why))
        return false;
    if (access(path, F_OK) != 0 && !tern_cert_file_make(path, key, "tls-chat", why)) return false;
    return tern_cert_file_read(path, key_path, key, pem, why);
}

/* All dialects together leave Tern some of the core. */
/*= DIA-010 */
static uint32_t share_of_work(const tern_relay_options *options, uint32_t most)
{
    uint32_t share = WORK_OF_ALL / (uint32_t)options->dialects_n;
    return share < most ? share : most;
}

static bool make_server(tern_relay_dialect *d, const tern_relay_options *options, tern_why *why)
{
    tern_dialect_config config;
    tern_buf pem = { NULL, 0 }, cert = { NULL, 0 };
    const char *reason = NULL;
    tern_dialect_config_default(&config, d->facts->dialect);
    config.nack = options->dialect_nack;
    config.rsa_ms_per_second = share_of_work(options, config.rsa_ms_per_second);
    if (!load_key(options, d->facts, &pem, why)) return false;
    if (is_tcp(d) && !load_cert(options, d->facts, &pem, &cert, why)) return false;
    tern_entropy(config.seed);
    config.key_pem = tern_bytes_of(pem.p, pem.n);
    (void)tern_key_pem_fingerprint(config.key_pem, d->fingerprint);
    config.cert_pem = tern_bytes_of(cert.p, cert.n);
    config.unix_seconds_at_0 = tern_clock_unix_seconds_at_0();
    tern_bridge_config bridge = { .room = options->dialect_room, .max_clients = config.max_clients };
    size_t server = (tern_dialect_server_footprint(&config) + 63) / 64 * 64;
    d->memory = calloc(1, server + tern_bridge_footprint(&bridge));
    bool done = d->memory != NULL || tern_because(why, "out of memory");
    if (done && tern_dialect_server_init(d->memory, &config, tern_clock_now(), &d->server, &reason) != TERN_OK)
        done = tern_because(why, "cannot serve %s: %s", d->facts->name, reason);
    if (done) d->bridge = tern_bridge_init((uint8_t *)d->memory + server, &bridge);
    explicit_bzero(config.seed, sizeof config.seed);
    tern_key_file_forget(&pem);
    free(cert.p);
    return done;
}

static bool listen_at(tern_relay_dialect *d, const tern_dialect_place *place, tern_why *why)
{
    tern_addr via = { .family = 0 };
    tern_socket s;
    size_t n = 0;
    if (!tern_hostport_resolve(&place->where, &d->listens, 1, &n, why)) return false;
    if (place->has_via && !tern_hostport_resolve(&place->via, &via, 1, &n, why)) return false;
    if (is_tcp(d)) {
        bool open = tern_tcp_listen(&d->tcp, &d->listens, why);
        d->listens = d->tcp.local;
        return open;
    }
    /*= TLV-010 */
    bool group = d->facts->carrier == TERN_CARRIER_MULTICAST;
    bool open = group ? tern_socket_join(&s, &d->listens, &via, why) : tern_socket_listen(&s, &d->listens, why);
    if (!open) return false;
    if (!group) d->listens = s.local;
    tern_socket_allow_fragments(&s);
    return tern_driver_add(&d->driver, &s, why);
}

static bool drive(tern_relay_dialect *d, tern_driver *beside, tern_why *why)
{
    static const tern_driver_app app = { on_event, on_round, NULL };
    if (is_tcp(d)) {
        tern_tcp_open(&d->tcp, beside->waits, on_round, d);
        d->now = &d->tcp.now;
        return true;
    }
    d->now = &d->driver.now;
    bool open = tern_driver_open_beside(&d->driver, beside, &app, d, why);
    d->driver.hold_events = true; /* the bridge polls */
    d->driver.turn.ns = TERN_MS;
    return open;
}

static bool remember(tern_relay_dialect *d, const tern_relay_options *options, tern_why *why)
{
    char path[TERN_KEPT_PATH];
    if (!path_of(options, d->facts, "clients", path, sizeof path, why)) return false;
    tern_kept_open(&d->kept, path, d->server, &d->listens, *d->now);
    return true;
}

bool tern_relay_dialects_open(tern_relay_dialects *all, const tern_relay_options *options, tern_driver *beside,
                              tern_why *why)
{
    for (size_t i = 0; i < options->dialects_n; i++) {
        tern_relay_dialect *d = &all->each[all->n++];
        d->facts = options->dialects[i].facts;
        d->relay = beside->node;
        d->verbose = options->verbose;
        if (!drive(d, beside, why) || !make_server(d, options, why)) return false;
        d->driver.node = d->tcp.node = d->server;
        if (!listen_at(d, &options->dialects[i], why) || !remember(d, options, why)) return false;
    }
    return true;
}

void tern_relay_dialects_announce(const tern_relay_dialects *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const tern_relay_dialect *d = &all->each[i];
        (void)printf("listening %s %s\n", d->facts->name, tern_addr_format(&d->listens).text);
        if (!is_tcp(d)) tern_log("%s: its key is %s", d->facts->name, tern_fingerprint_format(d->fingerprint).text);
        for (const char *const *warning = d->facts->warnings; *warning != NULL; warning++)
            tern_log("warning: %s: %s", d->facts->name, *warning);
    }
}

void tern_relay_dialects_report(const tern_relay_dialects *all)
{
    for (size_t i = 0; i < all->n; i++) tern_report_dialect(all->each[i].facts->name, all->each[i].server);
}

void tern_relay_dialects_close(tern_relay_dialects *all)
{
    for (size_t i = 0; i < all->n; i++) {
        tern_kept_close(&all->each[i].kept);
        if (is_tcp(&all->each[i]))
            tern_tcp_close(&all->each[i].tcp);
        else
            tern_driver_close(&all->each[i].driver);
        free(all->each[i].memory);
    }
}
