/* SPDX-License-Identifier: MIT */
/* One stream, and the table of a connection's streams (spec: transfer 1; RFC 9000 sections 2 and 3). A stream takes one
 * page of the pool while it lives. */
#ifndef TERN_TRANSFER_STREAM_H
#define TERN_TRANSFER_STREAM_H

#include "base/error.h"
#include "transfer/flow.h"
#include "transfer/recv_buffer.h"
#include "transfer/send_buffer.h"
#include "transfer/urgency.h"

#define TERN_STREAM_NONE    UINT32_MAX
#define TERN_STREAM_ONE_WAY 2u /* the bit of an id: only its opener sends (RFC 9000 section 2.1) */

/* RFC 9000 section 3.1 and 3.2; edges are in the tables in stream.c, where alone states are assigned, but for the half
 * that a one-way stream does not have: it begins at its end. */
typedef enum {
    TERN_SEND_READY,
    TERN_SEND_DATA_SENT,
    TERN_SEND_DATA_RECVD,
    TERN_SEND_RESET_SENT,
    TERN_SEND_RESET_RECVD
} tern_send_state;
typedef enum {
    TERN_RECV_RECV,
    TERN_RECV_SIZE_KNOWN,
    TERN_RECV_DATA_READ,
    TERN_RECV_RESET_RECVD,
    TERN_RECV_RESET_READ
} tern_recv_state;

/* The lists a stream can be in: what it waits for. */
typedef enum {
    TERN_STREAM_CONTROL,
    TERN_STREAM_DATA,
    TERN_STREAM_NEWS,
    TERN_STREAM_STARVED,
    TERN_STREAM_LINKS
} tern_stream_link;

/* Where a stream is linked; neighbours are pages of other streams, in a ring. */
typedef struct {
    tern_page next, prev;
    uint8_t list; /* TERN_LISTS: in none, and then the neighbours are nothing */
} tern_stream_place;

typedef struct {
    uint32_t id;
    tern_page page;     /* its own */
    tern_page below[2]; /* of others, in the tree in which ids are found */
    tern_stream_place place[TERN_STREAM_LINKS];
    uint32_t in_pages, out_pages; /* that its halves held when its lists were last looked at */
    uint8_t urgency;
    tern_send_state send_state;
    tern_recv_state recv_state;
    tern_send_buffer out;
    tern_recv_buffer in;
    tern_send_credit send_credit;
    tern_recv_credit recv_credit;
    uint64_t final_size; /* of in, once known */
    uint16_t reset_code, peer_reset_code, stop_code;
    bool finish, fin_sent, fin_lost, fin_acked; /* of out */
    bool reset_owed, stop_owed;                 /* frames to be sent (again) */
    bool opened_by_peer, announced;             /* the application was told of it */
    bool readable_told;
    bool stop_asked;      /* by the application: what still arrives is thrown away */
    bool stopped;         /* by the peer: the application is to be told; the code is reset_code */
    bool writable_wanted; /* a write did not take all ... */
    bool starved;         /* ... because the pool ran out, */
    bool fed;             /* which it has not any more */
    uint64_t wanted_at;   /* out's floor at that time */
} tern_stream;

_Static_assert(sizeof(tern_stream) <= TERN_PAGE_SIZE, "a stream is one page");

/* Ids of one kind, both ways or one way. */
typedef struct {
    uint32_t next_own, next_peer;   /* the next id of each side's */
    uint32_t own_limit, peer_limit; /* counts: how many each may open in all (MAX_STREAMS) */
    bool limit_owed;                /* it is to be told (again) */
} tern_stream_ids;

/* One list for each link but DATA, which has one for each urgency, and one for those that wait for MAX_DATA. */
enum {
    TERN_LIST_CONTROL,
    TERN_LIST_NEWS,
    TERN_LIST_STARVED,
    TERN_LIST_PARKED,
    TERN_LIST_DATA, /* and on, by urgency */
    TERN_LISTS = TERN_LIST_DATA + TERN_URGENCIES
};

typedef struct {
    bool is_client;
    uint64_t max_data, max_stream_data;    /* windows that are granted, at most */
    uint64_t start;                        /* and at first, of each; 0: all of it */
    uint32_t max_streams, max_streams_uni; /* that the peer may have open at once */
} tern_streams_config;

/* Last what every packet is asked about, whether there are streams or not. */
typedef struct {
    uint64_t initial_send, initial_recv; /* MAX_STREAM_DATA of a fresh stream; ours grows to ... */
    uint64_t most_recv;
    uint32_t live;
    uint32_t pages;               /* that all of them hold */
    uint32_t may_open;            /* streams of the peer's for which there is memory; the owner says it before frames */
    tern_page root;               /* of the tree that they are in; 0 without any */
    tern_send_credit send_credit; /* MAX_DATA */
    tern_page first[TERN_LISTS];  /* of each list */
    tern_stream_ids ids[2];       /* both ways, one way */
    tern_recv_credit recv_credit;
} tern_streams;

/* What this side grants, with memory for any number of streams; the peer's grants come with tern_streams_peer_params.
 */
void tern_streams_init(tern_streams *s, const tern_streams_config *config);
void tern_streams_peer_params(tern_streams *s, tern_pool *pool, uint64_t max_data, uint64_t max_stream_data,
                              uint32_t max_streams, uint32_t max_streams_uni);
void tern_streams_free(tern_streams *s, tern_pool *pool);

