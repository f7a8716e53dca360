/* SPDX-License-Identifier: MIT */
/* Attacks that have broken real stacks, tried against both ends. The number is that of the list of attacks which each
 * comes from: 1 false acknowledgements, 4 reassembly, 5 lengths, 7 amplification and loops, 10 replay, 12 states,
 * 13 parsers, 15 slow peers. */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t frames[2048];
static tern_writer out;

static void begin(void)
{
    out = tern_writer_of((tern_buf){ frames, sizeof frames });
}

static int send_frames(pair *p, pair_way to)
{
    return pair_frames(p, to, TERN_PACKET_DATA, frames, out.n);
}

static void put_fragment(uint64_t position, const void *bytes, size_t n)
{
    tern_frame_emit_fragment(&out, &(tern_frame_fragment){ position, tern_bytes_of(bytes, n) });
}

static void put_ack(uint64_t from, uint64_t to)
{
    const tern_range range = { from, to };
    tern_frame_ack f = { .largest = to - 1, .ranges = { &range, 1 } };
    tern_frame_emit_ack(&out, &f);
}

/* Seals what was put with a number of the attacker's choice, without telling the sender's own records. */
static int send_numbered(pair *p, pair_way to, tern_packet_type type, const tern_packet_keys *keys, uint64_t pn)
{
    uint8_t packet[2048 + 64];
    tern_connection *c = to == PAIR_TO_RELAY ? pair_client(p) : pair_relay(p);
    tern_header h = { .type = type, .version = TERN_VERSION, .to = *tern_ids_current(&c->ids), .from = c->local };
    if (type == TERN_PACKET_SYN) h.to = c->first_sid;
    tern_writer w = tern_writer_of((tern_buf){ packet, sizeof packet - TERN_TAG_SIZE });
    tern_header_emit(&w, &h, 0);
    tern_write_u32(&w, (uint32_t)pn);
    tern_write_bytes(&w, tern_written(&out));
    if (type == TERN_PACKET_SYN && w.n < TERN_DATAGRAM_MIN - TERN_TAG_SIZE)
        tern_frame_emit_padding(&w, TERN_DATAGRAM_MIN - TERN_TAG_SIZE - w.n);
    assert_true(tern_writer_ok(&w));
    return pair_inject(p, to, packet, tern_packet_seal(keys, pn, packet, tern_header_size(type), w.n));
}

static uint64_t next_pn(const tern_connection *c)
{
    return c->recovery.sent.next_pn;
}

/* ---- 1: false acknowledgements ---------------------------------------------------------------------------------- */

/*= REC-002 REC-003 */
static void numbers_filled_in_below_what_an_ack_let_us_forget_do_no_harm(void **state)
{
    pair *p = pair_established(NULL);
    uint8_t sent[4096];
    (void)state;
    uint64_t base = next_pn(pair_client(p));
    begin();
    tern_frame_emit_keep_alive(&out);
    assert_int_equal(send_numbered(p, PAIR_TO_RELAY, TERN_PACKET_DATA, &pair_client(p)->send_keys, base + 10),
                     TERN_DROP_NONE);
    tern_batch b = tern_endpoint_send(p->end[PAIR_TO_RELAY], p->now, (tern_buf){ sent, sizeof sent });
    assert_int_equal(b.count, 1);
    /* A number left out before now carries the acknowledgement of the very ACK that named the later one. */
    begin();
    put_ack(next_pn(pair_relay(p)) - 1, next_pn(pair_relay(p)));
    tern_frame_emit_keep_alive(&out);
    for (int copy = 0; copy < 2; copy++)
        assert_int_equal(send_numbered(p, PAIR_TO_RELAY, TERN_PACKET_DATA, &pair_client(p)->send_keys, base + 5),
                         copy == 0 ? TERN_DROP_NONE : TERN_DROP_DUPLICATE);
    assert_true(tern_connection_is_open(pair_relay(p)));
    pair_free(p);
}

