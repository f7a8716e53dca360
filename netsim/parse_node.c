/* SPDX-License-Identifier: MIT */
/* `node` and `link`: who is there, and between whom packets travel. */
#include "parse.h"

#include "queue.h"
#include "world.h"

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
    [SIM_OPT_PAGES] = { "pages", SIM_COUNT, 1, 1 << 18, true, true },
    [SIM_OPT_MAX_CONNECTIONS] = { "max-connections", SIM_COUNT, 1, 4096, false, true },
    [SIM_OPT_MAX_ROOMS] = { "max-rooms", SIM_COUNT, 1, 4096, false, true },
    [SIM_OPT_MAX_MEMBERS] = { "max-members", SIM_COUNT, 1, 4096, false, true },
    [SIM_OPT_HISTORY] = { "history", SIM_SIZE, 1, 1 << 28, false, true },
};

#define ONCE "each option once"

static bool parse_number_option(sim_node_spec *n, sim_line *l)
{
    for (int i = 0; i < SIM_OPT_COUNT; i++) {
        if (!(n->role == SIM_CLIENT ? OPTIONS[i].client : OPTIONS[i].relay) || !sim_line_accept(l, OPTIONS[i].name))
            continue;
        if (n->option[i] != 0) sim_line_wrong_at(l, &l->words[l->at - 1], ONCE);
        sim_line_slot(l, OPTIONS[i].name);
        n->option[i] = sim_line_value(l, OPTIONS[i].unit, OPTIONS[i].min, OPTIONS[i].max);
        return true;
    }
    return false;
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

static void parse_client_option(sim_scenario *s, sim_node_spec *n, sim_line *l)
{
    const sim_word *w = sim_line_peek(l);
    bool again = (n->relay != SIM_NONE && sim_word_is(w, "relay")) || (n->nick != n->name && sim_word_is(w, "nick"));
    if (again)
        sim_line_wrong_at(l, w, ONCE);
    else if (sim_line_accept(l, "relay"))
        n->relay = sim_parse_node_name(s, l, SIM_RELAY, "a relay declared above");
    else if (sim_line_accept(l, "nick"))
        n->nick = sim_parse_text(s, l, TERN_NAME_MAX, "a nickname of 1 to 64 bytes");
    else if (sim_line_accept(l, "trust"))
        parse_trust(n, l);
    else
        sim_line_wrong(
            l, "an option of a client: relay, nick, trust, plaintext, off, idle, max-message, pages, keep or a window");
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
    } else {
        sim_line_wrong(
            l, "an option of a relay: room, file, history, plaintext, off, idle, max-..., pages, keep or a window");
    }
}

static bool name_is_good(const sim_scenario *s, const sim_word *w)
{
    static const char *const taken[] = { "all", "drops", "faults", "packets", "goodput", "connections" };
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (sim_word_is(w, taken[i])) return false;
    for (size_t i = 0; i < w->n; i++) {
        char c = w->p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_'))) return false;
    }
    return !w->quoted && w->n > 0 && w->n <= SIM_NAME_MAX && sim_find_node(s, w->p, w->n) == SIM_NONE;
}

static void set_scope(sim_line *l, const char *kind, const char *name)
{
    char text[128];
    int n = snprintf(text, sizeof text, "%s %s", kind, name);
    l->scope = sim_name_hash(tern_bytes_of(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1));
}

void sim_parse_node(sim_scenario *s, sim_line *l)
{
    const sim_word *w = sim_line_next(l, "a name for the node");
    if (!name_is_good(s, w))
        sim_line_wrong_at(l, w, "a new name of at most 32 letters, digits and _, a letter first");
    else if (s->nodes_n == SIM_NODES_MAX)
        sim_line_wrong_at(l, w, "at most 256 nodes");
    if (!sim_line_ok(l)) return;
    s->nodes = sim_grow(s->nodes, s->nodes_n + 1, sizeof *s->nodes);
    sim_node_spec *n = &s->nodes[s->nodes_n];
    memset(n, 0, sizeof *n);
    n->relay = SIM_NONE;
    n->line = l->number;
    char *name = sim_scenario_alloc(s, w->n + 1);
    memcpy(name, w->p, w->n);
    n->name = n->nick = name;
    set_scope(l, "node", name);
    if (sim_line_accept(l, "client"))
        n->role = SIM_CLIENT;
    else if (sim_line_accept(l, "relay"))
        n->role = SIM_RELAY;
    else
        sim_line_wrong(l, "client or relay");
    while (sim_line_ok(l) && sim_line_peek(l) != NULL) {
        if (sim_line_accept(l, "plaintext"))
            n->plaintext = true;
        else if (sim_line_accept(l, "off"))
            n->off = true;
        else if (!parse_number_option(n, l))
            (n->role == SIM_CLIENT ? parse_client_option : parse_relay_option)(s, n, l);
    }
    s->nodes_n++;
}

