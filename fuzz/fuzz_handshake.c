/* SPDX-License-Identifier: MIT */
/* Both sides of the handshake. The first byte chooses the handshake, the state, which a real one reached before, and
 * what the client trusts; steps follow, each an operation with its operands: messages of the input's own, real ones in
 * any order, real ones with a byte changed. Whatever comes, a side is done only when it got the other's messages, each
 * one once, in order and unchanged; and an error is final. */
#include "fuzz.h"

#include "crypto/pem.h"
#include "handshake/handshake.h"
#include "handshake/messages.h"

#define FLIGHT_MOST   5
#define ANSWER_MOST   3
#define REAL_MOST     (1 + FLIGHT_MOST + ANSWER_MOST) /* CLIENT_HELLO, the relay's flight, the client's answer */
#define STATIONS_MOST (3 + FLIGHT_MOST + ANSWER_MOST)
#define STEPS_MAX     32
#define BYTES_MOST    4096
#define FIXTURE_MAX   4096

/* The handshakes: a relay with a raw key that asks who the client is; one with a chain and its status; one that
 * resumes. */
typedef enum { ASKING, STAPLED, RESUMED, KINDS } kind;

/* One honest handshake, run once; what each side was at each of its states. */
typedef struct {
    tern_identity identity, client_identity;
    uint8_t allowed[1][TERN_SHA256_SIZE];
    tern_anchors anchors; /* none but for a chain */
    uint8_t anchor_storage[TERN_ANCHOR_STORAGE_MAX], chain_storage[FIXTURE_MAX], status[FIXTURE_MAX];
    tern_kept_ticket ticket;
    tern_resumed worth;
    const tern_resumed *resumed; /* NULL: it is not */
    tern_handshake_config client, relay;
    uint64_t unix_seconds;
    tern_cid first_sid, cid, sid;
    tern_drbg drbg;
    uint8_t bytes[BYTES_MOST];
    tern_bytes real[REAL_MOST];
    size_t flight, answer, reals, stations;
    tern_hello hello;
    struct {
        tern_handshake at;
        size_t due, end; /* the real messages that lead from here to the end */
    } station[STATIONS_MOST];
} honest;

static honest worlds[KINDS], *world;

static tern_error deliver(tern_handshake *h, tern_bytes message, tern_writer *w)
{
    return tern_handshake_recv(h, h->state >= TERN_HS_SERVER_START ? &world->relay : &world->client,
                               world->unix_seconds, message, w);
}

static void keep(size_t station, const tern_handshake *h, size_t due, size_t end)
{
    world->station[station].at = *h;
    world->station[station].due = due;
    world->station[station].end = end;
}

static void configure(void)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 7 };
    tern_handshake_config both = { .suites = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305 },
                                   .suites_n = 2,
                                   .params = tern_params_absent(),
                                   .trust = TERN_TRUST_FIRST_USE };
    tern_drbg_init(&world->drbg, seed, tern_bytes_of(NULL, 0));
    tern_identity_generate(&world->identity, seed);
    world->unix_seconds = UINT64_C(2000000000);
    world->client = world->relay = both;
    world->client.is_client = true;
    world->client.anchors = &world->anchors;
    world->client.name = (tern_name){ TERN_NAME_DNS, tern_bytes_of("relay.example", 13) };
    world->relay.identity = &world->identity;
    tern_drbg_bytes(&world->drbg, (tern_buf){ world->first_sid.b, TERN_CID_SIZE });
    tern_drbg_bytes(&world->drbg, (tern_buf){ world->cid.b, TERN_CID_SIZE });
    tern_drbg_bytes(&world->drbg, (tern_buf){ world->sid.b, TERN_CID_SIZE });
}

static void configure_asking(void)
{
    tern_identity_generate(&world->client_identity, (const uint8_t[TERN_SEED_SIZE]){ 8 });
    tern_key_fingerprint(&world->client_identity.public_key, world->allowed[0]);
    world->client.identity = &world->client_identity;
    world->relay.asks_client = true;
    world->relay.allowed = (const uint8_t(*)[TERN_SHA256_SIZE])world->allowed;
    world->relay.allowed_n = 1;
    world->flight = 5; /* PARAMETERS, CERTIFICATE_REQUEST, RAW_KEY, SIGNATURE, FINISHED */
    world->answer = 3; /* RAW_KEY, SIGNATURE, FINISHED */
}

