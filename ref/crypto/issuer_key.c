/* SPDX-License-Identifier: MIT */
/* Keys of issuers over BearSSL's RSA and ECDSA. */
#include "crypto/issuer_key.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/der.h"

#define RSA_BYTES_MIN   256
#define RSA_BYTES_MAX   512
#define EXPONENT_MAX    8
#define SCALAR_MAX      66 /* bytes of a number below the order of P-521 */
#define HASH_MAX        64
#define POINT_BYTES(c)  ((c) == BR_EC_secp256r1 ? 65u : (c) == BR_EC_secp384r1 ? 97u : 133u)
#define SCALAR_BYTES(c) ((POINT_BYTES(c) - 1) / 2)

_Static_assert(TERN_ISSUER_KEY_MAX >= 4 + 5 + RSA_BYTES_MAX + 2 + 1 + EXPONENT_MAX, "the largest RSA key fits");

typedef struct {
    bool is_rsa;
    uint8_t oid_n, oid[9];
    const br_hash_class *hash;
    const uint8_t *hash_oid;
} scheme;

/* clang-format off */
static const scheme schemes[] = {
    { false, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 }, &br_sha256_vtable, NULL },
    { false, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 }, &br_sha384_vtable, NULL },
    { false, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04 }, &br_sha512_vtable, NULL },
    { true, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b }, &br_sha256_vtable, BR_HASH_OID_SHA256 },
    { true, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c }, &br_sha384_vtable, BR_HASH_OID_SHA384 },
    { true, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d }, &br_sha512_vtable, BR_HASH_OID_SHA512 },
};
static const uint8_t rsa_encryption[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const uint8_t ec_public_key[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
static const struct { uint8_t curve, n, oid[8]; } curves[] = {
    { BR_EC_secp256r1, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 } },
    { BR_EC_secp384r1, 5, { 0x2b, 0x81, 0x04, 0x00, 0x22 } },
    { BR_EC_secp521r1, 5, { 0x2b, 0x81, 0x04, 0x00, 0x23 } },
};
/* clang-format on */

#define OID(array) tern_bytes_of((array), sizeof(array))

/* RSAPublicKey: the numbers, without zeros in front. */
static bool read_rsa(tern_bytes bits, tern_bytes *modulus, tern_bytes *exponent)
{
    tern_bytes numbers;
    if (!tern_der_expect(&bits, TERN_DER_SEQUENCE, &numbers) || bits.n != 0) return false;
    tern_bytes *const out[] = { modulus, exponent };
    for (size_t i = 0; i < 2; i++) {
        tern_bytes *number = out[i];
        if (!tern_der_expect(&numbers, TERN_DER_INTEGER, number) || number->n == 0 || number->p[0] >= 0x80)
            return false;
        if (number->p[0] == 0) *number = tern_bytes_of(number->p + 1, number->n - 1);
        if (number->n == 0 || number->p[0] == 0) return false;
    }
    return numbers.n == 0 && modulus->n >= RSA_BYTES_MIN && modulus->n <= RSA_BYTES_MAX && exponent->n <= EXPONENT_MAX;
}

static uint8_t curve_of(tern_bytes oid)
{
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (tern_der_same(oid, tern_bytes_of(curves[i].oid, curves[i].n))) return curves[i].curve;
    return 0;
}

static bool no_parameters(tern_bytes rest)
{
    static const uint8_t null[] = { TERN_DER_NULL, 0 };
    return rest.n == 0 || tern_der_same(rest, OID(null));
}

bool tern_issuer_key_read(tern_bytes key_info, tern_issuer_key *key)
{
    tern_bytes algorithm, oid, bits, modulus, exponent, curve;
    key->n = 0;
    if (!tern_der_expect(&key_info, TERN_DER_SEQUENCE, &algorithm) || !tern_der_bits(&key_info, &bits)) return false;
    if (key_info.n != 0 || bits.n > sizeof key->bits || !tern_der_expect(&algorithm, TERN_DER_OID, &oid)) return false;
    key->is_rsa = tern_der_same(oid, OID(rsa_encryption));
    if (key->is_rsa) {
        if (!no_parameters(algorithm) || !read_rsa(bits, &modulus, &exponent)) return false;
    } else {
        if (!tern_der_same(oid, OID(ec_public_key))) return false;
        if (!tern_der_expect(&algorithm, TERN_DER_OID, &curve) || algorithm.n != 0) return false;
        key->curve = curve_of(curve);
        if (key->curve == 0 || bits.n != POINT_BYTES(key->curve) || bits.p[0] != 0x04) return false;
    }
    memcpy(key->bits, bits.p, bits.n);
    key->n = (uint16_t)bits.n;
    return true;
}

static const scheme *scheme_of(tern_bytes algorithm, bool is_rsa)
{
    tern_bytes oid;
    if (!tern_der_expect(&algorithm, TERN_DER_OID, &oid)) return NULL;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        const scheme *s = &schemes[i];
        if (s->is_rsa != is_rsa || !tern_der_same(oid, tern_bytes_of(s->oid, s->oid_n))) continue;
        return (is_rsa ? no_parameters(algorithm) : algorithm.n == 0) ? s : NULL;
    }
    return NULL;
}

