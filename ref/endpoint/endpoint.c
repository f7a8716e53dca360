/* SPDX-License-Identifier: MIT */
/* The endpoint's memory, and a datagram's first step: which connection is it for (spec: connection). */
#include "endpoint/internal.h"

#include "crypto/ct.h"

#include <string.h>

static size_t aligned(size_t n)
{
    return (n + 15) & ~(size_t)15;
}

typedef struct {
    size_t slots, routes, origins, ready, news, heap, tickets, strangers, pool, total;
} layout;

static size_t tickets_size(const tern_endpoint_config *config)
{
    return config->is_client ? sizeof(tern_taken_ticket) : tern_tickets_footprint(&config->tickets);
}

/* The one place that says how long each part is. */
static layout lay_out(const tern_endpoint_config *config)
{
    layout l;
    size_t n = config->max_connections;
    l.slots = 0;
    l.routes = l.slots + aligned(n * sizeof(tern_slot));
    l.origins = l.routes + aligned(tern_routes_size(config->max_connections) * sizeof(tern_route));
    l.ready = l.origins + aligned(n * sizeof(tern_origin));
    l.news = l.ready + aligned(n * sizeof(tern_queue_link));
    l.heap = l.news + aligned(n * sizeof(tern_queue_link));
    l.tickets = l.heap + aligned(n * sizeof(tern_heap_entry));
    l.strangers = l.tickets + aligned(tickets_size(config));
    l.pool = l.strangers + (config->is_client ? 0 : aligned(sizeof(tern_strangers)));
    l.total = l.pool + aligned(tern_pool_footprint(config->pages));
    return l;
}

size_t tern_endpoint_area(const tern_endpoint_config *config)
{
    return lay_out(config).total;
}

static void init_slots(tern_endpoint *ep)
{
    uint32_t n = ep->config.max_connections;
    ep->free_slot = 1;
    for (uint32_t i = 0; i < n; i++) {
        tern_slot *s = tern_endpoint_slot(ep, i);
        s->used = s->routed = s->half_open = false;
        s->next = i + 1 < n ? i + 2 : 0;
    }
}

static void init_strangers(tern_endpoint *ep, const uint8_t cookies[TERN_SECRET_SIZE])
{
    tern_strangers *s = tern_endpoint_strangers(ep);
    tern_resets_init(&s->resets, 0);
    tern_versions_init(&s->versions, 0);
    tern_entry_init(&s->entry, cookies, ep->config.always_retry, ep->config.retry_above);
}

void tern_endpoint_init(tern_endpoint *ep, size_t area_at, const tern_endpoint_config *config,
                        const uint8_t seed[TERN_SEED_SIZE])
{
    static const char purpose[] = "tern endpoint";
    layout l = lay_out(config);
    uint64_t secret[2];
    uint8_t cookies[TERN_SECRET_SIZE];
    memset(ep, 0, sizeof *ep);
    ep->config = *config;
    ep->slots_at = area_at + l.slots;
    ep->route_entries_at = area_at + l.routes;
    ep->origins_at = area_at + l.origins;
    ep->queue_links_at = area_at + l.ready;
    ep->news_links_at = area_at + l.news;
    ep->heap_at = area_at + l.heap;
    ep->tickets_at = area_at + l.tickets;
    ep->strangers_at = area_at + l.strangers;
    ep->pool_at = area_at + l.pool;
    ep->next_serial = config->is_client ? 0 : 1;
    tern_drbg_init(&ep->drbg, seed, tern_bytes_of(purpose, sizeof purpose - 1));
    secret[0] = tern_drbg_u64(&ep->drbg);
    secret[1] = tern_drbg_u64(&ep->drbg);
    tern_routes_init(&ep->routes, tern_endpoint_routes(ep), tern_routes_size(config->max_connections), secret);
    tern_origins_init(&ep->origins, tern_endpoint_origins(ep), config->max_connections, secret);
    tern_queue_init(&ep->ready, tern_endpoint_ready_links(ep), config->max_connections);
    tern_queue_init(&ep->news, tern_endpoint_news_links(ep), config->max_connections);
    tern_heap_init(&ep->heap, tern_endpoint_deadlines(ep), config->max_connections);
    tern_pool_init(tern_endpoint_pool(ep), config->pages);
    tern_drbg_bytes(&ep->drbg, (tern_buf){ ep->reset_secret, sizeof ep->reset_secret });
    tern_drbg_bytes(&ep->drbg, (tern_buf){ cookies, sizeof cookies });
    if (config->is_client) {
        *tern_endpoint_taken(ep) = (tern_taken_ticket){ 0 };
    } else {
        init_strangers(ep, cookies);
        tern_tickets_init(tern_endpoint_tickets(ep), &config->tickets, &ep->drbg);
    }
    tern_wipe(cookies, sizeof cookies);
    init_slots(ep);
}

