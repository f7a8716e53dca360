/* SPDX-License-Identifier: MIT */
/* Who a node is, kept in its own block: the identity, and the places of the certificates that it views. */
#ifndef TERN_RELAY_KEPT_IDENTITY_H
#define TERN_RELAY_KEPT_IDENTITY_H

#include "crypto/identity.h"
#include "relay/place.h"

typedef struct {
    tern_identity identity;
    tern_place certificate[TERN_CHAIN_MAX]; /* what identity.chain views */
} tern_kept_identity;

/* Reads an identity whose certificates go into the block, at most storage_n bytes at storage_at: as many as cert_pem
 * has always suffice, since DER is shorter than PEM. NULL, or why the files cannot be used (static words). */
TERN_MUST_USE const char *tern_kept_identity_read(void *block, tern_kept_identity *kept, tern_bytes key_pem,
                                                  tern_bytes cert_pem, size_t storage_at, size_t storage_n);
/* After the block was copied: the chain's views, made anew. */
void tern_kept_identity_attach(const void *block, tern_kept_identity *kept);

#endif
