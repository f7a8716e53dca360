/* SPDX-License-Identifier: MIT */
/* Tern: the one header that outsiders include.
 *
 * Everything that speaks a protocol is a node: a block of memory that its caller lends, and five verbs. No node
 * allocates, reads a clock, opens a socket or calls for randomness: time is an argument, randomness a seed at init,
 * memory is lent.
 *
 * The caller's loop, the same for a socket and for a simulator:
 *     a datagram came          -> tern_node_recv
 *     the next timeout passed  -> tern_node_on_timeout
 *     after either of them, or after any call below:
 *         poll events until there is none, then send until a batch is empty, then ask for the next timeout. */
#ifndef TERN_H
#define TERN_H

#include "base/error.h"
#include "base/types.h"
#include "crypto/drbg.h"          /* TERN_SEED_SIZE; a source of bytes for tests and simulators */
#include "crypto/sha256.h"        /* SHA-256 in pieces, for files */
#include "recovery/controllers.h" /* the names of congestion controllers */
#include "wire/room_tlv.h"        /* file messages and names (spec: rooms) */

#define TERN_VERSION_STRING "0.1.0"

#define TERN_DEFAULT_PORT        8376  /* T E R N on a telephone's keys */
#define TERN_DATAGRAM_MAX        65527 /* the largest datagram a node ever gives or takes */
#define TERN_NICK_SIZE           65    /* 64 bytes and a terminating zero (ROOM-002) */
#define TERN_REASON_SIZE         257   /* 256 bytes and a terminating zero (WIRE-025) */
#define TERN_FINGERPRINT_SIZE    32
#define TERN_SUBJECT_SIZE        129  /* 128 bytes and a terminating zero */
#define TERN_TICKET_SIZE         496  /* bytes of a ticket that a client keeps, at most */
#define TERN_CLIENT_KEYS_MAX     4096 /* fingerprints of clients that a relay keeps */
#define TERN_TOLD_MAX            8    /* versions, and suites, that a relay says it takes */
#define TERN_DEFAULT_MAX_MESSAGE (1u << 20)

/* ---- the seam -------------------------------------------------------------------------------------------------- */

typedef struct tern_node tern_node;
typedef struct tern_event tern_event;

/* Takes one datagram, which is opened in place. 0 when it was taken, else the tern_drop under which it was counted. */
int tern_node_recv(tern_node *node, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn);
/* Fills out with datagrams to send now, all for one path; count 0 when there is none. out.n is at least 1200; what fits
 * in out is a batch. Call again until count is 0. */
tern_batch tern_node_send(tern_node *node, tern_time now, tern_buf out);
/* When on_timeout must be called, TERN_TIME_NEVER for not at all. Never before the time of the last call. */
tern_time tern_node_next_timeout(const tern_node *node);
void tern_node_on_timeout(tern_node *node, tern_time now);
/* What the application should know, one thing a call; false when there is nothing. Views and bodies that an event
 * speaks of hold until the next poll. */
bool tern_node_poll(tern_node *node, tern_event *event);

/* No verb, for a node needs it not: the host's word that a datagram to path.remote was too large. */
typedef struct {
    size_t bytes; /* of the datagram */
    size_t most;  /* that would pass, as is said; 0: that is not said */
} tern_too_big;

/* A node that finds out itself what its paths carry looks sooner (REC-067); others pass it over. */
void tern_node_too_big(tern_node *node, tern_time now, const tern_path *path, const tern_too_big *what);

/* ---- events ---------------------------------------------------------------------------------------------------- */

/* Which connection: at a client 0; at a relay a number that no other connection gets while the relay runs. */
typedef uint64_t tern_peer;

typedef enum {
    TERN_EVENT_CONNECTED = 1, /* the handshake is done: at a client, the relay is proven */
    TERN_EVENT_CLOSED,        /* the connection has ended; nothing follows from this peer */
    TERN_EVENT_JOINED,        /* client: the room welcomes us. relay: a member came */
    TERN_EVENT_REFUSED,       /* client: the room does not */
    TERN_EVENT_PRESENT,       /* client: a member who was there already */
    TERN_EVENT_ARRIVED,       /* client: a member came; the first one after JOINED is ourselves */
    TERN_EVENT_LEFT,          /* client: a member went. relay: likewise */
    TERN_EVENT_MESSAGE,       /* client: a message of the room, ours too; read its body with tern_client_read */
    TERN_EVENT_MISSED,        /* client: events that we will never get, having been too slow */
    TERN_EVENT_STREAM_OPENED, /* the peer opened a stream */
    TERN_EVENT_STREAM_READABLE,
    TERN_EVENT_STREAM_WRITABLE, /* after a write that did not take all */
    TERN_EVENT_STREAM_RESET,    /* the peer ended its direction at once, with a code */
    TERN_EVENT_STREAM_STOPPED,  /* the peer wants no more of ours, with a code */
    TERN_EVENT_PEER_MESSAGE,    /* a message from tern_peer_message_send; read it with tern_peer_message_read */
    TERN_EVENT_DATAGRAM,        /* likewise of tern_peer_datagram_send */
    TERN_EVENT_PEER_WRITABLE,   /* after a tern_peer_message_send that was BLOCKED */
    TERN_EVENT_SECRET,          /* a traffic secret, when the configuration asks for a key log; before CONNECTED */
    TERN_EVENT_TICKET           /* client: the relay gave a ticket for the next connection (tern_client_config) */
} tern_event_type;

