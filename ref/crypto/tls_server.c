/* SPDX-License-Identifier: MIT */
/* The server's side of TLS (see tls.h). */
#include <string.h>

#include "crypto/rsa_bearssl.h"
#include "crypto/tls_engine.h"

#define SESSIONS      64
#define SESSION_BYTES 100 /* of the cache, each */

struct tern_tls_server {
    br_rsa_private_key key;
    br_x509_certificate chain[TERN_CHAIN_MAX];
    size_t chain_n;
    br_ssl_session_cache_lru cache;
    uint8_t sessions[SESSIONS * SESSION_BYTES];
};

size_t tern_tls_server_size(void)
{
    return sizeof(tern_tls_server);
}

void tern_tls_server_init(tern_tls_server *server, const tern_rsa_private *key, const tern_chain *chain)
{
    memset(server, 0, sizeof *server);
    server->key = tern_rsa_private_view(key);
    server->chain_n = chain->n;
    for (size_t i = 0; i < chain->n; i++)
        server->chain[i] = (br_x509_certificate){ .data = (unsigned char *)(uintptr_t)chain->certificate[i].p,
                                                  .data_len = chain->certificate[i].n };
    br_ssl_session_cache_lru_init(&server->cache, server->sessions, sizeof server->sessions);
}

void tern_tls_accept(tern_tls *t, tern_tls_server *server, tern_drbg *drbg)
{
    br_ssl_server_context *cc = &t->side.server;
    br_rsa_private fast = br_rsa_i62_private_get();
    br_rsa_pkcs1_sign fast_sign = br_rsa_i62_pkcs1_sign_get();
    memset(t, 0, sizeof *t);
    br_ssl_server_zero(cc);
    tern_tls_set_up(t, &cc->eng, drbg);
    br_ssl_engine_add_flags(&cc->eng, BR_OPT_ENFORCE_SERVER_PREFERENCES | BR_OPT_NO_RENEGOTIATION);
    br_ssl_server_set_single_rsa(cc, server->chain, server->chain_n, &server->key, BR_KEYTYPE_KEYX | BR_KEYTYPE_SIGN,
                                 fast != 0 ? fast : br_rsa_i31_private,
                                 fast_sign != 0 ? fast_sign : br_rsa_i31_pkcs1_sign);
    /*= TCH-006 */
    br_ssl_server_set_cache(cc, &server->cache.vtable);
    (void)br_ssl_server_reset(cc);
}
