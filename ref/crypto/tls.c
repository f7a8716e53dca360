/* SPDX-License-Identifier: MIT */
/* The engine of both sides (see tls.h). */
#include "crypto/tls_engine.h"

#include <string.h>

#include "crypto/ct.h"

size_t tern_tls_size(void)
{
    return sizeof(tern_tls);
}

/*= TCH-005 */
static void set_ciphers(br_ssl_engine_context *engine)
{
    static const uint16_t suites[] = {
        BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        BR_TLS_RSA_WITH_AES_128_CBC_SHA,
    };
    br_ssl_engine_set_suites(engine, suites, sizeof suites / sizeof suites[0]);
    br_ssl_engine_set_default_aes_cbc(engine);
    br_ssl_engine_set_default_aes_gcm(engine);
    br_ssl_engine_set_default_chapol(engine);
    br_ssl_engine_set_default_ec(engine);
    br_ssl_engine_set_default_rsavrfy(engine);
}

void tern_tls_set_up(tern_tls *t, br_ssl_engine_context *engine, tern_drbg *drbg)
{
    static const struct {
        int id;
        const br_hash_class *hash;
    } hashes[] = { { br_sha1_ID, &br_sha1_vtable },
                   { br_sha256_ID, &br_sha256_vtable },
                   { br_sha384_ID, &br_sha384_vtable },
                   { br_sha512_ID, &br_sha512_vtable } };
    uint8_t seed[TERN_SEED_SIZE];
    t->engine = engine;
    br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
    set_ciphers(engine);
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
        br_ssl_engine_set_hash(engine, hashes[i].id, hashes[i].hash);
    br_ssl_engine_set_prf_sha256(engine, br_tls12_sha256_prf);
    br_ssl_engine_set_prf_sha384(engine, br_tls12_sha384_prf);
    br_ssl_engine_set_buffer(engine, t->buffer, sizeof t->buffer, 1);
    /* All its randomness is ours: it would ask the system, too, were it not told that it has. */
    engine->rng_os_rand_done = 1;
    tern_drbg_bytes(drbg, (tern_buf){ seed, sizeof seed });
    br_ssl_engine_inject_entropy(engine, seed, sizeof seed);
    tern_wipe(seed, sizeof seed);
}

tern_tls_state tern_tls_state_of(const tern_tls *t)
{
    unsigned state = br_ssl_engine_current_state(t->engine);
    if ((state & BR_SSL_CLOSED) != 0) return TERN_TLS_OVER;
    /* Application data may be written or read once the handshake is done, unless a record is on its way. */
    return (state & (BR_SSL_SENDAPP | BR_SSL_RECVAPP)) != 0 ? TERN_TLS_OPEN : TERN_TLS_SHAKING;
}

int tern_tls_error(const tern_tls *t)
{
    return br_ssl_engine_last_error(t->engine);
}

tern_error tern_tls_refusal(const tern_tls *t)
{
    return t->x509.refusal;
}

size_t tern_tls_take(tern_tls *t, tern_bytes wire)
{
    size_t taken = 0, room;
    uint8_t *to;
    while (taken < wire.n && (to = br_ssl_engine_recvrec_buf(t->engine, &room)) != NULL) {
        size_t n = wire.n - taken < room ? wire.n - taken : room;
        memcpy(to, wire.p + taken, n);
        br_ssl_engine_recvrec_ack(t->engine, n);
        taken += n;
    }
    return taken;
}

size_t tern_tls_give(tern_tls *t, tern_buf wire)
{
    size_t given = 0, ready;
    const uint8_t *from;
    while (given < wire.n && (from = br_ssl_engine_sendrec_buf(t->engine, &ready)) != NULL) {
        size_t n = wire.n - given < ready ? wire.n - given : ready;
        memcpy(wire.p + given, from, n);
        br_ssl_engine_sendrec_ack(t->engine, n);
        given += n;
    }
    return given;
}

size_t tern_tls_read(tern_tls *t, tern_buf out)
{
    size_t got = 0, ready;
    const uint8_t *from;
    while (got < out.n && (from = br_ssl_engine_recvapp_buf(t->engine, &ready)) != NULL) {
        size_t n = out.n - got < ready ? out.n - got : ready;
        memcpy(out.p + got, from, n);
        br_ssl_engine_recvapp_ack(t->engine, n);
        got += n;
    }
    return got;
}

size_t tern_tls_room(const tern_tls *t)
{
    size_t room;
    return br_ssl_engine_sendapp_buf(t->engine, &room) != NULL ? room : 0;
}

void tern_tls_write(tern_tls *t, tern_bytes bytes)
{
    size_t room;
    uint8_t *to = br_ssl_engine_sendapp_buf(t->engine, &room);
    tern_assert(to != NULL && bytes.n <= room);
    memcpy(to, bytes.p, bytes.n);
    br_ssl_engine_sendapp_ack(t->engine, bytes.n);
    br_ssl_engine_flush(t->engine, 0);
}

void tern_tls_end(tern_tls *t)
{
    br_ssl_engine_close(t->engine);
}
