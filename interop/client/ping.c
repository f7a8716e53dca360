/* SPDX-License-Identifier: MIT */
/* tern ping: who the relay is, and how long it takes to answer. What is asked is a file by a name that none may have,
 * which every relay answers at once without looking at a disk. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "filestream.h"
#include "posix/clock.h"
#include "posix/numbers.h"
#include "posix/text.h"
#include "trust.h"

#define DEFAULT_COUNT    4
#define DEFAULT_INTERVAL (250 * TERN_MS)

typedef struct {
    tern_connect_options connect;
    uint64_t count, interval_ns;
} ping_options;

typedef struct {
    tern_session session;
    const ping_options *options;
    tern_filestream stream;
    bool asking;
    tern_time asked, next;
    uint64_t answers;
    tern_time least, most, sum;
} ping;

static const char *early_words(const tern_event *e)
{
    if (!e->u.connected.early_asked) return "none";
    return e->u.connected.early ? "taken: the first question went with the first packets"
                                : "refused by the relay: the first question was sent again";
}

/* With --verbose: the handshake, a line each, always in this order. */
static void describe_handshake(const tern_event *e)
{
    uint64_t answer = e->u.connected.answer_ns, proof = e->u.connected.handshake_ns - answer;
    (void)printf("version Tern/1 (0x%08x), tern %s\n", (unsigned)e->u.connected.version, TERN_VERSION_STRING);
    (void)printf("suite %s (0x%04x), key agreement X25519\n", tern_words_suite(e->u.connected.suite).text,
                 e->u.connected.suite);
    (void)printf("resumption %s\n", e->u.connected.resumed
                                        ? "with a ticket: proven by the secret of an earlier connection"
                                        : "none: the relay has shown its key and signed");
    (void)printf("early data %s\n", early_words(e));
    (void)printf("round trips %u before data%s\n", (unsigned)e->u.connected.round_trips,
                 e->u.connected.round_trips > 1 ? ": the relay asked for a proof of the address" : "");
    if (proof == 0)
        (void)printf("times answer %s, with all of the proof\n", tern_words_time(answer).text);
    else
        (void)printf("times answer %s, the last of the proof %s later\n", tern_words_time(answer).text,
                     tern_words_time(proof).text);
}

/* Likewise, at the end: what the path has shown. */
static void describe_path(const tern_peer_info *info)
{
    (void)printf("path datagrams of up to %u bytes, ECN %s, congestion control %s\n", (unsigned)info->datagram_bytes,
                 info->ecn ? "carried" : "not proven", info->congestion);
    (void)printf("packets sent %llu received %llu lost %llu, smoothed round trip %s, least %s\n",
                 (unsigned long long)info->packets_sent, (unsigned long long)info->packets_received,
                 (unsigned long long)info->packets_lost, tern_words_time(info->smoothed_rtt_ns).text,
                 tern_words_time(info->min_rtt_ns).text);
}

static void on_connected(void *app)
{
    ping *p = app;
    const tern_event *e = &p->session.info;
    char how[1200];
    tern_trust_describe(&p->session, how, sizeof how);
    (void)printf("relay %s (%s)\n", p->session.relay.text, tern_addr_format(&e->u.connected.remote).text);
    (void)printf("identity %s (%s)\n", tern_fingerprint_format(e->u.connected.fingerprint).text, how);
    (void)printf("handshake %s, %s\n", tern_words_time(e->u.connected.handshake_ns).text,
                 tern_words_suite(e->u.connected.suite).text);
    if (p->options->connect.verbose) describe_handshake(e);
    (void)fflush(stdout);
}

static void summarize(ping *p)
{
    tern_peer_info info;
    (void)printf("%llu answers, least %s, mean %s, most %s\n", (unsigned long long)p->answers,
                 tern_words_time(p->least).text, tern_words_time(p->sum / p->answers).text,
                 tern_words_time(p->most).text);
    if (p->options->connect.verbose && tern_peer_get_info(tern_session_node(&p->session), 0, &info))
        describe_path(&info);
    tern_session_end(&p->session, 0);
}

