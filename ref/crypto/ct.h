/* SPDX-License-Identifier: MIT */
/* Handling secrets: comparing without telling where, erasing for certain. */
#ifndef TERN_CRYPTO_CT_H
#define TERN_CRYPTO_CT_H

#include "base/types.h"

/* Zeroes n bytes; the compiler cannot leave it out. p may be NULL when n is 0. */
void tern_wipe(void *p, size_t n);

/* Whether n bytes are equal, in a time that depends on n alone. */
TERN_MUST_USE bool tern_ct_equal(const void *a, const void *b, size_t n);

#endif
