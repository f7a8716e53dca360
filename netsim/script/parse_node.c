/* SPDX-License-Identifier: MIT */
/* `node`: who is there. */
#include "script/parse.h"

#include "world/queue.h"
#include "world/world.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    sim_unit unit;
    uint64_t min, max;
    bool client, relay;
} OPTIONS[SIM_OPT_COUNT] = {
    [SIM_OPT_IDLE] = { "idle", SIM_MILLISECONDS, 1000, SIM_HOUR / TERN_MS, true, true },
    [SIM_OPT_MAX_MESSAGE] = { "max-message", SIM_SIZE, 1, 1 << 24, true, true },
    [SIM_OPT_STREAM_WINDOW] = { "stream-window", SIM_SIZE, 1, 1 << 30, true, true },
    [SIM_OPT_CONNECTION_WINDOW] = { "connection-window", SIM_SIZE, 1, 1 << 30, true, true },
    [SIM_OPT_MESSAGE_WINDOW] = { "message-window", SIM_SIZE, 1, 1 << 30, true, true },
    [SIM_OPT_KEEP] = { "keep", SIM_SIZE, 1, 1 << 30, true, true },
    [SIM_OPT_UNORDERED] = { "unordered-window", SIM_SIZE, 1, 1 << 30, true, true },
    [SIM_OPT_DATAGRAMS] = { "datagrams", SIM_SIZE, 1, 65535, true, true },
    [SIM_OPT_PAGES] = { "pages", SIM_COUNT, 1, 1 << 18, true, true },
    [SIM_OPT_KEY_UPDATE] = { "key-update", SIM_COUNT, 1, 1 << 22, true, true },
    [SIM_OPT_MAX_CONNECTIONS] = { "max-connections", SIM_COUNT, 1, 4096, false, true },
    [SIM_OPT_MAX_PER_ADDRESS] = { "max-per-address", SIM_COUNT, 1, 4096, false, true },
    [SIM_OPT_MAX_ROOMS] = { "max-rooms", SIM_COUNT, 1, 4096, false, true },
    [SIM_OPT_MAX_MEMBERS] = { "max-members", SIM_COUNT, 1, 4096, false, true },
    [SIM_OPT_HISTORY] = { "history", SIM_SIZE, 1, 1 << 28, false, true },
};

static bool parse_number_option(sim_node_spec *n, sim_line *l)
{
    for (int i = 0; i < SIM_OPT_COUNT; i++) {
        if (!(n->role == SIM_CLIENT ? OPTIONS[i].client : OPTIONS[i].relay) || !sim_line_accept(l, OPTIONS[i].name))
            continue;
        if (n->option[i] != 0) sim_line_wrong_at(l, &l->words[l->at - 1], SIM_ONCE);
        sim_line_slot(l, OPTIONS[i].name);
        n->option[i] = sim_line_value(l, OPTIONS[i].unit, OPTIONS[i].min, OPTIONS[i].max);
        return true;
    }
    return false;
}

static void parse_congestion(sim_node_spec *n, sim_line *l)
{
    uint32_t kind = 0;
    if (n->congestion != 0) sim_line_wrong_at(l, &l->words[l->at - 1], SIM_ONCE);
    while (kind < TERN_CONGESTION_COUNT && !sim_line_accept(l, tern_congestion_name((tern_congestion_kind)kind)))
        kind++;
    if (kind == TERN_CONGESTION_COUNT) sim_line_wrong(l, "newreno, cubic or bbr");
    n->congestion = kind + 1;
}

static void parse_trust(sim_node_spec *n, sim_line *l)
{
    if (sim_line_accept(l, "pin"))
        n->trust = SIM_TRUST_PIN;
    else if (sim_line_accept(l, "wrong-pin"))
        n->trust = SIM_TRUST_WRONG_PIN;
    else if (sim_line_accept(l, "first-use"))
        n->trust = SIM_TRUST_FIRST_USE;
    else
        sim_line_wrong(l, "pin, wrong-pin or first-use");
}

static void parse_nat(sim_node_spec *n, sim_line *l)
{
    if (n->nat != 0) sim_line_wrong_at(l, &l->words[l->at - 1], SIM_ONCE);
    sim_line_slot(l, "nat");
    n->nat = sim_line_value(l, SIM_TIME, TERN_MS, SIM_HOUR);
}

static void parse_client_option(sim_scenario *s, sim_node_spec *n, sim_line *l)
{
    const sim_word *w = sim_line_peek(l);
    bool again = (n->relay != SIM_NONE && sim_word_is(w, "relay")) || (n->nick != n->name && sim_word_is(w, "nick"));
    if (again)
        sim_line_wrong_at(l, w, SIM_ONCE);
    else if (sim_line_accept(l, "relay"))
        n->relay = sim_parse_node_name(s, l, SIM_RELAY, "a relay declared above");
    else if (sim_line_accept(l, "nick"))
        n->nick = sim_parse_text(s, l, TERN_NAME_MAX, "a nickname of 1 to 64 bytes");
    else if (sim_line_accept(l, "nat"))
        parse_nat(n, l);
    else if (sim_line_accept(l, "trust"))
        parse_trust(n, l);
    else if (sim_line_accept(l, "tickets"))
        n->tickets = true;
    else
        sim_line_wrong(
            l,
            "an option of a client: relay, nick, nat, trust, tickets, plaintext, off, congestion, idle, max-message, "
            "pages, keep, datagrams or a window");
}

static sim_named *new_named(sim_scenario *s, sim_named **list)
{
    sim_named *n = sim_scenario_alloc(s, sizeof *n);
    while (*list != NULL) list = &(*list)->next;
    return *list = n;
}