/*= REC-003 */
static void an_ack_of_the_next_number_closes_the_connection(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    begin();
    put_ack(0, next_pn(pair_relay(p)) + 1);
    assert_int_equal(send_frames(p, PAIR_TO_RELAY), TERN_DROP_MALFORMED);
    assert_int_equal(pair_relay(p)->close_error, TERN_PROTOCOL_VIOLATION);
    pair_free(p);
}

/*= REC-031 */
static void the_same_ack_a_thousand_times_opens_no_window(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    const tern_congestion *cc = &pair_relay(p)->recovery.congestion;
    begin();
    put_ack(0, next_pn(pair_relay(p)));
    assert_int_equal(send_frames(p, PAIR_TO_RELAY), TERN_DROP_NONE);
    uint64_t window = cc->cwnd_bytes;
    for (int i = 0; i < 1000; i++) assert_int_equal(send_frames(p, PAIR_TO_RELAY), TERN_DROP_NONE);
    assert_true(cc->cwnd_bytes == window && cc->in_flight_bytes == 0);
    pair_free(p);
}

/* ---- 4 and 5: reassembly and lengths ---------------------------------------------------------------------------- */

/*= XFER-013 XFER-023 REC-002 */
static void thousands_of_gaps_take_bounded_memory_and_the_message_still_arrives(void **state)
{
    pair *p = pair_established(NULL);
    static uint8_t body[200000];
    (void)state;
    const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    uint32_t free_before = pool->free;
    memset(body, 'm', sizeof body);
    for (uint64_t i = 0; i < 3000; i++) {
        uint8_t byte = 'm';
        begin();
        put_fragment(4 + 2 * i, &byte, 1);
        (void)send_frames(p, PAIR_TO_RELAY);
    }
    assert_int_equal(p->dropped[PAIR_TO_RELAY][TERN_DROP_NO_MEMORY], 3000 - TERN_RANGES_MAX);
    assert_true(free_before - pool->free <= 4 + TERN_RANGES_LEAVES);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, body, sizeof body), TERN_OK);
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    assert_memory_equal(p->messages, body, sizeof body);
    pair_free(p);
}

/*= XFER-013 */
static void what_contradicts_the_first_copy_changes_nothing(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    begin();
    put_fragment(2, "\0\4ab", 4); /* the end of the length, and half the body */
    assert_int_equal(send_frames(p, PAIR_TO_RELAY), TERN_DROP_NONE);
    begin();
    put_fragment(0, "\0\0\xff\xffXYcd", 8);
    assert_int_equal(send_frames(p, PAIR_TO_RELAY), TERN_DROP_NONE);
    pair_run(p, p->now + TERN_MS);
    assert_int_equal(p->messages_n, 4);
    assert_memory_equal(p->messages, "abcd", 4);
    pair_free(p);
}

static int on_fresh_relay(int *error)
{
    pair *p = pair_established(NULL);
    int drop = send_frames(p, PAIR_TO_RELAY);
    *error = (int)pair_relay(p)->close_error;
    pair_free(p);
    return drop;
}

/*= WIRE-024 XFER-011 XFER-020 */
static void lengths_that_add_past_the_end_are_refused(void **state)
{
    static const uint64_t offsets[] = { UINT64_MAX, UINT64_MAX - 1, (UINT64_C(1) << 62) - 1, UINT64_C(1) << 62,
                                        UINT64_C(1) << 63 };
    int error;
    (void)state;
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        begin();
        put_fragment(offsets[i], "ab", 2);
        assert_int_equal(on_fresh_relay(&error), TERN_DROP_MALFORMED);
        assert_int_equal(error, TERN_FRAME_ENCODING_ERROR);
        begin();
        tern_frame_emit_stream(&out, &(tern_frame_stream){ 0, true, offsets[i], tern_bytes_of("ab", 2) });
        assert_int_equal(on_fresh_relay(&error), TERN_DROP_MALFORMED);
        assert_int_equal(error, TERN_FRAME_ENCODING_ERROR);
        begin();
        tern_frame_emit_reset_stream(&out, &(tern_frame_reset_stream){ 0, 1, offsets[i] });
        assert_int_equal(on_fresh_relay(&error), TERN_DROP_MALFORMED);
        assert_int_equal(error, TERN_FLOW_CONTROL_ERROR);
    }
    begin();
    put_fragment(0, "\xff\xff\xff\xff", 4);
    assert_int_equal(on_fresh_relay(&error), TERN_DROP_MALFORMED);
    assert_int_equal(error, TERN_MESSAGE_TOO_LARGE);
}

