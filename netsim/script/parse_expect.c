/* SPDX-License-Identifier: MIT */
/* `expect`: what holds, and when; and what only the whole file can be wrong in. */
#include "script/parse.h"

#include "world/queue.h"

#include <stdio.h>
#include <string.h>

#define X_NAME_WIRE(name, code, text) { #name, code },
#define X_NAME_LOCAL(name, text)      { #name, TERN_E_##name },
#define X_NAME_DROP(name, text)       { #name, TERN_DROP_##name },

typedef struct {
    const char *name;
    uint32_t code;
} named_code;

static const named_code ERRORS[] = { TERN_WIRE_ERRORS(X_NAME_WIRE) TERN_LOCAL_ERRORS(X_NAME_LOCAL){ NULL, 0 } };
static const named_code DROPS[] = { TERN_DROPS(X_NAME_DROP){ NULL, 0 } };
static const named_code REFUSED[] = {
    { "NICK_TAKEN", TERN_REFUSED_NICK_TAKEN },         { "BAD_NAME", TERN_REFUSED_BAD_NAME },
    { "ROOM_FULL", TERN_REFUSED_ROOM_FULL },           { "NO_ROOM", TERN_REFUSED_NO_ROOM },
    { "TOO_MANY_ROOMS", TERN_REFUSED_TOO_MANY_ROOMS }, { "NOT_A_MEMBER", TERN_REFUSED_NOT_A_MEMBER },
    { "ALREADY_MEMBER", TERN_REFUSED_ALREADY_MEMBER }, { NULL, 0 }
};
static const named_code FILE_ERRORS[] = {
    { "BAD_FILE_NAME", 1 }, { "NOT_FOUND", 2 }, { "NO_FILES", 3 },    { "NO_SPACE", 4 }, { "TOO_LARGE", 5 },
    { "HASH_MISMATCH", 6 }, { "IO_ERROR", 7 },  { "BAD_REQUEST", 8 }, { "BUSY", 9 },     { NULL, 0 }
};
static const named_code WHYS[] = { { "left", TERN_LEFT_LEFT },
                                   { "closed", TERN_LEFT_CLOSED },
                                   { "timed-out", TERN_LEFT_TIMED_OUT },
                                   { "sent-away", TERN_LEFT_SENT_AWAY },
                                   { NULL, 0 } };

static uint32_t code_of(const named_code *list, const sim_word *w)
{
    for (; list->name != NULL; list++)
        if (sim_word_is(w, list->name)) return list->code;
    return SIM_NONE;
}

static const char *name_of(const named_code *list, uint32_t code)
{
    for (; list->name != NULL; list++)
        if (list->code == code) return list->name;
    return "?";
}

uint32_t sim_code_of_error(const sim_word *w)
{
    return code_of(ERRORS, w);
}

uint32_t sim_code_of_drop(const sim_word *w)
{
    return code_of(DROPS, w);
}

uint32_t sim_code_of_refused(const sim_word *w)
{
    return code_of(REFUSED, w);
}

uint32_t sim_code_of_file_error(const sim_word *w)
{
    return code_of(FILE_ERRORS, w);
}

uint32_t sim_code_of_why(const sim_word *w)
{
    return code_of(WHYS, w);
}

uint32_t sim_code_of_fate(const sim_word *w)
{
    for (uint32_t i = 0; i < SIM_FATE_COUNT; i++)
        if (sim_word_is(w, sim_fate_name((sim_fate)i))) return i;
    return sim_word_is(w, "marked") ? SIM_MARKED : SIM_NONE;
}

const char *sim_refused_name(uint32_t code)
{
    return name_of(REFUSED, code);
}

const char *sim_file_error_name(uint32_t code)
{
    return name_of(FILE_ERRORS, code);
}

const char *sim_why_name(uint32_t code)
{
    return name_of(WHYS, code);
}

