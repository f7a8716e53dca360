/* SPDX-License-Identifier: MIT */
/* tern dialect: a client of one of the older systems. Lines in, lines out. */
#define _GNU_SOURCE
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "lines.h"
#include "posix/address.h"
#include "posix/clock.h"
#include "posix/driver.h"
#include "posix/entropy.h"
#include "posix/files.h"
#include "posix/key_file.h"
#include "posix/say.h"
#include "posix/standard.h"
#include "posix/tcp.h"
#include "posix/text.h"

#define KEY_BITS 2048

typedef struct {
    const tern_dialect_facts *facts;
    tern_hostport where, via;
    bool has_where, has_via, pinned;
    uint8_t pin[TERN_FINGERPRINT_SIZE];
    const char *nick, *key, *ca;
} options;

typedef struct {
    const options *asked;
    tern_driver driver; /* over UDP; over TCP it has no node, and turns the loop */
    tern_tcp tcp;
    tern_node *node;
    tern_watch input;
    tern_lines lines;
    uint8_t line[TERN_DIALECT_TEXT_MAX]; /* that waits to be said */
    size_t line_n;                       /* 0: none does */
    bool connected, input_over, closed, interrupted;
    uint32_t error;
    int unreachable; /* errno of the network, 0: none */
} talk;

static bool is_tcp(const talk *t)
{
    return t->asked->facts->carrier == TERN_CARRIER_TCP;
}

/* ---- what is heard */

static void show(const char *start, const char *nick, tern_bytes text)
{
    char *shown = malloc(TERN_ESCAPED_SIZE(text.n)), who[TERN_ESCAPED_SIZE(TERN_NICK_SIZE)];
    if (shown == NULL) return;
    (void)tern_escape(text, shown);
    (void)tern_escape(tern_bytes_of(nick, strlen(nick)), who);
    (void)printf("%s%s%s%s\n", start, who, nick[0] != '\0' && text.n > 0 ? "> " : "", shown);
    (void)fflush(stdout);
    free(shown);
}

static void on_event(void *context, const tern_event *event)
{
    static uint8_t text[TERN_DIALECT_TEXT_MAX + TERN_NICK_SIZE + 256];
    talk *t = context;
    const tern_bytes none = { NULL, 0 };
    switch ((int)event->type) {
    case TERN_EVENT_CONNECTED:
        t->connected = true;
        tern_say("connected to %s at %s", t->asked->facts->name, tern_addr_format(&event->u.connected.remote).text);
        break;
    case TERN_EVENT_MESSAGE:
        show("", event->u.message.sender.nick,
             tern_bytes_of(text, tern_dialect_read(t->node, (tern_buf){ text, sizeof text })));
        break;
    case TERN_EVENT_ARRIVED: show("* joined: ", event->u.presence.who.nick, none); break;
    case TERN_EVENT_LEFT: show("* left: ", event->u.presence.who.nick, none); break;
    case TERN_EVENT_CLOSED:
        t->closed = true;
        t->error = event->u.closed.error;
        break;
    default: break;
    }
}

/* ---- what is said */

/* Takes the next line that can be said into t->line; false: there is none yet. */
static bool next_line(talk *t)
{
    tern_bytes line;
    tern_line_got got;
    while ((got = tern_lines_next(&t->lines, &line)) != TERN_LINE_NONE) {
        if (got == TERN_LINE_TOO_LONG) {
            tern_say("line %llu is too long and was not sent", (unsigned long long)t->lines.number);
            continue;
        }
        if (line.n == 0) continue;
        memcpy(t->line, line.p, line.n);
        t->line_n = line.n;
        return true;
    }
    return false;
}

/* Says the lines that are there. One that is BLOCKED waits for its turn, and with it those behind. */
static void say_lines(talk *t)
{
    while (t->connected && !t->closed && (t->line_n > 0 || next_line(t))) {
        int error = tern_dialect_say(t->node, tern_clock_now(), tern_bytes_of(t->line, t->line_n));
        if (error == TERN_E_BLOCKED) return;
        if (error != TERN_OK)
            tern_say("line %llu was not sent: %s", (unsigned long long)t->lines.number,
                     tern_error_text((tern_error)error));
        t->line_n = 0;
    }
    bool all_said = t->input_over && t->connected && tern_dialect_is_ready(t->node);
    if (all_said) tern_dialect_leave(t->node, tern_clock_now());
}

static void on_input(void *context, uint32_t events)
{
    talk *t = context;
    tern_why ignored;
    tern_buf room = tern_lines_room(&t->lines);
    (void)events;
    ssize_t n = room.n > 0 ? read(STDIN_FILENO, room.p, room.n) : 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n > 0) {
        tern_lines_add(&t->lines, (size_t)n);
        return;
    }
    tern_lines_end(&t->lines);
    t->input_over = true;
    (void)tern_loop_watch(t->driver.waits, &t->input, 0, &ignored);
}

