/* SPDX-License-Identifier: MIT */
/* The endpoint: which connection a datagram belongs to, the connections themselves, who may send next, and the memory
 * they share (spec: connection). A client is an endpoint with one connection, a relay one with many; what they do with
 * messages stands above, in relay/. */
#ifndef TERN_ENDPOINT_ENDPOINT_H
#define TERN_ENDPOINT_ENDPOINT_H

#include "base/heap.h"
#include "connection/connection.h"
#include "endpoint/entry.h"
#include "endpoint/origins.h"
#include "endpoint/queue.h"
#include "endpoint/reset.h"
#include "endpoint/routes.h"
#include "endpoint/version.h"
#include "seam/node.h"
#include "tern.h"

/* Events for the layer above, besides those of tern.h. TERN_EVENT_MESSAGE from an endpoint is a whole Tern message of
 * u.message.size bytes, of whatever content: it can be read until the next poll, which drops it. */
#define TERN_EVENT_MESSAGES_WRITABLE ((tern_event_type)100) /* after a message_send that was BLOCKED */

typedef struct {
    bool is_client;
    uint32_t max_connections; /* 1 to 65535 */
    uint32_t pages;
    uint64_t unix_seconds_at_0;
    tern_tickets_config tickets; /* relay */
    tern_limits limits;          /* windows and keeps of each connection */
    bool always_retry;           /* relay: asks every client for a cookie */
    uint32_t retry_above;        /* relay: SYNs a second above which it asks (CONN-064), at least 1 */
    uint32_t max_per_origin;     /* relay: connections of one address (CONN-069), at least 1 */
} tern_endpoint_config;

typedef struct {
    tern_connection connection;
    uint64_t serial; /* with the slot's number the tern_peer; 0 at a client */
    bool used, half_open, routed;
    uint32_t origin;            /* where its SYN came from */
    tern_cid ids[TERN_IDS_MAX]; /* with a route */
    uint64_t first_key;         /* relay: the route of the first sid */
    uint32_t next;   /* plus 1; 0 is the end: of those that are free, or half open from the same origin ... */
    uint32_t before; /* ... among which this is the one before */
} tern_slot;

/* What a relay keeps of a peer that is idle, all included, is at most one page (CONN-025). The rest beside the slot is
 * counted where all of it is seen (relay/relay_config.c). */
#define TERN_IDLE_PEER_MAX 4096
#define TERN_SLOT_MAX      3632
_Static_assert(sizeof(tern_slot) <= TERN_SLOT_MAX, "state that is needed only at times goes into a page");

#define TERN_RETRY_ABOVE     256 /* SYNs a second, with a key on P-256 (CONN-064) */
#define TERN_RETRY_ABOVE_MAX 1000000

/* Relay: who may come in, and what it owes to those whom it has no connection with. */
typedef struct {
    tern_resets resets;
    tern_entry entry;
    tern_versions versions;
} tern_strangers;

/* The first member of every Tern node. Everything it owns lies behind it at offsets: a copy of the block is a copy of
 * the endpoint. What every call looks at stands in front: of many nodes in one process each is cold when its turn
 * comes.
 */
typedef struct {
    tern_node node;
    tern_queue ready, news; /* slots that may have something to send; something to tell */
    tern_heap heap;
    tern_peer told;           /* the peer of the event with a body that was polled last */
    tern_news_kind told_kind; /* MESSAGE, PEER_MESSAGE or DATAGRAM; NONE once it is dropped */
    size_t slots_at, route_entries_at, origins_at, queue_links_at, news_links_at, heap_at, tickets_at, strangers_at,
        pool_at; /* offsets from this struct */
    tern_endpoint_config config;
    tern_routes routes;
    tern_stats stats;
    tern_handshake_config handshake; /* who we are, whom we trust: filled by the owner after init */
    uint8_t reset_secret[32];        /* what the tokens of our ids are made from (CONN-050) */
    tern_drbg drbg;
    uint64_t next_serial;
    uint32_t in_use, half_open; /* slots */
    uint32_t free_slot;         /* plus 1; 0 when all are used */
    bool shutting_down;         /* takes no SYN */
    tern_origins origins;
} tern_endpoint;