static uint32_t parse_code(sim_line *l, uint32_t (*lookup)(const sim_word *), const char *expected)
{
    const sim_word *w = sim_line_next(l, expected);
    uint32_t code = lookup(w);
    if (code == SIM_NONE) sim_line_wrong_at(l, w, expected);
    return code;
}

static void parse_amount(sim_line *l, sim_expect *e, sim_unit unit)
{
    if (sim_line_accept(l, "at-least"))
        e->compare = SIM_AT_LEAST;
    else if (sim_line_accept(l, "at-most"))
        e->compare = SIM_AT_MOST;
    else
        sim_line_accept(l, "exactly");
    e->amount = sim_line_value(l, unit, 0, UINT64_C(1) << 40);
}

static void parse_delivers(sim_scenario *s, sim_line *l, sim_expect *e)
{
    (void)s;
    parse_amount(l, e, SIM_COUNT);
    if (!sim_line_accept(l, "in-order")) sim_line_accept(l, "same-order");
}

static void parse_closed(sim_scenario *s, sim_line *l, sim_expect *e)
{
    (void)s;
    if (!e->never)
        e->code = parse_code(l, sim_code_of_error, "an error of the registry such as NO_ERROR or IDLE_TIMEOUT");
}

static void parse_refused(sim_scenario *s, sim_line *l, sim_expect *e)
{
    (void)s;
    if (!e->never) e->code = parse_code(l, sim_code_of_refused, "a reason to refuse such as NICK_TAKEN");
}

static void parse_sees(sim_scenario *s, sim_line *l, sim_expect *e)
{
    (void)s;
    parse_amount(l, e, SIM_COUNT);
    sim_line_require(l, "members");
}

static void parse_loses(sim_scenario *s, sim_line *l, sim_expect *e)
{
    e->other = sim_parse_node_name(s, l, SIM_PERSON, "a client or guest declared above");
    const sim_word *w = sim_line_peek(l);
    e->code = w == NULL ? SIM_NONE : sim_code_of_why(w);
    if (e->code != SIM_NONE) l->at++;
}

static void parse_count(sim_scenario *s, sim_line *l, sim_expect *e)
{
    (void)s;
    if (!e->never) parse_amount(l, e, SIM_COUNT);
}

static void parse_file_error(sim_scenario *s, sim_line *l, sim_expect *e)
{
    (void)s;
    e->code = parse_code(l, sim_code_of_file_error, "an error of a file such as NOT_FOUND");
}

static void parse_latency(sim_scenario *s, sim_line *l, sim_expect *e)
{
    (void)s;
    parse_amount(l, e, SIM_TIME);
}

static const struct {
    const char *name;
    sim_want want;
    bool can_be_never, of_guests;
    void (*parse)(sim_scenario *s, sim_line *l, sim_expect *e);
} CLIENT_WANTS[] = {
    { "connected", SIM_WANT_CONNECTED, true, true, NULL },
    { "joined", SIM_WANT_JOINED, true, false, NULL },
    { "closed", SIM_WANT_CLOSED, true, true, parse_closed },
    { "refused", SIM_WANT_REFUSED, true, false, parse_refused },
    { "resumed", SIM_WANT_RESUMED, true, false, NULL },
    { "early", SIM_WANT_EARLY, true, false, NULL },
    { "delivers", SIM_WANT_DELIVERS, false, true, parse_delivers },
    { "deliver", SIM_WANT_DELIVERS, false, true, parse_delivers },
    { "sees", SIM_WANT_MEMBERS, false, false, parse_sees },
    { "loses", SIM_WANT_LOSES, false, false, parse_loses },
    { "missed", SIM_WANT_MISSED, true, false, parse_count },
    { "files", SIM_WANT_FILES, false, false, parse_count },
    { "streams", SIM_WANT_STREAMS, false, false, parse_count },
    { "messages", SIM_WANT_MESSAGES, false, false, parse_count },
    { "datagrams", SIM_WANT_DATAGRAMS, false, false, parse_count },
    { "latency", SIM_WANT_LATENCY, false, true, parse_latency },
    { "file-error", SIM_WANT_FILE_ERROR, false, false, parse_file_error },
};

