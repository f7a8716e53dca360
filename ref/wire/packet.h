/* SPDX-License-Identifier: MIT */
/* Packet headers: bytes <-> structs (spec: wire 1). Knows no keys: headers are read while still protected. */
#ifndef TERN_WIRE_PACKET_H
#define TERN_WIRE_PACKET_H

#include "base/io.h"

#define TERN_VERSION      0x54524e31u /* "TRN1" */
#define TERN_CID_SIZE     8
#define TERN_TAG_SIZE     16
#define TERN_PN_SIZE      4
#define TERN_TOKEN_SIZE   16 /* of a stateless reset (CONN-050) */
#define TERN_RESET_SIZE   (1 + TERN_CID_SIZE + TERN_TOKEN_SIZE)
#define TERN_DATAGRAM_MIN 1200 /* what every path carries; a SYN is padded to it (WIRE-004) */
#define TERN_RANDOM_SIZE  32
#define TERN_SHARE_SIZE   32

typedef enum {
    TERN_PACKET_SYN = 1,
    TERN_PACKET_SYN_ACK = 2,
    TERN_PACKET_ACK = 3,
    TERN_PACKET_EARLY = 4,
    TERN_PACKET_DATA = 5,
    TERN_PACKET_RETRY = 6,
    TERN_PACKET_VERSION = 7,
    TERN_PACKET_RESET = 8,
    TERN_PACKET_TYPES = 9
} tern_packet_type;

typedef struct {
    uint8_t b[TERN_CID_SIZE];
} tern_cid;

bool tern_addr_equal(const tern_addr *a, const tern_addr *b);
bool tern_cid_equal(const tern_cid *a, const tern_cid *b);

/* The relay's answer that travels in the SYN_ACK header and in the transcript (HS-010). */
typedef struct {
    uint8_t random[TERN_RANDOM_SIZE];
    uint8_t share[TERN_SHARE_SIZE];
    uint16_t suite;
    uint8_t resumed; /* 1: under the ticket that the client offered (HS-043) */
} tern_hello;

bool tern_hello_equal(const tern_hello *a, const tern_hello *b);

typedef struct {
    tern_packet_type type;
    uint8_t first; /* byte 0 as it stands in the datagram */
    uint32_t version;
    tern_cid to;      /* the receiver's id: sid towards the relay, cid towards the client */
    tern_cid from;    /* the sender's id; zero in DATA */
    tern_hello hello; /* in SYN_ACK */
    size_t pn_offset; /* where the packet number stands: what comes before is the header. In RETRY its cookie; 0 in
                         VERSION and RESET, which have neither */
    uint8_t token[TERN_TOKEN_SIZE]; /* in RESET */
} tern_header;

/* Reads the header of a datagram. TERN_DROP_NONE, or the reason to drop it: SHORT, TYPE, or VERSION, and then the ids
 * are there, which stand alike in every version (WIRE-001, WIRE-003, WIRE-074). */
int tern_header_parse(tern_bytes datagram, tern_header *out);
/* Writes the header up to the packet number: type and flags, version, ids and hello; first and pn_offset are not read.
 */
void tern_header_emit(tern_writer *w, const tern_header *h, uint8_t flags);
/* Bytes of the header of this type, without the packet number; 0 for RESET, and for a type that this version has no
 * packets of. */
size_t tern_header_size(tern_packet_type type);
/* Writes a whole RESET: TERN_RESET_SIZE bytes. */
void tern_reset_emit(tern_writer *w, const tern_cid *id, const uint8_t token[TERN_TOKEN_SIZE]);
/* The full number nearest to largest_opened + 1 whose low 32 bits are truncated (WIRE-005). largest is UINT64_MAX when
 * none was opened yet. */
uint64_t tern_pn_restore(uint64_t largest, uint32_t truncated);

#endif
