/* SPDX-License-Identifier: MIT */
/* From the first packet to confirmed: what the connection does around the handshake's messages (spec: handshake 4). */
#include "connection/internal.h"

#include <string.h>

static void reset(tern_connection *c, const tern_host *host, const tern_path *path)
{
    const tern_limits *l = host->limits;
    memset(c, 0, sizeof *c);
    c->is_client = host->handshake->is_client;
    c->path = *path;
    c->started = c->last_heard = host->now;
    c->closing_answer_at = 1;
    c->idle_timeout_ns = l->idle_timeout_ms * TERN_MS;
    c->peer_params = tern_params_absent();
    tern_ack_tracker_init(&c->acks);
    tern_frequency_init(&c->frequency);
    tern_recovery_init(&c->recovery, tern_congestion_ops_of(l->congestion), TERN_DATAGRAM_MIN);
    tern_streams_init(&c->streams, &(tern_streams_config){ .is_client = c->is_client,
                                                           .max_data = l->connection_window,
                                                           .max_stream_data = l->stream_window,
                                                           .start = l->start_window,
                                                           .max_streams = l->max_streams,
                                                           .max_streams_uni = l->max_streams_uni });
    tern_messages_init(&c->messages, l->max_message, l->message_window);
    if (l->start_window > 0) tern_recv_credit_start(&c->messages.recv_credit, l->start_window);
    tern_messages_peer_params(&c->messages, l->max_message, 0); /* until the peer says: accepted, and held back */
    tern_unordered_out_init(&c->unordered_out);
    tern_unordered_in_init(&c->unordered_in, l->max_message, l->unordered_window);
    tern_datagrams_init(&c->datagrams, l->max_datagram_frame);
    tern_timers_init(&c->timers);
}

/* Two pages for the time of the handshake. */
static bool take_pages(tern_connection *c, const tern_host *host)
{
    c->handshake_page = tern_pool_take(host->pool, TERN_FOR_RECEIVING);
    c->crypto_page = tern_pool_take(host->pool, TERN_FOR_RECEIVING);
    if (c->handshake_page == 0 || c->crypto_page == 0) {
        tern_pool_give(host->pool, c->handshake_page);
        tern_pool_give(host->pool, c->crypto_page);
        c->handshake_page = c->crypto_page = 0;
        return false;
    }
    memset(tern_hs(c, host), 0, sizeof(tern_handshake_page));
    tern_hs(c, host)->key_log = host->handshake->key_log;
    tern_send_buffer_init(&tern_crypto(c, host)->out);
    tern_recv_buffer_init(&tern_crypto(c, host)->in);
    return true;
}

/*= HS-013 */
static void give_pages(tern_connection *c, tern_pool *pool)
{
    if (c->handshake_page == 0) return;
    tern_crypto_page *crypto = tern_pool_at(pool, c->crypto_page);
    tern_send_buffer_free(&crypto->out, pool);
    tern_recv_buffer_free(&crypto->in, pool);
    tern_wipe(tern_pool_at(pool, c->handshake_page), sizeof(tern_handshake_page));
    tern_pool_give(pool, c->handshake_page);
    tern_pool_give(pool, c->crypto_page);
    c->handshake_page = c->crypto_page = 0;
}

static void start(tern_connection *c, const tern_host *host)
{
    (void)tern_life_step(&c->life, TERN_LIFE_EV_START);
    /*= CONN-003 */
    tern_timers_set(&c->timers, TERN_TIMER_IDLE, host->now + TERN_HANDSHAKE_TIMEOUT_NS);
}

void tern_connection_adopt(tern_connection *c, const tern_host *host, const tern_params *p)
{
    c->peer_params = *p;
    tern_streams_peer_params(&c->streams, host->pool, p->max_data, p->max_stream_data, p->max_streams,
                             p->max_streams_uni);
    tern_messages_peer_params(&c->messages, p->max_message, p->max_messages);
    c->unordered_out.max = p->max_message;
    tern_send_credit_raise(&c->unordered_out.credit, p->max_unordered);
    c->datagrams.send_max = p->max_datagram_frame;
    c->recovery.max_ack_delay_ns = p->max_ack_delay_ms * TERN_MS;
    /*= WIRE-030 */
    if (p->idle_timeout_ms * TERN_MS < c->idle_timeout_ns) c->idle_timeout_ns = p->idle_timeout_ms * TERN_MS;
}

