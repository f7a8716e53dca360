/* SPDX-License-Identifier: MIT */
/* Words are views of the file; nothing is copied but what an error says. */
#include "script/text.h"

#include <stdio.h>
#include <string.h>

static bool wrong(sim_line *l, unsigned column, const char *expected, const sim_word *found)
{
    sim_error *e = l->error;
    if (e->line != 0) return false;
    e->line = l->number;
    e->column = column;
    if (found == NULL) {
        snprintf(e->text, sizeof e->text, "expected %s, found the end of the line", expected);
        return false;
    }
    char shown[41];
    size_t n = found->n < 40 ? found->n : 40;
    for (size_t i = 0; i < n; i++) shown[i] = found->p[i] >= ' ' && found->p[i] <= '~' ? found->p[i] : '?';
    shown[n] = '\0';
    snprintf(e->text, sizeof e->text, "expected %s, found '%s'", expected, shown);
    return false;
}

bool sim_line_wrong_at(sim_line *l, const sim_word *at, const char *expected)
{
    return wrong(l, at->n == 0 && !at->quoted ? l->end_column : at->column, expected, at->p == NULL ? NULL : at);
}

/*= SIM-003 */
bool sim_line_wrong(sim_line *l, const char *expected)
{
    const sim_word *w = sim_line_peek(l);
    return wrong(l, w == NULL ? l->end_column : w->column, expected, w);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The end of the word that begins at; *quoted says whether it stands in quotation marks. SIZE_MAX: no closing one. */
static size_t word_end(const char *p, size_t at, size_t n, bool *quoted)
{
    *quoted = p[at] == '"';
    if (!*quoted) {
        while (at < n && !is_blank(p[at])) at++;
        return at;
    }
    for (at++; at < n; at++) {
        if (p[at] == '"') return at;
        if (p[at] == '\\') at++;
    }
    return SIZE_MAX;
}

size_t sim_line_join(const sim_line *l, char *out)
{
    char *p = out;
    for (size_t i = 0; i < l->count; i++) {
        const sim_word *w = &l->words[i];
        if (i > 0) *p++ = ' ';
        if (w->quoted) *p++ = '"';
        memcpy(p, w->p, w->n);
        p += w->n;
        if (w->quoted) *p++ = '"';
    }
    return (size_t)(p - out);
}

/* What the ranges of most lines are drawn for: blanks and comments do not count. */
static uint64_t hash_of_words(const sim_line *l)
{
    char text[SIM_LINE_MAX];
    size_t n = sim_line_join(l, text);
    return sim_name_hash(tern_bytes_of(text, n));
}

bool sim_line_split(sim_line *l, tern_bytes text, unsigned number, sim_error *error, const sim_prf *prf)
{
    const char *p = (const char *)text.p;
    l->count = l->at = 0;
    l->number = number;
    l->error = error;
    l->prf = prf;
    l->end_column = (unsigned)text.n + 1;
    l->slot = 0;
    l->comment = tern_bytes_of(text.p + text.n, 0);
    if (text.n > SIM_LINE_MAX) return wrong(l, SIM_LINE_MAX + 1, "a line of at most 4096 bytes", NULL);
    for (size_t at = 0; at < text.n;) {
        if (is_blank(p[at])) {
            at++;
            continue;
        }
        if (p[at] == '#') {
            l->comment = tern_bytes_of(text.p + at, text.n - at);
            break;
        }
        bool quoted;
        size_t end = word_end(p, at, text.n, &quoted);
        if (end == SIZE_MAX) return wrong(l, l->end_column, "a closing quotation mark", NULL);
        if (l->count == SIM_WORDS_MAX) return wrong(l, (unsigned)at + 1, "at most 128 words", NULL);
        if (quoted && end + 1 < text.n && !is_blank(p[end + 1]))
            return wrong(l, (unsigned)end + 2, "a blank behind the closing quotation mark", NULL);
        size_t first = quoted ? at + 1 : at;
        l->words[l->count++] = (sim_word){ p + first, end - first, (unsigned)at + 1, quoted };
        at = quoted ? end + 1 : end;
    }
    l->scope = hash_of_words(l);
    return true;
}

bool sim_word_is(const sim_word *w, const char *text)
{
    return !w->quoted && w->n == strlen(text) && memcmp(w->p, text, w->n) == 0;
}

const sim_word *sim_line_peek(const sim_line *l)
{
    return l->at < l->count ? &l->words[l->at] : NULL;
}

const sim_word *sim_line_next(sim_line *l, const char *expected)
{
    static const sim_word nothing = { "", 0, 0, false };
    if (l->at == l->count) {
        sim_line_wrong(l, expected);
        return &nothing;
    }
    return &l->words[l->at++];
}

bool sim_line_accept(sim_line *l, const char *text)
{
    const sim_word *w = sim_line_peek(l);
    if (w == NULL || !sim_word_is(w, text)) return false;
    l->at++;
    return true;
}

void sim_line_require(sim_line *l, const char *text)
{
    char expected[64];
    snprintf(expected, sizeof expected, "'%s'", text);
    if (!sim_line_accept(l, text)) sim_line_wrong(l, expected);
}

void sim_line_end(sim_line *l)
{
    if (sim_line_peek(l) != NULL) sim_line_wrong(l, "the end of the line");
}

void sim_line_slot(sim_line *l, const char *text)
{
    l->slot = sim_name_hash(tern_bytes_of(text, strlen(text)));
}
