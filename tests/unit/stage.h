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
/* Both ends are to be once more as they are now. */
void stage_keep(stage *s);
/* Both ends are as they were when stage_hold, or stage_keep, returned, with nothing on the wire. */
void stage_again(stage *s);
/* These bytes arrive at once as what was held back; false when the receiver closed before all were given. */
bool stage_give(stage *s, tern_bytes said);
/* Likewise, as what stands at that offset of it. */
bool stage_give_at(stage *s, size_t offset, tern_bytes said);
/* Who hears what was held back. */
tern_connection *stage_hearer(stage *s);
/* stage_new and stage_hold; asserts that what was held back is taken as it was said. */
stage *stage_held(unsigned with, pair_way way);
void stage_expect_taken(stage *s);
/* Asserts that the hearer does not take this, and says so with a registered code, unless it may have to wait for more;
 * the rest says what was done to which message and where, for who reads that it failed. */
void stage_expect_refused(stage *s, tern_bytes said, bool may_wait, const char *done, size_t message, size_t at);

#endif
