/* SPDX-License-Identifier: MIT */
/* The reader of OCSP responses (RFC 6960 section 4.2.1): bytes to views, nothing else. */
#include "crypto/der.h"
#include "crypto/ocsp.h"

#define OID(array) tern_bytes_of((array), sizeof(array))

static const uint8_t basic_oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01 };
static const uint8_t sha1_oid[] = { 0x2b, 0x0e, 0x03, 0x02, 0x1a };
static const uint8_t sha256_oid[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };

static bool is_null(tern_bytes parameters)
{
    static const uint8_t null[] = { TERN_DER_NULL, 0 };
    return tern_der_same(parameters, OID(null));
}

/* Explicit [n] around one element: takes it off, *value is what is inside. */
static bool unwrap(tern_bytes *in, uint8_t n, tern_bytes *value)
{
    return tern_der_expect(in, (uint8_t)TERN_DER_CONTEXT_CONSTRUCTED(n), value);
}

static bool begins_with(tern_bytes in, uint8_t tag)
{
    return in.n > 0 && in.p[0] == tag;
}

/* [1] EXPLICIT Extensions at the end, or nothing; sets *critical for one that is. */
static bool extensions_end(tern_bytes in, bool *critical)
{
    tern_bytes wrapped, list;
    tern_der_extension extension;
    if (in.n == 0) return true;
    if (!unwrap(&in, 1, &wrapped) || in.n != 0) return false;
    if (!tern_der_expect(&wrapped, TERN_DER_SEQUENCE, &list) || wrapped.n != 0) return false;
    while (list.n > 0) {
        if (!tern_der_extension_next(&list, &extension)) return false;
        if (extension.critical) *critical = true;
    }
    return true;
}

static bool read_certificate_id(tern_bytes id, tern_ocsp_single *out)
{
    tern_bytes algorithm, oid;
    if (!tern_der_expect(&id, TERN_DER_SEQUENCE, &algorithm) || !tern_der_expect(&algorithm, TERN_DER_OID, &oid))
        return false;
    if (algorithm.n != 0 && !is_null(algorithm)) return false;
    out->sha1 = tern_der_same(oid, OID(sha1_oid));
    out->sha256 = tern_der_same(oid, OID(sha256_oid));
    return tern_der_expect(&id, TERN_DER_OCTET_STRING, &out->name_hash) &&
           tern_der_expect(&id, TERN_DER_OCTET_STRING, &out->key_hash) &&
           tern_der_expect(&id, TERN_DER_INTEGER, &out->serial) && id.n == 0;
}

/* RevokedInfo: when, and why if that is told. */
static bool read_revoked(tern_bytes info)
{
    tern_bytes wrapped, reason;
    uint64_t when;
    if (!begins_with(info, TERN_DER_GENERALIZED_TIME) || !tern_der_time(&info, &when)) return false;
    if (info.n == 0) return true;
    return unwrap(&info, 0, &wrapped) && info.n == 0 && tern_der_expect(&wrapped, TERN_DER_ENUMERATED, &reason) &&
           reason.n == 1 && wrapped.n == 0;
}

static bool read_status(tern_bytes *in, tern_ocsp_status *status)
{
    tern_der element;
    if (!tern_der_next(in, &element)) return false;
    switch (element.tag) {
    case TERN_DER_CONTEXT(0): *status = TERN_OCSP_STATUS_GOOD; return element.value.n == 0;
    case TERN_DER_CONTEXT_CONSTRUCTED(1): *status = TERN_OCSP_STATUS_REVOKED; return read_revoked(element.value);
    case TERN_DER_CONTEXT(2): *status = TERN_OCSP_STATUS_UNKNOWN; return element.value.n == 0;
    default: return false;
    }
}

static bool read_generalized(tern_bytes *in, uint64_t *unix_seconds)
{
    return begins_with(*in, TERN_DER_GENERALIZED_TIME) && tern_der_time(in, unix_seconds);
}

bool tern_ocsp_single_next(tern_bytes *singles, tern_ocsp_single *out)
{
    tern_bytes rest = *singles, single, id, wrapped;
    *out = (tern_ocsp_single){ .sha1 = false };
    if (!tern_der_expect(&rest, TERN_DER_SEQUENCE, &single)) return false;
    if (!tern_der_expect(&single, TERN_DER_SEQUENCE, &id) || !read_certificate_id(id, out)) return false;
    if (!read_status(&single, &out->status) || !read_generalized(&single, &out->times.this_update)) return false;
    out->times.until = out->times.this_update + TERN_OCSP_UNDATED_S;
    if (begins_with(single, TERN_DER_CONTEXT_CONSTRUCTED(0))) {
        if (!unwrap(&single, 0, &wrapped) || !read_generalized(&wrapped, &out->times.until) || wrapped.n != 0)
            return false;
        if (out->times.until < out->times.this_update) return false;
    }
    if (!extensions_end(single, &out->critical)) return false;
    *singles = rest;
    return true;
}

