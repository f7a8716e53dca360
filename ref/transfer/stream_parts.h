/* SPDX-License-Identifier: MIT */
/* What the stream files share among themselves; not for anybody else. */
#ifndef TERN_TRANSFER_STREAM_PARTS_H
#define TERN_TRANSFER_STREAM_PARTS_H

#include "transfer/stream.h"

typedef enum {
    TERN_SEND_EV_ALL_SENT, /* everything and FIN were given to send */
    TERN_SEND_EV_ALL_ACKED,
    TERN_SEND_EV_RESET,
    TERN_SEND_EV_RESET_ACKED
} tern_send_event;

typedef enum {
    TERN_RECV_EV_SIZE,     /* FIN told the final size */
    TERN_RECV_EV_ALL_READ, /* the application has everything */
    TERN_RECV_EV_RESET,
    TERN_RECV_EV_RESET_TOLD
} tern_recv_event;

/* Takes the edge that the table declares for the event; false, and nothing changed, when there is none. */
bool tern_stream_send_step(tern_stream *st, tern_send_event event);
bool tern_stream_recv_step(tern_stream *st, tern_recv_event event);

/* Bytes of the peer's still may arrive or be read. */
bool tern_stream_is_receiving(const tern_stream *st);
/* All the peer's bytes are there and taken; their end is to be told. */
bool tern_stream_at_end(const tern_stream *st);
/* The application, or nobody in its place, took n bytes: credit for the stream and the connection. */
void tern_stream_consume(tern_streams *s, tern_stream *st, uint64_t n);

/* Nobody will read it any more: takes in his place what is there, once the application asked the peer to stop. */
void tern_stream_throw_away(tern_streams *s, tern_stream *st, tern_pool *pool);

/* Ends its sending half with RESET_STREAM; false when it has ended. The caller tidies. */
bool tern_stream_abandon(tern_stream *st, tern_pool *pool, uint16_t code);

/* The stream that a page holds. */
static inline tern_stream *tern_stream_at(tern_pool *pool, tern_page page)
{
    return (tern_stream *)tern_pool_at(pool, page);
}

/* The stream that a frame of the peer's is for, which opens it where that is the peer's right: TERN_OK with *st, NULL
 * for a stream that has ended; STREAM_STATE_ERROR, STREAM_LIMIT_ERROR, TERN_E_NO_MEMORY. to_receiver: the frame speaks
 * of what the peer sends, else of what we do. */
int tern_streams_resolve(tern_streams *s, tern_pool *pool, uint32_t id, bool to_receiver, tern_stream **st);

/* ---- stream_give.c, stream_news.c: which lists a stream belongs to ---- */

bool tern_stream_has_control(const tern_stream *st);
/* Whether it has data to send, by its own credit; *shared: only with credit of the connection's. */
bool tern_stream_has_data(const tern_stream *st, bool *shared);
bool tern_stream_has_news(const tern_stream *st);

/* ---- stream_lists.c ---- */

/* The first of a list, NULL when it is empty. */
static inline tern_stream *tern_streams_first(const tern_streams *s, tern_pool *pool, uint8_t list)
{
    return s->first[list] != 0 ? tern_stream_at(pool, s->first[list]) : NULL;
}
/* The one behind it, NULL at the end. */
tern_stream *tern_streams_after(const tern_streams *s, tern_pool *pool, const tern_stream *st, tern_stream_link link);
/* What of a stream changed: it says which lists need not be asked. */
typedef enum {
    TERN_STREAM_TOLD = 0,    /* what the application knows of it, and nothing else */
    TERN_STREAM_IN = 1 << 0, /* its receiving half */
    TERN_STREAM_OUT = 1 << 1 /* its sending half, or its urgency */
} tern_stream_change;

/* Puts it into the lists it belongs to now, at the end of those that are new to it. changed: tern_stream_change. */
void tern_streams_relist(tern_streams *s, tern_pool *pool, tern_stream *st, unsigned changed);
/* It gave data: those of its urgency that stand behind it go first. Touches no other stream as long as it has more. */
void tern_streams_had_turn(tern_streams *s, tern_pool *pool, tern_stream *st);
/* Takes it out of a list. */
void tern_streams_unlist(tern_streams *s, tern_pool *pool, tern_stream *st, tern_stream_link link);
/* The connection's credit is used up, or is there again. */
void tern_streams_relist_data(tern_streams *s, tern_pool *pool);

/* Behind every change: frees the stream when nothing is left to do for it (st may be gone), and else lists it anew.
 * changed: tern_stream_change. */
void tern_streams_tidy(tern_streams *s, tern_pool *pool, tern_stream *st, unsigned changed);

#endif
