/* SPDX-License-Identifier: MIT */
/* The arguments of tern-relay (see options.h). */
#define _GNU_SOURCE
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "posix/numbers.h"
#include "tern.h"

enum {
    OPT_CERT = 256,
    OPT_KEY,
    OPT_IDENTITY,
    OPT_CLIENT_KEYS,
    OPT_CLIENT_CA,
    OPT_OCSP,
    OPT_TICKET_SECRET,
    OPT_FILES,
    OPT_MAX_FILE,
    OPT_PLAINTEXT,
    OPT_MAX_CONNECTIONS,
    OPT_MAX_PER_ADDRESS,
    OPT_RETRY,
    OPT_RETRY_ABOVE,
    OPT_IDLE,
    OPT_CONGESTION,
    OPT_STATS,
    OPT_KEY_LOG,
    OPT_DIALECT,
    OPT_DIALECT_KEYS,
    OPT_DIALECT_NACK,
    OPT_DIALECT_ROOM
};

static const struct argp_option options[] = {
    { "listen", 'l', "HOST:PORT", 0,
      "take datagrams there; may be given several times; port 0: any that is free "
      "(default: 0.0.0.0:8376 and [::]:8376)",
      0 },
    { "room", 'r', "ROOM[:tern-only]", 0,
      "there is this room; may be given several times; without it the first member opens a room; tern-only: clients of "
      "dialects do not come in",
      0 },
    { "dialect", OPT_DIALECT, "NAME=HOST:PORT", 0,
      "serve an older system there, too, whose clients join the room; may be given several times; NAME is "
      "rsa-fragment, "
      "tlv-multicast (a group, and behind @ the address of the interface), aes-session or tls-chat. None of them "
      "protects what "
      "Tern does: the log says what each lacks",
      5 },
    { "dialect-room", OPT_DIALECT_ROOM, "ROOM", 0,
      "which room they join (default: the first --room that is not tern-only, or lobby)", 5 },
    { "dialect-nack", OPT_DIALECT_NACK, NULL, 0,
      "rsa-fragment: ask clients for fragments that are missing, which published ones show as text", 0 },
    { "dialect-keys", OPT_DIALECT_KEYS, "DIR", 0,
      "keep their RSA keys there, made when there is none (default: ~/.local/share/tern)", 5 },
    { "cert", OPT_CERT, "FILE", 0, "show this certificate chain (PEM, the relay's own first); needs --key", 1 },
    { "key", OPT_KEY, "FILE", 0, "the private key of the certificate (PEM, P-256 or RSA)", 1 },
    { "ocsp", OPT_OCSP, "FILE", 0,
      "show this OCSP response (DER) with the certificate; read anew when the file changes; needs --cert", 1 },
    { "identity", OPT_IDENTITY, "FILE", 0,
      "the relay's own key, made when there is none "
      "(default: ~/.local/share/tern/relay-key.pem)",
      1 },
    { "require-client-key", OPT_CLIENT_KEYS, "FILE", 0,
      "only take clients that prove a key whose fingerprint stands in this file, one a line; read again at SIGHUP", 1 },
    { "client-ca", OPT_CLIENT_CA, "FILE", 0,
      "only take clients with a certificate of an authority in this file (PEM), or with a key of --require-client-key; "
      "read again at SIGHUP",
      1 },
    { "ticket-secret", OPT_TICKET_SECRET, "FILE", 0,
      "seal tickets with these 32 bytes, made when there is no such file, so that they outlive this relay, or are good "
      "at "
      "others with the same file and key; read again at SIGHUP",
      1 },
    { "plaintext", OPT_PLAINTEXT, NULL, 0, "allow clients that ask for it to speak without encryption", 1 },
    { "files", OPT_FILES, "DIR", 0, "keep files for clients in this folder", 2 },
    { "max-file", OPT_MAX_FILE, "SIZE", 0, "the largest file to take: bytes, or with K, M, G (default: 1G)", 2 },
    { "max-connections", OPT_MAX_CONNECTIONS, "N", 0, "clients at once (default: 256)", 3 },
    { "max-per-address", OPT_MAX_PER_ADDRESS, "N", 0,
      "of them from one address (default: three quarters of them); more wait until one ends", 3 },
    { "retry", OPT_RETRY, NULL, 0, "ask every client to prove its address first (otherwise only under load)", 3 },
    { "retry-above", OPT_RETRY_ABOVE, "N", 0,
      "do so when more than N clients a second come (default: 256; with an RSA key of 2048, 3072 or 4096 bits 36, 10 "
      "or "
      "3)",
      3 },
    { "idle-timeout", OPT_IDLE, "SECONDS", 0, "end a connection that was silent for so long (default: 30)", 3 },
    { "congestion", OPT_CONGESTION, "NAME", 0, "how sending is held back: newreno, cubic or bbr (default: cubic)", 3 },
    { "key-log", OPT_KEY_LOG, "FILE", 0,
      "write the keys of all connections there, so that Wireshark can read them (default: $SSLKEYLOGFILE, if it is "
      "set)",
      4 },
    { "stats", OPT_STATS, NULL, 0, "print counters on stderr at the end, and at SIGUSR1", 4 },
    { "verbose", 'v', NULL, 0, "log who comes and goes", 4 },
    { 0 },
};

