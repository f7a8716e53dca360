/* SPDX-License-Identifier: MIT */
/* X25519 key agreement (spec: handshake 2; RFC 7748). Runs in constant time. */
#ifndef TERN_CRYPTO_X25519_H
#define TERN_CRYPTO_X25519_H

#include "base/types.h"

#define TERN_X25519_SIZE 32

/* A private key is 32 bytes of randomness, little-endian as in RFC 7748; it is clamped when used, never in storage. */
void tern_x25519_public(const uint8_t private_key[TERN_X25519_SIZE], uint8_t share[TERN_X25519_SIZE]);

/* The shared secret. false, and out all zero, when the peer's share is a point of small order (RFC 7748 section 6.1):
 * then the peer broke the protocol. */
TERN_MUST_USE bool tern_x25519_shared(const uint8_t private_key[TERN_X25519_SIZE],
                                      const uint8_t peer_share[TERN_X25519_SIZE], uint8_t out[TERN_X25519_SIZE]);

#endif
