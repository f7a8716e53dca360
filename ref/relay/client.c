/* SPDX-License-Identifier: MIT */
/* The client's verbs, and what the relay's messages mean to it. A relay that breaks the order of a room's events is
 * left (ROOM-004, ROOM-005). */
#include "relay/client.h"

#include "crypto/ct.h"
#include "relay/who.h"

#include <string.h>

tern_client *tern_client_of(tern_node *node)
{
    tern_client *client = (tern_client *)node;
    tern_handshake_config *h = &client->endpoint.handshake;
    tern_assert(node->verbs == &tern_client_verbs);
    if (h->anchors == &client->authorities.anchors) return client;
    tern_kept_anchors_attach(client, &client->authorities);
    h->name.value = tern_place_view(client, client->name);
    if (client->has_own) {
        tern_kept_identity_attach(client, &client->own);
        h->identity = &client->own.identity;
    }
    h->anchors = &client->authorities.anchors;
    h->ticket = client->has_ticket ? &client->ticket : NULL;
    return client;
}

static int client_recv(tern_node *node, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    tern_client *client = tern_client_of(node);
    client->now = now;
    return tern_endpoint_recv(&client->endpoint, now, path, datagram, ecn);
}

static tern_batch client_send(tern_node *node, tern_time now, tern_buf out)
{
    tern_client *client = tern_client_of(node);
    client->now = now;
    return tern_endpoint_send(&client->endpoint, now, out);
}

static tern_time client_next_timeout(const tern_node *node)
{
    return tern_endpoint_next_timeout(&((const tern_client *)node)->endpoint);
}

static void client_on_timeout(tern_node *node, tern_time now)
{
    tern_client *client = tern_client_of(node);
    client->now = now;
    tern_endpoint_on_timeout(&client->endpoint, now);
}

/* What each message of the relay's does to the client and its application: false when it cannot come now. */

static bool on_welcome(tern_client *client, const tern_room_msg *msg, tern_event *event)
{
    if (client->joins == 0 || msg->number == 0) return false;
    client->joins--;
    client->next = msg->number;
    client->presents = msg->count;
    event->type = TERN_EVENT_JOINED;
    event->u.joined.who.id = msg->member;
    event->u.joined.next = msg->number;
    event->u.joined.count = msg->count;
    return true;
}

static bool on_refused(tern_client *client, const tern_room_msg *msg, tern_event *event)
{
    /* any other code answers something else, or is not known */
    bool answers_join = msg->code >= TERN_REFUSED_NICK_TAKEN && msg->code <= TERN_REFUSED_ALREADY_MEMBER &&
                        msg->code != TERN_REFUSED_NOT_A_MEMBER;
    if (answers_join && client->joins > 0) client->joins--;
    event->type = TERN_EVENT_REFUSED;
    event->u.refused.code = msg->code;
    memcpy(event->u.refused.text, msg->text.p, msg->text.n);
    return true;
}

static bool on_present(tern_client *client, const tern_room_msg *msg, tern_event *event)
{
    /*= ROOM-005 */
    if (client->presents == 0) return false;
    client->presents--;
    event->type = TERN_EVENT_PRESENT;
    tern_info_to_member(&msg->sender, &event->u.presence.who);
    return true;
}

/* Moves on over the events first to last. */
static bool take_numbers(tern_client *client, uint64_t first, uint64_t last)
{
    /*= ROOM-004 */
    if (client->next == 0 || client->presents > 0 || first != client->next || last == UINT64_MAX) return false;
    client->next = last + 1;
    return true;
}

static bool on_presence(tern_client *client, const tern_room_msg *msg, tern_event *event)
{
    if (!take_numbers(client, msg->number, msg->number)) return false;
    event->type = msg->type == TERN_R_ARRIVED ? TERN_EVENT_ARRIVED : TERN_EVENT_LEFT;
    event->u.presence.number = msg->number;
    event->u.presence.why = msg->why;
    tern_info_to_member(&msg->sender, &event->u.presence.who);
    return true;
}

