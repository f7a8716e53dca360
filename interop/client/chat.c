/* SPDX-License-Identifier: MIT */
/* A member of a room (see chat.h): its states, and the way of a line from standard input to the relay. */
#define _GNU_SOURCE
#include "chat.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "posix/clock.h"
#include "posix/say.h"
#include "posix/text.h"
#include "screen.h"

#define LEAVE_PATIENCE (2 * TERN_SECOND)
/* Bytes of our own that may be on the way to the relay and back. Faster than our own copies come back, the room's other
 * members would hardly be served either, and the relay would soon tell them that they have missed something. */
#define ON_THE_WAY_MOST 262144

/* ---- leaving */

static void begin_to_leave(tern_chat *c)
{
    if (c->state == TERN_CHAT_LEAVING) return;
    if (c->state != TERN_CHAT_INSIDE) tern_session_end(&c->session, c->status);
    c->state = TERN_CHAT_LEAVING;
    c->ended_at = tern_clock_now();
}

/* The relay has our LEAVE once nothing is unacknowledged; patience ends all the same. */
static void go_on_leaving(tern_chat *c)
{
    tern_node *node = tern_session_node(&c->session);
    tern_time by = c->ended_at + LEAVE_PATIENCE;
    if (!c->leave_said) c->leave_said = tern_client_leave(node) != TERN_E_BLOCKED;
    bool has_it = c->leave_said && tern_client_unacknowledged(node) == 0;
    if (has_it || tern_session_now(&c->session) >= by)
        tern_session_end(&c->session, c->status);
    else
        tern_session_wake(&c->session, by);
}

/* Standard input has ended: everything must have come back, and --linger must have passed. */
static void check_end_of_input(tern_chat *c)
{
    tern_time now = tern_session_now(&c->session);
    bool all_back = c->returned + c->missed >= c->published;
    if (tern_client_unacknowledged(tern_session_node(&c->session)) > 0 || !all_back) return;
    if (c->ended_at == 0) c->ended_at = now;
    if (now >= c->ended_at + c->options.linger_ns)
        begin_to_leave(c);
    else
        tern_session_wake(&c->session, c->ended_at + c->options.linger_ns);
}

static void check_end(tern_chat *c)
{
    if (c->options.until > 0 && c->seen >= c->options.until)
        begin_to_leave(c);
    else if (c->input_ended && c->options.until == 0 && !c->line_waits)
        check_end_of_input(c);
}

/* ---- from standard input to the relay */

static void say_too_long(tern_chat *c, size_t n)
{
    tern_say("line %" PRIu64 " is not sent: it has %s, and the relay takes %s at most", c->lines.number,
             tern_words_size(n).text, tern_words_size(TERN_CHAT_LINE_MAX).text);
    c->status = 1;
}

/* false: it has to wait. */
static bool publish(tern_chat *c, tern_bytes line)
{
    if (c->on_the_way > 0 && c->on_the_way + line.n > ON_THE_WAY_MOST) return false;
    int result = tern_client_publish(tern_session_node(&c->session), line);
    if (result == TERN_E_BLOCKED) return false;
    if (result == TERN_OK) {
        c->published++;
        c->on_the_way += line.n;
    } else if (result == TERN_MESSAGE_TOO_LARGE) {
        say_too_long(c, line.n);
    } else if (result != TERN_E_CLOSED) { /* of which CLOSED will tell */
        tern_session_fail(&c->session, "cannot send line %" PRIu64 ": %s", c->lines.number,
                          tern_error_text((tern_error)result));
    }
    return true;
}

static void publish_lines(tern_chat *c)
{
    if (c->line_waits && !publish(c, c->line)) return;
    c->line_waits = false;
    for (tern_line_got got; (got = tern_lines_next(&c->lines, &c->line)) != TERN_LINE_NONE;) {
        if (got == TERN_LINE_TOO_LONG) {
            say_too_long(c, c->line.n);
        } else if (!publish(c, c->line)) {
            c->line_waits = true;
            return;
        }
    }
}

void tern_chat_input_ended(tern_chat *c)
{
    tern_lines_end(&c->lines);
    c->input_ended = true;
}

static void show_help(void)
{
    tern_say("/who says who is here, /quit leaves, //TEXT sends a text that begins with /");
}

/* true: it was a command. */
static bool do_command(tern_chat *c, const char **line)
{
    if ((*line)[0] != '/') return false;
    if ((*line)[1] == '/') {
        (*line)++;
        return false;
    }
    if (strcmp(*line, "/quit") == 0)
        begin_to_leave(c);
    else if (strcmp(*line, "/who") == 0)
        tern_chat_show_here(c);
    else
        show_help();
    return true;
}

