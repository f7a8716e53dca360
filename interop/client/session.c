/* SPDX-License-Identifier: MIT */
/* One connection to a relay (see session.h). */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moving.h"
#include "posix/clock.h"
#include "posix/entropy.h"
#include "posix/key_file.h"
#include "posix/say.h"
#include "posix/text.h"
#include "tickets.h"
#include "trust.h"

#define GOODBYE         (200 * TERN_MS) /* for the end of a connection to be sent once more if need be */
#define TICKET_PATIENCE (500 * TERN_MS)
#define REFUSALS        3 /* reports in a row that nobody listens there, before an open connection is given up */

/* ---- ending */

void tern_session_wake(tern_session *s, tern_time at)
{
    if (at < s->driver.wake) s->driver.wake = at;
}

static void say_how_it_went(const tern_session *s)
{
    tern_peer_info info;
    if (!s->connected || s->driver.node == NULL || !tern_peer_get_info(s->driver.node, 0, &info)) return;
    tern_say("sent in datagrams of up to %u bytes, smoothed round trip %s, %llu of %llu packets lost",
             (unsigned)info.datagram_bytes, tern_words_time(info.smoothed_rtt_ns).text,
             (unsigned long long)info.packets_lost, (unsigned long long)info.packets_sent);
}

static void leave(tern_session *s)
{
    s->leaving = true;
    s->end_by = tern_clock_now() + GOODBYE;
    tern_peer_close(s->driver.node, s->driver.now, 0, TERN_NO_ERROR, "");
}

void tern_session_end(tern_session *s, int status)
{
    if (s->ending) return;
    if (s->options->verbose) say_how_it_went(s);
    s->ending = true;
    s->status = status;
    s->end_by = tern_clock_now() + GOODBYE;
    if (s->driver.node == NULL || s->closed.type != 0)
        s->driver.done = true;
    else if (s->owed_ticket && s->connected && status == 0)
        s->end_by = tern_clock_now() + TICKET_PATIENCE; /* whoever is answered early may be done before it comes */
    else
        leave(s);
}

/* The end of an ending: the ticket that is waited for came or will not, then the goodbye has left or will not. */
static void end_round(tern_session *s)
{
    bool over = s->driver.now >= s->end_by;
    if (s->leaving)
        s->driver.done = s->driver.done || over;
    else if (over || !s->owed_ticket)
        leave(s);
    tern_session_wake(s, s->end_by);
}

void tern_session_fail(tern_session *s, const char *format, ...)
{
    char sentence[1024];
    va_list args;
    if (s->ending) return;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    tern_say("%s", sentence);
    tern_session_end(s, 1);
}

/* ---- connecting */

static bool make_node(tern_session *s, const tern_socket *socket, tern_why *why)
{
    tern_client_config config;
    tern_client_config_default(&config);
    tern_entropy(config.seed);
    config.path.local = socket->local;
    config.path.remote = s->addrs[s->addr_at];
    config.unix_seconds_at_0 = tern_clock_unix_seconds_at_0();
    config.plaintext = s->options->plaintext;
    config.key_log = tern_key_log_is_on(&s->key_log);
    if (s->options->congestion != TERN_CONGESTION_COUNT) config.transport.congestion = s->options->congestion;
    config.trust = tern_trust_of(s);
    uint8_t ticket[TERN_TICKET_SIZE];
    config.ticket = tern_tickets_use(s, ticket);
    s->owed_ticket = config.ticket.n > 0;
    config.early = s->early = config.ticket.n > 0 && s->app->again != NULL && !s->options->no_early_data;
    config.key_pem = tern_bytes_of(s->key_pem.p, s->key_pem.n);
    config.cert_pem = tern_bytes_of(s->cert_pem.p, s->cert_pem.n);
    free(s->memory);
    size_t bytes = tern_client_footprint(&config);
    s->memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (s->memory == NULL) return tern_because(why, "cannot get %s of memory", tern_words_size(bytes).text);
    int error = tern_client_init(s->memory, &config, tern_clock_now(), &s->driver.node);
    explicit_bzero(config.seed, sizeof config.seed);
    explicit_bzero(ticket, sizeof ticket);
    if (error == TERN_OK) return true;
    if (config.trust.proof == TERN_PROOF_CA)
        return tern_because(why, "cannot use %s: it holds no certificate in PEM", s->options->ca);
    return tern_because(why, "cannot connect to %s: %s", s->relay.text, tern_error_text((tern_error)error));
}

/* Begins with the address that is the turn. */
static bool begin(tern_session *s, tern_why *why)
{
    tern_socket socket;
    tern_driver_drop(&s->driver);
    s->unreachable = 0;
    s->closed.type = 0;
    if (!tern_socket_connect(&socket, &s->addrs[s->addr_at], why)) return false;
    if (s->options->verbose)
        tern_say("asking %s (%s)", tern_addr_format(&s->addrs[s->addr_at]).text, tern_socket_describe(&socket).text);
    return tern_driver_add(&s->driver, &socket, why) && make_node(s, &socket, why);
}

/* Goes on with the next address, if there is one. */
static bool begin_next(tern_session *s)
{
    tern_why why;
    if (s->addr_at + 1 < s->addrs_n && s->early && !s->app->again(s->context)) return false;
    while (s->addr_at + 1 < s->addrs_n) {
        s->addr_at++;
        if (begin(s, &why)) return true;
        if (s->options->verbose) tern_say("%s", why.text);
    }
    return false;
}

