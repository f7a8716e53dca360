/* SPDX-License-Identifier: MIT */
/* What every subcommand that speaks to a relay asks its user: which relay, and whom to trust. */
#ifndef TERN_CLIENT_CONNECT_H
#define TERN_CLIENT_CONNECT_H

#include <argp.h>

#include "posix/address.h"

typedef struct {
    tern_hostport relay;
    bool has_relay;
    const char *ca;           /* NULL, or a file of certificates */
    const char *key, *cert;   /* NULL, or files with the client's own key and its chain */
    const char *known_relays; /* NULL: the usual place */
    const char *key_log;      /* NULL: where SSLKEYLOGFILE says, if it does */
    bool pinned, must_staple, plaintext, verbose, no_tickets, no_early_data;
    tern_congestion_kind congestion; /* COUNT: the core's default */
    uint8_t pin[TERN_FINGERPRINT_SIZE];
} tern_connect_options;

/* A child parser for these options; its input is a tern_connect_options. */
extern const struct argp tern_connect_argp;
#define TERN_CONNECT_CHILDREN                                                                                          \
    {                                                                                                                  \
        { &tern_connect_argp, 0, "Whom to trust:", 10 },                                                               \
        {                                                                                                              \
            0                                                                                                          \
        }                                                                                                              \
    }

/* The argument HOST:PORT. */
void tern_connect_relay(struct argp_state *state, tern_connect_options *o, const char *arg);

#endif
