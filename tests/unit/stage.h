/* SPDX-License-Identifier: MIT */
/* Handshakes of every kind between two endpoints, and what one side says in them: held back, changed, and given on
 * under that side's own keys, so that it passes every AEAD. */
#ifndef TERN_TESTS_STAGE_H
#define TERN_TESTS_STAGE_H

#include "unit/pair.h"

#define STAGE_MESSAGES 8

/* What a handshake has besides a raw key that the client pins. */
enum {
    STAGE_CHAIN = 1,        /* the relay shows a chain of two and a STATUS; the client trusts the root */
    STAGE_ASKS = 2,         /* the relay asks for the client's key, which is allowed */
    STAGE_CLIENT_CHAIN = 4, /* which is in a certificate */
    STAGE_RESUMED = 8,      /* the client has a ticket */
    STAGE_RETRY = 16        /* the relay asks for a cookie */
};

typedef struct {
    pair *p;
    tern_identity client_identity;
    tern_anchors anchors;
    uint8_t anchor_storage[TERN_ANCHOR_STORAGE_MAX], chain_storage[8192], client_storage[8192], status[4096];
    uint8_t allowed[1][TERN_SHA256_SIZE];
    tern_kept_ticket ticket;
    /* of the side whose words are held back */
    pair_way way;
    uint8_t said[TERN_FLIGHT_MAX]; /* its messages */
    size_t said_n, from;           /* from: where they begin in its CRYPTO sequence */
    tern_bytes message[STAGE_MESSAGES];
    size_t messages;
    /* both ends as they were then */
    void *saved[2];
    size_t saved_n[2];
    tern_time saved_at;
} stage;

/* Two ends that are ready, but do not speak yet: a test may change their configuration. */
stage *stage_new(unsigned with);
void stage_free(stage *s);
/* The client begins, with its configuration as it is now. */
void stage_connect(stage *s);
/* Begins, and goes on until the sender of this way has said its messages, none of which arrive now or later. */
void stage_hold(stage *s, pair_way way);
/* Both ends are as they were when stage_hold returned, with nothing on the wire. */
void stage_again(stage *s);
/* The messages that were held back, these instead, arrive at once; false when the receiver closed before all were
 * given. */
bool stage_give(stage *s, tern_bytes said);

#endif