/* The live stream with this id, or NULL. */
tern_stream *tern_streams_find(const tern_streams *s, tern_pool *pool, uint32_t id);
/* Opens one of our own. TERN_OK and *id; TERN_E_BLOCKED at the peer's limit; TERN_E_NO_MEMORY. */
int tern_streams_open(tern_streams *s, tern_pool *pool, bool one_way, uint32_t *id);

/* The application's calls. Each is TERN_OK, or TERN_E_CLOSED for a stream that is gone or was ended this way, or never
 * went this way; st may be freed then. */
/* Takes what it can of bytes, *taken says how much: bounded by keep_bytes kept unacknowledged and the pool. When less
 * than all was taken, the stream reports writable later. */
int tern_stream_write(tern_streams *s, tern_stream *st, tern_pool *pool, tern_bytes bytes, size_t *taken,
                      uint64_t keep_bytes);
int tern_stream_finish(tern_streams *s, tern_stream *st, tern_pool *pool);
int tern_stream_reset(tern_streams *s, tern_stream *st, tern_pool *pool, uint16_t code);
int tern_stream_stop(tern_streams *s, tern_stream *st, tern_pool *pool, uint16_t code);
/* urgency: below TERN_URGENCIES. Holds from the next packet on. */
void tern_stream_prioritize(tern_streams *s, tern_stream *st, tern_pool *pool, uint8_t urgency);
/* Copies what is there in order; *n bytes; *fin when the peer's last byte was taken: st may be freed then. Gives credit
 * back to the connection's window. */
int tern_stream_read(tern_streams *s, tern_stream *st, tern_pool *pool, tern_buf out, size_t *n, bool *fin);

/* Frames that arrived. TERN_OK, a wire error, or TERN_E_NO_MEMORY (XFER-023). A frame for a stream that has ended is
 * ignored. */
int tern_streams_on_stream(tern_streams *s, tern_pool *pool, uint32_t id, uint64_t offset, tern_bytes bytes, bool fin);
int tern_streams_on_reset(tern_streams *s, tern_pool *pool, uint32_t id, uint16_t code, uint64_t final);
int tern_streams_on_stop(tern_streams *s, tern_pool *pool, uint32_t id, uint16_t code);
int tern_streams_on_max_stream_data(tern_streams *s, tern_pool *pool, uint32_t id, uint64_t limit);
void tern_streams_on_max_data(tern_streams *s, tern_pool *pool, uint64_t limit);
void tern_streams_on_max_streams(tern_streams *s, bool one_way, uint32_t limit);

/* What to put into a packet next: one frame's worth, asked for again and again until kind is NONE. */
typedef enum {
    TERN_GIVE_NONE,
    TERN_GIVE_DATA,
    TERN_GIVE_RESET,
    TERN_GIVE_STOP,
    TERN_GIVE_MAX_STREAM_DATA,
    TERN_GIVE_MAX_DATA,
    TERN_GIVE_MAX_STREAMS,
    TERN_GIVE_MAX_STREAMS_UNI
} tern_give_kind;

typedef struct {
    tern_give_kind kind;
    uint32_t stream;
    tern_range range; /* DATA: may be empty when only FIN is left */
    bool fin;
    uint16_t code;  /* RESET, STOP */
    uint64_t value; /* RESET: final size; MAX_…: the limit */
} tern_give;

/* most: bytes of data that fit. Control frames first; then data of streams whose urgency is below urgencies, the most
 * urgent first; those of one urgency take turns. The gift counts as sent. Costs the same however many streams are
 * quiet. tuning: of the windows whose limits are told. */
tern_give tern_streams_give(tern_streams *s, tern_pool *pool, size_t most, uint8_t urgencies, tern_tuning *tuning);
/* Whether give would give something. */
bool tern_streams_want(const tern_streams *s);
/* Whether there is something besides data. */
static inline bool tern_streams_have_control(const tern_streams *s)
{
    return s->recv_credit.owed || s->ids[0].limit_owed || s->ids[1].limit_owed || s->first[TERN_LIST_CONTROL] != 0;
}
/* Whether a stream of this urgency has data. */
static inline bool tern_streams_have_data(const tern_streams *s, uint8_t urgency)
{
    return s->first[TERN_LIST_DATA + urgency] != 0;
}
/* Whether a write waits for memory, which may be there at any time: poll looks. */
bool tern_streams_starved(const tern_streams *s);
/* What of a stream stood in a packet besides bytes. The numbers are those of recovery/sent.h, which this layer does not
 * see; connection/settle.c ties them. */
enum { TERN_TOLD_FIN = 1, TERN_TOLD_MAX_STREAM_DATA = 2, TERN_TOLD_RESET = 4, TERN_TOLD_STOP = 8 };

/* A gift's packet was acknowledged or lost. Streams that are finished both ways and told are freed. */
void tern_streams_settled(tern_streams *s, tern_pool *pool, uint32_t id, tern_range range, uint16_t flags, bool acked);
void tern_streams_limit_lost(tern_streams *s, bool max_data, bool max_streams, bool max_streams_uni);

/* What the application should know; false when there is nothing. READABLE comes for new bytes in order or the end, and
 * again after a read that left some. code: of RESET and STOPPED. */
typedef enum {
    TERN_STREAM_OPENED,
    TERN_STREAM_READABLE,
    TERN_STREAM_WRITABLE,
    TERN_STREAM_RESET,
    TERN_STREAM_STOPPED
} tern_stream_news;
bool tern_streams_poll(tern_streams *s, tern_pool *pool, uint32_t *id, tern_stream_news *news, uint16_t *code);

#endif
