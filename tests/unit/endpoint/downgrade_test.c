/* SPDX-License-Identifier: MIT */
/* Somebody on the path who reads, changes, makes and withholds packets tries to have two ends agree on less than both
 * want: each test is one way, and shows that the handshake fails or ends as if nobody had tried (spec: handshake 4,
 * downgrade). */
#include "../pair.h"

#include "handshake/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define AES    TERN_SUITE_AES_256_GCM
#define CHACHA TERN_SUITE_CHACHA20_POLY1305
#define PLAIN  TERN_SUITE_PLAINTEXT

typedef struct {
    void (*change)(tern_client_hello *hello);
    int changed;
    uint16_t answered; /* the suite that the relay picked */
} attacker;

static void repeat(tern_client_hello *hello)
{
    (void)hello;
}

static int on_the_path(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    attacker *a = p->owner;
    (void)n;
    if (way == PAIR_TO_RELAY && bytes[0] >> 4 == TERN_PACKET_SYN && a->change != NULL) {
        pair_reword_syn(bytes, *size, a->change == repeat ? NULL : a->change);
        a->changed++;
    }
    if (bytes[0] >> 4 == TERN_PACKET_SYN_ACK) a->answered = (uint16_t)(bytes[85] << 8 | bytes[86]);
    return 1;
}

static void offer(tern_handshake_config *c, tern_suite a, tern_suite b, tern_suite third)
{
    c->suites[0] = a, c->suites[1] = b, c->suites[2] = third;
    c->suites_n = third != 0 ? 3 : b != 0 ? 2 : 1;
}

/* Both ends take AES-256-GCM and ChaCha20-Poly1305; the relay PLAINTEXT as well, from who asks for it. */
static pair *willing(attacker *a)
{
    pair *p = pair_new(NULL);
    offer(&p->end[PAIR_TO_RELAY]->handshake, AES, CHACHA, PLAIN);
    offer(&p->end[PAIR_TO_CLIENT]->handshake, AES, CHACHA, 0);
    /* its SYN is made anew with these */
    tern_slot_give(p->end[PAIR_TO_CLIENT], 0);
    assert_int_equal(tern_endpoint_connect(p->end[PAIR_TO_CLIENT], p->now, &p->path[PAIR_TO_CLIENT]), TERN_OK);
    p->fate = on_the_path;
    p->owner = a;
    return p;
}

static void assert_nothing_came_of_it(pair *p)
{
    pair_run(p, p->now + 15 * TERN_SECOND);
    assert_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CONNECTED));
    assert_null(pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CONNECTED));
    assert_non_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED));
}

static void assert_as_if_nobody_had_tried(pair *p)
{
    pair_run(p, p->now + 3 * TERN_SECOND);
    const tern_event *e = pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CONNECTED);
    assert_non_null(e);
    assert_int_equal(e->u.connected.suite, AES);
    assert_non_null(pair_event(p, PAIR_TO_RELAY, TERN_EVENT_CONNECTED));
    assert_true(pair_client(p)->suite == AES && pair_relay(p)->suite == AES);
    assert_memory_equal(&pair_client(p)->send_keys, &pair_relay(p)->recv_keys, sizeof(tern_packet_keys));
}

static void end(pair *p, const attacker *a)
{
    assert_true(a->change == NULL || a->changed > 0);
    pair_free(p);
}

static void change_hello(void (*change)(tern_client_hello *hello), uint16_t answered)
{
    attacker a = { .change = change };
    pair *p = willing(&a);
    assert_nothing_came_of_it(p);
    assert_int_equal(a.answered, answered);
    end(p, &a);
}

/* That the attacker fails below is not for want of skill. */
static void who_repeats_what_was_said_is_not_noticed(void **state)
{
    attacker a = { .change = repeat };
    (void)state;
    pair *p = willing(&a);
    assert_as_if_nobody_had_tried(p);
    end(p, &a);
}