typedef enum {
    TERN_PROOF_CA = 1,   /* a certificate chain up to a trusted authority, for the name asked for */
    TERN_PROOF_PIN,      /* the pinned key */
    TERN_PROOF_FIRST_USE /* any key: the application keeps the fingerprint and pins it from now on */
} tern_proof;

typedef struct {
    uint32_t id;    /* of the member, within its room */
    tern_addr addr; /* family 0 when the relay does not tell */
    char nick[TERN_NICK_SIZE];
} tern_member;

/* Of u there is what the type speaks of; the rest is undefined. */
struct tern_event {
    tern_event_type type;
    tern_peer peer;
    union {
        struct {
            tern_addr remote;
            uint16_t suite;                             /* a number of the registry: 0x1302 is AES-256-GCM */
            tern_proof proof;                           /* client */
            bool has_fingerprint;                       /* relay: only when it asked for the client's key */
            uint8_t fingerprint[TERN_FINGERPRINT_SIZE]; /* of the peer's key, which it has proven */
            char subject[TERN_SUBJECT_SIZE]; /* relay: whom the certificate names that let the client in (HS-066),
                                                "CN=ada,O=Club"; may hold control characters. Empty for others */
            bool resumed;                    /* with a ticket: no key was shown or signed with */
            bool status_good; /* client, CA: the authority says that the certificate is not revoked (HS-071) */
            bool early;       /* client: what was sent before the relay's answer was taken. relay: it is; the client can
                                 still turn out to be somebody's copy, but nothing comes twice (HS-053) */
            bool early_asked; /* client: it offered to send some */
            uint64_t handshake_ns; /* from the first packet to the proof ... */
            uint64_t answer_ns;    /* ... and, client, to the relay's first SYN_ACK */
            uint32_t version;      /* a number of the registry */
            uint8_t round_trips;   /* client: before its own data could leave */
        } connected;
        struct {
            uint32_t error; /* a tern_error, or a code of the peer's that is not registered */
            bool by_peer;
            char reason[TERN_REASON_SIZE]; /* the peer's words, untouched: may hold control characters */
            bool has_fingerprint;
            uint8_t fingerprint[TERN_FINGERPRINT_SIZE]; /* of the key the peer showed, also when it was refused */
            tern_addr remote;
            /* client, when it has nothing in common with the relay (TERN_E_NO_VERSION, TERN_HANDSHAKE_FAILURE not by
             * the peer): what the relay takes, as somebody on the path says */
            uint8_t versions_n, suites_n;
            uint32_t versions[TERN_TOLD_MAX];
            uint16_t suites[TERN_TOLD_MAX]; /* numbers of the registry */
        } closed;
        struct {
            tern_member who;           /* ourselves (client: id only), or the member that came (relay) */
            uint64_t next;             /* client: number of the first event that follows */
            uint32_t count;            /* client: how many PRESENT follow */
            char room[TERN_NICK_SIZE]; /* relay */
        } joined;
        struct {
            uint16_t code; /* tern_refused */
            char text[TERN_REASON_SIZE];
        } refused;
        struct {
            uint64_t number; /* 0 in PRESENT */
            tern_member who;
            uint8_t why;               /* in LEFT: tern_left_why */
            char room[TERN_NICK_SIZE]; /* relay */
        } presence;                    /* PRESENT, ARRIVED, LEFT */
        struct {
            uint64_t number;
            uint64_t time_ms; /* Unix time at the relay */
            tern_member sender;
            uint32_t size; /* bytes of the body */
        } message;
        struct {
            uint64_t first, last;
        } missed;
        struct {
            uint32_t id;
            uint16_t code; /* RESET, STOPPED */
        } stream;
        struct {
            uint32_t size; /* bytes */
        } peer_message;    /* PEER_MESSAGE, DATAGRAM */
        struct {
            const char *label; /* what it is, in the words of a key log: a static text */
            uint8_t client_random[32], secret[32];
        } secret;
        struct {
            size_t n;
            uint8_t bytes[TERN_TICKET_SIZE]; /* opaque, and a secret */
        } ticket;
    } u;
};

