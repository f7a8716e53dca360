/* SPDX-License-Identifier: MIT */
/* OCSP responses made by OpenSSL (fixtures/ocsp/make.sh): whom they may speak of, who may sign them, when they hold. */
#include "crypto/ocsp.h"

#include "crypto/der.h"
#include "crypto/issuer.h"
#include "crypto/pem.h"
#include "unit/crypto/support.h"

#define DAY 86400u

typedef struct {
    uint8_t chain_room[4096], anchor_room[TERN_ANCHOR_STORAGE_MAX];
    tern_chain chain;
    tern_anchors anchors;
    tern_chain_report report;
    tern_ocsp_subject subject;
} holder;

static void read_chain(holder *h, const char *file)
{
    tern_bytes text = FIXTURE(file);
    tern_buf storage = { h->chain_room, sizeof h->chain_room };
    tern_pem object;
    h->chain.n = 0;
    while (tern_pem_next(&text, &storage, &object) == TERN_PEM_OBJECT) h->chain.certificate[h->chain.n++] = object.der;
    assert_true(h->chain.n > 0);
}

/* When a response begins to hold; its producer's clock was the test maker's. */
static tern_ocsp_times times_of(const char *file)
{
    tern_ocsp_response response;
    tern_ocsp_single single;
    assert_int_equal(tern_ocsp_read(FIXTURE(file), &response), TERN_OCSP_GOOD);
    assert_true(tern_ocsp_single_next(&response.singles, &single));
    return single.times;
}

/* A minute after they were made: the certificates hold as well. */
static uint64_t soon(void)
{
    return times_of("good.der").this_update + 60;
}

static tern_chain_report verify(const holder *h)
{
    tern_public_key leaf_key;
    tern_chain_asked asked = { .purpose = TERN_PURPOSE_SERVER_AUTH, .unix_seconds = soon() };
    return tern_chain_verify(&h->chain, &h->anchors, &asked, &leaf_key);
}

/* The leaf of a chain that an authority vouches for, and who issued it. */
static void hold(holder *h, const char *chain, const char *root)
{
    tern_issuer_key issuer;
    read_chain(h, chain);
    assert_int_equal(
        tern_anchors_from_pem(&h->anchors, FIXTURE(root), (tern_buf){ h->anchor_room, sizeof h->anchor_room }),
        TERN_OK);
    h->report = verify(h);
    assert_int_equal(h->report.fault, TERN_CHAIN_GOOD);
    assert_true(tern_chain_issuer(&h->chain, &h->anchors, &h->report, &issuer));
    assert_true(tern_ocsp_subject_read(h->chain.certificate[0], &issuer, &h->subject));
}

static tern_ocsp_result judge_at(const char *chain, const char *root, const char *response, uint64_t unix_seconds)
{
    holder h;
    hold(&h, chain, root);
    return tern_ocsp_verify(FIXTURE(response), &h.subject, unix_seconds, NULL);
}

static void assert_judged(const char *chain, const char *root, const char *response, tern_ocsp_result due)
{
    tern_ocsp_result got = judge_at(chain, root, response, soon());
    if (got != due) fail_msg("%s: %s", response, tern_ocsp_text(got));
}

static void a_good_response_by_the_issuer_is_taken(void **state)
{
    (void)state;
    /*= HS-071 HS-072 */
    assert_judged("leaf.pem", "root.pem", "good.der", TERN_OCSP_GOOD);
    assert_judged("leaf.pem", "root.pem", "good_sha256.der", TERN_OCSP_GOOD); /* names the responder by its key */
    assert_judged("leaf.pem", "root.pem", "good_with_certificate.der", TERN_OCSP_GOOD);
    assert_judged("leaf.pem", "root.pem", "undated.der", TERN_OCSP_GOOD);
    assert_judged("rsa_leaf.pem", "rsa.pem", "rsa.der", TERN_OCSP_GOOD);
    assert_judged("rsa_leaf.pem", "rsa.pem", "rsa_sha512.der", TERN_OCSP_GOOD);
    assert_judged("p384_leaf.pem", "p384.pem", "p384.der", TERN_OCSP_GOOD);
    assert_judged("chain.pem", "root.pem", "of_chain.der", TERN_OCSP_GOOD);
}

