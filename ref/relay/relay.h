/* SPDX-License-Identifier: MIT */
/* The relay (spec: rooms): an endpoint with many connections, the rooms their members are in, and what each member is
 * sent. Files beside: relay_config (how it is made), relay (its verbs), relay_requests (what members ask for), fanout
 * (what they are told). */
#ifndef TERN_RELAY_RELAY_H
#define TERN_RELAY_RELAY_H

#include "endpoint/endpoint.h"
#include "relay/kept_anchors.h"
#include "relay/kept_identity.h"
#include "room/rooms.h"

/* What the relay knows of the connection in a slot of its endpoint; the slot's number is the seat of its member. */
typedef struct {
    tern_peer peer;
    bool blocked; /* its queue took no more: MESSAGES_WRITABLE will come */
} tern_relay_seat;

typedef struct {
    tern_endpoint endpoint;
    tern_time now; /* of the last verb that told it */
    tern_kept_identity own;
    bool end_untold; /* a member's LEFT was told, and its CLOSED comes next: */
    tern_event end;
    tern_place status;                     /* the OCSP response in its place; n 0: there is none */
    uint64_t status_until;                 /* Unix time when it expires */
    uint32_t max_guests;                   /* whose seats stand behind those of connections */
    tern_kept_anchors authorities;         /* whose certificates let clients in; n 0: there are none */
    size_t authorities_n;                  /* bytes for what they view, each of two times: 0 where none are asked for */
    uint8_t authorities_half;              /* which of the two is in use */
    size_t seats_at, rooms_at, allowed_at; /* offsets from this struct */
    size_t authorities_at;
    size_t allowed_max; /* fingerprints; 0 when none are asked for */
} tern_relay;

static inline tern_rooms *tern_relay_rooms(tern_relay *relay)
{
    return (tern_rooms *)((uint8_t *)relay + relay->rooms_at);
}

static inline tern_relay_seat *tern_relay_seat_at(tern_relay *relay, uint32_t seat)
{
    return (tern_relay_seat *)((uint8_t *)relay + relay->seats_at) + seat;
}

/* Unix time in milliseconds at the last verb. */
static inline uint64_t tern_relay_unix_ms(const tern_relay *relay)
{
    return relay->endpoint.config.unix_seconds_at_0 * 1000 + relay->now / TERN_MS;
}

extern const tern_node_verbs tern_relay_verbs;

/* The relay that a node is, at the time of this call. */
tern_relay *tern_relay_of(tern_node *node, tern_time now);

/* Points the endpoint's handshake at the identity, its chain and the keys that may come in, whose pointers a copy of
 * the block has to make anew. Called at the entry of every verb; costs nothing when the block has not moved. */
void tern_relay_attach(tern_relay *relay);

/* ---- allowed.c ---- */

/* From now on these fingerprints, at most TERN_CLIENT_KEYS_MAX, are those of clients that may come in. */
void tern_relay_allow(tern_relay *relay, const uint8_t (*fingerprints)[TERN_FINGERPRINT_SIZE], size_t n);

/* ---- authorities.c ---- */

#define TERN_AUTHORITIES_BYTES                                                                                         \
    (32u << 10) /* for what 8 authorities are kept in: one with an RSA key takes 2 to 3 KiB */

/* Reads the authorities whose certificates let clients in; nothing changes when they cannot be read. */
TERN_MUST_USE tern_error tern_relay_authorities_read(tern_relay *relay, tern_bytes pem);

/* ---- ticket_secret.c ---- */

/* All zero: none was configured. */
TERN_MUST_USE bool tern_relay_is_no_secret(const uint8_t secret[TERN_SECRET_SIZE]);

/* ---- status.c ---- */

/* Points the endpoint's handshake at the status while it holds (HS-077). */
void tern_relay_show_status(tern_relay *relay);

/* ---- relay_requests.c ---- */

/* A message that event says has come. true: event is now one for the application. */
bool tern_relay_on_message(tern_relay *relay, tern_event *event);
/* Takes the member of a seat out of its room, tells the others, and makes event its LEFT (ROOM-007). */
void tern_relay_leave(tern_relay *relay, uint32_t seat, tern_left_why why, tern_event *event);

#endif