static void on_tcp_round(void *context)
{
    talk *t = context;
    tern_event event;
    while (tern_node_poll(t->node, &event)) on_event(t, &event);
    say_lines(t);
}

static void on_round(void *context)
{
    talk *t = context;
    if (is_tcp(t)) {
        tern_tcp_step(&t->tcp);
        t->driver.wake = tern_tcp_next(&t->tcp);
        t->unreachable = t->tcp.error;
    } else {
        say_lines(t);
    }
    t->driver.done = t->closed || (t->unreachable != 0 && !t->connected);
}

static void on_unreachable(void *context, int error)
{
    talk *t = context;
    t->unreachable = error;
}

static void on_signal(void *context, int signal)
{
    talk *t = context;
    (void)signal;
    t->interrupted = true;
    if (t->input_over) t->closed = true; /* asked twice */
    t->input_over = true;
    tern_dialect_leave(t->node, tern_clock_now());
}

/* ---- beginning */

static bool open_socket(talk *t, const tern_addr *remote, tern_path *path, tern_why *why)
{
    tern_socket s;
    tern_addr via = { .family = 4 };
    size_t n = 0;
    bool group = t->asked->facts->carrier == TERN_CARRIER_MULTICAST;
    if (is_tcp(t)) return true;
    if (t->asked->has_via && !tern_hostport_resolve(&t->asked->via, &via, 1, &n, why)) return false;
    if (!(group ? tern_socket_send_to_group(&s, &via, why) : tern_socket_connect(&s, remote, why))) return false;
    tern_socket_allow_fragments(&s);
    path->local = s.local;
    return tern_driver_add(&t->driver, &s, why);
}

static bool make_node(talk *t, const tern_path *path, void **memory, tern_why *why)
{
    tern_dialect_config config;
    tern_buf key = { NULL, 0 }, ca = { NULL, 0 };
    const char *reason = NULL;
    tern_dialect_config_default(&config, t->asked->facts->dialect);
    if (!is_tcp(t) && !tern_key_file_rsa(t->asked->key, "dialect-client-key.pem", KEY_BITS, &key, why)) return false;
    bool done = t->asked->ca == NULL || tern_file_read(t->asked->ca, TERN_CERT_FILE_MAX, &ca, NULL, why);
    tern_entropy(config.seed);
    config.key_pem = tern_bytes_of(key.p, key.n);
    config.cert_pem = tern_bytes_of(ca.p, ca.n);
    config.path = *path;
    config.pin = t->asked->pinned ? t->asked->pin : NULL;
    config.nick = t->asked->nick;
    config.server_name = t->asked->where.literal ? NULL : t->asked->where.host;
    config.unix_seconds_at_0 = tern_clock_unix_seconds_at_0();
    if (done) *memory = calloc(1, tern_dialect_client_footprint(&config));
    done = done && (*memory != NULL || tern_because(why, "out of memory"));
    if (done && tern_dialect_client_init(*memory, &config, tern_clock_now(), &t->node, &reason) != TERN_OK)
        done = tern_because(why, "%s", reason);
    explicit_bzero(config.seed, sizeof config.seed);
    tern_key_file_forget(&key);
    free(ca.p);
    return done;
}

static bool begin(talk *t, void **memory, tern_why *why)
{
    static const tern_driver_app app = { on_event, on_round, on_unreachable };
    static const int signals[] = { SIGINT, SIGTERM, 0 };
    tern_path path = { 0 };
    size_t n = 0;
    if (!tern_driver_open(&t->driver, &app, t, why) ||
        !tern_hostport_resolve(&t->asked->where, &path.remote, 1, &n, why) ||
        !open_socket(t, &path.remote, &path, why) || !make_node(t, &path, memory, why))
        return false;
    tern_lines_init(&t->lines, TERN_DIALECT_TEXT_MAX);
    t->input = (tern_watch){ .fd = STDIN_FILENO, .fn = on_input, .context = t };
    if (!tern_loop_watch(t->driver.waits, &t->input, EPOLLIN, why) ||
        !tern_loop_signals(t->driver.waits, signals, on_signal, t, why))
        return false;
    if (!is_tcp(t)) {
        t->driver.node = t->node;
        return true;
    }
    tern_tcp_open(&t->tcp, t->driver.waits, on_tcp_round, t);
    t->tcp.node = t->node;
    return tern_tcp_connect(&t->tcp, &path.remote, why);
}