tern_tickets *tern_endpoint_tickets(const tern_endpoint *ep)
{
    return tern_endpoint_part(ep, ep->tickets_at);
}

tern_host tern_endpoint_host(tern_endpoint *ep, tern_time now)
{
    return (tern_host){
        .pool = tern_endpoint_pool(ep),
        .drbg = &ep->drbg,
        .handshake = &ep->handshake,
        .shared = tern_endpoint_is_shared(ep),
        .limits = &ep->config.limits,
        .reset_secret = ep->reset_secret,
        .taken = ep->config.is_client ? tern_endpoint_taken(ep) : NULL,
        .tickets = ep->config.tickets.lifetime_s > 0 ? tern_endpoint_tickets(ep) : NULL,
        .unix_seconds = ep->config.unix_seconds_at_0 + now / TERN_SECOND,
        .now = now,
    };
}

int tern_endpoint_connect(tern_endpoint *ep, tern_time now, const tern_path *path)
{
    tern_host host = tern_endpoint_host(ep, now);
    uint32_t slot = tern_slot_take(ep, &path->remote);
    if (slot == TERN_ROUTE_NONE) return TERN_E_NO_MEMORY;
    int result = tern_connection_connect(&tern_endpoint_slot(ep, slot)->connection, &host, path);
    if (result != TERN_OK) {
        tern_slot_give(ep, slot);
        return result;
    }
    (void)tern_slot_route(ep, slot); /* the table is empty: it has room */
    tern_slot_touch(ep, slot);
    return TERN_OK;
}

void tern_endpoint_too_big(tern_endpoint *ep, tern_time now, const tern_path *path, const tern_too_big *what)
{
    uint32_t bytes = what->bytes < UINT16_MAX ? (uint32_t)what->bytes : UINT16_MAX;
    uint32_t most = what->most < UINT16_MAX ? (uint32_t)what->most : UINT16_MAX;
    (void)now;
    for (uint32_t i = 0; i < ep->config.max_connections && ep->in_use > 0; i++) {
        tern_slot *s = tern_endpoint_slot(ep, i);
        if (!s->used || !tern_addr_equal(&s->connection.path.remote, &path->remote)) continue;
        if (tern_pmtu_told(&s->connection.recovery.pmtu, bytes, most)) tern_slot_touch(ep, i);
    }
}

int tern_endpoint_migrate(tern_endpoint *ep, tern_time now, const tern_path *path)
{
    tern_host host = tern_endpoint_host(ep, now);
    tern_slot *s = tern_endpoint_slot(ep, 0);
    if (!s->used) return TERN_E_CLOSED;
    int result = tern_connection_migrate(&s->connection, &host, path);
    tern_slot_touch(ep, 0);
    return result;
}

/* The SYN may make a connection. */
static int admit(tern_endpoint *ep, tern_time now, const tern_path *path, const tern_syn *syn, bool proven)
{
    tern_host host = tern_endpoint_host(ep, now);
    tern_cid sid;
    uint32_t slot = tern_slot_take(ep, &path->remote);
    if (slot == TERN_ROUTE_NONE) return TERN_DROP_BUSY;
    tern_drbg_bytes(&ep->drbg, (tern_buf){ sid.b, sizeof sid.b });
    tern_connection *c = &tern_endpoint_slot(ep, slot)->connection;
    memset(c, 0, sizeof *c);
    int drop = tern_connection_accept(c, &host, path, syn, &sid, proven);
    if (drop == TERN_DROP_NONE && !tern_slot_route(ep, slot)) drop = TERN_DROP_BUSY;
    if (drop != TERN_DROP_NONE)
        tern_slot_give(ep, slot);
    else
        tern_slot_touch(ep, slot);
    return drop;
}

