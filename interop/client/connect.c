/* SPDX-License-Identifier: MIT */
/* Options of every subcommand that speaks to a relay (see connect.h). */
#define _GNU_SOURCE
#include "connect.h"

#include "posix/text.h"

enum {
    OPT_CA = 1000,
    OPT_MUST_STAPLE,
    OPT_KEY,
    OPT_CERT,
    OPT_PIN,
    OPT_KNOWN,
    OPT_PLAINTEXT,
    OPT_CONGESTION,
    OPT_KEY_LOG,
    OPT_NO_TICKETS,
    OPT_NO_EARLY_DATA
};

static const struct argp_option options[] = {
    { "ca", OPT_CA, "FILE", 0, "trust a relay whose certificate leads to an authority in this file (PEM)", 0 },
    { "must-staple", OPT_MUST_STAPLE, NULL, 0,
      "with --ca: refuse a certificate that comes without proof that it is not revoked", 0 },
    { "pin", OPT_PIN, "HEX", 0, "trust the relay with this key: the SHA-256 that it prints as its identity", 0 },
    { "known-relays", OPT_KNOWN, "FILE", 0,
      "where relays that were met before are kept (default: ~/.config/tern/known_relays)", 0 },
    { "key", OPT_KEY, "FILE", 0, "prove this private key (PEM) to a relay that asks who the client is", 0 },
    { "cert", OPT_CERT, "FILE", 0, "with this certificate chain (PEM, the client's own first); needs --key", 0 },
    { "plaintext", OPT_PLAINTEXT, NULL, 0, "speak without encryption, if the relay allows it", 0 },
    { "congestion", OPT_CONGESTION, "NAME", 0, "how sending is held back: newreno, cubic or bbr (default: cubic)", 0 },
    { "key-log", OPT_KEY_LOG, "FILE", 0,
      "write the keys of the connection there, so that Wireshark can read it (default: $SSLKEYLOGFILE, if it is set)",
      0 },
    { "no-tickets", OPT_NO_TICKETS, NULL, 0, "neither keep nor use what spares the relay's proof the next time", 0 },
    { "no-early-data", OPT_NO_EARLY_DATA, NULL, 0, "say nothing before the relay has answered", 0 },
    { "verbose", 'v', NULL, 0, "say more on stderr", 0 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    tern_connect_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: o->congestion = TERN_CONGESTION_COUNT; break;
    case OPT_CA: o->ca = arg; break;
    case OPT_MUST_STAPLE: o->must_staple = true; break;
    case OPT_KEY: o->key = arg; break;
    case OPT_CERT: o->cert = arg; break;
    case OPT_KNOWN: o->known_relays = arg; break;
    case OPT_PLAINTEXT: o->plaintext = true; break;
    case OPT_KEY_LOG: o->key_log = arg; break;
    case OPT_NO_TICKETS: o->no_tickets = true; break;
    case OPT_NO_EARLY_DATA: o->no_early_data = true; break;
    case 'v': o->verbose = true; break;
    case OPT_CONGESTION:
        o->congestion = tern_congestion_by_name(arg);
        if (o->congestion == TERN_CONGESTION_COUNT)
            argp_error(state, "--congestion takes newreno, cubic or bbr, not '%s'", arg);
        break;
    case OPT_PIN:
        if (!tern_fingerprint_parse(arg, o->pin))
            argp_error(state, "--pin takes the 64 hex digits of a SHA-256, not '%s'", arg);
        o->pinned = true;
        break;
    case ARGP_KEY_END:
        if ((o->ca != NULL) + o->pinned + (o->known_relays != NULL) > 1)
            argp_error(state, "only one of --ca, --pin and --known-relays");
        if (o->must_staple && o->ca == NULL) argp_error(state, "--must-staple needs --ca");
        if (o->cert != NULL && o->key == NULL) argp_error(state, "--cert needs --key");
        if (!o->has_relay) argp_error(state, "which relay? HOST:PORT is missing");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp tern_connect_argp = { options, parse, NULL, NULL, NULL, NULL, NULL };

void tern_connect_relay(struct argp_state *state, tern_connect_options *o, const char *arg)
{
    tern_why why;
    if (!tern_hostport_parse(arg, &o->relay, &why)) argp_error(state, "%s", why.text);
    if (o->relay.port == 0) argp_error(state, "a relay is never at port 0");
    o->has_relay = true;
}
