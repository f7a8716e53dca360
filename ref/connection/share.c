/* SPDX-License-Identifier: MIT */
/* One connection's share of the memory that all connections of an endpoint draw from (XFER-025): as much as is free for
 * the others. However many peers hoard, the next one finds as much as each of them has. */
#include "connection/internal.h"

#define LEAST_PAGES 8         /* every connection may hold these */
#define FRONT_PART  8         /* of the pool: what not even bytes in front may take beyond a share */
#define LEAST_KEEP  (1 << 16) /* bytes that may wait to be sent beyond its share, of a stream or of messages */

static uint32_t pages_held(const tern_connection *c, tern_pool *pool)
{
    return c->recovery.sent.records.pages + c->acks.seen.leaves + tern_recv_buffer_pages(&c->messages.in) +
           tern_send_buffer_pages(&c->messages.out) + c->streams.pages +
           tern_unordered_out_pages(&c->unordered_out, pool) + tern_unordered_in_pages(&c->unordered_in, pool) +
           tern_datagrams_pages(&c->datagrams, pool);
}

/* Whether it may hold more pages. */
static bool has_share(const tern_connection *c, tern_pool *pool, bool shared)
{
    if (!shared || pool->free >= pool->pages / 2) return true; /* nobody can hold more than what is free yet */
    uint32_t held = pages_held(c, pool);
    /*= XFER-025 CONN-026 */
    return held <= LEAST_PAGES || held < pool->free;
}

static uint32_t less(uint32_t from, uint32_t n)
{
    return from > n ? from - n : 0;
}

uint32_t tern_connection_may_take(const tern_connection *c, const tern_host *host)
{
    const tern_pool *pool = host->pool;
    if (!host->shared) return UINT32_MAX;
    uint32_t held = pages_held(c, host->pool), least = less(LEAST_PAGES, held);
    uint32_t spare = less(pool->free, pool->pages / 2), half = less(pool->free, held) / 2;
    /*= XFER-025 */
    if (spare > half) half = spare;
    return half > least ? half : least;
}

bool tern_connection_may_hold(const tern_connection *c, const tern_host *host, bool front)
{
    return has_share(c, host->pool, host->shared) || (front && host->pool->free > host->pool->pages / FRONT_PART);
}

bool tern_connection_may_receive(const tern_connection *c, const tern_host *host, const tern_recv_buffer *in,
                                 uint64_t offset)
{
    /* What comes next in order is let in beyond the share. */
    return tern_connection_may_hold(c, host, tern_recv_buffer_is_front(in, offset));
}

/* What the peer may still send; its streams, no more than their connection. */
static uint64_t promised_to_peer(const tern_connection *c)
{
    if (!tern_connection_is_open(c) || c->let_go) return 0;
    return tern_recv_credit_promised(&c->streams.recv_credit) + tern_recv_credit_promised(&c->messages.recv_credit) +
           tern_recv_credit_promised(&c->unordered_in.credit);
}

void tern_connection_promise(tern_connection *c, tern_pool *pool)
{
    uint64_t is = promised_to_peer(c);
    tern_pool_promise(pool, c->promised, is);
    c->promised = is;
}

tern_tuning tern_connection_tuning(const tern_connection *c, const tern_host *host)
{
    uint64_t room = tern_pool_unpromised(host->pool);
    /*= XFER-025 XFER-032 */
    if (host->shared) room = room > c->promised ? (room - c->promised) / 2 : 0; /* as much is left as it then has */
    return (tern_tuning){ .now = host->now, .rtt_ns = c->recovery.rtt.smoothed_ns, .room = room };
}

uint64_t tern_connection_keep(const tern_connection *c, tern_pool *pool, bool shared, uint64_t keep_bytes)
{
    if (has_share(c, pool, shared) || keep_bytes < LEAST_KEEP) return keep_bytes;
    return LEAST_KEEP;
}
