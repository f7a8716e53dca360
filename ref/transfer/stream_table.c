/* SPDX-License-Identifier: MIT */
/* The table of live streams: ids, limits, pages. A stream whose id is below the next one and that is not live has
 * ended. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

#define ID_STEP     4 /* ids of one side's streams are this far apart */
#define ID_PEER     1u
#define ID_ONE_WAY  2u
#define STREAMS_TOP (UINT32_C(1) << 30) /* no more ids than that */

_Static_assert(STREAMS_TOP == (UINT64_C(1) << 32) / ID_STEP, "an id is 32 bits");

void tern_streams_init(tern_streams *s, bool is_client, uint64_t max_data, uint64_t max_stream_data,
                       uint32_t max_streams)
{
    tern_assert(max_streams <= TERN_STREAMS_MAX);
    *s = (tern_streams){ .next_own = is_client ? 0 : ID_PEER,
                         .next_peer = is_client ? ID_PEER : 0,
                         .peer_limit = max_streams,
                         .initial_recv = max_stream_data };
    tern_recv_credit_init(&s->recv_credit, max_data);
}

void tern_streams_peer_params(tern_streams *s, uint64_t max_data, uint64_t max_stream_data, uint32_t max_streams)
{
    tern_streams_on_max_data(s, max_data);
    tern_streams_on_max_streams(s, max_streams);
    s->initial_send = max_stream_data;
}

tern_stream *tern_streams_at(const tern_streams *s, tern_pool *pool, uint32_t slot)
{
    return s->page[slot] != 0 ? (tern_stream *)tern_pool_at(pool, s->page[slot]) : NULL;
}

/* TERN_STREAMS_MAX when it is not live. */
static uint32_t slot_of(const tern_streams *s, uint32_t id)
{
    uint32_t slot = 0;
    while (slot < TERN_STREAMS_MAX && (s->page[slot] == 0 || s->id[slot] != id)) slot++;
    return slot;
}

static uint32_t free_slot(const tern_streams *s)
{
    uint32_t slot = 0;
    while (slot < TERN_STREAMS_MAX && s->page[slot] != 0) slot++;
    return slot;
}

static void give_pages(tern_streams *s, tern_pool *pool, uint32_t slot)
{
    tern_stream *st = tern_streams_at(s, pool, slot);
    if (st == NULL) return;
    tern_send_buffer_free(&st->out, pool);
    tern_recv_buffer_free(&st->in, pool);
    tern_pool_give(pool, s->page[slot]);
    s->page[slot] = 0;
}

void tern_streams_free(tern_streams *s, tern_pool *pool)
{
    for (uint32_t slot = 0; slot < TERN_STREAMS_MAX; slot++) give_pages(s, pool, slot);
}

tern_stream *tern_streams_find(const tern_streams *s, tern_pool *pool, uint32_t id)
{
    uint32_t slot = slot_of(s, id);
    return slot < TERN_STREAMS_MAX ? tern_streams_at(s, pool, slot) : NULL;
}

static bool is_own(const tern_streams *s, uint32_t id)
{
    return ((id ^ s->next_own) & ID_PEER) == 0;
}

/* A fresh stream in a slot that is free; false without memory. */
static bool create(tern_streams *s, tern_pool *pool, uint32_t slot, uint32_t id)
{
    tern_page page = tern_pool_take(pool, TERN_FOR_RECEIVING);
    if (page == 0) return false;
    tern_stream *st = tern_pool_at(pool, page);
    *st = (tern_stream){ .id = id, .opened_by_peer = !is_own(s, id) };
    tern_send_buffer_init(&st->out);
    tern_recv_buffer_init(&st->in);
    tern_send_credit_init(&st->send_credit, s->initial_send);
    tern_recv_credit_init(&st->recv_credit, s->initial_recv);
    s->page[slot] = page;
    s->id[slot] = id;
    return true;
}

int tern_streams_open(tern_streams *s, tern_pool *pool, uint32_t *id)
{
    uint32_t slot = free_slot(s);
    /*= XFER-003 */
    if (s->next_own / ID_STEP >= s->own_limit || slot == TERN_STREAMS_MAX) return TERN_E_BLOCKED;
    if (!create(s, pool, slot, s->next_own)) return TERN_E_NO_MEMORY;
    *id = s->next_own;
    s->next_own += ID_STEP;
    return TERN_OK;
}

/* Opens the peer's streams up to id. */
static int open_up_to(tern_streams *s, tern_pool *pool, uint32_t id)
{
    while (s->next_peer <= id) {
        uint32_t slot = free_slot(s);
        /*= XFER-023 */
        if (slot == TERN_STREAMS_MAX || !create(s, pool, slot, s->next_peer)) return TERN_E_NO_MEMORY;
        s->next_peer += ID_STEP;
    }
    return TERN_OK;
}

int tern_streams_resolve(tern_streams *s, tern_pool *pool, uint32_t id, tern_stream **st)
{
    int result = TERN_OK;
    *st = NULL;
    /*= XFER-002 */
    if ((id & ID_ONE_WAY) || (is_own(s, id) && id >= s->next_own)) return TERN_STREAM_STATE_ERROR;
    if (!is_own(s, id)) {
        /*= XFER-003 */
        if (id / ID_STEP >= s->peer_limit) return TERN_STREAM_LIMIT_ERROR;
        result = open_up_to(s, pool, id);
    }
    if (result == TERN_OK) *st = tern_streams_find(s, pool, id);
    return result;
}

void tern_streams_on_max_data(tern_streams *s, uint64_t limit)
{
    tern_send_credit_raise(&s->send_credit, limit);
}

void tern_streams_on_max_streams(tern_streams *s, uint32_t limit)
{
    if (limit > STREAMS_TOP - 1) limit = STREAMS_TOP - 1;
    /*= XFER-021 */
    if (limit > s->own_limit) s->own_limit = limit;
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
    if (!is_finished(st)) return;
    if (st->opened_by_peer && s->peer_limit < STREAMS_TOP - 1) {
        /*= XFER-003 */
        s->peer_limit++;
        s->limit_owed = true;
    }
    give_pages(s, pool, slot_of(s, st->id));
}
