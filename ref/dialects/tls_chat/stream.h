/* SPDX-License-Identifier: MIT */
/* tls-chat: one end of a connection, a client's or a server's: TLS, and the messages that stand in it. */
#ifndef TERN_DIALECTS_TLS_CHAT_STREAM_H
#define TERN_DIALECTS_TLS_CHAT_STREAM_H

#include "crypto/tls.h"
#include "dialects/post.h"
#include "dialects/tls_chat/codec.h"

/* Its buffer and TLS stand behind, at an offset from this struct. */
typedef struct {
    tern_tlsc_form form; /* that the other end speaks; 0 until it has */
    size_t have;         /* bytes of a message */
    size_t most;         /* of the longest one, with its length */
    size_t area_at;
} tern_tlsc_stream;

/* Bytes of the longest message, with its length. */
size_t tern_tlsc_message_max(const tern_dialect_config *config);
/* Bytes of the area, aligned. */
size_t tern_tlsc_stream_area(const tern_dialect_config *config);
void tern_tlsc_stream_init(tern_tlsc_stream *s, const tern_dialect_config *config, size_t area_at);
tern_tls *tern_tlsc_stream_tls(tern_tlsc_stream *s);

/* Gives what TLS has to send to the post, as far as there is room. true: not all of it. */
bool tern_tlsc_stream_pump(tern_tlsc_stream *s, tern_post *post, const tern_path *path);
/* Writes a text in a form as one message, through scratch, which holds the longest one: TERN_OK, TERN_E_BLOCKED, or
 * TERN_MESSAGE_TOO_LARGE. */
int tern_tlsc_stream_write(tern_tlsc_stream *s, tern_tlsc_form form, tern_bytes text, uint8_t *scratch);
/* Takes bytes off the wire and reads what TLS makes of them; *moved is how many bytes went anywhere. */
void tern_tlsc_stream_feed(tern_tlsc_stream *s, tern_bytes *wire, size_t *moved);
/* The next message that is whole: its pickle, a view until the next call; *at begins at 0. */
tern_tlsc_result tern_tlsc_stream_next(tern_tlsc_stream *s, size_t *at, tern_bytes *pickle);
/* Forgets the messages before at. */
void tern_tlsc_stream_took(tern_tlsc_stream *s, size_t at);

#endif