typedef enum {
    TERN_REFUSED_NICK_TAKEN = 1,
    TERN_REFUSED_BAD_NAME,
    TERN_REFUSED_ROOM_FULL,
    TERN_REFUSED_NO_ROOM,
    TERN_REFUSED_TOO_MANY_ROOMS,
    TERN_REFUSED_NOT_A_MEMBER,
    TERN_REFUSED_ALREADY_MEMBER
} tern_refused;

typedef enum { TERN_LEFT_LEFT = 0, TERN_LEFT_CLOSED, TERN_LEFT_TIMED_OUT, TERN_LEFT_SENT_AWAY } tern_left_why;

/* ---- the transport: what both kinds of node are told alike ----------------------------------------------------- */

/* What stands in brackets is the default and the bounds; what lies beyond them is refused by init. */
typedef struct {
    uint32_t idle_timeout_ms; /* a connection that is silent for so long ends [30000; 1000 and up]; the lower of both
                                 sides' holds */
    uint32_t keep_alive_ms;   /* a client says that it is there after so long without a word of the relay's [0]; 0, and
                                 what is more than that, stands for a third of the idle timeout in force */

    uint32_t key_update_packets; /* keys are changed after so many packets of one direction [0, which stands for the
                                    most: 4194304] */

    /* What the peer may send: bytes granted at most. All windows but the last begin at 64 KiB and grow as they are used
     * up. */
    uint32_t max_message;        /* the largest body of a message [1 MiB; 1 KiB to 1 GiB] */
    uint64_t stream_window;      /* of each stream [4 MiB; 4 KiB to 1 GiB] */
    uint64_t connection_window;  /* of all streams together [8 MiB; 4 KiB to 1 GiB] */
    uint64_t message_window;     /* of messages in order, those of rooms [2 MiB; max_message and 1 KiB, to 2 GiB] */
    uint64_t unordered_window;   /* of messages without order [0: none are taken; else as message_window] */
    uint16_t max_datagram_frame; /* bytes of the largest tern_peer_datagram_send taken [0: none are] */
    uint32_t max_streams;        /* that the peer may have open at once, both ways [8; at most 65536] */
    uint32_t max_streams_uni;    /* likewise, one way [0; at most 65536] */

    /* What this side sends. */
    uint64_t send_keep;              /* bytes that a stream, and the messages together, may keep unacknowledged
                                        [2 MiB; 4 KiB to 1 GiB] */
    tern_congestion_kind congestion; /* how sending is held back [TERN_CONGESTION_CUBIC] */

    uint16_t max_datagram; /* bytes of the largest UDP datagram taken and sent [65527; 1200 to 65527]; what is announced
                              is a sixteenth of the pages at most, what is sent 65507 */
    uint32_t pages; /* of 4096 bytes: memory for data under way, shared by all connections [a client 8192, a relay
                       16384; 16 to 2^24] */
} tern_transport;

/* ---- a client -------------------------------------------------------------------------------------------------- */

/* How the relay must prove itself (spec: handshake 3). */
typedef struct {
    tern_proof proof;
    tern_bytes ca_pem;    /* CA: one or more certificates in PEM */
    const char *dns_name; /* CA: the name to find in the certificate, or NULL to look for the address of path.remote */
    uint8_t pin[TERN_FINGERPRINT_SIZE]; /* PIN */
    bool must_staple; /* CA: refuse a certificate without its status (HS-075); one that is shown is always judged */
} tern_trust;

typedef struct {
    uint8_t seed[TERN_SEED_SIZE]; /* all randomness comes from it: fresh entropy, never used twice */
    tern_path path;               /* from where to where; local may be all zero */
    tern_trust trust;
    tern_bytes key_pem;         /* the client's own private key, for relays that ask who it is; empty: none */
    tern_bytes cert_pem;        /* a chain for that key, leaf first; empty for a raw key */
    uint64_t unix_seconds_at_0; /* Unix time when tern_time was 0: what certificates and ages are judged by */
    bool plaintext;             /* offer only PLAINTEXT: integrity, no secrecy (HS-003) */
    bool key_log;               /* tell SECRET events: whoever has them reads the connection (HS-090) */
    tern_bytes ticket; /* of a TERN_EVENT_TICKET of an earlier connection to this relay; each is for one connection
                          alone. One that has expired, or that this trust does not hold for, is passed over [empty] */
    bool early; /* what is sent before CONNECTED travels with the first packets, if the ticket allows it; where the
                   relay refuses it, it is sent again by itself [false] */
    tern_transport transport;
} tern_client_config;

