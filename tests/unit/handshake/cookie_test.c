/* SPDX-License-Identifier: MIT */
/* Cookies and RETRY: what is good, and what nobody can make (spec: connection 5, wire 1). */
#include "handshake/cookie.h"

#include "unit/handshake/support.h"

#define NOW (100 * TERN_SECOND)

static const tern_addr here = { .family = 4, .ip = { 192, 0, 2, 1 }, .port = 4000 };
static const tern_cid cid = { "client i" };

typedef struct {
    tern_cookies cookies;
    tern_cookie_subject subject;
    uint8_t cookie[TERN_COOKIE_SIZE];
    tern_cid sid;
} made;

static made make_at(tern_time now)
{
    made m = { .subject = { &here, &cid, { 1, 2, 3 } } };
    tern_cookies_init(&m.cookies, (const uint8_t[32]){ 7 }, 0);
    tern_cookie_make(&m.cookies, now, &m.subject, m.cookie, &m.sid);
    return m;
}

static bool good(made *m, tern_time now)
{
    return tern_cookie_is_good(&m->cookies, now, &m->subject, tern_bytes_of(m->cookie, sizeof m->cookie), &m->sid);
}

/*= CONN-061 */
static void a_cookie_is_good_for_ten_seconds(void **state)
{
    (void)state;
    made m = make_at(NOW);
    assert_true(good(&m, NOW));
    assert_true(good(&m, NOW + 10 * TERN_SECOND));
    assert_false(good(&m, NOW + 10 * TERN_SECOND + 1));
    m = make_at(NOW);
    assert_false(good(&m, NOW - 1)); /* nor before it was made */
}

/*= CONN-061 */
static void a_cookie_outlives_one_change_of_secrets_and_no_more(void **state)
{
    (void)state;
    made m = make_at(119 * TERN_SECOND); /* the secret changes with each minute */
    uint8_t first[TERN_SECRET_SIZE];
    memcpy(first, m.cookies.secret, sizeof first);
    assert_true(good(&m, 121 * TERN_SECOND));
    assert_memory_equal(first, m.cookies.before, sizeof first);
    assert_memory_not_equal(first, m.cookies.secret, sizeof first);
    assert_false(good(&m, 181 * TERN_SECOND)); /* too old, and its secret is gone */
    assert_memory_not_equal(first, m.cookies.before, sizeof first);
    made later = make_at(NOW + 3600 * TERN_SECOND); /* a long pause costs no more than a short one */
    assert_true(good(&later, NOW + 3601 * TERN_SECOND));
}

/*= CONN-061 */
static void a_cookie_is_good_for_its_own_sender_alone(void **state)
{
    (void)state;
    tern_addr other[4] = { here, here, here, here };
    other[0].port++, other[1].ip[3]++, other[2].family = 6, other[3].zone = 1;
    for (size_t i = 0; i < 4; i++) {
        made m = make_at(NOW);
        m.subject.remote = &other[i];
        assert_false(good(&m, NOW));
    }
    const tern_cid stranger = { "client j" };
    made m = make_at(NOW);
    m.subject.cid = &stranger;
    assert_false(good(&m, NOW));
    m = make_at(NOW);
    m.subject.hello_hash[31] ^= 1;
    assert_false(good(&m, NOW));
    m = make_at(NOW);
    m.sid.b[0] ^= 1;
    assert_false(good(&m, NOW));
    m = make_at(NOW);
    tern_cookies_init(&m.cookies, (const uint8_t[32]){ 8 }, 0); /* a relay that was started anew */
    assert_false(good(&m, NOW));
}

/*= CONN-061 */
static void attack_6_no_bit_of_a_cookie_can_be_changed_and_none_cut_off(void **state)
{
    (void)state;
    for (size_t at = 0; at < 8 * TERN_COOKIE_SIZE; at++) {
        made m = make_at(NOW);
        m.cookie[at / 8] ^= (uint8_t)(1u << at % 8);
        assert_false(good(&m, NOW + TERN_SECOND));
    }
    made m = make_at(NOW);
    for (size_t n = 0; n < sizeof m.cookie; n++)
        assert_false(tern_cookie_is_good(&m.cookies, NOW, &m.subject, tern_bytes_of(m.cookie, n), &m.sid));
    uint8_t longer[TERN_COOKIE_SIZE + 1] = { 0 };
    memcpy(longer, m.cookie, sizeof m.cookie);
    assert_false(tern_cookie_is_good(&m.cookies, NOW, &m.subject, tern_bytes_of(longer, sizeof longer), &m.sid));
}

static void hash_of(const tern_client_hello *hello, uint8_t hash[32])
{
    uint8_t bytes[TERN_CLIENT_HELLO_MAX];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_client_hello_emit(&w, hello);
    assert_true(tern_writer_ok(&w));
    tern_cookie_hello_hash(tern_written(&w), hash);
}