static bool on_relayed(tern_client *client, const tern_room_msg *msg, tern_event *event)
{
    if (!take_numbers(client, msg->number, msg->number)) return false;
    event->type = TERN_EVENT_MESSAGE;
    event->u.message.number = msg->number;
    event->u.message.time_ms = msg->time_ms;
    tern_info_to_member(&msg->sender, &event->u.message.sender);
    return true;
}

static bool on_missed(tern_client *client, const tern_room_msg *msg, tern_event *event)
{
    if (!take_numbers(client, msg->number, msg->last)) return false;
    event->type = TERN_EVENT_MISSED;
    event->u.missed.first = msg->number;
    event->u.missed.last = msg->last;
    return true;
}

static bool take(tern_client *client, const tern_room_msg *msg, tern_event *event)
{
    switch (msg->type) {
    case TERN_R_WELCOME: return on_welcome(client, msg, event);
    case TERN_R_REFUSED: return on_refused(client, msg, event);
    case TERN_R_PRESENT: return on_present(client, msg, event);
    case TERN_R_ARRIVED:
    case TERN_R_LEFT: return on_presence(client, msg, event);
    case TERN_R_RELAYED: return on_relayed(client, msg, event);
    case TERN_R_MISSED: return on_missed(client, msg, event);
    case TERN_R_JOIN:
    case TERN_R_PUBLISH:
    case TERN_R_LEAVE:
    case TERN_R_SENDER_INFO: return false; /* not a relay's to say */
    }
    return false;
}

/* A message has come; event becomes what it means. false: the relay broke the protocol. */
static bool on_message(tern_client *client, tern_event *event)
{
    uint8_t head[TERN_ROOM_HEADER_MAX];
    tern_room_msg msg;
    size_t body_at, size = event->u.message.size;
    size_t n = tern_endpoint_message_peek(&client->endpoint, 0, (tern_buf){ head, sizeof head });
    if (tern_room_msg_parse(tern_bytes_of(head, n), size, &msg, &body_at) != TERN_OK) return false;
    *event = (tern_event){ .peer = event->peer };
    if (!take(client, &msg, event)) return false;
    if (event->type == TERN_EVENT_MESSAGE) {
        (void)tern_endpoint_message_read(&client->endpoint, (tern_buf){ head, body_at });
        event->u.message.size = (uint32_t)(size - body_at);
        client->body_open = true;
    }
    return true;
}

/* It has served. */
static void forget_ticket(tern_client *client)
{
    /*= HS-013 */
    tern_wipe(&client->ticket, sizeof client->ticket);
    client->has_ticket = false;
    client->endpoint.handshake.ticket = NULL;
}

static bool client_poll(tern_node *node, tern_event *event)
{
    tern_client *client = tern_client_of(node);
    client->body_open = false;
    while (tern_endpoint_poll(&client->endpoint, event)) {
        if (event->type == TERN_EVENT_CONNECTED || event->type == TERN_EVENT_CLOSED) forget_ticket(client);
        if (event->type == TERN_EVENT_MESSAGES_WRITABLE) continue; /* a call that was BLOCKED is simply made again */
        if (event->type != TERN_EVENT_MESSAGE || on_message(client, event)) return true;
        tern_endpoint_close(&client->endpoint, client->now, TERN_CLIENT_PEER, TERN_PROTOCOL_VIOLATION,
                            "a room message that cannot be read, or out of turn");
    }
    return false;
}

static void client_too_big(tern_node *node, tern_time now, const tern_path *path, const tern_too_big *what)
{
    tern_endpoint_too_big(&tern_client_of(node)->endpoint, now, path, what);
}

const tern_node_verbs tern_client_verbs = {
    .kind = "client",
    .recv = client_recv,
    .send = client_send,
    .next_timeout = client_next_timeout,
    .on_timeout = client_on_timeout,
    .poll = client_poll,
    .too_big = client_too_big,
};
