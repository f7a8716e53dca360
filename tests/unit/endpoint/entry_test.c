/* SPDX-License-Identifier: MIT */
/* Who comes in: RETRY and its cookie, when they are asked for, and floods of strangers (spec: connection 5). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RETRY_SIZE 61

static uint32_t packets_of_type(const uint8_t *bytes, size_t size, tern_packet_type type)
{
    return size > 0 && bytes[0] >> 4 == (int)type ? 1 : 0;
}

typedef struct {
    uint32_t retries, retry_bytes, syns;
    uint64_t lose; /* 2n + way: which datagram is lost; UINT64_MAX for none */
    int copies;    /* of each RETRY */
    uint8_t retry[64], syn[2][1500];
} watched;

static int watch(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    watched *w = p->owner;
    uint32_t retry = packets_of_type(bytes, *size, TERN_PACKET_RETRY);
    w->retries += retry;
    if (retry > 0) w->retry_bytes = (uint32_t)*size;
    if (retry > 0) memcpy(w->retry, bytes, *size < sizeof w->retry ? *size : sizeof w->retry);
    if (packets_of_type(bytes, *size, TERN_PACKET_SYN) > 0) memcpy(w->syn[w->syns++ > 0], bytes, *size);
    if (w->lose != UINT64_MAX && n == w->lose / 2 && way == (pair_way)(w->lose % 2)) return 0;
    return retry > 0 && w->copies > 0 ? w->copies : 1;
}

static pair *asked(watched *w)
{
    pair *p = pair_new(NULL);
    *w = (watched){ .lose = UINT64_MAX };
    tern_endpoint_strangers(p->end[PAIR_TO_RELAY])->entry.always = true;
    p->fate = watch;
    p->owner = w;
    return p;
}

/*= CONN-060 CONN-062 */
static void who_is_asked_is_connected_one_round_trip_later(void **state)
{
    watched w;
    pair *p = asked(&w);
    (void)state;
    pair_run(p, p->now + 2 * PAIR_DELAY);
    assert_null(pair_relay(p)); /* nothing is kept of the first SYN */
    assert_int_equal(w.retries, 1);
    assert_int_equal(w.retry_bytes, RETRY_SIZE);
    pair_run(p, p->now + PAIR_DELAY);
    assert_non_null(pair_relay(p));
    assert_true(pair_relay(p)->address_validated); /* before any ACK */
    pair_run(p, p->now + PAIR_DELAY);
    const tern_event *e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CONNECTED);
    assert_non_null(e);
    assert_true(e->u.connected.handshake_ns == 4 * PAIR_DELAY);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_client(p)->confirmed && pair_relay(p)->confirmed);
    assert_int_equal(w.syns, 2);
    assert_int_equal(p->dropped[PAIR_TO_RELAY][TERN_DROP_RETRY], 1);
    assert_int_equal(pair_client(p)->packets_lost, 0);
    assert_true(pair_client(p)->recovery.rtt.min_ns == 2 * PAIR_DELAY); /* of SYN and RETRY */
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    pair_free(p);
}

/*= CONN-062 CONN-061 WIRE-005 */
static void the_second_syn_is_the_first_one_but_for_the_cookie(void **state)
{
    watched w;
    pair *p = asked(&w);
    tern_syn syn[2];
    uint8_t hash[2][32];
    (void)state;
    pair_run(p, p->now + 3 * PAIR_DELAY);
    assert_int_equal(w.syns, 2);
    for (int i = 0; i < 2; i++) {
        tern_header h;
        tern_buf datagram = { w.syn[i], TERN_DATAGRAM_MIN };
        assert_int_equal(tern_header_parse(tern_bytes_of(datagram.p, datagram.n), &h), TERN_DROP_NONE);
        assert_int_equal(tern_connection_open_syn(&h, datagram, &syn[i]), TERN_DROP_NONE);
        tern_cookie_hello_hash(syn[i].message, hash[i]);
    }
    assert_int_equal(syn[0].hello.cookie.n, 0);
    assert_int_equal(syn[1].hello.cookie.n, TERN_COOKIE_SIZE);
    assert_int_equal(syn[1].message.n, syn[0].message.n + TERN_TLV_HEADER + TERN_COOKIE_SIZE);
    assert_memory_equal(hash[0], hash[1], 32);
    assert_memory_equal(syn[0].header.from.b, syn[1].header.from.b, TERN_CID_SIZE);
    assert_memory_not_equal(syn[0].header.to.b, syn[1].header.to.b, TERN_CID_SIZE);
    assert_true(syn[1].pn == syn[0].pn + 1);
    pair_free(p);
}

