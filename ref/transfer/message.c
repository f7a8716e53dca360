/* SPDX-License-Identifier: MIT */
/* Messages: a length, then a body, one behind the other in the message space. */
#include "transfer/message.h"

#include "base/io.h"

void tern_messages_init(tern_messages *m, uint32_t recv_max, uint64_t recv_window)
{
    /*= XFER-022 */
    tern_assert(recv_window >= (uint64_t)recv_max + TERN_MESSAGE_PREFIX);
    *m = (tern_messages){ .recv_max = recv_max, .front = TERN_MESSAGE_PREFIX };
    tern_send_buffer_init(&m->out);
    tern_recv_buffer_init(&m->in);
    tern_recv_credit_init(&m->recv_credit, recv_window);
}

void tern_messages_peer_params(tern_messages *m, uint32_t send_max, uint64_t limit)
{
    m->send_max = send_max;
    tern_send_credit_raise(&m->send_credit, limit);
}

void tern_messages_free(tern_messages *m, tern_pool *pool)
{
    tern_send_buffer_free(&m->out, pool);
    tern_recv_buffer_free(&m->in, pool);
}

static bool append_all(tern_messages *m, tern_pool *pool, uint32_t size, const tern_bytes *parts, size_t n)
{
    uint8_t prefix[TERN_MESSAGE_PREFIX];
    tern_writer w = tern_writer_of((tern_buf){ prefix, sizeof prefix });
    tern_write_u32(&w, size);
    bool fits = tern_send_buffer_append(&m->out, pool, tern_written(&w));
    for (size_t i = 0; i < n && fits; i++) fits = tern_send_buffer_append(&m->out, pool, parts[i]);
    return fits;
}

int tern_messages_send(tern_messages *m, tern_pool *pool, const tern_bytes *parts, size_t n, uint64_t keep_bytes)
{
    uint32_t size = 0;
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n > m->send_max - size) return TERN_MESSAGE_TOO_LARGE;
        size += (uint32_t)parts[i].n;
    }
    uint64_t waiting = tern_messages_waiting(m), whole = (uint64_t)size + TERN_MESSAGE_PREFIX;
    if (waiting > 0 && (waiting > keep_bytes || whole > keep_bytes - waiting)) return TERN_E_BLOCKED;
    uint64_t start = m->out.written;
    if (append_all(m, pool, size, parts, n)) return TERN_OK;
    tern_send_buffer_unwrite(&m->out, pool, start);
    return TERN_E_NO_MEMORY;
}

uint64_t tern_messages_waiting(const tern_messages *m)
{
    return tern_send_buffer_kept(&m->out);
}

/* The length that stands skip bytes behind the front; false while it is not there. */
static bool length_at(const tern_messages *m, tern_pool *pool, uint64_t skip, uint32_t *length)
{
    uint8_t prefix[TERN_MESSAGE_PREFIX];
    if (tern_recv_buffer_readable(&m->in) < skip + sizeof prefix) return false;
    (void)tern_recv_buffer_peek(&m->in, pool, skip, (tern_buf){ prefix, sizeof prefix });
    tern_reader r = tern_reader_of(tern_bytes_of(prefix, sizeof prefix));
    *length = tern_read_u32(&r);
    return true;
}

/* Looks at every length that has become known. */
static tern_error check_lengths(tern_messages *m, tern_pool *pool)
{
    uint32_t length;
    while (length_at(m, pool, m->unchecked - m->in.read, &length)) {
        /*= XFER-011 */
        if (length > m->recv_max) return TERN_MESSAGE_TOO_LARGE;
        m->unchecked += (uint64_t)length + TERN_MESSAGE_PREFIX;
    }
    return TERN_OK;
}

static void look_at_front(tern_messages *m, tern_pool *pool)
{
    uint32_t length;
    m->front = TERN_MESSAGE_PREFIX;
    if (length_at(m, pool, 0, &length)) m->front += length;
}

