/* SPDX-License-Identifier: MIT */
/* A ticket as a client keeps it between two connections (spec: handshake 5): with what it knew of the relay that gave
 * it. Outside it is a string of bytes, which is a secret. */
#ifndef TERN_HANDSHAKE_KEEP_H
#define TERN_HANDSHAKE_KEEP_H

#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "crypto/sha256.h"
#include "handshake/messages.h"

#define TERN_KEPT_TICKET_MAX 496 /* bytes of one as a string */

typedef struct {
    tern_suite suite;
    uint8_t psk[TERN_SECRET_SIZE];
    uint8_t fingerprint[TERN_SHA256_SIZE]; /* of the relay's key */
    uint8_t trust[TERN_SHA256_SIZE];       /* of what vouched for it, and of who the client was */
    uint64_t until;                        /* Unix seconds when what vouched ceases to; 0: it does not */
    bool status_good;                      /* its certificate was told not to be revoked */
    uint64_t received;                     /* Unix seconds */
    uint32_t lifetime_s, max_early;
    tern_params params; /* the relay's */
    uint8_t bytes[TERN_TICKET_MAX];
    size_t n;
} tern_kept_ticket;

void tern_kept_ticket_emit(tern_writer *w, const tern_kept_ticket *ticket);
/* false for a string that is none, whatever it holds. */
TERN_MUST_USE bool tern_kept_ticket_parse(tern_bytes string, tern_kept_ticket *out);

#endif
