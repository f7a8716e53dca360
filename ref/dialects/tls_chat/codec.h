/* SPDX-License-Identifier: MIT */
/* tls-chat: messages in the stream, a length and a pickle (spec: dialects/tls-chat 1). Bytes, no state but the form. */
#ifndef TERN_DIALECTS_TLS_CHAT_CODEC_H
#define TERN_DIALECTS_TLS_CHAT_CODEC_H

#include "base/io.h"
#include "dialects/tls_chat/pickle.h"

#define TERN_TLSC_LENGTH_MAX 8 /* bytes of a length, at most */
#define TERN_TLSC_OVERHEAD   (TERN_TLSC_LENGTH_MAX + TERN_PICKLE_OVERHEAD)

/* How many bytes a length has; 0 until the first message told. */
typedef uint8_t tern_tlsc_form;

typedef enum { TERN_TLSC_MORE, TERN_TLSC_MESSAGE, TERN_TLSC_WRONG } tern_tlsc_result;

/* The message at the start of in: *pickle, and *whole bytes with its length. MORE: not all of it is there. WRONG: a
 * length of 0, above most, or without its zeros (TCH-004). *form is set by the first message. */
tern_tlsc_result tern_tlsc_next(tern_bytes in, tern_tlsc_form *form, size_t most, tern_bytes *pickle, size_t *whole);
/* Writes the message of a text in a form. */
void tern_tlsc_write(tern_writer *w, tern_tlsc_form form, tern_bytes text);

#endif
