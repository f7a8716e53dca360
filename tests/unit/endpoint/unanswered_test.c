/* SPDX-License-Identifier: MIT */
/* Handshakes that fail without a CLOSE, since there are no keys yet to say it with, or nobody to hear it: a row a way,
 * and the same rows stand in the chapter (spec: handshake, how a handshake fails). */
#include "unit/stage.h"

#include "handshake/cookie.h"
#include "unit/endpoint/chapter.h"

#define NOBODY (-1) /* no datagram is dropped for it */

typedef struct {
    const char *what;
    unsigned with;
    void (*prepare)(stage *s);
    pair_fate fate;
    pair_way at;              /* who drops it */
    int drop;                 /* and as what */
    tern_error client, relay; /* what each learns in the end; NO_ERROR: nothing */
} row;

static tern_handshake_config *client_of(stage *s)
{
    return &s->p->end[PAIR_TO_CLIENT]->handshake;
}

static bool is(const uint8_t *bytes, tern_packet_type type)
{
    return bytes[0] >> 4 == type;
}

static int no_way(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)way, (void)n, (void)bytes, (void)size;
    return 0;
}

static int no_way_back(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_RELAY;
}

static int syn_alone(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)size;
    return way == PAIR_TO_CLIENT || is(bytes, TERN_PACKET_SYN);
}

static int damaged(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n;
    if (way == PAIR_TO_RELAY) bytes[*size / 2] ^= 1;
    return 1;
}

static int cut_short(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes;
    if (way == PAIR_TO_RELAY) (*size)--;
    return 1;
}

/* The client speaks Tern/2, and the relay Tern/3. */
static int other_versions(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n;
    if (way == PAIR_TO_RELAY && is(bytes, TERN_PACKET_SYN)) bytes[4] = '2';
    if (!is(bytes, TERN_PACKET_VERSION)) return 1;
    for (size_t i = 5; i + 4 <= *size; i++)
        if (memcmp(bytes + i, "TRN1", 4) == 0) bytes[i + 3] = '3';
    return 1;
}

static void all_zeros(tern_client_hello *hello)
{
    memset(hello->share, 0, sizeof hello->share);
}

static void other_random(tern_client_hello *hello)
{
    hello->random[0] ^= 1;
}

static void other_cookie(tern_client_hello *hello)
{
    static const uint8_t forged[24] = { 1, 2, 3 };
    if (hello->cookie.n > 0) hello->cookie = tern_bytes_of(forged, sizeof forged);
}

static int reworded(pair_way way, uint8_t *bytes, size_t size, void (*change)(tern_client_hello *hello))
{
    if (way == PAIR_TO_RELAY && is(bytes, TERN_PACKET_SYN)) pair_reword_syn(bytes, size, change);
    return 1;
}

static int small_share(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n;
    return reworded(way, bytes, *size, all_zeros);
}

/* BINDER is made anew of no secret that the client has. */
static int wrong_binder(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n;
    return reworded(way, bytes, *size, other_random);
}

static int wrong_cookie(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n;
    return reworded(way, bytes, *size, other_cookie);
}

/* SYN_ACK: type, version, two ids, random, share, suite. */
static int small_answer(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)size;
    if (way == PAIR_TO_CLIENT && is(bytes, TERN_PACKET_SYN_ACK)) memset(bytes + 21 + 32, 0, 32);
    return 1;
}

static int other_suite(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)size;
    if (way == PAIR_TO_CLIENT && is(bytes, TERN_PACKET_SYN_ACK)) bytes[86] = 3;
    return 1;
}

static void other_suites(stage *s)
{
    s->p->end[PAIR_TO_RELAY]->handshake.suites[0] = TERN_SUITE_CHACHA20_POLY1305;
}

static void full(stage *s)
{
    uint8_t n = 0;
    while (pair_foreign_comes(s->p, n) == TERN_DROP_NONE) n++;
    assert_true(n > 0);
}

static void no_share(stage *s)
{
    s->p->end[PAIR_TO_RELAY]->config.max_per_origin = 0; /* none is one too many */
}

/* The ticket's one use for early data was another client's. */
static void used_ticket(stage *s)
{
    client_of(s)->early = true;
    assert_int_equal(pair_foreign_comes(s->p, 1), TERN_DROP_NONE);
}

