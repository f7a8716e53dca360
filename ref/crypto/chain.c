/* SPDX-License-Identifier: MIT */
/* Certificate chains over BearSSL's minimal engine (spec: handshake; RFC 5280). */
#include "crypto/chain.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/chain_fault.h"
#include "crypto/der.h"
#include "crypto/name_limits.h"
#include "crypto/pem.h"

#define DNS_NAME_MAX     253 /* RFC 1035 section 2.3.4, as text */
#define RSA_BYTES_MIN    256
#define CERTIFICATE_MAX  0xffffff               /* no certificate comes near; BearSSL counts in 32 bits */
#define SECONDS_MAX      UINT64_C(253402300799) /* the end of the year 9999: X.509 cannot say more */
#define SECONDS_PER_DAY  86400
#define DAYS_BEFORE_1970 719528 /* BearSSL counts from the year 0 */

_Static_assert(BR_EC_secp256r1 == 23 && BR_EC_secp384r1 == 24 && BR_EC_secp521r1 == 25, "curves are TLS's numbers");

/* Anchors. */

static bool keep(tern_buf *storage, const uint8_t *p, size_t n, tern_bytes *kept)
{
    if (n > storage->n) return false;
    memcpy(storage->p, p, n);
    *kept = tern_bytes_of(storage->p, n);
    storage->p += n;
    storage->n -= n;
    return true;
}

static tern_error keep_key(tern_anchor *anchor, const br_x509_pkey *pkey, tern_buf *storage)
{
    if (pkey->key_type == BR_KEYTYPE_EC) {
        const br_ec_public_key *ec = &pkey->key.ec;
        anchor->kind = TERN_ANCHOR_EC;
        anchor->curve = ec->curve;
        return keep(storage, ec->q, ec->qlen, &anchor->point) ? TERN_OK : TERN_E_NO_MEMORY;
    }
    const br_rsa_public_key *rsa = &pkey->key.rsa;
    anchor->kind = TERN_ANCHOR_RSA;
    if (rsa->nlen < RSA_BYTES_MIN) return TERN_UNSUPPORTED_CERTIFICATE; /* BearSSL looks at those of a chain only */
    if (!keep(storage, rsa->n, rsa->nlen, &anchor->modulus)) return TERN_E_NO_MEMORY;
    return keep(storage, rsa->e, rsa->elen, &anchor->exponent) ? TERN_OK : TERN_E_NO_MEMORY;
}

static tern_error anchor_of(tern_anchor *anchor, tern_bytes der, tern_buf *storage)
{
    br_x509_decoder_context decoder;
    tern_der_certificate parts;
    *anchor = (tern_anchor){ 0 };
    br_x509_decoder_init(&decoder, NULL, NULL);
    br_x509_decoder_push(&decoder, der.p, der.n);
    int reason = br_x509_decoder_last_error(&decoder);
    if (reason == BR_ERR_X509_UNSUPPORTED) return TERN_UNSUPPORTED_CERTIFICATE;
    if (reason != 0 || !tern_der_certificate_read(der, &parts)) return TERN_E_BAD_INPUT;
    anchor->subject = parts.subject;
    anchor->key_info = parts.key_info;
    anchor->extensions = parts.extensions;
    anchor->is_ca = br_x509_decoder_isCA(&decoder) != 0;
    return keep_key(anchor, br_x509_decoder_get_pkey(&decoder), storage);
}

tern_error tern_anchors_from_pem(tern_anchors *anchors, tern_bytes pem, tern_buf storage)
{
    tern_error error = TERN_E_BAD_INPUT;
    tern_pem object;
    tern_pem_result result;
    size_t n = 0;
    anchors->n = 0;
    for (;;) {
        tern_buf before = storage;
        result = tern_pem_next(&pem, &storage, &object);
        if (result == TERN_PEM_END || result == TERN_PEM_DAMAGED) break;
        if (!tern_pem_is(&object, "CERTIFICATE")) {
            storage = before;
            continue;
        }
        if (result == TERN_PEM_NO_ROOM) return TERN_E_NO_MEMORY;
        if (n == TERN_ANCHORS_MAX) return TERN_E_BAD_INPUT;
        error = anchor_of(&anchors->anchor[n++], object.der, &storage);
        if (error != TERN_OK) return error;
    }
    if (result == TERN_PEM_DAMAGED || n == 0) return TERN_E_BAD_INPUT;
    anchors->n = n;
    return TERN_OK;
}