static bool has_person(const sim_scenario *s)
{
    for (uint32_t i = 0; i < s->nodes_n; i++)
        if (s->nodes[i].role & SIM_PERSON) return true;
    return false;
}

static void parse_of_client(sim_scenario *s, sim_line *l, sim_expect *e)
{
    const sim_word *who = sim_line_peek(l);
    e->all = sim_line_accept(l, "all");
    if (e->all && !has_person(s)) sim_line_wrong_at(l, who, "a client or guest above, of whom something is expected");
    if (!e->all)
        e->node = sim_parse_node_name(
            s, l, SIM_PERSON, "a client or guest declared above, all, drops, faults, packets, goodput or connections");
    e->never = sim_line_accept(l, "never");
    const sim_word *w = sim_line_next(l, "what is expected of it");
    for (size_t i = 0; i < sizeof CLIENT_WANTS / sizeof CLIENT_WANTS[0]; i++) {
        if (!sim_word_is(w, CLIENT_WANTS[i].name) || (e->never && !CLIENT_WANTS[i].can_be_never)) continue;
        e->of_guests = CLIENT_WANTS[i].of_guests;
        if (!e->all && !e->of_guests && sim_line_ok(l) && s->nodes[e->node].role == SIM_GUEST) break;
        e->want = CLIENT_WANTS[i].want;
        if (CLIENT_WANTS[i].parse != NULL) CLIENT_WANTS[i].parse(s, l, e);
        return;
    }
    bool guest = !e->all && sim_line_ok(l) && s->nodes[e->node].role == SIM_GUEST;
    sim_line_wrong_at(
        l, w,
        guest      ? "of a guest connected, closed, delivers or latency"
        : e->never ? "connected, joined, closed, refused or missed"
                   : "connected, joined, closed, refused, delivers, sees, loses, missed, files, streams or file-error");
}

static void parse_of_link(sim_scenario *s, sim_line *l, sim_expect *e, sim_want want)
{
    e->want = want;
    sim_parse_known_link(s, l, &e->node, &e->other, NULL);
    if (want == SIM_WANT_FAULTS)
        e->code = parse_code(l, sim_code_of_fate, "sent, marked, lost, burst, queue, codel, mtu, partition or dropped");
    parse_amount(l, e, want == SIM_WANT_GOODPUT ? SIM_RATE : SIM_COUNT);
}

void sim_parse_expect(sim_scenario *s, sim_line *l)
{
    sim_expect e = { .line = l->number, .by = TERN_TIME_NEVER };
    if (sim_line_accept(l, "drops")) {
        e.want = SIM_WANT_DROPS;
        e.node = sim_parse_node_name(s, l, 0, "a node declared above");
        e.code = parse_code(l, sim_code_of_drop, "a reason of the registry such as AEAD");
        parse_amount(l, &e, SIM_COUNT);
    } else if (sim_line_accept(l, "connections")) {
        e.want = SIM_WANT_CONNECTIONS;
        e.node = sim_parse_node_name(s, l, SIM_RELAY, "a relay declared above");
        parse_amount(l, &e, SIM_COUNT);
    } else if (sim_line_accept(l, "key-updates")) {
        e.want = SIM_WANT_KEY_UPDATES;
        e.node = sim_parse_node_name(s, l, SIM_CLIENT, "a client declared above");
        parse_amount(l, &e, SIM_COUNT);
    } else if (sim_line_accept(l, "faults")) {
        parse_of_link(s, l, &e, SIM_WANT_FAULTS);
    } else if (sim_line_accept(l, "packets")) {
        parse_of_link(s, l, &e, SIM_WANT_PACKETS);
    } else if (sim_line_accept(l, "goodput")) {
        parse_of_link(s, l, &e, SIM_WANT_GOODPUT);
    } else {
        parse_of_client(s, l, &e);
    }
    if (sim_line_accept(l, "by")) e.by = sim_line_value(l, SIM_TIME, 0, 24 * SIM_HOUR);
    if (s->expects_n == SIM_EXPECTS_MAX) sim_line_wrong_at(l, &l->words[0], "at most 4096 'expect' statements");
    if (!sim_line_ok(l)) return;
    e.text = sim_line_text(s, l);
    s->expects = sim_grow(s->expects, s->expects_n + 1, sizeof *s->expects);
    s->expects[s->expects_n++] = e;
}

