/* SPDX-License-Identifier: MIT */
/* What the tests of the handshake share: a client and a relay in memory, whose messages a test may hold and change. */
#ifndef TERN_TESTS_HANDSHAKE_SUPPORT_H
#define TERN_TESTS_HANDSHAKE_SUPPORT_H

#include "unit/crypto/support.h"

#include "crypto/ct.h"
#include "handshake/handshake.h"
#include "handshake/messages.h"

#define IN_2033       UINT64_C(2000000000) /* the fixtures are valid then */
#define FLIGHT_LENGTH 4                    /* PARAMETERS, CERTIFICATE or RAW_KEY, SIGNATURE, FINISHED */
#define FLIGHT_MOST   5                    /* and a CERTIFICATE_REQUEST behind PARAMETERS */
#define ANSWER_MOST   3                    /* of the client: RAW_KEY, SIGNATURE, FINISHED */
#define FINISHED_SIZE (TERN_TLV_HEADER + 32)

typedef struct {
    tern_handshake_config client_config, relay_config;
    tern_handshake client, relay;
    tern_drbg drbg;
    tern_cid first_sid, cid, sid;
    tern_identity identity, client_identity;
    tern_anchors anchors;
    uint8_t anchor_storage[TERN_ANCHOR_STORAGE_MAX], chain_storage[TERN_ANCHOR_STORAGE_MAX];
    uint8_t hello_bytes[TERN_CLIENT_HELLO_MAX], flight_bytes[TERN_FLIGHT_MAX], answer_bytes[TERN_FLIGHT_MAX];
    size_t flight_n, answer_n;
    tern_bytes hello, flight[FLIGHT_MOST], answer[ANSWER_MOST],
        finished; /* the answer is FINISHED, unless asked for more */
    uint8_t allowed[3][TERN_SHA256_SIZE];
    const tern_resumed *resumed; /* relay: what the ticket is worth */
} pair;

/* A relay with a raw key and a client that trusts on first use; both take AES-256-GCM and ChaCha20. */
static inline void pair_init(pair *p)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 1, 2, 3 };
    *p = (pair){ .first_sid = { "first si" }, .cid = { "client i" }, .sid = { "server i" } };
    tern_drbg_init(&p->drbg, seed, LITERAL("test"));
    tern_identity_generate(&p->identity, seed);
    p->client_config = (tern_handshake_config){ .is_client = true,
                                                .suites = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305 },
                                                .suites_n = 2,
                                                .params = tern_params_absent(),
                                                .trust = TERN_TRUST_FIRST_USE };
    p->relay_config = p->client_config;
    p->relay_config.is_client = false;
    p->relay_config.identity = &p->identity;
    p->client_config.params.max_streams = 3;
    p->relay_config.params.idle_timeout_ms = 7000;
}

/* The relay asks who the client is, and takes it, as the second of three. */
static inline void pair_ask_client(pair *p)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 4, 5 };
    tern_identity_generate(&p->client_identity, seed);
    tern_key_fingerprint(&p->client_identity.public_key, p->allowed[1]);
    p->client_config.identity = &p->client_identity;
    p->relay_config.asks_client = true;
    p->relay_config.allowed = (const uint8_t(*)[TERN_SHA256_SIZE])p->allowed;
    p->relay_config.allowed_n = 3;
}

/* Gives the relay the fixtures' certificate and makes the client ask for it. */
static inline void pair_use_chain(pair *p, const char *chain, const char *root, tern_bytes dns_name)
{
    tern_buf room = { p->chain_storage, sizeof p->chain_storage };
    tern_identity_result result = tern_identity_from_pem(&p->identity, FIXTURE("leaf_key.pem"), FIXTURE(chain), room);
    assert_int_equal(result, TERN_IDENTITY_OK);
    room = (tern_buf){ p->anchor_storage, sizeof p->anchor_storage };
    assert_int_equal(tern_anchors_from_pem(&p->anchors, FIXTURE(root), room), TERN_OK);
    p->client_config.trust = TERN_TRUST_CA;
    p->client_config.anchors = &p->anchors;
    p->client_config.name = (tern_name){ TERN_NAME_DNS, dns_name };
}

static inline void pair_client_start(pair *p)
{
    tern_writer w = tern_writer_of((tern_buf){ p->hello_bytes, sizeof p->hello_bytes });
    tern_handshake_client_start(&p->client, &p->client_config, &p->drbg, &p->first_sid, &p->cid, &w);
    assert_true(tern_writer_ok(&w));
    p->hello = tern_written(&w);
}

