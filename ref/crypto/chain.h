/* SPDX-License-Identifier: MIT */
/* Certificate chains: anchors, verification, names (spec: handshake; RFC 5280, RFC 6125). Time is an argument. */
#ifndef TERN_CRYPTO_CHAIN_H
#define TERN_CRYPTO_CHAIN_H

#include "base/error.h"
#include "base/types.h"
#include "crypto/key.h"
#include "crypto/usage.h"

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
    tern_bytes extensions;        /* of its certificate, as of tern_der_certificate */
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

/* X(name, the error for it, what it means to a person and what would be right): what becomes of a chain. */
#define TERN_CHAIN_FAULTS(X)                                                                                           \
    X(GOOD, OK, "the certificate is good")                                                                             \
    X(EMPTY, BAD_CERTIFICATE, "there is no certificate")                                                               \
    X(TOO_MANY, BAD_CERTIFICATE, "the chain has more than 6 certificates; the root need not be among them")            \
    X(UNREADABLE, BAD_CERTIFICATE, "a certificate cannot be read; each must be X.509 in DER")                          \
    X(EXPIRED, CERTIFICATE_EXPIRED, "the certificate has expired; it must be renewed")                                 \
    X(NOT_YET, CERTIFICATE_EXPIRED, "the certificate is not yet valid; both clocks must be right")                     \
    X(ISSUER_EXPIRED, CERTIFICATE_EXPIRED,                                                                             \
      "an intermediate certificate has expired; the chain must have the one that replaced it")                         \
    X(ISSUER_NOT_YET, CERTIFICATE_EXPIRED, "an intermediate certificate is not yet valid; both clocks must be right")  \
    X(VERSION_1, BAD_CERTIFICATE,                                                                                      \
      "an intermediate certificate is of X.509 version 1, as no authority's may be; it must be issued as version 3 "   \
      "with basicConstraints CA:TRUE")                                                                                 \
    X(NOT_CA, BAD_CERTIFICATE,                                                                                         \
      "a certificate was issued by one that is no authority; an intermediate must have basicConstraints CA:TRUE")      \
    X(PATH, BAD_CERTIFICATE,                                                                                           \
      "the path is too long; more intermediate certificates follow below an authority than its pathLenConstraint "     \
      "allows")                                                                                                        \
    X(SIGNATURE, BAD_CERTIFICATE, "the signature of a certificate is wrong; it or its issuer must be issued anew")     \
    X(ORDER, BAD_CERTIFICATE,                                                                                          \
      "one certificate of the chain does not name the next as its issuer; they must stand leaf first, each followed "  \
      "by who issued it")                                                                                              \
    X(USAGE, UNSUPPORTED_CERTIFICATE,                                                                                  \
      "the key of the certificate may not sign; its keyUsage must have digitalSignature")                              \
    X(ISSUER_USAGE, UNSUPPORTED_CERTIFICATE,                                                                           \
      "the key of an intermediate certificate may not sign certificates; its keyUsage must have keyCertSign")          \
    X(NOT_FOR_RELAY, UNSUPPORTED_CERTIFICATE,                                                                          \
      "the certificate is not meant for a relay; its extendedKeyUsage must have serverAuth")                           \
    X(NOT_FOR_CLIENT, UNSUPPORTED_CERTIFICATE,                                                                         \
      "the certificate is not meant for a client; its extendedKeyUsage must have clientAuth")                          \
    X(KEY, UNSUPPORTED_CERTIFICATE,                                                                                    \
      "the key of the certificate is of another kind; it must be on P-256, or RSA of 2048 to 4096 bits")               \
    X(WEAK, UNSUPPORTED_CERTIFICATE, "an RSA key in the chain is too short; it must have 2048 bits")                   \
    X(ALGORITHM, UNSUPPORTED_CERTIFICATE,                                                                              \
      "a key or signature in the chain is of another kind; it must be ECDSA on P-256, P-384 or P-521, or RSA, with "   \
      "SHA-256, SHA-384 or SHA-512")                                                                                   \
    X(CRITICAL, UNSUPPORTED_CERTIFICATE,                                                                               \
      "a certificate has a critical extension that is not supported; basicConstraints, keyUsage and subjectAltName "   \
      "may be critical")                                                                                               \
    X(NAME, CERTIFICATE_NAME,                                                                                          \
      "the certificate is for another name; its subjectAltName must have the one that is asked for")                   \
    X(CONSTRAINED, CERTIFICATE_NAME,                                                                                   \
      "an authority of the chain may not vouch for this name; its nameConstraints must permit the names below it")     \
    X(CONSTRAINTS, UNSUPPORTED_CERTIFICATE,                                                                            \
      "an authority of the chain has nameConstraints that are not supported; they may be of DNS names and IP "         \
      "addresses, and not critical")                                                                                   \
    X(SELF_SIGNED, UNKNOWN_CA, "the certificate is signed by itself alone; it must be made an authority, or pinned")   \
    X(INCOMPLETE, UNKNOWN_CA,                                                                                          \
      "the chain ends below every trusted authority; an intermediate certificate is missing, or the authority is "     \
      "another")                                                                                                       \
    X(STRANGER, UNKNOWN_CA, "the chain ends at an authority that is not trusted; it must be one that is")              \
    X(IMPOSTOR, UNKNOWN_CA,                                                                                            \
      "the chain names a trusted authority whose key did not sign it; that authority must be trusted with the key "    \
      "that it has now")                                                                                               \
    X(NO_AUTHORITY, UNKNOWN_CA,                                                                                        \
      "the certificate was issued by one that is trusted for itself alone; an authority must have basicConstraints "   \
      "CA:TRUE")

#define TERN_X_CHAIN(name, error, text) TERN_CHAIN_##name,
typedef enum { TERN_CHAIN_FAULTS(TERN_X_CHAIN) TERN_CHAIN_FAULT_COUNT } tern_chain_fault;
#undef TERN_X_CHAIN

tern_error tern_chain_error(tern_chain_fault fault);
const char *tern_chain_text(tern_chain_fault fault); /* static words, which fit the reason of a CLOSE */

/* What a chain must be good for. */
typedef struct {
    tern_name name;
    tern_purpose purpose;  /* SERVER_AUTH or CLIENT_AUTH: what a certificate with an extendedKeyUsage must name */
    uint64_t unix_seconds; /* when: seconds since 1970 (UTC) */
} tern_chain_asked;

typedef struct {
    tern_chain_fault fault;
    size_t anchored; /* good: which certificate of the chain an anchor vouches for; those behind were not looked at */
} tern_chain_report;

/* Verifies a chain: signatures (ECDSA and RSA PKCS#1 v1.5 with SHA-256, 384 or 512; RSA keys of at least 2048 bits),
 * validity, basic constraints with their path length and name constraints, those of the anchor too, key usage, the
 * leaf's extended key usage, the name, and that the leaf's key is a P-256 key, or an RSA key of 2048 to 4096 bits; it
 * is copied to leaf_key when all is good. Certificates after the first that an anchor vouches for are not looked at;
 * revocation (ocsp.h) is not either. When several things are wrong, one of them is told. Uses about 8 KiB of stack. */
TERN_MUST_USE tern_chain_report tern_chain_verify(const tern_chain *chain, const tern_anchors *anchors,
                                                  const tern_chain_asked *asked, tern_public_key *leaf_key);

/* The leaf's key without any verification, for a key that is pinned: GOOD; UNREADABLE; KEY, another kind of key. */
TERN_MUST_USE tern_chain_fault tern_chain_leaf_key(tern_bytes leaf, tern_public_key *leaf_key);

#endif