static const uint8_t chacha_alone[] = { 0x13, 0x03 }, plain_alone[] = { 0, 0xff };
static const uint8_t turned[] = { 0x13, 0x03, 0x13, 0x02 }, plain_first[] = { 0, 0xff, 0x13, 0x02, 0x13, 0x03 };

static void strip(tern_client_hello *hello)
{
    hello->suites = tern_bytes_of(chacha_alone, sizeof chacha_alone);
}

/*= HS-010 HS-020 */
static void attack_12_the_better_suite_is_taken_off_the_list(void **state)
{
    (void)state;
    change_hello(strip, CHACHA);
}

static void reorder(tern_client_hello *hello)
{
    hello->suites = tern_bytes_of(turned, sizeof turned);
}

/*= HS-010 HS-002 */
static void attack_12_the_order_of_suites_is_turned(void **state)
{
    (void)state;
    change_hello(reorder, AES); /* the relay has an order of its own */
}

static void offer_plain_alone(tern_client_hello *hello)
{
    hello->suites = tern_bytes_of(plain_alone, sizeof plain_alone);
}

/*= HS-004 HS-003 */
static void attack_12_plaintext_is_put_in_place_of_all_suites(void **state)
{
    (void)state;
    change_hello(offer_plain_alone, PLAIN);
}

static void offer_plain_first(tern_client_hello *hello)
{
    hello->suites = tern_bytes_of(plain_first, sizeof plain_first);
}

/*= HS-002 HS-010 */
static void attack_12_plaintext_is_put_in_front_of_the_list(void **state)
{
    (void)state;
    change_hello(offer_plain_first, AES);
}

static void other_share(tern_client_hello *hello)
{
    hello->share[5] ^= 1;
}

/*= HS-010 */
static void attack_12_the_clients_share_is_replaced(void **state)
{
    (void)state;
    change_hello(other_share, AES);
}

static void other_random(tern_client_hello *hello)
{
    hello->random[5] ^= 1;
}

/*= HS-010 */
static void attack_12_the_clients_random_bytes_are_replaced(void **state)
{
    (void)state;
    change_hello(other_random, AES);
}

static void smaller_windows(tern_client_hello *hello)
{
    hello->params.max_streams = 1;
    hello->params.max_datagram = TERN_DATAGRAM_MIN;
}

/*= HS-010 */
static void attack_12_a_parameter_is_lowered(void **state)
{
    (void)state;
    change_hello(smaller_windows, AES);
}

static void other_name(tern_client_hello *hello)
{
    hello->name = tern_bytes_of("elsewhere.example", 17);
}

/*= HS-010 */
static void attack_12_another_name_is_asked_for(void **state)
{
    (void)state;
    change_hello(other_name, AES);
}

/* What the relay says in the clear: each byte of the header of its SYN_ACK. */
static int change_syn_ack(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    attacker *a = p->owner;
    (void)n, (void)size;
    if (way != PAIR_TO_CLIENT || bytes[0] >> 4 != TERN_PACKET_SYN_ACK) return 1;
    if (a->answered == PLAIN) bytes[85] = 0, bytes[86] = 0xff;
    if (a->answered == CHACHA) bytes[86] ^= 1;      /* one that the client offered */
    if (a->answered <= 87) bytes[a->answered] ^= 1; /* the last says whether it is resumed */
    a->changed++;
    return 1;
}

/*= HS-004 HS-010 */
static void attack_12_the_suite_of_the_answer_is_changed(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        attacker a = { .answered = i == 0 ? PLAIN : CHACHA };
        pair *p = willing(&a);
        p->fate = change_syn_ack;
        assert_nothing_came_of_it(p);
        assert_true(a.changed > 0);
        pair_free(p);
    }
}

/*= HS-010 WIRE-012 */
static void attack_12_ids_random_and_share_of_the_answer_are_changed(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= 85; at += 7) {
        attacker a = { .answered = (uint16_t)(at == 85 ? 87 : at) };
        pair *p = willing(&a);
        p->fate = change_syn_ack;
        assert_nothing_came_of_it(p);
        assert_true(a.changed > 0);
        pair_free(p);
    }
}

