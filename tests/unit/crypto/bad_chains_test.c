/* SPDX-License-Identifier: MIT */
/* Chains with one fault each, made by OpenSSL (fixtures/bad/make.sh): which fault is told, with which error, in which
 * words. */
#include "crypto/chain.h"

#include "crypto/pem.h"
#include "unit/crypto/support.h"

#define IN_2020 UINT64_C(1577836800)
#define IN_2030 UINT64_C(1893456000) /* when all that are not named for a time hold */
#define IN_2119 UINT64_C(4702060800)

typedef struct {
    uint8_t chain_room[8192], anchor_room[TERN_ANCHOR_STORAGE_MAX];
    tern_chain chain;
    tern_anchors anchors;
} shown;

static void read_chain(shown *s, const char *file, const char *root)
{
    tern_bytes text = FIXTURE(file);
    tern_buf storage = { s->chain_room, sizeof s->chain_room };
    tern_pem object;
    s->chain.n = 0;
    while (tern_pem_next(&text, &storage, &object) == TERN_PEM_OBJECT) s->chain.certificate[s->chain.n++] = object.der;
    assert_true(s->chain.n > 0);
    storage = (tern_buf){ s->anchor_room, sizeof s->anchor_room };
    assert_int_equal(tern_anchors_from_pem(&s->anchors, FIXTURE(root), storage), TERN_OK);
}

/* What is asked of a chain. */
typedef struct {
    const char *root, *name;
    uint64_t unix_seconds;
    tern_purpose purpose;
} question;

static const question usual = { "root.pem", "relay.example", IN_2030, TERN_PURPOSE_SERVER_AUTH },
                      client = { "root.pem", "relay.example", IN_2030, TERN_PURPOSE_CLIENT_AUTH },
                      too_late = { "root.pem", "relay.example", IN_2119, TERN_PURPOSE_SERVER_AUTH },
                      too_soon = { "root.pem", "relay.example", IN_2020, TERN_PURPOSE_SERVER_AUTH },
                      elsewhere = { "root.pem", "elsewhere.example", IN_2030, TERN_PURPOSE_SERVER_AUTH },
                      under_itself = { "itself.pem", "relay.example", IN_2030, TERN_PURPOSE_SERVER_AUTH },
                      under_middle = { "only_middle.pem", "relay.example", IN_2030, TERN_PURPOSE_SERVER_AUTH };

static tern_chain_fault judge(const shown *s, const question *q)
{
    tern_public_key key = { 0 };
    tern_chain_asked asked = { { TERN_NAME_DNS, { (const uint8_t *)q->name, strlen(q->name) } },
                               q->purpose,
                               q->unix_seconds };
    tern_chain_report report = tern_chain_verify(&s->chain, &s->anchors, &asked, &key);
    assert_int_equal(key.kind != TERN_KEY_NONE, report.fault == TERN_CHAIN_GOOD);
    return report.fault;
}

typedef struct {
    const char *file;
    const question *asked;
    tern_chain_fault due;
    tern_error error;
    const char *words; /* among those that are said */
} row;

