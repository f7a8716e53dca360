/* SPDX-License-Identifier: MIT */
/* Changes blanks, and nothing that a reader of either kind would see: no word, no comment, no order. */
#include "script/fmt.h"

#include "world/queue.h"

#include <stdlib.h>
#include <string.h>

#define TIME_WIDTH_MAX 12 /* columns that times are brought to */

typedef struct {
    tern_bytes file;
    char *out;
    size_t n;
    bool columns; /* blanks that only please the eye */
} formatter;

/* The next line of the file; false at its end. */
static bool next_line(const formatter *f, size_t *at, sim_line *line)
{
    static const sim_prf nothing_is_drawn = { 0, 0 };
    sim_error error = { 0 };
    if (*at >= f->file.n) return false;
    const uint8_t *begin = f->file.p + *at, *end = memchr(begin, '\n', f->file.n - *at);
    size_t n = end == NULL ? f->file.n - *at : (size_t)(end - begin);
    *at += n + 1;
    return sim_line_split(line, tern_bytes_of(begin, n), 1, &error, &nothing_is_drawn);
}

static bool is_at(const sim_line *l)
{
    return l->count > 1 && sim_word_is(&l->words[0], "at");
}

/* How wide the times are of the `at` lines that stand together from a place on. */
static size_t width_of_times(const formatter *f, size_t at, sim_line *line)
{
    size_t width = 0;
    while (next_line(f, &at, line) && is_at(line))
        if (line->words[1].n > width && line->words[1].n <= TIME_WIDTH_MAX) width = line->words[1].n;
    return width;
}

static void put(formatter *f, const void *p, size_t n)
{
    memcpy(f->out + f->n, p, n);
    f->n += n;
}

static tern_bytes without_blanks_behind(tern_bytes b)
{
    while (b.n > 0 && (b.p[b.n - 1] == ' ' || b.p[b.n - 1] == '\t' || b.p[b.n - 1] == '\r')) b.n--;
    return b;
}

/* The statement and the comment behind it; blanks that only please give way where the line would be too long. */
static void put_line(formatter *f, const sim_line *l, size_t width)
{
    char text[SIM_LINE_MAX];
    size_t n = sim_line_join(l, text), time_end = is_at(l) ? 3 + l->words[1].n : 0;
    tern_bytes comment = without_blanks_behind(l->comment);
    size_t pad = f->columns && is_at(l) && width > l->words[1].n ? width - l->words[1].n : 0;
    size_t gap = n == 0 || comment.n == 0 ? 0 : f->columns ? 2 : 1;
    if (n + pad + gap + comment.n > SIM_LINE_MAX) {
        pad = 0;
        gap = gap > 0;
    }
    put(f, text, time_end);
    put(f, "            ", pad);
    put(f, text + time_end, n - time_end);
    put(f, "  ", gap);
    put(f, comment.p, comment.n);
    put(f, "\n", 1);
}

/* Blank lines stay, one at a time, but for those before the first line and behind the last. */
static void put_all(formatter *f, sim_line *line, sim_line *ahead)
{
    size_t width = 0, begin = 0;
    bool blank = false, together = false;
    for (size_t at = 0; next_line(f, &at, line); begin = at) {
        bool empty = line->count == 0 && line->comment.n == 0;
        if (!empty && blank && f->n > 0) put(f, "\n", 1);
        if (is_at(line) && !together) width = width_of_times(f, begin, ahead);
        if (!empty) put_line(f, line, width);
        together = is_at(line);
        blank = empty;
    }
}

/*= SIM-017 */
char *sim_format(tern_bytes file, size_t *n)
{
    sim_line *lines = sim_grow(NULL, 2, sizeof *lines);
    formatter f = { .file = file, .columns = true };
    size_t room = file.n * (TIME_WIDTH_MAX + 4) + 2;
    f.out = sim_grow(NULL, room, 1);
    put_all(&f, &lines[0], &lines[1]);
    if (f.n > SIM_FILE_MAX) {
        f.n = 0;
        f.columns = false;
        put_all(&f, &lines[0], &lines[1]);
    }
    if (f.n > SIM_FILE_MAX) f.n--; /* it had no line feed at its end, and no room for one */
    free(lines);
    *n = f.n;
    return f.out;
}
