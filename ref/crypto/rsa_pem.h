/* SPDX-License-Identifier: MIT */
/* RSA public keys as SubjectPublicKeyInfo (RFC 5280 section 4.1, RFC 8017 appendix A.1), in DER and in PEM. */
#ifndef TERN_CRYPTO_RSA_PEM_H
#define TERN_CRYPTO_RSA_PEM_H

#include "base/io.h"
#include "crypto/rsa.h"

#define TERN_RSA_SPKI_MAX (64 + TERN_RSA_BYTES_MAX) /* bytes of DER */
#define TERN_RSA_PEM_MAX  900                       /* characters of PEM, with a final zero */

void tern_rsa_spki(const tern_rsa_public *key, tern_writer *w);

/* text is one PEM object "PUBLIC KEY" and nothing else but white space behind it, 2048 bytes at most, and the key in it
 * one that tern_rsa_public_read takes (DIA-001). */
TERN_MUST_USE bool tern_rsa_public_from_pem(tern_rsa_public *key, tern_bytes text);
/* Its length without the final zero. */
size_t tern_rsa_public_to_pem(const tern_rsa_public *key, char out[TERN_RSA_PEM_MAX]);

#endif
