/* SPDX-License-Identifier: MIT */
/* The pool of connections: taking, giving back, and who has something to send or to tell. */
#include "crypto/ct.h"
#include "endpoint/internal.h"

#include <string.h>

/* Half-open ones of an origin are linked in the order in which they came. */
static void link_newest(tern_endpoint *ep, uint32_t slot)
{
    tern_slot *s = tern_endpoint_slot(ep, slot);
    tern_origin *from = &tern_endpoint_origins(ep)[s->origin];
    s->before = from->newest;
    s->next = 0;
    if (from->newest != 0)
        tern_endpoint_slot(ep, from->newest - 1)->next = slot + 1;
    else
        from->oldest = slot + 1;
    from->newest = slot + 1;
    from->half_open++;
}

static void unlink_half_open(tern_endpoint *ep, const tern_slot *s)
{
    tern_origin *from = &tern_endpoint_origins(ep)[s->origin];
    if (s->before != 0)
        tern_endpoint_slot(ep, s->before - 1)->next = s->next;
    else
        from->oldest = s->next;
    if (s->next != 0)
        tern_endpoint_slot(ep, s->next - 1)->before = s->before;
    else
        from->newest = s->before;
    from->half_open--;
}

uint32_t tern_slot_take(tern_endpoint *ep, const tern_addr *remote)
{
    if (ep->free_slot == 0) return TERN_ROUTE_NONE;
    uint32_t slot = ep->free_slot - 1;
    tern_slot *s = tern_endpoint_slot(ep, slot);
    ep->free_slot = s->next;
    s->used = true;
    s->half_open = true;
    s->serial = ep->next_serial++;
    s->origin = tern_origins_enter(&ep->origins, tern_endpoint_origins(ep), remote);
    tern_endpoint_origins(ep)[s->origin].all++;
    link_newest(ep, slot);
    ep->in_use++;
    ep->half_open++;
    return slot;
}

void tern_slot_settle(tern_endpoint *ep, uint32_t slot)
{
    tern_slot *s = tern_endpoint_slot(ep, slot);
    if (!s->half_open) return;
    s->half_open = false;
    unlink_half_open(ep, s);
    ep->half_open--;
}

void tern_slot_push_out(tern_endpoint *ep, const tern_host *host, uint32_t slot)
{
    tern_connection *c = &tern_endpoint_slot(ep, slot)->connection;
    /*= CONN-068 */
    tern_connection_fall_silent(c, host);
    ep->stats.pushed_out++;
    if (c->told_connected)
        tern_slot_touch(ep, slot); /* by early data */
    else
        tern_slot_give(ep, slot);
}

static void unroute(tern_endpoint *ep, uint32_t slot)
{
    tern_slot *s = tern_endpoint_slot(ep, slot);
    const tern_connection *c = &s->connection;
    tern_route *entries = tern_endpoint_routes(ep);
    if (!s->routed) return;
    s->routed = false;
    for (size_t i = 0; i < TERN_IDS_MAX; i++)
        if (c->ids.own[i].used) tern_routes_remove(&ep->routes, entries, tern_route_of_cid(&ep->routes, &s->ids[i]));
    /*= CONN-002 */
    if (!c->is_client) tern_routes_remove(&ep->routes, entries, s->first_key);
}

void tern_slot_reroute(tern_endpoint *ep, uint32_t slot)
{
    tern_slot *s = tern_endpoint_slot(ep, slot);
    const tern_ids *ids = &s->connection.ids;
    tern_route *entries = tern_endpoint_routes(ep);
    for (size_t i = 0; i < TERN_IDS_MAX; i++) {
        if (!ids->own[i].used || tern_cid_equal(&ids->own[i].id, &s->ids[i])) continue;
        /*= CONN-034 */
        tern_routes_remove(&ep->routes, entries, tern_route_of_cid(&ep->routes, &s->ids[i]));
        s->ids[i] = ids->own[i].id;
        (void)tern_routes_add(&ep->routes, entries, tern_route_of_cid(&ep->routes, &s->ids[i]), slot);
    }
}

void tern_slot_give(tern_endpoint *ep, uint32_t slot)
{
    tern_slot *s = tern_endpoint_slot(ep, slot);
    tern_slot_settle(ep, slot);
    unroute(ep, slot);
    tern_heap_set(&ep->heap, tern_endpoint_deadlines(ep), slot, TERN_TIME_NEVER);
    ep->stats.packets_lost += s->connection.packets_lost;
    tern_connection_free(&s->connection, tern_endpoint_pool(ep));
    if (ep->config.is_client) tern_wipe(tern_endpoint_taken(ep), sizeof(tern_taken_ticket));
    s->used = false;
    s->next = ep->free_slot;
    ep->free_slot = slot + 1;
    tern_endpoint_origins(ep)[s->origin].all--;
    tern_origins_leave(&ep->origins, tern_endpoint_origins(ep), s->origin);
    ep->in_use--;
}

bool tern_slot_route(tern_endpoint *ep, uint32_t slot)
{
    tern_slot *s = tern_endpoint_slot(ep, slot);
    const tern_connection *c = &s->connection;
    tern_route *entries = tern_endpoint_routes(ep);
    uint64_t own = tern_route_of_cid(&ep->routes, &c->local);
    if (!tern_routes_add(&ep->routes, entries, own, slot)) return false;
    memset(s->ids, 0, sizeof s->ids);
    s->ids[0] = c->local;
    s->first_key = tern_route_of_first(&ep->routes, &c->first_sid, &c->path.remote);
    /*= CONN-002 */
    if (!c->is_client && !tern_routes_add(&ep->routes, entries, s->first_key, slot)) {
        tern_routes_remove(&ep->routes, entries, own);
        return false;
    }
    s->routed = true;
    return true;
}

void tern_slot_wake(tern_endpoint *ep, uint32_t slot)
{
    tern_queue_push(&ep->ready, tern_endpoint_ready_links(ep), slot);
    tern_queue_push(&ep->news, tern_endpoint_news_links(ep), slot);
}

void tern_slot_used(tern_endpoint *ep, uint32_t slot)
{
    tern_connection_promise(&tern_endpoint_slot(ep, slot)->connection, tern_endpoint_pool(ep));
    tern_slot_wake(ep, slot);
}

void tern_slot_touch(tern_endpoint *ep, uint32_t slot)
{
    const tern_connection *c = &tern_endpoint_slot(ep, slot)->connection;
    tern_slot_used(ep, slot);
    /*= CONN-003 */
    if (c->life != TERN_LIFE_HANDSHAKE) tern_slot_settle(ep, slot);
    tern_heap_set(&ep->heap, tern_endpoint_deadlines(ep), slot, tern_connection_next_timeout(c));
}

tern_peer tern_slot_peer(const tern_endpoint *ep, uint32_t slot)
{
    return tern_endpoint_slot(ep, slot)->serial << TERN_SLOT_BITS | slot;
}

uint32_t tern_endpoint_slot_of(const tern_endpoint *ep, tern_peer peer)
{
    uint32_t slot = tern_slot_number(peer);
    if (slot >= ep->config.max_connections) return TERN_ROUTE_NONE;
    const tern_slot *s = tern_endpoint_slot(ep, slot);
    return s->used && s->serial == peer >> TERN_SLOT_BITS ? slot : TERN_ROUTE_NONE;
}
