/* SPDX-License-Identifier: MIT */
/* tlv-multicast: both sides, what the wire does to them, and what an attacker does. */
#include "crypto/rsa_pem.h"
#include "dialects/tlv_multicast/codec.h"
#include "hall.h"

#define DIALECT TERN_DIALECT_TLV_MULTICAST

/*= TLV-005 TLV-012 */
static void lines_and_presence_reach_all_others(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    hall_expect(h, 0, "+10.0.0.2:4001\n+10.0.0.3:4002\n");
    hall_expect(h, 1, "+10.0.0.3:4002\n");
    assert_int_equal(hall_say(h, 1, "hello"), TERN_OK);
    assert_int_equal(hall_say(h, 1, "and again"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "hello\nand again\n");
    tern_dialect_leave(h->end[2].node, h->now);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 1, "-10.0.0.3:4002\n");
    hall_expect(h, 2, "closed NO_ERROR\n");
    hall_free(h);
}

/*= TLV-003 TLV-004 TLV-007 */
static void long_texts_are_cut_on_the_way_in_and_told_in_parts(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    char text[1001];
    (void)state;
    for (size_t i = 0; i < 1000; i += 2) memcpy(text + i, "\xc3\xa4", 2); /* no part ends within one */
    text[1000] = 0;
    assert_int_equal(hall_say(h, 2, text), TERN_OK);
    hall_run(h, TERN_SECOND);
    const char *at = strchr(h->end[1].log, '\n') + 1; /* behind +10.0.0.3:4002 */
    size_t whole = 0;
    for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        assert_true(end - at <= 190 && (end - at) % 2 == 0);
        assert_memory_equal(at, text, (size_t)(end - at));
        whole += (size_t)(end - at);
    }
    assert_int_equal(whole, 1000);
    char beyond[3100];
    memset(beyond, 'x', sizeof beyond);
    beyond[16 * 190 + 1] = 0;
    assert_int_equal(hall_say(h, 1, beyond), TERN_MESSAGE_TOO_LARGE);
    beyond[16 * 190] = 0;
    assert_int_equal(hall_say(h, 1, beyond), TERN_OK);
    hall_run(h, TERN_SECOND);
    assert_non_null(strstr(h->end[0].log, "10.0.0.2:4001: xxx"));
    hall_free(h);
}

static unsigned twice_and_backwards(hall *h, hall_datagram *d)
{
    d->at = h->now + (100 - h->sent % 50) * TERN_MS;
    return 2;
}

/*= TLV-014 */
static void a_text_is_taken_once_whatever_the_order(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    char text[601];
    (void)state;
    memset(text, 'q', 600);
    text[600] = 0;
    hall_expect(h, 0, "+10.0.0.2:4001\n");
    h->meddle = twice_and_backwards;
    assert_int_equal(hall_say(h, 1, text), TERN_OK);
    hall_run(h, 10 * TERN_SECOND);
    assert_int_equal(h->end[0].log_n, strlen("10.0.0.2:4001: ") + 601);
    hall_free(h);
}

static unsigned twice_each(hall *h, hall_datagram *d)
{
    (void)h, (void)d;
    return 2;
}