void tern_chat_typed(tern_chat *c, const char *line)
{
    if (do_command(c, &line) || line[0] == '\0') return;
    size_t n = strlen(line);
    for (size_t at = 0; at <= n;) { /* its end too */
        tern_buf room = tern_lines_room(&c->lines);
        size_t piece = n + 1 - at < room.n ? n + 1 - at : room.n;
        if (piece == 0) return;
        memcpy(room.p, line + at, piece);
        if (at + piece == n + 1) room.p[piece - 1] = '\n';
        tern_lines_add(&c->lines, piece);
        at += piece;
    }
}

static void on_input(void *context, uint32_t events)
{
    tern_chat *c = context;
    (void)events;
    if (c->on_terminal) {
        tern_screen_read();
        return;
    }
    tern_buf room = tern_lines_room(&c->lines);
    ssize_t n = room.n > 0 ? read(c->input.fd, room.p, room.n) : 0;
    if (n > 0)
        tern_lines_add(&c->lines, (size_t)n);
    else if (n == 0)
        tern_chat_input_ended(c);
    else if (errno != EINTR && errno != EAGAIN)
        tern_session_fail(&c->session, "cannot read standard input: %s", strerror(errno));
}

/* Into the room, or early: behind the JOIN, before the relay has said anything. */
static bool may_publish(const tern_chat *c)
{
    if (c->state == TERN_CHAT_JOINING) return c->session.early && !c->on_terminal;
    return c->state == TERN_CHAT_INSIDE && c->welcomed;
}

/* Reads on only when what was read is on its way: the backlog stays with the writer. */
static void watch_input(tern_chat *c)
{
    tern_why why;
    bool ready = may_publish(c) && !c->line_waits && !c->input_ended;
    if (!tern_loop_watch(&c->session.driver.loop, &c->input, ready ? EPOLLIN : 0, &why))
        tern_session_fail(&c->session, "%s", why.text);
}

/* ---- the session's calls */

static void join(tern_chat *c)
{
    int result = tern_client_join(tern_session_node(&c->session), c->options.room, c->options.name);
    if (result != TERN_OK)
        tern_session_fail(&c->session, "cannot join '%s': %s", c->options.room, tern_error_text((tern_error)result));
    c->state = TERN_CHAT_JOINING;
}

/* Where it was not done early. */
static void on_connected(void *app)
{
    tern_chat *c = app;
    if (c->state == TERN_CHAT_CONNECTING) join(c);
}

/* Lines of ours are not said twice: whether a relay has them nobody can tell. */
static bool again(void *app)
{
    tern_chat *c = app;
    if (c->published > 0) return false;
    c->state = TERN_CHAT_CONNECTING;
    return true;
}

static void on_refused(tern_chat *c, const tern_event *event)
{
    char text[TERN_ESCAPED_SIZE(TERN_REASON_SIZE)];
    const char *nick = c->options.name, *room = c->options.room;
    tern_session *s = &c->session;
    if (c->state != TERN_CHAT_JOINING) return;
    switch (event->u.refused.code) {
    case TERN_REFUSED_NICK_TAKEN: tern_session_fail(s, "the nickname '%s' is taken in '%s'", nick, room); break;
    case TERN_REFUSED_BAD_NAME: tern_session_fail(s, "the relay allows no '%s' in a room '%s'", nick, room); break;
    case TERN_REFUSED_ROOM_FULL: tern_session_fail(s, "the room '%s' is full", room); break;
    case TERN_REFUSED_NO_ROOM: tern_session_fail(s, "the relay has no room '%s'", room); break;
    case TERN_REFUSED_TOO_MANY_ROOMS:
        tern_session_fail(s, "the relay has no room '%s', and opens no more rooms now", room);
        break;
    default:
        (void)tern_escape(tern_bytes_of(event->u.refused.text, strlen(event->u.refused.text)), text);
        tern_session_fail(s, "the relay refused: %s (%u)", text, event->u.refused.code);
    }
}

static void add_member(tern_chat *c, const tern_member *who)
{
    if (c->members_n == c->members_cap) {
        size_t cap = c->members_cap == 0 ? 16 : 2 * c->members_cap;
        tern_chat_member *more = realloc(c->members, cap * sizeof *more);
        if (more == NULL) return;
        c->members = more;
        c->members_cap = cap;
    }
    tern_chat_member *m = &c->members[c->members_n++];
    m->id = who->id;
    memcpy(m->nick, who->nick, sizeof m->nick);
}