/*= HS-011 */
static void derive_keys(tern_packet_keys *send, tern_packet_keys *recv, const tern_connection *c, tern_suite suite,
                        const uint8_t *client_secret, const uint8_t *server_secret)
{
    tern_packet_keys_derive(send, suite, c->is_client ? client_secret : server_secret);
    tern_packet_keys_derive(recv, suite, c->is_client ? server_secret : client_secret);
}

static void derive_data_keys(tern_connection *c, const tern_handshake *h)
{
    const uint8_t *client = h->secrets.client_application, *server = h->secrets.server_application;
    derive_keys(&c->send_keys, &c->recv_keys, c, h->suite, client, server);
    tern_phases_init(&c->phases, c->is_client ? client : server, c->is_client ? server : client);
    c->have_data_keys = true;
    c->suite = h->suite;
}

static void derive_handshake_keys(const tern_connection *c, tern_handshake_page *page)
{
    const tern_handshake *h = &page->handshake;
    derive_keys(&page->send_keys, &page->recv_keys, c, h->suite, h->secrets.client_handshake,
                h->secrets.server_handshake);
    page->have_keys = true;
}

static void prove(tern_connection *c, const tern_host *host)
{
    c->proven = true;
    c->handshake_ns = host->now - c->started;
    /*= HS-032 */
    c->keep_alive_owed = !c->is_client; /* something that the client acknowledges in DATA */
    if (!c->is_client) tern_phases_begin(c);
    (void)tern_life_step(&c->life, TERN_LIFE_EV_PROVEN);
    c->resumed = tern_hs(c, host)->handshake.hello.resumed != 0;
    tern_tickets_start(c, host);
    tern_ids_start(&c->ids, host->drbg, !c->is_client);
}

int tern_connection_connect(tern_connection *c, const tern_host *host, const tern_path *path)
{
    uint8_t hello[TERN_CLIENT_HELLO_MAX];
    tern_writer w = tern_writer_of((tern_buf){ hello, sizeof hello });
    reset(c, host, path);
    if (!take_pages(c, host)) return TERN_E_NO_MEMORY;
    tern_drbg_bytes(host->drbg, (tern_buf){ c->first_sid.b, TERN_CID_SIZE });
    tern_drbg_bytes(host->drbg, (tern_buf){ c->local.b, TERN_CID_SIZE });
    tern_ids_init(&c->ids, &c->local, &c->first_sid);
    c->address_validated = true; /* the client chose it */
    tern_handshake_page *page = tern_hs(c, host);
    tern_handshake_client_start(&page->handshake, host->handshake, host->drbg, &c->first_sid, &c->local, &w);
    tern_assert(tern_writer_ok(&w));
    page->hello_bytes = (uint32_t)w.n;
    if (!tern_send_buffer_append(&tern_crypto(c, host)->out, host->pool, tern_written(&w))) {
        give_pages(c, host->pool);
        return TERN_E_NO_MEMORY;
    }
    /*= HS-008 */
    tern_send_buffer_sent(&tern_crypto(c, host)->out, host->pool, (tern_range){ 0, w.n }); /* SYNs carry it, whole */
    c->syn_owed = true;
    start(c, host);
    tern_early_start(c, host);
    return TERN_OK;
}

/* What the peer's key is, as soon as it is known. */
static void show_key(tern_connection *c, const tern_handshake *h)
{
    c->key_shown = h->key_shown;
    memcpy(c->fingerprint, h->fingerprint, sizeof c->fingerprint);
}

/* The relay's first step, with the ticket of the CLIENT_HELLO if it is one of ours. A tern_drop. */
static int begin(tern_connection *c, const tern_host *host, tern_bytes hello)
{
    tern_resumed worth = { .max_early = 0 };
    bool resumed;
    tern_handshake *h = &tern_hs(c, host)->handshake;
    int drop = tern_ticket_examine(host->tickets, host->handshake, host->unix_seconds, hello, &resumed, &worth);
    /*= HS-001 HS-002 HS-042 */
    if (drop == TERN_DROP_NONE &&
        tern_handshake_server_start(h, host->handshake, host->drbg, resumed ? &worth : NULL, hello, &c->first_sid,
                                    tern_ids_current(&c->ids), &c->local) != TERN_OK)
        drop = TERN_DROP_HELLO;
    if (drop == TERN_DROP_NONE && h->early) tern_early_take(c, host, worth.max_early);
    c->resumed = resumed;
    show_key(c, h);
    tern_wipe(&worth, sizeof worth);
    return drop;
}

