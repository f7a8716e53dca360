/* SPDX-License-Identifier: MIT */
/* The table of live streams: ids, limits, pages. A stream whose id is below the next one and that is not live has
 * ended. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

#include <string.h>

#define ID_STEP     4 /* ids of one side's streams of a kind are this far apart */
#define ID_PEER     1u
#define STREAMS_TOP (UINT32_C(1) << 30) /* no more ids than that */

_Static_assert(STREAMS_TOP == (UINT64_C(1) << 32) / ID_STEP, "an id is 32 bits");

void tern_streams_init(tern_streams *s, const tern_streams_config *config)
{
    uint32_t own = config->is_client ? 0 : ID_PEER, peer = ID_PEER - own;
    *s = (tern_streams){ .initial_recv = config->max_stream_data,
                         .most_recv = config->max_stream_data,
                         .may_open = UINT32_MAX };
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

/* ---- finding: a digital search tree ---- */

/* What names the stream with this id, or would: 0 then. Below a stream that it passes the next bit of the id says which
 * way, so that no choice of ids makes a way longer than an id has bits. Ids of one kind differ in their low bits first.
 */
static tern_page *place_of(tern_page *root, tern_pool *pool, uint32_t id)
{
    uint32_t bits = id / ID_STEP | id % ID_STEP << 30;
    tern_page *at = root;
    for (; *at != 0; bits >>= 1) {
        tern_stream *st = tern_stream_at(pool, *at);
        if (st->id == id) break;
        at = &st->below[bits & 1];
    }
    return at;
}

tern_stream *tern_streams_find(const tern_streams *s, tern_pool *pool, uint32_t id)
{
    tern_page root = s->root;
    tern_page *at = place_of(&root, pool, id);
    return *at != 0 ? tern_stream_at(pool, *at) : NULL;
}

static void place(tern_streams *s, tern_pool *pool, const tern_stream *st)
{
    *place_of(&s->root, pool, st->id) = st->page;
}

/* Any stream at an end below it can stand in its place. */
static void displace(tern_streams *s, tern_pool *pool, const tern_stream *st)
{
    tern_page *at = place_of(&s->root, pool, st->id), *end = at;
    tern_stream *last = tern_stream_at(pool, *end);
    while (last->below[0] != 0 || last->below[1] != 0) {
        end = &last->below[last->below[0] == 0];
        last = tern_stream_at(pool, *end);
    }
    *end = 0;
    if (last == st) return;
    memcpy(last->below, st->below, sizeof last->below);
    *at = last->page;
}

/* ---- living and ending ---- */

static void give_pages(tern_streams *s, tern_pool *pool, tern_stream *st)
{
    for (uint32_t link = 0; link < TERN_STREAM_LINKS; link++) tern_streams_unlist(s, pool, st, (tern_stream_link)link);
    tern_send_buffer_free(&st->out, pool);
    tern_recv_buffer_free(&st->in, pool);
    s->pages -= 1 + st->in_pages + st->out_pages;
    s->live--;
    displace(s, pool, st);
    tern_pool_give(pool, st->page);
}

void tern_streams_free(tern_streams *s, tern_pool *pool)
{
    while (s->root != 0) give_pages(s, pool, tern_stream_at(pool, s->root));
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
    tern_page page = tern_pool_take(pool, TERN_FOR_RECEIVING);
    if (page == 0) return false;
    tern_stream *st = tern_stream_at(pool, page);
    bool own = is_own(s, id), one_way = (id & TERN_STREAM_ONE_WAY) != 0;
    *st = (tern_stream){ .id = id, .page = page, .opened_by_peer = !own, .urgency = TERN_URGENCY_DEFAULT };
    for (uint32_t link = 0; link < TERN_STREAM_LINKS; link++) st->place[link].list = TERN_LISTS;
    if (one_way && own) st->recv_state = TERN_RECV_DATA_READ;
    if (one_way && !own) st->send_state = TERN_SEND_DATA_RECVD;
    tern_send_buffer_init(&st->out);
    tern_recv_buffer_init(&st->in);
    tern_send_credit_init(&st->send_credit, s->initial_send);
    tern_recv_credit_init(&st->recv_credit, s->most_recv);
    tern_recv_credit_start(&st->recv_credit, s->initial_recv);
    place(s, pool, st);
    s->live++;
    s->pages++;
    tern_streams_relist(s, pool, st, TERN_STREAM_IN | TERN_STREAM_OUT);
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
        /*= XFER-023 XFER-025 */
        if (s->may_open == 0 || !create(s, pool, ids->next_peer)) return TERN_E_NO_MEMORY;
        ids->next_peer += ID_STEP;
        s->may_open--;
    }
    return TERN_OK;
}

int tern_streams_resolve(tern_streams *s, tern_pool *pool, uint32_t id, bool to_receiver, tern_stream **st)
{
    const tern_stream_ids *ids = ids_of(s, id);
    bool own = is_own(s, id);
    *st = tern_streams_find(s, pool, id);
    /*= XFER-030 */
    if ((id & TERN_STREAM_ONE_WAY) != 0 && own == to_receiver) return TERN_STREAM_STATE_ERROR;
    if (*st != NULL) return TERN_OK;
    /*= XFER-002 */
    if (own) return id >= ids->next_own ? TERN_STREAM_STATE_ERROR : TERN_OK;
    /*= XFER-003 */
    if (id / ID_STEP >= ids->peer_limit) return TERN_STREAM_LIMIT_ERROR;
    int result = open_up_to(s, pool, id);
    if (result == TERN_OK) *st = tern_streams_find(s, pool, id);
    return result;
}

void tern_streams_on_max_data(tern_streams *s, tern_pool *pool, uint64_t limit)
{
    uint64_t before = s->send_credit.limit;
    tern_send_credit_raise(&s->send_credit, limit);
    if (s->send_credit.limit > before) tern_streams_relist_data(s, pool);
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

static void end(tern_streams *s, tern_pool *pool, tern_stream *st)
{
    tern_stream_ids *ids = ids_of(s, st->id);
    if (st->opened_by_peer && ids->peer_limit < STREAMS_TOP - 1) {
        /*= XFER-003 */
        ids->peer_limit++;
        ids->limit_owed = true;
    }
    give_pages(s, pool, st);
}

void tern_streams_tidy(tern_streams *s, tern_pool *pool, tern_stream *st, unsigned changed)
{
    if (is_finished(st))
        end(s, pool, st);
    else
        tern_streams_relist(s, pool, st, changed);
}
