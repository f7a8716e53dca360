/* SPDX-License-Identifier: MIT */
/* The group's rules (spec: rooms): which rooms there are, who is in them, what happened, and what each member has not
 * been sent yet. Sees members, numbers and times; never a packet, a connection or a key.
 *
 * A member is named by its seat, a number below seats that the caller gives out: a relay takes the slot of the
 * connection. The table and all it keeps are one block of memory that the caller lends, without interior pointers. */
#ifndef TERN_ROOM_ROOMS_H
#define TERN_ROOM_ROOMS_H

#include "room/history.h"

#define TERN_SEAT_NONE UINT32_MAX

typedef struct {
    uint32_t max_rooms;     /* at most so many at once (ROOM-008) */
    uint32_t max_members;   /* of one room */
    uint32_t seats;         /* members of all rooms together */
    uint32_t history_bytes; /* of one room; holds at least a record without a body */
    bool fixed;             /* the only rooms are those that tern_rooms_add makes */
} tern_rooms_config;

typedef struct {
    bool used;
    bool tern_only; /* no guests come in */
    tern_label name;
    uint32_t members;
    uint32_t first, last; /* seats plus 1, in order of arrival; 0 when it is empty */
    uint32_t last_id;     /* the id that was given last */
    tern_history history;
} tern_room;

typedef struct {
    uint32_t room;          /* plus 1; 0: nobody sits here */
    uint32_t before, after; /* seats plus 1: neighbours in order of arrival */
    tern_who who;
    tern_cursor cursor; /* what it has not been sent yet begins here */
} tern_room_member;

typedef struct {
    tern_rooms_config config;
    size_t rooms_at, members_at, rings_at, ring_stride; /* offsets from this struct */
} tern_rooms;

/* What becomes of a JOIN; the numbers are those of REFUSED. */
typedef enum {
    TERN_ADMIT = 0,
    TERN_DENY_NICK_TAKEN = 1,
    TERN_DENY_ROOM_FULL = 3,
    TERN_DENY_NO_ROOM = 4,
    TERN_DENY_TOO_MANY_ROOMS = 5,
    TERN_DENY_ALREADY_MEMBER = 7
} tern_admission;

/* Bytes for the table and all that lies behind it; aligned to 16. Histories are not touched before they are used. */
size_t tern_rooms_footprint(const tern_rooms_config *config);
void tern_rooms_init(tern_rooms *r, const tern_rooms_config *config);
/* Makes a room of a fixed table. A name is 1 to TERN_LABEL_MAX bytes; which ones are good is the caller's to know.
 * false: it is there already, or the table is full. */
TERN_MUST_USE bool tern_rooms_add(tern_rooms *r, tern_bytes name);

/* A room of a fixed table takes no guests, members that its caller speaks for, from now on; one that is not so named
 * takes them. */
void tern_rooms_refuse_guests(tern_rooms *r, tern_bytes name);
bool tern_rooms_takes_guests(const tern_rooms *r, tern_bytes name);

/* How many are in the room of this name; 0 when there is no such room. */
uint32_t tern_rooms_population(const tern_rooms *r, tern_bytes name);
/* What join would answer; changes nothing. */
tern_admission tern_rooms_ask(const tern_rooms *r, uint32_t seat, tern_bytes room, tern_bytes nick);
/* Puts a member into its seat, and its ARRIVED into the room's history: the first event it will be sent. A room that is
 * not fixed is made when its first member comes. */
tern_admission tern_rooms_join(tern_rooms *r, uint32_t seat, tern_bytes room, tern_bytes nick, const tern_addr *addr,
                               uint64_t time_ms);
/* Takes the member out of its seat and records LEFT, whose number it returns. A room that is not fixed goes with its
 * last member. */
uint64_t tern_rooms_leave(tern_rooms *r, uint32_t seat, uint8_t why, uint64_t time_ms);
/* Records a message of the member's, whose size bytes have to be written to body[0], then body[1], before the next call
 * with r. false, and nothing changed, when a room's whole history is too small for it. */
TERN_MUST_USE bool tern_rooms_publish(tern_rooms *r, uint32_t seat, uint32_t size, uint64_t time_ms, tern_buf body[2]);

/* Whether the member was sent everything. */
bool tern_rooms_is_current(const tern_rooms *r, uint32_t seat);
/* The next event that the member has not been sent, and that it was sent now. */
void tern_rooms_step(const tern_rooms *r, uint32_t seat, tern_step *step);
void tern_rooms_took(tern_rooms *r, uint32_t seat, const tern_step *step);

/* Who sits there; NULL when nobody does. */
const tern_room_member *tern_rooms_member(const tern_rooms *r, uint32_t seat);
/* A room by its index, which is a member's room less 1. */
const tern_room *tern_rooms_room(const tern_rooms *r, uint32_t room);
/* The seats of a room in order of arrival, and the one after; TERN_SEAT_NONE at the end. */
uint32_t tern_rooms_first(const tern_rooms *r, uint32_t room);
uint32_t tern_rooms_after(const tern_rooms *r, uint32_t seat);

#endif
