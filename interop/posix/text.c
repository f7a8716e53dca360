/* SPDX-License-Identifier: MIT */
/* Text for people (see text.h). */
#define _GNU_SOURCE
#include "posix/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The character at the start of in: its bytes, 0 when that is no UTF-8 (RFC 3629: no overlong form, no surrogate). */
static size_t decode(tern_bytes in, uint32_t *character)
{
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint8_t first = in.p[0];
    size_t n = first < 0x80 ? 1 : first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    if (first >= 0xf8 || n == 0 || n > in.n) return 0;
    uint32_t c = n == 1 ? first : (uint32_t)(first & (0x7f >> n));
    for (size_t i = 1; i < n; i++) {
        if ((in.p[i] & 0xc0) != 0x80) return 0;
        c = (c << 6) | (in.p[i] & 0x3f);
    }
    if (n > 1 && c < least[n]) return 0;
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
    *character = c;
    return n;
}

static bool shown_as_it_is(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;
    /* line and paragraph separators, and what turns the direction of writing */
    if (c == 0x2028 || c == 0x2029 || c == 0x061c || c == 0x200e || c == 0x200f) return false;
    return !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

static size_t write_escape(uint32_t c, char *out)
{
    switch (c) {
    case '\n': return (size_t)sprintf(out, "\\n");
    case '\r': return (size_t)sprintf(out, "\\r");
    case '\t': return (size_t)sprintf(out, "\\t");
    default: return (size_t)sprintf(out, c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
    }
}

/*= ROOM-009 WIRE-025 */
size_t tern_escape(tern_bytes in, char *out)
{
    size_t n = 0;
    while (in.n > 0) {
        uint32_t c = 0;
        size_t taken = decode(in, &c);
        if (taken == 0) {
            taken = 1;
            n += (size_t)sprintf(out + n, "\\x%02x", in.p[0]);
        } else if (shown_as_it_is(c)) {
            memcpy(out + n, in.p, taken);
            n += taken;
        } else {
            n += write_escape(c, out + n);
        }
        in.p += taken;
        in.n -= taken;
    }
    out[n] = '\0';
    return n;
}

/*= ROOM-009 */
size_t tern_escape_nick(const char *nick, char *out)
{
    size_t n = 0;
    for (const char *at = nick; *at != '\0';) {
        bool misleading = *at == '>' || (*at == '*' && at == nick);
        size_t run = misleading ? 1 : 1 + strcspn(at + 1, ">");
        if (misleading)
            n += (size_t)sprintf(out + n, "\\x%02x", (unsigned char)*at);
        else
            n += tern_escape(tern_bytes_of(at, run), out + n);
        at += run;
    }
    out[n] = '\0';
    return n;
}

tern_words tern_words_size(uint64_t bytes)
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    tern_words w;
    if (bytes < 1024) {
        (void)snprintf(w.text, sizeof w.text, "%u B", (unsigned)bytes);
        return w;
    }
    double value = (double)bytes / 1024;
    size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1024;
        unit++;
    }
    (void)snprintf(w.text, sizeof w.text, "%.1f %s", value, units[unit]);
    return w;
}

tern_words tern_words_rate(uint64_t bytes, tern_time ns)
{
    tern_words w = { "-" };
    if (ns == 0) return w;
    w = tern_words_size((uint64_t)((double)bytes * 1e9 / (double)ns));
    size_t n = strlen(w.text);
    (void)snprintf(w.text + n, sizeof w.text - n, "/s");
    return w;
}

tern_words tern_words_time(tern_time ns)
{
    tern_words w;
    uint64_t seconds = (ns + TERN_SECOND / 2) / TERN_SECOND;
    if (ns < 1000)
        (void)snprintf(w.text, sizeof w.text, "%u ns", (unsigned)ns);
    else if (ns < TERN_MS)
        (void)snprintf(w.text, sizeof w.text, "%.1f us", (double)ns / 1e3);
    else if (ns < TERN_SECOND)
        (void)snprintf(w.text, sizeof w.text, "%.2f ms", (double)ns / 1e6);
    else if (seconds < 60)
        (void)snprintf(w.text, sizeof w.text, "%.2f s", (double)ns / 1e9);
    else if (seconds < 3600)
        (void)snprintf(w.text, sizeof w.text, "%u min %u s", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
    else
        (void)snprintf(w.text, sizeof w.text, "%llu h %u min", (unsigned long long)(seconds / 3600),
                       (unsigned)(seconds / 60 % 60));
    return w;
}

void tern_hex(tern_bytes bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.n; i++) {
        *out++ = digits[bytes.p[i] >> 4];
        *out++ = digits[bytes.p[i] & 15];
    }
    *out = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool tern_fingerprint_parse(const char *text, uint8_t fingerprint[TERN_FINGERPRINT_SIZE])
{
    if (strncasecmp(text, "SHA256:", 7) == 0) text += 7;
    if (strlen(text) != 2 * (size_t)TERN_FINGERPRINT_SIZE) return false;
    for (size_t i = 0; i < TERN_FINGERPRINT_SIZE; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        fingerprint[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

tern_fingerprint_text tern_fingerprint_format(const uint8_t fingerprint[TERN_FINGERPRINT_SIZE])
{
    tern_fingerprint_text t = { "SHA256:" };
    tern_hex(tern_bytes_of(fingerprint, TERN_FINGERPRINT_SIZE), t.text + 7);
    return t;
}

tern_words tern_words_suite(uint16_t suite)
{
    tern_words w;
    const char *name = suite == 0x1302   ? "AES-256-GCM"
                       : suite == 0x1303 ? "ChaCha20-Poly1305"
                       : suite == 0x00ff ? "PLAINTEXT (integrity only)"
                                         : NULL;
    if (name != NULL)
        (void)snprintf(w.text, sizeof w.text, "%s", name);
    else
        (void)snprintf(w.text, sizeof w.text, "suite 0x%04x", suite);
    return w;
}
