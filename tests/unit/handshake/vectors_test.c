/* SPDX-License-Identifier: MIT */
/* The vectors of spec/vectors, which tests/tools/make_vectors.py wrote from the text of the specification alone. */
#include "crypto/issuer.h"
#include "crypto/pem.h"
#include "handshake/cookie.h"
#include "handshake/steps.h"
#include "unit/handshake/support.h"
#include "unit/vectors.h"
#include "wire/frame.h"
#include "wire/version.h"

#define KEYSCHEDULE_LEAST 50
#define STATUS_LEAST      80
#define WIRE_LEAST        290

static void assert_verdict(const json_t *test, tern_error error)
{
    const char *due = is_valid(test) ? tern_error_name(TERN_OK) : text_of(test, "error");
    assert_string_equal(tern_error_name(error), due);
}

/* Keys are opaque: they are the same when they seal and mask the same. */
static void assert_keys(const tern_packet_keys *keys, tern_suite suite, const json_t *due)
{
    uint8_t key[TERN_AEAD_KEY_SIZE], iv[TERN_AEAD_IV_SIZE], hp[TERN_HEADER_KEY_SIZE];
    uint8_t tag[2][TERN_AEAD_TAG_SIZE], mask[2][TERN_HEADER_MASK_SIZE], data[2][20] = { { 1 }, { 1 } };
    tern_aead aead;
    tern_header_key header;
    copy_at(due, "key", key, sizeof key);
    copy_at(due, "iv", iv, sizeof iv);
    copy_at(due, "hp", hp, sizeof hp);
    tern_aead_init(&aead, suite, key, iv);
    tern_header_key_init(&header, suite, hp);
    tern_aead_seal(&aead, 7, LITERAL("aad"), data[0], sizeof data[0], tag[0]);
    tern_aead_seal(&keys->aead, 7, LITERAL("aad"), data[1], sizeof data[1], tag[1]);
    tern_header_mask(&header, tag[0], mask[0]);
    tern_header_mask(&keys->header, tag[0], mask[1]);
    assert_memory_equal(data[0], data[1], sizeof data[0]);
    assert_memory_equal(tag[0], tag[1], sizeof tag[0]);
    assert_memory_equal(mask[0], mask[1], sizeof mask[0]);
}

/* ---- keyschedule.json ---- */

static void read_trust(const json_t *trust, tern_handshake_config *config, tern_anchors *anchors,
                       uint64_t *unix_seconds)
{
    static uint8_t storage[TERN_ANCHOR_STORAGE_MAX], pem[TERN_ANCHOR_STORAGE_MAX];
    const char *mode = text_of(trust, "mode");
    config->trust = TERN_TRUST_FIRST_USE;
    if (strcmp(mode, "pin") == 0) {
        config->trust = TERN_TRUST_PIN;
        copy_at(trust, "pin", config->pin, sizeof config->pin);
    }
    if (strcmp(mode, "ca") != 0) return;
    size_t n = tern_pem_encode(bytes_at(trust, "anchor"), "CERTIFICATE", (tern_buf){ pem, sizeof pem });
    tern_buf room = { storage, sizeof storage };
    assert_int_equal(tern_anchors_from_pem(anchors, tern_bytes_of(pem, n), room), TERN_OK);
    config->trust = TERN_TRUST_CA;
    config->anchors = anchors;
    *unix_seconds = number_at(trust, "unix_seconds");
    config->must_staple = json_is_true(json_object_get(trust, "must_staple"));
    const char *dns = json_string_value(field(trust, "dns"));
    if (dns != NULL)
        config->name = (tern_name){ TERN_NAME_DNS, tern_bytes_of(dns, strlen(dns)) };
    else
        config->name = (tern_name){ TERN_NAME_IP, bytes_at(trust, "ip") };
}

/* false: the client has none. */
static bool read_ticket(const json_t *input, tern_kept_ticket *ticket)
{
    *ticket = (tern_kept_ticket){ 0 };
    if (json_object_get(input, "psk") == NULL) return false;
    tern_bytes bytes = bytes_at(input, "ticket");
    ticket->suite = (tern_suite)number_at(input, "ticket_suite");
    copy_at(input, "psk", ticket->psk, sizeof ticket->psk);
    const json_t *trust = field(input, "trust");
    if (strcmp(text_of(trust, "mode"), "pin") == 0)
        copy_at(trust, "pin", ticket->fingerprint, sizeof ticket->fingerprint);
    memcpy(ticket->bytes, bytes.p, bytes.n);
    ticket->n = bytes.n;
    return true;
}

/* A handshake as it stands right behind CLIENT_HELLO, with randomness of the vector's. */
static tern_handshake behind_hello(const json_t *input, const char *private_share, tern_handshake_state state)
{
    tern_handshake h = { 0 };
    copy_at(input, "first_sid", h.first_sid.b, TERN_CID_SIZE);
    copy_at(input, "cid", h.cid.b, TERN_CID_SIZE);
    copy_at(input, private_share, h.private_share, sizeof h.private_share);
    tern_kept_ticket ticket;
    tern_secrets_start(&h.secrets, read_ticket(input, &ticket) ? ticket.psk : NULL);
    tern_sha256_init(&h.transcript);
    tern_sha256_update(&h.transcript, bytes_at(input, "client_hello"));
    tern_handshake_set_state(&h, state);
    return h;
}

