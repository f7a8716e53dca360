/* SPDX-License-Identifier: MIT */
/* tern: chat, put, get, ping, certs, key and dialect. */
#define _GNU_SOURCE
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "posix/standard.h"
#include "tern.h"

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
} commands[] = {
    { "chat", tern_chat_main },       { "put", tern_put_main },     { "get", tern_get_main },
    { "ping", tern_ping_main },       { "certs", tern_certs_main }, { "key", tern_key_main },
    { "dialect", tern_dialect_main },
};

/* Runs a subcommand under the name that its messages and its --help show. */
static int run(size_t which, int argc, char **argv)
{
    static char name[64];
    (void)snprintf(name, sizeof name, "tern %s", commands[which].name);
    argv[0] = name;
    return commands[which].main(argc, argv);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG)
        argp_error(state, "'%s' is no command; there are chat, put, get, ping, certs, key and dialect", arg);
    if (key == ARGP_KEY_NO_ARGS) argp_error(state, "which command? chat, put, get, ping, certs, key or dialect");
    return ARGP_ERR_UNKNOWN;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        parse,
        "COMMAND ...",
        "Chat, files and more over a Tern relay.\v"
        "  tern chat HOST:PORT --room ROOM --name NAME   join a room\n"
        "  tern put HOST:PORT FILE                       give the relay a file\n"
        "  tern get HOST:PORT NAME                       get a file from the relay\n"
        "  tern ping HOST:PORT                           handshake and round-trip times\n"
        "  tern certs DIR                                certificates for a relay\n"
        "  tern key FILE                                 a key for a client, and its fingerprint\n"
        "  tern dialect NAME HOST:PORT                   a client of an older system\n"
        "\n"
        "Each has its own --help.",
        NULL,
        NULL,
        NULL,
    };
    tern_standard_open();
    argp_program_version = "tern " TERN_VERSION_STRING;
    argp_err_exit_status = 2;
    argv[0] = program_invocation_short_name;
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0) return run(i, argc - 1, argv + 1);
    return argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, NULL) == 0 ? 0 : 2;
}
