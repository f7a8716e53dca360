/* SPDX-License-Identifier: MIT */
/* OAEP over BearSSL, which opens in constant time. */
#include "crypto/oaep.h"

#include "crypto/rsa_bearssl.h"

/* A node's generator in the shape of one of BearSSL's. */
typedef struct {
    const br_prng_class *vtable;
    tern_drbg *drbg;
} generator;

static void generate(const br_prng_class **context, void *out, size_t n)
{
    /* BearSSL hands the address of the first member. */
    tern_drbg_bytes(((generator *)(void *)context)->drbg, (tern_buf){ out, n });
}

static const br_prng_class generator_class = { .context_size = sizeof(generator), .generate = generate };

void tern_oaep_seal(const tern_rsa_public *key, tern_drbg *drbg, tern_bytes text, uint8_t *block)
{
    generator g = { &generator_class, drbg };
    uint8_t exponent[4];
    br_rsa_public_key pk = tern_rsa_public_view(key, exponent);
    br_rsa_oaep_encrypt fast = br_rsa_i62_oaep_encrypt_get();
    br_rsa_oaep_encrypt encrypt = fast != 0 ? fast : br_rsa_i31_oaep_encrypt;
    tern_assert(text.n <= tern_oaep_room(key));
    size_t n = encrypt(&g.vtable, &br_sha256_vtable, NULL, 0, &pk, block, key->n, text.p, text.n);
    tern_assert(n == key->n);
    (void)n;
}

bool tern_oaep_open(const tern_rsa_private *key, uint8_t *block, size_t *n)
{
    br_rsa_private_key sk = tern_rsa_private_view(key);
    br_rsa_oaep_decrypt fast = br_rsa_i62_oaep_decrypt_get();
    br_rsa_oaep_decrypt decrypt = fast != 0 ? fast : br_rsa_i31_oaep_decrypt;
    *n = key->public_key.n;
    return decrypt(&br_sha256_vtable, NULL, 0, &sk, block, n) == 1;
}