/* BearSSL's structures hold pointers that are not const; it only reads through them. */
static br_x509_trust_anchor trust_anchor_of(const tern_anchor *anchor)
{
    br_x509_trust_anchor ta = { .dn = { (unsigned char *)anchor->subject.p, anchor->subject.n },
                                .flags = anchor->is_ca ? BR_X509_TA_CA : 0 };
    if (anchor->kind == TERN_ANCHOR_EC) {
        ta.pkey.key_type = BR_KEYTYPE_EC;
        ta.pkey.key.ec = (br_ec_public_key){ .curve = anchor->curve,
                                             .q = (unsigned char *)anchor->point.p,
                                             .qlen = anchor->point.n };
    } else {
        ta.pkey.key_type = BR_KEYTYPE_RSA;
        ta.pkey.key.rsa = (br_rsa_public_key){ .n = (unsigned char *)anchor->modulus.p,
                                               .nlen = anchor->modulus.n,
                                               .e = (unsigned char *)anchor->exponent.p,
                                               .elen = anchor->exponent.n };
    }
    return ta;
}

/* Verification. */

static bool copy_key(const br_x509_pkey *pkey, tern_public_key *out)
{
    if (pkey == NULL) return false;
    memset(out, 0, sizeof *out);
    if (pkey->key_type == BR_KEYTYPE_RSA) {
        const br_rsa_public_key *rsa = &pkey->key.rsa;
        out->kind = TERN_KEY_RSA;
        return tern_rsa_public_read(&out->u.rsa, tern_bytes_of(rsa->n, rsa->nlen), tern_bytes_of(rsa->e, rsa->elen));
    }
    const br_ec_public_key *ec = &pkey->key.ec;
    if (pkey->key_type != BR_KEYTYPE_EC || ec->curve != BR_EC_secp256r1) return false;
    if (ec->qlen != TERN_P256_PUBLIC_SIZE || ec->q[0] != 0x04) return false;
    tern_public_key_p256(out, ec->q);
    return true;
}

static void engine_init(br_x509_minimal_context *x, const br_x509_trust_anchor *trusted, size_t n,
                        uint64_t unix_seconds)
{
    uint64_t seconds = unix_seconds < SECONDS_MAX ? unix_seconds : SECONDS_MAX;
    br_rsa_pkcs1_vrfy rsa = br_rsa_i62_pkcs1_vrfy_get();
    br_x509_minimal_init(x, &br_sha256_vtable, trusted, n);
    br_x509_minimal_set_hash(x, br_sha256_ID, &br_sha256_vtable);
    br_x509_minimal_set_hash(x, br_sha384_ID, &br_sha384_vtable);
    br_x509_minimal_set_hash(x, br_sha512_ID, &br_sha512_vtable);
    br_x509_minimal_set_ecdsa(x, &br_ec_all_m31, br_ecdsa_i31_vrfy_asn1);
    br_x509_minimal_set_rsa(x, rsa != 0 ? rsa : br_rsa_i31_pkcs1_vrfy);
    br_x509_minimal_set_minrsa(x, RSA_BYTES_MIN);
    br_x509_minimal_set_time(x, (uint32_t)(seconds / SECONDS_PER_DAY + DAYS_BEFORE_1970),
                             (uint32_t)(seconds % SECONDS_PER_DAY));
}

/* Runs the engine over the chain; 0 or BearSSL's reason. dns is NULL, or a name to look for. *anchored: the certificate
 * at which it needed no other. */
