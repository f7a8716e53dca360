/* SPDX-License-Identifier: MIT */
/* Inside the handshake: the steps that the table of states (state.c) is made of. */
#ifndef TERN_HANDSHAKE_STEPS_H
#define TERN_HANDSHAKE_STEPS_H

#include "handshake/handshake.h"
#include "handshake/messages.h"

/* A message on its way through the table. */
typedef struct {
    const tern_handshake_config *config;
    uint64_t unix_seconds;
    tern_tlv tlv;
    tern_writer *w;
} tern_step;

/* The one place that assigns a state. */
void tern_handshake_set_state(tern_handshake *h, tern_handshake_state state);

/* Relay: reads a whole CLIENT_HELLO and picks the suite (HS-001, HS-002). */
TERN_MUST_USE tern_error tern_server_read_hello(const tern_handshake_config *config, tern_bytes message,
                                                tern_client_hello *hello, tern_suite *suite);

/* ---- transcript (HS-010) ---- */

void tern_transcript_early(tern_handshake *h); /* once CLIENT_HELLO is all of it */
void tern_transcript_hello(tern_handshake *h); /* puts ids, version and answer into the place behind CLIENT_HELLO */
/* The secrets over the transcript so far; false for a share whose result is all zeros (HS-007). Wipes the private share
 * (HS-013). */
TERN_MUST_USE bool tern_transcript_agree(tern_handshake *h, const uint8_t peer_share[TERN_X25519_SIZE]);
void tern_transcript_application(tern_handshake *h);
void tern_transcript_resumption(tern_handshake *h); /* once the client's FINISHED is part of it */
/* HS-020, HS-061: what the SIGNATURE of one side covers, of the transcript so far; its length. */
#define TERN_SIGNED_MAX (64 + 23 + 1 + TERN_SHA256_SIZE)
size_t tern_transcript_signed(const tern_handshake *h, bool by_client, uint8_t out[TERN_SIGNED_MAX]);
/* HS-021, over the transcript so far, with the traffic secret of the sender. */
void tern_transcript_finished(const tern_handshake *h, const uint8_t secret[TERN_SECRET_SIZE], uint8_t out[32]);
TERN_MUST_USE tern_error tern_transcript_check_finished(const tern_handshake *h, const tern_step *step,
                                                        const uint8_t secret[TERN_SECRET_SIZE]);
/* Writes a message and makes it part of the transcript. */
void tern_transcript_emit(tern_handshake *h, tern_writer *w, tern_handshake_type type, tern_bytes value);

/* ---- what takes a message, before it is part of the transcript: TERN_OK or the error to close with ---- */

tern_error tern_client_take_parameters(tern_handshake *h, const tern_step *step);
tern_error tern_client_take_request(tern_handshake *h, const tern_step *step);
tern_error tern_client_take_status(tern_handshake *h, const tern_step *step);
tern_error tern_client_take_unstapled(tern_handshake *h, const tern_step *step); /* SIGNATURE where STATUS may be */
tern_error tern_client_take_finished(tern_handshake *h, const tern_step *step);
tern_error tern_server_take_no_identity(tern_handshake *h, const tern_step *step);
tern_error tern_server_take_finished(tern_handshake *h, const tern_step *step);
tern_error tern_peer_take_certificate(tern_handshake *h, const tern_step *step);
tern_error tern_peer_take_raw_key(tern_handshake *h, const tern_step *step);
tern_error tern_peer_take_signature(tern_handshake *h, const tern_step *step);
/* ... and what follows once it is. */
tern_error tern_client_finish(tern_handshake *h, const tern_step *step);
tern_error tern_server_finish(tern_handshake *h, const tern_step *step);

/* ---- who the sides are ---- */

/* Writes CERTIFICATE or RAW_KEY, and SIGNATURE. false when there is no room or the key cannot sign. */
TERN_MUST_USE bool tern_prove(tern_handshake *h, const tern_handshake_config *config, tern_writer *w);

/* HS-022, HS-023, HS-024: whether the key that was shown is one that this client takes. A relay takes any until it has
 * seen that the client can sign with it.
 * Sets peer_key, fingerprint and key_shown whenever a key can be read, also when it is refused. */
TERN_MUST_USE tern_error tern_identity_check_chain(tern_handshake *h, const tern_step *step, const tern_chain *chain);
TERN_MUST_USE tern_error tern_identity_check_raw_key(tern_handshake *h, const tern_step *step,
                                                     const tern_public_key *key);
/* Relay, HS-063, HS-066: judges the key or the chain that a client has shown, and keeps the verdict until the client
 * has signed ... */
void tern_client_judge_key(tern_handshake *h, const tern_handshake_config *config);
void tern_client_judge_chain(tern_handshake *h, const tern_step *step, const tern_chain *chain);
/* ... when it is told: TERN_OK for who may come in. */
TERN_MUST_USE tern_error tern_client_admit(tern_handshake *h, const tern_handshake_config *config);
/* HS-071: keeps of a chain that is good what its status must speak of. */
void tern_status_expect(tern_handshake *h, const tern_handshake_config *config, const tern_chain *chain,
                        const tern_chain_report *report);

#endif
