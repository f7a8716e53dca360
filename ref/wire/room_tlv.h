/* SPDX-License-Identifier: MIT */
/* Room and file TLVs: bytes <-> structs (spec: rooms). */
#ifndef TERN_WIRE_ROOM_TLV_H
#define TERN_WIRE_ROOM_TLV_H

#include "base/error.h"
#include "wire/tlv.h"

typedef enum {
    TERN_R_RELAYED = 0x0006,
    TERN_R_SENDER_INFO = 0x000a,
    TERN_R_ARRIVED = 0x000b,
    TERN_R_LEFT = 0x000c,
    TERN_R_JOIN = 0x0040,
    TERN_R_PUBLISH = 0x0041,
    TERN_R_LEAVE = 0x0042,
    TERN_R_WELCOME = 0x0043,
    TERN_R_REFUSED = 0x0044,
    TERN_R_PRESENT = 0x0045,
    TERN_R_MISSED = 0x0046
} tern_room_tlv_type;

typedef enum {
    TERN_FILE_PUT = 0x0050,
    TERN_FILE_GET = 0x0051,
    TERN_FILE_INFO = 0x0052,
    TERN_FILE_DONE = 0x0053,
    TERN_FILE_ERROR = 0x0054
} tern_file_tlv_type;

#define TERN_NAME_MAX      64  /* bytes of a room's name or a nickname (ROOM-002) */
#define TERN_FILE_NAME_MAX 200 /* bytes */
#define TERN_TEXT_MAX      200 /* bytes of REFUSED's and FILE_ERROR's text */

typedef struct {
    uint32_t member;
    uint8_t family; /* 0 address not told, 4, 6 */
    uint8_t ip[16];
    uint16_t port;
    uint8_t nick_n;
    uint8_t nick[TERN_NAME_MAX];
} tern_sender_info;

/* One room message without its body. type says which members hold. */
typedef struct {
    tern_room_tlv_type type;
    tern_bytes room, nick;   /* JOIN; views into the bytes parsed */
    uint32_t member, count;  /* WELCOME */
    uint64_t number;         /* RELAYED, ARRIVED, LEFT; WELCOME: next; MISSED: first */
    uint64_t last;           /* MISSED */
    uint64_t time_ms;        /* RELAYED: Unix time */
    uint8_t why;             /* LEFT */
    uint16_t code;           /* REFUSED */
    tern_bytes text;         /* REFUSED */
    tern_sender_info sender; /* PRESENT, ARRIVED, LEFT, RELAYED */
} tern_room_msg;

/* Bytes that the TLVs of any room message take at most, without a body: enough of a message's start to parse. A JOIN is
 * the longest: its names may be too long by ROOM-002, and still have to be read to be refused. */
#define TERN_ROOM_HEADER_MAX (TERN_TLV_HEADER + 2 * (1 + 255))

/* Reads the TLVs at the start of bytes and says where the body begins. TERN_OK or TERN_PROTOCOL_VIOLATION; a body
 * behind a type that has none is a violation too. bytes may be only the first TERN_ROOM_HEADER_MAX bytes of the
 * message, whose whole size is size. */
tern_error tern_room_msg_parse(tern_bytes bytes, size_t size, tern_room_msg *out, size_t *body_at);
void tern_room_msg_emit(tern_writer *w, const tern_room_msg *m); /* without the body */
/* 1 to TERN_NAME_MAX bytes of valid UTF-8, no control characters, not all white space (ROOM-002). */
bool tern_room_name_ok(tern_bytes name);

typedef struct {
    tern_file_tlv_type type;
    uint64_t size;      /* PUT, INFO */
    tern_bytes name;    /* PUT, GET */
    uint8_t sha256[32]; /* DONE */
    uint16_t code;      /* ERROR */
    tern_bytes text;    /* ERROR */
} tern_file_msg;

/* Bytes of the longest file TLV. */
#define TERN_FILE_MSG_MAX (TERN_TLV_HEADER + 8 + TERN_FILE_NAME_MAX)

/* Reads one file TLV at the start of bytes: the number of bytes it took; 0 when more bytes are needed; SIZE_MAX when it
 * is malformed. */
size_t tern_file_msg_parse(tern_bytes bytes, tern_file_msg *out);
void tern_file_msg_emit(tern_writer *w, const tern_file_msg *m);
/* ROOM-020: a plain file name. */
bool tern_file_name_ok(tern_bytes name);

#endif
