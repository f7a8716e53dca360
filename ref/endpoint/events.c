/* SPDX-License-Identifier: MIT */
/* What a connection has to tell becomes an event (spec: overview). */
#include "endpoint/internal.h"

#include <string.h>

_Static_assert(TERN_REASON_SIZE == TERN_CLOSE_REASON_MAX + 1, "a reason and its zero");
_Static_assert(TERN_TICKET_SIZE == TERN_KEPT_TICKET_MAX, "a ticket as a string");
_Static_assert(TERN_TOLD_MAX == TERN_OFFER_MAX, "all that is kept is told");
_Static_assert(TERN_SUBJECT_SIZE == TERN_SUBJECT_TEXT_SIZE, "a subject as text");
_Static_assert(TERN_FINGERPRINT_SIZE == TERN_SHA256_SIZE, "a fingerprint is a hash");
_Static_assert(TERN_RANDOM_SIZE == 32 && TERN_SECRET_SIZE == 32, "as much as a SECRET holds");

/* What only the handshake's page knows: whoever polls after each verb is told before anything could confirm the
 * handshake. */
static void tell_of_page(const tern_connection *c, const tern_handshake_page *page, tern_event *event)
{
    if (!c->is_client) {
        memcpy(event->u.connected.subject, page->handshake.subject_text, sizeof event->u.connected.subject);
        return;
    }
    event->u.connected.answer_ns = page->answer_ns;
    event->u.connected.early_asked = page->remembers;
    event->u.connected.round_trips = (uint8_t)(1 + page->retried - page->handshake.early);
}

static void tell_connected(const tern_endpoint *ep, const tern_connection *c, tern_event *event)
{
    *event = (tern_event){ .type = TERN_EVENT_CONNECTED };
    event->u.connected.remote = c->path.remote;
    event->u.connected.suite = (uint16_t)c->suite;
    event->u.connected.proof = (tern_proof)ep->handshake.trust;
    event->u.connected.resumed = c->resumed;
    event->u.connected.status_good = c->status_good;
    event->u.connected.early = c->early;
    event->u.connected.handshake_ns = c->handshake_ns;
    event->u.connected.has_fingerprint = c->key_shown;
    event->u.connected.version = TERN_VERSION;
    memcpy(event->u.connected.fingerprint, c->fingerprint, TERN_FINGERPRINT_SIZE);
    if (c->handshake_page != 0) tell_of_page(c, tern_pool_at(tern_endpoint_pool(ep), c->handshake_page), event);
}

/* false: none came. */
static bool tell_ticket(tern_endpoint *ep, tern_event *event)
{
    tern_taken_ticket *taken = tern_endpoint_taken(ep);
    if (!ep->config.is_client || !taken->untold) return false;
    taken->untold = false;
    *event = (tern_event){ .type = TERN_EVENT_TICKET, .u.ticket.n = taken->n };
    memcpy(event->u.ticket.bytes, taken->bytes, taken->n);
    return true;
}

static void tell_closed(const tern_endpoint *ep, const tern_connection *c, tern_event *event)
{
    tern_bytes reason = tern_connection_reason(c, tern_endpoint_pool(ep));
    *event = (tern_event){ .type = TERN_EVENT_CLOSED };
    event->u.closed.error = (uint32_t)c->close_error;
    event->u.closed.by_peer = c->closed_by_peer;
    if (reason.n > 0) memcpy(event->u.closed.reason, reason.p, reason.n);
    event->u.closed.has_fingerprint = c->key_shown;
    memcpy(event->u.closed.fingerprint, c->fingerprint, TERN_FINGERPRINT_SIZE);
    event->u.closed.remote = c->path.remote;
    const tern_offer *offer = tern_connection_offer(c, tern_endpoint_pool(ep));
    if (offer == NULL) return;
    event->u.closed.versions_n = offer->versions;
    event->u.closed.suites_n = offer->suites;
    memcpy(event->u.closed.versions, offer->version, sizeof offer->version);
    memcpy(event->u.closed.suites, offer->suite, sizeof offer->suite);
}

static void tell_secret(const tern_news *news, tern_event *event)
{
    event->type = TERN_EVENT_SECRET;
    event->u.secret.label = news->label;
    memcpy(event->u.secret.client_random, news->client_random, sizeof event->u.secret.client_random);
    memcpy(event->u.secret.secret, news->secret, sizeof event->u.secret.secret);
}