/* The relay takes a hello, that may have been changed on the way. */
static inline tern_error pair_relay_start(pair *p, tern_bytes hello)
{
    uint8_t *copy = exact_copy(hello.p, hello.n);
    tern_error error = tern_handshake_server_start(&p->relay, &p->relay_config, &p->drbg, p->resumed,
                                                   tern_bytes_of(copy, hello.n), &p->first_sid, &p->cid, &p->sid);
    free(copy);
    return error;
}

/* One view for each of the messages that were written one behind the other. */
static inline size_t split_messages(tern_bytes written, tern_bytes *out, size_t most)
{
    tern_reader r = tern_reader_of(written);
    size_t n = 0;
    for (; r.left > 0; n++) {
        const uint8_t *start = r.p;
        tern_tlv tlv;
        assert_true(n < most && tern_tlv_next(&r, &tlv));
        out[n] = tern_bytes_of(start, (size_t)(r.p - start));
    }
    return n;
}

static inline tern_error pair_relay_flight(pair *p)
{
    tern_writer w = tern_writer_of((tern_buf){ p->flight_bytes, sizeof p->flight_bytes });
    tern_error error = tern_handshake_server_flight(&p->relay, &p->relay_config, &w);
    if (error != TERN_OK) return error;
    p->flight_n = split_messages(tern_written(&w), p->flight, FLIGHT_MOST);
    assert_int_equal(p->flight_n, p->relay_config.asks_client ? FLIGHT_MOST : FLIGHT_LENGTH);
    return TERN_OK;
}

static inline tern_error pair_client_hello(pair *p)
{
    return tern_handshake_client_hello(&p->client, &p->client_config, &p->sid, &p->relay.hello);
}

/* One message, at the very end of readable memory, to one side, or a copy of it. */
static inline tern_error deliver_at(pair *p, tern_handshake *to, tern_bytes message, uint64_t unix_seconds)
{
    uint8_t *copy = exact_copy(message.p, message.n);
    tern_writer w = tern_writer_of((tern_buf){ p->answer_bytes, sizeof p->answer_bytes });
    bool to_relay = to->state >= TERN_HS_SERVER_START && to->state <= TERN_HS_SERVER_WAIT_FINISHED;
    const tern_handshake_config *config = to_relay ? &p->relay_config : &p->client_config;
    tern_error error = tern_handshake_recv(to, config, unix_seconds, tern_bytes_of(copy, message.n), &w);
    if (error == TERN_OK && w.n > 0) {
        p->answer_n = split_messages(tern_written(&w), p->answer, ANSWER_MOST);
        p->finished = p->answer[p->answer_n - 1];
    }
    free(copy);
    return error;
}

static inline tern_error deliver(pair *p, tern_handshake *to, tern_bytes message)
{
    return deliver_at(p, to, message, IN_2033);
}

/* Everything up to where the client waits for the flight. */
static inline void pair_to_flight(pair *p)
{
    pair_client_start(p);
    assert_int_equal(pair_relay_start(p, p->hello), TERN_OK);
    assert_int_equal(pair_relay_flight(p), TERN_OK);
    assert_int_equal(pair_client_hello(p), TERN_OK);
}

/* Delivers the messages from..to; the first error. */
static inline tern_error pair_deliver_flight(pair *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        tern_error error = deliver(p, &p->client, p->flight[i]);
        if (error != TERN_OK) return error;
    }
    return TERN_OK;
}

/* The whole handshake; the first error of either side. */
static inline tern_error pair_run(pair *p)
{
    pair_to_flight(p);
    tern_error error = pair_deliver_flight(p, 0, p->flight_n);
    for (size_t i = 0; error == TERN_OK && i < p->answer_n; i++) error = deliver(p, &p->relay, p->answer[i]);
    return error;
}

/* Both sides are done and agree on everything. */
static inline void assert_agreed(const pair *p)
{
    assert_int_equal(p->client.state, TERN_HS_DONE);
    assert_int_equal(p->relay.state, TERN_HS_DONE);
    assert_int_equal(p->client.suite, p->relay.suite);
    assert_memory_equal(&p->client.secrets, &p->relay.secrets, sizeof p->client.secrets);
}

/* Not one secret of the application is there. */
static inline void assert_no_application_secrets(const tern_handshake *h)
{
    static const uint8_t zeros[TERN_SECRET_SIZE];
    assert_memory_equal(h->secrets.client_application, zeros, sizeof zeros);
    assert_memory_equal(h->secrets.server_application, zeros, sizeof zeros);
    assert_int_not_equal(h->state, TERN_HS_DONE);
}

#endif
