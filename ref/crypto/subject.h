/* SPDX-License-Identifier: MIT */
/* Whom a certificate names, for people (RFC 5280 section 4.1.2.6; RFC 4514). */
#ifndef TERN_CRYPTO_SUBJECT_H
#define TERN_CRYPTO_SUBJECT_H

#include "base/types.h"

#define TERN_SUBJECT_TEXT_SIZE 129 /* 128 bytes and a terminating zero */

/* Writes a certificate's subject as "CN=ada,O=Club", in the order in which it stands there, and cut off where there is
 * no room; attributes without a short name are passed over, and what would be taken for punctuation has a backslash.
 * Empty when the certificate cannot be read or names nobody. The bytes are the certificate's: they may be no UTF-8 and
 * hold control characters, but no zero. */
void tern_subject_text(tern_bytes certificate, char out[TERN_SUBJECT_TEXT_SIZE]);

#endif
