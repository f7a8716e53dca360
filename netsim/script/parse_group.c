/* SPDX-License-Identifier: MIT */
/* `group`: a multicast address, and who listens to it. */
#include "script/parse.h"

#include "world/queue.h"
#include "world/world.h"

#include <string.h>

uint32_t sim_find_group(const sim_scenario *s, const char *p, size_t n)
{
    for (uint32_t i = 0; i < s->groups_n; i++)
        if (strlen(s->groups[i].name) == n && memcmp(s->groups[i].name, p, n) == 0) return i;
    return SIM_NONE;
}

uint32_t sim_parse_group_name(sim_scenario *s, sim_line *l)
{
    const sim_word *w = sim_line_next(l, "a group declared above");
    uint32_t group = w->quoted ? SIM_NONE : sim_find_group(s, w->p, w->n);
    if (group == SIM_NONE) sim_line_wrong_at(l, w, "a group declared above");
    return group == SIM_NONE ? 0 : group;
}

/* A number of at most `most` in digits without a zero in front, off the front of the word; false when there is none. */
static bool take_number(const char **p, const char *end, unsigned most, unsigned *number)
{
    const char *start = *p;
    *number = 0;
    while (*p < end && **p >= '0' && **p <= '9' && *number <= most) *number = *number * 10 + (unsigned)(*(*p)++ - '0');
    return *p > start && *number <= most && (*start != '0' || *p == start + 1);
}

/* 224.1.1.1:5007 */
static bool read_address(const sim_word *w, tern_addr *addr)
{
    const char *p = w->p, *end = w->p + w->n;
    unsigned number;
    *addr = (tern_addr){ .family = 4 };
    for (int i = 0; i < 4; i++) {
        if (!take_number(&p, end, 255, &number) || p == end || *p++ != (i < 3 ? '.' : ':')) return false;
        addr->ip[i] = (uint8_t)number;
    }
    if (!take_number(&p, end, 65535, &number) || p != end || w->quoted) return false;
    addr->port = (uint16_t)number;
    return addr->ip[0] >= 224 && addr->ip[0] <= 239 && number > 0;
}

static void add_node(sim_scenario *s, sim_group_line *g, sim_line *l)
{
    uint32_t node = sim_parse_node_name(s, l, 0, "a node declared above");
    for (uint32_t i = 0; i < g->nodes_n; i++)
        if (g->nodes[i] == node) sim_line_wrong_at(l, &l->words[l->at - 1], "each node once");
    if (sim_line_ok(l)) g->nodes[g->nodes_n++] = node;
}

void sim_parse_group(sim_scenario *s, sim_line *l)
{
    const sim_word *w = sim_line_next(l, "a name for the group");
    sim_group_line g = { .name = NULL };
    if (!sim_name_is_good(s, w))
        sim_line_wrong_at(l, w, SIM_NAME_WANTED);
    else if (s->groups_n == SIM_GROUPS_MAX)
        sim_line_wrong_at(l, w, "at most 16 groups");
    if (!sim_line_ok(l)) return;
    char *name = sim_scenario_alloc(s, w->n + 1);
    memcpy(name, w->p, w->n);
    g.name = name;
    w = sim_line_next(l, "an address such as 224.1.1.1:5007");
    if (!read_address(w, &g.addr)) sim_line_wrong_at(l, w, "an address from 224.0.0.0 to 239.255.255.255 with a port");
    for (uint32_t i = 0; i < s->groups_n; i++)
        if (sim_addr_same(&s->groups[i].addr, &g.addr)) sim_line_wrong_at(l, w, "an address that no other group has");
    g.loop = sim_line_accept(l, "loop");
    g.nodes = sim_scenario_alloc(s, SIM_WORDS_MAX * sizeof *g.nodes);
    while (sim_line_ok(l) && sim_line_peek(l) != NULL) add_node(s, &g, l);
    s->groups = sim_grow(s->groups, s->groups_n + 1, sizeof *s->groups);
    s->groups[s->groups_n++] = g;
}
