/* SPDX-License-Identifier: MIT */
/* Identities: made, read, written (spec: handshake; RFC 5208, RFC 5915, RFC 8017). */
#include "crypto/identity.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/der.h"
#include "crypto/drbg.h"
#include "crypto/hkdf.h"
#include "crypto/pem.h"

#define KEY_DER_MAX 2560 /* RSA of 4096 bits takes 2376 bytes; what is larger is another key */

const char *tern_identity_text(tern_identity_result result)
{
#define X(name, text) [TERN_IDENTITY_##name] = (text),
    static const char *const texts[TERN_IDENTITY_RESULT_COUNT] = { TERN_IDENTITY_RESULTS(X) };
#undef X
    return (unsigned)result < TERN_IDENTITY_RESULT_COUNT ? texts[result] : "an unknown fault";
}

void tern_identity_generate(tern_identity *identity, const uint8_t seed[32])
{
    static const char use[] = "tern identity";
    tern_drbg drbg;
    tern_drbg_init(&drbg, seed, tern_bytes_of(use, sizeof use - 1));
    uint8_t point[TERN_P256_PUBLIC_SIZE];
    *identity = (tern_identity){ .private_key.kind = TERN_KEY_P256 };
    do { /* all but one in 2^32 are keys at the first try */
        tern_drbg_bytes(&drbg, (tern_buf){ identity->private_key.u.p256, TERN_P256_PRIVATE_SIZE });
    } while (!tern_p256_public(identity->private_key.u.p256, point));
    tern_public_key_p256(&identity->public_key, point);
    tern_wipe(&drbg, sizeof drbg);
}

/* The 32 bytes that it has to be; BearSSL leaves zeros in front as they are in the file. */
static bool take_ec(tern_identity *identity, const br_ec_private_key *ec)
{
    uint8_t point[TERN_P256_PUBLIC_SIZE];
    const uint8_t *x = ec->x;
    size_t n = ec->xlen;
    if (ec->curve != BR_EC_secp256r1) return false;
    for (; n > TERN_P256_PRIVATE_SIZE && *x == 0; x++) n--;
    if (n > TERN_P256_PRIVATE_SIZE) return false;
    identity->private_key.kind = TERN_KEY_P256;
    memset(identity->private_key.u.p256, 0, TERN_P256_PRIVATE_SIZE);
    memcpy(identity->private_key.u.p256 + TERN_P256_PRIVATE_SIZE - n, x, n);
    if (!tern_p256_public(identity->private_key.u.p256, point)) return false;
    tern_public_key_p256(&identity->public_key, point);
    return true;
}

/* Modulus and public exponent, which BearSSL passes over: of an RSAPrivateKey (RFC 8017 appendix A.1.2), or of the
 * PrivateKeyInfo around it. */
static bool find_public(tern_bytes der, tern_bytes *modulus, tern_bytes *exponent)
{
    tern_bytes in, skipped, inner;
    if (!tern_der_expect(&der, TERN_DER_SEQUENCE, &in) || !tern_der_expect(&in, TERN_DER_INTEGER, &skipped))
        return false;
    if (tern_der_expect(&in, TERN_DER_SEQUENCE, &skipped)) {
        if (!tern_der_expect(&in, TERN_DER_OCTET_STRING, &inner)) return false;
        if (!tern_der_expect(&inner, TERN_DER_SEQUENCE, &in)) return false;
        if (!tern_der_expect(&in, TERN_DER_INTEGER, &skipped)) return false;
    }
    return tern_der_expect(&in, TERN_DER_INTEGER, modulus) && tern_der_expect(&in, TERN_DER_INTEGER, exponent);
}

static bool take_rsa(tern_identity *identity, const br_rsa_private_key *rsa, tern_bytes der)
{
    tern_rsa_private *key = &identity->private_key.u.rsa;
    const uint8_t *const parts[5] = { rsa->p, rsa->q, rsa->dp, rsa->dq, rsa->iq };
    const size_t n[5] = { rsa->plen, rsa->qlen, rsa->dplen, rsa->dqlen, rsa->iqlen };
    size_t at = 0;
    memset(key, 0, sizeof *key);
    key->bits = rsa->n_bitlen;
    for (size_t i = 0; i < 5; at += n[i], i++) {
        if (n[i] > sizeof key->parts - at) return false;
        key->n[i] = (uint16_t)n[i];
        memcpy(key->parts + at, parts[i], n[i]);
    }
    identity->private_key.kind = identity->public_key.kind = TERN_KEY_RSA;
    tern_bytes modulus, exponent;
    if (!find_public(der, &modulus, &exponent) || !tern_rsa_private_complete(key, modulus, exponent)) return false;
    identity->public_key.u.rsa = key->public_key;
    return true;
}

static tern_identity_result take_key(tern_identity *identity, tern_bytes der)
{
    br_skey_decoder_context decoder;
    bool taken = false;
    br_skey_decoder_init(&decoder);
    br_skey_decoder_push(&decoder, der.p, der.n);
    if (br_skey_decoder_last_error(&decoder) == 0) {
        const br_ec_private_key *ec = br_skey_decoder_get_ec(&decoder);
        const br_rsa_private_key *rsa = br_skey_decoder_get_rsa(&decoder);
        taken = (ec != NULL && take_ec(identity, ec)) || (rsa != NULL && take_rsa(identity, rsa, der));
    }
    tern_wipe(&decoder, sizeof decoder);
    return taken ? TERN_IDENTITY_OK : TERN_IDENTITY_KIND;
}

