/* SPDX-License-Identifier: MIT */
/* What members are sent: the answer to a request, and the events of their room, each at its own pace (spec: rooms;
 * ROOM-004 to ROOM-006). A member whose queue is full waits at its place in the history; nobody waits for it. */
#ifndef TERN_RELAY_FANOUT_H
#define TERN_RELAY_FANOUT_H

#include "relay/relay.h"

#define TERN_SENDER_INFO_MAX  (TERN_TLV_HEADER + 4 + 1 + 16 + 2 + 1 + TERN_NAME_MAX)
#define TERN_PRESENT_MAX      (TERN_TLV_HEADER + TERN_SENDER_INFO_MAX)
#define TERN_EVENT_HEADER_MAX (TERN_TLV_HEADER + 16 + TERN_SENDER_INFO_MAX) /* of RELAYED, the longest */
#define TERN_WELCOME_SIZE     (TERN_TLV_HEADER + 16)

/* Bytes of the queue that the answer to a JOIN takes at most, into a room that has so many members. */
uint64_t tern_fanout_welcome_bytes(uint32_t members);
/* Whether a peer's queue has room for bytes now. An empty one has: message_keep is at least any answer. */
bool tern_fanout_has_room(tern_relay *relay, tern_peer peer, uint64_t bytes);

/* Sends one room message without a body: TERN_OK, TERN_E_BLOCKED, TERN_E_CLOSED. A peer whose MAX_MESSAGE is too small
 * for it is closed with MESSAGE_TOO_LARGE. */
int tern_fanout_tell(tern_relay *relay, tern_peer peer, const tern_room_msg *msg);
/* WELCOME and PRESENT to the member that has just joined, whose queue has room (ROOM-005). */
void tern_fanout_welcome(tern_relay *relay, uint32_t seat);

/* Sends the members of a room whatever they have not been sent, as far as each one's queue goes. */
void tern_fanout_room(tern_relay *relay, uint32_t room);
/* The queue of this seat's peer has room again. */
void tern_fanout_writable(tern_relay *relay, uint32_t seat);

#endif