/* A place in HANDSHAKE and a slot for it. */
static bool has_room(const tern_endpoint *ep)
{
    /*= CONN-003 */
    return ep->half_open <= ep->config.max_connections / 2 && ep->free_slot != 0;
}

static void push_oldest(tern_endpoint *ep, tern_time now, const tern_origin *from)
{
    tern_host host = tern_endpoint_host(ep, now);
    tern_slot_push_out(ep, &host, from->oldest - 1);
}

/* Who has proven its address takes the place of somebody half open: of its own origin when that has all that one may
 * have, else of the origin that has most, and at least two more than the one that comes. A tern_drop. */
static int make_room(tern_endpoint *ep, tern_time now, const tern_path *path)
{
    const tern_origin *origins = tern_endpoint_origins(ep);
    uint32_t own = tern_origins_find(&ep->origins, origins, &path->remote), most;
    uint32_t all = own == TERN_ORIGIN_NONE ? 0 : origins[own].all, half = all == 0 ? 0 : origins[own].half_open;
    /*= CONN-069 */
    if (all >= ep->config.max_per_origin) {
        if (half == 0) return TERN_DROP_ADDRESS;
        push_oldest(ep, now, &origins[own]);
    }
    if (has_room(ep)) return TERN_DROP_NONE;
    /*= CONN-068 */
    most = tern_origins_fullest(&ep->origins, origins);
    if (most == TERN_ORIGIN_NONE || origins[most].half_open < half + 2) return TERN_DROP_BUSY;
    push_oldest(ep, now, &origins[most]);
    return has_room(ep) ? TERN_DROP_NONE : TERN_DROP_BUSY;
}

/* Whether it may come in only when somebody else goes, so that its address must be proven. */
static bool is_tight(const tern_endpoint *ep, const tern_path *path)
{
    const tern_origin *origins = tern_endpoint_origins(ep);
    uint32_t own = tern_origins_find(&ep->origins, origins, &path->remote);
    return !has_room(ep) || (own != TERN_ORIGIN_NONE && origins[own].all >= ep->config.max_per_origin);
}

/* A SYN that no connection knows. Half the slots and one more may be in HANDSHAKE (CONN-003), and a quarter of them
 * without a cookie (CONN-064). */
static int take_syn(tern_endpoint *ep, tern_time now, const tern_path *path, const tern_header *header,
                    tern_buf datagram)
{
    uint32_t slots = ep->config.max_connections;
    tern_syn syn;
    bool proven;
    if (ep->config.is_client) return TERN_DROP_UNEXPECTED;
    if (ep->shutting_down || (ep->half_open == 0 && !has_room(ep))) return TERN_DROP_BUSY; /* nobody would go */
    int drop = tern_connection_open_syn(header, datagram, &syn);
    if (drop != TERN_DROP_NONE) return drop;
    /*= HS-002 CONN-065 */
    if (!tern_handshake_has_suite(&ep->handshake, &syn.hello)) {
        tern_versions_owe(&tern_endpoint_strangers(ep)->versions, now, path, header);
        return TERN_DROP_HELLO;
    }
    /*= CONN-064 */
    bool crowded = ep->half_open > slots / 4 || is_tight(ep, path);
    drop = tern_entry_judge(&tern_endpoint_strangers(ep)->entry, now, path, &syn, crowded, &proven);
    if (drop == TERN_DROP_NONE) drop = make_room(ep, now, path);
    return drop == TERN_DROP_NONE ? admit(ep, now, path, &syn, proven) : drop;
}

static uint32_t find_slot(const tern_endpoint *ep, const tern_path *path, const tern_header *header)
{
    const tern_route *entries = tern_endpoint_routes(ep);
    /*= WIRE-075 */
    bool to_first = header->type == TERN_PACKET_SYN || header->type == TERN_PACKET_EARLY;
    uint64_t key = to_first ? tern_route_of_first(&ep->routes, &header->to, &path->remote)
                            : tern_route_of_cid(&ep->routes, &header->to);
    uint32_t slot = tern_routes_find(&ep->routes, entries, key);
    if (slot == TERN_ROUTE_NONE) return slot;
    const tern_connection *c = &tern_endpoint_slot(ep, slot)->connection;
    bool its = to_first ? tern_cid_equal(&c->first_sid, &header->to) : tern_ids_is_own(&c->ids, &header->to);
    return its ? slot : TERN_ROUTE_NONE;
}

