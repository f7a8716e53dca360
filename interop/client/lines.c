/* SPDX-License-Identifier: MIT */
/* Lines out of bytes that come in pieces (see lines.h). */
#define _GNU_SOURCE
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#define PIECE 65536

void tern_lines_init(tern_lines *l, size_t most)
{
    *l = (tern_lines){ .most = most };
}

void tern_lines_free(tern_lines *l)
{
    free(l->p);
    l->p = NULL;
}

static void drop_taken(tern_lines *l)
{
    if (l->taken == 0) return;
    memmove(l->p, l->p + l->taken, l->n - l->taken);
    l->n -= l->taken;
    l->taken = l->searched = 0;
}

tern_buf tern_lines_room(tern_lines *l)
{
    drop_taken(l);
    if (l->cap - l->n < PIECE) {
        size_t cap = 2 * l->cap > l->n + PIECE ? 2 * l->cap : l->n + PIECE;
        uint8_t *more = realloc(l->p, cap);
        if (more == NULL) return (tern_buf){ NULL, 0 };
        l->p = more;
        l->cap = cap;
    }
    return (tern_buf){ l->p + l->n, PIECE };
}

void tern_lines_add(tern_lines *l, size_t n)
{
    l->n += n;
}

void tern_lines_end(tern_lines *l)
{
    l->ended = true;
}

/* Gives the first n bytes, and end more, away as a line. */
static tern_line_got give(tern_lines *l, size_t n, size_t end, tern_bytes *line)
{
    size_t whole = l->passed + n;
    l->taken = n + end;
    l->passed = 0;
    l->number++;
    *line = tern_bytes_of(l->p, whole > l->most ? whole : n);
    return whole > l->most ? TERN_LINE_TOO_LONG : TERN_LINE;
}

tern_line_got tern_lines_next(tern_lines *l, tern_bytes *line)
{
    drop_taken(l);
    *line = tern_bytes_of(NULL, 0);
    if (l->n == 0 && l->passed == 0) return TERN_LINE_NONE;
    const uint8_t *end = l->n > l->searched ? memchr(l->p + l->searched, '\n', l->n - l->searched) : NULL;
    if (end != NULL) return give(l, (size_t)(end - l->p), 1, line);
    if (l->ended) return give(l, l->n, 0, line);
    l->searched = l->n;
    if (l->passed + l->n > l->most) { /* it will not be given: keep only its length */
        l->passed += l->n;
        l->n = l->searched = 0;
    }
    return TERN_LINE_NONE;
}