/*= CONN-062 */
static void each_lost_packet_on_the_way_in_is_made_good(void **state)
{
    (void)state;
    for (uint64_t which = 0; which < 12; which++) {
        watched w;
        pair *p = asked(&w);
        w.lose = which;
        pair_run(p, p->now + 5 * TERN_SECOND);
        assert_true(pair_client(p)->confirmed);
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
        pair_run(p, p->now + TERN_SECOND);
        assert_int_equal(p->messages_count, 1);
        pair_free(p);
    }
}

/*= CONN-062 */
static void a_client_takes_one_retry_and_no_more(void **state)
{
    watched w;
    pair *p = asked(&w);
    (void)state;
    w.copies = 3;
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_client(p)->confirmed);
    assert_int_equal(w.syns, 2);
    assert_int_equal(p->dropped[PAIR_TO_CLIENT][TERN_DROP_UNEXPECTED], 2);
    pair_free(p);
}

/*= CONN-062 */
static void no_retry_is_taken_once_a_syn_ack_was_opened(void **state)
{
    pair *p = pair_new(NULL);
    uint8_t retry[64];
    tern_writer w = tern_writer_of((tern_buf){ retry, sizeof retry });
    (void)state;
    tern_retry_emit(&w, &pair_client(p)->local, &pair_client(p)->first_sid, &(const tern_cid){ { 1 } },
                    tern_bytes_of("biscuit", 7));
    pair_run(p, p->now + 2 * PAIR_DELAY);
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, retry, w.n), TERN_DROP_UNEXPECTED);
    pair_run(p, p->now + TERN_SECOND);
    assert_true(pair_client(p)->confirmed);
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, retry, w.n), TERN_DROP_UNEXPECTED);
    pair_free(p);
}

static int nothing_arrives(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)way, (void)n, (void)bytes, (void)size;
    return 0;
}

/*= CONN-062 WIRE-071 */
static void attack_6_a_forged_retry_from_off_the_path_changes_nothing(void **state)
{
    pair *p = pair_new(NULL);
    uint8_t retry[64];
    (void)state;
    p->fate = nothing_arrives;
    pair_run(p, p->now + PAIR_DELAY);
    const tern_connection *c = pair_client(p);
    const tern_cid guess = { { 9 } };
    for (int i = 0; i < 4; i++) {
        tern_writer w = tern_writer_of((tern_buf){ retry, sizeof retry });
        tern_retry_emit(&w, i == 1 ? &guess : &c->local, i == 0 ? &guess : &c->first_sid, &guess,
                        tern_bytes_of("biscuit", 7));
        if (i == 2) p->path[PAIR_TO_CLIENT].remote.port++;
        if (i == 3) retry[4] ^= 1;
        static const int due[] = { TERN_DROP_AEAD, TERN_DROP_UNKNOWN_CID, TERN_DROP_PATH, TERN_DROP_VERSION };
        assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, retry, w.n), due[i]);
        if (i == 2) p->path[PAIR_TO_CLIENT].remote.port--;
        assert_false(tern_cid_equal(&c->first_sid, &guess));
    }
    p->fate = NULL;
    pair_run(p, p->now + 3 * TERN_SECOND);
    assert_true(pair_client(p)->confirmed);
    pair_free(p);
}

/* A RETRY answers nothing but a SYN: no RETRY, at either end, nor anything else. */
/*= CONN-060 */
static void attack_7_a_retry_answers_nothing_but_a_syn(void **state)
{
    static uint8_t out[65536];
    watched w;
    pair *p = asked(&w);
    uint8_t datagram[TERN_DATAGRAM_MIN] = { 0 };
    (void)state;
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, w.retry, RETRY_SIZE), TERN_DROP_UNEXPECTED);
    for (unsigned type = 0; type < 16; type++) {
        datagram[0] = (uint8_t)(type << 4);
        memcpy(datagram + 1, "TRN1", 4);
        if (type != TERN_PACKET_DATA) (void)pair_inject(p, PAIR_TO_RELAY, datagram, sizeof datagram);
    }
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, w.syn[0], 1199), TERN_DROP_SYN_SIZE);
    tern_batch b = tern_endpoint_send(p->end[PAIR_TO_RELAY], p->now, (tern_buf){ out, sizeof out });
    assert_int_equal(b.count, 0);
    pair_free(p);
}

