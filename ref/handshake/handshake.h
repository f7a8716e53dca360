/* SPDX-License-Identifier: MIT */
/* The handshake of both sides (spec: handshake): whole messages in, whole messages out. Knows no packets and no timers.
 */
#ifndef TERN_HANDSHAKE_HANDSHAKE_H
#define TERN_HANDSHAKE_HANDSHAKE_H

#include "base/error.h"
#include "crypto/drbg.h"
#include "crypto/identity.h"
#include "crypto/ocsp.h"
#include "crypto/subject.h"
#include "crypto/x25519.h"
#include "handshake/keep.h"
#include "handshake/keys.h"
#include "handshake/messages.h"
#include "wire/params.h"

#define TERN_FLIGHT_MAX       16384 /* bytes of one side's messages (HS-005) */
#define TERN_CLIENT_HELLO_MAX 1000  /* fits a SYN of 1200 bytes (HS-001) */
#define TERN_SERVER_NAME_MAX  253

typedef enum { TERN_TRUST_CA = 1, TERN_TRUST_PIN, TERN_TRUST_FIRST_USE } tern_trust_mode;

/* What does not change from one handshake to the next; lent by the caller while a handshake lasts. */
typedef struct {
    bool is_client;
    const tern_anchors *anchors; /* client, CA: who vouches for the relay. relay: whose certificates let a client in
                                    (HS-066); NULL for nobody's */
    tern_suite suites[3];        /* client: to offer; relay: acceptable, most preferred first */
    size_t suites_n;
    tern_params params; /* our own */
    bool key_log;       /* the secrets are told (HS-090) */
    /* client */
    tern_trust_mode trust;
    tern_name name;                /* CA: what must stand in the certificate; a DNS name travels in CLIENT_HELLO */
    uint8_t pin[TERN_SHA256_SIZE]; /* PIN */
    bool must_staple;              /* CA: no certificate without its status (HS-075) */
    uint8_t
        trust_id[TERN_SHA256_SIZE]; /* of what is trusted, and of our own key. It goes with each ticket that comes */
    bool early;                     /* asks for early data with a ticket that allows it */
    const tern_kept_ticket *ticket; /* to offer: one that this trust still holds for; NULL for none */
    /* who we are: a relay always has one, a client only shows its own when it is asked */
    const tern_identity *identity;
    tern_bytes status; /* the OCSP response to show behind the certificate; empty: none */
    bool revoked;      /* relay: so says the status that it was given last: no ticket is given or taken (HS-079) */
    /* relay: whether it asks who the client is (HS-060), and the fingerprints of the keys that may come in beside who
     * has a certificate of the anchors' */
    bool asks_client;
    const uint8_t (*allowed)[TERN_SHA256_SIZE];
    size_t allowed_n;
} tern_handshake_config;

/* Relay: whether a client with this key may come in, whoever vouches for it (HS-063). */
bool tern_handshake_allows(const tern_handshake_config *config, const uint8_t fingerprint[TERN_SHA256_SIZE]);

/* Which message comes next: state.c holds the table of what is taken where; only set_state assigns. */
typedef enum {
    TERN_HS_CLIENT_START,
    TERN_HS_CLIENT_WAIT_HELLO,
    TERN_HS_CLIENT_WAIT_PARAMETERS,
    TERN_HS_CLIENT_WAIT_RESUMED,  /* likewise PARAMETERS, with no proof of the relay's key behind */
    TERN_HS_CLIENT_WAIT_IDENTITY, /* CERTIFICATE or RAW_KEY; before it, once, CERTIFICATE_REQUEST */
    TERN_HS_CLIENT_WAIT_STATUS,   /* behind CERTIFICATE: STATUS, or SIGNATURE when there is none */
    TERN_HS_CLIENT_WAIT_SIGNATURE,
    TERN_HS_CLIENT_WAIT_FINISHED,
    TERN_HS_SERVER_START,
    TERN_HS_SERVER_WAIT_IDENTITY, /* of a client that was asked */
    TERN_HS_SERVER_WAIT_SIGNATURE,
    TERN_HS_SERVER_WAIT_FINISHED,
    TERN_HS_DONE,
    TERN_HS_FAILED /* after any error: nothing more is taken */
} tern_handshake_state;

/* One connection's handshake; fits a page with room to spare. No interior pointers: a plain copy clones it, so a step
 * can be tried on a copy before anything is authentic. */
