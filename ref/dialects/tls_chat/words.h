/* SPDX-License-Identifier: MIT */
/* tls-chat: what the texts of the conversation are (spec: dialects/tls-chat 3). Words, no state. */
#ifndef TERN_DIALECTS_TLS_CHAT_WORDS_H
#define TERN_DIALECTS_TLS_CHAT_WORDS_H

#include "base/io.h"
#include "tern.h"

#define TERN_TLSC_WORDS_MAX (TERN_NICK_SIZE + 100) /* bytes around a text, at most */

/* "NAME: <name>", a client's first text. */
void tern_tlsc_write_name(tern_writer *w, tern_bytes name);
/* *name is a view of text; false: it is none that a client may have. */
TERN_MUST_USE bool tern_tlsc_read_name(tern_bytes text, tern_bytes *name);
/* "CLIENT: <ip>", the answer. */
void tern_tlsc_write_welcome(tern_writer *w, const tern_addr *addr);
TERN_MUST_USE bool tern_tlsc_is_welcome(tern_bytes text);
/* What an event of the room is to a client; nothing for one that has no words. clients: how many there are with the one
 * that has arrived. */
void tern_tlsc_write_event(tern_writer *w, const tern_event *event, uint32_t clients, tern_bytes body);

#endif