/* The SYN is sealed anew for another first sid, which is put back in nothing: the transcript has it. */
static int move_syn(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    attacker *a = p->owner;
    tern_packet_keys keys;
    tern_header h;
    tern_opened opened;
    (void)n;
    if (way != PAIR_TO_RELAY || bytes[0] >> 4 != TERN_PACKET_SYN) return 1;
    assert_int_equal(tern_header_parse(tern_bytes_of(bytes, *size), &h), TERN_DROP_NONE);
    tern_packet_keys_syn(&keys, &h.to);
    assert_int_equal(tern_packet_open(&keys, &h, (tern_buf){ bytes, *size }, UINT64_MAX, &opened), TERN_DROP_NONE);
    bytes[5] ^= 1;
    h.to.b[0] ^= 1;
    tern_packet_keys_syn(&keys, &h.to);
    *size = tern_packet_seal(&keys, opened.pn, bytes, h.pn_offset, *size - TERN_TAG_SIZE);
    a->changed++;
    return 1;
}

/*= HS-010 */
static void attack_12_the_first_sid_is_changed(void **state)
{
    attacker a = { 0 };
    pair *p = willing(&a);
    (void)state;
    p->fate = move_syn;
    assert_nothing_came_of_it(p);
    assert_true(a.changed > 0);
    pair_free(p);
}

static int age_syn(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    (void)p, (void)n, (void)size;
    if (way == PAIR_TO_RELAY && bytes[0] >> 4 == TERN_PACKET_SYN) bytes[4] = '0';
    return 1;
}

/*= WIRE-003 CONN-067 */
static void attack_12_the_version_is_lowered(void **state)
{
    attacker a = { 0 };
    pair *p = willing(&a);
    (void)state;
    p->fate = age_syn; /* the relay says that it speaks what the client does, which is no news */
    assert_nothing_came_of_it(p);
    assert_true(p->dropped[PAIR_TO_CLIENT][TERN_DROP_UNEXPECTED] > 0);
    pair_free(p);
}

static void forge_version(pair *p, const tern_offer *offer)
{
    uint8_t bytes[TERN_VERSION_SIZE_MAX];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_version_emit(&w, &pair_client(p)->local, &pair_client(p)->first_sid, offer);
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, bytes, w.n), TERN_DROP_NONE);
}

/*= CONN-067 */
static void attack_12_a_forged_version_comes_before_the_true_answer(void **state)
{
    static const tern_offer offers[] = { { { 0x54524e30 }, { AES }, 1, 1 }, { { TERN_VERSION }, { PLAIN }, 1, 1 } };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        attacker a = { 0 };
        pair *p = willing(&a);
        forge_version(p, &offers[i]);
        assert_as_if_nobody_had_tried(p);
        pair_run(p, p->now + 30 * TERN_SECOND);
        assert_null(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED));
        pair_free(p);
    }
}

/* Counts SYNs that offer anything else than the first one did. */
static int nobody_answers(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    attacker *a = p->owner;
    tern_header h;
    tern_syn syn;
    (void)way, (void)n;
    if (bytes[0] >> 4 != TERN_PACKET_SYN) return 0;
    assert_int_equal(tern_header_parse(tern_bytes_of(bytes, *size), &h), TERN_DROP_NONE);
    assert_int_equal(tern_connection_open_syn(&h, (tern_buf){ bytes, *size }, &syn), TERN_DROP_NONE);
    a->changed += tern_client_hello_offers(&syn.hello, PLAIN) || !tern_client_hello_offers(&syn.hello, AES);
    return 0;
}

