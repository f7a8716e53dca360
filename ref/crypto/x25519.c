/* SPDX-License-Identifier: MIT */
/* X25519 (spec: crypto; RFC 7748). br_ec_c25519_m31 is the fastest that BearSSL 0.6 has. */
#include "crypto/x25519.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/ct.h"

/* BearSSL clamps, but wants the scalar big-endian. */
static void reversed(uint8_t out[TERN_X25519_SIZE], const uint8_t in[TERN_X25519_SIZE])
{
    for (size_t i = 0; i < TERN_X25519_SIZE; i++) out[i] = in[TERN_X25519_SIZE - 1 - i];
}

void tern_x25519_public(const uint8_t private_key[TERN_X25519_SIZE], uint8_t share[TERN_X25519_SIZE])
{
    uint8_t scalar[TERN_X25519_SIZE];
    reversed(scalar, private_key);
    br_ec_c25519_m31.mulgen(share, scalar, sizeof scalar, BR_EC_curve25519);
    tern_wipe(scalar, sizeof scalar);
}

bool tern_x25519_shared(const uint8_t private_key[TERN_X25519_SIZE], const uint8_t peer_share[TERN_X25519_SIZE],
                        uint8_t out[TERN_X25519_SIZE])
{
    static const uint8_t zero[TERN_X25519_SIZE] = { 0 };
    uint8_t scalar[TERN_X25519_SIZE];
    reversed(scalar, private_key);
    memmove(out, peer_share, TERN_X25519_SIZE);
    uint32_t ok = br_ec_c25519_m31.mul(out, TERN_X25519_SIZE, scalar, sizeof scalar, BR_EC_curve25519);
    tern_wipe(scalar, sizeof scalar);
    return ok == 1 && !tern_ct_equal(out, zero, sizeof zero);
}
