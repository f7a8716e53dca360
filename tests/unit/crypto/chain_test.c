/* SPDX-License-Identifier: MIT */
/* Certificate chains. The fixtures are made by fixtures/make.sh; time is an argument. */
#include "crypto/chain.h"

#include "crypto/identity.h"
#include "crypto/pem.h"
#include "unit/crypto/support.h"

#define IN_2020 UINT64_C(1577836800)
#define IN_2030 UINT64_C(1893456000) /* when all fixtures are good */
#define IN_2119 UINT64_C(4702060800)

#define ANY_NAME                                                                                                       \
    (tern_name)                                                                                                        \
    {                                                                                                                  \
        .kind = TERN_NAME_ANY                                                                                          \
    }

static tern_name dns(const char *name)
{
    return (tern_name){ .kind = TERN_NAME_DNS, .value = tern_bytes_of(name, strlen(name)) };
}

static tern_chain chain_of(const char *file, uint8_t *room, size_t n)
{
    tern_chain chain = { 0 };
    tern_bytes text = FIXTURE(file);
    tern_buf storage = { room, n };
    tern_pem object;
    while (tern_pem_next(&text, &storage, &object) == TERN_PEM_OBJECT) chain.certificate[chain.n++] = object.der;
    assert_true(chain.n > 0);
    return chain;
}

static tern_error verify_chain(const tern_chain *chain, const tern_anchors *anchors, tern_name name, uint64_t seconds,
                               tern_public_key *key)
{
    tern_chain_asked asked = { name, TERN_PURPOSE_SERVER_AUTH, seconds };
    return tern_chain_error(tern_chain_verify(chain, anchors, &asked, key).fault);
}

static tern_error verify(const char *chain_file, const char *ca_file, tern_name name, uint64_t seconds)
{
    uint8_t chain_room[4096], anchor_room[TERN_ANCHOR_STORAGE_MAX];
    tern_public_key key;
    tern_anchors anchors;
    tern_chain chain = chain_of(chain_file, chain_room, sizeof chain_room);
    assert_int_equal(tern_anchors_from_pem(&anchors, FIXTURE(ca_file), (tern_buf){ anchor_room, sizeof anchor_room }),
                     TERN_OK);
    return verify_chain(&chain, &anchors, name, seconds, &key);
}

static void good_chains_verify(void **state)
{
    (void)state;
    assert_int_equal(verify("chain.pem", "root.pem", dns("relay.example"), IN_2030), TERN_OK);
    assert_int_equal(verify("chain.pem", "root.pem", ANY_NAME, IN_2030), TERN_OK);
    assert_int_equal(verify("direct.pem", "root.pem", dns("relay.example"), IN_2030), TERN_OK);
    assert_int_equal(verify("leaf.pem", "middle.pem", dns("relay.example"), IN_2030), TERN_OK);
    assert_int_equal(verify("by_rsa.pem", "rsa_root.pem", dns("relay.example"), IN_2030), TERN_OK);
    assert_int_equal(verify("by_p384.pem", "p384_root.pem", dns("relay.example"), IN_2030), TERN_OK);
}

static void the_leaf_key_is_handed_out_and_only_when_good(void **state)
{
    (void)state;
    uint8_t chain_room[4096], anchor_room[TERN_ANCHOR_STORAGE_MAX], hash[32];
    tern_public_key key = { 0 };
    tern_anchors anchors;
    tern_chain chain = chain_of("chain.pem", chain_room, sizeof chain_room);
    assert_int_equal(
        tern_anchors_from_pem(&anchors, FIXTURE("root.pem"), (tern_buf){ anchor_room, sizeof anchor_room }), TERN_OK);
    assert_int_equal(verify_chain(&chain, &anchors, ANY_NAME, IN_2119, &key), TERN_CERTIFICATE_EXPIRED);
    assert_int_equal(key.kind, TERN_KEY_NONE);
    assert_int_equal(verify_chain(&chain, &anchors, ANY_NAME, IN_2030, &key), TERN_OK);
    tern_key_fingerprint(&key, hash);
    tern_bytes expected = FIXTURE("leaf_fingerprint.txt");
    char text[65] = { 0 };
    memcpy(text, expected.p, 64);
    assert_hex(hash, sizeof hash, text);
    tern_public_key unverified;
    assert_int_equal(tern_chain_error(tern_chain_leaf_key(chain.certificate[0], &unverified)), TERN_OK);
    assert_memory_equal(&unverified, &key, sizeof key);
}