/*= CONN-061 */
static void the_hash_leaves_the_cookie_out_and_nothing_else(void **state)
{
    (void)state;
    static const uint8_t suites[] = { 0x13, 2, 0x13, 3 };
    const tern_client_hello plain = { .random = { 1 },
                                      .share = { 2 },
                                      .suites = { suites, 4 },
                                      .name = LITERAL("relay.example"),
                                      .params = tern_params_absent() };
    uint8_t first[32], second[32];
    hash_of(&plain, first);
    tern_client_hello changed = plain;
    changed.cookie = LITERAL("biscuit");
    hash_of(&changed, second);
    assert_memory_equal(first, second, 32);
    for (int i = 0; i < 5; i++) {
        changed = plain;
        if (i == 0) changed.random[31] = 1;
        if (i == 1) changed.share[0] = 1;
        if (i == 2) changed.suites.n = 2;
        if (i == 3) changed.name.n--;
        if (i == 4) changed.params.max_streams = 1;
        hash_of(&changed, second);
        assert_memory_not_equal(first, second, 32);
    }
}

/*= WIRE-030 */
static void a_cookie_stands_once_and_is_no_longer_than_128_bytes(void **state)
{
    (void)state;
    uint8_t bytes[400] = { 0 }, biscuit[TERN_COOKIE_MAX + 1] = { 1 };
    tern_bytes cookie;
    for (size_t n = 0; n <= TERN_COOKIE_MAX + 1; n++) {
        tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
        tern_cookie_param_emit(&w, tern_bytes_of(biscuit, n));
        tern_error due = n == 0 || n > TERN_COOKIE_MAX ? TERN_PARAMETER_ERROR : TERN_OK;
        assert_int_equal(tern_cookie_param_parse(tern_written(&w), &cookie), due);
        if (due == TERN_OK) assert_int_equal(cookie.n, n);
        tern_cookie_param_emit(&w, tern_bytes_of(biscuit, 1));
        if (n <= TERN_COOKIE_MAX && n > 0)
            assert_int_equal(tern_cookie_param_parse(tern_written(&w), &cookie), TERN_PARAMETER_ERROR);
    }
    assert_int_equal(tern_cookie_param_parse((tern_bytes){ NULL, 0 }, &cookie), TERN_OK);
    assert_int_equal(cookie.n, 0);
}

static int open_retry(const tern_cid *first_sid, tern_bytes retry, tern_bytes *cookie)
{
    tern_header h;
    int drop = tern_header_parse(retry, &h);
    return drop != TERN_DROP_NONE ? drop : tern_retry_open(first_sid, &h, retry, cookie);
}

/*= WIRE-070 WIRE-071 */
static void a_retry_is_for_the_syn_that_it_answers_alone(void **state)
{
    (void)state;
    const tern_cid first = { "first si" }, other = { "first sj" }, sid = { "next sid" };
    uint8_t bytes[256];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_bytes cookie;
    tern_header h;
    tern_retry_emit(&w, &cid, &first, &sid, LITERAL("biscuit"));
    assert_int_equal(w.n, 21 + 7 + 16);
    assert_int_equal(open_retry(&first, tern_written(&w), &cookie), TERN_DROP_NONE);
    assert_int_equal(cookie.n, 7);
    assert_memory_equal(cookie.p, "biscuit", 7);
    assert_int_equal(tern_header_parse(tern_written(&w), &h), TERN_DROP_NONE);
    assert_true(tern_cid_equal(&h.to, &cid) && tern_cid_equal(&h.from, &sid));
    assert_int_equal(open_retry(&other, tern_written(&w), &cookie), TERN_DROP_AEAD);
    for (size_t at = 0; at < 8 * w.n; at++) {
        bytes[at / 8] ^= (uint8_t)(1u << at % 8);
        if (bytes[0] >> 4 == TERN_PACKET_RETRY)
            assert_int_not_equal(open_retry(&first, tern_written(&w), &cookie), TERN_DROP_NONE);
        bytes[at / 8] ^= (uint8_t)(1u << at % 8);
    }
    for (size_t n = 0; n < w.n; n++)
        assert_int_not_equal(open_retry(&first, tern_bytes_of(bytes, n), &cookie), TERN_DROP_NONE);
}

/*= WIRE-070 */
static void a_retry_with_too_long_a_cookie_is_dropped(void **state)
{
    (void)state;
    static const uint8_t biscuit[TERN_COOKIE_MAX + 1];
    const tern_cid first = { "first si" };
    tern_bytes cookie;
    for (size_t n = TERN_COOKIE_MAX; n <= TERN_COOKIE_MAX + 1; n++) {
        uint8_t bytes[256];
        tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
        tern_retry_emit(&w, &cid, &first, &cid, tern_bytes_of(biscuit, n));
        int due = n > TERN_COOKIE_MAX ? TERN_DROP_SHORT : TERN_DROP_NONE;
        assert_int_equal(open_retry(&first, tern_written(&w), &cookie), due);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_is_good_for_ten_seconds),
        cmocka_unit_test(a_cookie_outlives_one_change_of_secrets_and_no_more),
        cmocka_unit_test(a_cookie_is_good_for_its_own_sender_alone),
        cmocka_unit_test(attack_6_no_bit_of_a_cookie_can_be_changed_and_none_cut_off),
        cmocka_unit_test(the_hash_leaves_the_cookie_out_and_nothing_else),
        cmocka_unit_test(a_cookie_stands_once_and_is_no_longer_than_128_bytes),
        cmocka_unit_test(a_retry_is_for_the_syn_that_it_answers_alone),
        cmocka_unit_test(a_retry_with_too_long_a_cookie_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