static void add_listen(struct argp_state *state, tern_relay_options *o, const char *arg)
{
    tern_why why;
    if (o->listen_n == TERN_DRIVER_SOCKETS) argp_error(state, "at most %d times --listen", TERN_DRIVER_SOCKETS);
    if (!tern_hostport_parse(arg, &o->listen[o->listen_n++], &why)) argp_error(state, "%s", why.text);
}

static void add_dialect(struct argp_state *state, tern_relay_options *o, const char *arg)
{
    tern_dialect_place *place = &o->dialects[o->dialects_n];
    char name[32] = "", where[TERN_HOST_SIZE + 10] = "", via[TERN_HOST_SIZE] = "";
    tern_why why;
    if (o->dialects_n == TERN_DIALECTS_MAX) argp_error(state, "at most %d times --dialect", TERN_DIALECTS_MAX);
    int parts = sscanf(arg, "%31[^=]=%265[^@]@%255s", name, where, via);
    place->facts = tern_dialect_by_name(name);
    if (place->facts == NULL || parts < 2) {
        argp_error(
            state,
            "--dialect takes NAME=HOST:PORT, NAME being rsa-fragment, tlv-multicast, aes-session or tls-chat, not '%s'",
            arg);
        return;
    }
    place->has_via = parts == 3;
    if (place->has_via && place->facts->carrier != TERN_CARRIER_MULTICAST)
        argp_error(state, "an interface behind @ is for tlv-multicast");
    if (!tern_hostport_parse(where, &place->where, &why)) argp_error(state, "--dialect %s: %s", name, why.text);
    if (place->has_via && !tern_hostport_parse(via, &place->via, &why))
        argp_error(state, "--dialect %s: %s", name, why.text);
    o->dialects_n++;
}

/* Cuts ":tern-only" off. */
static bool is_tern_only(char *room)
{
    static const char mark[] = ":tern-only";
    size_t n = strlen(room), m = sizeof mark - 1;
    if (n < m || strcmp(room + n - m, mark) != 0) return false;
    room[n - m] = '\0';
    return true;
}

/* Where clients of dialects are. */
static void choose_room(struct argp_state *state, tern_relay_options *o)
{
    if (o->dialects_n == 0) {
        if (o->dialect_room != NULL || o->dialect_keys != NULL)
            argp_error(state, "--dialect-room and --dialect-keys are for a relay with --dialect");
        return;
    }
    for (size_t i = 0; i < o->rooms_n; i++) {
        bool asked = o->dialect_room != NULL && strcmp(o->dialect_room, o->rooms[i]) == 0;
        if (asked && o->tern_only[i]) argp_error(state, "the room '%s' is tern-only", o->rooms[i]);
        if (asked || (o->dialect_room == NULL && !o->tern_only[i])) {
            o->dialect_room = o->rooms[i];
            return;
        }
    }
    if (o->rooms_n > 0 && o->dialect_room == NULL)
        argp_error(state, "every room is tern-only: there is none for clients of dialects");
    if (o->rooms_n > 0) argp_error(state, "--dialect-room: there is no --room '%s'", o->dialect_room);
    if (o->dialect_room == NULL) o->dialect_room = "lobby";
    if (!tern_room_name_ok(tern_bytes_of(o->dialect_room, strlen(o->dialect_room))))
        argp_error(state, "--dialect-room: '%s' cannot be a room's name", o->dialect_room);
}

static void add_room(struct argp_state *state, tern_relay_options *o, char *arg)
{
    o->tern_only[o->rooms_n < TERN_ROOMS_MAX ? o->rooms_n : 0] = is_tern_only(arg);
    if (o->rooms_n == TERN_ROOMS_MAX) argp_error(state, "at most %d times --room", TERN_ROOMS_MAX);
    if (!tern_room_name_ok(tern_bytes_of(arg, strlen(arg))))
        argp_error(state, "a room's name has 1 to 64 bytes of UTF-8, not all white space, no control characters");
    for (size_t i = 0; i < o->rooms_n; i++)
        if (strcmp(o->rooms[i], arg) == 0) argp_error(state, "the room '%s' is named twice", arg);
    o->rooms[o->rooms_n++] = arg;
}

