/* SPDX-License-Identifier: MIT */
/* The key schedule (spec: handshake 2; RFC 8446 section 7.1, RFC 9001 section 5.1). */
#ifndef TERN_HANDSHAKE_KEYS_H
#define TERN_HANDSHAKE_KEYS_H

#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "wire/packet.h"

/* What protects the packets of one type in one direction. */
typedef struct {
    tern_aead aead;
    tern_header_key header;
} tern_packet_keys;

/* HS-011: key, iv and hp of a traffic secret. */
void tern_packet_keys_derive(tern_packet_keys *keys, tern_suite suite, const uint8_t secret[TERN_SECRET_SIZE]);
/* HS-080: the secret of the phase behind this one; next may be secret itself. */
void tern_secret_next(const uint8_t secret[TERN_SECRET_SIZE], uint8_t next[TERN_SECRET_SIZE]);
/* HS-080: key and iv of a phase's secret; hp stays what it was in the first one. */
void tern_phase_keys(tern_aead *aead, tern_suite suite, const uint8_t secret[TERN_SECRET_SIZE]);
/* HS-012: what protects a SYN against damage. */
void tern_packet_keys_syn(tern_packet_keys *keys, const tern_cid *first_sid);
/* WIRE-071: likewise, what shows that a RETRY answers a SYN to first_sid. */
void tern_packet_keys_retry(tern_packet_keys *keys, const tern_cid *first_sid);

typedef struct {
    uint8_t handshake[TERN_SECRET_SIZE];
    uint8_t client_handshake[TERN_SECRET_SIZE], server_handshake[TERN_SECRET_SIZE];
    uint8_t client_application[TERN_SECRET_SIZE], server_application[TERN_SECRET_SIZE];
    uint8_t early[TERN_SECRET_SIZE];      /* until the handshake secret is made of it */
    uint8_t resumption[TERN_SECRET_SIZE]; /* resumption master secret */
    uint8_t client_early[TERN_SECRET_SIZE];
} tern_secrets;

/* Begins the schedule, with the PSK of a ticket or NULL for none: fills early. */
void tern_secrets_start(tern_secrets *s, const uint8_t psk[TERN_SECRET_SIZE]);
/* Fills client_early from early and H(CLIENT_HELLO). */
void tern_secrets_early(tern_secrets *s, const uint8_t transcript_hash[32]);
/* Uses early up and fills the first three from the X25519 result and H(CLIENT_HELLO, hello); then, later, the
 * application secrets from H(CLIENT_HELLO ... relay FINISHED), and the resumption secret from H(... client FINISHED).
 */
void tern_secrets_handshake(tern_secrets *s, const uint8_t shared[32], const uint8_t transcript_hash[32]);
void tern_secrets_application(tern_secrets *s, const uint8_t transcript_hash[32]);
void tern_secrets_resumption(tern_secrets *s, const uint8_t transcript_hash[32]);
/* The PSK of the ticket with this nonce (RFC 8446 section 4.6.1). */
void tern_ticket_psk(const uint8_t resumption[TERN_SECRET_SIZE], tern_bytes nonce, uint8_t out[TERN_SECRET_SIZE]);
/* HS-042: what BINDER holds, from the early secret and H(CLIENT_HELLO up to BINDER). */
void tern_binder_value(const uint8_t early[TERN_SECRET_SIZE], const uint8_t transcript_hash[32], uint8_t out[32]);
/* HS-021: the FINISHED value of the sender with this handshake traffic secret. */
void tern_finished_value(const uint8_t traffic_secret[TERN_SECRET_SIZE], const uint8_t transcript_hash[32],
                         uint8_t out[32]);

#endif
