/* SPDX-License-Identifier: MIT */
/* Which fault a chain has (RFC 5280 section 6.1). */
#include "crypto/chain_fault.h"

#include <bearssl.h>

#include "crypto/der.h"
#include "crypto/usage.h"

tern_error tern_chain_error(tern_chain_fault fault)
{
#define X(name, error, text) [TERN_CHAIN_##name] = TERN_##error,
    static const tern_error errors[TERN_CHAIN_FAULT_COUNT] = { TERN_CHAIN_FAULTS(X) };
#undef X
    return (unsigned)fault < TERN_CHAIN_FAULT_COUNT ? errors[fault] : TERN_BAD_CERTIFICATE;
}

const char *tern_chain_text(tern_chain_fault fault)
{
#define X(name, error, text) [TERN_CHAIN_##name] = (text),
    static const char *const texts[TERN_CHAIN_FAULT_COUNT] = { TERN_CHAIN_FAULTS(X) };
#undef X
    return (unsigned)fault < TERN_CHAIN_FAULT_COUNT ? texts[fault] : "an unknown fault";
}

/* The reasons that say it all; the others are looked into. */
static const struct {
    int reason;
    tern_chain_fault fault;
} plain[] = {
    { BR_ERR_X509_EMPTY_CHAIN, TERN_CHAIN_EMPTY },
    { BR_ERR_X509_LIMIT_EXCEEDED, TERN_CHAIN_ALGORITHM },
    { BR_ERR_X509_WRONG_KEY_TYPE, TERN_CHAIN_ALGORITHM },
    { BR_ERR_X509_BAD_SIGNATURE, TERN_CHAIN_SIGNATURE },
    { BR_ERR_X509_DN_MISMATCH, TERN_CHAIN_ORDER },
    { BR_ERR_X509_BAD_SERVER_NAME, TERN_CHAIN_NAME },
    { BR_ERR_X509_CRITICAL_EXTENSION, TERN_CHAIN_CRITICAL },
    { BR_ERR_X509_FORBIDDEN_KEY_USAGE, TERN_CHAIN_ISSUER_USAGE },
    { BR_ERR_X509_WEAK_PUBLIC_KEY, TERN_CHAIN_WEAK },
};

/* The first certificate out of its time, from the leaf upwards, as BearSSL goes. */
static tern_chain_fault why_not_now(const tern_chain *chain, uint64_t now)
{
    for (size_t i = 0; i < chain->n; i++) {
        tern_der_certificate parts;
        if (!tern_der_certificate_read(chain->certificate[i], &parts)) break;
        if (now < parts.not_before) return i == 0 ? TERN_CHAIN_NOT_YET : TERN_CHAIN_ISSUER_NOT_YET;
        if (now > parts.not_after) return i == 0 ? TERN_CHAIN_EXPIRED : TERN_CHAIN_ISSUER_EXPIRED;
    }
    return TERN_CHAIN_UNREADABLE;
}

/* The first certificate above the leaf that may not issue what stands below it. */
static tern_chain_fault why_no_ca(const tern_chain *chain)
{
    for (size_t i = 1; i < chain->n; i++) {
        tern_der_certificate parts;
        if (!tern_der_certificate_read(chain->certificate[i], &parts)) break;
        tern_constraints c = tern_constraints_read(parts.extensions);
        if (!c.is_ca) return parts.version < 3 ? TERN_CHAIN_VERSION_1 : TERN_CHAIN_NOT_CA;
        if (c.limited && i - 1 > c.below_max) return TERN_CHAIN_PATH;
    }
    return TERN_CHAIN_NOT_CA;
}

/* Whether it is the peer's own key, or a key or signature above it. */
static tern_chain_fault why_unsupported(const tern_chain *chain)
{
    tern_public_key key;
    return tern_chain_leaf_key(chain->certificate[0], &key) == TERN_CHAIN_KEY ? TERN_CHAIN_KEY : TERN_CHAIN_ALGORITHM;
}

/* Why no anchor vouches for a chain that is not damaged: what its last certificate says. */
static tern_chain_fault why_unknown(const tern_chain *chain, const tern_anchors *anchors)
{
    tern_der_certificate last;
    if (!tern_der_certificate_read(chain->certificate[chain->n - 1], &last)) return TERN_CHAIN_INCOMPLETE;
    for (size_t i = 0; i < anchors->n; i++) {
        if (!tern_der_same(anchors->anchor[i].subject, last.issuer)) continue;
        return anchors->anchor[i].is_ca ? TERN_CHAIN_IMPOSTOR : TERN_CHAIN_NO_AUTHORITY;
    }
    if (!tern_der_same(last.subject, last.issuer)) return TERN_CHAIN_INCOMPLETE;
    return chain->n == 1 ? TERN_CHAIN_SELF_SIGNED : TERN_CHAIN_STRANGER;
}

tern_chain_fault tern_chain_diagnose(int reason, const tern_chain *chain, const tern_anchors *anchors,
                                     uint64_t unix_seconds)
{
    switch (reason) {
    case BR_ERR_X509_EXPIRED: return why_not_now(chain, unix_seconds);
    case BR_ERR_X509_NOT_CA: return why_no_ca(chain);
    case BR_ERR_X509_UNSUPPORTED: return why_unsupported(chain);
    case BR_ERR_X509_NOT_TRUSTED: return why_unknown(chain, anchors);
    default: break;
    }
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (plain[i].reason == reason) return plain[i].fault;
    return TERN_CHAIN_UNREADABLE;
}

tern_chain_fault tern_chain_leaf_usage(tern_bytes extensions, tern_purpose purpose)
{
    /*= HS-026 */
    if (!tern_usage_allowed(extensions, TERN_USAGE_DIGITAL_SIGNATURE)) return TERN_CHAIN_USAGE;
    if (tern_purpose_allowed(extensions, purpose)) return TERN_CHAIN_GOOD;
    return purpose == TERN_PURPOSE_CLIENT_AUTH ? TERN_CHAIN_NOT_FOR_CLIENT : TERN_CHAIN_NOT_FOR_RELAY;
}
