/* SPDX-License-Identifier: MIT */
/* Handshake messages: bytes <-> structs, nothing else (spec: handshake 1). */
#ifndef TERN_HANDSHAKE_MESSAGES_H
#define TERN_HANDSHAKE_MESSAGES_H

#include "base/error.h"
#include "crypto/chain.h"
#include "wire/frame.h"
#include "wire/packet.h"
#include "wire/params.h"

typedef enum {
    TERN_HS_CLIENT_HELLO = 0x0101,
    TERN_HS_PARAMETERS = 0x0102,
    TERN_HS_CERTIFICATE = 0x0103,
    TERN_HS_RAW_KEY = 0x0104,
    TERN_HS_SIGNATURE = 0x0105,
    TERN_HS_FINISHED = 0x0106,
    TERN_HS_CERTIFICATE_REQUEST = 0x0107,
    TERN_HS_STATUS = 0x0108
} tern_handshake_type;

/* Parameters of CLIENT_HELLO that the handshake reads itself; EARLY stands in PARAMETERS too. */
enum { TERN_PARAM_COOKIE = 0x0017, TERN_PARAM_TICKET = 0x0018, TERN_PARAM_BINDER = 0x0019, TERN_PARAM_EARLY = 0x001a };

#define TERN_BINDER_SIZE 32

/* The parameters that are of the handshake itself. Absent ones are empty. */
typedef struct {
    tern_bytes ticket, binder;
    bool early; /* CLIENT_HELLO: early data follows; PARAMETERS: it is taken */
} tern_resume_params;

typedef struct {
    uint8_t random[TERN_RANDOM_SIZE];
    uint8_t share[TERN_SHARE_SIZE];
    tern_bytes suites; /* u16 each, most preferred first, as on the wire */
    tern_bytes name;   /* at most 255 bytes; empty when there is none */
    tern_params params;
    tern_tlv grease;   /* to emit: a parameter that means nothing; type 0: none */
    tern_bytes cookie; /* of a RETRY; empty when there is none */
    tern_resume_params resume;
} tern_client_hello;

/* One whole message, with its TLV header and nothing behind it. TERN_OK or TERN_DECODE_ERROR. */
TERN_MUST_USE tern_error tern_handshake_message_parse(tern_bytes message, tern_tlv *out);

/* Reads them out of the parameters of CLIENT_HELLO: TERN_OK or TERN_PARAMETER_ERROR (HS-042, WIRE-030). */
TERN_MUST_USE tern_error tern_resume_params_parse(tern_bytes params, tern_resume_params *out);
/* EARLY if it is asked for, TICKET, and BINDER with zeros in it, which the caller fills: the last TERN_BINDER_SIZE
 * bytes written. */
void tern_resume_params_emit(tern_writer *w, const tern_resume_params *resume);
void tern_early_param_emit(tern_writer *w);
/* Whether PARAMETERS say that early data is taken. TERN_OK or TERN_PARAMETER_ERROR. */
TERN_MUST_USE tern_error tern_early_param_parse(tern_bytes params, bool *early);
#define TERN_BINDER_PARAM (TERN_TLV_HEADER + TERN_BINDER_SIZE) /* what BINDER does not cover of its message */

/* Each parser reads a message's value: TERN_OK or TERN_DECODE_ERROR. Views point into value. */
TERN_MUST_USE tern_error tern_client_hello_parse(tern_bytes value, tern_client_hello *out); /* and PARAMETER_ERROR */
/* A chain longer than TERN_CHAIN_MAX is TERN_BAD_CERTIFICATE. The certificates themselves are not looked at. */
TERN_MUST_USE tern_error tern_certificate_parse(tern_bytes value, tern_chain *out);
TERN_MUST_USE tern_error tern_raw_key_parse(tern_bytes value, tern_public_key *key);
TERN_MUST_USE tern_error tern_finished_parse(tern_bytes value, uint8_t finished[32]);

bool tern_client_hello_offers(const tern_client_hello *hello, uint16_t suite);

/* Each emitter writes one whole message or fails the writer. PARAMETERS and SIGNATURE are bytes as they are:
 * tern_params_parse and the verifier read them. */
void tern_client_hello_emit(tern_writer *w, const tern_client_hello *hello);
void tern_parameters_emit(tern_writer *w, const tern_params *params, bool early);
void tern_certificate_emit(tern_writer *w, const tern_chain *chain);
void tern_handshake_message_emit(tern_writer *w, tern_handshake_type type, tern_bytes value);

#endif
