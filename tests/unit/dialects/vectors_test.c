/* SPDX-License-Identifier: MIT */
/* The vectors of spec/vectors/dialects, which the peers in Python made: read here by the codecs, and written again to
 * the same bytes wherever no randomness of somebody else's is in them. */
#include "crypto/aes128.h"
#include "crypto/key.h"
#include "crypto/rsa_pem.h"
#include "dialects/aes_session/codec.h"
#include "dialects/blocks.h"
#include "dialects/pieces.h"
#include "dialects/rsa_fragment/codec.h"
#include "dialects/rsa_fragment/letter.h"
#include "dialects/tls_chat/codec.h"
#include "dialects/tls_chat/words.h"
#include "dialects/tlv_multicast/codec.h"
#include "unit/vectors.h"

#define MODULUS 512 /* of the receiver of rsa-fragment's datagrams */

static const json_t *input(const json_t *test)
{
    return field(test, "input");
}

static const json_t *output(const json_t *test)
{
    return field(test, "output");
}

static tern_bytes text_at(const json_t *object, const char *name)
{
    return text_bytes(text_of(object, name));
}

static tern_buf copied(tern_bytes bytes)
{
    static uint8_t copy[70000];
    assert_true(bytes.n <= sizeof copy);
    if (bytes.n > 0) memcpy(copy, bytes.p, bytes.n);
    return (tern_buf){ copy, bytes.n };
}

/* ---- keys.json ---- */

static tern_rsa_private key_of(const char *name)
{
    static const char *const parts[] = { "p", "q", "dp", "dq", "iq" };
    json_error_t error;
    json_t *file = json_load_file(TERN_VECTORS "/keys.json", 0, &error);
    tern_rsa_private key = { 0 };
    uint8_t exponent[4];
    size_t at = 0;
    assert_non_null(file);
    const json_t *one = field(file, name);
    uint32_t e = (uint32_t)number_at(one, "e");
    for (size_t i = 0; i < sizeof exponent; i++) exponent[i] = (uint8_t)(e >> (24 - 8 * i));
    tern_bytes n = bytes_at(one, "n");
    key.bits = (uint32_t)n.n * 8;
    for (size_t i = 0; i < 5; i++) {
        tern_bytes part = bytes_at(one, parts[i]);
        memcpy(key.parts + at, part.p, part.n);
        key.n[i] = (uint16_t)part.n;
        at += part.n;
    }
    assert_true(tern_rsa_private_complete(&key, n, tern_bytes_of(exponent + (e < 1u << 24), 4 - (e < 1u << 24))));
    json_decref(file);
    return key;
}

/* What a ciphertext says; it stands in a copy. */
static tern_bytes opened(const char *key_name, tern_bytes ciphertext)
{
    tern_rsa_private key = key_of(key_name);
    tern_buf text = copied(ciphertext);
    assert_true(tern_blocks_open(&key, &text));
    return tern_bytes_of(text.p, text.n);
}

/*= DIA-001 */
static void check_public_key(const json_t *test)
{
    uint8_t fingerprint[TERN_SHA256_SIZE];
    char pem[TERN_RSA_PEM_MAX];
    tern_rsa_public key;
    tern_bytes text = bytes_at(input(test), "pem");
    assert_int_equal(tern_rsa_public_from_pem(&key, text), is_valid(test));
    if (!is_valid(test)) return;
    tern_key_fingerprint(&(tern_public_key){ .kind = TERN_KEY_RSA, .u.rsa = key }, fingerprint);
    assert_bytes_at(fingerprint, sizeof fingerprint, output(test), "fingerprint");
    if (memchr(text.p, '\r', text.n) == NULL) assert_bytes(pem, tern_rsa_public_to_pem(&key, pem), text);
}

