/* SPDX-License-Identifier: MIT */
/* The arguments of `tern chat`. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "chat.h"
#include "commands.h"
#include "posix/numbers.h"
#include "posix/say.h"

enum { OPT_LINGER = 256, OPT_UNTIL };

static const struct argp_option options[] = {
    { "room", 'r', "ROOM", 0, "the room to join", 0 },
    { "name", 'n', "NAME", 0, "your nickname in it", 0 },
    { "linger", OPT_LINGER, "SECONDS", 0, "stay for so long when standard input has ended", 1 },
    { "until", OPT_UNTIL, "N", 0, "stay until N messages were seen, and leave then", 1 },
    { 0 },
};

static void check(struct argp_state *state, const tern_chat_options *o)
{
    if (o->room == NULL) argp_error(state, "which room? --room ROOM is missing");
    if (o->name == NULL) argp_error(state, "who are you? --name NAME is missing");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    tern_chat_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->connect; break;
    case 'r': o->room = arg; break;
    case 'n': o->name = arg; break;
    case OPT_LINGER:
        if (!tern_parse_seconds(arg, &o->linger_ns)) argp_error(state, "--linger takes seconds, not '%s'", arg);
        break;
    case OPT_UNTIL:
        if (!tern_parse_number(arg, 1, UINT32_MAX, &o->until))
            argp_error(state, "--until takes a number, not '%s'", arg);
        break;
    case ARGP_KEY_ARG:
        if (o->connect.has_relay) argp_error(state, "'%s' is too much: the only argument is HOST:PORT", arg);
        tern_connect_relay(state, &o->connect, arg);
        break;
    case ARGP_KEY_END: check(state, o); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static bool name_is_good(const char *what, const char *name)
{
    if (tern_room_name_ok(tern_bytes_of(name, strlen(name)))) return true;
    tern_say("%s has 1 to 64 bytes of UTF-8, not all white space, and no control characters", what);
    return false;
}

int tern_chat_main(int argc, char **argv)
{
    static const struct argp_child children[] = TERN_CONNECT_CHILDREN;
    static const struct argp argp = {
        options,
        parse,
        "HOST:PORT --room ROOM --name NAME",
        "Joins a room of a relay: what you type is sent, what others say is shown.\v"
        "Without a terminal each line of standard input is a message, and standard output has a line `NICK> text` for "
        "each message "
        "of the room, your own too, and `* NICK joined`, `* NICK left`, `* here: A, B`. At the end of standard input "
        "it waits until the "
        "relay has sent everything back, and leaves. On a terminal /who and /quit are commands.",
        children,
        NULL,
        NULL,
    };
    tern_chat_options o;
    memset(&o, 0, sizeof o);
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
    if (!name_is_good("a nickname", o.name) || !name_is_good("a room's name", o.room)) return 1;
    return tern_chat_run(&o);
}
