/* SPDX-License-Identifier: MIT */
/* X25519 (spec: handshake 2; RFC 7748). br_ec_c25519_m31 is the fastest that BearSSL 0.6 has. */
#include "crypto/x25519.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/ct.h"

void tern_x25519_public(const uint8_t private_key[TERN_X25519_SIZE], uint8_t share[TERN_X25519_SIZE])
{
    br_ec_c25519_m31.mulgen(share, private_key, TERN_X25519_SIZE, BR_EC_curve25519);
}

bool tern_x25519_shared(const uint8_t private_key[TERN_X25519_SIZE], const uint8_t peer_share[TERN_X25519_SIZE],
                        uint8_t out[TERN_X25519_SIZE])
{
    static const uint8_t zero[TERN_X25519_SIZE] = { 0 };
    memmove(out, peer_share, TERN_X25519_SIZE);
    /* The scalar is little-endian, as in RFC 7748 and unlike BearSSL's other curves, and BearSSL clamps it. */
    uint32_t ok = br_ec_c25519_m31.mul(out, TERN_X25519_SIZE, private_key, TERN_X25519_SIZE, BR_EC_curve25519);
    return ok == 1 && !tern_ct_equal(out, zero, sizeof zero);
}