static void what_is_not_good_is_said(void **state)
{
    (void)state;
    /*= HS-074 */
    assert_judged("leaf.pem", "root.pem", "revoked.der", TERN_OCSP_REVOKED);
    assert_judged("leaf.pem", "root.pem", "unknown.der", TERN_OCSP_UNKNOWN);
    assert_int_equal(tern_ocsp_error(TERN_OCSP_REVOKED), TERN_CERTIFICATE_REVOKED);
    assert_int_equal(tern_ocsp_error(TERN_OCSP_UNKNOWN), TERN_BAD_STATUS);
    holder h;
    hold(&h, "leaf.pem", "root.pem");
    for (unsigned status = 1; status < 7; status++) { /* malformedRequest, internalError, tryLater and so on */
        uint8_t error[] = { 0x30, 0x03, 0x0a, 0x01, (uint8_t)status };
        tern_bytes response = tern_bytes_of(error, sizeof error);
        assert_int_equal(tern_ocsp_verify(response, &h.subject, soon(), NULL), TERN_OCSP_UNSUCCESSFUL);
    }
}

static void revoked_stays_revoked_when_the_response_has_expired(void **state)
{
    (void)state;
    uint64_t until = times_of("revoked.der").until;
    assert_int_equal(judge_at("leaf.pem", "root.pem", "revoked.der", until + DAY), TERN_OCSP_REVOKED);
}

static void a_response_for_another_certificate_is_refused(void **state)
{
    (void)state;
    /*= HS-071 */
    assert_judged("leaf.pem", "root.pem", "of_second.der", TERN_OCSP_OTHER_CERTIFICATE);
    assert_judged("second.pem", "root.pem", "good.der", TERN_OCSP_OTHER_CERTIFICATE);
    assert_judged("leaf.pem", "root.pem", "of_imposter.der", TERN_OCSP_OTHER_CERTIFICATE); /* same name and serial */
    assert_judged("leaf.pem", "root.pem", "rsa.der", TERN_OCSP_OTHER_CERTIFICATE);
    assert_judged("chain.pem", "root.pem", "good.der", TERN_OCSP_OTHER_CERTIFICATE);
}

static void only_who_issued_the_certificate_signs(void **state)
{
    (void)state;
    /*= HS-072 */
    assert_judged("leaf.pem", "root.pem", "by_imposter.der", TERN_OCSP_SIGNATURE); /* under the issuer's name */
    assert_judged("leaf.pem", "root.pem", "by_other.der", TERN_OCSP_SIGNER);
    assert_judged("leaf.pem", "root.pem", "by_the_leaf.der", TERN_OCSP_SIGNER);
    assert_judged("chain.pem", "root.pem", "of_chain_by_root.der", TERN_OCSP_SIGNER);
}

