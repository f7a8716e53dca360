/* SPDX-License-Identifier: MIT */
/* Strings with a terminating zero, as tern.h takes them. */
#ifndef TERN_RELAY_TEXT_H
#define TERN_RELAY_TEXT_H

#include "base/types.h"

/* The bytes of a string without its zero; never more than most, whatever follows them. */
static inline tern_bytes tern_text_bytes(const char *s, size_t most)
{
    size_t n = 0;
    while (n < most && s[n] != 0) n++;
    return tern_bytes_of(s, n);
}

#endif
