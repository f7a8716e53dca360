/* SPDX-License-Identifier: MIT */
/* Certificate chains: anchors, verification, names (spec: handshake; RFC 5280, RFC 6125). Time is an argument. */
#ifndef TERN_CRYPTO_CHAIN_H
#define TERN_CRYPTO_CHAIN_H

#include "base/error.h"
#include "base/types.h"
#include "crypto/key.h"

#define TERN_CHAIN_MAX   6
#define TERN_ANCHORS_MAX 8
/* Storage for tern_anchors_from_pem: enough for one anchor of any usual kind, or for several EC ones. */
#define TERN_ANCHOR_STORAGE_MAX 4096

/* Certificates as DER, the leaf first, each one signed by the next. Views: the bytes are someone else's. */
typedef struct {
    size_t n;
    tern_bytes certificate[TERN_CHAIN_MAX];
} tern_chain;

typedef enum { TERN_ANCHOR_EC, TERN_ANCHOR_RSA } tern_anchor_kind;

/* One authority: its name and its key, views into the storage that was lent. */
typedef struct {
    tern_anchor_kind kind;
    bool is_ca;                   /* else it vouches only for itself, as a self-signed server certificate does */
    int curve;                    /* EC: 23 is P-256, 24 P-384, 25 P-521 (RFC 8422 section 5.1.1) */
    tern_bytes subject;           /* DER Name */
    tern_bytes point;             /* EC */
    tern_bytes modulus, exponent; /* RSA */
    tern_bytes key_info;          /* the value of its SubjectPublicKeyInfo */
} tern_anchor;

typedef struct {
    size_t n;
    tern_anchor anchor[TERN_ANCHORS_MAX];
} tern_anchors;

/* Reads every CERTIFICATE of a PEM text; other objects are passed over. storage is kept by the anchors and must live as
 * long as they. TERN_E_BAD_INPUT: no certificate in it, or one that cannot be read, or more than TERN_ANCHORS_MAX;
 * TERN_UNSUPPORTED_CERTIFICATE: a key that is neither EC (P-256, P-384, P-521) nor RSA of at least 2048 bits;
 * TERN_E_NO_MEMORY: storage is too small. Then anchors is empty. Dates of an anchor are not looked at, nor is its own
 * signature: trust is the user's. */
TERN_MUST_USE tern_error tern_anchors_from_pem(tern_anchors *anchors, tern_bytes pem, tern_buf storage);

/* The name a peer must have. DNS: without a trailing dot; matches a dNSName of the certificate, whose first label may
 * be '*'; the common name counts only when the certificate has no alternative names at all. IP: 4 or 16 bytes, must
 * equal an iPAddress of the certificate. An empty or overlong DNS name and an IP of another length match nothing. */
typedef enum { TERN_NAME_ANY, TERN_NAME_DNS, TERN_NAME_IP } tern_name_kind;
typedef struct {
    tern_name_kind kind; /* ANY: no name is asked for */
    tern_bytes value;
} tern_name;

/* What became of a chain, for people. */
typedef struct {
    int reason;       /* BearSSL's number (BR_ERR_X509_*), 0 when the chain is good */
    const char *text; /* static words; never NULL */
    size_t anchored;  /* good: which certificate of the chain an anchor vouches for; those behind were not looked at */
} tern_chain_report;

/* Verifies a chain at a time in seconds since 1970 (UTC): signatures (ECDSA and RSA PKCS#1 v1.5 with SHA-256, 384 or
 * 512; RSA keys of at least 2048 bits), validity, basic constraints, key usage, the name, and that the leaf's key is a
 * P-256 key, or an RSA key of 2048 to 4096 bits, that may sign; it is copied to leaf_key. Certificates after the first
 * that an anchor vouches for are not looked at. Errors: TERN_CERTIFICATE_EXPIRED, TERN_UNKNOWN_CA,
 * TERN_CERTIFICATE_NAME, TERN_UNSUPPORTED_CERTIFICATE (the leaf's key, an algorithm, a critical extension, a forbidden
 * usage), TERN_BAD_CERTIFICATE (all else, and an empty chain). report may be NULL. Extended key usage and revocation
 * (ocsp.h) are not looked at. Uses about 8 KiB of stack. */
TERN_MUST_USE tern_error tern_chain_verify(const tern_chain *chain, const tern_anchors *anchors, tern_name name,
                                           uint64_t unix_seconds, tern_public_key *leaf_key, tern_chain_report *report);

/* The leaf's key without any verification: for a key that is pinned. TERN_BAD_CERTIFICATE: cannot be read;
 * TERN_UNSUPPORTED_CERTIFICATE: another kind of key. */
TERN_MUST_USE tern_error tern_chain_leaf_key(tern_bytes leaf, tern_public_key *leaf_key);

#endif