/* The relay's half of the handshake, up to its flight. */
static int answer(tern_connection *c, const tern_host *host, tern_bytes hello)
{
    uint8_t flight[TERN_FLIGHT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ flight, sizeof flight });
    tern_handshake_page *page = tern_hs(c, host);
    tern_crypto_page *crypto = tern_crypto(c, host);
    int drop = begin(c, host, hello);
    if (drop != TERN_DROP_NONE) return drop;
    tern_sha256_of(hello, page->hello_hash);
    derive_handshake_keys(c, page);
    if (tern_handshake_server_flight(&page->handshake, host->handshake, &w) != TERN_OK) return TERN_DROP_HELLO;
    if (!tern_send_buffer_append(&crypto->out, host->pool, tern_written(&w))) return TERN_DROP_NO_MEMORY;
    if (tern_recv_buffer_insert(&crypto->in, host->pool, 0, hello) != TERN_OK) return TERN_DROP_NO_MEMORY;
    /*= HS-008 */
    tern_recv_buffer_skip(&crypto->in, host->pool, hello.n);
    derive_data_keys(c, &page->handshake);
    tern_connection_adopt(c, host, &page->handshake.peer_params);
    return TERN_DROP_NONE;
}

int tern_connection_accept(tern_connection *c, const tern_host *host, const tern_path *path, const tern_syn *syn,
                           const tern_cid *sid, bool proven)
{
    reset(c, host, path);
    if (!take_pages(c, host)) return TERN_DROP_BUSY;
    c->first_sid = syn->header.to;
    c->local = *sid;
    tern_ids_init(&c->ids, &c->local, &syn->header.from);
    int drop = answer(c, host, syn->message);
    if (drop != TERN_DROP_NONE) {
        give_pages(c, host->pool);
        return drop;
    }
    /*= CONN-060 */
    c->address_validated = proven;
    c->bytes_received = c->path_received = syn->datagram_bytes;
    c->packets_received = 1;
    tern_ack_tracker_add(&c->acks, host->pool, host->now, syn->pn, true, true, 0);
    start(c, host);
    tern_connection_arm(c, host);
    return TERN_DROP_NONE;
}

int tern_connection_open_syn_ack(tern_connection *c, const tern_host *host, const tern_header *header,
                                 tern_buf datagram, tern_opened *out)
{
    tern_handshake_page *page = tern_hs(c, host);
    if (page == NULL) return TERN_DROP_KEYS;
    tern_handshake *h = &page->handshake;
    uint64_t largest = c->acks.largest;
    if (page->have_keys) {
        /*= HS-006 */
        if (!tern_cid_equal(&header->from, tern_ids_current(&c->ids))) return TERN_DROP_UNEXPECTED;
        if (!tern_hello_equal(&header->hello, &h->hello)) return TERN_DROP_UNEXPECTED;
        return tern_packet_open(&page->recv_keys, header, datagram, largest, out);
    }
    tern_handshake_page tried = *page;
    int drop = TERN_DROP_HELLO;
    if (tern_handshake_client_hello(&tried.handshake, host->handshake, &header->from, &header->hello) == TERN_OK) {
        derive_handshake_keys(c, &tried);
        drop = tern_packet_open(&tried.recv_keys, header, datagram, largest, out);
    }
    if (drop == TERN_DROP_NONE) {
        *page = tried;
        page->answer_ns = host->now - c->started;
        /*= WIRE-002 */
        tern_ids_meet(&c->ids, &header->from);
        c->syn_owed = false;
        tern_connection_not_refused(c, host);
        tern_send_buffer_acked(&tern_crypto(c, host)->out, host->pool, (tern_range){ 0, page->hello_bytes });
    }
    tern_wipe(&tried, sizeof tried);
    return drop;
}