static tern_identity_result read_key(tern_identity *identity, tern_bytes pem)
{
    uint8_t der[KEY_DER_MAX];
    tern_identity_result result = TERN_IDENTITY_NOT_PEM;
    for (;;) {
        tern_pem object;
        tern_buf storage = { der, sizeof der };
        tern_pem_result read = tern_pem_next(&pem, &storage, &object);
        if (read == TERN_PEM_END || read == TERN_PEM_DAMAGED) break;
        if (tern_pem_is(&object, "ENCRYPTED PRIVATE KEY")) {
            result = TERN_IDENTITY_ENCRYPTED;
            break;
        }
        if (!tern_pem_is(&object, "PRIVATE KEY") && !tern_pem_is(&object, "EC PRIVATE KEY") &&
            !tern_pem_is(&object, "RSA PRIVATE KEY"))
            continue;
        result = read == TERN_PEM_OBJECT ? take_key(identity, object.der) : TERN_IDENTITY_KIND;
        if (result == TERN_IDENTITY_OK) break;
    }
    tern_wipe(der, sizeof der);
    return result;
}

static tern_identity_result read_chain(tern_identity *identity, tern_bytes pem, tern_buf storage)
{
    tern_chain *chain = &identity->chain;
    tern_public_key leaf_key;
    for (;;) {
        tern_pem object;
        tern_buf before = storage;
        tern_pem_result read = tern_pem_next(&pem, &storage, &object);
        if (read == TERN_PEM_DAMAGED) return TERN_IDENTITY_CERTIFICATE_NOT_PEM;
        if (read == TERN_PEM_END) break;
        if (!tern_pem_is(&object, "CERTIFICATE")) {
            tern_wipe(before.p, before.n - storage.n); /* it may have been the key */
            storage = before;
            continue;
        }
        if (read == TERN_PEM_NO_ROOM || chain->n == TERN_CHAIN_MAX) return TERN_IDENTITY_TOO_LONG;
        chain->certificate[chain->n++] = object.der;
    }
    if (chain->n == 0) return TERN_IDENTITY_CERTIFICATE_NOT_PEM;
    if (tern_chain_leaf_key(chain->certificate[0], &leaf_key) != TERN_CHAIN_GOOD) return TERN_IDENTITY_CERTIFICATE_BAD;
    bool same = tern_public_key_equal(&leaf_key, &identity->public_key);
    return same ? TERN_IDENTITY_OK : TERN_IDENTITY_MISMATCH;
}

tern_identity_result tern_identity_key_from_pem(tern_identity *identity, tern_bytes key_pem)
{
    memset(identity, 0, sizeof *identity); /* also where a union has no member: equal keys are equal bytes */
    tern_identity_result result = read_key(identity, key_pem);
    if (result != TERN_IDENTITY_OK) tern_wipe(identity, sizeof *identity);
    return result;
}

void tern_identity_derive(const tern_identity *identity, tern_bytes purpose, uint8_t out[TERN_SHA256_SIZE])
{
    const tern_private_key *key = &identity->private_key;
    tern_bytes secret = key->kind == TERN_KEY_RSA ? tern_bytes_of(key->u.rsa.parts, sizeof key->u.rsa.parts)
                                                  : tern_bytes_of(key->u.p256, sizeof key->u.p256);
    tern_hkdf_extract(purpose, secret, out);
}

tern_identity_result tern_identity_from_pem(tern_identity *identity, tern_bytes key_pem, tern_bytes cert_pem,
                                            tern_buf der_storage)
{
    tern_identity_result result = tern_identity_key_from_pem(identity, key_pem);
    if (result == TERN_IDENTITY_OK && cert_pem.n > 0)
        result = read_chain(identity, cert_pem, der_storage);
    else if (result == TERN_IDENTITY_OK && identity->private_key.kind != TERN_KEY_P256)
        result = TERN_IDENTITY_RSA_ALONE;
    if (result != TERN_IDENTITY_OK) tern_wipe(identity, sizeof *identity);
    return result;
}

bool tern_identity_to_pem(const tern_identity *identity, tern_buf out, size_t *n)
{
    uint8_t x[TERN_P256_PRIVATE_SIZE], q[TERN_P256_PUBLIC_SIZE], der[KEY_DER_MAX];
    memcpy(x, identity->private_key.u.p256, sizeof x);
    memcpy(q, identity->public_key.u.p256, sizeof q);
    tern_assert(identity->private_key.kind == TERN_KEY_P256);
    br_ec_private_key sk = { .curve = BR_EC_secp256r1, .x = x, .xlen = sizeof x };
    br_ec_public_key pk = { .curve = BR_EC_secp256r1, .q = q, .qlen = sizeof q };
    size_t der_n = br_encode_ec_pkcs8_der(der, &sk, &pk);
    *n = tern_pem_encode(tern_bytes_of(der, der_n), BR_ENCODE_PEM_PKCS8, out);
    tern_wipe(x, sizeof x);
    tern_wipe(der, sizeof der);
    return *n > 0;
}