static void a_delegated_responder_signs_when_the_issuer_says_so(void **state)
{
    (void)state;
    /*= HS-072 */
    assert_judged("leaf.pem", "root.pem", "delegate.der", TERN_OCSP_GOOD);
    assert_judged("leaf.pem", "root.pem", "delegate_by_key.der", TERN_OCSP_GOOD);
    assert_judged("leaf.pem", "root.pem", "delegate_p384.der", TERN_OCSP_GOOD);
    assert_judged("rsa_leaf.pem", "rsa.pem", "delegate_rsa.der", TERN_OCSP_GOOD);
    assert_judged("leaf.pem", "root.pem", "delegate_no_eku.der", TERN_OCSP_SIGNER);
    assert_judged("leaf.pem", "root.pem", "delegate_other_eku.der", TERN_OCSP_SIGNER);
    assert_judged("leaf.pem", "root.pem", "delegate_no_sign.der", TERN_OCSP_SIGNER);
    assert_judged("leaf.pem", "root.pem", "delegate_critical.der", TERN_OCSP_SIGNER);
    assert_judged("leaf.pem", "root.pem", "delegate_by_other.der", TERN_OCSP_SIGNER);
    assert_judged("leaf.pem", "root.pem", "delegate_by_imposter.der", TERN_OCSP_SIGNER);
    assert_judged("leaf.pem", "root.pem", "delegate_absent.der", TERN_OCSP_SIGNER);
    assert_judged("chain.pem", "root.pem", "delegate_by_root.der", TERN_OCSP_SIGNER); /* by the issuer's issuer */
    uint64_t made = times_of("delegate.der").this_update;
    assert_int_equal(judge_at("leaf.pem", "root.pem", "delegate.der", made + 999 * DAY), TERN_OCSP_GOOD);
    assert_int_equal(judge_at("leaf.pem", "root.pem", "delegate.der", made + 1001 * DAY), TERN_OCSP_SIGNER);
}

static void it_holds_from_this_update_to_next_update(void **state)
{
    (void)state;
    tern_ocsp_times t = times_of("good.der");
    /*= HS-073 */
    assert_true(t.until > t.this_update + 29000 * (uint64_t)DAY);
    assert_int_equal(judge_at("leaf.pem", "root.pem", "good.der", t.this_update - 300), TERN_OCSP_GOOD);
    assert_int_equal(judge_at("leaf.pem", "root.pem", "good.der", t.this_update - 301), TERN_OCSP_NOT_YET);
    assert_int_equal(judge_at("leaf.pem", "root.pem", "good.der", 0), TERN_OCSP_NOT_YET);
    assert_int_equal(judge_at("leaf.pem", "root.pem", "good.der", t.until + 300), TERN_OCSP_GOOD);
    assert_int_equal(judge_at("leaf.pem", "root.pem", "good.der", t.until + 301), TERN_OCSP_EXPIRED);
    assert_int_equal(judge_at("leaf.pem", "root.pem", "good.der", UINT64_MAX), TERN_OCSP_EXPIRED);
    uint64_t made = times_of("undated.der").this_update;
    assert_int_equal(judge_at("leaf.pem", "root.pem", "undated.der", made + DAY + 300), TERN_OCSP_GOOD);
    assert_int_equal(judge_at("leaf.pem", "root.pem", "undated.der", made + DAY + 301), TERN_OCSP_EXPIRED);
}

static void who_made_the_chain_cannot_make_himself_the_issuer(void **state)
{
    (void)state;
    holder h;
    /* Behind the leaf stands a certificate with the authority's name and a thief's key, which nobody looks at. */
    hold(&h, "padded.pem", "root.pem");
    assert_int_equal(h.chain.n, 2);
    assert_int_equal(h.report.anchored, 0);
    /*= HS-072 */
    assert_int_equal(tern_ocsp_verify(FIXTURE("of_imposter.der"), &h.subject, soon(), NULL),
                     TERN_OCSP_OTHER_CERTIFICATE);
    assert_int_equal(tern_ocsp_verify(FIXTURE("by_imposter.der"), &h.subject, soon(), NULL), TERN_OCSP_SIGNATURE);
    assert_int_equal(tern_ocsp_verify(FIXTURE("good.der"), &h.subject, soon(), NULL), TERN_OCSP_GOOD);
}

