/* SPDX-License-Identifier: MIT */
/* Both sides of the handshake. The first byte chooses the state, which a real handshake reached before, and what the
 * client trusts; steps follow, each an operation with its operands: messages of the input's own, real ones in any
 * order, real ones with a byte changed. Whatever comes, a side is done only when it got the other's messages, each one
 * once, in order and unchanged; and an error is final. */
#include "fuzz.h"

#include "handshake/handshake.h"
#include "handshake/messages.h"

#define FLIGHT       5                     /* the relay asks who the client is */
#define ANSWER       3                     /* RAW_KEY, SIGNATURE, FINISHED */
#define REAL         (1 + FLIGHT + ANSWER) /* CLIENT_HELLO, the relay's flight, the client's answer */
#define STATIONS     11
#define STEPS_MAX    32
#define ANSWER_MOST  512
#define UNIX_SECONDS UINT64_C(2000000000)

/* One honest handshake, run once; what each side was at each of its states. */
typedef struct {
    tern_identity identity, client_identity;
    uint8_t allowed[1][TERN_SHA256_SIZE];
    tern_anchors anchors; /* none */
    tern_handshake_config client, relay;
    tern_cid first_sid, cid, sid;
    tern_drbg drbg;
    uint8_t bytes[2048];
    tern_bytes real[REAL];
    tern_hello hello;
    struct {
        tern_handshake at;
        size_t due, end; /* the real messages that lead from here to the end */
    } station[STATIONS];
} honest;

static honest world;

static tern_error deliver(tern_handshake *h, tern_bytes message, tern_writer *w)
{
    return tern_handshake_recv(h, h->state >= TERN_HS_SERVER_START ? &world.relay : &world.client, UNIX_SECONDS,
                               message, w);
}

static void keep(size_t station, const tern_handshake *h, size_t due, size_t end)
{
    world.station[station].at = *h;
    world.station[station].due = due;
    world.station[station].end = end;
}

static void configure(void)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 7 };
    tern_handshake_config both = { .suites = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305 },
                                   .suites_n = 2,
                                   .params = tern_params_absent(),
                                   .trust = TERN_TRUST_FIRST_USE };
    tern_drbg_init(&world.drbg, seed, tern_bytes_of(NULL, 0));
    tern_identity_generate(&world.identity, seed);
    world.client = world.relay = both;
    world.client.is_client = true;
    world.client.anchors = &world.anchors;
    world.client.name = (tern_name){ TERN_NAME_DNS, tern_bytes_of("relay.example", 13) };
    world.relay.identity = &world.identity;
    tern_identity_generate(&world.client_identity, (const uint8_t[TERN_SEED_SIZE]){ 8 });
    tern_key_fingerprint(&world.client_identity.public_key, world.allowed[0]);
    world.client.identity = &world.client_identity;
    world.relay.asks_client = true;
    world.relay.allowed = (const uint8_t(*)[TERN_SHA256_SIZE])world.allowed;
    world.relay.allowed_n = 1;
    tern_drbg_bytes(&world.drbg, (tern_buf){ world.first_sid.b, TERN_CID_SIZE });
    tern_drbg_bytes(&world.drbg, (tern_buf){ world.cid.b, TERN_CID_SIZE });
    tern_drbg_bytes(&world.drbg, (tern_buf){ world.sid.b, TERN_CID_SIZE });
}

/* The messages that were written since n, one view each. */
static void split(const tern_writer *w, size_t n, size_t first, size_t count)
{
    tern_reader r = tern_reader_of(tern_bytes_of(w->start + n, w->n - n));
    for (size_t i = 0; i < count; i++) {
        const uint8_t *start = r.p;
        tern_tlv tlv;
        CHECK(tern_tlv_next(&r, &tlv));
        world.real[first + i] = tern_bytes_of(start, (size_t)(r.p - start));
    }
    CHECK(tern_reader_done(&r));
}

static void run_honest(void)
{
    tern_handshake client, relay;
    tern_writer w = tern_writer_of((tern_buf){ world.bytes, sizeof world.bytes });
    configure();
    tern_handshake_client_start(&client, &world.client, &world.drbg, &world.first_sid, &world.cid, &w);
    split(&w, 0, 0, 1);
    keep(0, &client, 1, 1 + FLIGHT);
    CHECK(tern_handshake_server_start(&relay, &world.relay, &world.drbg, NULL, world.real[0], &world.first_sid,
                                      &world.cid, &world.sid) == TERN_OK);
    keep(1, &relay, REAL, REAL); /* it waits for nothing before its flight */
    world.hello = relay.hello;
    size_t n = w.n;
    CHECK(tern_handshake_server_flight(&relay, &world.relay, &w) == TERN_OK);
    split(&w, n, 1, FLIGHT);
    CHECK(tern_handshake_client_hello(&client, &world.client, &world.sid, &world.hello) == TERN_OK);
    n = w.n;
    for (size_t i = 0; i < FLIGHT; i++) {
        keep(2 + i, &client, 1 + i, 1 + FLIGHT);
        CHECK(deliver(&client, world.real[1 + i], &w) == TERN_OK);
    }
    split(&w, n, 1 + FLIGHT, ANSWER);
    CHECK(client.state == TERN_HS_DONE);
    for (size_t i = 0; i < ANSWER; i++) {
        keep(2 + FLIGHT + i, &relay, 1 + FLIGHT + i, REAL);
        CHECK(deliver(&relay, world.real[1 + FLIGHT + i], NULL) == TERN_OK);
    }
    CHECK(memcmp(&client.secrets, &relay.secrets, sizeof client.secrets) == 0);
    keep(2 + FLIGHT + ANSWER, &relay, REAL, REAL);
}

