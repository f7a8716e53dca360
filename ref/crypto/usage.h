/* SPDX-License-Identifier: MIT */
/* What a certificate says that its key is for (RFC 5280 sections 4.2.1.3, 4.2.1.9 and 4.2.1.12). */
#ifndef TERN_CRYPTO_USAGE_H
#define TERN_CRYPTO_USAGE_H

#include "base/types.h"

/* Bits of KeyUsage. */
typedef enum { TERN_USAGE_DIGITAL_SIGNATURE = 0, TERN_USAGE_KEY_CERT_SIGN = 5 } tern_key_usage;

/* The last number of a purpose below id-kp, 1.3.6.1.5.5.7.3. */
typedef enum { TERN_PURPOSE_SERVER_AUTH = 1, TERN_PURPOSE_CLIENT_AUTH = 2, TERN_PURPOSE_OCSP_SIGNING = 9 } tern_purpose;

/* basicConstraints. */
typedef struct {
    bool is_ca;
    bool limited;      /* there is a pathLenConstraint: */
    uint8_t below_max; /* so many intermediate certificates may stand below; 255 stands for all that is above */
} tern_constraints;

extern const tern_bytes tern_oid_key_usage, tern_oid_extended_key_usage, tern_oid_basic_constraints;

/* Whether the content of a keyUsage has the bit. */
TERN_MUST_USE bool tern_usage_has(tern_bytes content, tern_key_usage bit);
/* Whether the content of an extendedKeyUsage names the purpose itself. */
TERN_MUST_USE bool tern_purpose_listed(tern_bytes content, tern_purpose purpose);

/* Whether a certificate's extensions allow a use: they say nothing of it, or name it. */
TERN_MUST_USE bool tern_usage_allowed(tern_bytes extensions, tern_key_usage bit);
/* Likewise for a purpose, which anyExtendedKeyUsage names too. */
TERN_MUST_USE bool tern_purpose_allowed(tern_bytes extensions, tern_purpose purpose);
/* The basicConstraints; no CA when there are none, or none that can be read. */
tern_constraints tern_constraints_read(tern_bytes extensions);

#endif
