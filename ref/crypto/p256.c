/* SPDX-License-Identifier: MIT */
/* ECDSA over P-256 (spec: handshake 3; FIPS 186-4). br_ec_p256_m31 is the fastest that BearSSL 0.6 has. */
#include "crypto/p256.h"

#include <bearssl.h>

#include "crypto/ct.h"
#include "crypto/der.h"
#include "crypto/sha256.h"

/* 0 < key < n, in constant time: BearSSL does not look. */
static bool is_private_key(const uint8_t key[TERN_P256_PRIVATE_SIZE])
{
    static const uint8_t order[TERN_P256_PRIVATE_SIZE] = { 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                                           0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                           0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                                           0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };
    uint32_t borrow = 0, any = 0;
    for (size_t i = TERN_P256_PRIVATE_SIZE; i-- > 0;) {
        borrow = (uint32_t)key[i] - order[i] - borrow;
        borrow = borrow >> 31;
        any |= key[i];
    }
    return (borrow & (uint32_t)(any != 0)) == 1;
}

bool tern_p256_public(const uint8_t private_key[TERN_P256_PRIVATE_SIZE], uint8_t public_key[TERN_P256_PUBLIC_SIZE])
{
    if (!is_private_key(private_key)) return false;
    return br_ec_p256_m31.mulgen(public_key, private_key, TERN_P256_PRIVATE_SIZE, BR_EC_secp256r1) ==
           TERN_P256_PUBLIC_SIZE;
}

size_t tern_p256_sign(const uint8_t private_key[TERN_P256_PRIVATE_SIZE], tern_bytes message,
                      uint8_t signature[TERN_P256_SIGNATURE_MAX])
{
    if (!is_private_key(private_key)) return 0;
    uint8_t hash[TERN_SHA256_SIZE], key[TERN_P256_PRIVATE_SIZE];
    for (size_t i = 0; i < sizeof key; i++) key[i] = private_key[i]; /* BearSSL's key is not const */
    tern_sha256_of(message, hash);
    br_ec_private_key sk = { .curve = BR_EC_secp256r1, .x = key, .xlen = sizeof key };
    size_t n = br_ecdsa_i31_sign_asn1(&br_ec_p256_m31, &br_sha256_vtable, hash, &sk, signature);
    tern_wipe(key, sizeof key);
    return n;
}

bool tern_p256_verify(const uint8_t public_key[TERN_P256_PUBLIC_SIZE], tern_bytes message, tern_bytes signature)
{
    uint8_t hash[TERN_SHA256_SIZE], raw[64], point[TERN_P256_PUBLIC_SIZE];
    tern_bytes numbers;
    /* BearSSL reads signatures leniently: what it gets is what was read strictly here. */
    if (!tern_der_expect(&signature, TERN_DER_SEQUENCE, &numbers) || signature.n != 0) return false;
    if (!tern_der_positive(&numbers, (tern_buf){ raw, 32 })) return false;
    if (!tern_der_positive(&numbers, (tern_buf){ raw + 32, 32 }) || numbers.n != 0) return false;
    for (size_t i = 0; i < sizeof point; i++) point[i] = public_key[i];
    tern_sha256_of(message, hash);
    br_ec_public_key pk = { .curve = BR_EC_secp256r1, .q = point, .qlen = sizeof point };
    return br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, hash, sizeof hash, &pk, raw, sizeof raw) == 1;
}
