/* SPDX-License-Identifier: MIT */
/* OCSP responses, and certificates as the reader of DER sees them. The first byte says what the rest is: a response
 * judged for the certificate of the tests, one judged for whatever certificate it speaks of itself, or a certificate;
 * the second says when. Only what the authority's key has signed is ever good; what is read lies within the input. */
#include "fuzz.h"

#include "crypto/der.h"
#include "crypto/issuer.h"
#include "crypto/ocsp.h"
#include "crypto/pem.h"

#define GENUINE_MAX 16
#define FIXTURE_MAX 4096

/* Responses that are signed as they should be; all for the certificate of leaf.pem or second.pem, by root.pem. */
static const char *const genuine_files[] = { "good.der",
                                             "good_sha256.der",
                                             "good_with_certificate.der",
                                             "undated.der",
                                             "revoked.der",
                                             "unknown.der",
                                             "of_second.der",
                                             "delegate.der",
                                             "delegate_by_key.der",
                                             "delegate_p384.der",
                                             "delegate_absent.der",
                                             "delegate_by_root.der",
                                             "of_chain_by_root.der" };

static struct {
    bool ready;
    tern_ocsp_subject subject;
    uint8_t genuine[GENUINE_MAX][TERN_SHA256_SIZE]; /* of what is signed */
    uint64_t made;
} world;

static size_t read_fixture(const char *name, uint8_t room[FIXTURE_MAX])
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", TERN_FIXTURES, name);
    FILE *f = fopen(path, "rb");
    CHECK(f != NULL);
    size_t n = fread(room, 1, FIXTURE_MAX, f);
    fclose(f);
    CHECK(n > 0 && n < FIXTURE_MAX);
    return n;
}

static tern_bytes read_certificate(const char *name, uint8_t der[FIXTURE_MAX])
{
    uint8_t text[FIXTURE_MAX];
    tern_bytes pem = tern_bytes_of(text, read_fixture(name, text));
    tern_buf storage = { der, FIXTURE_MAX };
    tern_pem object;
    CHECK(tern_pem_next(&pem, &storage, &object) == TERN_PEM_OBJECT);
    return object.der;
}

static void get_ready(void)
{
    uint8_t leaf[FIXTURE_MAX], root[FIXTURE_MAX];
    tern_chain chain = { .n = 2,
                         .certificate = { read_certificate("leaf.pem", leaf), read_certificate("root.pem", root) } };
    tern_issuer_key issuer;
    CHECK(tern_chain_named_issuer(&chain, &issuer));
    CHECK(tern_ocsp_subject_read(chain.certificate[0], &issuer, &world.subject));
    for (size_t i = 0; i < sizeof genuine_files / sizeof genuine_files[0]; i++) {
        tern_ocsp_response response;
        tern_ocsp_single single;
        tern_bytes bytes = tern_bytes_of(leaf, read_fixture(genuine_files[i], leaf));
        CHECK(tern_ocsp_read(bytes, &response) == TERN_OCSP_GOOD);
        tern_sha256_of(response.tbs, world.genuine[i]);
        if (i == 0 && tern_ocsp_single_next(&response.singles, &single)) world.made = single.times.this_update;
    }
    world.ready = true;
}

static bool is_genuine(tern_bytes signed_part)
{
    uint8_t hash[TERN_SHA256_SIZE];
    tern_sha256_of(signed_part, hash);
    for (size_t i = 0; i < sizeof genuine_files / sizeof genuine_files[0]; i++)
        if (memcmp(hash, world.genuine[i], sizeof hash) == 0) return true;
    return false;
}

static void check_within(tern_bytes view, tern_bytes whole)
{
    CHECK(view.n == 0 || (view.p >= whole.p && view.n <= whole.n && (size_t)(view.p - whole.p) <= whole.n - view.n));
}

