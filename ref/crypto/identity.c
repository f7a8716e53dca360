/* SPDX-License-Identifier: MIT */
/* Identities: made, read, written (spec: handshake; RFC 5208, RFC 5915, RFC 5480). */
#include "crypto/identity.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/drbg.h"
#include "crypto/pem.h"

#define KEY_DER_MAX 512 /* a P-256 key takes 138 bytes, parameters written out 350; what is larger is another key */

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
    *identity = (tern_identity){ 0 };
    do { /* all but one in 2^32 are keys at the first try */
        tern_drbg_bytes(&drbg, (tern_buf){ identity->private_key, sizeof identity->private_key });
    } while (!tern_p256_public(identity->private_key, identity->public_key));
    tern_wipe(&drbg, sizeof drbg);
}

/* A decoded key as the 32 bytes it has to be; BearSSL leaves zeros in front as they are in the file. */
static tern_identity_result take_key(tern_identity *identity, tern_bytes der)
{
    br_skey_decoder_context decoder;
    tern_identity_result result = TERN_IDENTITY_NOT_P256;
    br_skey_decoder_init(&decoder);
    br_skey_decoder_push(&decoder, der.p, der.n);
    if (br_skey_decoder_last_error(&decoder) != 0) goto done;
    const br_ec_private_key *ec = br_skey_decoder_get_ec(&decoder);
    if (ec == NULL || ec->curve != BR_EC_secp256r1) goto done;
    const uint8_t *x = ec->x;
    size_t n = ec->xlen;
    for (; n > TERN_P256_PRIVATE_SIZE && *x == 0; x++) n--;
    if (n > TERN_P256_PRIVATE_SIZE) goto done;
    memset(identity->private_key, 0, sizeof identity->private_key);
    memcpy(identity->private_key + sizeof identity->private_key - n, x, n);
    if (tern_p256_public(identity->private_key, identity->public_key)) result = TERN_IDENTITY_OK;
done:
    tern_wipe(&decoder, sizeof decoder);
    return result;
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
        bool is_ec = tern_pem_is(&object, "PRIVATE KEY") || tern_pem_is(&object, "EC PRIVATE KEY");
        if (is_ec && read == TERN_PEM_OBJECT) {
            result = take_key(identity, object.der);
            break;
        }
        if (is_ec || tern_pem_is(&object, "RSA PRIVATE KEY")) result = TERN_IDENTITY_NOT_P256;
    }
    tern_wipe(der, sizeof der);
    return result;
}

static tern_identity_result read_chain(tern_identity *identity, tern_bytes pem, tern_buf storage)
{
    tern_chain *chain = &identity->chain;
    uint8_t leaf_key[TERN_P256_PUBLIC_SIZE];
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
    if (tern_chain_leaf_key(chain->certificate[0], leaf_key) != TERN_OK) return TERN_IDENTITY_CERTIFICATE_BAD;
    bool same = memcmp(leaf_key, identity->public_key, sizeof leaf_key) == 0;
    return same ? TERN_IDENTITY_OK : TERN_IDENTITY_MISMATCH;
}

tern_identity_result tern_identity_from_pem(tern_identity *identity, tern_bytes key_pem, tern_bytes cert_pem,
                                            tern_buf der_storage)
{
    *identity = (tern_identity){ 0 };
    tern_identity_result result = read_key(identity, key_pem);
    if (result == TERN_IDENTITY_OK && cert_pem.n > 0) result = read_chain(identity, cert_pem, der_storage);
    if (result != TERN_IDENTITY_OK) tern_wipe(identity, sizeof *identity);
    return result;
}

bool tern_identity_to_pem(const tern_identity *identity, tern_buf out, size_t *n)
{
    uint8_t x[TERN_P256_PRIVATE_SIZE], q[TERN_P256_PUBLIC_SIZE], der[KEY_DER_MAX];
    memcpy(x, identity->private_key, sizeof x);
    memcpy(q, identity->public_key, sizeof q);
    br_ec_private_key sk = { .curve = BR_EC_secp256r1, .x = x, .xlen = sizeof x };
    br_ec_public_key pk = { .curve = BR_EC_secp256r1, .q = q, .qlen = sizeof q };
    size_t der_n = br_encode_ec_pkcs8_der(der, &sk, &pk);
    *n = tern_pem_encode(tern_bytes_of(der, der_n), BR_ENCODE_PEM_PKCS8, out);
    tern_wipe(x, sizeof x);
    tern_wipe(der, sizeof der);
    return *n > 0;
}

void tern_key_fingerprint(const uint8_t public_key[TERN_P256_PUBLIC_SIZE], uint8_t out[TERN_SHA256_SIZE])
{
    /* SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING of 66 bytes, the first says: no bits unused } */
    static const uint8_t header[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                      0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
    tern_sha256 h;
    tern_sha256_init(&h);
    tern_sha256_update(&h, tern_bytes_of(header, sizeof header));
    tern_sha256_update(&h, tern_bytes_of(public_key, TERN_P256_PUBLIC_SIZE));
    tern_sha256_final(&h, out);
}
