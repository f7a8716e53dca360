/* SPDX-License-Identifier: MIT */
/* What a connection of TLS is made of (see tls.h). */
#ifndef TERN_CRYPTO_TLS_ENGINE_H
#define TERN_CRYPTO_TLS_ENGINE_H

#include <bearssl.h>

#include "crypto/tls.h"

#define TERN_TLS_CHAIN_BYTES 8192 /* of a server's certificates, that a client looks at */

/* A client's view of a server's certificates: gathered as they come, judged at their end. */
typedef struct {
    const br_x509_class *vtable; /* first: BearSSL hands this address */
    tern_tls_trust trust;
    tern_chain chain;
    tern_error refusal;
    br_x509_decoder_context leaf; /* holds the key that the engine is given */
    bool overflow;
    size_t n;
    uint8_t bytes[TERN_TLS_CHAIN_BYTES];
} tern_tls_x509;

struct tern_tls {
    union {
        br_ssl_server_context server;
        br_ssl_client_context client;
    } side;
    br_ssl_engine_context *engine; /* of either */
    tern_tls_x509 x509;
    uint8_t buffer[BR_SSL_BUFSIZE_BIDI];
};

/* What both sides' engines are set up with. */
void tern_tls_set_up(tern_tls *t, br_ssl_engine_context *engine, tern_drbg *drbg);

#endif