/*= DIA-002 DIA-003 */
static void check_blocks(const json_t *test)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 1 };
    static uint8_t sealed[4 * TERN_RSA_BYTES_MAX];
    tern_rsa_private key = key_of(text_of(input(test), "key"));
    tern_drbg drbg;
    if (!is_valid(test)) {
        tern_buf text = copied(bytes_at(input(test), "ciphertext"));
        assert_false(tern_blocks_open(&key, &text));
        assert_int_equal(text.n, 0);
        return;
    }
    tern_bytes plain = bytes_at(input(test), "plaintext"), due = bytes_at(output(test), "ciphertext");
    tern_buf text = copied(due);
    assert_true(tern_blocks_open(&key, &text));
    assert_bytes(text.p, text.n, plain);
    assert_int_equal(tern_blocks_size(&key.public_key, plain.n), due.n);
    tern_drbg_init(&drbg, seed, text_bytes("vectors"));
    text = (tern_buf){ sealed, tern_blocks_seal(&key.public_key, &drbg, plain, sealed) };
    assert_int_equal(text.n, due.n);
    assert_true(tern_blocks_open(&key, &text));
    assert_bytes(text.p, text.n, plain);
}

/* ---- reassembly, of both dialects that cut ---- */

/* A fragment as its codec reads it from the datagram that its codec writes; false: it is refused there. */
typedef bool (*through_codec)(const json_t *fragment, tern_piece *piece);

static void check_reassembly(const json_t *test, through_codec codec)
{
    static struct {
        tern_pieces pieces;
        uint8_t area[TERN_PIECES_OPEN * 1000];
        uint8_t joined[1000];
    } s;
    const json_t *fragments = field(input(test), "fragments");
    tern_piece_result result = TERN_PIECE_KEPT;
    tern_piece piece;
    tern_pieces_init(&s.pieces, offsetof(__typeof__(s), area), 1000, TERN_SECOND);
    for (size_t i = 0; i < json_array_size(fragments); i++) {
        result = TERN_PIECE_OUT_OF_RANGE;
        if (codec(json_array_get(fragments, i), &piece)) result = tern_pieces_take(&s.pieces, 0, &piece);
        if (result == TERN_PIECE_DISAGREES || result == TERN_PIECE_OUT_OF_RANGE) break;
    }
    if (!is_valid(test)) {
        const char *error = text_of(test, "error");
        bool range = strcmp(error, "fragment_number") == 0 || strcmp(error, "fragment_size") == 0;
        assert_true(result == TERN_PIECE_DISAGREES || (range && result == TERN_PIECE_OUT_OF_RANGE));
        return;
    }
    const json_t *joined = field(output(test), "joined");
    assert_int_equal(result == TERN_PIECE_LAST, !json_is_null(joined));
    if (result == TERN_PIECE_LAST)
        assert_bytes(s.joined, tern_pieces_join(&s.pieces, piece.sender, piece.id, s.joined), bytes_of(joined));
}

/* ---- rsa-fragment ---- */

static void check_fragments(const json_t *test)
{
    static struct {
        tern_post post;
        uint8_t area[1 << 16];
    } s;
    const json_t *id = field(input(test), "id"), *due = field(output(test), "datagrams");
    tern_rsa_public key = { .n = MODULUS };
    tern_path path = { 0 };
    uint8_t out[2000];
    tern_rsaf_letter letter = { .post = &s.post, .path = &path, .key = &key };
    tern_bytes ciphertext = bytes_at(input(test), "ciphertext");
    tern_post_init(&s.post, offsetof(__typeof__(s), area), 32768, 32768);
    if (!json_is_null(id)) letter.id = (uint32_t)number_of(id);
    assert_int_equal(tern_rsaf_is_cut(ciphertext.n, &key), !json_is_null(id));
    assert_true(tern_rsaf_post(&letter, ciphertext));
    for (size_t i = 0; i < json_array_size(due); i++)
        assert_bytes(out, tern_post_take(&s.post, (tern_buf){ out, sizeof out }).total,
                     bytes_of(json_array_get(due, i)));
    assert_int_equal(tern_post_take(&s.post, (tern_buf){ out, sizeof out }).count, 0);
}

