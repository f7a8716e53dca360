/* SPDX-License-Identifier: MIT */
/* TLS 1.2 (RFC 5246) over BearSSL's engine, for tls-chat alone (spec: dialects/tls-chat). Bytes go in and come out; no
 * socket, no clock. A connection's memory holds pointers into itself and into what it shares with others: it cannot be
 * copied, and stays where it is (decision 0010). */
#ifndef TERN_CRYPTO_TLS_H
#define TERN_CRYPTO_TLS_H

#include "crypto/chain.h"
#include "crypto/drbg.h"

typedef struct tern_tls tern_tls;               /* one connection: tern_tls_size() bytes, aligned to 16 */
typedef struct tern_tls_server tern_tls_server; /* what a server's share: tern_tls_server_size() bytes, likewise */

typedef enum {
    TERN_TLS_SHAKING,
    TERN_TLS_OPEN,
    TERN_TLS_OVER /* nothing more comes in; tern_tls_give may still have an alert */
} tern_tls_state;

size_t tern_tls_size(void);
size_t tern_tls_server_size(void);

/* key and the certificates stay where they are as long as there are connections. Sessions of 64 clients can be resumed
 * (TCH-006). */
void tern_tls_server_init(tern_tls_server *server, const tern_rsa_private *key, const tern_chain *chain);
/* Suites, in this order (TCH-005): ECDHE with AES-128-GCM, ChaCha20-Poly1305, AES-256-GCM; AES128-SHA. */
void tern_tls_accept(tern_tls *t, tern_tls_server *server, tern_drbg *drbg);

/* Whom a client believes: a chain to anchors for this name at this time; anchors NULL: anybody. They stay where they
 * are while the handshake lasts. */
typedef struct {
    const tern_anchors *anchors;
    tern_name name;
    uint64_t unix_seconds;
} tern_tls_trust;
/* Offers the same suites. */
void tern_tls_connect(tern_tls *t, const tern_tls_trust *trust, tern_drbg *drbg);

tern_tls_state tern_tls_state_of(const tern_tls *t);
/* What went wrong, BearSSL's number; 0: nothing, or the peer has closed. */
int tern_tls_error(const tern_tls *t);
/* Client: why the certificate was refused; TERN_OK when it was not. */
tern_error tern_tls_refusal(const tern_tls *t);

/* Bytes that came: how many were taken. Fewer than all: read first. */
size_t tern_tls_take(tern_tls *t, tern_bytes wire);
/* Bytes that go out: how many were written to wire. */
size_t tern_tls_give(tern_tls *t, tern_buf wire);
/* Application data: how many bytes. */
size_t tern_tls_read(tern_tls *t, tern_buf out);
/* How many bytes tern_tls_write takes now, ... */
size_t tern_tls_room(const tern_tls *t);
/* ... which it takes all. */
void tern_tls_write(tern_tls *t, tern_bytes bytes);
/* Says goodbye. */
void tern_tls_end(tern_tls *t);

#endif
