/* SPDX-License-Identifier: MIT */
/* What an OCSP response is worth (RFC 6960 sections 3.2 and 4.2.2). */
#include "crypto/ocsp.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/der.h"
#include "crypto/usage.h"

_Static_assert(br_sha1_SIZE == TERN_SHA1_SIZE, "one size");

#define OID(array) tern_bytes_of((array), sizeof(array))

tern_error tern_ocsp_error(tern_ocsp_result result)
{
#define X(name, error, text) [TERN_OCSP_##name] = TERN_##error,
    static const tern_error errors[TERN_OCSP_RESULT_COUNT] = { TERN_OCSP_RESULTS(X) };
#undef X
    return (unsigned)result < TERN_OCSP_RESULT_COUNT ? errors[result] : TERN_BAD_STATUS;
}

const char *tern_ocsp_text(tern_ocsp_result result)
{
#define X(name, error, text) [TERN_OCSP_##name] = (text),
    static const char *const texts[TERN_OCSP_RESULT_COUNT] = { TERN_OCSP_RESULTS(X) };
#undef X
    return (unsigned)result < TERN_OCSP_RESULT_COUNT ? texts[result] : "an unknown fault";
}

static void sha1_of(tern_bytes data, uint8_t out[TERN_SHA1_SIZE])
{
    br_sha1_context h;
    br_sha1_init(&h);
    br_sha1_update(&h, data.p, data.n);
    br_sha1_out(&h, out);
}

/* TLS feature (RFC 7633): a list of the TLS extensions that its server answers; 5 is status_request. */
static bool wants_status(tern_bytes extensions)
{
    static const uint8_t tls_feature[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18 };
    tern_der_extension extension;
    tern_bytes features, feature;
    if (!tern_der_extension_find(extensions, OID(tls_feature), &extension)) return false;
    if (!tern_der_expect(&extension.content, TERN_DER_SEQUENCE, &features)) return false;
    while (tern_der_expect(&features, TERN_DER_INTEGER, &feature))
        if (feature.n == 1 && feature.p[0] == 5) return true;
    return false;
}

bool tern_ocsp_subject_read(tern_bytes certificate, const tern_issuer_key *issuer, tern_ocsp_subject *out)
{
    tern_der_certificate parts;
    *out = (tern_ocsp_subject){ .serial_n = 0 };
    if (!tern_der_certificate_read(certificate, &parts)) return false;
    /*= HS-075 */
    out->wants_status = wants_status(parts.extensions);
    if (parts.serial.n == 0 || parts.serial.n > sizeof out->serial) return false;
    memcpy(out->serial, parts.serial.p, parts.serial.n);
    out->serial_n = (uint8_t)parts.serial.n;
    sha1_of(parts.issuer, out->name_sha1);
    tern_sha256_of(parts.issuer, out->name_sha256);
    if (issuer == NULL) return true;
    out->issuer = *issuer;
    sha1_of(tern_bytes_of(issuer->bits, issuer->n), out->key_sha1);
    tern_sha256_of(tern_bytes_of(issuer->bits, issuer->n), out->key_sha256);
    return true;
}

/* ---- who signed ---- */

static bool is_issuer(const tern_ocsp_response *response, const tern_ocsp_subject *subject)
{
    uint8_t hash[TERN_SHA256_SIZE];
    if (response->by_key) return tern_der_same(response->responder, OID(subject->key_sha1));
    tern_sha256_of(response->responder, hash);
    return memcmp(hash, subject->name_sha256, sizeof hash) == 0;
}

static bool is_responder(const tern_ocsp_response *response, const tern_der_certificate *parts,
                         const tern_issuer_key *key)
{
    uint8_t hash[TERN_SHA1_SIZE];
    if (!response->by_key) return tern_der_same(response->responder, parts->subject);
    sha1_of(tern_bytes_of(key->bits, key->n), hash);
    return tern_der_same(response->responder, OID(hash));
}

/* What a delegated responder's certificate says of itself; a critical extension that is not known refuses it. */
static bool is_meant_for_it(tern_bytes extensions)
{
    tern_der_extension e;
    bool meant = false;
    while (extensions.n > 0) {
        if (!tern_der_extension_next(&extensions, &e)) return false;
        if (tern_der_same(e.oid, tern_oid_extended_key_usage)) {
            if (!tern_purpose_listed(e.content, TERN_PURPOSE_OCSP_SIGNING)) return false;
            meant = true;
        } else if (tern_der_same(e.oid, tern_oid_key_usage)) {
            if (!tern_usage_has(e.content, TERN_USAGE_DIGITAL_SIGNATURE)) return false;
        } else if (e.critical && !tern_der_same(e.oid, tern_oid_basic_constraints)) {
            return false;
        }
    }
    return meant;
}

/* Whether this certificate of the response, whose key it gives, is a delegated responder's. */
static bool is_delegate(tern_bytes certificate, const tern_ocsp_response *response, const tern_ocsp_subject *subject,
                        uint64_t now, tern_issuer_key *key)
{
    tern_der_certificate parts;
    uint8_t hash[TERN_SHA256_SIZE];
    if (!tern_der_certificate_read(certificate, &parts) || !tern_issuer_key_read(parts.key_info, key)) return false;
    if (!is_responder(response, &parts, key)) return false;
    /*= HS-072 */
    tern_sha256_of(parts.issuer, hash);
    if (memcmp(hash, subject->name_sha256, sizeof hash) != 0) return false;
    if (now < parts.not_before || now > parts.not_after || !is_meant_for_it(parts.extensions)) return false;
    return tern_issuer_key_verify(&subject->issuer, parts.algorithm, parts.tbs, parts.signature);
}