static tern_hello answer_of(const json_t *input)
{
    tern_hello hello = { .suite = (uint16_t)number_at(input, "suite"),
                         .resumed = (uint8_t)number_at(input, "resumed") };
    copy_at(input, "random", hello.random, sizeof hello.random);
    copy_at(input, "share", hello.share, sizeof hello.share);
    return hello;
}

static void assert_secrets(const tern_handshake *h, const json_t *output)
{
    const json_t *keys = field(output, "keys");
    const struct {
        const char *name, *keys;
        const uint8_t *secret;
    } all[] = { { "client_handshake", "client_hs", h->secrets.client_handshake },
                { "server_handshake", "server_hs", h->secrets.server_handshake },
                { "client_application", "client_ap", h->secrets.client_application },
                { "server_application", "server_ap", h->secrets.server_application } };
    uint8_t psk[TERN_SECRET_SIZE];
    assert_bytes_at(h->secrets.handshake, TERN_SECRET_SIZE, output, "handshake_secret");
    assert_bytes_at(h->secrets.resumption, TERN_SECRET_SIZE, output, "resumption_master");
    tern_ticket_psk(h->secrets.resumption, bytes_at(output, "ticket_nonce"), psk);
    assert_bytes_at(psk, sizeof psk, output, "ticket_psk");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        tern_packet_keys derived;
        assert_bytes_at(all[i].secret, TERN_SECRET_SIZE, output, all[i].name);
        tern_packet_keys_derive(&derived, h->suite, all[i].secret);
        assert_keys(&derived, h->suite, field(keys, all[i].keys));
    }
}

static void read_key(const json_t *input, const char *name, tern_identity *out)
{
    uint8_t point[TERN_P256_PUBLIC_SIZE];
    out->private_key.kind = TERN_KEY_P256;
    copy_at(input, name, out->private_key.u.p256, sizeof out->private_key.u.p256);
    assert_true(tern_p256_public(out->private_key.u.p256, point));
    tern_public_key_p256(&out->public_key, point);
}

/* The client's own key, when the vector has one. */
static bool read_client(const json_t *input, tern_identity *own)
{
    *own = (tern_identity){ 0 };
    if (json_object_get(input, "client_key") == NULL) return false;
    read_key(input, "client_key", own);
    return true;
}

/* What the client says last: FINISHED, behind what it shows. */
static void assert_answer(tern_bytes answer, const json_t *output)
{
    const json_t *shown = json_object_get(output, "client_shown");
    tern_reader r = tern_reader_of(answer);
    for (size_t i = 0; i < json_array_size(shown); i++) {
        tern_bytes due = bytes_of(json_array_get(shown, i));
        assert_bytes(tern_read_bytes(&r, due.n).p, due.n, due);
    }
    assert_bytes_at(r.p, r.left, output, "client_finished");
}

static void run_client(const json_t *test)
{
    const json_t *input = field(test, "input"), *offered = field(input, "offered"), *flight = field(input, "flight");
    tern_handshake_config config = { .is_client = true, .suites_n = json_array_size(offered) };
    tern_anchors anchors;
    tern_cid sid;
    uint64_t unix_seconds = IN_2033;
    uint8_t room[1024];
    tern_identity own;
    if (read_client(input, &own)) config.identity = &own;
    tern_writer w = tern_writer_of((tern_buf){ room, sizeof room });
    for (size_t i = 0; i < config.suites_n; i++)
        config.suites[i] = (tern_suite)json_integer_value(json_array_get(offered, i));
    read_trust(field(input, "trust"), &config, &anchors, &unix_seconds);
    copy_at(input, "sid", sid.b, sizeof sid.b);
    tern_kept_ticket ticket;
    if (read_ticket(input, &ticket)) config.ticket = &ticket;

    tern_handshake h = behind_hello(input, "client_private", TERN_HS_CLIENT_WAIT_HELLO);
    tern_hello hello = answer_of(input);
    tern_error error = tern_handshake_client_hello(&h, &config, &sid, &hello);
    for (size_t i = 0; error == TERN_OK && i < json_array_size(flight); i++)
        error = tern_handshake_recv(&h, &config, unix_seconds, bytes_of(json_array_get(flight, i)), &w);
    assert_verdict(test, error);
    assert_int_equal(h.state == TERN_HS_DONE, is_valid(test));
    if (!is_valid(test)) return;
    const json_t *output = field(test, "output");
    assert_secrets(&h, output);
    assert_answer(tern_written(&w), output);
    assert_bytes_at(h.fingerprint, sizeof h.fingerprint, output, "fingerprint");
}

static tern_identity identity_of(const json_t *input, tern_bytes shown)
{
    tern_identity identity = { 0 };
    tern_tlv tlv;
    read_key(input, "relay_key", &identity);
    assert_int_equal(tern_handshake_message_parse(shown, &tlv), TERN_OK);
    if (tlv.type == TERN_HS_CERTIFICATE)
        assert_int_equal(tern_certificate_parse(tlv.value, &identity.chain), TERN_OK);
    else
        assert_bytes(identity.public_key.u.p256, sizeof identity.public_key.u.p256, tlv.value);
    return identity;
}