static void ask(ping *p)
{
    static const tern_file_msg question = { .type = TERN_FILE_GET, .name = { (const uint8_t *)".", 1 } };
    tern_filestream_init(&p->stream, &p->session);
    if (!tern_filestream_open(&p->stream)) {
        if (p->session.connected && p->answers == 0 && !p->session.ending)
            tern_session_fail(&p->session, "the relay at %s is there, but answers no questions: it grants no streams",
                              p->session.relay.text);
        return;
    }
    tern_filestream_say(&p->stream, &question);
    (void)tern_filestream_flush(&p->stream);
    tern_filestream_finish(&p->stream);
    p->asked = tern_clock_now();
    p->next = p->asked + p->options->interval_ns;
    p->asking = true;
}

static void on_answer(ping *p)
{
    tern_time spent = tern_session_now(&p->session) - p->asked;
    p->asking = false;
    p->answers++;
    p->sum += spent;
    if (p->answers == 1 || spent < p->least) p->least = spent;
    if (spent > p->most) p->most = spent;
    (void)printf("answer %llu: %s\n", (unsigned long long)p->answers, tern_words_time(spent).text);
    (void)fflush(stdout);
    if (p->answers == p->options->count) summarize(p);
}

/* Whether the stream of the last question, if there was one, has ended both ways. */
static bool is_over(ping *p)
{
    uint8_t more;
    if (p->stream.open) (void)tern_filestream_read(&p->stream, (tern_buf){ &more, 1 });
    return !p->stream.open || p->stream.input_ended;
}

static void on_round(void *app)
{
    ping *p = app;
    tern_file_msg m;
    if (p->asking && tern_filestream_hear(&p->stream, &m)) {
        if (m.type != TERN_FILE_ERROR) tern_session_fail(&p->session, "the relay's answer cannot be understood");
        if (!p->session.ending) on_answer(p);
    }
    if (p->session.ending || p->asking || !is_over(p)) return;
    if (tern_session_now(&p->session) >= p->next)
        ask(p);
    else
        tern_session_wake(&p->session, p->next);
}

static bool again(void *app)
{
    ping *p = app;
    tern_filestream_init(&p->stream, &p->session);
    p->asking = false;
    p->next = 0;
    return true;
}

static const struct argp_option options[] = {
    { "count", 'c', "N", 0, "ask so many times (default: 4)", 0 },
    { "interval", 'i', "SECONDS", 0, "wait so long from one question to the next (default: 0.25)", 0 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    ping_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->connect; break;
    case 'c':
        if (!tern_parse_number(arg, 1, 1000000, &o->count))
            argp_error(state, "--count takes 1 to 1000000, not '%s'", arg);
        break;
    case 'i':
        if (!tern_parse_seconds(arg, &o->interval_ns)) argp_error(state, "--interval takes seconds, not '%s'", arg);
        break;
    case ARGP_KEY_ARG:
        if (o->connect.has_relay) argp_error(state, "'%s' is too much: the only argument is HOST:PORT", arg);
        tern_connect_relay(state, &o->connect, arg);
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int tern_ping_main(int argc, char **argv)
{
    static const tern_session_app app = { .connected = on_connected, .round = on_round, .again = again };
    static const struct argp_child children[] = TERN_CONNECT_CHILDREN;
    static const struct argp argp = {
        options,  parse, "HOST:PORT", "Tells who a relay is, and measures the handshake and round trips.",
        children, NULL,  NULL,
    };
    static ping p;
    ping_options o = { .count = DEFAULT_COUNT, .interval_ns = DEFAULT_INTERVAL };
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
    p.options = &o;
    return tern_session_run(&p.session, &o.connect, &app, &p);
}
