/* SPDX-License-Identifier: MIT */
/* What the application does with the other end of a connection (tern.h: a peer). */
#include "endpoint/internal.h"

tern_connection *tern_endpoint_find(tern_endpoint *ep, tern_peer peer)
{
    uint32_t slot = tern_endpoint_slot_of(ep, peer);
    return slot == TERN_ROUTE_NONE ? NULL : &tern_endpoint_slot(ep, slot)->connection;
}

/* The connection of a peer, and what is needed to use it. */
typedef struct {
    tern_endpoint *ep;
    tern_pool *pool;
    uint32_t slot;
    tern_connection *c; /* NULL: there is none (any more), or it does not allow it */
    tern_stream *st;    /* the stream in question, NULL when it is not live */
} use;

static use use_peer(tern_endpoint *ep, tern_peer peer, bool reading)
{
    use u = { ep, tern_endpoint_pool(ep), tern_endpoint_slot_of(ep, peer), NULL, NULL };
    if (u.slot == TERN_ROUTE_NONE) return u;
    tern_connection *c = &tern_endpoint_slot(ep, u.slot)->connection;
    if (reading ? tern_connection_is_readable(c) : tern_connection_is_open(c)) u.c = c;
    return u;
}

static use use_stream(tern_node *node, tern_peer peer, uint32_t id, bool reading)
{
    use u = use_peer((tern_endpoint *)node, peer, reading);
    if (u.c != NULL) u.st = tern_streams_find(&u.c->streams, u.pool, id);
    return u;
}

static int used(const use *u, int result)
{
    tern_slot_used(u->ep, u->slot);
    return result;
}

static int woken(const use *u, int result)
{
    tern_slot_wake(u->ep, u->slot);
    return result;
}

/* What keep_bytes is worth for it now. */
static uint64_t keep_of(const use *u, uint64_t keep_bytes)
{
    return tern_connection_keep(u->c, u->pool, tern_endpoint_is_shared(u->ep), keep_bytes);
}

void tern_endpoint_close(tern_endpoint *ep, tern_time now, tern_peer peer, tern_error error, const char *reason)
{
    uint32_t slot = tern_endpoint_slot_of(ep, peer);
    if (slot == TERN_ROUTE_NONE) return;
    tern_host host = tern_endpoint_host(ep, now);
    tern_connection_close(&tern_endpoint_slot(ep, slot)->connection, &host, error, reason);
    tern_slot_touch(ep, slot);
}

void tern_endpoint_shutdown(tern_endpoint *ep, tern_time now, tern_error error, const char *reason)
{
    ep->shutting_down = true;
    for (uint32_t i = 0; i < ep->config.max_connections; i++)
        if (tern_endpoint_slot(ep, i)->used) tern_endpoint_close(ep, now, tern_slot_peer(ep, i), error, reason);
}

void tern_endpoint_close_disallowed(tern_endpoint *ep, tern_time now, const char *reason)
{
    /*= HS-064 */
    for (uint32_t i = 0; i < ep->config.max_connections; i++) {
        const tern_slot *s = tern_endpoint_slot(ep, i);
        if (!s->used || !s->connection.key_shown) continue; /* it is judged when it shows one */
        if (!s->connection.by_authority && !tern_handshake_allows(&ep->handshake, s->connection.fingerprint))
            tern_endpoint_close(ep, now, tern_slot_peer(ep, i), TERN_ACCESS_DENIED, reason);
    }
}

void tern_endpoint_renumber_authorities(tern_endpoint *ep, tern_time now, const uint8_t number[TERN_ANCHORS_MAX + 2],
                                        const char *reason)
{
    /*= HS-067 */
    for (uint32_t i = 0; i < ep->config.max_connections; i++) {
        tern_slot *s = tern_endpoint_slot(ep, i);
        if (!s->used || s->connection.by_authority == 0) continue;
        s->connection.by_authority = number[s->connection.by_authority];
        if (s->connection.by_authority == 0)
            tern_endpoint_close(ep, now, tern_slot_peer(ep, i), TERN_ACCESS_DENIED, reason);
    }
}

int tern_endpoint_message_send(tern_endpoint *ep, tern_peer peer, const tern_bytes *parts, size_t n)
{
    const use u = use_peer(ep, peer, false);
    if (u.c == NULL) return TERN_E_CLOSED;
    int result = tern_messages_send(&u.c->messages, u.pool, parts, n, keep_of(&u, ep->config.limits.message_keep));
    if (result == TERN_E_NO_MEMORY) result = TERN_E_BLOCKED;
    if (result == TERN_E_BLOCKED) u.c->messages_blocked = true;
    return woken(&u, result);
}