/* The relay makes exactly the bytes of the vector, signature included: ECDSA's nonce is RFC 6979's. */
static void run_relay(const json_t *test)
{
    const json_t *input = field(test, "input"), *output = field(test, "output"), *flight = field(input, "flight");
    uint8_t room[TERN_FLIGHT_MAX], hash[TERN_SHA256_SIZE];
    tern_handshake_config config = { 0 };
    tern_tlv tlv;
    tern_client_hello client;
    assert_int_equal(tern_handshake_message_parse(bytes_at(input, "client_hello"), &tlv), TERN_OK);
    assert_int_equal(tern_client_hello_parse(tlv.value, &client), TERN_OK);
    assert_int_equal(tern_handshake_message_parse(bytes_of(json_array_get(flight, 0)), &tlv), TERN_OK);
    assert_int_equal(tern_params_parse(tlv.value, &config.params), TERN_OK);
    tern_identity identity, own;
    config.asks_client = read_client(input, &own);
    if (number_at(input, "resumed") == 0) {
        identity = identity_of(input, bytes_of(json_array_get(flight, config.asks_client ? 2 : 1)));
        config.identity = &identity;
        tern_bytes behind = bytes_of(json_array_get(flight, config.asks_client ? 3 : 2));
        assert_int_equal(tern_handshake_message_parse(behind, &tlv), TERN_OK);
        if (tlv.type == TERN_HS_STATUS) config.status = tlv.value;
    }
    uint8_t allowed[1][TERN_SHA256_SIZE];
    config.allowed = (const uint8_t(*)[TERN_SHA256_SIZE])allowed;
    if (config.asks_client) copy_at(output, "client_fingerprint", allowed[config.allowed_n++], sizeof allowed[0]);

    tern_handshake h = behind_hello(input, "relay_private", TERN_HS_SERVER_START);
    copy_at(input, "sid", h.sid.b, sizeof h.sid.b);
    h.hello = answer_of(input);
    h.suite = (tern_suite)h.hello.suite;
    tern_transcript_hello(&h);
    tern_sha256_final(&h.transcript, hash);
    assert_bytes_at(hash, sizeof hash, output, "hello_hash");
    assert_true(tern_transcript_agree(&h, client.share));
    tern_writer w = tern_writer_of((tern_buf){ room, sizeof room });
    assert_int_equal(tern_handshake_server_flight(&h, &config, &w), TERN_OK);
    tern_reader r = tern_reader_of(tern_written(&w));
    for (size_t i = 0; i < json_array_size(flight); i++) {
        tern_bytes due = bytes_of(json_array_get(flight, i));
        assert_bytes(tern_read_bytes(&r, due.n).p, due.n, due);
    }
    assert_true(tern_reader_done(&r));
    const json_t *shown = json_object_get(output, "client_shown");
    for (size_t i = 0; i < json_array_size(shown); i++)
        assert_int_equal(tern_handshake_recv(&h, &config, 0, bytes_of(json_array_get(shown, i)), NULL), TERN_OK);
    assert_int_equal(tern_handshake_recv(&h, &config, 0, bytes_at(output, "client_finished"), NULL), TERN_OK);
    assert_int_equal(h.state, TERN_HS_DONE);
    assert_secrets(&h, output);
}

/* The client's own BINDER is the vector's. */
static void check_binder(const json_t *input, const json_t *output)
{
    tern_kept_ticket ticket;
    tern_secrets s;
    tern_tlv tlv;
    tern_client_hello client;
    uint8_t hash[TERN_SHA256_SIZE], binder[TERN_BINDER_SIZE];
    tern_bytes hello = bytes_at(input, "client_hello");
    if (!read_ticket(input, &ticket)) return;
    assert_int_equal(tern_handshake_message_parse(hello, &tlv), TERN_OK);
    assert_int_equal(tern_client_hello_parse(tlv.value, &client), TERN_OK);
    assert_bytes(ticket.bytes, ticket.n, client.resume.ticket);
    tern_secrets_start(&s, ticket.psk);
    tern_sha256_of(hello, hash);
    tern_secrets_early(&s, hash);
    /*= HS-050 */
    assert_bytes_at(s.client_early, sizeof s.client_early, output, "client_early");
    tern_sha256_of(tern_bytes_of(hello.p, hello.n - TERN_BINDER_PARAM), hash);
    /*= HS-042 */
    tern_binder_value(s.early, hash, binder);
    assert_bytes(binder, sizeof binder, client.resume.binder);
}

static void check_handshake(const json_t *test)
{
    run_client(test);
    if (is_valid(test)) check_binder(field(test, "input"), field(test, "output"));
    if (is_valid(test)) run_relay(test);
}

static void check_packet_keys(const json_t *test)
{
    static const tern_suite suites[] = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305, TERN_SUITE_PLAINTEXT };
    tern_bytes secret = bytes_at(field(test, "input"), "secret");
    for (size_t i = 0; i < 3; i++) {
        tern_packet_keys keys;
        tern_packet_keys_derive(&keys, suites[i], secret.p);
        assert_keys(&keys, suites[i], field(test, "output"));
    }
}

/* What seals as these keys do. */
static void assert_phase(const tern_aead *got, tern_suite suite, tern_bytes key, tern_bytes iv)
{
    tern_aead right;
    uint8_t data[2][24] = { { 1, 2, 3 }, { 1, 2, 3 } }, tag[2][TERN_AEAD_TAG_SIZE];
    tern_aead_init(&right, suite, key.p, iv.p);
    tern_aead_seal(got, 9, tern_bytes_of(NULL, 0), data[0], sizeof data[0], tag[0]);
    tern_aead_seal(&right, 9, tern_bytes_of(NULL, 0), data[1], sizeof data[1], tag[1]);
    assert_memory_equal(data[0], data[1], sizeof data[0]);
    assert_memory_equal(tag[0], tag[1], sizeof tag[0]);
}

