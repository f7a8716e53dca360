/* SPDX-License-Identifier: MIT */
/* Dialects beside Tern (see dialects.h). */
#define _GNU_SOURCE
#include "dialects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "posix/address.h"
#include "posix/clock.h"
#include "posix/entropy.h"
#include "posix/key_file.h"
#include "posix/say.h"
#include "posix/text.h"
#include "report.h"

/* ---- what happens */

static void on_event(void *context, const tern_event *event)
{
    (void)context, (void)event; /* the bridge polls instead: see on_round */
}

static void on_round(void *context)
{
    tern_relay_dialect *d = context;
    tern_event event;
    while (tern_bridge_poll(d->bridge, d->relay, d->driver.node, d->driver.now, &event))
        if (d->verbose) tern_report_guest(d->facts->name, &event);
}

tern_time tern_relay_dialects_step(tern_relay_dialects *d)
{
    tern_time next = TERN_TIME_NEVER;
    for (size_t i = 0; i < d->n; i++) {
        tern_driver_step(&d->each[i].driver);
        tern_time wanted = tern_driver_next(&d->each[i].driver);
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

static bool key_path_of(const tern_relay_options *options, const tern_dialect_facts *facts, char *out, size_t cap,
                        tern_why *why)
{
    char folder[TERN_FOLDER_SIZE];
    if (options->dialect_keys == NULL && !tern_data_folder(folder, sizeof folder, "--dialect-keys DIR", why))
        return false;
    int n = snprintf(out, cap, "%s/%s-key.pem", options->dialect_keys != NULL ? options->dialect_keys : folder,
                     facts->name);
    return (n > 0 && (size_t)n < cap) || tern_because(why, "the path of the key for %s is too long", facts->name);
}

/* Reads the dialect's RSA key, and makes it first when there is none. */
static bool load_key(const tern_relay_options *options, const tern_dialect_facts *facts, tern_buf *pem, tern_why *why)
{
    char path[TERN_FOLDER_SIZE + 64];
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
    bool missing = false;
    if (!key_path_of(options, facts, path, sizeof path, why)) return false;
    if (tern_key_file_read(path, 077, pem, fingerprint, &missing, why)) return true;
    if (!missing) return false;
    tern_log("making a key of %u bits for %s in %s, once", facts->key_bits, facts->name, path);
    return tern_key_file_make_rsa(path, facts->key_bits, why) &&
           tern_key_file_read(path, 077, pem, fingerprint, NULL, why);
}

static bool make_server(tern_relay_dialect *d, const tern_relay_options *options, tern_why *why)
{
    tern_dialect_config config;
    tern_buf pem = { NULL, 0 };
    const char *reason = NULL;
    tern_dialect_config_default(&config, d->facts->dialect);
    if (!load_key(options, d->facts, &pem, why)) return false;
    tern_entropy(config.seed);
    config.key_pem = tern_bytes_of(pem.p, pem.n);
    config.unix_seconds_at_0 = tern_clock_unix_seconds_at_0();
    tern_bridge_config bridge = { .room = options->dialect_room, .max_clients = config.max_clients };
    size_t server = (tern_dialect_server_footprint(&config) + 63) / 64 * 64;
    d->memory = calloc(1, server + tern_bridge_footprint(&bridge));
    bool done = d->memory != NULL || tern_because(why, "out of memory");
    if (done && tern_dialect_server_init(d->memory, &config, tern_clock_now(), &d->driver.node, &reason) != TERN_OK)
        done = tern_because(why, "cannot serve %s: %s", d->facts->name, reason);
    if (done) d->bridge = tern_bridge_init((uint8_t *)d->memory + server, &bridge);
    explicit_bzero(config.seed, sizeof config.seed);
    tern_key_file_forget(&pem);
    return done;
}

static bool listen_at(tern_relay_dialect *d, const tern_dialect_place *place, tern_why *why)
{
    tern_addr via = { .family = 0 };
    tern_socket s;
    size_t n = 0;
    if (!tern_hostport_resolve(&place->where, &d->listens, 1, &n, why)) return false;
    if (place->has_via && !tern_hostport_resolve(&place->via, &via, 1, &n, why)) return false;
    bool group = d->facts->carrier == TERN_CARRIER_MULTICAST;
    bool open = group ? tern_socket_join(&s, &d->listens, &via, why) : tern_socket_listen(&s, &d->listens, why);
    if (!open) return false;
    if (!group) d->listens = s.local;
    tern_socket_allow_fragments(&s);
    return tern_driver_add(&d->driver, &s, why);
}

bool tern_relay_dialects_open(tern_relay_dialects *all, const tern_relay_options *options, tern_driver *beside,
                              tern_why *why)
{
    static const tern_driver_app app = { on_event, on_round, NULL };
    for (size_t i = 0; i < options->dialects_n; i++) {
        tern_relay_dialect *d = &all->each[all->n++];
        d->facts = options->dialects[i].facts;
        d->relay = beside->node;
        d->verbose = options->verbose;
        if (!tern_driver_open_beside(&d->driver, beside, &app, d, why)) return false;
        d->driver.hold_events = true;
        if (!make_server(d, options, why) || !listen_at(d, &options->dialects[i], why)) return false;
    }
    return true;
}

void tern_relay_dialects_announce(const tern_relay_dialects *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const tern_relay_dialect *d = &all->each[i];
        (void)printf("listening %s %s\n", d->facts->name, tern_addr_format(&d->listens).text);
        for (const char *const *warning = d->facts->warnings; *warning != NULL; warning++)
            tern_log("warning: %s: %s", d->facts->name, *warning);
    }
}

void tern_relay_dialects_report(const tern_relay_dialects *all)
{
    for (size_t i = 0; i < all->n; i++) tern_report_dialect(all->each[i].facts->name, all->each[i].driver.node);
}

void tern_relay_dialects_close(tern_relay_dialects *all)
{
    for (size_t i = 0; i < all->n; i++) {
        tern_driver_close(&all->each[i].driver);
        free(all->each[i].memory);
    }
}
