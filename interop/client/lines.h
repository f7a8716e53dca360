/* SPDX-License-Identifier: MIT */
/* Lines out of bytes that come in pieces. A line that is too long is passed over, and said to be so. */
#ifndef TERN_CLIENT_LINES_H
#define TERN_CLIENT_LINES_H

#include "tern.h"

typedef struct {
    uint8_t *p;
    size_t n, cap;
    size_t searched; /* bytes that hold no end of line */
    size_t taken;    /* bytes of the line that was given last, with its end */
    size_t most;     /* bytes of the longest line, without its end */
    size_t passed;   /* bytes of a line too long that were passed over */
    uint64_t number; /* of the line that was given last, from 1 */
    bool ended;
} tern_lines;

typedef enum {
    TERN_LINE_NONE,    /* more bytes are needed, or there are no more */
    TERN_LINE,         /* one line */
    TERN_LINE_TOO_LONG /* one line that is not given; line.n says how long it was */
} tern_line_got;

void tern_lines_init(tern_lines *l, size_t most);
void tern_lines_free(tern_lines *l);
/* Where to put more bytes; empty when there is no memory. */
tern_buf tern_lines_room(tern_lines *l);
void tern_lines_add(tern_lines *l, size_t n);
/* There will be no more bytes: what is left is a line of its own. */
void tern_lines_end(tern_lines *l);
/* The next line, a view until the next call of any of these. */
tern_line_got tern_lines_next(tern_lines *l, tern_bytes *line);

#endif