static void check_key_update(const json_t *test)
{
    static const tern_suite suites[] = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305, TERN_SUITE_PLAINTEXT };
    const json_t *output = field(test, "output");
    uint8_t secret[TERN_SECRET_SIZE];
    copy_at(field(test, "input"), "secret", secret, sizeof secret);
    for (int n = 1; n <= 2; n++) {
        tern_secret_next(secret, secret);
        assert_bytes_at(secret, sizeof secret, output, n == 1 ? "secret_1" : "secret_2");
        for (size_t i = 0; i < 3; i++) {
            tern_aead aead;
            tern_phase_keys(&aead, suites[i], secret);
            assert_phase(&aead, suites[i], bytes_at(output, n == 1 ? "key_1" : "key_2"),
                         bytes_at(output, n == 1 ? "iv_1" : "iv_2"));
        }
    }
}

static void check_syn_keys(const json_t *test)
{
    tern_packet_keys keys;
    tern_cid first_sid;
    copy_at(field(test, "input"), "first_sid", first_sid.b, sizeof first_sid.b);
    tern_packet_keys_syn(&keys, &first_sid);
    assert_keys(&keys, TERN_SUITE_AES_256_GCM, field(test, "output"));
}

static void check_finished(const json_t *test)
{
    const json_t *input = field(test, "input");
    uint8_t value[32];
    tern_finished_value(bytes_at(input, "secret").p, bytes_at(input, "transcript_hash").p, value);
    assert_bytes_at(value, sizeof value, field(test, "output"), "finished");
}

/* ---- wire.json ---- */

static tern_packet_type type_of(const char *name)
{
    if (strcmp(name, "SYN") == 0) return TERN_PACKET_SYN;
    if (strcmp(name, "SYN_ACK") == 0) return TERN_PACKET_SYN_ACK;
    if (strcmp(name, "ACK") == 0) return TERN_PACKET_ACK;
    if (strcmp(name, "EARLY") == 0) return TERN_PACKET_EARLY;
    if (strcmp(name, "RESET") == 0) return TERN_PACKET_RESET;
    assert_string_equal(name, "DATA");
    return TERN_PACKET_DATA;
}

static tern_header header_of(const json_t *fields)
{
    tern_header h = { .type = type_of(text_of(fields, "type")), .version = TERN_VERSION };
    copy_at(fields, "to", h.to.b, sizeof h.to.b);
    if (h.type == TERN_PACKET_RESET)
        copy_at(fields, "token", h.token, sizeof h.token);
    else if (h.type != TERN_PACKET_DATA)
        copy_at(fields, "from", h.from.b, sizeof h.from.b);
    if (h.type == TERN_PACKET_SYN_ACK) h.hello = answer_of(fields);
    return h;
}

static void assert_header(const tern_header *h, const json_t *fields)
{
    tern_header due = header_of(fields);
    assert_int_equal(h->type, due.type);
    assert_true(tern_cid_equal(&h->to, &due.to));
    assert_true(tern_cid_equal(&h->from, &due.from));
    assert_memory_equal(h->token, due.token, sizeof h->token);
    if (h->type != TERN_PACKET_DATA && h->type != TERN_PACKET_RESET) assert_int_equal(h->version, TERN_VERSION);
    if (h->type != TERN_PACKET_SYN_ACK) return;
    assert_memory_equal(h->hello.random, due.hello.random, TERN_RANDOM_SIZE);
    assert_memory_equal(h->hello.share, due.hello.share, TERN_SHARE_SIZE);
    assert_int_equal(h->hello.suite, due.hello.suite);
}

static void assert_drop(const json_t *test, int drop)
{
    assert_int_equal(drop == TERN_DROP_NONE, is_valid(test));
    if (drop != TERN_DROP_NONE) assert_string_equal(tern_drop_name((tern_drop)drop), text_of(test, "error"));
}

static void check_header(const json_t *test)
{
    tern_bytes datagram = bytes_at(field(test, "input"), "datagram");
    uint8_t *copy = exact_copy(datagram.p, datagram.n);
    tern_header h;
    assert_drop(test, tern_header_parse(tern_bytes_of(copy, datagram.n), &h));
    free(copy);
    if (!is_valid(test)) return;
    assert_header(&h, field(field(test, "output"), "header"));
    assert_int_equal(h.pn_offset, number_at(field(test, "output"), "pn_offset"));
}

static int open_retry(const tern_cid *first_sid, tern_bytes datagram, tern_header *h, tern_bytes *cookie)
{
    int drop = tern_header_parse(datagram, h);
    return drop != TERN_DROP_NONE ? drop : tern_retry_open(first_sid, h, datagram, cookie);
}

