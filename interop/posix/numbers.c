/* SPDX-License-Identifier: MIT */
/* Numbers in arguments (see numbers.h). */
#define _GNU_SOURCE
#include "posix/numbers.h"

#include <string.h>

#define NS_PER_SECOND UINT64_C(1000000000)

/* Reads digits up to end. */
static bool digits(const char *text, const char *end, uint64_t *out)
{
    if (text == end) return false;
    for (*out = 0; text != end; text++) {
        if (*text < '0' || *text > '9') return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (*out > (UINT64_MAX - digit) / 10) return false;
        *out = *out * 10 + digit;
    }
    return true;
}

bool tern_parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
    return digits(text, text + strlen(text), out) && *out >= least && *out <= most;
}

bool tern_parse_size(const char *text, uint64_t *out)
{
    static const char units[] = "KMGT";
    size_t n = strlen(text);
    const char *unit = n > 0 ? strchr(units, text[n - 1]) : NULL;
    unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
    if (!digits(text, text + n - (unit != NULL ? 1 : 0), out) || *out > UINT64_MAX >> shift) return false;
    *out <<= shift;
    return true;
}

bool tern_parse_seconds(const char *text, uint64_t *out_ns)
{
    const char *end = text + strlen(text), *point = strchr(text, '.');
    uint64_t whole = 0, fraction = 0, scale = NS_PER_SECOND;
    if (!digits(text, point != NULL ? point : end, &whole) || whole > 86400) return false;
    if (point != NULL && (end - point > 10 || !digits(point + 1, end, &fraction))) return false;
    for (const char *c = point; c != NULL && c + 1 < end; c++) scale /= 10;
    *out_ns = whole * NS_PER_SECOND + fraction * scale;
    return true;
}