static const row rows[] = {
    { "middle.pem", &usual, TERN_CHAIN_GOOD, TERN_OK, "good" },
    { "for_server.pem", &usual, TERN_CHAIN_GOOD, TERN_OK, "good" },
    { "for_client.pem", &client, TERN_CHAIN_GOOD, TERN_OK, "good" },
    { "for_both.pem", &usual, TERN_CHAIN_GOOD, TERN_OK, "good" },
    { "for_both.pem", &client, TERN_CHAIN_GOOD, TERN_OK, "good" },
    { "for_any.pem", &usual, TERN_CHAIN_GOOD, TERN_OK, "good" },
    { "for_any.pem", &client, TERN_CHAIN_GOOD, TERN_OK, "good" },
    { "path_held.pem", &usual, TERN_CHAIN_GOOD, TERN_OK, "good" },
    { "middle.pem", &too_late, TERN_CHAIN_EXPIRED, TERN_CERTIFICATE_EXPIRED, "has expired" },
    { "middle.pem", &too_soon, TERN_CHAIN_NOT_YET, TERN_CERTIFICATE_EXPIRED, "not yet valid" },
    { "expired_issuer.pem", &usual, TERN_CHAIN_ISSUER_EXPIRED, TERN_CERTIFICATE_EXPIRED,
      "an intermediate certificate has expired" },
    { "late_issuer.pem", &usual, TERN_CHAIN_ISSUER_NOT_YET, TERN_CERTIFICATE_EXPIRED,
      "an intermediate certificate is not yet valid" },
    { "ca_false.pem", &usual, TERN_CHAIN_NOT_CA, TERN_BAD_CERTIFICATE, "must have basicConstraints CA:TRUE" },
    { "no_constraints.pem", &usual, TERN_CHAIN_NOT_CA, TERN_BAD_CERTIFICATE, "must have basicConstraints CA:TRUE" },
    { "version_1.pem", &usual, TERN_CHAIN_VERSION_1, TERN_BAD_CERTIFICATE, "X.509 version 1" },
    { "path.pem", &usual, TERN_CHAIN_PATH, TERN_BAD_CERTIFICATE, "pathLenConstraint" },
    { "agreement.pem", &usual, TERN_CHAIN_USAGE, TERN_UNSUPPORTED_CERTIFICATE, "must have digitalSignature" },
    { "repudiation.pem", &usual, TERN_CHAIN_USAGE, TERN_UNSUPPORTED_CERTIFICATE, "must have digitalSignature" },
    { "no_cert_sign.pem", &usual, TERN_CHAIN_ISSUER_USAGE, TERN_UNSUPPORTED_CERTIFICATE, "must have keyCertSign" },
    { "for_client.pem", &usual, TERN_CHAIN_NOT_FOR_RELAY, TERN_UNSUPPORTED_CERTIFICATE, "must have serverAuth" },
    { "for_mail.pem", &usual, TERN_CHAIN_NOT_FOR_RELAY, TERN_UNSUPPORTED_CERTIFICATE, "must have serverAuth" },
    { "for_server.pem", &client, TERN_CHAIN_NOT_FOR_CLIENT, TERN_UNSUPPORTED_CERTIFICATE, "must have clientAuth" },
    { "critical_purpose.pem", &usual, TERN_CHAIN_CRITICAL, TERN_UNSUPPORTED_CERTIFICATE, "may be critical" },
    { "p384.pem", &usual, TERN_CHAIN_KEY, TERN_UNSUPPORTED_CERTIFICATE, "must be on P-256, or RSA" },
    { "ed25519.pem", &usual, TERN_CHAIN_KEY, TERN_UNSUPPORTED_CERTIFICATE, "must be on P-256, or RSA" },
    { "ed25519_issuer.pem", &usual, TERN_CHAIN_ALGORITHM, TERN_UNSUPPORTED_CERTIFICATE, "must be ECDSA" },
    { "order.pem", &usual, TERN_CHAIN_ORDER, TERN_BAD_CERTIFICATE, "leaf first" },
    { "middle.pem", &elsewhere, TERN_CHAIN_NAME, TERN_CERTIFICATE_NAME, "another name" },
    { "itself.pem", &usual, TERN_CHAIN_SELF_SIGNED, TERN_UNKNOWN_CA, "signed by itself" },
    { "alone.pem", &usual, TERN_CHAIN_INCOMPLETE, TERN_UNKNOWN_CA, "an intermediate certificate is missing" },
    { "stranger.pem", &usual, TERN_CHAIN_STRANGER, TERN_UNKNOWN_CA, "an authority that is not trusted" },
    { "itself.pem", &under_itself, TERN_CHAIN_GOOD, TERN_OK, "good" },
    { "alone.pem", &under_middle, TERN_CHAIN_GOOD, TERN_OK, "good" },
};

