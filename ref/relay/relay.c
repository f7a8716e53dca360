/* SPDX-License-Identifier: MIT */
/* The relay's verbs: the endpoint's, with what happens in rooms between its events and the application's. */
#include "relay/relay.h"

#include "relay/fanout.h"

static tern_relay *relay_of(tern_node *node)
{
    tern_relay *relay = (tern_relay *)node;
    tern_assert(node->verbs == &tern_relay_verbs);
    tern_relay_attach(relay);
    return relay;
}

tern_relay *tern_relay_of(tern_node *node, tern_time now)
{
    tern_relay *relay = relay_of(node);
    relay->now = now;
    return relay;
}

void tern_relay_attach(tern_relay *relay)
{
    tern_handshake_config *h = &relay->endpoint.handshake;
    if (h->identity == &relay->own.identity) return;
    tern_kept_identity_attach(relay, &relay->own);
    h->allowed = (const uint8_t(*)[TERN_FINGERPRINT_SIZE])((const uint8_t *)relay + relay->allowed_at);
    h->identity = &relay->own.identity;
    tern_kept_anchors_attach(relay, &relay->authorities);
    h->anchors = relay->authorities_n > 0 ? &relay->authorities.anchors : NULL;
}

static int relay_recv(tern_node *node, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    tern_relay *relay = tern_relay_of(node, now);
    tern_relay_show_status(relay);
    return tern_endpoint_recv(&relay->endpoint, now, path, datagram, ecn);
}

static tern_batch relay_send(tern_node *node, tern_time now, tern_buf out)
{
    tern_relay *relay = tern_relay_of(node, now);
    return tern_endpoint_send(&relay->endpoint, now, out);
}

static tern_time relay_next_timeout(const tern_node *node)
{
    return tern_endpoint_next_timeout(&((const tern_relay *)node)->endpoint);
}

static void relay_on_timeout(tern_node *node, tern_time now)
{
    tern_relay *relay = tern_relay_of(node, now);
    tern_endpoint_on_timeout(&relay->endpoint, now);
}

static tern_left_why why_of(const tern_event *closed)
{
    uint32_t error = closed->u.closed.error;
    if (closed->u.closed.by_peer) return TERN_LEFT_CLOSED;
    return error == TERN_E_IDLE_TIMEOUT || error == TERN_E_HANDSHAKE_TIMEOUT ? TERN_LEFT_TIMED_OUT
                                                                             : TERN_LEFT_SENT_AWAY;
}

/* A connection has ended. When a member has gone with it, that is told first: nothing follows CLOSED. */
static void on_closed(tern_relay *relay, tern_event *event)
{
    uint32_t seat = tern_endpoint_slot_of(&relay->endpoint, event->peer);
    /*= ROOM-007 */
    if (tern_rooms_member(tern_relay_rooms(relay), seat) != NULL) {
        relay->end = *event;
        relay->end_untold = true;
        tern_relay_leave(relay, seat, why_of(&relay->end), event);
    }
    *tern_relay_seat_at(relay, seat) = (tern_relay_seat){ 0 };
}

/* Whether what the endpoint tells, or what it was turned into, is for the application. */
static bool digest(tern_relay *relay, tern_event *event)
{
    uint32_t seat = tern_endpoint_slot_of(&relay->endpoint, event->peer);
    tern_assert(seat != TERN_ROUTE_NONE);
    tern_relay_seat_at(relay, seat)->peer = event->peer;
    switch ((int)event->type) {
    case TERN_EVENT_MESSAGE: return tern_relay_on_message(relay, event);
    case TERN_EVENT_MESSAGES_WRITABLE: tern_fanout_writable(relay, seat); return false;
    case TERN_EVENT_CLOSED: on_closed(relay, event); return true;
    default: return true;
    }
}

static bool relay_poll(tern_node *node, tern_event *event)
{
    tern_relay *relay = relay_of(node);
    if (relay->end_untold) {
        relay->end_untold = false;
        *event = relay->end;
        return true;
    }
    while (tern_endpoint_poll(&relay->endpoint, event))
        if (digest(relay, event)) return true;
    return false;
}

static void relay_too_big(tern_node *node, tern_time now, const tern_path *path, const tern_too_big *what)
{
    tern_endpoint_too_big(&relay_of(node)->endpoint, now, path, what);
}

const tern_node_verbs tern_relay_verbs = {
    .kind = "relay",
    .recv = relay_recv,
    .send = relay_send,
    .next_timeout = relay_next_timeout,
    .on_timeout = relay_on_timeout,
    .poll = relay_poll,
    .too_big = relay_too_big,
};

void tern_relay_shutdown(tern_node *node, tern_time now)
{
    tern_relay *relay = tern_relay_of(node, now);
    tern_endpoint_shutdown(&relay->endpoint, now, TERN_GOING_AWAY, "the relay is closing");
}

uint32_t tern_relay_connections(const tern_node *node)
{
    return ((const tern_relay *)node)->endpoint.in_use;
}