static void check_datagram(const json_t *test)
{
    static const char *const kinds[] = { [TERN_RSAF_KEY] = "key",
                                         [TERN_RSAF_KEY_REQUEST] = "request",
                                         [TERN_RSAF_MAYBE_WHOLE] = "ciphertext",
                                         [TERN_RSAF_FRAGMENT] = "fragment",
                                         [TERN_RSAF_WHOLE] = "ciphertext" };
    tern_bytes datagram = bytes_at(input(test), "datagram");
    uint8_t out[600];
    tern_rsaf_fragment f;
    tern_rsaf_kind kind = tern_rsaf_read(datagram, MODULUS, &f);
    assert_string_equal(kinds[kind], text_of(output(test), "kind"));
    assert_int_equal(kind == TERN_RSAF_MAYBE_WHOLE, datagram.n == MODULUS);
    if (kind == TERN_RSAF_KEY_REQUEST) assert_bytes(tern_rsaf_key_request().p, tern_rsaf_key_request().n, datagram);
    if (kind != TERN_RSAF_FRAGMENT) return;
    assert_int_equal(f.id, number_at(output(test), "id"));
    assert_int_equal(f.no, number_at(output(test), "number"));
    assert_int_equal(f.total, number_at(output(test), "total"));
    assert_bytes_at(f.payload.p, f.payload.n, output(test), "payload");
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_rsaf_write(&f, &w);
    assert_bytes(out, w.n, datagram);
}

static bool through_rsaf(const json_t *fragment, tern_piece *piece)
{
    uint8_t bytes[600];
    tern_rsaf_fragment f = { .id = (uint32_t)number_at(fragment, "id"),
                             .no = (uint8_t)number_at(fragment, "number"),
                             .total = (uint8_t)number_at(fragment, "total"),
                             .payload = bytes_at(fragment, "payload") };
    tern_bytes payload = f.payload;
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_rsaf_write(&f, &w);
    bool good = tern_rsaf_read(tern_written(&w), MODULUS, &f) == TERN_RSAF_FRAGMENT;
    *piece = (tern_piece){ .id = f.id, .no = f.no, .total = f.total, .payload = payload };
    return good;
}

static void check_rsaf_reassembly(const json_t *test)
{
    check_reassembly(test, through_rsaf);
}

static void check_nack(const json_t *test, uint32_t id)
{
    const json_t *missing = field(input(test), "missing");
    tern_rsaf_nack nack = { .id = id };
    uint8_t out[TERN_RSAF_NACK_MAX];
    for (size_t i = 0; i < json_array_size(missing); i++)
        nack.no[nack.n++] = (uint8_t)number_of(json_array_get(missing, i));
    assert_bytes_at(out, tern_rsaf_write_nack(&nack, out), output(test), "answer");
    tern_rsaf_nack read;
    assert_true(tern_rsaf_read_nack(bytes_at(output(test), "answer"), &read));
    assert_int_equal(read.id, id);
    assert_bytes(read.no, read.n, tern_bytes_of(nack.no, nack.n));
}

/*= RSF-006 RSF-015 */
static void check_answer(const json_t *test)
{
    const json_t *given = field(input(test), "id");
    bool has_id = !json_is_null(given), read_has;
    uint32_t id = has_id ? (uint32_t)number_of(given) : 0, read_id;
    uint8_t out[TERN_RSAF_ACK_MAX];
    if (json_object_get(input(test), "missing") != NULL) {
        check_nack(test, id);
        return;
    }
    assert_bytes_at(out, tern_rsaf_write_ack(has_id, id, out), output(test), "answer");
    assert_true(tern_rsaf_read_ack(bytes_at(output(test), "answer"), &read_has, &read_id));
    assert_int_equal(read_has, has_id);
    if (has_id) assert_int_equal(read_id, id);
}

/*= RSF-003 RSF-004 RSF-005 RSF-007 */
static void rsa_fragment_reads_and_writes_what_its_peer_does(void **state)
{
    static const vectors_check checks[] = {
        { "PublicKey", check_public_key },       { "Blocks", check_blocks },
        { "Fragments", check_fragments },        { "Datagram", check_datagram },
        { "Reassembly", check_rsaf_reassembly }, { "Answer", check_answer },
    };
    (void)state;
    vectors_check_file(TERN_VECTORS "/rsa-fragment.json", checks, sizeof checks / sizeof checks[0], 46);
}

/* ---- tlv-multicast ---- */

static void check_tlvs(const json_t *test)
{
    tern_bytes datagram = bytes_at(input(test), "datagram");
    uint8_t out[600];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_reader r = tern_reader_of(datagram);
    tern_tlv tlv;
    assert_int_equal(tern_tlvm_is_whole(datagram), is_valid(test));
    if (!is_valid(test)) return;
    const json_t *due = field(output(test), "tlvs");
    for (size_t i = 0; i < json_array_size(due); i++) {
        const json_t *one = json_array_get(due, i);
        assert_true(tern_tlv_next(&r, &tlv));
        assert_int_equal(tlv.type, number_at(one, "type"));
        assert_bytes_at(tlv.value.p, tlv.value.n, one, "value");
        tern_tlvm_write(&w, (tern_tlvm_type)tlv.type, tlv.value);
    }
    assert_bytes(out, w.n, datagram);
}

