/* SPDX-License-Identifier: MIT */
/* Before there is an answer: the SYN as a relay reads it, and what a client is told instead of a SYN_ACK (spec:
 * connection 5). */
#include "connection/internal.h"

#include "handshake/cookie.h"
#include "handshake/messages.h"

#include <string.h>

/* The CLIENT_HELLO in a SYN's payload: empty when it is not there whole, or is not all there is (HS-001). */
static tern_bytes find_hello(tern_bytes payload)
{
    tern_bytes hello = { NULL, 0 };
    tern_reader r = tern_reader_of(payload);
    tern_tlv tlv;
    while (tern_tlv_next(&r, &tlv)) {
        tern_frame_crypto f;
        if (tlv.type == TERN_F_PADDING || (tlv.type & TERN_TLV_IGNORABLE) != 0) continue;
        if (tlv.type != TERN_F_CRYPTO || hello.n > 0) return (tern_bytes){ NULL, 0 };
        if (tern_frame_parse_crypto(tlv.value, &f) != TERN_OK || f.offset != 0) return (tern_bytes){ NULL, 0 };
        hello = f.bytes;
    }
    return tern_reader_ok(&r) ? hello : (tern_bytes){ NULL, 0 };
}

/*= CONN-002 */
bool tern_connection_is_its_hello(const tern_connection *c, const tern_host *host, tern_bytes payload)
{
    uint8_t hash[TERN_SHA256_SIZE];
    const tern_handshake_page *page = tern_hs(c, host);
    if (page == NULL) return false;
    tern_sha256_of(find_hello(payload), hash);
    return memcmp(hash, page->hello_hash, sizeof hash) == 0;
}

int tern_connection_open_syn(const tern_header *header, tern_buf datagram, tern_syn *out)
{
    tern_packet_keys keys;
    tern_opened opened;
    tern_tlv tlv;
    tern_packet_keys_syn(&keys, &header->to);
    int drop = tern_packet_open(&keys, header, datagram, UINT64_MAX, &opened);
    if (drop != TERN_DROP_NONE) return drop;
    tern_bytes message = find_hello(opened.payload);
    /*= HS-001 */
    if (tern_handshake_message_parse(message, &tlv) != TERN_OK || tlv.type != TERN_HS_CLIENT_HELLO)
        return TERN_DROP_HELLO;
    *out = (tern_syn){ .header = *header, .pn = opened.pn, .datagram_bytes = datagram.n, .message = message };
    return tern_client_hello_parse(tlv.value, &out->hello) == TERN_OK ? TERN_DROP_NONE : TERN_DROP_HELLO;
}

/* What was sent has had its answer. It is a sample of the round trip when there is but one SYN that it can answer. */
static void settle_syns(tern_connection *c, const tern_host *host)
{
    tern_settle_owner owner = { .c = c, .host = host };
    const tern_range all = { 0, c->recovery.sent.next_pn };
    if (all.to == 0) return;
    (void)tern_recovery_on_ack(&c->recovery, host->pool, host->now, (tern_range_list){ &all, 1 }, 0, false,
                               tern_connection_settled, &owner);
    tern_connection_settle_end(&owner);
    if (all.to == 1) return;
    tern_rtt_init(&c->recovery.rtt);
    c->recovery.first_sample_at = TERN_TIME_NEVER;
}

/* The CRYPTO sequence begins anew with another CLIENT_HELLO. */
static bool say_hello_again(tern_connection *c, const tern_host *host, const tern_cid *sid, tern_bytes cookie)
{
    uint8_t hello[TERN_CLIENT_HELLO_MAX];
    tern_writer w = tern_writer_of((tern_buf){ hello, sizeof hello });
    tern_handshake_page *page = tern_hs(c, host);
    tern_crypto_page *crypto = tern_crypto(c, host);
    tern_handshake_client_retry(&page->handshake, host->handshake, sid, cookie, &w);
    page->hello_bytes = (uint32_t)w.n;
    tern_send_buffer_free(&crypto->out, host->pool);
    tern_send_buffer_init(&crypto->out);
    if (!tern_send_buffer_append(&crypto->out, host->pool, tern_written(&w))) return false;
    /*= HS-008 */
    tern_send_buffer_sent(&crypto->out, host->pool, (tern_range){ 0, w.n });
    return true;
}

