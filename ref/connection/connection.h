/* SPDX-License-Identifier: MIT */
/* One connection (spec: connection): what it is made of, and what its endpoint does with it. The work is in the small
 * files beside: packet_in, packet_out, frames, frames_out, protection, settle, share, timers, ids, paths, news, entry,
 * early, tickets, secrets, handshaking, phases, closing. */
#ifndef TERN_CONNECTION_CONNECTION_H
#define TERN_CONNECTION_CONNECTION_H

#include "base/timers.h"
#include "connection/ids.h"
#include "connection/lifecycle.h"
#include "connection/phases.h"
#include "handshake/handshake.h"
#include "handshake/messages.h"
#include "handshake/ticket.h"
#include "recovery/ack_tracker.h"
#include "recovery/frequency.h"
#include "recovery/recovery.h"
#include "transfer/datagram.h"
#include "transfer/message.h"
#include "transfer/stream.h"
#include "transfer/unordered.h"
#include "wire/frame.h"
#include "wire/version.h"

#define TERN_HANDSHAKE_TIMEOUT_NS (10 * TERN_SECOND) /* CONN-003 */
#define TERN_REFUSAL_WAIT_NS      (1 * TERN_SECOND)  /* CONN-067 */

/* What each connection grants and keeps, in bytes. */
typedef struct {
    uint64_t stream_window, connection_window, message_window;
    uint64_t start_window;              /* of the three, at first; 0: all of it */
    uint64_t unordered_window;          /* 0: none are taken */
    uint16_t max_datagram_frame;        /* likewise */
    uint64_t stream_keep, message_keep; /* sent or waiting, not acknowledged */
    uint32_t max_message, max_streams, max_streams_uni;
    uint32_t idle_timeout_ms;
    uint32_t keep_alive_ms;      /* 0: a third of the idle timeout */
    uint32_t key_update_packets; /* 0: TERN_KEY_UPDATE_DEFAULT (HS-082) */
    uint16_t max_datagram;       /* bytes of the largest one taken, and sent */
    tern_congestion_kind congestion;
} tern_limits;

/* Client: the ticket that came last, and what the PSKs of tickets follow from. The endpoint's. */
typedef struct {
    uint8_t resumption[TERN_SECRET_SIZE];
    uint64_t until; /* Unix seconds when what the handshake judged ceases to hold; 0: it does not */
    bool untold;
    size_t n;
    uint8_t bytes[TERN_KEPT_TICKET_MAX]; /* a string of keep.h */
} tern_taken_ticket;

/* What the endpoint lends to a connection for the time of one call. */
typedef struct {
    tern_pool *pool;
    tern_drbg *drbg;
    const tern_handshake_config *handshake;
    const tern_limits *limits;
    const uint8_t *reset_secret; /* 32 bytes: what the tokens of our ids are made from (CONN-050) */
    bool shared;                 /* the pool serves other connections too (XFER-025) */
    bool marks;                  /* the datagrams of this batch leave with ECT(0) */
    tern_ecn mark;               /* with which the datagram came */
    uint64_t unix_seconds;       /* now */
    const tern_path *from;       /* while a datagram is taken: where it came from, and its size */
    size_t datagram_bytes;
    tern_tickets *tickets;    /* relay: NULL when it gives none */
    tern_taken_ticket *taken; /* client */
    tern_time now;
} tern_host;

/* What a connection needs only until its handshake is confirmed: two pages of the pool. */
typedef struct {
    tern_handshake handshake;
    tern_packet_keys send_keys, recv_keys; /* of SYN_ACK and ACK */
    bool have_keys;
    tern_packet_keys early_keys; /* of EARLY, while early_left is not 0 */
    uint32_t early_left;         /* bytes of EARLY packets that may still go, or come */
    bool remembers;              /* client: uses the limits that came with the ticket (HS-054) */
    bool key_log;                /* the secrets are told (HS-090) ... */
    uint8_t secrets_told;        /* ... of which these were */
    uint64_t answer_ns;          /* client: from the start to the first SYN_ACK that opened */
    bool retried;                /* client: it has taken a RETRY */
    tern_error refusal;          /* client: why there may be no SYN_ACK, as a VERSION says; TERN_OK without ... */
    tern_offer offer;            /* ... which then said this */
    uint32_t hello_bytes;        /* client: length of CLIENT_HELLO in the CRYPTO sequence */
    uint8_t hello_hash[TERN_SHA256_SIZE]; /* relay: of the CLIENT_HELLO that was answered */
} tern_handshake_page;

typedef struct {
    tern_send_buffer out;
    tern_recv_buffer in;
} tern_crypto_page;