/*= XFER-022 */
static void a_message_that_the_last_limit_cuts_off_gets_credit(void **state)
{
    pair *p = pair_established(NULL); /* a window of one largest message */
    static uint8_t largest[1 << 20];
    (void)state;
    for (size_t small = 1; small <= 3; small++) {
        p->messages_n = p->messages_count = 0;
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, "abc", small), TERN_OK);
        pair_run(p, p->now + TERN_SECOND);
        assert_int_equal(p->messages_count, 1);
        p->messages_n = p->messages_count = 0;
        assert_int_equal(pair_message(p, PAIR_TO_RELAY, largest, sizeof largest), TERN_OK);
        pair_run(p, p->now + 60 * TERN_SECOND);
        assert_int_equal(p->messages_count, 1);
    }
    pair_free(p);
}

/* ---- 7: amplification and loops --------------------------------------------------------------------------------- */

static int echo(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)n;
    (void)pair_inject(p, (pair_way)!way, bytes, *size); /* what an end sends comes back to it */
    return 1;
}

/*= WIRE-012 CONN-001 */
static void an_echo_of_our_own_packets_goes_quiet(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = echo;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "hello", 5), TERN_OK);
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    assert_true(pair_client(p)->confirmed && pair_relay(p)->confirmed);
    assert_true(p->sent[PAIR_TO_RELAY] < 12 && p->sent[PAIR_TO_CLIENT] < 12);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 1);
    pair_free(p);
}

static int only_to_relay(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)bytes, (void)size;
    return way == PAIR_TO_RELAY ? 1 : 0;
}

/*= CONN-010 CONN-021 CONN-023 */
static void a_handshake_that_fails_unproven_still_says_why_within_the_limit(void **state)
{
    pair *p = pair_new(NULL);
    char words[TERN_CLOSE_REASON_MAX + 1];
    (void)state;
    memset(words, 'w', sizeof words);
    words[TERN_CLOSE_REASON_MAX] = 0;
    p->fate = only_to_relay;
    pair_run(p, p->now + 20 * TERN_MS);
    tern_connection *c = pair_relay(p);
    assert_non_null(c);
    c->path_sent = 3 * c->path_received - 150; /* nearly all that an unproven address may get */
    uint64_t before = p->sent[PAIR_TO_CLIENT];
    tern_endpoint_close(p->end[PAIR_TO_RELAY], p->now, pair_relay_peer(p), TERN_GOING_AWAY, words);
    pair_run(p, p->now + TERN_MS);
    assert_true(p->sent[PAIR_TO_CLIENT] == before + 1);
    assert_true(c->path_sent <= 3 * c->path_received);
    pair_free(p);
}

/* ---- 10: replay ------------------------------------------------------------------------------------------------- */

typedef struct {
    size_t n;
    uint8_t bytes[2048];
} kept_datagram;

static kept_datagram kept[64];
static size_t kept_n;

static int keep_a_copy(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n;
    if (way != PAIR_TO_RELAY || kept_n == sizeof kept / sizeof kept[0]) return 1;
    kept[kept_n].n = *size;
    memcpy(kept[kept_n++].bytes, bytes, *size);
    return 1;
}

