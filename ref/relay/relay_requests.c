/* SPDX-License-Identifier: MIT */
/* What a client asks of the relay: JOIN, PUBLISH, LEAVE (spec: rooms 1). A request whose answer has no room in the
 * peer's queue is held, and with it all that this peer sent after it, until there is room. */
#include "relay/fanout.h"
#include "relay/text.h"
#include "relay/who.h"

_Static_assert((int)TERN_DENY_NICK_TAKEN == TERN_REFUSED_NICK_TAKEN &&
                   (int)TERN_DENY_ROOM_FULL == TERN_REFUSED_ROOM_FULL &&
                   (int)TERN_DENY_NO_ROOM == TERN_REFUSED_NO_ROOM &&
                   (int)TERN_DENY_TOO_MANY_ROOMS == TERN_REFUSED_TOO_MANY_ROOMS &&
                   (int)TERN_DENY_ALREADY_MEMBER == TERN_REFUSED_ALREADY_MEMBER,
               "the rooms answer in REFUSED's numbers");

typedef struct {
    tern_relay *relay;
    tern_peer peer;
    uint32_t seat;
    const tern_room_msg *msg;
    size_t body_at, size; /* of the message */
    tern_event *event;    /* to be filled when the application should know */
} request;

/* Does what is asked. true: q->event is for the application. */
typedef bool (*request_handler)(const request *q);

static void hold_or_close(const request *q)
{
    tern_endpoint *ep = &q->relay->endpoint;
    if (tern_endpoint_message_waiting(ep, q->peer) > 0)
        tern_endpoint_message_hold(ep);
    else
        tern_endpoint_close(ep, q->relay->now, q->peer, TERN_INTERNAL_ERROR, "the relay has no memory left");
}

static bool refuse(const request *q, tern_refused code)
{
    static const char *const words[] = {
        [TERN_REFUSED_NICK_TAKEN] = "a member of the room has this nickname",
        [TERN_REFUSED_BAD_NAME] = "a name is 1 to 64 bytes of UTF-8 without control characters, and not blank",
        [TERN_REFUSED_ROOM_FULL] = "the room is full",
        [TERN_REFUSED_NO_ROOM] = "there is no such room",
        [TERN_REFUSED_TOO_MANY_ROOMS] = "there are as many rooms as this relay holds",
        [TERN_REFUSED_NOT_A_MEMBER] = "join a room first",
        [TERN_REFUSED_ALREADY_MEMBER] = "leave the room first",
    };
    tern_room_msg msg = { .type = TERN_R_REFUSED,
                          .code = (uint16_t)code,
                          .text = tern_text_bytes(words[code], TERN_TEXT_MAX) };
    if (tern_fanout_tell(q->relay, q->peer, &msg) == TERN_E_BLOCKED) hold_or_close(q);
    return false;
}

static bool on_join(const request *q)
{
    tern_rooms *rooms = tern_relay_rooms(q->relay);
    tern_bytes room = q->msg->room, nick = q->msg->nick;
    /*= ROOM-001 */
    if (tern_rooms_member(rooms, q->seat) != NULL) return refuse(q, TERN_REFUSED_ALREADY_MEMBER);
    /*= ROOM-002 */
    if (!tern_room_name_ok(room) || !tern_room_name_ok(nick)) return refuse(q, TERN_REFUSED_BAD_NAME);
    /*= ROOM-003 ROOM-008 */
    tern_admission answer = tern_rooms_ask(rooms, q->seat, room, nick);
    if (answer != TERN_ADMIT) return refuse(q, (tern_refused)answer);
    /*= ROOM-005 */
    uint64_t bytes = tern_fanout_welcome_bytes(tern_rooms_population(rooms, room));
    if (!tern_fanout_has_room(q->relay, q->peer, bytes)) {
        hold_or_close(q);
        return false;
    }

    const tern_connection *c = tern_endpoint_find(&q->relay->endpoint, q->peer);
    answer = tern_rooms_join(rooms, q->seat, room, nick, &c->path.remote, tern_relay_unix_ms(q->relay));
    tern_assert(answer == TERN_ADMIT);
    const tern_room_member *m = tern_rooms_member(rooms, q->seat);
    tern_fanout_welcome(q->relay, q->seat);
    tern_fanout_room(q->relay, m->room - 1);
    *q->event = (tern_event){ .type = TERN_EVENT_JOINED, .peer = q->peer };
    tern_who_to_member(&m->who, &q->event->u.joined.who);
    tern_label_to_text(&tern_rooms_room(rooms, m->room - 1)->name, q->event->u.joined.room);
    return true;
}

