/* SPDX-License-Identifier: MIT */
/* What the files of connection/ share among themselves; nobody else includes it. */
#ifndef TERN_CONNECTION_INTERNAL_H
#define TERN_CONNECTION_INTERNAL_H

#include "connection/connection.h"
#include "connection/paths.h"
#include "connection/protection.h"
#include "crypto/ct.h"

/* ---- handshaking.c ---- */

static inline tern_handshake_page *tern_hs(const tern_connection *c, const tern_host *host)
{
    return c->handshake_page == 0 ? NULL : tern_pool_at(host->pool, c->handshake_page);
}

static inline tern_crypto_page *tern_crypto(const tern_connection *c, const tern_host *host)
{
    return c->crypto_page == 0 ? NULL : tern_pool_at(host->pool, c->crypto_page);
}

/* Client: a SYN_ACK came, whatever a VERSION had said. */
void tern_connection_not_refused(tern_connection *c, const tern_host *host);
/* Client: tries the keys that a SYN_ACK's header leads to, and keeps them only when the packet opens. A tern_drop. */
int tern_connection_open_syn_ack(tern_connection *c, const tern_host *host, const tern_header *header,
                                 tern_buf datagram, tern_opened *out);
/* Relay: whether a SYN's payload is the CLIENT_HELLO that was answered, and nothing else. */
bool tern_connection_is_its_hello(const tern_connection *c, const tern_host *host, tern_bytes payload);
/* Bytes of the peer's CRYPTO sequence. TERN_OK, the error to close with, TERN_E_NO_MEMORY. */
int tern_connection_on_crypto(tern_connection *c, const tern_host *host, uint32_t offset, tern_bytes bytes);
/* A client's FINISHED is to be sent again, as far as it is not acknowledged (REC-018, REC-069). */
void tern_connection_ask_for_finished(const tern_connection *c, const tern_host *host);
/* The words for an error that the peer made: those of the handshake that failed with it, when there are any. */
const char *tern_connection_why(const tern_connection *c, const tern_host *host, tern_error error);
/* A DATA packet was opened: the handshake is confirmed and its memory goes back (HS-013, HS-032). */
void tern_connection_confirm(tern_connection *c, const tern_host *host);

/* ---- secrets.c ---- */

/* The next secret to tell, when the configuration asks for a key log. */
bool tern_connection_poll_secret(const tern_connection *c, tern_pool *pool, tern_news *news);

/* ---- phases.c: DATA's keys ---- */

/* Our secrets of the first phase are there, and with them the keys. */
void tern_phases_init(tern_phases *p, const uint8_t send[TERN_SECRET_SIZE], const uint8_t recv[TERN_SECRET_SIZE]);
/* The next packet is a DATA packet: the first one, unless this was said before. */
void tern_phases_begin(tern_connection *c);
/* The flags of a DATA packet that leaves now. */
uint8_t tern_phases_flag(const tern_phases *p);
/* A DATA packet may leave: goes to the next phase first when that is due and allowed (HS-081, HS-082). */
void tern_phases_before_data(tern_connection *c, const tern_host *host);
/* Whether the keys have sealed all that they may (HS-014). */
bool tern_phases_spent(const tern_connection *c);
/* Opens a DATA packet with the keys of the phase that it is of: a tern_drop. Closes when phases and numbers contradict
 * each other (HS-084). */
int tern_phases_open(tern_connection *c, const tern_host *host, const tern_header *header, tern_buf datagram,
                     tern_opened *out);
/* A packet did not open; closes when it was one too many (HS-087). TERN_DROP_AEAD. */
int tern_phases_failed(tern_connection *c, const tern_host *host);
/* The packet that is being taken acknowledges numbers up to largest, which was sent. TERN_OK or KEY_UPDATE_ERROR. */
TERN_MUST_USE tern_error tern_phases_on_ack(tern_connection *c, const tern_host *host, uint64_t largest);
void tern_phases_expired(tern_connection *c, const tern_host *host);
/* Wipes the keys of the phase before. */
void tern_phases_forget(tern_connection *c, tern_pool *pool);

/* ---- frames.c: the frame table ---- */

/* Handles every frame of an opened packet. TERN_OK; a wire error to close with; TERN_E_NO_MEMORY: do not acknowledge;
 * TERN_FRAMES_EARLY (HS-031). *eliciting: the packet asks for an acknowledgement; *moves: it is more than a probe of a
 * path (CONN-040). */
#define TERN_FRAMES_EARLY ((int)TERN_E_BLOCKED)
int tern_connection_on_frames(tern_connection *c, const tern_host *host, tern_packet_type type, tern_bytes payload,
                              bool *eliciting, bool *moves);
/* Whether a packet of this type may carry the frame (WIRE-022). */
bool tern_frame_allowed(uint16_t frame, tern_packet_type type);

/* ---- share.c ---- */

/* Whether there is memory for bytes at offset of in (XFER-025). */
bool tern_connection_may_receive(const tern_connection *c, const tern_host *host, const tern_recv_buffer *in,
                                 uint64_t offset);
/* The same for a stream or message of the peer's. front: it completes what the application can take. */
bool tern_connection_may_hold(const tern_connection *c, const tern_host *host, bool front);
/* Pages that it may take besides, all at once. */
uint32_t tern_connection_may_take(const tern_connection *c, const tern_host *host);