/*= HS-022 HS-026 */
static void each_fault_is_told_with_its_error_and_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        shown s;
        read_chain(&s, r->file, r->asked->root);
        tern_chain_fault fault = judge(&s, r->asked);
        if (fault != r->due) fail_msg("row %zu, %s: %s", i, r->file, tern_chain_text(fault));
        assert_int_equal(tern_chain_error(fault), r->error);
        if (strstr(tern_chain_text(fault), r->words) == NULL) fail_msg("%s: %s", r->file, tern_chain_text(fault));
    }
}

/* One bit of a signature, the last of the certificate. */
static void a_wrong_signature_is_told(void **state)
{
    (void)state;
    shown s;
    read_chain(&s, "middle.pem", "root.pem");
    tern_bytes leaf = s.chain.certificate[0], middle = s.chain.certificate[1];
    uint8_t copy[2048];
    assert_true(leaf.n <= sizeof copy && middle.n <= sizeof copy);
    memcpy(copy, leaf.p, leaf.n);
    copy[leaf.n - 1] ^= 1;
    s.chain.certificate[0] = tern_bytes_of(copy, leaf.n);
    assert_int_equal(judge(&s, &usual), TERN_CHAIN_SIGNATURE);
    /* In the name of an anchor, it may be another authority's as well. */
    memcpy(copy, middle.p, middle.n);
    copy[middle.n - 1] ^= 1;
    s.chain.certificate[0] = leaf;
    s.chain.certificate[1] = tern_bytes_of(copy, middle.n);
    assert_int_equal(judge(&s, &usual), TERN_CHAIN_IMPOSTOR);
}

static void an_anchor_without_ca_issues_nothing(void **state)
{
    (void)state;
    shown s;
    read_chain(&s, "ca_false.pem", "root.pem");
    tern_bytes issuer = s.chain.certificate[1];
    tern_anchor *anchor = &s.anchors.anchor[0];
    s.chain.n = 1;
    anchor->is_ca = false; /* one that vouches for itself alone, and bears the issuer's name */
    static const uint8_t name[] = { 0x30, 0x13, 0x31, 0x11, 0x30, 0x0f, 0x06, 0x03, 0x55, 0x04, 0x03,
                                    0x0c, 0x08, 'c',  'a',  '_',  'f',  'a',  'l',  's',  'e' };
    anchor->subject = tern_bytes_of(name, sizeof name);
    assert_true(issuer.n > sizeof name);
    assert_int_equal(judge(&s, &usual), TERN_CHAIN_NO_AUTHORITY);
}

static void what_is_no_chain_is_told(void **state)
{
    (void)state;
    shown s;
    read_chain(&s, "middle.pem", "root.pem");
    tern_bytes leaf = s.chain.certificate[0];
    s.chain.n = 0;
    assert_int_equal(judge(&s, &usual), TERN_CHAIN_EMPTY);
    s.chain.n = TERN_CHAIN_MAX + 1;
    assert_int_equal(judge(&s, &usual), TERN_CHAIN_TOO_MANY);
    s.chain.n = 1;
    s.chain.certificate[0].n = leaf.n / 2;
    assert_int_equal(judge(&s, &usual), TERN_CHAIN_UNREADABLE);
    s.chain.certificate[0] = LITERAL("no certificate");
    assert_int_equal(judge(&s, &usual), TERN_CHAIN_UNREADABLE);
}

static void all_words_fit_a_close_and_differ(void **state)
{
    (void)state;
    for (int i = 0; i < TERN_CHAIN_FAULT_COUNT; i++) {
        assert_true(strlen(tern_chain_text((tern_chain_fault)i)) <= 256);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(tern_chain_text((tern_chain_fault)i), tern_chain_text((tern_chain_fault)j));
    }
    assert_int_equal(tern_chain_error(TERN_CHAIN_FAULT_COUNT), TERN_BAD_CERTIFICATE);
    assert_non_null(tern_chain_text(TERN_CHAIN_FAULT_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_told_with_its_error_and_words),
        cmocka_unit_test(a_wrong_signature_is_told),
        cmocka_unit_test(an_anchor_without_ca_issues_nothing),
        cmocka_unit_test(what_is_no_chain_is_told),
        cmocka_unit_test(all_words_fit_a_close_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
