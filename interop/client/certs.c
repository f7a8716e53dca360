/* SPDX-License-Identifier: MIT */
/* tern certs: the four PEM files that a relay with an authority needs. */
#define _GNU_SOURCE
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certificates.h"
#include "commands.h"
#include "posix/files.h"
#include "posix/numbers.h"
#include "posix/say.h"

#define DEFAULT_DAYS 825

typedef struct {
    const char *folder;
    bool force;
    tern_cert_request request;
} certs_options;

typedef struct {
    const char *name;
    mode_t mode;
} certs_file;

static const certs_file files[] = {
    { "ca-key.pem", 0600 }, { "ca-cert.pem", 0644 }, { "server-key.pem", 0600 }, { "server-cert.pem", 0644 }
};

#define FILES (sizeof files / sizeof files[0])

static bool make_folder(const char *folder, tern_why *why)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/", folder) >= sizeof path)
        return tern_because(why, "the folder's path is too long");
    return tern_file_make_folders(path, why);
}

/* Nothing is written when one of the files is there already. */
static bool none_is_there(const certs_options *o, tern_why *why)
{
    struct stat st;
    char path[4096];
    for (size_t i = 0; i < FILES && !o->force; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", o->folder, files[i].name);
        if (lstat(path, &st) == 0) return tern_because(why, "%s is there already; --force writes over it", path);
    }
    return true;
}

static bool write_files(const certs_options *o, const tern_cert_set *set, tern_why *why)
{
    const tern_buf contents[FILES] = { set->ca_key, set->ca_cert, set->server_key, set->server_cert };
    char path[4096];
    for (size_t i = 0; i < FILES; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", o->folder, files[i].name);
        tern_bytes content = tern_bytes_of(contents[i].p, contents[i].n);
        if (!tern_file_write(path, content, files[i].mode, !o->force, why)) return false;
        (void)printf("%s\n", path);
    }
    return true;
}

static int run(const certs_options *o)
{
    tern_cert_set set = { 0 };
    tern_why why;
    bool done = make_folder(o->folder, &why) && none_is_there(o, &why) && tern_cert_set_make(&o->request, &set, &why) &&
                write_files(o, &set, &why);
    tern_cert_set_free(&set);
    if (!done) tern_say("%s", why.text);
    return done ? 0 : 1;
}

/* ---- arguments */

enum { OPT_DAYS = 256, OPT_FORCE };

static const struct argp_option options[] = {
    { "name", 'n', "NAME", 0,
      "a DNS name or an address of the relay; may be given several times (default: localhost, 127.0.0.1 and ::1)", 0 },
    { "days", OPT_DAYS, "N", 0, "how long the certificates are valid (default: 825)", 0 },
    { "force", OPT_FORCE, NULL, 0, "write over files that are there", 0 },
    { 0 },
};

/* What can stand in a certificate without being taken for something else. */
static bool name_is_good(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && n <= 253 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:*") == n;
}

static void add_name(struct argp_state *state, tern_cert_request *r, const char *name)
{
    if (!name_is_good(name)) argp_error(state, "'%s' is no DNS name or address", name);
    if (r->names_n == TERN_CERT_NAMES_MAX) argp_error(state, "at most %d times --name", TERN_CERT_NAMES_MAX);
    r->names[r->names_n++] = name;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    certs_options *o = state->input;
    uint64_t n = 0;
    switch (key) {
    case 'n': add_name(state, &o->request, arg); break;
    case OPT_FORCE: o->force = true; break;
    case OPT_DAYS:
        if (!tern_parse_number(arg, 1, 36500, &n)) argp_error(state, "--days takes 1 to 36500, not '%s'", arg);
        o->request.days = (long)n;
        break;
    case ARGP_KEY_ARG:
        if (o->folder != NULL) argp_error(state, "'%s' is too much: the only argument is DIR", arg);
        if (arg[0] == '\0') argp_error(state, "where to? DIR is empty");
        o->folder = arg;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "where to? DIR is missing"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int tern_certs_main(int argc, char **argv)
{
    static const struct argp argp = {
        options,
        parse,
        "DIR",
        "Makes a certificate authority and a certificate for a relay.\vWrites ca-key.pem, ca-cert.pem, server-key.pem "
        "and server-cert.pem "
        "into DIR: give the server's to tern-relay with --cert and --key, and ca-cert.pem to clients for --ca. Keep "
        "ca-key.pem away "
        "from both.",
        NULL,
        NULL,
        NULL,
    };
    certs_options o;
    memset(&o, 0, sizeof o);
    o.request.days = DEFAULT_DAYS;
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
    if (o.request.names_n == 0) {
        static const char *const usual[] = { "localhost", "127.0.0.1", "::1" };
        memcpy(o.request.names, usual, sizeof usual);
        o.request.names_n = 3;
    }
    return run(&o);
}
