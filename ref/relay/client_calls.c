/* SPDX-License-Identifier: MIT */
/* What the application asks of its client: each a message to the relay, or a look at one from it. */
#include "relay/client.h"
#include "relay/text.h"

#define NAME_ENCODABLE_MAX 255 /* bytes; which names are good is the relay's to say (ROOM-002) */

/* Sends one room message, and a body behind it. */
static int ask(tern_client *client, const tern_room_msg *msg, tern_bytes body)
{
    uint8_t header[TERN_ROOM_HEADER_MAX];
    tern_writer w = tern_writer_of((tern_buf){ header, sizeof header });
    tern_room_msg_emit(&w, msg);
    tern_assert(tern_writer_ok(&w));
    tern_bytes parts[] = { tern_written(&w), body };
    int result = tern_endpoint_message_send(&client->endpoint, TERN_CLIENT_PEER, parts, body.n > 0 ? 2 : 1);
    const tern_connection *c = tern_endpoint_find(&client->endpoint, TERN_CLIENT_PEER);
    bool too_early = result == TERN_MESSAGE_TOO_LARGE && c != NULL && !c->proven;
    return too_early ? TERN_E_BLOCKED : result; /* the relay's limit is not known yet */
}

int tern_client_join(tern_node *node, const char *room, const char *nick)
{
    tern_client *client = tern_client_of(node);
    if (room == NULL || nick == NULL) return TERN_E_BAD_INPUT;
    tern_room_msg msg = { .type = TERN_R_JOIN,
                          .room = tern_text_bytes(room, NAME_ENCODABLE_MAX + 1),
                          .nick = tern_text_bytes(nick, NAME_ENCODABLE_MAX + 1) };
    if (msg.room.n > NAME_ENCODABLE_MAX || msg.nick.n > NAME_ENCODABLE_MAX) return TERN_E_BAD_INPUT;
    int result = ask(client, &msg, (tern_bytes){ NULL, 0 });
    if (result == TERN_OK) client->joins++;
    return result;
}

int tern_client_publish(tern_node *node, tern_bytes body)
{
    tern_room_msg msg = { .type = TERN_R_PUBLISH };
    return ask(tern_client_of(node), &msg, body);
}

int tern_client_leave(tern_node *node)
{
    tern_room_msg msg = { .type = TERN_R_LEAVE };
    return ask(tern_client_of(node), &msg, (tern_bytes){ NULL, 0 });
}

int tern_client_migrate(tern_node *node, tern_time now, const tern_path *path)
{
    tern_client *client = tern_client_of(node);
    client->now = now;
    return tern_endpoint_migrate(&client->endpoint, now, path);
}

size_t tern_client_read(tern_node *node, tern_buf out)
{
    tern_client *client = tern_client_of(node);
    return client->body_open ? tern_endpoint_message_read(&client->endpoint, out) : 0;
}

uint64_t tern_client_unacknowledged(const tern_node *node)
{
    return tern_endpoint_message_waiting(&((const tern_client *)node)->endpoint, TERN_CLIENT_PEER);
}
