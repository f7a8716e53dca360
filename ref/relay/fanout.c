/* SPDX-License-Identifier: MIT */
/* From the rooms to the queues. An event is written once and sent to one member after the other; its body goes straight
 * from the history to the queue. */
#include "relay/fanout.h"

#include "relay/who.h"

/* An event as it stands in the messages of all who are sent it. */
typedef struct {
    tern_step step; /* kind NONE: nothing yet */
    uint8_t header[TERN_EVENT_HEADER_MAX];
    size_t header_n;
} letter;

uint64_t tern_fanout_welcome_bytes(uint32_t members)
{
    return TERN_MESSAGE_PREFIX + TERN_WELCOME_SIZE + (uint64_t)members * (TERN_MESSAGE_PREFIX + TERN_PRESENT_MAX);
}

bool tern_fanout_has_room(tern_relay *relay, tern_peer peer, uint64_t bytes)
{
    uint64_t waiting = tern_endpoint_message_waiting(&relay->endpoint, peer);
    uint64_t keep = relay->endpoint.config.limits.message_keep;
    return waiting == 0 || (waiting <= keep && bytes <= keep - waiting);
}

static int refuse_small_peer(tern_relay *relay, tern_peer peer)
{
    tern_endpoint_close(&relay->endpoint, relay->now, peer, TERN_MESSAGE_TOO_LARGE,
                        "a member must take messages of at least 512 bytes");
    return TERN_E_CLOSED;
}

int tern_fanout_tell(tern_relay *relay, tern_peer peer, const tern_room_msg *msg)
{
    uint8_t bytes[TERN_TLV_HEADER + TERN_TEXT_MAX + TERN_EVENT_HEADER_MAX];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_room_msg_emit(&w, msg);
    tern_assert(tern_writer_ok(&w));
    tern_bytes part = tern_written(&w);
    int result = tern_endpoint_message_send(&relay->endpoint, peer, &part, 1);
    return result == TERN_MESSAGE_TOO_LARGE ? refuse_small_peer(relay, peer) : result;
}

void tern_fanout_welcome(tern_relay *relay, uint32_t seat)
{
    const tern_rooms *rooms = tern_relay_rooms(relay);
    const tern_room_member *m = tern_rooms_member(rooms, seat);
    tern_peer peer = tern_relay_seat_at(relay, seat)->peer;
    uint32_t room = m->room - 1;
    /*= ROOM-005 */
    tern_room_msg msg = { .type = TERN_R_WELCOME,
                          .member = m->who.id,
                          .number = m->cursor.number,
                          .count = tern_rooms_room(rooms, room)->members - 1 };
    int result = tern_fanout_tell(relay, peer, &msg);
    for (uint32_t i = tern_rooms_first(rooms, room); i != TERN_SEAT_NONE && result == TERN_OK;
         i = tern_rooms_after(rooms, i)) {
        if (i == seat) continue;
        msg = (tern_room_msg){ .type = TERN_R_PRESENT };
        tern_who_to_info(&tern_rooms_member(rooms, i)->who, &msg.sender);
        result = tern_fanout_tell(relay, peer, &msg);
    }
    /* There was room for all of it in the queue, so it was memory that failed. Half an answer is none. */
    if (result == TERN_E_BLOCKED)
        tern_endpoint_close(&relay->endpoint, relay->now, peer, TERN_INTERNAL_ERROR, "the relay has no memory left");
}

static void write_letter(letter *l)
{
    static const tern_room_tlv_type types[] = {
        [TERN_RECORD_MESSAGE] = TERN_R_RELAYED,
        [TERN_RECORD_ARRIVED] = TERN_R_ARRIVED,
        [TERN_RECORD_LEFT] = TERN_R_LEFT,
    };
    const tern_step *s = &l->step;
    tern_room_msg msg = { .type = TERN_R_MISSED, .number = s->first, .last = s->last };
    if (s->kind == TERN_STEP_RECORD) {
        msg.type = types[s->record.kind];
        msg.time_ms = s->record.time_ms;
        msg.why = s->record.why;
        tern_who_to_info(&s->record.who, &msg.sender);
    }
    tern_writer w = tern_writer_of((tern_buf){ l->header, sizeof l->header });
    tern_room_msg_emit(&w, &msg);
    tern_assert(tern_writer_ok(&w));
    l->header_n = w.n;
}

static int post(tern_relay *relay, tern_peer peer, const letter *l)
{
    tern_bytes parts[] = { { l->header, l->header_n }, l->step.body[0], l->step.body[1] };
    int result = tern_endpoint_message_send(&relay->endpoint, peer, parts, sizeof parts / sizeof parts[0]);
    if (result != TERN_MESSAGE_TOO_LARGE) return result;
    /*= ROOM-006 */
    tern_room_msg missed = { .type = TERN_R_MISSED, .number = l->step.first, .last = l->step.last };
    return tern_fanout_tell(relay, peer, &missed); /* it takes no message of this size */
}

/* Sends one member what it has not been sent. l is the event that another member was sent last: mostly the same. */
static void feed(tern_relay *relay, uint32_t seat, letter *l)
{
    if (seat >= relay->endpoint.config.max_connections) return; /* a guest's, which reads by itself */
    tern_rooms *rooms = tern_relay_rooms(relay);
    tern_relay_seat *s = tern_relay_seat_at(relay, seat);
    while (!s->blocked && !tern_rooms_is_current(rooms, seat)) {
        if (l->step.kind == TERN_STEP_NONE || l->step.first != tern_rooms_member(rooms, seat)->cursor.number) {
            tern_rooms_step(rooms, seat, &l->step);
            write_letter(l);
        }
        int result = post(relay, s->peer, l);
        s->blocked = result == TERN_E_BLOCKED;
        if (result != TERN_OK) return;
        /*= ROOM-004 */
        tern_rooms_took(rooms, seat, &l->step);
    }
}

void tern_fanout_room(tern_relay *relay, uint32_t room)
{
    const tern_rooms *rooms = tern_relay_rooms(relay);
    letter l = { .step.kind = TERN_STEP_NONE };
    for (uint32_t i = tern_rooms_first(rooms, room); i != TERN_SEAT_NONE; i = tern_rooms_after(rooms, i))
        feed(relay, i, &l);
}

void tern_fanout_writable(tern_relay *relay, uint32_t seat)
{
    letter l = { .step.kind = TERN_STEP_NONE };
    tern_relay_seat *s = tern_relay_seat_at(relay, seat);
    s->blocked = false;
    if (tern_rooms_member(tern_relay_rooms(relay), seat) != NULL) feed(relay, seat, &l);
}
