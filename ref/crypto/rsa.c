/* SPDX-License-Identifier: MIT */
/* RSASSA-PSS over BearSSL's RSA (see rsa.h). */
#include "crypto/rsa.h"

#include <string.h>

#include "crypto/ct.h"
#include "crypto/hkdf.h"
#include "crypto/rsa_bearssl.h"
#include "crypto/sha256.h"

#define SALT_SIZE TERN_SHA256_SIZE
#define HASH_SIZE TERN_SHA256_SIZE

bool tern_rsa_public_read(tern_rsa_public *key, tern_bytes modulus, tern_bytes exponent)
{
    memset(key, 0, sizeof *key);
    while (modulus.n > 0 && modulus.p[0] == 0) modulus.p++, modulus.n--;
    while (exponent.n > 0 && exponent.p[0] == 0) exponent.p++, exponent.n--;
    /*= HS-025 */
    if (modulus.n < TERN_RSA_BYTES_MIN || modulus.n > TERN_RSA_BYTES_MAX || exponent.n > 4) return false;
    if ((modulus.p[modulus.n - 1] & 1) == 0) return false;
    for (size_t i = 0; i < exponent.n; i++) key->exponent = key->exponent << 8 | exponent.p[i];
    key->n = modulus.n;
    memcpy(key->modulus, modulus.p, modulus.n);
    return key->exponent >= 3 && (key->exponent & 1) != 0;
}

/* Bits of the encoded message: one less than the modulus has (RFC 8017 section 8.1.1). */
static size_t encoded_bits(const tern_rsa_public *key)
{
    size_t bits = 8 * key->n;
    for (uint8_t first = key->modulus[0]; (first & 0x80) == 0; first = (uint8_t)(first << 1)) bits--;
    return bits - 1;
}

/* MGF1 (RFC 8017 appendix B.2.1), over what it masks. */
static void mask(uint8_t *p, size_t n, const uint8_t seed[HASH_SIZE])
{
    uint8_t in[HASH_SIZE + 4], out[HASH_SIZE];
    memcpy(in, seed, HASH_SIZE);
    for (uint32_t counter = 0; n > 0; counter++) {
        for (size_t i = 0; i < 4; i++) in[HASH_SIZE + i] = (uint8_t)(counter >> (24 - 8 * i));
        tern_sha256_of(tern_bytes_of(in, sizeof in), out);
        size_t take = n < sizeof out ? n : sizeof out;
        for (size_t i = 0; i < take; i++) p[i] ^= out[i];
        p += take;
        n -= take;
    }
}

/* H of RFC 8017 section 9.1: of eight zeros, the message's hash and the salt. */
static void hash_with_salt(tern_bytes message, const uint8_t salt[SALT_SIZE], uint8_t out[HASH_SIZE])
{
    uint8_t in[8 + HASH_SIZE + SALT_SIZE] = { 0 };
    tern_sha256_of(message, in + 8);
    memcpy(in + 8 + HASH_SIZE, salt, SALT_SIZE);
    tern_sha256_of(tern_bytes_of(in, sizeof in), out);
}

/* EMSA-PSS-ENCODE into the n bytes of a number below the modulus. */
static void encode(const tern_rsa_public *key, tern_bytes message, const uint8_t salt[SALT_SIZE], uint8_t *out)
{
    size_t bits = encoded_bits(key), size = (bits + 7) / 8, lead = key->n - size;
    uint8_t *db = out + lead, *h = db + size - HASH_SIZE - 1;
    memset(out, 0, key->n);
    hash_with_salt(message, salt, h);
    h[-SALT_SIZE - 1] = 0x01;
    memcpy(h - SALT_SIZE, salt, SALT_SIZE);
    mask(db, (size_t)(h - db), h);
    db[0] &= (uint8_t)(0xff >> (8 * size - bits));
    h[HASH_SIZE] = 0xbc;
}

/* EMSA-PSS-VERIFY: what is behind a signature is nobody's secret. */
static bool fits(const tern_rsa_public *key, tern_bytes message, uint8_t *in)
{
    size_t bits = encoded_bits(key), size = (bits + 7) / 8, lead = key->n - size;
    uint8_t *db = in + lead, *h = db + size - HASH_SIZE - 1, due[HASH_SIZE];
    uint8_t top = (uint8_t)(0xff >> (8 * size - bits));
    if ((lead > 0 && in[0] != 0) || h[HASH_SIZE] != 0xbc || (db[0] & ~top) != 0) return false;
    mask(db, (size_t)(h - db), h);
    db[0] &= top;
    for (const uint8_t *p = db; p < h - SALT_SIZE - 1; p++)
        if (*p != 0) return false;
    if (h[-SALT_SIZE - 1] != 0x01) return false;
    hash_with_salt(message, h - SALT_SIZE, due);
    return memcmp(due, h, HASH_SIZE) == 0;
}

size_t tern_rsa_sign(const tern_rsa_private *key, tern_bytes message, uint8_t signature[TERN_RSA_BYTES_MAX])
{
    uint8_t salt[SALT_SIZE];
    br_rsa_private_key sk = tern_rsa_private_view(key);
    br_rsa_private operation = br_rsa_i62_private_get();
    tern_hmac_sha256(tern_bytes_of(key->parts, key->n[0]), &message, 1, salt);
    encode(&key->public_key, message, salt, signature);
    uint32_t done = (operation != 0 ? operation : br_rsa_i31_private)(signature, &sk);
    tern_wipe(salt, sizeof salt);
    size_t n = key->public_key.n;
    if (done == 1 && tern_rsa_verify(&key->public_key, message, tern_bytes_of(signature, n))) return n;
    tern_wipe(signature, TERN_RSA_BYTES_MAX);
    return 0;
}

bool tern_rsa_private_complete(tern_rsa_private *key, tern_bytes modulus, tern_bytes exponent)
{
    static const uint8_t trial[] = "tern trial";
    uint8_t signature[TERN_RSA_BYTES_MAX];
    if (!tern_rsa_public_read(&key->public_key, modulus, exponent)) return false;
    return tern_rsa_sign(key, tern_bytes_of(trial, sizeof trial), signature) > 0;
}

bool tern_rsa_verify(const tern_rsa_public *key, tern_bytes message, tern_bytes signature)
{
    uint8_t x[TERN_RSA_BYTES_MAX], exponent[4];
    br_rsa_public operation = br_rsa_i62_public_get();
    if (signature.n != key->n || key->n < TERN_RSA_BYTES_MIN || key->n > sizeof x) return false;
    memcpy(x, signature.p, key->n);
    br_rsa_public_key pk = tern_rsa_public_view(key, exponent);
    if ((operation != 0 ? operation : br_rsa_i31_public)(x, key->n, &pk) != 1) return false;
    return fits(key, message, x);
}
