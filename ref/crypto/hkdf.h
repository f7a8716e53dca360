/* SPDX-License-Identifier: MIT */
/* HKDF-SHA256 and the labels of the key schedule (spec: handshake; RFC 5869, RFC 8446 section 7.1). */
#ifndef TERN_CRYPTO_HKDF_H
#define TERN_CRYPTO_HKDF_H

#include "base/types.h"
#include "crypto/sha256.h"

#define TERN_SECRET_SIZE    32
#define TERN_HKDF_MAX       (255 * TERN_SHA256_SIZE) /* the most that one expansion gives */
#define TERN_HKDF_LABEL     "tern1 "                 /* the prefix of every label, where TLS 1.3 has "tls13 " */
#define TERN_HKDF_LABEL_MAX 249                      /* a label without its prefix */

/* HKDF-Extract. An empty salt is a salt of 32 zeros. */
void tern_hkdf_extract(tern_bytes salt, tern_bytes ikm, uint8_t out[TERN_SECRET_SIZE]);

/* HKDF-Expand: fills out, whose n is at most TERN_HKDF_MAX (asserted). out must not overlap prk or info. */
void tern_hkdf_expand(tern_bytes prk, tern_bytes info, tern_buf out);

/* HKDF-Expand-Label of RFC 8446 section 7.1 with Tern's prefix. label is a string of at most TERN_HKDF_LABEL_MAX
 * characters without the prefix; context at most 255 bytes; out.n at most TERN_HKDF_MAX (all asserted). out may be the
 * secret itself, as in a key update. */
void tern_hkdf_expand_label(const uint8_t secret[TERN_SECRET_SIZE], const char *label, tern_bytes context,
                            tern_buf out);

/* Several labels of one secret, which is expanded but once; each without a context. */
typedef struct {
    const char *label;
    tern_buf out; /* not the secret itself */
} tern_hkdf_wanted;

void tern_hkdf_expand_labels(const uint8_t secret[TERN_SECRET_SIZE], const tern_hkdf_wanted *wanted, size_t count);

#endif