static size_t hash_of(const br_hash_class *hash, tern_bytes message, uint8_t out[HASH_MAX])
{
    br_hash_compat_context h;
    hash->init(&h.vtable);
    hash->update(&h.vtable, message.p, message.n);
    hash->out(&h.vtable, out);
    return hash->desc >> BR_HASHDESC_OUT_OFF & BR_HASHDESC_OUT_MASK;
}

static bool verify_rsa(const tern_issuer_key *key, const scheme *s, const uint8_t *hash, size_t hash_n,
                       tern_bytes signature)
{
    uint8_t found[HASH_MAX];
    tern_bytes modulus, exponent;
    if (!read_rsa(tern_bytes_of(key->bits, key->n), &modulus, &exponent)) return false;
    /* BearSSL's structures hold pointers that are not const; it only reads through them. */
    br_rsa_public_key pk = {
        .n = (unsigned char *)modulus.p, .nlen = modulus.n, .e = (unsigned char *)exponent.p, .elen = exponent.n
    };
    br_rsa_pkcs1_vrfy fast = br_rsa_i62_pkcs1_vrfy_get();
    br_rsa_pkcs1_vrfy verify = fast != 0 ? fast : br_rsa_i31_pkcs1_vrfy;
    if (verify(signature.p, signature.n, s->hash_oid, hash_n, &pk, found) != 1) return false;
    return memcmp(found, hash, hash_n) == 0;
}

static bool verify_ecdsa(const tern_issuer_key *key, const uint8_t *hash, size_t hash_n, tern_bytes signature)
{
    uint8_t raw[2 * SCALAR_MAX];
    size_t n = SCALAR_BYTES(key->curve);
    tern_bytes numbers;
    /* BearSSL reads signatures leniently: what it gets is what was read strictly here. */
    if (!tern_der_expect(&signature, TERN_DER_SEQUENCE, &numbers) || signature.n != 0) return false;
    if (!tern_der_positive(&numbers, (tern_buf){ raw, n })) return false;
    if (!tern_der_positive(&numbers, (tern_buf){ raw + n, n }) || numbers.n != 0) return false;
    br_ec_public_key pk = { .curve = key->curve, .q = (unsigned char *)key->bits, .qlen = key->n };
    return br_ecdsa_i31_vrfy_raw(&br_ec_all_m31, hash, hash_n, &pk, raw, 2 * n) == 1;
}

bool tern_issuer_key_verify(const tern_issuer_key *key, tern_bytes algorithm, tern_bytes message, tern_bytes signature)
{
    uint8_t hash[HASH_MAX];
    const scheme *s = key->n > 0 ? scheme_of(algorithm, key->is_rsa) : NULL;
    if (s == NULL) return false;
    size_t n = hash_of(s->hash, message, hash);
    return key->is_rsa ? verify_rsa(key, s, hash, n, signature) : verify_ecdsa(key, hash, n, signature);
}
