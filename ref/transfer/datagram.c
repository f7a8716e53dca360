/* SPDX-License-Identifier: MIT */
/* Two short queues. What stands in them begins with a head: when it came, and how long it is. */
#include "transfer/datagram.h"

#include <string.h>

typedef struct {
    tern_time at;
    uint64_t n;
} head;

typedef struct {
    tern_datagram_queue out, in;
} desk;

_Static_assert(sizeof(desk) <= TERN_PAGE_SIZE, "both queues fit a page");

static desk *desk_of(const tern_datagrams *d, tern_pool *pool)
{
    return d->page == 0 ? NULL : tern_pool_at(pool, d->page);
}

void tern_datagrams_init(tern_datagrams *d, uint16_t recv_max)
{
    *d = (tern_datagrams){ .recv_max = recv_max };
}

void tern_datagrams_free(tern_datagrams *d, tern_pool *pool)
{
    desk *k = desk_of(d, pool);
    if (k == NULL) return;
    tern_paged_free(&k->out.bytes, pool);
    tern_paged_free(&k->in.bytes, pool);
    tern_pool_give(pool, d->page);
    d->page = 0;
}

uint32_t tern_datagrams_pages(const tern_datagrams *d, tern_pool *pool)
{
    const desk *k = desk_of(d, pool);
    return k == NULL ? 0 : 1 + k->out.bytes.pages + k->in.bytes.pages;
}

static desk *set_up(tern_datagrams *d, tern_pool *pool, tern_page_use use)
{
    if (d->page != 0) return desk_of(d, pool);
    d->page = tern_pool_take(pool, use);
    if (d->page == 0) return NULL;
    desk *k = desk_of(d, pool);
    memset(k, 0, sizeof *k);
    tern_paged_init(&k->out.bytes, 0, TERN_FOR_SENDING);
    tern_paged_init(&k->in.bytes, 0, TERN_FOR_RECEIVING);
    return k;
}

/* ---- a queue ---- */

static bool push(tern_datagram_queue *q, tern_pool *pool, tern_time now, tern_bytes bytes)
{
    head h = { now, bytes.n };
    if (q->end - q->first + sizeof h + bytes.n > TERN_DATAGRAM_QUEUE && q->end > q->first) return false;
    if (!tern_paged_write(&q->bytes, pool, q->end, tern_bytes_of(&h, sizeof h))) return false;
    if (!tern_paged_write(&q->bytes, pool, q->end + sizeof h, bytes)) return false;
    q->end += sizeof h + bytes.n;
    return true;
}

static bool front(const tern_datagram_queue *q, tern_pool *pool, head *h)
{
    if (q->first == q->end) return false;
    tern_paged_read(&q->bytes, pool, q->first, (tern_buf){ (uint8_t *)h, sizeof *h });
    return true;
}

/* Gives the desk back when nothing lies on it. */
static void tidy(tern_datagrams *d, tern_pool *pool)
{
    const desk *k = desk_of(d, pool);
    if (k != NULL && k->out.first == k->out.end && k->in.first == k->in.end) tern_datagrams_free(d, pool);
}

static void pop(tern_datagrams *d, tern_pool *pool, tern_datagram_queue *q)
{
    head h;
    if (!front(q, pool, &h)) return;
    q->first += sizeof h + h.n;
    if (q->first == q->end)
        tern_paged_drain(&q->bytes, pool, q->first);
    else
        tern_paged_advance(&q->bytes, pool, q->first);
    tidy(d, pool);
}

/* ---- out ---- */

int tern_datagrams_send(tern_datagrams *d, tern_pool *pool, tern_time now, tern_bytes bytes, size_t room)
{
    if (bytes.n > room || bytes.n > d->send_max || d->send_max == 0) return TERN_MESSAGE_TOO_LARGE;
    desk *k = set_up(d, pool, TERN_FOR_SENDING);
    bool fits = k != NULL && push(&k->out, pool, now, bytes);
    tidy(d, pool);
    return fits ? TERN_OK : TERN_E_BLOCKED;
}

bool tern_datagrams_next(tern_datagrams *d, tern_pool *pool, tern_time now, size_t room, size_t *size)
{
    head h;
    for (desk *k; (k = desk_of(d, pool)) != NULL && front(&k->out, pool, &h); pop(d, pool, &k->out)) {
        *size = (size_t)h.n;
        /*= XFER-052 */
        if (h.n <= room && now - h.at <= TERN_DATAGRAM_PATIENCE) return true;
        d->dropped++;
    }
    return false;
}

void tern_datagrams_give(tern_datagrams *d, tern_pool *pool, uint8_t *out)
{
    desk *k = desk_of(d, pool);
    head h;
    if (k == NULL || !front(&k->out, pool, &h)) return;
    if (h.n > 0) tern_paged_read(&k->out.bytes, pool, k->out.first + sizeof h, (tern_buf){ out, (size_t)h.n });
    pop(d, pool, &k->out);
}

bool tern_datagrams_want(const tern_datagrams *d, tern_pool *pool)
{
    const desk *k = desk_of(d, pool);
    return k != NULL && k->out.first < k->out.end;
}

/* ---- in ---- */

int tern_datagrams_on_datagram(tern_datagrams *d, tern_pool *pool, tern_bytes bytes)
{
    /*= XFER-050 */
    if (d->recv_max == 0 || bytes.n > d->recv_max) return TERN_PROTOCOL_VIOLATION;
    desk *k = set_up(d, pool, TERN_FOR_RECEIVING);
    /*= XFER-051 */
    if (k == NULL || !push(&k->in, pool, 0, bytes)) d->dropped++;
    tidy(d, pool);
    return TERN_OK;
}

bool tern_datagrams_front(const tern_datagrams *d, tern_pool *pool, uint32_t *size)
{
    const desk *k = desk_of(d, pool);
    head h;
    if (k == NULL || !front(&k->in, pool, &h)) return false;
    *size = (uint32_t)h.n;
    return true;
}

size_t tern_datagrams_read(tern_datagrams *d, tern_pool *pool, tern_buf out)
{
    const desk *k = desk_of(d, pool);
    head h;
    if (k == NULL || !front(&k->in, pool, &h)) return 0;
    if (out.n > h.n - d->taken) out.n = (size_t)(h.n - d->taken);
    tern_paged_read(&k->in.bytes, pool, k->in.first + sizeof h + d->taken, out);
    d->taken += (uint32_t)out.n;
    return out.n;
}

void tern_datagrams_drop_front(tern_datagrams *d, tern_pool *pool)
{
    desk *k = desk_of(d, pool);
    tern_assert(k != NULL);
    d->taken = 0;
    pop(d, pool, &k->in);
}
