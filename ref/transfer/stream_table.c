/* SPDX-License-Identifier: MIT */
/* The table of live streams: ids, limits, pages. A stream whose id is below the next one and that is not live has
 * ended. Few streams are named in the connection; of many, each is in a chain of the bucket of its id. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

#include <string.h>

#define ID_STEP     4 /* ids of one side's streams of a kind are this far apart */
#define ID_PEER     1u
#define BUCKETS     (TERN_PAGE_SIZE / sizeof(tern_page))
#define STREAMS_TOP (UINT32_C(1) << 30) /* no more ids than that */

_Static_assert(STREAMS_TOP == (UINT64_C(1) << 32) / ID_STEP, "an id is 32 bits");

void tern_streams_init(tern_streams *s, const tern_streams_config *config)
{
    uint32_t own = config->is_client ? 0 : ID_PEER, peer = ID_PEER - own;
    *s = (tern_streams){ .initial_recv = config->max_stream_data, .most_recv = config->max_stream_data };
    if (config->start > 0 && config->start < s->initial_recv) s->initial_recv = config->start;
    s->ids[0] = (tern_stream_ids){ .next_own = own, .next_peer = peer, .peer_limit = config->max_streams };
    s->ids[1] = (tern_stream_ids){ .next_own = own | TERN_STREAM_ONE_WAY,
                                   .next_peer = peer | TERN_STREAM_ONE_WAY,
                                   .peer_limit = config->max_streams_uni };
    tern_recv_credit_init(&s->recv_credit, config->max_data);
    if (config->start > 0) tern_recv_credit_start(&s->recv_credit, config->start);
}

void tern_streams_peer_params(tern_streams *s, tern_pool *pool, uint64_t max_data, uint64_t max_stream_data,
                              uint32_t max_streams, uint32_t max_streams_uni)
{
    tern_streams_on_max_data(s, pool, max_data);
    tern_streams_on_max_streams(s, false, max_streams);
    tern_streams_on_max_streams(s, true, max_streams_uni);
    s->initial_send = max_stream_data;
}

/* ---- finding ---- */

/* The head of the chain that a stream with this id is in. */
static tern_page *bucket_of(const tern_streams *s, tern_pool *pool, uint32_t id)
{
    tern_page *heads = tern_pool_at(pool, s->buckets);
    return &heads[(id / ID_STEP + id % ID_STEP * (BUCKETS / ID_STEP)) % BUCKETS];
}

tern_stream *tern_streams_find(const tern_streams *s, tern_pool *pool, uint32_t id)
{
    if (s->buckets == 0) {
        for (uint32_t i = 0; i < TERN_STREAMS_NEAR; i++)
            if (s->near[i] != 0 && s->near_id[i] == id) return tern_stream_at(pool, s->near[i]);
        return NULL;
    }
    for (tern_page at = *bucket_of(s, pool, id); at != 0;) {
        tern_stream *st = tern_stream_at(pool, at);
        if (st->id == id) return st;
        at = st->next_in_bucket;
    }
    return NULL;
}

static void chain(const tern_streams *s, tern_pool *pool, tern_stream *st)
{
    tern_page *head = bucket_of(s, pool, st->id);
    st->next_in_bucket = *head;
    *head = st->page;
}

static void unchain(const tern_streams *s, tern_pool *pool, const tern_stream *st)
{
    tern_page *at = bucket_of(s, pool, st->id);
    while (*at != st->page) at = &tern_stream_at(pool, *at)->next_in_bucket;
    *at = st->next_in_bucket;
}

static void name_near(tern_streams *s, const tern_stream *st)
{
    uint32_t i = 0;
    while (s->near[i] != 0) i++;
    s->near[i] = st->page;
    s->near_id[i] = st->id;
}

static void unname_near(tern_streams *s, const tern_stream *st)
{
    uint32_t i = 0;
    while (s->near[i] != st->page) i++;
    s->near[i] = 0;
}

/* There are more than can be named here. false without memory. */
static bool spread_out(tern_streams *s, tern_pool *pool)
{
    s->buckets = tern_pool_take(pool, TERN_FOR_RECEIVING);
    if (s->buckets == 0) return false;
    memset(tern_pool_at(pool, s->buckets), 0, TERN_PAGE_SIZE);
    for (uint32_t i = 0; i < TERN_STREAMS_NEAR; i++) {
        if (s->near[i] != 0) chain(s, pool, tern_stream_at(pool, s->near[i]));
        s->near[i] = 0;
    }
    s->pages++;
    return true;
}

/* There are few again: the page goes back. */
static void draw_near(tern_streams *s, tern_pool *pool)
{
    const tern_page *heads = tern_pool_at(pool, s->buckets);
    for (uint32_t i = 0; i < BUCKETS; i++)
        for (tern_page at = heads[i]; at != 0; at = tern_stream_at(pool, at)->next_in_bucket)
            name_near(s, tern_stream_at(pool, at));
    tern_pool_give(pool, s->buckets);
    s->buckets = 0;
    s->pages--;
}

/* ---- living and ending ---- */

static void give_pages(tern_streams *s, tern_pool *pool, tern_stream *st)
{
    for (uint32_t link = 0; link < TERN_STREAM_LINKS; link++) tern_streams_unlist(s, pool, st, (tern_stream_link)link);
    tern_send_buffer_free(&st->out, pool);
    tern_recv_buffer_free(&st->in, pool);
    s->pages -= st->pages;
    s->live--;
    if (s->buckets == 0)
        unname_near(s, st);
    else
        unchain(s, pool, st);
    tern_pool_give(pool, st->page);
    if (s->buckets != 0 && s->live <= TERN_STREAMS_NEAR / 2) draw_near(s, pool);
}

