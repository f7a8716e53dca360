/* SPDX-License-Identifier: MIT */
/* Lines out of bytes that come in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/lines.h"

static void add(tern_lines *l, const char *bytes, size_t n)
{
    while (n > 0) {
        tern_buf room = tern_lines_room(l);
        size_t piece = n < room.n ? n : room.n;
        assert_true(piece > 0);
        memcpy(room.p, bytes, piece);
        tern_lines_add(l, piece);
        bytes += piece;
        n -= piece;
    }
}

/* What comes out of text, in pieces of some size: lines joined with '|', one too long as <its length>. */
static void expect(const char *text, size_t most, const char *wanted)
{
    for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
        char seen[256] = "";
        size_t n = strlen(text), seen_n = 0;
        tern_lines l;
        tern_lines_init(&l, most);
        for (size_t at = 0; at <= n; at += piece) {
            tern_bytes line;
            add(&l, text + at, n - at < piece ? n - at : piece);
            if (at + piece > n) tern_lines_end(&l);
            for (tern_line_got got; (got = tern_lines_next(&l, &line)) != TERN_LINE_NONE;)
                seen_n += (size_t)(got == TERN_LINE
                                       ? snprintf(seen + seen_n, sizeof seen - seen_n, "%.*s|", (int)line.n, line.p)
                                       : snprintf(seen + seen_n, sizeof seen - seen_n, "<%zu>|", line.n));
        }
        tern_lines_free(&l);
        assert_string_equal(seen, wanted);
    }
}

static void lines_are_the_same_in_whatever_pieces_they_come(void **state)
{
    (void)state;
    expect("", 10, "");
    expect("\n", 10, "|");
    expect("one\ntwo\n\nfour", 10, "one|two||four|");
    expect("1234567890\n12345678901\nshort\n", 10, "1234567890|<11>|short|");
    expect("123456789012345678901234567890\nx\n", 4, "<30>|x|");
    expect("12345", 4, "<5>|");
    expect("12345\n", 4, "<5>|");
}

static void a_long_line_does_not_grow_the_memory_beyond_its_bound(void **state)
{
    (void)state;
    static char junk[65536];
    tern_lines l;
    tern_bytes line;
    tern_lines_init(&l, 100000);
    memset(junk, 'x', sizeof junk);
    for (int i = 0; i < 500; i++) {
        add(&l, junk, sizeof junk);
        assert_int_equal(tern_lines_next(&l, &line), TERN_LINE_NONE);
    }
    assert_true(l.cap <= 4 * 100000 + 65536);
    add(&l, "\nnext\n", 6);
    assert_int_equal(tern_lines_next(&l, &line), TERN_LINE_TOO_LONG);
    assert_int_equal(line.n, 500 * sizeof junk);
    assert_int_equal(tern_lines_next(&l, &line), TERN_LINE);
    assert_int_equal(l.number, 2);
    assert_memory_equal(line.p, "next", 4);
    tern_lines_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_in_whatever_pieces_they_come),
        cmocka_unit_test(a_long_line_does_not_grow_the_memory_beyond_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
