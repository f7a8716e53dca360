/* SPDX-License-Identifier: MIT */
/* What the user of tern-relay asked for. */
#ifndef TERN_RELAY_OPTIONS_H
#define TERN_RELAY_OPTIONS_H

#include "posix/address.h"
#include "posix/driver.h"

#define TERN_ROOMS_MAX    256
#define TERN_DIALECTS_MAX 8

/* Where a dialect is served; via: the address of the interface that a multicast group is joined on. */
typedef struct {
    const tern_dialect_facts *facts;
    tern_hostport where, via;
    bool has_via;
} tern_dialect_place;

typedef struct {
    tern_hostport listen[TERN_DRIVER_SOCKETS];
    size_t listen_n; /* 0: the default port of all addresses */
    const char *rooms[TERN_ROOMS_MAX];
    bool tern_only[TERN_ROOMS_MAX]; /* of each room: no client of a dialect comes in */
    size_t rooms_n;
    tern_dialect_place dialects[TERN_DIALECTS_MAX];
    size_t dialects_n;
    const char *dialect_keys, *dialect_room; /* a folder, NULL: the default one; where clients of dialects are */
    const char *cert, *key, *identity, *files, *client_keys, *client_ca, *ocsp, *ticket_secret;
    const char *key_log; /* NULL: where SSLKEYLOGFILE says, if it does */
    uint64_t max_file;
    uint32_t max_connections, max_per_address, idle_timeout_ms, retry_above; /* 0: the default */
    bool plaintext, retry, stats, verbose, dialect_nack;
    tern_congestion_kind congestion; /* COUNT: the core's default */
} tern_relay_options;

/* Ends the program with 2 for wrong usage, and after --help and --version. */
void tern_relay_options_parse(int argc, char **argv, tern_relay_options *out);

#endif