/* A RESET names an id of ours at the sender's: only a client knows whose, as it has one connection alone. */
static int take_reset(tern_endpoint *ep, tern_time now, const tern_path *path, const tern_header *header)
{
    tern_host host = tern_endpoint_host(ep, now);
    /*= CONN-052 */
    if (!ep->config.is_client) return TERN_DROP_UNEXPECTED;
    if (!tern_endpoint_slot(ep, 0)->used) return TERN_DROP_UNKNOWN_CID;
    int drop = tern_connection_on_reset(&tern_endpoint_slot(ep, 0)->connection, &host, path, header);
    tern_slot_touch(ep, 0);
    return drop;
}

/* RETRY and VERSION are for a client, which has one connection alone, and answer nothing but its SYN. */
static int take_answer(tern_endpoint *ep, tern_time now, const tern_path *path, const tern_header *header,
                       tern_buf datagram)
{
    tern_host host = tern_endpoint_host(ep, now);
    tern_connection *c = &tern_endpoint_slot(ep, 0)->connection;
    if (!ep->config.is_client) return TERN_DROP_UNEXPECTED;
    if (!tern_endpoint_slot(ep, 0)->used) return TERN_DROP_UNKNOWN_CID;
    int drop = header->type == TERN_PACKET_RETRY
                   ? tern_connection_on_retry(c, &host, path, header, datagram)
                   : tern_connection_on_version(c, &host, path, header, tern_bytes_of(datagram.p, datagram.n));
    tern_slot_touch(ep, 0);
    return drop;
}

/* A datagram that belongs to no connection. */
static int take_stray(tern_endpoint *ep, tern_time now, const tern_path *path, const tern_header *header,
                      tern_buf datagram)
{
    if (header->type == TERN_PACKET_SYN) return take_syn(ep, now, path, header, datagram);
    /*= CONN-050 */
    if (header->type == TERN_PACKET_DATA && !ep->config.is_client)
        tern_resets_owe(&tern_endpoint_strangers(ep)->resets, now, path, &header->to, datagram.n);
    return TERN_DROP_UNKNOWN_CID;
}

static int dispatch(tern_endpoint *ep, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn mark)
{
    tern_header header;
    int drop = tern_header_parse(tern_bytes_of(datagram.p, datagram.n), &header);
    bool syn = header.type == TERN_PACKET_SYN;
    /*= CONN-065 CONN-066 WIRE-074 */
    if (drop == TERN_DROP_VERSION && syn && datagram.n >= TERN_DATAGRAM_MIN && !ep->config.is_client)
        tern_versions_owe(&tern_endpoint_strangers(ep)->versions, now, path, &header);
    if (drop != TERN_DROP_NONE) return drop;
    /*= WIRE-004 */
    if (syn && datagram.n < TERN_DATAGRAM_MIN) return TERN_DROP_SYN_SIZE;
    if (header.type == TERN_PACKET_RESET) return take_reset(ep, now, path, &header);
    if (header.type == TERN_PACKET_RETRY || header.type == TERN_PACKET_VERSION)
        return take_answer(ep, now, path, &header, datagram);
    uint32_t slot = find_slot(ep, path, &header);
    if (slot == TERN_ROUTE_NONE) return take_stray(ep, now, path, &header, datagram);
    tern_host host = tern_endpoint_host(ep, now);
    host.mark = mark;
    host.from = path;
    host.datagram_bytes = datagram.n;
    tern_connection *c = &tern_endpoint_slot(ep, slot)->connection;
    const uint32_t drawn = c->ids.next_sequence;
    drop = tern_connection_recv(c, &host, path, &header, datagram);
    if (c->ids.next_sequence != drawn) tern_slot_reroute(ep, slot);
    tern_slot_touch(ep, slot);
    return drop;
}

int tern_endpoint_recv(tern_endpoint *ep, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn)
{
    ep->stats.packets_received++;
    ep->stats.bytes_received += datagram.n;
    int drop = dispatch(ep, now, path, datagram, ecn);
    /*= CONN-024 */
    if (drop != TERN_DROP_NONE) ep->stats.drops[drop]++;
    return drop;
}