static tern_bytes fixture(const char *name, uint8_t room[FIXTURE_MAX])
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", TERN_FIXTURES, name);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    size_t n = fread(room, 1, FIXTURE_MAX, f);
    (void)fclose(f);
    CHECK(n > 0 && n < FIXTURE_MAX);
    return tern_bytes_of(room, n);
}

static void configure_stapled(void)
{
    uint8_t key[FIXTURE_MAX], chain[FIXTURE_MAX];
    tern_ocsp_response response;
    tern_ocsp_single single;
    tern_buf storage = { world->chain_storage, sizeof world->chain_storage };
    CHECK(tern_identity_from_pem(&world->identity, fixture("leaf_key.pem", key), fixture("ocsp/chain.pem", chain),
                                 storage) == TERN_IDENTITY_OK);
    storage = (tern_buf){ world->anchor_storage, sizeof world->anchor_storage };
    CHECK(tern_anchors_from_pem(&world->anchors, fixture("ocsp/root.pem", chain), storage) == TERN_OK);
    world->relay.status = fixture("ocsp/of_chain.der", world->status);
    CHECK(tern_ocsp_read(world->relay.status, &response) == TERN_OCSP_GOOD);
    CHECK(tern_ocsp_single_next(&response.singles, &single));
    world->unix_seconds = single.times.this_update + 60;
    world->client.trust = TERN_TRUST_CA;
    world->flight = 5; /* PARAMETERS, CERTIFICATE, STATUS, SIGNATURE, FINISHED */
    world->answer = 1;
}

static void configure_resumed(void)
{
    world->ticket = (tern_kept_ticket){ .suite = TERN_SUITE_AES_256_GCM, .psk = { 9 }, .bytes = { 10 }, .n = 40 };
    memcpy(world->worth.psk, world->ticket.psk, sizeof world->worth.psk);
    world->client.ticket = &world->ticket;
    world->resumed = &world->worth;
    world->flight = 2; /* PARAMETERS, FINISHED */
    world->answer = 1;
}

/* The messages that were written since n, one view each. */
static void split(const tern_writer *w, size_t n, size_t first, size_t count)
{
    tern_reader r = tern_reader_of(tern_bytes_of(w->start + n, w->n - n));
    for (size_t i = 0; i < count; i++) {
        const uint8_t *start = r.p;
        tern_tlv tlv;
        CHECK(tern_tlv_next(&r, &tlv));
        world->real[first + i] = tern_bytes_of(start, (size_t)(r.p - start));
    }
    CHECK(tern_reader_done(&r));
}

static void run_honest(void)
{
    tern_handshake client, relay;
    size_t flight = world->flight, reals = 1 + flight + world->answer;
    tern_writer w = tern_writer_of((tern_buf){ world->bytes, sizeof world->bytes });
    tern_handshake_client_start(&client, &world->client, &world->drbg, &world->first_sid, &world->cid, &w);
    split(&w, 0, 0, 1);
    keep(0, &client, 1, 1 + flight);
    CHECK(tern_handshake_server_start(&relay, &world->relay, &world->drbg, world->resumed, world->real[0],
                                      &world->first_sid, &world->cid, &world->sid) == TERN_OK);
    keep(1, &relay, reals, reals); /* it waits for nothing before its flight */
    world->hello = relay.hello;
    size_t n = w.n;
    CHECK(tern_handshake_server_flight(&relay, &world->relay, &w) == TERN_OK);
    split(&w, n, 1, flight);
    CHECK(tern_handshake_client_hello(&client, &world->client, &world->sid, &world->hello) == TERN_OK);
    n = w.n;
    for (size_t i = 0; i < flight; i++) {
        keep(2 + i, &client, 1 + i, 1 + flight);
        CHECK(deliver(&client, world->real[1 + i], &w) == TERN_OK);
    }
    split(&w, n, 1 + flight, world->answer);
    CHECK(client.state == TERN_HS_DONE);
    for (size_t i = 0; i < world->answer; i++) {
        keep(2 + flight + i, &relay, 1 + flight + i, reals);
        CHECK(deliver(&relay, world->real[1 + flight + i], NULL) == TERN_OK);
    }
    CHECK(memcmp(&client.secrets, &relay.secrets, sizeof client.secrets) == 0);
    keep(2 + flight + world->answer, &relay, reals, reals);
    world->reals = reals;
    world->stations = 3 + flight + world->answer;
}

