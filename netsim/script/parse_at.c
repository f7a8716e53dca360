/* SPDX-License-Identifier: MIT */
/* `at`: what happens when. */
#include "script/parse.h"

#include "world/queue.h"
#include "world/world.h"

#include <string.h>

#define CLIENT_WANTED "a client declared above"
#define PERSON_WANTED "a client or guest declared above"
#define WHOLE_WANTED  "a client, guest or relay declared above: a gate is its relay's"

static void parse_join(sim_scenario *s, sim_line *l, sim_action *a)
{
    a->node = sim_parse_node_name(s, l, SIM_CLIENT, CLIENT_WANTED);
    a->name = sim_parse_text(s, l, 255, "a room's name");
    if (sim_line_accept(l, "as")) a->nick = sim_parse_text(s, l, 255, "a nickname");
}

static void parse_times(sim_line *l, sim_action *a, bool spelled)
{
    if (!spelled) return;
    a->count = sim_line_value(l, SIM_COUNT, 1, 1000000);
    sim_line_require(l, "every");
    a->every = sim_line_value(l, SIM_TIME, 0, SIM_HOUR);
}

static void parse_say(sim_scenario *s, sim_line *l, sim_action *a)
{
    a->node = sim_parse_node_name(s, l, SIM_PERSON, PERSON_WANTED);
    const sim_word *w = sim_line_peek(l);
    if (w != NULL && w->quoted) {
        a->name = sim_parse_text(s, l, SIM_LINE_MAX, "a text of at least one byte");
        a->size = strlen(a->name);
    } else {
        bool guest = s->nodes_n > 0 && s->nodes[a->node].role == SIM_GUEST;
        a->size = sim_line_value(l, SIM_SIZE, 0, guest ? SIM_GUEST_SAYS_MAX : 1 << 24);
    }
    parse_times(l, a, sim_line_accept(l, "times"));
}

#define TELL_LEAST 8 /* bytes: the number that it begins with */

static void parse_tell(sim_scenario *s, sim_line *l, sim_action *a)
{
    a->node = sim_parse_node_name(s, l, SIM_CLIENT, CLIENT_WANTED);
    a->size = sim_line_value(l, SIM_SIZE, TELL_LEAST, 1 << 24);
    if (a->verb == SIM_DO_TELL && sim_line_accept(l, "deadline"))
        a->duration = sim_line_value(l, SIM_TIME, TERN_MS, SIM_HOUR);
    parse_times(l, a, sim_line_accept(l, "times"));
}

static void parse_client(sim_scenario *s, sim_line *l, sim_action *a)
{
    a->node = sim_parse_node_name(s, l, SIM_CLIENT, CLIENT_WANTED);
}

static void parse_relay(sim_scenario *s, sim_line *l, sim_action *a)
{
    a->node = sim_parse_node_name(s, l, SIM_RELAY, "a relay declared above");
}

static void parse_person(sim_scenario *s, sim_line *l, sim_action *a)
{
    a->node = sim_parse_node_name(s, l, SIM_PERSON, PERSON_WANTED);
}

static void parse_whole(sim_scenario *s, sim_line *l, sim_action *a)
{
    a->node = sim_parse_node_name(s, l, SIM_PERSON | SIM_RELAY, WHOLE_WANTED);
}

static void parse_group(sim_scenario *s, sim_line *l, sim_action *a)
{
    a->node = sim_parse_node_name(s, l, 0, "a node declared above");
    a->group = sim_parse_group_name(s, l);
}

static void parse_put(sim_scenario *s, sim_line *l, sim_action *a)
{
    parse_client(s, l, a);
    a->size = sim_line_value(l, SIM_SIZE, 0, 1 << 28);
    if (sim_line_accept(l, "as")) a->name = sim_parse_text(s, l, TERN_FILE_NAME_MAX, "a file's name of 1 to 200 bytes");
}

static void parse_get(sim_scenario *s, sim_line *l, sim_action *a)
{
    parse_client(s, l, a);
    a->name = sim_parse_text(s, l, TERN_FILE_NAME_MAX, "a file's name of 1 to 200 bytes");
}

static void parse_stream(sim_scenario *s, sim_line *l, sim_action *a)
{
    parse_client(s, l, a);
    a->size = sim_line_value(l, SIM_SIZE, 0, UINT64_C(1) << 32);
}

static void parse_fault(sim_scenario *s, sim_line *l, sim_action *a)
{
    const sim_word *verb = &l->words[l->at - 1];
    while (!sim_word_is(verb, sim_fault_kind_name(a->fault))) a->fault++;
    sim_parse_known_link(s, l, &a->from, &a->to, NULL);
    if (sim_line_accept(l, "pkt"))
        a->number = sim_line_value(l, SIM_COUNT, 1, SIM_PACKETS_TOTAL);
    else if (sim_line_accept(l, "next"))
        a->count = sim_line_at_value(l) ? sim_line_value(l, SIM_COUNT, 1, SIM_EXACT_MAX) : 1;
    else
        sim_line_wrong(l, "pkt or next");
    if (a->fault != SIM_FAULT_HOLD) return;
    sim_line_require(l, "by");
    a->duration = sim_line_value(l, SIM_TIME, 0, SIM_HOUR);
}

