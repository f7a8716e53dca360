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

/* The stream in a slot, or NULL. */
tern_stream *tern_streams_at(const tern_streams *s, tern_pool *pool, uint32_t slot);
/* The stream a frame of the peer's is for, which opens it where that is the peer's right: TERN_OK with *st, NULL for a
 * stream that has ended; STREAM_STATE_ERROR, STREAM_LIMIT_ERROR, TERN_E_NO_MEMORY. */
int tern_streams_resolve(tern_streams *s, tern_pool *pool, uint32_t id, tern_stream **st);
/* Throws away what nobody will read, and frees the stream when nothing is left to do for it; st may be gone. */
void tern_streams_tidy(tern_streams *s, tern_pool *pool, tern_stream *st);

#endif
