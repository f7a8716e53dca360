/* SPDX-License-Identifier: MIT */
/* Every way in which a handshake can fail, and what each end is told: a row a way, and the same rows stand in the
 * chapter (spec: handshake, how a handshake fails). What is wrong with a certificate has tables of its own, beside the
 * code that judges it. */
#include "unit/stage.h"

#include "unit/endpoint/chapter.h"

/* ---- one side says something wrong: the other closes ---- */

/* What becomes of the messages of the side that is wrong. */
typedef enum { AS_IT_IS, LEFT_OUT, TWICE, SWAPPED, INSTEAD, BEFORE, FLIPPED, FRAME } change_kind;

typedef struct {
    change_kind kind;
    size_t at;       /* the message; SWAPPED: with the next one */
    const char *hex; /* INSTEAD, BEFORE: what stands there; FRAME: in a packet of its own, instead of all */
} change;

typedef struct {
    const char *what;
    unsigned with;
    void (*prepare)(stage *s); /* of both ends, or NULL */
    change change;
    tern_error code;
    const char *why; /* the reason in CLOSE; NULL: the words of the code */
} row;

static tern_handshake_config *client_of(stage *s)
{
    return &s->p->end[PAIR_TO_CLIENT]->handshake;
}

static tern_handshake_config *relay_of(stage *s)
{
    return &s->p->end[PAIR_TO_RELAY]->handshake;
}

static void another_pin(stage *s)
{
    client_of(s)->pin[0] ^= 1;
}

/* Who shows a key that is not his. */
static void sign_with_another(tern_identity *identity)
{
    tern_identity other;
    tern_identity_generate(&other, (const uint8_t[TERN_SEED_SIZE]){ 9 });
    identity->private_key = other.private_key;
}

static void impostor_relay(stage *s)
{
    sign_with_another(&s->p->identity);
}

static void impostor_client(stage *s)
{
    sign_with_another(&s->client_identity);
}

static void first_use(stage *s)
{
    client_of(s)->trust = TERN_TRUST_FIRST_USE;
}

static void no_key(stage *s)
{
    client_of(s)->identity = NULL;
}

static void another_key(stage *s)
{
    s->allowed[0][0] ^= 1;
}

static void no_status(stage *s)
{
    client_of(s)->must_staple = true;
    relay_of(s)->status.n = 0;
}

static void status_of(stage *s, const char *chain, const char *response)
{
    tern_buf room = { s->chain_storage, sizeof s->chain_storage };
    assert_int_equal(tern_identity_from_pem(&s->p->identity, FIXTURE("leaf_key.pem"), FIXTURE(chain), room),
                     TERN_IDENTITY_OK);
    relay_of(s)->status = fixture_view(response, s->status, sizeof s->status);
}

static void status_revoked(stage *s)
{
    status_of(s, "ocsp/leaf.pem", "ocsp/revoked.der");
}

static void status_unknown(stage *s)
{
    status_of(s, "ocsp/leaf.pem", "ocsp/unknown.der");
}

static void status_of_another(stage *s)
{
    status_of(s, "ocsp/leaf.pem", "ocsp/of_second.der");
}

static void status_by_another(stage *s)
{
    status_of(s, "ocsp/leaf.pem", "ocsp/by_imposter.der");
}

static void status_expired(stage *s)
{
    status_of(s, "ocsp/leaf.pem", "ocsp/undated.der"); /* which holds for a day */
    for (int i = 0; i < 2; i++) s->p->end[i]->config.unix_seconds_at_0 += 2 * 24 * 3600;
}

static void early(stage *s)
{
    client_of(s)->early = true;
}

static void less_than_promised(stage *s)
{
    early(s);
    relay_of(s)->params.max_streams = 1;
}

static void less_by_another_run(stage *s)
{
    less_than_promised(s);
    tern_endpoint_tickets(s->p->end[PAIR_TO_RELAY])->boot ^= 1;
}

