/* SPDX-License-Identifier: MIT */
/* What became ready: told one thing a call, out of the state itself; there is no queue to overflow. */
#include "connection/internal.h"

bool tern_connection_is_open(const tern_connection *c)
{
    return c->life == TERN_LIFE_HANDSHAKE || c->life == TERN_LIFE_ESTABLISHED;
}

bool tern_connection_is_readable(const tern_connection *c)
{
    return c->life != TERN_LIFE_IDLE && !c->let_go && !c->told_closed;
}

static bool poll_transfer(tern_connection *c, tern_pool *pool, tern_news *news)
{
    if (c->messages_freed) {
        c->messages_freed = c->messages_blocked = c->messages_held = false;
        news->kind = TERN_NEWS_MESSAGES_WRITABLE;
        return true;
    }
    if (!c->messages_held && tern_messages_front(&c->messages, pool, &news->size)) {
        news->kind = TERN_NEWS_MESSAGE;
        return true;
    }
    if (tern_unordered_front(&c->unordered_in, pool, &news->size)) {
        news->kind = TERN_NEWS_PEER_MESSAGE;
        return true;
    }
    if (tern_datagrams_front(&c->datagrams, pool, &news->size)) {
        news->kind = TERN_NEWS_DATAGRAM;
        return true;
    }
    if (c->unordered_out.freed) {
        c->unordered_out.freed = c->unordered_out.blocked = false;
        news->kind = TERN_NEWS_PEER_WRITABLE;
        return true;
    }
    if (tern_streams_poll(&c->streams, pool, &news->stream, &news->stream_news, &news->code)) {
        news->kind = TERN_NEWS_STREAM;
        return true;
    }
    return false;
}

bool tern_connection_poll(tern_connection *c, tern_pool *pool, tern_news *news)
{
    *news = (tern_news){ 0 };
    if (tern_connection_poll_secret(c, pool, news)) return true;
    bool open = c->proven || (c->early && !c->is_client);
    if (open && !c->told_connected) {
        c->told_connected = true;
        news->kind = TERN_NEWS_CONNECTED;
        return true;
    }
    if (open && tern_connection_is_readable(c) && poll_transfer(c, pool, news)) return true;
    if (tern_connection_is_open(c) || c->life == TERN_LIFE_IDLE || c->told_closed) return false;
    c->told_closed = true;
    news->kind = TERN_NEWS_CLOSED;
    return true;
}
