/* SPDX-License-Identifier: MIT */
/* tern-sim diff: where two traces part (spec: scenario 9). */
#define _GNU_SOURCE
#include "command/command.h"

#include "tern.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char DOC[] =
    "Names the first event at which two traces (tern-sim run --trace) part, with the events before "
    "it.\vExit: 0 when they are the same, 1 when they part, 2 when one cannot be read.";

#define BEFORE 3 /* events that are shown before it */

typedef struct {
    FILE *file;
    char *line;
    size_t room;
    bool more;
} trace;

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    const char **files = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (state->arg_num > 1) return ARGP_ERR_UNKNOWN;
        files[state->arg_num] = argument;
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < 2) argp_error(state, "diff needs two traces: diff A B");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* The next event, without its line feed; false at the end. */
static bool next(trace *t)
{
    ssize_t n = getline(&t->line, &t->room, t->file);
    t->more = n > 0;
    if (t->more && t->line[n - 1] == '\n') t->line[n - 1] = '\0';
    return t->more;
}

static int compare(trace *a, trace *b)
{
    char *before[BEFORE] = { NULL };
    uint64_t n = 0;
    int code = 0;
    for (bool more = true; more && code == 0;) {
        bool one = next(a), two = next(b);
        more = one && two;
        code = one != two || (more && strcmp(a->line, b->line) != 0);
        if (code != 0) break;
        if (!more) break;
        free(before[n % BEFORE]);
        before[n++ % BEFORE] = strdup(a->line);
    }
    if (ferror(a->file) || ferror(b->file)) code = -1; /* what was read says nothing */
    if (code == 0) printf("the same %" PRIu64 " events\n", n);
    if (code > 0) printf("they part at event %" PRIu64 "\n", n + 1);
    for (uint64_t i = n > BEFORE ? n - BEFORE : 0; i < n && code > 0; i++) printf("  %s\n", before[i % BEFORE]);
    if (code > 0) printf("- %s\n+ %s\n", a->more ? a->line : "(the end)", b->more ? b->line : "(the end)");
    for (int i = 0; i < BEFORE; i++) free(before[i]);
    return code;
}

int sim_command_diff(int argc, char **argv)
{
    static const struct argp argp = { NULL, parse_option, "A B", DOC, NULL, NULL, NULL };
    const char *files[2] = { NULL, NULL };
    trace t[2] = { { 0 }, { 0 } };
    int code = 0;
    if (argp_parse(&argp, argc, argv, 0, NULL, files) != 0) return 2;
    for (int i = 0; i < 2; i++) {
        t[i].file = fopen(files[i], "r");
        if (t[i].file != NULL) continue;
        fprintf(stderr, "tern-sim: %s: %s\n", files[i], strerror(errno));
        code = 2;
    }
    if (code == 0) code = compare(&t[0], &t[1]);
    for (int i = 0; i < 2; i++) {
        free(t[i].line);
        if (t[i].file == NULL) continue;
        if (ferror(t[i].file)) {
            fprintf(stderr, "tern-sim: %s: cannot be read to its end\n", files[i]);
            code = 2;
        }
        (void)fclose(t[i].file);
    }
    if (fflush(stdout) == 0 && ferror(stdout) == 0) return code;
    fprintf(stderr, "tern-sim: cannot write to standard output\n");
    return 2;
}