/*= CONN-061 CONN-063 */
static void attack_6_a_cookie_is_no_good_to_others_nor_later(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        watched w;
        pair *p = asked(&w);
        uint8_t syn[1500];
        pair_run(p, p->now + 2 * PAIR_DELAY);
        assert_int_equal(w.syns, 2); /* the second is on its way */
        memcpy(syn, w.syn[1], sizeof syn);
        if (i == 0) p->path[PAIR_TO_RELAY].remote.port++;
        if (i == 1) p->path[PAIR_TO_RELAY].remote.ip[3]++;
        if (i == 2) p->now += 10 * TERN_SECOND + TERN_MS;
        assert_int_equal(pair_inject(p, PAIR_TO_RELAY, syn, TERN_DATAGRAM_MIN), TERN_DROP_COOKIE);
        assert_null(pair_relay(p));
        pair_free(p);
    }
}

/* The client's SYN with another parameter at the end of CLIENT_HELLO. */
static size_t syn_with(const pair *p, tern_bytes parameter, uint8_t out[1500])
{
    const tern_connection *c = &tern_endpoint_slot(p->end[PAIR_TO_CLIENT], 0)->connection;
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
    uint8_t hello[TERN_CLIENT_HELLO_MAX];
    size_t n = tern_hs(c, &host)->hello_bytes;
    tern_packet_keys keys;
    tern_send_buffer_copy(&tern_crypto(c, &host)->out, host.pool, (tern_range){ 0, n }, hello);
    memcpy(hello + n, parameter.p, parameter.n);
    n += parameter.n;
    hello[2] = (uint8_t)((n - TERN_TLV_HEADER) >> 8);
    hello[3] = (uint8_t)(n - TERN_TLV_HEADER);
    tern_header h = { .type = TERN_PACKET_SYN, .version = TERN_VERSION, .to = c->first_sid, .from = c->local };
    tern_writer w = tern_writer_of((tern_buf){ out, TERN_DATAGRAM_MIN - TERN_TAG_SIZE });
    tern_header_emit(&w, &h, 0);
    tern_write_u32(&w, 0);
    tern_frame_emit_crypto(&w, &(tern_frame_crypto){ 0, tern_bytes_of(hello, n) });
    tern_frame_emit_padding(&w, tern_writer_left(&w));
    tern_packet_keys_syn(&keys, &c->first_sid);
    return tern_packet_seal(&keys, 0, out, tern_header_size(TERN_PACKET_SYN), w.n);
}

/*= CONN-063 */
static void attack_12_a_cookie_that_nobody_gave_is_refused_also_when_none_is_asked_for(void **state)
{
    static const uint8_t cookie[4 + TERN_COOKIE_SIZE] = { 0, 0x17, 0, TERN_COOKIE_SIZE, 1, 2, 3 };
    static const uint8_t empty[4] = { 0, 0x17, 0, 0 };
    pair *p = pair_new(NULL);
    uint8_t syn[1500];
    (void)state;
    size_t n = syn_with(p, tern_bytes_of(cookie, sizeof cookie), syn);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, syn, n), TERN_DROP_COOKIE);
    n = syn_with(p, tern_bytes_of(empty, sizeof empty), syn);
    assert_int_equal(pair_inject(p, PAIR_TO_RELAY, syn, n), TERN_DROP_HELLO);
    assert_null(pair_relay(p));
    pair_free(p);
}

static size_t block_size(const tern_endpoint *ep)
{
    return ((sizeof *ep + 15) & ~(size_t)15) + tern_endpoint_area(&ep->config);
}

/* What SYNs change in a relay that asks for cookies: counters, and RETRYs that have left. */
static void forget_counts(tern_endpoint *ep)
{
    memset(&ep->stats, 0, sizeof ep->stats);
    memset(&tern_endpoint_strangers(ep)->entry, 0, sizeof(tern_entry));
}

/* Nothing else than counters changes in the relay's whole memory: no connection, no page, no route; and since no random
 * byte was drawn, no share and no key was made. */
/*= CONN-060 */
static void attack_6_a_spoofed_flood_makes_no_state_and_costs_no_public_key_operation(void **state)
{
    static uint8_t out[65536];
    watched w;
    pair *p = asked(&w);
    tern_endpoint *ep = p->end[PAIR_TO_RELAY];
    uint8_t syn[2048];
    size_t size = block_size(ep), sent = 0, received = 0;
    tern_endpoint *before = malloc(size), *after = malloc(size);
    (void)state;
    assert_true(before != NULL && after != NULL);
    memcpy(before, ep, size);
    for (int i = 0; i < 2000; i++) {
        size_t n = pair_foreign_syn(p, (uint8_t)i, syn);
        p->path[PAIR_TO_RELAY].remote.port = (uint16_t)(1000 + i);
        assert_int_equal(pair_inject(p, PAIR_TO_RELAY, syn, n), TERN_DROP_RETRY);
        received += n;
        if (i % 100 > 0) continue;
        tern_batch b;
        while ((b = tern_endpoint_send(ep, p->now, (tern_buf){ out, sizeof out })).count > 0) sent += b.total;
    }
    assert_true(sent > 0 && sent * 3 < received);
    memcpy(after, ep, size);
    forget_counts(before);
    forget_counts(after);
    assert_memory_equal(before, after, size);
    free(before);
    free(after);
    pair_free(p);
}

