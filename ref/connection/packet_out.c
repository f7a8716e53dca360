/* SPDX-License-Identifier: MIT */
/* A datagram's way out: may one leave, owners fill its frames, seal it, remember it (spec: wire, recovery, connection).
 */
#include "connection/internal.h"

#define RETRY_NS          (10 * TERN_MS) /* when memory for a record ran out */
#define AMPLIFICATION     3
#define CLOSE_OVERHEAD    (TERN_TLV_HEADER + 2) /* CLOSE without its reason */
#define SKIP_FIRST_WITHIN 64                    /* packets from the first DATA packet on */
#define SKIP_WITHIN       512                   /* and then from one left out to the next */
#define LEAST_DATAGRAM    128                   /* below this much allowance it is not worth a packet */

static tern_packet_type type_out(const tern_connection *c, const tern_host *host)
{
    if (c->confirmed) return TERN_PACKET_DATA;
    /*= HS-030 HS-032 */
    if (!c->is_client) return c->proven ? TERN_PACKET_DATA : TERN_PACKET_SYN_ACK;
    const tern_handshake_page *page = tern_hs(c, host);
    if (page != NULL && page->have_keys) return TERN_PACKET_ACK;
    return !c->syn_owed && tern_early_may_leave(c, host) ? TERN_PACKET_EARLY : TERN_PACKET_SYN;
}

size_t tern_connection_allowance(tern_connection *c, size_t most)
{
    uint32_t datagram = tern_recovery_datagram(&c->recovery);
    /*= REC-060 */
    if (most > datagram) most = datagram;
    if (c->address_validated) return most;
    uint64_t total = AMPLIFICATION * c->path_received;
    uint64_t left = total > c->path_sent ? total - c->path_sent : 0;
    /*= CONN-010 CONN-042 */
    if (left < LEAST_DATAGRAM) return 0;
    return left < most ? (size_t)left : most;
}

/* Whether data may leave, by window, probe and pacer; arms the pacer's timer when it is only a matter of time. */
static bool data_may_leave(tern_connection *c, const tern_host *host, size_t bytes)
{
    tern_recovery *r = &c->recovery;
    c->blocked_by_network = !tern_recovery_may_send(r, bytes);
    if (c->blocked_by_network) return false;
    tern_time when = tern_recovery_when(r, host->now, bytes);
    if (when <= host->now) return true;
    c->blocked_by_network = true; /* a window that only the pacer keeps from filling is in use (RFC 9002 section 7.8) */
    tern_timers_set(&c->timers, TERN_TIMER_PACE, when);
    return false;
}

static void begin_packet(const tern_connection *c, const tern_host *host, tern_packet_type type, tern_writer *w)
{
    tern_header h = { .type = type, .version = TERN_VERSION, .to = *tern_ids_current(&c->ids), .from = c->local };
    if (type == TERN_PACKET_SYN_ACK) h.hello = tern_hs(c, host)->handshake.hello;
    tern_header_emit(w, &h, type == TERN_PACKET_DATA ? tern_phases_flag(&c->phases) : 0);
    tern_write_u32(w, (uint32_t)c->recovery.sent.next_pn);
}

static size_t seal(const tern_connection *c, const tern_host *host, tern_packet_type type, uint64_t pn, tern_writer *w)
{
    size_t pn_offset = tern_header_size(type);
    tern_packet_keys syn;
    if (type == TERN_PACKET_DATA) return tern_packet_seal(&c->send_keys, pn, w->start, pn_offset, w->n);
    if (type == TERN_PACKET_EARLY)
        return tern_packet_seal(&tern_hs(c, host)->early_keys, pn, w->start, pn_offset, w->n);
    if (type != TERN_PACKET_SYN) return tern_packet_seal(&tern_hs(c, host)->send_keys, pn, w->start, pn_offset, w->n);
    tern_packet_keys_syn(&syn, &c->first_sid);
    return tern_packet_seal(&syn, pn, w->start, pn_offset, w->n);
}

/* Seals the packet and counts it; its size. */
static size_t leave(tern_connection *c, const tern_host *host, tern_packet_type type, uint64_t pn, tern_writer *w)
{
    size_t n = seal(c, host, type, pn, w);
    c->packets_sent++;
    c->bytes_sent += n;
    return n;
}

static bool carries_crypto(const tern_sent_packet *record)
{
    for (size_t i = 0; i < record->ranges; i++)
        if (record->range[i].channel == TERN_CHANNEL_CRYPTO) return true;
    return false;
}

