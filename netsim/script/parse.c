/* SPDX-License-Identifier: MIT */
/* What every statement needs: words that outlive the file, nodes and links by their names. */
#include "script/parse.h"

#include "world/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct block {
    struct block *next;
    uint64_t bytes[];
} block;

void *sim_scenario_alloc(sim_scenario *s, size_t n)
{
    block *b = sim_grow(NULL, 1, sizeof *b + n);
    b->next = s->memory;
    s->memory = b;
    memset(b->bytes, 0, n);
    return b->bytes;
}

void sim_scenario_free(sim_scenario *s)
{
    while (s->memory != NULL) {
        block *b = s->memory;
        s->memory = b->next;
        free(b);
    }
    free(s->nodes);
    free(s->links);
    free(s->queues);
    free(s->groups);
    free(s->actions);
    free(s->expects);
    memset(s, 0, sizeof *s);
}

const char *sim_line_text(sim_scenario *s, const sim_line *l)
{
    size_t n = 1;
    for (size_t i = 0; i < l->count; i++) n += l->words[i].n + 3;
    char *text = sim_scenario_alloc(s, n);
    text[sim_line_join(l, text)] = '\0';
    return text;
}

const char *sim_parse_text(sim_scenario *s, sim_line *l, size_t max, const char *expected)
{
    const sim_word *w = sim_line_next(l, expected);
    char *text = sim_scenario_alloc(s, w->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (w->quoted && w->p[i] == '\\' && w->p[++i] != '"' && w->p[i] != '\\')
            sim_line_wrong_at(l, w, "\\\" or \\\\ where a backslash stands");
        text[n++] = w->p[i];
    }
    if (n == 0 || n > max) sim_line_wrong_at(l, w, expected);
    return text;
}

/* SIM_NONE when there is none. */
static uint32_t find_node(const sim_scenario *s, const char *p, size_t n)
{
    for (uint32_t i = 0; i < s->nodes_n; i++)
        if (strlen(s->nodes[i].name) == n && memcmp(s->nodes[i].name, p, n) == 0) return i;
    return SIM_NONE;
}

uint32_t sim_find_queue(const sim_scenario *s, const char *p, size_t n)
{
    for (uint32_t i = 0; i < s->queues_n; i++)
        if (strlen(s->queues[i].name) == n && memcmp(s->queues[i].name, p, n) == 0) return i;
    return SIM_NONE;
}

bool sim_name_is_good(const sim_scenario *s, const sim_word *w)
{
    static const char *const taken[] = { "all", "drops", "faults", "packets", "goodput", "connections" };
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (sim_word_is(w, taken[i])) return false;
    for (size_t i = 0; i < w->n; i++) {
        char c = w->p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_'))) return false;
    }
    return !w->quoted && w->n > 0 && w->n <= SIM_NAME_MAX && find_node(s, w->p, w->n) == SIM_NONE &&
           sim_find_queue(s, w->p, w->n) == SIM_NONE && sim_find_group(s, w->p, w->n) == SIM_NONE;
}

void sim_line_scope(sim_line *l, const char *kind, const char *name)
{
    char text[128];
    int n = snprintf(text, sizeof text, "%s %s", kind, name);
    l->scope = sim_name_hash(tern_bytes_of(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1));
}

uint32_t sim_parse_node_name(sim_scenario *s, sim_line *l, unsigned roles, const char *expected)
{
    const sim_word *w = sim_line_next(l, expected);
    uint32_t node = w->quoted ? SIM_NONE : find_node(s, w->p, w->n);
    if (node == SIM_NONE || (roles != 0 && (s->nodes[node].role & roles) == 0)) {
        sim_line_wrong_at(l, w, expected);
        return 0;
    }
    return node;
}

bool sim_has_link(const sim_scenario *s, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < s->links_n; i++)
        if (s->links[i].from == from && s->links[i].to == to) return true;
    return false;
}

void sim_parse_link_name(sim_scenario *s, sim_line *l, uint32_t *from, uint32_t *to, bool *both)
{
    const char *expected =
        both != NULL ? "a link A>B or A-B between nodes declared above" : "a link A>B between nodes declared above";
    const sim_word *w = sim_line_next(l, expected);
    *from = *to = 0;
    for (size_t i = 0; i < w->n && !w->quoted; i++) {
        if (w->p[i] != '>' && (both == NULL || w->p[i] != '-')) continue;
        uint32_t a = find_node(s, w->p, i), b = find_node(s, w->p + i + 1, w->n - i - 1);
        if (a == SIM_NONE || b == SIM_NONE || a == b) continue;
        *from = a;
        *to = b;
        if (both != NULL) *both = w->p[i] == '-';
        return;
    }
    sim_line_wrong_at(l, w, expected);
}

void sim_parse_known_link(sim_scenario *s, sim_line *l, uint32_t *from, uint32_t *to, bool *both)
{
    sim_parse_link_name(s, l, from, to, both);
    if (!sim_line_ok(l)) return;
    bool known = sim_has_link(s, *from, *to) && (both == NULL || !*both || sim_has_link(s, *to, *from));
    if (!known) sim_line_wrong_at(l, &l->words[l->at - 1], "a link declared above");
}
