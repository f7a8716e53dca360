/* SPDX-License-Identifier: MIT */
/* Who waits for what: rings of streams, linked through their pages, so that quiet streams cost nothing. */
#include "transfer/stream.h"

#include "transfer/stream_parts.h"

tern_stream *tern_streams_after(const tern_streams *s, tern_pool *pool, const tern_stream *st, tern_stream_link link)
{
    const tern_stream_place *at = &st->place[link];
    return at->next != s->first[at->list] ? tern_stream_at(pool, at->next) : NULL;
}

void tern_streams_unlist(tern_streams *s, tern_pool *pool, tern_stream *st, tern_stream_link link)
{
    tern_stream_place *at = &st->place[link];
    if (at->list == TERN_LISTS) return;
    if (s->first[at->list] == st->page) s->first[at->list] = at->next != st->page ? at->next : 0;
    tern_stream_at(pool, at->prev)->place[link].next = at->next;
    tern_stream_at(pool, at->next)->place[link].prev = at->prev;
    at->list = TERN_LISTS;
}

static void append(tern_streams *s, tern_pool *pool, tern_stream *st, tern_stream_link link, uint8_t list)
{
    tern_stream_place *at = &st->place[link];
    tern_stream *first = tern_streams_first(s, pool, list);
    at->list = list;
    at->next = at->prev = st->page;
    if (first == NULL) {
        s->first[list] = st->page;
        return;
    }
    tern_stream_place *front = &first->place[link];
    at->next = first->page;
    at->prev = front->prev;
    tern_stream_at(pool, front->prev)->place[link].next = st->page;
    front->prev = st->page;
}

static void put(tern_streams *s, tern_pool *pool, tern_stream *st, tern_stream_link link, uint8_t list)
{
    if (st->place[link].list == list) return;
    tern_streams_unlist(s, pool, st, link);
    if (list != TERN_LISTS) append(s, pool, st, link, list);
}

static uint8_t data_list(const tern_streams *s, const tern_stream *st)
{
    bool shared;
    if (!tern_stream_has_data(st, &shared)) return TERN_LISTS;
    if (shared && tern_send_credit_left(&s->send_credit) == 0) return TERN_LIST_PARKED;
    return (uint8_t)(TERN_LIST_DATA + st->urgency);
}

static void count_pages(tern_streams *s, uint32_t *counted, uint32_t now)
{
    s->pages += now - *counted;
    *counted = now;
}

/* That it has data, and pages of what is lost. */
static void relist_data(tern_streams *s, tern_pool *pool, tern_stream *st)
{
    put(s, pool, st, TERN_STREAM_DATA, data_list(s, st));
    count_pages(s, &st->out_pages, tern_send_buffer_pages(&st->out));
}

void tern_streams_had_turn(tern_streams *s, tern_pool *pool, tern_stream *st)
{
    const tern_stream_place *at = &st->place[TERN_STREAM_DATA];
    s->first[at->list] = at->next; /* a ring: the one before the first is the last */
    relist_data(s, pool, st);
}

void tern_streams_relist(tern_streams *s, tern_pool *pool, tern_stream *st, unsigned changed)
{
    put(s, pool, st, TERN_STREAM_NEWS, tern_stream_has_news(st) ? TERN_LIST_NEWS : TERN_LISTS);
    if (changed == TERN_STREAM_TOLD) return;
    put(s, pool, st, TERN_STREAM_CONTROL, tern_stream_has_control(st) ? TERN_LIST_CONTROL : TERN_LISTS);
    if (changed & TERN_STREAM_IN) count_pages(s, &st->in_pages, tern_recv_buffer_pages(&st->in));
    if (changed & TERN_STREAM_OUT) {
        bool starved = st->writable_wanted && st->starved;
        put(s, pool, st, TERN_STREAM_STARVED, starved ? TERN_LIST_STARVED : TERN_LISTS);
        relist_data(s, pool, st);
    }
}

/* Moves those of one list that belong elsewhere now. */
static void sift(tern_streams *s, tern_pool *pool, uint8_t list)
{
    tern_stream *next, *st = tern_streams_first(s, pool, list);
    for (; st != NULL; st = next) {
        next = tern_streams_after(s, pool, st, TERN_STREAM_DATA);
        put(s, pool, st, TERN_STREAM_DATA, data_list(s, st));
    }
}

void tern_streams_relist_data(tern_streams *s, tern_pool *pool)
{
    if (tern_send_credit_left(&s->send_credit) > 0) {
        sift(s, pool, TERN_LIST_PARKED);
        return;
    }
    for (uint8_t u = 0; u < TERN_URGENCIES; u++) sift(s, pool, (uint8_t)(TERN_LIST_DATA + u));
}
