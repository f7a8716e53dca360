/* SPDX-License-Identifier: MIT */
/* aes-session: both sides, sessions that end, and what an attacker does. */
#include "crypto/rsa_pem.h"
#include "dialects/aes_session/codec.h"
#include "dialects/blocks.h"
#include "hall.h"

#define DIALECT TERN_DIALECT_AES_SESSION

static void lines_and_presence_reach_all_others(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    hall_expect(h, 0, "+10.0.0.2:4001\n+10.0.0.3:4002\n");
    assert_int_equal(hall_say(h, 1, "hello"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 1, "* 10.0.0.3:4002 joined\n");
    hall_expect(h, 2, "10.0.0.2:4001> hello\n");
    assert_int_equal(hall_say(h, 2, "OK"), TERN_OK); /* a text, not a CONFIRM */
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "10.0.0.2:4001: hello\n10.0.0.3:4002: OK\n");
    hall_free(h);
}

static unsigned lose_half_at_first(hall *h, hall_datagram *d)
{
    uint64_t random = h->sent * 7919;
    (void)d;
    return h->sent < 12 && random_below(&random, 2) == 0 ? 0 : 1;
}

static void a_handshake_goes_through_loss(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    (void)state;
    h->meddle = lose_half_at_first;
    (void)hall_add(h, NULL);
    hall_run(h, 30 * TERN_SECOND);
    hall_expect(h, 1, "connected\n");
    h->meddle = NULL; /* a text has no answer: one that is lost is lost */
    assert_int_equal(hall_say(h, 1, "through"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: through\n");
    hall_free(h);
}

static void a_client_is_kept_alive_and_one_that_is_gone_leaves(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    (void)state;
    hall_run(h, 900 * TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n");
    tern_dialect_leave(h->end[1].node, h->now);
    hall_run(h, 301 * TERN_SECOND);
    hall_expect(h, 1, "closed NO_ERROR\n");
    hall_expect(h, 0, "-10.0.0.2:4001\n");
    hall_free(h);
}

/* A server that started anew has forgotten all: its error makes the client start over, and its text is not lost. */
static void a_forgotten_session_is_begun_anew_and_the_text_said_again(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    tern_dialect_config config = hall_server_config(DIALECT);
    const char *why;
    (void)state;
    hall_run(h, 5 * TERN_SECOND);
    config.seed[0] = 77;
    memset(h->member, 0, sizeof h->member);
    hall_expect(h, 0, "+10.0.0.2:4001\n");
    assert_int_equal(tern_dialect_server_init(h->end[0].memory, &config, h->now, &h->end[0].node, &why), TERN_OK);
    assert_int_equal(hall_say(h, 1, "are you there"), TERN_OK);
    hall_run(h, 5 * TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: are you there\n");
    hall_expect(h, 1, ""); /* it was never told that it is gone */
    assert_int_equal(hall_say(h, 1, "good"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "10.0.0.2:4001: good\n");
    hall_free(h);
}

/*= SES-020 */
static void all_that_was_refused_is_said_again_and_nothing_else(void **state)
{
    static const char *const lines[] = { "one", "two", "three" };
    hall *h = hall_with_clients(DIALECT, 1);
    tern_dialect_config config = hall_server_config(DIALECT);
    const char *why;
    (void)state;
    assert_int_equal(hall_say(h, 1, "heard"), TERN_OK);
    hall_run(h, 5 * TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: heard\n");
    config.seed[0] = 77;
    memset(h->member, 0, sizeof h->member);
    assert_int_equal(tern_dialect_server_init(h->end[0].memory, &config, h->now, &h->end[0].node, &why), TERN_OK);
    hall_run(h, 25 * TERN_SECOND); /* that it is there is refused, and that alone said again */
    hall_expect(h, 0, "+10.0.0.2:4001\n");
    config.seed[0] = 78;
    memset(h->member, 0, sizeof h->member);
    assert_int_equal(tern_dialect_server_init(h->end[0].memory, &config, h->now, &h->end[0].node, &why), TERN_OK);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) assert_int_equal(hall_say(h, 1, lines[i]), TERN_OK);
    hall_run(h, 5 * TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n10.0.0.2:4001: one\n10.0.0.2:4001: two\n10.0.0.2:4001: three\n");
    hall_free(h);
}

/* After so many texts their nonces fill the list, and the session is begun anew. */
static void a_session_that_is_used_up_is_begun_anew(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    char expected[40];
    (void)state;
    hall_expect(h, 0, "+10.0.0.2:4001\n");
    for (uint32_t i = 0; i < 1500; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%u", (unsigned)i);
        while (hall_say(h, 1, text) == TERN_E_BLOCKED) hall_run(h, 100 * TERN_MS);
        hall_run(h, 100 * TERN_MS);
        (void)snprintf(expected, sizeof expected, "10.0.0.2:4001: %s\n", text);
        if (h->end[0].log_n == 0) hall_run(h, TERN_SECOND); /* it is said again in a new session */
        hall_expect(h, 0, expected);
    }
    assert_int_equal(hall_drops(h, 0, TERN_DROP_KEYS), 1);
    hall_free(h);
}

static unsigned twice_each(hall *h, hall_datagram *d)
{
    (void)h, (void)d;
    return 2;
}

static void attack_10_a_text_is_taken_once_at_both_ends(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    h->meddle = twice_each;
    hall_expect(h, 0, "+10.0.0.2:4001\n+10.0.0.3:4002\n");
    hall_expect(h, 1, "* 10.0.0.3:4002 joined\n");
    assert_int_equal(hall_say(h, 2, "once"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 0, "10.0.0.3:4002: once\n");
    hall_expect(h, 1, "10.0.0.3:4002> once\n");
    assert_int_equal(hall_drops(h, 0, TERN_DROP_REPLAY), 1);
    assert_int_equal(hall_drops(h, 1, TERN_DROP_REPLAY), 1);
    hall_free(h);
}

static unsigned keep_hello(hall *h, hall_datagram *d)
{
    if (d->to == 0 && d->bytes[0] == TERN_AESS_HELLO && h->kept.bytes == NULL) {
        h->kept = *d;
        h->kept.bytes = malloc(d->n);
        memcpy(h->kept.bytes, d->bytes, d->n);
    }
    return 1;
}

/*= SES-022 */
static void attack_10_what_a_client_said_is_not_told_to_itself(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    uint8_t back[200];
    (void)state;
    assert_int_equal(hall_say(h, 1, "mine"), TERN_OK);
    hall_run(h, 0);
    const hall_datagram *d = &h->wire[h->on_wire - 1];
    assert_true(d->from == 1 && d->n < sizeof back);
    /* as the server would send it: without the cid */
    back[0] = TERN_AESS_TEXT;
    memcpy(back + 1, d->bytes + 1 + TERN_AESS_ID_SIZE, d->n - 1 - TERN_AESS_ID_SIZE);
    tern_path path = { .local = h->end[1].addr, .remote = h->end[0].addr };
    assert_int_equal(
        tern_node_recv(h->end[1].node, h->now, &path, (tern_buf){ back, d->n - TERN_AESS_ID_SIZE }, TERN_ECN_NOT_ECT),
        TERN_DROP_REPLAY);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 1, "");
    hall_free(h);
}

/* Whoever writes a client's address on a HELLO of its own ends nothing. */
static void attack_12_a_hello_in_anothers_name_ends_no_session(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    (void)state;
    h->meddle = keep_hello;
    (void)hall_add(h, NULL); /* the attacker, whose HELLO is written down */
    hall_run(h, TERN_SECOND);
    (void)hall_add(h, NULL);
    hall_run(h, TERN_SECOND);
    hall_run(h, 10 * TERN_SECOND);
    hall_expect(h, 2, "connected\n");
    (void)hall_throw(h, &h->end[2].addr, tern_bytes_of(h->kept.bytes, h->kept.n));
    assert_int_equal(hall_say(h, 2, "still me"), TERN_OK);
    hall_run(h, TERN_SECOND);
    assert_non_null(strstr(h->end[0].log, "10.0.0.3:4002: still me\n"));
    assert_null(strstr(h->end[0].log, "-10.0.0.3:4002"));
    hall_free(h);
}

/* Each is answered by an error at most, and none of them with more than three bytes for one. */
static void attack_7_what_is_wrong_gets_a_small_answer_and_an_error_none(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    tern_addr from = hall_stranger(9, 999);
    uint8_t out[2000];
    static const struct {
        size_t n;
        uint8_t bytes[12];
        tern_drop drop;
        uint8_t code; /* 0: no answer */
    } rows[] = {
        { 1, { 0x00 }, TERN_DROP_SHORT, 0 },
        { 6, { 0x00, '-', '-', '-', '-', '-' }, TERN_DROP_MALFORMED, TERN_AESS_BAD_KEY },
        { 2, { 0x02, 1 }, TERN_DROP_MALFORMED, TERN_AESS_BAD_DECRYPTION },
        { 5, { 0x04, 1, 2, 3, 4 }, TERN_DROP_MALFORMED, 0 },
        { 9, { 0x04, 1, 2, 3, 4, 5, 6, 7, 8 }, TERN_DROP_UNKNOWN_CID, TERN_AESS_BAD_SESSION },
        { 9, { 0x10, 1, 2, 3, 4, 5, 6, 7, 8 }, TERN_DROP_UNKNOWN_CID, TERN_AESS_BAD_SESSION },
        { 3, { 0xff, 2, 'x' }, TERN_DROP_UNEXPECTED, 0 },
        { 3, { 0x03, 2, 'x' }, TERN_DROP_TYPE, 0 },
        { 3, { 0x77, 2, 'x' }, TERN_DROP_TYPE, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(hall_throw(h, &from, tern_bytes_of(rows[i].bytes, rows[i].n)), rows[i].drop);
        tern_batch b = tern_node_send(h->end[0].node, h->now, (tern_buf){ out, sizeof out });
        assert_true(b.total <= 3 * rows[i].n);
        assert_int_equal(b.total > 0 ? out[1] : 0, rows[i].code);
        if (b.total > 0) assert_int_equal(out[0], TERN_AESS_ERROR);
    }
    hall_free(h);
}

static void attack_6_hellos_that_do_not_open_cost_what_was_granted(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    uint8_t hello[1 + 512];
    (void)state;
    for (uint32_t i = 0; i < 2000; i++) {
        tern_addr from = hall_stranger(99, (uint16_t)(i + 1));
        memset(hello, 0x11, sizeof hello);
        hello[0] = TERN_AESS_HELLO;
        memcpy(hello + 8, &i, sizeof i);
        (void)hall_throw(h, &from, tern_bytes_of(hello, sizeof hello));
    }
    assert_true(hall_drops(h, 0, TERN_DROP_AEAD) <= 29); /* 150 ms at 5.2 each */
    assert_int_equal(hall_say(h, 1, "still here"), TERN_OK);
    hall_run(h, TERN_SECOND);
    assert_non_null(strstr(h->end[0].log, "still here"));
    hall_free(h);
}

/* ---- by hand: an original client ---- */

static tern_bytes hello_of(hall_hand *p, const tern_aess_id *cid, uint8_t out[4096])
{
    char pem[TERN_RSA_PEM_MAX];
    uint8_t text[TERN_AESS_ID_SIZE + TERN_RSA_PEM_MAX];
    size_t n = tern_rsa_public_to_pem(&p->own.public_key, pem);
    memcpy(text, cid->b, sizeof cid->b);
    memcpy(text + sizeof cid->b, pem, n);
    out[0] = TERN_AESS_HELLO;
    n = tern_blocks_seal(&p->server.public_key, &p->drbg, tern_bytes_of(text, sizeof cid->b + n), out + 1);
    return tern_bytes_of(out, 1 + n);
}

/* The session that the server answered with. */
static tern_aess_session session_from(hall *h, const hall_hand *p)
{
    uint8_t out[TERN_DATAGRAM_MAX];
    tern_aess_session session;
    tern_buf sealed = { out + 1, hall_sent(h, out) - 1 };
    assert_int_equal(out[0], TERN_AESS_SESSION);
    assert_true(tern_blocks_open(&p->own, &sealed));
    assert_true(tern_aess_read_session(tern_bytes_of(sealed.p, sealed.n), &session));
    return session;
}

static int throw_sealed(hall *h, hall_hand *p, const tern_aess_session *session, tern_aess_type type, const char *text)
{
    uint8_t bytes[600];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_write_u8(&w, (uint8_t)type);
    tern_write_bytes(&w, tern_bytes_of(session->cid.b, sizeof session->cid.b));
    tern_aess_seal(session, &p->drbg, tern_bytes_of(session->sid.b, sizeof session->sid.b), text_bytes(text), &w);
    return hall_throw(h, &p->addr, tern_written(&w));
}

/*= SES-004 */
static void a_session_is_active_from_the_first_ok_on(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    hall_hand p = hall_hand_at(9);
    uint8_t hello[4096], out[TERN_DATAGRAM_MAX];
    (void)state;
    assert_int_equal(hall_throw(h, &p.addr, hello_of(&p, &(tern_aess_id){ { 7 } }, hello)), TERN_DROP_NONE);
    tern_aess_session session = session_from(h, &p);
    assert_int_equal(throw_sealed(h, &p, &session, TERN_AESS_TEXT, "too early"), TERN_DROP_KEYS);
    assert_true(hall_sent(h, out) > 2 && out[0] == TERN_AESS_ERROR && out[1] == TERN_AESS_BAD_SESSION);
    assert_int_equal(throw_sealed(h, &p, &session, TERN_AESS_CONFIRM, "KO"), TERN_DROP_MALFORMED);
    assert_int_equal(throw_sealed(h, &p, &session, TERN_AESS_TEXT, "still too early"), TERN_DROP_KEYS);
    tern_aess_session other = session;
    other.sid.b[0] ^= 1;
    assert_int_equal(throw_sealed(h, &p, &other, TERN_AESS_CONFIRM, "OK"), TERN_DROP_AEAD);
    hall_run(h, TERN_MS);
    hall_expect(h, 0, "");
    assert_int_equal(throw_sealed(h, &p, &session, TERN_AESS_CONFIRM, "OK"), TERN_DROP_NONE);
    assert_int_equal(throw_sealed(h, &p, &session, TERN_AESS_TEXT, "now"), TERN_DROP_NONE);
    hall_run(h, TERN_MS);
    hall_expect(h, 0, "+10.0.0.9:5007\n10.0.0.9:5007: now\n");
    hall_free(h);
}

/*= SES-011 SES-012 */
static void a_hello_that_was_seen_is_not_opened_again(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    hall_hand p = hall_hand_at(9);
    tern_addr other = hall_stranger(10, 1);
    uint8_t bytes[4096], out[TERN_DATAGRAM_MAX], same_cid[4096];
    (void)state;
    tern_bytes hello = hello_of(&p, &(tern_aess_id){ { 7 } }, bytes);
    assert_int_equal(hall_throw(h, &p.addr, hello), TERN_DROP_NONE);
    tern_aess_session session = session_from(h, &p);
    assert_int_equal(hall_throw(h, &p.addr, hello), TERN_DROP_NONE); /* the answer may have been lost */
    assert_memory_equal(session_from(h, &p).key, session.key, sizeof session.key);
    assert_int_equal(hall_throw(h, &other, hello), TERN_DROP_REPLAY);
    assert_int_equal(hall_throw(h, &other, hello_of(&p, &session.cid, same_cid)), TERN_DROP_UNEXPECTED);
    assert_true(hall_sent(h, out) > 2 && out[1] == TERN_AESS_BAD_SESSION);
    assert_int_equal(throw_sealed(h, &p, &session, TERN_AESS_CONFIRM, "OK"), TERN_DROP_NONE);
    assert_int_equal(hall_throw(h, &p.addr, hello), TERN_DROP_REPLAY);
    assert_int_equal(hall_sent(h, out), 0);
    hall_free(h);
}

/*= SES-014 */
static void attack_6_a_handshake_that_is_not_finished_is_forgotten(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    hall_hand p = hall_hand_at(9);
    uint8_t hello[4096];
    tern_stats stats;
    (void)state;
    assert_int_equal(hall_throw(h, &p.addr, hello_of(&p, &(tern_aess_id){ { 7 } }, hello)), TERN_DROP_NONE);
    tern_aess_session session = session_from(h, &p);
    hall_run(h, 5 * TERN_SECOND + TERN_MS);
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 0);
    assert_int_equal(tern_node_next_timeout(h->end[0].node), TERN_TIME_NEVER);
    assert_int_equal(throw_sealed(h, &p, &session, TERN_AESS_CONFIRM, "OK"), TERN_DROP_UNKNOWN_CID);
    hall_free(h);
}

/*= SES-006 SES-016 */
static void attack_7_errors_are_bounded(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    static const uint8_t unknown[] = { 0x10, 1, 2, 3, 4, 5, 6, 7, 8 };
    uint8_t out[TERN_DATAGRAM_MAX];
    size_t answers = 0;
    (void)state;
    for (uint32_t i = 0; i < 3000; i++) {
        tern_addr from = hall_stranger((uint8_t)(i % 3), 9);
        assert_int_equal(hall_throw(h, &from, tern_bytes_of(unknown, sizeof unknown)), TERN_DROP_UNKNOWN_CID);
        answers += hall_sent(h, out) > 0;
    }
    assert_int_equal(answers, 100); /* half of them to one host */
    hall_free(h);
}

static unsigned nothing_arrives(hall *h, hall_datagram *d)
{
    (void)h, (void)d;
    return 0;
}

/*= DIA-004 */
static void a_client_that_starts_over_takes_no_other_key(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    static const uint8_t again[] = { TERN_AESS_ERROR, TERN_AESS_BAD_SESSION, 'x' };
    hall_hand p = hall_hand_at(9);
    uint8_t key[1 + TERN_RSA_PEM_MAX] = { TERN_AESS_SERVER_KEY };
    (void)state;
    size_t n = tern_rsa_public_to_pem(&p.own.public_key, (char *)key + 1);
    hall_run(h, TERN_SECOND);
    assert_int_equal(hall_answer(h, 1, tern_bytes_of(again, sizeof again)), TERN_DROP_NONE);
    h->meddle = nothing_arrives;
    hall_run(h, 250 * TERN_MS);
    assert_false(tern_dialect_is_ready(h->end[1].node));
    assert_int_equal(hall_answer(h, 1, tern_bytes_of(key, 1 + n)), TERN_DROP_UNEXPECTED);
    h->meddle = NULL;
    hall_run(h, 2 * TERN_SECOND);
    assert_true(tern_dialect_is_ready(h->end[1].node)); /* with the server that it knows */
    hall_free(h);
}

static unsigned change_a_bit(hall *h, hall_datagram *d)
{
    if (d->bytes[0] == TERN_AESS_TEXT) d->bytes[d->n - 1 - h->sent % 8] ^= 0x20;
    return 1;
}

static void what_was_changed_on_its_way_is_refused(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    hall_expect(h, 0, "+10.0.0.2:4001\n+10.0.0.3:4002\n");
    h->meddle = change_a_bit;
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(hall_say(h, 1, "twelve bytes"), TERN_OK);
        hall_run(h, 100 * TERN_MS);
    }
    hall_expect(h, 0, "");
    assert_int_equal(hall_drops(h, 0, TERN_DROP_AEAD), 8);
    hall_free(h);
}

/* CTR is there for study: both sides have to ask for it, and then a bit that was changed is a bit of the text. */
static void ctr_is_taken_only_where_both_ask_for_it(void **state)
{
    tern_dialect_config config = hall_server_config(DIALECT);
    (void)state;
    config.aes_ctr = true;
    hall *h = hall_new(DIALECT, &config);
    (void)hall_add(h, NULL);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 1, "closed HANDSHAKE_FAILURE\n");
    config = hall_client_config(h, 2);
    config.aes_ctr = true;
    (void)hall_add(h, &config);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "connected\n");
    h->meddle = change_a_bit;
    assert_int_equal(hall_say(h, 2, "12345678"), TERN_OK);
    hall_run(h, TERN_SECOND);
    assert_null(strstr(h->end[0].log, "12345678"));
    assert_non_null(strstr(h->end[0].log, "10.0.0.3:4002: "));
    hall_free(h);
}

static void attack_16_a_key_that_is_none_is_answered_so(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    tern_addr from = hall_stranger(9, 999);
    static const char pem[] =
        "\0-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf\n"
        "9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==\n-----END PUBLIC KEY-----\n";
    uint8_t out[2000];
    (void)state; /* 512 bits */
    assert_int_equal(hall_throw(h, &from, tern_bytes_of(pem, sizeof pem - 1)), TERN_DROP_MALFORMED);
    assert_int_equal(tern_node_send(h->end[0].node, h->now, (tern_buf){ out, sizeof out }).count, 1);
    assert_int_equal(out[0], TERN_AESS_ERROR);
    assert_int_equal(out[1], TERN_AESS_BAD_KEY);
    hall_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_presence_reach_all_others),
        cmocka_unit_test(a_handshake_goes_through_loss),
        cmocka_unit_test(a_client_is_kept_alive_and_one_that_is_gone_leaves),
        cmocka_unit_test(a_forgotten_session_is_begun_anew_and_the_text_said_again),
        cmocka_unit_test(all_that_was_refused_is_said_again_and_nothing_else),
        cmocka_unit_test(a_session_that_is_used_up_is_begun_anew),
        cmocka_unit_test(attack_10_a_text_is_taken_once_at_both_ends),
        cmocka_unit_test(attack_10_what_a_client_said_is_not_told_to_itself),
        cmocka_unit_test(attack_12_a_hello_in_anothers_name_ends_no_session),
        cmocka_unit_test(attack_7_what_is_wrong_gets_a_small_answer_and_an_error_none),
        cmocka_unit_test(attack_6_hellos_that_do_not_open_cost_what_was_granted),
        cmocka_unit_test(a_session_is_active_from_the_first_ok_on),
        cmocka_unit_test(a_hello_that_was_seen_is_not_opened_again),
        cmocka_unit_test(attack_6_a_handshake_that_is_not_finished_is_forgotten),
        cmocka_unit_test(attack_7_errors_are_bounded),
        cmocka_unit_test(a_client_that_starts_over_takes_no_other_key),
        cmocka_unit_test(what_was_changed_on_its_way_is_refused),
        cmocka_unit_test(ctr_is_taken_only_where_both_ask_for_it),
        cmocka_unit_test(attack_16_a_key_that_is_none_is_answered_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