static bool read_responder(tern_bytes *in, tern_ocsp_response *out)
{
    tern_bytes wrapped;
    tern_der name;
    out->by_key = begins_with(*in, TERN_DER_CONTEXT_CONSTRUCTED(2));
    if (out->by_key)
        return unwrap(in, 2, &wrapped) && tern_der_expect(&wrapped, TERN_DER_OCTET_STRING, &out->responder) &&
               out->responder.n == TERN_SHA1_SIZE && wrapped.n == 0;
    if (!unwrap(in, 1, &wrapped) || !tern_der_next(&wrapped, &name) || name.tag != TERN_DER_SEQUENCE) return false;
    out->responder = name.whole;
    return wrapped.n == 0;
}

static bool read_data(tern_bytes data, tern_ocsp_response *out)
{
    static const uint8_t v1[] = { TERN_DER_INTEGER, 1, 0 };
    tern_bytes version, singles;
    tern_ocsp_single single;
    uint64_t produced_at;
    if (begins_with(data, TERN_DER_CONTEXT_CONSTRUCTED(0)) &&
        (!unwrap(&data, 0, &version) || !tern_der_same(version, OID(v1))))
        return false;
    if (!read_responder(&data, out) || !read_generalized(&data, &produced_at)) return false;
    if (!tern_der_expect(&data, TERN_DER_SEQUENCE, &out->singles) || out->singles.n == 0) return false;
    for (singles = out->singles; singles.n > 0;)
        if (!tern_ocsp_single_next(&singles, &single)) return false;
    return extensions_end(data, &out->critical);
}

static bool read_basic(tern_bytes basic, tern_ocsp_response *out)
{
    tern_bytes parts, wrapped;
    tern_der data;
    if (!tern_der_expect(&basic, TERN_DER_SEQUENCE, &parts) || basic.n != 0) return false;
    if (!tern_der_next(&parts, &data) || data.tag != TERN_DER_SEQUENCE || !read_data(data.value, out)) return false;
    out->tbs = data.whole;
    if (!tern_der_expect(&parts, TERN_DER_SEQUENCE, &out->algorithm) || !tern_der_bits(&parts, &out->signature))
        return false;
    if (parts.n == 0) return true;
    return unwrap(&parts, 0, &wrapped) && parts.n == 0 &&
           tern_der_expect(&wrapped, TERN_DER_SEQUENCE, &out->certificates) && wrapped.n == 0;
}

tern_ocsp_result tern_ocsp_read(tern_bytes response, tern_ocsp_response *out)
{
    tern_bytes outer, status, wrapped, typed, oid, basic;
    *out = (tern_ocsp_response){ .by_key = false };
    if (response.n > TERN_OCSP_MAX) return TERN_OCSP_MALFORMED;
    if (!tern_der_expect(&response, TERN_DER_SEQUENCE, &outer) || response.n != 0) return TERN_OCSP_MALFORMED;
    if (!tern_der_expect(&outer, TERN_DER_ENUMERATED, &status) || status.n != 1) return TERN_OCSP_MALFORMED;
    if (status.p[0] != 0) return outer.n == 0 ? TERN_OCSP_UNSUCCESSFUL : TERN_OCSP_MALFORMED;
    if (!unwrap(&outer, 0, &wrapped) || outer.n != 0) return TERN_OCSP_MALFORMED;
    if (!tern_der_expect(&wrapped, TERN_DER_SEQUENCE, &typed) || wrapped.n != 0) return TERN_OCSP_MALFORMED;
    if (!tern_der_expect(&typed, TERN_DER_OID, &oid) || !tern_der_same(oid, OID(basic_oid))) return TERN_OCSP_MALFORMED;
    if (!tern_der_expect(&typed, TERN_DER_OCTET_STRING, &basic) || typed.n != 0) return TERN_OCSP_MALFORMED;
    return read_basic(basic, out) ? TERN_OCSP_GOOD : TERN_OCSP_MALFORMED;
}