/*= CONN-067 HS-003 */
static void attack_12_a_forged_version_asks_for_plaintext_and_nobody_else_answers(void **state)
{
    static const tern_offer plain = { { TERN_VERSION }, { PLAIN }, 1, 1 };
    attacker a = { 0 };
    pair *p = willing(&a);
    (void)state;
    p->fate = nobody_answers;
    forge_version(p, &plain);
    assert_nothing_came_of_it(p);
    assert_int_equal(pair_event(p, PAIR_TO_CLIENT, TERN_EVENT_CLOSED)->u.closed.error, TERN_HANDSHAKE_FAILURE);
    assert_int_equal(a.changed, 0);
    pair_free(p);
}

/*= CONN-061 CONN-062 CONN-063 */
static void attack_12_a_forged_retry_comes_before_the_true_answer(void **state)
{
    attacker a = { 0 };
    pair *p = willing(&a);
    uint8_t retry[64];
    tern_writer w = tern_writer_of((tern_buf){ retry, sizeof retry });
    const tern_connection *c = pair_client(p);
    (void)state;
    tern_retry_emit(&w, &c->local, &c->first_sid, &(const tern_cid){ { 6 } }, tern_bytes_of("of my own making", 16));
    assert_int_equal(pair_inject(p, PAIR_TO_CLIENT, retry, w.n), TERN_DROP_NONE);
    assert_nothing_came_of_it(p);
    assert_true(p->dropped[PAIR_TO_RELAY][TERN_DROP_COOKIE] > 0);
    pair_free(p);
}

static void eat_the_cookie(tern_client_hello *hello)
{
    hello->cookie.n = 0;
}

/*= CONN-060 CONN-062 */
static void attack_12_the_cookie_is_taken_out(void **state)
{
    attacker a = { .change = eat_the_cookie };
    pair *p = willing(&a);
    (void)state;
    tern_endpoint_strangers(p->end[PAIR_TO_RELAY])->entry.always = true;
    assert_nothing_came_of_it(p);
    assert_true(p->dropped[PAIR_TO_RELAY][TERN_DROP_RETRY] > 1);
    pair_free(p);
}

static void strip_behind_the_cookie(tern_client_hello *hello)
{
    if (hello->cookie.n > 0) strip(hello);
}

/*= CONN-061 */
static void attack_12_the_suites_are_changed_between_the_first_hello_and_the_second(void **state)
{
    attacker a = { .change = strip_behind_the_cookie };
    pair *p = willing(&a);
    (void)state;
    tern_endpoint_strangers(p->end[PAIR_TO_RELAY])->entry.always = true;
    assert_nothing_came_of_it(p);
    assert_true(p->dropped[PAIR_TO_RELAY][TERN_DROP_COOKIE] > 0);
    assert_int_equal(a.answered, 0);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_repeats_what_was_said_is_not_noticed),
        cmocka_unit_test(attack_12_the_better_suite_is_taken_off_the_list),
        cmocka_unit_test(attack_12_the_order_of_suites_is_turned),
        cmocka_unit_test(attack_12_plaintext_is_put_in_place_of_all_suites),
        cmocka_unit_test(attack_12_plaintext_is_put_in_front_of_the_list),
        cmocka_unit_test(attack_12_the_clients_share_is_replaced),
        cmocka_unit_test(attack_12_the_clients_random_bytes_are_replaced),
        cmocka_unit_test(attack_12_a_parameter_is_lowered),
        cmocka_unit_test(attack_12_another_name_is_asked_for),
        cmocka_unit_test(attack_12_the_suite_of_the_answer_is_changed),
        cmocka_unit_test(attack_12_ids_random_and_share_of_the_answer_are_changed),
        cmocka_unit_test(attack_12_the_first_sid_is_changed),
        cmocka_unit_test(attack_12_the_version_is_lowered),
        cmocka_unit_test(attack_12_a_forged_version_comes_before_the_true_answer),
        cmocka_unit_test(attack_12_a_forged_version_asks_for_plaintext_and_nobody_else_answers),
        cmocka_unit_test(attack_12_a_forged_retry_comes_before_the_true_answer),
        cmocka_unit_test(attack_12_the_cookie_is_taken_out),
        cmocka_unit_test(attack_12_the_suites_are_changed_between_the_first_hello_and_the_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
