/* SPDX-License-Identifier: MIT */
/* tlv-multicast: its TLVs (spec: dialects/tlv-multicast). Bytes and structs, no state. */
#ifndef TERN_DIALECTS_TLV_MULTICAST_CODEC_H
#define TERN_DIALECTS_TLV_MULTICAST_CODEC_H

#include "crypto/oaep.h"
#include "wire/tlv.h"

#define TERN_TLVM_FRAGMENT_PAYLOAD 256
#define TERN_TLVM_FRAGMENT_HEAD    8  /* msg_id seq total */
#define TERN_TLVM_BLOCKS_MOST      16 /* of one message */
#define TERN_TLVM_FRAGMENTS_MOST   64 /* likewise */

typedef enum {
    TERN_TLVM_FRAGMENT = 1,
    TERN_TLVM_BLOCK = 3,
    TERN_TLVM_REGISTER = 4,
    TERN_TLVM_SERVER_KEY = 5,
    TERN_TLVM_RELAYED = 6,
    TERN_TLVM_KEY_REQUEST = 7,
    TERN_TLVM_KEEP_ALIVE = 9,
    TERN_TLVM_SENDER = 10,
    TERN_TLVM_CONNECTED = 11,
    TERN_TLVM_DISCONNECTED = 12
} tern_tlvm_type;

typedef struct {
    uint32_t id;
    uint16_t seq, total;
    tern_bytes payload;
} tern_tlvm_fragment;

/* Whether bytes are one TLV or more to the last byte. */
TERN_MUST_USE bool tern_tlvm_is_whole(tern_bytes bytes);
void tern_tlvm_write(tern_writer *w, tern_tlvm_type type, tern_bytes value);
TERN_MUST_USE bool tern_tlvm_read_fragment(tern_bytes value, tern_tlvm_fragment *fragment);
void tern_tlvm_write_fragment(tern_writer *w, const tern_tlvm_fragment *fragment);
/* ipv4:4 port:u16, off the front of *value. An address of another family is written as 0.0.0.0 with its port. */
TERN_MUST_USE bool tern_tlvm_read_address(tern_bytes *value, tern_addr *addr);
void tern_tlvm_write_address(tern_writer *w, const tern_addr *addr);

/* How many bytes of text go into a piece of at most room: no character of UTF-8 is cut, if it is any. */
size_t tern_tlvm_piece(tern_bytes text, size_t room);
/* Writes a text as blocks, each in its TLV, one behind the other. */
void tern_tlvm_seal(tern_writer *w, const tern_rsa_public *key, tern_drbg *drbg, tern_bytes text);
/* Bytes that tern_tlvm_seal writes for so much text. */
size_t tern_tlvm_sealed_size(const tern_rsa_public *key, size_t text_n);
/* Gathers the blocks of TLVs of one type, each as long as the modulus, at the start of bytes; how many bytes, 0 when
 * they are anything else, or more than are taken. */
size_t tern_tlvm_gather(tern_buf bytes, tern_tlvm_type type, size_t modulus);

#endif