/* Bytes that lie behind the owner's struct, which itself is a multiple of 16. */
size_t tern_endpoint_area(const tern_endpoint_config *config);
/* area_at: the offset of that area from ep. The owner then sets ep->node.verbs and ep->handshake. */
void tern_endpoint_init(tern_endpoint *ep, size_t area_at, const tern_endpoint_config *config,
                        const uint8_t seed[TERN_SEED_SIZE]);

/* For the owner to set their secret, after init. */
tern_tickets *tern_endpoint_tickets(const tern_endpoint *ep);

/* The verbs, for the owner to wrap. */
int tern_endpoint_recv(tern_endpoint *ep, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn);
tern_batch tern_endpoint_send(tern_endpoint *ep, tern_time now, tern_buf out);
tern_time tern_endpoint_next_timeout(const tern_endpoint *ep);
void tern_endpoint_on_timeout(tern_endpoint *ep, tern_time now);
bool tern_endpoint_poll(tern_endpoint *ep, tern_event *event);
/* See tern_node_too_big: a look at every connection. */
void tern_endpoint_too_big(tern_endpoint *ep, tern_time now, const tern_path *path, const tern_too_big *what);

/* Client: begins to connect. TERN_OK or TERN_E_NO_MEMORY. */
int tern_endpoint_connect(tern_endpoint *ep, tern_time now, const tern_path *path);

/* Client: see tern_client_migrate. */
int tern_endpoint_migrate(tern_endpoint *ep, tern_time now, const tern_path *path);

/* The connection of a peer, NULL when there is none (any more). */
tern_connection *tern_endpoint_find(tern_endpoint *ep, tern_peer peer);
/* A number below max_connections that is the peer's alone until its CLOSED is told; TERN_ROUTE_NONE for a peer that is
 * gone. */
uint32_t tern_endpoint_slot_of(const tern_endpoint *ep, tern_peer peer);
void tern_endpoint_close(tern_endpoint *ep, tern_time now, tern_peer peer, tern_error error, const char *reason);
/* Relay: closes each connection whose key is not, or no longer, among those that may come in (HS-064). */
void tern_endpoint_close_disallowed(tern_endpoint *ep, tern_time now, const char *reason);
/* The authorities have other numbers now: those whom a certificate let in get theirs, or are closed likewise when it is
 * 0 (HS-067). */
void tern_endpoint_renumber_authorities(tern_endpoint *ep, tern_time now, const uint8_t number[TERN_ANCHORS_MAX + 2],
                                        const char *reason);
/* Closes every connection and takes no new one from now on. */
void tern_endpoint_shutdown(tern_endpoint *ep, tern_time now, tern_error error, const char *reason);

/* Messages. send: TERN_OK (whole), TERN_E_BLOCKED (MESSAGES_WRITABLE will come), TERN_E_CLOSED, TERN_MESSAGE_TOO_LARGE.
 * peek and read: of the message told last; the number of bytes copied. */
int tern_endpoint_message_send(tern_endpoint *ep, tern_peer peer, const tern_bytes *parts, size_t n);
uint64_t tern_endpoint_message_waiting(const tern_endpoint *ep, tern_peer peer); /* bytes not acknowledged */
size_t tern_endpoint_message_peek(tern_endpoint *ep, uint32_t at, tern_buf out);
size_t tern_endpoint_message_read(tern_endpoint *ep, tern_buf out);
/* Puts the message told last back, of which nothing was read: it, and with it all behind it, is told behind this peer's
 * next MESSAGES_WRITABLE, which comes when what waits towards the peer is acknowledged. Only while something waits. */
void tern_endpoint_message_hold(tern_endpoint *ep);

#endif