uint64_t tern_endpoint_message_waiting(const tern_endpoint *ep, tern_peer peer)
{
    uint32_t slot = tern_endpoint_slot_of(ep, peer);
    return slot == TERN_ROUTE_NONE ? 0 : tern_messages_waiting(&tern_endpoint_slot(ep, slot)->connection.messages);
}

tern_connection *tern_endpoint_told(tern_endpoint *ep, tern_news_kind kind)
{
    tern_connection *c = ep->told_kind == kind ? tern_endpoint_find(ep, ep->told) : NULL;
    return c != NULL && tern_connection_is_readable(c) ? c : NULL;
}

size_t tern_endpoint_message_peek(tern_endpoint *ep, uint32_t at, tern_buf out)
{
    const tern_connection *c = tern_endpoint_told(ep, TERN_NEWS_MESSAGE);
    return c == NULL ? 0 : tern_messages_peek(&c->messages, tern_endpoint_pool(ep), at, out);
}

size_t tern_endpoint_message_read(tern_endpoint *ep, tern_buf out)
{
    tern_connection *c = tern_endpoint_told(ep, TERN_NEWS_MESSAGE);
    return c == NULL ? 0 : tern_messages_read(&c->messages, tern_endpoint_pool(ep), out);
}

void tern_endpoint_message_hold(tern_endpoint *ep)
{
    tern_connection *c = tern_endpoint_told(ep, TERN_NEWS_MESSAGE);
    if (c == NULL) return;
    ep->told_kind = TERN_NEWS_NONE;
    tern_assert(c->messages.taken == 0 && tern_messages_waiting(&c->messages) > 0);
    c->messages_held = c->messages_blocked = true;
}

void tern_peer_close(tern_node *node, tern_time now, tern_peer peer, tern_error error, const char *reason)
{
    tern_endpoint_close((tern_endpoint *)node, now, peer, error, reason);
}

int tern_peer_stream_open(tern_node *node, tern_peer peer, tern_stream_kind kind, uint32_t *id)
{
    const use u = use_peer((tern_endpoint *)node, peer, false);
    if (u.c == NULL) return TERN_E_CLOSED;
    return tern_streams_open(&u.c->streams, u.pool, kind == TERN_ONE_WAY, id);
}

int tern_peer_stream_write(tern_node *node, tern_peer peer, uint32_t id, tern_bytes bytes, size_t *taken)
{
    const use u = use_stream(node, peer, id, false);
    *taken = 0;
    if (u.st == NULL) return TERN_E_CLOSED;
    uint64_t keep = keep_of(&u, u.ep->config.limits.stream_keep);
    return used(&u, tern_stream_write(&u.c->streams, u.st, u.pool, bytes, taken, keep));
}

int tern_peer_stream_read(tern_node *node, tern_peer peer, uint32_t id, tern_buf out, size_t *n, bool *fin)
{
    const use u = use_stream(node, peer, id, true);
    *n = 0;
    *fin = false;
    if (u.st == NULL) return TERN_E_CLOSED;
    int result = tern_stream_read(&u.c->streams, u.st, u.pool, out, n, fin);
    return *n > 0 || *fin ? used(&u, result) : woken(&u, result);
}

int tern_peer_stream_finish(tern_node *node, tern_peer peer, uint32_t id)
{
    const use u = use_stream(node, peer, id, false);
    if (u.st == NULL) return TERN_E_CLOSED;
    return used(&u, tern_stream_finish(&u.c->streams, u.st, u.pool));
}

int tern_peer_stream_reset(tern_node *node, tern_peer peer, uint32_t id, uint16_t code)
{
    const use u = use_stream(node, peer, id, false);
    if (u.st == NULL) return TERN_E_CLOSED;
    return used(&u, tern_stream_reset(&u.c->streams, u.st, u.pool, code));
}

int tern_peer_stream_stop(tern_node *node, tern_peer peer, uint32_t id, uint16_t code)
{
    const use u = use_stream(node, peer, id, false);
    if (u.st == NULL) return TERN_E_CLOSED;
    return used(&u, tern_stream_stop(&u.c->streams, u.st, u.pool, code));
}

int tern_peer_stream_priority(tern_node *node, tern_peer peer, uint32_t id, uint8_t urgency)
{
    const use u = use_stream(node, peer, id, false);
    if (urgency >= TERN_URGENCIES) return TERN_E_BAD_INPUT;
    if (u.st == NULL) return TERN_E_CLOSED;
    tern_stream_prioritize(&u.c->streams, u.st, u.pool, urgency);
    return used(&u, TERN_OK);
}