/* What the windows we grant may grow by now. */
tern_tuning tern_connection_tuning(const tern_connection *c, const tern_host *host);

/* ---- frames_out.c ---- */

typedef struct {
    tern_connection *c;
    const tern_host *host;
    tern_packet_type type;
    tern_writer *w;
    tern_sent_packet *record;
    tern_tuning tuning;
} tern_out;

void tern_out_ack(tern_out *o);  /* when there is something to tell */
void tern_out_data(tern_out *o); /* everything ack-eliciting that is wanted and fits */
bool tern_connection_wants_data(const tern_connection *c, const tern_host *host, tern_packet_type type);

/* ---- tickets.c ---- */

/* The peer is proven: a relay makes a ticket, unless there is no memory; a client is ready to take one. */
void tern_tickets_start(tern_connection *c, const tern_host *host);
/* TERN_OK or TERN_PROTOCOL_VIOLATION. */
int tern_tickets_on_new(const tern_connection *c, const tern_host *host, const tern_frame_new_ticket *f);
bool tern_tickets_owed(const tern_connection *c, tern_pool *pool);
void tern_out_ticket(tern_out *o); /* when one is owed and fits */
void tern_tickets_settled(tern_connection *c, tern_pool *pool, bool acked);
void tern_tickets_free(tern_connection *c, tern_pool *pool);

/* ---- early.c ---- */

/* Client: early data may leave from now on, if the handshake asks for it. */
void tern_early_start(tern_connection *c, const tern_host *host);
/* Relay: it is taken, at most so many bytes. */
void tern_early_take(tern_connection *c, const tern_host *host, uint32_t max_early);
/* Client: whether an EARLY packet may leave now. */
bool tern_early_may_leave(const tern_connection *c, const tern_host *host);
/* Client: no more of it leaves; what left goes again, in other packets. */
void tern_early_refused(tern_connection *c, const tern_host *host);
/* Client: the relay has said whether it takes it, and what its limits are. TERN_OK, or the error to close with. */
tern_error tern_early_answered(tern_connection *c, const tern_host *host, const tern_handshake *h);
/* Relay: whether what leaves now is an answer to early data, though the client is not proven yet. */
bool tern_early_may_answer(const tern_connection *c, const tern_host *host);
/* Client: whether the DATA packet that was taken shows that the relay has our FINISHED, too. */
bool tern_early_confirms(const tern_connection *c, const tern_host *host);
/* Relay: a tern_drop. */
int tern_early_open(tern_connection *c, const tern_host *host, const tern_header *header, tern_buf datagram,
                    tern_opened *out);
void tern_connection_adopt(tern_connection *c, const tern_host *host, const tern_params *p); /* the peer's parameters */

/* ---- settle.c ---- */

/* Behind what may have made room for messages without order. */
void tern_connection_unordered_freed(tern_connection *c, const tern_host *host);

/* An ACK mostly names many packets in a row with neighbouring bytes of one stream, which is told of them together. */
typedef struct {
    tern_connection *c;
    const tern_host *host;
    uint32_t stream; /* whose bytes in run are acknowledged, and it was not told of them yet */
    tern_range run;
} tern_settle_owner;

/* tern_settled_fn; the owner is a tern_settle_owner. */
void tern_connection_settled(void *owner, const tern_sent_packet *packet, bool acked);
/* Behind an ACK: what is left to be told. */
void tern_connection_settle_end(tern_settle_owner *o);

/* ---- timers.c ---- */

void tern_connection_heard(tern_connection *c, const tern_host *host);                 /* a packet was opened */
void tern_connection_spoke(tern_connection *c, const tern_host *host, bool eliciting); /* one was sent */
uint64_t tern_connection_peer_ack_delay_ns(const tern_connection *c);
uint64_t tern_connection_three_pto_ns(const tern_connection *c); /* what idling and closing last; at most 60 s */

/* ---- closing.c ---- */

void tern_connection_on_close(tern_connection *c, const tern_host *host, const tern_frame_close *frame);
/* The time for CLOSING or DRAINING is over. */
void tern_connection_ran_out(tern_connection *c, const tern_host *host);
/* A packet came while CLOSING (CONN-021). */
void tern_connection_closing_heard(tern_connection *c);

/* ---- packet_out.c ---- */

/* The largest datagram that may leave on the connection's path now; 0 for none (CONN-010, CONN-042). */
size_t tern_connection_allowance(tern_connection *c, size_t most);
/* A DATA packet with one PATH frame that fills out: its size, 0 when memory ran out. Recovery does not wait for it.
 * elsewhere: it leaves on another path than the connection's. */
size_t tern_connection_send_frame(tern_connection *c, const tern_host *host, tern_buf out, tern_frame_type type,
                                  const tern_frame_path *f, bool elsewhere);
/* Bytes of the largest datagram that both sides let pass. */
static inline uint32_t tern_connection_max_datagram(const tern_connection *c, const tern_host *host)
{
    uint32_t ours = host->limits->max_datagram, theirs = c->peer_params.max_datagram;
    return ours < theirs ? ours : theirs;
}

#endif
