/* SPDX-License-Identifier: MIT */
/* tls-chat: the conversation, both lengths, and connections that misbehave. */
#include "crypto/tls.h"
#include "dialects/tls_chat/codec.h"
#include "hall.h"

#define DIALECT TERN_DIALECT_TLS_CHAT

/*= TCH-020 */
static void the_conversation_is_the_seeds(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    hall_expect(h, 0, "+ada\n+bob\n");
    hall_expect(h, 1, "(Connected: New client (2) from bob@10.0.0.3)\n");
    assert_int_equal(hall_say(h, 1, "hello"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "#[ada@10.0.0.2]>> hello\n");
    tern_dialect_leave(h->end[1].node, h->now);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "(Hung up: Client from ada@10.0.0.2)\n");
    hall_expect(h, 1, "closed NO_ERROR\n");
    hall_expect(h, 0, "ada: hello\n-ada\n");
    hall_free(h);
}

/*= TCH-023 */
static void a_line_break_forges_no_line(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    assert_int_equal(hall_say(h, 1, "x\n#[bob@10.0.0.3]>> I quit\x1b[2J"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "#[ada@10.0.0.2]>> x #[bob@10.0.0.3]>> I quit [2J\n");
    hall_free(h);
}

static void long_lines_and_many_of_them_arrive(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    char text[4097];
    (void)state;
    memset(text, 'l', 4096);
    text[4096] = 0;
    hall_expect(h, 2, "");
    assert_int_equal(hall_say(h, 1, text), TERN_OK);
    hall_run(h, TERN_SECOND);
    assert_int_equal(h->end[2].log_n, strlen("#[ada@10.0.0.2]>> \n") + 4096);
    hall_free(h);
}

/* ---- by hand: a client of TLS that says what it likes ---- */

typedef struct {
    tern_tls *tls;
    tern_drbg drbg;
    tern_addr addr;
    bool closed;
    char heard[8192];
    size_t heard_n;
} hand;

static void move(hall *h, hand *p)
{
    uint8_t bytes[8192];
    size_t n, moved = 1;
    while (moved > 0) {
        moved = n = tern_tls_give(p->tls, (tern_buf){ bytes, sizeof bytes });
        if (n > 0) (void)hall_throw(h, &p->addr, tern_bytes_of(bytes, n));
        tern_batch b;
        while ((b = tern_node_send(h->end[0].node, h->now, (tern_buf){ bytes, sizeof bytes })).count > 0) {
            p->closed = p->closed || b.total == 0;
            moved += b.total;
            (void)tern_tls_take(p->tls, tern_bytes_of(bytes, b.total));
            p->heard_n += tern_tls_read(p->tls, (tern_buf){ (uint8_t *)p->heard + p->heard_n, 4096 });
            assert_true(p->heard_n < 4096);
        }
    }
}

static hand hand_shaken(hall *h)
{
    static const uint8_t seed[TERN_SEED_SIZE] = { 9 };
    static const tern_tls_trust anybody;
    hand p = { .tls = malloc(tern_tls_size()), .addr = hall_stranger(9, 9000) };
    assert_non_null(p.tls);
    tern_drbg_init(&p.drbg, seed, tern_bytes_of("hand", 4));
    tern_tls_connect(p.tls, &anybody, &p.drbg);
    move(h, &p);
    assert_int_equal(tern_tls_state_of(p.tls), TERN_TLS_OPEN);
    return p;
}

static void say_raw(hall *h, hand *p, tern_bytes bytes)
{
    tern_tls_write(p->tls, bytes);
    move(h, p);
}

static void say(hall *h, hand *p, tern_tlsc_form form, const char *text)
{
    uint8_t out[5000];
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_tlsc_write(&w, form, tern_bytes_of(text, strlen(text)));
    say_raw(h, p, tern_written(&w));
}

/*= TCH-001 TCH-002 */
static void each_is_answered_in_the_form_it_speaks(void **state)
{
    static const tern_tlsc_form forms[] = { 4, 8 };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        hall *h = hall_new(DIALECT, NULL);
        hand p = hand_shaken(h);
        say(h, &p, forms[i], "NAME: zoe");
        uint8_t due[100];
        tern_writer w = tern_writer_of((tern_buf){ due, sizeof due });
        tern_tlsc_write(&w, forms[i], tern_bytes_of("CLIENT: 10.0.0.9", 16));
        assert_int_equal(p.heard_n, w.n);
        assert_memory_equal(p.heard, due, w.n);
        say(h, &p, forms[i], "");
        say(h, &p, forms[i], "one");
        hall_run(h, TERN_MS);
        hall_expect(h, 0, "+zoe\nzoe: one\n");
        free(p.tls);
        hall_free(h);
    }
}