/*= WIRE-070 WIRE-071 */
static void check_retry(const json_t *test)
{
    const json_t *input = field(test, "input"), *output;
    tern_bytes datagram = bytes_at(input, "datagram"), cookie;
    uint8_t again[256];
    tern_cid first_sid;
    tern_header h;
    copy_at(input, "first_sid", first_sid.b, sizeof first_sid.b);
    assert_drop(test, open_retry(&first_sid, datagram, &h, &cookie));
    if (!is_valid(test)) return;
    output = field(test, "output");
    assert_bytes_at(h.to.b, sizeof h.to.b, output, "cid");
    assert_bytes_at(h.from.b, sizeof h.from.b, output, "sid");
    assert_bytes_at(cookie.p, cookie.n, output, "cookie");
    tern_writer w = tern_writer_of((tern_buf){ again, sizeof again });
    tern_retry_emit(&w, &h.to, &first_sid, &h.from, cookie);
    assert_bytes(again, w.n, datagram);
}

/*= WIRE-072 WIRE-073 */
static void check_version(const json_t *test)
{
    tern_bytes datagram = bytes_at(field(test, "input"), "datagram");
    tern_header h;
    tern_offer offer = { 0 };
    int drop = tern_header_parse(datagram, &h);
    if (drop == TERN_DROP_NONE && !tern_version_parse(datagram, &offer)) drop = TERN_DROP_SHORT;
    assert_drop(test, drop);
    if (!is_valid(test)) return;
    const json_t *output = field(test, "output");
    const json_t *versions = field(output, "versions"), *suites = field(output, "suites");
    assert_bytes_at(h.to.b, sizeof h.to.b, output, "cid");
    assert_bytes_at(h.from.b, sizeof h.from.b, output, "first_sid");
    assert_int_equal(offer.versions, json_array_size(versions));
    assert_int_equal(offer.suites, json_array_size(suites));
    for (size_t i = 0; i < offer.versions; i++)
        assert_int_equal(offer.version[i], json_integer_value(json_array_get(versions, i)));
    for (size_t i = 0; i < offer.suites; i++)
        assert_int_equal(offer.suite[i], json_integer_value(json_array_get(suites, i)));
}

/* Opens a datagram in place, as WIRE-010 and WIRE-011 say. */
static int open_packet(const tern_packet_keys *keys, tern_buf d, uint64_t largest, tern_header *h, uint64_t *pn)
{
    int drop = tern_header_parse(tern_bytes_of(d.p, d.n), h);
    if (drop != TERN_DROP_NONE) return drop;
    uint8_t mask[TERN_HEADER_MASK_SIZE], *number = d.p + h->pn_offset;
    size_t header_n = h->pn_offset + TERN_PN_SIZE;
    tern_header_mask(&keys->header, number + TERN_PN_SIZE, mask);
    d.p[0] ^= mask[0] & 0x0f;
    for (size_t i = 0; i < TERN_PN_SIZE; i++) number[i] ^= mask[1 + i];
    tern_reader r = tern_reader_of(tern_bytes_of(number, TERN_PN_SIZE));
    *pn = tern_pn_restore(largest, tern_read_u32(&r));
    size_t n = d.n - header_n - TERN_TAG_SIZE;
    bool opened =
        tern_aead_open(&keys->aead, *pn, tern_bytes_of(d.p, header_n), d.p + header_n, n, d.p + d.n - TERN_TAG_SIZE);
    if (!opened) return TERN_DROP_AEAD;
    return (d.p[0] & 0x0f) == 0 ? TERN_DROP_NONE : TERN_DROP_RESERVED;
}

static size_t seal_packet(const tern_packet_keys *keys, const tern_header *h, uint64_t pn, tern_bytes payload,
                          tern_buf out)
{
    uint8_t mask[TERN_HEADER_MASK_SIZE], tag[TERN_TAG_SIZE];
    tern_writer w = tern_writer_of(out);
    tern_header_emit(&w, h, 0);
    tern_write_u32(&w, (uint32_t)pn);
    size_t header_n = w.n;
    tern_write_bytes(&w, payload);
    tern_aead_seal(&keys->aead, pn, tern_bytes_of(out.p, header_n), out.p + header_n, payload.n, tag);
    tern_write_bytes(&w, tern_bytes_of(tag, sizeof tag));
    assert_true(tern_writer_ok(&w));
    tern_header_mask(&keys->header, out.p + header_n, mask);
    out.p[0] ^= mask[0] & 0x0f;
    for (size_t i = 0; i < TERN_PN_SIZE; i++) out.p[header_n - TERN_PN_SIZE + i] ^= mask[1 + i];
    return w.n;
}

static void check_sealed_packet(const json_t *test)
{
    const json_t *input = field(test, "input");
    tern_bytes datagram = bytes_at(input, "datagram");
    tern_suite suite = (tern_suite)number_at(input, "suite");
    tern_packet_keys keys;
    tern_header h;
    uint64_t pn = 0, largest = json_is_null(field(input, "largest")) ? UINT64_MAX : number_at(input, "largest");
    uint8_t room[2048];
    assert_true(datagram.n <= sizeof room);
    memcpy(room, datagram.p, datagram.n);
    if (datagram.p[0] >> 4 == TERN_PACKET_SYN) {
        tern_cid first_sid;
        memcpy(first_sid.b, datagram.p + 5, sizeof first_sid.b);
        tern_packet_keys_syn(&keys, &first_sid);
    } else {
        tern_packet_keys_derive(&keys, suite, bytes_at(input, "secret").p);
    }
    assert_drop(test, open_packet(&keys, (tern_buf){ room, datagram.n }, largest, &h, &pn));
    if (!is_valid(test)) return;
    const json_t *output = field(test, "output");
    tern_bytes payload = bytes_at(output, "payload");
    assert_header(&h, field(output, "header"));
    assert_int_equal(pn, number_at(output, "pn"));
    assert_memory_equal(room + h.pn_offset + TERN_PN_SIZE, payload.p, payload.n);
    assert_int_equal(datagram.n, h.pn_offset + TERN_PN_SIZE + payload.n + TERN_TAG_SIZE);
    tern_header again = header_of(field(output, "header"));
    size_t n = seal_packet(&keys, &again, pn, payload, (tern_buf){ room, sizeof room });
    assert_bytes(room, n, datagram);
}

