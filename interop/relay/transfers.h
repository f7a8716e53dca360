/* SPDX-License-Identifier: MIT */
/* The relay's file service (spec: rooms 2): one small state machine for each stream that a client opens. Never holds
 * more of a file than one buffer: what a peer does not take yet stays on the disk, what the disk has not taken yet is
 * not asked of the peer. */
#ifndef TERN_RELAY_TRANSFERS_H
#define TERN_RELAY_TRANSFERS_H

#include "posix/hash.h"
#include "posix/tlv_input.h"
#include "store.h"
#include "syncer.h"

#define TERN_TRANSFERS_MAX  TERN_SYNCER_JOBS   /* under way at once, of all clients together */
#define TERN_TRANSFERS_OWN  4                  /* of one client */
#define TERN_TRANSFER_STALL (60 * TERN_SECOND) /* one that makes no progress for so long is given up */

/* What may happen to a transfer stands in the table `wants` of transfers.c. */
typedef enum {
    TERN_TRANSFER_FREE,
    TERN_TRANSFER_REQUEST, /* FILE_PUT or FILE_GET is awaited */
    TERN_TRANSFER_BODY,    /* put: the file's bytes are awaited */
    TERN_TRANSFER_DONE,    /* put: FILE_DONE is awaited */
    TERN_TRANSFER_SYNC,    /* put: the file is being made to last */
    TERN_TRANSFER_SEND,    /* get: the file's bytes are being sent */
    TERN_TRANSFER_ANSWER,  /* the last TLV is being sent */
    TERN_TRANSFER_END      /* all is sent; the client's end of the stream is awaited */
} tern_transfer_state;

typedef struct {
    tern_transfer_state state;
    tern_peer peer;
    uint32_t stream;
    bool put;
    bool orphan;      /* SYNC: the client has gone meanwhile */
    bool input_ended; /* by FIN or RESET, or stopped by us */
    bool writable;    /* false: the stream took less than it was given */
    tern_tlv_input in;
    uint8_t out[TERN_TLV_HEADER + 2 + TERN_TEXT_MAX];
    size_t out_n, out_at;
    char name[TERN_FILE_NAME_MAX + 1];
    uint64_t size, at;
    tern_file_hash hash;
    uint8_t sha256[TERN_SHA256_SIZE]; /* put: of what was stored */
    tern_part part;                   /* put */
    int fd;                           /* get */
    tern_time started, moved;
} tern_transfer;

typedef struct {
    uint64_t puts, gets, refused, put_bytes, get_bytes;
} tern_transfer_counts;

typedef struct {
    tern_node *node;
    tern_store store;
    tern_syncer syncer;
    bool verbose;
    tern_transfer_counts counts;
    tern_transfer all[TERN_TRANSFERS_MAX];
    uint8_t scratch[65536];
} tern_transfers;

tern_transfers *tern_transfers_new(void); /* NULL: out of memory */
/* folder NULL: every request is answered with NO_FILES. */
bool tern_transfers_open(tern_transfers *t, tern_loop *loop, const char *folder, uint64_t max_file, tern_why *why);
/* Gives up what is under way. */
void tern_transfers_free(tern_transfers *t);
/* STREAM_… and CLOSED events of the node; others are not for it. */
void tern_transfers_event(tern_transfers *t, tern_time now, const tern_event *event);
/* Gives up what made no progress; when to call again, TERN_TIME_NEVER when nothing is under way. */
tern_time tern_transfers_tick(tern_transfers *t, tern_time now);

#endif
