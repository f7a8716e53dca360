/* SPDX-License-Identifier: MIT */
/* Early data: what a client with a ticket sends before it has an answer (spec: handshake 10). */
#include "connection/internal.h"

static void derive(tern_handshake_page *page, tern_suite suite, uint32_t most)
{
    tern_packet_keys_derive(&page->early_keys, suite, page->handshake.secrets.client_early);
    page->early_left = most;
}

void tern_early_start(tern_connection *c, const tern_host *host)
{
    tern_handshake_page *page = tern_hs(c, host);
    const tern_kept_ticket *ticket = host->handshake->ticket;
    if (!page->handshake.early) return;
    derive(page, ticket->suite, ticket->max_early);
    tern_params params = ticket->params;
    params.idle_timeout_ms = host->limits->idle_timeout_ms; /* not what RFC 9000 section 7.4.1 excepts */
    params.max_ack_delay_ms = tern_params_absent().max_ack_delay_ms;
    params.max_datagram = TERN_DATAGRAM_MIN;
    /*= HS-054 */
    tern_connection_adopt(c, host, &params);
    page->remembers = true;
    c->early = true;
}

void tern_early_take(tern_connection *c, const tern_host *host, uint32_t max_early)
{
    tern_handshake_page *page = tern_hs(c, host);
    derive(page, page->handshake.suite, max_early);
    c->early = true;
}

bool tern_early_may_leave(const tern_connection *c, const tern_host *host)
{
    const tern_handshake_page *page = tern_hs(c, host);
    /*= HS-050 */
    return page != NULL && !page->have_keys && page->early_left >= TERN_DATAGRAM_MIN;
}

void tern_early_refused(tern_connection *c, const tern_host *host)
{
    tern_settle_owner owner = { .c = c, .host = host };
    tern_hs(c, host)->early_left = 0;
    c->early = false;
    /*= HS-052 */
    tern_recovery_refused(&c->recovery, host->pool, tern_connection_settled, &owner);
}

/* RFC 9000 section 7.4.1, which knows no other parameters that a client uses before it hears them. */
static bool is_less(const tern_params *now, const tern_params *then)
{
    return now->max_data < then->max_data || now->max_stream_data < then->max_stream_data ||
           now->max_streams < then->max_streams || now->max_streams_uni < then->max_streams_uni ||
           now->max_messages < then->max_messages || now->max_message < then->max_message ||
           now->max_unordered < then->max_unordered || now->max_datagram_frame < then->max_datagram_frame;
}

/* Streams that were opened under the remembered limit have the new one. */
static void raise_streams(tern_connection *c, const tern_host *host, uint64_t limit)
{
    for (uint32_t kind = 0; kind < 2; kind++)
        for (uint32_t id = kind << 1; id < c->streams.ids[kind].next_own; id += 4)
            (void)tern_streams_on_max_stream_data(&c->streams, host->pool, id, limit);
}

tern_error tern_early_answered(tern_connection *c, const tern_host *host, const tern_handshake *h)
{
    if (!tern_hs(c, host)->remembers) return TERN_OK;
    bool less = is_less(&h->peer_params, &c->peer_params);
    /*= HS-054 */
    if (less) return h->early ? TERN_PROTOCOL_VIOLATION : TERN_FLOW_CONTROL_ERROR;
    if (!h->early && c->early) tern_early_refused(c, host);
    raise_streams(c, host, h->peer_params.max_stream_data);
    return TERN_OK;
}

bool tern_early_may_answer(const tern_connection *c, const tern_host *host)
{
    const tern_crypto_page *crypto = tern_crypto(c, host);
    /*= HS-055 */
    if (c->proven || !c->early || host->handshake->asks_client || !tern_connection_is_open(c)) return false;
    tern_range flight = tern_send_buffer_next(&crypto->out, host->pool, UINT64_MAX, 1);
    return flight.from == flight.to && c->recovery.probes == 0 && tern_connection_wants_data(c, host, TERN_PACKET_DATA);
}

bool tern_early_confirms(const tern_connection *c, const tern_host *host)
{
    const tern_crypto_page *crypto = tern_crypto(c, host);
    /*= HS-056 */
    return !c->early || crypto == NULL || tern_send_buffer_done(&crypto->out);
}

int tern_early_open(tern_connection *c, const tern_host *host, const tern_header *header, tern_buf datagram,
                    tern_opened *out)
{
    tern_handshake_page *page = tern_hs(c, host);
    if (page == NULL || page->early_left == 0) return TERN_DROP_KEYS;
    /*= HS-050 */
    if (datagram.n > page->early_left) return TERN_DROP_EARLY_DATA;
    int drop = tern_packet_open(&page->early_keys, header, datagram, c->acks.largest, out);
    if (drop == TERN_DROP_NONE) page->early_left -= (uint32_t)datagram.n;
    return drop;
}
