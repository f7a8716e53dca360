/* SPDX-License-Identifier: MIT */
/* tern-sim fmt: scenarios in their one form (spec: scenario 8). */
#define _GNU_SOURCE
#include "command/command.h"

#include "command/load.h"
#include "script/fmt.h"
#include "view/beside.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char DOC[] =
    "Prints a scenario in the form that all scenarios have: words one blank apart, times that stand "
    "together in one column, comments as they are. What it means stays the same, and so does "
    "every digest.\v"
    "Exit: 0; 1 when --check finds a file that is not in its form, or a file cannot be written; "
    "2 for wrong usage or a scenario that cannot be read.";

typedef struct {
    bool check, write;
    char **files;
    int files_n;
} options;

static const struct argp_option OPTIONS[] = { { "check", 'c', NULL, 0,
                                                "print nothing; name the files that are not in their form", 0 },
                                              { "write", 'w', NULL, 0, "bring the files into their form in place", 0 },
                                              { 0 } };

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    (void)argument;
    switch (key) {
    case 'c': o->check = true; return 0;
    case 'w': o->write = true; return 0;
    case ARGP_KEY_ARGS:
        o->files = state->argv + state->next;
        o->files_n = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "fmt needs a scenario: fmt FILE..."); return 0;
    case ARGP_KEY_END:
        if (o->check && o->write) argp_error(state, "either --check or --write");
        if (o->files_n > 1 && !o->check && !o->write) argp_error(state, "one FILE, or --check or --write");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static bool write_all(FILE *f, const char *text, size_t n)
{
    bool good = fwrite(text, 1, n, f) == n;
    return fflush(f) == 0 && good;
}

static bool replace(const char *name, const char *text, size_t n)
{
    sim_beside b;
    bool good = sim_beside_open(&b, name) && sim_beside_close(&b, write_all(b.file, text, n));
    if (!good) fprintf(stderr, "tern-sim: %s: %s\n", name, strerror(errno));
    return good;
}

/* The line in which the two differ first. */
static unsigned first_other_line(const uint8_t *a, size_t a_n, const char *b, size_t b_n)
{
    unsigned line = 1;
    for (size_t i = 0; i < a_n && i < b_n && a[i] == (uint8_t)b[i]; i++) line += a[i] == '\n';
    return line;
}

static int format_one(const options *o, const char *name)
{
    sim_scenario s;
    size_t n, was_n;
    if (!sim_load(&s, name, 1)) return 2;
    sim_scenario_free(&s);
    uint8_t *was = sim_read_scenario(name, &was_n);
    if (was == NULL) return 2;
    char *text = sim_format(tern_bytes_of(was, was_n), &n);
    bool same = n == was_n && memcmp(text, was, n) == 0;
    bool good = same;
    if (o->check) {
        if (!same)
            fprintf(stderr, "tern-sim: %s:%u: not in its form (tern-sim fmt --write %s)\n", name,
                    first_other_line(was, was_n, text, n), name);
    } else if (o->write) {
        good = same || replace(name, text, n);
    } else {
        good = write_all(stdout, text, n);
        if (!good) fprintf(stderr, "tern-sim: cannot write to standard output\n");
    }
    free(text);
    free(was);
    return good ? 0 : 1;
}

int sim_command_fmt(int argc, char **argv)
{
    static const struct argp argp = { OPTIONS, parse_option, "FILE...", DOC, NULL, NULL, NULL };
    options o = { 0 };
    int code = 0;
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
    for (int i = 0; i < o.files_n; i++) {
        int one = format_one(&o, o.files[i]);
        if (one > code) code = one;
    }
    return code;
}