/* The certificate that a response speaks of, as far as hashes tell, issued by the authority of the tests. */
static tern_ocsp_subject subject_of(const tern_ocsp_single *single)
{
    tern_ocsp_subject subject = world.subject;
    subject.serial_n = 0;
    if (single->serial.n > 0 && single->serial.n <= sizeof subject.serial) {
        memcpy(subject.serial, single->serial.p, single->serial.n);
        subject.serial_n = (uint8_t)single->serial.n;
    }
    if (single->sha1 && single->name_hash.n == TERN_SHA1_SIZE && single->key_hash.n == TERN_SHA1_SIZE) {
        memcpy(subject.name_sha1, single->name_hash.p, TERN_SHA1_SIZE);
        memcpy(subject.key_sha1, single->key_hash.p, TERN_SHA1_SIZE);
    }
    return subject;
}

static void judge(tern_bytes bytes, bool borrowed, uint64_t now)
{
    tern_ocsp_response response;
    tern_ocsp_single single;
    tern_ocsp_subject subject = world.subject;
    tern_ocsp_times times = { 0, 0 };
    tern_ocsp_result read = tern_ocsp_read(bytes, &response);
    CHECK(read == TERN_OCSP_GOOD || read == TERN_OCSP_MALFORMED || read == TERN_OCSP_UNSUCCESSFUL);
    if (read == TERN_OCSP_GOOD) {
        tern_bytes singles = response.singles;
        CHECK(tern_ocsp_single_next(&singles, &single));
        if (borrowed) subject = subject_of(&single);
        while (singles.n > 0) CHECK(tern_ocsp_single_next(&singles, &single));
        CHECK(single.times.until >= single.times.this_update);
        check_within(response.tbs, bytes);
        check_within(response.responder, response.tbs);
        check_within(response.singles, response.tbs);
        check_within(response.signature, bytes);
        check_within(response.certificates, bytes);
    }
    tern_ocsp_result result = tern_ocsp_verify(bytes, &subject, now, &times);
    CHECK(result < TERN_OCSP_RESULT_COUNT && (read == TERN_OCSP_GOOD || result == read));
    bool says_something = result == TERN_OCSP_GOOD || result == TERN_OCSP_REVOKED || result == TERN_OCSP_UNKNOWN;
    if (says_something) CHECK(is_genuine(response.tbs));
    if (result == TERN_OCSP_GOOD) CHECK(now + TERN_OCSP_SKEW_S >= times.this_update);
    tern_ocsp_result preview = tern_ocsp_preview(bytes, &subject, now, NULL);
    CHECK(preview == result || preview == TERN_OCSP_EXPIRED);
}

static void read_it(tern_bytes bytes)
{
    tern_der_certificate parts;
    tern_ocsp_subject subject;
    tern_issuer_key key;
    bool readable = tern_der_certificate_read(bytes, &parts);
    CHECK(tern_ocsp_subject_read(bytes, NULL, &subject) ==
          (readable && parts.serial.n > 0 && parts.serial.n <= TERN_OCSP_SERIAL_MAX));
    if (!readable) return;
    check_within(parts.tbs, bytes);
    check_within(parts.key_info, parts.tbs);
    check_within(parts.extensions, parts.tbs);
    check_within(parts.signature, bytes);
    if (tern_issuer_key_read(parts.key_info, &key)) {
        CHECK(key.n > 0 && key.n <= sizeof key.bits);
        (void)!tern_issuer_key_verify(&key, parts.algorithm, parts.tbs, parts.signature);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t offsets[] = { 60, -301, 90000, 40000 * INT64_C(86400) };
    if (!world.ready) get_ready();
    tern_reader in = tern_reader_of(tern_bytes_of(data, size));
    uint8_t what = tern_read_u8(&in) % 3, when = tern_read_u8(&in) % 4;
    if (!tern_reader_ok(&in)) return 0;
    tern_bytes bytes = tern_read_rest(&in);
    if (what == 2)
        read_it(bytes);
    else
        judge(bytes, what == 1, world.made + (uint64_t)offsets[when]);
    return 0;
}
