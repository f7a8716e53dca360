/* SPDX-License-Identifier: MIT */
/* What was said lately, by its hash: ciphertexts that come again are not taken again (spec: dialects 1). */
#ifndef TERN_DIALECTS_SAID_H
#define TERN_DIALECTS_SAID_H

#include "crypto/sha256.h"

#define TERN_SAID_MOST 1024

typedef enum {
    TERN_SAID_NEVER,
    TERN_SAID_BY_THIS_ONE, /* a repetition: what was answered may have been lost */
    TERN_SAID_BY_ANOTHER   /* a replay from elsewhere */
} tern_said_before;

/* Some bytes and who sent them: small enough to be kept when the bytes are not. */
typedef struct {
    uint64_t hash, sender;
} tern_said_mark;

typedef struct {
    tern_said_mark mark[TERN_SAID_MOST];
    uint32_t next, n;
} tern_said;

tern_said_mark tern_said_mark_of(tern_bytes bytes, uint64_t sender);
/* Whether it is among the last that were remembered. */
tern_said_before tern_said_look(const tern_said *s, const tern_said_mark *mark);
void tern_said_remember(tern_said *s, const tern_said_mark *mark);

#endif
