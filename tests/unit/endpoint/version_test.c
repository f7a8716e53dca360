/* SPDX-License-Identifier: MIT */
/* What a relay tells who has nothing in common with it, and what a client makes of it (spec: connection 5). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static size_t version_of(pair *p, const tern_offer *offer, uint8_t out[TERN_VERSION_SIZE_MAX])
{
    tern_writer w = tern_writer_of((tern_buf){ out, TERN_VERSION_SIZE_MAX });
    tern_version_emit(&w, &pair_client(p)->local, &pair_client(p)->first_sid, offer);
    return w.n;
}

static const tern_event *closed(const pair *p)
{
    return pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED);
}

/*= CONN-065 CONN-067 HS-002 */
static void who_offers_no_suite_of_the_relays_is_told_which_it_takes(void **state)
{
    pair *p = pair_new(NULL);
    tern_handshake_config *relay = &p->end[PAIR_TO_RELAY]->handshake;
    (void)state;
    relay->suites[0] = TERN_SUITE_CHACHA20_POLY1305, relay->suites[1] = TERN_SUITE_PLAINTEXT, relay->suites_n = 2;
    pair_run(p, p->now + TERN_SECOND);
    assert_null(closed(p)); /* a better answer may come */
    pair_run(p, p->now + 3 * PAIR_DELAY);
    const tern_event *e = closed(p);
    assert_non_null(e);
    assert_int_equal(e->u.closed.error, TERN_HANDSHAKE_FAILURE);
    assert_false(e->u.closed.by_peer);
    assert_int_equal(e->u.closed.versions_n, 1);
    assert_true(e->u.closed.versions[0] == TERN_VERSION);
    assert_int_equal(e->u.closed.suites_n, 2);
    assert_true(e->u.closed.suites[0] == TERN_SUITE_CHACHA20_POLY1305 && e->u.closed.suites[1] == TERN_SUITE_PLAINTEXT);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 0);
    assert_true(p->dropped[PAIR_TO_RELAY][TERN_DROP_HELLO] > 0);
    pair_free(p);
}

static int as_version_2(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)size;
    if (way == PAIR_TO_RELAY && bytes[0] >> 4 == TERN_PACKET_SYN) bytes[4] = '2';
    return 1;
}

/*= CONN-065 WIRE-074 */
static void a_syn_of_another_version_is_answered_by_what_the_relay_speaks(void **state)
{
    static uint8_t out[65536];
    pair *p = pair_new(NULL);
    tern_header h;
    tern_offer offer;
    uint8_t syn[1200] = { 0x1f, 'T', 'R', 'N', '2', 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18 };
    (void)state;
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, syn, 1199), TERN_DROP_VERSION);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, syn, 1200), TERN_DROP_VERSION);
    tern_batch b = tern_endpoint_send(p->end[PAIR_TO_RELAY], p->now, (tern_buf){ out, sizeof out });
    assert_true(b.count == 1 && b.total < 64);
    assert_true(tern_addr_equal(&b.path.remote, &p->path[PAIR_TO_RELAY].remote));
    assert_int_equal(tern_header_parse(tern_bytes_of(out, b.total), &h), TERN_DROP_NONE);
    assert_memory_equal(h.to.b, syn + 13, 8);
    assert_memory_equal(h.from.b, syn + 5, 8);
    assert_true(tern_version_parse(tern_bytes_of(out, b.total), &offer));
    assert_true(offer.versions == 1 && offer.version[0] == TERN_VERSION && offer.suites == 1);
    /*= WIRE-073 */
    assert_int_equal(out[17], 2); /* one of the two is for greasing, and so is one of the suites */
    assert_int_equal(out[17 + 1 + 8], 2);
    assert_int_equal(tern_endpoint_send(p->end[PAIR_TO_RELAY], p->now, (tern_buf){ out, sizeof out }).count, 0);
    pair_free(p);
}

static void versions_after(pair *p, int syns, int *n, size_t *largest)
{
    static uint8_t out[65536];
    static const uint8_t syn[1200] = { 0x10, 9, 9, 9, 9 };
    tern_batch b;
    *n = 0;
    for (int i = 0; i < syns; i++) (void)pair_inject(p, PAIR_TO_RELAY, syn, sizeof syn);
    while ((b = tern_endpoint_send(p->end[PAIR_TO_RELAY], p->now, (tern_buf){ out, sizeof out })).count > 0) {
        assert_int_equal(out[0], 0x70);
        if (b.total > *largest) *largest = b.total;
        ++*n;
    }
}

/* VERSION answers no VERSION, nor anything but a SYN, is small, and there are not many. */
/*= CONN-066 */
static void attack_7_versions_are_small_and_few_and_answer_no_version(void **state)
{
    uint8_t bytes[1200] = { 0 };
    const tern_offer others = { { 7 }, { 7 }, 1, 1 };
    size_t largest = 0;
    int n;
    pair *p = pair_new(NULL);
    (void)state;
    versions_after(p, 1000, &n, &largest);
    assert_int_equal(n, 16);
    p->now += 50 * TERN_MS;
    versions_after(p, 1000, &n, &largest);
    assert_int_equal(n, 5);
    assert_true(largest > 0 && largest <= 64);
    p->now += TERN_SECOND;
    (void)version_of(p, &others, bytes);
    for (unsigned type = 0; type < 16; type++) { /* of another version, too */
        bytes[0] = (uint8_t)(type << 4);
        if (type != TERN_PACKET_SYN && type != TERN_PACKET_DATA)
            assert_int_not_equal(pair_inject(p, PAIR_TO_RELAY, bytes, sizeof bytes), TERN_DROP_NONE);
    }
    size_t size = version_of(p, &others, bytes);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, bytes, size), TERN_DROP_UNEXPECTED);
    versions_after(p, 0, &n, &largest);
    assert_int_equal(n, 0);
    pair_free(p);
}