/* The record is filled: the packet leaves. */
static size_t leave_recorded(tern_connection *c, const tern_host *host, tern_packet_type type, tern_sent_packet *record,
                             tern_writer *w)
{
    uint64_t pn = c->recovery.sent.next_pn;
    bool eliciting = record->eliciting;
    size_t n = leave(c, host, type, pn, w);
    if (!record->pmtu_probe) tern_pmtu_sent(&c->recovery.pmtu, (uint32_t)n);
    record->bytes = (uint16_t)n;
    record->early = type == TERN_PACKET_EARLY;
    if (record->early) tern_hs(c, host)->early_left -= (uint32_t)n;
    record->in_flight = eliciting && !record->pmtu_probe;
    record->ect0 = host->marks;
    tern_sent_commit(&c->recovery.sent);
    /*= REC-070 */
    bool probed = !c->is_client || c->confirmed || carries_crypto(record);
    tern_recovery_on_sent(&c->recovery, host->pool, host->now, pn, probed);
    tern_connection_spoke(c, host, eliciting);
    return n;
}

static tern_sent_packet *open_record(tern_connection *c, const tern_host *host)
{
    tern_sent_packet *record = tern_sent_open(&c->recovery.sent, host->pool);
    if (record == NULL) tern_timers_set(&c->timers, TERN_TIMER_PACE, host->now + RETRY_NS);
    return record;
}

/* A message or stream found no memory though nothing of ours waits: no acknowledgement will say when there is some. */
static void retry_writes(tern_connection *c, const tern_host *host)
{
    const tern_unordered_out *u = &c->unordered_out;
    bool ordered = c->messages_blocked && !c->messages_freed && tern_messages_waiting(&c->messages) == 0;
    bool unordered = u->blocked && !u->freed && u->page == 0;
    if (!ordered && !unordered && !tern_streams_starved(&c->streams)) return;
    if (c->timers.at[TERN_TIMER_PACE] == TERN_TIME_NEVER)
        tern_timers_set(&c->timers, TERN_TIMER_PACE, host->now + RETRY_NS);
}

/* Our last words; nothing else leaves a closing connection (CONN-021). */
static size_t send_close(tern_connection *c, const tern_host *host, tern_buf out)
{
    tern_packet_type type = type_out(c, host);
    size_t most = tern_connection_allowance(c, out.n);
    if (!c->close_owed || most == 0) return 0;
    tern_writer w = tern_writer_of((tern_buf){ out.p, most - TERN_TAG_SIZE });
    begin_packet(c, host, type, &w);
    size_t words = tern_writer_left(&w) > CLOSE_OVERHEAD ? tern_writer_left(&w) - CLOSE_OVERHEAD : 0;
    tern_bytes reason = tern_connection_reason(c, host->pool);
    if (reason.n > words) reason.n = words;
    tern_frame_emit_close(&w, &(tern_frame_close){ (uint16_t)c->close_error, reason });
    c->close_owed = false;
    if (!tern_writer_ok(&w)) return 0;
    size_t n = leave(c, host, type, c->recovery.sent.next_pn, &w);
    tern_sent_skip(&c->recovery.sent); /* nobody acknowledges it: it needs no memory */
    return n;
}

/* Now and then a number is left out, unforeseeably, so that who acknowledges what it has not received is found out. */
static void skip_a_number(tern_connection *c, const tern_host *host)
{
    const uint64_t next = c->recovery.sent.next_pn;
    if (!c->confirmed || next < c->skip_at) return;
    /*= REC-047 */
    if (c->skip_at > 0 && !tern_recovery_skip(&c->recovery, host->pool, host->now)) return;
    c->skip_at = next + 1 + tern_drbg_u64(host->drbg) % (c->skip_at > 0 ? SKIP_WITHIN : SKIP_FIRST_WITHIN);
}

/* Fills one packet; the size of the datagram, 0 when there was nothing to put into it. */
static size_t send_packet(tern_connection *c, const tern_host *host, tern_packet_type type, tern_buf out, bool data)
{
    tern_writer w = tern_writer_of((tern_buf){ out.p, out.n - TERN_TAG_SIZE });
    tern_sent_packet *record = open_record(c, host);
    if (record == NULL) return 0;
    begin_packet(c, host, type, &w);
    size_t empty = w.n;
    tern_out o = { c, host, type, &w, record, tern_connection_tuning(c, host) };
    const uint64_t room = o.tuning.room;
    tern_out_ack(&o);
    if (data) tern_out_data(&o);
    if (o.tuning.room != room) tern_connection_promise(c, host->pool);
    if (w.n == empty) return 0;
    /*= WIRE-004 */
    if (type == TERN_PACKET_SYN) tern_frame_emit_padding(&w, TERN_DATAGRAM_MIN - TERN_TAG_SIZE - w.n);
    tern_assert(tern_writer_ok(&w));
    return leave_recorded(c, host, type, record, &w);
}

