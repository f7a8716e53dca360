/* SPDX-License-Identifier: MIT */
/* Guests: members without a connection, for whom a caller speaks (spec: rooms 3). They sit behind the seats of
 * connections, and read the history of their room themselves. */
#include "relay/fanout.h"
#include "relay/text.h"
#include "relay/who.h"

#include <string.h>

static uint32_t first_seat(const tern_relay *relay)
{
    return relay->endpoint.config.max_connections;
}

/* The seat of a guest that is still a member; TERN_SEAT_NONE for one that is not. */
static uint32_t seat_of(tern_relay *relay, tern_guest guest)
{
    const tern_rooms *rooms = tern_relay_rooms(relay);
    uint32_t seat = first_seat(relay) + guest.place;
    if (guest.place >= relay->max_guests) return TERN_SEAT_NONE;
    const tern_room_member *m = tern_rooms_member(rooms, seat);
    return m != NULL && m->who.id == guest.id ? seat : TERN_SEAT_NONE;
}

static uint32_t free_seat(tern_relay *relay)
{
    for (uint32_t i = 0; i < relay->max_guests; i++)
        if (tern_rooms_member(tern_relay_rooms(relay), first_seat(relay) + i) == NULL) return first_seat(relay) + i;
    return TERN_SEAT_NONE;
}

int tern_relay_guest_join(tern_node *node, tern_time now, const tern_guest_join *join, tern_guest *guest,
                          tern_refused *why)
{
    tern_relay *relay = tern_relay_of(node, now);
    tern_rooms *rooms = tern_relay_rooms(relay);
    tern_bytes room = tern_text_bytes(join->room, TERN_NICK_SIZE), nick = tern_text_bytes(join->nick, TERN_NICK_SIZE);
    uint32_t seat = free_seat(relay);
    /*= ROOM-031 */
    if (seat == TERN_SEAT_NONE) return TERN_E_BLOCKED;
    /*= ROOM-002 */
    *why = TERN_REFUSED_BAD_NAME;
    if (!tern_room_name_ok(room) || !tern_room_name_ok(nick)) return TERN_E_BAD_INPUT;
    /*= ROOM-030 */
    *why = TERN_REFUSED_NO_ROOM;
    if (!tern_rooms_takes_guests(rooms, room)) return TERN_E_BAD_INPUT;
    tern_admission answer = tern_rooms_join(rooms, seat, room, nick, &join->addr, tern_relay_unix_ms(relay));
    *why = (tern_refused)answer;
    if (answer != TERN_ADMIT) return TERN_E_BAD_INPUT;
    const tern_room_member *m = tern_rooms_member(rooms, seat);
    *guest = (tern_guest){ seat - first_seat(relay), m->who.id };
    tern_fanout_room(relay, m->room - 1);
    return TERN_OK;
}

void tern_relay_guest_leave(tern_node *node, tern_time now, tern_guest guest, tern_left_why why)
{
    tern_relay *relay = tern_relay_of(node, now);
    uint32_t seat = seat_of(relay, guest);
    if (seat == TERN_SEAT_NONE) return;
    uint32_t room = tern_rooms_member(tern_relay_rooms(relay), seat)->room - 1;
    /*= ROOM-007 */
    (void)tern_rooms_leave(tern_relay_rooms(relay), seat, (uint8_t)why, tern_relay_unix_ms(relay));
    tern_fanout_room(relay, room);
}

int tern_relay_guest_publish(tern_node *node, tern_time now, tern_guest guest, tern_bytes text)
{
    tern_relay *relay = tern_relay_of(node, now);
    tern_buf body[2];
    uint32_t seat = seat_of(relay, guest);
    /*= ROOM-031 */
    if (seat == TERN_SEAT_NONE) return TERN_E_CLOSED;
    if (text.n > relay->endpoint.config.limits.max_message - TERN_TLV_HEADER) return TERN_MESSAGE_TOO_LARGE;
    bool fits = tern_rooms_publish(tern_relay_rooms(relay), seat, (uint32_t)text.n, tern_relay_unix_ms(relay), body);
    if (!fits) return TERN_MESSAGE_TOO_LARGE;
    if (body[0].n > 0) memcpy(body[0].p, text.p, body[0].n);
    if (body[1].n > 0) memcpy(body[1].p, text.p + body[0].n, body[1].n);
    tern_fanout_room(relay, tern_rooms_member(tern_relay_rooms(relay), seat)->room - 1);
    return TERN_OK;
}

static void tell(const tern_step *s, tern_event *event)
{
    static const tern_event_type types[] = {
        [TERN_RECORD_MESSAGE] = TERN_EVENT_MESSAGE,
        [TERN_RECORD_ARRIVED] = TERN_EVENT_ARRIVED,
        [TERN_RECORD_LEFT] = TERN_EVENT_LEFT,
    };
    *event = (tern_event){ .type = TERN_EVENT_MISSED, .u.missed = { s->first, s->last } };
    if (s->kind != TERN_STEP_RECORD) return;
    event->type = types[s->record.kind];
    if (s->record.kind == TERN_RECORD_MESSAGE) {
        event->u.message.number = s->record.number;
        event->u.message.time_ms = s->record.time_ms;
        event->u.message.size = s->record.size;
        tern_who_to_member(&s->record.who, &event->u.message.sender);
        return;
    }
    event->u.presence.number = s->record.number;
    event->u.presence.why = s->record.why;
    tern_who_to_member(&s->record.who, &event->u.presence.who);
}

bool tern_relay_guest_next(tern_node *node, tern_guest guest, tern_event *event, tern_bytes body[2])
{
    tern_relay *relay = (tern_relay *)node;
    tern_rooms *rooms = tern_relay_rooms(relay);
    tern_step step;
    uint32_t seat = seat_of(relay, guest);
    if (seat == TERN_SEAT_NONE || tern_rooms_is_current(rooms, seat)) return false;
    /*= ROOM-004 ROOM-006 */
    tern_rooms_step(rooms, seat, &step);
    tell(&step, event);
    body[0] = step.kind == TERN_STEP_RECORD ? step.body[0] : tern_bytes_of(NULL, 0);
    body[1] = step.kind == TERN_STEP_RECORD ? step.body[1] : tern_bytes_of(NULL, 0);
    return true;
}

void tern_relay_guest_took(tern_node *node, tern_guest guest)
{
    tern_relay *relay = (tern_relay *)node;
    tern_step step;
    uint32_t seat = seat_of(relay, guest);
    if (seat == TERN_SEAT_NONE || tern_rooms_is_current(tern_relay_rooms(relay), seat)) return;
    tern_rooms_step(tern_relay_rooms(relay), seat, &step);
    tern_rooms_took(tern_relay_rooms(relay), seat, &step);
}

bool tern_relay_guest_present(tern_node *node, tern_guest guest, uint32_t *place, tern_member *member)
{
    tern_relay *relay = (tern_relay *)node;
    const tern_rooms *rooms = tern_relay_rooms(relay);
    uint32_t own = seat_of(relay, guest), n = 0;
    if (own == TERN_SEAT_NONE) return false;
    uint32_t seat = tern_rooms_first(rooms, tern_rooms_member(rooms, own)->room - 1);
    for (; seat != own && n < *place; n++) seat = tern_rooms_after(rooms, seat);
    if (seat == own) return false; /* who came after is told by ARRIVED */
    (*place)++;
    tern_who_to_member(&tern_rooms_member(rooms, seat)->who, member);
    return true;
}