void tern_streams_free(tern_streams *s, tern_pool *pool)
{
    for (uint32_t i = 0; i < BUCKETS && s->buckets != 0; i++) {
        tern_page at;
        while (s->buckets != 0 && (at = ((const tern_page *)tern_pool_at(pool, s->buckets))[i]) != 0)
            give_pages(s, pool, tern_stream_at(pool, at));
    }
    for (uint32_t i = 0; i < TERN_STREAMS_NEAR; i++)
        if (s->near[i] != 0) give_pages(s, pool, tern_stream_at(pool, s->near[i]));
}

static tern_stream_ids *ids_of(tern_streams *s, uint32_t id)
{
    return &s->ids[(id & TERN_STREAM_ONE_WAY) != 0];
}

static bool is_own(const tern_streams *s, uint32_t id)
{
    return ((id ^ s->ids[0].next_own) & ID_PEER) == 0;
}

/* A fresh stream; false without memory. */
static bool create(tern_streams *s, tern_pool *pool, uint32_t id)
{
    if (s->buckets == 0 && s->live == TERN_STREAMS_NEAR && !spread_out(s, pool)) return false;
    tern_page page = tern_pool_take(pool, TERN_FOR_RECEIVING);
    if (page == 0) return false;
    tern_stream *st = tern_stream_at(pool, page);
    bool own = is_own(s, id), one_way = (id & TERN_STREAM_ONE_WAY) != 0;
    *st = (tern_stream){ .id = id, .page = page, .opened_by_peer = !own, .urgency = TERN_URGENCY_DEFAULT };
    if (one_way && own) st->recv_state = TERN_RECV_DATA_READ;
    if (one_way && !own) st->send_state = TERN_SEND_DATA_RECVD;
    tern_send_buffer_init(&st->out);
    tern_recv_buffer_init(&st->in);
    tern_send_credit_init(&st->send_credit, s->initial_send);
    tern_recv_credit_init(&st->recv_credit, s->most_recv);
    tern_recv_credit_start(&st->recv_credit, s->initial_recv);
    if (s->buckets == 0)
        name_near(s, st);
    else
        chain(s, pool, st);
    s->live++;
    tern_streams_relist(s, pool, st);
    return true;
}

int tern_streams_open(tern_streams *s, tern_pool *pool, bool one_way, uint32_t *id)
{
    tern_stream_ids *ids = &s->ids[one_way];
    /*= XFER-003 */
    if (ids->next_own / ID_STEP >= ids->own_limit) return TERN_E_BLOCKED;
    if (!create(s, pool, ids->next_own)) return TERN_E_NO_MEMORY;
    *id = ids->next_own;
    ids->next_own += ID_STEP;
    return TERN_OK;
}

/* Opens the peer's streams of this kind up to id. */
static int open_up_to(tern_streams *s, tern_pool *pool, uint32_t id)
{
    tern_stream_ids *ids = ids_of(s, id);
    while (ids->next_peer <= id) {
        /*= XFER-023 */
        if (!create(s, pool, ids->next_peer)) return TERN_E_NO_MEMORY;
        ids->next_peer += ID_STEP;
    }
    return TERN_OK;
}

int tern_streams_resolve(tern_streams *s, tern_pool *pool, uint32_t id, bool to_receiver, tern_stream **st)
{
    const tern_stream_ids *ids = ids_of(s, id);
    bool own = is_own(s, id);
    int result = TERN_OK;
    *st = NULL;
    /*= XFER-002 */
    if (own && id >= ids->next_own) return TERN_STREAM_STATE_ERROR;
    /*= XFER-030 */
    if ((id & TERN_STREAM_ONE_WAY) != 0 && own == to_receiver) return TERN_STREAM_STATE_ERROR;
    if (!own) {
        /*= XFER-003 */
        if (id / ID_STEP >= ids->peer_limit) return TERN_STREAM_LIMIT_ERROR;
        result = open_up_to(s, pool, id);
    }
    if (result == TERN_OK) *st = tern_streams_find(s, pool, id);
    return result;
}

void tern_streams_on_max_data(tern_streams *s, tern_pool *pool, uint64_t limit)
{
    tern_send_credit_raise(&s->send_credit, limit);
    tern_streams_relist_data(s, pool);
}

void tern_streams_on_max_streams(tern_streams *s, bool one_way, uint32_t limit)
{
    tern_stream_ids *ids = &s->ids[one_way];
    if (limit > STREAMS_TOP - 1) limit = STREAMS_TOP - 1;
    /*= XFER-021 */
    if (limit > ids->own_limit) ids->own_limit = limit;
}

static bool is_finished(const tern_stream *st)
{
    return (st->send_state == TERN_SEND_DATA_RECVD || st->send_state == TERN_SEND_RESET_RECVD) &&
           (st->recv_state == TERN_RECV_DATA_READ || st->recv_state == TERN_RECV_RESET_READ) && !st->stopped;
}

void tern_streams_tidy(tern_streams *s, tern_pool *pool, tern_stream *st)
{
    if (st->stop_asked && tern_stream_is_receiving(st)) {
        uint64_t n = tern_recv_buffer_readable(&st->in);
        tern_recv_buffer_skip(&st->in, pool, n);
        tern_stream_consume(s, st, n);
        if (tern_stream_at_end(st)) (void)tern_stream_recv_step(st, TERN_RECV_EV_ALL_READ);
    }
    if (!is_finished(st)) {
        tern_streams_relist(s, pool, st);
        return;
    }
    tern_stream_ids *ids = ids_of(s, st->id);
    if (st->opened_by_peer && ids->peer_limit < STREAMS_TOP - 1) {
        /*= XFER-003 */
        ids->peer_limit++;
        ids->limit_owed = true;
    }
    give_pages(s, pool, st);
}