/*= CONN-002 WIRE-013 XFER-010 */
static void everything_replayed_later_changes_nothing(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    kept_n = 0;
    p->fate = keep_a_copy;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "once", 4), TERN_OK);
    pair_run(p, p->now + 2 * TERN_SECOND);
    assert_true(kept_n >= 3);
    for (size_t i = 0; i < kept_n; i++)
        assert_true(pair_inject(p, PAIR_TO_RELAY, kept[i].bytes, kept[i].n) != TERN_DROP_NONE);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 1);
    assert_int_equal(p->end[PAIR_TO_RELAY]->half_open, 0);
    assert_int_equal(p->messages_count, 1);
    /* ... and while the connection closes: its SYN opens no new one. */
    tern_endpoint_close(p->end[PAIR_TO_RELAY], p->now, pair_relay_peer(p), TERN_GOING_AWAY, "");
    for (size_t i = 0; i < kept_n; i++)
        assert_int_equal(pair_inject(p, PAIR_TO_RELAY, kept[i].bytes, kept[i].n), TERN_DROP_CLOSED);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 1);
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 0);
    pair_free(p);
}

/* The client's hello, as everybody on the path has seen it. */
static void put_its_hello(pair *p)
{
    tern_connection *c = pair_client(p);
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
    uint8_t hello[TERN_CLIENT_HELLO_MAX];
    size_t n = tern_hs(c, &host)->hello_bytes;
    tern_send_buffer_copy(&tern_crypto(c, &host)->out, host.pool, (tern_range){ 0, n }, hello);
    tern_frame_emit_crypto(&out, &(tern_frame_crypto){ 0, tern_bytes_of(hello, n) });
}

static void finish_in_spite_of(pair *p)
{
    assert_true(tern_connection_is_open(pair_relay(p)));
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_true(pair_client(p)->confirmed && pair_relay(p)->confirmed);
    pair_free(p);
}

static pair *relay_has_answered(tern_packet_keys *syn)
{
    pair *p = pair_new(NULL);
    pair_run(p, p->now + PAIR_DELAY + 1);
    assert_non_null(pair_relay(p));
    tern_packet_keys_syn(syn, &pair_client(p)->first_sid);
    return p;
}

/*= CONN-002 WIRE-005 */
static void a_forged_syn_of_a_far_number_locks_nobody_out(void **state)
{
    static const uint64_t far[] = { 0x7fffffff, 0x7ffffffe, 1000, 0x40000000 };
    tern_packet_keys syn;
    (void)state;
    pair *p = relay_has_answered(&syn);
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        begin();
        put_its_hello(p);
        assert_int_equal(send_numbered(p, PAIR_TO_RELAY, TERN_PACKET_SYN, &syn, far[i]), TERN_DROP_UNEXPECTED);
    }
    finish_in_spite_of(p);
}

/*= CONN-002 HS-001 */
static void a_forged_syn_neither_closes_nor_poisons_the_handshake(void **state)
{
    uint8_t junk[36] = { 1, 6, 0, 32 }; /* a FINISHED in the place where the client's will stand */
    tern_packet_keys syn;
    (void)state;
    pair *p = relay_has_answered(&syn);
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_CLIENT], p->now);
    uint32_t end = tern_hs(pair_client(p), &host)->hello_bytes;
    begin(); /* another hello */
    tern_frame_emit_crypto(&out, &(tern_frame_crypto){ 0, tern_bytes_of(junk, sizeof junk) });
    assert_int_equal(send_numbered(p, PAIR_TO_RELAY, TERN_PACKET_SYN, &syn, 1), TERN_DROP_HELLO);
    begin(); /* what follows it */
    tern_frame_emit_crypto(&out, &(tern_frame_crypto){ end, tern_bytes_of(junk, sizeof junk) });
    assert_int_equal(send_numbered(p, PAIR_TO_RELAY, TERN_PACKET_SYN, &syn, 1), TERN_DROP_HELLO);
    begin(); /* a frame that no SYN may carry */
    put_its_hello(p);
    tern_frame_emit_close(&out, &(tern_frame_close){ 0, { NULL, 0 } });
    assert_int_equal(send_numbered(p, PAIR_TO_RELAY, TERN_PACKET_SYN, &syn, 1), TERN_DROP_HELLO);
    finish_in_spite_of(p);
}

/* ---- 12: messages of one state in another ----------------------------------------------------------------------- */

