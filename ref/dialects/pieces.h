/* SPDX-License-Identifier: MIT */
/* Messages that come in pieces (spec: dialects 1): bounded in number, bytes and time, whoever sends what. */
#ifndef TERN_DIALECTS_PIECES_H
#define TERN_DIALECTS_PIECES_H

#include "base/types.h"

#define TERN_PIECES_MOST 256 /* of one message */
#define TERN_PIECES_OPEN 16  /* messages under way at once, ... */
#define TERN_PIECES_EACH 4   /* ... of one sender */

typedef struct {
    uint64_t sender;
    uint32_t id;
    uint16_t total, have;
    bool used, known;
    bool asked;          /* what is missing was asked for */
    bool from_0, from_1; /* a piece 0 was seen, a piece total */
    tern_time heard;     /* when its last piece came */
    uint32_t bytes;
    struct {
        uint32_t at; /* plus 1; 0: not yet */
        uint32_t n;
    } piece[TERN_PIECES_MOST + 1];
} tern_pieces_message;

typedef struct {
    uint32_t max_bytes; /* of one message */
    uint64_t timeout_ns;
    uint64_t ask_ns; /* 0, or after which silence what is missing is asked for, once */
    size_t bytes_at; /* of the area behind: TERN_PIECES_OPEN times max_bytes, from this struct */
    tern_pieces_message message[TERN_PIECES_OPEN];
} tern_pieces;

typedef struct {
    uint64_t sender;
    bool known; /* its sender is no stranger: strangers have half the places at most, and take nobody else's */
    uint32_t id;
    uint16_t no, total;
    tern_bytes payload;
} tern_piece;

typedef enum {
    TERN_PIECE_KEPT,
    TERN_PIECE_LAST,        /* the message is there: join it */
    TERN_PIECE_TWICE,       /* it was there already */
    TERN_PIECE_DISAGREES,   /* another total, or another text in its place: the message is dropped */
    TERN_PIECE_OUT_OF_RANGE /* more pieces or bytes than are taken */
} tern_piece_result;

size_t tern_pieces_area(uint32_t max_bytes);
void tern_pieces_init(tern_pieces *p, size_t area_at, uint32_t max_bytes, uint64_t timeout_ns);
/* Takes a piece, numbered from 0 or from 1: whichever it is shows when 0 or total occurs. A sender with too many
 * messages under way loses its oldest; when all places are taken, the one that waited longest goes, a stranger's first
 * (RSF-010). */
tern_piece_result tern_pieces_take(tern_pieces *p, tern_time now, const tern_piece *piece);
/* Writes the message that is there to out, which has room for max_bytes, and forgets it; its length. */
size_t tern_pieces_join(tern_pieces *p, uint64_t sender, uint32_t id, uint8_t *out);
/* Drops what got no piece for the timeout, and says when to look again. */
tern_time tern_pieces_sweep(tern_pieces *p, tern_time now);
tern_time tern_pieces_next(const tern_pieces *p);
/* The next message of one who is known that has been silent for ask_ns: it counts as asked for. NULL: none. */
const tern_pieces_message *tern_pieces_ask(tern_pieces *p, tern_time now);
void tern_pieces_forget(tern_pieces *p, uint64_t sender);

#endif
