/* SPDX-License-Identifier: MIT */
/* The state of a certificate, told by who issued it: OCSP responses (spec: handshake 9; RFC 6960). BearSSL
 * has none of it. Made for hostile bytes: reads nothing outside, costs at most TERN_OCSP_SIGNERS_MAX + 1 pairs of
 * signatures. */
#ifndef TERN_CRYPTO_OCSP_H
#define TERN_CRYPTO_OCSP_H

#include "base/error.h"
#include "base/types.h"
#include "crypto/issuer_key.h"
#include "crypto/sha256.h"

#define TERN_OCSP_MAX         8192            /* bytes of a response that is looked at */
#define TERN_OCSP_SKEW_S      300             /* how far clocks may be apart (HS-073) */
#define TERN_OCSP_UNDATED_S   UINT64_C(86400) /* how long one without nextUpdate holds (HS-073) */
#define TERN_OCSP_SIGNERS_MAX 4               /* certificates of a response that are looked at */
#define TERN_OCSP_SERIAL_MAX  21              /* RFC 5280: 20 octets, and a zero for the sign */
#define TERN_SHA1_SIZE        20

/* X(name, the error for it, what it means to a person): what becomes of a response. */
#define TERN_OCSP_RESULTS(X)                                                                                           \
    X(GOOD, OK, "the certificate is good")                                                                             \
    X(MALFORMED, BAD_STATUS, "it is not an OCSP response that can be read")                                            \
    X(UNSUCCESSFUL, BAD_STATUS, "the responder answered with an error")                                                \
    X(UNSUPPORTED, BAD_STATUS, "it has a critical extension that is not supported")                                    \
    X(OTHER_CERTIFICATE, BAD_STATUS, "it speaks of another certificate")                                               \
    X(NO_ISSUER, BAD_STATUS, "nobody who issued the certificate is known")                                             \
    X(SIGNER, BAD_STATUS, "it is signed by one who may not speak for the authority")                                   \
    X(SIGNATURE, BAD_STATUS, "its signature is wrong")                                                                 \
    X(REVOKED, CERTIFICATE_REVOKED, "the certificate has been revoked")                                                \
    X(UNKNOWN, BAD_STATUS, "the responder does not know the certificate")                                              \
    X(NOT_YET, BAD_STATUS, "it is not yet valid")                                                                      \
    X(EXPIRED, BAD_STATUS, "it has expired")

#define TERN_X_OCSP(name, error, text) TERN_OCSP_##name,
typedef enum { TERN_OCSP_RESULTS(TERN_X_OCSP) TERN_OCSP_RESULT_COUNT } tern_ocsp_result;
#undef TERN_X_OCSP

tern_error tern_ocsp_error(tern_ocsp_result result);
const char *tern_ocsp_text(tern_ocsp_result result); /* static words */

/* ---- of which certificate a response must speak, and who may sign it ------------------------------------------- */

/* No interior pointers: it outlives the chain. */
typedef struct {
    uint8_t serial[TERN_OCSP_SERIAL_MAX], serial_n;                   /* serial_n 0: of none */
    bool wants_status;                                                /* the certificate asks for one (RFC 7633) */
    uint8_t name_sha1[TERN_SHA1_SIZE], name_sha256[TERN_SHA256_SIZE]; /* of the issuer's Name */
    uint8_t key_sha1[TERN_SHA1_SIZE],
        key_sha256[TERN_SHA256_SIZE]; /* of the issuer's key; SHA-1 names, it proves nothing */
    tern_issuer_key issuer;           /* n 0: not known */
} tern_ocsp_subject;

/* The subject that a certificate is. issuer is copied; NULL when it is not known. false, and of none, when the
 * certificate cannot be read or its serial number is longer than RFC 5280 allows: then no response is taken. */
bool tern_ocsp_subject_read(tern_bytes certificate, const tern_issuer_key *issuer, tern_ocsp_subject *out);

/* ---- responses --------------------------------------------------------------------------------------------------- */

typedef struct {
    uint64_t this_update, until; /* seconds since 1970: from when and up to when it holds, without allowance */
} tern_ocsp_times;

/* Judges a DER OCSPResponse at a time in seconds since 1970: it is read whole, then the certificate that it speaks of,
 * the signer and the signature are looked at, and only then what it says and when. GOOD means that all holds. times may
 * be NULL; it is set whenever the response speaks of the certificate. */
TERN_MUST_USE tern_ocsp_result tern_ocsp_verify(tern_bytes response, const tern_ocsp_subject *subject,
                                                uint64_t unix_seconds, tern_ocsp_times *times);

/* The same for one's own certificate: with an issuer that is not known, the issuer's key hash, the signer and the
 * signature are passed over instead of refused, and one that has expired is told before its signer is looked at, who
 * may have expired with it. Never what a peer is judged by. */
TERN_MUST_USE tern_ocsp_result tern_ocsp_preview(tern_bytes response, const tern_ocsp_subject *subject,
                                                 uint64_t unix_seconds, tern_ocsp_times *times);

/* ---- the reader (ocsp_read.c) ------------------------------------------------------------------------------------ */

/* A successful response, taken apart. Views. */
typedef struct {
    tern_bytes tbs; /* what is signed, with its tag */
    bool by_key;    /* responder is the SHA-1 of a key, else a whole Name */
    tern_bytes responder;
    tern_bytes singles;              /* SingleResponse elements, one after the other; each can be read */
    tern_bytes algorithm, signature; /* the value of the AlgorithmIdentifier; the bits */
    tern_bytes certificates;         /* one after the other, not looked at */
    bool critical;                   /* there is a critical extension */
} tern_ocsp_response;

typedef enum { TERN_OCSP_STATUS_GOOD, TERN_OCSP_STATUS_REVOKED, TERN_OCSP_STATUS_UNKNOWN } tern_ocsp_status;

typedef struct {
    bool sha1, sha256; /* how the issuer is named; neither: by another hash */
    tern_bytes name_hash, key_hash, serial;
    tern_ocsp_status status;
    tern_ocsp_times times;
    bool critical;
} tern_ocsp_single;

/* TERN_OCSP_GOOD: it can be read; else MALFORMED or UNSUCCESSFUL. */
TERN_MUST_USE tern_ocsp_result tern_ocsp_read(tern_bytes response, tern_ocsp_response *out);
/* Takes the next SingleResponse off *singles; false at the end, or when it cannot be read. */
TERN_MUST_USE bool tern_ocsp_single_next(tern_bytes *singles, tern_ocsp_single *out);

#endif
