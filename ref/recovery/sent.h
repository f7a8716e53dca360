/* SPDX-License-Identifier: MIT */
/* Sent packets: what each number carried, until it is acknowledged or lost (spec: recovery). Sees packet numbers,
 * offsets and times; never bytes or keys. Records live in pages of the pool and are found by number. */
#ifndef TERN_RECOVERY_SENT_H
#define TERN_RECOVERY_SENT_H

#include "base/paged.h"

/* What a packet carried besides ranges; each bit stands for the latest value of something (REC-019). */
typedef enum {
    TERN_CARRIED_KEEP_ALIVE = 1 << 0,
    TERN_CARRIED_MAX_DATA = 1 << 1,
    TERN_CARRIED_MAX_STREAMS = 1 << 2,
    TERN_CARRIED_MAX_MESSAGES = 1 << 3,
    TERN_CARRIED_SYN = 1 << 4,
    TERN_CARRIED_MAX_STREAMS_UNI = 1 << 5,
    TERN_CARRIED_MAX_UNORDERED = 1 << 6,
    TERN_CARRIED_ACK_FREQUENCY = 1 << 7,
    TERN_CARRIED_NEW_TICKET = 1 << 8
} tern_carried;

/* Which sequence a range is of: one of these, or a stream's id, which is below all. */
#define TERN_CHANNEL_UNORDERED 0xfffffffcu
#define TERN_CHANNEL_IDS       0xfffffffdu /* no bytes: offset is the sequence number of a connection id */
#define TERN_CHANNEL_CRYPTO    0xfffffffeu
#define TERN_CHANNEL_MESSAGES  0xffffffffu

typedef enum {
    TERN_RANGE_FIN = 1 << 0,             /* the end of the stream stood in this frame */
    TERN_RANGE_MAX_STREAM_DATA = 1 << 1, /* no bytes: the stream's limit was told */
    TERN_RANGE_RESET = 1 << 2,           /* no bytes: RESET_STREAM, MESSAGE_ABANDONED */
    TERN_RANGE_STOP = 1 << 3,            /* no bytes: STOP_SENDING */
    TERN_RANGE_NEW_ID = 1 << 4,          /* no bytes: NEW_CONNECTION_ID */
    TERN_RANGE_RETIRE_ID = 1 << 5        /* no bytes: RETIRE_CONNECTION_ID */
} tern_range_flags;

typedef struct {
    uint64_t offset;
    uint32_t channel;
    uint16_t length;
    uint16_t flags;
} tern_sent_range;

#define TERN_SENT_RANGES 5

typedef enum {
    TERN_SENT_NONE = 0,
    TERN_SENT_IN_FLIGHT,
    TERN_SENT_ACKED,
    TERN_SENT_LOST,
    TERN_SENT_SKIPPED
} tern_sent_state;

typedef struct {
    tern_time time;
    uint64_t largest_acked; /* the largest number its ACK frame named; UINT64_MAX without one */
    union {
        uint64_t delivered_before; /* until it is ACKED, and all below: its note for the rate (rate.h) */
        uint64_t acked_to;         /* when ACKED: all numbers from this one up to below acked_to are */
    };
    uint32_t since_first, since_delivery, flight_bytes;
    uint16_t lost_units;
    uint16_t bytes;   /* size of the datagram */
    uint16_t carried; /* tern_carried */
    uint8_t state;    /* tern_sent_state */
    uint8_t ranges;
    unsigned eliciting : 1;   /* ack-eliciting */
    unsigned in_flight : 1;   /* counts against the window (REC-030) */
    unsigned again : 1;       /* its content was asked for again by a probe */
    unsigned pmtu_probe : 1;  /* asks whether the path carries its size (REC-061) */
    unsigned ect0 : 1;        /* left with the ECN mark ECT(0) */
    unsigned app_limited : 1; /* left when the application, not the network, held sending back */
    unsigned early : 1;       /* before the relay has answered: it may refuse it (HS-052) */
    unsigned elsewhere : 1;   /* left on another path than the connection's */
    uint8_t reserved;
    uint16_t episode; /* when LOST: the recovery period that it is of (congestion.h) */
    tern_sent_range range[TERN_SENT_RANGES];
} tern_sent_packet;

_Static_assert(sizeof(tern_sent_packet) == 128, "records fill pages without a rest");

typedef struct {
    tern_paged records;
    uint64_t next_pn; /* the number the next packet gets */
    uint64_t oldest;  /* numbers below are settled and forgotten */
} tern_sent;

void tern_sent_init(tern_sent *s);
void tern_sent_free(tern_sent *s, tern_pool *pool);
/* The record for next_pn, to be filled before _commit: without ranges, and 0 in all else but largest_acked. NULL when
 * memory ran out: then nothing may be sent. */
tern_sent_packet *tern_sent_open(tern_sent *s, tern_pool *pool);
/* The opened record's packet is sent: next_pn moves on. */
void tern_sent_commit(tern_sent *s);
/* A packet leaves that nobody will ask for again (CLOSE): its number is used up without a record. No record is kept. */
void tern_sent_skip(tern_sent *s);
/* The record of pn, or NULL when it is acknowledged or forgotten, or was never sent. The pointer holds until the next
 * call with s. */
tern_sent_packet *tern_sent_find(tern_sent *s, tern_pool *pool, uint64_t pn);
/* The record of the first number at or above *pn that is not acknowledged, which *pn is then; NULL, and *pn next_pn or
 * above, when all are. Numbers below oldest are passed over. Runs of acknowledged ones are jumped over: looking costs
 * next to nothing, however often the same run is met. The pointer holds until the next call with s. */
tern_sent_packet *tern_sent_next_unacked(tern_sent *s, tern_pool *pool, uint64_t *pn);
/* The only place where a record's state changes: NONE to IN_FLIGHT, that to ACKED or LOST, LOST to ACKED;
 * NONE to SKIPPED: no packet has this number (REC-047). */
void tern_sent_set_state(tern_sent_packet *p, tern_sent_state to);
/* Adds a range to the record: joins it to the last one where they touch. false when the record is full. */
TERN_MUST_USE bool tern_sent_packet_add(tern_sent_packet *p, uint32_t channel, uint64_t offset, uint16_t length,
                                        uint16_t flags);
/* Whether a range that does not join can still be added. */
bool tern_sent_packet_has_room(const tern_sent_packet *p);
/* Forgets what is settled from the oldest on: oldest moves up over ACKED records, and over those sent before
 * lost_before that are LOST (REC-021 keeps them for a while) or not in_flight (nobody need acknowledge them). */
void tern_sent_settle(tern_sent *s, tern_pool *pool, tern_time lost_before);

#endif
