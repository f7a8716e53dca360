/* SPDX-License-Identifier: MIT */
/* A member of a room: what is typed is published, what others publish is shown (`tern chat`).
 *
 * On a terminal with a line editor (screen.h). Otherwise lines in, lines out; standard output has nothing but
 *     NICK> text          a message of the room, ours too: it comes back from the relay
 *     * here: A, B, C     once, when the room has welcomed us: who is there, ourselves last
 *     * NICK joined
 *     * NICK left
 *     * missed N events   we were too slow, and they are gone
 * in the relay's order, with control characters escaped (text.h). */
#ifndef TERN_CLIENT_CHAT_H
#define TERN_CLIENT_CHAT_H

#include "lines.h"
#include "outlet.h"
#include "session.h"

#define TERN_CHAT_LINE_MAX TERN_DEFAULT_MAX_MESSAGE

typedef struct {
    tern_connect_options connect;
    const char *room, *name;
    uint64_t linger_ns; /* after the end of standard input */
    uint64_t until;     /* messages to see before leaving; 0: not so */
} tern_chat_options;

typedef enum {
    TERN_CHAT_CONNECTING,
    TERN_CHAT_JOINING,
    TERN_CHAT_INSIDE,
    TERN_CHAT_LEAVING /* LEAVE is said; once the relay has it, we end */
} tern_chat_state;

typedef struct {
    uint32_t id;
    char nick[TERN_NICK_SIZE];
} tern_chat_member;

typedef struct tern_chat {
    tern_session session;
    tern_chat_options options;
    tern_chat_state state;
    bool on_terminal, colour;
    uint32_t own_id;
    uint32_t awaited; /* PRESENT events that follow */
    bool welcomed;    /* our own ARRIVED has come */
    tern_chat_member *members;
    size_t members_n, members_cap;

    tern_watch input;
    tern_lines lines;
    tern_bytes line; /* to be published: a view of lines */
    bool line_waits, input_ended, leave_said;
    uint64_t published, returned, missed, seen;
    uint64_t on_the_way; /* bytes published that have not come back: others get them no sooner */
    tern_time ended_at;  /* when standard input had ended and all was back */
    int status;
    tern_outlet out;
} tern_chat;

/* chat.c, for the screen: a line was typed, without its end; no more will come. */
void tern_chat_typed(tern_chat *c, const char *line);
void tern_chat_input_ended(tern_chat *c);

int tern_chat_run(const tern_chat_options *options); /* the exit status */

/* chat_show.c: what is seen of an event. */
void tern_chat_show_message(tern_chat *c, const tern_event *event);
void tern_chat_show_presence(tern_chat *c, const char *nick, const char *what); /* "joined", "left" */
void tern_chat_show_here(tern_chat *c);
void tern_chat_show_missed(tern_chat *c, uint64_t count);

#endif
