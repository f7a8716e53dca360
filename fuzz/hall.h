/* SPDX-License-Identifier: MIT */
/* What the harnesses of the dialects share: a server, two of its clients and somebody else in one process. The input
 * says what happens to each datagram on the wire, when the clock moves, what the application does, what strangers send,
 * and what is sealed with the right keys first. The server's events are told to all others, as a room would. */
#ifndef TERN_FUZZ_HALL_H
#define TERN_FUZZ_HALL_H

#include "fuzz.h"

#include "crypto/drbg.h"
#include "crypto/rsa.h"
#include "tern.h"

#define HALL_CLIENTS  2
#define HALL_ENDS     (1 + HALL_CLIENTS) /* 0 is the server */
#define HALL_STRANGER HALL_ENDS          /* an address without a node of ours */
#define HALL_WIRE     48
#define HALL_DATAGRAM 4096
#define HALL_TEXT     600 /* bytes of the longest that is taken */
#define HALL_SAID     96
#define HALL_OWN      65536
#define HALL_PEERS    256 /* that a server can number within an input */

typedef struct {
    uint8_t from, to;
    size_t n;
    uint8_t bytes[HALL_DATAGRAM];
} hall_datagram;

typedef struct hall hall;

/* What a dialect adds. */
typedef struct {
    tern_dialect dialect;
    /* Somebody else makes the server know him; may be NULL. */
    void (*prepare)(hall *h);
    /* Sends something that is sealed as it must be, of what the input says next. */
    void (*forge)(hall *h, tern_reader *r);
    /* Looks at a datagram as it leaves; may be NULL. */
    void (*sent)(hall *h, uint8_t from, tern_bytes bytes);
    /* What the server sends to the stranger's address; may be NULL. */
    void (*to_stranger)(hall *h, tern_bytes bytes);
    /* The codec alone. */
    void (*codec)(tern_bytes bytes);
} hall_rules;

typedef struct {
    size_t n;
    uint8_t text[HALL_TEXT];
    uint8_t from;   /* an end, or HALL_STRANGER: forged */
    uint32_t told;  /* by the server */
    uint32_t times; /* how often it may be told */
    uint32_t heard[HALL_ENDS];
} hall_said;

struct hall {
    const hall_rules *rules;
    tern_node *node[HALL_ENDS];
    uint8_t *memory[HALL_ENDS];
    size_t size[HALL_ENDS];
    tern_addr address[HALL_ENDS + 1];
    tern_rsa_private key[HALL_ENDS];
    tern_drbg drbg; /* of what is forged */
    tern_time now;
    hall_said said[HALL_SAID];
    size_t said_n;
    uint8_t member[HALL_PEERS]; /* by peer: 0 never seen, 1 there, 2 gone */
    uint8_t starts;             /* of clients anew */
    bool known;                 /* the stranger has begun to talk */
    bool forged;                /* a client may have been told anything */
    uint64_t own[HALL_OWN / 8]; /* the dialect's */
    size_t on_wire;
    hall_datagram wire[HALL_WIRE]; /* last: what is not used is not copied */
};

/* Where inputs start: nothing has happened; both clients are connected, and so is the stranger. It is made once, and
 * put back where it stood: a node of tls-chat points into itself (decision 0010). */
hall *hall_start(const hall_rules *rules, bool connected);
/* All that follows, as the input says. */
void hall_play(hall *h, tern_reader *r);
/* Polls, and sends, until nothing happens. */
void hall_settle(hall *h);
/* A datagram arrives. */
void hall_deliver(hall *h, uint8_t from, uint8_t to, tern_bytes bytes);
void hall_deliver_all(hall *h);
/* Somebody sealed this text: from now on it has been said. */
void hall_note_said(hall *h, uint8_t from, tern_bytes text);
/* Bytes of the input: how many stands before them; what is left where that is less. */
tern_bytes hall_read(tern_reader *r);
/* No control characters, and UTF-8. */
bool hall_is_plain(tern_bytes text);

/* The harness of a dialect, in a line: the first byte says where it starts, or that the rest is for the codec. */
int hall_fuzz(const hall_rules *rules, const uint8_t *data, size_t size);

#endif
