/* SPDX-License-Identifier: MIT */
/* rsa-fragment: what a datagram is (spec: dialects/rsa-fragment). Bytes and structs, no state. */
#ifndef TERN_DIALECTS_RSA_FRAGMENT_CODEC_H
#define TERN_DIALECTS_RSA_FRAGMENT_CODEC_H

#include "base/io.h"

#define TERN_RSAF_HEADER      6   /* bytes before a fragment's payload: id:u32 no:u8 total:u8 */
#define TERN_RSAF_PAYLOAD_MAX 490 /* of a fragment that is sent */
#define TERN_RSAF_ACK_MAX     16  /* characters of an answer, at most "4294967295: ACK" and a zero */
#define TERN_RSAF_NACK_MOST   40  /* fragments that one answer asks for ... */
#define TERN_RSAF_NACK_MAX    (17 + 4 * TERN_RSAF_NACK_MOST) /* ... in characters: they fit one block of any key */

typedef enum {
    TERN_RSAF_KEY,         /* a PEM, or what begins like one */
    TERN_RSAF_KEY_REQUEST, /* REQ_PUB_KEY and a newline */
    TERN_RSAF_MAYBE_WHOLE, /* as long as the modulus: a whole ciphertext, or else a fragment if it has the header */
    TERN_RSAF_FRAGMENT,
    TERN_RSAF_WHOLE /* anything else */
} tern_rsaf_kind;

typedef struct {
    uint32_t id;
    uint8_t no, total; /* 1 <= no <= total */
    tern_bytes payload;
} tern_rsaf_fragment;

/* modulus: bytes of the receiver's RSA key. *fragment is filled for FRAGMENT, and for MAYBE_WHOLE when it has the
 * header; else its total is 0. */
tern_rsaf_kind tern_rsaf_read(tern_bytes datagram, size_t modulus, tern_rsaf_fragment *fragment);
void tern_rsaf_write(const tern_rsaf_fragment *fragment, tern_writer *w);
tern_bytes tern_rsaf_key_request(void);

/* "ACK", or "<id>: ACK" when has_id; the number of characters. */
size_t tern_rsaf_write_ack(bool has_id, uint32_t id, uint8_t out[TERN_RSAF_ACK_MAX]);
/* Fragments of a message that have not come, as many as one answer names. */
typedef struct {
    uint32_t id;
    uint8_t no[TERN_RSAF_NACK_MOST];
    size_t n;
} tern_rsaf_nack;

/* "<id>: NACK <numbers with commas>"; the number of characters. n is at least 1. */
size_t tern_rsaf_write_nack(const tern_rsaf_nack *nack, uint8_t out[TERN_RSAF_NACK_MAX]);
TERN_MUST_USE bool tern_rsaf_read_nack(tern_bytes text, tern_rsaf_nack *nack);
/* Whether text is an answer; *has_id and *id. */
TERN_MUST_USE bool tern_rsaf_read_ack(tern_bytes text, bool *has_id, uint32_t *id);

#endif