/*= CONN-001 WIRE-022 HS-032 */
static void a_packet_of_another_state_is_refused_and_counted(void **state)
{
    pair *p = pair_established(NULL);
    uint8_t datagram[TERN_DATAGRAM_MIN];
    (void)state;
    for (tern_packet_type type = 0; type < 16; type++) {
        for (int to = 0; to < 2; to++) {
            tern_connection *c = to == PAIR_TO_RELAY ? pair_client(p) : pair_relay(p);
            tern_header h = {
                .type = type, .version = TERN_VERSION, .to = *tern_ids_current(&c->ids), .from = c->local
            };
            tern_writer w = tern_writer_of((tern_buf){ datagram, sizeof datagram });
            memset(datagram, 0, sizeof datagram);
            if (tern_header_size(type) != 0)
                tern_header_emit(&w, &h, 0);
            else
                datagram[0] = (uint8_t)(type << 4);
            assert_true(pair_inject(p, (pair_way)to, datagram, sizeof datagram) != TERN_DROP_NONE);
        }
    }
    assert_true(tern_connection_is_open(pair_client(p)) && tern_connection_is_open(pair_relay(p)));
    assert_int_equal(p->end[PAIR_TO_RELAY]->in_use, 1);
    begin();
    tern_frame_emit_crypto(&out, &(tern_frame_crypto){ 0, tern_bytes_of("x", 1) });
    assert_int_equal(send_frames(p, PAIR_TO_CLIENT), TERN_DROP_MALFORMED); /* no DATA packet carries CRYPTO */
    assert_int_equal(pair_client(p)->close_error, TERN_PROTOCOL_VIOLATION);
    pair_free(p);
}

static pair *client_is_proven(void)
{
    pair *p = pair_new(NULL);
    pair_run(p, p->now + 2 * PAIR_DELAY + 1); /* the client has the relay's flight, its ACK is under way */
    assert_true(pair_client(p)->proven && !pair_relay(p)->proven);
    return p;
}

/*= HS-005 */
static void crypto_past_the_end_closes_the_connection(void **state)
{
    static const uint32_t offsets[] = { TERN_FLIGHT_MAX, UINT32_MAX, UINT32_MAX - 1, TERN_FLIGHT_MAX - 1 };
    (void)state;
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        pair *p = client_is_proven();
        begin();
        tern_frame_emit_crypto(&out, &(tern_frame_crypto){ offsets[i], tern_bytes_of("xy", 2) });
        assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_ACK, frames, out.n), TERN_DROP_MALFORMED);
        assert_int_equal(pair_relay(p)->close_error, TERN_CRYPTO_BUFFER_EXCEEDED);
        pair_free(p);
    }
}

/*= HS-031 CONN-003 */
static void packets_without_finished_prove_nobody(void **state)
{
    pair *p = client_is_proven();
    (void)state;
    p->fate = only_to_relay;
    while (p->on_wire > 0) free(p->wire[--p->on_wire].bytes);
    for (int i = 0; i < 50; i++) {
        begin();
        if (i % 2 == 0)
            tern_frame_emit_padding(&out, 4);
        else
            put_ack(0, next_pn(pair_relay(p)));
        assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_ACK, frames, out.n), TERN_DROP_NONE);
    }
    assert_false(pair_relay(p)->proven);
    assert_int_equal(p->end[PAIR_TO_RELAY]->half_open, 1);
    pair_free(p);
}

/* ---- 13: parsers ------------------------------------------------------------------------------------------------ */

/*= WIRE-001 WIRE-012 WIRE-020 */
static void cut_and_random_datagrams_are_dropped_with_a_reason(void **state)
{
    pair *p = pair_established(NULL);
    uint8_t junk[1500], seed[TERN_SEED_SIZE] = { 13 };
    tern_drbg drbg;
    (void)state;
    tern_drbg_init(&drbg, seed, tern_bytes_of("junk", 4));
    for (size_t n = 0; n < sizeof junk; n++) {
        tern_drbg_bytes(&drbg, (tern_buf){ junk, sizeof junk });
        for (uint8_t type = 0; type < 16; type++) {
            junk[0] = (uint8_t)(type << 4 | (junk[0] & 15));
            if (type == TERN_PACKET_DATA) memcpy(junk + 1, pair_relay(p)->local.b, TERN_CID_SIZE);
            assert_true(pair_inject(p, PAIR_TO_RELAY, junk, n) != TERN_DROP_NONE);
        }
    }
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "alive", 5), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(p->messages_count, 1);
    pair_free(p);
}

