/* SPDX-License-Identifier: MIT */
/* tern-sim: the real client and relay on a simulated network (spec: scenario). */
#define _GNU_SOURCE
#include "command/command.h"

#include "tern.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *arguments, *what;
} COMMANDS[] = {
    { "run", sim_command_run, "FILE [--seed N]", "one scenario under one seed" },
    { "sweep", sim_command_sweep, "FILE [--seeds A..B]", "one scenario under many seeds" },
    { "verify", sim_command_verify, "FILE... [--with PROGRAM]", "one digest, run twice and by other builds" },
    { "diff", sim_command_diff, "A B", "where two traces part" },
    { "shrink", sim_command_shrink, "FILE [--seed N]", "the fewest faults that still fail" },
    { "blame", sim_command_blame, "FILE [--seed N]", "with which fault a failure became certain" },
    { "proxy", sim_command_proxy, "FILE --listen A --to B", "its links between real programs" },
    { "fmt", sim_command_fmt, "FILE", "a scenario in its one form" },
};
#define COMMANDS_N (sizeof COMMANDS / sizeof COMMANDS[0])

/* A line for each command, behind the option list of --help. */
static char *list_commands(int key, const char *text, void *input)
{
    (void)input;
    char *out;
    size_t n;
    FILE *f = key == ARGP_KEY_HELP_POST_DOC ? open_memstream(&out, &n) : NULL;
    if (f == NULL) return (char *)(uintptr_t)text;
    for (size_t i = 0; i < COMMANDS_N; i++)
        (void)fprintf(f, "  tern-sim %-7s %-24s %s\n", COMMANDS[i].name, COMMANDS[i].arguments, COMMANDS[i].what);
    (void)fprintf(f, "\nEach has its own --help.");
    return fclose(f) == 0 ? out : NULL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    char names[128] = "";
    size_t n = 0;
    if (key != ARGP_KEY_ARG && key != ARGP_KEY_NO_ARGS) return ARGP_ERR_UNKNOWN;
    for (size_t i = 0; i < COMMANDS_N && n < sizeof names; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, " %s", COMMANDS[i].name);
    if (key == ARGP_KEY_ARG) argp_error(state, "'%s' is no command; there are:%s", argument, names);
    argp_error(state, "what to do? One of:%s", names);
    return ARGP_ERR_UNKNOWN;
}

/* Runs a command under the name that its messages and its --help show. */
static int run(size_t which, int argc, char **argv)
{
    static char name[64];
    (void)snprintf(name, sizeof name, "tern-sim %s", COMMANDS[which].name);
    argv[0] = name;
    return COMMANDS[which].main(argc, argv);
}

/* Else the first file that is opened would take the number of a standard stream that is closed, and what belongs there.
 * None of these can be used the way it would be. */
static void keep_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        NULL, parse, "COMMAND ...", "Runs Tern's client and relay on a simulated network.\v", NULL, list_commands, NULL
    };
    keep_standard_streams();
    argp_program_version = "tern-sim " TERN_VERSION_STRING;
    argp_err_exit_status = 2;
    argv[0] = program_invocation_short_name;
    for (size_t i = 0; argc > 1 && i < COMMANDS_N; i++)
        if (strcmp(argv[1], COMMANDS[i].name) == 0) return run(i, argc - 1, argv + 1);
    return argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, NULL) == 0 ? 0 : 2;
}
