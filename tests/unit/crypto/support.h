/* SPDX-License-Identifier: MIT */
/* What the tests of crypto share: hexadecimal, fixtures, copies whose ends the address sanitizer watches. */
#ifndef TERN_TESTS_CRYPTO_SUPPORT_H
#define TERN_TESTS_CRYPTO_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/types.h"

#define LITERAL(s) tern_bytes_of((s), sizeof(s) - 1)

/* Bytes from hexadecimal, at most room of them; returns how many. */
static inline size_t unhex(const char *hex, uint8_t *out, size_t room)
{
    size_t n = strlen(hex) / 2;
    assert_int_equal(strlen(hex) % 2, 0);
    assert_true(n <= room);
    for (size_t i = 0; i < n; i++) {
        unsigned v;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
        out[i] = (uint8_t)v;
    }
    return n;
}

/* A view of bytes from hexadecimal, kept in a buffer of the caller. */
static inline tern_bytes hex_view(const char *hex, uint8_t *room, size_t room_n)
{
    return tern_bytes_of(room, unhex(hex, room, room_n));
}
#define HEX(text) hex_view(text, (uint8_t[512]){ 0 }, 512)

static inline void assert_hex(const uint8_t *p, size_t n, const char *hex)
{
    uint8_t expected[512];
    assert_int_equal(unhex(hex, expected, sizeof expected), n);
    assert_memory_equal(p, expected, n);
}

/* A copy on the heap, exactly as long: a read beyond it is seen. Freed by the caller. */
static inline uint8_t *exact_copy(const uint8_t *p, size_t n)
{
    uint8_t *copy = malloc(n > 0 ? n : 1);
    assert_non_null(copy);
    if (n > 0) memcpy(copy, p, n);
    return copy;
}

#ifdef TERN_FIXTURES
/* A whole fixture, read into a buffer of the caller. */
static inline tern_bytes fixture_view(const char *name, uint8_t *room, size_t room_n)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", TERN_FIXTURES, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL) fail_msg("no fixture %s", path);
    size_t n = fread(room, 1, room_n, f);
    fclose(f);
    assert_true(n < room_n);
    return tern_bytes_of(room, n);
}
#define FIXTURE(name) fixture_view(name, (uint8_t[4096]){ 0 }, 4096)
#endif

#endif