int tern_messages_on_fragment(tern_messages *m, tern_pool *pool, uint64_t position, tern_bytes bytes)
{
    uint64_t end = position + bytes.n;
    uint64_t more = end > m->in.highest && bytes.n > 0 ? end - m->in.highest : 0;
    tern_recv_credit credit = m->recv_credit;
    /*= XFER-020 */
    if (!tern_recv_credit_use(&credit, more)) return TERN_FLOW_CONTROL_ERROR;
    int result = tern_recv_buffer_insert(&m->in, pool, position, bytes);
    if (result != TERN_OK) return result;
    m->recv_credit = credit;
    look_at_front(m, pool);
    return (int)check_lengths(m, pool);
}

void tern_messages_on_max(tern_messages *m, uint64_t limit)
{
    tern_send_credit_raise(&m->send_credit, limit);
}

bool tern_messages_front(const tern_messages *m, tern_pool *pool, uint32_t *size)
{
    /*= XFER-010 */
    return length_at(m, pool, 0, size) && tern_recv_buffer_readable(&m->in) - TERN_MESSAGE_PREFIX >= *size;
}

size_t tern_messages_peek(const tern_messages *m, tern_pool *pool, uint32_t at, tern_buf out)
{
    uint32_t size;
    if (!tern_messages_front(m, pool, &size) || at >= size) return 0;
    if (out.n > size - at) out.n = size - at;
    return tern_recv_buffer_peek(&m->in, pool, (uint64_t)TERN_MESSAGE_PREFIX + at, out);
}

size_t tern_messages_read(tern_messages *m, tern_pool *pool, tern_buf out)
{
    size_t n = tern_messages_peek(m, pool, m->taken, out);
    m->taken += (uint32_t)n;
    return n;
}

void tern_messages_drop_front(tern_messages *m, tern_pool *pool)
{
    uint32_t size = 0;
    bool there = tern_messages_front(m, pool, &size);
    tern_assert(there);
    uint64_t whole = (uint64_t)size + TERN_MESSAGE_PREFIX;
    m->taken = 0;
    tern_recv_buffer_skip(&m->in, pool, whole);
    tern_recv_credit_consume(&m->recv_credit, whole);
    look_at_front(m, pool);
}

bool tern_messages_give(tern_messages *m, tern_pool *pool, size_t most, tern_range *range)
{
    *range = tern_send_buffer_next(&m->out, pool, m->send_credit.limit, most);
    if (range->from == range->to) return false;
    if (range->from == m->out.next) tern_send_credit_use(&m->send_credit, range->to - range->from);
    tern_send_buffer_sent(&m->out, pool, *range);
    return true;
}

bool tern_messages_want(const tern_messages *m, tern_pool *pool)
{
    tern_range range = tern_send_buffer_next(&m->out, pool, m->send_credit.limit, 1);
    return range.from != range.to;
}

void tern_messages_settled(tern_messages *m, tern_pool *pool, tern_range range, bool acked)
{
    if (acked)
        tern_send_buffer_acked(&m->out, pool, range);
    else
        tern_send_buffer_lost(&m->out, pool, range);
}

bool tern_messages_limit_owed(const tern_messages *m)
{
    const tern_recv_credit *c = &m->recv_credit;
    uint64_t granted = c->told - c->consumed;
    /*= XFER-022 */
    bool cut = granted < c->window && c->told < m->unchecked + TERN_MESSAGE_PREFIX;
    /* A message that the limit cuts off can never be taken, and so would never raise it. */
    return c->owed || cut || (granted < m->front && granted < c->most);
}

uint64_t tern_messages_limit(tern_messages *m, tern_tuning *tuning)
{
    tern_recv_credit *c = &m->recv_credit;
    tern_recv_credit_tune(c, tuning);
    /*= XFER-022 */
    if (c->window < m->front) c->window = m->front < c->most ? m->front : c->most; /* room or not */
    return tern_recv_credit_tell(c);
}

void tern_messages_limit_lost(tern_messages *m)
{
    tern_recv_credit_lost(&m->recv_credit);
}