static void names_are_matched(void **state)
{
    (void)state;
    assert_int_equal(verify("chain.pem", "root.pem", dns("RELAY.Example"), IN_2030), TERN_OK);
    assert_int_equal(verify("chain.pem", "root.pem", dns("one.wild.example"), IN_2030), TERN_OK);
    assert_int_equal(verify("common_name.pem", "root.pem", dns("relay.example"), IN_2030), TERN_OK);
    static const char *const wrong[] = { "relay.example.org", "other.example", "wild.example",
                                         "a.b.wild.example",  "elay.example",  "",
                                         "relay.example.",    "192.0.2.1" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(verify("chain.pem", "root.pem", dns(wrong[i]), IN_2030), TERN_CERTIFICATE_NAME);
    tern_name cut = { .kind = TERN_NAME_DNS, .value = LITERAL("relay.example\0.evil") };
    assert_int_equal(verify("chain.pem", "root.pem", cut, IN_2030), TERN_CERTIFICATE_NAME);
    char longest[255];
    memset(longest, 'a', sizeof longest - 1);
    longest[254] = '\0';
    assert_int_equal(verify("chain.pem", "root.pem", dns(longest), IN_2030), TERN_CERTIFICATE_NAME);
}

static tern_error verify_ip(const char *file, const char *ip)
{
    return verify(file, "root.pem", (tern_name){ .kind = TERN_NAME_IP, .value = HEX(ip) }, IN_2030);
}

static void addresses_are_matched(void **state)
{
    (void)state;
    assert_int_equal(verify_ip("chain.pem", "c0000201"), TERN_OK);
    assert_int_equal(verify_ip("chain.pem", "20010db8000000000000000000000001"), TERN_OK);
    assert_int_equal(verify_ip("chain.pem", "c0000202"), TERN_CERTIFICATE_NAME);
    assert_int_equal(verify_ip("chain.pem", "20010db8000000000000000000000002"), TERN_CERTIFICATE_NAME);
    assert_int_equal(verify_ip("chain.pem", ""), TERN_CERTIFICATE_NAME);
    assert_int_equal(verify_ip("common_name.pem", "c0000201"), TERN_CERTIFICATE_NAME);
}

static void time_outside_of_the_validity_is_refused(void **state)
{
    (void)state;
    assert_int_equal(verify("chain.pem", "root.pem", ANY_NAME, IN_2119), TERN_CERTIFICATE_EXPIRED);
    assert_int_equal(verify("chain.pem", "root.pem", ANY_NAME, IN_2020), TERN_CERTIFICATE_EXPIRED);
    assert_int_equal(verify("chain.pem", "root.pem", ANY_NAME, 0), TERN_CERTIFICATE_EXPIRED);
    assert_int_equal(verify("chain.pem", "root.pem", ANY_NAME, UINT64_MAX), TERN_CERTIFICATE_EXPIRED);
}

static void strangers_are_unknown(void **state)
{
    (void)state;
    assert_int_equal(verify("chain.pem", "other.pem", ANY_NAME, IN_2030), TERN_UNKNOWN_CA);
    assert_int_equal(verify("chain.pem", "imposter.pem", ANY_NAME, IN_2030), TERN_UNKNOWN_CA);
    assert_int_equal(verify("leaf.pem", "root.pem", ANY_NAME, IN_2030), TERN_UNKNOWN_CA); /* no intermediate */
    assert_int_equal(verify("self.pem", "root.pem", ANY_NAME, IN_2030), TERN_UNKNOWN_CA);
    assert_int_equal(verify("direct.pem", "self.pem", ANY_NAME, IN_2030), TERN_OK); /* the same name and key */
}

static void a_self_signed_certificate_vouches_for_itself_alone(void **state)
{
    (void)state;
    assert_int_equal(verify("self.pem", "self.pem", dns("relay.example"), IN_2030), TERN_OK);
    uint8_t chain_room[4096], anchor_room[TERN_ANCHOR_STORAGE_MAX];
    tern_public_key key;
    tern_anchors anchors;
    tern_chain issued = chain_of("not_a_ca.pem", chain_room, sizeof chain_room);
    issued.n = 1; /* issued with the key of self.pem, under its name */
    assert_int_equal(
        tern_anchors_from_pem(&anchors, FIXTURE("self.pem"), (tern_buf){ anchor_room, sizeof anchor_room }), TERN_OK);
    assert_int_equal(verify_chain(&issued, &anchors, ANY_NAME, IN_2030, &key), TERN_UNKNOWN_CA);
}

static void what_is_no_authority_issues_nothing(void **state)
{
    (void)state;
    assert_int_equal(verify("not_a_ca.pem", "root.pem", ANY_NAME, IN_2030), TERN_BAD_CERTIFICATE);
}

static void other_kinds_of_leaf_are_unsupported(void **state)
{
    (void)state;
    assert_int_equal(verify("p384_leaf.pem", "root.pem", ANY_NAME, IN_2030), TERN_UNSUPPORTED_CERTIFICATE);
    assert_int_equal(verify("no_sign.pem", "root.pem", ANY_NAME, IN_2030), TERN_UNSUPPORTED_CERTIFICATE);
    assert_int_equal(verify("critical.pem", "root.pem", ANY_NAME, IN_2030), TERN_UNSUPPORTED_CERTIFICATE);
    assert_int_equal(verify("by_weak.pem", "root.pem", ANY_NAME, IN_2030), TERN_UNSUPPORTED_CERTIFICATE);
    uint8_t room[4096];
    tern_public_key key;
    tern_chain p384 = chain_of("p384_leaf.pem", room, sizeof room);
    assert_int_equal(tern_chain_error(tern_chain_leaf_key(p384.certificate[0], &key)), TERN_UNSUPPORTED_CERTIFICATE);
    tern_chain rsa = chain_of("rsa_leaf.pem", room, sizeof room);
    assert_int_equal(tern_chain_error(tern_chain_leaf_key(rsa.certificate[0], &key)), TERN_OK);
    assert_int_equal(key.kind, TERN_KEY_RSA);
    assert_int_equal(verify("rsa_leaf.pem", "root.pem", ANY_NAME, IN_2030), TERN_OK);
    assert_int_equal(tern_chain_error(tern_chain_leaf_key(LITERAL("no certificate"), &key)), TERN_BAD_CERTIFICATE);
    assert_int_equal(tern_chain_error(tern_chain_leaf_key((tern_bytes){ 0 }, &key)), TERN_BAD_CERTIFICATE);
}

static void an_empty_chain_or_certificate_is_bad(void **state)
{
    (void)state;
    tern_public_key key;
    tern_anchors none = { 0 };
    tern_chain chain = { 0 };
    assert_int_equal(verify_chain(&chain, &none, ANY_NAME, IN_2030, &key), TERN_BAD_CERTIFICATE);
    chain.n = 1;
    assert_int_equal(verify_chain(&chain, &none, ANY_NAME, IN_2030, &key), TERN_BAD_CERTIFICATE);
}

static void no_flip_in_a_chain_verifies_or_reads_outside(void **state)
{
    (void)state;
    uint8_t chain_room[4096], anchor_room[TERN_ANCHOR_STORAGE_MAX];
    tern_public_key key;
    tern_anchors anchors;
    tern_chain chain = chain_of("direct.pem", chain_room, sizeof chain_room);
    tern_bytes der = chain.certificate[0];
    assert_int_equal(
        tern_anchors_from_pem(&anchors, FIXTURE("root.pem"), (tern_buf){ anchor_room, sizeof anchor_room }), TERN_OK);
    tern_name name = { .kind = TERN_NAME_IP, .value = HEX("c0000201") };
    uint8_t *copy = exact_copy(der.p, der.n);
    chain.certificate[0] = tern_bytes_of(copy, der.n);
    for (size_t bit = 0; bit < 8 * der.n; bit += 5) { /* every byte, if not every bit */
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(verify_chain(&chain, &anchors, name, IN_2030, &key), TERN_OK);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(copy);
    for (size_t n = 0; n < der.n; n += 3) {
        copy = exact_copy(der.p, n);
        chain.certificate[0] = tern_bytes_of(copy, n);
        assert_int_not_equal(verify_chain(&chain, &anchors, name, IN_2030, &key), TERN_OK);
        assert_int_not_equal(tern_chain_leaf_key(chain.certificate[0], &key), TERN_CHAIN_GOOD);
        free(copy);
    }
}

static tern_error anchors_error(tern_bytes pem, size_t room)
{
    static uint8_t storage[16384];
    tern_anchors anchors = { .n = 99 };
    tern_error error = tern_anchors_from_pem(&anchors, pem, (tern_buf){ storage, room });
    assert_int_equal(anchors.n == 0, error != TERN_OK);
    return error;
}

static void ca_files_are_read_whole_or_not_at_all(void **state)
{
    (void)state;
    uint8_t nine[9 * 4096];
    tern_bytes root = FIXTURE("root.pem"), rsa = FIXTURE("rsa_root.pem");
    size_t n = 0;
    for (int i = 0; i < 9; i++, n += root.n) memcpy(nine + n, root.p, root.n);
    assert_int_equal(anchors_error(tern_bytes_of(nine, n - root.n), 16384), TERN_OK);
    assert_int_equal(anchors_error(tern_bytes_of(nine, n), 16384), TERN_E_BAD_INPUT);
    assert_int_equal(anchors_error(rsa, TERN_ANCHOR_STORAGE_MAX), TERN_OK);
    for (size_t room = 0; room < 900; room += 100) assert_int_equal(anchors_error(rsa, room), TERN_E_NO_MEMORY);
    assert_int_equal(anchors_error((tern_bytes){ 0 }, 4096), TERN_E_BAD_INPUT);
    assert_int_equal(anchors_error(FIXTURE("leaf_key.pem"), 4096), TERN_E_BAD_INPUT);
    assert_int_equal(anchors_error(tern_bytes_of(root.p, root.n - 40), 4096), TERN_E_BAD_INPUT);
    assert_int_equal(anchors_error(FIXTURE("ed25519_root.pem"), 4096), TERN_UNSUPPORTED_CERTIFICATE);
    assert_int_equal(anchors_error(FIXTURE("weak_root.pem"), 4096), TERN_UNSUPPORTED_CERTIFICATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_chains_verify),
        cmocka_unit_test(the_leaf_key_is_handed_out_and_only_when_good),
        cmocka_unit_test(names_are_matched),
        cmocka_unit_test(addresses_are_matched),
        cmocka_unit_test(time_outside_of_the_validity_is_refused),
        cmocka_unit_test(strangers_are_unknown),
        cmocka_unit_test(a_self_signed_certificate_vouches_for_itself_alone),
        cmocka_unit_test(what_is_no_authority_issues_nothing),
        cmocka_unit_test(other_kinds_of_leaf_are_unsupported),
        cmocka_unit_test(an_empty_chain_or_certificate_is_bad),
        cmocka_unit_test(no_flip_in_a_chain_verifies_or_reads_outside),
        cmocka_unit_test(ca_files_are_read_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