/*= WIRE-020 */
static void a_length_that_leaves_the_packet_is_no_padding(void **state)
{
    static const uint8_t cut[][5] = { { 0, 0x20, 0xff, 0xff, 0 }, { 0, 0x20, 0, 2, 0 }, { 0xba, 0, 0, 2, 0 } };
    (void)state;
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        pair *p = pair_established(NULL);
        assert_int_equal(pair_frames(p, PAIR_TO_RELAY, TERN_PACKET_DATA, cut[i], 5), TERN_DROP_MALFORMED);
        assert_int_equal(pair_relay(p)->close_error, TERN_FRAME_ENCODING_ERROR);
        pair_free(p);
    }
}

/* ---- 15: slow peers --------------------------------------------------------------------------------------------- */

static int no_data_to_client(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)size;
    return way == PAIR_TO_CLIENT && bytes[0] >> 4 == TERN_PACKET_DATA ? 0 : 1;
}

/*= CONN-003 */
static void a_client_that_never_confirms_does_not_count_as_half_open(void **state)
{
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = no_data_to_client;
    pair_run(p, p->now + 5 * TERN_SECOND);
    assert_true(pair_relay(p)->proven && !pair_relay(p)->confirmed);
    assert_int_equal(p->end[PAIR_TO_RELAY]->half_open, 0);
    pair_free(p);
}

/*= CONN-020 CONN-021 */
static void an_ack_that_comes_late_does_not_stretch_the_end(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, "hello", 5), TERN_OK);
    uint64_t pn = next_pn(pair_relay(p));
    p->fate = only_to_relay;
    pair_client(p)->idle_timeout_ns = 10000 * TERN_SECOND;
    for (int i = 0; i < 60; i++) { /* ten minutes of signs of life, without an acknowledgement */
        pair_run(p, p->now + 10 * TERN_SECOND);
        begin();
        tern_frame_emit_keep_alive(&out);
        if (i == 59) put_ack(pn, pn + 1);
        assert_int_equal(send_frames(p, PAIR_TO_RELAY), TERN_DROP_NONE);
    }
    assert_true(pair_relay(p)->recovery.rtt.smoothed_ns > 60 * TERN_SECOND);
    tern_time idle = pair_relay(p)->timers.at[TERN_TIMER_IDLE];
    assert_true(idle <= p->now + 60 * TERN_SECOND);
    tern_endpoint_close(p->end[PAIR_TO_RELAY], p->now, pair_relay_peer(p), TERN_GOING_AWAY, "");
    assert_true(pair_relay(p)->timers.at[TERN_TIMER_END] <= p->now + 60 * TERN_SECOND);
    pair_free(p);
}

/*= XFER-020 */
static void a_peer_that_opens_no_window_holds_no_more_than_is_kept_for_it(void **state)
{
    pair_options options = pair_defaults();
    uint8_t body[1000] = { 0 };
    int result = TERN_OK, accepted = 0;
    (void)state;
    options.limits.message_keep = 64 << 10;
    pair *p = pair_established(&options);
    const tern_pool *pool = tern_endpoint_pool(p->end[PAIR_TO_RELAY]);
    uint32_t free_before = pool->free;
    pair_relay(p)->messages.send_credit.limit = 100; /* all that it ever grants */
    while ((result = pair_message(p, PAIR_TO_CLIENT, body, sizeof body)) == TERN_OK) accepted++;
    assert_int_equal(result, TERN_E_BLOCKED);
    assert_in_range(accepted, 60, 66);
    pair_run(p, p->now + 120 * TERN_SECOND);
    assert_true(free_before - pool->free <= 24);
    assert_true(tern_connection_is_open(pair_relay(p)));
    pair_free(p);
}