/* Defaults for all but seed, path and trust; without a key. */
void tern_client_config_default(tern_client_config *config);
/* Bytes of memory that init needs for this configuration; 0 for one that init would refuse. */
size_t tern_client_footprint(const tern_client_config *config);
/* Makes a client that begins to connect at its first send. memory: footprint bytes, aligned to 16. TERN_OK;
 * TERN_E_BAD_INPUT for a CA file that has no certificate in it, a key or chain that tern_key_pem_check refuses, or
 * numbers out of range. What config points to is not
 * needed afterwards. */
int tern_client_init(void *memory, const tern_client_config *config, tern_time now, tern_node **node);

/* Each is TERN_OK, or TERN_E_BLOCKED (try again after the next event or timeout), TERN_E_CLOSED, TERN_E_BAD_INPUT. May
 * be called before CONNECTED: up to 1 KiB travels with the end of the handshake, more is BLOCKED until then. */
int tern_client_join(tern_node *client, const char *room, const char *nick);
int tern_client_publish(tern_node *client, tern_bytes body); /* TERN_MESSAGE_TOO_LARGE above the relay's limit */
int tern_client_leave(tern_node *client);
/* Goes on from another address of the client's own (path.local; path.remote stays), which is asked of the relay with a
 * fresh connection id. TERN_E_BLOCKED: not before CONNECTED, nor without a spare id. A NAT that changes the address
 * needs no call. */
int tern_client_migrate(tern_node *client, tern_time now, const tern_path *path);
/* Reads on in the body of the last MESSAGE event; the number of bytes copied, 0 at its end. */
size_t tern_client_read(tern_node *client, tern_buf out);
/* Bytes of published messages that the relay has not acknowledged. */
uint64_t tern_client_unacknowledged(const tern_node *client);

/* ---- a relay --------------------------------------------------------------------------------------------------- */

typedef struct {
    uint8_t seed[TERN_SEED_SIZE]; /* as of a client */
    tern_bytes key_pem;           /* the relay's private key: on P-256, or RSA with a chain */
    tern_bytes cert_pem;          /* its chain, leaf first; empty for a raw key */
    uint8_t reset_secret[32]; /* what stateless resets are made from (CONN-050); all zero: derived from the key, so that
                                 it outlives the relay */
    uint8_t ticket_secret[32]; /* what tickets are sealed with, by every relay that has it; who learns it can read early
                                  data of the past. All zero: one of this run's own, renewed with each lifetime */
    uint32_t max_early;        /* bytes that a client with a ticket may send before it is proven [16384; 0: none] */
    uint32_t early_tickets;    /* so many tickets given last can be used for that; a bit each [65536; 64 to 2^24] */
    uint32_t ticket_lifetime_s; /* of the tickets given [86400; at most 604800; 0: none are given] */
    uint64_t unix_seconds_at_0; /* as of a client */
    bool plaintext;             /* take PLAINTEXT from clients that ask for it (HS-003) */
    bool key_log;               /* as of a client */
    bool always_retry;          /* ask every client to prove its address first; else only under load (CONN-064) */
    uint32_t retry_above;    /* SYNs a second that are not asked, and at once [0, which stands for 256, and 36, 10 or 3
                                with an RSA key of up to 2048, 3072 or 4096 bits; at most 1000000] */
    bool require_client_key; /* only clients that prove one of these keys come in (HS-060): */
    const uint8_t (*client_keys)[TERN_FINGERPRINT_SIZE];
    size_t client_keys_n;     /* at most TERN_CLIENT_KEYS_MAX */
    tern_bytes client_ca_pem; /* and those who have a certificate of one of these authorities (PEM, at most 8); empty:
                                 of nobody */
    tern_transport transport;
    uint32_t max_connections; /* [256; 1 to 65535] */
    uint32_t max_per_address; /* of them with one address (CONN-069) [0, which stands for three quarters of them; at
                                 most 65535] */
    uint32_t max_rooms;       /* [16; 1 to 65535] */
    uint32_t max_members;     /* of one room [256; 1 to 65535] */
    uint32_t max_guests;      /* of all rooms, beside connections [0; at most 65535] */
    uint32_t history_bytes;   /* of one room [4 MiB; at least twice max_message] */
    const char *const *rooms; /* the only rooms there are; NULL: a room is made when the first member joins */
    size_t rooms_n;           /* of rooms, at most 65535 */
    const bool *tern_only;    /* of each of rooms: no guest comes in; NULL: guests come into all of them */
} tern_relay_config;

