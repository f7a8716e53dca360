/* SPDX-License-Identifier: MIT */
/* Tickets between two runs of the program: a file each, for a relay and what it is trusted by, beside the relays that
 * were met before. Whatever goes wrong with them costs a whole handshake and nothing else, so nobody is told. */
#ifndef TERN_CLIENT_TICKETS_H
#define TERN_CLIENT_TICKETS_H

#include "session.h"

/* Takes the ticket for what the session is about to do, if there is one, into s->ticket, and puts the address that it
 * came from in front. Its file is gone then, so that no other process uses it too (HS-045). */
void tern_tickets_take(tern_session *s);
/* Hands it out for the address that is the turn: once, and to the one that it came from, unless the relay has moved.
 * Empty without one; else in room. */
tern_bytes tern_tickets_use(tern_session *s, uint8_t room[TERN_TICKET_SIZE]);
/* Keeps what the relay gave. */
void tern_tickets_keep(tern_session *s, const tern_event *ticket);

#endif
