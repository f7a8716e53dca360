/* SPDX-License-Identifier: MIT */
/* The dialects that the relay serves beside Tern: for each a server, its socket, and a bridge into a room. */
#ifndef TERN_RELAY_DIALECTS_H
#define TERN_RELAY_DIALECTS_H

#include "kept.h"
#include "options.h"
#include "posix/driver.h"
#include "posix/tcp.h"

typedef struct {
    const tern_dialect_facts *facts;
    tern_addr listens;
    tern_driver driver; /* over UDP, ... */
    tern_tcp tcp;       /* ... over TCP */
    tern_node *relay, *server;
    const tern_time *now; /* of whichever drives it */
    tern_bridge *bridge;
    tern_kept kept;
    void *memory;
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE]; /* of its key, which clients may pin */
    bool verbose;
} tern_relay_dialect;

typedef struct {
    tern_relay_dialect each[TERN_DIALECTS_MAX];
    size_t n;
} tern_relay_dialects;

/* How many guests the relay needs places for. */
uint32_t tern_relay_dialects_clients(const tern_relay_options *options);
/* Opens all that were asked for, beside the relay's own driver, whose node there is. */
bool tern_relay_dialects_open(tern_relay_dialects *d, const tern_relay_options *options, tern_driver *beside,
                              tern_why *why);
/* Prints a line for each socket, and what each dialect does not protect from. */
void tern_relay_dialects_announce(const tern_relay_dialects *d);
/* A round of each; when the next one is wanted. */
tern_time tern_relay_dialects_step(tern_relay_dialects *d);
void tern_relay_dialects_report(const tern_relay_dialects *d);
void tern_relay_dialects_close(tern_relay_dialects *d);

#endif
