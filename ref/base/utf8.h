/* SPDX-License-Identifier: MIT */
/* UTF-8 (RFC 3629), one character at a time. */
#ifndef TERN_BASE_UTF8_H
#define TERN_BASE_UTF8_H

#include "base/io.h"

/* The next character; fails the reader, and is 0, at what is not UTF-8: overlong forms, surrogates and numbers above
 * 0x10ffff are not. */
uint32_t tern_utf8_next(tern_reader *r);
/* Every byte is part of a valid character. */
bool tern_utf8_ok(tern_bytes text);
/* Every byte is part of a valid character and none is a control character (C0, DEL, C1). */
bool tern_utf8_is_plain(tern_bytes text);
bool tern_utf8_is_white_space(uint32_t c); /* Unicode's White_Space property */

#endif