static void remove_member(tern_chat *c, uint32_t id)
{
    for (size_t i = 0; i < c->members_n; i++) {
        if (c->members[i].id != id) continue;
        memmove(&c->members[i], &c->members[i + 1], (c->members_n - i - 1) * sizeof c->members[0]);
        c->members_n--;
        return;
    }
}

static void on_arrived(tern_chat *c, const tern_event *event)
{
    add_member(c, &event->u.presence.who);
    if (event->u.presence.who.id != c->own_id) {
        tern_chat_show_presence(c, event->u.presence.who.nick, "joined");
        return;
    }
    c->welcomed = true;
    tern_chat_show_here(c);
}

static void on_left(tern_chat *c, const tern_event *event)
{
    remove_member(c, event->u.presence.who.id);
    if (event->u.presence.who.id != c->own_id) tern_chat_show_presence(c, event->u.presence.who.nick, "left");
}

static void on_message(tern_chat *c, const tern_event *event)
{
    c->seen++;
    if (event->u.message.sender.id == c->own_id) {
        c->returned++;
        c->on_the_way -= event->u.message.size < c->on_the_way ? event->u.message.size : c->on_the_way;
    }
    tern_chat_show_message(c, event);
}

static void on_event(void *app, const tern_event *event)
{
    tern_chat *c = app;
    switch (event->type) {
    case TERN_EVENT_JOINED:
        c->own_id = event->u.joined.who.id;
        c->state = TERN_CHAT_INSIDE;
        break;
    case TERN_EVENT_REFUSED: on_refused(c, event); break;
    case TERN_EVENT_PRESENT: add_member(c, &event->u.presence.who); break;
    case TERN_EVENT_ARRIVED: on_arrived(c, event); break;
    case TERN_EVENT_LEFT: on_left(c, event); break;
    case TERN_EVENT_MESSAGE: on_message(c, event); break;
    case TERN_EVENT_MISSED:
        c->missed += event->u.missed.last - event->u.missed.first + 1;
        c->on_the_way = 0;  /* ours may be among them */
        c->welcomed = true; /* our own ARRIVED may be among them */
        tern_chat_show_missed(c, event->u.missed.last - event->u.missed.first + 1);
        break;
    default: break;
    }
    if (c->on_terminal) return;
    c->session.driver.hold_events = tern_outlet_is_full(&c->out);
}

static void on_round(void *app)
{
    tern_chat *c = app;
    (void)tern_outlet_flush(&c->out);
    c->session.driver.hold_events = tern_outlet_is_full(&c->out);
    if (c->out.error != 0) {
        tern_session_fail(&c->session, "cannot write to standard output: %s", strerror(c->out.error));
        return;
    }
    if (c->state == TERN_CHAT_CONNECTING) join(c);
    if (may_publish(c)) publish_lines(c);
    if (c->state == TERN_CHAT_INSIDE && c->welcomed) check_end(c);
    if (c->state == TERN_CHAT_LEAVING) go_on_leaving(c);
    watch_input(c);
    tern_screen_show();
}

static void on_interrupted(void *app)
{
    begin_to_leave(app);
}

static void on_terminal_changed(void *app, bool resumed)
{
    (void)app;
    tern_screen_changed(resumed);
}

int tern_chat_run(const tern_chat_options *options)
{
    static const tern_session_app app = {
        on_connected, on_event, on_round, on_interrupted, on_terminal_changed, again
    };
    tern_chat *c = calloc(1, sizeof *c);
    if (c == NULL) {
        tern_say("out of memory");
        return 1;
    }
    c->options = *options;
    c->on_terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    c->colour = c->on_terminal && tern_say_colour(STDOUT_FILENO);
    c->input = (tern_watch){ .fd = STDIN_FILENO, .fn = on_input, .context = c };
    tern_lines_init(&c->lines, TERN_CHAT_LINE_MAX);
    tern_outlet_open(&c->out, &c->session.driver.loop, STDOUT_FILENO);
    if (c->on_terminal) tern_screen_open(c);
    int status = tern_session_run(&c->session, &c->options.connect, &app, c);
    tern_screen_close();
    tern_outlet_drain(&c->out);
    tern_lines_free(&c->lines);
    tern_outlet_close(&c->out);
    free(c->members);
    free(c);
    return status;
}
