/* SPDX-License-Identifier: MIT */
/* The file, line by line. */
#include "script/parse.h"

#include "world/queue.h"

#include <stdlib.h>
#include <string.h>

static void parse_req(sim_scenario *s, sim_line *l)
{
    (void)s;
    do {
        const sim_word *w = sim_line_next(l, "an id such as REC-017");
        size_t dash = 0;
        while (dash < w->n && w->p[dash] != '-') dash++;
        bool good = dash > 0 && w->n == dash + 4 && !w->quoted;
        for (size_t i = 0; good && i < w->n; i++) {
            char c = w->p[i];
            if (i < dash)
                good = (c >= 'A' && c <= 'Z') || (i > 0 && c >= '0' && c <= '9');
            else if (i > dash)
                good = c >= '0' && c <= '9';
        }
        if (!good) sim_line_wrong_at(l, w, "an id such as REC-017");
    } while (sim_line_ok(l) && sim_line_peek(l) != NULL);
}

static void parse_until(sim_scenario *s, sim_line *l)
{
    if (s->until != 0) sim_line_wrong_at(l, &l->words[0], "only one 'until'");
    s->until = sim_line_value(l, SIM_TIME, 1, 24 * SIM_HOUR);
}

static const struct {
    const char *name;
    void (*parse)(sim_scenario *s, sim_line *l);
} STATEMENTS[] = { { "req", parse_req },           { "node", sim_parse_node },   { "link", sim_parse_link },
                   { "queue", sim_parse_queue },   { "group", sim_parse_group }, { "at", sim_parse_at },
                   { "expect", sim_parse_expect }, { "until", parse_until } };

static void parse_statement(sim_scenario *s, sim_line *l)
{
    const sim_word *w = sim_line_next(l, "a statement");
    for (size_t i = 0; i < sizeof STATEMENTS / sizeof STATEMENTS[0]; i++) {
        if (!sim_word_is(w, STATEMENTS[i].name)) continue;
        STATEMENTS[i].parse(s, l);
        if (sim_line_ok(l)) sim_line_end(l);
        return;
    }
    sim_line_wrong_at(l, w, "a statement: req, node, queue, link, group, at, expect or until");
}

/* A control character that does not separate anything; n when there is none. */
static size_t find_control(tern_bytes text)
{
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f) return i;
    }
    return text.n;
}

/*= SIM-003 */
bool sim_scenario_parse(sim_scenario *s, tern_bytes file, uint64_t seed, sim_error *error)
{
    sim_prf prf = sim_prf_of_seed(seed);
    sim_line *l = sim_grow(NULL, 1, sizeof *l);
    unsigned number = 0;
    memset(s, 0, sizeof *s);
    memset(error, 0, sizeof *error);
    if (file.n > SIM_FILE_MAX) *error = (sim_error){ 1, 1, "expected a scenario of at most 1048576 bytes" };
    for (size_t at = 0; at < file.n && error->line == 0;) {
        size_t end = at;
        while (end < file.n && file.p[end] != '\n') end++;
        tern_bytes text = tern_bytes_of(file.p + at, end - at);
        size_t control = find_control(text);
        if (sim_line_split(l, text, ++number, error, &prf) && control < text.n)
            *error = (sim_error){ number, (unsigned)control + 1, "expected printable text, found a control character" };
        if (error->line == 0 && l->count > 0) parse_statement(s, l);
        at = end + 1;
    }
    l->error = error;
    l->number = number + 1;
    l->end_column = 1;
    l->count = l->at = 0;
    if (error->line == 0) sim_parse_whole(s, l);
    free(l);
    if (error->line != 0) sim_scenario_free(s);
    return error->line == 0;
}