static void without_an_issuer_nothing_verifies(void **state)
{
    (void)state;
    holder h;
    tern_issuer_key issuer;
    read_chain(&h, "leaf.pem");
    tern_buf room = { h.anchor_room, sizeof h.anchor_room };
    assert_int_equal(tern_anchors_from_pem(&h.anchors, FIXTURE("leaf.pem"), room), TERN_OK); /* the leaf itself */
    h.report = verify(&h);
    assert_int_equal(h.report.fault, TERN_CHAIN_GOOD);
    assert_false(tern_chain_issuer(&h.chain, &h.anchors, &h.report, &issuer));
    h.report.fault = TERN_CHAIN_SIGNATURE; /* a chain that is not good */
    assert_false(tern_chain_issuer(&h.chain, &h.anchors, &h.report, &issuer));
    assert_true(tern_ocsp_subject_read(h.chain.certificate[0], NULL, &h.subject));
    /*= HS-072 */
    assert_int_equal(tern_ocsp_verify(FIXTURE("good.der"), &h.subject, soon(), NULL), TERN_OCSP_NO_ISSUER);
    h.subject = (tern_ocsp_subject){ 0 };
    assert_int_equal(tern_ocsp_verify(FIXTURE("good.der"), &h.subject, soon(), NULL), TERN_OCSP_NO_ISSUER);
}

static void a_preview_does_with_what_the_relay_knows(void **state)
{
    (void)state;
    holder h;
    tern_issuer_key issuer;
    tern_ocsp_times times;
    read_chain(&h, "leaf.pem");
    assert_false(tern_chain_named_issuer(&h.chain, &issuer));
    assert_true(tern_ocsp_subject_read(h.chain.certificate[0], NULL, &h.subject));
    assert_int_equal(tern_ocsp_preview(FIXTURE("good.der"), &h.subject, soon(), &times), TERN_OCSP_GOOD);
    assert_int_equal(times.until, times_of("good.der").until);
    assert_int_equal(tern_ocsp_preview(FIXTURE("by_other.der"), &h.subject, soon(), NULL), TERN_OCSP_GOOD);
    assert_int_equal(tern_ocsp_preview(FIXTURE("of_second.der"), &h.subject, soon(), NULL),
                     TERN_OCSP_OTHER_CERTIFICATE);
    assert_int_equal(tern_ocsp_preview(FIXTURE("revoked.der"), &h.subject, soon(), NULL), TERN_OCSP_REVOKED);
    read_chain(&h, "chain.pem");
    assert_true(tern_chain_named_issuer(&h.chain, &issuer));
    assert_true(tern_ocsp_subject_read(h.chain.certificate[0], &issuer, &h.subject));
    assert_int_equal(tern_ocsp_preview(FIXTURE("of_chain.der"), &h.subject, soon(), NULL), TERN_OCSP_GOOD);
    assert_int_equal(tern_ocsp_preview(FIXTURE("of_chain_by_root.der"), &h.subject, soon(), NULL), TERN_OCSP_SIGNER);
}

static void a_certificate_may_ask_for_a_status(void **state)
{
    (void)state;
    holder h;
    hold(&h, "must_staple.pem", "root.pem");
    /*= HS-075 */
    assert_true(h.subject.wants_status);
    hold(&h, "leaf.pem", "root.pem");
    assert_false(h.subject.wants_status);
    assert_false(tern_ocsp_subject_read(LITERAL("no certificate"), NULL, &h.subject));
    assert_int_equal(h.subject.serial_n, 0);
}

/* ---- hostile bytes ---- */

static void no_cut_response_is_taken_or_reads_outside(void **state)
{
    (void)state;
    static const char *const files[] = { "good.der", "good_sha256.der", "revoked.der", "delegate.der" };
    holder h;
    hold(&h, "leaf.pem", "root.pem");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tern_bytes whole = FIXTURE(files[i]);
        for (size_t n = 0; n < whole.n; n++) {
            uint8_t *copy = exact_copy(whole.p, n);
            assert_int_equal(tern_ocsp_verify(tern_bytes_of(copy, n), &h.subject, soon(), NULL), TERN_OCSP_MALFORMED);
            free(copy);
        }
        uint8_t *longer = exact_copy(whole.p, whole.n + 1);
        longer[whole.n] = 0;
        assert_int_equal(tern_ocsp_verify(tern_bytes_of(longer, whole.n + 1), &h.subject, soon(), NULL),
                         TERN_OCSP_MALFORMED);
        free(longer);
    }
}