/* As many datagrams of one connection as fit into b, which is empty: equal in size, the last may be shorter. false:
 * there was none to send. */
static bool fill(tern_connection *c, tern_host *host, tern_buf out, tern_batch *b)
{
    /*= REC-046 */
    host->marks = c->confirmed && tern_recovery_marks(&c->recovery);
    b->segment = b->total = tern_connection_send_aside(c, host, out, &b->path);
    b->count = b->total > 0;
    if (b->count == 0) {
        size_t n, most = out.n, least = TERN_DATAGRAM_MIN;
        while (out.n - b->total >= least) {
            n = tern_connection_send(c, host, (tern_buf){ out.p + b->total, most });
            if (n == 0) break;
            if (b->count++ == 0) b->segment = most = least = n;
            b->total += n;
            /* Behind a short one all would be cut to its size; a probe travels alone, since it may be refused. */
            if (n < c->recovery.congestion.datagram_bytes || n > c->recovery.pmtu.current) break;
        }
        if (b->count == 0) return false;
        b->path = c->path;
    }
    b->ecn = host->marks ? TERN_ECN_ECT0 : TERN_ECN_NOT_ECT;
    return true;
}

/* One answer to a stranger, when one is owed: a stateless reset, RETRY or VERSION. */
static bool fill_stateless(tern_endpoint *ep, tern_time now, tern_buf out, tern_batch *b)
{
    if (ep->config.is_client) return false;
    tern_strangers *s = tern_endpoint_strangers(ep);
    if (s->resets.n + s->entry.n + s->versions.n == 0) return false;
    b->total = tern_resets_take(&s->resets, ep->reset_secret, out, &b->path);
    if (b->total == 0) b->total = tern_entry_take(&s->entry, now, out, &b->path);
    if (b->total == 0) b->total = tern_versions_take(&s->versions, &ep->handshake, &ep->drbg, out, &b->path);
    b->segment = b->total;
    b->count = b->total > 0;
    return b->count > 0;
}

/* What the next connection has to send that waits for its turn. */
static bool fill_next(tern_endpoint *ep, tern_time now, tern_buf out, tern_batch *b)
{
    tern_queue_link *links = tern_endpoint_ready_links(ep);
    uint32_t slot = tern_queue_pop(&ep->ready, links);
    if (slot == TERN_QUEUE_EMPTY) return false;
    tern_host host = tern_endpoint_host(ep, now);
    for (; slot != TERN_QUEUE_EMPTY; slot = tern_queue_pop(&ep->ready, links)) {
        tern_slot *s = tern_endpoint_slot(ep, slot);
        if (!s->used) continue;
        bool some = fill(&s->connection, &host, out, b);
        tern_connection_arm(&s->connection, &host);
        tern_heap_set(&ep->heap, tern_endpoint_deadlines(ep), slot, tern_connection_next_timeout(&s->connection));
        if (!some) continue;
        tern_queue_push(&ep->ready, links, slot); /* it may have more: behind the others */
        return true;
    }
    return false;
}

tern_batch tern_endpoint_send(tern_endpoint *ep, tern_time now, tern_buf out)
{
    tern_batch b = { .ecn = TERN_ECN_NOT_ECT };
    if (!fill_stateless(ep, now, out, &b) && !fill_next(ep, now, out, &b)) return b;
    ep->stats.packets_sent += b.count;
    ep->stats.bytes_sent += b.total;
    return b;
}

tern_time tern_endpoint_next_timeout(const tern_endpoint *ep)
{
    return tern_heap_next(&ep->heap, tern_endpoint_deadlines(ep));
}

void tern_endpoint_on_timeout(tern_endpoint *ep, tern_time now)
{
    tern_heap_entry *deadlines = tern_endpoint_deadlines(ep);
    tern_host host = tern_endpoint_host(ep, now);
    while (tern_heap_next(&ep->heap, deadlines) <= now) {
        uint32_t slot = tern_heap_next_slot(&ep->heap, deadlines);
        tern_connection_on_timeout(&tern_endpoint_slot(ep, slot)->connection, &host);
        tern_slot_touch(ep, slot);
    }
}
