/* SPDX-License-Identifier: MIT */
/* tern-sim verify: one digest, however often and by whatever build (spec: scenario 9). */
#define _GNU_SOURCE
#include "command/command.h"

#include "command/load.h"
#include "run/run.h"
#include "world/queue.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char DOC[] =
    "Runs each scenario twice under each seed, and once with every other build that is named, and says whether all "
    "digests are the same.\v"
    "PROGRAM is a tern-sim of another build, with words before it if need be: --with 'valgrind -q asan/tern-sim'. "
    "Exit: "
    "0 when all digests are the same, 1 when one is not, 2 for wrong usage or a scenario that cannot be read.";

#define OTHERS_MAX 16
#define SEEDS_MAX  1000u

typedef struct {
    uint64_t first, last;
    const char *others[OTHERS_MAX];
    int others_n;
    char **files;
    int files_n;
} options;

static const struct argp_option OPTIONS[] = { { "seeds", 's', "A..B", 0, "the seeds (default 1..3)", 0 },
                                              { "with", 'w', "PROGRAM", 0, "another build; may be given again", 0 },
                                              { 0 } };

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case 's':
        if (!sim_read_seeds(argument, &o->first, &o->last) || o->last - o->first >= SEEDS_MAX)
            argp_error(state, "'%s' is no range of at most %u seeds such as 1..3", argument, SEEDS_MAX);
        return 0;
    case 'w':
        if (o->others_n == OTHERS_MAX) argp_error(state, "at most %d other programs", OTHERS_MAX);
        o->others[o->others_n++] = argument;
        return 0;
    case ARGP_KEY_ARGS:
        o->files = state->argv + state->next;
        o->files_n = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "verify needs a scenario: verify FILE..."); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

typedef struct {
    char text[2 * TERN_SHA256_SIZE + 1];
} digest_text;

static digest_text run_here(const sim_scenario *s, uint64_t seed)
{
    uint8_t digest[TERN_SHA256_SIZE];
    digest_text t;
    sim_run *r = sim_grow(NULL, 1, sizeof *r);
    if (sim_run_init(r, s, seed, NULL)) (void)sim_run_go(r);
    sim_digest_final(&r->world.digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) (void)snprintf(t.text + 2 * i, 3, "%02x", digest[i]);
    sim_run_free(r);
    free(r);
    return t;
}

/* The shell takes the program's words apart, and nothing of the file's name. */
static void become(const char *program, const char *file, uint64_t seed, int out)
{
    char *command = NULL, number[24];
    (void)snprintf(number, sizeof number, "%" PRIu64, seed);
    if (asprintf(&command, "exec %s run \"$1\" --seed \"$2\" 2>/dev/null", program) < 0 || dup2(out, STDOUT_FILENO) < 0)
        _exit(127);
    (void)execl("/bin/sh", "sh", "-c", command, "tern-sim", file, number, (char *)NULL);
    _exit(127);
}

/* What another program says; empty when it gives no digest. */
static digest_text run_there(const char *program, const char *file, uint64_t seed)
{
    digest_text t = { "" };
    char *line = NULL;
    size_t room = 0;
    int ends[2];
    if (pipe(ends) != 0) return t;
    (void)fflush(NULL); /* what is in the buffers is written once */
    pid_t child = fork();
    if (child == 0) become(program, file, seed, ends[1]);
    (void)close(ends[1]);
    FILE *said = fdopen(ends[0], "r");
    while (said != NULL && getline(&line, &room, said) > 0)
        if (strncmp(line, "digest ", 7) == 0) (void)snprintf(t.text, sizeof t.text, "%.64s", line + 7);
    if (said != NULL) (void)fclose(said);
    if (child > 0) (void)waitpid(child, NULL, 0);
    free(line);
    return t;
}

static bool agree(const char *file, uint64_t seed, const char *who, const digest_text *one, const digest_text *other)
{
    if (strcmp(one->text, other->text) == 0) return true;
    fprintf(stderr, "tern-sim: %s, seed %" PRIu64 ": digest %s, but %s has %s\n", file, seed, one->text, who,
            other->text[0] == '\0' ? "none" : other->text);
    return false;
}

/*= SIM-001 */
static int verify_one(const options *o, const char *file)
{
    int code = 0;
    for (uint64_t i = 0; i <= o->last - o->first; i++) {
        const uint64_t seed = o->first + i;
        sim_scenario s;
        if (!sim_load(&s, file, seed)) return 2;
        digest_text one = run_here(&s, seed), again = run_here(&s, seed);
        sim_scenario_free(&s);
        if (!agree(file, seed, "a second run", &one, &again)) code = 1;
        for (int j = 0; j < o->others_n; j++) {
            digest_text other = run_there(o->others[j], file, seed);
            if (!agree(file, seed, o->others[j], &one, &other)) code = 1;
        }
    }
    printf("%-6s %s\n", code == 0 ? "same" : "DIFFER", file);
    return code;
}

int sim_command_verify(int argc, char **argv)
{
    static const struct argp argp = { OPTIONS, parse_option, "FILE...", DOC, NULL, NULL, NULL };
    options o = { .first = 1, .last = 3 };
    int code = 0;
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
    for (int i = 0; i < o.files_n; i++) {
        int one = verify_one(&o, o.files[i]);
        if (one > code) code = one;
        (void)fflush(stdout);
    }
    if (ferror(stdout) == 0) return code;
    fprintf(stderr, "tern-sim: cannot write to standard output\n");
    return code > 1 ? code : 1;
}
