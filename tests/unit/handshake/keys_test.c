/* SPDX-License-Identifier: MIT */
/* The key schedule. That its values are right is vectors_test's; here is how they hang together. */
#include "handshake/keys.h"

#include "unit/handshake/support.h"

static const uint8_t secret[TERN_SECRET_SIZE] = { 1 }, other_secret[TERN_SECRET_SIZE] = { 2 };
static const tern_suite suites[] = { TERN_SUITE_AES_256_GCM, TERN_SUITE_CHACHA20_POLY1305, TERN_SUITE_PLAINTEXT };
#define SUITES (sizeof suites / sizeof suites[0])

/* Whether what a seals, b opens. */
static bool understands(const tern_packet_keys *a, const tern_packet_keys *b)
{
    uint8_t data[] = "some words", tag[TERN_AEAD_TAG_SIZE];
    tern_aead_seal(&a->aead, 5, LITERAL("header"), data, sizeof data, tag);
    return tern_aead_open(&b->aead, 5, LITERAL("header"), data, sizeof data, tag);
}

static void one_secret_gives_the_same_keys_to_both_sides(void **state)
{
    (void)state;
    tern_packet_keys a, b, other;
    /*= HS-011 */
    for (size_t i = 0; i < SUITES; i++) {
        tern_packet_keys_derive(&a, suites[i], secret);
        tern_packet_keys_derive(&b, suites[i], secret);
        tern_packet_keys_derive(&other, suites[i], other_secret);
        assert_true(understands(&a, &b));
        assert_false(understands(&a, &other));
    }
}

static void each_suite_has_keys_of_its_own(void **state)
{
    (void)state;
    tern_packet_keys keys[SUITES];
    for (size_t i = 0; i < SUITES; i++) tern_packet_keys_derive(&keys[i], suites[i], secret);
    for (size_t i = 0; i < SUITES; i++) {
        for (size_t j = 0; j < SUITES; j++) assert_int_equal(understands(&keys[i], &keys[j]), i == j);
    }
}

static void syn_keys_follow_the_first_sid(void **state)
{
    (void)state;
    tern_packet_keys a, b, other;
    tern_cid first_sid = { "first si" }, other_sid = { "first sj" };
    /*= HS-012 */
    tern_packet_keys_syn(&a, &first_sid);
    tern_packet_keys_syn(&b, &first_sid);
    tern_packet_keys_syn(&other, &other_sid);
    assert_true(understands(&a, &b));
    assert_false(understands(&a, &other));
}

static void secrets_all_differ_and_follow_both_inputs(void **state)
{
    (void)state;
    uint8_t shared[2][32] = { { 1 }, { 2 } }, hash[2][32] = { { 3 }, { 4 } }, all[4][5][TERN_SECRET_SIZE];
    _Static_assert(offsetof(tern_secrets, early) == sizeof all[0], "the five that are looked at stand first");
    for (size_t i = 0; i < 4; i++) {
        tern_secrets s;
        tern_secrets_start(&s, NULL);
        tern_secrets_handshake(&s, shared[i / 2], hash[i % 2]);
        tern_secrets_application(&s, hash[i % 2]);
        memcpy(all[i], &s, sizeof all[i]);
    }
    assert_memory_equal(all[0][0], all[1][0], TERN_SECRET_SIZE); /* the handshake secret knows no transcript */
    assert_memory_equal(all[2][0], all[3][0], TERN_SECRET_SIZE);
    for (size_t i = 0; i < 20; i++) {
        for (size_t j = 0; j < i; j++) {
            if (i % 5 == 0 && j % 5 == 0) continue;
            assert_memory_not_equal(all[i / 5][i % 5], all[j / 5][j % 5], TERN_SECRET_SIZE);
        }
    }
    assert_memory_not_equal(all[0][0], all[2][0], TERN_SECRET_SIZE);
}

static void a_ticket_changes_every_secret(void **state)
{
    (void)state;
    uint8_t shared[32] = { 1 }, hash[32] = { 2 };
    const uint8_t *psks[3] = { NULL, secret, other_secret };
    tern_secrets s[3];
    /*= HS-041 */
    for (size_t i = 0; i < 3; i++) {
        tern_secrets_start(&s[i], psks[i]);
        tern_secrets_handshake(&s[i], shared, hash);
        tern_secrets_application(&s[i], hash);
        tern_secrets_resumption(&s[i], hash);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(s[i].handshake, s[j].handshake, TERN_SECRET_SIZE);
            assert_memory_not_equal(s[i].client_application, s[j].client_application, TERN_SECRET_SIZE);
            assert_memory_not_equal(s[i].resumption, s[j].resumption, TERN_SECRET_SIZE);
        }
    }
}

static void finished_follows_secret_and_transcript(void **state)
{
    (void)state;
    uint8_t hash[2][32] = { { 3 }, { 4 } }, value[3][32];
    /*= HS-021 */
    tern_finished_value(secret, hash[0], value[0]);
    tern_finished_value(secret, hash[1], value[1]);
    tern_finished_value(other_secret, hash[0], value[2]);
    assert_memory_not_equal(value[0], value[1], 32);
    assert_memory_not_equal(value[0], value[2], 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_secret_gives_the_same_keys_to_both_sides),
        cmocka_unit_test(each_suite_has_keys_of_its_own),
        cmocka_unit_test(syn_keys_follow_the_first_sid),
        cmocka_unit_test(secrets_all_differ_and_follow_both_inputs),
        cmocka_unit_test(a_ticket_changes_every_secret),
        cmocka_unit_test(finished_follows_secret_and_transcript),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
