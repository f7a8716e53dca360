/* SPDX-License-Identifier: MIT */
/* A dialect's server and some of its clients on a virtual clock, with a wire between them on which a test may drop,
 * repeat or change what passes. What the server says of its clients is told to all others, as a room would; what each
 * end was told is written down in words, a line an event. */
#ifndef TERN_TESTS_DIALECTS_HALL_H
#define TERN_TESTS_DIALECTS_HALL_H

#include "crypto/drbg.h"
#include "crypto/rsa.h"
#include "tern.h"
#include "unit/base/unit.h"

#define HALL_CLIENTS 4
#define HALL_LOG     8192
#define HALL_WIRE    4096
#define HALL_GUARD   256

typedef struct {
    tern_node *node;
    uint8_t *memory;
    size_t n;
    tern_addr addr;
    char log[HALL_LOG];
    size_t log_n;
} hall_end;

typedef struct {
    tern_time at;
    uint32_t from, to; /* ends */
    size_t n;
    uint8_t *bytes;
} hall_datagram;

typedef struct hall hall;

struct hall {
    tern_dialect dialect;
    tern_time now;
    hall_end end[1 + HALL_CLIENTS]; /* the server is 0 */
    uint32_t clients;
    tern_peer member[HALL_CLIENTS * 4]; /* who has arrived, 0: nobody */
    hall_datagram wire[HALL_WIRE];
    size_t on_wire;
    uint64_t sent; /* datagrams */
    bool silent;   /* the room tells nobody anything */
    /* Looks at each datagram as it is put on the wire: how often it shall arrive. May change its bytes. */
    unsigned (*meddle)(hall *h, hall_datagram *d);
    hall_datagram kept; /* for meddlers */
};

tern_dialect_config hall_server_config(tern_dialect dialect);
tern_dialect_config hall_client_config(const hall *h, uint32_t client);
/* A server; NULL for hall_server_config. */
hall *hall_new(tern_dialect dialect, const tern_dialect_config *config);
/* Adds a client (1, 2, ...) that begins to connect; NULL for hall_client_config. */
uint32_t hall_add(hall *h, const tern_dialect_config *config);
/* A server and so many clients that are connected. */
hall *hall_with_clients(tern_dialect dialect, uint32_t clients);
/* Checks the guards, too. */
void hall_free(hall *h);
void hall_run(hall *h, uint64_t ns);
int hall_say(hall *h, uint32_t client, const char *text);
/* Bytes to the server as if from an address; the tern_drop. */
int hall_throw(hall *h, const tern_addr *from, tern_bytes bytes);
tern_addr hall_stranger(uint8_t host, uint16_t port);

/* What an end was told since it was asked last; asserts that it is these lines. */
void hall_expect(hall *h, uint32_t end, const char *lines);
uint64_t hall_drops(const hall *h, uint32_t end, tern_drop why);
/* Bytes to a client as if from the server; the tern_drop. */
int hall_answer(hall *h, uint32_t client, tern_bytes bytes);
/* The next datagram that the server sends, copied; its bytes, 0 for none. */
size_t hall_sent(hall *h, uint8_t out[TERN_DATAGRAM_MAX]);
/* A fixture's text, read once and kept until the process ends. */
tern_bytes hall_pem(const char *file);
tern_rsa_private hall_key(const char *file);

/* One who speaks a dialect by hand, as an original client or an attacker does. */
typedef struct {
    tern_rsa_private server, own; /* of the server only what everybody knows is used */
    tern_drbg drbg;
    tern_addr addr;
} hall_hand;

hall_hand hall_hand_at(uint8_t host);

#endif