/* Relay: a NEW_TICKET under way, in a page of the pool until the client has it. */
typedef struct {
    bool owed;
    size_t n;
    uint8_t bytes[TERN_NEW_TICKET_FRAME];
} tern_ticket_page;

_Static_assert(sizeof(tern_ticket_page) <= TERN_PAGE_SIZE, "it fits a page");

_Static_assert(sizeof(tern_handshake_page) <= TERN_PAGE_SIZE && sizeof(tern_crypto_page) <= TERN_PAGE_SIZE,
               "each fits a page");

/* In the order in which a packet's way touches it, and what is rarely looked at last: a relay of a thousand members
 * finds each of them cold, so every line of the cache counts. */
typedef struct {
    tern_life life;
    bool is_client;
    bool proven;            /* the peer's FINISHED is verified */
    bool confirmed;         /* a DATA packet was opened: the handshake's keys are gone */
    bool address_validated; /* CONN-010 */
    bool have_data_keys;
    bool eliciting_since_heard;
    bool syn_owed, keep_alive_owed;
    bool blocked_by_network; /* window or pacer, not the application, ended the last round of sending (REC-031) */
    bool messages_blocked;   /* tell MESSAGES_WRITABLE when there is room */
    bool messages_freed;
    bool messages_held; /* the front message is told (again) behind the next MESSAGES_WRITABLE */
    bool closed_by_peer, close_owed;
    bool close_waited; /* three PTO were over before CLOSE had left: there are three more */
    bool resumed;      /* with a ticket */
    bool early;        /* relay: takes early data. client: asks for it, and then: it was taken */
    bool told_connected, told_closed;
    bool let_go;      /* streams and messages were given up */
    bool key_shown;   /* fingerprint is of the key that the peer showed */
    bool status_good; /* client, CA: the relay's certificate is not revoked */
    tern_suite suite;
    tern_page handshake_page, crypto_page; /* 0 once confirmed */
    tern_page ticket_page;                 /* relay: 0 while no NEW_TICKET is under way */
    tern_page paths_page;                  /* 0 while no path is in question */
    tern_path path;
    uint64_t path_received, path_sent; /* bytes on the path in use (CONN-010) */
    uint64_t packets_sent, packets_received, bytes_sent, bytes_received;
    tern_cid heard_on; /* the id that the latest packet, probes apart, was sent to */
    tern_ids ids;

    uint64_t idle_timeout_ns;
    tern_time started, last_heard; /* when a packet was opened last */
    tern_timers timers;
    uint64_t promised; /* bytes of the pool's sum that are for this peer */
    tern_streams streams;
    tern_unordered_in unordered_in;
    tern_messages messages;
    tern_unordered_out unordered_out;
    tern_datagrams datagrams;

    tern_recovery recovery;
    uint64_t skip_at; /* the number that no packet gets; 0 until one is drawn (REC-047) */
    tern_ack_tracker acks;
    tern_phases phases; /* of DATA's keys: */
    tern_packet_keys recv_keys, send_keys;

    tern_params peer_params;
    tern_frequency frequency;
    tern_cid local, first_sid;         /* our first id */
    uint64_t packets_lost, bytes_lost; /* declared lost */
    tern_error close_error;
    uint32_t closing_heard, closing_answer_at; /* CONN-021 */
    uint16_t reason_n;
    tern_page reason_page; /* 0 without words, or without memory for them */
    uint8_t by_authority;  /* relay: whose certificate lets the client in, as in tern_handshake (HS-066); 0: nobody's */
    uint8_t fingerprint[TERN_SHA256_SIZE];
    uint64_t handshake_ns;
} tern_connection;

/* Client: draws ids and CLIENT_HELLO; the SYN leaves with the next send. TERN_OK or TERN_E_NO_MEMORY. */
int tern_connection_connect(tern_connection *c, const tern_host *host, const tern_path *path);
/* A SYN that opened no connection yet, opened in place and read; views stand in its datagram. */
typedef struct {
    tern_header header;
    uint64_t pn;
    size_t datagram_bytes;
    tern_bytes message;      /* CLIENT_HELLO, whole */
    tern_client_hello hello; /* what stands in it */
} tern_syn;

/* Relay: opens it, which costs no public-key operation and keeps nothing. A tern_drop. */
int tern_connection_open_syn(const tern_header *header, tern_buf datagram, tern_syn *out);
/* Relay: on TERN_DROP_NONE the connection exists and answers; else nothing was kept. sid is the id the endpoint drew
 * for it; proven: the address is (CONN-060). */
int tern_connection_accept(tern_connection *c, const tern_host *host, const tern_path *path, const tern_syn *syn,
                           const tern_cid *sid, bool proven);