static void parse_partition(sim_scenario *s, sim_line *l, sim_action *a)
{
    sim_parse_known_link(s, l, &a->from, &a->to, &a->both_ways);
    sim_line_require(l, "for");
    a->duration = sim_line_value(l, SIM_TIME, 1, SIM_HOUR);
}

static void parse_rebind(sim_scenario *s, sim_line *l, sim_action *a)
{
    parse_person(s, l, a);
    a->address = sim_line_accept(l, "address");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void parse_hex(sim_scenario *s, sim_line *l, sim_action *a)
{
    static const char expected[] = "bytes as pairs of hexadecimal digits";
    const sim_word *w = sim_line_next(l, expected);
    a->bytes = sim_scenario_alloc(s, w->n / 2 + 1);
    a->size = w->n / 2;
    bool good = w->n > 0 && w->n % 2 == 0 && !w->quoted;
    for (size_t i = 0; good && i < w->n; i += 2) {
        int high = hex_digit(w->p[i]), low = hex_digit(w->p[i + 1]);
        good = high >= 0 && low >= 0;
        if (good) a->bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    if (!good) sim_line_wrong_at(l, w, expected);
}

static void parse_inject(sim_scenario *s, sim_line *l, sim_action *a)
{
    sim_parse_known_link(s, l, &a->from, &a->to, NULL);
    a->count = 1;
    if (sim_line_accept(l, "bytes")) {
        a->inject = SIM_INJECT_BYTES;
        parse_hex(s, l, a);
    } else {
        if (sim_line_accept(l, "random"))
            a->inject = SIM_INJECT_RANDOM;
        else if (sim_line_accept(l, "mutated"))
            a->inject = SIM_INJECT_MUTATED;
        else if (sim_line_accept(l, "replay"))
            a->inject = SIM_INJECT_REPLAY;
        else if (sim_has_link(s, a->to, a->from) && sim_line_accept(l, "echo"))
            a->inject = SIM_INJECT_ECHO;
        else
            sim_line_wrong(l, "random, mutated, replay, bytes, or echo with a link back");
        parse_times(l, a, true);
    }
    if (sim_line_accept(l, "as")) {
        sim_line_require(l, "stranger");
        a->stranger = true;
    }
}

static void parse_heal(sim_scenario *s, sim_line *l, sim_action *a)
{
    (void)s;
    (void)l;
    (void)a;
}

static const struct {
    const char *name;
    sim_verb verb;
    void (*parse)(sim_scenario *s, sim_line *l, sim_action *a);
} VERBS[] = {
    { "join", SIM_DO_JOIN, parse_join },
    { "say", SIM_DO_SAY, parse_say },
    { "tell", SIM_DO_TELL, parse_tell },
    { "datagram", SIM_DO_DATAGRAM, parse_tell },
    { "leave", SIM_DO_LEAVE, parse_person },
    { "put", SIM_DO_PUT, parse_put },
    { "get", SIM_DO_GET, parse_get },
    { "stream", SIM_DO_STREAM, parse_stream },
    { "fetch", SIM_DO_FETCH, parse_stream },
    { "close", SIM_DO_CLOSE, parse_client },
    { "shutdown", SIM_DO_SHUTDOWN, parse_relay },
    { "crash", SIM_DO_CRASH, parse_whole },
    { "start", SIM_DO_START, parse_whole },
    { "drop", SIM_DO_FAULT, parse_fault },
    { "lose", SIM_DO_FAULT, parse_fault },
    { "dup", SIM_DO_FAULT, parse_fault },
    { "hold", SIM_DO_FAULT, parse_fault },
    { "corrupt", SIM_DO_FAULT, parse_fault },
    { "partition", SIM_DO_PARTITION, parse_partition },
    { "clog", SIM_DO_CLOG, parse_partition },
    { "set", SIM_DO_SET, sim_parse_set },
    { "rebind", SIM_DO_REBIND, parse_rebind },
    { "inject", SIM_DO_INJECT, parse_inject },
    { "heal", SIM_DO_HEAL, parse_heal },
    { "enter", SIM_DO_ENTER, parse_group },
    { "exit", SIM_DO_EXIT, parse_group },
};

void sim_parse_at(sim_scenario *s, sim_line *l)
{
    sim_action a = { .line = l->number, .count = 1, .queue = SIM_NONE };
    a.at = sim_line_value(l, SIM_TIME, 0, 24 * SIM_HOUR);
    const sim_word *w = sim_line_next(l, "what is to happen");
    size_t i = 0, n = sizeof VERBS / sizeof VERBS[0];
    while (i < n && !sim_word_is(w, VERBS[i].name)) i++;
    if (i == n) {
        sim_line_wrong_at(l, w,
                          "join, say, tell, datagram, leave, put, get, stream, fetch, close, shutdown, crash, start, "
                          "drop, lose, dup, hold, corrupt, partition, clog, set, "
                          "rebind, inject, heal, enter or exit");
        return;
    }
    a.verb = VERBS[i].verb;
    VERBS[i].parse(s, l, &a);
    if (s->actions_n == SIM_ACTIONS_MAX) sim_line_wrong_at(l, &l->words[0], "at most 20000 'at' statements");
    if (!sim_line_ok(l)) return;
    a.text = sim_line_text(s, l);
    if (s->actions_n % 64 == 0) s->actions = sim_grow(s->actions, s->actions_n + 64, sizeof *s->actions);
    s->actions[s->actions_n++] = a;
}