/*= CONN-060 */
static void retries_that_wait_are_bounded(void **state)
{
    static uint8_t out[65536];
    watched w;
    pair *p = asked(&w);
    uint8_t syn[2048];
    int n = 0;
    (void)state;
    for (int i = 0; i < 200; i++) (void)pair_inject(p, PAIR_TO_RELAY, syn, pair_foreign_syn(p, (uint8_t)i, syn));
    while (tern_endpoint_send(p->end[PAIR_TO_RELAY], p->now, (tern_buf){ out, sizeof out }).count > 0) n++;
    assert_int_equal(n, 64);
    pair_free(p);
}

/* By default, then, a flood of SYNs from nowhere fills a quarter of the seats; who is real comes in. */
/*= CONN-064 */
static void attack_6_an_honest_client_comes_in_during_a_flood(void **state)
{
    pair *p = pair_new(NULL);
    const uint16_t port = p->path[PAIR_TO_RELAY].remote.port;
    uint8_t syn[2048];
    (void)state;
    for (int i = 0; i < 250; i++) {
        size_t n = pair_foreign_syn(p, (uint8_t)i, syn);
        p->path[PAIR_TO_RELAY].remote.port = (uint16_t)(1000 + i);
        (void)pair_inject(p, PAIR_TO_RELAY, syn, n);
        p->path[PAIR_TO_RELAY].remote.port = port;
        if (i >= 10) pair_run(p, p->now + TERN_MS);
    }
    assert_true(pair_client(p)->confirmed);
    assert_int_equal(p->end[PAIR_TO_RELAY]->half_open, 3); /* of eight: one more than a quarter */
    assert_true(p->dropped[PAIR_TO_RELAY][TERN_DROP_RETRY] >= 240);
    pair_run(p, p->now + 15 * TERN_SECOND);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 1);
    pair_free(p);
}

/*= CONN-064 */
static void so_many_syns_a_second_are_taken_at_ease(void **state)
{
    static uint8_t out[65536];
    pair_options options = pair_defaults();
    options.max_connections = 256;
    pair *p = pair_new(&options);
    tern_endpoint *ep = p->end[PAIR_TO_RELAY];
    uint8_t syn[2048];
    int taken[2] = { 0 };
    (void)state;
    tern_entry_init(&tern_endpoint_strangers(ep)->entry, (const uint8_t[32]){ 1 }, false, 10);
    for (int i = 0; i < 60; i++) {
        if (i == 30) p->now += TERN_SECOND / 2;
        size_t n = pair_foreign_syn(p, (uint8_t)i, syn);
        p->path[PAIR_TO_RELAY].remote.port++;
        taken[i / 30] += pair_inject(p, PAIR_TO_RELAY, syn, n) == TERN_DROP_NONE;
        while (tern_endpoint_send(ep, p->now, (tern_buf){ out, sizeof out }).count > 0) continue;
    }
    assert_int_equal(taken[0], 10);
    assert_int_equal(taken[1], 5);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_asked_is_connected_one_round_trip_later),
        cmocka_unit_test(the_second_syn_is_the_first_one_but_for_the_cookie),
        cmocka_unit_test(each_lost_packet_on_the_way_in_is_made_good),
        cmocka_unit_test(a_client_takes_one_retry_and_no_more),
        cmocka_unit_test(no_retry_is_taken_once_a_syn_ack_was_opened),
        cmocka_unit_test(attack_6_a_forged_retry_from_off_the_path_changes_nothing),
        cmocka_unit_test(attack_7_a_retry_answers_nothing_but_a_syn),
        cmocka_unit_test(attack_6_a_cookie_is_no_good_to_others_nor_later),
        cmocka_unit_test(attack_12_a_cookie_that_nobody_gave_is_refused_also_when_none_is_asked_for),
        cmocka_unit_test(attack_6_a_spoofed_flood_makes_no_state_and_costs_no_public_key_operation),
        cmocka_unit_test(retries_that_wait_are_bounded),
        cmocka_unit_test(attack_6_an_honest_client_comes_in_during_a_flood),
        cmocka_unit_test(so_many_syns_a_second_are_taken_at_ease),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