/*= TLV-022 */
static void a_client_hears_once_what_comes_twice(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    h->end[2].log_n = 0;
    h->meddle = twice_each;
    assert_int_equal(hall_say(h, 1, "once"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "once\n");
    assert_int_equal(hall_drops(h, 2, TERN_DROP_REPLAY), 1);
    hall_free(h);
}

/*= TLV-013 */
static void a_client_is_kept_alive_and_one_that_is_silent_leaves(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    (void)state;
    hall_run(h, 300 * TERN_SECOND);
    hall_expect(h, 0, "+10.0.0.2:4001\n");
    h->end[1].addr.port++; /* its datagrams come from elsewhere: it does not register again */
    hall_run(h, 100 * TERN_SECOND);
    hall_expect(h, 0, "-10.0.0.2:4001\n");
    hall_free(h);
}

/* ---- by hand ---- */

static int throw_tlv(hall *h, const hall_hand *p, tern_tlvm_type type, tern_bytes value)
{
    uint8_t bytes[4096];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_tlvm_write(&w, type, value);
    return hall_throw(h, &p->addr, tern_written(&w));
}

static hall_hand registered(hall *h, uint8_t host)
{
    char pem[TERN_RSA_PEM_MAX];
    hall_hand p = hall_hand_at(host);
    size_t n = tern_rsa_public_to_pem(&p.own.public_key, pem);
    assert_int_equal(throw_tlv(h, &p, TERN_TLVM_REGISTER, tern_bytes_of(pem, n)), TERN_DROP_NONE);
    return p;
}

/* A text in fragments numbered from first on; the result of the last. */
static int throw_text(hall *h, hall_hand *p, const char *text, uint16_t first)
{
    uint8_t sealed[8192], bytes[300];
    int drop = -1;
    tern_writer s = tern_writer_of((tern_buf){ sealed, sizeof sealed });
    tern_tlvm_seal(&s, &p->server.public_key, &p->drbg, tern_bytes_of(text, strlen(text)));
    tern_bytes rest = tern_written(&s);
    tern_tlvm_fragment f = { .id = 77, .seq = first, .total = (uint16_t)((rest.n + 255) / 256) };
    for (; rest.n > 0; f.seq++) {
        size_t n = rest.n < 256 ? rest.n : 256;
        tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
        f.payload = tern_bytes_of(rest.p, n);
        tern_tlvm_write_fragment(&w, &f);
        drop = hall_throw(h, &p->addr, tern_written(&w));
        rest = tern_bytes_of(rest.p + n, rest.n - n);
    }
    return drop;
}

/*= TLV-004 */
static void fragments_are_numbered_from_0_or_from_1(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    hall_hand p = registered(h, 9);
    (void)state;
    assert_int_equal(throw_text(h, &p, "from 0", 0), TERN_DROP_NONE);
    assert_int_equal(throw_text(h, &p, "from 1", 1), TERN_DROP_NONE);
    hall_run(h, TERN_MS);
    hall_expect(h, 0, "+10.0.0.9:5007\n10.0.0.9:5007: from 0\n10.0.0.9:5007: from 1\n");
    hall_free(h);
}

/*= TLV-001 TLV-002 TLV-011 */
static void what_is_no_tlv_or_of_nobody_is_dropped(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    static const struct {
        size_t n;
        uint8_t bytes[12];
        int stranger, known;
    } rows[] = {
        { 0, { 0 }, TERN_DROP_MALFORMED, TERN_DROP_MALFORMED },
        { 3, { 0, 9, 0 }, TERN_DROP_MALFORMED, TERN_DROP_MALFORMED },
        { 5, { 0, 9, 0, 2, 1 }, TERN_DROP_MALFORMED, TERN_DROP_MALFORMED },
        { 4, { 0, 9, 0, 0 }, TERN_DROP_UNEXPECTED, TERN_DROP_NONE },
        { 4, { 0, 7, 0, 0 }, TERN_DROP_UNEXPECTED, TERN_DROP_NONE },
        { 8, { 0, 9, 0, 0, 0, 7, 0, 0 }, TERN_DROP_UNEXPECTED, TERN_DROP_NONE },
        { 5, { 0, 9, 0, 1, 1 }, TERN_DROP_UNEXPECTED, TERN_DROP_MALFORMED },
        { 4, { 0, 3, 0, 0 }, TERN_DROP_UNEXPECTED, TERN_DROP_TYPE },
        { 4, { 0, 10, 0, 0 }, TERN_DROP_UNEXPECTED, TERN_DROP_TYPE },
        { 5, { 0, 4, 0, 1, 'x' }, TERN_DROP_MALFORMED, TERN_DROP_MALFORMED },
    };
    (void)state;
    hall_hand p = registered(h, 9);
    tern_addr stranger = hall_stranger(8, 5007);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(hall_throw(h, &stranger, tern_bytes_of(rows[i].bytes, rows[i].n)), rows[i].stranger);
        assert_int_equal(hall_throw(h, &p.addr, tern_bytes_of(rows[i].bytes, rows[i].n)), rows[i].known);
    }
    hall_free(h);
}

/*= TLV-014 */
static void attack_10_a_goodbye_that_is_sent_again_throws_nobody_out(void **state)
{
    hall *h = hall_new(DIALECT, NULL);
    uint8_t sealed[1024], bytes[2][300];
    (void)state;
    hall_hand p = registered(h, 9);
    tern_writer s = tern_writer_of((tern_buf){ sealed, sizeof sealed });
    tern_tlvm_seal(&s, &p.server.public_key, &p.drbg, tern_bytes_of("DISCONNECT", 10));
    tern_tlvm_fragment f = { .id = 5, .total = 2 };
    for (; f.seq < 2; f.seq++) {
        tern_writer w = tern_writer_of((tern_buf){ bytes[f.seq], sizeof bytes[0] });
        f.payload = tern_bytes_of(sealed + f.seq * 130, 130);
        tern_tlvm_write_fragment(&w, &f);
    }
    assert_int_equal(throw_text(h, &p, "CONNECT", 0), TERN_DROP_NONE);
    (void)hall_throw(h, &p.addr, tern_bytes_of(bytes[0], 142));
    (void)hall_throw(h, &p.addr, tern_bytes_of(bytes[1], 142));
    hall_run(h, TERN_MS);
    hall_expect(h, 0, "+10.0.0.9:5007\n-10.0.0.9:5007\n");
    p = registered(h, 9);
    assert_int_equal(throw_text(h, &p, "back again", 0), TERN_DROP_NONE);
    (void)hall_throw(h, &p.addr, tern_bytes_of(bytes[0], 142));
    assert_int_equal(hall_throw(h, &p.addr, tern_bytes_of(bytes[1], 142)), TERN_DROP_REPLAY);
    hall_run(h, TERN_MS);
    hall_expect(h, 0, "+10.0.0.9:5007\n10.0.0.9:5007: back again\n");
    hall_free(h);
}