/* Defaults for all but seed and key_pem. */
void tern_relay_config_default(tern_relay_config *config);
size_t tern_relay_footprint(const tern_relay_config *config); /* 0 for one that init would refuse */
/* TERN_OK; TERN_E_BAD_INPUT with *why (a static sentence) for a key or a chain that cannot be used, or numbers out of
 * range. What config points to is not needed afterwards. */
int tern_relay_init(void *memory, const tern_relay_config *config, tern_time now, tern_node **node, const char **why);
/* Closes every connection with GOING_AWAY and takes no new ones. Go on driving the node until tern_relay_connections is
 * 0 or patience ends. */
void tern_relay_shutdown(tern_node *relay, tern_time now);
uint32_t tern_relay_connections(const tern_node *relay);
/* From now on clients must prove one of these keys; connections whose key is not among them end with ACCESS_DENIED
 * (HS-064). TERN_OK; TERN_E_BAD_INPUT for more than TERN_CLIENT_KEYS_MAX, or a relay that requires none. */
int tern_relay_set_client_keys(tern_node *relay, tern_time now, const uint8_t (*fingerprints)[TERN_FINGERPRINT_SIZE],
                               size_t n);

/* From now on the certificates of these authorities let clients in; connections that a certificate of another has let
 * in end with ACCESS_DENIED (HS-067). TERN_OK; TERN_E_BAD_INPUT for what tern_client_ca_check refuses, which changes
 * nothing, or a relay that was made without. */
int tern_relay_set_client_ca(tern_node *relay, tern_time now, tern_bytes pem);

/* From now on tickets are sealed with this secret, which others may have too (ticket_secret of the configuration);
 * those of the one before are passed over. TERN_OK; TERN_E_BAD_INPUT when it is all zero, or for a relay that was made
 * without one. */
int tern_relay_set_ticket_secret(tern_node *relay, tern_time now, const uint8_t secret[32]);

/* What became of a status that a relay was given. */
typedef struct {
    const char *why; /* static words */
    uint64_t until;  /* Unix time when it expires; 0 unless it speaks of the relay's certificate */
} tern_status_report;

/* Shows clients this OCSP response (DER; copied) with the certificate, from the next handshake on until it expires
 * (HS-077); empty: none. TERN_OK: taken. TERN_CERTIFICATE_REVOKED: taken, and clients will refuse the relay, as it
 * says. Else it is not taken and the one before stays: TERN_BAD_STATUS when it has expired, is not yet valid, or says
 * that the certificate is unknown; TERN_E_BAD_INPUT when it is no response for this certificate, is signed by nobody
 * who may, or is too long. */
int tern_relay_set_status(tern_node *relay, tern_time now, tern_bytes response, tern_status_report *report);

/* Guests: members of a room who are no connections of the relay's, but somebody the caller speaks for, such as a client
 * of an older system (spec: rooms 3). Others see them as any member. */
typedef struct {
    uint32_t place, id; /* id: of the member, within its room */
} tern_guest;

typedef struct {
    const char *room, *nick;
    tern_addr addr;
} tern_guest_join;

/* TERN_OK and *guest. TERN_E_BLOCKED: there are as many guests as may be. TERN_E_BAD_INPUT: *why. */
int tern_relay_guest_join(tern_node *relay, tern_time now, const tern_guest_join *join, tern_guest *guest,
                          tern_refused *why);
/* Nothing happens for a guest that has left. */
void tern_relay_guest_leave(tern_node *relay, tern_time now, tern_guest guest, tern_left_why why);
/* TERN_OK, TERN_MESSAGE_TOO_LARGE above max_message, TERN_E_CLOSED when the guest has left. */
int tern_relay_guest_publish(tern_node *relay, tern_time now, tern_guest guest, tern_bytes body);
/* The next event of the room that the guest has not taken, which begin with its own ARRIVED: ARRIVED, LEFT, MESSAGE
 * (its body is the two views, which hold until the next call with the relay), MISSED. false: there is none. */
bool tern_relay_guest_next(tern_node *relay, tern_guest guest, tern_event *event, tern_bytes body[2]);
/* It has taken that. */
void tern_relay_guest_took(tern_node *relay, tern_guest guest);
/* Who was there before the guest and still is, one a call; *place begins at 0. false: that was all. */
bool tern_relay_guest_present(tern_node *relay, tern_guest guest, uint32_t *place, tern_member *member);