/* Gives everything back to the pool and wipes the keys. */
void tern_connection_free(tern_connection *c, tern_pool *pool);

/* A datagram for this connection: a tern_drop. */
int tern_connection_recv(tern_connection *c, const tern_host *host, const tern_path *path, const tern_header *header,
                         tern_buf datagram);
/* One datagram into out (which has at least 1200 bytes): its size, 0 when there is none to send now. Behind the last
 * one of a turn the timers are armed. */
size_t tern_connection_send(tern_connection *c, const tern_host *host, tern_buf out);
/* Likewise what concerns a path, which may be another than the connection's. To be asked first. */
size_t tern_connection_send_aside(tern_connection *c, const tern_host *host, tern_buf out, tern_path *path);
/* Client: goes on from another address of its own. TERN_OK, TERN_E_CLOSED, TERN_E_BLOCKED (not now), TERN_E_BAD_INPUT
 * for a path to another relay. */
int tern_connection_migrate(tern_connection *c, const tern_host *host, const tern_path *path);
/* Arms the timers that follow from state, for who sent; the other calls do it themselves. */
void tern_connection_arm(tern_connection *c, const tern_host *host);
tern_time tern_connection_next_timeout(const tern_connection *c);
void tern_connection_on_timeout(tern_connection *c, const tern_host *host);

/* Client: a RETRY came; its CLIENT_HELLO is to leave again, with the cookie. A tern_drop. */
int tern_connection_on_retry(tern_connection *c, const tern_host *host, const tern_path *path,
                             const tern_header *header, tern_buf datagram);
/* Client: a VERSION came, which may be forged: it is remembered, and waited for better news. A tern_drop. */
int tern_connection_on_version(tern_connection *c, const tern_host *host, const tern_path *path,
                               const tern_header *header, tern_bytes datagram);
/* Client: what a VERSION said before the connection ended for it; NULL without. */
const tern_offer *tern_connection_offer(const tern_connection *c, tern_pool *pool);
/* Client: a RESET came, with the token of an id. A tern_drop. */
int tern_connection_on_reset(tern_connection *c, const tern_host *host, const tern_path *path,
                             const tern_header *header);

/* After each call but send, which does it itself: what the peer may send from now on stands in the pool's sum
 * (XFER-032).
 */
void tern_connection_promise(tern_connection *c, tern_pool *pool);

/* What keep_bytes is worth for a connection that has its share of the memory already. shared: as in tern_host. */
uint64_t tern_connection_keep(const tern_connection *c, tern_pool *pool, bool shared, uint64_t keep_bytes);

/* Closes with a code and words. Before there are keys it ends at once (CONN-023). */
void tern_connection_close(tern_connection *c, const tern_host *host, tern_error error, const char *reason);

/* Ends at once and without a packet, as when nothing came for too long. What has come may still be read. */
void tern_connection_fall_silent(tern_connection *c, const tern_host *host);

/* What became ready since the last call, one thing a call; false when there is nothing. */
typedef enum {
    TERN_NEWS_NONE,
    TERN_NEWS_SECRET, /* before CONNECTED */
    TERN_NEWS_CONNECTED,
    TERN_NEWS_MESSAGE, /* stays until it is dropped */
    TERN_NEWS_MESSAGES_WRITABLE,
    TERN_NEWS_STREAM,
    TERN_NEWS_PEER_MESSAGE, /* stays until it is dropped, and so does a datagram */
    TERN_NEWS_DATAGRAM,
    TERN_NEWS_PEER_WRITABLE,
    TERN_NEWS_CLOSED /* the last */
} tern_news_kind;

typedef struct {
    tern_news_kind kind;
    uint32_t size;   /* MESSAGE, PEER_MESSAGE, DATAGRAM */
    uint32_t stream; /* STREAM */
    tern_stream_news stream_news;
    uint16_t code;
    const char *label;                     /* SECRET */
    const uint8_t *client_random, *secret; /* SECRET: 32 bytes each, until the next call */
} tern_news;

/* The words of CLOSE, ours or the peer's; empty when there are none. */
tern_bytes tern_connection_reason(const tern_connection *c, tern_pool *pool);

bool tern_connection_poll(tern_connection *c, tern_pool *pool, tern_news *news);

/* Bytes of a DATAGRAM that a packet of this path can hold. */
size_t tern_connection_datagram_room(tern_connection *c);

/* Whether what has arrived may still be read: until CLOSED was told, unless we closed. */
bool tern_connection_is_readable(const tern_connection *c);
/* Whether the application may use it: HANDSHAKE or ESTABLISHED. */
bool tern_connection_is_open(const tern_connection *c);

#endif
