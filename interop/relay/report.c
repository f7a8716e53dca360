/* SPDX-License-Identifier: MIT */
/* What the relay tells its operator (see report.h). */
#define _GNU_SOURCE
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "posix/address.h"
#include "posix/say.h"
#include "posix/text.h"

typedef struct {
    char text[TERN_ESCAPED_SIZE(TERN_REASON_SIZE)];
} shown;

static shown show(const char *text)
{
    shown s;
    (void)tern_escape(tern_bytes_of(text, strlen(text)), s.text);
    return s;
}

typedef struct {
    char text[sizeof ", key " + sizeof(tern_fingerprint_text)];
} shown_key;

static shown_key show_key(bool has, const uint8_t fingerprint[TERN_FINGERPRINT_SIZE])
{
    shown_key k = { "" };
    if (has) (void)snprintf(k.text, sizeof k.text, ", key %s", tern_fingerprint_format(fingerprint).text);
    return k;
}

static void report_closed(unsigned long long peer, const tern_event *event)
{
    const char *words = tern_error_text((tern_error)event->u.closed.error), *reason = event->u.closed.reason;
    bool more = reason[0] != '\0' && strcmp(reason, words) != 0;
    tern_log("peer %llu: closed%s: %s%s%s%s", peer, event->u.closed.by_peer ? " by the client" : "", words,
             more ? ": " : "", more ? show(reason).text : "",
             show_key(event->u.closed.has_fingerprint, event->u.closed.fingerprint).text);
}

void tern_report_event(const tern_event *event)
{
    static const char *const ways[] = { "left", "closed its connection", "timed out", "was sent away" };
    unsigned long long peer = event->peer;
    switch (event->type) {
    case TERN_EVENT_CONNECTED:
        tern_log("peer %llu: connected from %s with %s%s%s%s", peer, tern_addr_format(&event->u.connected.remote).text,
                 tern_words_suite(event->u.connected.suite).text,
                 show_key(event->u.connected.has_fingerprint, event->u.connected.fingerprint).text,
                 event->u.connected.subject[0] != '\0' ? ", certificate of " : "",
                 show(event->u.connected.subject).text);
        break;
    case TERN_EVENT_CLOSED: report_closed(peer, event); break;
    case TERN_EVENT_JOINED:
        tern_log("peer %llu: '%s' joined '%s'", peer, show(event->u.joined.who.nick).text,
                 show(event->u.joined.room).text);
        break;
    case TERN_EVENT_LEFT:
        tern_log("peer %llu: '%s' %s, in '%s'", peer, show(event->u.presence.who.nick).text,
                 ways[event->u.presence.why & 3], show(event->u.presence.room).text);
        break;
    default: break;
    }
}

static void report_drops(const tern_stats *s, const char *whose)
{
    for (int i = 1; i < TERN_DROP_COUNT; i++)
        if (s->drops[i] > 0)
            (void)fprintf(stderr, "stats %s%sdropped %s %llu (%s)\n", whose, whose[0] != '\0' ? " " : "",
                          tern_drop_name((tern_drop)i), (unsigned long long)s->drops[i], tern_drop_text((tern_drop)i));
}

void tern_report_guest(const char *dialect, const tern_event *event)
{
    const tern_member *who = &event->u.presence.who;
    switch ((int)event->type) {
    case TERN_EVENT_ARRIVED:
        tern_log("%s: '%s' joined from %s", dialect, show(who->nick).text, tern_addr_format(&who->addr).text);
        break;
    case TERN_EVENT_LEFT: tern_log("%s: '%s' left", dialect, show(who->nick).text); break;
    case TERN_EVENT_REFUSED: tern_log("%s: a client was sent away: the room does not take it", dialect); break;
    default: break;
    }
}

void tern_report_dialect(const char *name, const tern_node *server)
{
    tern_stats s;
    tern_dialect_stats(server, &s);
    (void)fprintf(stderr, "stats %s clients %u packets received %llu sent %llu\n", name, (unsigned)s.connections,
                  (unsigned long long)s.packets_received, (unsigned long long)s.packets_sent);
    report_drops(&s, name);
}

void tern_report_stats(const tern_node *relay, const tern_transfer_counts *files)
{
    tern_stats s;
    tern_node_stats(relay, &s);
    (void)fprintf(stderr, "stats packets received %llu sent %llu lost %llu\n", (unsigned long long)s.packets_received,
                  (unsigned long long)s.packets_sent, (unsigned long long)s.packets_lost);
    (void)fprintf(stderr, "stats bytes received %llu sent %llu\n", (unsigned long long)s.bytes_received,
                  (unsigned long long)s.bytes_sent);
    (void)fprintf(stderr, "stats connections %u handshakes %llu pushed_out %llu\n", (unsigned)s.connections,
                  (unsigned long long)s.handshakes, (unsigned long long)s.pushed_out);
    (void)fprintf(stderr, "stats pages %u free %u least_free %u\n", (unsigned)s.pages, (unsigned)s.pages_free,
                  (unsigned)s.pages_least_free);
    (void)fprintf(stderr, "stats files put %llu get %llu refused %llu put_bytes %llu get_bytes %llu\n",
                  (unsigned long long)files->puts, (unsigned long long)files->gets, (unsigned long long)files->refused,
                  (unsigned long long)files->put_bytes, (unsigned long long)files->get_bytes);
    report_drops(&s, "");
}

void tern_report_socket(const tern_socket *socket)
{
    (void)fprintf(stderr, "stats socket receive_buffer %zu asked %d dropped %llu unsent %llu (%s)\n",
                  socket->receive_buffer, TERN_SOCKET_BUFFER, (unsigned long long)tern_socket_dropped(socket),
                  (unsigned long long)socket->unsent, tern_addr_format(&socket->local).text);
}