/* ---- a peer: the other end of a connection ----------------------------------------------------------------------- */

/* Ends the connection with a code and words for a person (at most 256 bytes). */
void tern_peer_close(tern_node *node, tern_time now, tern_peer peer, tern_error error, const char *reason);

/* Streams (spec: transfer 1). Each is TERN_OK, TERN_E_CLOSED, TERN_E_BLOCKED or TERN_E_NO_MEMORY. */
typedef enum { TERN_BOTH_WAYS, TERN_ONE_WAY } tern_stream_kind; /* one way: only who opened it writes */
/* *id: bit 1 is set for one way, bit 0 at a stream that the relay opened. BLOCKED: as many are open as the peer takes.
 */
int tern_peer_stream_open(tern_node *node, tern_peer peer, tern_stream_kind kind, uint32_t *id);
/* Takes what there is room for; *taken says how much. When that is less than all, STREAM_WRITABLE will come. */
int tern_peer_stream_write(tern_node *node, tern_peer peer, uint32_t id, tern_bytes bytes, size_t *taken);
/* Copies what has come, in order; *n may be 0. *fin: that was all there is. */
int tern_peer_stream_read(tern_node *node, tern_peer peer, uint32_t id, tern_buf out, size_t *n, bool *fin);
int tern_peer_stream_finish(tern_node *node, tern_peer peer, uint32_t id);
int tern_peer_stream_reset(tern_node *node, tern_peer peer, uint32_t id, uint16_t code);
int tern_peer_stream_stop(tern_node *node, tern_peer peer, uint32_t id, uint16_t code);
/* What of ours leaves first: 0 is the most urgent, 7 the least, 3 the default (RFC 9218). Streams of one urgency take
 * turns; what is less urgent waits. TERN_E_BAD_INPUT above 7. */
int tern_peer_stream_priority(tern_node *node, tern_peer peer, uint32_t id, uint8_t urgency);

/* Messages that wait for no other, neither for those of the room (spec: transfer 5). */
typedef struct {
    uint32_t deadline_ms; /* after so long it is not sent any more, and may never arrive; 0: it arrives, once */
    uint8_t urgency;      /* as of streams, 0 to 7; messages of the room have 2, datagrams 1 */
} tern_message_options;

/* Sends one message made of n parts (joined): TERN_OK; TERN_E_BLOCKED, before CONNECTED or when too much waits
 * (PEER_WRITABLE will come); TERN_E_CLOSED; TERN_MESSAGE_TOO_LARGE, also when the peer takes none; TERN_E_BAD_INPUT for
 * an urgency above 7. */
int tern_peer_message_send(tern_node *node, tern_time now, tern_peer peer, const tern_message_options *options,
                           const tern_bytes *parts, size_t n);
/* Reads on in the last PEER_MESSAGE or DATAGRAM; the number of bytes copied, 0 at its end. */
size_t tern_peer_message_read(tern_node *node, tern_buf out);
/* Sends one datagram: in one packet, soon (within 100 ms) or not at all, and never again. TERN_OK; TERN_E_BLOCKED: too
 * many wait, or it is before CONNECTED, and it is dropped; TERN_E_CLOSED; TERN_MESSAGE_TOO_LARGE above
 * tern_peer_datagram_max. */
int tern_peer_datagram_send(tern_node *node, tern_time now, tern_peer peer, tern_bytes bytes);
/* Bytes of the largest datagram that the peer takes and the path carries now; 0: none. */
size_t tern_peer_datagram_max(const tern_node *node, tern_peer peer);

/* A connection as it is now; counts are from its start. */
typedef struct {
    tern_path path;
    uint32_t datagram_bytes; /* of the largest UDP datagram that the path is known to carry */
    uint64_t smoothed_rtt_ns, rttvar_ns, min_rtt_ns, latest_rtt_ns;
    const char *congestion; /* the controller's name */
    uint64_t cwnd_bytes, in_flight_bytes;
    uint64_t pacing_rate;   /* bytes a second; 0 before there is one */
    uint64_t delivery_rate; /* bytes a second that came through when it was last seen; 0 before it was */
    bool ecn;               /* the path is known to carry marks of ECN: packets leave with ECT(0) */
    uint64_t ecn_ce;        /* packets of ours that the path marked for congestion */
    uint64_t ecn_ect0_received, ecn_ect1_received, ecn_ce_received; /* packets of the peer's by their mark */
    uint64_t packets_sent, packets_received, bytes_sent, bytes_received;
    uint64_t packets_lost, bytes_lost; /* declared lost; what they held is sent again */
    uint32_t key_updates;              /* how often both sides have changed their keys */
    uint32_t datagrams_dropped;        /* at this end: not sent in time (XFER-052), or not read in time (XFER-051) */
} tern_peer_info;