static void wrong_whole(sim_line *l, unsigned line, const char *format, const char *name)
{
    if (!sim_line_ok(l)) return;
    l->error->line = line;
    l->error->column = 1;
    snprintf(l->error->text, sizeof l->error->text, format, name);
}

/* A gate's relay, a guest's gate and all that follows from them. */
static void check_gate(sim_scenario *s, sim_line *l, uint32_t gate)
{
    sim_node_spec *n = &s->nodes[gate];
    bool multicast = sim_dialect_facts(n->dialect)->carrier == TERN_CARRIER_MULTICAST;
    for (uint32_t i = 0; i < s->groups_n; i++)
        for (uint32_t k = 0; k < s->groups[i].nodes_n; k++)
            if (s->groups[i].nodes[k] == gate) n->group = i;
    if (multicast && n->group == SIM_NONE)
        wrong_whole(l, n->line, "expected a group with the gate '%s' in it, found none", n->name);
    if (!multicast) n->group = SIM_NONE;
    s->nodes[n->relay].guests += SIM_GATE_GUESTS;
}

static void check_guest(sim_scenario *s, sim_line *l, uint32_t guest)
{
    sim_node_spec *n = &s->nodes[guest];
    n->group = s->nodes[n->gate].group;
    if (!sim_has_link(s, guest, n->gate) || !sim_has_link(s, n->gate, guest))
        wrong_whole(l, n->line, "expected links from the guest '%s' to its gate and back, found them not", n->name);
}

static void check_client(sim_scenario *s, sim_line *l, uint32_t client)
{
    sim_node_spec *n = &s->nodes[client];
    for (uint32_t i = 0; i < s->nodes_n && n->relay == SIM_NONE; i++)
        if (s->nodes[i].role == SIM_RELAY) n->relay = i;
    if (n->relay == SIM_NONE)
        wrong_whole(l, n->line, "expected a relay somewhere for the client '%s', found none", n->name);
    else if (!sim_has_link(s, client, n->relay) || !sim_has_link(s, n->relay, client))
        wrong_whole(l, n->line, "expected links from the client '%s' to its relay and back, found them not", n->name);
}

void sim_parse_whole(sim_scenario *s, sim_line *l)
{
    if (s->until == 0) s->until = 60 * TERN_SECOND;
    if (s->nodes_n == 0) wrong_whole(l, l->number, "expected at least one node, found %s", "none");
    for (uint32_t i = 0; i < s->nodes_n; i++)
        if (s->nodes[i].role == SIM_CLIENT) check_client(s, l, i);
    for (uint32_t i = 0; i < s->nodes_n; i++)
        if (s->nodes[i].role == SIM_GATE) check_gate(s, l, i);
    for (uint32_t i = 0; i < s->nodes_n; i++)
        if (s->nodes[i].role == SIM_GUEST) check_guest(s, l, i);
    for (uint32_t i = 0; i < s->actions_n; i++)
        if (s->actions[i].at > s->until)
            wrong_whole(l, s->actions[i].line, "expected a time before the run ends (until), found '%s'",
                        s->actions[i].text);
    for (uint32_t i = 0; i < s->expects_n; i++) {
        sim_expect *e = &s->expects[i];
        if (e->by == TERN_TIME_NEVER) e->by = s->until;
        if (e->by > s->until)
            wrong_whole(l, e->line, "expected a time before the run ends (until), found '%s'", e->text);
    }
}
