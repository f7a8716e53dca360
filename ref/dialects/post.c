/* SPDX-License-Identifier: MIT */
#include "dialects/post.h"

#include <string.h>

#include "base/bounds.h"

static uint8_t *out_memory(tern_post *p)
{
    return (uint8_t *)p + p->out_at;
}

static uint8_t *news_memory(tern_post *p)
{
    return (uint8_t *)p + p->news_at;
}

size_t tern_post_area(size_t out_bytes, size_t news_bytes)
{
    return tern_aligned(out_bytes) + tern_aligned(news_bytes);
}

void tern_post_init(tern_post *p, size_t area_at, size_t out_bytes, size_t news_bytes)
{
    memset(p, 0, sizeof *p);
    p->out_at = area_at;
    p->news_at = area_at + tern_aligned(out_bytes);
    tern_fifo_init(&p->out, tern_aligned(out_bytes));
    tern_fifo_init(&p->news, tern_aligned(news_bytes));
}

uint8_t *tern_post_datagram(tern_post *p, const tern_path *path, size_t n)
{
    uint8_t *record = tern_fifo_add(&p->out, out_memory(p), sizeof *path + n);
    if (record == NULL) return NULL;
    memcpy(record, path, sizeof *path);
    return record + sizeof *path;
}

bool tern_post_send(tern_post *p, const tern_path *path, tern_bytes bytes)
{
    uint8_t *to = tern_post_datagram(p, path, bytes.n);
    if (to == NULL) return false;
    if (bytes.n > 0) memcpy(to, bytes.p, bytes.n);
    return true;
}

bool tern_post_fits(const tern_post *p, size_t datagrams, size_t n)
{
    size_t record = tern_fifo_cost(sizeof(tern_path) + n);
    return (datagrams + 1) * record <= p->out.capacity - p->out.used; /* one may be passed over at the block's end */
}

tern_batch tern_post_take(tern_post *p, tern_buf out)
{
    tern_batch b = { .ecn = TERN_ECN_NOT_ECT };
    tern_buf record = tern_fifo_front(&p->out, out_memory(p));
    if (record.p == NULL) return b;
    memcpy(&b.path, record.p, sizeof b.path);
    b.count = 1;
    b.segment = b.total = record.n - sizeof b.path;
    tern_assert(b.total <= out.n);
    memcpy(out.p, record.p + sizeof b.path, b.total);
    tern_fifo_drop(&p->out, out_memory(p));
    p->stats.packets_sent++;
    p->stats.bytes_sent += b.total;
    return b;
}

bool tern_post_tell(tern_post *p, const tern_event *event, tern_bytes text)
{
    uint8_t *record = tern_fifo_add(&p->news, news_memory(p), sizeof *event + text.n);
    if (record == NULL) return false;
    memcpy(record, event, sizeof *event);
    if (text.n > 0) memcpy(record + sizeof *event, text.p, text.n);
    return true;
}

bool tern_post_has_room(const tern_post *p, size_t text_n, size_t spare)
{
    size_t record = tern_fifo_cost(sizeof(tern_event) + text_n), others = spare * tern_fifo_cost(sizeof(tern_event));
    /* twice: what does not fit the end of the block is passed over once */
    return 2 * record + others <= p->news.capacity - p->news.used;
}

bool tern_post_poll(tern_post *p, tern_event *event)
{
    if (p->told) tern_fifo_drop(&p->news, news_memory(p));
    tern_buf record = tern_fifo_front(&p->news, news_memory(p));
    p->told = record.p != NULL;
    p->read = sizeof *event;
    if (record.p != NULL) memcpy(event, record.p, sizeof *event);
    return record.p != NULL;
}

size_t tern_post_read(tern_post *p, tern_buf out)
{
    if (!p->told) return 0;
    tern_buf record = tern_fifo_front(&p->news, news_memory(p));
    size_t n = record.n - p->read < out.n ? record.n - p->read : out.n;
    if (n > 0) memcpy(out.p, record.p + p->read, n);
    p->read += n;
    return n;
}
