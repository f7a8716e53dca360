/* SPDX-License-Identifier: MIT */
/* What a member sees (formats: see chat.h). On a terminal with the time and in colour. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chat.h"
#include "posix/clock.h"
#include "posix/text.h"
#include "screen.h"

#define NICK_SHOWN TERN_ESCAPED_SIZE(TERN_NICK_SIZE)
#define HEAD_SIZE  (NICK_SHOWN + 64)
#define DIM        "\033[2m"
#define PLAIN      "\033[0m"

/* Adds a line. A terminal is written to at once. */
static void show(tern_chat *c, const char *line, size_t n)
{
    char *room = tern_outlet_room(&c->out, n);
    if (room == NULL) return;
    memcpy(room, line, n);
    tern_outlet_add(&c->out, n);
    if (!c->on_terminal) return;
    tern_screen_hide();
    tern_outlet_drain(&c->out);
}

/* "12:34 " on a terminal. */
static size_t write_time(const tern_chat *c, uint64_t unix_ms, char *out, size_t cap)
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm parts;
    char clock[16] = "";
    out[0] = '\0';
    if (!c->on_terminal) return 0;
    if (localtime_r(&seconds, &parts) != NULL) (void)strftime(clock, sizeof clock, "%H:%M", &parts);
    return (size_t)snprintf(out, cap, "%s%s%s ", c->colour ? DIM : "", clock, c->colour ? PLAIN : "");
}

/* A nickname always has the same colour. */
static unsigned colour_of(const char *nick)
{
    static const uint8_t colours[] = { 31, 32, 33, 34, 35, 36 };
    uint32_t hash = 2166136261u;
    for (; *nick != '\0'; nick++) hash = (hash ^ (uint8_t)*nick) * 16777619u;
    return colours[hash % sizeof colours];
}

static size_t write_head(const tern_chat *c, const tern_event *event, char head[HEAD_SIZE])
{
    char nick[NICK_SHOWN];
    /*= ROOM-009 */
    (void)tern_escape_nick(event->u.message.sender.nick, nick);
    size_t n = write_time(c, event->u.message.time_ms, head, HEAD_SIZE);
    if (c->colour)
        n += (size_t)snprintf(head + n, HEAD_SIZE - n, "\033[%um%s>" PLAIN " ", colour_of(nick), nick);
    else
        n += (size_t)snprintf(head + n, HEAD_SIZE - n, "%s> ", nick);
    return n;
}

static uint8_t *read_body(tern_chat *c, uint32_t size)
{
    uint8_t *body = malloc((size_t)size + 1);
    size_t have = 0, n = 1;
    while (body != NULL && have < size && n > 0) {
        n = tern_client_read(tern_session_node(&c->session), (tern_buf){ body + have, size - have });
        have += n;
    }
    if (body != NULL) memset(body + have, 0, size - have + 1);
    return body;
}

void tern_chat_show_message(tern_chat *c, const tern_event *event)
{
    char head[HEAD_SIZE];
    uint32_t size = event->u.message.size;
    size_t n = write_head(c, event, head);
    uint8_t *body = read_body(c, size);
    char *line = malloc(n + TERN_ESCAPED_SIZE(size) + 1);
    if (body != NULL && line != NULL) {
        memcpy(line, head, n);
        /*= ROOM-009 */
        n += tern_escape(tern_bytes_of(body, size), line + n);
        line[n++] = '\n';
        show(c, line, n);
    } else {
        tern_session_fail(&c->session, "out of memory");
    }
    free(body);
    free(line);
}

/* A line about the room itself. */
static void show_notice(tern_chat *c, const char *text)
{
    char when[64];
    char *line = NULL;
    (void)write_time(c, tern_clock_unix_ms(), when, sizeof when);
    int n = asprintf(&line, "%s%s* %s%s\n", when, c->colour ? DIM : "", text, c->colour ? PLAIN : "");
    if (n > 0) show(c, line, (size_t)n);
    if (n >= 0) free(line);
}

void tern_chat_show_presence(tern_chat *c, const char *nick, const char *what)
{
    char shown[NICK_SHOWN], text[NICK_SHOWN + 32];
    (void)tern_escape_nick(nick, shown);
    (void)snprintf(text, sizeof text, "%s %s", shown, what);
    show_notice(c, text);
}

void tern_chat_show_here(tern_chat *c)
{
    char *text = malloc(8 + c->members_n * (NICK_SHOWN + 2));
    if (text == NULL) return;
    size_t n = (size_t)sprintf(text, "here: ");
    for (size_t i = 0; i < c->members_n; i++) {
        if (i > 0) n += (size_t)sprintf(text + n, ", ");
        n += tern_escape_nick(c->members[i].nick, text + n);
    }
    show_notice(c, text);
    free(text);
}

void tern_chat_show_missed(tern_chat *c, uint64_t count)
{
    char text[64];
    (void)snprintf(text, sizeof text, "missed %" PRIu64 " events", count);
    show_notice(c, text);
}