/* GOOD, SIGNER or SIGNATURE. */
static tern_ocsp_result check_signer(const tern_ocsp_response *response, const tern_ocsp_subject *subject, uint64_t now)
{
    tern_ocsp_result result = TERN_OCSP_SIGNER;
    tern_issuer_key key;
    tern_der certificate;
    tern_bytes rest = response->certificates;
    /*= HS-072 */
    if (is_issuer(response, subject)) {
        if (tern_issuer_key_verify(&subject->issuer, response->algorithm, response->tbs, response->signature))
            return TERN_OCSP_GOOD;
        result = TERN_OCSP_SIGNATURE;
    }
    for (int i = 0; i < TERN_OCSP_SIGNERS_MAX && tern_der_next(&rest, &certificate); i++) {
        if (!is_delegate(certificate.whole, response, subject, now, &key)) continue;
        if (tern_issuer_key_verify(&key, response->algorithm, response->tbs, response->signature))
            return TERN_OCSP_GOOD;
        result = TERN_OCSP_SIGNATURE;
    }
    return result;
}

/* ---- what it says ---- */

static bool speaks_of(const tern_ocsp_single *single, const tern_ocsp_subject *subject)
{
    tern_bytes serial = tern_bytes_of(subject->serial, subject->serial_n);
    bool key_known = subject->issuer.n > 0;
    /*= HS-071 */
    if (!tern_der_same(single->serial, serial)) return false;
    if (single->sha1)
        return tern_der_same(single->name_hash, OID(subject->name_sha1)) &&
               (!key_known || tern_der_same(single->key_hash, OID(subject->key_sha1)));
    return single->sha256 && tern_der_same(single->name_hash, OID(subject->name_sha256)) &&
           (!key_known || tern_der_same(single->key_hash, OID(subject->key_sha256)));
}

static tern_ocsp_result judge_single(const tern_ocsp_single *single, uint64_t now)
{
    /*= HS-074 */
    if (single->critical) return TERN_OCSP_UNSUPPORTED;
    if (single->status == TERN_OCSP_STATUS_REVOKED) return TERN_OCSP_REVOKED;
    if (single->status != TERN_OCSP_STATUS_GOOD) return TERN_OCSP_UNKNOWN;
    /*= HS-073 */
    if (single->times.this_update > now && single->times.this_update - now > TERN_OCSP_SKEW_S) return TERN_OCSP_NOT_YET;
    return now > single->times.until && now - single->times.until > TERN_OCSP_SKEW_S ? TERN_OCSP_EXPIRED
                                                                                     : TERN_OCSP_GOOD;
}

/* The first of all that speak of the certificate that is not good; OTHER_CERTIFICATE when none does. */
static tern_ocsp_result judge_singles(const tern_ocsp_response *response, const tern_ocsp_subject *subject,
                                      uint64_t now, tern_ocsp_times *times)
{
    tern_ocsp_result result = TERN_OCSP_OTHER_CERTIFICATE;
    tern_ocsp_single single;
    tern_bytes singles = response->singles;
    while (tern_ocsp_single_next(&singles, &single)) {
        if (!speaks_of(&single, subject)) continue;
        *times = single.times;
        result = judge_single(&single, now);
        if (result != TERN_OCSP_GOOD) break;
    }
    return result;
}

static tern_ocsp_result judge(tern_bytes bytes, const tern_ocsp_subject *subject, bool own, uint64_t now,
                              tern_ocsp_times *times)
{
    tern_ocsp_response response;
    tern_ocsp_times ignored;
    tern_ocsp_result result = tern_ocsp_read(bytes, &response);
    if (result != TERN_OCSP_GOOD) return result;
    if (response.critical) return TERN_OCSP_UNSUPPORTED;
    if (subject->serial_n == 0) return TERN_OCSP_OTHER_CERTIFICATE;
    tern_ocsp_result said = judge_singles(&response, subject, now, times != NULL ? times : &ignored);
    if (said == TERN_OCSP_OTHER_CERTIFICATE) return said;
    if (own && (subject->issuer.n == 0 || said == TERN_OCSP_EXPIRED)) return said;
    result = check_signer(&response, subject, now);
    return result != TERN_OCSP_GOOD ? result : said;
}

tern_ocsp_result tern_ocsp_verify(tern_bytes response, const tern_ocsp_subject *subject, uint64_t unix_seconds,
                                  tern_ocsp_times *times)
{
    if (subject->issuer.n == 0) return TERN_OCSP_NO_ISSUER;
    return judge(response, subject, false, unix_seconds, times);
}

tern_ocsp_result tern_ocsp_preview(tern_bytes response, const tern_ocsp_subject *subject, uint64_t unix_seconds,
                                   tern_ocsp_times *times)
{
    return judge(response, subject, true, unix_seconds, times);
}