static void check_together(struct argp_state *state, const tern_relay_options *o)
{
    if ((o->cert != NULL) != (o->key != NULL)) argp_error(state, "--cert and --key come together");
    if (o->retry && o->retry_above != 0)
        argp_error(state, "--retry asks everybody: --retry-above has no use beside it");
    if (o->ocsp != NULL && o->cert == NULL) argp_error(state, "--ocsp is for a relay with --cert");
    if (o->cert != NULL && o->identity != NULL) argp_error(state, "--identity is for a relay without --cert");
}

/* The number behind an option, 1 to most. */
static uint32_t count_of(struct argp_state *state, const char *option, const char *arg, uint32_t most)
{
    uint64_t n = 0;
    if (!tern_parse_number(arg, 1, most, &n)) argp_error(state, "%s takes 1 to %u, not '%s'", option, most, arg);
    return (uint32_t)n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    tern_relay_options *o = state->input;
    uint64_t n = 0;
    switch (key) {
    case 'l': add_listen(state, o, arg); break;
    case 'r': add_room(state, o, arg); break;
    case OPT_DIALECT: add_dialect(state, o, arg); break;
    case OPT_DIALECT_KEYS: o->dialect_keys = arg; break;
    case OPT_DIALECT_NACK: o->dialect_nack = true; break;
    case OPT_DIALECT_ROOM: o->dialect_room = arg; break;
    case OPT_CERT: o->cert = arg; break;
    case OPT_KEY: o->key = arg; break;
    case OPT_IDENTITY: o->identity = arg; break;
    case OPT_CLIENT_KEYS: o->client_keys = arg; break;
    case OPT_CLIENT_CA: o->client_ca = arg; break;
    case OPT_OCSP: o->ocsp = arg; break;
    case OPT_TICKET_SECRET: o->ticket_secret = arg; break;
    case OPT_FILES: o->files = arg; break;
    case OPT_KEY_LOG: o->key_log = arg; break;
    case OPT_PLAINTEXT: o->plaintext = true; break;
    case OPT_RETRY: o->retry = true; break;
    case OPT_STATS: o->stats = true; break;
    case 'v': o->verbose = true; break;
    case OPT_MAX_FILE:
        if (!tern_parse_size(arg, &o->max_file))
            argp_error(state, "--max-file takes a size such as 500M, not '%s'", arg);
        break;
    case OPT_MAX_CONNECTIONS: o->max_connections = count_of(state, "--max-connections", arg, 65535); break;
    case OPT_MAX_PER_ADDRESS: o->max_per_address = count_of(state, "--max-per-address", arg, 65535); break;
    case OPT_RETRY_ABOVE: o->retry_above = count_of(state, "--retry-above", arg, 1000000); break;
    case OPT_IDLE:
        if (!tern_parse_number(arg, 1, 86400, &n))
            argp_error(state, "--idle-timeout takes 1 to 86400 seconds, not '%s'", arg);
        o->idle_timeout_ms = (uint32_t)n * 1000;
        break;
    case OPT_CONGESTION:
        o->congestion = tern_congestion_by_name(arg);
        if (o->congestion == TERN_CONGESTION_COUNT)
            argp_error(state, "--congestion takes newreno, cubic or bbr, not '%s'", arg);
        break;
    case ARGP_KEY_ARG: argp_error(state, "'%s' is no option, and there are no other arguments", arg); break;
    case ARGP_KEY_END:
        check_together(state, o);
        choose_room(state, o);
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void tern_relay_options_parse(int argc, char **argv, tern_relay_options *out)
{
    static const struct argp argp = {
        options,
        parse,
        NULL,
        "Holds rooms in which members of `tern chat` meet, and keeps files for them.\v"
        "Prints `listening tern HOST:PORT` on stdout for each socket and logs to stderr. A relay without --cert shows "
        "its own key, "
        "whose fingerprint it prints and which clients trust at first use or with --pin. SIGINT and SIGTERM close "
        "politely.",
        NULL,
        NULL,
        NULL,
    };
    argp_program_version = "tern-relay " TERN_VERSION_STRING;
    argp_err_exit_status = 2;
    argv[0] = program_invocation_short_name;
    memset(out, 0, sizeof *out);
    out->max_file = 1 << 30;
    out->congestion = TERN_CONGESTION_COUNT;
    if (argp_parse(&argp, argc, argv, 0, NULL, out) != 0) exit(2);
}