/* The body goes from the connection straight into the history. */
static bool on_publish(const request *q)
{
    tern_endpoint *ep = &q->relay->endpoint;
    tern_rooms *rooms = tern_relay_rooms(q->relay);
    const tern_room_member *m = tern_rooms_member(rooms, q->seat);
    uint8_t header[TERN_ROOM_HEADER_MAX];
    tern_buf body[2];
    /*= ROOM-001 */
    if (m == NULL) return refuse(q, TERN_REFUSED_NOT_A_MEMBER);
    uint32_t size = (uint32_t)(q->size - q->body_at);
    bool fits = tern_rooms_publish(rooms, q->seat, size, tern_relay_unix_ms(q->relay), body);
    tern_assert(fits); /* history_bytes is more than a message of max_message */
    if (!fits) return false;
    (void)tern_endpoint_message_read(ep, (tern_buf){ header, q->body_at });
    (void)tern_endpoint_message_read(ep, body[0]);
    if (body[1].n > 0) (void)tern_endpoint_message_read(ep, body[1]);
    tern_fanout_room(q->relay, m->room - 1);
    return false;
}

static bool on_leave(const request *q)
{
    /*= ROOM-001 */
    if (tern_rooms_member(tern_relay_rooms(q->relay), q->seat) == NULL) return refuse(q, TERN_REFUSED_NOT_A_MEMBER);
    tern_relay_leave(q->relay, q->seat, TERN_LEFT_LEFT, q->event);
    return true;
}

static const struct {
    tern_room_tlv_type type;
    request_handler handle;
} requests[] = {
    { TERN_R_JOIN, on_join },
    { TERN_R_PUBLISH, on_publish },
    { TERN_R_LEAVE, on_leave },
};

static request_handler handler_of(tern_room_tlv_type type)
{
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        if (requests[i].type == type) return requests[i].handle;
    return NULL;
}

bool tern_relay_on_message(tern_relay *relay, tern_event *event)
{
    uint8_t head[TERN_ROOM_HEADER_MAX];
    tern_room_msg msg;
    tern_peer peer = event->peer;
    request q = { .relay = relay,
                  .peer = peer,
                  .seat = tern_endpoint_slot_of(&relay->endpoint, peer),
                  .msg = &msg,
                  .size = event->u.message.size,
                  .event = event };
    size_t n = tern_endpoint_message_peek(&relay->endpoint, 0, (tern_buf){ head, sizeof head });
    request_handler handle = NULL;
    if (tern_room_msg_parse(tern_bytes_of(head, n), q.size, &msg, &q.body_at) == TERN_OK) handle = handler_of(msg.type);
    /*= ROOM-001 */
    if (handle == NULL) {
        tern_endpoint_close(&relay->endpoint, relay->now, peer, TERN_PROTOCOL_VIOLATION, "not a request of a client");
        return false;
    }
    return handle(&q);
}

void tern_relay_leave(tern_relay *relay, uint32_t seat, tern_left_why why, tern_event *event)
{
    tern_rooms *rooms = tern_relay_rooms(relay);
    const tern_room_member *m = tern_rooms_member(rooms, seat);
    uint32_t room = m->room - 1;
    *event = (tern_event){ .type = TERN_EVENT_LEFT, .peer = tern_relay_seat_at(relay, seat)->peer };
    event->u.presence.why = (uint8_t)why;
    tern_who_to_member(&m->who, &event->u.presence.who);
    tern_label_to_text(&tern_rooms_room(rooms, room)->name, event->u.presence.room);
    event->u.presence.number = tern_rooms_leave(rooms, seat, (uint8_t)why, tern_relay_unix_ms(relay));
    tern_fanout_room(relay, room);
}