bool tern_peer_get_info(const tern_node *node, tern_peer peer, tern_peer_info *info); /* false: there is no such peer */

/* A node as it is now; counts are from its init, over all connections. */
typedef struct {
    uint64_t packets_received, packets_sent, bytes_received, bytes_sent, packets_lost;
    uint64_t handshakes;             /* completed */
    uint64_t pushed_out;             /* in the midst of theirs, for others (CONN-068) */
    uint64_t drops[TERN_DROP_COUNT]; /* datagrams that were not taken, by tern_drop */
    uint32_t connections;            /* in any state */
    uint32_t pages, pages_free;      /* of the transport's */
    uint32_t pages_least_free;       /* since init */
} tern_stats;

void tern_node_stats(const tern_node *node, tern_stats *stats);

/* ---- identity -------------------------------------------------------------------------------------------------- */

/* Makes a private key, for a relay or a client, out of 32 bytes of entropy, as PKCS#8 PEM: TERN_OK and *n bytes (512
 * always suffice). */
int tern_key_new(const uint8_t seed[TERN_SEED_SIZE], tern_buf pem, size_t *n);
/* The fingerprint that the other side knows it by, of a private key in PEM. TERN_E_BAD_INPUT when it is no key that can
 * be used. */
int tern_key_pem_fingerprint(tern_bytes key_pem, uint8_t fingerprint[TERN_FINGERPRINT_SIZE]);
/* NULL when this key, and with it this chain unless cert_pem is empty, can be used; else why not (static words). */
const char *tern_key_pem_check(tern_bytes key_pem, tern_bytes cert_pem);
/* NULL when a relay can let clients in by these authorities; else why not (static words). Uses 32 KiB of stack. */
const char *tern_client_ca_check(tern_bytes pem);

/* ---- dialects: the older systems, each server and each client a node (spec: dialects) ---------------------------- */

typedef enum {
    TERN_DIALECT_RSA_FRAGMENT = 1,
    TERN_DIALECT_TLV_MULTICAST,
    TERN_DIALECT_AES_SESSION,
    TERN_DIALECT_TLS_CHAT
} tern_dialect;

typedef enum {
    TERN_CARRIER_UDP,
    TERN_CARRIER_MULTICAST, /* one socket that is a member of the group: what is sent to the path goes to the group */
    TERN_CARRIER_TCP        /* recv takes what came on a connection, nothing when it ended; send gives what goes to it,
                               and a batch of one datagram without bytes ends it */
} tern_carrier;

typedef struct {
    tern_dialect dialect;
    const char *name; /* "rsa-fragment" */
    tern_carrier carrier;
    const char *address;         /* where its clients look for it */
    uint32_t key_bits;           /* of the server's RSA key, as its description has it; 2048 to 4096 are taken */
    const char *const *warnings; /* what it does not protect from, a sentence each; NULL behind the last */
} tern_dialect_facts;

/* Of a dialect by its name, or by its place in the table from 0; NULL when there is none. */
const tern_dialect_facts *tern_dialect_by_name(const char *name);
const tern_dialect_facts *tern_dialect_at(size_t place);

#define TERN_DIALECT_TEXT_MAX 16384

typedef struct {
    tern_dialect dialect;
    uint8_t seed[TERN_SEED_SIZE];
    tern_bytes key_pem;      /* a server's RSA private key, and a client's, but of tls-chat */
    tern_bytes cert_pem;     /* tls-chat, server: the chain for it. client: the authorities, empty: none is asked */
    tern_path path;          /* client: from where to where. tlv-multicast: remote is the group */
    const uint8_t *pin;      /* client, but of tls-chat: the fingerprint of the server's key; NULL: the first it sees */
    const char *nick;        /* client, tls-chat: its name */
    const char *server_name; /* client, tls-chat: what the certificate must be for; NULL: the address of path */
    uint64_t unix_seconds_at_0;   /* tls-chat, client: what certificates are judged by */
    uint32_t max_clients;         /* server [64; 1 to 1024] */
    uint32_t max_message;         /* bytes of a text [4096; 64 to 16384] */
    uint32_t fragment_timeout_ms; /* a message that gets no further fragment for so long is dropped [5000] */
    uint32_t client_timeout_ms;   /* a client that is silent for so long has gone [300000; tlv-multicast 60000] */
    uint32_t rsa_ms_per_second;   /* private-key work, in ms of a slow core [300; 1 to 1000]; half of it for one host */
    bool nack;                    /* rsa-fragment, server: ask for fragments that are missing [false] */
    bool aes_ctr;                 /* aes-session: take AES-128-CTR, which anybody can change [false] */
} tern_dialect_config;

