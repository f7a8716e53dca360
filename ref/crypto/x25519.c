/* SPDX-License-Identifier: MIT */
/* X25519 (spec: handshake 2; RFC 7748): our own ladder where the machine can, else br_ec_c25519_m31, the fastest that
 * BearSSL 0.6 has. */
#include "crypto/x25519.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/x25519_ladder.h"

/* out = scalar * out. The scalar is little-endian, as in RFC 7748 and unlike BearSSL's other curves, and is clamped. */
static void multiply(uint8_t out[TERN_X25519_SIZE], const uint8_t scalar[TERN_X25519_SIZE])
{
#ifdef TERN_X25519_LADDER
    tern_x25519_ladder(out, scalar, out);
#else
    (void)br_ec_c25519_m31.mul(out, TERN_X25519_SIZE, scalar, TERN_X25519_SIZE, BR_EC_curve25519);
#endif
}

void tern_x25519_public(const uint8_t private_key[TERN_X25519_SIZE], uint8_t share[TERN_X25519_SIZE])
{
    static const uint8_t base[TERN_X25519_SIZE] = { 9 };
    memcpy(share, base, sizeof base);
    multiply(share, private_key);
}

bool tern_x25519_shared(const uint8_t private_key[TERN_X25519_SIZE], const uint8_t peer_share[TERN_X25519_SIZE],
                        uint8_t out[TERN_X25519_SIZE])
{
    static const uint8_t zero[TERN_X25519_SIZE] = { 0 };
    memmove(out, peer_share, TERN_X25519_SIZE);
    multiply(out, private_key);
    return !tern_ct_equal(out, zero, sizeof zero);
}
