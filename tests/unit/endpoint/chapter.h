/* SPDX-License-Identifier: MIT */
/* A table of the chapter on the handshake, that a test compares with its own rows. */
#ifndef TERN_TESTS_ENDPOINT_CHAPTER_H
#define TERN_TESTS_ENDPOINT_CHAPTER_H

#include "unit/crypto/support.h"

/* From a heading to the next one; the caller frees it. */
static inline char *chapter_table(const char *heading)
{
    size_t room = 1u << 17;
    char *text = calloc(1, room);
    FILE *f = fopen(TERN_HANDSHAKE_CHAPTER, "rb");
    assert_true(f != NULL && text != NULL);
    assert_true(fread(text, 1, room - 1, f) > 0);
    fclose(f);
    char *from = strstr(text, heading);
    assert_non_null(from);
    char *to = strstr(from + strlen(heading), "\n#");
    if (to != NULL) *to = '\0';
    memmove(text, from, strlen(from) + 1);
    return text;
}

static inline size_t chapter_rows(const char *table)
{
    size_t n = 0;
    for (const char *p = table; (p = strstr(p, "\n| ")) != NULL; p++) n++;
    return n - 2; /* the head and the line below it */
}

static inline void chapter_expect(const char *table, const char *row)
{
    if (strstr(table, row) == NULL) fail_msg("spec/handshake.md has no row '%s'", row + 1);
}

#endif
