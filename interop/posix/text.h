/* SPDX-License-Identifier: MIT */
/* Text for people: what others sent, made safe to show (ROOM-009, WIRE-025); sizes, rates and times in units; hex. */
#ifndef TERN_POSIX_TEXT_H
#define TERN_POSIX_TEXT_H

#include "tern.h"

/* Bytes that escaping n bytes takes at most, with the final zero. */
#define TERN_ESCAPED_SIZE(n) (4 * (size_t)(n) + 1)

/* Copies UTF-8 text so that it can be shown: control characters (C0, DEL, C1), line and paragraph separators and
 * characters that turn the writing direction become \n, \t, \r, \x1b or \u202e; bytes that are no UTF-8 become \xff.
 * Returns the length without the final zero. out has TERN_ESCAPED_SIZE(in.n). */
size_t tern_escape(tern_bytes in, char *out);
/* Likewise for a nickname in front of `> `: also a `>` in it and a `*` at its start are written as \x3e and \x2a, so
 * that no nickname looks like another's message or like a presence line. */
size_t tern_escape_nick(const char *nick, char *out);

typedef struct {
    char text[32];
} tern_words;

tern_words tern_words_size(uint64_t bytes);               /* 512 B, 1.5 KiB, 64.0 MiB */
tern_words tern_words_rate(uint64_t bytes, tern_time ns); /* 93.1 MiB/s; "-" for no time */
tern_words tern_words_time(tern_time ns);                 /* 840 ns, 12.3 us, 1.25 ms, 3.40 s, 2 min 5 s, 1 h 3 min */

/* Lower-case hex and a final zero: 2 * n + 1 bytes. */
void tern_hex(tern_bytes bytes, char *out);
/* 64 hex digits, with or without SHA256: before them. */
bool tern_fingerprint_parse(const char *text, uint8_t fingerprint[TERN_FINGERPRINT_SIZE]);

typedef struct {
    char text[7 + 2 * TERN_FINGERPRINT_SIZE + 1];
} tern_fingerprint_text;

tern_fingerprint_text tern_fingerprint_format(const uint8_t fingerprint[TERN_FINGERPRINT_SIZE]); /* SHA256:hex */
/* "AES-256-GCM" and its like; "suite 0x1234" for one not known. */
tern_words tern_words_suite(uint16_t suite);

#endif