static unsigned nest(hall *h, hall_datagram *d)
{
    static uint8_t bytes[] = { 0, 10, 0, 20, 1, 2, 3, 4, 0, 80, 0, 10, 0, 10, 1, 2, 3, 4, 0, 80, 0, 6, 0, 0 };
    (void)h;
    if (d->to == 0 || d->bytes[1] != TERN_TLVM_SENDER) return 1;
    d->bytes = bytes;
    d->n = sizeof bytes;
    return 1;
}

/*= TLV-006 */
static void attack_16_tlvs_within_tlvs_go_no_deeper(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    h->meddle = nest;
    assert_int_equal(hall_say(h, 1, "nested"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "");
    assert_int_equal(hall_drops(h, 2, TERN_DROP_TYPE), 1);
    hall_free(h);
}

/* The seed's own reader parses the first TLV alone, and finds the inner one behind it. */
static unsigned flatten(hall *h, hall_datagram *d)
{
    (void)h;
    if (d->to == 0 || d->bytes[1] != TERN_TLVM_SENDER) return 1;
    d->bytes[2] = 0;
    d->bytes[3] = 6;
    return 1;
}

/*= TLV-006 */
static void what_a_sender_info_speaks_of_may_follow_it(void **state)
{
    hall *h = hall_with_clients(DIALECT, 2);
    (void)state;
    h->meddle = flatten;
    assert_int_equal(hall_say(h, 1, "behind"), TERN_OK);
    hall_run(h, TERN_SECOND);
    hall_expect(h, 2, "behind\n");
    hall_free(h);
}

/*= TLV-020 DIA-004 */
static void a_client_listens_to_the_relay_that_told_it_its_key(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    char pem[TERN_RSA_PEM_MAX];
    uint8_t bytes[1024];
    (void)state;
    tern_rsa_private key = hall_key("bob.pem");
    size_t n = tern_rsa_public_to_pem(&key.public_key, pem);
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_tlvm_write(&w, TERN_TLVM_SERVER_KEY, tern_bytes_of(pem, n));
    tern_path path = { .remote = hall_stranger(66, 5007) };
    assert_int_equal(tern_node_recv(h->end[1].node, h->now, &path, (tern_buf){ bytes, w.n }, TERN_ECN_NOT_ECT),
                     TERN_DROP_UNEXPECTED);
    static const uint8_t left[] = { 0, 12, 0, 6, 1, 2, 3, 4, 0, 80 };
    memcpy(bytes, left, sizeof left);
    assert_int_equal(tern_node_recv(h->end[1].node, h->now, &path, (tern_buf){ bytes, sizeof left }, TERN_ECN_NOT_ECT),
                     TERN_DROP_PATH);
    hall_free(h);
}

/*= TLV-015 DIA-010 */
static void attack_6_a_flood_of_blocks_costs_what_was_granted(void **state)
{
    hall *h = hall_with_clients(DIALECT, 1);
    uint8_t value[8 + 260] = { 0 };
    (void)state;
    hall_hand p = registered(h, 99);
    for (uint32_t i = 0; i < 2000; i++) {
        memset(value + 8, 0x11, 260);
        memcpy(value, &i, sizeof i);
        memcpy(value + 100, &i, sizeof i);
        value[7] = 1;
        value[8] = 0, value[9] = TERN_TLVM_BLOCK, value[10] = 1, value[11] = 0;
        (void)throw_tlv(h, &p, TERN_TLVM_FRAGMENT, tern_bytes_of(value, sizeof value));
    }
    uint64_t opened = hall_drops(h, 0, TERN_DROP_AEAD);
    assert_true(opened >= 50 && opened <= 58);
    assert_int_equal(hall_say(h, 1, "still here"), TERN_OK);
    hall_run(h, TERN_SECOND);
    assert_non_null(strstr(h->end[0].log, "10.0.0.2:4001: still here"));
    hall_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_presence_reach_all_others),
        cmocka_unit_test(long_texts_are_cut_on_the_way_in_and_told_in_parts),
        cmocka_unit_test(a_text_is_taken_once_whatever_the_order),
        cmocka_unit_test(a_client_hears_once_what_comes_twice),
        cmocka_unit_test(a_client_is_kept_alive_and_one_that_is_silent_leaves),
        cmocka_unit_test(fragments_are_numbered_from_0_or_from_1),
        cmocka_unit_test(what_is_no_tlv_or_of_nobody_is_dropped),
        cmocka_unit_test(attack_10_a_goodbye_that_is_sent_again_throws_nobody_out),
        cmocka_unit_test(attack_16_tlvs_within_tlvs_go_no_deeper),
        cmocka_unit_test(what_a_sender_info_speaks_of_may_follow_it),
        cmocka_unit_test(a_client_listens_to_the_relay_that_told_it_its_key),
        cmocka_unit_test(attack_6_a_flood_of_blocks_costs_what_was_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