/* A datagram of one TLV of a type: its value. */
static tern_bytes only_tlv(tern_bytes datagram, tern_tlvm_type type)
{
    tern_reader r = tern_reader_of(datagram);
    tern_tlv tlv;
    assert_true(tern_tlv_next(&r, &tlv) && tern_reader_done(&r));
    assert_int_equal(tlv.type, type);
    return tlv.value;
}

/*= TLV-003 TLV-004 */
static void check_tlv_message(const json_t *test)
{
    static uint8_t joined[20000];
    const json_t *datagrams = field(output(test), "datagrams");
    const char *name = text_of(input(test), "key");
    tern_bytes text = text_at(input(test), "text");
    tern_rsa_private key = key_of(name);
    size_t n = 0, total = json_array_size(datagrams);
    for (size_t i = 0; i < total; i++) {
        tern_bytes datagram = bytes_of(json_array_get(datagrams, i));
        tern_tlvm_fragment f;
        uint8_t out[600];
        assert_true(tern_tlvm_read_fragment(only_tlv(datagram, TERN_TLVM_FRAGMENT), &f));
        assert_int_equal(f.id, number_at(input(test), "msg_id"));
        assert_int_equal(f.seq, i);
        assert_int_equal(f.total, total);
        assert_true(i + 1 == total || f.payload.n == TERN_TLVM_FRAGMENT_PAYLOAD);
        tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
        tern_tlvm_write_fragment(&w, &f);
        assert_bytes(out, w.n, datagram);
        memcpy(joined + n, f.payload.p, f.payload.n);
        n += f.payload.n;
    }
    assert_int_equal(n, tern_tlvm_sealed_size(&key.public_key, text.n));
    n = tern_tlvm_gather((tern_buf){ joined, n }, TERN_TLVM_BLOCK, key.public_key.n);
    tern_bytes said = opened(name, tern_bytes_of(joined, n));
    assert_bytes(said.p, said.n, text);
}

static bool through_tlvm(const json_t *fragment, tern_piece *piece)
{
    uint8_t bytes[600];
    tern_bytes payload = bytes_at(fragment, "payload");
    tern_tlvm_fragment f = { .id = (uint32_t)number_at(fragment, "id"),
                             .seq = (uint16_t)number_at(fragment, "number"),
                             .total = (uint16_t)number_at(fragment, "total"),
                             .payload = payload };
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_tlvm_write_fragment(&w, &f);
    bool good = tern_tlvm_read_fragment(only_tlv(tern_written(&w), TERN_TLVM_FRAGMENT), &f);
    *piece = (tern_piece){ .id = f.id, .no = f.seq, .total = f.total, .payload = payload };
    return good;
}

static void check_tlvm_reassembly(const json_t *test)
{
    check_reassembly(test, through_tlvm);
}

/*= TLV-006 TLV-007 */
static void check_relayed(const json_t *test)
{
    const json_t *datagrams = field(output(test), "datagrams");
    const char *name = text_of(input(test), "key");
    tern_bytes text = text_at(input(test), "text");
    tern_rsa_private key = key_of(name);
    for (size_t i = 0; i < json_array_size(datagrams); i++) {
        tern_bytes datagram = bytes_of(json_array_get(datagrams, i)), value = only_tlv(datagram, TERN_TLVM_SENDER);
        static const uint8_t sender[] = { 10, 1, 2, 3 }; /* as all of them have it */
        uint8_t out[600];
        tern_addr from;
        assert_true(tern_tlvm_read_address(&value, &from));
        assert_string_equal(text_of(input(test), "sender"), "10.1.2.3:5007");
        assert_memory_equal(from.ip, sender, sizeof sender);
        assert_int_equal(from.port, 5007);
        tern_bytes block = only_tlv(value, TERN_TLVM_RELAYED), said = opened(name, block);
        size_t n = tern_tlvm_piece(text, tern_oaep_room(&key.public_key));
        assert_bytes(said.p, said.n, tern_bytes_of(text.p, n));
        text = tern_bytes_of(text.p + n, text.n - n);
        tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
        size_t place = tern_tlv_open(&w, TERN_TLVM_SENDER);
        tern_tlvm_write_address(&w, &from);
        tern_tlvm_write(&w, TERN_TLVM_RELAYED, block);
        tern_tlv_close(&w, place);
        assert_bytes(out, w.n, datagram);
    }
    assert_int_equal(text.n, 0);
}