/* What answers a SYN without a SYN_ACK, from where it was sent to. */
static int may_answer(const tern_connection *c, const tern_host *host, const tern_path *path, const tern_header *header)
{
    const tern_handshake_page *page = tern_hs(c, host);
    if (!tern_addr_equal(&path->remote, &c->path.remote)) return TERN_DROP_PATH;
    if (!tern_connection_is_open(c)) return TERN_DROP_CLOSED;
    /*= CONN-062 CONN-067 */
    if (page == NULL || page->have_keys) return TERN_DROP_UNEXPECTED;
    return tern_cid_equal(&header->to, &c->local) ? TERN_DROP_NONE : TERN_DROP_UNKNOWN_CID;
}

int tern_connection_on_retry(tern_connection *c, const tern_host *host, const tern_path *path,
                             const tern_header *header, tern_buf datagram)
{
    tern_handshake_page *page = tern_hs(c, host);
    tern_bytes cookie;
    int drop = may_answer(c, host, path, header);
    if (drop != TERN_DROP_NONE) return drop;
    /*= CONN-062 */
    if (page->retried) return TERN_DROP_UNEXPECTED;
    drop = tern_retry_open(&c->first_sid, header, tern_bytes_of(datagram.p, datagram.n), &cookie);
    if (drop != TERN_DROP_NONE) return drop;
    c->bytes_received += datagram.n;
    if (c->early) tern_early_refused(c, host);
    settle_syns(c, host);
    if (!say_hello_again(c, host, &header->from, cookie)) {
        tern_connection_close(c, host, TERN_INTERNAL_ERROR, "");
        return TERN_DROP_NO_MEMORY;
    }
    page->retried = true;
    tern_early_start(c, host); /* anew, under the keys of the new CLIENT_HELLO */
    /*= CONN-062 */
    c->first_sid = header->from;
    tern_ids_meet(&c->ids, &c->first_sid);
    c->syn_owed = true;
    tern_connection_arm(c, host);
    return TERN_DROP_NONE;
}

/* What a client and the relay that says this have not in common; TERN_OK when it is nonsense. */
static tern_error judge(const tern_handshake_config *config, const tern_offer *offer)
{
    bool speaks = false;
    for (size_t i = 0; i < offer->versions; i++) speaks = speaks || offer->version[i] == TERN_VERSION;
    if (!speaks) return TERN_E_NO_VERSION;
    for (size_t i = 0; i < offer->suites; i++)
        if (tern_handshake_offers(config, offer->suite[i])) return TERN_OK;
    return TERN_HANDSHAKE_FAILURE;
}

int tern_connection_on_version(tern_connection *c, const tern_host *host, const tern_path *path,
                               const tern_header *header, tern_bytes datagram)
{
    tern_handshake_page *page = tern_hs(c, host);
    tern_offer offer;
    int drop = may_answer(c, host, path, header);
    if (drop != TERN_DROP_NONE) return drop;
    if (!tern_cid_equal(&header->from, &c->first_sid)) return TERN_DROP_UNKNOWN_CID;
    if (!tern_version_parse(datagram, &offer)) return TERN_DROP_SHORT;
    tern_error refusal = judge(host->handshake, &offer);
    /*= CONN-067 */
    if (refusal == TERN_OK || page->refusal != TERN_OK) return TERN_DROP_UNEXPECTED;
    c->bytes_received += datagram.n;
    page->refusal = refusal;
    page->offer = offer;
    tern_time end = c->timers.at[TERN_TIMER_IDLE], soon = host->now + TERN_REFUSAL_WAIT_NS;
    tern_timers_set(&c->timers, TERN_TIMER_IDLE, soon < end ? soon : end);
    return TERN_DROP_NONE;
}

/* A SYN_ACK opened: whoever said that there would be none was wrong. */
void tern_connection_not_refused(tern_connection *c, const tern_host *host)
{
    tern_handshake_page *page = tern_hs(c, host);
    if (page->refusal == TERN_OK) return;
    page->refusal = TERN_OK;
    /*= CONN-067 CONN-003 */
    tern_timers_set(&c->timers, TERN_TIMER_IDLE, c->started + TERN_HANDSHAKE_TIMEOUT_NS);
}

const tern_offer *tern_connection_offer(const tern_connection *c, tern_pool *pool)
{
    if (!c->is_client || c->handshake_page == 0) return NULL;
    const tern_handshake_page *page = tern_pool_at(pool, c->handshake_page);
    return page->refusal != TERN_OK ? &page->offer : NULL;
}