typedef struct {
    tern_handshake h;
    size_t due, end; /* the next real message; beyond end, none */
    bool honest;     /* all that came was due */
} run;

static bool is_real(size_t i, tern_bytes message)
{
    return i < REAL && world.real[i].n == message.n && memcmp(world.real[i].p, message.p, message.n) == 0;
}

static void take(run *r, tern_bytes message)
{
    uint8_t answer[ANSWER_MOST];
    tern_writer w = tern_writer_of((tern_buf){ answer, sizeof answer });
    tern_handshake_state before = r->h.state;
    r->honest = r->honest && r->due < r->end && is_real(r->due, message);
    r->due++;
    tern_error error = deliver(&r->h, message, &w);
    CHECK(error < TERN_E_FIRST_LOCAL && error != TERN_INTERNAL_ERROR);
    CHECK((r->h.state == TERN_HS_FAILED) == (error != TERN_OK));
    CHECK(before != TERN_HS_FAILED || error != TERN_OK);
    CHECK(before != TERN_HS_DONE || error != TERN_OK);
    if (r->h.state == TERN_HS_DONE) CHECK(r->honest && r->due == r->end);
    CHECK(w.n == 0 || r->h.state == TERN_HS_DONE);
}

static void take_own(run *r, tern_reader *in)
{
    size_t n = tern_read_u16(in);
    if (n > in->left) n = in->left;
    take(r, tern_read_bytes(in, n));
}

/* A message whose header fits. */
static void take_typed(run *r, tern_reader *in)
{
    uint8_t bytes[TERN_TLV_HEADER + 4096];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    uint8_t type = tern_read_u8(in);
    size_t n = tern_read_u16(in) % 4096;
    if (n > in->left) n = in->left;
    tern_handshake_message_emit(&w, (tern_handshake_type)(0x0100 | type), tern_read_bytes(in, n));
    take(r, tern_written(&w));
}

static void take_changed(run *r, tern_reader *in)
{
    uint8_t bytes[512];
    tern_bytes message = world.real[tern_read_u8(in) % REAL];
    CHECK(message.n <= sizeof bytes);
    memcpy(bytes, message.p, message.n);
    size_t at = tern_read_u16(in) % message.n;
    bytes[at] ^= tern_read_u8(in);
    take(r, tern_bytes_of(bytes, message.n));
}

/* The relay's answer, with a byte changed or with none. */
static void take_answer(run *r, tern_reader *in)
{
    tern_hello hello = world.hello;
    tern_cid sid = world.sid;
    tern_handshake_state before = r->h.state;
    uint8_t at = tern_read_u8(in), change = tern_read_u8(in);
    if (at < 32)
        hello.random[at] ^= change;
    else if (at < 64)
        hello.share[at - 32] ^= change;
    else if (at < 66)
        hello.suite ^= (uint16_t)(change << (at - 64) * 8);
    else if (at < 74)
        sid.b[at - 66] ^= change;
    tern_error error = tern_handshake_client_hello(&r->h, &world.client, &sid, &hello);
    if (error == TERN_OK && at < 74 && change != 0) r->honest = false;
    CHECK((error == TERN_OK) == (r->h.state == TERN_HS_CLIENT_WAIT_PARAMETERS && before != r->h.state));
    CHECK(error == TERN_OK || error == TERN_ILLEGAL_PARAMETER || error == TERN_UNEXPECTED_MESSAGE);
}

/* A SYN's CLIENT_HELLO. Another relay: the flight of one that took it is for nobody here. */
static void take_hello(tern_reader *in)
{
    tern_handshake relay;
    tern_drbg drbg = world.drbg;
    uint8_t flight[1024];
    tern_writer w = tern_writer_of((tern_buf){ flight, sizeof flight });
    size_t n = tern_read_u16(in);
    if (n > in->left) n = in->left;
    tern_error error = tern_handshake_server_start(&relay, &world.relay, &drbg, NULL, tern_read_bytes(in, n),
                                                   &world.first_sid, &world.cid, &world.sid);
    CHECK(relay.state == (error == TERN_OK ? TERN_HS_SERVER_START : TERN_HS_FAILED));
    if (error != TERN_OK) return;
    CHECK(relay.suite == TERN_SUITE_AES_256_GCM || relay.suite == TERN_SUITE_CHACHA20_POLY1305);
    CHECK(tern_handshake_server_flight(&relay, &world.relay, &w) == TERN_OK);
    CHECK(deliver(&relay, world.real[REAL - 3], NULL) == TERN_OK);
    CHECK(deliver(&relay, world.real[REAL - 2], NULL) == TERN_DECRYPT_ERROR); /* of another handshake */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const tern_trust_mode modes[] = { TERN_TRUST_FIRST_USE, TERN_TRUST_PIN, TERN_TRUST_CA };
    if (world.real[0].n == 0) run_honest();
    tern_reader in = tern_reader_of(tern_bytes_of(data, size));
    uint8_t first = tern_read_u8(&in);
    size_t station = first % STATIONS;
    run r = { world.station[station].at, world.station[station].due, world.station[station].end, true };
    world.client.trust = modes[first / STATIONS % 3];
    for (int step = 0; step < STEPS_MAX && in.left > 0; step++) {
        switch (tern_read_u8(&in) % 6) {
        case 0: take_own(&r, &in); break;
        case 1: take_typed(&r, &in); break;
        case 2: take(&r, world.real[tern_read_u8(&in) % REAL]); break;
        case 3: take_changed(&r, &in); break;
        case 4: take_answer(&r, &in); break;
        default: take_hello(&in); break;
        }
    }
    return 0;
}