static void check_control(const json_t *test)
{
    uint8_t out[1000];
    tern_tlvm_type type = (tern_tlvm_type)number_at(input(test), "type");
    tern_bytes value = bytes_at(input(test), "value"), datagram = bytes_at(output(test), "datagram");
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_tlvm_write(&w, type, value);
    assert_bytes(out, w.n, datagram);
    tern_bytes read = only_tlv(datagram, type);
    assert_bytes(read.p, read.n, value);
}

/*= TLV-001 */
static void tlv_multicast_reads_and_writes_what_its_peer_does(void **state)
{
    static const vectors_check checks[] = {
        { "Blocks", check_blocks },       { "Tlvs", check_tlvs },
        { "Message", check_tlv_message }, { "Reassembly", check_tlvm_reassembly },
        { "Relayed", check_relayed },     { "Control", check_control },
    };
    (void)state;
    vectors_check_file(TERN_VECTORS "/tlv-multicast.json", checks, sizeof checks / sizeof checks[0], 40);
}

/* ---- aes-session ---- */

/* 02 and 03 carry blocks; 00 and 01 a key. */
/*= SES-002 SES-003 */
static void check_handshake(const json_t *test)
{
    tern_bytes datagram = bytes_at(output(test), "datagram"), rest = tern_bytes_of(datagram.p + 1, datagram.n - 1);
    tern_aess_type type = (tern_aess_type)datagram.p[0];
    tern_aess_id cid;
    tern_aess_session session;
    tern_bytes pem;
    uint8_t out[100];
    if (type == TERN_AESS_CLIENT_KEY || type == TERN_AESS_SERVER_KEY) {
        assert_bytes_at(rest.p, rest.n, input(test), "pem");
        return;
    }
    tern_bytes text = opened(text_of(input(test), "key"), rest);
    if (type == TERN_AESS_HELLO) {
        assert_true(tern_aess_read_hello(text, &cid, &pem));
        assert_bytes_at(cid.b, sizeof cid.b, input(test), "cid");
        assert_bytes_at(pem.p, pem.n, input(test), "pem");
        return;
    }
    assert_int_equal(type, TERN_AESS_SESSION);
    assert_true(tern_aess_read_session(text, &session));
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_aess_write_session(&session, &w);
    assert_bytes(out, w.n, text);
}

static void check_session(const json_t *test)
{
    tern_aess_session session;
    tern_bytes text = bytes_at(input(test), "plaintext");
    uint8_t out[100];
    assert_int_equal(tern_aess_read_session(text, &session), is_valid(test));
    if (!is_valid(test)) return;
    assert_bytes_at(session.cid.b, sizeof session.cid.b, output(test), "cid");
    assert_bytes_at(session.sid.b, sizeof session.sid.b, output(test), "sid");
    assert_bytes_at(session.key, sizeof session.key, output(test), "aes");
    assert_int_equal(session.algorithm, number_at(output(test), "algorithm"));
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_aess_write_session(&session, &w);
    assert_bytes(out, w.n, text);
}

static tern_aess_session session_of(const json_t *given)
{
    tern_aess_session session = { .algorithm = (uint8_t)number_at(given, "algorithm") };
    copy_at(given, "aes", session.key, sizeof session.key);
    return session;
}

/* The same text under the nonce that is given. */
static void seal_again(const tern_aess_session *session, tern_bytes nonce, tern_buf text)
{
    if (session->algorithm == TERN_AESS_GCM)
        tern_aes128_gcm_seal(session->key, nonce.p, text.p, text.n);
    else
        tern_aes128_ctr(session->key, nonce.p, text.p, text.n);
}

