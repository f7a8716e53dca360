/* SPDX-License-Identifier: MIT */
/* A line of a scenario: words, and values with their units (spec: scenario 1 and 2). The first error sticks: read all,
 * check once. */
#ifndef TERN_NETSIM_TEXT_H
#define TERN_NETSIM_TEXT_H

#include "world/prf.h"

#define SIM_LINE_MAX  4096 /* bytes */
#define SIM_WORDS_MAX 128  /* in one line */

typedef struct {
    unsigned line, column; /* from 1; line 0: no error */
    char text[200];        /* what was expected, and what stands there */
} sim_error;

typedef struct {
    const char *p; /* a view of the file */
    size_t n;
    unsigned column;
    bool quoted; /* stood in quotation marks, which are not part of it */
} sim_word;

typedef struct {
    sim_word words[SIM_WORDS_MAX];
    size_t count, at;
    tern_bytes comment; /* from its #, a view of the file */
    unsigned number, end_column;
    sim_error *error;
    const sim_prf *prf;
    uint64_t scope, slot; /* what the next range is drawn for */
} sim_line;

/* The words as they stand, one blank apart, into out, which has room for the line's own length; how long that is. */
size_t sim_line_join(const sim_line *l, char *out);

/* Splits text (without its line feed) at blanks, up to a `#` that begins a word. false: error is set. */
bool sim_line_split(sim_line *l, tern_bytes text, unsigned number, sim_error *error, const sim_prf *prf);

/* Says at the next word (or at a word given) what was expected there; the first call holds. Always false. */
bool sim_line_wrong(sim_line *l, const char *expected);
bool sim_line_wrong_at(sim_line *l, const sim_word *at, const char *expected);
static inline bool sim_line_ok(const sim_line *l)
{
    return l->error->line == 0;
}

bool sim_word_is(const sim_word *w, const char *text);
const sim_word *sim_line_peek(const sim_line *l); /* NULL at the end */
/* The next word; at the end wrong(expected) and an empty word. */
const sim_word *sim_line_next(sim_line *l, const char *expected);
bool sim_line_accept(sim_line *l, const char *text);  /* takes the next word if it is this one */
void sim_line_require(sim_line *l, const char *text); /* wrong if it is not */
void sim_line_end(sim_line *l);                       /* wrong if a word is left */

typedef enum { SIM_TIME, SIM_MILLISECONDS, SIM_SIZE, SIM_RATE, SIM_PROBABILITY, SIM_COUNT } sim_unit;

/* A number with its unit, or a range lo..hi of which the seed picks one, within min..max. 0 when wrong, which the error
 * says by the bound that was passed. */
uint64_t sim_line_value(sim_line *l, sim_unit unit, uint64_t min, uint64_t max);
/* Whether the next word begins with a digit. */
bool sim_line_at_value(const sim_line *l);
/* Draws of the values that follow depend on this text; each value read goes one on. */
void sim_line_slot(sim_line *l, const char *text);

#endif
