/* SPDX-License-Identifier: MIT */
/* TLS 1.2: a client and a server in one process. That OpenSSL speaks with both is shown with the programs. */
#include "crypto/identity.h"
#include "crypto/tls.h"
#include "unit/crypto/support.h"

typedef struct {
    tern_identity id;
    uint8_t der[4096];
    tern_tls_server *shared;
    tern_tls *server, *client;
    tern_drbg drbg;
    uint64_t wire; /* bytes both ways */
} pair;

static void make(pair *p, const tern_tls_trust *trust)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 1 };
    tern_drbg_init(&p->drbg, seed, LITERAL("tls"));
    assert_int_equal(tern_identity_from_pem(&p->id, FIXTURE("rsa_key.pem"), FIXTURE("rsa_leaf.pem"),
                                            (tern_buf){ p->der, sizeof p->der }),
                     TERN_IDENTITY_OK);
    p->shared = malloc(tern_tls_server_size());
    p->server = malloc(tern_tls_size());
    p->client = malloc(tern_tls_size());
    assert_true(p->shared != NULL && p->server != NULL && p->client != NULL);
    tern_tls_server_init(p->shared, &p->id.private_key.u.rsa, &p->id.chain);
    tern_tls_accept(p->server, p->shared, &p->drbg);
    tern_tls_connect(p->client, trust, &p->drbg);
}

static void forget(pair *p)
{
    free(p->client);
    free(p->server);
    free(p->shared);
}

static bool carry(pair *p, tern_tls *from, tern_tls *to, size_t most)
{
    uint8_t bytes[4096];
    size_t n = tern_tls_give(from, (tern_buf){ bytes, most }), taken = 0;
    while (taken < n) {
        size_t now = tern_tls_take(to, tern_bytes_of(bytes + taken, n - taken));
        if (now == 0) return false;
        taken += now;
    }
    p->wire += n;
    return n > 0;
}

/* Until nothing moves. */
static void run(pair *p, size_t most)
{
    bool moved = true;
    while (moved) {
        moved = carry(p, p->client, p->server, most);
        moved = carry(p, p->server, p->client, most) || moved;
    }
}

static void words_go_both_ways_in_pieces_of_any_size(void **state)
{
    static const size_t sizes[] = { 1, 7, 1400, 4096 };
    const tern_tls_trust anybody = { 0 };
    uint8_t out[100];
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        pair p = { 0 };
        make(&p, &anybody);
        run(&p, sizes[i]);
        assert_int_equal(tern_tls_state_of(p.client), TERN_TLS_OPEN);
        assert_int_equal(tern_tls_state_of(p.server), TERN_TLS_OPEN);
        assert_true(tern_tls_room(p.client) > 10000);
        tern_tls_write(p.client, LITERAL("to the server"));
        tern_tls_write(p.server, LITERAL("to the client"));
        run(&p, sizes[i]);
        assert_int_equal(tern_tls_read(p.server, (tern_buf){ out, sizeof out }), 13);
        assert_memory_equal(out, "to the server", 13);
        assert_int_equal(tern_tls_read(p.client, (tern_buf){ out, sizeof out }), 13);
        tern_tls_end(p.client);
        run(&p, sizes[i]);
        assert_int_equal(tern_tls_state_of(p.server), TERN_TLS_OVER);
        assert_int_equal(tern_tls_error(p.server), 0);
        forget(&p);
    }
}

static void a_client_judges_the_chain(void **state)
{
    uint8_t storage[TERN_ANCHOR_STORAGE_MAX];
    tern_anchors anchors;
    static const struct {
        const char *name;
        uint64_t at;
        tern_error refusal;
    } rows[] = {
        { "relay.example", UINT64_C(1893456000), TERN_OK },
        { "other.example", UINT64_C(1893456000), TERN_CERTIFICATE_NAME },
        { "relay.example", UINT64_C(32503680000), TERN_CERTIFICATE_EXPIRED },
    };
    (void)state;
    assert_int_equal(tern_anchors_from_pem(&anchors, FIXTURE("root.pem"), (tern_buf){ storage, sizeof storage }),
                     TERN_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pair p = { 0 };
        tern_tls_trust trust = { .anchors = &anchors,
                                 .name = { TERN_NAME_DNS, tern_bytes_of(rows[i].name, strlen(rows[i].name)) },
                                 .unix_seconds = rows[i].at };
        make(&p, &trust);
        run(&p, 4096);
        assert_int_equal(tern_tls_refusal(p.client), rows[i].refusal);
        assert_int_equal(tern_tls_state_of(p.client), rows[i].refusal == TERN_OK ? TERN_TLS_OPEN : TERN_TLS_OVER);
        forget(&p);
    }
}

/* The same seed, the same bytes: nothing comes from the system. */
static void randomness_is_all_our_own(void **state)
{
    const tern_tls_trust anybody = { 0 };
    pair a = { 0 }, b = { 0 };
    uint8_t x[2000], y[2000];
    (void)state;
    make(&a, &anybody);
    make(&b, &anybody);
    size_t n = tern_tls_give(a.client, (tern_buf){ x, sizeof x });
    assert_int_equal(tern_tls_give(b.client, (tern_buf){ y, sizeof y }), n);
    assert_memory_equal(x, y, n);
    forget(&a);
    forget(&b);
}

static void what_is_no_tls_ends_the_connection(void **state)
{
    const tern_tls_trust anybody = { 0 };
    pair p = { 0 };
    (void)state;
    make(&p, &anybody);
    (void)tern_tls_take(p.server, LITERAL("GET / HTTP/1.0\r\n\r\n"));
    assert_int_equal(tern_tls_state_of(p.server), TERN_TLS_OVER);
    assert_int_not_equal(tern_tls_error(p.server), 0);
    forget(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_go_both_ways_in_pieces_of_any_size),
        cmocka_unit_test(a_client_judges_the_chain),
        cmocka_unit_test(randomness_is_all_our_own),
        cmocka_unit_test(what_is_no_tls_ends_the_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