#define RAW   0
#define CERT  STAGE_CHAIN
#define AGAIN STAGE_RESUMED
#define ASKS  STAGE_ASKS
#define RETRY STAGE_RETRY
#define SEVEN                                                                                                          \
    "0103001c"                                                                                                         \
    "0001ff"                                                                                                           \
    "0001ff"                                                                                                           \
    "0001ff"                                                                                                           \
    "0001ff"                                                                                                           \
    "0001ff"                                                                                                           \
    "0001ff"                                                                                                           \
    "0001ff"                                                                                                           \
    "0004aabbccdd"                                                                                                     \
    "00"
#define LONG "01024000" /* the head of a message of 16384 bytes */

/* What a relay can say wrong. A flight is PARAMETERS, RAW_KEY, SIGNATURE, FINISHED; with a chain PARAMETERS,
 * CERTIFICATE, STATUS, SIGNATURE, FINISHED; resumed PARAMETERS, FINISHED. */
static const row of_relay[] = {
    { "a parameter out of range", RAW, NULL, { INSTEAD, 0, "0102000800010004000003e7" }, TERN_PARAMETER_ERROR, NULL },
    { "a parameter that stands twice",
      RAW,
      NULL,
      { INSTEAD, 0, "01020010000100040000ea60000100040000ea60" },
      TERN_PARAMETER_ERROR,
      NULL },
    { "parameters that are no TLVs", RAW, NULL, { INSTEAD, 0, "010200020001" }, TERN_DECODE_ERROR, NULL },
    { "a COOKIE of the relay's", RAW, NULL, { INSTEAD, 0, "010200050017000141" }, TERN_PARAMETER_ERROR, NULL },
    { "EARLY that was not asked for", RAW, NULL, { INSTEAD, 0, "01020004001a0000" }, TERN_ILLEGAL_PARAMETER, NULL },
    { "EARLY that was not asked for", AGAIN, NULL, { INSTEAD, 0, "01020004001a0000" }, TERN_ILLEGAL_PARAMETER, NULL },
    { "early data taken, with limits lower than before",
      AGAIN,
      less_than_promised,
      { AS_IT_IS, 0, NULL },
      TERN_PROTOCOL_VIOLATION,
      NULL },
    { "early data refused, with limits lower than before",
      AGAIN,
      less_by_another_run,
      { AS_IT_IS, 0, NULL },
      TERN_FLOW_CONTROL_ERROR,
      NULL },
    { "a message that is missing", RAW, NULL, { LEFT_OUT, 0, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is missing", RAW, NULL, { LEFT_OUT, 1, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is missing", RETRY, NULL, { LEFT_OUT, 2, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is missing", CERT, NULL, { LEFT_OUT, 1, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is missing", CERT, NULL, { LEFT_OUT, 3, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is missing", AGAIN, NULL, { LEFT_OUT, 0, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that stands twice", RAW, NULL, { TWICE, 0, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that stands twice", RAW, NULL, { TWICE, 1, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that stands twice", RAW, NULL, { TWICE, 2, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that stands twice", CERT, NULL, { TWICE, 2, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that stands twice", ASKS, NULL, { TWICE, 1, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that stands twice", AGAIN, NULL, { TWICE, 0, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "messages in another order", RAW, NULL, { SWAPPED, 0, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "messages in another order", RAW, NULL, { SWAPPED, 2, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "messages in another order", CERT, NULL, { SWAPPED, 1, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "messages in another order", ASKS, NULL, { SWAPPED, 1, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "messages in another order", AGAIN, NULL, { SWAPPED, 0, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that has no place there", RAW, NULL, { BEFORE, 0, "01010000" }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that has no place there", AGAIN, NULL, { BEFORE, 1, "01040000" }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a STATUS behind RAW_KEY", RAW, NULL, { BEFORE, 2, "0108000130" }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is unknown", RAW, NULL, { BEFORE, 1, "0777000100" }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is unknown", RAW, NULL, { BEFORE, 3, "8777000100" }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a CERTIFICATE_REQUEST with a value", RAW, NULL, { BEFORE, 1, "0107000100" }, TERN_DECODE_ERROR, NULL },
    { "a RAW_KEY of another length", RAW, NULL, { INSTEAD, 1, "01040002abcd" }, TERN_DECODE_ERROR, NULL },
    { "a CERTIFICATE that is empty", CERT, NULL, { INSTEAD, 1, "01030000" }, TERN_DECODE_ERROR, NULL },
    { "a chain of more than 6",
      CERT,
      NULL,
      { INSTEAD, 1, SEVEN },
      TERN_BAD_CERTIFICATE,
      "the chain has more than 6 certificates; the root need not be among them" },
    { "a FINISHED of another length", RAW, NULL, { INSTEAD, 3, "01060002abcd" }, TERN_DECODE_ERROR, NULL },
    { "a flight that is too large", RAW, NULL, { INSTEAD, 0, LONG }, TERN_CRYPTO_BUFFER_EXCEEDED, NULL },
    { "a SIGNATURE that does not verify", RAW, NULL, { FLIPPED, 2, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a SIGNATURE that does not verify", CERT, NULL, { FLIPPED, 3, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a SIGNATURE that does not verify", RAW, NULL, { INSTEAD, 2, "01050000" }, TERN_DECRYPT_ERROR, NULL },
    { "a SIGNATURE by another key", RAW, impostor_relay, { AS_IT_IS, 0, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a SIGNATURE by another key", CERT, impostor_relay, { AS_IT_IS, 0, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a key that is no point of the curve", RAW, first_use, { FLIPPED, 1, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a FINISHED that is wrong", RAW, NULL, { FLIPPED, 3, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a FINISHED that is wrong", CERT, NULL, { FLIPPED, 4, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a FINISHED that is wrong", AGAIN, NULL, { FLIPPED, 1, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "another key than the pinned one", RAW, another_pin, { AS_IT_IS, 0, NULL }, TERN_PIN_MISMATCH, NULL },
    { "no STATUS where one is demanded", CERT, no_status, { AS_IT_IS, 0, NULL }, TERN_BAD_STATUS, "there is none" },
    { "a STATUS that says revoked",
      CERT,
      status_revoked,
      { AS_IT_IS, 0, NULL },
      TERN_CERTIFICATE_REVOKED,
      "the certificate has been revoked" },
    { "a STATUS that says unknown",
      CERT,
      status_unknown,
      { AS_IT_IS, 0, NULL },
      TERN_BAD_STATUS,
      "the responder does not know the certificate" },
    { "a STATUS of another certificate",
      CERT,
      status_of_another,
      { AS_IT_IS, 0, NULL },
      TERN_BAD_STATUS,
      "it speaks of another certificate" },
    { "a STATUS signed by somebody else",
      CERT,
      status_by_another,
      { AS_IT_IS, 0, NULL },
      TERN_BAD_STATUS,
      "its signature is wrong" },
    { "a STATUS that has expired", CERT, status_expired, { AS_IT_IS, 0, NULL }, TERN_BAD_STATUS, "it has expired" },
    { "a STATUS that cannot be read",
      CERT,
      NULL,
      { INSTEAD, 2, "0108000130" },
      TERN_BAD_STATUS,
      "it is not an OCSP response that can be read" },
    { "a frame that cannot be read", RAW, NULL, { FRAME, 0, "0021000100" }, TERN_FRAME_ENCODING_ERROR, NULL },
    { "a frame that is unknown", RAW, NULL, { FRAME, 0, "00770000" }, TERN_FRAME_ENCODING_ERROR, NULL },
    { "a frame that has no place there",
      RAW,
      NULL,
      { FRAME, 0, "0024000700000001000100" },
      TERN_PROTOCOL_VIOLATION,
      NULL },
    { "CRYPTO beyond the largest flight",
      RAW,
      NULL,
      { FRAME, 0, "002200050000400000" },
      TERN_CRYPTO_BUFFER_EXCEEDED,
      NULL },
};

/* What a client can say wrong: FINISHED, or RAW_KEY, SIGNATURE, FINISHED when it is asked who it is. */
static const row of_client[] = {
    { "a FINISHED that is wrong", RAW, NULL, { FLIPPED, 0, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a FINISHED that is wrong", RETRY, NULL, { FLIPPED, 0, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a FINISHED that is wrong", AGAIN, NULL, { FLIPPED, 0, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a FINISHED that is wrong", ASKS, NULL, { FLIPPED, 2, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a FINISHED of another length", RAW, NULL, { INSTEAD, 0, "01060002abcd" }, TERN_DECODE_ERROR, NULL },
    { "a key that was not asked for", RAW, NULL, { BEFORE, 0, "01040002abcd" }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that has no place there", RAW, NULL, { BEFORE, 0, "01020000" }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that has no place there", ASKS, NULL, { BEFORE, 1, "0108000130" }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is unknown", RAW, NULL, { BEFORE, 0, "0777000100" }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is missing", ASKS, NULL, { LEFT_OUT, 0, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that is missing", ASKS, NULL, { LEFT_OUT, 1, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that stands twice", ASKS, NULL, { TWICE, 0, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a message that stands twice", ASKS, NULL, { TWICE, 1, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "messages in another order", ASKS, NULL, { SWAPPED, 0, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "messages in another order", ASKS, NULL, { SWAPPED, 1, NULL }, TERN_UNEXPECTED_MESSAGE, NULL },
    { "a RAW_KEY of another length", ASKS, NULL, { INSTEAD, 0, "01040002abcd" }, TERN_DECODE_ERROR, NULL },
    { "a CERTIFICATE that is empty", ASKS, NULL, { INSTEAD, 0, "01030000" }, TERN_DECODE_ERROR, NULL },
    { "a chain of more than 6",
      ASKS,
      NULL,
      { INSTEAD, 0, SEVEN },
      TERN_BAD_CERTIFICATE,
      "the chain has more than 6 certificates; the root need not be among them" },
    { "a key that is no point of the curve", ASKS, NULL, { FLIPPED, 0, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a SIGNATURE that does not verify", ASKS, NULL, { FLIPPED, 1, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a SIGNATURE that does not verify",
      ASKS | STAGE_CLIENT_CHAIN,
      NULL,
      { FLIPPED, 1, NULL },
      TERN_DECRYPT_ERROR,
      NULL },
    { "a SIGNATURE by another key", ASKS, impostor_client, { AS_IT_IS, 0, NULL }, TERN_DECRYPT_ERROR, NULL },
    { "a SIGNATURE by another key",
      ASKS | STAGE_CLIENT_CHAIN,
      impostor_client,
      { AS_IT_IS, 0, NULL },
      TERN_DECRYPT_ERROR,
      NULL },
    { "no key where one is asked for", ASKS, no_key, { AS_IT_IS, 0, NULL }, TERN_CERTIFICATE_REQUIRED, NULL },
    { "a key that is not allowed", ASKS, another_key, { AS_IT_IS, 0, NULL }, TERN_ACCESS_DENIED, NULL },
    { "a key that is not allowed",
      ASKS | STAGE_CLIENT_CHAIN,
      another_key,
      { AS_IT_IS, 0, NULL },
      TERN_ACCESS_DENIED,
      NULL },
    { "a flight that is too large", RAW, NULL, { INSTEAD, 0, LONG }, TERN_CRYPTO_BUFFER_EXCEEDED, NULL },
    { "a frame that cannot be read", RAW, NULL, { FRAME, 0, "0021000100" }, TERN_FRAME_ENCODING_ERROR, NULL },
    { "a frame that is unknown", RAW, NULL, { FRAME, 0, "00770000" }, TERN_FRAME_ENCODING_ERROR, NULL },
    { "a frame that has no place there",
      RAW,
      NULL,
      { FRAME, 0, "002c00080000000000000000" },
      TERN_PROTOCOL_VIOLATION,
      NULL },
    { "CRYPTO beyond the largest flight",
      RAW,
      NULL,
      { FRAME, 0, "002200050000400000" },
      TERN_CRYPTO_BUFFER_EXCEEDED,
      NULL },
};

static void put(tern_writer *w, const stage *s, const change *c, size_t i)
{
    uint8_t room[64];
    bool here = c->at == i;
    tern_bytes message = s->message[i];
    if (here && c->kind == LEFT_OUT) return;
    if (here && c->kind == SWAPPED) message = s->message[i + 1];
    if (c->kind == SWAPPED && c->at + 1 == i) message = s->message[i - 1];
    if (here && c->kind == INSTEAD) message = hex_view(c->hex, room, sizeof room);
    if (here && c->kind == BEFORE) tern_write_bytes(w, hex_view(c->hex, room, sizeof room));
    tern_write_bytes(w, message);
    if (here && c->kind == TWICE) tern_write_bytes(w, message);
    if (here && c->kind == FLIPPED) w->start[w->n - 1] ^= 1;
}

/* Says it all, changed. */
static void say(stage *s, const change *c)
{
    uint8_t said[TERN_FLIGHT_MAX], room[64];
    tern_writer w = tern_writer_of((tern_buf){ said, sizeof said });
    if (c->kind == FRAME) {
        tern_bytes frame = hex_view(c->hex, room, sizeof room);
        tern_packet_type type = s->way == PAIR_TO_RELAY ? TERN_PACKET_ACK : TERN_PACKET_SYN_ACK;
        (void)pair_frames(s->p, s->way, type, frame.p, frame.n);
        return;
    }
    for (size_t i = 0; i < s->messages; i++) put(&w, s, c, i);
    assert_true(tern_writer_ok(&w));
    (void)stage_give(s, tern_written(&w));
}

static bool is_told(const tern_event *e, const row *r, bool by_peer)
{
    return e != NULL && e->u.closed.error == (uint32_t)r->code && e->u.closed.by_peer == by_peer &&
           strcmp(e->u.closed.reason, r->why != NULL ? r->why : tern_error_text(r->code)) == 0;
}

/* Whoever hears the wrong thing closes with the code, and both ends are told it, with words. */
static unsigned expect(const row *r, pair_way way)
{
    unsigned wrong = 0;
    stage *s = stage_new(r->with);
    if (r->prepare != NULL) r->prepare(s);
    stage_hold(s, way);
    assert_int_equal(pair_message(s->p, PAIR_TO_RELAY, "hello", 5), TERN_OK);
    say(s, &r->change);
    pair_run(s->p, s->p->now + TERN_SECOND);
    for (unsigned by_peer = 0; by_peer < 2; by_peer++) {
        const tern_event *e = pair_event(s->p, (pair_way)(way ^ by_peer), TERN_EVENT_CLOSED);
        if (is_told(e, r, by_peer)) continue;
        print_error("%s, said to a %s: %s learns %s '%s', not %s\n", r->what,
                    way == PAIR_TO_CLIENT ? "client" : "relay", by_peer ? "who said it" : "who hears it",
                    e == NULL ? "nothing" : tern_error_name((tern_error)e->u.closed.error),
                    e == NULL ? "" : e->u.closed.reason, tern_error_name(r->code));
        wrong++;
    }
    assert_null(pair_event(s->p, way, TERN_EVENT_CONNECTED));
    assert_int_equal(s->p->messages_count, 0);
    stage_free(s);
    return wrong;
}

/* That the tables below fail for what they change: unchanged, all kinds of handshakes succeed. */
static void what_is_given_on_as_it_was_said_is_taken(void **state)
{
    (void)state;
    static const unsigned kinds[] = { RAW, CERT, AGAIN, ASKS, RETRY, ASKS | STAGE_CLIENT_CHAIN, CERT | ASKS | RETRY };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        for (int way = 0; way < 2; way++) {
            stage *s = stage_new(kinds[i]);
            stage_hold(s, (pair_way)way);
            assert_true(stage_give(s, tern_bytes_of(s->said, s->said_n)));
            pair_run(s->p, s->p->now + TERN_SECOND);
            assert_true(pair_client(s->p)->proven);
            if (way == PAIR_TO_RELAY) assert_true(pair_relay(s->p)->proven);
            assert_int_equal(pair_client(s->p)->resumed, (kinds[i] & AGAIN) != 0);
            stage_free(s);
        }
    }
}

/*= HS-005 HS-020 HS-021 HS-023 HS-051 HS-054 HS-071 HS-072 HS-073 HS-074 HS-075 CONN-063 WIRE-030 HS-093 */
static void what_a_relay_says_wrong_is_refused_and_both_ends_know_why(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof of_relay / sizeof of_relay[0]; i++) wrong += expect(&of_relay[i], PAIR_TO_CLIENT);
    assert_int_equal(wrong, 0);
}

/*= HS-005 HS-021 HS-060 HS-061 HS-062 HS-063 HS-093 */
static void what_a_client_says_wrong_is_refused_and_both_ends_know_why(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof of_client / sizeof of_client[0]; i++) wrong += expect(&of_client[i], PAIR_TO_RELAY);
    assert_int_equal(wrong, 0);
}

/* ---- and behind the handshake: what its keys and tickets can do wrong ---- */

typedef struct {
    const char *what;
    void (*force)(pair *p, pair_way to);
    tern_error to_relay, to_client; /* what each closes with */
} later;

/* The next phase, before anything of this one was sent in answer, or with a number that is too low. */
static void update_backwards(pair *p, pair_way to)
{
    tern_packet_keys next = pair_next_keys(p, to);
    const tern_connection *c = to == PAIR_TO_RELAY ? pair_relay(p) : pair_client(p);
    (void)pair_keep_alive(p, to, &next, 1, c->acks.largest - 1);
}

static void forge_too_often(pair *p, pair_way to)
{
    tern_packet_keys wrong = pair_next_keys(p, to);
    tern_connection *c = to == PAIR_TO_RELAY ? pair_relay(p) : pair_client(p);
    c->phases.failed = (UINT64_C(1) << 52) - 1;
    (void)pair_keep_alive(p, to, &wrong, 0, c->acks.largest + 1);
}

static void say_frame(pair *p, pair_way to, const char *hex)
{
    uint8_t room[64];
    (void)pair_frames(p, to, TERN_PACKET_DATA, room, unhex(hex, room, sizeof room));
}

/* lifetime_s, max_early, nonce:8, ticket */
static void bad_lifetime(pair *p, pair_way to)
{
    say_frame(p, to,
              "003a001100000000"
              "00000000"
              "0102030405060708"
              "aa");
}

static void good_ticket(pair *p, pair_way to)
{
    say_frame(p, to,
              "003a001100000e10"
              "00000000"
              "0102030405060708"
              "aa");
}

static void handshake_once_more(pair *p, pair_way to)
{
    say_frame(p, to,
              "00220005"
              "00000000"
              "01");
}

static const later of_established[] = {
    { "a key update that contradicts the packets", update_backwards, TERN_KEY_UPDATE_ERROR, TERN_KEY_UPDATE_ERROR },
    { "more packets that fail to open than the keys bear", forge_too_often, TERN_AEAD_LIMIT_REACHED,
      TERN_AEAD_LIMIT_REACHED },
    { "a NEW_TICKET that lives for 0 s", bad_lifetime, TERN_FRAME_ENCODING_ERROR, TERN_FRAME_ENCODING_ERROR },
    { "a NEW_TICKET", good_ticket, TERN_PROTOCOL_VIOLATION, TERN_OK },
    { "CRYPTO in DATA", handshake_once_more, TERN_PROTOCOL_VIOLATION, TERN_PROTOCOL_VIOLATION },
};

static void expect_later(const later *l, pair_way to)
{
    pair *p = pair_established(NULL);
    const row r = { .what = l->what, .code = to == PAIR_TO_RELAY ? l->to_relay : l->to_client };
    pair_run(p, p->now + TERN_SECOND);
    l->force(p, to);
    pair_run(p, p->now + TERN_SECOND);
    const tern_event *hearer = pair_event(p, to, TERN_EVENT_CLOSED);
    const tern_event *sayer = pair_event(p, (pair_way)!to, TERN_EVENT_CLOSED);
    bool told = is_told(hearer, &r, false) && is_told(sayer, &r, true);
    if (r.code == TERN_OK ? hearer != NULL : !told)
        fail_msg("%s, said to a %s, does not end with %s", l->what, to == PAIR_TO_RELAY ? "relay" : "client",
                 tern_error_name(r.code));
    pair_free(p);
}

/*= HS-040 HS-084 HS-087 HS-093 WIRE-022 */
static void what_is_wrong_with_keys_and_tickets_ends_a_connection_and_both_ends_know_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof of_established / sizeof of_established[0]; i++) {
        expect_later(&of_established[i], PAIR_TO_RELAY);
        expect_later(&of_established[i], PAIR_TO_CLIENT);
    }
}

/* ---- the chapter ---- */

/* A row for each thing and code, however many rows here force it. */
static size_t expect_rows(const char *table, const row *rows, size_t n)
{
    size_t different = 0;
    for (size_t i = 0; i < n; i++) {
        char line[300];
        size_t k = 0;
        while (strcmp(rows[k].what, rows[i].what) != 0) k++;
        assert_int_equal(rows[k].code, rows[i].code);
        if (k < i) continue;
        (void)snprintf(line, sizeof line, "\n| %s | %s |", rows[i].what, tern_error_name(rows[i].code));
        chapter_expect(table, line);
        different++;
    }
    return different;
}

static void each_row_stands_in_the_chapter_and_no_other(void **state)
{
    (void)state;
    char *table = chapter_table("### What a client refuses\n");
    assert_int_equal(chapter_rows(table), expect_rows(table, of_relay, sizeof of_relay / sizeof of_relay[0]));
    free(table);
    table = chapter_table("### What a relay refuses\n");
    assert_int_equal(chapter_rows(table), expect_rows(table, of_client, sizeof of_client / sizeof of_client[0]));
    free(table);
    table = chapter_table("### Behind the handshake\n");
    for (const later *l = of_established; l < of_established + sizeof of_established / sizeof of_established[0]; l++) {
        char line[300];
        (void)snprintf(line, sizeof line, "\n| %s | %s | %s |", l->what, tern_error_name(l->to_relay),
                       l->to_client == TERN_OK ? "-" : tern_error_name(l->to_client));
        chapter_expect(table, line);
    }
    assert_int_equal(chapter_rows(table), sizeof of_established / sizeof of_established[0]);
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_on_as_it_was_said_is_taken),
        cmocka_unit_test(what_a_relay_says_wrong_is_refused_and_both_ends_know_why),
        cmocka_unit_test(what_a_client_says_wrong_is_refused_and_both_ends_know_why),
        cmocka_unit_test(what_is_wrong_with_keys_and_tickets_ends_a_connection_and_both_ends_know_why),
        cmocka_unit_test(each_row_stands_in_the_chapter_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