static void run_all(void)
{
    static void (*const configures[KINDS])(void) = { configure_asking, configure_stapled, configure_resumed };
    for (int k = 0; k < KINDS; k++) {
        world = &worlds[k];
        configure();
        configures[k]();
        run_honest();
    }
}

typedef struct {
    tern_handshake h;
    size_t due, end; /* the next real message; beyond end, none */
    bool honest;     /* all that came was due */
} run;

static bool is_real(size_t i, tern_bytes message)
{
    return i < world->reals && world->real[i].n == message.n && memcmp(world->real[i].p, message.p, message.n) == 0;
}

static void take(run *r, tern_bytes message)
{
    uint8_t answer[512];
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
    uint8_t bytes[BYTES_MOST];
    tern_bytes message = world->real[tern_read_u8(in) % world->reals];
    CHECK(message.n <= sizeof bytes);
    memcpy(bytes, message.p, message.n);
    size_t at = tern_read_u16(in) % message.n;
    bytes[at] ^= tern_read_u8(in);
    take(r, tern_bytes_of(bytes, message.n));
}

/* The relay's answer, with a byte changed or with none. */
static void take_answer(run *r, tern_reader *in)
{
    tern_hello hello = world->hello;
    tern_cid sid = world->sid;
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
    tern_error error = tern_handshake_client_hello(&r->h, &world->client, &sid, &hello);
    if (error == TERN_OK && at < 74 && change != 0) r->honest = false;
    bool waits = r->h.state == TERN_HS_CLIENT_WAIT_PARAMETERS || r->h.state == TERN_HS_CLIENT_WAIT_RESUMED;
    CHECK((error == TERN_OK) == (waits && before == TERN_HS_CLIENT_WAIT_HELLO));
    CHECK(error == TERN_OK || error == TERN_ILLEGAL_PARAMETER || error == TERN_UNEXPECTED_MESSAGE);
}

/* A SYN's CLIENT_HELLO. Another relay: the flight of one that took it is for nobody here. */
static void take_hello(tern_reader *in)
{
    tern_handshake relay;
    tern_drbg drbg = world->drbg;
    uint8_t flight[BYTES_MOST];
    tern_writer w = tern_writer_of((tern_buf){ flight, sizeof flight });
    size_t n = tern_read_u16(in);
    if (n > in->left) n = in->left;
    tern_error error = tern_handshake_server_start(&relay, &world->relay, &drbg, world->resumed, tern_read_bytes(in, n),
                                                   &world->first_sid, &world->cid, &world->sid);
    CHECK(relay.state == (error == TERN_OK ? TERN_HS_SERVER_START : TERN_HS_FAILED));
    if (error != TERN_OK) return;
    CHECK(relay.suite == TERN_SUITE_AES_256_GCM || relay.suite == TERN_SUITE_CHACHA20_POLY1305);
    CHECK(tern_handshake_server_flight(&relay, &world->relay, &w) == TERN_OK);
    size_t first = 1 + world->flight; /* of an answer that is of another handshake */
    bool shows_key = world->answer > 1;
    if (shows_key) CHECK(deliver(&relay, world->real[first], NULL) == TERN_OK);
    CHECK(deliver(&relay, world->real[shows_key ? first + 1 : first], NULL) == TERN_DECRYPT_ERROR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const tern_trust_mode modes[] = { TERN_TRUST_FIRST_USE, TERN_TRUST_PIN, TERN_TRUST_CA };
    if (worlds[0].stations == 0) run_all();
    tern_reader in = tern_reader_of(tern_bytes_of(data, size));
    uint8_t first = tern_read_u8(&in);
    world = &worlds[first / (STATIONS_MOST * 3) % KINDS];
    size_t station = first % STATIONS_MOST % world->stations;
    run r = { world->station[station].at, world->station[station].due, world->station[station].end, true };
    world->client.trust = modes[first / STATIONS_MOST % 3];
    for (int step = 0; step < STEPS_MAX && in.left > 0; step++) {
        switch (tern_read_u8(&in) % 6) {
        case 0: take_own(&r, &in); break;
        case 1: take_typed(&r, &in); break;
        case 2: take(&r, world->real[tern_read_u8(&in) % world->reals]); break;
        case 3: take_changed(&r, &in); break;
        case 4: take_answer(&r, &in); break;
        default: take_hello(&in); break;
        }
    }
    return 0;
}
