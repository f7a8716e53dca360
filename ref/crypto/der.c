/* SPDX-License-Identifier: MIT */
/* The bounded DER reader (spec: handshake; X.690 section 10, RFC 5280 section 4). */
#include "crypto/der.h"

#include <string.h>

#include "base/io.h"

bool tern_der_next(tern_bytes *in, tern_der *element)
{
    tern_reader r = tern_reader_of(*in);
    uint8_t tag = tern_read_u8(&r);
    if ((tag & 0x1f) == 0x1f) return false;
    size_t length = tern_read_u8(&r);
    if (length >= 0x80) { /* long form: only as long as it must be */
        size_t octets = length & 0x7f;
        if (octets < 1 || octets > 3) return false;
        length = 0;
        for (size_t i = 0; i < octets; i++) length = length << 8 | tern_read_u8(&r);
        if (length < 0x80 || length >> (8 * (octets - 1)) == 0) return false;
    }
    tern_bytes value = tern_read_bytes(&r, length);
    if (!tern_reader_ok(&r)) return false;
    *element = (tern_der){ .tag = tag, .value = value, .whole = { in->p, in->n - r.left } };
    *in = (tern_bytes){ r.p, r.left };
    return true;
}

bool tern_der_expect(tern_bytes *in, uint8_t tag, tern_bytes *value)
{
    tern_bytes rest = *in;
    tern_der element;
    if (!tern_der_next(&rest, &element) || element.tag != tag) return false;
    *value = element.value;
    *in = rest;
    return true;
}

bool tern_der_skip_optional(tern_bytes *in, uint8_t tag)
{
    tern_bytes ignored;
    if (in->n == 0 || in->p[0] != tag) return true;
    return tern_der_expect(in, tag, &ignored);
}

bool tern_der_positive(tern_bytes *in, tern_buf out)
{
    tern_bytes rest = *in, v;
    if (!tern_der_expect(&rest, TERN_DER_INTEGER, &v) || v.n == 0 || v.p[0] >= 0x80) return false;
    if (v.p[0] == 0) { /* a zero in front is there to keep the sign, or is the number zero */
        if (v.n == 1 || v.p[1] < 0x80) return false;
        v.p++, v.n--;
    }
    if (v.n > out.n) return false;
    memset(out.p, 0, out.n - v.n);
    memcpy(out.p + out.n - v.n, v.p, v.n);
    *in = rest;
    return true;
}

bool tern_der_certificate_read(tern_bytes der, tern_der_certificate *certificate)
{
    tern_bytes outer, tbs, ignored, wrapped;
    tern_der subject;
    *certificate = (tern_der_certificate){ 0 };
    if (!tern_der_expect(&der, TERN_DER_SEQUENCE, &outer) || der.n != 0) return false;
    if (!tern_der_expect(&outer, TERN_DER_SEQUENCE, &tbs)) return false;
    if (!tern_der_skip_optional(&tbs, TERN_DER_CONTEXT_CONSTRUCTED(0))) return false;     /* version */
    if (!tern_der_expect(&tbs, TERN_DER_INTEGER, &ignored)) return false;                 /* serial number */
    if (!tern_der_expect(&tbs, TERN_DER_SEQUENCE, &ignored)) return false;                /* signature algorithm */
    if (!tern_der_expect(&tbs, TERN_DER_SEQUENCE, &ignored)) return false;                /* issuer */
    if (!tern_der_expect(&tbs, TERN_DER_SEQUENCE, &ignored)) return false;                /* validity */
    if (!tern_der_next(&tbs, &subject) || subject.tag != TERN_DER_SEQUENCE) return false; /* subject */
    if (!tern_der_expect(&tbs, TERN_DER_SEQUENCE, &ignored)) return false;                /* public key */
    if (!tern_der_skip_optional(&tbs, TERN_DER_CONTEXT(1))) return false;                 /* issuer's unique id */
    if (!tern_der_skip_optional(&tbs, TERN_DER_CONTEXT(2))) return false;                 /* subject's unique id */
    certificate->subject = subject.whole;
    if (tbs.n == 0) return true;
    if (!tern_der_expect(&tbs, TERN_DER_CONTEXT_CONSTRUCTED(3), &wrapped) || tbs.n != 0) return false;
    return tern_der_expect(&wrapped, TERN_DER_SEQUENCE, &certificate->extensions) && wrapped.n == 0;
}

/* Finds an extension by its OID; *content is what its OCTET STRING holds. */
static bool find_extension(tern_bytes extensions, tern_bytes oid, tern_bytes *content)
{
    tern_bytes extension, id;
    while (tern_der_expect(&extensions, TERN_DER_SEQUENCE, &extension)) {
        if (!tern_der_expect(&extension, TERN_DER_OID, &id)) return false;
        if (!tern_der_skip_optional(&extension, TERN_DER_BOOLEAN)) return false; /* critical */
        if (!tern_der_expect(&extension, TERN_DER_OCTET_STRING, content) || extension.n != 0) return false;
        if (id.n == oid.n && memcmp(id.p, oid.p, oid.n) == 0) return true;
    }
    return false;
}

bool tern_der_has_ip(const tern_der_certificate *certificate, tern_bytes ip)
{
    static const uint8_t subject_alt_name[] = { 0x55, 0x1d, 0x11 }; /* 2.5.29.17 */
    tern_bytes content, names;
    tern_der name;
    if (ip.n != 4 && ip.n != 16) return false;
    tern_bytes oid = { subject_alt_name, sizeof subject_alt_name };
    if (!find_extension(certificate->extensions, oid, &content)) return false;
    if (!tern_der_expect(&content, TERN_DER_SEQUENCE, &names) || content.n != 0) return false;
    while (tern_der_next(&names, &name)) {
        bool is_ip = name.tag == TERN_DER_CONTEXT(7); /* iPAddress */
        if (is_ip && name.value.n == ip.n && memcmp(name.value.p, ip.p, ip.n) == 0) return true;
    }
    return false;
}