/* Flips every byte; a response in which one is flipped is never taken, wherever it stands. */
static void assert_no_flip_is_taken(const char *chain, const char *root, const char *file)
{
    holder h;
    hold(&h, chain, root);
    tern_bytes whole = FIXTURE(file);
    uint64_t now = soon();
    uint8_t *copy = exact_copy(whole.p, whole.n);
    assert_int_equal(tern_ocsp_verify(tern_bytes_of(copy, whole.n), &h.subject, now, NULL), TERN_OCSP_GOOD);
    for (size_t at = 0; at < whole.n; at++) {
        uint8_t flip = (uint8_t)(1u << (at + at / 8) % 8);
        copy[at] ^= flip;
        tern_ocsp_result result = tern_ocsp_verify(tern_bytes_of(copy, whole.n), &h.subject, now, NULL);
        if (result == TERN_OCSP_GOOD) fail_msg("%s is taken with byte %zu flipped", file, at);
        copy[at] ^= flip;
    }
    free(copy);
}

static void no_flipped_response_is_taken(void **state)
{
    (void)state;
    /*= HS-071 */
    assert_no_flip_is_taken("leaf.pem", "root.pem", "good.der");
    assert_no_flip_is_taken("leaf.pem", "root.pem", "good_sha256.der");
    assert_no_flip_is_taken("leaf.pem", "root.pem", "delegate.der");
    assert_no_flip_is_taken("rsa_leaf.pem", "rsa.pem", "rsa.der");
    assert_no_flip_is_taken("rsa_leaf.pem", "rsa.pem", "delegate_rsa.der");
}

static void what_is_too_long_is_not_looked_at(void **state)
{
    (void)state;
    static uint8_t room[TERN_OCSP_MAX + 1] = { 0x30, 0x82, (TERN_OCSP_MAX + 1 - 4) >> 8, (TERN_OCSP_MAX + 1 - 4) & 0xff,
                                               0x0a, 0x01 };
    holder h;
    hold(&h, "leaf.pem", "root.pem");
    assert_int_equal(tern_ocsp_verify(tern_bytes_of(room, sizeof room), &h.subject, soon(), NULL), TERN_OCSP_MALFORMED);
    assert_int_equal(tern_ocsp_verify((tern_bytes){ 0 }, &h.subject, soon(), NULL), TERN_OCSP_MALFORMED);
}

static void every_result_has_words_and_an_error(void **state)
{
    (void)state;
    for (int r = 0; r <= TERN_OCSP_RESULT_COUNT; r++) {
        assert_non_null(tern_ocsp_text((tern_ocsp_result)r));
        assert_int_equal(tern_ocsp_error((tern_ocsp_result)r) == TERN_OK, r == TERN_OCSP_GOOD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_response_by_the_issuer_is_taken),
        cmocka_unit_test(what_is_not_good_is_said),
        cmocka_unit_test(revoked_stays_revoked_when_the_response_has_expired),
        cmocka_unit_test(a_response_for_another_certificate_is_refused),
        cmocka_unit_test(only_who_issued_the_certificate_signs),
        cmocka_unit_test(a_delegated_responder_signs_when_the_issuer_says_so),
        cmocka_unit_test(it_holds_from_this_update_to_next_update),
        cmocka_unit_test(who_made_the_chain_cannot_make_himself_the_issuer),
        cmocka_unit_test(without_an_issuer_nothing_verifies),
        cmocka_unit_test(a_preview_does_with_what_the_relay_knows),
        cmocka_unit_test(a_certificate_may_ask_for_a_status),
        cmocka_unit_test(no_cut_response_is_taken_or_reads_outside),
        cmocka_unit_test(no_flipped_response_is_taken),
        cmocka_unit_test(what_is_too_long_is_not_looked_at),
        cmocka_unit_test(every_result_has_words_and_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