/* A datagram that is larger than what the path is known to carry, when it is time for one. Recovery keeps its record
 * but neither waits for it nor sends it again, so it does not count as ack-eliciting here, though to the peer it is. */
static size_t send_pmtu_probe(tern_connection *c, const tern_host *host, tern_buf out)
{
    tern_pmtu *pmtu = &c->recovery.pmtu;
    size_t most = out.n < UINT16_MAX ? out.n : UINT16_MAX;
    uint32_t size = tern_pmtu_next(pmtu, host->now, (uint32_t)most, tern_connection_three_pto_ns(c));
    if (size == 0) return 0;
    tern_writer w = tern_writer_of((tern_buf){ out.p, size - TERN_TAG_SIZE });
    tern_sent_packet *record = open_record(c, host);
    if (record == NULL) return 0;
    begin_packet(c, host, TERN_PACKET_DATA, &w);
    /*= REC-061 */
    tern_frame_emit_keep_alive(&w);
    tern_frame_emit_padding(&w, tern_writer_left(&w));
    record->pmtu_probe = true;
    tern_pmtu_probed(pmtu, host->now, size);
    return leave_recorded(c, host, TERN_PACKET_DATA, record, &w);
}

/* Nothing waits to be sent. */
static void held_back_by_application(tern_connection *c)
{
    c->blocked_by_network = false;
    tern_recovery_limited(&c->recovery);
}

size_t tern_connection_send_frame(tern_connection *c, const tern_host *host, tern_buf out, tern_frame_type type,
                                  const tern_frame_path *f, bool elsewhere)
{
    tern_writer w = tern_writer_of((tern_buf){ out.p, out.n - TERN_TAG_SIZE });
    tern_sent_packet *record = open_record(c, host);
    if (record == NULL) return 0;
    begin_packet(c, host, TERN_PACKET_DATA, &w);
    record->elsewhere = elsewhere;
    tern_frame_emit_path(&w, type, f);
    if (tern_writer_left(&w) >= TERN_TLV_HEADER) tern_frame_emit_padding(&w, tern_writer_left(&w));
    return tern_writer_ok(&w) ? leave_recorded(c, host, TERN_PACKET_DATA, record, &w) : 0;
}

static size_t send_on_path(tern_connection *c, const tern_host *host, tern_buf out)
{
    if (c->life == TERN_LIFE_CLOSING) return send_close(c, host, out);
    if (!tern_connection_is_open(c)) return 0;
    if (tern_phases_spent(c)) {
        tern_connection_close(c, host, TERN_AEAD_LIMIT_REACHED, tern_error_text(TERN_AEAD_LIMIT_REACHED));
        return send_close(c, host, out);
    }
    tern_packet_type type = type_out(c, host);
    size_t most = tern_connection_allowance(c, out.n), n = 0;
    if (most == 0) return 0;
    if (type == TERN_PACKET_SYN_ACK && tern_early_may_answer(c, host)) {
        type = TERN_PACKET_DATA;
        tern_phases_begin(c);
    }
    tern_phases_before_data(c, host);
    bool wants = tern_connection_wants_data(c, host, type);
    bool data = wants && data_may_leave(c, host, most);
    if (!wants) held_back_by_application(c);
    /*= REC-001 */
    if (data) skip_a_number(c, host);
    if (data || c->acks.due <= host->now) n = send_packet(c, host, type, (tern_buf){ out.p, most }, data);
    /*= CONN-042 REC-063 */
    if (n == 0 && c->address_validated) n = send_pmtu_probe(c, host, out);
    retry_writes(c, host);
    return n;
}

/* What comes from now on is not opened, so anybody may have sent it. */
static void said_goodbye(tern_connection *c)
{
    /*= CONN-027 */
    if (c->address_validated) c->path_received = c->path_sent = 0;
    c->address_validated = false;
}

size_t tern_connection_send(tern_connection *c, const tern_host *host, tern_buf out)
{
    size_t n = send_on_path(c, host, out);
    c->path_sent += n;
    if (n > 0 && c->life == TERN_LIFE_CLOSING) said_goodbye(c);
    return n;
}
