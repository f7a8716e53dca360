/* SPDX-License-Identifier: MIT */
/* UTF-8 (RFC 3629). */
#include "base/utf8.h"

static uint32_t bad(tern_reader *r)
{
    tern_reader_fail(r);
    return 0;
}

uint32_t tern_utf8_next(tern_reader *r)
{
    static const uint32_t least[4] = { 0, 0x80, 0x800, 0x10000 };
    uint32_t c = tern_read_u8(r);
    if (c < 0x80) return c;
    unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc0 || c >= 0xf8) return bad(r);
    c &= 0x3fu >> more;
    for (unsigned i = 0; i < more; i++) {
        uint8_t next = tern_read_u8(r);
        if ((next & 0xc0) != 0x80) return bad(r);
        c = c << 6 | (next & 0x3f);
    }
    bool surrogate = c >= 0xd800 && c < 0xe000;
    return c < least[more] || c > 0x10ffff || surrogate ? bad(r) : c;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool tern_utf8_is_plain(tern_bytes text)
{
    tern_reader r = tern_reader_of(text);
    while (r.left > 0)
        if (is_control(tern_utf8_next(&r))) return false;
    return tern_reader_ok(&r);
}

bool tern_utf8_is_white_space(uint32_t c)
{
    if (c >= 0x2000 && c <= 0x200a) return true;
    if (c >= 0x09 && c <= 0x0d) return true;
    switch (c) {
    case 0x20:
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000: return true;
    default: return false;
    }
}

bool tern_utf8_ok(tern_bytes text)
{
    tern_reader r = tern_reader_of(text);
    while (r.left > 0) (void)tern_utf8_next(&r);
    return tern_reader_ok(&r);
}