static void check_packet_number(const json_t *test)
{
    const json_t *input = field(test, "input");
    uint64_t largest = json_is_null(field(input, "largest")) ? UINT64_MAX : number_at(input, "largest");
    uint64_t pn = tern_pn_restore(largest, (uint32_t)number_at(input, "truncated"));
    assert_int_equal(pn, number_at(field(test, "output"), "pn"));
}

static tern_error check_ack(uint16_t type, tern_bytes value, const json_t *due)
{
    tern_frame_ack f;
    tern_range storage[TERN_ACK_RANGES_MAX];
    bool marks = type == TERN_F_ACK_ECN;
    tern_error error = marks ? tern_frame_parse_ack_ecn(value, storage, &f) : tern_frame_parse_ack(value, storage, &f);
    if (error != TERN_OK || due == NULL) return error;
    assert_int_equal(f.marks, marks);
    assert_int_equal(f.ect0, marks ? number_at(due, "ect0") : 0);
    assert_int_equal(f.ect1, marks ? number_at(due, "ect1") : 0);
    assert_int_equal(f.ce, marks ? number_at(due, "ce") : 0);
    const json_t *ranges = field(due, "ranges");
    assert_int_equal(f.largest, number_at(due, "largest"));
    assert_int_equal(f.delay_us, number_at(due, "delay_us"));
    assert_int_equal(f.ranges.n, json_array_size(ranges));
    for (size_t i = 0; i < f.ranges.n; i++) {
        const json_t *range = json_array_get(ranges, i);
        assert_int_equal(f.ranges.at[i].from, number_of(json_array_get(range, 0)));
        assert_int_equal(f.ranges.at[i].to, number_of(json_array_get(range, 1)) + 1);
    }
    return TERN_OK;
}

static tern_error check_data(uint16_t type, tern_bytes value, const json_t *due)
{
    tern_frame_fragment fragment;
    tern_frame_crypto crypto;
    tern_frame_stream stream;
    tern_error error;
    tern_bytes bytes;
    switch (type) {
    case TERN_F_FRAGMENT:
        error = tern_frame_parse_fragment(value, &fragment), bytes = fragment.bytes;
        if (error == TERN_OK && due != NULL) assert_int_equal(fragment.position, number_at(due, "position"));
        break;
    case TERN_F_CRYPTO:
        error = tern_frame_parse_crypto(value, &crypto), bytes = crypto.bytes;
        if (error == TERN_OK && due != NULL) assert_int_equal(crypto.offset, number_at(due, "offset"));
        break;
    default:
        error = tern_frame_parse_stream(value, &stream), bytes = stream.bytes;
        if (error != TERN_OK || due == NULL) break;
        assert_int_equal(stream.stream, number_at(due, "stream"));
        assert_int_equal(stream.fin, number_at(due, "fin"));
        assert_int_equal(stream.offset, number_at(due, "offset"));
    }
    if (error == TERN_OK && due != NULL) assert_bytes_at(bytes.p, bytes.n, due, "bytes");
    return error;
}

static tern_error check_stream_end(uint16_t type, tern_bytes value, const json_t *due)
{
    tern_frame_reset_stream reset;
    tern_frame_stop_sending stop;
    tern_error error;
    if (type == TERN_F_RESET_STREAM) {
        error = tern_frame_parse_reset_stream(value, &reset);
        if (error != TERN_OK || due == NULL) return error;
        assert_int_equal(reset.final, number_at(due, "final"));
        stop = (tern_frame_stop_sending){ reset.stream, reset.code };
    } else {
        error = tern_frame_parse_stop_sending(value, &stop);
        if (error != TERN_OK || due == NULL) return error;
    }
    assert_int_equal(stop.stream, number_at(due, "stream"));
    assert_int_equal(stop.code, number_at(due, "code"));
    return TERN_OK;
}

static tern_error check_limit(uint16_t type, tern_bytes value, const json_t *due)
{
    tern_frame_max max;
    tern_error error = tern_frame_parse_max((tern_frame_type)type, value, &max);
    if (error != TERN_OK || due == NULL) return error;
    assert_int_equal(max.limit, number_at(due, "limit"));
    if (type == TERN_F_MAX_STREAM_DATA) assert_int_equal(max.stream, number_at(due, "stream"));
    return TERN_OK;
}

static tern_error check_close(tern_bytes value, const json_t *due)
{
    tern_frame_close f;
    tern_error error = tern_frame_parse_close(value, &f);
    if (error != TERN_OK || due == NULL) return error;
    assert_int_equal(f.code, number_at(due, "code"));
    assert_bytes_at(f.reason.p, f.reason.n, due, "reason");
    return TERN_OK;
}

