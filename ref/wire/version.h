/* SPDX-License-Identifier: MIT */
/* VERSION: what a relay speaks, told to who has nothing in common with it (spec: wire 1, connection 5). */
#ifndef TERN_WIRE_VERSION_H
#define TERN_WIRE_VERSION_H

#include "wire/packet.h"

#define TERN_OFFER_MAX        8 /* of each kind, as far as they are kept */
#define TERN_VERSION_SIZE_MAX (1 + 2 * TERN_CID_SIZE + 1 + 4 * TERN_OFFER_MAX + 1 + 2 * TERN_OFFER_MAX)

typedef struct {
    uint32_t version[TERN_OFFER_MAX];
    uint16_t suite[TERN_OFFER_MAX];
    uint8_t versions, suites; /* how many */
} tern_offer;

/* Numbers that nobody gives a meaning: 0x?a?a?a?a, 0x?a?a (HS-009; RFC 9000 section 15, RFC 8701). */
static inline bool tern_version_is_grease(uint32_t version)
{
    return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
}

static inline uint16_t tern_suite_grease(uint16_t chance)
{
    return (uint16_t)((chance & 0xf0f0) | 0x0a0a);
}

/* Writes a whole VERSION to cid, which answers a SYN that was sent to first_sid. */
void tern_version_emit(tern_writer *w, const tern_cid *cid, const tern_cid *first_sid, const tern_offer *offer);
/* The lists of a VERSION whose header was parsed, numbers for greasing left out: false when they cannot be read, or
 * name no version at all (WIRE-072). */
TERN_MUST_USE bool tern_version_parse(tern_bytes datagram, tern_offer *out);

#endif