/*= CONN-067 */
static void a_client_whose_version_nobody_speaks_ends_after_a_second(void **state)
{
    pair *p = pair_new(NULL);
    uint8_t bytes[TERN_VERSION_SIZE_MAX];
    const tern_offer others = { { 7, 8 }, { TERN_SUITE_AES_256_GCM }, 2, 1 };
    (void)state;
    p->fate = as_version_2; /* and the relay's own VERSION is nonsense to this client */
    size_t n = version_of(p, &others, bytes);
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, n), TERN_DROP_NONE);
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, n), TERN_DROP_UNEXPECTED);
    pair_run(p, p->now + TERN_SECOND - 1);
    assert_null(closed(p));
    pair_run(p, p->now + 2);
    assert_non_null(closed(p));
    assert_int_equal(closed(p)->u.closed.error, TERN_E_NO_VERSION);
    assert_true(closed(p)->u.closed.versions_n == 2 && closed(p)->u.closed.versions[1] == 8);
    pair_free(p);
}

/*= CONN-067 CONN-003 */
static void a_version_late_in_a_handshake_does_not_prolong_it(void **state)
{
    pair *p = pair_new(NULL);
    uint8_t bytes[TERN_VERSION_SIZE_MAX];
    const tern_offer others = { { 7 }, { 7 }, 1, 1 };
    tern_time begun = p->now;
    (void)state;
    p->fate = as_version_2;
    pair_run(p, begun + 9500 * TERN_MS);
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, version_of(p, &others, bytes)), TERN_DROP_NONE);
    pair_run(p, begun + 10 * TERN_SECOND);
    assert_non_null(closed(p));
    pair_free(p);
}

/*= CONN-067 CONN-003 */
static void a_version_is_forgotten_once_a_syn_ack_was_opened(void **state)
{
    pair *p = pair_new(NULL);
    uint8_t bytes[TERN_VERSION_SIZE_MAX];
    const tern_offer others = { { 7 }, { 7 }, 1, 1 };
    tern_time begun = p->now;
    (void)state;
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, version_of(p, &others, bytes)), TERN_DROP_NONE);
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
    pair_run(p, begun + 2 * PAIR_DELAY);
    assert_true(tern_hs(pair_client(p), &host)->have_keys);
    assert_int_equal(tern_hs(pair_client(p), &host)->refusal, TERN_OK);
    assert_null(tern_connection_offer(pair_client(p), host.pool));
    pair_free(p);
}

/*= CONN-067 */
static void what_a_client_speaks_itself_is_no_news(void **state)
{
    pair *p = pair_new(NULL);
    uint8_t bytes[TERN_VERSION_SIZE_MAX];
    const tern_offer same = { { 7, TERN_VERSION }, { TERN_SUITE_PLAINTEXT, TERN_SUITE_AES_256_GCM }, 2, 2 };
    (void)state;
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, version_of(p, &same, bytes)), TERN_DROP_UNEXPECTED);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_client(p)->confirmed);
    const tern_offer others = { { 7 }, { 7 }, 1, 1 }; /* nor is anything once there is a SYN_ACK */
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, version_of(p, &others, bytes)), TERN_DROP_UNEXPECTED);
    pair_free(p);
}

/*= CONN-067 */
static void attack_6_a_version_from_off_the_path_is_dropped(void **state)
{
    pair *p = pair_new(NULL);
    uint8_t bytes[TERN_VERSION_SIZE_MAX];
    const tern_offer others = { { 7 }, { 7 }, 1, 1 };
    (void)state;
    size_t n = version_of(p, &others, bytes);
    bytes[1] ^= 1;
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, n), TERN_DROP_UNKNOWN_CID);
    bytes[1] ^= 1, bytes[9] ^= 1;
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, n), TERN_DROP_UNKNOWN_CID);
    bytes[9] ^= 1, p->path[PAIR_TO_CLIENT].remote.port++;
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, n), TERN_DROP_PATH);
    p->path[PAIR_TO_CLIENT].remote.port--;
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, n - 1), TERN_DROP_SHORT);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_client(p)->confirmed);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_offers_no_suite_of_the_relays_is_told_which_it_takes),
        cmocka_unit_test(a_syn_of_another_version_is_answered_by_what_the_relay_speaks),
        cmocka_unit_test(attack_7_versions_are_small_and_few_and_answer_no_version),
        cmocka_unit_test(a_client_whose_version_nobody_speaks_ends_after_a_second),
        cmocka_unit_test(a_version_late_in_a_handshake_does_not_prolong_it),
        cmocka_unit_test(a_version_is_forgotten_once_a_syn_ack_was_opened),
        cmocka_unit_test(what_a_client_speaks_itself_is_no_news),
        cmocka_unit_test(attack_6_a_version_from_off_the_path_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