/* Why it did not work. */
static void explain(const talk *t)
{
    const char *name = t->asked->facts->name;
    const tern_hostport_text place = tern_hostport_format(&t->asked->where);
    if (!t->connected && t->unreachable == ECONNREFUSED)
        tern_say("%s: nobody listens at %s", name, place.text);
    else if (!t->connected && t->unreachable != 0)
        tern_say("%s: cannot reach %s: %s", name, place.text, strerror(t->unreachable));
    else if (!t->connected && t->error == TERN_E_HANDSHAKE_TIMEOUT)
        tern_say("%s: nobody answers at %s", name, place.text);
    else
        tern_say("%s: %s", name, tern_error_text((tern_error)t->error));
}

static int run(const options *asked)
{
    static talk t;
    void *memory = NULL;
    tern_why why;
    t.asked = asked;
    bool begun = begin(&t, &memory, &why);
    if (begun) {
        tern_driver_run(&t.driver);
        if (is_tcp(&t)) tern_tcp_step(&t.tcp); /* the goodbye */
    } else {
        tern_say("%s", why.text);
    }
    bool good = begun && t.error == TERN_OK && (t.connected || t.interrupted);
    if (begun && !good) explain(&t);
    if (begun && is_tcp(&t)) tern_tcp_close(&t.tcp);
    tern_driver_close(&t.driver);
    tern_lines_free(&t.lines);
    free(memory);
    return good && tern_standard_flush(&why) ? 0 : 1;
}

/* ---- arguments */

enum { OPT_KEY = 256, OPT_CA, OPT_VIA, OPT_PIN };

/* What belongs together, and what the dialect says by itself. */
static void check_together(struct argp_state *state, options *o)
{
    tern_why why;
    if (o->facts == NULL) {
        argp_error(state, "which dialect? rsa-fragment, tlv-multicast, aes-session or tls-chat");
        return;
    }
    if (!o->has_where && !tern_hostport_parse(o->facts->address, &o->where, &why)) argp_error(state, "%s", why.text);
    if (o->facts->carrier == TERN_CARRIER_TCP && o->nick == NULL) argp_error(state, "tls-chat needs a --name");
    if (o->facts->carrier != TERN_CARRIER_TCP && (o->nick != NULL || o->ca != NULL))
        argp_error(state, "--name and --ca are for tls-chat");
    if (o->facts->carrier == TERN_CARRIER_TCP && (o->pinned || o->key != NULL))
        argp_error(state, "--pin and --key are not for tls-chat: it has --ca");
    if (o->facts->carrier != TERN_CARRIER_MULTICAST && o->has_via)
        argp_error(state, "--interface is for tlv-multicast");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    options *o = state->input;
    tern_why why;
    switch (key) {
    case 'n': o->nick = arg; break;
    case OPT_KEY: o->key = arg; break;
    case OPT_CA: o->ca = arg; break;
    case OPT_PIN:
        o->pinned = tern_fingerprint_parse(arg, o->pin);
        if (!o->pinned) argp_error(state, "--pin takes the 64 hexadecimal digits of a fingerprint, not '%s'", arg);
        break;
    case OPT_VIA:
        o->has_via = tern_hostport_parse(arg, &o->via, &why);
        if (!o->has_via) argp_error(state, "--interface: %s", why.text);
        break;
    case ARGP_KEY_ARG:
        if (o->facts == NULL) {
            o->facts = tern_dialect_by_name(arg);
            if (o->facts == NULL)
                argp_error(state, "'%s' is none of rsa-fragment, tlv-multicast, aes-session and tls-chat", arg);
            break;
        }
        if (o->has_where) argp_error(state, "'%s' is too much", arg);
        o->has_where = tern_hostport_parse(arg, &o->where, &why);
        if (!o->has_where) argp_error(state, "%s", why.text);
        break;
    case ARGP_KEY_END: check_together(state, o); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int tern_dialect_main(int argc, char **argv)
{
    static const struct argp_option list[] = {
        { "name", 'n', "NAME", 0, "who you are (tls-chat)", 0 },
        { "ca", OPT_CA, "FILE", 0, "believe only certificates of this authority (tls-chat; default: any)", 0 },
        { "pin", OPT_PIN, "HEX", 0, "talk only to the server whose key has this fingerprint (not tls-chat)", 0 },
        { "key", OPT_KEY, "FILE", 0,
          "your RSA key (not tls-chat), made when there is none (default: ~/.local/share/tern/dialect-client-key.pem)",
          0 },
        { "interface", OPT_VIA, "ADDRESS", 0,
          "send to the group through the interface with this address (tlv-multicast)", 0 },
        { 0 },
    };
    static const struct argp argp = {
        list,
        parse,
        "NAME [HOST:PORT]",
        "Talks to a server of an older system: rsa-fragment, tlv-multicast, aes-session or tls-chat.\v"
        "Each line of the input is said, each line that is heard is printed; it ends with the input. None of these "
        "systems protects what Tern does.",
        NULL,
        NULL,
        NULL,
    };
    options o = { 0 };
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
    return run(&o);
}