typedef struct {
    tern_handshake_state state;
    tern_suite suite;
    tern_sha256 transcript;
    uint32_t flight_bytes; /* of the peer's messages, so far */
    tern_secrets secrets;
    uint8_t private_share[TERN_X25519_SIZE];
    tern_cid first_sid, cid, sid;
    tern_hello hello;                        /* the relay's answer */
    uint8_t client_random[TERN_RANDOM_SIZE]; /* of CLIENT_HELLO: names the connection in a key log */
    tern_params peer_params;
    tern_public_key peer_key;              /* once it was shown */
    uint8_t fingerprint[TERN_SHA256_SIZE]; /* of peer_key */
    bool key_shown;
    bool asked;                /* client: the relay wants to know who we are */
    tern_ocsp_subject subject; /* client, CA: the certificate that was verified */
    bool status_good;          /* client, CA: its status was shown, and is good */
    uint64_t until;            /* client, CA: Unix seconds when that ceases to hold (HS-046); else 0 */
    bool early;                /* early data: asked for, until the relay's PARAMETERS say whether it is taken */
    /* relay: what the client's chain is worth, where its key is not in the list; not told before it has signed */
    tern_error verdict;
    const char *verdict_text; /* static words; NULL for none */
    uint8_t by_authority; /* relay: the chain is good: 1 + the number of the anchor, or of anchors when it is not known
                             which; else 0. subject_text is whom it names */
    char subject_text[TERN_SUBJECT_TEXT_SIZE];
    const char *why; /* what is wrong with what the peer showed, in static words */
} tern_handshake;

/* ---- client ---- */

/* Begins: draws the share and writes CLIENT_HELLO, one whole TLV of at most TERN_CLIENT_HELLO_MAX bytes, to w. */
void tern_handshake_client_start(tern_handshake *h, const tern_handshake_config *config, tern_drbg *drbg,
                                 const tern_cid *first_sid, const tern_cid *cid, tern_writer *w);
/* Likewise once more, before a SYN_ACK was taken: the same CLIENT_HELLO with the cookie of a RETRY in it, which goes to
 * another first sid. The transcript begins anew. */
void tern_handshake_client_retry(tern_handshake *h, const tern_handshake_config *config, const tern_cid *first_sid,
                                 tern_bytes cookie, tern_writer *w);
/* Whether a client with this configuration offers the suite. */
bool tern_handshake_offers(const tern_handshake_config *config, uint16_t suite);
/* The header of a SYN_ACK: derives the handshake secrets. TERN_OK, TERN_ILLEGAL_PARAMETER (HS-004, HS-007). Tried on a
 * copy until a packet opens. */
tern_error tern_handshake_client_hello(tern_handshake *h, const tern_handshake_config *config, const tern_cid *sid,
                                       const tern_hello *hello);

/* ---- relay ---- */

/* Whether the client offers a suite that this relay takes (HS-002). */
bool tern_handshake_has_suite(const tern_handshake_config *config, const tern_client_hello *hello);
/* What a ticket is worth to the CLIENT_HELLO that it came with (ticket.h). */
typedef struct {
    uint8_t psk[TERN_SECRET_SIZE];
    uint32_t max_early;               /* bytes of early data that are taken; 0 for none */
    uint8_t client[TERN_SHA256_SIZE]; /* of the client's key, where the relay asks for one */
} tern_resumed;

/* A SYN's CLIENT_HELLO, and what its ticket is worth, NULL when it is not resumed: draws random and share, derives the
 * handshake secrets, fills h->hello. TERN_OK; anything else: drop the SYN and keep nothing (HS-001, HS-002, HS-007). */
tern_error tern_handshake_server_start(tern_handshake *h, const tern_handshake_config *config, tern_drbg *drbg,
                                       const tern_resumed *resumed, tern_bytes client_hello, const tern_cid *first_sid,
                                       const tern_cid *cid, const tern_cid *sid);
/* Writes PARAMETERS, CERTIFICATE_REQUEST if it asks, CERTIFICATE with its STATUS or RAW_KEY, SIGNATURE and FINISHED to
 * w (at most TERN_FLIGHT_MAX bytes) and derives the application secrets. Costs the signature; resumed, it is PARAMETERS
 * and FINISHED alone. */
tern_error tern_handshake_server_flight(tern_handshake *h, const tern_handshake_config *config, tern_writer *w);

/* ---- both ---- */

/* One whole message (with its TLV header) from the peer, in order. unix_seconds judges certificates. TERN_OK, or the
 * error to close with. When a client has taken the relay's FINISHED the state is DONE, the application secrets are
 * there, and *w has got the client's answer, at most TERN_FLIGHT_MAX bytes: FINISHED, and before it who the client is
 * when the relay asked. A relay that has taken the client's FINISHED is DONE. */
tern_error tern_handshake_recv(tern_handshake *h, const tern_handshake_config *config, uint64_t unix_seconds,
                               tern_bytes message, tern_writer *w);

#endif
