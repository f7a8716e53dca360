/* SPDX-License-Identifier: MIT */
/* Packet protection: sealing and opening whole packets in place (spec: wire 2; RFC 9001 section 5). */
#ifndef TERN_CONNECTION_PROTECTION_H
#define TERN_CONNECTION_PROTECTION_H

#include "base/error.h"
#include "handshake/keys.h"
#include "wire/packet.h"

typedef struct {
    uint64_t pn;
    tern_bytes payload; /* within the datagram */
} tern_opened;

/* Opens a datagram whose header was parsed. largest: the largest number opened in this direction, UINT64_MAX when none
 * was. TERN_DROP_NONE, AEAD, or RESERVED. The datagram's bytes are spent either way; nothing else changes (WIRE-012).
 */
int tern_packet_open(const tern_packet_keys *keys, const tern_header *header, tern_buf datagram, uint64_t largest,
                     tern_opened *out);

#define TERN_FLAG_PHASE 1 /* of DATA (WIRE-006) */

/* The same in two steps, for who has several keys to try. Takes the header's protection away: the flags; *pn is the
 * number. */
unsigned tern_packet_unmask(const tern_header_key *key, const tern_header *header, tern_buf datagram, uint64_t largest,
                            uint64_t *pn);
/* Then opens the packet whose number stands in out->pn. After AEAD its bytes are as before. */
int tern_packet_open_with(const tern_aead *aead, const tern_header *header, tern_buf datagram, tern_opened *out);

/* Seals the packet of which packet[0..n) is header, packet number (at pn_offset) and payload; TERN_TAG_SIZE bytes
 * follow. The size of the whole. */
size_t tern_packet_seal(const tern_packet_keys *keys, uint64_t pn, uint8_t *packet, size_t pn_offset, size_t n);

#endif