static bool begin_first(tern_session *s, tern_why *why)
{
    if (begin(s, why)) return true;
    return s->addrs_n > 1 && begin_next(s);
}

static void explain_unreachable(tern_session *s)
{
    if (s->unreachable == ECONNREFUSED)
        tern_session_fail(s, "nobody answers at %s: is the relay running, and is that its port?", s->relay.text);
    else
        tern_session_fail(s, "cannot reach %s: %s", s->relay.text, strerror(s->unreachable));
}

/* The network says that nobody listens there. Before there is a connection that is an answer; later it may be a stray
 * or forged report, unless it comes again and again and nothing else does. */
static void on_network_report(tern_session *s)
{
    if (!s->connected) {
        if (!begin_next(s)) explain_unreachable(s);
        return;
    }
    if (s->driver.received != s->received_before) s->refusals = 0;
    s->received_before = s->driver.received;
    if (s->unreachable == ECONNREFUSED && ++s->refusals >= REFUSALS)
        tern_session_fail(s, "the relay at %s is gone", s->relay.text);
    s->unreachable = 0;
}

static void on_closed(tern_session *s)
{
    if (s->ending) {
        s->driver.done = true;
        return;
    }
    if (!s->connected && s->closed.u.closed.error == TERN_E_HANDSHAKE_TIMEOUT && begin_next(s)) return;
    tern_trust_explain(s);
}

/* ---- the loop's calls */

static void on_event(void *context, const tern_event *event)
{
    tern_session *s = context;
    if (event->type == TERN_EVENT_CLOSED) {
        s->closed = *event;
    } else if (event->type == TERN_EVENT_SECRET) {
        tern_key_log_write(&s->key_log, event);
    } else if (event->type == TERN_EVENT_TICKET) {
        s->owed_ticket = false;
        tern_tickets_keep(s, event);
    } else if (event->type == TERN_EVENT_CONNECTED) {
        s->connected = true;
        s->info = *event;
        if (!s->ending && tern_trust_keep(s) && s->app->connected != NULL) s->app->connected(s->context);
    } else if (!s->ending && s->app->event != NULL) {
        s->app->event(s->context, event);
    }
}

static void on_round(void *context)
{
    tern_session *s = context;
    s->driver.wake = TERN_TIME_NEVER;
    if (s->connected && !s->ending && s->closed.type == 0) tern_moving_round(s, s->unreachable);
    if (s->closed.type != 0)
        on_closed(s);
    else if (s->unreachable != 0 && !s->ending)
        on_network_report(s);
    if ((s->connected || s->early) && !s->ending) s->app->round(s->context);
    if (s->ending) end_round(s);
}

static void on_unreachable(void *context, int error)
{
    tern_session *s = context;
    s->unreachable = error;
}

static void on_signal(void *context, int signal)
{
    tern_session *s = context;
    if (signal == SIGWINCH || signal == SIGCONT) {
        if (s->app->terminal_changed != NULL) s->app->terminal_changed(s->context, signal == SIGCONT);
    } else if (s->ending) {
        s->driver.done = true; /* asked twice */
    } else if (s->app->interrupted != NULL) {
        s->app->interrupted(s->context);
    } else {
        tern_session_fail(s, "interrupted");
    }
}

/* The client's own key, for relays that ask. */
static bool prepare_own(tern_session *s, tern_why *why)
{
    const tern_connect_options *o = s->options;
    if (o->key == NULL) return true;
    if (!tern_key_file_read(o->key, 077, &s->key_pem, s->own, NULL, why)) return false;
    return o->cert == NULL || tern_cert_file_read(o->cert, o->key, &s->key_pem, &s->cert_pem, why);
}

static bool prepare(tern_session *s, tern_why *why)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT, 0 };
    if (!tern_trust_prepare(s, why) || !prepare_own(s, why)) return false;
    if (!tern_key_log_open(&s->key_log, s->options->key_log, why)) return false;
    if (!tern_hostport_resolve(&s->options->relay, s->addrs, TERN_SESSION_ADDRESSES, &s->addrs_n, why)) return false;
    tern_tickets_take(s);
    return tern_loop_signals(&s->driver.loop, signals, on_signal, s, why) && begin_first(s, why);
}

int tern_session_run(tern_session *s, const tern_connect_options *options, const tern_session_app *app, void *context)
{
    static const tern_driver_app driver_app = { on_event, on_round, on_unreachable };
    tern_why why;
    memset(s, 0, sizeof *s);
    s->options = options;
    s->app = app;
    s->context = context;
    s->relay = tern_hostport_format(&options->relay);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    if (tern_driver_open(&s->driver, &driver_app, s, &why) && prepare(s, &why)) {
        tern_driver_run(&s->driver);
    } else {
        tern_say("%s", why.text);
        s->status = 1;
    }
    tern_driver_close(&s->driver);
    tern_key_log_close(&s->key_log);
    tern_key_file_forget(&s->key_pem);
    explicit_bzero(&s->ticket, sizeof s->ticket);
    free(s->cert_pem.p);
    free(s->ca_pem.p);
    free(s->memory);
    s->ca_pem.p = s->cert_pem.p = NULL;
    s->memory = NULL;
    return s->status;
}