static void parse_relay_option(sim_scenario *s, sim_node_spec *n, sim_line *l)
{
    if (sim_line_accept(l, "room")) {
        new_named(s, &n->rooms)->name = sim_parse_text(s, l, TERN_NAME_MAX, "a room's name of 1 to 64 bytes");
    } else if (sim_line_accept(l, "file")) {
        sim_named *file = new_named(s, &n->files);
        file->name = sim_parse_text(s, l, TERN_FILE_NAME_MAX, "a file's name of 1 to 200 bytes");
        sim_line_slot(l, file->name);
        file->size = sim_line_value(l, SIM_SIZE, 0, 1 << 28);
    } else if (sim_line_accept(l, "retry")) {
        n->retry = true;
    } else {
        sim_line_wrong(l,
                       "an option of a relay: room, file, retry, history, plaintext, off, congestion, idle, max-..., "
                       "pages, keep, datagrams or a window");
    }
}

const tern_dialect_facts *sim_dialect_facts(tern_dialect dialect)
{
    size_t i = 0;
    while (tern_dialect_at(i)->dialect != dialect) i++;
    return tern_dialect_at(i);
}

static void parse_gate(sim_scenario *s, sim_node_spec *n, sim_line *l)
{
    const sim_word *w = sim_line_next(l, "a dialect such as aes-session");
    const tern_dialect_facts *facts = NULL;
    for (size_t i = 0; tern_dialect_at(i) != NULL; i++)
        if (sim_word_is(w, tern_dialect_at(i)->name)) facts = tern_dialect_at(i);
    if (facts == NULL) sim_line_wrong_at(l, w, "rsa-fragment, tlv-multicast, aes-session or tls-chat");
    n->dialect = facts == NULL ? TERN_DIALECT_RSA_FRAGMENT : facts->dialect;
    n->room = "hall";
    if (sim_line_accept(l, "relay")) {
        n->relay = sim_parse_node_name(s, l, SIM_RELAY, "a relay declared above");
    } else {
        for (uint32_t i = 0; i < s->nodes_n && n->relay == SIM_NONE; i++)
            if (s->nodes[i].role == SIM_RELAY) n->relay = i;
        if (n->relay == SIM_NONE) sim_line_wrong(l, "a relay above, or 'relay' and its name");
    }
    if (sim_line_accept(l, "room")) n->room = sim_parse_text(s, l, TERN_NAME_MAX, "a room's name of 1 to 64 bytes");
}

static void parse_guest(sim_scenario *s, sim_node_spec *n, sim_line *l)
{
    n->gate = sim_parse_node_name(s, l, SIM_GATE, "a gate declared above");
    if (!sim_line_ok(l)) return;
    const sim_node_spec *gate = &s->nodes[n->gate];
    n->dialect = gate->dialect;
    n->relay = gate->relay;
    n->room = gate->room;
    while (sim_line_ok(l) && sim_line_peek(l) != NULL) {
        if (sim_line_accept(l, "off"))
            n->off = true;
        else if (sim_line_accept(l, "nat"))
            parse_nat(n, l);
        else if (sim_line_accept(l, "nick") && n->nick == n->name)
            n->nick = sim_parse_text(s, l, TERN_NAME_MAX, "a nickname of 1 to 64 bytes");
        else
            sim_line_wrong(l, "an option of a guest, once each: nick, nat or off");
    }
}

/* The kind of node; what a line of this kind goes on with. */
static void parse_role(sim_scenario *s, sim_node_spec *n, sim_line *l)
{
    if (sim_line_accept(l, "client")) {
        n->role = SIM_CLIENT;
    } else if (sim_line_accept(l, "relay")) {
        n->role = SIM_RELAY;
    } else if (sim_line_accept(l, "gate")) {
        n->role = SIM_GATE;
        parse_gate(s, n, l);
    } else if (sim_line_accept(l, "guest")) {
        n->role = SIM_GUEST;
        parse_guest(s, n, l);
    } else {
        sim_line_wrong(l, "client, relay, gate or guest");
    }
}

void sim_parse_node(sim_scenario *s, sim_line *l)
{
    const sim_word *w = sim_line_next(l, "a name for the node");
    if (!sim_name_is_good(s, w))
        sim_line_wrong_at(l, w, SIM_NAME_WANTED);
    else if (s->nodes_n == SIM_NODES_NAMED)
        sim_line_wrong_at(l, w, "at most 4096 nodes");
    if (!sim_line_ok(l)) return;
    s->nodes = sim_grow(s->nodes, s->nodes_n + 1, sizeof *s->nodes);
    sim_node_spec *n = &s->nodes[s->nodes_n];
    memset(n, 0, sizeof *n);
    n->relay = n->gate = n->group = SIM_NONE;
    n->line = l->number;
    char *name = sim_scenario_alloc(s, w->n + 1);
    memcpy(name, w->p, w->n);
    n->name = n->nick = name;
    sim_line_scope(l, "node", name);
    parse_role(s, n, l);
    while ((n->role == SIM_CLIENT || n->role == SIM_RELAY) && sim_line_ok(l) && sim_line_peek(l) != NULL) {
        if (sim_line_accept(l, "plaintext"))
            n->plaintext = true;
        else if (sim_line_accept(l, "off"))
            n->off = true;
        else if (sim_line_accept(l, "congestion"))
            parse_congestion(n, l);
        else if (!parse_number_option(n, l))
            (n->role == SIM_CLIENT ? parse_client_option : parse_relay_option)(s, n, l);
    }
    s->nodes_n++;
}