/* Defaults for all but seed, key_pem, and a client's path. */
void tern_dialect_config_default(tern_dialect_config *config, tern_dialect dialect);

/* A server tells ARRIVED, LEFT and MESSAGE of its clients: peer says which, presence.who and message.sender what it is
 * called and where it is. */
size_t tern_dialect_server_footprint(const tern_dialect_config *config); /* 0 for one that init would refuse */
/* TERN_OK; TERN_E_BAD_INPUT with *why, static words. What config points to is not needed afterwards. */
int tern_dialect_server_init(void *memory, const tern_dialect_config *config, tern_time now, tern_node **node,
                             const char **why);
/* Tells a client what happened in its room: ARRIVED, PRESENT, LEFT or MESSAGE, whose text is body, in the
 * dialect's own form. TERN_OK, also when the form has nothing for it; TERN_E_BLOCKED: too much waits to be sent, and it
 * is not told; TERN_E_CLOSED: there is no such client. */
int tern_dialect_tell(tern_node *server, tern_time now, tern_peer client, const tern_event *event, tern_bytes body);
/* Ends a client, who is told as far as the dialect can; LEFT follows. */
void tern_dialect_send_away(tern_node *server, tern_time now, tern_peer client);
/* What a server keeps over a restart (RSF-016): whom it knows by what key, and what was said. Bytes that are enough for
 * it; 0: this dialect keeps nothing. */
size_t tern_dialect_state_size(const tern_node *server);
/* Writes it; its length, 0 when there is not room enough. It holds no secret, but says who was here. */
size_t tern_dialect_state_export(tern_node *server, tern_time now, tern_buf out);
/* Takes what another run wrote away_ns ago, for a server that listens at local; members arrive. TERN_E_BAD_INPUT: it is
 * no such state, or damaged, and nothing of it was taken. */
int tern_dialect_state_import(tern_node *server, tern_time now, uint64_t away_ns, const tern_addr *local,
                              tern_bytes state);

/* A client tells CONNECTED (connected.remote), MESSAGE (a line for a person), ARRIVED and LEFT where the dialect has
 * them, and CLOSED. */
size_t tern_dialect_client_footprint(const tern_dialect_config *config);
int tern_dialect_client_init(void *memory, const tern_dialect_config *config, tern_time now, tern_node **node,
                             const char **why);
/* TERN_OK; TERN_E_BLOCKED: not before CONNECTED, or what was said before is not yet known to have arrived;
 * TERN_MESSAGE_TOO_LARGE; TERN_E_CLOSED. */
int tern_dialect_say(tern_node *client, tern_time now, tern_bytes text);
/* Whether tern_dialect_say would not be BLOCKED. */
bool tern_dialect_is_ready(const tern_node *client);
/* Says goodbye where the dialect can; CLOSED follows. */
void tern_dialect_leave(tern_node *client, tern_time now);

/* Server and client: reads on in the text of the last MESSAGE; the number of bytes copied, 0 at its end. */
size_t tern_dialect_read(tern_node *node, tern_buf out);
/* As tern_node_stats, of a dialect's server or client; connections are clients. */
void tern_dialect_stats(const tern_node *node, tern_stats *stats);

/* ---- a bridge: a dialect's clients are guests of a relay's room -------------------------------------------------- */

/* No pointers in it: a plain copy is a copy. */
typedef struct tern_bridge tern_bridge;

typedef struct {
    const char *room;     /* that all of them join */
    uint32_t max_clients; /* as of the dialect's server; the relay's max_guests is at least that of all its bridges */
} tern_bridge_config;

size_t tern_bridge_footprint(const tern_bridge_config *config);
/* memory: footprint bytes, aligned to 16. NULL when the room's name cannot be one. */
tern_bridge *tern_bridge_init(void *memory, const tern_bridge_config *config);
/* In the place of tern_node_poll of the dialect's server: the next of its events, carried to the relay. A name that is
 * taken gets a number behind it; a client whom the room does not take is sent away, and *event is REFUSED. When there
 * is no further event, what happened in the room has been told to the clients, as far as it could be; call again when
 * either node has done something, until it returns false. */
bool tern_bridge_poll(tern_bridge *bridge, tern_node *relay, tern_node *server, tern_time now, tern_event *event);

#endif
