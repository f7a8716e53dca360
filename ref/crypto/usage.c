/* SPDX-License-Identifier: MIT */
/* What a certificate's key is for. */
#include "crypto/usage.h"

#include "crypto/der.h"

static const uint8_t key_usage[] = { 0x55, 0x1d, 0x0f }, extended[] = { 0x55, 0x1d, 0x25 };
static const uint8_t constraints[] = { 0x55, 0x1d, 0x13 };

const tern_bytes tern_oid_key_usage = { key_usage, sizeof key_usage };
const tern_bytes tern_oid_extended_key_usage = { extended, sizeof extended };
const tern_bytes tern_oid_basic_constraints = { constraints, sizeof constraints };

bool tern_usage_has(tern_bytes content, tern_key_usage bit)
{
    tern_bytes bits; /* behind the number of bits that the last byte does not use; bit 0 is the highest */
    if (!tern_der_expect(&content, TERN_DER_BIT_STRING, &bits) || content.n != 0) return false;
    return bits.n >= 2 && (bits.p[1] >> (7 - bit) & 1) != 0;
}

static bool lists(tern_bytes content, tern_bytes purpose)
{
    tern_bytes purposes, one;
    if (!tern_der_expect(&content, TERN_DER_SEQUENCE, &purposes) || content.n != 0) return false;
    while (tern_der_expect(&purposes, TERN_DER_OID, &one))
        if (tern_der_same(one, purpose)) return true;
    return false;
}

bool tern_purpose_listed(tern_bytes content, tern_purpose purpose)
{
    const uint8_t oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, (uint8_t)purpose };
    return lists(content, tern_bytes_of(oid, sizeof oid));
}

bool tern_usage_allowed(tern_bytes extensions, tern_key_usage bit)
{
    tern_der_extension e;
    return !tern_der_extension_find(extensions, tern_oid_key_usage, &e) || tern_usage_has(e.content, bit);
}

bool tern_purpose_allowed(tern_bytes extensions, tern_purpose purpose)
{
    static const uint8_t any[] = { 0x55, 0x1d, 0x25, 0x00 };
    tern_der_extension e;
    if (!tern_der_extension_find(extensions, tern_oid_extended_key_usage, &e)) return true;
    return tern_purpose_listed(e.content, purpose) || lists(e.content, tern_bytes_of(any, sizeof any));
}

tern_constraints tern_constraints_read(tern_bytes extensions)
{
    tern_constraints c = { 0 };
    tern_der_extension e;
    tern_bytes parts, flag, length;
    if (!tern_der_extension_find(extensions, tern_oid_basic_constraints, &e)) return c;
    if (!tern_der_expect(&e.content, TERN_DER_SEQUENCE, &parts)) return c;
    c.is_ca = tern_der_expect(&parts, TERN_DER_BOOLEAN, &flag) && flag.n == 1 && flag.p[0] != 0;
    c.limited = c.is_ca && tern_der_expect(&parts, TERN_DER_INTEGER, &length) && length.n > 0;
    if (c.limited) c.below_max = length.n == 1 ? length.p[0] : UINT8_MAX;
    return c;
}