static const row rows[] = {
    { "nobody is there", 0, NULL, no_way, PAIR_TO_RELAY, NOBODY, TERN_E_HANDSHAKE_TIMEOUT, TERN_OK },
    { "no answer gets through", 0, NULL, no_way_back, PAIR_TO_RELAY, NOBODY, TERN_E_HANDSHAKE_TIMEOUT,
      TERN_E_HANDSHAKE_TIMEOUT },
    { "the client falls silent behind its SYN", 0, NULL, syn_alone, PAIR_TO_RELAY, NOBODY, TERN_E_IDLE_TIMEOUT,
      TERN_E_HANDSHAKE_TIMEOUT },
    { "no suite in common", 0, other_suites, NULL, PAIR_TO_RELAY, TERN_DROP_HELLO, TERN_HANDSHAKE_FAILURE, TERN_OK },
    { "no version in common", 0, NULL, other_versions, PAIR_TO_RELAY, TERN_DROP_VERSION, TERN_E_NO_VERSION, TERN_OK },
    { "a SYN that is damaged", 0, NULL, damaged, PAIR_TO_RELAY, TERN_DROP_AEAD, TERN_E_HANDSHAKE_TIMEOUT, TERN_OK },
    { "a SYN below 1200 bytes", 0, NULL, cut_short, PAIR_TO_RELAY, TERN_DROP_SYN_SIZE, TERN_E_HANDSHAKE_TIMEOUT,
      TERN_OK },
    { "a share of small order in CLIENT_HELLO", 0, NULL, small_share, PAIR_TO_RELAY, TERN_DROP_HELLO,
      TERN_E_HANDSHAKE_TIMEOUT, TERN_OK },
    { "a BINDER that is wrong", STAGE_RESUMED, NULL, wrong_binder, PAIR_TO_RELAY, TERN_DROP_HELLO,
      TERN_E_HANDSHAKE_TIMEOUT, TERN_OK },
    { "early data under a ticket that was used before", STAGE_RESUMED, used_ticket, NULL, PAIR_TO_RELAY,
      TERN_DROP_REPLAY, TERN_E_HANDSHAKE_TIMEOUT, TERN_E_HANDSHAKE_TIMEOUT },
    { "a COOKIE that is wrong", STAGE_RETRY, NULL, wrong_cookie, PAIR_TO_RELAY, TERN_DROP_COOKIE,
      TERN_E_HANDSHAKE_TIMEOUT, TERN_OK },
    { "as many connections from its address as one may have", 0, no_share, NULL, PAIR_TO_RELAY, TERN_DROP_ADDRESS,
      TERN_E_HANDSHAKE_TIMEOUT, TERN_OK },
    { "no room for another connection", 0, full, NULL, PAIR_TO_RELAY, TERN_DROP_BUSY, TERN_E_HANDSHAKE_TIMEOUT,
      TERN_E_HANDSHAKE_TIMEOUT },
    { "a share of small order in SYN_ACK", 0, NULL, small_answer, PAIR_TO_CLIENT, TERN_DROP_HELLO,
      TERN_E_HANDSHAKE_TIMEOUT, TERN_E_HANDSHAKE_TIMEOUT },
    { "a suite in SYN_ACK that was not offered", 0, NULL, other_suite, PAIR_TO_CLIENT, TERN_DROP_HELLO,
      TERN_E_HANDSHAKE_TIMEOUT, TERN_E_HANDSHAKE_TIMEOUT },
};

static void expect_end(const row *r, const pair *p, pair_way end, tern_error due)
{
    const tern_event *e = pair_event(p, end, TERN_EVENT_CLOSED);
    tern_error got = e == NULL ? TERN_OK : (tern_error)e->u.closed.error;
    if (got != due)
        fail_msg("%s: the %s learns %s, not %s", r->what, end == PAIR_TO_CLIENT ? "client" : "relay",
                 tern_error_name(got), tern_error_name(due));
    if (e != NULL) assert_false(e->u.closed.by_peer);
}

/*= CONN-003 CONN-023 CONN-024 CONN-063 CONN-067 HS-001 HS-002 HS-004 HS-007 HS-042 HS-053 */
static void what_cannot_be_said_is_dropped_under_its_name_and_ends_in_time(void **state)
{
    (void)state;
    for (const row *r = rows; r < rows + sizeof rows / sizeof rows[0]; r++) {
        stage *s = stage_new(r->with);
        if (r->prepare != NULL) r->prepare(s);
        stage_connect(s);
        s->p->fate = r->fate;
        pair_run(s->p, s->p->now + 100 * TERN_SECOND);
        expect_end(r, s->p, PAIR_TO_CLIENT, r->client);
        expect_end(r, s->p, PAIR_TO_RELAY, r->relay);
        if (r->drop != NOBODY && s->p->dropped[r->at][r->drop] == 0)
            fail_msg("%s: nothing was dropped as %s", r->what, tern_drop_name((tern_drop)r->drop));
        if (r->prepare != used_ticket) assert_null(pair_event(s->p, PAIR_TO_RELAY, TERN_EVENT_CONNECTED));
        assert_int_equal(s->p->end[PAIR_TO_RELAY]->in_use, 0);
        stage_free(s);
    }
}

static void each_row_stands_in_the_chapter_and_no_other(void **state)
{
    (void)state;
    char *table = chapter_table("### Without a word\n"), line[300];
    for (const row *r = rows; r < rows + sizeof rows / sizeof rows[0]; r++) {
        const char *drop = r->drop == NOBODY ? "-" : tern_drop_name((tern_drop)r->drop);
        const char *who = r->drop == NOBODY ? "" : r->at == PAIR_TO_CLIENT ? "client: " : "relay: ";
        (void)snprintf(line, sizeof line, "\n| %s | %s%s | %s | %s |", r->what, who, drop, tern_error_name(r->client),
                       r->relay == TERN_OK ? "-" : tern_error_name(r->relay));
        chapter_expect(table, line);
    }
    assert_int_equal(chapter_rows(table), sizeof rows / sizeof rows[0]);
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_said_is_dropped_under_its_name_and_ends_in_time),
        cmocka_unit_test(each_row_stands_in_the_chapter_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