int tern_peer_message_send(tern_node *node, tern_time now, tern_peer peer, const tern_message_options *options,
                           const tern_bytes *parts, size_t n)
{
    const use u = use_peer((tern_endpoint *)node, peer, false);
    if (options->urgency >= TERN_URGENCIES) return TERN_E_BAD_INPUT;
    if (u.c == NULL) return TERN_E_CLOSED;
    if (!u.c->proven) return TERN_E_BLOCKED;
    if (u.c->peer_params.max_unordered == 0) return TERN_MESSAGE_TOO_LARGE;
    uint64_t keep = keep_of(&u, u.ep->config.limits.message_keep);
    tern_time deadline = options->deadline_ms == 0 ? TERN_TIME_NEVER : now + options->deadline_ms * TERN_MS;
    return woken(&u, tern_unordered_send(&u.c->unordered_out, u.pool, parts, n, keep, deadline, options->urgency));
}

size_t tern_peer_message_read(tern_node *node, tern_buf out)
{
    tern_endpoint *ep = (tern_endpoint *)node;
    tern_pool *pool = tern_endpoint_pool(ep);
    tern_connection *c = tern_endpoint_told(ep, TERN_NEWS_DATAGRAM);
    if (c != NULL) return tern_datagrams_read(&c->datagrams, pool, out);
    c = tern_endpoint_told(ep, TERN_NEWS_PEER_MESSAGE);
    return c != NULL ? tern_unordered_read(&c->unordered_in, pool, out) : 0;
}

int tern_peer_datagram_send(tern_node *node, tern_time now, tern_peer peer, tern_bytes bytes)
{
    const use u = use_peer((tern_endpoint *)node, peer, false);
    if (u.c == NULL) return TERN_E_CLOSED;
    if (!u.c->proven) return TERN_E_BLOCKED;
    return woken(&u, tern_datagrams_send(&u.c->datagrams, u.pool, now, bytes, tern_connection_datagram_room(u.c)));
}

size_t tern_peer_datagram_max(const tern_node *node, tern_peer peer)
{
    const tern_endpoint *ep = (const tern_endpoint *)node;
    uint32_t slot = tern_endpoint_slot_of(ep, peer);
    if (slot == TERN_ROUTE_NONE) return 0;
    tern_connection *c = &tern_endpoint_slot(ep, slot)->connection;
    size_t room = tern_connection_datagram_room(c);
    return c->datagrams.send_max < room ? c->datagrams.send_max : room;
}

bool tern_peer_get_info(const tern_node *node, tern_peer peer, tern_peer_info *info)
{
    const tern_endpoint *ep = (const tern_endpoint *)node;
    uint32_t slot = tern_endpoint_slot_of(ep, peer);
    if (slot == TERN_ROUTE_NONE) return false;
    const tern_connection *c = &tern_endpoint_slot(ep, slot)->connection;
    const tern_recovery *r = &c->recovery;
    *info = (tern_peer_info){
        .path = c->path,
        .datagram_bytes = r->pmtu.current,
        .smoothed_rtt_ns = r->rtt.smoothed_ns,
        .rttvar_ns = r->rtt.rttvar_ns,
        .min_rtt_ns = r->rtt.min_ns,
        .latest_rtt_ns = r->rtt.latest_ns,
        .cwnd_bytes = r->congestion.cwnd_bytes,
        .in_flight_bytes = r->congestion.in_flight_bytes,
        .congestion = r->congestion.ops->name,
        .pacing_rate = r->congestion.ops->pacing_rate(&r->congestion, &r->rtt),
        .ecn = r->marking.state == TERN_MARKING_CAPABLE,
        .ecn_ce = r->marking.told.ce,
        .ecn_ect0_received = c->acks.ect0,
        .ecn_ect1_received = c->acks.ect1,
        .ecn_ce_received = c->acks.ce,
        .delivery_rate = r->congestion.rate.last_bytes_per_second,
        .packets_sent = c->packets_sent,
        .packets_received = c->packets_received,
        .packets_lost = c->packets_lost,
        .bytes_lost = c->bytes_lost,
        .bytes_sent = c->bytes_sent,
        .bytes_received = c->bytes_received,
        .datagrams_dropped = c->datagrams.dropped,
        .key_updates = c->phases.updates,
    };
    return true;
}

void tern_node_stats(const tern_node *node, tern_stats *stats)
{
    const tern_endpoint *ep = (const tern_endpoint *)node;
    const tern_pool *pool = tern_endpoint_pool(ep);
    *stats = ep->stats;
    stats->connections = ep->in_use;
    stats->pages = pool->pages;
    stats->pages_free = pool->free;
    stats->pages_least_free = pool->least_free;
    for (uint32_t i = 0; i < ep->config.max_connections; i++) {
        const tern_slot *s = tern_endpoint_slot(ep, i);
        if (s->used) stats->packets_lost += s->connection.packets_lost;
    }
}