static void parse_burst(sim_link_spec *spec, sim_line *l)
{
    spec->burst_enter = sim_line_value(l, SIM_PROBABILITY, 0, SIM_CHANCE_ONE);
    spec->burst_leave = sim_line_value(l, SIM_PROBABILITY, 1, SIM_CHANCE_ONE);
}

static void parse_reorder(sim_link_spec *spec, sim_line *l)
{
    spec->reorder = sim_line_value(l, SIM_PROBABILITY, 0, SIM_CHANCE_ONE);
    if (!sim_line_accept(l, "by")) return;
    sim_line_slot(l, "reorder by");
    spec->reorder_by = sim_line_value(l, SIM_TIME, 0, SIM_HOUR);
}

/* Options of a link are words, their values are not: one that stands there already has been given. */
static bool is_given(const sim_line *l, const char *option)
{
    for (size_t i = 2; i < l->at; i++)
        if (sim_word_is(&l->words[i], option)) return true;
    return false;
}

static void parse_link_option(sim_link_spec *spec, sim_line *l)
{
    const sim_word *w = sim_line_peek(l);
    char name[16] = { 0 };
    memcpy(name, w->p, w->n < sizeof name ? w->n : sizeof name - 1);
    if (is_given(l, name)) sim_line_wrong_at(l, w, ONCE);
    l->at++;
    sim_line_slot(l, name);
    if (sim_word_is(w, "delay"))
        spec->delay = sim_line_value(l, SIM_TIME, 0, SIM_HOUR);
    else if (sim_word_is(w, "jitter"))
        spec->jitter = sim_line_value(l, SIM_TIME, 0, SIM_HOUR);
    else if (sim_word_is(w, "rate"))
        spec->rate_bps = sim_line_value(l, SIM_RATE, 1000, UINT64_C(10000000000));
    else if (sim_word_is(w, "queue"))
        spec->queue_bytes = sim_line_value(l, SIM_SIZE, 1, 1 << 30);
    else if (sim_word_is(w, "mtu"))
        spec->mtu = sim_line_value(l, SIM_COUNT, 1, TERN_DATAGRAM_MAX);
    else if (sim_word_is(w, "loss"))
        spec->loss = sim_line_value(l, SIM_PROBABILITY, 0, SIM_CHANCE_ONE);
    else if (sim_word_is(w, "ge"))
        parse_burst(spec, l);
    else if (sim_word_is(w, "dup"))
        spec->dup = sim_line_value(l, SIM_PROBABILITY, 0, SIM_CHANCE_ONE);
    else if (sim_word_is(w, "reorder"))
        parse_reorder(spec, l);
    else if (sim_word_is(w, "corrupt"))
        spec->corrupt = sim_line_value(l, SIM_PROBABILITY, 0, SIM_CHANCE_ONE);
    else
        sim_line_wrong_at(l, w, "delay, jitter, rate, queue, mtu, loss, ge, dup, reorder or corrupt");
}

static void add_link(sim_scenario *s, sim_line *l, uint32_t from, uint32_t to, const sim_link_spec *spec)
{
    if (!sim_line_ok(l)) return;
    if (sim_has_link(s, from, to)) {
        sim_line_wrong_at(l, &l->words[1], "a link that has not been declared above");
        return;
    }
    if (s->links_n == SIM_LINKS_MAX) {
        sim_line_wrong_at(l, &l->words[1], "at most 4096 links");
        return;
    }
    s->links = sim_grow(s->links, s->links_n + 1, sizeof *s->links);
    s->links[s->links_n++] = (sim_link_line){ from, to, *spec };
}

void sim_parse_link(sim_scenario *s, sim_line *l)
{
    sim_link_spec spec = { .queue_bytes = SIM_LINK_QUEUE_DEFAULT,
                           .reorder_by = SIM_LINK_REORDER_DEFAULT,
                           .mtu = SIM_LINK_MTU_DEFAULT };
    uint32_t from, to;
    bool both = false;
    sim_parse_link_name(s, l, &from, &to, &both);
    if (!sim_line_ok(l)) return;
    char name[2 * SIM_NAME_MAX + 2];
    snprintf(name, sizeof name, "%s%c%s", s->nodes[from].name, both ? '-' : '>', s->nodes[to].name);
    set_scope(l, "link", name);
    while (sim_line_ok(l) && sim_line_peek(l) != NULL) parse_link_option(&spec, l);
    if (is_given(l, "queue") && !is_given(l, "rate")) sim_line_wrong(l, "a rate, without which nothing queues");
    add_link(s, l, from, to, &spec);
    if (both) add_link(s, l, to, from, &spec);
}