/* One whole message of the peer's, and our own answer to it. */
static tern_error take_message(tern_connection *c, const tern_host *host, tern_bytes message)
{
    uint8_t reply[TERN_FLIGHT_MAX];
    tern_writer w = tern_writer_of((tern_buf){ reply, sizeof reply });
    tern_handshake *h = &tern_hs(c, host)->handshake;
    tern_error error = tern_handshake_recv(h, host->handshake, host->unix_seconds, message, &w);
    c->status_good = h->status_good;
    c->by_authority = h->by_authority;
    show_key(c, h);
    if (error != TERN_OK) return error;
    if (h->state != TERN_HS_DONE || c->proven) return TERN_OK;
    if (c->is_client) {
        if (!tern_send_buffer_append(&tern_crypto(c, host)->out, host->pool, tern_written(&w)))
            return TERN_INTERNAL_ERROR;
        derive_data_keys(c, h);
        error = tern_early_answered(c, host, h);
        if (error != TERN_OK) return error;
        tern_connection_adopt(c, host, &h->peer_params);
    }
    prove(c, host);
    return TERN_OK;
}

void tern_connection_ask_for_finished(const tern_connection *c, const tern_host *host)
{
    tern_crypto_page *crypto = tern_crypto(c, host);
    if (!c->is_client || crypto == NULL) return;
    const tern_range finished = { tern_hs(c, host)->hello_bytes, crypto->out.next };
    if (finished.from < finished.to) tern_send_buffer_lost(&crypto->out, host->pool, finished);
}

int tern_connection_on_crypto(tern_connection *c, const tern_host *host, uint32_t offset, tern_bytes bytes)
{
    uint8_t message[TERN_FLIGHT_MAX], head[TERN_TLV_HEADER];
    tern_crypto_page *crypto = tern_crypto(c, host);
    if (crypto == NULL) return TERN_OK; /* confirmed */
    tern_recv_buffer *in = &crypto->in;
    /*= HS-005 */
    if (bytes.n > TERN_FLIGHT_MAX || offset > TERN_FLIGHT_MAX - bytes.n) return TERN_CRYPTO_BUFFER_EXCEEDED;
    bool again = bytes.n > 0 && offset + bytes.n <= in->read;
    int result = tern_recv_buffer_insert(in, host->pool, offset, bytes);
    /*= REC-069 */
    if (again) tern_connection_ask_for_finished(c, host);
    while (result == TERN_OK && tern_recv_buffer_readable(in) >= sizeof head) {
        (void)tern_recv_buffer_peek(in, host->pool, 0, (tern_buf){ head, sizeof head });
        size_t n = sizeof head + ((size_t)head[2] << 8 | head[3]);
        if (n > sizeof message) return TERN_CRYPTO_BUFFER_EXCEEDED;
        if (tern_recv_buffer_readable(in) < n) break;
        (void)tern_recv_buffer_read(in, host->pool, (tern_buf){ message, n });
        result = (int)take_message(c, host, tern_bytes_of(message, n));
    }
    return result;
}

const char *tern_connection_why(const tern_connection *c, const tern_host *host, tern_error error)
{
    const tern_handshake_page *page = tern_hs(c, host);
    bool known = page != NULL && page->handshake.state == TERN_HS_FAILED && page->handshake.why != NULL;
    return known ? page->handshake.why : tern_error_text(error);
}

void tern_connection_confirm(tern_connection *c, const tern_host *host)
{
    if (c->confirmed) return;
    c->confirmed = true;
    if (c->is_client) tern_phases_begin(c);
    tern_pmtu_start(&c->recovery.pmtu, tern_connection_max_datagram(c, host));
    /*= HS-032 */
    give_pages(c, host->pool);
}

void tern_connection_free(tern_connection *c, tern_pool *pool)
{
    tern_paths_free(c, pool);
    tern_phases_forget(c, pool);
    give_pages(c, pool);
    tern_tickets_free(c, pool);
    tern_pool_promise(pool, c->promised, 0);
    tern_streams_free(&c->streams, pool);
    tern_messages_free(&c->messages, pool);
    tern_unordered_out_free(&c->unordered_out, pool);
    tern_unordered_in_free(&c->unordered_in, pool);
    tern_datagrams_free(&c->datagrams, pool);
    tern_ack_tracker_free(&c->acks, pool);
    tern_pool_give(pool, c->reason_page);
    tern_recovery_free(&c->recovery, pool);
    tern_wipe(c, sizeof *c);
}