/*= SES-005 */
static void check_sealed(const json_t *test)
{
    tern_aess_session session = session_of(input(test));
    uint64_t mark;
    if (!is_valid(test)) {
        tern_buf sealed = copied(bytes_at(input(test), "sealed"));
        assert_false(tern_aess_open(&session, &sealed, &mark));
        return;
    }
    tern_bytes datagram = bytes_at(output(test), "datagram"), rest = tern_bytes_of(datagram.p + 1, datagram.n - 1);
    tern_bytes nonce = bytes_at(input(test), "nonce");
    bool up = !json_is_null(field(input(test), "cid"));
    tern_aess_id id;
    assert_int_equal(datagram.p[0],
                     strncmp(text_of(test, "name"), "confirmation", 12) == 0 ? TERN_AESS_CONFIRM : TERN_AESS_TEXT);
    if (up) {
        assert_true(tern_aess_read_id(&rest, &id));
        assert_bytes_at(id.b, sizeof id.b, input(test), "cid");
    }
    tern_buf sealed = copied(rest);
    assert_true(tern_aess_open(&session, &sealed, &mark));
    assert_memory_equal(&mark, nonce.p, sizeof mark);
    tern_bytes text = tern_bytes_of(sealed.p, sealed.n);
    if (up) {
        assert_true(tern_aess_read_id(&text, &id));
        assert_bytes_at(id.b, sizeof id.b, input(test), "sid");
    }
    assert_bytes(text.p, text.n, text_at(input(test), "text"));
    seal_again(&session, nonce, sealed);
    assert_bytes(sealed.p, rest.n - nonce.n, tern_bytes_of(rest.p + nonce.n, rest.n - nonce.n));
}

/* The words are each implementation's own. */
/*= SES-006 */
static void check_error(const json_t *test)
{
    uint8_t out[64];
    tern_bytes due = bytes_at(output(test), "datagram");
    size_t n = tern_aess_write_error((tern_aess_error)number_at(input(test), "code"), (tern_buf){ out, sizeof out });
    assert_true(n > 2 && due.n > 2);
    assert_memory_equal(out, due.p, 2);
    for (size_t i = 2; i < n; i++) assert_true(out[i] >= ' ' && out[i] < 0x7f);
}

static void aes_session_reads_and_writes_what_its_peer_does(void **state)
{
    static const vectors_check checks[] = {
        { "Handshake", check_handshake },
        { "SessionPlaintext", check_session },
        { "Sealed", check_sealed },
        { "Error", check_error },
    };
    (void)state;
    vectors_check_file(TERN_VECTORS "/aes-session.json", checks, sizeof checks / sizeof checks[0], 27);
}

/* ---- tls-chat ---- */

static tern_bytes unpickled(tern_bytes pickle)
{
    static uint8_t scratch[140000];
    tern_bytes text;
    assert_int_equal(tern_pickle_read(pickle, (tern_buf){ scratch, sizeof scratch }, &text), TERN_DROP_NONE);
    return text;
}

#define MESSAGE_MOST 65600

/*= TCH-001 TCH-002 TCH-003 */
static void check_tls_message(const json_t *test)
{
    tern_bytes bytes = bytes_at(output(test), "bytes"), text = text_at(input(test), "text"), pickle;
    tern_tlsc_form form = 0, due = (tern_tlsc_form)number_at(input(test), "form");
    static uint8_t out[70000];
    size_t whole;
    assert_int_equal(tern_tlsc_next(bytes, &form, MESSAGE_MOST, &pickle, &whole), TERN_TLSC_MESSAGE);
    assert_int_equal(form, due);
    assert_int_equal(whole, bytes.n);
    tern_bytes read = unpickled(pickle);
    assert_bytes(read.p, read.n, text);
    if (number_at(input(test), "protocol") != 4) return;
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_tlsc_write(&w, form, text);
    assert_bytes(out, w.n, bytes);
}

static const char *const pickle_names[] = { [TERN_DROP_NONE] = "",
                                            [TERN_DROP_PICKLE_OPCODE] = "pickle_opcode",
                                            [TERN_DROP_PICKLE_MALFORMED] = "pickle_malformed",
                                            [TERN_DROP_PICKLE_CUT] = "pickle_cut",
                                            [TERN_DROP_PICKLE_NOT_ONE_STRING] = "pickle_not_one_string",
                                            [TERN_DROP_PICKLE_LONG] = "pickle_long" };

