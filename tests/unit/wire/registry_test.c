/* SPDX-License-Identifier: MIT */
/* The registry chapter and the core's list of errors and drop reasons say the same. */
#include "base/error.h"
#include "unit/base/unit.h"

static char *chapter;

static int setup(void **state)
{
    (void)state;
    FILE *f = fopen(TERN_REGISTRY, "rb");
    chapter = calloc(1, 1 << 17);
    if (f == NULL || chapter == NULL) return 1;
    size_t n = fread(chapter, 1, (1 << 17) - 1, f);
    fclose(f);
    return n > 0 ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    free(chapter);
    return 0;
}

/* The section of the chapter that begins with this heading, as a string of its own; the caller frees it. */
static char *section(const char *heading)
{
    char *from = strstr(chapter, heading);
    assert_non_null(from);
    char *to = strstr(from + strlen(heading), "\n## ");
    size_t n = to != NULL ? (size_t)(to - from) : strlen(from);
    char *copy = calloc(1, n + 1);
    memcpy(copy, from, n);
    return copy;
}

static size_t rows(const char *table)
{
    size_t n = 0;
    for (const char *p = table; (p = strstr(p, "\n| ")) != NULL; p++) n++;
    return n - 2; /* the head and the line below it */
}

static void expect_row(const char *table, const char *row)
{
    if (strstr(table, row) == NULL) fail_msg("spec/registry.md has no row '%s'", row);
}

static void every_error_code_stands_in_the_chapter_and_no_other(void **state)
{
    (void)state;
    char *table = section("\n## Error codes\n"), row[200];
    size_t n = 0;
#define TERN_X_WIRE(name, code, text)                                                                                  \
    snprintf(row, sizeof row, "\n| 0x%04x | " #name " | %s |", (unsigned)(code), text);                                \
    expect_row(table, row);                                                                                            \
    n++;
    TERN_WIRE_ERRORS(TERN_X_WIRE)
    assert_int_equal(rows(table), n);
    free(table);
}

static void every_drop_reason_stands_in_the_chapter_and_no_other(void **state)
{
    (void)state;
    char *table = section("\n## Reasons to drop\n"), row[200];
    for (tern_drop i = 1; i < TERN_DROP_COUNT; i++) {
        snprintf(row, sizeof row, "\n| %s | %s |", tern_drop_name(i), tern_drop_text(i));
        expect_row(table, row);
    }
    assert_int_equal(rows(table), TERN_DROP_COUNT - 1);
    free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_code_stands_in_the_chapter_and_no_other),
        cmocka_unit_test(every_drop_reason_stands_in_the_chapter_and_no_other),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
