/* SPDX-License-Identifier: MIT */
/* The client (spec: rooms): an endpoint with one connection, and its view of the room it is in. Files beside:
 * client_config (how it is made), client (its verbs and what the relay tells), client_calls (what the application asks
 * for). */
#ifndef TERN_RELAY_CLIENT_H
#define TERN_RELAY_CLIENT_H

#include "endpoint/endpoint.h"
#include "relay/kept_anchors.h"
#include "relay/kept_identity.h"

#define TERN_CLIENT_PEER 0 /* the relay, as a peer */

typedef struct {
    tern_endpoint endpoint;
    tern_time now;            /* of the last verb that told it */
    uint64_t next;            /* number of the next event; 0 before there is a room */
    uint32_t joins;           /* JOINs sent and not answered yet */
    uint32_t presents;        /* PRESENT that are still to come (ROOM-005) */
    bool body_open;           /* the event told last has a body to read */
    bool has_ticket, has_own; /* to offer; an identity: */
    tern_kept_ticket ticket;
    tern_kept_identity own;
    tern_kept_anchors authorities;
    tern_place name; /* the name asked for */
} tern_client;

extern const tern_node_verbs tern_client_verbs;

/* The client that a node is, ready for use: points the endpoint's handshake at the anchors, the name and its own key,
 * whose pointers a copy of the block has to make anew. Costs nothing when the block has not moved. */
tern_client *tern_client_of(tern_node *node);

#endif
