/* SPDX-License-Identifier: MIT */
/* ECDSA over P-256 with SHA-256 (spec: handshake 3; FIPS 186-4, RFC 6979 for the nonce). Signs in constant time. */
#ifndef TERN_CRYPTO_P256_H
#define TERN_CRYPTO_P256_H

#include "base/types.h"

#define TERN_P256_PRIVATE_SIZE  32 /* big-endian, 1 <= key < n */
#define TERN_P256_PUBLIC_SIZE   65 /* uncompressed: 0x04, x, y */
#define TERN_P256_SIGNATURE_MAX 72 /* ASN.1 DER; most are 70 to 72 bytes */

/* false when the bytes are not a private key: zero, or not below the order of the curve. */
TERN_MUST_USE bool tern_p256_public(const uint8_t private_key[TERN_P256_PRIVATE_SIZE],
                                    uint8_t public_key[TERN_P256_PUBLIC_SIZE]);

/* Signs the SHA-256 of message; the same key and message give the same signature. Returns its length, at most
 * TERN_P256_SIGNATURE_MAX; 0 when the private key is none. */
TERN_MUST_USE size_t tern_p256_sign(const uint8_t private_key[TERN_P256_PRIVATE_SIZE], tern_bytes message,
                                    uint8_t signature[TERN_P256_SIGNATURE_MAX]);

/* true only for a good signature in strict DER: one SEQUENCE of two minimal, positive INTEGERs, and nothing after it.
 * false as well when public_key is no point of the curve. */
TERN_MUST_USE bool tern_p256_verify(const uint8_t public_key[TERN_P256_PUBLIC_SIZE], tern_bytes message,
                                    tern_bytes signature);

#endif
