/* SPDX-License-Identifier: MIT */
/* Whom a node trusts to vouch for its peers, kept in its own block: the authorities, and the places of what they view.
 */
#ifndef TERN_RELAY_KEPT_ANCHORS_H
#define TERN_RELAY_KEPT_ANCHORS_H

#include "crypto/chain.h"
#include "relay/place.h"

/* Where an anchor's views stand. */
typedef struct {
    tern_place subject, point, modulus, exponent, key_info, extensions;
} tern_anchor_places;

typedef struct {
    tern_anchors anchors;
    tern_anchor_places place[TERN_ANCHORS_MAX];
} tern_kept_anchors;

/* Reads authorities whose bytes go into the block, at most storage_n at storage_at: twice as many as pem has always
 * suffice, for their DER, shorter than its PEM, and their keys once more. Errors are those of tern_anchors_from_pem. */
TERN_MUST_USE tern_error tern_kept_anchors_read(void *block, tern_kept_anchors *kept, tern_bytes pem, size_t storage_at,
                                                size_t storage_n);
/* After the block was copied: the views, made anew. */
void tern_kept_anchors_attach(const void *block, tern_kept_anchors *kept);
/* Where an authority stands among others; their n when it does not. */
TERN_MUST_USE size_t tern_kept_anchors_find(const tern_anchors *anchors, const tern_anchor *wanted);

#endif
