/* SPDX-License-Identifier: MIT */
/* RSA keys as BearSSL sees them: views, whose pointers are not const although it only reads through them. */
#ifndef TERN_CRYPTO_RSA_BEARSSL_H
#define TERN_CRYPTO_RSA_BEARSSL_H

#include <bearssl.h>

#include "crypto/rsa.h"

static inline br_rsa_private_key tern_rsa_private_view(const tern_rsa_private *key)
{
    unsigned char *part[5];
    size_t at = 0;
    for (size_t i = 0; i < 5; at += key->n[i], i++) part[i] = (unsigned char *)(uintptr_t)key->parts + at;
    return (br_rsa_private_key){ .n_bitlen = key->bits,
                                 .p = part[0],
                                 .plen = key->n[0],
                                 .q = part[1],
                                 .qlen = key->n[1],
                                 .dp = part[2],
                                 .dplen = key->n[2],
                                 .dq = part[3],
                                 .dqlen = key->n[3],
                                 .iq = part[4],
                                 .iqlen = key->n[4] };
}

/* exponent is lent to hold the bytes of the key's. */
static inline br_rsa_public_key tern_rsa_public_view(const tern_rsa_public *key, uint8_t exponent[4])
{
    for (size_t i = 0; i < 4; i++) exponent[i] = (uint8_t)(key->exponent >> (24 - 8 * i));
    return (
        br_rsa_public_key){ .n = (unsigned char *)(uintptr_t)key->modulus, .nlen = key->n, .e = exponent, .elen = 4 };
}

#endif