static tern_error check_message(uint16_t type, tern_bytes value, const json_t *due)
{
    tern_frame_message f = { 0 };
    tern_frame_abandoned end = { 0 };
    bool abandoned = type == TERN_F_MESSAGE_ABANDONED;
    tern_error error = abandoned ? tern_frame_parse_abandoned(value, &end) : tern_frame_parse_message(value, &f);
    if (error != TERN_OK || due == NULL) return error;
    assert_int_equal(abandoned ? end.id : f.id, number_at(due, "id"));
    assert_int_equal(abandoned ? end.size : f.size, number_at(due, "size"));
    if (abandoned) return TERN_OK;
    assert_int_equal(f.offset, number_at(due, "offset"));
    assert_bytes_at(f.bytes.p, f.bytes.n, due, "bytes");
    return TERN_OK;
}

static tern_error check_datagram(tern_bytes value, const json_t *due)
{
    if (due != NULL) assert_bytes_at(value.p, value.n, due, "bytes");
    return TERN_OK;
}

static tern_error check_path(tern_bytes value, const json_t *due)
{
    tern_frame_path f;
    tern_error error = tern_frame_parse_path(value, &f);
    if (error == TERN_OK && due != NULL) assert_bytes_at(f.data, sizeof f.data, due, "data");
    return error;
}

static tern_error check_connection_id(uint16_t type, tern_bytes value, const json_t *due)
{
    tern_frame_new_connection_id f = { 0 };
    tern_frame_retire_connection_id end = { 0 };
    bool retire = type == TERN_F_RETIRE_CONNECTION_ID;
    tern_error error =
        retire ? tern_frame_parse_retire_connection_id(value, &end) : tern_frame_parse_new_connection_id(value, &f);
    if (error != TERN_OK || due == NULL) return error;
    assert_int_equal(retire ? end.sequence : f.sequence, number_at(due, "sequence"));
    if (retire) return TERN_OK;
    assert_int_equal(f.retire_prior_to, number_at(due, "retire_prior_to"));
    assert_bytes_at(f.id.b, sizeof f.id.b, due, "id");
    assert_bytes_at(f.token, sizeof f.token, due, "token");
    return TERN_OK;
}

static tern_error check_new_ticket(tern_bytes value, const json_t *due)
{
    tern_frame_new_ticket f;
    tern_error error = tern_frame_parse_new_ticket(value, &f);
    if (error != TERN_OK || due == NULL) return error;
    assert_int_equal(f.lifetime_s, number_at(due, "lifetime"));
    assert_int_equal(f.max_early, number_at(due, "max_early"));
    assert_bytes_at(f.nonce, sizeof f.nonce, due, "nonce");
    assert_bytes_at(f.ticket.p, f.ticket.n, due, "ticket");
    return TERN_OK;
}

static tern_error check_ack_frequency(tern_bytes value, const json_t *due)
{
    tern_frame_ack_frequency f;
    tern_error error = tern_frame_parse_ack_frequency(value, &f);
    if (error != TERN_OK) return error;
    assert_int_equal(f.sequence, number_at(due, "sequence"));
    assert_int_equal(f.packets, number_at(due, "packets"));
    assert_int_equal(f.reordering, number_at(due, "reordering"));
    assert_int_equal(f.delay_us, number_at(due, "delay_us"));
    return TERN_OK;
}

static tern_error check_value(const tern_tlv *tlv, const json_t *due)
{
    switch (tlv->type) {
    case TERN_F_FRAGMENT:
    case TERN_F_CRYPTO:
    case TERN_F_STREAM: return check_data(tlv->type, tlv->value, due);
    case TERN_F_MESSAGE:
    case TERN_F_MESSAGE_ABANDONED: return check_message(tlv->type, tlv->value, due);
    case TERN_F_NEW_TICKET: return check_new_ticket(tlv->value, due);
    case TERN_F_ACK_FREQUENCY: return check_ack_frequency(tlv->value, due);
    case TERN_F_DATAGRAM: return check_datagram(tlv->value, due);
    case TERN_F_PATH_CHALLENGE:
    case TERN_F_PATH_RESPONSE: return check_path(tlv->value, due);
    case TERN_F_NEW_CONNECTION_ID:
    case TERN_F_RETIRE_CONNECTION_ID: return check_connection_id(tlv->type, tlv->value, due);
    case TERN_F_KEEP_ALIVE: return tern_frame_parse_empty(tlv->value);
    case TERN_F_PADDING: return TERN_OK;
    case TERN_F_ACK:
    case TERN_F_ACK_ECN: return check_ack(tlv->type, tlv->value, due);
    case TERN_F_RESET_STREAM:
    case TERN_F_STOP_SENDING: return check_stream_end(tlv->type, tlv->value, due);
    case TERN_F_MAX_DATA:
    case TERN_F_MAX_STREAM_DATA:
    case TERN_F_MAX_STREAMS:
    case TERN_F_MAX_STREAMS_UNI:
    case TERN_F_MAX_UNORDERED:
    case TERN_F_MAX_MESSAGES: return check_limit(tlv->type, tlv->value, due);
    case TERN_F_CLOSE: return check_close(tlv->value, due);
    default: /* which the connection's frame table does */
        return (tlv->type & TERN_TLV_IGNORABLE) != 0 ? TERN_OK : TERN_FRAME_ENCODING_ERROR;
    }
}