/*= TCH-010 TCH-011 */
static void check_pickle(const json_t *test)
{
    tern_bytes pickle = bytes_at(input(test), "pickle"), text;
    uint8_t scratch[2000];
    tern_drop result = tern_pickle_read(pickle, (tern_buf){ scratch, sizeof scratch }, &text);
    assert_string_equal(pickle_names[result], is_valid(test) ? "" : text_of(test, "error"));
    if (is_valid(test)) assert_bytes(text.p, text.n, text_at(output(test), "text"));
}

/* What is in the stream up to its first fault: the fault's name, "" for none. */
static const char *read_stream(tern_bytes bytes, tern_tlsc_form *form, tern_bytes texts[4], size_t *n)
{
    static uint8_t scratch[140000];
    tern_bytes pickle;
    tern_tlsc_result result;
    size_t whole;
    for (*n = 0; (result = tern_tlsc_next(bytes, form, MESSAGE_MOST, &pickle, &whole)) == TERN_TLSC_MESSAGE; ++*n) {
        assert_true(*n < 4);
        tern_drop read = tern_pickle_read(pickle, (tern_buf){ scratch, sizeof scratch }, &texts[*n]);
        if (read != TERN_DROP_NONE) return pickle_names[read];
        bytes = tern_bytes_of(bytes.p + whole, bytes.n - whole);
    }
    return result == TERN_TLSC_MORE ? "" : "length";
}

/*= TCH-004 */
static void check_stream(const json_t *test)
{
    tern_tlsc_form form = 0;
    tern_bytes texts[4];
    size_t n;
    const char *fault = read_stream(bytes_at(input(test), "bytes"), &form, texts, &n);
    assert_string_equal(fault, is_valid(test) ? "" : text_of(test, "error"));
    if (!is_valid(test)) return;
    const json_t *due = field(output(test), "form"), *said = field(output(test), "texts");
    assert_int_equal(n, json_array_size(said));
    for (size_t i = 0; i < n; i++)
        assert_bytes(texts[i].p, texts[i].n, text_bytes(json_string_value(json_array_get(said, i))));
    assert_int_equal(form, json_is_null(due) ? 0 : number_of(due));
}

/*= TCH-020 */
static void check_name(const json_t *test)
{
    tern_bytes name;
    uint8_t out[200];
    tern_bytes text = text_at(input(test), "text");
    assert_int_equal(tern_tlsc_read_name(text, &name), is_valid(test));
    if (!is_valid(test)) return;
    assert_bytes(name.p, name.n, text_at(output(test), "name"));
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_tlsc_write_name(&w, name);
    assert_bytes(out, w.n, text);
}

/*= TCH-020 */
static void check_words(const json_t *test)
{
    static const struct {
        const char *name;
        tern_event_type type;
    } rows[] = { { "connected", TERN_EVENT_ARRIVED }, { "line", TERN_EVENT_MESSAGE }, { "hung up", TERN_EVENT_LEFT } };
    const tern_member ada = { .nick = "ada", .addr = { .family = 4, .ip = { 10, 0, 0, 2 } } };
    const char *name = text_of(test, "name");
    uint8_t out[200];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    if (strcmp(name, "client") == 0) {
        tern_tlsc_write_welcome(&w, &ada.addr);
        assert_true(tern_tlsc_is_welcome(tern_written(&w)));
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(name, rows[i].name) != 0) continue;
        tern_event event = { .type = rows[i].type };
        if (event.type == TERN_EVENT_MESSAGE)
            event.u.message.sender = ada;
        else
            event.u.presence.who = ada;
        tern_tlsc_write_event(&w, &event, 2, text_bytes("hello"));
    }
    assert_bytes(out, w.n, text_at(output(test), "text"));
}

static void tls_chat_reads_and_writes_what_its_peer_does(void **state)
{
    static const vectors_check checks[] = {
        { "Message", check_tls_message }, { "Pickle", check_pickle }, { "Stream", check_stream },
        { "Name", check_name },           { "Words", check_words },
    };
    (void)state;
    vectors_check_file(TERN_VECTORS "/tls-chat.json", checks, sizeof checks / sizeof checks[0], 105);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rsa_fragment_reads_and_writes_what_its_peer_does),
        cmocka_unit_test(tlv_multicast_reads_and_writes_what_its_peer_does),
        cmocka_unit_test(aes_session_reads_and_writes_what_its_peer_does),
        cmocka_unit_test(tls_chat_reads_and_writes_what_its_peer_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
