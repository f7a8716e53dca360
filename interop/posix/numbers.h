/* SPDX-License-Identifier: MIT */
/* Numbers in arguments, read strictly: the whole text or nothing. */
#ifndef TERN_POSIX_NUMBERS_H
#define TERN_POSIX_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

bool tern_parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *out);
bool tern_parse_size(const char *text, uint64_t *out);       /* 1000, 64K, 500M, 2G: powers of 1024 */
bool tern_parse_seconds(const char *text, uint64_t *out_ns); /* 2, 0.5, 12.25; at most a day */

#endif