/*= TCH-004 TCH-011 TCH-020 */
static void attack_16_what_is_no_message_ends_the_connection(void **state)
{
    static const struct {
        bool named;
        tern_drop counted;
        size_t n;
        const char *bytes;
    } rows[] = {
        { false, TERN_DROP_PICKLE_OPCODE, 12, "\0\0\0\4\0\0\0\0(I1\n" }, /* a number */
        { true, TERN_DROP_MALFORMED, 8, "\0\0\0\0\0\0\0\0" },            /* a length of 0 */
        { true, TERN_DROP_MALFORMED, 8, "\0\1\0\0\0\0\0\0" },            /* 65536 */
        { true, TERN_DROP_MALFORMED, 8, "\0\0\0\4\0\0\0\1" },            /* without its zeros */
        { true, TERN_DROP_PICKLE_OPCODE, 31, "\0\0\0\x17\0\0\0\0cos\nsystem\n(S'true'\ntR." },
        { true, TERN_DROP_PICKLE_NOT_ONE_STRING, 14, "\0\0\0\6\0\0\0\0\x80\4\x8c\1a." }, /* a string alone */
        { true, TERN_DROP_PICKLE_CUT, 11, "\0\0\0\3\0\0\0\0\x80\4\x8c" },
        { true, TERN_DROP_PICKLE_MALFORMED, 9, "\0\0\0\1\0\0\0\0\x85" }, /* a tuple of nothing on the stack */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hall *h = hall_new(DIALECT, NULL);
        hand p = hand_shaken(h);
        if (rows[i].named) say(h, &p, 8, "NAME: zoe");
        say_raw(h, &p, tern_bytes_of(rows[i].bytes, rows[i].n));
        hall_run(h, 11 * TERN_SECOND);
        move(h, &p);
        tern_stats stats;
        tern_dialect_stats(h->end[0].node, &stats);
        assert_int_equal(stats.connections, 0);
        assert_true(stats.drops[rows[i].counted] > 0);
        free(p.tls);
        hall_free(h);
    }
}

/*= TCH-020 */
static void a_name_is_a_name(void **state)
{
    static const char *const bad[] = {
        "hello",      "NAME: ",    "NAME:  ",
        "NAME: a\nb", "name: zoe", "NAME: 0123456789012345678901234567890123456789012345678901234567890123x"
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hall *h = hall_new(DIALECT, NULL);
        hand p = hand_shaken(h);
        say(h, &p, 8, bad[i]);
        assert_true(p.closed);
        hall_expect(h, 0, "");
        free(p.tls);
        hall_free(h);
    }
}

/*= TCH-021 */
static void attack_15_connections_that_say_nothing_are_closed(void **state)
{
    tern_dialect_config config = hall_server_config(DIALECT);
    tern_stats stats;
    static const uint8_t hello[] = { 22, 3, 1 };
    (void)state;
    config.max_clients = 4;
    config.rsa_ms_per_second = 1000;
    hall *h = hall_new(DIALECT, &config);
    for (uint16_t i = 0; i < 40; i++) {
        tern_addr from = hall_stranger((uint8_t)(10 + i), 1);
        (void)hall_throw(h, &from, tern_bytes_of(hello, sizeof hello));
    }
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 4);
    (void)hall_add(h, NULL); /* comes in all the same: those have said nothing */
    hall_run(h, TERN_SECOND);
    hall_expect(h, 1, "connected\n");
    hall_run(h, 10 * TERN_SECOND);
    tern_dialect_stats(h->end[0].node, &stats);
    assert_int_equal(stats.connections, 1);
    hall_expect(h, 0, "+ada\n");
    hall_free(h);
}

static void what_is_no_tls_is_closed(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    tern_addr from = hall_stranger(9, 1);
    uint8_t out[4096];
    bool closed = false;
    (void)state;
    assert_int_equal(hall_throw(h, &from, tern_bytes_of("GET / HTTP/1.0\r\n\r\n", 18)), TERN_DROP_MALFORMED);
    for (tern_batch b; (b = tern_node_send(h->end[0].node, h->now, (tern_buf){ out, sizeof out })).count > 0;)
        closed = b.total == 0;
    assert_true(closed);
    hall_free(h);
}

static void a_client_believes_the_authority_it_was_given(void **state)
{
    static const struct {
        const char *name, *ca, *outcome;
    } rows[] = {
        { "chat.example", "server_cert.pem", "connected\n" },
        { "else.example", "server_cert.pem", "closed CERTIFICATE_NAME\n" },
        { NULL, "server_cert.pem", "closed CERTIFICATE_NAME\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hall *h = hall_new(DIALECT, NULL);
        tern_dialect_config config = hall_client_config(h, 1);
        config.cert_pem = hall_pem(rows[i].ca);
        config.server_name = rows[i].name;
        config.unix_seconds_at_0 = UINT64_C(1893456000);
        (void)hall_add(h, &config);
        hall_run(h, TERN_SECOND);
        hall_expect(h, 1, rows[i].outcome);
        hall_free(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_conversation_is_the_seeds),
        cmocka_unit_test(a_line_break_forges_no_line),
        cmocka_unit_test(long_lines_and_many_of_them_arrive),
        cmocka_unit_test(each_is_answered_in_the_form_it_speaks),
        cmocka_unit_test(attack_16_what_is_no_message_ends_the_connection),
        cmocka_unit_test(a_name_is_a_name),
        cmocka_unit_test(attack_15_connections_that_say_nothing_are_closed),
        cmocka_unit_test(what_is_no_tls_is_closed),
        cmocka_unit_test(a_client_believes_the_authority_it_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