static void check_frame(const json_t *test)
{
    tern_bytes frame = bytes_at(field(test, "input"), "frame");
    uint8_t *copy = exact_copy(frame.p, frame.n);
    tern_reader r = tern_reader_of(tern_bytes_of(copy, frame.n));
    tern_tlv tlv;
    tern_error error = TERN_FRAME_ENCODING_ERROR;
    if (tern_tlv_next(&r, &tlv)) error = check_value(&tlv, is_valid(test) ? field(test, "output") : NULL);
    assert_verdict(test, error);
    free(copy);
}

static void assert_params(const tern_params *p, const json_t *due)
{
    assert_int_equal(p->idle_timeout_ms, number_at(due, "idle_timeout_ms"));
    assert_int_equal(p->max_datagram, number_at(due, "max_datagram"));
    assert_int_equal(p->max_data, number_at(due, "max_data"));
    assert_int_equal(p->max_stream_data, number_at(due, "max_stream_data"));
    assert_int_equal(p->max_streams, number_at(due, "max_streams"));
    assert_int_equal(p->max_messages, number_at(due, "max_messages"));
    assert_int_equal(p->max_message, number_at(due, "max_message"));
    assert_int_equal(p->max_ack_delay_ms, number_at(due, "max_ack_delay_ms"));
    assert_int_equal(p->max_streams_uni, number_at(due, "max_streams_uni"));
    assert_int_equal(p->max_unordered, number_at(due, "max_unordered"));
    assert_int_equal(p->max_datagram_frame, number_at(due, "max_datagram_frame"));
}

static void check_parameters(const json_t *test)
{
    tern_params params;
    assert_verdict(test, tern_params_parse(bytes_at(field(test, "input"), "parameters"), &params));
    if (is_valid(test)) assert_params(&params, field(test, "output"));
}

static void check_client_hello(const json_t *test)
{
    tern_bytes message = bytes_at(field(test, "input"), "message");
    tern_tlv tlv;
    tern_client_hello hello;
    tern_error error = tern_handshake_message_parse(message, &tlv);
    if (error == TERN_OK) error = tern_client_hello_parse(tlv.value, &hello);
    assert_verdict(test, error);
    if (!is_valid(test)) return;
    const json_t *output = field(test, "output"), *suites = field(output, "suites");
    assert_bytes_at(hello.random, sizeof hello.random, output, "random");
    assert_bytes_at(hello.share, sizeof hello.share, output, "share");
    assert_bytes_at(hello.name.p, hello.name.n, output, "name");
    assert_params(&hello.params, field(output, "parameters"));
    assert_int_equal(hello.suites.n, 2 * json_array_size(suites));
    tern_reader r = tern_reader_of(hello.suites);
    for (size_t i = 0; i < json_array_size(suites); i++)
        assert_int_equal(tern_read_u16(&r), json_integer_value(json_array_get(suites, i)));
}

/* ---- status.json ---- */

static void check_status(const json_t *test)
{
    const json_t *input = field(test, "input");
    const tern_chain chain = { .certificate = { bytes_at(input, "certificate"), bytes_at(input, "issuer") }, .n = 2 };
    tern_issuer_key issuer;
    tern_ocsp_subject subject;
    tern_bytes response = bytes_at(input, "response");
    uint8_t *copy = exact_copy(response.p, response.n);
    assert_true(tern_chain_named_issuer(&chain, &issuer));
    assert_true(tern_ocsp_subject_read(chain.certificate[0], &issuer, &subject));
    tern_ocsp_result result =
        tern_ocsp_verify(tern_bytes_of(copy, response.n), &subject, number_at(input, "unix_seconds"), NULL);
    free(copy);
    assert_verdict(test, tern_ocsp_error(result));
}

/* ---- files ---- */

static const vectors_check checks[] = { { "Handshake", check_handshake },
                                        { "PacketKeys", check_packet_keys },
                                        { "KeyUpdate", check_key_update },
                                        { "SynKeys", check_syn_keys },
                                        { "Finished", check_finished },
                                        { "SealedPacket", check_sealed_packet },
                                        { "Header", check_header },
                                        { "Retry", check_retry },
                                        { "Version", check_version },
                                        { "PacketNumber", check_packet_number },
                                        { "Frame", check_frame },
                                        { "Parameters", check_parameters },
                                        { "ClientHello", check_client_hello },
                                        { "Status", check_status } };

static void check_file(const char *name, size_t least)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", TERN_VECTORS, name);
    vectors_check_file(path, checks, sizeof checks / sizeof checks[0], least);
}

static void handshakes_and_keys_are_those_of_the_specification(void **state)
{
    (void)state;
    /*= HS-010 HS-011 HS-012 HS-020 HS-021 */
    check_file("keyschedule.json", KEYSCHEDULE_LEAST);
}

static void a_status_proves_what_the_specification_says(void **state)
{
    (void)state;
    /*= HS-070 HS-071 HS-072 HS-073 HS-074 HS-075 HS-076 */
    check_file("status.json", STATUS_LEAST);
}

static void packets_and_frames_are_those_of_the_specification(void **state)
{
    (void)state;
    /*= WIRE-001 WIRE-005 WIRE-006 WIRE-010 WIRE-011 WIRE-020 WIRE-023 WIRE-024 WIRE-030 WIRE-040 */
    /*= WIRE-050 WIRE-051 WIRE-060 */
    check_file("wire.json", WIRE_LEAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshakes_and_keys_are_those_of_the_specification),
        cmocka_unit_test(a_status_proves_what_the_specification_says),
        cmocka_unit_test(packets_and_frames_are_those_of_the_specification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
