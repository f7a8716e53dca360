/* SPDX-License-Identifier: MIT */
/* tern key: a private key for a client, and the fingerprint by which relays know it. */
#define _GNU_SOURCE
#include <argp.h>
#include <stdio.h>

#include "commands.h"
#include "posix/key_file.h"
#include "posix/say.h"
#include "posix/standard.h"
#include "posix/text.h"

static int run(const char *path)
{
    tern_buf pem = { NULL, 0 };
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
    tern_why why;
    bool made;
    bool done = tern_key_file_own(path, 0, &pem, fingerprint, &made, &why);
    if (done && made) tern_say("made a new key in %s", path);
    tern_key_file_forget(&pem);
    if (done) (void)printf("%s\n", tern_fingerprint_format(fingerprint).text);
    done = done && tern_standard_flush(&why);
    if (!done) tern_say("%s", why.text);
    return done ? 0 : 1;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **path = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (*path != NULL) argp_error(state, "'%s' is too much: the only argument is FILE", arg);
        if (arg[0] == '\0') argp_error(state, "which file? FILE is empty");
        *path = arg;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which file? FILE is missing"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int tern_key_main(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        parse,
        "FILE",
        "Prints the fingerprint of a private key, which is made when there is none.\v"
        "Give the file to tern with --key, and the fingerprint to a relay with --require-client-key.",
        NULL,
        NULL,
        NULL,
    };
    const char *path = NULL;
    if (argp_parse(&argp, argc, argv, 0, NULL, &path) != 0) return 2;
    return run(path);
}
