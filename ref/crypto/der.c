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

bool tern_der_bits(tern_bytes *in, tern_bytes *bits)
{
    tern_bytes rest = *in, v;
    if (!tern_der_expect(&rest, TERN_DER_BIT_STRING, &v) || v.n == 0 || v.p[0] != 0) return false;
    *bits = tern_bytes_of(v.p + 1, v.n - 1);
    *in = rest;
    return true;
}

/* Days from 1970 to a date, which is not before; RFC 5280 knows the Gregorian calendar alone. */
static uint64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
    static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    unsigned leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477; /* 477 are before 1970 */
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return (uint64_t)(year - 1970) * 365 + leaps + before[month - 1] + (is_leap && month > 2) + day - 1;
}

static bool two_digits(tern_reader *r, unsigned least, unsigned most, unsigned *out)
{
    unsigned tens = tern_read_u8(r) - (unsigned)'0', ones = tern_read_u8(r) - (unsigned)'0';
    if (!tern_reader_ok(r) || tens > 9 || ones > 9) return false;
    *out = 10 * tens + ones;
    return *out >= least && *out <= most;
}

bool tern_der_time(tern_bytes *in, uint64_t *unix_seconds)
{
    tern_bytes rest = *in;
    tern_der time;
    unsigned century = 0, year, month, day, hour, minute, second;
    if (!tern_der_next(&rest, &time)) return false;
    if (time.tag != TERN_DER_UTC_TIME && time.tag != TERN_DER_GENERALIZED_TIME) return false;
    tern_reader r = tern_reader_of(time.value);
    bool is_utc = time.tag == TERN_DER_UTC_TIME;
    if (!is_utc && !two_digits(&r, 0, 99, &century)) return false;
    if (!two_digits(&r, 0, 99, &year) || !two_digits(&r, 1, 12, &month) || !two_digits(&r, 1, 31, &day)) return false;
    if (!two_digits(&r, 0, 23, &hour) || !two_digits(&r, 0, 59, &minute) || !two_digits(&r, 0, 59, &second))
        return false;
    if (tern_read_u8(&r) != 'Z' || !tern_reader_done(&r)) return false;
    if (is_utc) century = year < 50 ? 20 : 19; /* RFC 5280 section 4.1.2.5.1 */
    year += 100 * century;
    *unix_seconds = 0;
    if (year >= 1970) *unix_seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    *in = rest;
    return true;
}

bool tern_der_extension_next(tern_bytes *in, tern_der_extension *extension)
{
    tern_bytes rest = *in, parts, critical;
    if (!tern_der_expect(&rest, TERN_DER_SEQUENCE, &parts)) return false;
    if (!tern_der_expect(&parts, TERN_DER_OID, &extension->oid)) return false;
    extension->critical = false;
    if (parts.n > 0 && parts.p[0] == TERN_DER_BOOLEAN) {
        if (!tern_der_expect(&parts, TERN_DER_BOOLEAN, &critical) || critical.n != 1) return false;
        extension->critical = critical.p[0] != 0;
    }
    if (!tern_der_expect(&parts, TERN_DER_OCTET_STRING, &extension->content) || parts.n != 0) return false;
    *in = rest;
    return true;
}

bool tern_der_extension_find(tern_bytes extensions, tern_bytes oid, tern_der_extension *extension)
{
    while (tern_der_extension_next(&extensions, extension))
        if (tern_der_same(extension->oid, oid)) return true;
    return false;
}

/* X.509 has it as [0] EXPLICIT INTEGER DEFAULT v1, one less than its name. */
static bool read_version(tern_bytes *tbs, uint8_t *version)
{
    tern_bytes wrapped, value;
    *version = 1;
    if (!tern_der_expect(tbs, TERN_DER_CONTEXT_CONSTRUCTED(0), &wrapped)) return true;
    if (!tern_der_expect(&wrapped, TERN_DER_INTEGER, &value) || wrapped.n != 0) return false;
    if (value.n != 1 || value.p[0] > 2) return false;
    *version = (uint8_t)(value.p[0] + 1);
    return true;
}

static bool read_tbs(tern_bytes tbs, tern_der_certificate *certificate, tern_bytes *algorithm)
{
    tern_bytes validity, wrapped;
    tern_der issuer, subject;
    if (!read_version(&tbs, &certificate->version)) return false;
    if (!tern_der_expect(&tbs, TERN_DER_INTEGER, &certificate->serial)) return false;
    if (!tern_der_expect(&tbs, TERN_DER_SEQUENCE, algorithm)) return false;
    if (!tern_der_next(&tbs, &issuer) || issuer.tag != TERN_DER_SEQUENCE) return false;
    if (!tern_der_expect(&tbs, TERN_DER_SEQUENCE, &validity)) return false;
    if (!tern_der_time(&validity, &certificate->not_before) || !tern_der_time(&validity, &certificate->not_after) ||
        validity.n != 0)
        return false;
    if (!tern_der_next(&tbs, &subject) || subject.tag != TERN_DER_SEQUENCE) return false;
    if (!tern_der_expect(&tbs, TERN_DER_SEQUENCE, &certificate->key_info)) return false;
    if (!tern_der_skip_optional(&tbs, TERN_DER_CONTEXT(1))) return false; /* issuer's unique id */
    if (!tern_der_skip_optional(&tbs, TERN_DER_CONTEXT(2))) return false; /* subject's unique id */
    certificate->issuer = issuer.whole;
    certificate->subject = subject.whole;
    if (tbs.n == 0) return true;
    if (!tern_der_expect(&tbs, TERN_DER_CONTEXT_CONSTRUCTED(3), &wrapped) || tbs.n != 0) return false;
    return tern_der_expect(&wrapped, TERN_DER_SEQUENCE, &certificate->extensions) && wrapped.n == 0;
}

bool tern_der_certificate_read(tern_bytes der, tern_der_certificate *certificate)
{
    tern_bytes outer, within;
    tern_der tbs;
    *certificate = (tern_der_certificate){ 0 };
    if (!tern_der_expect(&der, TERN_DER_SEQUENCE, &outer) || der.n != 0) return false;
    if (!tern_der_next(&outer, &tbs) || tbs.tag != TERN_DER_SEQUENCE) return false;
    certificate->tbs = tbs.whole;
    if (!read_tbs(tbs.value, certificate, &within)) return false;
    if (!tern_der_expect(&outer, TERN_DER_SEQUENCE, &certificate->algorithm)) return false;
    if (!tern_der_same(certificate->algorithm, within)) return false; /* RFC 5280 section 4.1.1.2 */
    return tern_der_bits(&outer, &certificate->signature) && outer.n == 0;
}

bool tern_der_has_ip(const tern_der_certificate *certificate, tern_bytes ip)
{
    static const uint8_t subject_alt_name[] = { 0x55, 0x1d, 0x11 }; /* 2.5.29.17 */
    tern_der_extension names_extension;
    tern_bytes content, names;
    tern_der name;
    if (ip.n != 4 && ip.n != 16) return false;
    tern_bytes oid = { subject_alt_name, sizeof subject_alt_name };
    if (!tern_der_extension_find(certificate->extensions, oid, &names_extension)) return false;
    content = names_extension.content;
    if (!tern_der_expect(&content, TERN_DER_SEQUENCE, &names) || content.n != 0) return false;
    while (tern_der_next(&names, &name)) {
        bool is_ip = name.tag == TERN_DER_CONTEXT(7); /* iPAddress */
        if (is_ip && name.value.n == ip.n && memcmp(name.value.p, ip.p, ip.n) == 0) return true;
    }
    return false;
}
