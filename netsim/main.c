/* SPDX-License-Identifier: MIT */
/* tern-sim: runs a scenario in virtual time (spec: scenario). */
#define _GNU_SOURCE
#include "report.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *argp_program_version = "tern-sim " TERN_VERSION_STRING;

static const char DOC[] = "Runs the real client and relay in virtual time over links that a scenario describes, and "
                          "says whether what it expects "
                          "came true.\v"
                          "The same FILE and N give the same digest everywhere. The last two lines of the output are\n"
                          "  packets N  virtual S s  wall S s\n"
                          "  digest HEX\n"
                          "or, with --json, the output is one JSON object that holds the same. Exit: 0 when every "
                          "expectation holds, 1 when one does "
                          "not, 2 for wrong usage or a scenario that cannot be read.";

typedef struct {
    const char *command, *file, *trace;
    uint64_t seed;
    bool json;
} options;

static const struct argp_option OPTIONS[] = { { "seed", 's', "N", 0, "what all chance comes from (default 1)", 0 },
                                              { "json", 'j', NULL, 0, "print the results as JSON", 0 },
                                              { "trace", 't', "F", 0, "write a line for each thing that happens to F",
                                                0 },
                                              { 0 } };

static bool read_seed(const char *text, uint64_t *seed)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *text < '0' || *text > '9') return false;
    *seed = value;
    return true;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case 's':
        if (!read_seed(argument, &o->seed))
            argp_error(state, "'%s' is no seed: a number from 0 to 18446744073709551615", argument);
        return 0;
    case 'j': o->json = true; return 0;
    case 't': o->trace = argument; return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0 && strcmp(argument, "run") != 0)
            argp_error(state, "there is no '%s': only 'run'", argument);
        if (state->arg_num == 0) o->command = argument;
        if (state->arg_num == 1) o->file = argument;
        return state->arg_num > 1 ? ARGP_ERR_UNKNOWN : 0;
    case ARGP_KEY_END:
        if (o->command == NULL) argp_error(state, "what to do: run FILE");
        if (o->file == NULL) argp_error(state, "run needs a scenario: run FILE");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* The whole file, one byte more than the parser takes at most; NULL when it cannot be read. */
static uint8_t *read_file(const char *name, size_t *n)
{
    FILE *f = fopen(name, "rb");
    if (f == NULL) return NULL;
    uint8_t *bytes = sim_grow(NULL, SIM_FILE_MAX + 1, 1);
    errno = 0;
    *n = fread(bytes, 1, SIM_FILE_MAX + 1, f);
    bool bad = ferror(f) != 0;
    fclose(f);
    if (!bad) return bytes;
    free(bytes);
    return NULL;
}

static uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * TERN_SECOND + (uint64_t)t.tv_nsec;
}

static int run_scenario(const options *o, const sim_scenario *s, FILE *trace)
{
    sim_run *r = sim_grow(NULL, 1, sizeof *r);
    sim_outcome outcome = { .file = o->file, .seed = o->seed };
    uint64_t begun = wall_ns();
    outcome.good = sim_run_init(r, s, o->seed, trace) && sim_run_go(r);
    outcome.wall_ns = wall_ns() - begun;
    (o->json ? sim_report_json : sim_report_text)(r, &outcome);
    bool written = fflush(stdout) == 0 && ferror(stdout) == 0;
    if (!written) fprintf(stderr, "tern-sim: cannot write to standard output\n");
    sim_report_failures(r, &outcome);
    sim_run_free(r);
    free(r);
    return outcome.good && written ? 0 : 1;
}

static int run(const options *o)
{
    size_t n;
    uint8_t *file = read_file(o->file, &n);
    if (file == NULL) {
        fprintf(stderr, "tern-sim: %s: %s\n", o->file, strerror(errno));
        return 2;
    }
    sim_scenario s;
    sim_error error;
    bool good = sim_scenario_parse(&s, tern_bytes_of(file, n), o->seed, &error);
    free(file);
    if (!good) {
        fprintf(stderr, "tern-sim: %s:%u:%u: %s\n", o->file, error.line, error.column, error.text);
        return 2;
    }
    int code = 1;
    FILE *trace = o->trace == NULL ? NULL : fopen(o->trace, "w");
    if (o->trace != NULL && trace == NULL)
        fprintf(stderr, "tern-sim: %s: %s\n", o->trace, strerror(errno));
    else
        code = run_scenario(o, &s, trace);
    sim_scenario_free(&s);
    if (trace != NULL && fclose(trace) != 0) {
        fprintf(stderr, "tern-sim: %s: %s\n", o->trace, strerror(errno));
        code = 1;
    }
    return code;
}

int main(int argc, char **argv)
{
    static const struct argp argp = { OPTIONS, parse_option, "run FILE", DOC, NULL, NULL, NULL };
    options o = { .seed = 1 };
    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    return run(&o);
}
