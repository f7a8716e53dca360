/* SPDX-License-Identifier: MIT */
/* A bounded DER reader for what BearSSL does not read: names by IP address, the shape of a signature, the parts of a
 * certificate, OCSP responses (spec: handshake; X.690, RFC 5280). Made for hostile bytes: it never reads outside of
 * what it is given and never recurses. */
#ifndef TERN_CRYPTO_DER_H
#define TERN_CRYPTO_DER_H

#include <string.h>

#include "base/types.h"

/* Tags, each one byte; tags above 30 do not occur in what is read here and are refused. */
#define TERN_DER_BOOLEAN                0x01
#define TERN_DER_INTEGER                0x02
#define TERN_DER_BIT_STRING             0x03
#define TERN_DER_OCTET_STRING           0x04
#define TERN_DER_NULL                   0x05
#define TERN_DER_OID                    0x06
#define TERN_DER_ENUMERATED             0x0a
#define TERN_DER_UTC_TIME               0x17
#define TERN_DER_GENERALIZED_TIME       0x18
#define TERN_DER_SEQUENCE               0x30
#define TERN_DER_SET                    0x31
#define TERN_DER_CONTEXT(n)             (0x80 | (n)) /* [n], primitive */
#define TERN_DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n)) /* [n], constructed */

/* One element: its tag, the view of its value, and the view of all of it. */
typedef struct {
    uint8_t tag;
    tern_bytes value, whole;
} tern_der;

/* Takes the first element off *in. false, and *in unchanged, when there is none, when it does not fit, or when its
 * length is not in the shortest form. */
TERN_MUST_USE bool tern_der_next(tern_bytes *in, tern_der *element);

/* As next, but false too when the tag is another; *value is the element's value. */
TERN_MUST_USE bool tern_der_expect(tern_bytes *in, uint8_t tag, tern_bytes *value);

/* Takes the first element off when it has this tag, and does nothing when it has another or there is none. false only
 * when what is there cannot be read. */
TERN_MUST_USE bool tern_der_skip_optional(tern_bytes *in, uint8_t tag);

/* Takes a positive INTEGER in its shortest form off *in and writes it big-endian, padded in front to out.n. false when
 * it is not one, is zero or negative, or does not fit. */
TERN_MUST_USE bool tern_der_positive(tern_bytes *in, tern_buf out);

/* Takes a BIT STRING of whole bytes off *in; *bits are its bytes. */
TERN_MUST_USE bool tern_der_bits(tern_bytes *in, tern_bytes *bits);

/* Takes a UTCTime or a GeneralizedTime off *in, in the one form that RFC 5280 section 4.1.2.5 allows: to the second,
 * ending in Z. *unix_seconds is 0 for a time before 1970. false when it is not one. */
TERN_MUST_USE bool tern_der_time(tern_bytes *in, uint64_t *unix_seconds);

/* One Extension (RFC 5280 section 4.1). */
typedef struct {
    tern_bytes oid;
    bool critical;
    tern_bytes content; /* what its OCTET STRING holds */
} tern_der_extension;

/* Takes the next Extension off *in. false when there is none, or when what is there cannot be read. */
TERN_MUST_USE bool tern_der_extension_next(tern_bytes *in, tern_der_extension *extension);

/* Finds an extension by its OID. */
TERN_MUST_USE bool tern_der_extension_find(tern_bytes extensions, tern_bytes oid, tern_der_extension *extension);

static inline bool tern_der_same(tern_bytes a, tern_bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The parts of a certificate that are asked for here. */
typedef struct {
    tern_bytes tbs;                  /* what is signed, with its tag */
    uint8_t version;                 /* 1 to 3 */
    tern_bytes serial;               /* the value of the INTEGER */
    tern_bytes issuer, subject;      /* each the whole Name, with its tag */
    uint64_t not_before, not_after;  /* seconds since 1970 */
    tern_bytes key_info;             /* the value of the SubjectPublicKeyInfo */
    tern_bytes extensions;           /* the Extension elements one after the other; empty when there are none */
    tern_bytes algorithm, signature; /* the value of the AlgorithmIdentifier, the same within and without; the bits */
} tern_der_certificate;

/* Walks over a certificate. false when it does not have the shape of one; nothing is verified. */
TERN_MUST_USE bool tern_der_certificate_read(tern_bytes der, tern_der_certificate *certificate);

/* Whether the subjectAltName has an iPAddress equal to ip (4 or 16 bytes). false when there is none, or when what is
 * there cannot be read. */
TERN_MUST_USE bool tern_der_has_ip(const tern_der_certificate *certificate, tern_bytes ip);

#endif
