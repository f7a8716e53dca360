/* SPDX-License-Identifier: MIT */
/* What the files of endpoint/ share: where the parts of the block stand, and the slots' housekeeping. */
#ifndef TERN_ENDPOINT_INTERNAL_H
#define TERN_ENDPOINT_INTERNAL_H

#include "endpoint/endpoint.h"

/* By way of a number: it lies behind the owner's struct, of which the endpoint is but the first member. */
static inline void *tern_endpoint_part(const tern_endpoint *ep, size_t at)
{
    return (void *)((uintptr_t)ep + at);
}

static inline tern_slot *tern_endpoint_slot(const tern_endpoint *ep, uint32_t slot)
{
    return (tern_slot *)tern_endpoint_part(ep, ep->slots_at) + slot;
}

static inline tern_route *tern_endpoint_routes(const tern_endpoint *ep)
{
    return tern_endpoint_part(ep, ep->route_entries_at);
}

static inline tern_origin *tern_endpoint_origins(const tern_endpoint *ep)
{
    return tern_endpoint_part(ep, ep->origins_at);
}

static inline tern_pool *tern_endpoint_pool(const tern_endpoint *ep)
{
    return tern_endpoint_part(ep, ep->pool_at);
}

static inline tern_queue_link *tern_endpoint_ready_links(const tern_endpoint *ep)
{
    return tern_endpoint_part(ep, ep->queue_links_at);
}

static inline tern_queue_link *tern_endpoint_news_links(const tern_endpoint *ep)
{
    return tern_endpoint_part(ep, ep->news_links_at);
}

static inline tern_heap_entry *tern_endpoint_deadlines(const tern_endpoint *ep)
{
    return tern_endpoint_part(ep, ep->heap_at);
}

/* A client's; it stands where a relay has its tickets. */
static inline tern_taken_ticket *tern_endpoint_taken(const tern_endpoint *ep)
{
    return tern_endpoint_part(ep, ep->tickets_at);
}

/* A relay's; a client has none. */
static inline tern_strangers *tern_endpoint_strangers(const tern_endpoint *ep)
{
    return tern_endpoint_part(ep, ep->strangers_at);
}

static inline bool tern_endpoint_is_shared(const tern_endpoint *ep)
{
    return ep->config.max_connections > 1;
}

tern_host tern_endpoint_host(tern_endpoint *ep, tern_time now);

/* ---- peers.c ---- */

/* The connection whose event with a body was told last, when it was of that kind and can still be read; else NULL. */
tern_connection *tern_endpoint_told(tern_endpoint *ep, tern_news_kind kind);

/* ---- slots.c ---- */

/* A free slot, marked used, for a connection with this address, or TERN_ROUTE_NONE. */
uint32_t tern_slot_take(tern_endpoint *ep, const tern_addr *remote);
/* The connection, half open, ends without a word, and its slot is free at once unless its end must be told. */
void tern_slot_push_out(tern_endpoint *ep, const tern_host *host, uint32_t slot);
/* The connection in it is over and told: everything goes back. */
void tern_slot_give(tern_endpoint *ep, uint32_t slot);
/* The application has used the slot's connection: it waits for its turns to send and to tell. Its timers stand as they
 * stood. */
void tern_slot_wake(tern_endpoint *ep, uint32_t slot);
/* The same where credit can have moved: its peer may send more or less than before. */
void tern_slot_used(tern_endpoint *ep, uint32_t slot);
/* A datagram came for the slot's connection, or time has passed: all that, and it may have left HANDSHAKE and have
 * another deadline. */
void tern_slot_touch(tern_endpoint *ep, uint32_t slot);
/* A peer is its slot's number, which the connections of the slot have one after the other, and a serial number. */
#define TERN_SLOT_BITS 16
static inline uint32_t tern_slot_number(tern_peer peer)
{
    return peer & ((1u << TERN_SLOT_BITS) - 1);
}
tern_peer tern_slot_peer(const tern_endpoint *ep, uint32_t slot);
/* The handshake is over: the slot is no longer half open. */
void tern_slot_settle(tern_endpoint *ep, uint32_t slot);
/* Adds the connection's routes. false: an id is taken. */
bool tern_slot_route(tern_endpoint *ep, uint32_t slot);

/* The connection has drawn ids: its routes follow. */
void tern_slot_reroute(tern_endpoint *ep, uint32_t slot);

#endif