static void tell_stream(const tern_news *news, tern_event *event)
{
    static const tern_event_type types[] = {
        [TERN_STREAM_OPENED] = TERN_EVENT_STREAM_OPENED,     [TERN_STREAM_READABLE] = TERN_EVENT_STREAM_READABLE,
        [TERN_STREAM_WRITABLE] = TERN_EVENT_STREAM_WRITABLE, [TERN_STREAM_RESET] = TERN_EVENT_STREAM_RESET,
        [TERN_STREAM_STOPPED] = TERN_EVENT_STREAM_STOPPED,
    };
    event->type = types[news->stream_news];
    event->u.stream.id = news->stream;
    event->u.stream.code = news->code;
}

/* It has a body, to be read until the next poll. */
static void tell_body(tern_endpoint *ep, tern_peer peer, tern_news_kind kind)
{
    ep->told = peer;
    ep->told_kind = kind;
}

/* Of the event that is filled which its kind says; the rest of it is undefined. */
static void tell(tern_endpoint *ep, uint32_t slot, const tern_news *news, tern_event *event)
{
    const tern_connection *c = &tern_endpoint_slot(ep, slot)->connection;
    const tern_peer peer = tern_slot_peer(ep, slot);
    switch (news->kind) {
    case TERN_NEWS_NONE: break;
    case TERN_NEWS_SECRET: tell_secret(news, event); break;
    case TERN_NEWS_CONNECTED:
        ep->stats.handshakes++;
        tell_connected(ep, c, event);
        break;
    case TERN_NEWS_MESSAGE:
        event->type = TERN_EVENT_MESSAGE;
        event->u.message.size = news->size;
        tell_body(ep, peer, news->kind);
        break;
    case TERN_NEWS_PEER_MESSAGE:
    case TERN_NEWS_DATAGRAM:
        event->type = news->kind == TERN_NEWS_DATAGRAM ? TERN_EVENT_DATAGRAM : TERN_EVENT_PEER_MESSAGE;
        event->u.peer_message.size = news->size;
        tell_body(ep, peer, news->kind);
        break;
    case TERN_NEWS_PEER_WRITABLE: event->type = TERN_EVENT_PEER_WRITABLE; break;
    case TERN_NEWS_MESSAGES_WRITABLE: event->type = TERN_EVENT_MESSAGES_WRITABLE; break;
    case TERN_NEWS_STREAM: tell_stream(news, event); break;
    case TERN_NEWS_CLOSED: tell_closed(ep, c, event); break;
    }
    event->peer = peer;
}

/* What was told last has been read as far as it will be. */
static void drop_told(tern_endpoint *ep)
{
    tern_news_kind kind = ep->told_kind;
    if (kind == TERN_NEWS_NONE) return;
    tern_connection *c = tern_endpoint_told(ep, kind);
    tern_pool *pool = tern_endpoint_pool(ep);
    ep->told_kind = TERN_NEWS_NONE;
    if (c == NULL) return;
    if (kind == TERN_NEWS_MESSAGE) tern_messages_drop_front(&c->messages, pool);
    if (kind == TERN_NEWS_PEER_MESSAGE) tern_unordered_drop_front(&c->unordered_in, pool);
    if (kind == TERN_NEWS_DATAGRAM) tern_datagrams_drop_front(&c->datagrams, pool);
    tern_connection_promise(c, pool);
    tern_queue_push(&ep->ready, tern_endpoint_ready_links(ep), tern_slot_number(ep->told)); /* credit may be due */
}

/* One that is over and told goes back to the pool once it has nothing more to wait for. */
static void reap(tern_endpoint *ep, uint32_t slot)
{
    const tern_connection *c = &tern_endpoint_slot(ep, slot)->connection;
    if (c->life == TERN_LIFE_CLOSED && c->told_closed) tern_slot_give(ep, slot);
}

bool tern_endpoint_poll(tern_endpoint *ep, tern_event *event)
{
    tern_queue_link *links = tern_endpoint_news_links(ep);
    uint32_t slot;
    drop_told(ep);
    while ((slot = tern_queue_front(&ep->news)) != TERN_QUEUE_EMPTY) {
        tern_slot *s = tern_endpoint_slot(ep, slot);
        tern_news news;
        if (s->used && s->connection.told_connected && tell_ticket(ep, event)) return true;
        if (s->used && tern_connection_poll(&s->connection, tern_endpoint_pool(ep), &news)) {
            tell(ep, slot, &news, event);
            return true;
        }
        (void)tern_queue_pop(&ep->news, links);
        if (s->used) reap(ep, slot);
    }
    return false;
}