static int engine_run(br_x509_minimal_context *x, const tern_chain *chain, const char *dns, size_t *anchored)
{
    x->vtable->start_chain(&x->vtable, dns);
    for (size_t i = 0; i < chain->n; i++) {
        tern_bytes der = chain->certificate[i];
        if (der.n > CERTIFICATE_MAX) return BR_ERR_X509_LIMIT_EXCEEDED;
        x->vtable->start_cert(&x->vtable, (uint32_t)der.n);
        if (der.n > 0) x->vtable->append(&x->vtable, der.p, der.n);
        x->vtable->end_cert(&x->vtable);
        if (x->err == 0) *anchored = i + 1;
    }
    return (int)x->vtable->end_chain(&x->vtable);
}

/* BearSSL wants a string, and takes an empty one for 'any name'. */
static bool dns_string(tern_bytes name, char out[DNS_NAME_MAX + 1])
{
    if (name.n == 0 || name.n > DNS_NAME_MAX) return false;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == 0) return false;
        out[i] = (char)name.p[i];
    }
    out[name.n] = '\0';
    return true;
}

/* 0, or BearSSL's reason. */
static int run(const tern_chain *chain, const tern_anchors *anchors, const tern_chain_asked *asked,
               br_x509_minimal_context *x, size_t *anchored)
{
    br_x509_trust_anchor trusted[TERN_ANCHORS_MAX];
    char dns[DNS_NAME_MAX + 1];
    bool named = asked->name.kind == TERN_NAME_DNS;
    if (named && !dns_string(asked->name.value, dns)) return BR_ERR_X509_BAD_SERVER_NAME;
    for (size_t i = 0; i < anchors->n; i++) trusted[i] = trust_anchor_of(&anchors->anchor[i]);
    engine_init(x, trusted, anchors->n, asked->unix_seconds);
    return engine_run(x, chain, named ? dns : NULL, anchored);
}

static tern_chain_fault verify(const tern_chain *chain, const tern_anchors *anchors, const tern_chain_asked *asked,
                               tern_public_key *leaf_key, size_t *anchored)
{
    br_x509_minimal_context x;
    tern_der_certificate leaf;
    if (chain->n == 0) return TERN_CHAIN_EMPTY;
    if (chain->n > TERN_CHAIN_MAX) return TERN_CHAIN_TOO_MANY;
    int reason = run(chain, anchors, asked, &x, anchored);
    if (reason != 0) return tern_chain_diagnose(reason, chain, anchors, asked->unix_seconds);
    /* BearSSL takes what is not DER around the part that is signed: whoever shows a certificate could write it so that
     * what else has to be read in it is not found. */
    /*= HS-022 */
    if (!tern_der_certificate_read(chain->certificate[0], &leaf)) return TERN_CHAIN_UNREADABLE;
    if (asked->name.kind == TERN_NAME_IP && !tern_der_has_ip(&leaf, asked->name.value)) return TERN_CHAIN_NAME;
    if (!copy_key(x.vtable->get_pkey(&x.vtable, NULL), leaf_key)) return TERN_CHAIN_KEY;
    tern_chain_fault fault = tern_chain_limits(chain, anchors, *anchored, &asked->name);
    return fault == TERN_CHAIN_GOOD ? tern_chain_leaf_usage(leaf.extensions, asked->purpose) : fault;
}

tern_chain_report tern_chain_verify(const tern_chain *chain, const tern_anchors *anchors, const tern_chain_asked *asked,
                                    tern_public_key *leaf_key)
{
    tern_public_key key;
    tern_chain_report report = { .anchored = 0 };
    report.fault = verify(chain, anchors, asked, &key, &report.anchored);
    if (report.fault == TERN_CHAIN_GOOD) *leaf_key = key;
    return report;
}

tern_chain_fault tern_chain_leaf_key(tern_bytes leaf, tern_public_key *leaf_key)
{
    br_x509_decoder_context decoder;
    br_x509_decoder_init(&decoder, NULL, NULL);
    br_x509_decoder_push(&decoder, leaf.p, leaf.n);
    int reason = br_x509_decoder_last_error(&decoder);
    if (reason == BR_ERR_X509_UNSUPPORTED) return TERN_CHAIN_KEY;
    if (reason != 0) return TERN_CHAIN_UNREADABLE;
    return copy_key(br_x509_decoder_get_pkey(&decoder), leaf_key) ? TERN_CHAIN_GOOD : TERN_CHAIN_KEY;
}