/* ---- a bad network and no memory -------------------------------------------------------------------------------- */

/*= REC-018 */
static void a_probe_that_never_finds_memory_spins_nobody(void **state)
{
    pair *p = pair_established(NULL);
    (void)state;
    tern_connection *c = pair_relay(p);
    assert_int_equal(pair_message(p, PAIR_TO_CLIENT, "hello", 5), TERN_OK);
    p->fate = only_to_relay;
    pair_run(p, p->now + TERN_MS);
    c->recovery.pto_count = 100;
    c->timers.at[TERN_TIMER_IDLE] = TERN_TIME_NEVER;
    p->now += UINT64_C(1000000) * TERN_SECOND;
    tern_slot_touch(p->end[PAIR_TO_RELAY], 0);
    assert_true(c->recovery.eliciting_in_flight > 0);
    tern_endpoint_on_timeout(p->end[PAIR_TO_RELAY], p->now); /* ends */
    assert_true(tern_endpoint_next_timeout(p->end[PAIR_TO_RELAY]) > p->now);
    pair_free(p);
}

/*= XFER-022 */
static void room_for_messages_that_an_ack_made_is_told_whatever_else_happens(void **state)
{
    pair_options options = pair_defaults();
    uint8_t body[10000] = { 0 };
    (void)state;
    options.limits.message_keep = 64 << 10;
    pair *p = pair_established(&options);
    tern_connection *c = pair_client(p);
    while (pair_message(p, PAIR_TO_RELAY, body, sizeof body) == TERN_OK) continue;
    c->messages_freed = true; /* as an acknowledgement of the first half of them has it */
    tern_timers_set(&c->timers, TERN_TIMER_PACE, p->now);
    tern_slot_touch(p->end[PAIR_TO_CLIENT], 0);
    tern_endpoint_on_timeout(p->end[PAIR_TO_CLIENT], p->now);
    assert_true(c->messages_freed);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_filled_in_below_what_an_ack_let_us_forget_do_no_harm),
        cmocka_unit_test(an_ack_of_the_next_number_closes_the_connection),
        cmocka_unit_test(the_same_ack_a_thousand_times_opens_no_window),
        cmocka_unit_test(thousands_of_gaps_take_bounded_memory_and_the_message_still_arrives),
        cmocka_unit_test(what_contradicts_the_first_copy_changes_nothing),
        cmocka_unit_test(lengths_that_add_past_the_end_are_refused),
        cmocka_unit_test(a_message_that_the_last_limit_cuts_off_gets_credit),
        cmocka_unit_test(an_echo_of_our_own_packets_goes_quiet),
        cmocka_unit_test(a_handshake_that_fails_unproven_still_says_why_within_the_limit),
        cmocka_unit_test(everything_replayed_later_changes_nothing),
        cmocka_unit_test(a_forged_syn_of_a_far_number_locks_nobody_out),
        cmocka_unit_test(a_forged_syn_neither_closes_nor_poisons_the_handshake),
        cmocka_unit_test(a_packet_of_another_state_is_refused_and_counted),
        cmocka_unit_test(crypto_past_the_end_closes_the_connection),
        cmocka_unit_test(packets_without_finished_prove_nobody),
        cmocka_unit_test(cut_and_random_datagrams_are_dropped_with_a_reason),
        cmocka_unit_test(a_length_that_leaves_the_packet_is_no_padding),
        cmocka_unit_test(a_client_that_never_confirms_does_not_count_as_half_open),
        cmocka_unit_test(an_ack_that_comes_late_does_not_stretch_the_end),
        cmocka_unit_test(a_peer_that_opens_no_window_holds_no_more_than_is_kept_for_it),
        cmocka_unit_test(a_probe_that_never_finds_memory_spins_nobody),
        cmocka_unit_test(room_for_messages_that_an_ack_made_is_told_whatever_else_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
